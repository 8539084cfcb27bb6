//! Synthetic people for `akashi load`: a dozen hides what indexes cost. Each has a phone, link
//! codes at the hospital that asks and the pharmacy that has the data, and a consent; all of it by
//! the same commands as everybody's.

use std::sync::Arc;

use akashi_client::{Institution, Stamp};
use akashi_desk::consent::give::agreed;
use akashi_desk::words::names::Names;
use akashi_ledger::command::{Enrol, GiveConsent};
use akashi_ledger::limits::{LANE_OF_ONE_SIGNER, REGULAR_WAITING_MAX};
use akashi_ledger::{Command, Ledger, Refusal};
use akashi_notifier::{Address, Contact, Contacts, Phone};
use akashi_policies::Shelf;
use akashi_proof::clock::Clock;
use akashi_proof::consent::Terms;
use akashi_proof::decision::Policies;
use akashi_proof::ids::{CategoryCode, InstitutionId, PurposeCode, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{Assurance, Language};
use akashi_proof::record::value::Set;
use serde::{Deserialize, Serialize};
use tokio::task::{JoinSet, spawn_blocking};

use crate::DemoError;
use crate::told::seeding::{institution_of, link_code, link_label, recovery_code};
use crate::town::places::{CHUO, LOAD_CATEGORIES, LOAD_PURPOSE, PHARMACY, synthetic_phone};
use crate::town::seed::Seed;
use crate::town::statements;

/// Most people: what seven digits of phone numbers can tell apart, rounded down to what a disk of
/// this kind of machine can hold.
pub const PEOPLE_MAX: u64 = 2_000_000;
/// People made at a time: as many commands as one commit takes, so that each step of a batch is one
/// commit.
const BATCH: u64 = 512;
// One signer's share of the writer's queue: its links of a batch wait at once.
const _: () = assert!(BATCH <= (REGULAR_WAITING_MAX / LANE_OF_ONE_SIGNER) as u64);
/// Most people listed in one answer: about 3 MB.
pub const LISTED_MAX: u64 = 20_000;
/// How long their consent holds: the most the pack allows, less a little.
const CONSENT_MILLIS: u64 = 1_000 * 86_400_000;

/// What people are made with.
#[derive(Clone)]
pub struct People {
    /// The ledger.
    pub ledger: Ledger,
    /// Phone numbers.
    pub contacts: Arc<Contacts>,
    /// What everything is drawn from.
    pub seed: Arc<Seed>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The pack the town lives by.
    pub shelf: Arc<Shelf>,
}

/// How many people there are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Made {
    /// Synthetic people, numbered from 0.
    pub count: u64,
    /// How many of them were made just now.
    pub made: u64,
}

/// The link codes of some people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listed {
    /// The institution that asks.
    pub requester: String,
    /// The institution that has the data.
    pub holder: String,
    /// The people, in order.
    pub people: Vec<PersonListed>,
}

/// One person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonListed {
    /// Her number.
    pub number: u64,
    /// The requester's code for her.
    pub requester_code: String,
    /// The holder's code for her.
    pub holder_code: String,
}

impl People {
    /// Makes sure there are this many people, making those that are missing, in order.
    ///
    /// # Errors
    /// [`DemoError`]; what was made stays, and the next call goes on from there.
    pub async fn ensure(&self, count: u64) -> Result<Made, DemoError> {
        let signers = Arc::new([
            institution_of(&self.seed, CHUO)?,
            institution_of(&self.seed, PHARMACY)?,
        ]);
        let mut made = 0;
        let mut from = 0;
        while from < count {
            let batch: Vec<u64> = (from..count.min(from + BATCH)).collect();
            from += BATCH;
            let missing: Vec<u64> = batch
                .into_iter()
                .filter(|number| !self.is_whole(*number))
                .collect();
            if !missing.is_empty() {
                made += missing.len() as u64;
                self.make(&missing, &signers).await?;
            }
        }
        Ok(Made { count, made })
    }

    /// The link codes of people from this number on.
    pub fn list(&self, from: u64, most: u64) -> Listed {
        let institutions = [CHUO, PHARMACY].map(InstitutionId::parse);
        let numbers = from..from.saturating_add(most.min(LISTED_MAX)).min(PEOPLE_MAX);
        let person = |number| {
            let subject = self.seed.subject(&key(number));
            let [Ok(requester), Ok(holder)] = &institutions else {
                return None;
            };
            Some(PersonListed {
                number,
                requester_code: link_code(&self.ledger, subject, requester)?
                    .as_str()
                    .to_owned(),
                holder_code: link_code(&self.ledger, subject, holder)?
                    .as_str()
                    .to_owned(),
            })
        };
        Listed {
            requester: CHUO.into(),
            holder: PHARMACY.into(),
            people: numbers.map_while(person).collect(),
        }
    }

    /// Whether nothing of a person is missing.
    fn is_whole(&self, number: u64) -> bool {
        let person = self
            .ledger
            .reader()
            .person(&self.seed.subject(&key(number)));
        person.is_some_and(|person| {
            let linked = |id: &str| {
                person
                    .links
                    .iter()
                    .any(|link| link.institution.as_str() == id)
            };
            linked(CHUO) && linked(PHARMACY) && !person.consents.is_empty()
        })
    }

    /// Makes a batch: keys and contacts first, each in one synced write; then one round of commands
    /// for each step.
    async fn make(
        &self,
        numbers: &[u64],
        signers: &Arc<[Institution; 2]>,
    ) -> Result<(), DemoError> {
        let now = self.clock.wall();
        let (people, new) = (self.clone(), numbers.to_vec());
        let prepared = spawn_blocking(move || people.keep_contacts(&new)).await;
        prepared.map_err(|_| DemoError::Town("a batch of people"))??;
        let reader = self.ledger.reader();
        let enrolled = |number: &u64| reader.person(&self.seed.subject(&key(*number))).is_some();
        let new = numbers
            .iter()
            .filter(|number| !enrolled(number))
            .map(|number| self.enrolment(*number));
        self.submit_all(new.collect()).await?;
        for at in 0..signers.len() {
            let mut links = JoinSet::new();
            for number in numbers {
                links.spawn(self.clone().link(*number, Arc::clone(signers), at, now));
            }
            joined(links).await?;
        }
        let names = Names::new(Language::Ja, &self.shelf, reader.registry());
        let consents = numbers
            .iter()
            .map(|number| self.agreement(*number, &names, now))
            .collect::<Result<_, _>>()?;
        self.submit_all(consents).await
    }

    fn keep_contacts(&self, numbers: &[u64]) -> Result<(), DemoError> {
        let mut contacts = Vec::new();
        for number in numbers {
            let key = key(*number);
            let (id, subject) = (self.seed.contact(&key), self.seed.subject(&key));
            let phone = Phone::parse(&synthetic_phone(*number))
                .map_err(|_| DemoError::Town("a phone number"))?;
            if self.contacts.find(&id).is_none() {
                contacts.push(Contact {
                    id,
                    subject,
                    address: Address::Phone(phone),
                });
            }
        }
        self.contacts
            .add_all(&contacts)
            .map_err(|error| DemoError::Contacts(error.to_string()))
    }

    fn enrolment(&self, number: u64) -> Enrol {
        let key = key(number);
        Enrol {
            subject: self.seed.subject(&key),
            qid: self.seed.qid(&key),
            recovery_digest: recovery_code(&self.seed, &key).digest(),
            contact: self.seed.contact(&key),
            assurance: Assurance::Sms,
            language: Language::Ja,
        }
    }

    async fn link(
        self,
        number: u64,
        signers: Arc<[Institution; 2]>,
        at: usize,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let key = key(number);
        let [first, second] = signers.as_ref();
        let signer = if at == 0 { first } else { second };
        if self.subject_is_linked(self.seed.subject(&key), signer.id()) {
            return Ok(());
        }
        let label = link_label(&key, signer.id().as_str());
        let link_key = self.seed.secret("link", &label);
        let stamp = Stamp {
            now,
            jti: self.seed.jti(&label),
        };
        let qid = self.seed.qid(&key);
        let request = signer.link(stamp, qid, statements::COUNTER_CODE, &link_key)?;
        statements::issue_link(&self.ledger, &request, link_key)
            .await
            .map(|_| ())
    }

    fn subject_is_linked(&self, subject: SubjectHandle, institution: &InstitutionId) -> bool {
        self.ledger
            .reader()
            .person(&subject)
            .is_some_and(|person| person.link(institution).is_some())
    }

    fn agreement(
        &self,
        number: u64,
        names: &Names,
        now: Timestamp,
    ) -> Result<GiveConsent, DemoError> {
        let key = key(number);
        let parse = |id| InstitutionId::parse(id).map_err(|_| DemoError::Town("an identifier"));
        let categories = LOAD_CATEGORIES
            .map(CategoryCode::parse)
            .into_iter()
            .collect::<Result<Vec<_>, _>>();
        let purpose = PurposeCode::parse(LOAD_PURPOSE).map_err(|_| DemoError::Town("a purpose"))?;
        let terms = Terms::to_view(
            (parse(CHUO)?, parse(PHARMACY)?),
            Set::new(categories.map_err(|_| DemoError::Town("a category"))?),
            Set::new([purpose]),
            (now, now.plus_millis(CONSENT_MILLIS)),
        );
        let ids = (self.seed.consent(&key), self.seed.group(&key));
        let origin = self.ledger.reader().origin();
        let consent = agreed(names, ids, terms, Assurance::SmsAndRecovery, origin);
        Ok(GiveConsent {
            subject: self.seed.subject(&key),
            consents: vec![consent],
            policies: Arc::clone(&self.shelf) as Arc<dyn Policies>,
        })
    }

    async fn submit_all<C: Command>(&self, commands: Vec<C>) -> Result<(), DemoError> {
        let mut submitted = JoinSet::new();
        for command in commands {
            let ledger = self.ledger.clone();
            submitted.spawn(async move { ledger.submit(command).await.map(|_| ()) });
        }
        joined(submitted).await
    }
}

async fn joined(mut tasks: JoinSet<Result<(), Refusal>>) -> Result<(), DemoError> {
    while let Some(task) = tasks.join_next().await {
        task.map_err(|_| DemoError::Town("a batch of people"))??;
    }
    Ok(())
}

/// What a synthetic person's keys and identifiers are drawn for.
fn key(number: u64) -> String {
    format!("person {number}")
}

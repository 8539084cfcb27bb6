//! The person agrees, leaves less standing, or ends it.

use std::collections::BTreeSet;
use std::sync::Arc;

use akashi_proof::consent::Terms;
use akashi_proof::decision::{ConsentQuestion, Decide, Policies};
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{ConsentId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{
    Assurance, ConsentGiven, ConsentNarrowed, ConsentWithdrawn, ConsentsStopped, Event, Language,
};
use akashi_proof::state::{Consent, Person, Registry};

use super::account::need_open;
use crate::error::Refusal;
use crate::keys::new_keys::NewKeys;
use crate::limits::{CONSENTS_AT_ONCE_MAX, CONSENTS_MAX};
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Records one screen of consent: one record for each pair of recipient and holder, joined by their
/// group.
pub struct GiveConsent {
    /// The person.
    pub subject: SubjectHandle,
    /// What she agreed to.
    pub consents: Vec<ConsentGiven>,
    /// The policies at hand: the one in force when its turn comes says what may be agreed to.
    pub policies: Arc<dyn Policies>,
}

impl Command for GiveConsent {
    /// Log indexes of the records.
    type Receipt = Vec<LeafIndex>;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<Vec<LeafIndex>, Refusal> {
        let person = tx.need_person(&self.subject)?;
        tx.need_complete(&person)?;
        need_open(&person)?;
        let (registry, policy) = (tx.registry(), tx.policy(self.policies.as_ref())?);
        self.check_room(&person, tx.now())?;
        let mut ids: BTreeSet<ConsentId> = person.consents.iter().map(|known| known.id).collect();
        let mut standing = terms_standing(&person, tx.now());
        for given in &self.consents {
            check_terms(given, &registry, policy.as_ref(), tx.now())?;
            check_changes(&standing, given)?;
            standing.push(&given.terms);
            if !ids.insert(given.consent) {
                return Err(conflict("consent", "a new consent", "one given before").into());
            }
        }
        let append =
            |consent| tx.append_person(&self.subject, ENGINE, Event::ConsentGiven(consent));
        self.consents.into_iter().map(append).collect()
    }
}

impl GiveConsent {
    /// One screen gives no more than a command may record, and she has no more than anyone needs.
    fn check_room(&self, person: &Person, now: Timestamp) -> Result<(), Fault> {
        let bounded = |field, standing: usize, most: usize, of: &str| {
            if standing + self.consents.len() <= most {
                return Ok(());
            }
            Err(conflict(field, format!("at most {most} {of}"), "more"))
        };
        let live = |consent: &&Consent| now < consent.terms.valid_until;
        let standing = person.consents.iter().filter(live).count();
        bounded("consents", 0, CONSENTS_AT_ONCE_MAX, "at once")?;
        bounded("consent", standing, CONSENTS_MAX, "live consents")
    }
}

fn terms_standing(person: &Person, now: Timestamp) -> Vec<&Terms> {
    let terms = person.consents.iter().map(|consent| &consent.terms);
    terms.filter(|terms| terms.is_live(now)).collect()
}

/// What stands already is not given again: the same form sent twice is one act, and a second record
/// would say that she agreed twice.
fn check_changes(standing: &[&Terms], given: &ConsentGiven) -> Result<(), Fault> {
    if standing.iter().any(|known| given.terms.repeats(known)) {
        let expected = "terms that do not stand already";
        return Err(conflict("consent", expected, "the same terms"));
    }
    Ok(())
}

/// Between certified institutions, for a time to come, and what the pack allows.
fn check_terms(
    given: &ConsentGiven,
    registry: &Registry,
    policy: &dyn Decide,
    now: Timestamp,
) -> Result<(), Fault> {
    let terms = &given.terms;
    let (Some(recipient), Some(holder)) = (
        registry.institution(&terms.recipient),
        registry.institution(&terms.holder),
    ) else {
        return Err(conflict("recipient", "certified institutions", "another"));
    };
    if terms.valid_from >= terms.valid_until || terms.valid_until <= now {
        let expected = "a time to come, after the beginning";
        return Err(conflict("valid_until", expected, "another"));
    }
    policy.may_agree(&ConsentQuestion {
        now,
        recipient,
        holder,
        terms,
        assurance: given.assurance,
    })
}

fn conflict(field: &str, expected: impl Into<String>, found: &str) -> Fault {
    Fault::new(FaultCode::Conflict, field, expected, found)
}

/// Records that less of a consent remains.
pub struct NarrowConsent {
    /// The person.
    pub subject: SubjectHandle,
    /// Which consent.
    pub consent: ConsentId,
    /// What remains: no more than stands.
    pub left: Terms,
    /// Digest of the exact text shown.
    pub wording_digest: Digest,
    /// The language it was shown in.
    pub language: Language,
    /// How sure.
    pub assurance: Assurance,
}

impl Command for NarrowConsent {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self, _reader: &Reader, _now: Timestamp) -> Lane {
        Lane::Urgent
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let person = tx.need_person(&self.subject)?;
        let known = person.consents.iter().find(|one| one.id == self.consent);
        if known.is_some_and(|known| known.terms == self.left) {
            return Err(conflict("terms", "less than stands", "all of it").into());
        }
        let event = Event::ConsentNarrowed(ConsentNarrowed {
            consent: self.consent,
            terms: self.left,
            wording_digest: self.wording_digest,
            language: self.language,
            assurance: self.assurance,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that a consent has ended by the person's will.
pub struct WithdrawConsent {
    /// The person.
    pub subject: SubjectHandle,
    /// Which consent.
    pub consent: ConsentId,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for WithdrawConsent {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self, _reader: &Reader, _now: Timestamp) -> Lane {
        Lane::Urgent
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        tx.need_person(&self.subject)?;
        let event = Event::ConsentWithdrawn(ConsentWithdrawn {
            consent: self.consent,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that all her consents end at once: one record, however many there are.
pub struct StopEverything {
    /// The person.
    pub subject: SubjectHandle,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for StopEverything {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self, _reader: &Reader, _now: Timestamp) -> Lane {
        Lane::Urgent
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let person = tx.need_person(&self.subject)?;
        let standing = terms_standing_until(&person, tx.now());
        if standing == 0 {
            return Err(conflict("consents", "at least one that stands", "none").into());
        }
        let event = Event::ConsentsStopped(ConsentsStopped {
            count: standing,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// How many have not ended, those that have not begun among them.
fn terms_standing_until(person: &Person, now: Timestamp) -> u64 {
    let consents = person.consents.iter();
    consents.filter(|one| now < one.terms.valid_until).count() as u64
}

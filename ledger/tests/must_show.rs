//! Whoever stands before the writer, nothing is recorded as a person's act that she has not shown
//! enough for: every command of hers against every way to be known.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use akashi_ledger::Refusal;
use akashi_ledger::command::{
    AccessReceipt, Answer, AnswerApproval, BlockMeans, ChangeAccount, ConfirmContact, DoubtContact,
    EndContact, Enrol, GiveConsent, KeepContact, NarrowConsent, ReplaceContact, ReplacePapers,
    StopEverything, UnblockMeans, VerifyContact, WithdrawConsent, WithdrawLink,
};
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::{ConsentId, ContactId, LeafIndex, SubjectHandle};
use akashi_proof::jws::Type;
use akashi_proof::limits::COOLING_OFF_MILLIS;
use akashi_proof::record::kind::{
    Account, AnsweredBy, Assurance, BlockedBy, Channel, KeptBy, Kind, Language,
};
use akashi_proof::state;
use support::{Person, TestPolicy, Town};

const MAIL: ContactId = ContactId::from_bytes([11; 16]);
const SECOND_MAIL: ContactId = ContactId::from_bytes([12; 16]);
const SURE: Assurance = Assurance::SmsAndRecovery;

/// Somebody with everything that can be changed: contacts that have long been hers, two consents,
/// links.
struct Her<'a> {
    town: &'a Town,
    person: Person,
    phone: ContactId,
}

impl<'a> Her<'a> {
    async fn new(town: &'a Town) -> Self {
        let person = town.person().await;
        let phone = fold(town, &person).contacts[0].contact;
        let her = Self {
            town,
            person,
            phone,
        };
        for mail in [MAIL, SECOND_MAIL] {
            her.verify(mail, SURE).await.unwrap();
        }
        town.clock.pass(Duration::from_millis(COOLING_OFF_MILLIS));
        for (id, categories) in [(1, &["allergies", "vaccination"][..]), (2, &["insurance"])] {
            let consent = town.consent(id, categories);
            town.give(&her.person, consent).await.unwrap();
        }
        her
    }

    fn subject(&self) -> SubjectHandle {
        self.person.subject
    }

    async fn verify(&self, contact: ContactId, assurance: Assurance) -> Result<(), Refusal> {
        let command = VerifyContact {
            subject: self.subject(),
            contact,
            channel: Channel::Email,
            assurance,
        };
        self.town.ledger.submit(command).await.map(drop)
    }

    async fn turn(&self, to: Account, assurance: Assurance) -> Result<(), Refusal> {
        let command = ChangeAccount {
            subject: self.subject(),
            to,
            assurance,
            language: Language::Ja,
        };
        self.town.ledger.submit(command).await.map(drop)
    }

    async fn confirm(&self, assurance: Assurance) -> Result<(), Refusal> {
        let command = ConfirmContact {
            subject: self.subject(),
            contact: self.phone,
            assurance,
            language: Language::Ja,
        };
        self.town.ledger.submit(command).await.map(drop)
    }

    async fn unblock(&self, assurance: Assurance) -> Result<(), Refusal> {
        let command = UnblockMeans {
            subject: self.subject(),
            contact: self.phone,
            assurance,
            language: Language::Ja,
        };
        self.town.ledger.submit(command).await.map(drop)
    }

    async fn block(&self, contact: ContactId) -> Result<(), Refusal> {
        let command = BlockMeans {
            subject: self.subject(),
            contact,
            blocked_by: BlockedBy::Paper,
            language: Language::Ja,
        };
        self.town.ledger.submit(command).await.map(drop)
    }

    async fn doubt(&self, contact: ContactId) -> Result<(), Refusal> {
        let (subject, contact) = (self.subject(), contact);
        let command = DoubtContact { subject, contact };
        self.town.ledger.submit(command).await.map(drop)
    }

    async fn replace(&self, replaces: ContactId, assurance: Assurance) -> Result<(), Refusal> {
        let command = ReplaceContact {
            subject: self.subject(),
            contact: ContactId::from_bytes(akashi_actors::random()),
            replaces,
            assurance,
            language: Language::Ja,
        };
        self.town.ledger.submit(command).await.map(drop)
    }

    /// What the hospital asks and she is put the question of.
    async fn asked(&self) -> LeafIndex {
        let mut claims = self.town.access_claims(&self.person);
        claims["process"] = "city.drill-down".into();
        let statement = self.town.hospital.sign(Type::Access, claims);
        let done = self.town.ask(statement).await.unwrap();
        let AccessReceipt::Decided { index } = done.receipt else {
            panic!("{:?}", done.receipt)
        };
        index
    }

    async fn answer(
        &self,
        access: LeafIndex,
        (answer, answered_by): (Answer, AnsweredBy),
        assurance: Assurance,
    ) -> Result<(), Refusal> {
        let person = fold(self.town, &self.person);
        let command = AnswerApproval {
            subject: self.subject(),
            access,
            approval_digest: person.ask(access).unwrap().approval_digest,
            answer,
            answered_by,
            wording_digest: Digest::of(&[b"asked"]),
            language: Language::Ja,
            assurance,
            policies: Arc::new(TestPolicy),
        };
        self.town.ledger.submit(command).await.map(drop)
    }

    /// Every act of hers, one after the other, known so; what was refused and stands in the way of
    /// a later one is made up for.
    async fn does_everything(&self, shown: Assurance) -> Vec<(Kind, Result<(), Refusal>)> {
        let mut done = self.contacts_and_means(shown).await;
        done.extend(self.consents_and_links(shown).await);
        done.extend(self.papers_and_account(shown).await);
        done
    }

    async fn contacts_and_means(&self, shown: Assurance) -> Vec<(Kind, Result<(), Refusal>)> {
        let newcomer = Person::new();
        let enrol = Enrol {
            assurance: shown,
            ..newcomer.enrolment(ContactId::from_bytes(akashi_actors::random()))
        };
        let enrolled = self.town.ledger.submit(enrol).await.map(drop);
        let verified = self.verify(ContactId::from_bytes([13; 16]), shown).await;
        self.doubt(self.phone).await.unwrap();
        let confirmed = self.confirm(shown).await;
        if confirmed.is_err() {
            self.confirm(SURE).await.unwrap();
        }
        self.block(self.phone).await.unwrap();
        let unblocked = self.unblock(shown).await;
        if unblocked.is_err() {
            self.unblock(SURE).await.unwrap();
        }
        let replaced = self.replace(MAIL, shown).await;
        let end = EndContact {
            subject: self.subject(),
            contact: SECOND_MAIL,
            assurance: shown,
            language: Language::Ja,
        };
        let ended = self.town.ledger.submit(end).await.map(drop);
        vec![
            (Kind::SubjectEnrolled, enrolled),
            (Kind::ContactVerified, verified),
            (Kind::ContactConfirmed, confirmed),
            (Kind::MeansUnblocked, unblocked),
            (Kind::ContactReplaced, replaced),
            (Kind::ContactEnded, ended),
        ]
    }

    async fn consents_and_links(&self, shown: Assurance) -> Vec<(Kind, Result<(), Refusal>)> {
        let (ledger, subject, language) = (&self.town.ledger, self.subject(), Language::Ja);
        let mut consent = self.town.consent(3, &["diagnosis"]);
        consent.assurance = shown;
        let give = GiveConsent {
            subject,
            consents: vec![consent],
            policies: Arc::new(TestPolicy),
        };
        let narrow = NarrowConsent {
            subject,
            consent: ConsentId::from_bytes([1; 16]),
            left: self.town.less(&self.person, &["allergies"]),
            wording_digest: Digest::of(&[b"less"]),
            language,
            assurance: shown,
        };
        let withdraw = WithdrawConsent {
            subject,
            consent: ConsentId::from_bytes([2; 16]),
            assurance: shown,
            language,
        };
        let link = fold(self.town, &self.person).links[0].clone();
        let withdraw_link = WithdrawLink {
            subject,
            institution: self.town.pharmacy.id().clone(),
            generation: link.generation,
            assurance: shown,
            language,
        };
        let stop = StopEverything {
            subject,
            assurance: shown,
            language,
        };
        let (first, second) = (self.asked().await, self.asked().await);
        let (yes, no) = (Answer::Approve, Answer::Refuse);
        let portal = AnsweredBy::Portal;
        vec![
            (Kind::ConsentGiven, ledger.submit(give).await.map(drop)),
            (Kind::ConsentNarrowed, ledger.submit(narrow).await.map(drop)),
            (
                Kind::ConsentWithdrawn,
                ledger.submit(withdraw).await.map(drop),
            ),
            (
                Kind::ApprovalGranted,
                self.answer(first, (yes, portal), shown).await,
            ),
            (
                Kind::ApprovalRefused,
                self.answer(second, (no, portal), shown).await,
            ),
            (
                Kind::LinkWithdrawn,
                ledger.submit(withdraw_link).await.map(drop),
            ),
            (Kind::ConsentsStopped, ledger.submit(stop).await.map(drop)),
        ]
    }

    async fn papers_and_account(&self, shown: Assurance) -> Vec<(Kind, Result<(), Refusal>)> {
        let papers = ReplacePapers {
            subject: self.subject(),
            shown: fold(self.town, &self.person).recovery_digest.unwrap(),
            qid: Person::new().qid,
            recovery_digest: Digest::of(&[b"another"]),
            assurance: shown,
            language: Language::Ja,
        };
        let papers = self.town.ledger.submit(papers).await.map(drop);
        let suspended = self.turn(Account::Suspended, shown).await;
        if suspended.is_err() {
            self.turn(Account::Suspended, SURE).await.unwrap();
        }
        vec![
            (Kind::PapersReplaced, papers),
            (Kind::AccountSuspended, suspended),
            (Kind::AccountResumed, self.turn(Account::Open, shown).await),
            (Kind::AccountClosed, self.turn(Account::Closed, shown).await),
        ]
    }
}

fn fold(town: &Town, person: &Person) -> Arc<state::Person> {
    town.ledger.reader().person(&person.subject).unwrap()
}

fn is_refused_for(done: &Result<(), Refusal>, field: &str) -> bool {
    matches!(done, Err(Refusal::Fault(fault)) if fault.field == field)
}

#[tokio::test]
async fn no_act_of_hers_is_recorded_that_she_has_not_shown_enough_for() {
    let town = &Town::new().await;
    for shown in Assurance::ALL {
        let her = Her::new(town).await;
        let mut tried = BTreeSet::from([Kind::LinkIssued]);
        for (kind, done) in her.does_everything(*shown).await {
            tried.insert(kind);
            // A question that is not low-risk takes one person.
            let is_enough = kind.must_show().unwrap().accepts(*shown)
                && (kind != Kind::ApprovalGranted || *shown != Assurance::Sms);
            let name = kind.name();
            if is_enough {
                assert!(done.is_ok(), "{name} known by {shown}: {done:?}");
            } else {
                assert!(
                    is_refused_for(&done, "assurance"),
                    "{name} known by {shown}: {done:?}"
                );
                let Err(Refusal::Fault(fault)) = done else {
                    unreachable!()
                };
                assert_eq!(fault.code, FaultCode::NotAuthorised);
            }
        }
        let of_hers = Kind::ALL.iter().filter(|kind| kind.must_show().is_some());
        assert_eq!(tried, of_hers.copied().collect());
    }
    assert!(town.open_again().is_ok());
}

#[tokio::test]
async fn an_approval_by_a_reply_is_one_of_low_risk() {
    let town = &Town::new().await;
    let her = Her::new(town).await;
    let access = her.asked().await;
    for shown in Assurance::ALL {
        let approved = her.answer(access, (Answer::Approve, AnsweredBy::Reply), *shown);
        assert!(is_refused_for(&approved.await, "answered_by"), "{shown}");
    }
}

#[tokio::test]
async fn only_a_phone_is_blocked_or_doubted_and_one_that_is_stops_no_replacement() {
    let town = &Town::new().await;
    let her = Her::new(town).await;
    assert!(is_refused_for(&her.block(MAIL).await, "contact"));
    assert!(is_refused_for(&her.doubt(MAIL).await, "contact"));
    her.replace(MAIL, SURE).await.unwrap();
    let keep = |kept_by| {
        let now = fold(town, &her.person);
        let (_, new) = now.replacing(town.clock.wall()).unwrap();
        let command = KeepContact {
            subject: her.subject(),
            instead_of: new.contact,
            kept_by,
            language: Language::Ja,
        };
        town.ledger.submit(command)
    };
    her.doubt(her.phone).await.unwrap();
    assert!(is_refused_for(
        &keep(KeptBy::Phone).await.map(drop),
        "kept_by"
    ));
    her.confirm(SURE).await.unwrap();
    her.block(her.phone).await.unwrap();
    assert!(is_refused_for(
        &keep(KeptBy::Phone).await.map(drop),
        "kept_by"
    ));
    keep(KeptBy::Person).await.unwrap();
}

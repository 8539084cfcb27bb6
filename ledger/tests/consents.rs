//! What a consent must be to be recorded, and what a refused command leaves of the fold.

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

use std::sync::Arc;
use std::time::Duration;

use akashi_ledger::Refusal;
use akashi_ledger::command::{GiveConsent, VerifyContact, WithdrawConsent};
use akashi_ledger::limits::{CONSENTS_AT_ONCE_MAX, CONSENTS_MAX};
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ConsentId, ContactId};
use akashi_proof::record::kind::{
    Assurance, Channel, ConsentGiven, ConsentNarrowed, ConsentWithdrawn, Event, Language,
};
use akashi_proof::record::{PersonPosition, Position, Record};
use support::{Person, TestPolicy, Town};

const A_DAY: Duration = Duration::from_secs(86_400);

async fn give(town: &Town, person: &Person, consents: Vec<ConsentGiven>) -> Result<(), Refusal> {
    let command = GiveConsent {
        subject: person.subject,
        consents,
        policies: Arc::new(TestPolicy),
    };
    town.ledger.submit(command).await.map(|_| ())
}

/// Ends some milliseconds earlier: no two of such consents allow the same.
fn until_earlier(mut consent: ConsentGiven, millis: u64) -> ConsentGiven {
    consent.terms.valid_until = consent.terms.valid_until.minus_millis(millis);
    consent
}

fn refused_field(refused: &Result<(), Refusal>) -> &str {
    match refused {
        Err(Refusal::Fault(fault)) => &fault.field,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_screen_gives_each_consent_once_and_no_more_than_a_command_may_record() {
    let town = Town::new().await;
    let person = town.person().await;
    let size = || town.ledger.reader().head().head.size;
    let before = size();
    let one = town.consent(1, &["medication"]);
    let twice = give(&town, &person, vec![one.clone(), one.clone()]).await;
    assert_eq!(refused_field(&twice), "consent");
    let many = |count: usize| {
        let ids = u8::try_from(count).unwrap();
        let unlike = |id: u8| until_earlier(town.consent(id, &["medication"]), u64::from(id));
        (1..=ids).map(unlike).collect()
    };
    let too_many = give(&town, &person, many(CONSENTS_AT_ONCE_MAX + 1)).await;
    assert_eq!(refused_field(&too_many), "consents");
    assert_eq!(size(), before, "nothing was recorded");
    give(&town, &person, many(CONSENTS_AT_ONCE_MAX))
        .await
        .unwrap();
    let again = give(&town, &person, vec![one]).await;
    assert_eq!(refused_field(&again), "consent");
}

#[tokio::test]
async fn consents_that_have_ended_leave_room_for_new_ones() {
    let town = Town::new().await;
    let person = town.person().await;
    let group = |round: usize| {
        let consents = (0..CONSENTS_AT_ONCE_MAX).map(|at| {
            let mut consent = town.consent(0, &["medication"]);
            let number = (round * CONSENTS_AT_ONCE_MAX + at) as u128;
            consent.consent = ConsentId::from_bytes(number.to_be_bytes());
            until_earlier(consent, number as u64)
        });
        consents.collect()
    };
    let rounds = CONSENTS_MAX / CONSENTS_AT_ONCE_MAX;
    for round in 0..rounds {
        give(&town, &person, group(round)).await.unwrap();
    }
    let full = give(&town, &person, group(rounds)).await;
    assert_eq!(refused_field(&full), "consent");
    town.clock.pass(A_DAY);
    give(&town, &person, group(rounds)).await.unwrap();
}

/// A form sent twice is one act, whichever way its second copy comes.
#[tokio::test]
async fn what_stands_already_is_not_given_again() {
    let town = Town::new().await;
    let person = town.person().await;
    let numbered = |number: u8| {
        let mut consent = town.consent(number, &["medication"]);
        consent.consent = ConsentId::from_bytes([number; 16]);
        consent
    };
    let twice = give(&town, &person, vec![numbered(1), numbered(2)]).await;
    assert_eq!(refused_field(&twice), "consent");
    give(&town, &person, vec![numbered(1)]).await.unwrap();
    let again = give(&town, &person, vec![numbered(2)]).await;
    assert_eq!(refused_field(&again), "consent");
    let withdraw = WithdrawConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([1; 16]),
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(withdraw).await.unwrap();
    give(&town, &person, vec![numbered(2)]).await.unwrap();
}

/// A command that is refused leaves no record, so that nobody who replays the log could follow a
/// fold it had changed.
#[tokio::test]
async fn what_is_refused_changes_nothing_and_an_ended_consent_goes_with_the_next_record() {
    let town = Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let known = ConsentId::from_bytes([1; 16]);
    let before = town.ledger.reader().person(&person.subject).unwrap();
    town.clock.pass(A_DAY);
    let (assurance, language) = (Assurance::SmsAndRecovery, Language::Ja);
    let withdraw = WithdrawConsent {
        subject: person.subject,
        consent: known,
        assurance,
        language,
    };
    assert!(town.ledger.submit(withdraw).await.is_err(), "it has ended");
    let narrowed = ConsentNarrowed {
        consent: known,
        terms: town.less(&person, &[]),
        wording_digest: Digest::of(&[b"less"]),
        language,
        assurance,
    };
    let withdrawn = |consent| {
        Event::ConsentWithdrawn(ConsentWithdrawn {
            consent,
            assurance,
            language,
        })
    };
    let last = town.record(before.last);
    let index = before.last.next();
    for event in [
        Event::ConsentNarrowed(narrowed),
        withdrawn(known),
        withdrawn(ConsentId::from_bytes([2; 16])),
    ] {
        let next = Record {
            time: town.clock.wall(),
            event,
            position: Position::Person(PersonPosition {
                subject: person.subject,
                epoch: before.epoch,
                seq: before.seq.next(),
                prev: Some(before.last),
            }),
            ..last.clone()
        };
        let mut fold = before.as_ref().clone();
        assert!(fold.apply(index, &next).is_err());
        assert_eq!(fold, *before);
    }
    let verified = VerifyContact {
        subject: person.subject,
        channel: Channel::Email,
        contact: ContactId::from_bytes([9; 16]),
        assurance,
    };
    town.ledger.submit(verified).await.unwrap();
    let after = town.ledger.reader().person(&person.subject).unwrap();
    assert_eq!((before.consents.len(), after.consents.len()), (1, 0));
}

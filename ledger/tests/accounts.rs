//! An account is suspended, resumed, closed: what rests on her word stops with it.

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

use akashi_actors::{claims, commands};
use akashi_ledger::Refusal;
use akashi_ledger::command::{AccessReceipt, ChangeAccount, LinkReceipt, ReleaseReceipt};
use akashi_ledger::random::draw_secret;
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use akashi_proof::record::kind::{Account, Assurance, Event, Language, ReleaseReason, Step};
use support::{Person, Town};

fn decided(receipt: &AccessReceipt) -> LeafIndex {
    match receipt {
        AccessReceipt::Decided { index } => *index,
        other @ AccessReceipt::Refused { .. } => panic!("{other:?}"),
    }
}

async fn turn(town: &Town, person: &Person, to: Account) -> Result<LeafIndex, Refusal> {
    let command = ChangeAccount {
        subject: person.subject,
        to,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

/// At which step an access fails now; `None` of a permit.
async fn fails_at(town: &Town, person: &Person) -> Option<Step> {
    let index = decided(&town.access(person).await.receipt);
    town.record(index).event.decided().unwrap().step
}

async fn not_released(town: &Town, permit: LeafIndex) -> Vec<ReleaseReason> {
    match town.release(permit, None).await.receipt {
        ReleaseReceipt::Spent { reasons, .. } => reasons,
        other => panic!("{other:?}"),
    }
}

/// What an institution gets that asks for its code at the counter.
async fn at_the_counter(town: &Town, person: &Person) -> LinkReceipt {
    let key = draw_secret();
    let asked = claims::link(&person.qid, "123456", &key);
    let statement = town.hospital.sign(Type::Link, asked);
    let done = commands::issue(&town.ledger, statement, key).await;
    done.unwrap().receipt
}

#[tokio::test]
async fn a_suspended_account_pauses_and_a_closed_one_ends_for_good() {
    let town = &Town::new().await;
    let person = &town.person().await;
    let consent = || town.consent(1, &["medication"]);
    town.give(person, consent()).await.unwrap();
    let permit = decided(&town.access(person).await.receipt);
    assert!(
        turn(town, person, Account::Open).await.is_err(),
        "it is open"
    );

    turn(town, person, Account::Suspended).await.unwrap();
    assert!(
        turn(town, person, Account::Suspended).await.is_err(),
        "once"
    );
    assert_eq!(fails_at(town, person).await, Some(Step::Means));
    assert_eq!(
        not_released(town, permit).await,
        [ReleaseReason::MeansBlocked]
    );
    assert!(
        town.give(person, town.consent(2, &["allergy"]))
            .await
            .is_err()
    );
    assert!(matches!(
        at_the_counter(town, person).await,
        LinkReceipt::Refused { fault, .. } if fault.code == FaultCode::NoMatch
    ));

    turn(town, person, Account::Open).await.unwrap();
    assert_eq!(fails_at(town, person).await, None);
    let before = decided(&town.access(person).await.receipt);

    let closed = turn(town, person, Account::Closed).await.unwrap();
    assert!(matches!(town.record(closed).event, Event::AccountClosed(_)));
    for to in Account::ALL {
        assert!(turn(town, person, *to).await.is_err(), "for good: {to}");
    }
    assert_eq!(fails_at(town, person).await, Some(Step::RequesterLink));
    assert_eq!(
        not_released(town, before).await,
        [
            ReleaseReason::ConsentEnded,
            ReleaseReason::MeansBlocked,
            ReleaseReason::LinkEnded
        ]
    );
    assert!(
        town.give(person, town.consent(3, &["allergy"]))
            .await
            .is_err()
    );
    assert!(matches!(
        at_the_counter(town, person).await,
        LinkReceipt::Refused { .. }
    ));
    // What is recorded stays hers: nothing of it is gone, and a restart reads it the same.
    let fold = town.ledger.reader().person(&person.subject).unwrap();
    let history = town
        .ledger
        .reader()
        .history(&fold, fold.seq.next(), usize::MAX);
    assert_eq!(history.unwrap().len() as u64, fold.seq.value());
    let again = town.open_again().unwrap();
    let read = again.reader().person(&person.subject).unwrap();
    assert_eq!(read.account, Account::Closed);
    assert!(read.consents.is_empty() && read.links.iter().all(|link| !link.stands()));
}

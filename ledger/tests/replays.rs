//! Signed bytes that come again, by whatever way: they change nothing. The API asks before the
//! writer who pays and who may have the answer (`portal/tests/api/replays.rs`); here it is the
//! writer alone.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use akashi_actors::claims;
use akashi_actors::commands::{carry_out, enrol, issue, verify};
use akashi_ledger::command::{AccessReceipt, RefuseStatement, ReleaseReceipt};
use akashi_ledger::limits::LATE_OF_ONE_KEY_MAX;
use akashi_ledger::random::draw_secret;
use akashi_ledger::{Ledger, Refusal};
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{LeafIndex, TreeSize};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::record::kind::{Event, ReleaseReason};
use akashi_proof::statement::{AccessClaims, ReleaseClaims, RequestClaims};
use serde_json::json;
use support::Town;

fn size(ledger: &Ledger) -> TreeSize {
    ledger.reader().head().head.size
}

fn fault<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> Fault {
    match refused {
        Err(Refusal::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn late_statements_of_one_key_are_recorded_up_to_a_bound_that_a_restart_keeps() {
    let town = Town::new().await;
    let person = town.person().await;
    let late: Vec<Jws> = (0..LATE_OF_ONE_KEY_MAX + 2)
        .map(|_| town.access_statement(&person))
        .collect();
    town.clock.pass(Duration::from_secs(301));
    let (recorded, above) = late.split_at(LATE_OF_ONE_KEY_MAX as usize);
    for statement in recorded {
        let before = size(&town.ledger);
        for _ in 0..2 {
            let refused = town.ask(statement.clone()).await.unwrap().receipt;
            assert!(matches!(refused, AccessReceipt::Refused { fault, .. }
                if fault.code == FaultCode::NotFresh));
        }
        assert_eq!(size(&town.ledger), before.plus(1), "once");
    }
    let full = size(&town.ledger);
    assert_eq!(
        fault(town.ask(above[0].clone()).await).code,
        FaultCode::NotFresh
    );
    let opened = town.open_again().unwrap();
    let again = RefuseStatement {
        statement: verify::<ReleaseClaims>(&opened, town.release_statement(LeafIndex::FIRST))
            .unwrap()
            .unread(),
        fault: Fault::new(FaultCode::NotFresh, "iat", "now", "then"),
    };
    opened.submit(again).await.unwrap();
    let other_key = size(&opened);
    assert_eq!(
        other_key,
        full.plus(1),
        "another key has a bound of its own"
    );
    let above = RefuseStatement {
        statement: verify::<AccessClaims>(&opened, above[1].clone())
            .unwrap()
            .unread(),
        fault: Fault::new(FaultCode::NotFresh, "iat", "now", "then"),
    };
    assert_eq!(fault(opened.submit(above).await).code, FaultCode::NotFresh);
    assert_eq!(size(&opened), other_key);
}

/// Whatever a record carries is known by its bytes, wherever it is sent: it is never refused on the
/// record of its signer.
#[tokio::test]
async fn what_a_record_carries_is_never_recorded_against_its_signer() {
    let town = Town::new().await;
    let person = town.person().await;
    town.access(&person).await;
    town.release(LeafIndex::FIRST, None).await;
    let reader = town.ledger.reader();
    let records = reader.records_from(LeafIndex::FIRST, usize::MAX).unwrap();
    let before = size(&town.ledger);
    let mut carried = 0;
    for record in records {
        let record = record.open().unwrap();
        for statement in record.record.event.statements() {
            carried += 1;
            let found = reader.find_bytes(&Digest::of(&[&statement.0])).unwrap();
            assert_eq!(found.unwrap().index(), record.index);
            let jws = Jws::parse(&statement.0).unwrap();
            // As if it had been sent to a resource it is not for.
            let Err(bad) = reader.registry().verify::<RequestClaims>(jws) else {
                panic!("a statement is no token");
            };
            let (wrong_type, Some(statement)) = bad.into_parts() else {
                continue;
            };
            let refused = town.ledger.submit(RefuseStatement {
                statement,
                fault: wrong_type,
            });
            match refused.await {
                Ok(done) => assert!(done.is_repeat()),
                Err(refusal) => assert_eq!(fault::<()>(Err(refusal)).code, FaultCode::WrongType),
            }
        }
    }
    assert!(carried > 5, "{carried}");
    assert_eq!(size(&town.ledger), before);
}

#[tokio::test]
async fn known_bytes_with_another_key_or_other_signatures_beside_them_record_nothing() {
    let town = Town::new().await;
    let person = enrol(&town.ledger).await;
    let key = draw_secret();
    let statement = town
        .hospital
        .sign(Type::Link, claims::link(&person.qid, "123456", &key));
    let first = issue(&town.ledger, statement.clone(), key.clone())
        .await
        .unwrap();
    let suspend = json!({
        "act": "institution.suspended", "institution": "hospital.chuo", "reason": "inspection",
    });
    let both = town.cast.by_supervisors(&suspend);
    carry_out(&town.ledger, both.clone(), None).await.unwrap();
    let before = size(&town.ledger);

    let other = issue(&town.ledger, statement.clone(), draw_secret()).await;
    let other = fault(other);
    assert_eq!(
        (other.code, &*other.field),
        (FaultCode::Mismatch, "akashi-link-key")
    );
    let again = issue(&town.ledger, statement, key).await.unwrap();
    assert_eq!(again.receipt, first.receipt);
    let one = carry_out(&town.ledger, [both[0].clone()], None).await;
    assert_eq!(fault(one).code, FaultCode::Conflict);
    let another = town.cast.by_supervisors(&suspend);
    let mixed = carry_out(&town.ledger, [both[0].clone(), another[1].clone()], None).await;
    assert_eq!(fault(mixed).code, FaultCode::Conflict);
    assert_eq!(size(&town.ledger), before);
}

/// Inside its life the same holder has its release again; after it, or on other evidence, it does
/// not.
#[tokio::test]
async fn a_release_signed_again_is_the_same_one_only_while_the_permit_lives() {
    let town = Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let AccessReceipt::Decided { index } = town.access(&person).await.receipt else {
        panic!()
    };
    let first = town.release(index, None).await.receipt;
    assert!(matches!(first, ReleaseReceipt::Released { .. }));
    for _ in 0..3 {
        let again = town.release(index, None).await;
        assert_eq!((again.is_repeat(), &again.receipt), (true, &first));
    }
    town.clock.pass(Duration::from_secs(660));
    let late = town.release(index, None).await;
    let Event::ReleaseRefused(refused) = &late.appended[0].stored.record.event else {
        panic!()
    };
    let mut reasons = refused.reasons.clone();
    reasons.sort_unstable();
    let mut expected = vec![ReleaseReason::Expired, ReleaseReason::Spent];
    expected.sort_unstable();
    assert_eq!(reasons, expected);
}

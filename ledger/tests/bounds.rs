//! What one institution can make grow: as much as is said, one more is refused before it stands
//! anywhere, and after a restart as well.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use akashi_actors::{Actor, claims, commands};
use akashi_ledger::{Done, Ledger, Refusal};
use akashi_proof::digest::Secret;
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use akashi_proof::key::evidence_kid;
use akashi_proof::limits::{KEYS_ALIVE_MAX, KEYS_PER_DAY_MAX};
use serde_json::{Value, json};
use support::Town;

type Carried = Result<Done<LeafIndex>, Refusal>;

const DAY: Duration = Duration::from_hours(24);

/// The evidence key of this number.
fn evidence_key(number: u64) -> Secret {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Secret::from_bytes(bytes)
}

async fn register(ledger: &Ledger, by: &Actor, number: u64) -> Carried {
    let (key, from) = (evidence_key(number), by.stamp().now.as_millis() / 1000);
    let act = claims::evidence_key_registered(&key, from);
    commands::carry_out(ledger, [by.sign(Type::Act, act)], Some(key)).await
}

async fn revoke(ledger: &Ledger, by: &Actor, number: u64) -> Carried {
    let kid = evidence_kid(&evidence_key(number));
    let act = json!({"act": "key.revoked", "kid": kid.as_str(), "reason": "lost"});
    commands::act(ledger, by, act).await
}

/// What is wrong with an act that was refused.
fn found(carried: Carried) -> String {
    match carried {
        Err(Refusal::Fault(fault)) => {
            assert_eq!(fault.code, FaultCode::Conflict);
            fault.found
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("carried out"),
    }
}

#[tokio::test]
async fn so_many_keys_of_an_institution_live_at_a_time() {
    let (town, full) = (
        Town::new().await,
        "more keys alive than an institution can have",
    );
    // The key it signs with and its first evidence key are there.
    for number in 2..KEYS_ALIVE_MAX as u64 {
        register(&town.ledger, &town.hospital, number)
            .await
            .unwrap();
    }
    let size = town.ledger.reader().head().head.size;
    let over = KEYS_ALIVE_MAX as u64;
    let one_more = register(&town.ledger, &town.hospital, over).await;
    assert_eq!(found(one_more), full);
    assert_eq!(town.ledger.reader().head().head.size, size);
    register(&town.ledger, &town.pharmacy, 100)
        .await
        .expect("another institution has its own");

    let again = town.open_again().unwrap();
    let one_more = register(&again, &town.hospital, over).await;
    assert_eq!(found(one_more), full, "after a restart");
    revoke(&again, &town.hospital, 2).await.unwrap();
    town.clock.pass(Duration::from_millis(2));
    register(&again, &town.hospital, over)
        .await
        .expect("one has made room");
    assert_eq!(
        found(register(&again, &town.hospital, over + 1).await),
        full
    );
}

#[tokio::test]
async fn so_many_keys_are_registered_in_a_day_and_every_one_can_be_revoked() {
    let (town, full) = (
        Town::new().await,
        "more keys than an institution can register in a day",
    );
    // The first evidence key was one of them.
    for number in 1..KEYS_PER_DAY_MAX {
        register(&town.ledger, &town.hospital, number)
            .await
            .unwrap();
        if number > 1 {
            revoke(&town.ledger, &town.hospital, number).await.unwrap();
        }
        town.clock.pass(Duration::from_millis(2));
    }
    let one_more = register(&town.ledger, &town.hospital, 900).await;
    assert_eq!(found(one_more), full);
    let again = town.open_again().unwrap();
    assert_eq!(
        found(register(&again, &town.hospital, 900).await),
        full,
        "after a restart"
    );
    revoke(&again, &town.hospital, 1)
        .await
        .expect("what ends a key has no day");
    town.clock.pass(DAY);
    register(&again, &town.hospital, 900)
        .await
        .expect("another day");
}

#[tokio::test]
async fn an_act_that_changes_nothing_is_none() {
    let town = Town::new().await;
    let (ledger, hospital) = (&town.ledger, &town.hospital);
    let from = town.clock.seconds();
    let role = claims::role_assigned("dr-sato", "physician", from);
    let role_until = |until: u64| {
        let mut role = role.clone();
        role["valid_until"] = until.into();
        role
    };
    register(ledger, hospital, 1).await.unwrap();
    revoke(ledger, hospital, 1).await.unwrap();
    town.clock.pass(Duration::from_secs(1));
    let size = ledger.reader().head().head.size;
    let act = async |act: Value| found(commands::act(ledger, hospital, act).await);

    let twice = found(revoke(ledger, hospital, 1).await);
    assert_eq!(twice, "the key has ended already");
    assert_eq!(
        act(role.clone()).await,
        "a role that is held in just that way"
    );
    assert_eq!(
        act(role_until(from)).await,
        "a role that would never be held"
    );
    let mut never = claims::evidence_key_registered(&evidence_key(2), from);
    never["valid_until"] = from.into();
    let signed = [hospital.sign(Type::Act, never)];
    let never = commands::carry_out(ledger, signed, Some(evidence_key(2))).await;
    assert_eq!(found(never), "the key would never be valid");
    assert_eq!(ledger.reader().head().head.size, size);

    // The same person and role with another end is a change.
    commands::act(ledger, hospital, role_until(from + 60))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_suspended_institution_ends_what_is_its_own_once_and_begins_nothing() {
    let town = Town::new().await;
    let (ledger, hospital) = (&town.ledger, &town.hospital);
    register(ledger, hospital, 1).await.unwrap();
    town.suspend(hospital).await;
    let size = ledger.reader().head().head.size;
    let begun = register(ledger, hospital, 2).await;
    assert!(
        matches!(&begun, Err(Refusal::Fault(fault)) if fault.code == FaultCode::Suspended),
        "{begun:?}"
    );
    assert_eq!(ledger.reader().head().head.size, size);
    revoke(ledger, hospital, 1).await.unwrap();
    town.clock.pass(Duration::from_millis(2));
    let size = ledger.reader().head().head.size;
    for _ in 0..3 {
        let twice = found(revoke(ledger, hospital, 1).await);
        assert_eq!(twice, "the key has ended already");
    }
    assert_eq!(ledger.reader().head().head.size, size);
}

#[tokio::test]
async fn the_writer_looks_at_nothing_a_suspended_institution_asks() {
    let town = Town::new().await;
    let person = town.person().await;
    let waiting = town.access_statement(&person);
    town.suspend(&town.hospital).await;
    let size = town.ledger.reader().head().head.size;
    let asked = town.ask(waiting.clone()).await.map(|done| done.receipt);
    let is_suspended = |refusal: &Refusal| match refusal {
        Refusal::Fault(fault) => fault.code == FaultCode::Suspended,
        _ => false,
    };
    assert!(asked.as_ref().is_err_and(is_suspended), "{asked:?}");
    assert_eq!(town.ledger.reader().head().head.size, size);

    let act = claims::reinstated(town.hospital.id());
    commands::act_by_supervisors(&town.ledger, &town.cast, &act)
        .await
        .unwrap();
    assert!(town.ask(waiting).await.is_ok(), "it was not used up");
}

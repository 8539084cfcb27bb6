//! What one institution can make grow: as much as is said, one more is refused before it stands
//! anywhere, and after a restart as well.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{Actor, Person, claims, commands};
use akashi_ledger::command::{AccessReceipt, DecideAccess, ReleaseReceipt};
use akashi_ledger::error::Above;
use akashi_ledger::limits::{
    ABOUT_ONE_FOR_EMERGENCIES, ABOUT_ONE_PER_DAY_MAX, ABOUT_ONE_PER_HOUR_MAX,
    REFUSALS_PER_MINUTE_MAX,
};
use akashi_ledger::{Command, Done, Ledger, Refusal};
use akashi_proof::clock::Clock;
use akashi_proof::digest::Secret;
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::{Jws, Type};
use akashi_proof::key::evidence_kid;
use akashi_proof::limits::{KEYS_ALIVE_MAX, KEYS_PER_DAY_MAX};
use akashi_proof::reason::{Reason, Reasons};
use akashi_proof::record::Position;
use akashi_proof::record::kind::{AccessDecided, Event, Outcome, Step};
use akashi_proof::statement::RequestNonce;
use serde_json::{Value, json};
use support::{TestPolicy, Town};

type Carried = Result<Done<LeafIndex>, Refusal>;

const HOUR: Duration = Duration::from_hours(1);
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

/// The hospital's emergency about her, by this role-holder.
fn emergency(town: &Town, person: &Person, role_holder: &str) -> Jws {
    let mut claims = town.access_claims(person);
    claims["role_holder"] = role_holder.into();
    claims["basis"] =
        json!({"kind": "emergency", "reason_code": "unconscious", "reason_text": "carried in"});
    town.hospital.sign(Type::Access, claims)
}

fn decided(town: &Town, index: LeafIndex) -> AccessDecided {
    match town.record(index).event {
        Event::AccessPermitted(decided) | Event::AccessDenied(decided) => decided,
        other => panic!("{other:?}"),
    }
}

async fn ask_at(ledger: &Ledger, statement: Jws) -> LeafIndex {
    match town_ask(ledger, statement).await.unwrap() {
        AccessReceipt::Decided { index } => index,
        other @ AccessReceipt::Refused { .. } => panic!("{other:?}"),
    }
}

async fn town_ask(ledger: &Ledger, statement: Jws) -> Result<AccessReceipt, Refusal> {
    let nonce = RequestNonce::from_bytes([4; 16]);
    let asked = commands::ask(ledger, statement, nonce, Arc::new(TestPolicy));
    asked.await.map(|done| done.receipt)
}

#[tokio::test]
async fn a_role_holder_declares_so_many_emergencies_in_an_hour_and_each_stands_with_its_requester()
{
    let town = Town::new().await;
    let (people, by) = ([town.person().await, town.person().await], "dr-sato");
    for number in 0..TestPolicy::EMERGENCIES_PER_HOUR {
        let person = &people[number as usize % 2];
        let index = ask_at(&town.ledger, emergency(&town, person, by)).await;
        assert_eq!(decided(&town, index).outcome, Outcome::Permit);
        let beside = town.record(index.next());
        let Event::EmergencyDeclared(declared) = beside.event else {
            panic!("{:?}", beside.event)
        };
        assert_eq!(
            (declared.access, &*declared.reason_code),
            (index, "unconscious")
        );
        assert!(matches!(&beside.position, Position::Institution(place)
            if place.institution == *town.hospital.id()));
    }
    let above = async |ledger: &Ledger| {
        let size = ledger.reader().head().head.size;
        let index = ask_at(ledger, emergency(&town, &people[0], by)).await;
        assert_eq!(ledger.reader().head().head.size, size.plus(1), "one record");
        let stored = ledger.reader().record(index).unwrap().unwrap();
        let Event::AccessDenied(denied) = stored.open().unwrap().record.event else {
            panic!("permitted")
        };
        assert_eq!(denied.reasons, Reasons::Word(Reason::TooManyEmergencies));
        assert_eq!(denied.step, Some(Step::Rules));
    };
    above(&town.ledger).await;
    let other = ask_at(&town.ledger, emergency(&town, &people[0], "dr-mori")).await;
    assert_eq!(
        decided(&town, other).outcome,
        Outcome::Permit,
        "another has an hour of its own"
    );
    let again = town.open_again().unwrap();
    above(&again).await;

    town.clock.pass(HOUR);
    let index = ask_at(&again, emergency(&town, &people[0], by)).await;
    let stored = again.reader().record(index).unwrap().unwrap();
    assert!(matches!(
        stored.open().unwrap().record.event,
        Event::AccessPermitted(_)
    ));
}

#[tokio::test]
async fn so_many_statements_of_one_institution_are_decided_about_one_person_in_an_hour() {
    let town = Town::new().await;
    let (person, other) = (town.person().await, town.person().await);
    let first = town.access_statement(&person);
    let index = ask_at(&town.ledger, first.clone()).await;
    for _ in 1..ABOUT_ONE_PER_HOUR_MAX {
        ask_at(&town.ledger, town.access_statement(&person)).await;
    }
    let above = async |ledger: &Ledger| {
        let size = ledger.reader().head().head.size;
        let asked = town_ask(ledger, town.access_statement(&person)).await;
        assert_eq!(ledger.reader().head().head.size, size);
        match asked {
            Err(Refusal::Above(Above::AboutOnePerson { subject, until })) => {
                assert_eq!(subject, person.subject);
                until
            }
            other => panic!("{other:?}"),
        }
    };
    let until = above(&town.ledger).await;
    assert_eq!(until, town.clock.wall().next_hour_utc());
    for number in 0..=ABOUT_ONE_FOR_EMERGENCIES {
        let by = format!("dr-{}", number % 8);
        let asked = town_ask(&town.ledger, emergency(&town, &person, &by)).await;
        assert_eq!(
            asked.is_ok(),
            number < ABOUT_ONE_FOR_EMERGENCIES,
            "{number}: {asked:?}"
        );
    }
    assert_eq!(
        ask_at(&town.ledger, first.clone()).await,
        index,
        "the answer it got"
    );
    ask_at(&town.ledger, town.access_statement(&other)).await;
    let mut theirs = town.access_claims(&person);
    theirs["subject"] = person.code(town.pharmacy.id()).as_str().into();
    theirs["holder"] = town.hospital.id().as_str().into();
    ask_at(&town.ledger, town.pharmacy.sign(Type::Access, theirs)).await;
    let again = town.open_again().unwrap();
    assert_eq!(above(&again).await, until, "after a restart");

    // The second hour is the day's last.
    town.clock.pass(HOUR);
    let before = ABOUT_ONE_PER_HOUR_MAX + ABOUT_ONE_FOR_EMERGENCIES;
    for _ in before..ABOUT_ONE_PER_DAY_MAX {
        ask_at(&again, town.access_statement(&person)).await;
    }
    let until = above(&again).await;
    assert_eq!(until, town.clock.wall().next_day_utc());
    town.clock.pass(HOUR);
    assert_eq!(above(&again).await, until);
    town.clock.pass(DAY);
    ask_at(&again, town.access_statement(&person)).await;
}

/// What is above a bound by what is durable is refused before it waits, at the same number as in
/// its turn; what has an answer waits for it.
#[tokio::test]
async fn what_is_above_a_bound_costs_the_writer_nothing() {
    let town = Town::new().await;
    let person = town.person().await;
    let refused_before = |ledger: &Ledger, jws: Jws| {
        let command = DecideAccess {
            statement: commands::verify(ledger, jws).unwrap(),
            nonce: RequestNonce::from_bytes([4; 16]),
            policies: Arc::new(TestPolicy),
        };
        let before = command.check_before(ledger.reader(), town.clock.wall());
        matches!(before, Err(Refusal::Above(Above::AboutOnePerson { .. })))
    };
    let first = town.access_statement(&person);
    ask_at(&town.ledger, first.clone()).await;
    for _ in 2..ABOUT_ONE_PER_HOUR_MAX {
        ask_at(&town.ledger, town.access_statement(&person)).await;
    }
    assert!(
        !refused_before(&town.ledger, town.access_statement(&person)),
        "N"
    );
    ask_at(&town.ledger, town.access_statement(&person)).await;
    let again = town.open_again().unwrap();
    for ledger in [&town.ledger, &again] {
        assert!(
            refused_before(ledger, town.access_statement(&person)),
            "N + 1"
        );
        assert!(!refused_before(ledger, emergency(&town, &person, "dr-0")));
        assert!(!refused_before(ledger, first.clone()), "it has its answer");
    }
}

#[tokio::test]
async fn so_many_refusals_of_one_institution_are_recorded_in_a_minute() {
    let town = Town::new().await;
    let person = town.person().await;
    // At the beginning of a minute, so that it holds them all.
    let into = town.clock.wall().as_millis() % 60_000;
    town.clock.pass(Duration::from_millis(60_000 - into));
    let foreign = |town: &Town| {
        let mut claims = town.access_claims(&person);
        claims["subject"] = person.code(town.pharmacy.id()).as_str().into();
        town.hospital.sign(Type::Access, claims)
    };
    for _ in 0..REFUSALS_PER_MINUTE_MAX {
        let refused = town_ask(&town.ledger, foreign(&town)).await.unwrap();
        assert!(matches!(refused, AccessReceipt::Refused { .. }));
    }
    let above = async |ledger: &Ledger| {
        let size = ledger.reader().head().head.size;
        match town_ask(ledger, foreign(&town)).await {
            Err(Refusal::Above(Above::Refusals(fault))) => {
                assert_eq!(fault.code, FaultCode::ForeignLinkCode);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(ledger.reader().head().head.size, size);
    };
    above(&town.ledger).await;
    ask_at(&town.ledger, town.access_statement(&person)).await;
    let again = town.open_again().unwrap();
    above(&again).await;
    town.clock.pass(Duration::from_mins(1));
    let refused = town_ask(&again, foreign(&town)).await.unwrap();
    assert!(matches!(refused, AccessReceipt::Refused { .. }));
}

#[tokio::test]
async fn so_many_releases_of_one_holder_are_refused_about_one_person_and_what_holds_is_released() {
    let town = Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let spent = ask_at(&town.ledger, town.access_statement(&person)).await;
    town.clock.pass(Duration::from_mins(11));
    let old = async || {
        let statement = town.release_statement(spent);
        commands::release(&town.ledger, statement).await
    };
    for _ in 0..ABOUT_ONE_PER_HOUR_MAX {
        let refused = old().await.unwrap().receipt;
        assert!(
            matches!(refused, ReleaseReceipt::Spent { .. }),
            "{refused:?}"
        );
    }
    let size = town.ledger.reader().head().head.size;
    let above = old().await.map(|done| done.receipt);
    assert!(
        matches!(above, Err(Refusal::Above(Above::AboutOnePerson { .. }))),
        "{above:?}"
    );
    assert_eq!(town.ledger.reader().head().head.size, size);
    let permit = ask_at(&town.ledger, town.access_statement(&person)).await;
    let released = town.release(permit, None).await.receipt;
    assert!(matches!(released, ReleaseReceipt::Released { .. }));
}

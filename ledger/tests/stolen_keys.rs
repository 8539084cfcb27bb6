//! Keys that were stolen or lost, of an institution and of a supervisor: those who are left give
//! them back, and whoever has the old ones gains nothing by being first.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use akashi_actors::claims::{
    certified, key_revoked, keys_reset, reset_objected, signing_key_registered,
    supervisor_replaced, suspended,
};
use akashi_actors::{Actor, SUPERVISORS, Signatory, commands, named, seeded};
use akashi_ledger::command::{AccessReceipt, ReleaseReceipt};
use akashi_ledger::{Done, Ledger, Refusal};
use akashi_proof::clock::Clock;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use akashi_proof::limits::{KEYS_ALIVE_MAX, RESET_WAIT_MILLIS};
use akashi_proof::record::kind::ReleaseReason;
use serde_json::{Value, json};
use support::{ORIGIN, Town};

type Carried = Result<Done<LeafIndex>, Refusal>;

const WEST: &str = "supervisor.west";
const WAIT: Duration = Duration::from_millis(RESET_WAIT_MILLIS);
const ONE: Duration = Duration::from_millis(1);

/// The hospital, with whatever key somebody has for it.
fn hospital_with(town: &Town, seed: u8) -> Actor {
    let log = akashi_tlog::checkpoint::Origin::new(ORIGIN).unwrap();
    Actor::new(seeded("hospital.chuo", seed), &log, town.clock.clone())
}

/// The key that supervisors bring in, and its owner.
fn given_back(town: &Town) -> Actor {
    hospital_with(town, 41)
}

fn thief(town: &Town) -> Actor {
    hospital_with(town, 66)
}

/// An act of these supervisors.
async fn by(ledger: &Ledger, town: &Town, names: &[&str], act: Value) -> Carried {
    let signed = names
        .iter()
        .map(|name| town.cast.actor(name).sign(Type::Act, act.clone()));
    commands::carry_out(ledger, signed, None).await
}

fn fault(carried: Carried) -> Fault {
    match carried {
        Err(Refusal::Fault(fault)) => fault,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("carried out"),
    }
}

/// A town whose hospital's key somebody else has as well, and who was quicker: the owner's is
/// revoked, and the thief's own stands.
async fn robbed() -> Town {
    let town = Town::supervised(&[WEST]).settled().await;
    let (owner, thief) = (&town.hospital, thief(&town));
    let stolen = signing_key_registered(thief.who(), town.clock.seconds());
    commands::act(&town.ledger, owner, stolen).await.unwrap();
    let revoked = key_revoked(owner.who().kid().as_str());
    commands::act(&town.ledger, &thief, revoked).await.unwrap();
    town.clock.pass(Duration::from_secs(1));
    town
}

fn reset(town: &Town) -> Value {
    keys_reset(town.hospital.id(), given_back(town).who())
}

/// A role given in the institution's name: what every key that counts can do.
async fn acts(ledger: &Ledger, by: &Actor, role_holder: &str) -> Carried {
    let from = by.stamp().now.as_millis() / 1000;
    let role = akashi_actors::claims::role_assigned(role_holder, "physician", from);
    commands::act(ledger, by, role).await
}

async fn is_refused(ledger: &Ledger, by: &Actor, role_holder: &str) {
    let refused = fault(acts(ledger, by, role_holder).await);
    assert_eq!(
        (refused.code, refused.field.as_str()),
        (FaultCode::InvalidKey, "kid")
    );
}

#[tokio::test]
async fn a_stolen_key_ends_72_hours_after_supervisors_gave_a_new_one_and_the_thief_with_it() {
    let town = robbed().await;
    let (thief, new) = (thief(&town), given_back(&town));
    let too_few = fault(by(&town.ledger, &town, &[SUPERVISORS[0]], reset(&town)).await);
    assert_eq!(too_few.code, FaultCode::NotAuthorised);
    let done = by(&town.ledger, &town, &SUPERVISORS, reset(&town)).await;
    let record = town.record(done.unwrap().receipt);
    assert_eq!(record.kind().name(), "key.reset", "on the record at once");
    // A thief that is stopped meanwhile reads nothing.
    by(&town.ledger, &town, &SUPERVISORS, suspended(thief.id()))
        .await
        .unwrap();

    town.clock.pass(WAIT - Duration::from_secs(1) - ONE);
    let again = town.open_again().unwrap();
    is_refused(&again, &new, "nobody.yet").await;
    let by_thief = fault(acts(&again, &thief, "dr.thief").await);
    assert_eq!(
        by_thief.code,
        FaultCode::Suspended,
        "suspended, but its key is valid"
    );
    town.clock.pass(Duration::from_secs(1) + ONE);
    let registry = again.reader().registry();
    let known = registry.institution(thief.id()).unwrap();
    assert_eq!(
        known.reset_waiting(town.clock.wall()),
        None,
        "it is in force"
    );
    // An evidence key ends after the millisecond of its end, as at a revocation.
    assert_eq!(known.keys_alive(town.clock.wall().plus_millis(1)), 1);
    is_refused(&again, &thief, "dr.thief").await;
    let reinstated = json!({
        "act": "institution.reinstated", "institution": "hospital.chuo", "reason": "given back",
    });
    by(&again, &town, &SUPERVISORS, reinstated).await.unwrap();
    is_refused(&again, &thief, "dr.thief").await;
    is_refused(&again, &town.hospital, "dr.old").await;
    acts(&again, &new, "dr-sato").await.unwrap();
    commands::act(
        &again,
        &new,
        signing_key_registered(&seeded("hospital.chuo", 42), 1_790_000_000),
    )
    .await
    .expect("a key registered after it is none it ends");
}

#[tokio::test]
async fn a_thief_that_revokes_the_last_key_locks_nobody_out() {
    let town = Town::supervised(&[WEST]).settled().await;
    let new = given_back(&town);
    // Whoever has the only key ends it with itself: nobody can act for the institution any more.
    let revoked = key_revoked(town.hospital.who().kid().as_str());
    commands::act(&town.ledger, &town.hospital, revoked)
        .await
        .unwrap();
    is_refused(&town.ledger, &town.hospital, "dr.old").await;
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    acts(&town.ledger, &new, "dr.new")
        .await
        .expect("in force at once");
    let again = town.open_again().unwrap();
    acts(&again, &new, "dr.newer")
        .await
        .expect("after a restart too");

    // While a reset waits, the last one is revoked as well: signed anew it waits no longer.
    let town = robbed().await;
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    let twice = fault(by(&town.ledger, &town, &SUPERVISORS, reset(&town)).await);
    assert_eq!(twice.found, "the act changes nothing");
    let revoked = key_revoked(thief(&town).who().kid().as_str());
    commands::act(&town.ledger, &thief(&town), revoked)
        .await
        .unwrap();
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    acts(&town.ledger, &given_back(&town), "dr.new")
        .await
        .unwrap();
}

#[tokio::test]
async fn an_objection_demands_one_supervisor_more_and_stops_no_reset() {
    let town = robbed().await;
    let (thief, new) = (thief(&town), given_back(&town));
    let early = fault(commands::act(&town.ledger, &thief, reset_objected(new.who())).await);
    assert_eq!(early.found, "no reset waits");
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    by(&town.ledger, &town, &SUPERVISORS, suspended(thief.id()))
        .await
        .unwrap();
    // Also while suspended: an institution of which somebody only says that it was robbed is heard.
    commands::act(&town.ledger, &thief, reset_objected(new.who()))
        .await
        .unwrap();
    let twice = fault(commands::act(&town.ledger, &thief, reset_objected(new.who())).await);
    assert_eq!(twice.found, "the reset has been objected to already");
    town.clock.pass(WAIT);
    is_refused(&town.ledger, &new, "dr.new").await;

    let again = town.open_again().unwrap();
    let same_two = fault(by(&again, &town, &SUPERVISORS, reset(&town)).await);
    assert_eq!(same_two.code, FaultCode::NotAuthorised);
    assert_eq!(
        (same_two.expected.as_str(), same_two.found.as_str()),
        ("statements of 3 signers", "2")
    );
    let other = keys_reset(town.hospital.id(), &seeded("hospital.chuo", 43));
    let other = fault(by(&again, &town, &SUPERVISORS, other).await);
    assert_eq!(
        other.code,
        FaultCode::NotAuthorised,
        "nor by way of another key"
    );
    let all = [SUPERVISORS[0], SUPERVISORS[1], WEST];
    by(&again, &town, &all, reset(&town)).await.unwrap();
    let third = fault(commands::act(&again, &thief, reset_objected(new.who())).await);
    assert_eq!(
        third.code,
        FaultCode::InvalidKey,
        "the 72 hours were over: it is in force"
    );
    let reinstated = json!({
        "act": "institution.reinstated", "institution": "hospital.chuo", "reason": "given back",
    });
    by(&again, &town, &SUPERVISORS, reinstated).await.unwrap();
    acts(&again, &new, "dr.new").await.unwrap();
}

#[tokio::test]
async fn where_all_supervisors_must_sign_an_objection_stops_no_reset_either() {
    let town = Town::new().await;
    let new = given_back(&town);
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    commands::act(&town.ledger, &town.hospital, reset_objected(new.who()))
        .await
        .unwrap();
    town.clock.pass(WAIT);
    is_refused(&town.ledger, &new, "dr.new").await;
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    acts(&town.ledger, &new, "dr.new").await.unwrap();
}

#[tokio::test]
async fn what_a_thief_registers_while_a_reset_waits_ends_with_it() {
    let town = robbed().await;
    let (thief, new) = (thief(&town), given_back(&town));
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    let revoked = key_revoked(new.who().kid().as_str());
    let revoked = fault(commands::act(&town.ledger, &thief, revoked).await);
    assert_eq!(
        revoked.found,
        "the key is one a reset brings in: only an objection holds it up"
    );
    let own = signing_key_registered(new.who(), town.clock.seconds());
    let own = fault(commands::act(&town.ledger, &thief, own).await);
    assert_eq!(own.found, "the key is registered already");
    // As many as may live, one of them for the far future.
    let now = town.clock.seconds();
    let later = now + 1_000_000;
    let hers: Vec<Actor> = (100..)
        .map(|seed| hospital_with(&town, seed))
        .take(KEYS_ALIVE_MAX - 2)
        .collect();
    for (actor, from) in hers.iter().zip([later, now, now, now, now, now]) {
        let act = signing_key_registered(actor.who(), from);
        commands::act(&town.ledger, &thief, act).await.unwrap();
    }
    let one_more = signing_key_registered(&seeded("hospital.chuo", 99), town.clock.seconds());
    let one_more = fault(commands::act(&town.ledger, &thief, one_more).await);
    assert_eq!(
        one_more.found,
        "more keys alive than an institution can have"
    );
    town.clock.pass(WAIT);
    for actor in &hers {
        is_refused(&town.ledger, actor, "dr.thief").await;
    }
    town.clock.pass(Duration::from_secs(1_000_000));
    is_refused(&town.ledger, &hers[0], "dr.thief").await;
    acts(&town.ledger, &new, "dr.new").await.unwrap();
    // What has ended does not come back with the next reset.
    let next = keys_reset(town.hospital.id(), &seeded("hospital.chuo", 44));
    by(&town.ledger, &town, &SUPERVISORS, next).await.unwrap();
    is_refused(&town.ledger, &thief, "dr.thief").await;
    commands::act(
        &town.ledger,
        &new,
        reset_objected(&seeded("hospital.chuo", 44)),
    )
    .await
    .unwrap();
    is_refused(&town.ledger, &thief, "dr.thief").await;
}

/// A thief asks in the last minute before its key ends; the permit would live for ten.
#[tokio::test]
async fn a_permit_asked_with_a_key_that_a_reset_ends_opens_nothing() {
    let town = Town::supervised(&[WEST]).settled().await;
    let person = town.person().await;
    by(&town.ledger, &town, &SUPERVISORS, reset(&town))
        .await
        .unwrap();
    town.clock.pass(WAIT - Duration::from_mins(1));
    let consent = town.consent(1, &["medication"]);
    town.give(&person, consent).await.unwrap();
    let asked = async || match town.access(&person).await.receipt {
        AccessReceipt::Decided { index } => index,
        other => panic!("{other:?}"),
    };
    let [before, after] = [asked().await, asked().await];
    assert!(matches!(
        town.release(before, None).await.receipt,
        ReleaseReceipt::Released { .. }
    ));
    town.clock.pass(Duration::from_mins(1));
    let ReleaseReceipt::Spent { reasons, .. } = town.release(after, None).await.receipt else {
        panic!("released")
    };
    assert_eq!(reasons, [ReleaseReason::KeyEnded]);
}

/// What every supervisor that counts can do.
async fn certifies(town: &Town, names: &[&str], institution: &str) -> Carried {
    let act = certified(&named(institution), ("新病院", "New"), "hospital");
    by(&town.ledger, town, names, act).await
}

#[tokio::test]
async fn a_supervisor_is_replaced_by_the_others_and_its_key_never_comes_back() {
    let town = Town::supervised(&[WEST]).settled().await;
    let [north, south] = SUPERVISORS;
    let north_id = || town.supervisors[0].id().clone();
    let to = |new: &Signatory| supervisor_replaced(&north_id(), new);
    let east = named("supervisor.east");
    for (signers, act) in [
        (vec![north, south], to(&east)),
        (vec![south], to(&east)),
        (vec![north, south, WEST], to(&east)),
    ] {
        let refused = fault(by(&town.ledger, &town, &signers, act).await);
        assert_eq!(refused.code, FaultCode::NotAuthorised, "{signers:?}");
    }
    let others = [south, WEST];
    let taken = named("hospital.chuo");
    let same_name = seeded(south, 7);
    let nobody = supervisor_replaced(named("supervisor.nobody").id(), &east);
    for (act, why) in [
        (to(&named(WEST)), "a supervisor is named twice"),
        (to(&same_name), "a supervisor is named twice"),
        (to(&named(north)), "the key is registered already"),
        (to(&taken), "the key is registered already"),
        (nobody, "there is no such supervisor"),
    ] {
        let refused = fault(by(&town.ledger, &town, &others, act).await);
        assert_eq!(
            (refused.code, refused.found.as_str()),
            (FaultCode::Conflict, why)
        );
    }

    by(&town.ledger, &town, &others, to(&east)).await.unwrap();
    let unknown = fault(certifies(&town, &[north, south], "hospital.new").await);
    assert_eq!(unknown.code, FaultCode::UnknownKey);
    certifies(&town, &["supervisor.east", south], "hospital.new")
        .await
        .unwrap();
    // The stolen key is not put back, under its own name or as an institution's.
    let back = supervisor_replaced(east.id(), &named(north));
    let back = fault(by(&town.ledger, &town, &others, back).await);
    assert_eq!(back.found, "the key is registered already");
    let hired = certified(&named(north), ("偽", "False"), "hospital");
    let hired = fault(by(&town.ledger, &town, &others, hired).await);
    assert_eq!(hired.found, "the key is registered already");
    let again = town.open_again().unwrap();
    let registry = again.reader().registry();
    assert!(registry.supervisor_named(&north_id()).is_none());
    assert_eq!(registry.supervisors().count(), 3);
    let back = supervisor_replaced(east.id(), &named(north));
    assert!(
        by(&again, &town, &others, back).await.is_err(),
        "nor after a restart"
    );
}

/// A lost key: the same supervisor goes on under its name with another.
#[tokio::test]
async fn a_supervisor_that_lost_its_key_goes_on_with_another() {
    let town = Town::supervised(&[WEST]).settled().await;
    let [north, south] = SUPERVISORS;
    let new = seeded(north, 9);
    let act = supervisor_replaced(named(north).id(), &new);
    by(&town.ledger, &town, &[south, WEST], act).await.unwrap();
    let registry = town.ledger.reader().registry();
    assert_eq!(
        registry.supervisor_named(new.id()).unwrap().key,
        *new.public()
    );
    let log = akashi_tlog::checkpoint::Origin::new(ORIGIN).unwrap();
    let north = Actor::new(new, &log, town.clock.clone());
    let act = certified(&named("hospital.new"), ("新病院", "New"), "hospital");
    let signed = [
        north.sign(Type::Act, act.clone()),
        town.supervisors[1].sign(Type::Act, act),
    ];
    commands::carry_out(&town.ledger, signed, None)
        .await
        .unwrap();
}

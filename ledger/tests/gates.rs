//! A holder is never blocked by what others do with their permits: how many may wait, and how it
//! catches up over those that were never shown to it.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use akashi_ledger::command::AccessReceipt;
use akashi_ledger::reader::NoGates;
use akashi_proof::gate::{CatchUp, GateUse, KeptGates, PermitGate, SeenLog};
use akashi_proof::ids::{GateNumber, LeafIndex, TreeSize};
use akashi_proof::reason::{Reason, Reasons};
use akashi_proof::record::kind::{Event, Step};
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signer::Signer;
use serde_json::{Value, json};
use support::{Person, Town};

/// What may wait, by the town's policy as by a real pack.
const MOST: usize = 16;
/// How long a permit holds in the town.
const LIFE: u64 = 600_000;

/// How an access ended.
#[derive(Debug, PartialEq)]
enum Ended {
    Permit(LeafIndex),
    TooMany,
}

async fn ask(town: &Town, claims: Value) -> Ended {
    let AccessReceipt::Decided { index } = town.ask_with(claims).await.receipt else {
        panic!("a decision")
    };
    match town.record(index).event {
        Event::AccessPermitted(_) => Ended::Permit(index),
        Event::AccessDenied(e) => {
            assert_eq!(e.reasons, Reasons::Word(Reason::TooManyOpenPermits));
            assert_eq!(e.step, Some(Step::Rules));
            Ended::TooMany
        }
        other => panic!("{other:?}"),
    }
}

async fn permit(town: &Town, person: &Person) -> LeafIndex {
    match ask(town, town.access_claims(person)).await {
        Ended::Permit(index) => index,
        Ended::TooMany => panic!("too many"),
    }
}

fn emergency(town: &Town, person: &Person) -> Value {
    let mut claims = town.access_claims(person);
    claims["basis"] = json!({
        "kind": "emergency", "reason_code": "unconscious", "reason_text": "found at the station"
    });
    claims
}

async fn agreed(town: &Town) -> Person {
    let person = town.person().await;
    let consent = town.consent(1, &["medication"]);
    town.give(&person, consent).await.unwrap();
    person
}

#[tokio::test]
async fn so_many_permits_of_one_requester_wait_and_no_more_also_after_a_restart() {
    let town = Town::new().await;
    let (person, another) = (agreed(&town).await, agreed(&town).await);
    let mut permits = Vec::new();
    for _ in 0..MOST {
        permits.push(permit(&town, &person).await);
    }
    assert_eq!(
        ask(&town, town.access_claims(&person)).await,
        Ended::TooMany
    );
    // About somebody else there is room, and for emergencies as much again.
    permit(&town, &another).await;
    for _ in 0..MOST {
        let found = ask(&town, emergency(&town, &person)).await;
        assert!(matches!(found, Ended::Permit(_)));
    }
    assert_eq!(ask(&town, emergency(&town, &person)).await, Ended::TooMany);

    let town = Town::on(town.remains.copy(), town.clock.clone()).unwrap();
    assert_eq!(
        ask(&town, town.access_claims(&person)).await,
        Ended::TooMany
    );
    assert_eq!(ask(&town, emergency(&town, &person)).await, Ended::TooMany);

    // What is released on, and what is over, makes room.
    town.release(permits[3], None).await;
    permit(&town, &person).await;
    assert_eq!(
        ask(&town, town.access_claims(&person)).await,
        Ended::TooMany
    );
    town.clock.pass(Duration::from_millis(LIFE));
    for _ in 0..MOST {
        permit(&town, &person).await;
    }
    assert_eq!(
        ask(&town, town.access_claims(&person)).await,
        Ended::TooMany
    );
}

#[tokio::test]
async fn of_many_that_come_at_once_so_many_are_permitted() {
    let town = Arc::new(Town::new().await);
    let person = agreed(&town).await;
    let statements: Vec<_> = (0..150).map(|_| town.access_statement(&person)).collect();
    let mut asked = Vec::new();
    for statement in statements {
        let town = Arc::clone(&town);
        asked.push(tokio::spawn(async move { town.ask(statement).await }));
    }
    for answer in asked {
        answer.await.unwrap().unwrap();
    }
    let known = town.ledger.reader().person(&person.subject).unwrap();
    let link = known.link(town.pharmacy.id()).unwrap();
    assert_eq!(link.gates, GateNumber::new(MOST as u64));
}

#[tokio::test]
async fn two_hundred_releases_leave_room_for_all() {
    let town = Town::new().await;
    let person = agreed(&town).await;
    let slow = permit(&town, &person).await;
    for _ in 0..200 {
        let index = permit(&town, &person).await;
        town.release(index, None).await;
    }
    town.release(slow, None).await;
}

/// What the pharmacy keeps, and what it asks the ledger.
struct Holder {
    kept: KeptGates,
    seen: SeenLog,
}

impl Holder {
    fn of(town: &Town, person: &Person) -> Self {
        Self {
            kept: KeptGates::new(person.code(town.pharmacy.id()).clone()),
            seen: SeenLog::new(town.ledger.reader().origin().clone()),
        }
    }

    fn gates(&self, town: &Town) -> CatchUp {
        let (above, from) = (self.kept.highest(), self.seen.head().size);
        let reader = town.ledger.reader();
        let gates = reader.gates(town.pharmacy.id(), self.kept.link(), above, from);
        gates.unwrap().unwrap()
    }

    /// One answer of the ledger's; the highest number seen after it.
    fn catch_up(&mut self, town: &Town, person: &Person) -> u64 {
        let gates = self.gates(town);
        let signer = town.remains.log_signer();
        let keys = LogKeys::new(vec![signer.verifying_key().clone()]);
        let key = person.link_key(town.pharmacy.id());
        let caught_up = gates.verify(&keys.unwrap(), key, &self.kept, &self.seen);
        let caught_up = caught_up.unwrap();
        caught_up.move_on(&mut self.kept);
        caught_up.remember(&mut self.seen);
        self.kept.highest().map_or(0, GateNumber::value)
    }

    /// Whether it would release on the permit at this index now.
    fn admits(&self, town: &Town, index: LeafIndex) -> bool {
        let reader = town.ledger.reader();
        let stored = reader.record(index).unwrap().unwrap().open().unwrap();
        let Event::AccessPermitted(e) = &stored.record.event else {
            panic!("a permit")
        };
        let permit = PermitGate {
            number: e.gate_number.unwrap(),
            index,
            commitment: stored.entry.commitment,
            expires: e.expires.unwrap(),
        };
        let found = self.kept.check(&self.seen, &permit, stored.record.time);
        found == Ok(GateUse::First)
    }
}

/// So many permits that nobody presents; the last of them.
async fn unpresented(town: &Town, person: &Person, count: usize) -> LeafIndex {
    let mut last = None;
    for done in 0..count {
        if done % MOST == 0 {
            town.clock.pass(Duration::from_millis(LIFE));
        }
        last = Some(permit(town, person).await);
    }
    last.unwrap()
}

#[tokio::test]
async fn a_holder_passes_over_permits_it_was_never_shown() {
    let town = Town::new().await;
    let person = agreed(&town).await;
    let mut holder = Holder::of(&town, &person);
    assert!(holder.gates(&town).gates.is_empty(), "there are none yet");
    let at_the_edge = unpresented(&town, &person, 64).await;
    assert!(holder.admits(&town, at_the_edge));
    let beyond = unpresented(&town, &person, 1).await;
    assert!(!holder.admits(&town, beyond));
    assert_eq!(holder.catch_up(&town, &person), 64);
    assert!(holder.admits(&town, beyond) && holder.admits(&town, at_the_edge));

    let far = unpresented(&town, &person, 200).await;
    let town = Town::on(town.remains.copy(), town.clock.clone()).unwrap();
    assert!(!holder.admits(&town, far));
    assert_eq!(holder.catch_up(&town, &person), 256, "also after a restart");
    assert!(holder.admits(&town, far));
    assert_eq!(holder.gates(&town).gates.len(), 0);

    let reader = town.ledger.reader();
    let code = person.code(town.pharmacy.id());
    let whole = TreeSize::new(0);
    let of_another = reader.gates(town.hospital.id(), code, None, whole).unwrap();
    assert_eq!(of_another, Err(NoGates::NotItsLink));
    let size = reader.head().head.size;
    let ahead = reader.gates(town.pharmacy.id(), code, None, size.plus(1));
    assert_eq!(ahead.unwrap(), Err(NoGates::Ahead { size }));
    let (newer, _) = town.link(&town.pharmacy, &person).await;
    let replaced = reader.gates(town.pharmacy.id(), code, None, whole).unwrap();
    assert_eq!(replaced, Err(NoGates::NotItsLink));
    let begun = reader.gates(town.pharmacy.id(), &newer, None, whole);
    assert!(begun.unwrap().unwrap().gates.is_empty());
}

//! A ledger that stood still for more than a week goes on by a record of its supervisors, who vouch
//! for the clock; by nothing less, at no other stand of the log, and never back in time.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{Actor, Person, SetClock, claims, commands};
use akashi_ledger::error::{ClockError, Stop};
use akashi_ledger::store::memory_store::CommitFault;
use akashi_ledger::{Done, Refusal};
use akashi_proof::clock::Clock;
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::limits::PAUSE_MILLIS_MAX;
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::consistency::TreeHead;
use serde_json::Value;
use support::Town;

type Carried = Result<Done<LeafIndex>, Refusal>;

const DAY: u64 = 86_400_000;

/// A town whose ledger was shut for so long and is opened again: the same files, and the same
/// people.
struct Shut {
    town: Town,
    person: Person,
    last: Timestamp,
}

impl Shut {
    async fn of_millis(millis: u64) -> Self {
        let town = Town::new().await;
        // The registry's last record is some seconds older.
        town.clock.pass(Duration::from_secs(10));
        let person = town.person().await;
        let last = town.clock.wall();
        town.clock.pass(Duration::from_millis(millis));
        let town = Town::on(town.remains.copy(), town.clock.clone()).unwrap();
        Self { town, person, last }
    }

    async fn of_eight_days() -> Self {
        Self::of_millis(8 * DAY).await
    }

    fn head(&self) -> TreeHead {
        let head = self.town.ledger.reader().head().head;
        TreeHead {
            size: head.size,
            root: head.root,
        }
    }

    /// The honest act, as of now.
    fn act(&self) -> Value {
        claims::ledger_resumed(self.head(), self.last.as_millis() / 1_000)
    }

    async fn both(&self, act: &Value) -> Carried {
        commands::act_by_supervisors(&self.town.ledger, &self.town.cast, act).await
    }

    async fn carried(&self, statements: impl IntoIterator<Item = Jws>) -> Carried {
        commands::carry_out(&self.town.ledger, statements, None).await
    }

    async fn records(&self) -> bool {
        let asked = self.town.access_statement(&self.person);
        self.town.ask(asked).await.is_ok()
    }

    /// It stands still, saying both times, and nothing else was recorded.
    #[track_caller]
    fn stands_still(&self, head: TreeHead) {
        let stopped = self.town.ledger.reader().stopped();
        let wall = self.town.clock.wall();
        let Some(Stop::Clock(ClockError::Ahead { wall: said, last })) = stopped.as_deref() else {
            panic!("{stopped:?}");
        };
        assert_eq!(*last, self.last);
        assert!(wall.as_millis() - said.as_millis() < 5_000);
        assert_eq!(self.head(), head);
    }
}

#[track_caller]
fn assert_refused(carried: Carried, code: FaultCode, field: &str) {
    match carried {
        Err(Refusal::Fault(fault)) => {
            assert_eq!((fault.code, fault.field.as_str()), (code, field), "{fault}");
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("carried out"),
    }
}

#[tokio::test]
async fn after_eight_days_it_goes_on_by_the_word_of_its_supervisors() {
    let shut = Shut::of_eight_days().await;
    let head = shut.head();
    shut.stands_still(head);
    assert!(!shut.records().await);
    // Both clocks run together, for however long: no machine can tell.
    for _ in 0..3 {
        shut.town.clock.pass(Duration::from_secs(60));
        assert!(!shut.records().await);
    }
    let institution = shut.town.hospital.id();
    let suspends = shut.both(&claims::suspended(institution)).await;
    assert!(
        matches!(suspends, Err(Refusal::Clock(ClockError::Ahead { .. }))),
        "the supervisors too do one thing only: {suspends:?}"
    );
    let statements = shut.town.cast.by_supervisors(&shut.act());
    let done = shut.carried(statements.clone()).await.unwrap();
    let record = &done.appended.first().unwrap().stored.record;
    assert_eq!(record.time, shut.town.clock.wall());
    assert_eq!(done.receipt, head.size.next_index());
    assert!(shut.town.ledger.reader().stopped().is_none());
    assert_eq!(shut.town.ledger.now().unwrap(), record.time);
    assert!(shut.records().await);
    let again = shut.carried(statements.clone()).await.unwrap();
    assert!(again.is_repeat() && again.receipt == done.receipt);

    let registry = shut.town.ledger.reader().registry();
    let resumptions = registry.resumptions();
    assert_eq!(resumptions.len(), 1);
    for one in resumptions {
        assert_eq!((one.head, one.resumed_at), (head, record.time));
        assert_eq!(one.last_record_at, shut.last.whole_second());
    }

    // Killed, it opens as any other.
    let killed = Town::on(shut.town.remains.copy(), shut.town.clock.clone()).unwrap();
    assert!(killed.ledger.reader().stopped().is_none());
    assert_eq!(killed.ledger.reader().registry().resumptions(), resumptions);
    let again = commands::carry_out(&killed.ledger, statements, None).await;
    assert!(again.unwrap().is_repeat());
}

#[tokio::test]
async fn a_week_is_no_standstill_and_one_millisecond_more_is() {
    let week = Shut::of_millis(PAUSE_MILLIS_MAX).await;
    assert!(week.town.ledger.reader().stopped().is_none());
    // To the second, as statements have it, the week is over.
    week.town.clock.pass(Duration::from_secs(1));
    assert_refused(week.both(&week.act()).await, FaultCode::Conflict, "act");
    assert!(week.records().await);
    let more = Shut::of_millis(PAUSE_MILLIS_MAX + 1).await;
    more.stands_still(more.head());
}

#[tokio::test]
async fn nobody_but_two_of_its_supervisors_lets_it_go_on() {
    let shut = Shut::of_eight_days().await;
    let (head, act) = (shut.head(), shut.act());
    let [north, south] = &shut.town.supervisors;
    let signs = |who: &Actor, act: &Value| who.sign(Type::Act, act.clone());
    let (one, two) = (signs(north, &act), signs(south, &act));
    let hospital = &shut.town.hospital;
    let mut other_reason = act.clone();
    other_reason["reason"] = "a holiday".into();
    let not_authorised = FaultCode::NotAuthorised;
    for (statements, field) in [
        (vec![one.clone()], "body"),
        (vec![one.clone(), signs(north, &act)], "iss"),
        (vec![one.clone(), signs(hospital, &act)], "act"),
        (
            vec![signs(hospital, &act), signs(&shut.town.pharmacy, &act)],
            "act",
        ),
        (vec![one, signs(south, &other_reason)], "act"),
    ] {
        let refused = shut.carried(statements).await;
        assert_refused(refused, not_authorised, field);
        shut.stands_still(head);
    }
    // Whose clock is another, vouches for none.
    let [now, later] = [0, 301].map(|more| shut.town.clock.seconds() + more);
    for (iat, other) in [(now, later), (later, now), (later, later)] {
        let at = |who: &Actor, iat: u64| {
            let mut claims = act.clone();
            claims["iat"] = iat.into();
            who.sign(Type::Act, claims)
        };
        let refused = shut.carried([at(north, iat), at(south, other)]).await;
        assert_refused(refused, FaultCode::NotFresh, "iat");
        shut.stands_still(head);
    }
    assert!(shut.carried([signs(north, &act), two]).await.is_ok());
}

#[tokio::test]
async fn it_goes_on_at_the_very_stand_that_was_signed() {
    let shut = Shut::of_eight_days().await;
    let (head, seconds) = (shut.head(), shut.last.as_millis() / 1_000);
    let other = |size: u64, root: Hash| {
        let size = head.size.minus(head.size.value()).plus(size);
        TreeHead { size, root }
    };
    let size = head.size.value();
    let root_of = Hash::from_bytes([7; 32]);
    for (head, seconds, field) in [
        (other(size - 1, head.root), seconds, "size"),
        (other(size + 1, head.root), seconds, "size"),
        (other(size, root_of), seconds, "root"),
        (head, seconds - 1, "last_record_at"),
        (head, seconds + 1, "last_record_at"),
    ] {
        let refused = shut.both(&claims::ledger_resumed(head, seconds)).await;
        assert_refused(refused, FaultCode::Conflict, field);
    }
    shut.stands_still(head);

    // Signed twice, for one stand: by the second pair nothing can be resumed later.
    let first = shut.town.cast.by_supervisors(&shut.act());
    let second = shut.town.cast.by_supervisors(&shut.act());
    assert!(shut.carried(first).await.is_ok());
    assert_refused(
        shut.carried(second.clone()).await,
        FaultCode::Conflict,
        "act",
    );
    shut.town.clock.pass(Duration::from_millis(8 * DAY));
    let town = Town::on(shut.town.remains.copy(), shut.town.clock.clone()).unwrap();
    assert!(town.ledger.reader().stopped().is_some(), "eight days later");
    let old = commands::carry_out(&town.ledger, second, None).await;
    assert_refused(old, FaultCode::NotFresh, "iat");
}

/// An older copy of everything, on which the ledger has gone on since: what was signed of the one
/// is worth nothing at the other, within the five minutes it is fresh.
#[tokio::test]
async fn what_was_signed_of_an_older_copy_is_worth_nothing_at_the_newer() {
    let older = Shut::of_eight_days().await;
    let newer = Town::on(older.town.remains.copy(), SetClock::at(older.last)).unwrap();
    commands::enrol(&newer.ledger).await;
    let newer = Town::on(newer.remains.copy(), older.town.clock.clone()).unwrap();
    assert!(newer.ledger.reader().stopped().is_some());
    let statements = older.town.cast.by_supervisors(&older.act());
    let refused = commands::carry_out(&newer.ledger, statements.clone(), None).await;
    assert_refused(refused, FaultCode::Conflict, "size");
    assert!(older.carried(statements).await.is_ok());
}

/// No time falls: nobody can vouch for a clock before the last record.
#[tokio::test]
async fn a_clock_before_the_last_record_is_mended_and_not_vouched_for() {
    let town = Town::new().await;
    let last = town.clock.wall();
    let clock = SetClock::at(last.minus_millis(1_000));
    let town = Town::on(town.remains.copy(), Arc::clone(&clock)).unwrap();
    let head = town.ledger.reader().head().head;
    let stand = TreeHead {
        size: head.size,
        root: head.root,
    };
    for seconds in [last, clock.wall(), last.minus_millis(9 * DAY)] {
        let act = claims::ledger_resumed(stand, seconds.as_millis() / 1_000);
        let refused = commands::act_by_supervisors(&town.ledger, &town.cast, &act).await;
        assert!(
            matches!(refused, Err(Refusal::Clock(ClockError::Behind { .. }))),
            "{refused:?}"
        );
    }
    clock.pass(Duration::from_secs(61));
    commands::enrol(&town.ledger).await;
}

/// While it runs somebody sets the clock nine days ahead: it can be vouched for once both clocks
/// run together, as after a start.
#[tokio::test]
async fn a_clock_set_under_a_running_ledger_is_vouched_for_once_it_runs() {
    let town = Town::new().await;
    let last = town.clock.wall();
    town.clock.set_apart(9 * DAY as i64);
    let head = town.ledger.reader().head().head;
    let stand = TreeHead {
        size: head.size,
        root: head.root,
    };
    let act = claims::ledger_resumed(stand, last.as_millis() / 1_000);
    let both = async || commands::act_by_supervisors(&town.ledger, &town.cast, &act).await;
    let refused = both().await;
    assert!(
        matches!(refused, Err(Refusal::Clock(ClockError::Parted { .. }))),
        "{refused:?}"
    );
    town.clock.pass(Duration::from_secs(1));
    let done = both().await.unwrap();
    let record = &done.appended.first().unwrap().stored.record;
    assert_eq!(record.time, town.clock.wall());
    // Set back, its time would fall.
    town.clock.set_apart(-9 * DAY as i64);
    for _ in 0..2 {
        town.clock.pass(Duration::from_secs(61));
        let enrolled = town.ledger.submit(commands::enrolment().0).await;
        assert!(matches!(enrolled, Err(Refusal::Clock(_))), "{enrolled:?}");
    }
}

/// The write fails, before or after the record is in the log: either way the ledger goes on, by
/// that record or by the next, and has one.
#[tokio::test]
async fn a_failed_write_leaves_one_resumption() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        let shut = Shut::of_eight_days().await;
        let statements = shut.town.cast.by_supervisors(&shut.act());
        shut.town.remains.store.fail_commit(0, fault);
        let broken = shut.carried(statements.clone()).await;
        assert!(matches!(broken, Err(Refusal::Poisoned(_))), "{broken:?}");
        let is_kept = !matches!(fault, CommitFault::Lost);
        if is_kept {
            // It is in the log, so the clock can be believed: once it has run for a minute.
            shut.town.clock.pass(Duration::from_secs(61));
        }
        let again = shut.carried(statements).await.unwrap();
        assert_eq!(again.is_repeat(), is_kept);
        assert!(shut.records().await);
        let registry = shut.town.ledger.reader().registry();
        assert_eq!(registry.resumptions().len(), 1);
        assert!(shut.town.open_again().unwrap().reader().stopped().is_none());
    }
}

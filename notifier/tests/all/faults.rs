//! Every commit fails twice: lost, and kept but reported lost. Each message is recorded once all
//! the same.

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{Remains, claims, particulars, until_so};
use akashi_ledger::store::memory_store::{CommitFault, ReadFault};
use akashi_ledger::store::{Store, Table};
use akashi_notifier::{MessageId, Report, Said};
use akashi_proof::ids::InstitutionId;
use akashi_proof::particulars::{Email, Particulars};
use akashi_proof::record::kind::{Arrival, Event};

use crate::support::gateway::Mood;
use crate::support::mail::Trouble;
use crate::support::{Citizen, Process, SPARE, Town, idle, picked};

/// More commits than an alert with its two messages takes.
const COMMITS: u64 = 5;

/// A town with everything told, on a store whose `nth` commit from here on fails; 0 is that of the
/// next access.
struct Faulty {
    town: Town,
    process: Process,
    citizen: Citizen,
    /// Its guard's folder goes with it.
    remains: Remains,
}

impl Faulty {
    async fn new(nth: u64, fault: CommitFault) -> Self {
        let all = Self::whole().await;
        all.remains.store.fail_commit(nth, fault);
        all
    }

    /// The same, of whose commits none fails yet.
    async fn whole() -> Self {
        Self::of(Town::new().await).await
    }

    async fn of(town: Town) -> Self {
        let (ledger, remains) = town.open_in_memory();
        let contacts = Arc::new(town.open_contacts(&ledger));
        let citizen = town.settled_citizen(&ledger, &contacts).await;
        let process = town.notify(ledger, contacts);
        idle(&process).await;
        Self {
            town,
            remains,
            process,
            citizen,
        }
    }
}

#[tokio::test]
async fn alerts_and_deliveries_are_recorded_once_whatever_commit_fails() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        for nth in 1..=COMMITS {
            let Faulty {
                town,
                process,
                citizen,
                remains: _kept,
            } = Faulty::new(nth, fault).await;
            town.out_of_purpose(&process.ledger, &citizen).await;
            idle(&process).await;
            let count = |pick: fn(&Event) -> bool| {
                picked(&process.ledger, &citizen, |event| {
                    pick(&event).then_some(())
                })
                .len()
            };
            let alerts = count(|event| matches!(event, Event::AlertRaised(_)));
            let sent = count(|event| matches!(event, Event::NoticeSent(_)));
            let failed = count(|event| matches!(event, Event::NoticeFailed(_)));
            assert_eq!((alerts, sent, failed), (1, 2, 0), "{fault:?} {nth}");
            assert_eq!(
                (town.gateway.taken().len(), town.mail.taken().len()),
                (1, 1),
                "{fault:?} {nth}"
            );
            process.shutdown().await;
        }
    }
}

#[tokio::test]
async fn a_report_that_came_early_is_recorded_once_whatever_commit_fails() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        for nth in 1..=COMMITS + 3 {
            let mut town = Town::new().await;
            town.settings.sms_reports = true;
            town.settings.sms_reported_every = Duration::from_millis(20);
            town.gateway.gives_names();
            let Faulty {
                town,
                process,
                citizen,
                remains,
            } = Faulty::of(town).await;
            let report = Report {
                ids: vec![MessageId::of("gw-1").unwrap()],
                to: Vec::new(),
                said: Said::Ended(Arrival::Undelivered),
            };
            process.notifier.sms_reported(&report).await.unwrap();
            remains.store.fail_commit(nth, fault);
            town.drill_down(&process.ledger, &citizen).await;
            idle(&process).await;
            let reports = || {
                picked(&process.ledger, &citizen, |event| {
                    matches!(event, Event::NoticesReported(_)).then_some(())
                })
                .len()
            };
            until_so("it is recorded", || reports() > 0).await;
            idle(&process).await;
            assert_eq!(reports(), 1, "{fault:?} {nth}");
            process.shutdown().await;
        }
    }
}

#[tokio::test]
async fn what_is_counted_is_counted_once_whatever_commit_fails() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        for nth in 1..=COMMITS {
            let Faulty {
                town,
                process,
                citizen,
                remains,
            } = Faulty::whole().await;
            town.out_of_purpose(&process.ledger, &citizen).await;
            idle(&process).await;
            remains.store.fail_commit(nth, fault);
            town.out_of_purpose(&process.ledger, &citizen).await;
            idle(&process).await;
            town.clock.pass(Duration::from_secs(3_600));
            let counts = || {
                picked(&process.ledger, &citizen, |event| match event {
                    Event::AlertRaised(e) => Some(e.count),
                    _ => None,
                })
            };
            until_so("the second is told", || counts().len() == 2).await;
            assert_eq!(counts(), [1, 1], "{fault:?} {nth}");
            process.shutdown().await;
        }
    }
}

#[tokio::test]
async fn a_question_is_put_once_whatever_commit_fails() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        for nth in 1..=COMMITS {
            let Faulty {
                town,
                process,
                citizen,
                remains: _kept,
            } = Faulty::new(nth, fault).await;
            let access = town.drill_down(&process.ledger, &citizen).await;
            idle(&process).await;
            let person = process
                .ledger
                .reader()
                .person(&citizen.person.subject)
                .unwrap();
            assert_eq!(person.asks.len(), 1, "{fault:?} {nth}");
            assert_eq!(person.asks[0].access, access);
            let taken = town.gateway.taken();
            assert_eq!(taken.len(), 1, "{fault:?} {nth}");
            assert!(taken[0].text.contains(person.asks[0].reference.as_str()));
            process.shutdown().await;
        }
    }
}

/// Every row of an outbox with one of everything in it, each spoilt alone.
#[tokio::test]
async fn a_damaged_row_costs_what_it_says_and_neither_another_nor_the_start() {
    let mut town = Town::new().await;
    town.settings.sms_reports = true;
    let Faulty {
        town,
        process,
        citizen,
        remains,
    } = Faulty::of(town).await;
    // What arrived is gathered, one SMS waits for its report, an alert is counted.
    for category in ["care-level", "diagnosis"] {
        town.drill_down_at(&[category], &process.ledger, &citizen)
            .await;
        idle(&process).await;
    }
    town.out_of_purpose(&process.ledger, &citizen).await;
    idle(&process).await;
    let report = Report {
        ids: MessageId::of(&town.gateway.taken()[0].id)
            .into_iter()
            .collect(),
        to: Vec::new(),
        said: Said::Ended(Arrival::Delivered),
    };
    process.notifier.sms_reported(&report).await.unwrap();
    // Messages and a mail to bodies wait.
    town.gateway.set(Mood::Down);
    town.mail.set(Trouble::NotNow);
    town.emergency(&process.ledger, &citizen).await;
    town.out_of_purpose(&process.ledger, &citizen).await;
    let act = claims::supervisor_changed(
        &InstitutionId::parse(SPARE).unwrap(),
        &particulars("県弁護士会", "Bar Association"),
    );
    let moved = Particulars {
        email: Email::parse("moved@bar.example").unwrap(),
        ..particulars("県弁護士会", "Bar Association")
    };
    let act_moved = claims::supervisor_changed(&InstitutionId::parse(SPARE).unwrap(), &moved);
    town.by_supervisors(&process.ledger, &act).await;
    town.by_supervisors(&process.ledger, &act_moved).await;
    until_so("all wait", || {
        let backlog = process.notifier.backlog();
        backlog.unread() == 0 && backlog.waiting == 4 && town.mail.said_no() > 1
    })
    .await;
    process.shutdown().await;
    town.gateway.set(Mood::Up);
    town.mail.set(Trouble::None);
    town.clock.pass(Duration::from_secs(1));

    let rows = remains
        .store
        .scan(Table::Outbox, &[]..&[u8::MAX], usize::MAX);
    let keys: Vec<Vec<u8>> = rows.unwrap().into_iter().map(|(key, _)| key).collect();
    let mut kinds: Vec<u8> = keys.iter().filter_map(|key| key.first().copied()).collect();
    kinds.dedup();
    assert_eq!(
        String::from_utf8_lossy(&kinds),
        "cdknrstuvwxy",
        "one of everything"
    );
    for key in keys {
        let spoilt = String::from_utf8_lossy(&key[..1]).into_owned();
        let copy = remains.copy();
        copy.store
            .spoil(Table::Outbox, &key, ReadFault::FlippedBit(77));
        let before = town.gateway.taken().len() + town.mail.taken().len();
        let ledger = copy.open(town.clock.clone()).unwrap();
        let contacts = Arc::new(town.open_contacts(&ledger));
        let process = town.notify(ledger, contacts);
        let told = || town.gateway.taken().len() + town.mail.taken().len() - before;
        // Four messages and a mail, less the one that is lost.
        let lost = usize::from(["k", "n"].contains(&spoilt.as_str()));
        until_so("the others are told", || told() == 5 - lost).await;
        idle(&process).await;
        let counted = usize::try_from(process.notifier.backlog().lost_rows).unwrap();
        assert!(counted >= lost, "{spoilt}");
        // And what happens from here on.
        town.emergency(&process.ledger, &citizen).await;
        until_so("she is told", || told() == 7 - lost).await;
        process.shutdown().await;
    }
}

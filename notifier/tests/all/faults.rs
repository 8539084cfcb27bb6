//! Every commit fails twice: lost, and kept but reported lost. Each message is recorded once all
//! the same.

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{Remains, until_so};
use akashi_ledger::store::memory_store::CommitFault;
use akashi_notifier::{MessageId, Report, Said};
use akashi_proof::record::kind::{Arrival, Event};

use crate::support::{Citizen, Process, Town, idle, picked};

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

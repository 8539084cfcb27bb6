//! A wall clock that somebody sets while messages, questions and records wait: nothing is given up,
//! passed over or ended by a time that the writer does not believe.

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::until_so;
use akashi_ledger::Refusal;
use akashi_ledger::command::ChangeOutbox;
use akashi_notifier::ReplyError;
use akashi_proof::record::kind::{Event, Template};

use crate::support::gateway::Mood;
use crate::support::mail::Trouble;
use crate::support::{Citizen, Process, Town, idle, picked};

const DAY: i64 = 86_400_000;

/// What became of her messages and questions: handed over, given up, ended.
#[derive(Debug, PartialEq, Eq)]
struct Became {
    sent: Vec<Template>,
    failed: usize,
    ended: usize,
}

fn became(process: &Process, citizen: &Citizen) -> Became {
    let count = |is: fn(&Event) -> bool| {
        picked(&process.ledger, citizen, |event| is(&event).then_some(())).len()
    };
    Became {
        sent: picked(&process.ledger, citizen, |event| match event {
            Event::NoticeSent(e) => Some(e.template),
            _ => None,
        }),
        failed: count(|event| matches!(event, Event::NoticeFailed(_))),
        ended: count(|event| matches!(event, Event::ApprovalExpired(_))),
    }
}

const NOTHING: Became = Became {
    sent: Vec::new(),
    failed: 0,
    ended: 0,
};

/// Sets the wall clock, and lets everything that runs by it see that.
async fn is_set(town: &Town, process: &Process, millis: i64) {
    town.clock.set_apart(millis);
    let changes = Vec::new();
    let looked = process.ledger.submit(ChangeOutbox { changes }).await;
    assert!(matches!(looked, Err(Refusal::Clock(_))), "{looked:?}");
    let gives_up = until_so("it is given up", || process.notifier.backlog().waiting == 0);
    let waited = tokio::time::timeout(Duration::from_millis(400), gives_up).await;
    assert!(waited.is_err(), "what waits was given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_ahead_for_a_moment_gives_up_no_message_and_ends_no_question() {
    for days in [1, 2, 7, 400] {
        let town = Town::new().await;
        let citizen = town.with_citizen().await;
        let process = town.start();
        idle(&process).await;
        town.gateway.set(Mood::Down);
        town.mail.set(Trouble::NotNow);
        town.drill_down(&process.ledger, &citizen).await;
        town.emergency(&process.ledger, &citizen).await;
        until_so("three wait", || process.notifier.backlog().waiting == 3).await;

        is_set(&town, &process, days * DAY).await;
        assert_eq!(became(&process, &citizen), NOTHING, "{days} days");
        let reply = process.notifier.inbound_sms(&citizen.phone, "いいえ").await;
        assert!(matches!(reply, Err(ReplyError::Refused(Refusal::Clock(_)))));
        // Gateways are well again, and still nobody knows what time it is.
        town.gateway.set(Mood::Up);
        town.mail.set(Trouble::None);

        town.clock.set_apart(-days * DAY);
        idle(&process).await;
        let mut told = became(&process, &citizen);
        told.sent.sort_by_key(|template| template.as_str());
        let (warning, question) = (Template::EmergencyAccess, Template::ApprovalRequest);
        let all = vec![question, warning, warning];
        let all = Became {
            sent: all,
            ..NOTHING
        };
        assert_eq!(told, all, "{days} days");
        assert_eq!(process.notifier.backlog().failed, 0);
        // The question ends when it said it would, not when the wrong clock would have it.
        town.clock.pass(Duration::from_secs(86_400));
        until_so("it ended", || became(&process, &citizen).ended == 1).await;
        process.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_only_look_old_are_passed_by_no_cursor() {
    for days in [1, 7, 400] {
        let town = Town::new().await;
        let citizen = town.with_citizen().await;
        let ledger = town.open();
        let contacts = Arc::new(town.open_contacts(&ledger));
        town.emergency(&ledger, &citizen).await;
        town.drill_down(&ledger, &citizen).await;
        town.clock.set_apart(days * DAY);
        let process = town.notify(ledger, contacts);
        let all_read = until_so("all is read", || process.notifier.backlog().unread() == 0);
        let waited = tokio::time::timeout(Duration::from_millis(400), all_read).await;
        assert!(waited.is_err(), "read under a clock of {days} days ahead");
        assert!(town.gateway.taken().is_empty() && town.mail.taken().is_empty());

        town.clock.set_apart(-days * DAY);
        idle(&process).await;
        let told = became(&process, &citizen);
        assert_eq!((told.sent.len(), told.failed, told.ended), (3, 0, 0));
        process.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_starts_in_another_year_gives_up_nothing_that_waits() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    town.gateway.set(Mood::Down);
    town.mail.set(Trouble::NotNow);
    let process = town.start();
    town.emergency(&process.ledger, &citizen).await;
    until_so("both wait", || process.notifier.backlog().waiting == 2).await;
    process.shutdown().await;

    town.gateway.set(Mood::Up);
    town.mail.set(Trouble::None);
    town.clock.set_apart(400 * DAY);
    let process = town.start();
    until_so("both are loaded", || {
        process.notifier.backlog().waiting == 2
    })
    .await;
    is_set(&town, &process, 0).await;
    assert_eq!(became(&process, &citizen), NOTHING);
    town.clock.set_apart(-400 * DAY);
    // The writer believes a clock that was never right before after a minute of running well.
    town.clock.pass(Duration::from_secs(1));
    until_so("it is seen", || {
        town.clock.pass(Duration::from_secs(60));
        became(&process, &citizen).sent.len() == 2
    })
    .await;
    assert_eq!(became(&process, &citizen).failed, 0);
    process.shutdown().await;
}

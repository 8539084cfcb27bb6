//! Budgets of messages: what a restart, or a clock that is set, gives nobody anew.

use std::time::Duration;

use akashi_actors::until_so;
use akashi_ledger::Refusal;
use akashi_ledger::command::ChangeOutbox;
use akashi_notifier::{ReplyError, ReplyOutcome};

use crate::support::{Citizen, Process, Town, idle};

async fn forged_reply(process: &Process, citizen: &Citizen) -> ReplyOutcome {
    let taken = process.notifier.inbound_sms(&citizen.phone, "いいえ");
    taken.await.unwrap()
}

fn texts(town: &Town) -> Vec<String> {
    let taken = town.gateway.taken().into_iter();
    taken.map(|sms| sms.text).collect()
}

#[tokio::test]
async fn so_many_warnings_ring_in_an_hour_also_across_a_restart() {
    let mut town = Town::new().await;
    town.settings.budgets.warnings_of_one_kind.most = 3;
    let citizen = town.with_citizen().await;
    let process = town.start();
    for _ in 0..2 {
        town.emergency(&process.ledger, &citizen).await;
        idle(&process).await;
    }
    assert_eq!(texts(&town).len(), 2);
    process.shutdown().await;

    let process = town.start();
    town.emergency(&process.ledger, &citizen).await;
    idle(&process).await;
    assert!(texts(&town)[2].contains("緊急を宣言し"), "N");
    for _ in 0..3 {
        town.emergency(&process.ledger, &citizen).await;
        idle(&process).await;
    }
    let told = texts(&town);
    assert_eq!(
        told.len(),
        4,
        "N + 1: one that says there is more: {told:?}"
    );
    assert!(told[3].contains("ほかにもお知らせ"), "{told:?}");
    // Something else, by the same institution, has room of its own.
    town.out_of_purpose(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(texts(&town).len(), 5);

    town.clock.pass(Duration::from_secs(3_600));
    town.emergency(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(texts(&town).len(), 6, "an hour later");
    process.shutdown().await;
}

#[tokio::test]
async fn replies_are_answered_twice_in_ten_minutes_also_across_a_restart() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    for _ in 0..2 {
        forged_reply(&process, &citizen).await;
    }
    idle(&process).await;
    process.shutdown().await;
    let process = town.start();
    for _ in 0..5 {
        forged_reply(&process, &citizen).await;
    }
    idle(&process).await;
    assert_eq!(texts(&town).len(), 2);
    town.clock.pass(Duration::from_secs(600));
    forged_reply(&process, &citizen).await;
    until_so("ten minutes later", || texts(&town).len() == 3).await;
    process.shutdown().await;
}

#[tokio::test]
async fn a_wall_clock_that_is_set_gives_no_budget_back() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    for _ in 0..2 {
        forged_reply(&process, &citizen).await;
    }
    idle(&process).await;
    town.clock.set_apart(3_600_000);
    let reply = process.notifier.inbound_sms(&citizen.phone, "いいえ").await;
    assert!(matches!(reply, Err(ReplyError::Refused(Refusal::Clock(_)))));
    // The writer believes the clock again after a minute.
    for believed in [false, true] {
        let changes = Vec::new();
        let looked = process.ledger.submit(ChangeOutbox { changes }).await;
        assert_eq!(looked.is_ok(), believed, "{looked:?}");
        town.clock.pass(Duration::from_secs(60));
    }
    forged_reply(&process, &citizen).await;
    idle(&process).await;
    assert_eq!(texts(&town).len(), 2);
    process.shutdown().await;
}

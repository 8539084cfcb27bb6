//! What institutions and supervisors are told of what is done to their keys.

use std::collections::BTreeSet;
use std::time::Duration;

use akashi_actors::{claims, commands, named, particulars, seeded, until_so};
use akashi_notifier::BodyFigures;
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::Type;
use akashi_proof::particulars::{Email, Particulars};
use serde_json::Value;

use crate::support::mail::{Mail, Trouble};
use crate::support::{Process, SPARE, Town};

const DAY: Duration = Duration::from_secs(86_400);
const HOSPITAL: &str = "hospital.chuo";

/// The hospital's address before anything happens.
const FIRST: &str = "keys@chuo.example";

fn id(text: &str) -> InstitutionId {
    InstitutionId::parse(text).unwrap()
}

fn at(email: &str) -> Particulars {
    Particulars {
        email: Email::parse(email).unwrap(),
        ..particulars("中央病院", "Chuo Hospital")
    }
}

/// A town whose hospital and three supervisors each have an address of their own.
async fn town() -> (Town, Process) {
    let town = Town::new().await;
    let process = town.start();
    town.settle(&process.ledger).await;
    for name in ["supervisor.north", "supervisor.south", SPARE] {
        let act = claims::supervisor_changed(&id(name), &at(&format!("{name}@watch.example")));
        town.by_supervisors(&process.ledger, &act).await;
    }
    move_hospital(&town, &process, FIRST).await;
    // Each old address hears that it is one no longer.
    until_told(&town, &process, 4).await;
    town.clock.pass(40 * DAY);
    (town, process)
}

async fn move_hospital(town: &Town, process: &Process, email: &str) {
    let act = claims::changed(&id(HOSPITAL), &at(email));
    town.by_supervisors(&process.ledger, &act).await;
}

/// The mails there are once so many rows were dealt with and the log is read.
async fn until_told(town: &Town, process: &Process, dealt_with: u64) -> Vec<Mail> {
    until_so("told", || {
        let BodyFigures {
            sent,
            void,
            failed,
            left_out: _,
        } = process.notifier.body_figures();
        let backlog = process.notifier.backlog();
        backlog.unread() == 0 && sent + void + failed == dealt_with
    })
    .await;
    town.mail.taken()
}

/// Whom the mails after the first so many went to, in the order of the alphabet.
fn after(mails: &[Mail], first: usize) -> Vec<&str> {
    let mut to: Vec<&str> = mails[first..].iter().map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    to
}

async fn signed_by(town: &Town, process: &Process, by: &[&str], act: &Value) {
    let statements = by
        .iter()
        .map(|name| town.actor(name).sign(Type::Act, act.clone()));
    commands::carry_out(&process.ledger, statements, None)
        .await
        .unwrap();
}

fn figures(process: &Process) -> (u64, u64, u64) {
    let figures = process.notifier.body_figures();
    (figures.sent, figures.void, figures.failed)
}

#[tokio::test]
async fn an_institution_hears_of_a_reset_at_once_and_a_day_before_also_across_a_restart() {
    let (town, process) = town().await;
    let new = seeded(HOSPITAL, 9);
    town.by_supervisors(&process.ledger, &claims::keys_reset(&id(HOSPITAL), &new))
        .await;
    let mails = until_told(&town, &process, 5).await;
    assert_eq!(after(&mails, 4), [FIRST]);
    let said = &mails[4].body;
    for part in [
        "中央病院（hospital.chuo）のすべての鍵を、1つの新しい鍵に替えます",
        "all the keys of Chuo Hospital (hospital.chuo)",
        new.kid().as_str(),
        "akashi institution object --url https://portal.example.jp --kid",
        "055-000-1234",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    process.shutdown().await;

    // Killed and started before and after the reminder is due: it comes once.
    town.clock.pass(2 * DAY - Duration::from_secs(60));
    let process = town.start();
    assert!(until_told(&town, &process, 0).await.len() == 5, "not due");
    town.clock.pass(Duration::from_secs(60));
    let mails = until_told(&town, &process, 1).await;
    assert_eq!(after(&mails, 5), [FIRST]);
    assert!(
        mails[5].body.contains("2回目のお知らせ"),
        "{}",
        mails[5].body
    );
    process.shutdown().await;
    let process = town.start();
    town.clock.pass(2 * DAY);
    assert_eq!(until_told(&town, &process, 0).await.len(), 6);
    process.shutdown().await;
}

#[tokio::test]
async fn after_an_objection_nothing_is_announced_and_who_must_act_hears_of_it() {
    let (town, process) = town().await;
    let reset = claims::keys_reset(&id(HOSPITAL), &seeded(HOSPITAL, 9));
    town.by_supervisors(&process.ledger, &reset).await;
    until_told(&town, &process, 5).await;
    let objected = claims::reset_objected(&seeded(HOSPITAL, 9));
    commands::act(&process.ledger, &town.hospital, objected)
        .await
        .unwrap();
    let mails = until_told(&town, &process, 9).await;
    assert_eq!(
        after(&mails, 5),
        [
            FIRST,
            "supervisor.north@watch.example",
            "supervisor.south@watch.example",
            "supervisor.west@watch.example",
        ]
    );
    town.clock.pass(2 * DAY);
    assert_eq!(until_told(&town, &process, 10).await.len(), 9, "void");
    assert_eq!(figures(&process), (9, 1, 0));

    // Signed again by one more: the moment is the same, and is announced again.
    signed_by(
        &town,
        &process,
        &["supervisor.north", "supervisor.south", SPARE],
        &reset,
    )
    .await;
    let mails = until_told(&town, &process, 11).await;
    assert_eq!(after(&mails, 9), [FIRST]);
    process.shutdown().await;
}

#[tokio::test]
async fn two_resets_that_announce_one_moment_remind_of_it_once() {
    let (town, process) = town().await;
    let reset = claims::keys_reset(&id(HOSPITAL), &seeded(HOSPITAL, 9));
    town.by_supervisors(&process.ledger, &reset).await;
    let objected = claims::reset_objected(&seeded(HOSPITAL, 9));
    commands::act(&process.ledger, &town.hospital, objected)
        .await
        .unwrap();
    let all = ["supervisor.north", "supervisor.south", SPARE];
    town.clock.pass(Duration::from_secs(60));
    signed_by(&town, &process, &all, &reset).await;
    // At once twice, and the objection to four, unless it was over before it was told.
    until_told(&town, &process, 4 + 2 + 4).await;
    let before = town.mail.taken().len();
    town.clock.pass(2 * DAY);
    let mails = until_told(&town, &process, 11).await;
    assert_eq!(after(&mails, before), [FIRST]);
    town.clock.pass(2 * DAY);
    assert_eq!(until_told(&town, &process, 11).await.len(), before + 1);
    process.shutdown().await;
}

#[tokio::test]
async fn whoever_changes_the_address_first_hides_nothing() {
    let (town, process) = town().await;
    move_hospital(&town, &process, "thief@evil.example").await;
    let mails = until_told(&town, &process, 5).await;
    assert_eq!(after(&mails, 4), [FIRST], "the old one hears of the change");
    assert!(
        mails[4].body.contains("これまでのアドレス"),
        "{}",
        mails[4].body
    );
    town.clock.pass(29 * DAY);
    let reset = claims::keys_reset(&id(HOSPITAL), &seeded(HOSPITAL, 9));
    town.by_supervisors(&process.ledger, &reset).await;
    let mails = until_told(&town, &process, 7).await;
    assert_eq!(after(&mails, 5), [FIRST, "thief@evil.example"]);
    // Another number is no other address.
    let act = claims::changed(
        &id(HOSPITAL),
        &Particulars {
            web: None,
            ..at("thief@evil.example")
        },
    );
    town.by_supervisors(&process.ledger, &act).await;
    town.clock.pass(2 * DAY);
    let mails = until_told(&town, &process, 9).await;
    assert_eq!(after(&mails, 7), [FIRST, "thief@evil.example"], "reminded");
    process.shutdown().await;
}

#[tokio::test]
async fn supervisors_hear_that_one_of_them_was_replaced_and_so_does_the_one() {
    let (town, process) = town().await;
    let act = claims::supervisor_replaced(&id(SPARE), &named("supervisor.east"));
    town.by_supervisors(&process.ledger, &act).await;
    let mails = until_told(&town, &process, 8).await;
    assert_eq!(
        after(&mails, 4),
        [
            "keys@body.example",
            "supervisor.north@watch.example",
            "supervisor.south@watch.example",
            "supervisor.west@watch.example",
        ]
    );
    let ids: BTreeSet<bool> = mails[4..]
        .iter()
        .map(|mail| mail.body.contains("supervisor.west"))
        .collect();
    assert_eq!(ids, [true].into());
    process.shutdown().await;
}

#[tokio::test]
async fn a_mail_server_that_is_down_is_tried_again_and_a_reset_in_force_is_told_as_that() {
    let (town, process) = town().await;
    town.mail.set(Trouble::NotNow);
    let reset = claims::keys_reset(&id(HOSPITAL), &seeded(HOSPITAL, 9));
    town.by_supervisors(&process.ledger, &reset).await;
    until_so("tried", || town.mail.said_no() > 0).await;
    process.shutdown().await;
    let process = town.start();
    town.mail.set(Trouble::None);
    town.clock.pass(Duration::from_secs(3_600));
    assert_eq!(after(&until_told(&town, &process, 1).await, 4), [FIRST]);
    process.shutdown().await;

    // The server stands still until all is over: what holds then is said.
    let process = town.start();
    let again = claims::keys_reset(&id(HOSPITAL), &seeded(HOSPITAL, 8));
    town.mail.set(Trouble::NotNow);
    town.by_supervisors(&process.ledger, &again).await;
    until_so("tried", || town.mail.said_no() > 0).await;
    process.shutdown().await;
    town.clock.pass(4 * DAY);
    town.mail.set(Trouble::None);
    let process = town.start();
    // The reminder of the second reset is late, that of the first was for another key.
    let mails = until_told(&town, &process, 3).await;
    assert_eq!(after(&mails, 5), [FIRST]);
    let said = &mails[5].body;
    assert!(said.contains("から、新しい鍵だけが有効です"), "{said}");
    assert_eq!(figures(&process), (1, 2, 0));
    process.shutdown().await;
}

#[tokio::test]
async fn what_no_mail_server_takes_is_given_up_when_its_time_is_over_and_counted() {
    let (town, process) = town().await;
    town.mail.set(Trouble::NotNow);
    let reset = claims::keys_reset(&id(HOSPITAL), &seeded(HOSPITAL, 9));
    town.by_supervisors(&process.ledger, &reset).await;
    until_so("tried", || town.mail.said_no() > 0).await;
    town.clock.pass(3 * DAY);
    until_so("given up", || figures(&process).2 == 1).await;
    town.mail.set(Trouble::NoMailbox);
    let act = claims::changed(&id(HOSPITAL), &at("keys@new.example"));
    town.by_supervisors(&process.ledger, &act).await;
    until_so("refused for good", || figures(&process).2 == 2).await;
    process.shutdown().await;
}

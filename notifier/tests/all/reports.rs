//! What gateways say became of an SMS: it is recorded, told where it did not arrive, and nothing
//! but a state of an SMS of ours.

use std::time::Duration;

use akashi_actors::until_so;
use akashi_ledger::Refusal;
use akashi_ledger::command::{ChangeOutbox, RecordReports};
use akashi_notifier::{Address, CodeUse, MessageId, Phone, Report, ReportFigures, Said};
use akashi_proof::ids::LeafIndex;
use akashi_proof::limits::REPORTED_AT_ONCE_MAX;
use akashi_proof::record::kind::{Arrival, Channel, Event, Language, NoticesReported, Template};
use akashi_proof::record::value::Set;

use crate::support::{ASKER, Citizen, Process, Town, history, idle, picked};

/// A town whose gateway posts reports, and somebody in it.
async fn town() -> (Town, Citizen) {
    let mut town = Town::new().await;
    town.settings.sms_reports = true;
    let citizen = town.with_citizen().await;
    (town, citizen)
}

async fn report(process: &Process, id: &str, arrival: Arrival) {
    report_as(process, &[id], arrival).await;
}

async fn report_as(process: &Process, ids: &[&str], arrival: Arrival) {
    report_to(process, ids, &[], arrival).await;
}

async fn report_to(process: &Process, ids: &[&str], to: &[&Phone], arrival: Arrival) {
    let report = Report {
        ids: ids.iter().filter_map(|id| MessageId::of(id)).collect(),
        to: to.iter().copied().cloned().collect(),
        said: Said::Ended(arrival),
    };
    process.notifier.sms_reported(&report).await.unwrap();
}

/// How many reports were of nothing, once it is known of all of them.
fn of_nothing(town: &Town, process: &Process) -> u64 {
    town.clock.pass(Duration::from_secs(120));
    let figures = figures(process);
    assert_eq!(figures.early, 0);
    figures.of_nothing
}

/// What is told of her messages.
fn told(process: &Process, citizen: &Citizen) -> Vec<(Arrival, Vec<LeafIndex>)> {
    let told = reported(process, citizen).into_iter();
    told.map(|e| (e.arrival, e.notices.to_vec())).collect()
}

fn figures(process: &Process) -> ReportFigures {
    process.notifier.report_figures()
}

/// What is recorded of reports about her.
fn reported(process: &Process, citizen: &Citizen) -> Vec<NoticesReported> {
    picked(&process.ledger, citizen, |event| match event {
        Event::NoticesReported(e) => Some(e),
        _ => None,
    })
}

/// Log indexes of the messages that were handed over by this channel.
fn sent(process: &Process, citizen: &Citizen, channel: Channel) -> Vec<LeafIndex> {
    let is_sent = |event: &Event| matches!(event, Event::NoticeSent(e) if e.channel == channel);
    history(&process.ledger, citizen)
        .into_iter()
        .filter(|stored| is_sent(&stored.record.event))
        .map(|stored| stored.index)
        .collect()
}

fn mails(process: &Process, citizen: &Citizen, template: Template) -> usize {
    let is_one = |event| matches!(event, Event::NoticeSent(e) if e.template == template);
    picked(&process.ledger, citizen, |event| {
        is_one(event).then_some(())
    })
    .len()
}

/// Sends her so many SMS more, each about a question of its own.
async fn ask(town: &Town, process: &Process, citizen: &Citizen, category: &str) -> LeafIndex {
    town.drill_down_at(&[category], &process.ledger, citizen)
        .await;
    idle(process).await;
    *sent(process, citizen, Channel::Sms).last().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_recorded_at_once_and_told_by_mail_alone() {
    let (town, citizen) = town().await;
    let process = town.start();
    for (category, arrival) in [
        ("care-level", Arrival::Undelivered),
        ("diagnosis", Arrival::Expired),
        ("admission", Arrival::Rejected),
    ] {
        let before = mails(&process, &citizen, Template::NoticeUndelivered);
        let notice = ask(&town, &process, &citizen, category).await;
        let id = town.gateway.taken().last().unwrap().id.clone();
        report(&process, &id, arrival).await;
        let notices = Set::new([notice]);
        let last = reported(&process, &citizen).pop();
        assert_eq!(last, Some(NoticesReported { arrival, notices }));
        until_so("a mail says so", || {
            mails(&process, &citizen, Template::NoticeUndelivered) == before + 1
        })
        .await;
        town.clock.pass(Duration::from_secs(3_600));
    }
    let by_sms = town.gateway.taken();
    assert_eq!(by_sms.len(), 3, "no SMS about an SMS");
    assert_eq!(
        (figures(&process).undelivered, figures(&process).awaited),
        (3, 0)
    );
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_is_recorded_once_a_day_however_many_there_were_also_after_a_restart() {
    let (town, citizen) = town().await;
    let process = town.start();
    let mut notices = Vec::new();
    for category in ["care-level", "diagnosis", "admission"] {
        notices.push(ask(&town, &process, &citizen, category).await);
        let id = town.gateway.taken().last().unwrap().id.clone();
        assert_eq!(figures(&process).awaited, 1);
        report(&process, &id, Arrival::Delivered).await;
    }
    assert_eq!(
        (figures(&process).delivered, figures(&process).awaited),
        (3, 0)
    );
    assert!(reported(&process, &citizen).is_empty(), "gathered");
    process.shutdown().await;

    town.clock.pass(Duration::from_secs(24 * 3_600));
    let process = town.start();
    until_so("the day's are recorded", || {
        !reported(&process, &citizen).is_empty()
    })
    .await;
    process.shutdown().await;
    let process = town.start();
    idle(&process).await;
    let arrival = Arrival::Delivered;
    let all = NoticesReported {
        arrival,
        notices: Set::new(notices),
    };
    assert_eq!(reported(&process, &citizen), [all], "once");
    assert_eq!(mails(&process, &citizen, Template::NoticeUndelivered), 0);
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_end_counts_and_what_is_posted_again_changes_nothing() {
    let (town, citizen) = town().await;
    let process = town.start();
    ask(&town, &process, &citizen, "care-level").await;
    let id = town.gateway.taken()[0].id.clone();
    let between = Report {
        ids: vec![MessageId::of(&id).unwrap()],
        to: Vec::new(),
        said: Said::Between,
    };
    process.notifier.sms_reported(&between).await.unwrap();
    assert_eq!(figures(&process).awaited, 1, "still on its way");
    report(&process, &id, Arrival::Undelivered).await;
    let size = process.ledger.reader().head().head.size;
    let process = {
        idle(&process).await;
        for arrival in [Arrival::Undelivered, Arrival::Delivered, Arrival::Expired] {
            report(&process, &id, arrival).await;
        }
        assert_eq!(
            (figures(&process).early, figures(&process).of_nothing),
            (3, 0)
        );
        assert_eq!(of_nothing(&town, &process), 3);
        process.shutdown().await;
        town.start()
    };
    report(&process, &id, Arrival::Delivered).await;
    town.clock.pass(Duration::from_secs(25 * 3_600));
    let process = {
        process.shutdown().await;
        town.start()
    };
    idle(&process).await;
    assert_eq!(reported(&process, &citizen).len(), 1);
    assert!(process.ledger.reader().head().head.size > size, "the mail");
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_by_what_the_gateway_calls_it_even_before_it_is_recorded() {
    let (town, citizen) = town().await;
    town.gateway.gives_names();
    let process = town.start();
    // It reports in the moment it takes the message: before that is recorded here.
    report(&process, "gw-1", Arrival::Undelivered).await;
    assert_eq!(figures(&process).early, 1);
    let first = ask(&town, &process, &citizen, "care-level").await;
    until_so("it found its message", || {
        reported(&process, &citizen).len() == 1
    })
    .await;
    let second = ask(&town, &process, &citizen, "diagnosis").await;
    report(&process, "gw-2", Arrival::Rejected).await;
    // And by the identity it was given.
    let third = ask(&town, &process, &citizen, "admission").await;
    let id = town.gateway.taken().last().unwrap().id.clone();
    report(&process, &id, Arrival::Expired).await;
    report(&process, "gw-3", Arrival::Delivered).await;
    let notices = reported(&process, &citizen).into_iter();
    let notices: Vec<Vec<LeafIndex>> = notices.map(|e| e.notices.to_vec()).collect();
    assert_eq!(notices, [[first], [second], [third]]);
    // Each of the four is counted once, the early one by what it said.
    assert_eq!(of_nothing(&town, &process), 1);
    let ReportFigures {
        awaited,
        undelivered,
        delivered,
        ambiguous,
        ..
    } = figures(&process);
    assert_eq!((awaited, undelivered, delivered, ambiguous), (0, 3, 0, 0));
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reports_on_is_waited_for_three_days_also_across_a_restart() {
    let (town, citizen) = town().await;
    let process = town.start();
    ask(&town, &process, &citizen, "care-level").await;
    let id = town.gateway.taken()[0].id.clone();
    let almost = Duration::from_millis(3 * 24 * 3_600 * 1_000 - 1);
    let mut process = process;
    for (pass, awaited) in [(almost, 1), (Duration::from_millis(1), 0)] {
        process.shutdown().await;
        town.clock.pass(pass);
        process = town.start();
        // It is counted before anything runs; then what is over is let go.
        if awaited > 0 {
            assert_eq!(figures(&process).awaited, awaited);
            idle(&process).await;
        }
        until_so("let go", || figures(&process).awaited == awaited).await;
    }
    report(&process, &id, Arrival::Delivered).await;
    assert_eq!(of_nothing(&town, &process), 1);
    assert!(reported(&process, &citizen).is_empty());
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_after_three_days_finds_nothing_though_its_rows_are_still_there() {
    let (town, citizen) = town().await;
    let process = town.start();
    for (category, pass, found) in [
        ("care-level", 3 * 24 * 3_600 * 1_000 - 1, true),
        ("diagnosis", 3 * 24 * 3_600 * 1_000, false),
    ] {
        ask(&town, &process, &citizen, category).await;
        let id = town.gateway.taken().last().unwrap().id.clone();
        town.clock.pass(Duration::from_millis(pass));
        let before = figures(&process).of_nothing;
        report(&process, &id, Arrival::Undelivered).await;
        assert_eq!(of_nothing(&town, &process) == before, found, "{category}");
    }
    assert_eq!(reported(&process, &citizen).len(), 1);
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_the_gateway_gives_twice_ends_no_other_message() {
    let (town, citizen) = town().await;
    town.gateway.gives_one_name();
    let process = town.start();
    let first = ask(&town, &process, &citizen, "care-level").await;
    let second = ask(&town, &process, &citizen, "diagnosis").await;
    let taken = town.gateway.taken();
    let (of_first, of_second) = (taken[0].id.as_str(), taken[1].id.as_str());

    report_as(&process, &[of_first, of_second], Arrival::Rejected).await;
    assert!(reported(&process, &citizen).is_empty(), "it says nothing");
    assert_eq!(
        (figures(&process).ambiguous, figures(&process).awaited),
        (1, 2)
    );

    // The name alone means neither, also where the phone is hers, to which both went.
    report(&process, "gw-1", Arrival::Delivered).await;
    report_to(&process, &["gw-1"], &[&citizen.phone], Arrival::Delivered).await;
    assert_eq!(
        (figures(&process).ambiguous, figures(&process).delivered),
        (3, 0)
    );
    // Ours says that it is the first; posted again it does not end the wait for the second.
    for _ in 0..2 {
        report_as(&process, &["gw-1", of_first], Arrival::Expired).await;
    }
    report(&process, "gw-1", Arrival::Delivered).await;
    assert_eq!(told(&process, &citizen), [(Arrival::Expired, vec![first])]);
    report(&process, of_second, Arrival::Undelivered).await;
    assert_eq!(
        told(&process, &citizen)[1..],
        [(Arrival::Undelivered, vec![second])]
    );
    assert_eq!(of_nothing(&town, &process), 1, "the one posted again");
    assert_eq!(
        (figures(&process).ambiguous, figures(&process).awaited),
        (4, 0)
    );
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_given_again_within_three_days_means_nobody_s_message() {
    let (town, citizen) = town().await;
    town.gateway.gives_one_name();
    let process = town.start();
    let first = ask(&town, &process, &citizen, "care-level").await;
    report(&process, "gw-1", Arrival::Undelivered).await;
    assert_eq!(
        told(&process, &citizen),
        [(Arrival::Undelivered, vec![first])]
    );
    assert_eq!(
        (figures(&process).awaited, figures(&process).remembered),
        (0, 1)
    );
    process.shutdown().await;

    // What ended is remembered, also by who starts anew: its gateway may post it again.
    let almost = Duration::from_millis(3 * 24 * 3_600 * 1_000 - 1);
    town.clock.pass(almost);
    let process = town.start();
    ask(&town, &process, &citizen, "diagnosis").await;
    report(&process, "gw-1", Arrival::Delivered).await;
    assert_eq!(
        (figures(&process).ambiguous, figures(&process).delivered),
        (1, 0)
    );
    // A moment later the name is the second's alone.
    town.clock.pass(Duration::from_millis(1));
    report(&process, "gw-1", Arrival::Delivered).await;
    assert_eq!(figures(&process).delivered, 1);
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_tells_two_messages_with_one_name_apart() {
    let (town, citizen) = town().await;
    town.gateway.gives_one_name();
    let other = {
        let ledger = town.open();
        let contacts = town.open_contacts(&ledger);
        town.citizen(&ledger, &contacts).await
    };
    town.clock.pass(Duration::from_secs(2 * 86_400));
    let process = town.start();
    let stranger = Phone::parse("070-1111-2222").unwrap();
    let hers = ask(&town, &process, &citizen, "care-level").await;
    let others = ask(&town, &process, &other, "care-level").await;
    for to in [vec![], vec![&stranger], vec![&citizen.phone, &other.phone]] {
        report_to(&process, &["gw-1"], &to, Arrival::Undelivered).await;
    }
    assert_eq!(
        (figures(&process).ambiguous, figures(&process).awaited),
        (3, 2)
    );
    report_to(&process, &["gw-1"], &[&other.phone], Arrival::Rejected).await;
    report_to(
        &process,
        &["gw-1"],
        &[&stranger, &citizen.phone],
        Arrival::Expired,
    )
    .await;
    assert_eq!(told(&process, &other), [(Arrival::Rejected, vec![others])]);
    assert_eq!(told(&process, &citizen), [(Arrival::Expired, vec![hers])]);
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_a_code_or_to_another_phone_ends_no_message_with_that_name() {
    let (town, citizen) = town().await;
    town.gateway.gives_one_name();
    let process = town.start();
    let phone = Address::Phone(citizen.phone.clone());
    let send = process
        .notifier
        .send_code(CodeUse::SignIn, &phone, &ASKER, Language::Ja);
    send.await.unwrap();
    until_so("the code is there", || town.gateway.taken().len() == 1).await;
    ask(&town, &process, &citizen, "care-level").await;
    report_to(&process, &["gw-1"], &[&citizen.phone], Arrival::Delivered).await;
    assert_eq!(
        (figures(&process).ambiguous, figures(&process).delivered),
        (1, 0)
    );
    process.shutdown().await;
    // Whoever starts anew knows nothing of codes, but what phone is whose.
    let process = town.start();
    let stranger = Phone::parse("070-1111-2222").unwrap();
    report_to(&process, &["gw-1"], &[&stranger], Arrival::Delivered).await;
    assert_eq!(
        (figures(&process).ambiguous, figures(&process).delivered),
        (1, 0)
    );
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_report_by_a_name_that_another_had_counts_for_none_and_once() {
    let (town, citizen) = town().await;
    town.gateway.gives_one_name();
    let process = town.start();
    let first = ask(&town, &process, &citizen, "care-level").await;
    report(&process, "gw-1", Arrival::Undelivered).await;
    // About the first, or about the second before that is recorded: nobody can tell.
    report(&process, "gw-1", Arrival::Delivered).await;
    ask(&town, &process, &citizen, "diagnosis").await;
    until_so("it is looked at", || figures(&process).ambiguous == 1).await;
    assert_eq!(of_nothing(&town, &process), 0);
    assert_eq!(
        (figures(&process).delivered, figures(&process).awaited),
        (0, 1)
    );
    assert_eq!(
        told(&process, &citizen),
        [(Arrival::Undelivered, vec![first])]
    );
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_holds_up_no_other_report() {
    let (town, citizen) = town().await;
    let process = town.start();
    let at = |kind: &[u8], about: &[u8]| [kind, &[0; 8], about].concat();
    let changes = [
        (at(b"v", &[1; 16]), vec![]),
        (at(b"v", &[2; 3]), vec![]),
        (at(b"v", &[3; 16]), vec![]),
        ([&b"r"[..], &[3; 16]].concat(), b"words".to_vec()),
        (at(b"y", &[4; 32]), vec![]),
        (at(b"y", &[5; 3]), vec![]),
        (at(b"y", &[6; 32]), vec![]),
        ([&b"x"[..], &[6; 32]].concat(), b"words".to_vec()),
    ];
    let changes = changes.map(|(key, value)| (key, Some(value))).into();
    process
        .ledger
        .submit(ChangeOutbox { changes })
        .await
        .unwrap();
    let arrived = ask(&town, &process, &citizen, "care-level").await;
    let id = town.gateway.taken()[0].id.clone();
    report(&process, &id, Arrival::Delivered).await;
    ask(&town, &process, &citizen, "diagnosis").await;
    process.shutdown().await;

    town.clock.pass(Duration::from_secs(3 * 24 * 3_600));
    let process = town.start();
    until_so("all is let go", || {
        figures(&process).awaited == 0 && !reported(&process, &citizen).is_empty()
    })
    .await;
    let arrival = Arrival::Delivered;
    let notices = Set::new([arrived]);
    assert_eq!(
        reported(&process, &citizen),
        [NoticesReported { arrival, notices }]
    );
    for kind in [b"r", b"s", b"v", b"x", b"y"] {
        let reader = process.ledger.reader();
        let rows = reader.outbox(kind, &[kind[0] + 1], 10).unwrap();
        assert!(rows.is_empty(), "{kind:?}");
    }
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_about_anything_but_an_sms_handed_over_to_her_is_refused() {
    let (town, citizen) = town().await;
    let process = town.start();
    let sms = ask(&town, &process, &citizen, "care-level").await;
    town.out_of_purpose(&process.ledger, &citizen).await;
    idle(&process).await;
    let mail = sent(&process, &citizen, Channel::Email)[0];
    let another = town.citizen(&process.ledger, &process.contacts).await;
    let record = async |subject, notices: Vec<LeafIndex>| {
        let command = RecordReports {
            subject,
            arrival: Arrival::Delivered,
            notices: Set::new(notices),
        };
        process.ledger.submit(command).await.map(|_| ())
    };
    let hers = citizen.person.subject;
    for (subject, notices) in [
        (hers, vec![]),
        (hers, vec![mail]),
        (hers, vec![sms, mail]),
        (hers, vec![LeafIndex::FIRST]),
        (another.person.subject, vec![sms]),
        (hers, vec![LeafIndex::new(1_000_000)]),
        (
            hers,
            (0..=REPORTED_AT_ONCE_MAX as u64)
                .map(LeafIndex::new)
                .collect(),
        ),
    ] {
        let refused = record(subject, notices.clone()).await;
        let is_final = refused.as_ref().is_err_and(Refusal::is_final);
        assert!(is_final, "{notices:?}: {refused:?}");
    }
    record(hers, vec![sms]).await.unwrap();
    process.shutdown().await;
}

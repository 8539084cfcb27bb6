//! What the server holds, has done since the start, and has refused. Every bound's metric is here.

use akashi_desk::app::App;
use akashi_desk::reading::Work;
use akashi_ledger::WaitingFor;
use akashi_ledger::sequencer::Lane;
use akashi_proof::record::kind::{CountedFor, Outcome};

use super::text::{Labels, Text, labels};

/// All of it.
pub(super) fn write(text: &mut Text, app: &App) {
    ledger(text, app);
    commands(text, app);
    messages(text, app);
    reports(text, app);
    bodies(text, app);
    codes(text, app);
    sessions(text, app);
    histories(text, app);
    doors(text, app);
    reads(text, app);
    decisions(text, app);
    statements(text, app);
}

/// What the ledger holds, and whether it takes more.
fn ledger(text: &mut Text, app: &App) {
    let entries = app.head().head.size.value();
    text.gauge("akashi_log_entries", "Entries in the log.", entries);
    let people = app.people_count() as u64;
    text.gauge("akashi_people", "Persons enrolled.", people);
    let help = "1 while the writer takes no commands.";
    let stopped = u64::from(app.stopped().is_some());
    text.gauge("akashi_writer_stopped", help, stopped);
    let help = "1 while no new keys can be made.";
    let stopped = u64::from(!app.makes_keys());
    text.gauge("akashi_key_maker_stopped", help, stopped);
}

/// What waits for new keys and for the writer, by lane.
fn commands(text: &mut Text, app: &App) {
    let each = || {
        let lanes = |what| Lane::ALL.map(|lane| (what, lane));
        WaitingFor::ALL.into_iter().flat_map(lanes)
    };
    let of = |what: WaitingFor, lane: Lane| labels(&[("for", what.name()), ("lane", lane.name())]);
    let waiting = each().map(|(what, lane)| {
        let waiting = app.waiting(what, lane).waiting as u64;
        (of(what, lane), waiting)
    });
    text.gauges(
        "akashi_commands_waiting",
        "Commands that wait now.",
        waiting,
    );
    let refused = each().map(|(what, lane)| (of(what, lane), app.waiting(what, lane).refused));
    text.counters(
        "akashi_commands_refused",
        "Commands above a bound.",
        refused,
    );
    let refused = each().map(|(what, lane)| {
        let refused = app.waiting(what, lane).refused_of_one;
        (of(what, lane), refused)
    });
    let help = "Commands above one payer's share of a lane.";
    text.counters("akashi_commands_of_one_refused", help, refused);
}

/// How far people have been told.
fn messages(text: &mut Text, app: &App) {
    let backlog = app.notifier.backlog();
    for (name, help, value) in [
        (
            "akashi_notifier_cursor",
            "Log index the notifier has read up to.",
            backlog.cursor.value(),
        ),
        (
            "akashi_notifier_waiting",
            "Entries the notifier has not read.",
            backlog.unread(),
        ),
        (
            "akashi_notifier_oldest_unread_seconds",
            "How old the oldest entry is that the notifier has not read.",
            backlog.oldest_unread_millis / 1_000,
        ),
        (
            "akashi_outbox_waiting",
            "Messages that wait to be handed over.",
            backlog.waiting,
        ),
        (
            "akashi_open_questions",
            "Questions to people without an answer yet.",
            backlog.open_questions,
        ),
    ] {
        text.gauge(name, help, value);
    }
    for (name, help, value) in [
        (
            "akashi_messages_given_up",
            "Messages given up.",
            backlog.failed,
        ),
        (
            "akashi_alerts_counted",
            "Alerts that were counted into another one.",
            backlog.alerts_counted,
        ),
        (
            "akashi_questions_held_back",
            "Questions that did not make a phone ring.",
            backlog.questions_held_back,
        ),
        (
            "akashi_notices_held_back",
            "Messages that are no questions, kept back by a budget.",
            backlog.notices.held_back,
        ),
        (
            "akashi_notices_uncounted",
            "Messages sent beside a budget, as too many others were counted.",
            backlog.notices.uncounted,
        ),
        (
            "akashi_questions_rung_later",
            "Questions held back for which a phone has rung since.",
            backlog.questions_rung_later,
        ),
        (
            "akashi_outbox_rows_lost",
            "Rows of the outbox that could not be read and were given up.",
            backlog.lost_rows,
        ),
    ] {
        text.counter(name, help, value);
    }
}

/// What the SMS gateway says became of messages.
fn reports(text: &mut Text, app: &App) {
    let figures = app.notifier.report_figures();
    let help = "SMS whose delivery report is waited for.";
    text.gauge("akashi_sms_reports_awaited", help, figures.awaited);
    let help = "SMS of the last three days whose names are remembered.";
    text.gauge("akashi_sms_remembered", help, figures.remembered);
    let help = "Delivery reports that have found no message yet.";
    text.gauge("akashi_sms_reports_early", help, figures.early);
    let by_word = [
        ("delivered", figures.delivered),
        ("undelivered", figures.undelivered),
        ("between", figures.between),
        ("unknown", figures.unknown),
        ("ambiguous", figures.ambiguous),
        ("of-nothing", figures.of_nothing),
    ];
    let each = by_word.map(|(said, count)| (labels(&[("said", said)]), count));
    let help = "Delivery reports, by what they say.";
    text.counters("akashi_sms_reports", help, each);
}

/// What became of mails to institutions and supervisors.
fn bodies(text: &mut Text, app: &App) {
    let figures = app.notifier.body_figures();
    let by_word = [
        ("sent", figures.sent),
        ("void", figures.void),
        ("failed", figures.failed),
        ("left-out", figures.left_out),
    ];
    let each = by_word.map(|(became, count)| (labels(&[("became", became)]), count));
    let help = "Mails to institutions and supervisors about their keys.";
    text.counters("akashi_body_mails", help, each);
}

/// What became of one-time codes.
fn codes(text: &mut Text, app: &App) {
    let figures = app.notifier.code_figures();
    let help = "Addresses signed in with that were looked up behind the answer.";
    text.counter("akashi_codes_looked_up", help, figures.looked_up);
    let help = "One-time codes drawn for a message.";
    text.counter("akashi_codes_drawn", help, figures.drawn);
    let help = "One-time codes to newcomers above the hourly ceiling.";
    text.counter("akashi_codes_held_back", help, figures.held_back);
    let help = "Wrong one-time codes typed.";
    text.counter("akashi_codes_wrong", help, figures.wrong);
}

/// Who is signed in, and whom guessing or ringing has paused.
fn sessions(text: &mut Text, app: &App) {
    let (signed_in, forgotten) = app.sessions.figures();
    text.gauge("akashi_sessions", "People signed in.", signed_in as u64);
    let help = "Sessions ended because too many were signed in.";
    text.counter("akashi_sessions_forgotten", help, forgotten);
    let help = "Codes not looked at: their network had typed too many wrong ones.";
    text.counter("akashi_guessers_paused", help, app.limits.guessers_paused());
    let help = "Codes not sent because of who asked for them.";
    text.counter("akashi_rung_too_often", help, app.limits.rung_too_often());
}

/// What pages look at, and what is remembered of it.
fn histories(text: &mut Text, app: &App) {
    let (rows, forgotten, stopped) = app.outlines.figures();
    let help = "Records remembered in outline.";
    text.gauge("akashi_outline_rows", help, rows as u64);
    let help = "Outlines of histories forgotten to make room for others.";
    text.counter("akashi_outlines_forgotten", help, forgotten);
    let help = "Pages that looked at as many records as one page may, and went no further.";
    text.counter("akashi_pages_stopped", help, stopped);
}

/// Who is here now, by door, and who found no place.
fn doors(text: &mut Text, app: &App) {
    let of = |door: &str| labels(&[("door", door)]);
    let help = "Connections, arriving bodies, requests worked on and answers on their way now.";
    let each = app.doors.each();
    let here = each.map(|(door, crowd)| (of(door), crowd.count() as u64));
    text.gauges("akashi_door_under_way", help, here);
    let help = "Requests that could go on and wait for their turn at a processor.";
    text.gauge("akashi_turns_waiting", help, app.turns.waiting() as u64);
    let help = "Those who found no place.";
    let each = app.doors.each();
    let turned = each.map(|(door, crowd)| (of(door), crowd.turned_away()));
    text.counters("akashi_door_turned_away", help, turned);
    let help = "Those who were slow and lost their place to others.";
    let each = app.doors.each();
    let sent = each.map(|(door, crowd)| (of(door), crowd.sent_away()));
    text.counters("akashi_door_sent_away", help, sent);
    let help = "Bytes of answers on their way now.";
    let bytes = app.doors.answers.weight() as u64;
    text.gauge("akashi_answers_bytes", help, bytes);
    let help = "Histories being written now.";
    let running = app.downloads.count() as u64;
    text.gauge("akashi_downloads_running", help, running);
}

/// What is read, by kind of work.
fn reads(text: &mut Text, app: &App) {
    let of = |work: Work| labels(&[("work", work.name())]);
    let each = Work::ALL.into_iter();
    let under_way = each.map(|work| (of(work), app.reading(work).0 as u64));
    let help = "Reads that run or wait now.";
    text.gauges("akashi_reads_under_way", help, under_way);
    let each = Work::ALL.into_iter();
    let taken = each.map(|work| (of(work), app.reads(work)));
    text.counters("akashi_reads_taken", "Reads taken.", taken);
    let each = Work::ALL.into_iter();
    let refused = each.map(|work| (of(work), app.reading(work).1));
    text.counters("akashi_reads_refused", "Reads above their bound.", refused);
}

/// What was decided.
fn decisions(text: &mut Text, app: &App) {
    let told = [Outcome::Permit, Outcome::Deny, Outcome::Ask].map(|told| {
        let labels: Labels = labels(&[("decision", told.as_str())]);
        (labels, app.figures.decisions(told))
    });
    text.counters("akashi_decisions", "Decisions on accesses, as told.", told);
}

/// What was refused.
fn statements(text: &mut Text, app: &App) {
    let help = "Signed statements refused and recorded.";
    text.counter("akashi_statements_refused", help, app.figures.refusals());
    let help = "Signed statements refused and not recorded: late ones above the bound of their \
                key, supervisors'.";
    text.counter(
        "akashi_statements_unrecorded",
        help,
        app.figures.unrecorded(),
    );
    let help = "Signed statements not looked at but counted into their institution's stream, by \
                why.";
    let counted = CountedFor::ALL.iter().map(|counted_for| {
        let labels = labels(&[("why", counted_for.as_str())]);
        (labels, app.figures.counted(*counted_for))
    });
    text.counters("akashi_statements_counted", help, counted);
    let help = "Known statements sent again by somebody who may not have their answer.";
    text.counter("akashi_statements_known", help, app.figures.known());
}

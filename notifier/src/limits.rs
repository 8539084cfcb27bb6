//! Bounds of what people are told, each with its reason and what happens above it.

use std::ops::RangeInclusive;

/// How long alerts of one rule about one person and one institution are counted into the next, in
/// milliseconds: an hour. The first is recorded at once, the others in one record with their number
/// once the hour is over, so that a flood of denials makes two records an hour here and not as many
/// again. Each denial is a record of its own in her history all the same. Metric:
/// `akashi_alerts_counted_total`.
pub(crate) const ALERT_EVERY_MILLIS: u64 = 3_600 * 1_000;

/// Most counts that are told at once: as many alerts as go in with one command. What is beyond
/// waits for the next commit. Metric: `akashi_notifier_waiting`.
pub(crate) const DUE_AT_ONCE_MAX: usize = akashi_ledger::limits::ALERTS_AT_ONCE_MAX;

/// How much of its time a question must have left for a phone to ring for it later, in
/// milliseconds: five minutes, to read it and to answer. With less it waits on her page alone.
/// Metric: `akashi_questions_rung_later_total`.
pub(crate) const RUNG_LATER_WITH_LEFT_MILLIS: u64 = 300 * 1_000;

/// Most people and senders whose messages are counted within one window, of each budget: an hour of
/// a city of a hundred thousand in which all hear something. Above it messages to further ones are
/// sent and not counted (`akashi_notices_uncounted_total`); questions and answers to replies wait,
/// since whoever makes a hundred thousand numbers ask within minutes is not a person
/// (`akashi_questions_held_back_total`).
pub(crate) const SENT_TO_MAX: usize = 100_000;

/// Most plain messages about one institution that are counted within an hour: a quarter of what is
/// counted of all. Above it they are sent and not counted, so that none fills what limits others;
/// about one person it may do 256 things in an hour. Metric: `akashi_notices_uncounted_total`.
pub(crate) const SENT_ABOUT_ONE_MAX: u32 = 25_000;

/// Messages of one channel whose keys are held in memory, some 10 MB; what is beyond stays in the
/// outbox until there is room. Above it the least urgent makes room, whether it is due or waits for
/// its next try. Metric: `akashi_outbox_waiting`, of all channels together.
pub(crate) const QUEUED_MAX: usize = 65_536;

/// Addresses that are signed in with and wait to be looked up: what a hundred and fifty
/// milliseconds bring at 5,000 a second is 750, and this is five times as much, half a megabyte.
/// Above: the form is answered 503, alike for all addresses, and a line in the log. Metric:
/// `akashi_codes_looked_up_total` counts those that were.
pub(crate) const LOOK_UPS_MAX: usize = 4_096;

/// For how long they wait, in milliseconds; drawn each time. The answer to whoever asked has left
/// long before, so that what a known address costs cannot be seen in it nor, for not knowing when,
/// in the next. No metric: each waits so long.
pub(crate) const LOOK_UP_AFTER_MILLIS: RangeInclusive<u64> = 20..=150;

/// How long a report on an SMS is waited for, in milliseconds: three days. Networks try for two at
/// the most and then say so. What comes later is dropped, and counted as a report on nothing.
/// Metric: `akashi_sms_reports_total`.
pub(crate) const REPORT_WITHIN_MILLIS: u64 = 3 * 24 * 3_600 * 1_000;

/// Most SMS whose names are remembered, reported on or not, so that one given again is noticed:
/// those of three days of a city that sends one a second, some 100 MB of rows. Above it an SMS goes
/// out as ever, and its report finds nothing. As many names of codes are kept in memory, some
/// 25 MB; above it further ones are not. Metric: `akashi_sms_remembered`.
pub(crate) const SMS_REMEMBERED_MAX: u64 = 262_144;

/// Most SMS with one name that are looked at to tell them apart by the phone. Above it a report by
/// that name means none of them. Metric: `akashi_sms_reports_total{said="ambiguous"}`.
pub(crate) const NAMED_ALIKE_MAX: usize = 64;

/// Most messages one request of a gateway speaks of: more than the six hundred of the shortest that
/// fit into a body (`BODY_LEN_MAX` of the desk), so that no list of replies or reports is
/// cut. Above it are more objects than could each say something: 400, and none of them is taken.
/// Metric: `akashi_requests_total` (4xx).
pub(crate) const POSTED_AT_ONCE_MAX: usize = 1_024;

/// Most reports kept that name nothing yet, some 100 bytes each: what 32 hand-overs under way can
/// be reported on, and the codes of a busy minute. Above it the oldest makes room, and what it was
/// about stays handed over. As many again wait for a ledger that did not take them. Metric:
/// `akashi_sms_reports_early`; each is counted once, by what it says when it finds its message, or
/// else as `akashi_sms_reports_total{said="of-nothing"}`.
pub(crate) const EARLY_MAX: usize = 1_024;

/// How long, in milliseconds: a commit that waits for a ledger that has stopped for a minute. Above
/// it they are forgotten. Metric: `akashi_sms_reports_total{said="of-nothing"}`.
pub(crate) const EARLY_FOR_MILLIS: u64 = 120 * 1_000;

/// For how long an address that was replaced is told of what is done to the keys of whose it was,
/// in milliseconds: thirty days. Whoever means to take an institution's keys has its address
/// changed first; the old one hears of that at once, and of what follows. No metric.
pub(crate) const ADDRESS_TOLD_FOR_MILLIS: u64 = 30 * 24 * 3_600 * 1_000;

/// How long before a reset of keys is in force its institution is told once more, in milliseconds:
/// a day, of the three it waits. No metric.
pub(crate) const REMINDED_BEFORE_MILLIS: u64 = 24 * 3_600 * 1_000;

/// For how long a mail to a body is tried, in milliseconds: as long as a reset of keys waits. Above
/// it it is given up, with an error in the log. Metric: `akashi_body_mails_total{became="failed"}`.
pub(crate) const BODY_TRIED_FOR_MILLIS: u64 = akashi_proof::limits::RESET_WAIT_MILLIS;

/// How old an act may be when it is read for bodies still to be told of it, in milliseconds: thirty
/// days, so that a log with a past tells nobody of what is long over. No metric.
pub(crate) const BODY_STALE_AFTER_MILLIS: u64 = 30 * 24 * 3_600 * 1_000;

/// Most addresses that are told of one act: eight supervisors and eight that were replaced, each
/// with three older addresses. Today's come first, then the longest known. Above it the others are
/// left out, with an error in the log. Metric: `akashi_body_mails_total{became="left-out"}`.
pub(crate) const BODY_ADDRESSES_MAX: usize = 64;

/// Mails to bodies that are handed over side by side. What is beyond waits for the next turn. No
/// metric.
pub(crate) const BODY_MAILS_AT_ONCE: usize = 16;

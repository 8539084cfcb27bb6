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

/// Most SMS whose report is waited for: those of three days of a city that sends one a second, some
/// 100 MB of rows. Above it an SMS goes out as ever, and its report finds nothing. Metric:
/// `akashi_sms_reports_awaited`.
pub(crate) const REPORTS_AWAITED_MAX: u64 = 262_144;

/// Most reports kept that name nothing yet, some 100 bytes each: what 32 hand-overs under way can
/// be reported on, and the codes of a busy minute. Above it the oldest makes room, and what it was
/// about stays handed over. Metric, of each when it comes:
/// `akashi_sms_reports_total{said="of-nothing"}`.
pub(crate) const EARLY_MAX: usize = 1_024;

/// How long, in milliseconds: a commit that waits for a ledger that has stopped for a minute. Above
/// it they are forgotten; no metric, as each was counted when it came.
pub(crate) const EARLY_FOR_MILLIS: u64 = 120 * 1_000;

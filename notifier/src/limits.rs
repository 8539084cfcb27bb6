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

/// Addresses that are signed in with and wait to be looked up: what a hundred and fifty milliseconds
/// bring at 5,000 a second is 750, and this is five times as much, half a megabyte. Above: the form
/// is answered 503, alike for all addresses, and a line in the log. Metric:
/// `akashi_codes_looked_up_total` counts those that were.
pub(crate) const LOOK_UPS_MAX: usize = 4_096;

/// For how long they wait, in milliseconds; drawn each time. The answer to whoever asked has left
/// long before, so that what a known address costs cannot be seen in it nor, for not knowing when,
/// in the next.
pub(crate) const LOOK_UP_AFTER_MILLIS: RangeInclusive<u64> = 20..=150;

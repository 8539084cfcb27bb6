//! How much a check may cost whoever runs it. The log that is checked may be hostile: each bound
//! ends in words and exit code 2, never in a machine that stands still.

use std::time::Duration;

/// Most entries of a log that are read, if the caller asks for no other bound. A signed checkpoint
/// costs its log one line, whatever size it says; checking costs 16 bytes of memory an entry, here
/// 4.3 GB. Above it: [`crate::fsck::Problem::TooManyEntries`], before anything is read.
pub const ENTRIES_MAX: u64 = 1 << 28;

/// Longest file an earlier head is taken from, a history excepted, which is read by lines: the
/// longest proof; evidence and checkpoints have smaller bounds of their own.
pub const EARLIER_LEN_MAX: usize = akashi_tlog::tlog_proof::MAX_PROOF_LEN;

/// Between two looks for a checkpoint that is not older than a file in hand
/// ([`crate::source::Source::lag`]): a quarter of the time the ledger takes to publish one.
pub const LAG_STEP: Duration = Duration::from_millis(250);

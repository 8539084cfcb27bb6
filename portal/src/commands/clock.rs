//! `akashi clock resume`: the supervisors vouch for the clock of a ledger that stood still
//! (docs/OPERATING.md "Nothing was recorded for more than a week").
//!
//! ```text
//! curl https://ledger.example.jp/readyz                       # both times
//! curl -o head https://ledger.example.jp/log/checkpoint
//! akashi clock resume --url https://ledger.example.jp --checkpoint head \
//!     --last-record 2026-12-24T16:02:11Z --reason "the flood" \
//!     --signer supervisor.north=north.jwk --out north.jws
//! ```
//! Each signs under its own machine's clock, and that is what it vouches for: the server takes the
//! statement only if its own clock says the same, to five minutes. How several supervisors sign the
//! same: [`super::acts`].

use std::path::PathBuf;

use akashi_ledger::clock::SystemClock;
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::ids::Timestamp;
use akashi_proof::statement::Act;
use clap::Args;

use crate::commands::acts::{ActError, SigningArgs};
use crate::commands::checkpoint::{self, CheckpointFileError};

/// Arguments of `akashi clock resume`.
#[derive(Clone, Debug, Args)]
pub struct ResumeArgs {
    /// The published checkpoint of the ledger that stands still: the same file for every
    /// supervisor, who has checked it (`akashi-audit fsck --earlier`)
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// When its last record was made, as `/readyz` says it: 2026-12-24T16:02:11Z
    #[arg(long, value_name = "TIME")]
    pub last_record: jiff::Timestamp,
    /// Why nothing was recorded for so long, in words everybody can read
    #[arg(long)]
    pub reason: String,
    /// Who signs.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Why the ledger was not resumed.
#[derive(Debug, thiserror::Error)]
pub enum ClockCommandError {
    /// The checkpoint's file.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFileError),
    /// The time is before 1970.
    #[error("--last-record: expected a time after 1970, found {0}")]
    LastRecord(jiff::Timestamp),
    /// Signing or posting.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Signs and posts the act by which a ledger that stood still goes on.
///
/// # Errors
/// [`ClockCommandError`].
pub fn resume(args: &ResumeArgs) -> Result<(), ClockCommandError> {
    let (_, head) = checkpoint::read(&args.checkpoint)?;
    let last = u64::try_from(args.last_record.as_second())
        .map_err(|_| ClockCommandError::LastRecord(args.last_record))?;
    println!("last record {}", args.last_record);
    println!(
        "you vouch   that it is {} now: look at another clock too",
        shown(SystemClock::default().wall())
    );
    let act = Act::ResumeLedger {
        size: head.size.value(),
        root: Digest::from_bytes(*head.root.as_bytes()),
        last_record_at: Timestamp::from_seconds(last),
        reason: args.reason.clone(),
    };
    Ok(args.signing.carry_out(&act, "the ledger goes on")?)
}

/// A time to the second.
fn shown(time: Timestamp) -> jiff::Timestamp {
    let seconds = i64::try_from(time.as_millis() / 1_000).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX)
}

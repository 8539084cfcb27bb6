//! The parts of a ledger beside its store, and why one of them cannot be used.

use std::fmt;

use akashi_proof::ids::Timestamp;
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::public_key::PublicKeyError;

/// What a ledger is made of, as the system knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The folder of data file and guard.
    DataFolder,
    /// The data file.
    DataFile,
    /// The guard.
    Guard,
    /// The folder of all keys.
    KeysFolder,
    /// The keyring.
    Keyring,
    /// The key that opens the keyring.
    WrappingKey,
    /// A key that signs checkpoints.
    LogKey,
    /// The writer's thread.
    WriterThread,
    /// The key maker's thread.
    KeyMakerThread,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DataFolder => "data folder",
            Self::DataFile => "data file",
            Self::Guard => "guard",
            Self::KeysFolder => "keys folder",
            Self::Keyring => "keyring",
            Self::WrappingKey => "wrapping key",
            Self::LogKey => "log key",
            Self::WriterThread => "writer's thread",
            Self::KeyMakerThread => "key maker's thread",
        })
    }
}

/// Why the guard cannot vouch for a data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Its file is too short.
    #[error("expected a file of {expected} bytes, found {found}: it was cut off")]
    CutOff {
        /// Length of every guard file, in bytes.
        expected: u64,
        /// Length of this one, in bytes.
        found: u64,
    },
    /// A write tears one slot at most: both were damaged.
    #[error("neither slot of the guard is whole")]
    Torn,
    /// The data file is older than the guard.
    #[error(
        "the data file has {found} records, but {seen} were recorded before: an older copy was put back"
    )]
    Older {
        /// Size of the tree that was opened.
        found: TreeSize,
        /// Size of the tree that was recorded.
        seen: TreeSize,
    },
    /// The data file is of another log, or of this one with other records.
    #[error("the first {seen} records are not those recorded before")]
    Changed {
        /// Size of the tree that was recorded.
        seen: TreeSize,
    },
    /// The tree would shrink, or change without growing.
    #[error("size {found} does not follow {seen}")]
    Backwards {
        /// Size it should move to.
        found: TreeSize,
        /// Size it stands at.
        seen: TreeSize,
    },
}

/// Why a key is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// A key that is needed was never made, or was dropped.
    #[error("a key that is needed is not there")]
    NotThere,
    /// A row was changed, or was written under another wrapping key.
    #[error("a row does not open under this wrapping key")]
    Row,
    /// Keys that records need are gone with the end of the file.
    #[error(
        "{seen} bytes were durable before, {found} are there: an older copy was put back, or it was cut off"
    )]
    CutOff {
        /// How many bytes the guard has seen.
        seen: u64,
        /// How many there are.
        found: u64,
    },
    /// No key is added after a write that failed, before the file has been mended.
    #[error("an earlier write failed")]
    NotMended,
    /// What was durable before a failed write is not there after it.
    #[error("after a failed write it is not as it was before")]
    Changed,
    /// A key's file has another length than a key.
    #[error("the {part}: expected 32 bytes, found {found}")]
    Length {
        /// Which key.
        part: Part,
        /// Length of its file, in bytes.
        found: usize,
    },
    /// Others on the machine can read a key's file.
    #[error("the {0}: others can read its file; it must be its owner's alone (mode 0600)")]
    Readable(Part),
    /// The seed in the log's key file makes no key.
    #[error("the log key: {0}")]
    LogKey(#[source] PublicKeyError),
}

/// Why the clock cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Time does not go back in the log.
    #[error("it is {} by the wall clock, before the last record, of {}", utc(*.wall), utc(*.last))]
    Behind {
        /// What the wall clock says.
        wall: Timestamp,
        /// Time of the last record.
        last: Timestamp,
    },
    /// A machine that starts in another year writes nothing.
    #[error(
        "it is {} by the wall clock, more than 7 days after the last record, of {}",
        utc(*.wall),
        utc(*.last)
    )]
    Ahead {
        /// What the wall clock says.
        wall: Timestamp,
        /// Time of the last record.
        last: Timestamp,
    },
    /// The wall clock was set, or the machine stood still: it has not run as far as the other.
    #[error(
        "it is {} by the wall clock, and {} by the one that nobody can set",
        utc(*.wall),
        utc(*.expected)
    )]
    Parted {
        /// What the wall clock says.
        wall: Timestamp,
        /// What it would say, had it run as the other has.
        expected: Timestamp,
    },
}

impl ClockError {
    /// What is to be done about it, in words for whoever runs the ledger or watches over it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Behind { .. } => {
                "set the clock right; it goes on by itself once the clock has passed that record, \
                 and nobody can vouch for a time before it"
            }
            Self::Ahead { .. } => {
                "if the clock is wrong, set it right; if it is right, the supervisors vouch for it \
                 (`akashi clock resume`)"
            }
            Self::Parted { .. } => {
                "set the clock right where it is wrong; it goes on by itself a minute after both run \
                 together"
            }
        }
    }
}

/// A time to the second, as supervisors sign it: when exactly something was recorded is nobody's
/// business.
fn utc(time: Timestamp) -> String {
    let millis = i64::try_from(time.whole_second().as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

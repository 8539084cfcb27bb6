//! Why the ledger did not do what it was asked.

use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::Closed;
use akashi_proof::record::commitment::DisclosureError;
use akashi_proof::state::FoldError;
use akashi_tlog::signer::SignError;

use crate::store::StoreError;

/// A command was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// The input is bad; where a registered key signed it, the refusal stands in the log.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// What it rests on stands in a record whose body is not open: it is not decided anew, and
    /// nothing else is done in its place.
    #[error("the record it rests on is {0}")]
    Closed(Closed),
    /// What it rests on cannot be read: damage, which the operator has to look at. The writer goes
    /// on with everything else.
    #[error("what it rests on cannot be read: {0}")]
    Unreadable(String),
    /// The queue is full: nothing was accepted, try again soon.
    #[error("the ledger has more waiting than it takes")]
    Busy,
    /// The clocks cannot be trusted: nothing is recorded until they can.
    #[error("clock: {0}")]
    Clock(&'static str),
    /// The disk is nearly full: nothing new is accepted while everything accepted can still be
    /// kept.
    #[error("storage is nearly full")]
    DiskLow,
    /// The policy in force is not at hand: nothing is decided by another.
    #[error("the policy pack in force, {0}, is not at hand")]
    NoPolicy(Digest),
    /// A write failed; nothing is signed until a full reload has passed.
    #[error("the writer has stopped: {0}")]
    Poisoned(String),
    /// The ledger is being shut down.
    #[error("the ledger is shutting down")]
    Stopped,
}

impl Refusal {
    /// Whether the very same command would be refused again, however often it is sent.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Fault(_) | Self::Closed(_) | Self::Unreadable(_) => true,
            Self::Busy
            | Self::Clock(_)
            | Self::DiskLow
            | Self::NoPolicy(_)
            | Self::Poisoned(_)
            | Self::Stopped => false,
        }
    }

    /// Why the ledger refused, in words that hold nothing of a request: for a server's own log.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Fault(_) => "the input is bad",
            Self::Closed(_) => "the record it rests on is not open",
            Self::Unreadable(_) => "what it rests on cannot be read",
            Self::Busy => "its queue is full",
            Self::Clock(_) => "its clocks cannot be trusted",
            Self::DiskLow => "its storage is nearly full",
            Self::NoPolicy(_) => "the policy in force is not at hand",
            Self::Poisoned(_) => "its writer has stopped",
            Self::Stopped => "it is shutting down",
        }
    }
}

/// What a command cannot read stops that command and no other: whoever sends one chooses what it
/// reads, and must not choose whether the writer goes on. What stops the writer is said where
/// records are appended and committed, and nowhere else.
impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Closed { closed, .. } => Self::Closed(closed),
            LedgerError::Missing(_)
            | LedgerError::Lost(_)
            | LedgerError::Exists(_)
            | LedgerError::Store(_)
            | LedgerError::File { .. }
            | LedgerError::Guard(_)
            | LedgerError::Corrupt { .. }
            | LedgerError::Fold { .. }
            | LedgerError::Keyring(_)
            | LedgerError::Clock(_)
            | LedgerError::Sign(_)
            | LedgerError::Disclosure(_)
            | LedgerError::Mismatch(_) => Self::Unreadable(error.to_string()),
        }
    }
}

/// A ledger could not be created, opened or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Opening never creates.
    #[error("there is no ledger in this folder: {0} is missing (`akashi init` creates one)")]
    Missing(&'static str),
    /// The data file is there, and what belongs to it is not.
    #[error(
        "there is a ledger in this folder, but its {0} is missing: put that back from where copies are kept; never make another with `akashi init`"
    )]
    Lost(&'static str),
    /// Creating never overwrites.
    #[error("there is a ledger here already, or part of one: {0}")]
    Exists(String),
    /// The store failed.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// A file beside the store failed.
    #[error("{what}: {error}")]
    File {
        /// Which file.
        what: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// The data file is not the one the guard last saw.
    #[error("guard: {0}")]
    Guard(String),
    /// What is stored contradicts itself.
    #[error("record {index}: {what}")]
    Corrupt {
        /// Log index of the record.
        index: LeafIndex,
        /// What is wrong.
        what: String,
    },
    /// The body of the record is not open, and was needed. No damage.
    #[error("record {index} is {closed}")]
    Closed {
        /// Log index of the record.
        index: LeafIndex,
        /// What became of its body.
        closed: Closed,
    },
    /// The records do not follow from each other.
    #[error("record {index}: {error}")]
    Fold {
        /// Log index of the record.
        index: LeafIndex,
        /// What is wrong.
        error: FoldError,
    },
    /// The keyring lacks a key that is needed.
    #[error("keyring: {0}")]
    Keyring(&'static str),
    /// The clock cannot be trusted.
    #[error("clock: {0}")]
    Clock(&'static str),
    /// The checkpoint could not be signed.
    #[error("checkpoint: {0}")]
    Sign(#[from] SignError),
    /// A disclosure could not be made.
    #[error("disclosure: {0}")]
    Disclosure(#[from] DisclosureError),
    /// The ledger was opened with something it was not created with.
    #[error("{0}")]
    Mismatch(&'static str),
}

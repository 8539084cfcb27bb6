//! Why the ledger did not do what it was asked.
//!
//! Each family of causes has one enum: [`StoreError`], [`GuardError`], [`KeyringError`],
//! [`ClockError`], and [`Damage`] of a record. Callers match on those; a text is for a line of the
//! log, holds its cause's text, and nothing of a person. `source` leads to what the system or the
//! store said.

mod damage;
mod part;

use std::error::Error;
use std::io;
use std::sync::Arc;

use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::Closed;
use akashi_proof::record::commitment::DisclosureError;
use akashi_proof::state::FoldError;
use akashi_tlog::checkpoint::{CheckpointError, Origin};
use akashi_tlog::merkle::inclusion::ProveError;
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::signer::SignError;

pub use self::damage::Damage;
pub use self::part::{ClockError, GuardError, KeyringError, Part};
pub use crate::store::{RowName, StoreError};

/// A command was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// The input is bad; where a registered key signed it, the refusal stands in the log.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// It is above a bound: nothing is looked at, and whoever sent the command counts it.
    #[error("it is above a bound")]
    Above(Above),
    /// What it rests on stands in a record whose body is not open: it is not decided anew, and
    /// nothing else is done in its place.
    #[error("the record it rests on is {0}")]
    Closed(Closed),
    /// What it rests on cannot be read: damage, which the operator has to look at. The writer goes
    /// on with everything else.
    #[error("what it rests on cannot be read: {0}")]
    Unreadable(#[source] Arc<LedgerError>),
    /// The queue is full: nothing was accepted, try again soon.
    #[error("the ledger has more waiting than it takes")]
    Busy,
    /// The clocks cannot be trusted: nothing is recorded until they can.
    #[error("clock: {0}")]
    Clock(#[from] ClockError),
    /// The disk is nearly full: nothing new is accepted while everything accepted can still be
    /// kept.
    #[error("storage is nearly full")]
    DiskLow,
    /// The policy in force is not at hand: nothing is decided by another.
    #[error("the policy pack in force, {0}, is not at hand")]
    NoPolicy(Digest),
    /// A write failed; nothing is signed until a full reload has passed.
    #[error("the writer has stopped: {0}")]
    Poisoned(#[source] Arc<Stop>),
    /// The ledger is being shut down.
    #[error("the ledger is shutting down")]
    Stopped,
}

/// Which bound of the writer's a statement is above. Its digest, and what is needed to count it,
/// has whoever sent the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Above {
    /// There were as many statements of its institution about this person as may be in an hour or
    /// a day ([`crate::limits::ABOUT_ONE_PER_HOUR_MAX`]).
    AboutOnePerson {
        /// The person.
        subject: SubjectHandle,
        /// When there is room again.
        until: Timestamp,
    },
    /// This is wrong with it, and as many refusals of its institution as may be in a minute are
    /// recorded ([`crate::limits::REFUSALS_PER_MINUTE_MAX`]).
    Refusals(Fault),
}

impl Refusal {
    /// Whether the very same command would be refused again, however often it is sent.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Fault(_) | Self::Closed(_) | Self::Unreadable(_) => true,
            Self::Busy
            | Self::Above(_)
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
            Self::Above(_) => "it is above a bound",
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
            other => Self::Unreadable(Arc::new(other)),
        }
    }
}

/// Why the writer has stopped, or a key could not be made: nothing of what was asked for is
/// acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A commit failed between its batch and its signature.
    #[error("a commit failed: {0}")]
    Commit(#[source] LedgerError),
    /// The state could not be read again after that.
    #[error("the reload failed: {0}")]
    Reload(#[source] LedgerError),
    /// Keys could not be kept.
    #[error("keys could not be kept: {0}")]
    Keys(#[source] LedgerError),
    /// A command was refused when it had appended already: the two do not go together.
    #[error("a command was refused after it had appended: {}", .0.reason())]
    HalfDone(#[source] Box<Refusal>),
    /// The writer has counted wrongly.
    #[error("the writer has counted wrongly: {0}")]
    Miscounted(#[source] FoldError),
    /// The clocks cannot be trusted: nothing is wrong with what is there.
    #[error("clock: {0}")]
    Clock(#[source] ClockError),
    /// The writer's thread has ended in the middle of its work.
    #[error("the writer has fallen over; start the server again")]
    Fallen,
}

/// A ledger could not be created, opened or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Opening never creates.
    #[error("there is no ledger in this folder (`akashi init` creates one)")]
    Missing,
    /// The data file is there, and entry 0 is not in it.
    #[error("the data file holds no entry 0: making it was broken off, or rows of it are lost")]
    Unbegun,
    /// The data file is there, and what belongs to it is not.
    #[error(
        "there is a ledger in this folder, but its {0} is missing: put that back from where copies are kept; never make another with `akashi init`"
    )]
    Lost(Part),
    /// Creating never overwrites.
    #[error("there is a ledger here already, or part of one: its {0}")]
    Exists(Part),
    /// The store failed.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// A file beside the store failed, or there is no thread.
    #[error("{part}: {error}")]
    System {
        /// What of the ledger.
        part: Part,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The data file is not the one the guard last saw.
    #[error("guard: {0}")]
    Guard(#[from] GuardError),
    /// What is stored contradicts itself.
    #[error("record {index}: {damage}")]
    Corrupt {
        /// Log index of the record.
        index: LeafIndex,
        /// What is wrong.
        #[source]
        damage: Damage,
    },
    /// The body of the record is not open, and was needed. No damage.
    #[error("record {index} is {closed}")]
    Closed {
        /// Log index of the record.
        index: LeafIndex,
        /// What became of its body.
        closed: Closed,
    },
    /// The body of entry 0 is not open. It says whose ledger this is, and is published: nothing is
    /// guessed in its place.
    #[error("the body of entry 0 is {0}: put it back from any copy of the log (`/log/registry/1`)")]
    Unnamed(Closed),
    /// The body was to be closed as lost, or names a key of the log: the ledger acts on all of the
    /// registry, and everybody has it.
    #[error(
        "record {0} is of the registry, whose bodies are not closed as lost, nor those that name keys of the log: put it back from any copy of the log"
    )]
    OfRegistry(LeafIndex),
    /// The records do not follow from each other.
    #[error("record {index}: {error}")]
    Fold {
        /// Log index of the record.
        index: LeafIndex,
        /// What is wrong.
        #[source]
        error: FoldError,
    },
    /// The keyring lacks a key that is needed, or a key is none.
    #[error("keyring: {0}")]
    Keyring(#[from] KeyringError),
    /// A key that the registry names for the newest head is not there: no head is signed by fewer.
    #[error(
        "the log signs with `{0}`, and its file, log-{id}.key or log.key, is not among the keys: put \
         it back from where copies are kept",
        id = .0.id()
    )]
    NoLogKey(Box<VerifyingKey>),
    /// The head makes no checkpoint.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint could not be signed.
    #[error("checkpoint: {0}")]
    Sign(#[from] SignError),
    /// A disclosure could not be made.
    #[error("disclosure: {0}")]
    Disclosure(#[from] DisclosureError),
    /// The registry was begun under another origin than entry 0 names.
    #[error("expected a ledger of the origin {expected}, found {found}")]
    Origin {
        /// What it was opened as.
        expected: Origin,
        /// What is recorded.
        found: Origin,
    },
}

impl LedgerError {
    /// That the record at this index is damaged.
    pub fn corrupt(index: LeafIndex, damage: impl Into<Damage>) -> Self {
        let damage = damage.into();
        Self::Corrupt { index, damage }
    }

    /// That there is no record at this index, where one must be.
    pub fn no_such(index: LeafIndex) -> Self {
        Self::corrupt(index, Damage::NoRow)
    }

    /// Why no proof of the entry at this index could be made.
    pub(crate) fn unproven<E>(index: LeafIndex, error: ProveError<E>) -> Self
    where
        E: Error + Into<Self> + 'static,
    {
        match error {
            ProveError::Read(error) => error.into(),
            ProveError::IndexOutsideTree { size, .. } => {
                Self::corrupt(index, Damage::OutsideTree(size))
            }
        }
    }
}

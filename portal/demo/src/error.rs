//! Why the demo could not be made, continued or shown.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use akashi_desk::app::AppError;
use akashi_ledger::{LedgerError, Refusal};
use akashi_notifier::{OutboxError, StartError};
use akashi_policies::PackError;
use akashi_policies::load::LoadError;
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;

use crate::town::deed::Deed;

/// Why the demo could not be made, continued or shown.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Keys of this kind must not be reachable from elsewhere.
    #[error(
        "`--listen {0}`: the demo's keys are known to whoever reads its files; it listens on this machine only"
    )]
    NotLoopback(SocketAddr),
    /// A folder with something else in it.
    #[error(
        "`{0}` holds something that is not a demo: name an empty folder, or one that a demo was made in"
    )]
    Occupied(PathBuf),
    /// A seed file that is none.
    #[error("`{0}` is not a demo's seed file")]
    NoSeed(PathBuf),
    /// A file or folder.
    #[error("`{path}`: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// No socket for the town's mail server.
    #[error("the town's mail server: {error}")]
    Mail {
        /// What the system says.
        error: io::Error,
    },
    /// The ledger could not be made, opened or read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What requests run on.
    #[error(transparent)]
    App(#[from] AppError),
    /// The outbox could not be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The ledger refused a command.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A step of the past could not be told.
    #[error("step {step} of the town's past, {deed}: {error}")]
    Step {
        /// Which, from 0.
        step: usize,
        /// What it is.
        deed: String,
        /// Why.
        error: Box<DemoError>,
    },
    /// The pack answers otherwise than the past tells.
    #[error(
        "the pack does not fit the town's past, in which this is `{expected}`; under the pack it is {found}. Nothing was \
         kept: start again with a pack that decides the past as the built-in one does"
    )]
    DecidedOtherwise {
        /// What the past tells.
        expected: &'static str,
        /// What the pack answers, and why.
        found: String,
    },
    /// A ledger that was made under another pack.
    #[error(
        "`{folder}` was made under the pack with the digest {expected}; the pack given has {found}. A town \
         keeps the pack it was made with: start with that one, or in an empty folder"
    )]
    OtherPack {
        /// The demo's folder.
        folder: PathBuf,
        /// Digest of the pack in force.
        expected: Digest,
        /// Digest of the pack given.
        found: Digest,
    },
    /// The built-in pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A pack's folder.
    #[error("--pack: {0}")]
    PackFolder(#[from] LoadError),
    /// The contacts file.
    #[error("{0}")]
    Contacts(String),
    /// The notifier could not be started.
    #[error(transparent)]
    Notifier(#[from] StartError),
    /// The town contradicts itself: a mistake in this program.
    #[error("the demo's town lacks {0}")]
    Town(&'static str),
}

impl DemoError {
    /// Whether the pack stands against the past: another start would fail in the same step.
    pub(super) fn is_misfit(&self) -> bool {
        match self {
            Self::Step { error, .. } => error.is_misfit(),
            Self::DecidedOtherwise { .. } => true,
            _ => false,
        }
    }

    /// This error as that of a step.
    pub(super) fn in_step(self, step: usize, deed: &Deed) -> Self {
        Self::Step {
            step,
            deed: deed.to_string(),
            error: Box::new(self),
        }
    }
}

impl From<Fault> for DemoError {
    fn from(fault: Fault) -> Self {
        Self::Refused(Refusal::Fault(fault))
    }
}

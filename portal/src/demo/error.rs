//! Why the demo could not be made, continued or shown.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use akashi_ledger::{LedgerError, Refusal};
use akashi_notifier::{OutboxError, StartError};
use akashi_policies::PackError;
use akashi_proof::fault::Fault;

/// Why the demo could not be made, continued or shown.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Keys of this kind must not be reachable from elsewhere.
    #[error("`--listen {0}`: the demo's keys are known to whoever reads its files; it listens on this machine only")]
    NotLoopback(SocketAddr),
    /// A folder with something else in it.
    #[error("`{0}` holds something that is not a demo: name an empty folder, or one that a demo was made in")]
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
    /// The address cannot be had.
    #[error("`{address}`: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The ledger could not be made, opened or read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The outbox could not be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The ledger refused a command.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A step of the past was refused.
    #[error("step {step} of the town's past: {error}")]
    Step {
        /// Which, from 0.
        step: usize,
        /// Why.
        error: Box<DemoError>,
    },
    /// The town's pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The contacts file.
    #[error("{0}")]
    Contacts(String),
    /// The level of the log.
    #[error(transparent)]
    Level(#[from] crate::commands::logging::LevelError),
    /// The sockets.
    #[error(transparent)]
    Server(#[from] crate::server::ServerError),
    /// The notifier could not be started.
    #[error(transparent)]
    Notifier(#[from] StartError),
    /// The town contradicts itself: a mistake in this program.
    #[error("the demo's town lacks {0}")]
    Town(&'static str),
}

impl DemoError {
    /// This error as that of a step.
    pub(super) fn in_step(self, step: usize) -> Self {
        Self::Step { step, error: Box::new(self) }
    }
}

impl From<Fault> for DemoError {
    fn from(fault: Fault) -> Self {
        Self::Refused(Refusal::Fault(fault))
    }
}

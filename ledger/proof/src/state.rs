//! State as a fold of records: what the writer decides on, and what an auditor rebuilds to check
//! its decisions.
//!
//! Each fold takes records in log order and refuses one that could not have been made honestly.
//! Nothing here knows a store or a clock; the same lines run when a record is made, when a ledger
//! is opened again, and in the auditor's tool.

mod carried;
pub mod institution;
mod log_keys;
pub mod permit;
pub mod person;
mod policies;
pub mod registered;
pub mod registry;
mod resumptions;
mod same_question;
pub mod verified;

pub use institution::{Held, Roles};
pub use permit::Permitted;
pub use person::{Consent, Contact, Link, PendingAsk, Person, check_granted};
pub use policies::InForce;
pub use registered::{Institution, RegisteredKey, Reset, Standing, Supervisor};
pub use registry::{Registry, SUPERVISORS_MAX};
pub use resumptions::Resumption;
pub use same_question::{REST_MILLIS, Rest, same_question};
pub use verified::{NotVerified, SignedBy, Unread, Verified};

use crate::ids::{Epoch, GateNumber, Seq};
use crate::record::StreamKind;

/// Why a record does not follow from those before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The stream's next record must carry another place.
    #[error("expected {stream} seq {expected}, found {found}")]
    Seq {
        /// In which kind of stream.
        stream: StreamKind,
        /// What follows from the record before.
        expected: Seq,
        /// What the record says.
        found: Seq,
    },
    /// The person's next record must carry another epoch.
    #[error("expected epoch {expected}, found {found}")]
    Epoch {
        /// The epoch in force.
        expected: Epoch,
        /// What the record says.
        found: Epoch,
    },
    /// The next permit on a link must carry another number.
    #[error("expected gate number {expected}, found {found}")]
    GateNumber {
        /// What follows from the permit before.
        expected: GateNumber,
        /// What the record says.
        found: GateNumber,
    },
    /// The record names something that does not exist, or exists already.
    #[error("{0}")]
    Contradiction(&'static str),
    /// A signed statement inside the record does not carry it.
    #[error("statement: {0}")]
    Statement(#[from] crate::fault::Fault),
    /// The record says that she did what she had not shown enough for.
    #[error("{0}")]
    NotShown(crate::fault::Fault),
}

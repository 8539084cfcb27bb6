//! State as a fold of records: what the writer decides on, and what an auditor rebuilds to check
//! its decisions.
//!
//! Each fold takes records in log order and refuses one that could not have been made honestly.
//! Nothing here knows a store or a clock; the same lines run when a record is made, when a ledger
//! is opened again, and in the auditor's tool.

pub mod institution;
pub mod person;
pub mod registry;
pub mod verified;

pub use institution::{Held, Roles};
pub use person::{Consent, Contact, Link, PendingAsk, Person};
pub use registry::{Institution, RegisteredKey, Registry, Standing};
pub use verified::{NotVerified, SignedBy, Unread, Verified};

/// Why a record does not follow from those before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The stream's next record must carry another sequence number, epoch or predecessor.
    #[error("expected {what} {expected}, found {found}")]
    Sequence {
        /// Which number.
        what: &'static str,
        /// What follows from the record before.
        expected: u64,
        /// What the record says.
        found: u64,
    },
    /// The record names something that does not exist, or exists already.
    #[error("{0}")]
    Contradiction(&'static str),
    /// A signed statement inside the record does not carry it.
    #[error("statement: {0}")]
    Statement(#[from] crate::fault::Fault),
}

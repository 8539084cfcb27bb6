//! Business processes: the work data is used for, and the whitelist.

use akashi_proof::ids::ProcessId;
use akashi_proof::record::kind::BasisKind;
use akashi_proof::words;

use crate::codes::{Bits, Coded};
use crate::text::Text;

words! {
    /// Who does a step in the picture of a process.
    pub enum Actor {
        /// The institution that asks.
        Requester = "requester",
        /// The ledger.
        Ledger = "ledger",
        /// The person.
        Person = "person",
        /// The institution that has the data.
        Holder = "holder",
    }
}

words! {
    /// How the person hears of an access.
    pub enum Tell {
        /// At once, by a message of its own.
        Always = "always",
        /// In the next digest. It stands in her history at once all the same.
        Digest = "digest",
    }
}

/// A business process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its identifier in statements and records.
    pub id: ProcessId,
    /// Its name.
    pub name: Text,
    /// What it does, in plain words.
    pub what: Text,
    /// The steps of its picture, in order.
    pub flow: Vec<FlowStep>,
    /// Whether machines ask in bulk: such accesses are grouped for display, never hidden.
    pub machine: bool,
    /// The statute it rests on, where a row of the whitelist accepts one.
    pub statute: Option<Text>,
    /// Codes of the reasons for which an emergency may be declared in it.
    pub emergency_reasons: Vec<String>,
    /// Counts over fewer persons are refused.
    pub minimum_cell: u64,
    /// Whether and how the person is asked where there is no consent.
    pub ask: Option<AskRule>,
    /// How the person hears of its accesses.
    pub notify: Notify,
    /// After how many days the requester must have erased what it got.
    pub erase_after_days: Option<u64>,
    pub(crate) allow: Vec<Allow>,
}

/// One step in the picture of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowStep {
    /// Who does it.
    pub who: Actor,
    /// What happens.
    pub text: Text,
}

/// How a process asks the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskRule {
    /// Whether a reply by SMS may approve.
    pub low_risk: bool,
    /// How long she has to answer.
    pub window_seconds: u64,
}

/// How the person hears of a process's accesses. A question to her is always asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Of permits.
    pub permit: Tell,
    /// Of refusals.
    pub deny: Tell,
}

/// One row of the whitelist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allow {
    pub(crate) requesters: Bits,
    pub(crate) roles: Bits,
    pub(crate) purposes: Bits,
    pub(crate) holders: Bits,
    pub(crate) categories: Bits,
    pub(crate) bases: Vec<BasisKind>,
}

impl Coded for Process {
    fn code(&self) -> &str {
        self.id.as_str()
    }
}

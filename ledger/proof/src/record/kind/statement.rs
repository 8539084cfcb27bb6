//! Signed statements that were refused where no person could be resolved.

use crate::digest::Digest;
use crate::fault::Fault;
use crate::ids::{Jti, Kid, Timestamp};
use crate::jws::Type;
use crate::record::fields::fields;
use crate::record::value::{Bytes, words};
use crate::record::word::Step;

words! {
    /// Why signed statements were counted and not looked at one by one.
    pub enum CountedFor {
        /// They came above a rate of their institution.
        AboveRate = "above-rate",
        /// They were about one person, of whom more had been asked than may be, and there was no
        /// room to count them with her.
        AboutOnePerson = "about-one-person",
        /// They were bad, and as many bad ones were recorded as are in a minute.
        Refused = "refused",
        /// Their institution was suspended when they came.
        Suspended = "suspended",
    }
}

fields! {
    /// Fields of `statement.refused`.
    pub struct StatementRefused {
        /// The JWS type of what was refused.
        typ: Type,
        /// The key that signed it.
        kid: Kid,
        /// Its identifier, where one could be read.
        jti: Option<Jti>,
        /// The step that failed.
        step: Step,
        /// What was wrong.
        fault: Fault,
        /// SHA-256 of the statement's bytes.
        statement_digest: Digest,
        /// The statement as it came.
        statement: Bytes,
    }

    /// Fields of `statement.throttled`.
    pub struct StatementsThrottled {
        /// When the first of them came.
        from: Timestamp,
        /// When the last of them came.
        until: Timestamp,
        /// How many.
        count: u64,
        /// Why they were counted only.
        counted_for: CountedFor,
    }
}

impl StatementRefused {
    /// Whether it was refused for when it came ([`Fault::is_late`]): few of one key are recorded.
    pub fn is_late(&self) -> bool {
        self.fault.is_late()
    }
}

//! What a detector found.

use crate::ids::LeafIndex;
use crate::record::fields::fields;
use crate::record::value::words;

words! {
    /// What the detectors look for.
    pub enum Rule {
        /// A use outside what the whitelist allows for role and process, or without the role.
        OutOfPurpose = "D1",
        /// Evidence used again, or after what it rested on had ended.
        EvidenceMisused = "D11",
    }
}

fields! {
    /// Fields of `alert.raised`.
    pub struct AlertRaised {
        /// Log index of the access.
        access: LeafIndex,
        /// The detector's rule.
        rule: Rule,
    }
}

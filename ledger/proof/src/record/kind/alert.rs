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
    /// Fields of `alert.raised`: what one rule found about one institution, since the alert before.
    pub struct AlertRaised {
        /// Log index of the access; of several, of the first.
        access: LeafIndex,
        /// The detector's rule.
        rule: Rule,
        /// How many times it was found: at least one.
        count: u64,
    }
}

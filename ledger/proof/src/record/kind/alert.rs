//! What a detector found.

use crate::record::fields::fields;

fields! {
    /// Fields of `alert.raised`.
    pub struct AlertRaised {
        /// Log index of the access.
        access: u64,
        /// The detector's rule.
        rule: String,
    }
}

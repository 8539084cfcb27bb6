//! What a detector found.

use crate::ids::LeafIndex;
use crate::record::fields::fields;

fields! {
    /// Fields of `alert.raised`.
    pub struct AlertRaised {
        /// Log index of the access.
        access: LeafIndex,
        /// The detector's rule.
        rule: String,
    }
}

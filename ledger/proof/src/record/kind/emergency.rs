//! Emergencies, beside the accesses that were permitted on them.

use crate::ids::{LeafIndex, RoleCode, RoleHolderId};
use crate::record::fields::fields;

fields! {
    /// Fields of `emergency.declared`. The permit stands in the person's stream; this stands in the
    /// requester's, so that how many one role-holder has declared can be told from it alone.
    pub struct EmergencyDeclared {
        /// Who declared it.
        role_holder: RoleHolderId,
        /// In which role.
        role: RoleCode,
        /// The coded reason.
        reason_code: String,
        /// Log index of the permit.
        access: LeafIndex,
    }
}

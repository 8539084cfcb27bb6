//! Roles of an institution's role-holders.

use crate::ids::{RoleCode, RoleHolderId, Timestamp};
use crate::record::fields::fields;
use crate::record::value::Bytes;

fields! {
    /// Fields of `role.assigned`.
    pub struct RoleAssigned {
        /// Who holds it.
        role_holder: RoleHolderId,
        /// Which role.
        role: RoleCode,
        /// First instant of validity.
        valid_from: Timestamp,
        /// First instant at which it is no longer held.
        valid_until: Option<Timestamp>,
        /// The institution's signed act.
        statement: Bytes,
    }

    /// Fields of `role.ended`.
    pub struct RoleEnded {
        /// Who held it.
        role_holder: RoleHolderId,
        /// Which role.
        role: RoleCode,
        /// The institution's signed act.
        statement: Bytes,
    }
}

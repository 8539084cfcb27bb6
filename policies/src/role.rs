//! Roles inside institutions.

use akashi_proof::ids::RoleCode;

use crate::codes::{Bits, Coded};
use crate::text::Text;

/// A role a person holds in an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its code in statements and records.
    pub code: RoleCode,
    /// Its name.
    pub name: Text,
    /// Codes of the sectors in whose institutions it counts.
    pub sectors: Vec<String>,
    /// Whether its holder may declare an emergency.
    pub may_declare_emergency: bool,
    pub(crate) sector_bits: Bits,
}

impl Coded for Role {
    fn code(&self) -> &str {
        self.code.as_str()
    }
}

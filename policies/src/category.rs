//! Categories of data.

use akashi_proof::ids::CategoryCode;
use akashi_proof::record::kind::Assurance;
use akashi_proof::words;

use crate::codes::Coded;
use crate::text::Text;

words! {
    /// How much harm a disclosure can do.
    pub enum Sensitivity {
        /// Little.
        Ordinary = "ordinary",
        /// Data on health and means of living.
        Sensitive = "sensitive",
        /// Data that can follow a person, or a family, for life.
        Special = "special",
    }
}

/// A category of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its code in statements and records.
    pub code: CategoryCode,
    /// Its name.
    pub name: Text,
    /// What is in it, in plain words.
    pub description: Text,
    /// How much harm a disclosure can do.
    pub sensitivity: Sensitivity,
    /// How sure the ledger must be that it was the person who agreed.
    pub least_assurance: Assurance,
}

impl Coded for Category {
    fn code(&self) -> &str {
        self.code.as_str()
    }
}

//! The means a person shows who she is by: blocked at once where one is lost, and given back.

use super::subject::Channel;
use crate::ids::ContactId;
use crate::record::fields::fields;
use crate::record::value::words;
use crate::record::word::{Assurance, Language};

words! {
    /// Who blocked a means. Blocking takes little, so that nobody who must is kept from it.
    pub enum BlockedBy {
        /// Whoever held the phone.
        Phone = "phone",
        /// Whoever knew the number and the recovery code on her paper.
        Paper = "paper",
        /// She herself.
        Person = "person",
    }
}

fields! {
    /// Fields of `means.blocked`.
    pub struct MeansBlocked {
        /// The contact that counts for nothing until it is unblocked.
        contact: ContactId,
        /// What it is.
        channel: Channel,
        /// Who blocked it.
        blocked_by: BlockedBy,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `means.unblocked`.
    pub struct MeansUnblocked {
        /// The contact that counts again.
        contact: ContactId,
        /// What it is.
        channel: Channel,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }
}

//! How surely the one who holds a session is known, and what the session began with.

use std::sync::Arc;

use akashi_proof::ids::SubjectHandle;
use akashi_proof::record::kind::{Assurance, Language};

/// How surely the one who holds a session is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Level 0: not at all.
    Visitor,
    /// Level 1: holds a phone these persons use; of a freshly enrolled phone, one.
    Holder(Arc<[SubjectHandle]>),
    /// Level 2: is this person.
    Person {
        /// Who.
        subject: SubjectHandle,
        /// What was shown beside her recovery code.
        shown: Shown,
        /// Her language.
        language: Language,
    },
}

/// What a session began with. How surely its person is known and what is left of it without the
/// recovery code follow from this alone, so that no step makes a phone of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A code sent to a phone these persons use.
    Phone(Arc<[SubjectHandle]>),
    /// A code sent to an address of hers.
    Mail,
}

impl Shown {
    /// How surely a person is known who shows this and her recovery code.
    pub const fn with_recovery(&self) -> Assurance {
        match self {
            Self::Phone(_) => Assurance::SmsAndRecovery,
            Self::Mail => Assurance::EmailAndRecovery,
        }
    }

    /// The standing of whoever shows this alone: an address opens nothing.
    pub fn alone(&self) -> Standing {
        match self {
            Self::Phone(people) => Standing::Holder(Arc::clone(people)),
            Self::Mail => Standing::Visitor,
        }
    }
}

impl Standing {
    /// What it began with; `None` of a visitor, who has shown nothing.
    pub fn shown(&self) -> Option<Shown> {
        match self {
            Self::Visitor => None,
            Self::Holder(people) => Some(Shown::Phone(Arc::clone(people))),
            Self::Person { shown, .. } => Some(shown.clone()),
        }
    }
}

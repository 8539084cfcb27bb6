//! How surely the one who holds a session is known, and what the session began with.

use std::sync::Arc;

use akashi_ledger::command::Showed;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{SubjectHandle, Timestamp};
use akashi_proof::record::kind::{Assurance, Language};
use akashi_proof::state::Person;

/// A person as she stood when somebody showed what she is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    subject: SubjectHandle,
    /// Whether it showed alone what is hers.
    spoke: bool,
    showed: Showed,
}

impl Met {
    /// Who has just enrolled with it, of whom nothing else is recorded yet.
    pub fn newcomer(subject: SubjectHandle) -> Self {
        Self::surely(subject, Showed::default())
    }

    /// By a phone of hers.
    pub fn by_phone(person: &Person, now: Timestamp) -> Self {
        Self {
            subject: person.subject,
            spoke: person.phone_speaks_for_her(now),
            showed: Showed::to(person),
        }
    }

    /// By more than a phone.
    pub const fn surely(subject: SubjectHandle, showed: Showed) -> Self {
        Self {
            subject,
            spoke: true,
            showed,
        }
    }

    /// Who.
    pub const fn subject(&self) -> SubjectHandle {
        self.subject
    }

    /// What was shown.
    pub const fn showed(&self) -> Showed {
        self.showed
    }

    /// Whether the phone that was shown alone still shows what is hers. One that was blocked since
    /// it was shown, or was blocked or somebody else's too by then, does not, also where it is not
    /// any more: whoever held it may not be she.
    pub fn still_speaks(&self, person: &Person, now: Timestamp) -> bool {
        self.spoke && person.phone_speaks_for_her(now) && self.showed.counts(person)
    }
}

/// How surely the one who holds a session is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Level 0: not at all.
    Visitor,
    /// Level 1: holds a phone these persons use; of a freshly enrolled phone, one.
    Holder(Arc<[Met]>),
    /// Level 2: is this person.
    Person {
        /// Who.
        subject: SubjectHandle,
        /// What was shown, her recovery code with it.
        showed: Showed,
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
    Phone(Arc<[Met]>),
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

    /// The same, where she has been given this recovery code instead of the one she showed.
    #[must_use]
    pub fn with_recovery(mut self, digest: Digest) -> Self {
        if let Self::Person { showed, .. } = &mut self {
            *showed = showed.and_recovery(digest);
        }
        self
    }
}

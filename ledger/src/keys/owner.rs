//! Whose a record is, and so under whose key its body is sealed.

use akashi_proof::ids::{InstitutionId, SubjectHandle};
use akashi_proof::record::Position;

/// Whose stream a record is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The registry: published in full.
    Registry,
    /// An institution.
    Institution(InstitutionId),
    /// A person.
    Person(SubjectHandle),
}

impl Owner {
    /// The owner of the stream a record has this place in.
    pub fn of(position: &Position) -> Self {
        match position {
            Position::Registry(_) => Self::Registry,
            Position::Institution(place) => Self::Institution(place.institution.clone()),
            Position::Person(place) => Self::Person(place.subject),
        }
    }

    /// The owner as bytes, for names of keys.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Registry => b"R".to_vec(),
            Self::Institution(id) => [b"I", id.as_str().as_bytes()].concat(),
            Self::Person(handle) => [b"P", handle.as_bytes().as_slice()].concat(),
        }
    }
}

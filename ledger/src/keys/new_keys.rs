//! Keys a command needs that may not be there yet. They are made before it waits for the writer,
//! so that the writer waits for no other file than its own.

use akashi_proof::digest::Secret;
use akashi_proof::ids::{InstitutionId, SubjectHandle, Timestamp};

use crate::keys::keyring::KeyOf;
use crate::keys::owner::Owner;

/// Keys to be drawn, and keys that were handed over. Nothing can be read from it.
#[derive(Default)]
pub struct NewKeys {
    pub(super) drawn: Vec<KeyOf>,
    pub(super) handed: Vec<(KeyOf, Secret)>,
}

impl NewKeys {
    /// None: the command appends nothing that needs a key of its own.
    pub fn none() -> Self {
        Self::default()
    }

    /// What a new record about this person needs: in January the body key of the year.
    pub(crate) fn of_person(subject: SubjectHandle, now: Timestamp) -> Self {
        Self::none().and_of_person(subject, now)
    }

    /// And what a new record about this person needs.
    pub(crate) fn and_of_person(self, subject: SubjectHandle, now: Timestamp) -> Self {
        self.draw(KeyOf::Body(Owner::Person(subject), now.year_utc()))
    }

    /// The same for records about several people.
    pub(crate) fn of_people(subjects: impl Iterator<Item = SubjectHandle>, now: Timestamp) -> Self {
        subjects.fold(Self::none(), |keys, subject| {
            keys.and_of_person(subject, now)
        })
    }

    /// What a new record in this institution's own stream needs.
    pub(crate) fn of_institution(institution: &InstitutionId, now: Timestamp) -> Self {
        let owner = Owner::Institution(institution.clone());
        Self::none().draw(KeyOf::Body(owner, now.year_utc()))
    }

    /// With this key, drawn if it is not there.
    pub(crate) fn draw(mut self, key: KeyOf) -> Self {
        self.drawn.push(key);
        self
    }

    /// With this key that came from outside.
    pub(crate) fn hand_over(mut self, name: KeyOf, key: Secret) -> Self {
        self.handed.push((name, key));
        self
    }
}

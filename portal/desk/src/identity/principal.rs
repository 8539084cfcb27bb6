//! Who is there, how surely that is known, and in which language they read: what everything that is
//! done for a person begins with, whatever face she comes to.

use std::sync::Arc;

use akashi_ledger::Reader;
use akashi_proof::ids::{SubjectHandle, Timestamp};
use akashi_proof::record::kind::{Assurance, Language, MustShow};
use akashi_proof::state::Person;

use crate::declined::Declined;
use crate::identity::session::MILLIS_MAX;

/// Who is there. Made where somebody has shown who they are (a session, two officers at a counter),
/// never from what a request says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    people: Arc<[SubjectHandle]>,
    assurance: Assurance,
    language: Language,
}

impl Principal {
    /// Whoever holds a phone these persons use: one of them, or somebody who found it.
    pub fn holder(people: Arc<[SubjectHandle]>, language: Language) -> Self {
        Self {
            people,
            assurance: Assurance::Sms,
            language,
        }
    }

    /// This person, known so surely.
    pub fn person(subject: SubjectHandle, assurance: Assurance, language: Language) -> Self {
        Self {
            people: Arc::new([subject]),
            assurance,
            language,
        }
    }

    /// The one person it is.
    ///
    /// # Errors
    /// [`Declined::MoreSurely`] where it may be anybody who holds the phone, [`Declined::Nobody`]
    /// where nobody is known.
    pub fn subject(&self) -> Result<SubjectHandle, Declined> {
        match *self.people {
            [] => Err(Declined::Nobody),
            [subject] if MustShow::Person.accepts(self.assurance) => Ok(subject),
            _ => Err(Declined::MoreSurely),
        }
    }

    /// Everybody it may be.
    pub fn people(&self) -> &[SubjectHandle] {
        &self.people
    }

    /// Those of them who are enrolled and may be shown: of whom only the phone is known, nobody
    /// whose phone is blocked or somebody else's too, nor who has had another phone for less than a
    /// session lasts - it may have begun with the old one.
    pub fn found(&self, reader: &Reader, now: Timestamp) -> Vec<Arc<Person>> {
        let mut found = self.enrolled(reader);
        if !self.is_person() {
            found.retain(|person| {
                let moved = person.moved_at(now);
                let moved_long_ago = moved.is_none_or(|moved| moved.plus_millis(MILLIS_MAX) <= now);
                moved_long_ago && person.phone_speaks_for_her(now)
            });
        }
        found
    }

    /// All of them who are enrolled: whom a recovery code may belong to.
    pub fn enrolled(&self, reader: &Reader) -> Vec<Arc<Person>> {
        let enrolled = self.people.iter().map(|subject| reader.person(subject));
        enrolled.flatten().collect()
    }

    /// How surely they are known.
    pub const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// The language they read: what is agreed to is recorded in the language it was shown in.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Whether they are known as one person.
    pub fn is_person(&self) -> bool {
        self.subject().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handles(bytes: &[u8]) -> Arc<[SubjectHandle]> {
        let handle = |byte: &u8| SubjectHandle::from_bytes([*byte; 16]);
        bytes.iter().map(handle).collect()
    }

    #[test]
    fn whoever_holds_a_phone_is_no_person_even_where_only_one_uses_it() {
        for bytes in [&[1][..], &[1, 2]] {
            let holder = Principal::holder(handles(bytes), Language::Ja);
            assert!(matches!(holder.subject(), Err(Declined::MoreSurely)));
            assert_eq!(holder.people().len(), bytes.len());
        }
        let nobody = Principal::holder(handles(&[]), Language::Ja);
        assert!(matches!(nobody.subject(), Err(Declined::Nobody)));
    }

    #[test]
    fn a_person_is_one_only_if_known_surely_enough() {
        let subject = handles(&[1])[0];
        for (assurance, known) in [
            (Assurance::Sms, false),
            (Assurance::EmailAndRecovery, true),
            (Assurance::SmsAndRecovery, true),
            (Assurance::TwoOfficers, true),
            (Assurance::Passkey, true),
        ] {
            let person = Principal::person(subject, assurance, Language::En);
            assert_eq!(person.subject().ok(), known.then_some(subject));
            assert_eq!(person.is_person(), known);
        }
    }
}

//! Who is there, how surely that is known, and in which language they read: what everything that is
//! done for a person begins with, whatever face she comes to.

use std::sync::Arc;

use akashi_ledger::Reader;
use akashi_ledger::command::Showed;
use akashi_proof::ids::{SubjectHandle, Timestamp};
use akashi_proof::record::kind::{Assurance, Language, MustShow};
use akashi_proof::state::Person;

use crate::declined::Declined;
use crate::identity::session::{MILLIS_MAX, Met};

/// Who is there. Made where somebody has shown who they are (a session, two officers at a counter),
/// never from what a request says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    people: Arc<[Met]>,
    assurance: Assurance,
    language: Language,
}

impl Principal {
    /// Whoever holds a phone these persons use: one of them, or somebody who found it.
    pub fn holder(people: Arc<[Met]>, language: Language) -> Self {
        Self {
            people,
            assurance: Assurance::Sms,
            language,
        }
    }

    /// This person, known so surely.
    pub fn person(met: Met, assurance: Assurance, language: Language) -> Self {
        Self {
            people: Arc::new([met]),
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
        match &*self.people {
            [] => Err(Declined::Nobody),
            [met] if MustShow::Person.accepts(self.assurance) => Ok(met.subject()),
            _ => Err(Declined::MoreSurely),
        }
    }

    /// What was shown of this one of those it may be.
    ///
    /// # Errors
    /// [`Declined::Nobody`] where it cannot be her.
    pub fn showed(&self, subject: &SubjectHandle) -> Result<Showed, Declined> {
        let met = self.people.iter().find(|met| met.subject() == *subject);
        met.map(Met::showed).ok_or(Declined::Nobody)
    }

    /// Those of them who are enrolled and may be shown: of whom only the phone is known, nobody
    /// whose phone is or was blocked or somebody else's too since it was shown ([`Met`]), nor who
    /// has had another phone for less than a session lasts - it may have begun with the old one.
    pub fn found(&self, reader: &Reader, now: Timestamp) -> Vec<Arc<Person>> {
        let is_person = self.is_person();
        let may_be_shown = |(met, person): &(&Met, Arc<Person>)| {
            let moved = person.moved_at(now);
            let moved_long_ago = moved.is_none_or(|moved| moved.plus_millis(MILLIS_MAX) <= now);
            is_person || moved_long_ago && met.still_speaks(person, now)
        };
        let found = self.met(reader).filter(may_be_shown);
        found.map(|(_, person)| person).collect()
    }

    /// All of them who are enrolled: whom a recovery code may belong to.
    pub fn enrolled(&self, reader: &Reader) -> Vec<Arc<Person>> {
        self.met(reader).map(|(_, person)| person).collect()
    }

    fn met<'a>(&'a self, reader: &'a Reader) -> impl Iterator<Item = (&'a Met, Arc<Person>)> {
        let people = self.people.iter();
        people.filter_map(|met| Some((met, reader.person(&met.subject())?)))
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

    fn met(bytes: &[u8]) -> Arc<[Met]> {
        let handle = |byte: &u8| SubjectHandle::from_bytes([*byte; 16]);
        bytes.iter().map(handle).map(Met::newcomer).collect()
    }

    #[test]
    fn whoever_holds_a_phone_is_no_person_even_where_only_one_uses_it() {
        for bytes in [&[1][..], &[1, 2]] {
            let holder = Principal::holder(met(bytes), Language::Ja);
            assert!(matches!(holder.subject(), Err(Declined::MoreSurely)));
            for met in met(bytes).iter() {
                assert_eq!(holder.showed(&met.subject()).ok(), Some(met.showed()));
            }
        }
        let nobody = Principal::holder(met(&[]), Language::Ja);
        assert!(matches!(nobody.subject(), Err(Declined::Nobody)));
    }

    #[test]
    fn a_person_is_one_only_if_known_surely_enough() {
        let her = met(&[1])[0];
        for (assurance, known) in [
            (Assurance::Sms, false),
            (Assurance::EmailAndRecovery, true),
            (Assurance::SmsAndRecovery, true),
            (Assurance::TwoOfficers, true),
            (Assurance::Passkey, true),
        ] {
            let person = Principal::person(her, assurance, Language::En);
            assert_eq!(person.subject().ok(), known.then_some(her.subject()));
            assert_eq!(person.is_person(), known);
        }
    }
}

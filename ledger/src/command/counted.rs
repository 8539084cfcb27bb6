//! How much one institution may say about one person, and what it asked above that: counted by
//! whoever was refused, one record for many.

use akashi_proof::ids::{InstitutionId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{AccessesCounted, BasisKind, Event};
use akashi_proof::state::Person;

use crate::error::{Above, Refusal};
use crate::keys::new_keys::NewKeys;
use crate::limits::{ABOUT_ONE_FOR_EMERGENCIES, ABOUT_ONE_PER_DAY_MAX, ABOUT_ONE_PER_HOUR_MAX};
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Records how many statements of one institution about her came above
/// [`ABOUT_ONE_PER_HOUR_MAX`], and what they were about.
pub struct CountAccesses {
    /// Whom they were about.
    pub subject: SubjectHandle,
    /// Whose they were, when they came, and how many.
    pub counted: AccessesCounted,
}

impl Command for CountAccesses {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, transaction: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let event = Event::AccessesCounted(self.counted);
        transaction.append_person(&self.subject, ENGINE, event)
    }
}

/// Refuses what is more than one institution may say about one person; an emergency has room of its
/// own behind that. What follows from her own yes, and a release on a permit that holds, is never
/// asked.
///
/// # Errors
/// [`Above::AboutOnePerson`].
pub(super) fn check_room(
    person: &Person,
    institution: &InstitutionId,
    basis: Option<BasisKind>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let (in_hour, in_day) = person.statements_of(institution, now);
    let more = if basis == Some(BasisKind::Emergency) {
        ABOUT_ONE_FOR_EMERGENCIES
    } else {
        0
    };
    let until = if in_day >= ABOUT_ONE_PER_DAY_MAX + more {
        now.next_day_utc()
    } else if in_hour >= ABOUT_ONE_PER_HOUR_MAX + more {
        now.next_hour_utc()
    } else {
        return Ok(());
    };
    let subject = person.subject;
    Err(Refusal::Above(Above::AboutOnePerson { subject, until }))
}

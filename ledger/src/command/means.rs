//! A phone that is lost counts for nothing, until whoever has the second thing says it is found.

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{ContactId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{
    Assurance, BlockedBy, Channel, Event, Language, MeansBlocked, MeansUnblocked, YesNo,
};

use crate::error::Refusal;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Blocks a phone of a person: an address shows nothing without the paper.
pub struct BlockMeans {
    /// The person.
    pub subject: SubjectHandle,
    /// Which contact.
    pub contact: ContactId,
    /// Who does it.
    pub blocked_by: BlockedBy,
    /// The language of the page.
    pub language: Language,
}

impl Command for BlockMeans {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self, _reader: &Reader, _now: Timestamp) -> Lane {
        Lane::Urgent
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let channel = channel_of(tx, &self.subject, self.contact, YesNo::No)?;
        let event = Event::MeansBlocked(MeansBlocked {
            contact: self.contact,
            channel,
            blocked_by: self.blocked_by,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Unblocks it again.
pub struct UnblockMeans {
    /// The person.
    pub subject: SubjectHandle,
    /// Which contact.
    pub contact: ContactId,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for UnblockMeans {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let channel = channel_of(tx, &self.subject, self.contact, YesNo::Yes)?;
        let event = Event::MeansUnblocked(MeansUnblocked {
            contact: self.contact,
            channel,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// What the contact is, which must be a phone of hers and so blocked or not: what changes nothing
/// is no act.
fn channel_of(
    tx: &Transaction<'_>,
    subject: &SubjectHandle,
    contact: ContactId,
    blocked: YesNo,
) -> Result<Channel, Fault> {
    let person = tx.need_person(subject)?;
    let mut contacts = person.contacts.iter();
    let known = contacts.find(|known| {
        let is_phone = known.channel == Channel::Sms;
        known.contact == contact && is_phone && known.blocked == blocked
    });
    known.map(|known| known.channel).ok_or_else(|| {
        let expected = match blocked {
            YesNo::No => "a phone that is not blocked",
            YesNo::Yes => "a phone that is blocked",
        };
        Fault::new(FaultCode::Conflict, "contact", expected, "another")
    })
}

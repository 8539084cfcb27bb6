//! A person joins, and shows that a phone number or an address is hers.

use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{ContactId, Epoch, LeafIndex, Qid, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{
    Assurance, Channel, ContactVerified, Event, Language, PapersReplaced, SubjectEnrolled,
};
use akashi_proof::stream;

use crate::error::Refusal;
use crate::keys::keyring::KeyOf;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Begins a person's stream.
pub struct Enrol {
    /// Her new handle.
    pub subject: SubjectHandle,
    /// Her new visible ID.
    pub qid: Qid,
    /// Digest of her recovery code.
    pub recovery_digest: Digest,
    /// The contact that was verified, already in the contacts file.
    pub contact: ContactId,
    /// How sure.
    pub assurance: Assurance,
    /// Her language.
    pub language: Language,
}

impl Command for Enrol {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Newcomer
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now).draw(KeyOf::Tag(self.subject, Epoch::FIRST))
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let conflict = |field| {
            Fault::new(
                FaultCode::Conflict,
                field,
                "one never used before",
                "one used before",
            )
        };
        if tx.person(&self.subject).is_some() {
            return Err(conflict("subject").into());
        }
        if tx.person_by_qid(&self.qid).is_some() {
            return Err(conflict("qid").into());
        }
        let tag_key = tx.keyring().need(&KeyOf::Tag(self.subject, Epoch::FIRST))?;
        let event = Event::SubjectEnrolled(SubjectEnrolled {
            tag_key: stream::tag_key_commitment(Epoch::FIRST, &tag_key),
            qid_digest: self.qid.digest(),
            recovery_digest: self.recovery_digest,
            contact: self.contact,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that a contact was shown to be the person's.
pub struct VerifyContact {
    /// The person.
    pub subject: SubjectHandle,
    /// The contact, already in the contacts file.
    pub contact: ContactId,
    /// What it is.
    pub channel: Channel,
    /// How sure.
    pub assurance: Assurance,
}

impl Command for VerifyContact {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        tx.need_person(&self.subject)?;
        let event = Event::ContactVerified(ContactVerified {
            contact: self.contact,
            channel: self.channel,
            assurance: self.assurance,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Gives a person another visible ID and another recovery code: the old ones are worth nothing from
/// the record on.
pub struct ReplacePapers {
    /// The person.
    pub subject: SubjectHandle,
    /// Digest of the recovery code she has just shown: of two forms at once the second shows an old
    /// one.
    pub shown: Digest,
    /// Her new visible ID.
    pub qid: Qid,
    /// Digest of her new recovery code.
    pub recovery_digest: Digest,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for ReplacePapers {
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
        let person = tx.need_person(&self.subject)?;
        let conflict =
            |field, expected, found| Fault::new(FaultCode::Conflict, field, expected, found);
        if person.recovery_digest != Some(self.shown) {
            return Err(conflict("recovery", "the code in force", "another").into());
        }
        if tx.person_by_qid(&self.qid).is_some() {
            return Err(conflict("qid", "one never used before", "one used before").into());
        }
        let event = Event::PapersReplaced(PapersReplaced {
            qid_digest: self.qid.digest(),
            recovery_digest: self.recovery_digest,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

//! A contact of a person is replaced by another, ends, or turns out to be somebody else's too.

use std::sync::Arc;

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{ContactId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::limits::COOLING_OFF_MILLIS;
use akashi_proof::record::kind::{
    Assurance, Channel, ContactDoubted, ContactKept, ContactReplaced, ContactSettled, Event,
    KeptBy, Language,
};
use akashi_proof::state::{Contact, Person};

use crate::error::Refusal;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Records that another contact will take the place of one when the cooling-off is over.
pub struct ReplaceContact {
    /// The person.
    pub subject: SubjectHandle,
    /// The new contact, already in the contacts file.
    pub contact: ContactId,
    /// The one it replaces.
    pub replaces: ContactId,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for ReplaceContact {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let person = tx.need_person(&self.subject)?;
        let channel = hers(tx, &person, self.replaces, |_| true)?.channel;
        if person.replacing(tx.now()).is_some() {
            let expected = "one replacement at a time";
            return Err(conflict("replaces", expected, "a second").into());
        }
        let event = Event::ContactReplaced(ContactReplaced {
            contact: self.contact,
            channel,
            replaces: self.replaces,
            effective: tx.now().plus_millis(COOLING_OFF_MILLIS),
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that a contact that was to be replaced stays.
pub struct KeepContact {
    /// The person.
    pub subject: SubjectHandle,
    /// The contact that will not replace it, as it was seen: a later one is not stopped by an old
    /// form.
    pub instead_of: ContactId,
    /// Who stops it.
    pub kept_by: KeptBy,
    /// The language of the page.
    pub language: Language,
}

impl Command for KeepContact {
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
        let replacing = person.replacing(tx.now());
        let Some((old, _)) = replacing.filter(|(_, new)| new.contact == self.instead_of) else {
            let expected = "a contact that is about to replace another";
            return Err(conflict("instead_of", expected, "another").into());
        };
        if !person.may_keep(self.kept_by, tx.now()) {
            let expected = "her, or a phone that speaks for her";
            return Err(conflict("kept_by", expected, "a phone that does not").into());
        }
        let event = Event::ContactKept(ContactKept {
            contact: old.contact,
            channel: old.channel,
            instead_of: self.instead_of,
            kept_by: self.kept_by,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that a contact is hers no longer, where it may end ([`Person::may_end`]). Somebody who
/// could not be reached any more could never come back, and one who took her over must not do it
/// faster than she hears of it: a contact goes only where another stays that has long been hers.
pub struct EndContact {
    /// The person.
    pub subject: SubjectHandle,
    /// Which contact.
    pub contact: ContactId,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for EndContact {
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
        let channel = hers(tx, &person, self.contact, |_| true)?.channel;
        if !person.may_end(self.contact, tx.now()) {
            let expected = "a contact that stays, beside another by which she has been reached";
            return Err(conflict("contact", expected, "the last, or one being replaced").into());
        }
        let event = Event::ContactEnded(ContactSettled {
            contact: self.contact,
            channel,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that somebody else has shown a number of hers to be theirs.
pub struct DoubtContact {
    /// The person.
    pub subject: SubjectHandle,
    /// Which contact.
    pub contact: ContactId,
}

impl Command for DoubtContact {
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
        // One that is yet to take another's place may be somebody else's by then, too.
        let mut contacts = person.contacts.iter();
        let undoubted = |known: &&Contact| {
            let is_phone = known.channel == Channel::Sms;
            known.contact == self.contact && is_phone && !known.is_doubted()
        };
        let known = contacts
            .find(undoubted)
            .ok_or_else(|| conflict("contact", "a phone that is not doubted", "another"))?;
        let event = Event::ContactDoubted(ContactDoubted {
            contact: self.contact,
            channel: known.channel,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Records that she uses a number all the same that somebody else has, too.
pub struct ConfirmContact {
    /// The person.
    pub subject: SubjectHandle,
    /// Which contact.
    pub contact: ContactId,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for ConfirmContact {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let person = tx.need_person(&self.subject)?;
        let known = hers(tx, &person, self.contact, Contact::is_doubted)?;
        let event = Event::ContactConfirmed(ContactSettled {
            contact: self.contact,
            channel: known.channel,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// The contact of hers that is as wanted: what changes nothing is no act.
fn hers<'p>(
    tx: &Transaction<'_>,
    person: &'p Arc<Person>,
    contact: ContactId,
    is_wanted: impl Fn(&Contact) -> bool,
) -> Result<&'p Contact, Fault> {
    let mut contacts = person.contacts_at(tx.now());
    let found = contacts.find(|known| known.contact == contact && is_wanted(known));
    found.ok_or_else(|| {
        conflict(
            "contact",
            "a contact of hers that can be so changed",
            "another",
        )
    })
}

fn conflict(field: &str, expected: &str, found: &str) -> Fault {
    Fault::new(FaultCode::Conflict, field, expected, found)
}

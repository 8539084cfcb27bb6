//! An institution's code for a person ends: by her will, or by the institution's.
//!
//! From the record on the code opens nothing: a request that carries it is refused at the fifth
//! step of the decision, and what was permitted on it is not released any more.

use std::sync::Arc;

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{Generation, InstitutionId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{
    Assurance, Event, Language, LinkEnd, LinkRevoked, LinkWithdrawn, StatementRefused, Step,
};
use akashi_proof::state::{Link, Person, Verified};
use akashi_proof::statement::LinkEndClaims;
use akashi_tlog::checkpoint::Origin;

use super::entrance::{self, Entered};
use super::refuse;
use crate::error::Refusal;
use crate::keys::keyring::Keyring;
use crate::keys::link_code;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::stored::OpenRecord;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// The person ends an institution's code for her.
pub struct WithdrawLink {
    /// The person.
    pub subject: SubjectHandle,
    /// Whose code.
    pub institution: InstitutionId,
    /// Which generation she saw: a newer one is not ended by an old form.
    pub generation: Generation,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for WithdrawLink {
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
        if standing(&person, &self.institution, self.generation).is_none() {
            let expected = "a link code that stands";
            return Err(Fault::new(FaultCode::Conflict, "generation", expected, "another").into());
        }
        let event = Event::LinkWithdrawn(LinkWithdrawn {
            institution: self.institution,
            generation: self.generation,
            assurance: self.assurance,
            language: self.language,
        });
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// An institution ends its code for a person. One that is suspended may, too: it only takes away.
pub struct EndLink {
    /// What it signed.
    pub statement: Verified<LinkEndClaims>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEndReceipt {
    /// The code has ended, now or by an earlier sending of the same bytes.
    Ended {
        /// Log index of the record.
        index: LeafIndex,
    },
    /// The statement is bad; the refusal is recorded.
    Refused {
        /// Log index of the refusal.
        index: LeafIndex,
        /// What is wrong.
        fault: Fault,
    },
}

impl Command for EndLink {
    type Receipt = LinkEndReceipt;

    fn payer(&self) -> Payer {
        Payer::Signer(self.statement.by().id().clone())
    }

    fn keys(&self, reader: &Reader, now: Timestamp) -> NewKeys {
        let LinkEndClaims {
            common, link_code, ..
        } = self.statement.claims();
        match link_code::read(&reader.keyring, reader.origin(), &common.iss, link_code) {
            Some(opened) => NewKeys::of_person(opened.subject, now),
            None => NewKeys::of_institution(&common.iss, now),
        }
    }

    /// Read before its turn: a code nobody has ends nothing and hurries nobody.
    fn lane(&self, reader: &Reader, _now: Timestamp) -> Lane {
        let (keyring, origin) = (&reader.keyring, reader.origin());
        match self.find(keyring, origin, |subject| reader.person(subject)) {
            Some(_) => Lane::Ending,
            None => Lane::Regular,
        }
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LinkEndReceipt, Refusal> {
        match entrance::enter(tx, &self.statement)? {
            Entered::New => {}
            Entered::Again(record) => return answered(*record),
            Entered::Refused { index, fault } => {
                return Ok(LinkEndReceipt::Refused { index, fault });
            }
        }
        let (subject, generation) = match self.check(tx) {
            Ok(found) => found,
            Err(fault) => return self.refuse(tx, fault),
        };
        let LinkEndClaims { common, cause, .. } = self.statement.claims().clone();
        let ended = LinkRevoked {
            institution: common.iss,
            generation,
            cause,
            kid: self.statement.kid().clone(),
            jti: common.jti,
            statement: self.statement.to_bytes(),
        };
        let event = match cause {
            LinkEnd::NotNeeded | LinkEnd::Disclosed => Event::LinkRevoked(ended),
            LinkEnd::WrongPerson => Event::LinkCorrected(ended),
        };
        let index = tx.append_person(&subject, ENGINE, event)?;
        Ok(LinkEndReceipt::Ended { index })
    }
}

impl EndLink {
    /// Whose code it is, and of which generation, where it stands.
    fn find(
        &self,
        keyring: &Keyring,
        origin: &Origin,
        person: impl FnOnce(&SubjectHandle) -> Option<Arc<Person>>,
    ) -> Option<(SubjectHandle, Generation)> {
        let LinkEndClaims {
            common, link_code, ..
        } = self.statement.claims();
        let opened = link_code::read(keyring, origin, &common.iss, link_code)?;
        let person = person(&opened.subject)?;
        let link = standing(&person, &common.iss, opened.generation)?;
        Some((person.subject, link.generation))
    }

    fn check(&self, tx: &Transaction<'_>) -> Result<(SubjectHandle, Generation), Fault> {
        let found = self.find(tx.keyring(), tx.origin(), |subject| tx.person(subject));
        // One answer whether it is another's, has ended, or never was one.
        found.ok_or_else(|| {
            let expected = "a link code of `iss` that stands";
            Fault::new(FaultCode::NoMatch, "link_code", expected, "another")
        })
    }

    fn refuse(&self, tx: &mut Transaction<'_>, fault: Fault) -> Result<LinkEndReceipt, Refusal> {
        let index = refuse::append_refusal(tx, &self.statement, Step::Statement, &fault)?;
        Ok(LinkEndReceipt::Refused { index, fault })
    }
}

/// The answer that was given to these bytes.
fn answered(earlier: OpenRecord) -> Result<LinkEndReceipt, Refusal> {
    let OpenRecord { index, record, .. } = earlier;
    if let Event::LinkRevoked(_) | Event::LinkCorrected(_) = record.event {
        return Ok(LinkEndReceipt::Ended { index });
    }
    if let Event::StatementRefused(StatementRefused { fault, .. }) = record.event {
        return Ok(LinkEndReceipt::Refused { index, fault });
    }
    Err(entrance::used().into())
}

/// The institution's code of this generation, where it has not ended.
fn standing<'p>(
    person: &'p Person,
    institution: &InstitutionId,
    generation: Generation,
) -> Option<&'p Link> {
    let link = person.link(institution)?;
    (link.generation == generation && link.stands()).then_some(link)
}

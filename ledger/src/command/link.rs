//! An institution learns its own code for a person who stands at its counter.

use std::sync::Arc;

use akashi_proof::digest::Secret;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::gate;
use akashi_proof::ids::{
    Generation, InstitutionId, KeyVersion, LeafIndex, LinkCode, SubjectHandle, Timestamp,
};
use akashi_proof::record::Position;
use akashi_proof::record::kind::{Account, Assurance, Event, LinkIssued, StatementRefused, Step};
use akashi_proof::state::{Person, Verified};
use akashi_proof::statement::LinkClaims;
use akashi_proof::statement::header::LINK_KEY;

use super::entrance::{self, Entered};
use super::refuse;
use crate::error::{Damage, LedgerError, Refusal};
use crate::index::keys::link_check_key;
use crate::keys::keyring::KeyOf;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::stored::OpenRecord;
use crate::writer::sequencer::{Command, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Version of the institution's sealing key new codes are made with.
const KEY_VERSION: KeyVersion = KeyVersion::new(1);

/// Issues a link code. The caller has found whose one-time code was read out, which is spent by it;
/// that it is the person's the statement names is compared here.
pub struct IssueLink {
    /// The request.
    pub statement: Verified<LinkClaims>,
    /// The link key handed over beside it.
    pub link_key: Secret,
    /// Whose the one-time code was that was read out; `None` where it was nobody's.
    pub read_out_by: Option<SubjectHandle>,
}

/// What became of a link request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkReceipt {
    /// The code was issued, now or on an earlier sending of the same bytes.
    Issued {
        /// Log index of `link.issued`.
        index: LeafIndex,
        /// The institution's code for the person.
        code: LinkCode,
    },
    /// The request is bad; the refusal is recorded.
    Refused {
        /// Log index of the refusal.
        index: LeafIndex,
        /// What is wrong.
        fault: Fault,
    },
}

impl IssueLink {
    /// The key new codes of an institution are sealed with.
    pub(super) fn sealing_key(institution: &InstitutionId) -> KeyOf {
        KeyOf::LinkSeal(institution.clone(), KEY_VERSION)
    }

    fn check(&self, tx: &Transaction<'_>) -> Result<Arc<Person>, Fault> {
        let LinkClaims {
            link_check, qid, ..
        } = self.statement.claims();
        if gate::link_check(&self.link_key) != *link_check {
            return Err(Fault::new(
                FaultCode::Mismatch,
                "link_check",
                "the check value of the link key",
                "another",
            ));
        }
        // One answer whether the visible ID or the code is wrong: it must not tell who exists.
        // Of somebody whose account is not open nothing is told, not even that.
        let person = tx.person_by_qid(qid).filter(|person| {
            self.read_out_by == Some(person.subject) && person.account == Account::Open
        });
        let person = person.ok_or_else(|| {
            Fault::new(
                FaultCode::NoMatch,
                "qid",
                "the visible ID and current code of exactly one person",
                "none",
            )
        })?;
        tx.need_complete(&person)?;
        Ok(person)
    }
}

impl Command for IssueLink {
    type Receipt = LinkReceipt;

    fn payer(&self) -> Payer {
        Payer::Signer(self.statement.by().id().clone())
    }

    fn keys(&self, reader: &Reader, now: Timestamp) -> NewKeys {
        let claims = self.statement.claims();
        match reader.person_by_qid(&claims.qid) {
            Some(person) => NewKeys::of_person(person.subject, now),
            None => NewKeys::of_institution(&claims.common.iss, now),
        }
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LinkReceipt, Refusal> {
        let LinkClaims {
            common, link_check, ..
        } = self.statement.claims().clone();
        match entrance::enter(tx, &self.statement)? {
            Entered::New => {}
            Entered::Again(record) => return self.answered(tx, *record),
            Entered::Refused { index, fault } => {
                return Ok(LinkReceipt::Refused { index, fault });
            }
        }
        let mut checked = self.check(tx);
        // Gates are made of L and a number alone, and each occurs once in the log: two links with
        // one L would make an honest log look dishonest, and one person's permit look like
        // another's, hidden from her.
        if checked.is_ok() && tx.find(&link_check_key(&link_check))?.is_some() {
            checked = Err(Fault::new(
                FaultCode::Conflict,
                "link_check",
                "that of a key drawn for this link",
                "one used before",
            ));
        }
        let person = match checked {
            Ok(person) => person,
            Err(fault) => return self.refuse(tx, fault),
        };
        let generation = person
            .link(&common.iss)
            .map_or(Some(Generation::FIRST), |link| link.generation.next());
        let Some(generation) = generation else {
            let expected = "fewer than 65,536 link codes for one person and institution";
            return Err(Fault::new(FaultCode::Conflict, "qid", expected, "more").into());
        };
        let event = Event::LinkIssued(LinkIssued {
            institution: common.iss.clone(),
            key_version: KEY_VERSION,
            generation,
            link_check,
            link_key: self.link_key,
            assurance: Assurance::Sms,
            kid: self.statement.kid().clone(),
            jti: common.jti,
            statement: self.statement.to_bytes(),
        });
        let index = tx.append_person(&person.subject, ENGINE, event)?;
        let person = tx.need_person(&person.subject)?;
        let code = tx.link_code(&person, &common.iss)?;
        // The fold has just taken it; without a code the writer starts over.
        let code = code.ok_or_else(|| {
            LedgerError::corrupt(
                index,
                Damage::OtherKind {
                    expected: "a link of hers",
                },
            )
        })?;
        Ok(LinkReceipt::Issued { index, code })
    }
}

impl IssueLink {
    /// The answer that was given to these bytes. A link key was handed over beside them: with
    /// another one they are not what was sent, and that is not recorded, for it was not signed.
    fn answered(&self, tx: &Transaction<'_>, earlier: OpenRecord) -> Result<LinkReceipt, Refusal> {
        let OpenRecord { index, record, .. } = earlier;
        if let (Event::LinkIssued(e), Position::Person(place)) = (&record.event, &record.position)
            && e.link_key == self.link_key
        {
            let code =
                tx.link_code_of(place.subject, &e.institution, e.key_version, e.generation)?;
            return Ok(LinkReceipt::Issued { index, code });
        }
        if let Event::StatementRefused(StatementRefused { fault, .. }) = record.event {
            return Ok(LinkReceipt::Refused { index, fault });
        }
        Err(entrance::other_beside(LINK_KEY).into())
    }

    fn refuse(&self, tx: &mut Transaction<'_>, fault: Fault) -> Result<LinkReceipt, Refusal> {
        let index = refuse::append_refusal(tx, &self.statement, Step::Statement, &fault)?;
        Ok(LinkReceipt::Refused { index, fault })
    }
}

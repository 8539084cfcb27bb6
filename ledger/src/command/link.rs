//! An institution learns its own code for a person who stands at its counter.

use akashi_proof::digest::Secret;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::gate::link_check;
use akashi_proof::ids::{InstitutionId, LeafIndex, LinkCode};
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::{Assurance, Event, KeyUse, LinkIssued, Step};
use akashi_proof::record::value::Bytes;
use akashi_proof::state::{Person, Standing};
use akashi_proof::statement::LinkClaims;
use akashi_tlog::public_key::PublicKey;

use super::refuse;
use crate::error::Refusal;
use crate::index::keys::{link_check_key, statement_key};
use crate::keys::keyring::KeyOf;
use crate::writer::sequencer::Command;
use crate::writer::transaction::{ENGINE, Transaction};

/// Version of the institution's sealing key new codes are made with.
const KEY_VERSION: u8 = 1;

/// Issues a link code. The caller has checked the one-time code the person read out, which is spent
/// by it.
pub struct IssueLink {
    /// The request; its signature has been verified.
    pub jws: Jws,
    /// Its claims.
    pub claims: LinkClaims,
    /// The link key handed over beside it.
    pub link_key: Secret,
    /// Whether the one-time code was the person's.
    pub code_matches: bool,
    /// The key the signature was verified with.
    pub verified_with: PublicKey,
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
        /// Whether this is a retry.
        repeated: bool,
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
    /// The keys an institution needs before its first link code.
    pub fn keys(institution: &InstitutionId) -> [KeyOf; 1] {
        [KeyOf::LinkSeal(institution.clone(), KEY_VERSION)]
    }

    fn check(&self, tx: &Transaction<'_>) -> Result<std::sync::Arc<Person>, Fault> {
        let common = &self.claims.common;
        common.check_audience(tx.origin())?;
        common.check_fresh(tx.now())?;
        let registry = tx.registry();
        let certified = registry
            .institution(&common.iss)
            .is_some_and(|i| i.standing == Standing::Certified);
        let key = registry
            .key(&self.jws.kid)
            .filter(|key| key.is_valid(KeyUse::Sign, tx.now()));
        if !certified || key.is_none_or(|key| key.public != Some(self.verified_with)) {
            return Err(Fault::new(
                FaultCode::InvalidKey,
                "kid",
                "a valid key of a certified institution",
                "another",
            ));
        }
        if link_check(&self.link_key) != self.claims.link_check {
            return Err(Fault::new(
                FaultCode::Mismatch,
                "link_check",
                "the check value of the link key",
                "another",
            ));
        }
        // One answer whether the visible ID or the code is wrong: it must not tell who exists.
        let person = tx
            .person_by_qid(&self.claims.qid)
            .filter(|_| self.code_matches);
        person.ok_or_else(|| {
            Fault::new(
                FaultCode::NoMatch,
                "qid",
                "the visible ID and current code of exactly one person",
                "none",
            )
        })
    }
}

impl Command for IssueLink {
    type Receipt = LinkReceipt;

    fn run(self, tx: &mut Transaction<'_>) -> Result<LinkReceipt, Refusal> {
        let common = self.claims.common.clone();
        if let Some(index) = tx.find(&statement_key(&common.iss, &common.jti))? {
            return self.repeated(tx, index);
        }
        let mut checked = self.check(tx);
        // Gates are made of L and a number alone, and each occurs once in the log: two links with
        // one L would make an honest log look dishonest, and one person's permit look like
        // another's, hidden from her.
        if checked.is_ok() && tx.find(&link_check_key(&self.claims.link_check))?.is_some() {
            checked = Err(Fault::new(
                FaultCode::Conflict,
                "link_check",
                "that of a key drawn for this link",
                "one used before",
            ));
        }
        let person = match checked {
            Ok(person) => person,
            Err(fault) => {
                let jti = Some(common.jti);
                let index =
                    refuse::append(tx, &common.iss, &self.jws, jti, Step::Statement, &fault)?;
                return Ok(LinkReceipt::Refused { index, fault });
            }
        };
        let generation = person
            .link(&common.iss)
            .map_or(0, |link| link.generation + 1);
        if generation > u64::from(u16::MAX) {
            let expected = "fewer than 65,536 link codes for one person and institution";
            return Err(Fault::new(FaultCode::Conflict, "qid", expected, "more").into());
        }
        let event = Event::LinkIssued(LinkIssued {
            institution: common.iss.clone(),
            key_version: u64::from(KEY_VERSION),
            generation,
            link_check: self.claims.link_check,
            link_key: self.link_key,
            assurance: Assurance::Sms,
            kid: self.jws.kid.clone(),
            jti: common.jti,
            statement: Bytes(self.jws.as_bytes().to_vec()),
        });
        let index = tx.append_person(&person.subject, ENGINE, event)?;
        let person = tx.need_person(&person.subject)?;
        let code = tx.link_code(&person, &common.iss)?;
        let code =
            code.ok_or_else(|| Refusal::Poisoned("a link was recorded and is not there".into()))?;
        Ok(LinkReceipt::Issued {
            index,
            code,
            repeated: false,
        })
    }
}

impl IssueLink {
    fn repeated(&self, tx: &mut Transaction<'_>, index: LeafIndex) -> Result<LinkReceipt, Refusal> {
        let common = &self.claims.common;
        let stored = tx.record(index)?;
        match (&stored.record.event, &stored.record.position) {
            (Event::LinkIssued(e), akashi_proof::record::Position::Person(place))
                if e.statement.0 == self.jws.as_bytes() && e.link_key == self.link_key =>
            {
                let code =
                    tx.link_code_of(place.subject, &e.institution, e.key_version, e.generation)?;
                Ok(LinkReceipt::Issued {
                    index,
                    code,
                    repeated: true,
                })
            }
            (Event::StatementRefused(e), _) if e.statement.0 == self.jws.as_bytes() => {
                let fault = refuse::fault_in_reasons(&e.reasons);
                let fault = fault
                    .ok_or_else(|| Refusal::Poisoned("a recorded refusal cannot be read".into()))?;
                Ok(LinkReceipt::Refused { index, fault })
            }
            _ => {
                let fault = Fault::new(
                    FaultCode::JtiConflict,
                    "jti",
                    "an identifier not used before",
                    "one used for other bytes",
                );
                let jti = Some(common.jti.clone());
                let index =
                    refuse::append(tx, &common.iss, &self.jws, jti, Step::Statement, &fault)?;
                Ok(LinkReceipt::Refused { index, fault })
            }
        }
    }
}

//! An institution asks before it queries.

use std::sync::Arc;

use akashi_proof::decision::{
    Approval, Decide, Decision, Incomplete, LinkStanding, OpenQuestions, Policies, Question,
};
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{
    Epoch, GateNumber, InstitutionId, LeafIndex, LinkCode, Seq, SubjectHandle, Timestamp,
};
use akashi_proof::reason::Reason;
use akashi_proof::record::kind::{
    AccessAsked, AccessDecided, BasisKind, EmergencyDeclared, Event, KeyUse, Outcome,
    StatisticsDecided, Step, YesNo,
};
use akashi_proof::record::value::Bytes;
use akashi_proof::record::{PersonPosition, Position, Record};
use akashi_proof::state::{Person, Registry, Verified};
use akashi_proof::statement::header::REQUEST_NONCE;
use akashi_proof::statement::{AccessClaims, Basis, RequestNonce};
use akashi_tlog::checkpoint::Origin;

use super::counted::check_room;
use super::entrance::{self, Entered};
use super::refuse;
use crate::error::Refusal;
use crate::keys::link_code::{self, Opened};
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::stored::OpenRecord;
use crate::writer::sequencer::{Command, Payer};
use crate::writer::transaction::Transaction;

/// Decides one access statement and records the decision.
pub struct DecideAccess {
    /// The statement.
    pub statement: Verified<AccessClaims>,
    /// The nonce sent beside it.
    pub nonce: RequestNonce,
    /// The policies at hand: the one in force when its turn comes decides.
    pub policies: Arc<dyn Policies>,
}

/// What became of an access statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessReceipt {
    /// It was decided, now or on an earlier sending of the same bytes.
    Decided {
        /// Log index of the decision.
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

impl Command for DecideAccess {
    type Receipt = AccessReceipt;

    fn payer(&self) -> Payer {
        Payer::Signer(self.statement.by().id().clone())
    }

    fn check_before(&self, reader: &Reader, now: Timestamp) -> Result<(), Refusal> {
        let claims = self.statement.claims();
        let person = self
            .opened(reader)
            .and_then(|opened| reader.person(&opened.subject));
        let room = person.map_or(Ok(()), |person| {
            check_room(&person, &claims.common.iss, Some(claims.basis.kind()), now)
        });
        entrance::unless_carried(reader, self.statement.jws(), room)
    }

    /// A permit about somebody: what most statements lead to, and nearly all of it stands in the
    /// statement.
    fn draft(&self, origin: &Origin, policy: &Digest) -> Option<Record> {
        let policy = self.policies.by_digest(policy)?;
        self.statement.claims().subject.as_ref()?;
        let unknown = Position::Person(PersonPosition {
            subject: SubjectHandle::from_bytes([0; 16]),
            epoch: Epoch::FIRST,
            seq: Seq::FIRST,
            prev: None,
        });
        let permit = Decision {
            outcome: Outcome::Permit,
            told: Outcome::Permit,
            ..Decision::deny(Reason::ConsentCovers)
        };
        Some(Record {
            origin: origin.clone(),
            time: Timestamp::default(),
            position: unknown,
            engine: policy.engine().to_owned(),
            retain_until: Timestamp::default(),
            event: Event::AccessPermitted(self.fields(policy.as_ref(), self.own_key(), permit)),
        })
    }

    fn keys(&self, reader: &Reader, now: Timestamp) -> NewKeys {
        let claims = self.statement.claims();
        let iss = &claims.common.iss;
        match self.opened(reader) {
            // An emergency stands in the requester's stream too.
            Some(opened) if claims.basis.kind() == BasisKind::Emergency => {
                NewKeys::of_institution(iss, now).and_of_person(opened.subject, now)
            }
            Some(opened) => NewKeys::of_person(opened.subject, now),
            None => NewKeys::of_institution(iss, now),
        }
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<AccessReceipt, Refusal> {
        // Duplicates first, then freshness, then the pipeline (docs/DESIGN.md "The writer").
        match entrance::enter(tx, &self.statement)? {
            Entered::New => {}
            Entered::Again(record) => return self.answered(*record),
            Entered::Refused { index, fault } => {
                return Ok(AccessReceipt::Refused { index, fault });
            }
        }
        let presenter = match self.presenter(&tx.registry(), tx.now()) {
            Ok(presenter) => presenter,
            Err(fault) => return self.refuse_unresolved(tx, Step::Statement, fault),
        };
        let person = match &self.statement.claims().subject {
            Some(code) => self.resolve(tx, code),
            None => Ok(None),
        };
        let (person, standing) = match person {
            Ok(Some((person, standing))) => (Some(person), standing),
            Ok(None) => (None, LinkStanding::NotIssued),
            Err(fault) => return self.refuse_unresolved(tx, Step::RequesterLink, fault),
        };
        if let Some(person) = &person {
            let claims = self.statement.claims();
            let basis = Some(claims.basis.kind());
            check_room(person, &claims.common.iss, basis, tx.now())?;
        }
        let policy = tx.policy(self.policies.as_ref())?;
        let decision = decide(
            tx,
            policy.as_ref(),
            &self.statement,
            person.as_deref(),
            standing,
            None,
        );
        let fault = decision.reasons.fault().cloned();
        let index = match &person {
            Some(person) => {
                let subject = person.subject;
                let by = (policy.as_ref(), presenter);
                append_decision(tx, &self, by, &subject, decision, None)?
            }
            None => match &fault {
                Some(fault) => return self.refuse_unresolved(tx, Step::Statement, fault.clone()),
                None => append_statistics(tx, &self, policy.as_ref(), decision)?,
            },
        };
        Ok(match fault {
            Some(fault) => AccessReceipt::Refused { index, fault },
            None => AccessReceipt::Decided { index },
        })
    }
}

fn no_subject() -> Fault {
    Fault::new(
        FaultCode::MissingMember,
        "subject",
        "the requester's link code",
        "nothing",
    )
}

impl DecideAccess {
    /// What the requester's link code says, where it is one of its own.
    fn opened(&self, reader: &Reader) -> Option<Opened> {
        let claims = self.statement.claims();
        let (keyring, iss) = (&reader.keyring, &claims.common.iss);
        let code = claims.subject.as_ref()?;
        link_code::read(keyring, reader.origin(), iss, code)
    }

    /// The answer that was given to these bytes. A nonce was sent beside them: with another one
    /// they are not what was sent, and that is not recorded, for it was not signed.
    fn answered(&self, earlier: OpenRecord) -> Result<AccessReceipt, Refusal> {
        let OpenRecord { index, record, .. } = earlier;
        let decided = record.event.decided();
        if decided.is_some_and(|e| e.request_nonce.0 != self.nonce.as_bytes()) {
            return Err(entrance::other_beside(REQUEST_NONCE).into());
        }
        let fault = if let Event::StatementRefused(e) = &record.event {
            Some(e.fault.clone())
        } else {
            decided.and_then(|e| e.reasons.fault().cloned())
        };
        Ok(match fault {
            Some(fault) => AccessReceipt::Refused { index, fault },
            None => AccessReceipt::Decided { index },
        })
    }

    /// The person behind the requester's link code, and how that code stands.
    pub(super) fn resolve(
        &self,
        tx: &Transaction<'_>,
        code: &LinkCode,
    ) -> Result<Option<(Arc<Person>, LinkStanding)>, Fault> {
        let iss = &self.statement.claims().common.iss;
        let foreign = || {
            Fault::new(
                FaultCode::ForeignLinkCode,
                "subject",
                "a link code issued to `iss`",
                "one that was not",
            )
        };
        let opened = link_code::read(tx.keyring(), tx.origin(), iss, code).ok_or_else(foreign)?;
        let person = tx.person(&opened.subject).ok_or_else(foreign)?;
        let link = person.link(iss).ok_or_else(foreign)?;
        let current = link.generation == opened.generation && link.stands();
        let standing = if current {
            LinkStanding::Issued
        } else {
            LinkStanding::Revoked
        };
        Ok(Some((person, standing)))
    }

    /// The key that signed, as a record holds it.
    fn own_key(&self) -> Digest {
        Digest::from_bytes(*self.statement.key().as_bytes())
    }

    /// The key that will present the evidence: the one that signed, or another of the requester's
    /// that is valid at this time.
    pub(super) fn presenter(&self, registry: &Registry, at: Timestamp) -> Result<Digest, Fault> {
        let claims = self.statement.claims();
        let Some(kid) = &claims.presenter else {
            return Ok(self.own_key());
        };
        let key = registry
            .key(kid)
            .filter(|key| key.institution == claims.common.iss && key.is_valid(KeyUse::Sign, at));
        let public = key.and_then(|key| key.public);
        public
            .map(|key| Digest::from_bytes(*key.as_bytes()))
            .ok_or_else(|| {
                let expected = "a signing key of `iss` that is valid now";
                Fault::new(FaultCode::InvalidKey, "cnf.jkt", expected, "another")
            })
    }

    /// What the record of this decision says, the approval and the holder's link aside.
    fn fields(
        &self,
        policy: &dyn Decide,
        presenter_key: Digest,
        decision: Decision,
    ) -> AccessDecided {
        let Self {
            statement, nonce, ..
        } = self;
        let claims = statement.claims();
        let (reason_code, reason_text) = match &claims.basis {
            Basis::Emergency {
                reason_code,
                reason_text,
            } => (Some(reason_code.clone()), Some(reason_text.clone())),
            Basis::Consent | Basis::Statute | Basis::Statistics { .. } => (None, None),
        };
        AccessDecided {
            requester: claims.common.iss.clone(),
            role_holder: claims.role_holder.clone(),
            role: claims.role.clone(),
            process: claims.process.clone(),
            purpose: claims.purpose.clone(),
            holder: claims.holder.clone(),
            categories: claims.categories.clone(),
            access_mode: claims.mode,
            period_from: claims.period.from,
            period_until: claims.period.until,
            basis_kind: claims.basis.kind(),
            reason_code,
            reason_text,
            on_behalf_of: claims.on_behalf_of.clone(),
            case: claims.case.clone(),
            request_digest: claims.request_digest,
            request_nonce: Bytes(nonce.as_bytes().to_vec()),
            outcome: decision.outcome,
            told: decision.told,
            step: decision.step(),
            reasons: decision.reasons,
            duties: decision.duties,
            expires: decision.expires,
            policy_digest: policy.policy_digest(),
            consent: decision.consent,
            approval: None,
            holder_link: None,
            gate_number: None,
            presenter_key,
            kid: statement.kid().clone(),
            jti: claims.common.jti.clone(),
            statement: statement.to_bytes(),
        }
    }

    fn refuse_unresolved(
        &self,
        tx: &mut Transaction<'_>,
        step: Step,
        fault: Fault,
    ) -> Result<AccessReceipt, Refusal> {
        let index = refuse::append_refusal(tx, &self.statement, step, &fault)?;
        Ok(AccessReceipt::Refused { index, fault })
    }
}

/// Puts the question with everything a decision may read.
pub(crate) fn decide(
    tx: &Transaction<'_>,
    policy: &dyn Decide,
    statement: &Verified<AccessClaims>,
    person: Option<&Person>,
    requester_link: LinkStanding,
    approval: Option<Approval>,
) -> Decision {
    let (registry, claims) = (tx.registry(), statement.claims());
    let iss = &claims.common.iss;
    let holder_link = match person.and_then(|person| person.link(&claims.holder)) {
        Some(link) if link.stands() => LinkStanding::Issued,
        Some(_) => LinkStanding::Revoked,
        None => LinkStanding::NotIssued,
    };
    policy.decide(&Question {
        now: tx.now(),
        claims,
        key: registry.key(statement.kid()),
        requester: registry.institution(iss),
        holder: registry.institution(&claims.holder),
        roles: &tx.roles(iss),
        requester_link,
        holder_link,
        // What she presents is her word, given by phone: a law or an emergency needs none.
        means_blocked: claims.basis.kind() == BasisKind::Consent
            && person.is_some_and(|person| person.word_counts_for_nothing(tx.now())),
        consents: person.map_or(&[], |person| &person.consents),
        approval,
        open_questions: person.map_or_else(OpenQuestions::default, |person| {
            OpenQuestions::of(person, iss)
        }),
        open_permits: person.map_or(0, |person| {
            let between = (iss, &claims.holder);
            person.open_permits(between, claims.basis.kind(), tx.now())
        }),
        incomplete: Incomplete {
            registry: registry.is_incomplete(),
            person: person.is_some_and(Person::is_incomplete),
        },
    })
}

/// Appends the decision about a person: one record, whatever was decided, so that nothing but the
/// answer tells a question from a refusal (docs/decisions/0008).
pub(crate) fn append_decision(
    tx: &mut Transaction<'_>,
    asked: &DecideAccess,
    (policy, presenter): (&dyn Decide, Digest),
    subject: &SubjectHandle,
    decision: Decision,
    approval: Option<Approval>,
) -> Result<LeafIndex, Refusal> {
    let person = tx.need_person(subject)?;
    let low_risk = decision.low_risk;
    let mut fields = asked.fields(policy, presenter, decision);
    fields.approval = approval.map(|approval| approval.index);
    if fields.outcome == Outcome::Permit {
        let holder = &asked.statement.claims().holder;
        fields.holder_link = tx.link_code(&person, holder)?;
        fields.gate_number = person
            .link(holder)
            .map(|link| GateNumber::after(link.gates));
    }
    let is_permit = fields.outcome == Outcome::Permit;
    let reason_code = fields.reason_code.clone().filter(|_| is_permit);
    let event = match fields.outcome {
        Outcome::Permit => Event::AccessPermitted(fields),
        Outcome::Deny => Event::AccessDenied(fields),
        Outcome::Ask => Event::AccessAsked(question(tx.origin(), &person, fields, low_risk)?),
    };
    let index = tx.append_person(subject, policy.engine(), event)?;
    if let Some(reason_code) = reason_code {
        append_emergency(tx, asked, policy, (reason_code, index))?;
    }
    Ok(index)
}

/// An emergency that was permitted stands in the requester's stream as well, so that how many one
/// role-holder has declared is asked of that stream alone, by an auditor too.
fn append_emergency(
    tx: &mut Transaction<'_>,
    asked: &DecideAccess,
    policy: &dyn Decide,
    (reason_code, access): (String, LeafIndex),
) -> Result<LeafIndex, Refusal> {
    let claims = asked.statement.claims();
    let declared = EmergencyDeclared {
        role_holder: claims.role_holder.clone(),
        role: claims.role.clone(),
        reason_code,
        access,
    };
    let event = Event::EmergencyDeclared(declared);
    tx.append_institution(&claims.common.iss, policy.engine(), event)
}

/// The decision to ask, with what is put to the person.
fn question(
    origin: &Origin,
    person: &Person,
    decided: AccessDecided,
    low_risk: bool,
) -> Result<AccessAsked, Fault> {
    let expires = decided.expires.ok_or_else(|| {
        let expected = "a policy that says until when it asks";
        Fault::new(FaultCode::Conflict, "expires", expected, "nothing")
    })?;
    let (approval_digest, reference) = person.question(origin, &decided.statement.0, expires);
    Ok(AccessAsked {
        decided,
        reference,
        approval_digest,
        low_risk: if low_risk { YesNo::Yes } else { YesNo::No },
    })
}

fn append_statistics(
    tx: &mut Transaction<'_>,
    asked: &DecideAccess,
    policy: &dyn Decide,
    decision: Decision,
) -> Result<LeafIndex, Refusal> {
    let statement = &asked.statement;
    let claims = statement.claims();
    let Basis::Statistics {
        cohort_size,
        cohort_digest,
    } = &claims.basis
    else {
        return Err(no_subject().into());
    };
    let fields = StatisticsDecided {
        role_holder: claims.role_holder.clone(),
        role: claims.role.clone(),
        process: claims.process.clone(),
        purpose: claims.purpose.clone(),
        holder: claims.holder.clone(),
        categories: claims.categories.clone(),
        cohort_size: *cohort_size,
        cohort_digest: *cohort_digest,
        request_digest: claims.request_digest,
        outcome: decision.outcome,
        step: decision.step(),
        reasons: decision.reasons,
        policy_digest: policy.policy_digest(),
        kid: statement.kid().clone(),
        jti: claims.common.jti.clone(),
        statement: statement.to_bytes(),
    };
    let event = match decision.outcome {
        Outcome::Permit => Event::StatisticsPermitted(fields),
        Outcome::Deny | Outcome::Ask => Event::StatisticsDenied(fields),
    };
    let iss: InstitutionId = claims.common.iss.clone();
    tx.append_institution(&iss, policy.engine(), event)
}

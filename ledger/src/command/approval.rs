//! The person who is asked about an access answers, or does not.

use std::sync::Arc;

use akashi_proof::decision::{Approval, Decide, LinkStanding, Policies};
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::{
    AnsweredBy, ApprovalAnswered, ApprovalExpired, Assurance, Event, Language, YesNo,
};
use akashi_proof::state::PendingAsk;
use akashi_proof::statement::RequestNonce;

use super::access::{self, DecideAccess};
use crate::error::{Damage, LedgerError, Refusal};
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// What the person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes: a new full decision follows.
    Approve,
    /// No.
    Refuse,
    /// No, and the request looks suspicious to her.
    RefuseAndReport,
}

/// Records the person's answer; an approval grants nothing by itself but starts a new full
/// decision.
pub struct AnswerApproval {
    /// The person.
    pub subject: SubjectHandle,
    /// Log index of the `access.asked` record.
    pub access: LeafIndex,
    /// The digest of what she was shown; any other is refused.
    pub approval_digest: Digest,
    /// What she says.
    pub answer: Answer,
    /// Where she answered.
    pub answered_by: AnsweredBy,
    /// Digest of the exact text shown or sent.
    pub wording_digest: Digest,
    /// Its language.
    pub language: Language,
    /// How sure.
    pub assurance: Assurance,
    /// The policies at hand: the one in force when its turn comes decides.
    pub policies: Arc<dyn Policies>,
}

impl Command for AnswerApproval {
    /// Log index of the new decision, after an approval.
    type Receipt = Option<LeafIndex>;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self, _reader: &Reader, _now: Timestamp) -> Lane {
        if self.answer == Answer::Approve {
            Lane::Regular
        } else {
            Lane::Urgent
        }
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<Option<LeafIndex>, Refusal> {
        let ask = open_ask(tx, &self.subject, self.access)?;
        if ask.approval_digest != self.approval_digest {
            return Err(
                conflict("approval_digest", "the digest of what was asked", "another").into(),
            );
        }
        if tx.now() >= ask.expires {
            return Err(conflict(
                "access",
                "a question that is still open",
                "one that has expired",
            )
            .into());
        }
        if self.answer == Answer::Approve {
            ask.may_be_granted(self.answered_by, self.assurance)?;
        }
        let answered = ApprovalAnswered {
            access: self.access,
            approval_digest: self.approval_digest,
            answered_by: self.answered_by,
            seen: if self.answered_by == AnsweredBy::Portal {
                YesNo::Yes
            } else {
                YesNo::No
            },
            reported: if self.answer == Answer::RefuseAndReport {
                YesNo::Yes
            } else {
                YesNo::No
            },
            wording_digest: self.wording_digest,
            language: self.language,
            assurance: self.assurance,
        };
        if self.answer != Answer::Approve {
            tx.append_person(&self.subject, ENGINE, Event::ApprovalRefused(answered))?;
            return Ok(None);
        }
        tx.need_complete(tx.need_person(&self.subject)?.as_ref())?;
        // What the store or the policies may not have is read before the first append.
        let asked = statement_again(tx, &ask, self.policies)?;
        let policy = tx.policy(asked.policies.as_ref())?;
        // As it was when it was asked: one that has ended since presents nothing.
        let asked_at = tx.record(self.access)?.open()?.record.time;
        let presenter = asked.presenter(&tx.registry(), asked_at)?;
        let approval = Approval {
            index: tx.append_person(&self.subject, ENGINE, Event::ApprovalGranted(answered))?,
            assurance: self.assurance,
        };
        let by = (policy.as_ref(), presenter);
        decide_again(tx, &asked, by, &self.subject, approval).map(Some)
    }
}

/// The statement that was asked about, read from the record and verified again.
fn statement_again(
    tx: &Transaction<'_>,
    ask: &PendingAsk,
    policies: Arc<dyn Policies>,
) -> Result<DecideAccess, Refusal> {
    let damaged = |fault: Fault| LedgerError::corrupt(ask.access, fault);
    let jws = Jws::parse(&ask.statement.0).map_err(damaged)?;
    // The record that registered its key may be gone.
    let statement = tx.registry().verify(jws).map_err(Fault::from)?;
    let nonce = ask
        .request_nonce
        .0
        .as_slice()
        .try_into()
        .map_err(|_| LedgerError::corrupt(ask.access, Damage::Nonce))?;
    Ok(DecideAccess {
        statement,
        nonce: RequestNonce::from_bytes(nonce),
        policies,
    })
}

fn decide_again(
    tx: &mut Transaction<'_>,
    asked: &DecideAccess,
    (policy, presenter): (&dyn Decide, Digest),
    subject: &SubjectHandle,
    approval: Approval,
) -> Result<LeafIndex, Refusal> {
    // The approval is staged already: whatever is refused from here on starts the writer over, so
    // that the two stand together or not at all.
    let person = tx.need_person(subject)?;
    // The code the statement was signed with, not the newest: it may have been found wrong in the
    // meantime.
    let resolved = asked
        .statement
        .claims()
        .subject
        .as_ref()
        .and_then(|code| asked.resolve(tx, code).ok().flatten());
    let standing = match resolved {
        Some((known, standing)) if known.subject == *subject => standing,
        _ => LinkStanding::NotIssued,
    };
    let decision = access::decide(
        tx,
        policy,
        &asked.statement,
        Some(&person),
        standing,
        Some(approval),
    );
    let by = (policy, presenter);
    access::append_decision(tx, asked, by, subject, decision, Some(approval))
}

/// Records that nobody answered in time, which is never consent.
pub struct ExpireApproval {
    /// The person.
    pub subject: SubjectHandle,
    /// Log index of the `access.asked` record.
    pub access: LeafIndex,
}

impl Command for ExpireApproval {
    type Receipt = ();

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<(), Refusal> {
        let ask = open_ask(tx, &self.subject, self.access)?;
        if tx.now() < ask.expires {
            return Err(conflict(
                "access",
                "a question whose time is over",
                "one that is still open",
            )
            .into());
        }
        let event = Event::ApprovalExpired(ApprovalExpired {
            access: self.access,
            approval_digest: ask.approval_digest,
        });
        tx.append_person(&self.subject, ENGINE, event)?;
        Ok(())
    }
}

fn open_ask(
    tx: &Transaction<'_>,
    subject: &SubjectHandle,
    access: LeafIndex,
) -> Result<PendingAsk, Fault> {
    let person = tx.need_person(subject)?;
    person
        .ask(access)
        .cloned()
        .ok_or_else(|| conflict("access", "an open question to this person", "none"))
}

fn conflict(field: &str, expected: &str, found: &str) -> Fault {
    Fault::new(FaultCode::Conflict, field, expected, found)
}

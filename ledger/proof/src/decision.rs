//! The question every access puts, and the answer a policy gives: the contract between the writer,
//! which knows the facts, and the policies, which know the rules (design.md "The decision").

use crate::digest::Digest;
use crate::duty::Duty;
use crate::ids::{LeafIndex, SubjectHandle, Timestamp};
use crate::reason::Reasons;
use crate::record::kind::{Outcome, Step};
use crate::record::value::words;
use crate::state::{Consent, Institution, RegisteredKey, Roles};
use crate::statement::AccessClaims;

/// How a link code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkStanding {
    /// Issued and valid.
    Issued,
    /// Issued once, ended since.
    Revoked,
    /// Never issued.
    NotIssued,
}

/// Everything a decision may read, and nothing else, so that an auditor can put the same question
/// again.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The time recorded with the decision.
    pub now: Timestamp,
    /// What the institution signed.
    pub claims: &'a AccessClaims,
    /// The key that signed it.
    pub key: Option<&'a RegisteredKey>,
    /// The institution that asks.
    pub requester: Option<&'a Institution>,
    /// The institution that has the data.
    pub holder: Option<&'a Institution>,
    /// The requester's roles.
    pub roles: &'a Roles,
    /// The requester's code for the person.
    pub requester_link: LinkStanding,
    /// The holder's code for the person.
    pub holder_link: LinkStanding,
    /// Whether the means presented (card, visible ID, phone, key) is blocked.
    pub means_blocked: bool,
    /// The person's consents that have not ended.
    pub consents: &'a [Consent],
    /// Log index of the person's approval of this very statement.
    pub approval: Option<LeafIndex>,
}

/// What was decided and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The truth.
    pub outcome: Outcome,
    /// What the requester is told.
    pub told: Outcome,
    /// Why, and with it the first step that failed, for the person, the supervisor and auditors. A
    /// statement that is bad in the light of the pack has its fault here.
    pub reasons: Reasons,
    /// What the requester must do.
    pub duties: Vec<Duty>,
    /// Of a permit, the end of the evidence; of an ask (told or true), the end of waiting.
    pub expires: Option<Timestamp>,
    /// Log index of the consent relied on.
    pub consent: Option<LeafIndex>,
    /// Whether a reply by SMS may approve, where the person is asked.
    pub low_risk: bool,
}

impl Decision {
    /// A refusal, told as such. Policies that may ask change `told` and `expires`.
    pub fn deny(reasons: impl Into<Reasons>) -> Self {
        Self {
            outcome: Outcome::Deny,
            told: Outcome::Deny,
            reasons: reasons.into(),
            duties: Vec::new(),
            expires: None,
            consent: None,
            low_risk: false,
        }
    }

    /// The first step that failed.
    pub const fn step(&self) -> Option<Step> {
        self.reasons.step()
    }
}

words! {
    /// Codes that stand in answers only, in place of reasons or beside them; never in a record.
    pub enum AnswerCode {
        /// The person is asked - or a refusal that must look the same.
        AskThePerson = "ask-the-person",
        /// The one thing the requester learns of a refusal at steps 6 to 10: it must not tell who
        /// is known where.
        NotAvailable = "not-available",
        /// Permitted, but without evidence: the holder has registered no key for it.
        NoEvidenceKey = "holder-has-no-evidence-key",
    }
}

/// What the requester may know of the reasons: all up to step 5, one code after.
pub fn told_reasons(told: Outcome, reasons: &Reasons) -> Vec<String> {
    match (told, reasons.step()) {
        (Outcome::Permit, _) => reasons.codes(),
        (Outcome::Ask, _) => vec![AnswerCode::AskThePerson.to_string()],
        (Outcome::Deny, Some(step)) if step <= Step::RequesterLink => {
            std::iter::once(step.to_string())
                .chain(reasons.codes())
                .collect()
        }
        (Outcome::Deny, _) => vec![AnswerCode::NotAvailable.to_string()],
    }
}

/// A policy: total and deterministic. The same question has the same answer for ever under the same
/// digest; any fault inside refuses.
pub trait Decide: Send + Sync {
    /// Name and version of the decision procedure, recorded as `engine`.
    fn engine(&self) -> &str;
    /// Digest of the pack it decides by.
    fn policy_digest(&self) -> Digest;
    /// Answers the question.
    fn decide(&self, question: &Question<'_>) -> Decision;
}

/// Digest of exactly what a person is asked: an answer to anything else is no answer.
pub fn approval_digest(
    subject: &SubjectHandle,
    access: LeafIndex,
    statement: &[u8],
    expires: Timestamp,
) -> Digest {
    Digest::of(&[
        b"akashi/approval/v1",
        subject.as_bytes(),
        &access.to_be_bytes(),
        Digest::of(&[statement]).as_bytes(),
        &expires.as_millis().to_be_bytes(),
    ])
}

//! The question every access puts, and the answer a policy gives: the contract between the writer,
//! which knows the facts, and the policies, which know the rules (design.md "The decision").

use crate::digest::Digest;
use crate::duty::Duty;
use crate::fault::Fault;
use crate::ids::{LeafIndex, SubjectHandle, Timestamp};
use crate::record::kind::{Outcome, Step};
use crate::state::{Consent, Institution, RegisteredKey, Roles};
use crate::statement::AccessClaims;

/// The one thing the requester learns of a refusal at steps 6 to 10: it must not tell who is known
/// where.
pub const NOT_AVAILABLE: &str = "not-available";

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
    /// The first step that failed.
    pub step: Option<Step>,
    /// Stable codes of the reasons, for the person, the supervisor and auditors.
    pub reasons: Vec<String>,
    /// What the requester must do.
    pub duties: Vec<Duty>,
    /// Of a permit, the end of the evidence; of an ask (told or true), the end of waiting.
    pub expires: Option<Timestamp>,
    /// Log index of the consent relied on.
    pub consent: Option<LeafIndex>,
    /// Whether a reply by SMS may approve, where the person is asked.
    pub low_risk: bool,
    /// Set when the statement itself is bad in the light of the pack: a code it does not know.
    pub fault: Option<Fault>,
}

impl Decision {
    /// A refusal at a step, told as such. Policies that may ask change `told` and `expires`.
    pub fn deny(step: Step, reason: &str) -> Self {
        Self {
            outcome: Outcome::Deny,
            told: Outcome::Deny,
            step: Some(step),
            reasons: vec![reason.to_owned()],
            duties: Vec::new(),
            expires: None,
            consent: None,
            low_risk: false,
            fault: None,
        }
    }
}

/// What the requester may know of the reasons: all up to step 5, one code after.
pub fn told_reasons(told: Outcome, step: Option<Step>, reasons: &[String]) -> Vec<String> {
    match (told, step) {
        (Outcome::Permit, _) => reasons.to_vec(),
        (Outcome::Ask, _) => vec!["ask-the-person".to_owned()],
        (Outcome::Deny, Some(step)) if step <= Step::RequesterLink => {
            std::iter::once(step.as_str().to_owned())
                .chain(reasons.iter().cloned())
                .collect()
        }
        (Outcome::Deny, _) => vec![NOT_AVAILABLE.to_owned()],
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

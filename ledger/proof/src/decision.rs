//! The question every access puts, and the answer a policy gives: the contract between the writer,
//! which knows the facts, and the policies, which know the rules (docs/DESIGN.md "The decision").

use std::sync::Arc;

use crate::consent::Terms;
use crate::digest::Digest;
use crate::duty::Duty;
use crate::fault::Fault;
use crate::ids::{InstitutionId, LeafIndex, Timestamp};
use crate::reason::{Reason, Reasons};
use crate::record::kind::{Assurance, Outcome, Step};
use crate::record::value::words;
#[cfg(doc)]
use crate::state::Registry;
use crate::state::{Consent, Institution, PendingAsk, Person, RegisteredKey, Roles};
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
    /// The person's approval of this very statement.
    pub approval: Option<Approval>,
    /// How many questions wait for the person already.
    pub open_questions: OpenQuestions,
    /// How many permits of the requester at the holder about the person wait to be released on:
    /// where this is an emergency those of emergencies, where it is none the others.
    pub open_permits: usize,
    /// Whether anything it is put from is known in part only.
    pub incomplete: Incomplete,
}

/// Streams of which a record is missing: what may have ended is not known. An emergency is decided
/// all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Incomplete {
    /// The registry ([`Registry::is_incomplete`]).
    pub registry: bool,
    /// The person's ([`Person::is_incomplete`]).
    pub person: bool,
}

/// The person said yes to exactly this statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Log index of `approval.granted`.
    pub index: LeafIndex,
    /// How sure the ledger is that it was she.
    pub assurance: Assurance,
}

/// Questions that wait for one person's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenQuestions {
    /// Of all institutions.
    pub all: usize,
    /// Of the one that asks now.
    pub of_requester: usize,
}

impl OpenQuestions {
    /// Counts what waits for this person.
    pub fn of(person: &Person, requester: &InstitutionId) -> Self {
        let of_requester = |ask: &&PendingAsk| ask.requester == *requester;
        Self {
            all: person.asks.len(),
            of_requester: person.asks.iter().filter(of_requester).count(),
        }
    }
}

/// What a person is about to agree to, and who she is known to be: asked before it is recorded, so
/// that no way to the record can let in what the pack does not allow.
#[derive(Clone, Debug)]
pub struct ConsentQuestion<'a> {
    /// When she agrees.
    pub now: Timestamp,
    /// To whom.
    pub recipient: &'a Institution,
    /// Who holds the data.
    pub holder: &'a Institution,
    /// To what.
    pub terms: &'a Terms,
    /// How sure the ledger is that it is she.
    pub assurance: Assurance,
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

/// What the requester may know of the reasons: all up to step 5, one code after - but for the bound
/// on its own permits, which it knows it has.
pub fn told_reasons(told: Outcome, reasons: &Reasons) -> Vec<String> {
    match (told, reasons.step()) {
        (Outcome::Permit, _) => reasons.codes(),
        (Outcome::Ask, _) => vec![AnswerCode::AskThePerson.to_string()],
        (Outcome::Deny, Some(step))
            if step <= Step::RequesterLink
                || *reasons == Reasons::Word(Reason::TooManyOpenPermits) =>
        {
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
    /// Whether a person may agree to this at all.
    ///
    /// # Errors
    /// A [`Fault`] that names what could never take effect.
    fn may_agree(&self, question: &ConsentQuestion<'_>) -> Result<(), Fault>;
}

/// The policies at hand, by digest. The writer takes the one that is in force at the time of the
/// record: a pack can change while statements wait.
pub trait Policies: Send + Sync {
    /// The policy of this digest, if it is at hand.
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>>;
}

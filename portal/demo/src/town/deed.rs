//! What can happen in the town: a step of its past, and what it says.

use std::fmt;

use akashi_proof::ids::Timestamp;
use akashi_proof::record::kind::{Outcome, Rule, Template};

use crate::town::places::{Citizen, Institution};

/// One step.
#[derive(Clone, Copy)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
}

/// What happens in a step. Labels name an act for the later steps that come back to it.
#[derive(Clone, Copy)]
pub enum Deed {
    /// Both supervisors admit an institution.
    Certify(&'static Institution),
    /// It hands over its evidence key.
    HandOverEvidenceKey(&'static Institution),
    /// It gives somebody a role.
    AssignRole(&'static Institution, &'static str, &'static str),
    /// Somebody joins.
    Enrol(&'static Citizen),
    /// Her e-mail address is shown to be hers.
    VerifyEmail(&'static Citizen),
    /// An institution learns its code for her.
    Link(&'static Citizen, &'static str),
    /// She agrees, on one screen.
    Consent(&'static Citizen, &'static [Agreement]),
    /// She leaves less of a consent standing.
    Narrow(&'static Citizen, &'static Agreement),
    /// She ends a consent.
    Withdraw(&'static Citizen, &'static str),
    /// An institution asks.
    Access(&'static Ask),
    /// She answers in the portal, or by a reply.
    AnswerApproval(&'static Ask, Reply),
    /// She did not answer in time.
    ExpireApproval(&'static Ask),
    /// A detector found something about an access: its rule.
    Alert(&'static Ask, Rule),
    /// She was told of an access, on her phone.
    Notice(&'static Ask, Template),
    /// The holder reports a release; the label tells two reports about one access apart.
    Release(&'static Ask, &'static str),
    /// A count over many.
    Statistics(&'static Count),
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certify(institution) => write!(f, "the admission of `{}`", institution.id),
            Self::HandOverEvidenceKey(institution) => {
                write!(f, "the evidence key of `{}`", institution.id)
            }
            Self::AssignRole(institution, id, role) => {
                write!(f, "the role `{role}` of `{id}` at `{}`", institution.id)
            }
            Self::Enrol(citizen) => write!(f, "the enrolment of `{}`", citizen.key),
            Self::VerifyEmail(citizen) => write!(f, "the e-mail address of `{}`", citizen.key),
            Self::Link(citizen, institution) => {
                write!(f, "the code of `{institution}` for `{}`", citizen.key)
            }
            Self::Consent(citizen, _) => write!(f, "a consent of `{}`", citizen.key),
            Self::Narrow(_, left) => write!(f, "the narrowing of the consent `{}`", left.label),
            Self::Withdraw(_, label) => write!(f, "the withdrawal of the consent `{label}`"),
            Self::Access(ask) => write!(
                f,
                "the access `{}` in the process `{}`",
                ask.label, ask.process
            ),
            Self::AnswerApproval(ask, _) => write!(f, "the answer about `{}`", ask.label),
            Self::ExpireApproval(ask) => write!(f, "the end of the question about `{}`", ask.label),
            Self::Alert(ask, rule) => write!(f, "the alert {rule} about `{}`", ask.label),
            Self::Notice(ask, template) => {
                write!(f, "the message `{template}` about `{}`", ask.label)
            }
            Self::Release(ask, _) => write!(f, "the release of `{}`", ask.label),
            Self::Statistics(count) => write!(
                f,
                "the count `{}` in the process `{}`",
                count.label, count.process
            ),
        }
    }
}

/// What one recipient gets from one holder.
pub struct Agreement {
    /// The consent's label.
    pub label: &'static str,
    /// To whom.
    pub recipient: &'static str,
    /// Who holds the data.
    pub holder: &'static str,
    /// What for.
    pub purpose: &'static str,
    /// What data.
    pub categories: &'static [&'static str],
    /// For how many days.
    pub days: u64,
}

/// One access.
pub struct Ask {
    /// Its label.
    pub label: &'static str,
    /// Whose data.
    pub citizen: &'static str,
    /// Who asks: institution, role-holder, role claimed.
    pub asker: (&'static str, &'static str, &'static str),
    /// The business process.
    pub process: &'static str,
    /// The purpose claimed.
    pub purpose: &'static str,
    /// Who has the data.
    pub holder: &'static str,
    /// What data.
    pub categories: &'static [&'static str],
    /// On what ground.
    pub ground: Ground,
    /// What the past tells of the first decision; a pack that decides otherwise does not fit it.
    pub outcome: Outcome,
}

/// The ground an access claims.
pub enum Ground {
    /// Her consent.
    Consent,
    /// A statute.
    Statute,
    /// An emergency: code and words.
    Emergency(&'static str, &'static str),
}

/// What she answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Yes, in the portal.
    Approve,
    /// Yes, by a reply to the SMS.
    ApproveBySms,
    /// No, by a reply to the SMS.
    RefuseBySms,
}

/// A count over many.
pub struct Count {
    /// Its label.
    pub label: &'static str,
    /// Who asks: institution, role-holder, role.
    pub asker: (&'static str, &'static str, &'static str),
    /// The business process.
    pub process: &'static str,
    /// The purpose.
    pub purpose: &'static str,
    /// Who has the data.
    pub holder: &'static str,
    /// What is counted.
    pub categories: &'static [&'static str],
    /// Over how many.
    pub cohort: u64,
    /// What the past tells of the decision.
    pub outcome: Outcome,
}

//! What a record of each kind speaks of, asked in one place: every list here names every kind, so
//! that a new one is put into each of them before anything compiles.

use super::{AccessDecided, ConsentGiven, Event, StatisticsDecided};
use crate::ids::{ConsentId, InstitutionId, LeafIndex};
use crate::record::value::Bytes;

/// What a record speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// An access: what was decided about it.
    Decision(&'a AccessDecided),
    /// What followed from an access, which was decided in the record at this log index.
    Access(LeafIndex),
    /// How the question to the person about an access ended.
    Ended(Ended),
    /// Counts over a cohort.
    Statistics(&'a StatisticsDecided),
    /// A consent as it was given.
    Consent(&'a ConsentGiven),
    /// What became of a consent.
    ConsentOf(ConsentId),
    /// An institution: its standing, a key of its own, its code for the person.
    Institution(&'a InstitutionId),
    /// What a message told her of: another record, where it was about one.
    Message(Option<LeafIndex>),
    /// Nothing that has a name beside it: the log, the rules, a role, a statement, the person.
    Itself,
}

/// The end of a question to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Log index of the access she was asked about.
    pub access: LeafIndex,
    /// How.
    pub how: End,
}

/// How a question to the person ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// She approved.
    Approved,
    /// She refused.
    Refused,
    /// She did not answer in time.
    Unanswered,
}

impl About<'_> {
    const fn ended(access: LeafIndex, how: End) -> Self {
        Self::Ended(Ended { access, how })
    }
}

impl Event {
    /// What the record speaks of.
    pub const fn about(&self) -> About<'_> {
        match self {
            Self::AccessPermitted(e) | Self::AccessDenied(e) => About::Decision(e),
            Self::AccessAsked(e) => About::Decision(&e.decided),
            Self::AccessReleased(e) => About::Access(e.access),
            Self::ReleaseRefused(e) => About::Access(e.access),
            Self::ApprovalGranted(e) => About::ended(e.access, End::Approved),
            Self::ApprovalRefused(e) => About::ended(e.access, End::Refused),
            Self::ApprovalExpired(e) => About::ended(e.access, End::Unanswered),
            Self::AlertRaised(e) => About::Access(e.access),
            Self::EmergencyDeclared(e) => About::Access(e.access),
            Self::StatisticsPermitted(e) | Self::StatisticsDenied(e) => About::Statistics(e),
            Self::ConsentGiven(e) => About::Consent(e),
            Self::ConsentNarrowed(e) => About::ConsentOf(e.consent),
            Self::ConsentWithdrawn(e) => About::ConsentOf(e.consent),
            Self::LinkIssued(e) => About::Institution(&e.institution),
            Self::LinkWithdrawn(e) => About::Institution(&e.institution),
            Self::LinkRevoked(e) | Self::LinkCorrected(e) => About::Institution(&e.institution),
            Self::InstitutionCertified(e) => About::Institution(&e.institution),
            Self::InstitutionChanged(e) => About::Institution(&e.institution),
            Self::InstitutionSuspended(e) => About::Institution(&e.institution),
            Self::InstitutionReinstated(e) => About::Institution(&e.institution),
            Self::AccessesCounted(e) => About::Institution(&e.requester),
            Self::KeyRegistered(e) => About::Institution(&e.institution),
            Self::KeyRevoked(e) => About::Institution(&e.institution),
            Self::KeyReset(e) => About::Institution(&e.institution),
            Self::ResetObjected(e) => About::Institution(&e.institution),
            Self::NoticeSent(e) | Self::NoticeFailed(e) => About::Message(e.about),
            Self::LedgerOpened(_)
            | Self::LogKeyAdded(_)
            | Self::LogKeyEnded(_)
            | Self::LedgerResumed(_)
            | Self::SupervisorChanged(_)
            | Self::SupervisorReplaced(_)
            | Self::PolicyActivated(_)
            | Self::RoleAssigned(_)
            | Self::RoleEnded(_)
            | Self::StatementRefused(_)
            | Self::StatementsThrottled(_)
            | Self::SubjectEnrolled(_)
            | Self::PapersReplaced(_)
            | Self::AccountSuspended(_)
            | Self::AccountResumed(_)
            | Self::AccountClosed(_)
            | Self::ContactReplaced(_)
            | Self::ContactKept(_)
            | Self::ContactEnded(_)
            | Self::ContactDoubted(_)
            | Self::ContactConfirmed(_)
            | Self::ContactVerified(_)
            | Self::ConsentsStopped(_)
            | Self::MeansBlocked(_)
            | Self::MeansUnblocked(_)
            | Self::NoticesReported(_) => About::Itself,
        }
    }

    /// What was decided, if the record is the decision on an access.
    pub const fn decided(&self) -> Option<&AccessDecided> {
        if let About::Decision(decided) = self.about() {
            Some(decided)
        } else {
            None
        }
    }

    /// The consent the record is about.
    pub const fn consent(&self) -> Option<ConsentId> {
        match self.about() {
            About::Consent(given) => Some(given.consent),
            About::ConsentOf(consent) => Some(consent),
            About::Decision(_)
            | About::Access(_)
            | About::Ended(_)
            | About::Statistics(_)
            | About::Institution(_)
            | About::Message(_)
            | About::Itself => None,
        }
    }

    /// Log index of the decision on the access the record follows from; `None` of the decision
    /// itself, and of what is about no access.
    pub const fn access(&self) -> Option<LeafIndex> {
        if let About::Access(access) | About::Ended(Ended { access, .. }) = self.about() {
            Some(access)
        } else {
            None
        }
    }

    /// How the question to the person about an access ended, if the record says so.
    pub const fn ended(&self) -> Option<Ended> {
        if let About::Ended(ended) = self.about() {
            Some(ended)
        } else {
            None
        }
    }

    /// The signed statements the record was made from, in their order.
    pub fn statements(&self) -> &[Bytes] {
        match self {
            Self::LogKeyAdded(e) => &e.statements,
            Self::LogKeyEnded(e) => &e.statements,
            Self::LedgerResumed(e) => &e.statements,
            Self::SupervisorChanged(e) => &e.statements,
            Self::SupervisorReplaced(e) => &e.statements,
            Self::InstitutionCertified(e) => &e.statements,
            Self::InstitutionChanged(e) => &e.statements,
            Self::InstitutionSuspended(e) => &e.statements,
            Self::InstitutionReinstated(e) => &e.statements,
            Self::PolicyActivated(e) => &e.statements,
            Self::KeyReset(e) => &e.statements,
            Self::ResetObjected(e) => std::slice::from_ref(&e.statement),
            Self::KeyRegistered(e) => std::slice::from_ref(&e.statement),
            Self::KeyRevoked(e) => std::slice::from_ref(&e.statement),
            Self::RoleAssigned(e) => std::slice::from_ref(&e.statement),
            Self::RoleEnded(e) => std::slice::from_ref(&e.statement),
            Self::StatementRefused(e) => std::slice::from_ref(&e.statement),
            Self::StatisticsPermitted(e) | Self::StatisticsDenied(e) => {
                std::slice::from_ref(&e.statement)
            }
            Self::LinkIssued(e) => std::slice::from_ref(&e.statement),
            Self::LinkRevoked(e) | Self::LinkCorrected(e) => std::slice::from_ref(&e.statement),
            Self::AccessPermitted(e) | Self::AccessDenied(e) => std::slice::from_ref(&e.statement),
            Self::AccessAsked(e) => std::slice::from_ref(&e.decided.statement),
            Self::AccessReleased(e) => std::slice::from_ref(&e.statement),
            Self::ReleaseRefused(e) => std::slice::from_ref(&e.statement),
            Self::LedgerOpened(_)
            | Self::StatementsThrottled(_)
            | Self::EmergencyDeclared(_)
            | Self::AccessesCounted(_)
            | Self::SubjectEnrolled(_)
            | Self::PapersReplaced(_)
            | Self::AccountSuspended(_)
            | Self::AccountResumed(_)
            | Self::AccountClosed(_)
            | Self::ContactReplaced(_)
            | Self::ContactKept(_)
            | Self::ContactEnded(_)
            | Self::ContactDoubted(_)
            | Self::ContactConfirmed(_)
            | Self::ContactVerified(_)
            | Self::LinkWithdrawn(_)
            | Self::ConsentGiven(_)
            | Self::ConsentNarrowed(_)
            | Self::ConsentWithdrawn(_)
            | Self::ConsentsStopped(_)
            | Self::MeansBlocked(_)
            | Self::MeansUnblocked(_)
            | Self::ApprovalGranted(_)
            | Self::ApprovalRefused(_)
            | Self::ApprovalExpired(_)
            | Self::AlertRaised(_)
            | Self::NoticeSent(_)
            | Self::NoticeFailed(_)
            | Self::NoticesReported(_) => &[],
        }
    }

    /// Whether the record was made from these very statements, in any order, and no other.
    pub fn is_made_from(&self, statements: &[&[u8]]) -> bool {
        let carried = self.statements();
        carried.len() == statements.len()
            && carried
                .iter()
                .all(|one| statements.contains(&one.0.as_slice()))
            && statements
                .iter()
                .all(|one| carried.iter().any(|it| it.0 == *one))
    }
}

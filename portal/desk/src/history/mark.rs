//! How a record is marked: the icon and the colour of its word, and by what a list sorts it.

use akashi_proof::record::Closed;
use akashi_proof::record::kind::{Arrival, BasisKind, Event, Outcome, Step};

/// The mark of a record. It follows from the record alone, in every language and under every pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Allowed, or handed over on what was.
    Permit,
    /// Not allowed.
    Deny,
    /// She is asked.
    Ask,
    /// What needs her attention; among refusals those outside what is allowed.
    Alert,
    /// Allowed without her, in an emergency.
    Emergency,
    /// Something of hers that stands from now on.
    Consent,
    /// Something of hers that ended.
    Withdrawn,
    /// A question whose time is over.
    Expired,
    /// What she was told, and what is only to be known.
    Notice,
    /// What it said is lost.
    Lost,
    /// What it said is withheld.
    Withheld,
    /// What it said was erased.
    Erased,
}

impl Mark {
    /// The name in the style sheet, which is the icon's too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
            Self::Consent => "consent",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Notice => "notice",
            Self::Lost => "lost",
            Self::Withheld => "withheld",
            Self::Erased => "erased",
        }
    }

    /// The mark of a record that can be read.
    pub fn of(event: &Event) -> Self {
        match event {
            Event::AccessPermitted(e) | Event::AccessDenied(e) => match e.outcome {
                Outcome::Permit if e.basis_kind == BasisKind::Emergency => Self::Emergency,
                Outcome::Permit => Self::Permit,
                Outcome::Deny if e.step == Some(Step::Whitelist) => Self::Alert,
                Outcome::Deny => Self::Deny,
                Outcome::Ask => Self::Ask,
            },
            Event::AccessAsked(_) => Self::Ask,
            Event::StatisticsPermitted(e) | Event::StatisticsDenied(e) => match e.outcome {
                Outcome::Permit => Self::Permit,
                Outcome::Deny | Outcome::Ask => Self::Deny,
            },
            Event::AccessReleased(_)
            | Event::ApprovalGranted(_)
            | Event::InstitutionCertified(_)
            | Event::InstitutionReinstated(_) => Self::Permit,
            Event::AccessesCounted(_)
            | Event::ReleaseRefused(_)
            | Event::ApprovalRefused(_)
            | Event::StatementRefused(_)
            | Event::StatementsThrottled(_) => Self::Deny,
            Event::NoticesReported(e) => match e.arrival {
                Arrival::Delivered => Self::Notice,
                Arrival::Undelivered | Arrival::Expired | Arrival::Rejected => Self::Alert,
            },
            Event::AlertRaised(_)
            | Event::NoticeFailed(_)
            | Event::ContactDoubted(_)
            | Event::LinkCorrected(_)
            | Event::InstitutionSuspended(_)
            | Event::LogKeyEnded(_)
            | Event::LedgerResumed(_)
            | Event::KeyReset(_)
            | Event::ResetObjected(_) => Self::Alert,
            Event::ConsentGiven(_)
            | Event::ConsentNarrowed(_)
            | Event::SubjectEnrolled(_)
            | Event::MeansUnblocked(_)
            | Event::AccountResumed(_) => Self::Consent,
            Event::ConsentWithdrawn(_)
            | Event::ConsentsStopped(_)
            | Event::ContactKept(_)
            | Event::ContactEnded(_)
            | Event::MeansBlocked(_)
            | Event::AccountSuspended(_)
            | Event::AccountClosed(_)
            | Event::LinkWithdrawn(_)
            | Event::LinkRevoked(_)
            | Event::KeyRevoked(_)
            | Event::RoleEnded(_) => Self::Withdrawn,
            Event::ApprovalExpired(_) => Self::Expired,
            Event::NoticeSent(_)
            | Event::PapersReplaced(_)
            | Event::ContactReplaced(_)
            | Event::ContactConfirmed(_)
            | Event::ContactVerified(_)
            | Event::LinkIssued(_)
            | Event::LedgerOpened(_)
            | Event::LogKeyAdded(_)
            | Event::SupervisorChanged(_)
            | Event::SupervisorReplaced(_)
            | Event::InstitutionChanged(_)
            | Event::KeyRegistered(_)
            | Event::PolicyActivated(_)
            | Event::RoleAssigned(_)
            | Event::EmergencyDeclared(_) => Self::Notice,
        }
    }

    /// The mark of a record whose body is not open.
    pub const fn of_closed(closed: Closed) -> Self {
        match closed {
            Closed::Lost => Self::Lost,
            Closed::Withheld { .. } => Self::Withheld,
            Closed::Erased => Self::Erased,
        }
    }
}

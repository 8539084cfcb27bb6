//! Which key a record names as `kid`: of most kinds the one that signed, of the registry's own acts
//! the one the act is about. Whoever prints a record says which.

use super::Kind;

/// What the key is to the record that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRole {
    /// It signed the statement in the record.
    Signed,
    /// The institution is certified with it.
    Certified,
    /// The institution registers it.
    Registered,
    /// The institution ends it.
    Revoked,
    /// Supervisors give it to the institution in place of all it has.
    GivenBack,
    /// The institution objects to being given it.
    ObjectedTo,
}

impl Kind {
    /// What the `kid` of a record of this kind is to it; `None` where it names no key.
    pub const fn key_role(self) -> Option<KeyRole> {
        match self {
            Self::InstitutionCertified => Some(KeyRole::Certified),
            Self::KeyRegistered => Some(KeyRole::Registered),
            Self::KeyRevoked => Some(KeyRole::Revoked),
            Self::KeyReset => Some(KeyRole::GivenBack),
            Self::ResetObjected => Some(KeyRole::ObjectedTo),
            Self::StatementRefused
            | Self::StatisticsPermitted
            | Self::StatisticsDenied
            | Self::LinkIssued
            | Self::LinkRevoked
            | Self::LinkCorrected
            | Self::AccessPermitted
            | Self::AccessDenied
            | Self::AccessAsked
            | Self::AccessReleased
            | Self::ReleaseRefused => Some(KeyRole::Signed),
            Self::LedgerOpened
            | Self::LogKeyAdded
            | Self::LogKeyEnded
            | Self::LedgerResumed
            | Self::SupervisorChanged
            | Self::SupervisorReplaced
            | Self::InstitutionChanged
            | Self::InstitutionSuspended
            | Self::InstitutionReinstated
            | Self::PolicyActivated
            | Self::RoleAssigned
            | Self::RoleEnded
            | Self::StatementsThrottled
            | Self::EmergencyDeclared
            | Self::SubjectEnrolled
            | Self::PapersReplaced
            | Self::AccountSuspended
            | Self::AccountResumed
            | Self::AccountClosed
            | Self::ContactVerified
            | Self::ContactReplaced
            | Self::ContactKept
            | Self::ContactEnded
            | Self::ContactDoubted
            | Self::ContactConfirmed
            | Self::LinkWithdrawn
            | Self::ConsentGiven
            | Self::ConsentNarrowed
            | Self::ConsentWithdrawn
            | Self::ConsentsStopped
            | Self::MeansBlocked
            | Self::MeansUnblocked
            | Self::AccessesCounted
            | Self::ApprovalGranted
            | Self::ApprovalRefused
            | Self::ApprovalExpired
            | Self::AlertRaised
            | Self::NoticeSent
            | Self::NoticeFailed
            | Self::NoticesReported => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_names_a_key_says_what_it_is() {
        for kind in Kind::ALL {
            let names_one = kind.own_names().contains(&"kid");
            assert_eq!(kind.key_role().is_some(), names_one, "{}", kind.name());
        }
    }
}

//! What a person must have shown before a record says that she did something (docs/DESIGN.md
//! "Identity"): one table over all kinds. The fold of her stream holds it, so that the writer makes
//! no record that breaks it, whatever stands before the writer; and a check of her history finds
//! one that an operator has made all the same.

use super::{Assurance, Event, Kind};
use crate::fault::{Fault, FaultCode};

/// What somebody must have shown to be taken for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MustShow {
    /// Any of it: whoever holds her phone may do so, or the record it follows from says more.
    Anything,
    /// Of whoever enrols: nobody has a recovery code yet.
    Newcomer,
    /// A second thing: one person, and not whoever holds a phone.
    Person,
    /// Her phone and a second thing: an address and the code do not give back a phone.
    PhoneAndCode,
}

impl MustShow {
    /// Whether this is enough.
    pub fn accepts(self, shown: Assurance) -> bool {
        self.accepted().contains(&shown)
    }

    /// What is enough, the least first. One that is not named is not.
    pub const fn accepted(self) -> &'static [Assurance] {
        match self {
            Self::Anything => Assurance::ALL,
            Self::Newcomer => &[Assurance::Sms, Assurance::TwoOfficers, Assurance::Passkey],
            Self::Person => &[
                Assurance::EmailAndRecovery,
                Assurance::SmsAndRecovery,
                Assurance::TwoOfficers,
                Assurance::Passkey,
            ],
            Self::PhoneAndCode => &[
                Assurance::SmsAndRecovery,
                Assurance::TwoOfficers,
                Assurance::Passkey,
            ],
        }
    }

    /// Refuses what is not enough.
    ///
    /// # Errors
    /// [`FaultCode::NotAuthorised`].
    pub fn check(self, shown: Assurance) -> Result<(), Fault> {
        if self.accepts(shown) {
            return Ok(());
        }
        let accepted: Vec<_> = self
            .accepted()
            .iter()
            .map(|one| format!("`{one}`"))
            .collect();
        Err(Fault::new(
            FaultCode::NotAuthorised,
            "assurance",
            accepted.join(" or "),
            format!("`{shown}`"),
        ))
    }
}

impl Kind {
    /// What she must have shown where the record says that she did something; `None` of what is not
    /// hers to do: what institutions and supervisors sign, what the ledger finds and counts. Who
    /// blocks a phone, stops a replacement or doubts a number has a word of its own in the record.
    pub const fn must_show(self) -> Option<MustShow> {
        match self {
            Self::SubjectEnrolled => Some(MustShow::Newcomer),
            Self::PapersReplaced
            | Self::AccountSuspended
            | Self::AccountResumed
            | Self::AccountClosed
            | Self::ContactVerified
            | Self::ContactReplaced
            | Self::ContactEnded
            | Self::ContactConfirmed
            | Self::LinkWithdrawn
            | Self::ConsentGiven
            | Self::ConsentNarrowed
            | Self::ConsentWithdrawn
            | Self::ConsentsStopped => Some(MustShow::Person),
            Self::MeansUnblocked => Some(MustShow::PhoneAndCode),
            // She has read out a code at a counter; what the question was says who may approve.
            Self::LinkIssued | Self::ApprovalGranted | Self::ApprovalRefused => {
                Some(MustShow::Anything)
            }
            Self::LedgerOpened
            | Self::LogKeyAdded
            | Self::LogKeyEnded
            | Self::LedgerResumed
            | Self::SupervisorChanged
            | Self::SupervisorReplaced
            | Self::InstitutionCertified
            | Self::InstitutionChanged
            | Self::InstitutionSuspended
            | Self::InstitutionReinstated
            | Self::KeyRegistered
            | Self::KeyRevoked
            | Self::KeyReset
            | Self::ResetObjected
            | Self::PolicyActivated
            | Self::RoleAssigned
            | Self::RoleEnded
            | Self::StatementRefused
            | Self::StatementsThrottled
            | Self::EmergencyDeclared
            | Self::StatisticsPermitted
            | Self::StatisticsDenied
            | Self::ContactKept
            | Self::ContactDoubted
            | Self::LinkRevoked
            | Self::LinkCorrected
            | Self::MeansBlocked
            | Self::AccessPermitted
            | Self::AccessDenied
            | Self::AccessAsked
            | Self::AccessesCounted
            | Self::AccessReleased
            | Self::ReleaseRefused
            | Self::ApprovalExpired
            | Self::AlertRaised
            | Self::NoticeSent
            | Self::NoticeFailed
            | Self::NoticesReported => None,
        }
    }
}

impl Event {
    /// What she had shown, as the record says.
    pub const fn shown(&self) -> Option<Assurance> {
        match self {
            Self::SubjectEnrolled(e) => Some(e.assurance),
            Self::PapersReplaced(e) => Some(e.assurance),
            Self::AccountSuspended(e) | Self::AccountResumed(e) | Self::AccountClosed(e) => {
                Some(e.assurance)
            }
            Self::ContactVerified(e) => Some(e.assurance),
            Self::ContactReplaced(e) => Some(e.assurance),
            Self::ContactEnded(e) | Self::ContactConfirmed(e) => Some(e.assurance),
            Self::LinkIssued(e) => Some(e.assurance),
            Self::LinkWithdrawn(e) => Some(e.assurance),
            Self::ConsentGiven(e) => Some(e.assurance),
            Self::ConsentNarrowed(e) => Some(e.assurance),
            Self::ConsentWithdrawn(e) => Some(e.assurance),
            Self::ConsentsStopped(e) => Some(e.assurance),
            Self::MeansUnblocked(e) => Some(e.assurance),
            Self::ApprovalGranted(e) | Self::ApprovalRefused(e) => Some(e.assurance),
            Self::LedgerOpened(_)
            | Self::LogKeyAdded(_)
            | Self::LogKeyEnded(_)
            | Self::LedgerResumed(_)
            | Self::SupervisorChanged(_)
            | Self::SupervisorReplaced(_)
            | Self::InstitutionCertified(_)
            | Self::InstitutionChanged(_)
            | Self::InstitutionSuspended(_)
            | Self::InstitutionReinstated(_)
            | Self::KeyRegistered(_)
            | Self::KeyRevoked(_)
            | Self::KeyReset(_)
            | Self::ResetObjected(_)
            | Self::PolicyActivated(_)
            | Self::RoleAssigned(_)
            | Self::RoleEnded(_)
            | Self::StatementRefused(_)
            | Self::StatementsThrottled(_)
            | Self::EmergencyDeclared(_)
            | Self::StatisticsPermitted(_)
            | Self::StatisticsDenied(_)
            | Self::ContactKept(_)
            | Self::ContactDoubted(_)
            | Self::LinkRevoked(_)
            | Self::LinkCorrected(_)
            | Self::MeansBlocked(_)
            | Self::AccessPermitted(_)
            | Self::AccessDenied(_)
            | Self::AccessAsked(_)
            | Self::AccessesCounted(_)
            | Self::AccessReleased(_)
            | Self::ReleaseRefused(_)
            | Self::ApprovalExpired(_)
            | Self::AlertRaised(_)
            | Self::NoticeSent(_)
            | Self::NoticeFailed(_)
            | Self::NoticesReported(_) => None,
        }
    }

    /// Refuses a record that says she did what she had not shown enough for.
    ///
    /// # Errors
    /// [`FaultCode::NotAuthorised`].
    pub fn check_shown(&self) -> Result<(), Fault> {
        match (self.kind().must_show(), self.shown()) {
            (Some(must_show), Some(shown)) => must_show.check(shown),
            (None, _) | (_, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_says_how_sure_has_a_rule_and_no_other() {
        for kind in Kind::ALL {
            let says = kind.own_names().contains(&"assurance");
            assert_eq!(kind.must_show().is_some(), says, "{}", kind.name());
        }
    }

    #[test]
    fn what_is_enough_for_more_is_enough_for_less() {
        for shown in Assurance::ALL {
            let accepts = |must_show: MustShow| must_show.accepts(*shown);
            assert!(accepts(MustShow::Anything));
            assert!(accepts(MustShow::Person) || !accepts(MustShow::PhoneAndCode));
        }
        let email = Assurance::EmailAndRecovery;
        assert!(MustShow::Person.accepts(email) && !MustShow::PhoneAndCode.accepts(email));
        let fault = MustShow::PhoneAndCode.check(email).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "`assurance`: expected `sms+recovery` or `two-officers` or `passkey`, found \
             `email+recovery`"
        );
    }
}

//! What a record is about, for the history's filters.

use akashi_proof::ids::{ConsentId, InstitutionId, LeafIndex, PurposeCode};
use akashi_proof::record::kind::{AccessDecided, ConsentGiven, Event};

use super::{Related, access_at};

/// Which institutions and purposes a record is about: what the history is filtered by.
#[derive(Default)]
pub(crate) struct Matter {
    pub(crate) institutions: Vec<InstitutionId>,
    pub(crate) purposes: Vec<PurposeCode>,
}

impl Matter {
    /// What a record is about, through the access or consent it speaks of.
    pub(crate) fn of(event: &Event, related: &dyn Related) -> Self {
        match event {
            Event::AccessPermitted(e) | Event::AccessDenied(e) | Event::AccessAsked(e) => {
                Self::of_access(e)
            }
            Event::AccessReleased(e) => Self::of_access_at(related, e.access),
            Event::ReleaseRefused(e) => Self::of_access_at(related, e.access),
            Event::ApprovalRequested(e) => Self::of_access_at(related, e.access),
            Event::ApprovalGranted(e) | Event::ApprovalRefused(e) => {
                Self::of_access_at(related, e.access)
            }
            Event::ApprovalExpired(e) => Self::of_access_at(related, e.access),
            Event::AlertRaised(e) => Self::of_access_at(related, e.access),
            Event::NoticeSent(e) | Event::NoticeFailed(e) => {
                let about = e.about.and_then(|index| related.record(index));
                // A notice may be about anything but another notice.
                about
                    .filter(|record| {
                        !matches!(record.event, Event::NoticeSent(_) | Event::NoticeFailed(_))
                    })
                    .map(|record| Self::of(&record.event, related))
                    .unwrap_or_default()
            }
            Event::ConsentGiven(e) => Self::of_consent(e),
            Event::ConsentNarrowed(e) => Self::of_consent_of(related, &e.consent),
            Event::ConsentWithdrawn(e) => Self::of_consent_of(related, &e.consent),
            Event::LinkIssued(e) => Self {
                institutions: vec![e.institution.clone()],
                purposes: Vec::new(),
            },
            Event::LinkRevoked(e) => Self {
                institutions: vec![e.institution.clone()],
                purposes: Vec::new(),
            },
            Event::SubjectEnrolled(_)
            | Event::ContactVerified(_)
            | Event::LedgerOpened(_)
            | Event::InstitutionCertified(_)
            | Event::InstitutionSuspended(_)
            | Event::InstitutionReinstated(_)
            | Event::KeyRegistered(_)
            | Event::KeyRevoked(_)
            | Event::PolicyActivated(_)
            | Event::RoleAssigned(_)
            | Event::RoleEnded(_)
            | Event::StatementRefused(_)
            | Event::StatementsThrottled(_)
            | Event::StatisticsPermitted(_)
            | Event::StatisticsDenied(_) => Self::default(),
        }
    }

    fn of_access(e: &AccessDecided) -> Self {
        Self {
            institutions: vec![e.requester.clone(), e.holder.clone()],
            purposes: vec![e.purpose.clone()],
        }
    }

    fn of_access_at(related: &dyn Related, index: LeafIndex) -> Self {
        access_at(related, index)
            .map(|e| Self::of_access(&e))
            .unwrap_or_default()
    }

    fn of_consent_of(related: &dyn Related, id: &ConsentId) -> Self {
        related
            .consent(id)
            .map(|(_, given)| Self::of_consent(&given))
            .unwrap_or_default()
    }

    fn of_consent(e: &ConsentGiven) -> Self {
        Self {
            institutions: vec![e.terms.recipient.clone(), e.terms.holder.clone()],
            purposes: e.terms.purposes.to_vec(),
        }
    }
}

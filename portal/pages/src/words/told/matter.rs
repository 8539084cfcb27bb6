//! What a record is about, for the history's filters.

use akashi_proof::ids::{ConsentId, InstitutionId, LeafIndex, PurposeCode};
use akashi_proof::record::kind::{About, AccessDecided, ConsentGiven, Ended, Event};

use crate::words::told::{Related, access_at};

/// Which institutions and purposes a record is about: what the history is filtered by.
#[derive(Default)]
pub(crate) struct Matter {
    pub(crate) institutions: Vec<InstitutionId>,
    pub(crate) purposes: Vec<PurposeCode>,
}

impl Matter {
    /// What a record is about, through the access or consent it speaks of.
    pub(crate) fn of(event: &Event, related: &dyn Related) -> Self {
        match event.about() {
            About::Decision(e) => Self::of_access(e),
            About::Access(access) | About::Ended(Ended { access, .. }) => {
                Self::of_access_at(related, access)
            }
            About::Consent(e) => Self::of_consent(e),
            About::ConsentOf(consent) => Self::of_consent_of(related, &consent),
            About::Institution(id) => Self {
                institutions: vec![id.clone()],
                purposes: Vec::new(),
            },
            About::Message(about) => {
                let about = about.and_then(|index| related.record(index));
                // A notice may be about anything but another notice.
                about
                    .filter(|record| !matches!(record.event.about(), About::Message(_)))
                    .map(|record| Self::of(&record.event, related))
                    .unwrap_or_default()
            }
            // Never about one person.
            About::Statistics(_) | About::Itself => Self::default(),
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

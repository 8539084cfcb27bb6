//! What a record of hers is about, without what it says: as much as lists, filters and figures ask
//! of each of thousands.

use std::sync::Arc;

use akashi_proof::digest::Digest;
use akashi_proof::ids::{ConsentId, InstitutionId, LeafIndex, ProcessId, PurposeCode};
use akashi_proof::record::kind::{
    AccessDecided, ByStream, ConsentGiven, Event, Outcome, PersonEvent, Rule,
};

use crate::history::related::Related;

/// The gist of a record in a person's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gist {
    /// An access was decided, or she is asked about it.
    Decided {
        /// Who wanted what.
        access: Arc<Access>,
        /// How.
        outcome: Outcome,
    },
    /// Accesses above what an institution may were counted.
    Counted(InstitutionId),
    /// What an access got was handed over by its holder.
    Released {
        /// Log index of the decision.
        access: LeafIndex,
        /// Who handed it over.
        holder: InstitutionId,
    },
    /// It was not handed over.
    ReleaseRefused {
        /// Log index of the decision.
        access: LeafIndex,
        /// Who would have.
        holder: InstitutionId,
    },
    /// A detector warned of it.
    Warned {
        /// Log index of the decision.
        access: LeafIndex,
        /// What was found.
        rule: Rule,
        /// How often.
        count: u64,
    },
    /// She answered a question.
    Answered(LeafIndex),
    /// She did not in time.
    Expired(LeafIndex),
    /// She gave a consent.
    Given(Arc<Given>),
    /// She narrowed one.
    Narrowed(ConsentId),
    /// She withdrew one.
    Withdrawn(ConsentId),
    /// She withdrew all there were.
    AllWithdrawn,
    /// An institution got a code for her, or its code ended by itself.
    Link(InstitutionId),
    /// She ended it.
    LinkWithdrawn(InstitutionId),
    /// She was told of something, or could not be.
    Notice {
        /// Log index of what she was told of, where it was a record.
        about: Option<LeafIndex>,
        /// Whether the message was handed over.
        sent: bool,
    },
    /// What became of messages that were handed over: about them, and none itself.
    Arrived,
    /// What became of her contacts, papers, means or account.
    Own,
}

/// An access as it was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Access {
    /// Who may see.
    pub requester: InstitutionId,
    /// Who has it.
    pub holder: InstitutionId,
    /// By which process.
    pub process: ProcessId,
    /// What for.
    pub purpose: PurposeCode,
    /// The pack that decided.
    pub policy: Digest,
    /// For whom the requester says it asks: the digest of its words.
    pub on_behalf_of: Option<Digest>,
}

impl Access {
    fn of(e: &AccessDecided) -> Self {
        let behalf = e.on_behalf_of.as_deref();
        Self {
            requester: e.requester.clone(),
            holder: e.holder.clone(),
            process: e.process.clone(),
            purpose: e.purpose.clone(),
            policy: e.policy_digest,
            on_behalf_of: behalf.map(|words| Digest::of(&[words.as_bytes()])),
        }
    }

    /// Whether a list may put the two together: who, from whom, by which process, for whom.
    pub fn is_alike(&self, other: &Self) -> bool {
        self.requester == other.requester
            && self.holder == other.holder
            && self.process == other.process
            && self.on_behalf_of == other.on_behalf_of
    }
}

/// A consent as it was given.
#[derive(Debug, PartialEq, Eq)]
pub struct Given {
    /// Which.
    pub consent: ConsentId,
    /// Who may see, and who has it.
    pub institutions: [InstitutionId; 2],
    /// What for.
    pub purposes: Vec<PurposeCode>,
}

impl Given {
    /// As a record says it.
    pub fn of(e: &ConsentGiven) -> Self {
        Self {
            consent: e.consent,
            institutions: [e.terms.recipient.clone(), e.terms.holder.clone()],
            purposes: e.terms.purposes.to_vec(),
        }
    }
}

impl Gist {
    /// The gist of a record; what is never in a person's stream has none of its own.
    pub fn of(event: &Event) -> Self {
        let ByStream::Person(event) = event.by_stream() else {
            return Self::Own;
        };
        match event {
            PersonEvent::AccessPermitted(e) | PersonEvent::AccessDenied(e) => Self::decided(e),
            PersonEvent::AccessAsked(e) => Self::decided(&e.decided),
            PersonEvent::AccessesCounted(e) => Self::Counted(e.requester.clone()),
            PersonEvent::AccessReleased(e) => Self::Released {
                access: e.access,
                holder: e.holder.clone(),
            },
            PersonEvent::ReleaseRefused(e) => Self::ReleaseRefused {
                access: e.access,
                holder: e.holder.clone(),
            },
            PersonEvent::AlertRaised(e) => Self::Warned {
                access: e.access,
                rule: e.rule,
                count: e.count,
            },
            PersonEvent::ApprovalGranted(e) | PersonEvent::ApprovalRefused(e) => {
                Self::Answered(e.access)
            }
            PersonEvent::ApprovalExpired(e) => Self::Expired(e.access),
            PersonEvent::ConsentGiven(e) => Self::Given(Arc::new(Given::of(e))),
            PersonEvent::ConsentNarrowed(e) => Self::Narrowed(e.consent),
            PersonEvent::ConsentWithdrawn(e) => Self::Withdrawn(e.consent),
            PersonEvent::ConsentsStopped(_) => Self::AllWithdrawn,
            PersonEvent::LinkIssued(e) => Self::Link(e.institution.clone()),
            PersonEvent::LinkRevoked(e) | PersonEvent::LinkCorrected(e) => {
                Self::Link(e.institution.clone())
            }
            PersonEvent::LinkWithdrawn(e) => Self::LinkWithdrawn(e.institution.clone()),
            PersonEvent::NoticeSent(e) => Self::Notice {
                about: e.about,
                sent: true,
            },
            PersonEvent::NoticeFailed(e) => Self::Notice {
                about: e.about,
                sent: false,
            },
            PersonEvent::NoticesReported(_) => Self::Arrived,
            PersonEvent::SubjectEnrolled(_)
            | PersonEvent::PapersReplaced(_)
            | PersonEvent::AccountSuspended(_)
            | PersonEvent::AccountResumed(_)
            | PersonEvent::AccountClosed(_)
            | PersonEvent::ContactReplaced(_)
            | PersonEvent::ContactKept(_)
            | PersonEvent::ContactEnded(_)
            | PersonEvent::ContactDoubted(_)
            | PersonEvent::ContactConfirmed(_)
            | PersonEvent::ContactVerified(_)
            | PersonEvent::MeansBlocked(_)
            | PersonEvent::MeansUnblocked(_) => Self::Own,
        }
    }

    fn decided(e: &AccessDecided) -> Self {
        Self::Decided {
            access: Arc::new(Access::of(e)),
            outcome: e.outcome,
        }
    }

    /// What was decided, if the record is the decision on an access.
    pub const fn outcome(&self) -> Option<Outcome> {
        if let Self::Decided { outcome, .. } = self {
            Some(*outcome)
        } else {
            None
        }
    }

    /// Whether it is of her own doing, or about what is hers alone: never of a kind that others can
    /// make many of.
    pub const fn is_own(&self) -> bool {
        match self {
            Self::Answered(_)
            | Self::Given(_)
            | Self::Narrowed(_)
            | Self::Withdrawn(_)
            | Self::AllWithdrawn
            | Self::LinkWithdrawn(_)
            | Self::Own => true,
            Self::Decided { .. }
            | Self::Counted(_)
            | Self::Released { .. }
            | Self::ReleaseRefused { .. }
            | Self::Warned { .. }
            | Self::Expired(_)
            | Self::Link(_)
            | Self::Notice { .. }
            | Self::Arrived => false,
        }
    }

    /// Whether it is a message to her that was handed over: what is counted as sent.
    pub const fn is_sent(&self) -> bool {
        matches!(self, Self::Notice { sent: true, .. })
    }

    /// Whether it is about messages to her: one, one that could not be handed over, or what became
    /// of some.
    pub const fn is_of_messages(&self) -> bool {
        matches!(self, Self::Notice { .. } | Self::Arrived)
    }

    /// The access whose doing it is: as it was decided or asked, or what was handed over on it.
    pub fn doing(&self, related: &dyn Related) -> Option<Arc<Access>> {
        if matches!(self, Self::Decided { .. } | Self::Released { .. }) {
            self.access(related)
        } else {
            None
        }
    }

    /// The access it is, or follows from.
    pub fn access(&self, related: &dyn Related) -> Option<Arc<Access>> {
        match self {
            Self::Decided { access, .. } => Some(Arc::clone(access)),
            Self::Released { access, .. }
            | Self::ReleaseRefused { access, .. }
            | Self::Warned { access, .. }
            | Self::Answered(access)
            | Self::Expired(access) => {
                let Self::Decided { access, .. } = related.gist(*access)? else {
                    return None;
                };
                Some(access)
            }
            Self::Counted(_)
            | Self::Given(_)
            | Self::Narrowed(_)
            | Self::Withdrawn(_)
            | Self::AllWithdrawn
            | Self::Link(_)
            | Self::LinkWithdrawn(_)
            | Self::Notice { .. }
            | Self::Arrived
            | Self::Own => None,
        }
    }
}

/// Which institutions and purposes a record is about: what the history is filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// An access.
    Access(Arc<Access>),
    /// A consent.
    Consent(Arc<Given>),
    /// An institution.
    Institution(InstitutionId),
    /// None of them.
    Nothing,
}

impl Matter {
    /// What a record is about, through the access or consent it speaks of.
    pub fn of(gist: &Gist, related: &dyn Related) -> Self {
        match gist {
            Gist::Decided { .. }
            | Gist::Released { .. }
            | Gist::ReleaseRefused { .. }
            | Gist::Warned { .. }
            | Gist::Answered(_)
            | Gist::Expired(_) => gist.access(related).map_or(Self::Nothing, Self::Access),
            Gist::Given(given) => Self::Consent(Arc::clone(given)),
            Gist::Narrowed(consent) | Gist::Withdrawn(consent) => {
                related.given(consent).map_or(Self::Nothing, Self::Consent)
            }
            Gist::Counted(id) | Gist::Link(id) | Gist::LinkWithdrawn(id) => {
                Self::Institution(id.clone())
            }
            Gist::Notice { about, .. } => {
                let about = about.and_then(|index| related.gist(index));
                // A notice may be about anything but another notice.
                about
                    .filter(|gist| !matches!(gist, Gist::Notice { .. }))
                    .map_or(Self::Nothing, |gist| Self::of(&gist, related))
            }
            Gist::AllWithdrawn | Gist::Arrived | Gist::Own => Self::Nothing,
        }
    }

    /// The institutions.
    pub fn institutions(&self) -> Vec<&InstitutionId> {
        match self {
            Self::Access(access) => vec![&access.requester, &access.holder],
            Self::Consent(given) => given.institutions.iter().collect(),
            Self::Institution(id) => vec![id],
            Self::Nothing => Vec::new(),
        }
    }

    /// Whether it is about this purpose.
    pub fn has_purpose(&self, code: &PurposeCode) -> bool {
        match self {
            Self::Access(access) => access.purpose == *code,
            Self::Consent(given) => given.purposes.contains(code),
            Self::Institution(_) | Self::Nothing => false,
        }
    }
}

//! The closed table of kinds. Adding one means: its fields in a file of its family, its fold in
//! [`crate::state`], its sentence in each language in the portal - the compiler names every place.
//!
//! | stream | published | who can read it |
//! |---|---|---|
//! | registry | in full, under `/log/registry/<seq>` | everybody |
//! | institution | entry only | that institution, the supervisor |
//! | person | entry only | the person |

mod access;
mod alert;
mod approval;
mod consent;
mod link;
mod notice;
mod registry;
mod role;
mod statement;
mod statistics;
mod subject;

pub use access::{AccessDecided, AccessReleased, ReleaseReason, ReleaseRefused};
pub use alert::{AlertRaised, Rule};
pub use approval::{AnsweredBy, ApprovalAnswered, ApprovalExpired, ApprovalRequested};
pub use consent::{ConsentGiven, ConsentNarrowed, ConsentWithdrawn, Shown};
pub use link::{LinkEnd, LinkIssued, LinkRevoked};
pub use notice::NoticeDelivery;
pub use registry::{
    InstitutionCertified, InstitutionReinstated, InstitutionSuspended, KeyRegistered, KeyRevoked,
    KeyUse, LedgerOpened, PolicyActivated,
};
pub use role::{RoleAssigned, RoleEnded};
pub use statement::{StatementRefused, StatementsThrottled};
pub use statistics::StatisticsDecided;
pub use subject::{Channel, ContactVerified, SubjectEnrolled};

use super::fields::{Fields, FieldsError, kinds};
use super::value::{Bytes, words};
pub use super::word::{Assurance, BasisKind, Language, Outcome, Step, YesNo};

words! {
    /// Which of the three kinds of stream a record belongs to.
    pub enum StreamKind {
        /// Published in full; never about a natural person.
        Registry = "registry",
        /// Roles, unresolved refusals, statistics of one institution.
        Institution = "institution",
        /// Everything about one person.
        Person = "person",
    }
}

kinds! {
    /// Entry 0: who may certify, under which key the log signs, which policy is in force.
    LedgerOpened(LedgerOpened) = "ledger.opened", 1, Registry;
    /// Two supervisors admit an institution.
    InstitutionCertified(InstitutionCertified) = "institution.certified", 1, Registry;
    /// Two supervisors stop an institution at once.
    InstitutionSuspended(InstitutionSuspended) = "institution.suspended", 1, Registry;
    /// Two supervisors let a suspended institution go on.
    InstitutionReinstated(InstitutionReinstated) = "institution.reinstated", 1, Registry;
    /// An institution registers a key under its certified one.
    KeyRegistered(KeyRegistered) = "key.registered", 1, Registry;
    /// An institution, or two supervisors, end a key.
    KeyRevoked(KeyRevoked) = "key.revoked", 1, Registry;
    /// Two supervisors put a policy pack in force.
    PolicyActivated(PolicyActivated) = "policy.activated", 1, Registry;

    /// An institution gives a role-holder a role.
    RoleAssigned(RoleAssigned) = "role.assigned", 1, Institution;
    /// An institution takes a role back before its end.
    RoleEnded(RoleEnded) = "role.ended", 1, Institution;
    /// A signed statement that was refused where no person could be resolved.
    StatementRefused(StatementRefused) = "statement.refused", 1, Institution;
    /// Signed statements above an institution's rate: not looked at one by one, but counted.
    StatementsThrottled(StatementsThrottled) = "statement.throttled", 1, Institution;
    /// Statistics handed out: no single person is concerned.
    StatisticsPermitted(StatisticsDecided) = "statistics.permitted", 1, Institution;
    /// Statistics refused.
    StatisticsDenied(StatisticsDecided) = "statistics.denied", 1, Institution;

    /// A person joined.
    SubjectEnrolled(SubjectEnrolled) = "subject.enrolled", 1, Person;
    /// A phone number or an e-mail address was shown to be the person's.
    ContactVerified(ContactVerified) = "subject.contact_verified", 1, Person;
    /// An institution learned its own code for the person.
    LinkIssued(LinkIssued) = "link.issued", 1, Person;
    /// A link code ended: withdrawn, or found to be wrong.
    LinkRevoked(LinkRevoked) = "link.revoked", 1, Person;
    /// The person agreed.
    ConsentGiven(ConsentGiven) = "consent.given", 1, Person;
    /// The person left less of a consent standing.
    ConsentNarrowed(ConsentNarrowed) = "consent.narrowed", 1, Person;
    /// The person ended a consent.
    ConsentWithdrawn(ConsentWithdrawn) = "consent.withdrawn", 1, Person;
    /// An institution may: the only record whose gate opens a holder's data.
    AccessPermitted(AccessDecided) = "access.permitted", 1, Person;
    /// An institution asked and may not.
    AccessDenied(AccessDecided) = "access.denied", 1, Person;
    /// An institution asked and the person is being asked.
    AccessAsked(AccessDecided) = "access.asked", 1, Person;
    /// A holder released data on evidence.
    AccessReleased(AccessReleased) = "access.released", 1, Person;
    /// A holder was refused: the evidence was spent, foreign or too old.
    ReleaseRefused(ReleaseRefused) = "access.release_refused", 1, Person;
    /// The person is asked about one access.
    ApprovalRequested(ApprovalRequested) = "approval.requested", 1, Person;
    /// The person approved: a new full decision follows.
    ApprovalGranted(ApprovalAnswered) = "approval.granted", 1, Person;
    /// The person refused.
    ApprovalRefused(ApprovalAnswered) = "approval.refused", 1, Person;
    /// The person did not answer in time, which is never consent.
    ApprovalExpired(ApprovalExpired) = "approval.expired", 1, Person;
    /// A detector found something about an access.
    AlertRaised(AlertRaised) = "alert.raised", 1, Person;
    /// A message to the person was handed to its channel.
    NoticeSent(NoticeDelivery) = "notice.sent", 1, Person;
    /// A message to the person could not be delivered, for good.
    NoticeFailed(NoticeDelivery) = "notice.failed", 1, Person;
}

impl Event {
    /// The signed acts a record of the registry or of an institution's roles rests on; none of any
    /// other kind.
    pub fn act_statements(&self) -> Vec<&Bytes> {
        match self {
            Self::InstitutionCertified(e) => e.statements.iter().collect(),
            Self::InstitutionSuspended(e) => e.statements.iter().collect(),
            Self::InstitutionReinstated(e) => e.statements.iter().collect(),
            Self::PolicyActivated(e) => e.statements.iter().collect(),
            Self::KeyRegistered(e) => vec![&e.statement],
            Self::KeyRevoked(e) => vec![&e.statement],
            Self::RoleAssigned(e) => vec![&e.statement],
            Self::RoleEnded(e) => vec![&e.statement],
            _ => Vec::new(),
        }
    }
}

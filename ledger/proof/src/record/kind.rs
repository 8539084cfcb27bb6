//! The closed table of kinds. Adding one means: its fields in a file of its family, its fold in
//! [`crate::state`], what it speaks of beside this, its sentence in each language in the portal -
//! the compiler names every place.
//!
//! | stream | published | who can read it |
//! |---|---|---|
//! | registry | in full, under `/log/registry/<seq>` | everybody |
//! | institution | entry only | that institution, the supervisor |
//! | person | entry only | the person |

mod about;
mod access;
mod alert;
mod approval;
mod consent;
mod emergency;
mod key_role;
mod link;
mod means;
mod must_show;
mod notice;
mod registry;
mod role;
mod statement;
mod statistics;
mod subject;

pub use about::{About, End, Ended};
pub use access::{
    AccessAsked, AccessDecided, AccessReleased, AccessesCounted, ReleaseReason, ReleaseRefused,
};
pub use alert::{AlertRaised, Rule};
pub use approval::{AnsweredBy, ApprovalAnswered, ApprovalExpired, approval_digest};
pub use consent::{ConsentGiven, ConsentNarrowed, ConsentWithdrawn, ConsentsStopped, Shown};
pub use emergency::EmergencyDeclared;
pub use key_role::KeyRole;
pub use link::{LinkEnd, LinkIssued, LinkRevoked, LinkWithdrawn};
pub use means::{BlockedBy, MeansBlocked, MeansUnblocked};
pub use must_show::MustShow;
pub use notice::{Arrival, NoticeDelivery, NoticesReported, Template};
pub use registry::{
    InstitutionCertified, InstitutionChanged, InstitutionReinstated, InstitutionSuspended,
    KeyRegistered, KeyReset, KeyRevoked, KeyUse, LedgerOpened, LedgerResumed, LogKeyAdded,
    LogKeyEnded, PolicyActivated, ResetObjected, Supervisor, SupervisorChanged, SupervisorReplaced,
};
pub use role::{RoleAssigned, RoleEnded};
pub use statement::{CountedFor, StatementRefused, StatementsThrottled};
pub use statistics::StatisticsDecided;
pub use subject::{
    Account, AccountChanged, Channel, ContactDoubted, ContactKept, ContactReplaced, ContactSettled,
    ContactVerified, KeptBy, PapersReplaced, SubjectEnrolled,
};

use super::fields::{Fields, FieldsError, kinds};
use super::value::words;
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
    /// A record of the registry. Of supervisors as many act together as entry 0 says.
    Registry as RegistryEvent {
        /// Entry 0: who may certify, under which key the log signs, which policy is in force.
        LedgerOpened(LedgerOpened) = "ledger.opened", 1;
        /// Supervisors let the log sign with one key more.
        LogKeyAdded(LogKeyAdded) = "ledger.key_added", 1;
        /// Supervisors end a key of the log, beside another that stays.
        LogKeyEnded(LogKeyEnded) = "ledger.key_ended", 1;
        /// Supervisors vouch for the clock of a ledger that stood still, which goes on with it.
        LedgerResumed(LedgerResumed) = "ledger.resumed", 1;
        /// Supervisors say how one of them is called and reached from now on.
        SupervisorChanged(SupervisorChanged) = "supervisor.changed", 1;
        /// The others put a supervisor with another key in the place of one.
        SupervisorReplaced(SupervisorReplaced) = "supervisor.replaced", 1;
        /// Supervisors admit an institution.
        InstitutionCertified(InstitutionCertified) = "institution.certified", 1;
        /// Supervisors say how an institution is called and reached from now on.
        InstitutionChanged(InstitutionChanged) = "institution.changed", 1;
        /// Supervisors stop an institution at once.
        InstitutionSuspended(InstitutionSuspended) = "institution.suspended", 1;
        /// Supervisors let a suspended institution go on.
        InstitutionReinstated(InstitutionReinstated) = "institution.reinstated", 1;
        /// An institution registers a key under its certified one.
        KeyRegistered(KeyRegistered) = "key.registered", 1;
        /// An institution ends a key of its own.
        KeyRevoked(KeyRevoked) = "key.revoked", 1;
        /// Supervisors give an institution a new key in place of all it has.
        KeyReset(KeyReset) = "key.reset", 1;
        /// An institution objects to a reset of its keys that has not come into force.
        ResetObjected(ResetObjected) = "key.reset_objected", 1;
        /// Supervisors put a policy pack in force.
        PolicyActivated(PolicyActivated) = "policy.activated", 1;
    }

    /// A record of an institution's own stream.
    Institution as InstitutionEvent {
        /// An institution gives a role-holder a role.
        RoleAssigned(RoleAssigned) = "role.assigned", 1;
        /// An institution takes a role back before its end.
        RoleEnded(RoleEnded) = "role.ended", 1;
        /// A signed statement that was refused where no person could be resolved.
        StatementRefused(StatementRefused) = "statement.refused", 1;
        /// Signed statements above an institution's rate, or of a suspended one: not looked at one
        /// by one, but counted.
        StatementsThrottled(StatementsThrottled) = "statement.throttled", 1;
        /// A role-holder declared an emergency, and was permitted an access on it.
        EmergencyDeclared(EmergencyDeclared) = "emergency.declared", 1;
        /// Statistics handed out: no single person is concerned.
        StatisticsPermitted(StatisticsDecided) = "statistics.permitted", 1;
        /// Statistics refused.
        StatisticsDenied(StatisticsDecided) = "statistics.denied", 1;
    }

    /// A record of a person's stream.
    Person as PersonEvent {
        /// A person joined.
        SubjectEnrolled(SubjectEnrolled) = "subject.enrolled", 1;
        /// Another visible ID and recovery code: the old ones are worth nothing.
        PapersReplaced(PapersReplaced) = "subject.papers_replaced", 1;
        /// The person suspended her account.
        AccountSuspended(AccountChanged) = "account.suspended", 1;
        /// She resumed it.
        AccountResumed(AccountChanged) = "account.resumed", 1;
        /// She closed it for good.
        AccountClosed(AccountChanged) = "account.closed", 1;
        /// A phone number or an e-mail address was shown to be the person's.
        ContactVerified(ContactVerified) = "subject.contact_verified", 1;
        /// Another contact takes the place of one, after a time in which that one can stop it.
        ContactReplaced(ContactReplaced) = "contact.replaced", 1;
        /// It was stopped in that time.
        ContactKept(ContactKept) = "contact.kept", 1;
        /// A contact is hers no longer.
        ContactEnded(ContactSettled) = "contact.ended", 1;
        /// Somebody else has shown that the number is theirs: it shows nothing of her.
        ContactDoubted(ContactDoubted) = "contact.doubted", 1;
        /// She says that she uses the number all the same.
        ContactConfirmed(ContactSettled) = "contact.confirmed", 1;
        /// An institution learned its own code for the person.
        LinkIssued(LinkIssued) = "link.issued", 1;
        /// The person ended a link code.
        LinkWithdrawn(LinkWithdrawn) = "link.withdrawn", 1;
        /// An institution ended its code for the person.
        LinkRevoked(LinkRevoked) = "link.revoked", 1;
        /// An institution found that its code for the person never was hers.
        LinkCorrected(LinkRevoked) = "link.corrected", 1;
        /// The person agreed.
        ConsentGiven(ConsentGiven) = "consent.given", 1;
        /// The person left less of a consent standing.
        ConsentNarrowed(ConsentNarrowed) = "consent.narrowed", 1;
        /// The person ended a consent.
        ConsentWithdrawn(ConsentWithdrawn) = "consent.withdrawn", 1;
        /// The person ended all her consents at once.
        ConsentsStopped(ConsentsStopped) = "consent.all_withdrawn", 1;
        /// A means of the person counts for nothing until it is unblocked.
        MeansBlocked(MeansBlocked) = "means.blocked", 1;
        /// A means of the person counts again.
        MeansUnblocked(MeansUnblocked) = "means.unblocked", 1;
        /// An institution may: the only record whose gate opens a holder's data.
        AccessPermitted(AccessDecided) = "access.permitted", 1;
        /// An institution asked and may not.
        AccessDenied(AccessDecided) = "access.denied", 1;
        /// An institution asked and the person is being asked: what was decided, and what is put to
        /// her.
        AccessAsked(AccessAsked) = "access.asked", 1;
        /// An institution asked more often than it may: counted, and nothing of it decided.
        AccessesCounted(AccessesCounted) = "access.counted", 1;
        /// A holder released data on evidence.
        AccessReleased(AccessReleased) = "access.released", 1;
        /// A holder was refused: the evidence was spent, foreign or too old.
        ReleaseRefused(ReleaseRefused) = "access.release_refused", 1;
        /// The person approved: a new full decision follows.
        ApprovalGranted(ApprovalAnswered) = "approval.granted", 1;
        /// The person refused.
        ApprovalRefused(ApprovalAnswered) = "approval.refused", 1;
        /// The person did not answer in time, which is never consent.
        ApprovalExpired(ApprovalExpired) = "approval.expired", 1;
        /// A detector found something about an access.
        AlertRaised(AlertRaised) = "alert.raised", 1;
        /// A message to the person was handed to its channel.
        NoticeSent(NoticeDelivery) = "notice.sent", 1;
        /// A message to the person could not be delivered, for good.
        NoticeFailed(NoticeDelivery) = "notice.failed", 1;
        /// What the gateway says became of messages it took.
        NoticesReported(NoticesReported) = "notice.reported", 1;
    }
}

//! What each field of each record is compared with, by whom: a table over all kinds, so that no
//! field is believed because nobody thought of it. What nobody compares says why.
//!
//! It holds what the tools of this package do; a test changes every field in an otherwise honest
//! log and sees that they do it, and no more than it says.

mod decision;
mod other;
mod registry;

use akashi_proof::record::{Kind, StreamKind, field_names};

use decision::{ASKED, DENIED, PERMITTED};
use other::{CONSENT_GIVEN, CONSENT_NARROWED, ENROLLED, LINK_ISSUED, STATISTICS};
use registry::{
    CERTIFIED, INSTITUTION_CHANGED, OPENED, RESUMED, SUPERVISOR_CHANGED, SUPERVISOR_REPLACED,
};

/// By what another value in a field is found. Each is a kind of fault in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Its place: which log, which stream, which number, behind which record.
    Place,
    /// What somebody has signed, and with which key.
    Signed,
    /// The person's own key.
    Key,
    /// What must have been shown before.
    Shown,
    /// The records it rests on.
    Ground,
    /// The rules of the stream, by the fold that the writer keeps too.
    Rules,
    /// The gate in its entry.
    Gate,
    /// The registry.
    Registry,
    /// What the auditor brings along: keys, supervisors.
    Given,
}

/// Who compares a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// `fsck` or `history`, so that every other value is found.
    Exactly(By),
    /// `fsck` or `history`, within bounds: some other values are found, and some could have stood
    /// there as well.
    Within(By),
    /// Somebody else with the means to: who has the evidence, the statement, the code.
    Elsewhere,
    /// The writer alone, before it records it.
    Writer,
    /// Nobody: it is said once, and believed.
    Nobody,
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Who compares it.
    pub compared: Compared,
    /// With what; or why not.
    pub with: &'static str,
}

const fn row(name: &'static str, compared: Compared, with: &'static str) -> Row {
    Row {
        name,
        compared,
        with,
    }
}

use By::{Ground, Place, Rules, Shown, Signed};
use Compared::{Elsewhere, Exactly, Nobody, Within, Writer};

/// The row of a field; `None` where the kind has no such field.
#[must_use]
pub fn of_field(kind: Kind, name: &str) -> Option<Row> {
    of_kind(kind).find(|row| row.name == name)
}

/// The rows of a kind: one for each of its fields, in the order of its positions.
pub fn of_kind(kind: Kind) -> impl Iterator<Item = Row> {
    let common = match kind.stream() {
        StreamKind::Registry => [&FIRST[..], &IN_REGISTRY, &THEN].concat(),
        StreamKind::Institution => [&UNREAD_FIRST[..], &OF_INSTITUTION, &THEN].concat(),
        StreamKind::Person => [&FIRST[..], &OF_PERSON, &THEN].concat(),
    };
    debug_assert!(common.len() + own(kind).len() == field_names(kind).len());
    common.into_iter().chain(own(kind).iter().copied())
}

const FIRST: [Row; 4] = [
    row(
        "kind",
        Exactly(Place),
        "the names of this version: another is another record",
    ),
    row("schema", Exactly(Place), "the number of this version"),
    row("origin", Exactly(Place), "the log's name in its checkpoint"),
    row(
        "time",
        Within(Place),
        "the records before, and when a statement in it was signed",
    ),
];
const THEN: [Row; 2] = [
    row(
        "engine",
        Nobody,
        "which program decided: nothing else says so",
    ),
    row(
        "retain_until",
        Nobody,
        "how long the body is to be kept: a promise, which deeds keep",
    ),
];
const IN_REGISTRY: [Row; 1] = [row("seq", Exactly(Place), "the number of its tag")];
const OF_PERSON: [Row; 4] = [
    row(
        "subject",
        Nobody,
        "a handle that never leaves the ledger, closed to her too: her tags say whose it is",
    ),
    row("epoch", Exactly(Place), "the epoch of her key"),
    row("seq", Exactly(Place), "the number of its tag"),
    row("prev", Exactly(Place), "the entry of her record before"),
];
const UNREAD_FIRST: [Row; 4] = [
    row(
        "kind",
        Writer,
        "what happened; only the institution and the ledger can read it",
    ),
    row("schema", Writer, "the number of this version"),
    row("origin", Writer, "the log it writes"),
    row("time", Writer, "its clock and the record before"),
];
const OF_INSTITUTION: [Row; 3] = [
    row("institution", Writer, "who signed, or whom it counted"),
    row(
        "seq",
        Writer,
        "the fold of the stream; no tool has the institution's key of tags",
    ),
    row("prev", Writer, "the fold of the stream"),
];

/// The rows of the fields a kind adds.
const fn own(kind: Kind) -> &'static [Row] {
    match kind {
        Kind::LedgerOpened => &OPENED,
        Kind::LogKeyAdded => {
            const {
                &[
                    row("log_vkey", Exactly(Signed), "the supervisors' statements"),
                    REASON,
                    BY_SUPERVISORS,
                ]
            }
        }
        Kind::LogKeyEnded => {
            const {
                &[
                    row("log_vkey", Exactly(Signed), "the supervisors' statements"),
                    row(
                        "checkpoint",
                        Exactly(Signed),
                        "the supervisors' statements, and the tree it names",
                    ),
                    REASON,
                    BY_SUPERVISORS,
                ]
            }
        }
        Kind::LedgerResumed => &RESUMED,
        Kind::SupervisorChanged => &SUPERVISOR_CHANGED,
        Kind::SupervisorReplaced => &SUPERVISOR_REPLACED,
        Kind::InstitutionCertified => &CERTIFIED,
        Kind::InstitutionChanged => &INSTITUTION_CHANGED,
        Kind::InstitutionSuspended | Kind::InstitutionReinstated => {
            const {
                &[
                    row(
                        "institution",
                        Exactly(Signed),
                        "the supervisors' statements",
                    ),
                    REASON,
                    BY_SUPERVISORS,
                ]
            }
        }
        Kind::KeyRegistered => {
            const {
                &[
                    row("institution", Exactly(Signed), "who signed"),
                    row(
                        "kid",
                        Exactly(Signed),
                        "the institution's statement, and the key's bytes",
                    ),
                    row("key_use", Exactly(Signed), "the institution's statement"),
                    row("public_key", Exactly(Signed), "the institution's statement"),
                    row("valid_from", Exactly(Signed), "the institution's statement"),
                    row(
                        "valid_until",
                        Exactly(Signed),
                        "the institution's statement",
                    ),
                    BY_INSTITUTION,
                ]
            }
        }
        Kind::KeyRevoked | Kind::ResetObjected => {
            const {
                &[
                    row("institution", Exactly(Signed), "who signed"),
                    row(
                        "kid",
                        Exactly(Signed),
                        "the institution's statement, and the keys it has",
                    ),
                    row("reason", Exactly(Signed), "the institution's statement"),
                    BY_INSTITUTION,
                ]
            }
        }
        Kind::KeyReset => {
            const {
                &[
                    row(
                        "institution",
                        Exactly(Signed),
                        "the supervisors' statements",
                    ),
                    row(
                        "kid",
                        Exactly(Signed),
                        "the supervisors' statements, and the key's bytes",
                    ),
                    row("public_key", Exactly(Signed), "the supervisors' statements"),
                    REASON,
                    BY_SUPERVISORS,
                ]
            }
        }
        Kind::PolicyActivated => {
            const {
                &[
                    row("pack", Exactly(Signed), "the supervisors' statements"),
                    row("version", Exactly(Signed), "the supervisors' statements"),
                    row(
                        "policy_digest",
                        Exactly(Signed),
                        "the supervisors' statements",
                    ),
                    BY_SUPERVISORS,
                ]
            }
        }
        Kind::RoleAssigned => {
            const {
                &[
                    row("role_holder", Writer, IN_STATEMENT),
                    row("role", Writer, IN_STATEMENT),
                    row("valid_from", Writer, IN_STATEMENT),
                    row("valid_until", Writer, IN_STATEMENT),
                    UNREAD_STATEMENT,
                ]
            }
        }
        Kind::RoleEnded => {
            const {
                &[
                    row("role_holder", Writer, IN_STATEMENT),
                    row("role", Writer, IN_STATEMENT),
                    UNREAD_STATEMENT,
                ]
            }
        }
        Kind::StatementRefused => {
            const {
                &[
                    row("typ", Writer, IN_STATEMENT),
                    row("kid", Writer, IN_STATEMENT),
                    row("jti", Writer, IN_STATEMENT),
                    row("step", Writer, "what was wrong with it"),
                    row("fault", Writer, "what was wrong with it"),
                    row("statement_digest", Writer, "the bytes of the statement"),
                    UNREAD_STATEMENT,
                ]
            }
        }
        Kind::StatementsThrottled => {
            const {
                &[
                    row("from", Writer, COUNTED),
                    row("until", Writer, COUNTED),
                    row("count", Writer, COUNTED),
                    row("counted_for", Writer, COUNTED),
                ]
            }
        }
        Kind::EmergencyDeclared => {
            const {
                &[
                    row("role_holder", Writer, "the statement of the permit"),
                    row("role", Writer, "the statement of the permit"),
                    row("reason_code", Writer, "the statement of the permit"),
                    row(
                        "access",
                        Writer,
                        "the permit, which stands in the person's stream",
                    ),
                ]
            }
        }
        Kind::StatisticsPermitted | Kind::StatisticsDenied => &STATISTICS,
        Kind::SubjectEnrolled => &ENROLLED,
        Kind::PapersReplaced => {
            const {
                &[
                    row(
                        "qid_digest",
                        Exactly(Signed),
                        "the visible ID that institutions sign for a link",
                    ),
                    RECOVERY_DIGEST,
                    ASSURANCE,
                    LANGUAGE,
                ]
            }
        }
        Kind::AccountSuspended | Kind::AccountResumed | Kind::AccountClosed => {
            const { &[ASSURANCE, LANGUAGE] }
        }
        Kind::ContactVerified => const { &[NEW_CONTACT, CHANNEL, ASSURANCE] },
        Kind::ContactReplaced => {
            const {
                &[
                    NEW_CONTACT,
                    CHANNEL,
                    row("replaces", Exactly(Rules), "the contacts she has"),
                    row("effective", Exactly(Rules), "three days after the record"),
                    ASSURANCE,
                    LANGUAGE,
                ]
            }
        }
        Kind::ContactKept => {
            const {
                &[
                    CONTACT,
                    CHANNEL,
                    row(
                        "instead_of",
                        Exactly(Rules),
                        "the contact that was to replace it",
                    ),
                    row("kept_by", Within(Rules), "whether her phone speaks for her"),
                    LANGUAGE,
                ]
            }
        }
        Kind::ContactDoubted => const { &[CONTACT, CHANNEL] },
        Kind::ContactConfirmed | Kind::ContactEnded | Kind::MeansUnblocked => {
            const { &[CONTACT, CHANNEL, ASSURANCE, LANGUAGE] }
        }
        Kind::MeansBlocked => {
            const {
                &[
                    CONTACT,
                    CHANNEL,
                    row(
                        "blocked_by",
                        Nobody,
                        "who came to the page: nothing else shows it",
                    ),
                    LANGUAGE,
                ]
            }
        }
        Kind::LinkIssued => &LINK_ISSUED,
        Kind::LinkWithdrawn => const { &[LINK_OF, GENERATION, ASSURANCE, LANGUAGE] },
        Kind::LinkRevoked => {
            const {
                &[
                    row("institution", Exactly(Signed), "whose key it names"),
                    GENERATION,
                    row(
                        "cause",
                        Within(Ground),
                        "the kind: what never was hers is corrected",
                    ),
                    KID,
                    JTI,
                    CLOSED_STATEMENT,
                ]
            }
        }
        Kind::LinkCorrected => {
            const {
                &[
                    row("institution", Exactly(Signed), "whose key it names"),
                    GENERATION,
                    row(
                        "cause",
                        Exactly(Ground),
                        "the kind: what never was hers is corrected",
                    ),
                    KID,
                    JTI,
                    CLOSED_STATEMENT,
                ]
            }
        }
        Kind::ConsentGiven => &CONSENT_GIVEN,
        Kind::ConsentNarrowed => &CONSENT_NARROWED,
        Kind::ConsentWithdrawn => const { &[CONSENT, ASSURANCE, LANGUAGE] },
        Kind::ConsentsStopped => {
            const {
                &[
                    row("count", Exactly(Rules), "the consents that stood"),
                    ASSURANCE,
                    LANGUAGE,
                ]
            }
        }
        Kind::AccessPermitted => &PERMITTED,
        Kind::AccessDenied => &DENIED,
        Kind::AccessAsked => &ASKED,
        Kind::AccessesCounted => {
            const {
                &[
                    row("requester", Nobody, COUNTED),
                    row("from", Nobody, COUNTED),
                    row("until", Nobody, COUNTED),
                    row("count", Nobody, COUNTED),
                    row("role_holders", Nobody, COUNTED),
                    row("processes", Nobody, COUNTED),
                    row("purposes", Nobody, COUNTED),
                    row("holders", Nobody, COUNTED),
                    row(
                        "root",
                        Elsewhere,
                        "the statements, by the institution that has them",
                    ),
                ]
            }
        }
        Kind::AccessReleased => {
            const {
                &[
                    REPORTED_ACCESS,
                    REPORTED_HOLDER,
                    REPORTED_KID,
                    REPORTED_JTI,
                    REPORT,
                ]
            }
        }
        Kind::ReleaseRefused => {
            const {
                &[
                    REPORTED_ACCESS,
                    REPORTED_HOLDER,
                    row(
                        "reasons",
                        Writer,
                        "what had ended: closed records of others may say so",
                    ),
                    REPORTED_KID,
                    REPORTED_JTI,
                    REPORT,
                ]
            }
        }
        Kind::ApprovalGranted => {
            const {
                &[
                    QUESTION,
                    QUESTION_DIGEST,
                    row(
                        "answered_by",
                        Exactly(Shown),
                        "what the question lets approve",
                    ),
                    row("seen", Nobody, "what was on her screen"),
                    row("reported", Nobody, "what she pressed"),
                    WORDING,
                    LANGUAGE,
                    row("assurance", Within(Shown), "what the question lets approve"),
                ]
            }
        }
        Kind::ApprovalRefused => {
            const {
                &[
                    QUESTION,
                    QUESTION_DIGEST,
                    row("answered_by", Nobody, "refusing takes nothing"),
                    row("seen", Nobody, "what was on her screen"),
                    row("reported", Nobody, "what she pressed"),
                    WORDING,
                    LANGUAGE,
                    row("assurance", Nobody, "refusing takes nothing"),
                ]
            }
        }
        Kind::ApprovalExpired => const { &[QUESTION, QUESTION_DIGEST] },
        Kind::AlertRaised => {
            const {
                &[
                    row("access", Within(Ground), "her records"),
                    row("rule", Nobody, "which detector found it"),
                    row("count", Within(Rules), "at least one"),
                ]
            }
        }
        Kind::NoticeSent | Kind::NoticeFailed => {
            const {
                &[
                    row("notice", Nobody, "drawn for this message"),
                    row("about", Within(Ground), "her records"),
                    row("template", Nobody, MESSAGE),
                    row("channel", Nobody, MESSAGE),
                    row("contact", Nobody, MESSAGE),
                    row(
                        "text_digest",
                        Elsewhere,
                        "the text, by whoever has the message",
                    ),
                    row("attempts", Nobody, MESSAGE),
                ]
            }
        }
        Kind::NoticesReported => {
            const {
                &[
                    row("arrival", Nobody, "the gateway's word"),
                    row(
                        "notices",
                        Within(Ground),
                        "the messages that were handed over",
                    ),
                ]
            }
        }
    }
}

const IN_STATEMENT: &str = "the institution's statement; only it and the ledger can read both";
const ASKED_FOR: &str =
    "the institution's statement, which is closed to her; it knows what it asked";
const COUNTED: &str = "what the ledger counted: who was not counted cannot show it";
const MESSAGE: &str = "what the ledger did: she has the message, or not";

const REASON: Row = row("reason", Exactly(Signed), "the supervisors' statements");
const BY_SUPERVISORS: Row = row(
    "statements",
    Exactly(Signed),
    "the keys of enough supervisors",
);
const BY_INSTITUTION: Row = row("statement", Exactly(Signed), "a key of the institution");
const UNREAD_STATEMENT: Row = row("statement", Writer, "a key of the institution");
const CLOSED_STATEMENT: Row = row(
    "statement",
    Writer,
    "its signature; closed to her, since it holds the institution's code",
);
const ASSURANCE: Row = row("assurance", Within(Shown), "what she must show for it");
const LANGUAGE: Row = row("language", Nobody, "the page she read: said once");
const CONTACT: Row = row("contact", Exactly(Rules), "the contacts she has");
const NEW_CONTACT: Row = row(
    "contact",
    Exactly(Rules),
    "the contacts she has, and what later records say of it",
);
const CHANNEL: Row = row(
    "channel",
    Exactly(Rules),
    "what the contact is in her other records",
);
const RECOVERY_DIGEST: Row = row(
    "recovery_digest",
    Writer,
    "the code she shows; closed to her, and who guesses could try it",
);
const WORDING: Row = row(
    "wording_digest",
    Elsewhere,
    "the text she was shown, by whoever kept it",
);
const LINK_OF: Row = row("institution", Exactly(Ground), "the links that stand");
const GENERATION: Row = row("generation", Exactly(Ground), "the links that stand");
const KID: Row = row("kid", Exactly(Signed), "the keys the institution had then");
const JTI: Row = row(
    "jti",
    Within(Ground),
    "her other records: a statement leads to one",
);
const CONSENT: Row = row("consent", Exactly(Ground), "the consents that stand");
const QUESTION: Row = row("access", Exactly(Ground), "the questions that wait");
const QUESTION_DIGEST: Row = row("approval_digest", Exactly(Ground), "that of the question");
const REPORTED_ACCESS: Row = row("access", Exactly(Signed), "the holder's report");
const REPORTED_HOLDER: Row = row("holder", Exactly(Signed), "the holder's report");
const REPORTED_KID: Row = row("kid", Exactly(Signed), "the holder's report");
const REPORTED_JTI: Row = row("jti", Exactly(Signed), "the holder's report");
const REPORT: Row = row(
    "statement",
    Exactly(Signed),
    "the holder's key, and in it the requester's",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_kind_has_one_row_in_its_place() {
        for kind in Kind::ALL {
            let names: Vec<_> = of_kind(*kind).map(|row| row.name).collect();
            assert_eq!(names, field_names(*kind), "{}", kind.name());
            for Row { name, with, .. } in of_kind(*kind) {
                assert!(!with.is_empty(), "{} {name}", kind.name());
                assert_eq!(of_field(*kind, name).map(|row| row.with), Some(with));
            }
        }
    }
}

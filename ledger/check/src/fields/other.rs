//! Other records with many fields: statistics, enrolment, links, consents.

use super::By::{Ground, Key, Rules, Signed};
use super::Compared::{Elsewhere, Exactly, Nobody, Within, Writer};
use super::{
    ASSURANCE, CONSENT, IN_STATEMENT, LANGUAGE, RECOVERY_DIGEST, Row, UNREAD_STATEMENT, WORDING,
    row,
};

pub(super) const STATISTICS: [Row; 16] = [
    row("role_holder", Writer, IN_STATEMENT),
    row("role", Writer, IN_STATEMENT),
    row("process", Writer, IN_STATEMENT),
    row("purpose", Writer, IN_STATEMENT),
    row("holder", Writer, IN_STATEMENT),
    row("categories", Writer, IN_STATEMENT),
    row("cohort_size", Writer, IN_STATEMENT),
    row("cohort_digest", Writer, IN_STATEMENT),
    row("request_digest", Writer, IN_STATEMENT),
    row("outcome", Writer, "the pack's decision"),
    row("step", Writer, "the pack's decision"),
    row("reasons", Writer, "the pack's decision"),
    row("policy_digest", Writer, "the pack in force"),
    row("kid", Writer, IN_STATEMENT),
    row("jti", Writer, IN_STATEMENT),
    UNREAD_STATEMENT,
];

pub(super) const ENROLLED: [Row; 6] = [
    row("tag_key", Exactly(Key), "her history key"),
    row(
        "qid_digest",
        Exactly(Signed),
        "the visible ID that institutions sign for a link",
    ),
    RECOVERY_DIGEST,
    row(
        "contact",
        Exactly(Rules),
        "what later records say of her contacts",
    ),
    ASSURANCE,
    LANGUAGE,
];

pub(super) const LINK_ISSUED: [Row; 9] = [
    row("institution", Exactly(Signed), "the institution's request"),
    row(
        "key_version",
        Writer,
        "the sealing key in the code, which the institution has",
    ),
    row("generation", Exactly(Rules), "the generation before"),
    row(
        "link_check",
        Exactly(Signed),
        "the institution's request, and the link's key",
    ),
    row(
        "link_key",
        Exactly(Signed),
        "its check value, which the institution signed",
    ),
    row(
        "assurance",
        Nobody,
        "anything is enough: she has read out a code",
    ),
    row("kid", Exactly(Signed), "the institution's request"),
    row("jti", Exactly(Signed), "the institution's request"),
    row(
        "statement",
        Exactly(Signed),
        "the key of the institution, her visible ID, this log",
    ),
];

pub(super) const CONSENT_GIVEN: [Row; 21] = [
    CONSENT,
    row("group", Nobody, "which consents were one screen"),
    row(
        "recipient",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "holder",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "categories",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "purposes",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "processes",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "access_mode",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "period_from",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "period_until",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "valid_from",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row(
        "valid_until",
        Within(Ground),
        "what is permitted on it, and what is left of it later",
    ),
    row("frequency", Exactly(Ground), "the only word there is"),
    row(
        "providers",
        Nobody,
        "who processes for the recipient: said once",
    ),
    row(
        "erase_by",
        Nobody,
        "until when the recipient has to erase: said once",
    ),
    WORDING,
    LANGUAGE,
    row(
        "refusal_meaning",
        Elsewhere,
        "the pack's sentence, by its key",
    ),
    ASSURANCE,
    row("evidence", Nobody, "nothing is signed yet"),
    row("log_to", Exactly(Ground), "the log's name"),
];

pub(super) const CONSENT_NARROWED: [Row; 15] = [
    CONSENT,
    row(
        "recipient",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "holder",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "categories",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "purposes",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "processes",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "access_mode",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "period_from",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "period_until",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "valid_from",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row(
        "valid_until",
        Within(Ground),
        "what stood before, and what is permitted on it",
    ),
    row("frequency", Exactly(Ground), "the only word there is"),
    WORDING,
    LANGUAGE,
    ASSURANCE,
];

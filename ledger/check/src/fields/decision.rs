//! A decision about her: permitted, denied, or put to her as a question.

use super::By::{Gate, Ground, Registry, Signed};
use super::Compared::{Elsewhere, Exactly, Nobody, Within, Writer};
use super::{ASKED_FOR, Row, row};

// What a row says alike of more than one of them.
const REQUESTER: Row = row("requester", Exactly(Signed), "whose key it names");
const ROLE_HOLDER: Row = row("role_holder", Writer, ASKED_FOR);
const ROLE: Row = row("role", Writer, ASKED_FOR);
const BASIS_KIND: Row = row(
    "basis_kind",
    Within(Ground),
    "what it rests on, and whether a reason is coded",
);
const REASON_CODE: Row = row(
    "reason_code",
    Within(Ground),
    "the ground: an emergency has one, and nothing else",
);
const REASON_TEXT: Row = row("reason_text", Writer, ASKED_FOR);
const ON_BEHALF_OF: Row = row("on_behalf_of", Writer, ASKED_FOR);
const CASE: Row = row("case", Writer, ASKED_FOR);
const REQUEST_DIGEST: Row = row(
    "request_digest",
    Elsewhere,
    "the query that comes with the evidence, by its holder",
);
const REQUEST_NONCE: Row = row(
    "request_nonce",
    Elsewhere,
    "the query that comes with the evidence, by its holder",
);
const OUTCOME: Row = row("outcome", Exactly(Ground), "the kind");
const TOLD: Row = row("told", Exactly(Ground), "the outcome");
const REASONS: Row = row("reasons", Writer, "the pack's decision");
const DUTIES: Row = row("duties", Writer, "the pack's decision");
const POLICY_DIGEST: Row = row("policy_digest", Exactly(Registry), "the pack in force then");
const APPROVAL: Row = row(
    "approval",
    Exactly(Ground),
    "her answer to this very request, on which nothing was decided yet",
);
const HOLDER_LINK: Row = row(
    "holder_link",
    Elsewhere,
    "the holder's own code, by the holder",
);
const PRESENTER_KEY: Row = row(
    "presenter_key",
    Exactly(Signed),
    "the keys the requester had then",
);
const KID: Row = row("kid", Exactly(Signed), "the keys the requester had then");
const JTI: Row = row(
    "jti",
    Within(Ground),
    "her other records: a statement leads to one, and what follows from her answer",
);
const STATEMENT: Row = row(
    "statement",
    Writer,
    "its signature; closed to her, since it holds the institution's code",
);
const PROCESS: Row = row("process", Writer, ASKED_FOR);
const PURPOSE: Row = row("purpose", Writer, ASKED_FOR);
const HOLDER: Row = row("holder", Writer, ASKED_FOR);
const CATEGORIES: Row = row("categories", Writer, ASKED_FOR);
const ACCESS_MODE: Row = row("access_mode", Writer, ASKED_FOR);
const PERIOD_FROM: Row = row("period_from", Writer, ASKED_FOR);
const PERIOD_UNTIL: Row = row("period_until", Writer, ASKED_FOR);
const STEP: Row = row("step", Writer, "the pack's decision");
const CONSENT: Row = row("consent", Writer, "nothing rests on it");
const GATE_NUMBER: Row = row("gate_number", Nobody, "nothing: a refusal has no gate");

pub(super) const PERMITTED: [Row; 32] = [
    REQUESTER,
    ROLE_HOLDER,
    ROLE,
    row("process", Within(Ground), "the consent it rests on"),
    row("purpose", Within(Ground), "the consent it rests on"),
    row(
        "holder",
        Exactly(Gate),
        "whose link has the gate in the entry",
    ),
    row("categories", Within(Ground), "the consent it rests on"),
    row("access_mode", Within(Ground), "the consent it rests on"),
    row("period_from", Within(Ground), "the consent it rests on"),
    row("period_until", Within(Ground), "the consent it rests on"),
    BASIS_KIND,
    REASON_CODE,
    REASON_TEXT,
    ON_BEHALF_OF,
    CASE,
    REQUEST_DIGEST,
    REQUEST_NONCE,
    OUTCOME,
    TOLD,
    row("step", Exactly(Ground), "none: nothing failed"),
    REASONS,
    DUTIES,
    row(
        "expires",
        Within(Ground),
        "the consent, which it does not outlive, and when data was released on it",
    ),
    POLICY_DIGEST,
    row("consent", Exactly(Ground), "the consents that stood"),
    APPROVAL,
    HOLDER_LINK,
    row(
        "gate_number",
        Exactly(Gate),
        "the gate in the entry, and the permit before",
    ),
    PRESENTER_KEY,
    KID,
    JTI,
    STATEMENT,
];

pub(super) const DENIED: [Row; 32] = [
    REQUESTER,
    ROLE_HOLDER,
    ROLE,
    PROCESS,
    PURPOSE,
    HOLDER,
    CATEGORIES,
    ACCESS_MODE,
    PERIOD_FROM,
    PERIOD_UNTIL,
    BASIS_KIND,
    REASON_CODE,
    REASON_TEXT,
    ON_BEHALF_OF,
    CASE,
    REQUEST_DIGEST,
    REQUEST_NONCE,
    OUTCOME,
    row("told", Within(Ground), "the outcome"),
    STEP,
    REASONS,
    DUTIES,
    row("expires", Nobody, "nothing: a refusal opens nothing"),
    POLICY_DIGEST,
    CONSENT,
    APPROVAL,
    HOLDER_LINK,
    GATE_NUMBER,
    PRESENTER_KEY,
    KID,
    JTI,
    STATEMENT,
];

pub(super) const ASKED: [Row; 35] = [
    REQUESTER,
    ROLE_HOLDER,
    ROLE,
    PROCESS,
    PURPOSE,
    HOLDER,
    CATEGORIES,
    ACCESS_MODE,
    PERIOD_FROM,
    PERIOD_UNTIL,
    BASIS_KIND,
    REASON_CODE,
    REASON_TEXT,
    ON_BEHALF_OF,
    CASE,
    REQUEST_DIGEST,
    REQUEST_NONCE,
    OUTCOME,
    TOLD,
    STEP,
    REASONS,
    DUTIES,
    row(
        "expires",
        Within(Ground),
        "when she answered, or it was over",
    ),
    POLICY_DIGEST,
    CONSENT,
    APPROVAL,
    HOLDER_LINK,
    GATE_NUMBER,
    PRESENTER_KEY,
    KID,
    JTI,
    STATEMENT,
    row(
        "reference",
        Writer,
        "the digest of the question, and her other questions",
    ),
    row(
        "approval_digest",
        Exactly(Ground),
        "her answer, or that it is over",
    ),
    row("low_risk", Writer, "the pack's word for the process"),
];

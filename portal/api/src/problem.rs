//! What went wrong, as [RFC 9457] problem details: the only place that knows status codes of
//! refusals.
//!
//! A handler returns a [`Problem`]; `akashi::middleware` writes its body, because only there the
//! request's own identifier is known, and a page needs another body than the API. The visitor gets
//! fixed sentences; the cause goes to the line of that request in the server's log, without
//! anything personal.
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

use akashi_desk::Declined;
use akashi_desk::rate_limit::Wait;
use akashi_desk::reading::Busy;
use akashi_desk::statement::NotTaken;
use akashi_ledger::error::Above;
use akashi_ledger::{LedgerError, Refusal};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A kind of problem: what its `type` names for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Last segment of the `type`.
    pub code: &'static str,
    /// The status it is answered with.
    pub status: StatusCode,
    /// One sentence, the same for every occurrence.
    pub title: &'static str,
}

/// Declares kinds: a constant each, and the list of all for documents.
macro_rules! kinds {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, $status:ident, $title:literal; )*) => {
        impl Kind {
            $(
                $(#[$doc])*
                pub const $name: Self =
                    Self { code: $code, status: StatusCode::$status, title: $title };
            )*
            /// Every kind there is, those of statements first.
            pub const ALL: &'static [Self] = &[$( Self::$name ),*];
        }
    };
}

kinds! {
    /// Of [`FaultCode::MalformedJws`].
    MALFORMED_JWS = "malformed-jws", BAD_REQUEST, "The body is not a compact JWS.";
    /// Of [`FaultCode::BadHeader`].
    BAD_HEADER = "bad-header", BAD_REQUEST, "The JWS header holds something else than `alg`, `kid` and `typ`.";
    /// Of [`FaultCode::WrongType`].
    WRONG_TYPE = "wrong-type", BAD_REQUEST, "The statement's `typ` is not the one this resource takes.";
    /// Of [`FaultCode::MalformedClaims`].
    MALFORMED_CLAIMS = "malformed-claims", BAD_REQUEST, "The claims are not a JSON object with every member once.";
    /// Of [`FaultCode::MissingMember`].
    MISSING_MEMBER = "missing-member", BAD_REQUEST, "Something that must be there is missing.";
    /// Of [`FaultCode::UnknownMember`].
    UNKNOWN_MEMBER = "unknown-member", BAD_REQUEST, "There is a member this version does not know.";
    /// Of [`FaultCode::BadMember`].
    BAD_MEMBER = "bad-member", BAD_REQUEST, "A value is not of its type.";
    /// Of [`FaultCode::AbsurdDate`].
    ABSURD_DATE = "absurd-date", BAD_REQUEST, "A date is outside what can be meant.";
    /// Of [`FaultCode::UnknownKey`].
    UNKNOWN_KEY = "unknown-key", UNAUTHORIZED, "No registered key has this name.";
    /// Of [`FaultCode::BadSignature`].
    BAD_SIGNATURE = "bad-signature", UNAUTHORIZED, "The signature does not verify.";
    /// Of [`FaultCode::InvalidKey`].
    INVALID_KEY = "invalid-key", FORBIDDEN, "The key is not valid for its issuer, use or time.";
    /// Of [`FaultCode::NotAuthorised`].
    NOT_AUTHORISED = "not-authorised", FORBIDDEN, "Not enough signers, or not for the same act.";
    /// Of [`FaultCode::Suspended`].
    SUSPENDED = "suspended", FORBIDDEN, "The institution is suspended: what it sends is counted and not looked at.";
    /// Of [`FaultCode::JtiConflict`].
    JTI_CONFLICT = "jti-conflict", CONFLICT, "This `jti` was used for other bytes.";
    /// Of [`FaultCode::Conflict`].
    CONFLICT = "conflict", CONFLICT, "The state of things does not allow it.";
    /// Of [`FaultCode::TooLarge`].
    TOO_LARGE = "too-large", PAYLOAD_TOO_LARGE, "The body is larger than this resource takes.";
    /// Of [`FaultCode::WrongAudience`].
    WRONG_AUDIENCE = "wrong-audience", UNPROCESSABLE_ENTITY, "The statement is for another log.";
    /// Of [`FaultCode::NotFresh`].
    NOT_FRESH = "not-fresh", UNPROCESSABLE_ENTITY, "`iat` is too far from the ledger's time.";
    /// Of [`FaultCode::UnknownCode`].
    UNKNOWN_CODE = "unknown-code", UNPROCESSABLE_ENTITY, "The policy pack in force does not know this code.";
    /// Of [`FaultCode::ForeignLinkCode`].
    FOREIGN_LINK_CODE = "foreign-link-code", UNPROCESSABLE_ENTITY, "The link code was not issued to this institution.";
    /// Of [`FaultCode::NoMatch`].
    NO_MATCH = "no-match", UNPROCESSABLE_ENTITY, "Not exactly one matches.";
    /// Of [`FaultCode::Mismatch`].
    MISMATCH = "mismatch", UNPROCESSABLE_ENTITY, "Something handed over does not agree with the statement.";

    /// [`NotTaken::Known`].
    KNOWN_STATEMENT = "known-statement", CONFLICT, "These bytes were sent before; their answer is given to who sent them, or with a fresh token of their signer.";
    /// Evidence that was released on before, or is too old.
    NOT_RELEASABLE = "not-releasable", CONFLICT, "The evidence does not open anything any more.";
    /// Evidence that does not hold.
    EVIDENCE_INVALID = "evidence-invalid", UNPROCESSABLE_ENTITY, "The evidence does not hold.";
    /// A read without a token, or with one that is not good for it.
    UNAUTHORISED = "unauthorised", UNAUTHORIZED, "This resource needs a signed token of the institution.";
    /// The request itself is malformed.
    BAD_REQUEST = "bad-request", BAD_REQUEST, "The request cannot be read.";
    /// There is nothing here, or nothing for this reader.
    NOT_FOUND = "not-found", NOT_FOUND, "There is nothing here.";
    /// [`Refusal::Closed`] and [`LedgerError::Closed`]: which of lost, withheld or erased it is, is
    /// nobody's business but the person's.
    RECORD_CLOSED = "record-closed", GONE, "The record this rests on is in the log, but what it says can no longer be read.";
    /// Recorded, but not under a published checkpoint yet.
    NOT_PUBLISHED = "not-published", NOT_FOUND, "The published log does not hold this entry (yet).";
    /// Another method.
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "This resource does not take this method.";
    /// Another media type.
    MEDIA_TYPE = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body is not of the media type this resource takes.";
    /// Too many requests of one sender.
    TOO_MANY_REQUESTS = "too-many-requests", TOO_MANY_REQUESTS,
        "Too many requests; try again later.";
    /// More requests at once than the server works on.
    OVERLOADED = "overloaded", SERVICE_UNAVAILABLE, "The server has more to do than it takes; try again soon.";
    /// The request took too long.
    TIMEOUT = "timeout", SERVICE_UNAVAILABLE, "The request took too long; a statement may be sent again.";
    /// [`Refusal::Busy`].
    BUSY = "busy", SERVICE_UNAVAILABLE, "The ledger has more waiting than it takes; try again soon.";
    /// [`Refusal::DiskLow`].
    STORAGE_LOW = "storage-low", SERVICE_UNAVAILABLE, "Storage is nearly full; nothing new is recorded.";
    /// [`Refusal::Clock`].
    CLOCK = "clock-trouble", SERVICE_UNAVAILABLE, "The ledger's clock cannot be trusted; nothing is recorded.";
    /// [`Refusal::NoPolicy`].
    NO_POLICY = "no-policy", SERVICE_UNAVAILABLE, "The policy pack in force is not at hand; nothing is decided.";
    /// [`Refusal::Poisoned`].
    WRITER_STOPPED = "writer-stopped", SERVICE_UNAVAILABLE, "The ledger's writer has stopped; nothing is recorded.";
    /// [`Refusal::Stopped`].
    SHUTTING_DOWN = "shutting-down", SERVICE_UNAVAILABLE, "The ledger is shutting down.";
    /// A fault of the server.
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Something failed here; the fault is recorded.";
}

impl Kind {
    /// The `type` of its problems: a URI relative to the portal's, under which it is explained.
    pub fn uri(self) -> String {
        format!("/problems/{}", self.code)
    }

    /// The kind of a fault in a statement.
    pub const fn of_fault(code: FaultCode) -> Self {
        match code {
            FaultCode::MalformedJws => Self::MALFORMED_JWS,
            FaultCode::BadHeader => Self::BAD_HEADER,
            FaultCode::WrongType => Self::WRONG_TYPE,
            FaultCode::MalformedClaims => Self::MALFORMED_CLAIMS,
            FaultCode::MissingMember => Self::MISSING_MEMBER,
            FaultCode::UnknownMember => Self::UNKNOWN_MEMBER,
            FaultCode::BadMember => Self::BAD_MEMBER,
            FaultCode::UnknownKey => Self::UNKNOWN_KEY,
            FaultCode::InvalidKey => Self::INVALID_KEY,
            FaultCode::BadSignature => Self::BAD_SIGNATURE,
            FaultCode::WrongAudience => Self::WRONG_AUDIENCE,
            FaultCode::NotFresh => Self::NOT_FRESH,
            FaultCode::AbsurdDate => Self::ABSURD_DATE,
            FaultCode::JtiConflict => Self::JTI_CONFLICT,
            FaultCode::UnknownCode => Self::UNKNOWN_CODE,
            FaultCode::ForeignLinkCode => Self::FOREIGN_LINK_CODE,
            FaultCode::NoMatch => Self::NO_MATCH,
            FaultCode::Mismatch => Self::MISMATCH,
            FaultCode::NotAuthorised => Self::NOT_AUTHORISED,
            FaultCode::Suspended => Self::SUSPENDED,
            FaultCode::Conflict => Self::CONFLICT,
            FaultCode::TooLarge => Self::TOO_LARGE,
        }
    }
}

/// One problem, on its way to the visitor.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    kind: Kind,
    field: Option<String>,
    expected: Option<String>,
    found: Option<String>,
    index: Option<LeafIndex>,
    retry_after_seconds: Option<u32>,
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        let parts = Parts {
            kind,
            field: None,
            expected: None,
            found: None,
            index: None,
            retry_after_seconds: None,
        };
        Self(Box::new(parts))
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::from(Kind::of_fault(fault.code)).in_field(&fault.field, fault.expected, fault.found)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        // The queue drains within two seconds; the rest waits for people.
        let (kind, seconds) = match refusal {
            Refusal::Fault(fault) | Refusal::Above(Above::Refusals(fault)) => return fault.into(),
            // Counted by the desk, which says until when.
            Refusal::Above(Above::AboutOnePerson { .. }) => (Kind::TOO_MANY_REQUESTS, 3_600),
            Refusal::Closed(_) => return Kind::RECORD_CLOSED.into(),
            // Said in the ledger's own log.
            Refusal::Unreadable(_) => return Kind::INTERNAL.into(),
            Refusal::Busy => (Kind::BUSY, 1),
            Refusal::DiskLow => (Kind::STORAGE_LOW, 60),
            Refusal::Clock(why) => {
                let expected = format!("a time that can be believed: {}", why.remedy());
                let problem = Self::from(Kind::CLOCK).retry_after(60);
                return problem.in_field("clock", expected, why.to_string());
            }
            Refusal::NoPolicy(_) => (Kind::NO_POLICY, 60),
            Refusal::Poisoned(_) => (Kind::WRITER_STOPPED, 10),
            Refusal::Stopped => (Kind::SHUTTING_DOWN, 10),
        };
        Self::from(kind).retry_after(seconds)
    }
}

impl From<Wait> for Problem {
    fn from(wait: Wait) -> Self {
        Self::from(Kind::TOO_MANY_REQUESTS).retry_after(wait.seconds)
    }
}

impl From<NotTaken> for Problem {
    fn from(not: NotTaken) -> Self {
        match not {
            NotTaken::TooMany(wait) => wait.into(),
            NotTaken::Bad(fault) => fault.into(),
            NotTaken::Recorded(fault, index) => Self::from(fault).recorded(index),
            NotTaken::Known => Kind::KNOWN_STATEMENT.into(),
            NotTaken::Declined(declined) => declined.into(),
        }
    }
}

impl From<Declined> for Problem {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::NotThere => Kind::NOT_FOUND.into(),
            Declined::Nobody | Declined::MoreSurely => Kind::UNAUTHORISED.into(),
            Declined::Overtaken | Declined::PhoneFull => Kind::of_fault(FaultCode::Conflict).into(),
            Declined::TooMany => Self::from(Kind::TOO_MANY_REQUESTS).retry_after(600),
            Declined::CannotSend => Self::from(Kind::BUSY).retry_after(5),
            Declined::Busy(busy) => busy.into(),
            Declined::Refused(refusal) => refusal.into(),
            Declined::Unreadable(error) => error.into(),
            Declined::Contacts(error) => {
                tracing::error!(%error, "a contact could not be kept");
                Kind::INTERNAL.into()
            }
            Declined::Broken(what) => {
                tracing::error!("{what}");
                Kind::INTERNAL.into()
            }
        }
    }
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Self {
        Self::from(Kind::OVERLOADED).retry_after(1)
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        if let LedgerError::Closed { .. } = error {
            return Kind::RECORD_CLOSED.into();
        }
        tracing::error!(%error, "the ledger could not be read");
        Kind::INTERNAL.into()
    }
}

impl Problem {
    /// Says where, what was expected and what was found.
    #[must_use]
    pub fn in_field(
        mut self,
        field: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        self.0.field = Some(field.to_owned());
        self.0.expected = Some(expected.into());
        self.0.found = Some(found.into());
        self
    }

    /// Says under which log index the refusal stands. Such a problem is the same bytes for every
    /// retry.
    #[must_use]
    pub fn recorded(mut self, index: LeafIndex) -> Self {
        self.0.index = Some(index);
        self
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// After how many seconds to try again.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.0.retry_after_seconds
    }

    /// The body as `application/problem+json`. A recorded refusal has its log index as reference
    /// and leaves the request's identifier to the header, so that a retry gets the same bytes.
    pub fn to_json(&self, request_id: &str) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            r#type: String,
            title: &'static str,
            status: u16,
            #[serde(skip_serializing_if = "Option::is_none")]
            detail: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            field: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            expected: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            found: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            index: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            request_id: Option<&'a str>,
        }
        let Parts {
            kind,
            field,
            expected,
            found,
            index,
            ..
        } = self.0.as_ref();
        let detail = match (field, expected, found) {
            (Some(field), Some(expected), Some(found)) => {
                Some(format!("`{field}`: expected {expected}, found {found}"))
            }
            _ => None,
        };
        let body = Body {
            r#type: kind.uri(),
            title: kind.title,
            status: kind.status.as_u16(),
            detail,
            field: field.as_deref(),
            expected: expected.as_deref(),
            found: found.as_deref(),
            index: index.map(LeafIndex::value),
            request_id: index.is_none().then_some(request_id),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.kind.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_every_fault_has_its_own() {
        let mut codes: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
        for kind in Kind::ALL {
            if let Some(code) = FaultCode::parse(kind.code) {
                assert_eq!(Kind::of_fault(code), *kind);
            }
        }
    }

    #[test]
    fn a_problem_names_field_expected_and_found() {
        let problem = Problem::from(Fault::new(
            FaultCode::BadMember,
            "iat",
            "a whole number",
            "a text",
        ));
        let body: serde_json::Value = serde_json::from_slice(&problem.to_json("r1")).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "/problems/bad-member", "title": "A value is not of its type.",
                "status": 400,
                "detail": "`iat`: expected a whole number, found a text",
                "field": "iat", "expected": "a whole number", "found": "a text", "request_id": "r1",
            })
        );
        assert_eq!(
            problem.clone().recorded(LeafIndex::new(7)).to_json("r1"),
            problem.recorded(LeafIndex::new(7)).to_json("r2")
        );
    }
}

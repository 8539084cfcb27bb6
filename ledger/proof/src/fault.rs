//! What is wrong with input from outside, said once and in one shape: a stable code, the field,
//! what was expected and what was found. The rim turns it into [RFC 9457] problem details; nothing
//! in it is personal.
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

use std::fmt;

use crate::record::value::{Item, ValueError, words};

words! {
    /// Stable codes of faults: the last segment of a problem's `type`, and reasons in refusal
    /// records.
    pub enum FaultCode {
        /// Not a compact JWS of three canonical base64url parts.
        MalformedJws = "malformed-jws",
        /// The header holds something else than alg, kid and typ.
        BadHeader = "bad-header",
        /// The JWS type is not the one this resource takes.
        WrongType = "wrong-type",
        /// The claims are not a JSON object in UTF-8 with every member once.
        MalformedClaims = "malformed-claims",
        /// A member is missing.
        MissingMember = "missing-member",
        /// A member this version does not know.
        UnknownMember = "unknown-member",
        /// A member's value is not of its type.
        BadMember = "bad-member",
        /// No registered key has this name.
        UnknownKey = "unknown-key",
        /// The key is registered, but not for its issuer, use or time.
        InvalidKey = "invalid-key",
        /// The signature does not verify.
        BadSignature = "bad-signature",
        /// The statement is for another log.
        WrongAudience = "wrong-audience",
        /// `iat` is too far from the ledger's time.
        NotFresh = "not-fresh",
        /// A date outside what can be meant.
        AbsurdDate = "absurd-date",
        /// The same issuer used this `jti` for other bytes.
        JtiConflict = "jti-conflict",
        /// A code the policy pack in force does not know.
        UnknownCode = "unknown-code",
        /// The link code was not issued to this institution.
        ForeignLinkCode = "foreign-link-code",
        /// No person, or more than one, matches.
        NoMatch = "no-match",
        /// Something handed over beside the statement does not agree with it.
        Mismatch = "mismatch",
        /// Not enough supervisors, or not the same act.
        NotAuthorised = "not-authorised",
        /// Its institution is suspended. Such statements are counted, so it stands in no record.
        Suspended = "suspended",
        /// The state of things does not allow it.
        Conflict = "conflict",
        /// The body is larger than the resource takes.
        TooLarge = "too-large",
    }
}

/// One fault in input from outside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The stable code.
    pub code: FaultCode,
    /// The field: a member's name, a header's name, or `body`.
    pub field: String,
    /// What was expected there, in words.
    pub expected: String,
    /// What was found, in words that carry no personal data.
    pub found: String,
}

impl Fault {
    /// A fault of this code in this field.
    pub fn new(
        code: FaultCode,
        field: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            code,
            field: field.to_owned(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// Refuses what should be the same as something expected and is another. What it is, is not
    /// repeated.
    ///
    /// # Errors
    /// [`FaultCode::Mismatch`] unless `is_same`.
    pub fn unless_same(is_same: bool, field: &str, expected: &str) -> Result<(), Self> {
        if is_same {
            return Ok(());
        }
        Err(Self::new(FaultCode::Mismatch, field, expected, "another"))
    }

    /// Whether a statement was refused for when it came: `iat` too far from the time of the record,
    /// `exp` over, or a key that was not valid then. Nobody knows who sends such bytes.
    pub fn is_late(&self) -> bool {
        matches!(
            (self.code, self.field.as_str()),
            (FaultCode::NotFresh, _) | (FaultCode::InvalidKey, "kid")
        )
    }

    /// The fault as it stands in records: code, field, expected, found.
    pub fn to_codes(&self) -> [String; 4] {
        [
            self.code.to_string(),
            self.field.clone(),
            self.expected.clone(),
            self.found.clone(),
        ]
    }

    /// Reads what [`Self::to_codes`] wrote; `None` for anything else.
    pub fn from_codes(codes: &[String]) -> Option<Self> {
        let [code, field, expected, found] = codes else {
            return None;
        };
        Some(Self {
            code: FaultCode::parse(code)?,
            field: field.clone(),
            expected: expected.clone(),
            found: found.clone(),
        })
    }
}

impl Item for Fault {
    fn write(&self, out: &mut Vec<u8>) {
        Vec::from(self.to_codes()).write(out);
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        Self::from_codes(&Vec::read(bytes)?)
            .ok_or(ValueError::Type("a fault: code, field, expected, found"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}`: expected {}, found {}",
            self.field, self.expected, self.found
        )
    }
}

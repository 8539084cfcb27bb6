//! `akashi-access+jws`: an institution asks before it queries. A compact JWS ([RFC 7515]) whose
//! claims take their names from [RFC 7519] where it has one.
//!
//! [RFC 7515]: https://www.rfc-editor.org/rfc/rfc7515
//! [RFC 7519]: https://www.rfc-editor.org/rfc/rfc7519

use super::{Claims, Common, digest, optional_time, seconds};
use crate::consent::{AccessMode, Period, Use};
use crate::digest::Digest;
use crate::fault::{Fault, FaultCode};
use crate::ids::{
    CategoryCode, InstitutionId, Kid, LinkCode, ProcessId, PurposeCode, RoleCode, RoleHolderId,
};
use crate::jws::Type;
use crate::record::kind::BasisKind;
use crate::record::value::Set;
use crate::strict_json::{Members, Object};
use crate::text::free_text;
use akashi_tlog::base64;

/// Most categories in one statement; the largest pack has a few dozen.
pub const CATEGORIES_MAX: usize = 64;
/// Most characters of the code of an emergency's reason: as many as any code has.
const CODE_LEN_MAX: usize = 64;
/// Most characters of an emergency's reason in words: a paragraph, written in haste.
const REASON_LEN_MAX: usize = 1000;
/// Most characters of a case's number, and of whom the requester acts for: a line.
const CASE_LEN_MAX: usize = 128;

/// The claims of an access statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// Issuer, audience, time, identifier.
    pub common: Common,
    /// The requester's own code for the person; absent only for statistics.
    pub subject: Option<LinkCode>,
    /// Who asks, under the issuer.
    pub role_holder: RoleHolderId,
    /// In which role.
    pub role: RoleCode,
    /// The business process.
    pub process: ProcessId,
    /// What for.
    pub purpose: PurposeCode,
    /// Who has the data.
    pub holder: InstitutionId,
    /// What data.
    pub categories: Set<CategoryCode>,
    /// What the issuer will do with it; where nothing is claimed, look at it.
    pub mode: AccessMode,
    /// Of what time the data is; where nothing is claimed, of any.
    pub period: Period,
    /// The ground claimed.
    pub basis: Basis,
    /// Binds the exact query.
    pub request_digest: Digest,
    /// The real requester behind the issuer.
    pub on_behalf_of: Option<String>,
    /// The requester's case.
    pub case: Option<String>,
    /// The issuer's key that will present the evidence; where nothing is claimed, the one that
    /// signed ([RFC 7800 section 3.4]: `cnf` with a `jkt`).
    ///
    /// [RFC 7800 section 3.4]: https://www.rfc-editor.org/rfc/rfc7800#section-3.4
    pub presenter: Option<Kid>,
}

/// The ground an access claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A live consent.
    Consent,
    /// A statute named in the whitelist.
    Statute,
    /// A declared emergency.
    Emergency {
        /// The pack's code of the reason.
        reason_code: String,
        /// The reason in the role-holder's own words.
        reason_text: String,
    },
    /// Counts over a cohort.
    Statistics {
        /// Persons in the cohort.
        cohort_size: u64,
        /// Digest of the cohort's definition.
        cohort_digest: Digest,
    },
}

impl Basis {
    /// The kind alone.
    pub const fn kind(&self) -> BasisKind {
        match self {
            Self::Consent => BasisKind::Consent,
            Self::Statute => BasisKind::Statute,
            Self::Emergency { .. } => BasisKind::Emergency,
            Self::Statistics { .. } => BasisKind::Statistics,
        }
    }

    fn take(mut members: Members) -> Result<Self, Fault> {
        let kind = members.text("kind", |word| {
            BasisKind::parse(word).ok_or("`consent`, `statute`, `emergency` or `statistics`")
        })?;
        let basis = match kind {
            BasisKind::Consent => Self::Consent,
            BasisKind::Statute => Self::Statute,
            BasisKind::Emergency => Self::Emergency {
                reason_code: members
                    .text("reason_code", |text| free_text(text, 1, CODE_LEN_MAX))?,
                reason_text: members
                    .text("reason_text", |text| free_text(text, 1, REASON_LEN_MAX))?,
            },
            BasisKind::Statistics => Self::Statistics {
                cohort_size: members.number("cohort_size")?,
                cohort_digest: members.text("cohort_digest", digest)?,
            },
        };
        members.finish()?;
        Ok(basis)
    }

    fn put(&self) -> Object {
        let mut object = Object::default();
        object.text("kind", self.kind());
        match self {
            Self::Consent | Self::Statute => {}
            Self::Emergency {
                reason_code,
                reason_text,
            } => {
                object.text("reason_code", reason_code);
                object.text("reason_text", reason_text);
            }
            Self::Statistics {
                cohort_size,
                cohort_digest,
            } => {
                object.number("cohort_size", *cohort_size);
                object.text("cohort_digest", cohort_digest.to_base64url());
            }
        }
        object
    }
}

impl AccessClaims {
    /// What it asks for, as a consent is asked for it.
    pub const fn as_use(&self) -> Use<'_> {
        Use {
            requester: &self.common.iss,
            holder: &self.holder,
            process: &self.process,
            purpose: &self.purpose,
            categories: &self.categories,
            mode: self.mode,
            period: self.period,
        }
    }
}

impl Claims for AccessClaims {
    const TYPE: Type = Type::Access;

    fn common(&self) -> &Common {
        &self.common
    }

    fn is_heard_of_suspended(&self) -> bool {
        false
    }

    fn take(members: &mut Members) -> Result<Self, Fault> {
        let claims = Self {
            common: Common::take(members)?,
            subject: members.optional_text("subject", LinkCode::parse)?,
            role_holder: members.text("role_holder", RoleHolderId::parse)?,
            role: members.text("role", RoleCode::parse)?,
            process: members.text("process", ProcessId::parse)?,
            purpose: members.text("purpose", PurposeCode::parse)?,
            holder: members.text("holder", InstitutionId::parse)?,
            categories: Set::new(members.texts(
                "categories",
                CATEGORIES_MAX,
                CategoryCode::parse,
            )?),
            mode: members
                .optional_text("mode", |word| {
                    AccessMode::parse(word).ok_or("`view`, `store` or `query`")
                })?
                .unwrap_or(AccessMode::View),
            period: take_period(members)?,
            basis: Basis::take(members.nested("basis", "basis")?)?,
            request_digest: members.text("request_digest", digest)?,
            on_behalf_of: members
                .optional_text("on_behalf_of", |text| free_text(text, 1, CASE_LEN_MAX))?,
            case: members.optional_text("case", |text| free_text(text, 1, CASE_LEN_MAX))?,
            presenter: take_presenter(members)?,
        };
        let statistics = claims.basis.kind() == BasisKind::Statistics;
        match (&claims.subject, statistics) {
            (None, false) => Err(Fault::new(
                FaultCode::MissingMember,
                "subject",
                "the requester's link code",
                "nothing",
            )),
            (Some(_), true) => Err(Fault::new(
                FaultCode::BadMember,
                "subject",
                "nothing where the basis is statistics",
                "a link code",
            )),
            _ => Ok(claims),
        }
    }

    fn put(&self, object: &mut Object) {
        self.common.put(object);
        object.optional_text("subject", self.subject.as_ref().map(LinkCode::as_str));
        object.text("role_holder", &self.role_holder);
        object.text("role", &self.role);
        object.text("process", &self.process);
        object.text("purpose", &self.purpose);
        object.text("holder", &self.holder);
        object.texts("categories", self.categories.iter());
        object.optional_text("mode", (self.mode != AccessMode::View).then_some(self.mode));
        object.optional_number("data_from", self.period.from.map(seconds));
        object.optional_number("data_until", self.period.until.map(seconds));
        object.nested("basis", self.basis.put());
        object.text("request_digest", self.request_digest.to_base64url());
        object.optional_text("on_behalf_of", self.on_behalf_of.as_ref());
        object.optional_text("case", self.case.as_ref());
        if let Some(presenter) = &self.presenter {
            let mut cnf = Object::default();
            cnf.text("jkt", presenter);
            object.nested("cnf", cnf);
        }
    }
}

fn take_presenter(members: &mut Members) -> Result<Option<Kid>, Fault> {
    let Some(mut cnf) = members.optional_nested("cnf", "cnf")? else {
        return Ok(None);
    };
    let presenter = cnf.text("jkt", Kid::parse)?;
    cnf.finish()?;
    Ok(Some(presenter))
}

/// The time of the data: `data_from` and `data_until`, each in seconds and each open where it is
/// left out.
fn take_period(members: &mut Members) -> Result<Period, Fault> {
    let period = Period {
        from: optional_time(members, "data_from")?,
        until: optional_time(members, "data_until")?,
    };
    match (period.from, period.until) {
        (Some(from), Some(until)) if until <= from => Err(Fault::new(
            FaultCode::BadMember,
            "data_until",
            "a time after `data_from`",
            "one that is not",
        )),
        _ => Ok(period),
    }
}

/// The 16 bytes that keep a request digest from being guessed; sent beside the statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestNonce([u8; 16]);

impl std::fmt::Debug for RequestNonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestNonce(..)")
    }
}

impl RequestNonce {
    /// Wraps 16 random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The nonce's bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The nonce as a header carries it: 22 characters of base64url.
    pub fn to_base64url(&self) -> String {
        base64::url::encode(&self.0)
    }

    /// Reads 22 characters of base64url.
    pub fn from_base64url(text: &str) -> Option<Self> {
        Some(Self(base64::url::decode(text).ok()?.try_into().ok()?))
    }
}

/// The digest that binds a statement to one exact query; the person is left out, the holder takes
/// her from the sealed link code.
///
/// `SHA-256("akashi/request/v1" || nonce || method || 0x0A || path and query || 0x0A ||
/// SHA-256(body))`
pub fn request_digest(
    nonce: &RequestNonce,
    method: &str,
    path_and_query: &str,
    body: &[u8],
) -> Digest {
    let body = Digest::of(&[body]);
    Digest::of(&[
        b"akashi/request/v1",
        nonce.as_bytes(),
        method.as_bytes(),
        b"\n",
        path_and_query.as_bytes(),
        b"\n",
        body.as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::Jws;
    use crate::jws::tests::sign;

    fn claims() -> serde_json::Value {
        serde_json::json!({
            "iss": "hospital.chuo", "aud": "demo.akashi.example/log", "iat": 1_790_000_000u64,
            "jti": "AAAAAAAAAAAAAAAAAAAAAA", "subject": LinkCode::from_sealed(&[3; 35]).as_str(),
            "role_holder": "dr-sato", "role": "physician", "process": "care.consult",
            "purpose": "treatment",
            "holder": "pharmacy.midori", "categories": ["medication", "allergy"],
            "basis": {"kind": "consent"},
            "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
        })
    }

    fn read(claims: &serde_json::Value) -> Result<AccessClaims, Fault> {
        AccessClaims::read(&Jws::parse(
            sign(1, Type::Access, &claims.to_string()).as_bytes(),
        )?)
    }

    #[test]
    fn honest_claims_are_read() {
        let read = read(&claims()).unwrap();
        assert_eq!(read.common.iat, Timestamp::from_seconds(1_790_000_000));
        assert_eq!(
            read.categories
                .iter()
                .map(CategoryCode::as_str)
                .collect::<Vec<_>>(),
            ["allergy", "medication"]
        );
        assert_eq!(read.basis, Basis::Consent);
    }
    use crate::ids::Timestamp;

    #[test]
    fn every_member_is_required_typed_and_known() {
        for name in claims().as_object().unwrap().keys() {
            let mut without = claims();
            without.as_object_mut().unwrap().remove(name);
            assert_eq!(
                read(&without).unwrap_err().code,
                FaultCode::MissingMember,
                "{name}"
            );
            assert_eq!(
                read(&without).unwrap_err().field.split('.').next().unwrap(),
                name
            );
            let mut wrong = claims();
            wrong[name] = serde_json::json!(true);
            let fault = read(&wrong).unwrap_err();
            assert_eq!(
                (fault.code, fault.field.as_str()),
                (FaultCode::BadMember, name.as_str())
            );
        }
        let mut more = claims();
        more["name"] = "Yamada".into();
        assert_eq!(read(&more).unwrap_err().code, FaultCode::UnknownMember);
    }

    #[test]
    fn mode_and_period_of_the_data_may_be_left_out() {
        let all = read(&claims()).unwrap();
        assert_eq!((all.mode, all.period), (AccessMode::View, Period::ALL));
        let mut some = claims();
        some["mode"] = "store".into();
        some["data_from"] = 1_700_000_000.into();
        let some = read(&some).unwrap();
        let period = Period {
            from: Some(Timestamp::from_seconds(1_700_000_000)),
            until: None,
        };
        assert_eq!((some.mode, some.period), (AccessMode::Store, period));
        for (name, value) in [
            ("mode", serde_json::json!("stream")),
            ("mode", serde_json::json!("View")),
            ("data_from", serde_json::json!("2026")),
            ("data_until", serde_json::json!(0)),
        ] {
            let mut changed = claims();
            changed[name] = value;
            assert_eq!(read(&changed).unwrap_err().field, name);
        }
        let mut turned = claims();
        turned["data_from"] = 1_700_000_000.into();
        turned["data_until"] = 1_700_000_000.into();
        assert_eq!(read(&turned).unwrap_err().field, "data_until");
    }

    #[test]
    fn absurd_values_are_refused_by_name() {
        for (name, value, code) in [
            ("iat", serde_json::json!(0), FaultCode::AbsurdDate),
            (
                "iat",
                serde_json::json!(9_999_999_999_999u64),
                FaultCode::AbsurdDate,
            ),
            ("iat", serde_json::json!(-5), FaultCode::BadMember),
            ("categories", serde_json::json!([]), FaultCode::BadMember),
            (
                "categories",
                serde_json::json!(["a", "a"]),
                FaultCode::BadMember,
            ),
            (
                "categories",
                serde_json::json!(vec!["a"; 65]),
                FaultCode::BadMember,
            ),
            (
                "subject",
                serde_json::json!("qid:abc"),
                FaultCode::BadMember,
            ),
            (
                "basis",
                serde_json::json!({"kind": "whim"}),
                FaultCode::BadMember,
            ),
            (
                "basis",
                serde_json::json!({"kind": "consent", "extra": 1}),
                FaultCode::UnknownMember,
            ),
            (
                "basis",
                serde_json::json!({"kind": "emergency", "reason_code": "x"}),
                FaultCode::MissingMember,
            ),
            ("case", serde_json::json!("a\u{0}b"), FaultCode::BadMember),
        ] {
            let mut changed = claims();
            changed[name] = value;
            let fault = read(&changed).unwrap_err();
            assert_eq!(
                (fault.code, fault.field.split('.').next().unwrap()),
                (code, name),
                "{fault}"
            );
        }
    }

    #[test]
    fn no_free_text_can_turn_or_hide_what_stands_beside_it() {
        for c in ['\u{202E}', '\u{200B}', '\u{2066}'] {
            for name in ["on_behalf_of", "case"] {
                let mut changed = claims();
                changed[name] = format!("Chuo Hospital{c} and more").into();
                let fault = read(&changed).unwrap_err();
                assert_eq!(
                    (fault.code, fault.field.as_str()),
                    (FaultCode::BadMember, name)
                );
            }
            let text = format!("collapsed{c}");
            for (code, reason) in [(text.as_str(), "collapsed"), ("unconscious", text.as_str())] {
                let mut changed = claims();
                changed["basis"] = serde_json::json!({
                    "kind": "emergency", "reason_code": code, "reason_text": reason,
                });
                let fault = read(&changed).unwrap_err();
                let field = if code == text {
                    "basis.reason_code"
                } else {
                    "basis.reason_text"
                };
                assert_eq!(
                    (fault.code, fault.field.as_str()),
                    (FaultCode::BadMember, field)
                );
            }
        }
    }

    #[test]
    fn statistics_name_no_person_and_everything_else_does() {
        let mut statistics = claims();
        statistics["basis"] = serde_json::json!({
            "kind": "statistics", "cohort_size": 40,
            "cohort_digest": Digest::from_bytes([1; 32]).to_base64url()
        });
        assert_eq!(read(&statistics).unwrap_err().field, "subject");
        statistics.as_object_mut().unwrap().remove("subject");
        assert!(read(&statistics).is_ok());
    }

    #[test]
    fn the_request_digest_depends_on_every_part() {
        let nonce = RequestNonce::from_bytes([1; 16]);
        let base = request_digest(&nonce, "GET", "/fhir/MedicationRequest?x=1", b"");
        assert_ne!(
            base,
            request_digest(&nonce, "POST", "/fhir/MedicationRequest?x=1", b"")
        );
        assert_ne!(
            base,
            request_digest(&nonce, "GET", "/fhir/MedicationRequest?x=2", b"")
        );
        assert_ne!(
            base,
            request_digest(&nonce, "GET", "/fhir/MedicationRequest?x=1", b"b")
        );
        assert_ne!(
            base,
            request_digest(
                &RequestNonce::from_bytes([2; 16]),
                "GET",
                "/fhir/MedicationRequest?x=1",
                b""
            )
        );
    }
}

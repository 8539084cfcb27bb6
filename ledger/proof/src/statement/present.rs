//! `akashi-present+jws`: whoever may see the data shows its evidence to the holder.
//!
//! Evidence is a file, and files are copied: alone it opens nothing. The permit names the key of
//! its requester that presents it (`cnf`, [RFC 7800 section 3.1]), and each try is signed with
//! that key: for one holder, one piece of evidence, fresh, good once - what [RFC 9449 section 4.2]
//! does for access tokens. Whoever carries evidence for somebody else cannot present it.
//!
//! It names no method and no path, as a DPoP proof does (`htm`, `htu`): it names the evidence
//! (`ath`), and the evidence holds the digest of the one query that is permitted, its body
//! included. So what tells of a person in a query stays between requester and holder, and nothing
//! of it comes to the ledger with the report (docs/decisions/0011).
//!
//! It is no statement to the ledger: its `aud` is the holder, and no key is looked up for it. The
//! holder's report of the release carries it (`presented`), and the ledger checks it there again.
//!
//! [RFC 7800 section 3.1]: https://www.rfc-editor.org/rfc/rfc7800#section-3.1
//! [RFC 9449 section 4.2]: https://www.rfc-editor.org/rfc/rfc9449#section-4.2

use super::{Common, StatementSigner, digest, sign_bytes};
use crate::digest::Digest;
use crate::fault::{Fault, FaultCode};
use crate::ids::{InstitutionId, Kid, Timestamp};
use crate::jws::{Jws, Type};
use crate::key::thumbprint;
use crate::strict_json::{Members, Object};
use akashi_tlog::public_key::PublicKey;

/// The claims of a presentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentClaims {
    /// Issuer (the requester), audience (the holder), time, identifier.
    pub common: Common<InstitutionId>,
    /// The digest of the evidence: `ath`.
    pub evidence_digest: Digest,
}

/// What a presentation must be of: all of it stands in the evidence.
#[derive(Clone, Copy, Debug)]
pub struct Presentable<'a> {
    /// Who may see the data.
    pub requester: &'a InstitutionId,
    /// Who has it.
    pub holder: &'a InstitutionId,
    /// The key that presents.
    pub key: &'a PublicKey,
    /// What names the evidence.
    pub evidence_digest: Digest,
}

/// A presentation as it came: nothing in it is believed before [`Self::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presentation {
    jws: Jws,
    claims: PresentClaims,
}

/// A presentation by the key the permit names, to its holder, of its evidence. Whether it is fresh
/// is asked of the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    claims: PresentClaims,
    kid: Kid,
}

impl PresentClaims {
    /// The compact JWS that says these claims.
    ///
    /// # Errors
    /// [`StatementSigner::Unavailable`].
    pub fn sign<S: StatementSigner>(&self, signer: &S) -> Result<String, S::Unavailable> {
        sign_bytes(Type::Present, self.to_json().as_bytes(), signer)
    }

    fn to_json(&self) -> String {
        let mut object = Object::default();
        self.common.put(&mut object);
        object.text("ath", self.evidence_digest.to_base64url());
        object.to_string()
    }
}

impl Presentation {
    /// Takes the one a report carries out of its members.
    pub(super) fn take(members: &mut Members) -> Result<Self, Fault> {
        let text = members.text("presented", |text| Ok::<_, String>(text.to_owned()))?;
        Self::parse(text.as_bytes())
    }

    /// Takes the bytes apart.
    ///
    /// # Errors
    /// A [`Fault`] that names the first member that is wrong, under `presented`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        Self::read(bytes).map_err(of_presented)
    }

    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let jws = Jws::parse(bytes)?;
        let mut members = jws.members(Type::Present)?;
        let claims = PresentClaims {
            common: Common::take_for(&mut members, InstitutionId::parse)?,
            evidence_digest: members.text("ath", digest)?,
        };
        members.finish()?;
        Ok(Self { jws, claims })
    }

    /// The name of the key it says it was signed with.
    pub const fn kid(&self) -> &Kid {
        self.jws.kid()
    }

    /// The presentation as it came.
    pub fn as_str(&self) -> &str {
        self.jws.as_str()
    }

    /// Checks that it presents exactly this: signed by the key the permit names, from its requester
    /// to its holder, of its evidence.
    ///
    /// # Errors
    /// A [`Fault`] that names the first member that is not the permit's, under `presented`.
    pub fn verify(&self, of: &Presentable<'_>) -> Result<Presented, Fault> {
        self.check(of).map_err(of_presented)
    }

    fn check(&self, of: &Presentable<'_>) -> Result<Presented, Fault> {
        let wrong = |code, field, expected: &str| {
            let expected = expected.to_owned();
            Err(Fault::new(code, field, expected, "another"))
        };
        let kid = thumbprint(of.key);
        if *self.jws.kid() != kid {
            let expected = "the key the permit names (`cnf`)";
            return wrong(FaultCode::InvalidKey, "kid", expected);
        }
        if self.jws.verify(of.key).is_err() {
            let expected = "an Ed25519 signature by the key the permit names (`cnf`)";
            return wrong(FaultCode::BadSignature, "signature", expected);
        }
        let common = &self.claims.common;
        if common.iss != *of.requester {
            let expected = "the institution that may see the data";
            return wrong(FaultCode::Mismatch, "iss", expected);
        }
        if common.aud != *of.holder {
            let expected = "the institution that has the data";
            return wrong(FaultCode::WrongAudience, "aud", expected);
        }
        if self.claims.evidence_digest != of.evidence_digest {
            let expected = "the digest of this permit's evidence";
            return wrong(FaultCode::Mismatch, "ath", expected);
        }
        Ok(Presented {
            claims: self.claims.clone(),
            kid,
        })
    }
}

impl Presented {
    /// What it says.
    pub const fn claims(&self) -> &PresentClaims {
        &self.claims
    }

    /// The name of the key that presents.
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Refuses one signed too long before or after `now`, as statements are.
    ///
    /// # Errors
    /// [`FaultCode::NotFresh`], under `presented`.
    pub fn check_fresh(&self, now: Timestamp) -> Result<(), Fault> {
        self.claims.common.check_fresh(now).map_err(of_presented)
    }
}

/// Where a member of it is wrong, seen from the report that carries it.
fn of_presented(fault: Fault) -> Fault {
    let field = match fault.field.as_str() {
        // All of it.
        "body" => "presented".to_owned(),
        inside => format!("presented.{inside}"),
    };
    Fault { field, ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Jti;
    use crate::jws::tests::{public, sign};

    const EVIDENCE: Digest = Digest::from_bytes([9; 32]);
    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn id(text: &str) -> InstitutionId {
        InstitutionId::parse(text).unwrap()
    }

    fn claims() -> PresentClaims {
        PresentClaims {
            common: Common {
                iss: id("hospital.chuo"),
                aud: id("pharmacy.midori"),
                iat: NOW,
                jti: Jti::from_bytes([3; 16]),
                nbf: None,
                exp: None,
            },
            evidence_digest: EVIDENCE,
        }
    }

    /// Signed by the key made of this byte, and looked at as the holder of the permit does, whose
    /// key is that of 1.
    fn looked_at(seed: u8, claims: &PresentClaims) -> Result<Presented, Fault> {
        let text = sign(seed, Type::Present, &claims.to_json());
        let (requester, holder, key) = (id("hospital.chuo"), id("pharmacy.midori"), public(1));
        Presentation::parse(text.as_bytes())?.verify(&Presentable {
            requester: &requester,
            holder: &holder,
            key: &key,
            evidence_digest: EVIDENCE,
        })
    }

    #[test]
    fn what_the_named_key_signs_for_this_holder_and_evidence_is_presented() {
        let presented = looked_at(1, &claims()).unwrap();
        assert_eq!(presented.claims(), &claims());
        assert_eq!(*presented.kid(), thumbprint(&public(1)));
        assert_eq!(presented.check_fresh(NOW.plus_millis(300_000)), Ok(()));
    }

    #[test]
    fn another_key_institution_holder_or_evidence_presents_nothing() {
        let common = claims().common;
        let iss = Common {
            iss: id("clinic.minato"),
            ..common.clone()
        };
        let aud = Common {
            aud: id("laboratory.kita"),
            ..common
        };
        for (seed, changed, field) in [
            (2, claims(), "presented.kid"),
            (
                1,
                PresentClaims {
                    common: iss,
                    ..claims()
                },
                "presented.iss",
            ),
            (
                1,
                PresentClaims {
                    common: aud,
                    ..claims()
                },
                "presented.aud",
            ),
            (
                1,
                PresentClaims {
                    evidence_digest: Digest::from_bytes([8; 32]),
                    ..claims()
                },
                "presented.ath",
            ),
        ] {
            let fault = looked_at(seed, &changed).unwrap_err();
            assert_eq!(fault.field, field, "{fault}");
            assert!(!fault.to_string().contains("clinic"), "{fault}");
        }
    }

    #[test]
    fn another_moment_is_another_try() {
        let presented = looked_at(1, &claims()).unwrap();
        for (at, fresh) in [(300_000, true), (301_000, false)] {
            assert_eq!(presented.check_fresh(NOW.plus_millis(at)).is_ok(), fresh);
            assert_eq!(presented.check_fresh(NOW.minus_millis(at)).is_ok(), fresh);
        }
    }

    #[test]
    fn nothing_of_a_query_stands_in_a_presentation() {
        let bare = claims().to_json();
        let (head, _) = bare.rsplit_once('}').unwrap();
        for member in [r#""htm":"GET""#, r#""htu":"/records?name=hanako""#] {
            let text = sign(1, Type::Present, &format!("{head},{member}}}"));
            let fault = Presentation::parse(text.as_bytes()).unwrap_err();
            assert_eq!(fault.code, FaultCode::UnknownMember, "{fault}");
            assert!(!fault.to_string().contains("hanako"), "{fault}");
        }
    }

    #[test]
    fn a_signature_is_of_these_very_bytes_and_no_other_type_is_one() {
        let text = sign(1, Type::Present, &claims().to_json());
        let (head, _) = text.rsplit_once('.').unwrap();
        let other = sign(1, Type::Present, "{}");
        let (_, signature) = other.rsplit_once('.').unwrap();
        let parsed = Presentation::parse(format!("{head}.{signature}").as_bytes()).unwrap();
        let (requester, holder) = (id("hospital.chuo"), id("pharmacy.midori"));
        let of = Presentable {
            requester: &requester,
            holder: &holder,
            key: &public(1),
            evidence_digest: EVIDENCE,
        };
        let fault = parsed.verify(&of).unwrap_err();
        assert_eq!(fault.code, FaultCode::BadSignature);

        for typ in [Type::Request, Type::Access, Type::Release] {
            let text = sign(1, typ, &claims().to_json());
            let fault = Presentation::parse(text.as_bytes()).unwrap_err();
            assert_eq!(
                (fault.code, &*fault.field),
                (FaultCode::WrongType, "presented.typ")
            );
        }
        assert!(Presentation::parse(other.as_bytes()).is_err());
    }
}

//! How a statement is written: claims, their one spelling as JSON, the JWS around it.

use super::Claims;
use crate::ids::Kid;
use crate::jws::{self, Type};
use akashi_tlog::public_key::SIGNATURE_LEN;

/// Something that signs statements. A private key lives behind it, in a file or in a hardware
/// module; never in this crate.
pub trait StatementSigner {
    /// Why the key cannot be used now.
    type Unavailable;

    /// The name of the key: its [thumbprint](crate::key::thumbprint).
    fn kid(&self) -> &Kid;

    /// The Ed25519 signature ([RFC 8032]) over exactly `message`.
    ///
    /// # Errors
    /// [`Self::Unavailable`].
    ///
    /// [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032
    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], Self::Unavailable>;
}

/// The compact JWS that says these claims, signed. Sent again, it must be these very bytes.
///
/// # Errors
/// [`StatementSigner::Unavailable`].
pub fn write<C: Claims, S: StatementSigner>(
    claims: &C,
    signer: &S,
) -> Result<String, S::Unavailable> {
    sign_bytes(C::TYPE, claims.to_json().as_bytes(), signer)
}

/// The compact JWS around exactly these bytes as claims, whatever they say. Whoever means what they
/// say uses [`write()`]; tests of what is refused have no other way.
///
/// # Errors
/// [`StatementSigner::Unavailable`].
pub fn sign_bytes<S: StatementSigner>(
    typ: Type,
    claims: &[u8],
    signer: &S,
) -> Result<String, S::Unavailable> {
    jws::compact(typ, signer.kid(), claims, |input| signer.sign(input))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{AccessMode, Period};
    use crate::digest::Digest;
    use crate::ids::{
        CategoryCode, InstitutionId, Jti, Kid, LeafIndex, LinkCode, ProcessId, PurposeCode, Qid,
        RoleCode, RoleHolderId, Timestamp,
    };
    use crate::jws::Jws;
    use crate::jws::tests::sign;
    use crate::particulars::tests::hospital;
    use crate::particulars::{Name, Particulars};
    use crate::record::kind::{KeyUse, LinkEnd};
    use crate::record::value::Set;
    use crate::statement::{
        AccessClaims, Act, ActClaims, Basis, Common, LinkClaims, LinkEndClaims, Presentation,
        ReleaseClaims, RequestClaims,
    };
    use akashi_tlog::checkpoint::Origin;
    use std::fmt::Debug;

    const DIGEST: Digest = Digest::from_bytes([9; 32]);
    const LOG_VKEY: &str =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    const LOG_CHECKPOINT: &str = "example.com/log/testdata\n3\n\
        Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n\n\u{2014} example.com/log/testdata M9e0lvAQRtH\
        832pk2RTbeSeZMkp4FZSdJYFBUjO5SKxuRbywPUF3cx+HUrb50kjd3rUWW/fj53Wj1dwcwh9bGQnqVAg=\n";

    fn common() -> Common {
        Common {
            iss: InstitutionId::parse("hospital.chuo").unwrap(),
            aud: Origin::new("demo.akashi.example/log").unwrap(),
            iat: Timestamp::from_seconds(1_790_000_000),
            jti: Jti::from_bytes([0; 16]),
            nbf: None,
            exp: None,
        }
    }

    fn presented() -> String {
        let common = common();
        let claims = format!(
            r#"{{"iss":"{}","aud":"pharmacy.midori","iat":{},"jti":"{}","ath":"{}"}}"#,
            common.iss,
            common.iat.as_millis() / 1000,
            common.jti,
            DIGEST.to_base64url(),
        );
        sign(1, Type::Present, &claims)
    }

    fn access(subject: Option<LinkCode>, basis: Basis) -> AccessClaims {
        AccessClaims {
            common: common(),
            subject,
            role_holder: RoleHolderId::parse("dr-sato").unwrap(),
            role: RoleCode::parse("physician").unwrap(),
            process: ProcessId::parse("care.consult").unwrap(),
            purpose: PurposeCode::parse("treatment").unwrap(),
            holder: InstitutionId::parse("pharmacy.midori").unwrap(),
            categories: Set::new(
                ["medication", "allergy"].map(|c| CategoryCode::parse(c).unwrap()),
            ),
            mode: AccessMode::View,
            period: Period::ALL,
            basis,
            request_digest: DIGEST,
            on_behalf_of: Some("第二外来 \"B\"".into()),
            case: None,
            presenter: Some(Kid::parse(&DIGEST.to_base64url()).unwrap()),
        }
    }

    /// What is written is read as it was meant, and written again it is the same.
    fn assert_round<C: Claims + PartialEq + Debug>(claims: &C) {
        let json = claims.to_json();
        let read = C::read(&Jws::parse(sign(1, C::TYPE, &json).as_bytes()).unwrap());
        assert_eq!(read.as_ref(), Ok(claims), "{json}");
        assert_eq!(read.unwrap().to_json(), json);
    }

    #[test]
    fn claims_are_written_in_one_spelling() {
        let claims = access(Some(LinkCode::from_sealed(&[3; 35])), Basis::Consent);
        assert_eq!(
            claims.to_json(),
            concat!(
                r#"{"aud":"demo.akashi.example/log","basis":{"kind":"consent"},"#,
                r#""categories":["allergy","medication"],"#,
                r#""cnf":{"jkt":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk"},"#,
                r#""holder":"pharmacy.midori","#,
                r#""iat":1790000000,"#,
                r#""iss":"hospital.chuo","jti":"AAAAAAAAAAAAAAAAAAAAAA","#,
                r#""on_behalf_of":"第二外来 \"B\"","#,
                r#""process":"care.consult","purpose":"treatment","#,
                r#""request_digest":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk","role":"physician","#,
                r#""role_holder":"dr-sato","subject":"lc_AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"}"#
            )
        );
    }

    #[test]
    fn accesses_links_releases_and_tokens_are_read_as_they_are_written() {
        let code = || Some(LinkCode::from_sealed(&[3; 35]));
        assert_round(&access(code(), Basis::Consent));
        assert_round(&access(code(), Basis::Statute));
        let emergency = Basis::Emergency {
            reason_code: "unconscious".into(),
            reason_text: "倒れていた\u{3000}(路上)".into(),
        };
        assert_round(&access(code(), emergency));
        let statistics = Basis::Statistics {
            cohort_size: u64::MAX,
            cohort_digest: DIGEST,
        };
        assert_round(&access(None, statistics));
        assert_round(&LinkClaims {
            common: common(),
            qid: Qid::parse(&format!("qid:{}", "7".repeat(43))).unwrap(),
            code: "012345".into(),
            link_check: DIGEST,
        });
        for cause in LinkEnd::ALL {
            assert_round(&LinkEndClaims {
                common: common(),
                link_code: LinkCode::from_sealed(&[3; 35]),
                cause: *cause,
            });
        }
        assert_round(&ReleaseClaims {
            common: common(),
            index: LeafIndex::new(7),
            evidence_digest: DIGEST,
            presented: Presentation::parse(presented().as_bytes()).unwrap(),
        });
        assert_round(&RequestClaims {
            common: common(),
            htm: "GET".into(),
            htu: "/v1/choices?from=1".into(),
        });
    }

    #[test]
    fn every_act_is_read_as_it_is_written() {
        let institution = || InstitutionId::parse("pharmacy.midori").unwrap();
        let kid = || Kid::parse(&DIGEST.to_base64url()).unwrap();
        let (role_holder, role) = (
            RoleHolderId::parse("dr-sato").unwrap(),
            RoleCode::parse("physician").unwrap(),
        );
        let (from, until) = (Timestamp::from_seconds(1), Timestamp::from_seconds(2));
        for act in [
            Act::CertifyInstitution {
                institution: institution(),
                particulars: hospital(),
                sector: "pharmacy".into(),
                kid: kid(),
                public_key: DIGEST,
            },
            Act::ChangeInstitution {
                institution: institution(),
                particulars: Particulars {
                    name_en: Name::parse("Midori \\ \"Pharmacy\"").unwrap(),
                    web: None,
                    ..hospital()
                },
            },
            Act::ChangeSupervisor {
                supervisor: InstitutionId::parse("supervisor.north").unwrap(),
                particulars: hospital(),
            },
            Act::SuspendInstitution {
                institution: institution(),
                reason: "inspection".into(),
            },
            Act::ReinstateInstitution {
                institution: institution(),
                reason: "inspected".into(),
            },
            Act::ActivatePolicy {
                pack: "town".into(),
                version: 2,
                policy_digest: DIGEST,
            },
            Act::RegisterKey {
                kid: kid(),
                key_use: KeyUse::Sign,
                public_key: DIGEST,
                valid_from: from,
                valid_until: None,
            },
            Act::RegisterKey {
                kid: kid(),
                key_use: KeyUse::Evidence,
                public_key: DIGEST,
                valid_from: from,
                valid_until: Some(until),
            },
            Act::RevokeKey {
                kid: kid(),
                reason: "lost".into(),
            },
            Act::AddLogKey {
                log_vkey: LOG_VKEY.into(),
                reason: "the old one is old".into(),
            },
            Act::EndLogKey {
                log_vkey: LOG_VKEY.into(),
                checkpoint: LOG_CHECKPOINT.into(),
                reason: "stolen".into(),
            },
            Act::ReplaceSupervisor {
                supervisor: InstitutionId::parse("supervisor.north").unwrap(),
                vkey: "supervisor.north+bb97aee3+\
                       AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
                    .into(),
                particulars: hospital(),
            },
            Act::ResetKeys {
                institution: institution(),
                kid: kid(),
                public_key: DIGEST,
                reason: "stolen".into(),
            },
            Act::ObjectToReset {
                kid: kid(),
                reason: "nothing was stolen".into(),
            },
            Act::AssignRole {
                role_holder: role_holder.clone(),
                role: role.clone(),
                valid_from: from,
                valid_until: Some(until),
            },
            Act::EndRole { role_holder, role },
        ] {
            let event = act.clone().into_event(&institution(), Vec::new());
            assert_eq!(event.kind(), act.kind());
            assert_round(&ActClaims {
                common: common(),
                act,
            });
        }
    }
}

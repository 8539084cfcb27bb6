//! Statements of each type: the claims alone, and in a JWS whose signature is none.

use akashi_proof::consent::{AccessMode, Period};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    CategoryCode, InstitutionId, Jti, Kid, LeafIndex, LinkCode, ProcessId, PurposeCode, Qid,
    RoleCode, RoleHolderId, Timestamp,
};
use akashi_proof::particulars::Particulars;
use akashi_proof::record::kind::{KeyUse, LinkEnd};
use akashi_proof::record::value::Set;
use akashi_proof::statement::{
    AccessClaims, Act, ActClaims, Basis, Claims, Common, LinkClaims, LinkEndClaims, PresentClaims,
    Presentation, ReleaseClaims, RequestClaims, StatementSigner, write,
};
use akashi_tlog::checkpoint::Origin;

use super::log::{self, Log};
use super::values::{VKEY, particulars};
use super::{NOW, ORIGIN, Seed, seed};

/// Signs nothing.
struct Nobody(Kid);

impl StatementSigner for Nobody {
    type Unavailable = std::convert::Infallible;

    fn kid(&self) -> &Kid {
        &self.0
    }

    fn sign(&self, _: &[u8]) -> Result<[u8; 64], Self::Unavailable> {
        Ok([5; 64])
    }
}

const DIGEST: Digest = Digest::from_bytes([9; 32]);

pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, basis) in bases() {
        add(&mut seeds, "claims_access", name, &access(basis));
    }
    for act in acts() {
        let name = act.kind().name();
        let common = common();
        add(&mut seeds, "claims_act", name, &ActClaims { common, act });
    }
    for (field, text) in particulars().texts() {
        seeds.push(seed("particulars", field, text));
    }
    let link = LinkClaims {
        common: common(),
        qid: qid(),
        code: "123456".into(),
        link_check: DIGEST,
    };
    add(&mut seeds, "claims_link", "link", &link);
    let end = LinkEndClaims {
        common: common(),
        link_code: link_code(),
        cause: LinkEnd::WrongPerson,
    };
    add(&mut seeds, "claims_link_end", "link_end", &end);
    let release = ReleaseClaims {
        common: common(),
        index: LeafIndex::new(7),
        evidence_digest: DIGEST,
        presented: presented(),
    };
    add(&mut seeds, "claims_release", "release", &release);
    let request = RequestClaims {
        common: common(),
        htm: "GET".into(),
        htu: "/v1/accesses/7".into(),
    };
    add(&mut seeds, "claims_request", "request", &request);
    let presented = presented();
    let parts: Vec<&str> = presented.as_str().split('.').collect();
    let claims = akashi_tlog::base64::url::decode(parts[1]).unwrap();
    seeds.push(seed("claims_present", "present", claims));
    let json = access(emergency()).to_json();
    seeds.push(seed("strict_json", "claims", json));
    seeds
}

fn add<C: Claims>(seeds: &mut Vec<Seed>, target: &'static str, name: &str, claims: &C) {
    seeds.push(seed(target, name, claims.to_json()));
    let Ok(jws) = write(claims, &Nobody(kid()));
    seeds.push(seed("jws", name, jws));
}

pub fn link_code() -> LinkCode {
    LinkCode::from_sealed(&[3; LinkCode::SEALED_LEN])
}

pub fn qid() -> Qid {
    Qid::parse(&format!("qid:{}", "7".repeat(43))).unwrap()
}

fn kid() -> Kid {
    Kid::parse(&DIGEST.to_base64url()).unwrap()
}

fn institution() -> InstitutionId {
    InstitutionId::parse("pharmacy.midori").unwrap()
}

fn common() -> Common {
    Common {
        iss: InstitutionId::parse("hospital.chuo").unwrap(),
        aud: Origin::new(ORIGIN).unwrap(),
        iat: Timestamp::from_seconds(NOW),
        jti: Jti::from_bytes([0; 16]),
        nbf: None,
        exp: None,
    }
}

fn emergency() -> Basis {
    Basis::Emergency {
        reason_code: "unconscious".into(),
        reason_text: "倒れていた\u{3000}(路上)".into(),
    }
}

fn bases() -> [(&'static str, Basis); 4] {
    let statistics = Basis::Statistics {
        cohort_size: 1_200,
        cohort_digest: DIGEST,
    };
    [
        ("consent", Basis::Consent),
        ("statute", Basis::Statute),
        ("emergency", emergency()),
        ("statistics", statistics),
    ]
}

fn access(basis: Basis) -> AccessClaims {
    let of_a_person = !matches!(basis, Basis::Statistics { .. });
    let code = |code| CategoryCode::parse(code).unwrap();
    AccessClaims {
        common: common(),
        subject: of_a_person.then(link_code),
        role_holder: RoleHolderId::parse("dr-sato").unwrap(),
        role: RoleCode::parse("physician").unwrap(),
        process: ProcessId::parse("care.consult").unwrap(),
        purpose: PurposeCode::parse("treatment").unwrap(),
        holder: institution(),
        categories: Set::new([code("medication"), code("allergy")]),
        mode: AccessMode::View,
        period: Period {
            from: Some(Timestamp::from_seconds(NOW - 1)),
            until: Some(Timestamp::from_seconds(NOW)),
        },
        basis,
        request_digest: DIGEST,
        on_behalf_of: Some("第二外来 \"B\"".into()),
        case: Some("c-1".into()),
        presenter: Some(nobody().0),
    }
}

fn nobody() -> Nobody {
    Nobody(Kid::parse(&DIGEST.to_base64url()).unwrap())
}

fn presented() -> Presentation {
    let claims = PresentClaims {
        common: Common {
            iss: institution(),
            aud: institution(),
            iat: Timestamp::from_seconds(NOW),
            jti: common().jti,
            nbf: None,
            exp: None,
        },
        evidence_digest: DIGEST,
    };
    let Ok(text) = claims.sign(&nobody());
    Presentation::parse(text.as_bytes()).unwrap()
}

fn acts() -> [Act; 16] {
    let role_holder = RoleHolderId::parse("dr-sato").unwrap();
    let role = RoleCode::parse("physician").unwrap();
    let (valid_from, valid_until) = (
        Timestamp::from_seconds(NOW),
        Some(Timestamp::from_seconds(NOW + 1)),
    );
    [
        Act::CertifyInstitution {
            institution: institution(),
            particulars: particulars(),
            sector: "pharmacy".into(),
            kid: kid(),
            public_key: DIGEST,
        },
        Act::ChangeInstitution {
            institution: institution(),
            particulars: Particulars {
                web: None,
                ..particulars()
            },
        },
        Act::ChangeSupervisor {
            supervisor: InstitutionId::parse("supervisor.north").unwrap(),
            particulars: particulars(),
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
            valid_from,
            valid_until,
        },
        Act::RevokeKey {
            kid: kid(),
            reason: "lost".into(),
        },
        Act::AddLogKey {
            log_vkey: log::VKEY.into(),
            reason: "the old one is old".into(),
        },
        Act::EndLogKey {
            log_vkey: log::VKEY.into(),
            checkpoint: Log::of(&[]).note().to_string(),
            reason: "stolen".into(),
        },
        Act::ResumeLedger {
            size: 7,
            root: DIGEST,
            last_record_at: Timestamp::from_seconds(NOW - 700_000),
            reason: "the flood".into(),
        },
        Act::ReplaceSupervisor {
            supervisor: InstitutionId::parse("supervisor.north").unwrap(),
            vkey: VKEY.into(),
            particulars: particulars(),
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
            valid_from,
            valid_until,
        },
        Act::EndRole { role_holder, role },
    ]
}

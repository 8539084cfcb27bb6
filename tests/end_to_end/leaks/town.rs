//! The secrets of the seeded town, and those only the ledger knows.

use std::collections::HashMap;
use std::path::Path;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use akashi_ledger::link_code;
use akashi_proof::digest::Secret;
use akashi_proof::ids::{InstitutionId, LinkCode};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;

use super::needles::{Kind, Needle};
use crate::Demo;

/// The keys a running ledger has by now. The ledger gives none away, so they are read as somebody
/// does who has taken its folder of keys.
pub struct Keys {
    by_name: HashMap<Vec<u8>, Secret>,
    origin: Origin,
}

/// Nonce, key, length of the name, name filled up with zeros, tag.
const ROW_LEN: usize = 12 + 32 + 1 + 80 + 16;

impl Keys {
    pub fn of(demo: &Demo) -> Self {
        let wrapping = std::fs::read(demo.server.data.join("keys/wrapping.key")).unwrap();
        let wrapping: [u8; 32] = wrapping.try_into().unwrap();
        let wrapping = Aes256GcmSiv::new(&wrapping.into());
        let keyring = std::fs::read(demo.server.data.join("keys/keyring")).unwrap();
        let open = |row: &[u8; ROW_LEN]| {
            let (nonce, sealed) = row.split_first_chunk::<12>().unwrap();
            let payload = Payload {
                msg: sealed,
                aad: b"akashi/keyring/v1",
            };
            let plain = wrapping.decrypt(&Nonce::from(*nonce), payload).unwrap();
            let (key, rest) = plain.split_first_chunk::<32>().unwrap();
            let name = rest[1..=usize::from(rest[0])].to_vec();
            (name, Secret::from_bytes(*key))
        };
        Self {
            by_name: keyring.as_chunks().0.iter().map(open).collect(),
            origin: Origin::new(&demo.description.origin).unwrap(),
        }
    }

    /// Handle and history key of the person an institution's code is for.
    pub fn inside(&self, owner: &str, institution: &str, code: &str) -> [Needle; 2] {
        let institution = InstitutionId::parse(institution).unwrap();
        let code = LinkCode::parse(code).unwrap();
        let name = institution.as_str().as_bytes();
        // The first byte of a code is the version of the key it was sealed with.
        let sealing = [b"l", &code.sealed()[..1], name].concat();
        let handle = link_code::open(&self.by_name[&sealing], &self.origin, &institution, &code)
            .unwrap()
            .subject;
        let tag_key = &self.by_name[&[b"t", [0; 4].as_slice(), handle.as_bytes()].concat()];
        [
            Needle::new(Kind::Handle, owner, handle.as_bytes(), &[]),
            Needle::new(Kind::HistoryKey, owner, tag_key.expose(), &[]),
        ]
    }
}

/// A code as its institution has it, and as the bytes it is made of.
pub fn link(institution: &str, code: &str) -> Needle {
    let bytes = base64::url::decode(code.strip_prefix("lc_").unwrap()).unwrap();
    Needle::new(Kind::LinkCode, institution, &bytes, &[code])
}

/// Every secret of the seeded town: handles, phones, codes, keys.
pub fn secrets(demo: &Demo, keys: &Keys) -> Vec<Needle> {
    let mut needles = Vec::new();
    for citizen in &demo.description.citizens {
        let owner = &citizen.key;
        needles.push(Needle::phone(owner, &citizen.phone));
        needles.push(Needle::grouped(
            Kind::RecoveryCode,
            owner,
            &citizen.recovery_code,
        ));
        needles.push(Needle::text(
            Kind::Qid,
            owner,
            citizen.qid.strip_prefix("qid:").unwrap(),
        ));
        needles.extend(
            citizen
                .email
                .iter()
                .map(|email| Needle::text(Kind::Email, owner, email)),
        );
        needles.extend(
            [&citizen.name_ja, &citizen.name_en].map(|name| Needle::text(Kind::Name, owner, name)),
        );
        for known in &citizen.links {
            needles.push(link(&known.institution, &known.code));
            needles.push(Needle::link_key(&known.institution, owner, &known.link_key));
        }
        needles.extend(keys.inside(owner, &citizen.links[0].institution, &citizen.links[0].code));
    }
    for institution in &demo.description.institutions {
        let jwk = serde_json::to_value(&institution.jwk).unwrap();
        needles.push(Needle::bytes(
            Kind::SigningKey,
            &institution.id,
            jwk["d"].as_str().unwrap(),
        ));
        needles.push(Needle::bytes(
            Kind::EvidenceKey,
            &institution.id,
            &institution.evidence_key,
        ));
    }
    needles.push(Needle::text(Kind::FreeText, "daichi", SEEDED_REASON));
    needles
}

/// What was written when Daichi was brought in by night, as the plan of the past has it.
const SEEDED_REASON: &str = "救急搬送。意識がなく、服薬とアレルギーの確認が必要";

/// What a running ledger keeps: none of it may hold a secret in the clear.
pub fn data_files(data: &Path) -> Vec<std::path::PathBuf> {
    ["data/ledger.redb", "data/guard", "keys/keyring", "contacts"]
        .iter()
        .map(|file| data.join(file))
        .collect()
}

//! What the statements of both towns say.

use akashi_proof::digest::{Digest, Secret};
use akashi_proof::gate::link_check;
use akashi_proof::key::thumbprint;
use akashi_tlog::base64::url;
use serde_json::{Value, json};

use super::{BEGIN, public};

/// An institution is let in; its sector is the first part of its identifier.
pub fn certified(id: &str, name_ja: &str, name_en: &str) -> Value {
    let sector = id.split('.').next().unwrap();
    json!({
        "act": "institution.certified", "institution": id, "name_ja": name_ja, "name_en": name_en,
        "sector": sector, "kid": thumbprint(&public(id)).as_str(),
        "public_key": url::encode(public(id).as_bytes()),
    })
}

pub fn role_assigned(role_holder: &str, role: &str) -> Value {
    json!({ "act": "role.assigned", "role_holder": role_holder, "role": role, "valid_from": BEGIN })
}

/// A person's code is asked for at a counter.
pub fn link_claims(qid: &str, code: &str, link_key: &Secret) -> Value {
    json!({ "qid": qid, "code": code, "link_check": link_check(link_key).to_base64url() })
}

/// A look at one person by the city: the person is asked first.
pub fn look_at_one(link_code: &str) -> Value {
    json!({
        "subject": link_code, "role_holder": "of-01", "role": "welfare-officer",
        "process": "city.drill-down",
        "purpose": "welfare-support", "holder": "hospital.minato", "categories": ["care-level"],
        "basis": { "kind": "consent" },
        "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
    })
}

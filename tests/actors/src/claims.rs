//! What statements say besides who says it and when: honest, and to be bent by tests that are not.

use akashi_client::Signatory;
use akashi_proof::digest::Secret;
use akashi_proof::gate::link_check;
use akashi_proof::ids::{InstitutionId, Qid};
use akashi_proof::key::evidence_key_digest;
use akashi_proof::particulars::Particulars;
use akashi_tlog::base64::url;
use akashi_tlog::merkle::consistency::TreeHead;
use serde_json::{Value, json};

use crate::bodies::particulars;

/// An institution of this sector is let in under a Japanese and an English name, with its signing
/// key.
pub fn certified(who: &Signatory, (name_ja, name_en): (&str, &str), sector: &str) -> Value {
    let act = json!({
        "act": "institution.certified", "institution": who.id().as_str(), "sector": sector,
        "kid": who.kid().as_str(), "public_key": url::encode(who.public().as_bytes()),
    });
    with(act, &particulars(name_ja, name_en))
}

/// An institution is called and reached otherwise from now on.
pub fn changed(institution: &InstitutionId, particulars: &Particulars) -> Value {
    let act = json!({ "act": "institution.changed", "institution": institution.as_str() });
    with(act, particulars)
}

/// A supervisor is called and reached otherwise from now on.
pub fn supervisor_changed(supervisor: &InstitutionId, particulars: &Particulars) -> Value {
    let act = json!({ "act": "supervisor.changed", "supervisor": supervisor.as_str() });
    with(act, particulars)
}

/// A supervisor's place goes to another key, or to another supervisor: this one.
pub fn supervisor_replaced(supervisor: &InstitutionId, new: &Signatory) -> Value {
    let act = json!({
        "act": "supervisor.replaced", "supervisor": supervisor.as_str(), "vkey": new.vkey(),
    });
    with(act, &particulars("新しい監督局", "New Supervisors"))
}

/// The log signs with this key too.
pub fn log_key_added(vkey: &str) -> Value {
    json!({ "act": "ledger.key_added", "log_vkey": vkey, "reason": "the old one is old" })
}

/// The log signs with this key no more; this checkpoint hands it over.
pub fn log_key_ended(vkey: &str, checkpoint: &str) -> Value {
    json!({
        "act": "ledger.key_ended", "log_vkey": vkey, "checkpoint": checkpoint, "reason": "stolen",
    })
}

/// A ledger goes on that stands still: at this head, whose last record is of this second.
pub fn ledger_resumed(head: TreeHead, last_record_at: u64) -> Value {
    json!({
        "act": "ledger.resumed", "size": head.size.value(),
        "root": url::encode(head.root.as_bytes()), "last_record_at": last_record_at,
        "reason": "the flood",
    })
}

/// An institution gets this key in place of all it has.
pub fn keys_reset(institution: &InstitutionId, new: &Signatory) -> Value {
    json!({
        "act": "key.reset", "institution": institution.as_str(), "kid": new.kid().as_str(),
        "public_key": url::encode(new.public().as_bytes()), "reason": "stolen",
    })
}

/// An institution objects to a reset that brings in this key.
pub fn reset_objected(new: &Signatory) -> Value {
    let kid = new.kid().as_str();
    json!({ "act": "key.reset_objected", "kid": kid, "reason": "nothing was stolen" })
}

/// A signing key is registered, from this second.
pub fn signing_key_registered(new: &Signatory, from: u64) -> Value {
    json!({
        "act": "key.registered", "key_use": "sign", "kid": new.kid().as_str(),
        "public_key": url::encode(new.public().as_bytes()), "valid_from": from,
    })
}

/// A key of one's own ends.
pub fn key_revoked(kid: &str) -> Value {
    json!({ "act": "key.revoked", "kid": kid, "reason": "lost" })
}

fn with(mut act: Value, particulars: &Particulars) -> Value {
    for (name, text) in particulars.texts() {
        act[name] = text.into();
    }
    act
}

/// An institution is stopped.
pub fn suspended(institution: &InstitutionId) -> Value {
    json!({
        "act": "institution.suspended", "institution": institution.as_str(), "reason": "inspection",
    })
}

/// An institution that was stopped goes on.
pub fn reinstated(institution: &InstitutionId) -> Value {
    json!({
        "act": "institution.reinstated", "institution": institution.as_str(), "reason": "inspected",
    })
}

/// Somebody gets a role, from this second.
pub fn role_assigned(role_holder: &str, role: &str, from: u64) -> Value {
    json!({ "act": "role.assigned", "role_holder": role_holder, "role": role, "valid_from": from })
}

/// An evidence key is registered, from this second; the key itself is handed over beside it.
pub fn evidence_key_registered(key: &Secret, from: u64) -> Value {
    let digest = evidence_key_digest(key).to_base64url();
    json!({
        "act": "key.registered", "key_use": "evidence", "kid": digest, "public_key": digest,
        "valid_from": from,
    })
}

/// A person's code is asked for at a counter, where she reads out this one.
pub fn link(qid: &Qid, code: &str, link_key: &Secret) -> Value {
    json!({ "qid": qid.as_str(), "code": code, "link_check": link_check(link_key).to_base64url() })
}

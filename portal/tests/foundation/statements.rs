//! What the statements of both towns say, and their way to the API.

use akashi_actors::{claims, named};
use akashi_proof::digest::Digest;
use akashi_proof::jws::Jws;
use akashi_proof::statement::header::MEDIA_TYPE;
use akashi_tlog::base64::url;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::BEGIN;

/// An institution is let in; its sector is the first part of its identifier.
pub fn certified(id: &str, name_ja: &str, name_en: &str) -> Value {
    let sector = id.split('.').next().unwrap();
    claims::certified(&named(id), (name_ja, name_en), sector)
}

pub fn role_assigned(role_holder: &str, role: &str) -> Value {
    claims::role_assigned(role_holder, role, BEGIN)
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

/// The nonce of every request digest here.
pub fn nonce() -> String {
    url::encode(&[2; 16])
}

/// A statement as it is sent.
pub fn text(statement: &Jws) -> String {
    String::from_utf8(statement.as_bytes().to_vec()).unwrap()
}

/// A statement on its way to the API.
pub fn jose(path: &str, statement: impl Into<Body>, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post(path).header("content-type", MEDIA_TYPE);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(statement.into()).unwrap()
}

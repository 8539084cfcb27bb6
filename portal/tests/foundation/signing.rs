//! Statements as institutions sign and send them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use akashi_actors::{named, sign};
use akashi_proof::jws::Type;
use akashi_tlog::base64::url;
use akashi_tlog::public_key::PublicKey;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::{HandClock, ORIGIN};

pub const SUPERVISORS: [&str; 2] = ["supervisor.north", "supervisor.south"];

pub fn public(name: &str) -> PublicKey {
    *named(name).public()
}

/// The nonce of every request digest here.
pub fn nonce() -> String {
    url::encode(&[2; 16])
}

/// Signs exactly these bytes as claims.
pub fn sign_bytes(who: &str, typ: Type, claims: impl AsRef<[u8]>) -> String {
    String::from_utf8(sign(&named(who), typ, claims).as_bytes().to_vec()).unwrap()
}

/// Signs for everybody: fresh by the clock, and no identifier twice.
pub struct Pen {
    clock: Arc<HandClock>,
    next_jti: AtomicU64,
}

impl Pen {
    pub fn new(clock: &Arc<HandClock>) -> Self {
        Self {
            clock: Arc::clone(clock),
            next_jti: AtomicU64::new(1),
        }
    }

    /// Claims with `iss`, `aud`, `iat` and `jti` put where they are missing.
    pub fn complete(&self, who: &str, mut claims: Value) -> Value {
        let common =
            json!({ "iss": who, "aud": ORIGIN, "iat": self.clock.now(), "jti": self.jti() });
        for (name, value) in common.as_object().unwrap() {
            claims
                .as_object_mut()
                .unwrap()
                .entry(name)
                .or_insert(value.clone());
        }
        claims
    }

    /// Completes claims and signs them.
    pub fn sign(&self, who: &str, typ: Type, claims: Value) -> String {
        sign_bytes(who, typ, self.complete(who, claims).to_string())
    }

    /// An act by both supervisors.
    pub fn by_supervisors(&self, claims: &Value) -> String {
        SUPERVISORS
            .map(|name| self.sign(name, Type::Act, claims.clone()))
            .join("\n")
    }

    fn jti(&self) -> String {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&self.next_jti.fetch_add(1, Relaxed).to_be_bytes());
        url::encode(&bytes)
    }
}

/// A statement on its way to the API.
pub fn jose(path: &str, statement: impl Into<Body>, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post(path).header("content-type", "application/jose");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(statement.into()).unwrap()
}

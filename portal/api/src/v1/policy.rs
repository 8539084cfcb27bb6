//! `GET /v1/policy`: the policy pack in force, its very text. Whoever asks finds the codes to use
//! in it; whoever checks a decision recomputes the digest the log and every record of a decision
//! name.

use std::collections::BTreeMap;

use akashi_desk::app::SharedApp;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::json::json;

#[derive(Serialize)]
struct Policy<'a> {
    name: &'a str,
    version: u64,
    digest: String,
    files: &'a BTreeMap<String, String>,
}

/// The pack in force.
pub async fn in_force(State(app): State<SharedApp>) -> Response {
    let pack = &app.policy();
    let policy = Policy {
        name: pack.name(),
        version: pack.version(),
        digest: pack.digest().to_base64url(),
        files: pack.files(),
    };
    json(&policy)
}

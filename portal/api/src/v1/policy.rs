//! `GET /v1/policy`: the policy pack in force, its very text. Whoever asks finds the codes to use
//! in it; whoever checks a decision recomputes the digest the log and every record of a decision
//! name.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use akashi_desk::app::SharedApp;
use akashi_proof::digest::Digest;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::json::{json_made, to_json};
use crate::problem::Problem;

#[derive(Serialize)]
struct Policy<'a> {
    name: &'a str,
    version: u64,
    digest: String,
    files: &'a BTreeMap<String, String>,
}

/// The pack in force, written once for as long as it is.
///
/// # Errors
/// A [`Problem`]: `internal`, where it cannot be written.
pub async fn in_force(State(app): State<SharedApp>) -> Result<Response, Problem> {
    static WRITTEN: Mutex<Option<(Digest, Bytes)>> = Mutex::new(None);
    let pack = app.policy();
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes = match &*written {
        Some((digest, bytes)) if *digest == pack.digest() => bytes.clone(),
        _ => {
            let bytes = to_json(&Policy {
                name: pack.name(),
                version: pack.version(),
                digest: pack.digest().to_base64url(),
                files: pack.files(),
            })?;
            *written = Some((pack.digest(), bytes.clone()));
            bytes
        }
    };
    Ok(json_made(bytes))
}

//! `POST /v1/evidence/verify`: what a piece of evidence says, checked against this log's key. Reads
//! only; the same check runs offline (`akashi-audit verify`). Spending is `POST /v1/releases`.

use akashi_desk::app::SharedApp;
use akashi_desk::reading::Work;
use akashi_proof::duty::Duty;
use akashi_proof::evidence::{EVIDENCE_LEN_MAX, Evidence, EvidenceError};
use akashi_proof::ids::{CategoryCode, Timestamp};
use akashi_proof::key::thumbprint;
use akashi_tlog::checkpoint::LogKeys;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::body::read;
use crate::client::Client;
use crate::json::json;
use crate::problem::{Kind, Problem};

/// What the evidence says.
#[derive(Serialize)]
struct Verified<'a> {
    /// Whether it holds now, by the ledger's clock, without tolerance.
    expired: bool,
    index: u64,
    time: u64,
    expires: u64,
    requester: &'a str,
    role: &'a str,
    process: &'a str,
    purpose: &'a str,
    holder: &'a str,
    categories: Vec<&'a str>,
    access_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    period_from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period_until: Option<u64>,
    basis: &'static str,
    /// Log index of the consent beside it, where it rests on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<u64>,
    /// Log index of her answer to this one question, where it rests on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<u64>,
    duties: Vec<String>,
    request_digest: String,
    policy_digest: String,
    sealed_for: &'a str,
    /// The name of the requester's key that must sign its presentation.
    presenter: String,
}

/// Checks a piece of evidence.
///
/// # Errors
/// A [`Problem`]: `evidence-invalid` with the first thing that is wrong; `overloaded` where as many
/// are being checked as may ([`EVIDENCE_AT_ONCE`](akashi_desk::limits::EVIDENCE_AT_ONCE)).
pub async fn verify(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    // Anybody may ask, and each costs two signatures.
    let sender = client.bucket();
    app.limits.unsigned.take(&sender)?;
    let overloaded = || Problem::from(Kind::OVERLOADED).retry_after(1);
    let place = app.doors.evidence.enter(&sender).ok_or_else(overloaded)?;
    let body = read(&headers, body, "text/plain", EVIDENCE_LEN_MAX).await?;
    let (registry, now) = (app.registry(), app.clock.wall());
    let checked = app.read(Work::Evidence, move |_| {
        // Until its turn is over, also where nobody waits for the answer any more.
        let _place = place;
        check(&body, &registry.keys_of_log(), now)
    });
    checked.await?
}

/// What it says, if it holds.
fn check(body: &[u8], log: &LogKeys, now: Timestamp) -> Result<Response, Problem> {
    let invalid = |error: EvidenceError| {
        Problem::from(Kind::EVIDENCE_INVALID).in_field(
            "body",
            "evidence this log has signed",
            error.to_string(),
        )
    };
    let evidence = Evidence::parse(body).map_err(invalid)?;
    let verified = evidence.verify(log, &[]).map_err(invalid)?;
    Ok(json(&Verified {
        expired: now >= verified.expires,
        index: verified.index.value(),
        time: verified.time.as_millis(),
        expires: verified.expires.as_millis(),
        requester: verified.requester.as_str(),
        role: verified.role.as_str(),
        process: verified.process.as_str(),
        purpose: verified.purpose.as_str(),
        holder: verified.holder.as_str(),
        categories: verified
            .categories
            .iter()
            .map(CategoryCode::as_str)
            .collect(),
        access_mode: verified.access_mode.as_str(),
        period_from: verified.period.from.map(Timestamp::as_millis),
        period_until: verified.period.until.map(Timestamp::as_millis),
        basis: verified.basis_kind.as_str(),
        consent: verified
            .consent
            .as_ref()
            .map(|consent| consent.index.value()),
        approval: verified
            .approval
            .as_ref()
            .map(|approval| approval.index.value()),
        duties: verified.duties.iter().map(Duty::to_string).collect(),
        request_digest: verified.request_digest.to_base64url(),
        policy_digest: verified.policy_digest.to_base64url(),
        sealed_for: evidence.sealed_for().as_str(),
        presenter: thumbprint(&verified.presenter).to_string(),
    }))
}

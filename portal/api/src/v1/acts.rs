//! `POST /v1/acts`: what supervisors do to institutions, and institutions to their own keys and
//! roles.
//!
//! The body is one compact JWS a line, one for each signer of the same act. An act sent again gets
//! the answer it got; it is not done twice.

use akashi_desk::act::{self, SIGNERS_MAX};
use akashi_desk::app::SharedApp;
use akashi_desk::statement::Sender;
use akashi_proof::jws::STATEMENT_LEN_MAX;
use akashi_proof::statement::header::{EVIDENCE_KEY, MEDIA_TYPE};
use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::bearer;
use crate::client::Client;
use crate::json::json;
use crate::problem::Problem;
use crate::statement::{Posted, read, secret_header};

/// The answer.
#[derive(Serialize)]
struct CarriedOut {
    index: u64,
    proof: String,
}

/// Carries out one act.
///
/// # Errors
/// A [`Problem`]; recorded where a registered institution signed it.
pub async fn carry_out(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let posted = Posted {
        client,
        uri: &uri,
        headers: &headers,
    };
    let evidence_key = posted.beside(&app, secret_header(&headers, EVIDENCE_KEY))?;
    let address = client.bucket();
    let shows_token_of = |signer: &_| bearer::is_of(&app, &headers, "POST", &uri, signer);
    let sender = Sender {
        address: &address,
        shows_token_of: &shows_token_of,
    };
    sender.may_send(&app)?;
    let body = read(&headers, body, MEDIA_TYPE, SIGNERS_MAX * STATEMENT_LEN_MAX).await?;
    let done = act::carry_out(&app, sender, &body, evidence_key).await?;
    Ok(json(&CarriedOut {
        index: done.index.value(),
        proof: done.proof.to_string(),
    }))
}

//! `POST /v1/acts`: what supervisors do to institutions, and institutions to their own keys and
//! roles.
//!
//! The body is one compact JWS a line, one for each signer of the same act. An act sent again gets
//! the answer it got; it is not done twice.

use akashi_desk::act;
use akashi_desk::app::SharedApp;
use akashi_desk::statement::Sender;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;

use crate::body::ACT_LEN_MAX;
use crate::json::json;
use crate::problem::Problem;
use crate::statement::{Arrived, EvidenceKey};

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
    request: Request,
) -> Result<Response, Problem> {
    let arrived = Arrived::of(request, &app, ACT_LEN_MAX).await?;
    let EvidenceKey(evidence_key) = arrived.beside(&app)?;
    let token_of = arrived.token_of(&app);
    let sender = Sender {
        address: &arrived.address,
        token_of: &token_of,
    };
    let done = act::carry_out(&app, sender, &arrived.body, evidence_key).await?;
    Ok(json(&CarriedOut {
        index: done.index.value(),
        proof: done.proof.to_string(),
    }))
}

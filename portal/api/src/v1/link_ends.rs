//! `POST /v1/link-ends`: an institution ends its own code for a person.

use akashi_desk::app::SharedApp;
use akashi_desk::link;
use akashi_proof::statement::LinkEndClaims;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::json::json;
use crate::problem::Problem;
use crate::statement::Posted;

/// The answer: the code opens nothing any more.
#[derive(Serialize)]
struct Ended {
    index: u64,
    proof: String,
}

/// Ends a link code.
///
/// # Errors
/// A [`Problem`]; `no-match` whether the code is another's, has ended, or never was one.
pub async fn end(
    State(app): State<SharedApp>,
    posted: Posted<LinkEndClaims>,
) -> Result<Response, Problem> {
    let ended = link::end(&app, posted.statement).await?;
    Ok(json(&Ended {
        index: ended.index.value(),
        proof: ended.proof.to_string(),
    }))
}

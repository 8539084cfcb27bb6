//! `POST /v1/accesses`: may I - and prove it. `GET /v1/accesses/{id}`: what became of it.

use akashi_desk::access::decide;
use akashi_desk::app::SharedApp;
use akashi_proof::digest::Digest;
use akashi_proof::statement::{AccessClaims, RequestNonce};
use axum::extract::State;
use axum::response::Response;

use crate::bearer::ReadBy;
use crate::json::json;
use crate::problem::{Kind, Problem};
use crate::request::Piece;
use crate::statement::Posted;

/// Decides one access statement.
///
/// # Errors
/// A [`Problem`] for a bad statement; a decision of any kind is an answer.
pub async fn decide(
    State(app): State<SharedApp>,
    posted: Posted<AccessClaims, RequestNonce>,
) -> Result<Response, Problem> {
    let decided = decide::decide(&app, posted.statement, posted.beside);
    Ok(json(&decided.await?))
}

/// What became of an access: the first answer, and how a question to the person ended.
///
/// # Errors
/// A [`Problem`]; an access of another institution looks like none at all.
pub async fn read(
    State(app): State<SharedApp>,
    ReadBy(institution): ReadBy,
    Piece(id): Piece,
) -> Result<Response, Problem> {
    let not_found = || Problem::from(Kind::NOT_FOUND);
    let id = Digest::from_base64url(&id).ok_or_else(not_found)?;
    let found = decide::read_again(&app, institution, id).await?;
    Ok(json(&found.ok_or_else(not_found)?))
}

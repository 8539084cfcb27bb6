//! `POST /v1/link-codes`: an institution learns its own code for a person who stands at its
//! counter.

use akashi_desk::app::SharedApp;
use akashi_desk::link;
use akashi_proof::statement::LinkClaims;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::json::json;
use crate::problem::Problem;
use crate::statement::{LinkKey, Posted};

/// The answer.
#[derive(Serialize)]
struct Issued<'a> {
    link_code: &'a str,
    index: u64,
    proof: String,
}

/// Issues a link code.
///
/// # Errors
/// A [`Problem`]; `no-match` whether the visible ID or the code is wrong.
pub async fn issue(
    State(app): State<SharedApp>,
    Posted {
        statement,
        beside: LinkKey(link_key),
    }: Posted<LinkClaims, LinkKey>,
) -> Result<Response, Problem> {
    let issued = link::issue(&app, statement, link_key).await?;
    Ok(json(&Issued {
        link_code: issued.code.as_str(),
        index: issued.index.value(),
        proof: issued.proof.to_string(),
    }))
}

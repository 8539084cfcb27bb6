//! `POST /v1/link-ends`: an institution ends its own code for a person.

use akashi_desk::app::SharedApp;
use akashi_desk::link;
use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::client::Client;
use crate::json::json;
use crate::problem::Problem;
use crate::statement::{self, Posted};

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
    let (received, ()) = statement::receive(&app, posted, body, Ok(())).await?;
    let statement = received.verified(&app).await?;
    let ended = link::end(&app, statement).await?;
    Ok(json(&Ended {
        index: ended.index.value(),
        proof: ended.proof.to_string(),
    }))
}

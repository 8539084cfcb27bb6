//! `POST /v1/link-codes`: an institution learns its own code for a person who stands at its
//! counter.

use akashi_desk::app::SharedApp;
use akashi_desk::link;
use akashi_proof::statement::header::LINK_KEY;
use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::client::Client;
use crate::json::json;
use crate::problem::Problem;
use crate::statement::{self, Posted, missing_header, secret_header};

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
    let missing = || missing_header(LINK_KEY, "32 bytes: 43 characters of base64url");
    let given = secret_header(&headers, LINK_KEY).and_then(|key| key.ok_or_else(missing));
    let (received, link_key) = statement::receive(&app, posted, body, given).await?;
    let statement = received.verified(&app).await?;
    let issued = link::issue(&app, statement, link_key).await?;
    Ok(json(&Issued {
        link_code: issued.code.as_str(),
        index: issued.index.value(),
        proof: issued.proof.to_string(),
    }))
}

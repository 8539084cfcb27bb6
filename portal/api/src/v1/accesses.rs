//! `POST /v1/accesses`: may I - and prove it. `GET /v1/accesses/{id}`: what became of it.

use akashi_desk::access::decide;
use akashi_desk::app::SharedApp;
use akashi_proof::digest::Digest;
use akashi_proof::statement::RequestNonce;
use akashi_proof::statement::header::REQUEST_NONCE;
use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::bearer;
use crate::client::Client;
use crate::json::json;
use crate::problem::{Kind, Problem};
use crate::statement::{self, Posted, missing_header, one_header};

/// Decides one access statement.
///
/// # Errors
/// A [`Problem`] for a bad statement; a decision of any kind is an answer.
pub async fn decide(
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
    let (received, nonce) = statement::receive(&app, posted, body, nonce(&headers)).await?;
    let statement = received.verified(&app).await?;
    Ok(json(&decide::decide(&app, statement, nonce).await?))
}

fn nonce(headers: &HeaderMap) -> Result<RequestNonce, Problem> {
    const EXPECTED: &str = "16 bytes: 22 characters of base64url";
    let text = one_header(headers, REQUEST_NONCE)?
        .ok_or_else(|| missing_header(REQUEST_NONCE, EXPECTED))?;
    RequestNonce::from_base64url(text).ok_or_else(|| {
        Problem::from(Kind::BAD_MEMBER).in_field(REQUEST_NONCE, EXPECTED, "another text")
    })
}

/// What became of an access: the first answer, and how a question to the person ended.
///
/// # Errors
/// A [`Problem`]; an access of another institution looks like none at all.
pub async fn read(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let institution = bearer::reader(&app, client, &headers, "GET", &uri)?;
    let not_found = || Problem::from(Kind::NOT_FOUND);
    let id = Digest::from_base64url(&id).ok_or_else(not_found)?;
    let found = decide::read_again(&app, institution, id).await?;
    Ok(json(&found.ok_or_else(not_found)?))
}

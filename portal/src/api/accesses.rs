//! `POST /v1/accesses`: may I - and prove it. `GET /v1/accesses/{id}`: what became of it.

use std::sync::Arc;

use akashi_ledger::command::{AccessReceipt, DecideAccess};
use akashi_proof::decision::Decide;
use akashi_proof::digest::Digest;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::Position;
use akashi_proof::record::kind::Event;
use akashi_proof::statement::{AccessClaims, RequestNonce};
use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::answer::{Answer, answer};
use super::bearer;
use super::resolution::{Reading, resolution};
use super::statement::{self, missing_header, one_header, proof_of, refused};
use crate::app::{App, SharedApp};
use crate::error::{Kind, Problem};
use crate::middleware::client::Client;

/// The header with the nonce inside `request_digest`.
pub const NONCE_HEADER: &str = "akashi-request-nonce";

/// Decides one access statement.
///
/// # Errors
/// A [`Problem`] for a bad statement; a decision of any kind is an answer.
pub async fn decide(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let signed = statement::receive(&app, client, &headers, body).await?;
    let nonce = nonce(&headers)?;
    let claims = signed
        .claims(&app, AccessClaims::read, |claims| &claims.common)
        .await?;
    let command = DecideAccess {
        jws: signed.jws,
        claims,
        nonce,
        verified_with: signed.key,
        decide: Arc::clone(&app.policy) as Arc<dyn Decide>,
    };
    let done = app.ledger.submit(command).await?;
    let made = match done.receipt {
        AccessReceipt::Refused { index, fault } => return Err(refused(&app, fault, index)),
        AccessReceipt::Decided { index } => {
            match done
                .appended
                .iter()
                .find(|appended| appended.stored.index == index)
            {
                Some(appended) => answer(
                    app.ledger.reader(),
                    &appended.stored,
                    Some(&appended.hashed),
                    proof_of(appended)?,
                )?,
                None => first_answer(&app, index)?,
            }
        }
        AccessReceipt::Repeated { index } => first_answer(&app, index)?,
    };
    app.api.metrics.decided(made.decision);
    Ok(json(&made))
}

/// The answer as it was given, made again.
fn first_answer(app: &App, index: LeafIndex) -> Result<Answer, Problem> {
    let reader = app.ledger.reader();
    let stored = reader.record(index)?.ok_or(Kind::INTERNAL)?;
    let proof = reader.first_proof(&stored)?;
    Ok(answer(reader, &stored, None, proof)?)
}

fn nonce(headers: &HeaderMap) -> Result<RequestNonce, Problem> {
    const EXPECTED: &str = "16 bytes: 22 characters of base64url";
    let text =
        one_header(headers, NONCE_HEADER)?.ok_or_else(|| missing_header(NONCE_HEADER, EXPECTED))?;
    RequestNonce::from_base64url(text).ok_or_else(|| {
        Problem::from(Kind::BAD_MEMBER).in_field(NONCE_HEADER, EXPECTED, "another text")
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
    let key = Digest::from_base64url(&id).ok_or_else(not_found)?;
    let reader = app.ledger.reader();
    let index = reader
        .find_statement_key(key.as_bytes())?
        .ok_or_else(not_found)?;
    let stored = reader.record(index)?.ok_or(Kind::INTERNAL)?;
    let own = match (&stored.record.event, &stored.record.position) {
        (Event::AccessPermitted(e) | Event::AccessDenied(e) | Event::AccessAsked(e), _) => {
            e.requester == institution
        }
        (
            Event::StatisticsPermitted(_) | Event::StatisticsDenied(_),
            Position::Institution(place),
        ) => place.institution == institution,
        _ => false,
    };
    if !own {
        return Err(not_found());
    }
    let first = answer(reader, &stored, None, reader.first_proof(&stored)?)?;
    // A name under which another kind of record is found (a closed question, a spent permit) is
    // nobody's access.
    if first.id != id {
        return Err(not_found());
    }
    let resolution = resolution(reader, &stored, app.clock.wall())?;
    Ok(json(&Reading { first, resolution }))
}

/// An answer as JSON.
pub fn json(body: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (
            [(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )],
            bytes,
        )
            .into_response(),
        Err(_) => Problem::from(Kind::INTERNAL).into_response(),
    }
}

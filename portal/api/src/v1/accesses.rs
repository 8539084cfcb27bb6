//! `POST /v1/accesses`: may I - and prove it. `GET /v1/accesses/{id}`: what became of it.

use std::sync::Arc;

use akashi_desk::access::answer::{Answer, answer};
use akashi_desk::access::resolution::{ReadAgain, resolution};
use akashi_desk::app::SharedApp;
use akashi_desk::reading::Work;
use akashi_ledger::command::{AccessReceipt, DecideAccess};
use akashi_ledger::{LedgerError, Reader};
use akashi_proof::decision::Policies;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, LeafIndex, Timestamp};
use akashi_proof::record::Position;
use akashi_proof::record::kind::{About, Outcome};
use akashi_proof::statement::RequestNonce;
use akashi_proof::statement::header::REQUEST_NONCE;
use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::bearer;
use crate::client::Client;
use crate::problem::{Kind, Problem};
use crate::statement::{self, missing_header, no_such_record, one_header, proof_of, refused};

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
    let received = statement::receive(&app, client, &headers, body).await?;
    let nonce = nonce(&headers)?;
    let statement = received.verified(&app).await?;
    let command = DecideAccess {
        statement,
        nonce,
        policies: Arc::clone(&app.shelf) as Arc<dyn Policies>,
    };
    let done = app.submit(command).await?;
    let index = match done.receipt {
        AccessReceipt::Refused { index, fault } => return Err(refused(&app, fault, index)),
        AccessReceipt::Decided { index } | AccessReceipt::Repeated { index } => index,
    };
    let just_now = done.appended.into_iter().find(|a| a.stored.index == index);
    let made = app.read(Work::Institutions, move |reader| match just_now {
        Some(made) => answer(reader, &made.stored, Some(&made.hashed), proof_of(&made)?),
        None => first_answer(reader, index),
    });
    let made = made.await??;
    if let Some(told) = Outcome::parse(made.decision) {
        app.figures.count_decision(told);
    }
    Ok(json(&made))
}

/// The answer as it was given, made again.
fn first_answer(reader: &Reader, index: LeafIndex) -> Result<Answer, LedgerError> {
    let stored = reader.record(index)?;
    let stored = stored.ok_or_else(|| no_such_record(index))?.open()?;
    let proof = reader.first_proof(index, &stored.entry)?;
    answer(reader, &stored, None, proof)
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
    let now = app.clock.wall();
    let found = app.read(Work::Institutions, move |reader| {
        find(reader, &institution, &id, now)
    });
    Ok(json(&found.await??.ok_or_else(not_found)?))
}

/// The institution's own access with this name, and how its question ended. Of one whose record is
/// closed nobody can be told whose it was; who knows the name knows the `jti`.
fn find(
    reader: &Reader,
    institution: &InstitutionId,
    id: &Digest,
    now: Timestamp,
) -> Result<Option<ReadAgain>, LedgerError> {
    let Some(index) = reader.find_statement_id(id)? else {
        return Ok(None);
    };
    let stored = reader.record(index)?;
    let stored = stored.ok_or_else(|| no_such_record(index))?.open()?;
    let own = match stored.record.event.about() {
        About::Decision(e) => e.requester == *institution,
        About::Statistics(_) => {
            matches!(
                &stored.record.position,
                Position::Institution(place) if place.institution == *institution
            )
        }
        About::Access(_)
        | About::Ended(_)
        | About::Consent(_)
        | About::ConsentOf(_)
        | About::Institution(_)
        | About::Message(_)
        | About::Itself => false,
    };
    if !own {
        return Ok(None);
    }
    let proof = reader.first_proof(index, &stored.entry)?;
    let first = answer(reader, &stored, None, proof)?;
    let resolution = resolution(reader, &stored, now)?;
    Ok(Some(ReadAgain { first, resolution }))
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

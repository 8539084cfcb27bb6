//! `GET /v1/proofs/{index}`: the proof of an entry under the published checkpoint. Entries are
//! public, so are proofs.

use akashi_desk::app::SharedApp;
use akashi_desk::reading::Work;
use akashi_proof::ids::LeafIndex;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::log;
use crate::problem::{Kind, Problem};
use crate::request::OnlyPiece;

/// The `.tlog-proof` of one entry.
///
/// # Errors
/// A [`Problem`]: `not-published` until the published tree holds the entry.
pub async fn published(
    State(app): State<SharedApp>,
    OnlyPiece(index): OnlyPiece,
) -> Result<Response, Problem> {
    let index = LeafIndex::parse(&index).map_err(|_| Kind::NOT_FOUND)?;
    let proof = app.read(Work::Log, move |reader| reader.published_proof(index));
    let proof = proof.await??.ok_or(Kind::NOT_PUBLISHED)?;
    let kind = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    Ok(log::shared(
        ([kind], proof.to_string()).into_response(),
        log::SHORT,
    ))
}

//! `/log/*`: the public log, byte for byte as C2SP [tlog-tiles] has it, so that any witness or
//! monitor can read it.
//!
//! One spelling per resource: what is spelt otherwise does not exist, so that a cache never holds
//! anything twice.
//!
//! [tlog-tiles]: https://c2sp.org/tlog-tiles

use akashi_desk::app::SharedApp;
use akashi_desk::reading::Work;
use akashi_proof::ids::Seq;
use akashi_tlog::tile::Tile;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::problem::{Kind, Problem};
use crate::request::OnlyPiece;

/// For what moves: the checkpoint moves about once a second.
pub const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=1");
/// For what never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For partial tiles: right for ever, but replaced by wider ones.
const A_MINUTE: HeaderValue = HeaderValue::from_static("public, max-age=60");

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// What is served here, for people who follow the log's address by hand. Tools know the names.
const INDEX: &str = "\
The public log, as C2SP tlog-tiles has it. Under this address:

checkpoint        the published checkpoint, signed
vkey              the log's public keys, one a line
tile/<L>/<N>      hashes: level and number, `.p/<W>` after a partial one
tile/entries/<N>  entries
registry/<N>      institutions, their keys and the rules: 1, 2, 3 ... in full

akashi-audit fsck <this address> --vkey <the key you have on paper> checks all of it.
";

/// The list of what is here.
pub async fn index() -> Response {
    shared(
        ([(header::CONTENT_TYPE, TEXT)], INDEX).into_response(),
        A_MINUTE,
    )
}

/// The published checkpoint, signed.
pub async fn checkpoint(State(app): State<SharedApp>) -> Response {
    let note = app.published().note.to_string();
    shared(
        ([(header::CONTENT_TYPE, TEXT)], note).into_response(),
        SHORT,
    )
}

/// The keys the published checkpoint is signed with, one vkey line each, oldest first.
pub async fn vkey(State(app): State<SharedApp>) -> Response {
    let lines: String = app.vkeys().iter().map(|key| format!("{key}\n")).collect();
    shared(
        ([(header::CONTENT_TYPE, TEXT)], lines).into_response(),
        A_MINUTE,
    )
}

/// A tile of hashes or a bundle of entries.
///
/// # Errors
/// A [`Problem`]: `not-found` for what is not spelt as a tile or not in the published tree.
pub async fn tile(
    State(app): State<SharedApp>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    // As sent, not decoded: `%2F` is another spelling.
    let path = uri
        .path()
        .strip_prefix("/log/")
        .filter(|_| uri.query().is_none())
        .ok_or(Kind::NOT_FOUND)?;
    let tile = Tile::parse(path).map_err(|_| Kind::NOT_FOUND)?;
    let bytes = app.read(Work::Log, move |reader| reader.tile(tile));
    let bytes = bytes.await??.ok_or(Kind::NOT_FOUND)?;
    let keep = if tile.width().is_full() {
        FOR_EVER
    } else {
        A_MINUTE
    };
    Ok(shared(
        ([(header::CONTENT_TYPE, BYTES)], bytes).into_response(),
        keep,
    ))
}

/// The body of a registry record, published in full.
///
/// # Errors
/// A [`Problem`]: `not-found` where the published tree holds no such record.
pub async fn registry(
    State(app): State<SharedApp>,
    OnlyPiece(seq): OnlyPiece,
) -> Result<Response, Problem> {
    let seq = Seq::parse(&seq).map_err(|_| Kind::NOT_FOUND)?;
    let body = app.read(Work::Log, move |reader| reader.registry_body(seq));
    let body = body.await??.ok_or(Kind::NOT_FOUND)?;
    Ok(shared(
        ([(header::CONTENT_TYPE, BYTES)], body).into_response(),
        FOR_EVER,
    ))
}

/// Public data: any page may read it, any cache may keep it so long.
pub fn shared(mut response: Response, keep: HeaderValue) -> Response {
    const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, keep);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(CORP, HeaderValue::from_static("cross-origin"));
    response
}

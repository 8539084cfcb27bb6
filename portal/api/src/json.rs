//! Answers as JSON.

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::problem::{Kind, Problem};

/// An answer as JSON.
pub fn json(body: &impl serde::Serialize) -> Response {
    to_json(body).map_or_else(IntoResponse::into_response, json_made)
}

/// The text of one.
///
/// # Errors
/// `internal`, where it cannot be written.
pub fn to_json(body: &impl serde::Serialize) -> Result<Bytes, Problem> {
    let text = serde_json::to_vec(body).map_err(|_| Problem::from(Kind::INTERNAL))?;
    Ok(text.into())
}

/// An answer whose text is made already.
pub fn json_made(text: Bytes) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

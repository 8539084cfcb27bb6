//! A body of one media type and a size that is known before.

use akashi_desk::act::SIGNERS_MAX;
use akashi_desk::limits::BODY_LEN_MAX;
use akashi_ledger::limits::ACT_STATEMENTS_LEN_MAX;
use akashi_proof::evidence::EVIDENCE_LEN_MAX;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};

use crate::problem::{Kind, Problem};
use crate::statement::one_header;

/// Longest body of an act: what one may carry, and an end of each line.
pub const ACT_LEN_MAX: usize = ACT_STATEMENTS_LEN_MAX + SIGNERS_MAX;

/// Longest body that is read of a request for this path. What waits before the handlers and the
/// handlers themselves ask here, so that none refuses what the other lets in.
pub fn len_max(path: &str) -> usize {
    match path {
        "/v1/acts" => ACT_LEN_MAX,
        "/v1/evidence/verify" => EVIDENCE_LEN_MAX,
        _ => BODY_LEN_MAX,
    }
}

/// Reads a body of one media type and at most `most` bytes.
///
/// # Errors
/// A [`Problem`] of the media type, a coding, the size, or a connection that broke.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    media_type: &str,
    most: usize,
) -> Result<Bytes, Problem> {
    check_type(headers, media_type)?;
    let too_large = |found: String| {
        Problem::from(Kind::TOO_LARGE).in_field("body", format!("at most {most} bytes"), found)
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(announced) = announced.filter(|announced| *announced > most) {
        return Err(too_large(format!("{announced} bytes")));
    }
    to_bytes(body, most).await.map_err(|error| {
        let limit = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit"));
        if limit {
            too_large("more".to_owned())
        } else {
            Problem::from(Kind::BAD_REQUEST)
        }
    })
}

/// One media type, with whatever parameters, and as it is: what was compressed would be read as
/// something else than it was sent as ([RFC 9110 section 8.4]).
///
/// [RFC 9110 section 8.4]: https://www.rfc-editor.org/rfc/rfc9110#section-8.4
fn check_type(headers: &HeaderMap, media_type: &str) -> Result<(), Problem> {
    let wrong = |field, expected: String, found| {
        Err(Problem::from(Kind::MEDIA_TYPE).in_field(field, expected, found))
    };
    let given = one_header(headers, "content-type")?.unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.is_empty() {
        return wrong("content-type", format!("`{media_type}`"), "none");
    }
    if !essence.eq_ignore_ascii_case(media_type) {
        return wrong("content-type", format!("`{media_type}`"), "another");
    }
    let coding = one_header(headers, "content-encoding")?.unwrap_or("identity");
    if !coding.eq_ignore_ascii_case("identity") {
        return wrong(
            "content-encoding",
            "none, or `identity`".to_owned(),
            "another",
        );
    }
    Ok(())
}

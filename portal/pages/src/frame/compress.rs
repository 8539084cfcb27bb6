//! Compression, of what is the same for everybody.
//!
//! A page that holds something of one person, and something of what was sent to it, gives away the
//! former by its length if it is compressed ([BREACH]). So what is compressed is the style sheet
//! and the pictures, once, and pages made for nobody in particular: without a session, and
//! beginning none. A person's pages are 2 to 33 kB; they are sent as they are.
//!
//! [BREACH]: https://www.breachattack.com/

use std::io::Write as _;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::frame::visit::Visit;

/// Below this, the headers of compression are as long as what it saves.
const LEN_MIN: usize = 1_024;
/// No page of ours for everybody is longer; one that is goes as it is.
const LEN_MAX: u64 = 1_024 * 1_024;

/// Whether whoever asks reads gzip ([RFC 9110 section 12.5.3]).
///
/// [RFC 9110 section 12.5.3]: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
pub(crate) fn reads_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let refused = weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|q| q <= 0.0));
        is_gzip && !refused
    })
}

/// The bytes as gzip; `None` where they cannot be, which memory alone could be the cause of.
pub(crate) fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// Wraps pages: compresses those that are the same for everybody.
pub async fn public_pages(request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Visit>();
    let is_nobodys = visit.is_some_and(|visit| visit.session().is_err());
    let reads = reads_gzip(request.headers());
    let response = next.run(request).await;
    if !is_nobodys || !reads || !may_be_compressed(&response) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // Whole in memory already: its length is known.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(head, Body::empty());
    };
    let Some(small) = gzip(&bytes).filter(|small| small.len() < bytes.len()) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    head.headers.remove(header::CONTENT_LENGTH);
    say_gzip(&mut head.headers);
    Response::from_parts(head, Body::from(small))
}

/// What is said of a body that is compressed for those who read it.
pub(crate) fn say_gzip(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
}

fn may_be_compressed(response: &Response) -> bool {
    let headers = response.headers();
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|of| {
        let of = of.to_str().unwrap_or_default();
        of.starts_with("text/html")
    });
    let len = response.body().size_hint().exact();
    let worth_it = len.is_some_and(|len| (LEN_MIN as u64..=LEN_MAX).contains(&len));
    is_page
        && worth_it
        && !headers.contains_key(header::SET_COOKIE)
        && !headers.contains_key(header::CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_read_it() {
        for (line, reads) in [
            ("", false),
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0, br", false),
            ("x-gzip", false),
            ("*", false),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(line))]);
            assert_eq!(reads_gzip(&headers), reads, "{line}");
        }
    }
}

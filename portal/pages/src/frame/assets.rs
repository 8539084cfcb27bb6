//! The style sheet and the pictures, built into the binary.

use std::sync::LazyLock;

use akashi_proof::digest::Digest;
use akashi_tlog::base64;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::frame::compress::{gzip, reads_gzip, say_gzip};

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    /// The same as gzip, of what that makes shorter.
    gzip: Option<Vec<u8>>,
    /// Strong: the digest of the bytes.
    etag: String,
}

impl Asset {
    /// The tag of the bytes as gzip.
    fn small_tag(&self) -> String {
        format!("{}-gzip\"", self.etag.trim_end_matches('"'))
    }
}

static ASSETS: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    let asset = |name, content_type, bytes: &'static [u8]| {
        let etag = format!(
            "\"{}\"",
            base64::url::encode(&Digest::of(&[bytes]).as_bytes()[..16])
        );
        Asset {
            name,
            content_type,
            bytes,
            gzip: gzip(bytes).filter(|small| small.len() < bytes.len() * 9 / 10),
            etag,
        }
    };
    [
        asset(
            "tokens.css",
            "text/css; charset=utf-8",
            include_bytes!("../../static/tokens.css"),
        ),
        asset("akashi.css", "text/css; charset=utf-8", SHEET.as_bytes()),
        asset(
            "icons.svg",
            "image/svg+xml",
            include_bytes!("../../static/icons.svg"),
        ),
        asset(
            "mark.svg",
            "image/svg+xml",
            include_bytes!("../../static/mark.svg"),
        ),
        // Beside the bookmark on a telephone, which messages tell people to use.
        asset(
            "touch.png",
            "image/png",
            include_bytes!("../../static/touch.png"),
        ),
    ]
});

/// The style sheet, one request for every page: a file for each concern, joined in the order of
/// their names.
const SHEET: &str = concat!(
    include_str!("../../static/sheet/01-base.css"),
    include_str!("../../static/sheet/02-frame.css"),
    include_str!("../../static/sheet/03-text.css"),
    include_str!("../../static/sheet/04-cards.css"),
    include_str!("../../static/sheet/05-records.css"),
    include_str!("../../static/sheet/06-forms.css"),
    include_str!("../../static/sheet/07-banners.css"),
    include_str!("../../static/sheet/08-tables.css"),
    include_str!("../../static/sheet/09-steps.css"),
    include_str!("../../static/sheet/10-papers.css"),
    include_str!("../../static/sheet/11-small-screens.css"),
    include_str!("../../static/sheet/12-print.css"),
    include_str!("../../static/sheet/13-motion-and-forced-colours.css"),
);

/// Names stay the same from release to release, so a browser asks again after an hour; the tag
/// spares it the bytes.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// `/static/{name}`.
pub(crate) async fn asset(Path(name): Path<String>, headers_in: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_known = headers_in
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == asset.etag || tag == asset.small_tag() || tag == "*");
    let tag = HeaderValue::from_str(&asset.etag).unwrap_or(HeaderValue::from_static("\"\""));
    if is_known {
        return (
            StatusCode::NOT_MODIFIED,
            [(header::ETAG, tag), (header::CACHE_CONTROL, CACHE)],
        )
            .into_response();
    }
    let content_type = HeaderValue::from_static(asset.content_type);
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, CACHE),
    ];
    let small = asset.gzip.as_deref().filter(|_| reads_gzip(&headers_in));
    let Some(small) = small else {
        return (headers, [(header::ETAG, tag)], asset.bytes).into_response();
    };
    // Other bytes have another strong tag; either spares them all.
    let tag = HeaderValue::from_str(&asset.small_tag()).unwrap_or(tag);
    let mut response = (headers, [(header::ETAG, tag)], small).into_response();
    say_gzip(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_style_sheet_is_served_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static/sheet");
        let mut parts: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        parts.sort();
        let joined: String = parts
            .iter()
            .map(|part| std::fs::read_to_string(part).unwrap())
            .collect();
        assert_eq!(SHEET, joined);
    }

    #[tokio::test]
    async fn a_known_tag_spares_the_bytes() {
        let first = asset(Path("akashi.css".into()), HeaderMap::new()).await;
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].clone();
        for sent in [
            tag.clone(),
            format!("\"x\", W/{}", tag.to_str().unwrap())
                .parse()
                .unwrap(),
        ] {
            let again = asset(
                Path("akashi.css".into()),
                [(header::IF_NONE_MATCH, sent)].into_iter().collect(),
            )
            .await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        }
        let reads = || HeaderMap::from_iter([(header::ACCEPT_ENCODING, "gzip".parse().unwrap())]);
        let small = asset(Path("akashi.css".into()), reads()).await;
        assert_eq!(small.headers()[header::CONTENT_ENCODING], "gzip");
        assert_ne!(small.headers()[header::ETAG], tag);
        let picture = asset(Path("touch.png".into()), reads()).await;
        assert!(picture.headers().get(header::CONTENT_ENCODING).is_none());
        let small_tag = small.headers()[header::ETAG].clone();
        let sent = [(header::IF_NONE_MATCH, small_tag)].into_iter().collect();
        let again = asset(Path("akashi.css".into()), sent).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = asset(
            Path("tokens.css".into()),
            [(header::IF_NONE_MATCH, tag)].into_iter().collect(),
        )
        .await;
        assert_eq!(other.status(), StatusCode::OK);
        let none = asset(Path("../Cargo.toml".into()), HeaderMap::new()).await;
        assert_eq!(none.status(), StatusCode::NOT_FOUND);
    }
}

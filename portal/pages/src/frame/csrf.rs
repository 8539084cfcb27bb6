//! Whether a form came from a page of ours: by what the browser says of its origin, and by the
//! session's own token.
//!
//! Both must hold. The token alone stops forged forms; the headers also stop those of a site that
//! has learned a token.

use akashi_proof::digest::Secret;
use akashi_tlog::base64;
use axum::http::{HeaderMap, header};

/// Name of the hidden field.
pub const FIELD: &str = "csrf";

/// The token as a form carries it.
pub fn token(secret: &Secret) -> String {
    base64::url::encode(secret.expose())
}

/// Whether the text is the session's token; the time taken does not tell how much of it was right.
pub fn is_token(secret: &Secret, sent: &str) -> bool {
    let Ok(bytes) = base64::url::decode(sent) else {
        return false;
    };
    <[u8; 32]>::try_from(bytes).is_ok_and(|bytes| Secret::from_bytes(bytes) == *secret)
}

/// Whether the browser says, or at least does not deny, that the form is ours. `Sec-Fetch-Site`
/// cannot be forged by a page; older browsers send only `Origin`, which must name this host, or the
/// portal as it is reached through a proxy; a client that sends neither has the token alone.
pub fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            let authority = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
                || origin == public_url
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_the_sessions_own_token_counts() {
        let secret = Secret::from_bytes([7; 32]);
        assert!(is_token(&secret, &token(&secret)));
        for bad in [
            "",
            "BwcH",
            &token(&Secret::from_bytes([8; 32])),
            &format!("{}=", token(&secret)),
        ] {
            assert!(!is_token(&secret, bad), "{bad}");
        }
    }

    #[test]
    fn another_site_is_refused() {
        let host = ("host", "akashi.example:8080");
        for good in [
            &[host][..],
            &[host, ("origin", "https://akashi.example:8080")],
            &[host, ("origin", "http://AKASHI.example:8080")],
            &[host, ("origin", "null"), ("sec-fetch-site", "same-origin")],
            &[
                ("host", "10.0.0.7:8080"),
                ("origin", "https://portal.example"),
            ],
        ] {
            assert!(
                is_same_origin(&headers(good), "https://portal.example"),
                "{good:?}"
            );
        }
        for bad in [
            &[host, ("origin", "https://evil.example")][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "https://akashi.example")],
            &[host, ("origin", "akashi.example:8080")],
            &[("origin", "https://akashi.example:8080")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "none")],
            &[
                host,
                ("origin", "https://akashi.example:8080"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            assert!(
                !is_same_origin(&headers(bad), "https://portal.example"),
                "{bad:?}"
            );
        }
    }
}

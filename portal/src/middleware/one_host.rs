//! A request names the host it is for once: [RFC 9112, section 3.2] wants 400 for an HTTP/1.1
//! request without `Host`, with two, or with one that is none. Two servers in a row that each read
//! another one would disagree about who was asked.
//!
//! It stands at the sockets, before everything else, and answers as the HTTP library does to what
//! is no HTTP: the status, and nothing of ours.
//!
//! [RFC 9112, section 3.2]: https://www.rfc-editor.org/rfc/rfc9112#section-3.2

use axum::Router;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

/// These routes, for requests that name one host.
pub fn only(routes: Router) -> Router {
    routes.layer(from_fn(check))
}

async fn check(request: Request, next: Next) -> Response {
    if names_one_host(request.version(), request.headers()) {
        next.run(request).await
    } else {
        StatusCode::BAD_REQUEST.into_response()
    }
}

/// One readable `Host`; older versions had none, newer ones say it in the URL and may leave it out.
fn names_one_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version != Version::HTTP_11,
        (Some(host), None) => is_host(host),
        (Some(_), Some(_)) => false,
    }
}

/// `uri-host [ ":" port ]`, which may be empty where the URL has no authority.
fn is_host(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else {
        return false;
    };
    let read = text.parse::<Authority>();
    text.is_empty() || read.is_ok_and(|read| !read.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_http_1_1_names_one_host() {
        let of = |version, hosts: &[&str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            names_one_host(version, &headers)
        };
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            let may_have_none = version != Version::HTTP_11;
            assert_eq!(of(version, &[]), may_have_none, "{version:?}");
            for host in ["ledger.example.jp", "ledger.example.jp:8443", "[::1]:1", ""] {
                assert!(of(version, &[host]), "{version:?} {host}");
                assert!(!of(version, &[host, host]), "{version:?} {host} twice");
                assert!(!of(version, &[host, "evil.example", host]));
            }
            for host in ["a b", "a/b", "a, b", "a@b", "a?b", "a#b"] {
                assert!(!of(version, &[host]), "{version:?} {host}");
            }
        }
    }
}

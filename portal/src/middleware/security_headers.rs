//! What a browser may do with an answer. A handler that needs something else sets the header
//! itself; it stays.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Who reads the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// People: pages with our own style sheet, pictures and forms, nothing else.
    Browsers,
    /// Machines: nothing in it is to be shown or run.
    Machines,
}

const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const MACHINE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// Adds the headers that are not there yet.
pub fn add(headers: &mut HeaderMap, reader: For, https: bool) {
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    let policy = if reader == For::Browsers {
        PAGE_POLICY
    } else {
        MACHINE_POLICY
    };
    set(header::CONTENT_SECURITY_POLICY, policy);
    set(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    set(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    set(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    set(COOP, HeaderValue::from_static("same-origin"));
    set(CORP, HeaderValue::from_static("same-origin"));
    if reader == For::Browsers {
        set(
            PERMISSIONS,
            HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=()"),
        );
    }
    if https {
        set(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_handler_set_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public"));
        add(&mut headers, For::Machines, false);
        assert_eq!(headers[header::CACHE_CONTROL], "public");
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], MACHINE_POLICY);
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn pages_load_nothing_from_elsewhere() {
        let mut headers = HeaderMap::new();
        add(&mut headers, For::Browsers, true);
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'")
                && !policy.contains("http")
                && !policy.contains("unsafe")
        );
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}

//! A name for each request, drawn here: one from outside could carry anything into the log.

use std::sync::Arc;

use akashi_ledger::random;
use akashi_tlog::base64;
use axum::http::{HeaderName, HeaderValue};

/// The header an answer carries it in.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The name of one request: 96 random bits, 16 characters.
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Draws a new one.
    pub fn draw() -> Self {
        let mut bytes = [0; 12];
        random::draw(&mut bytes);
        Self(base64::url::encode(&bytes).into())
    }

    /// As written in the log and on error pages.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a header's value.
    pub fn to_header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

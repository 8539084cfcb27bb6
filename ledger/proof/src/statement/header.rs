//! What stands around a statement on its way over HTTP: its media type, and the headers that hand
//! over what must not be published with it. Names are in lower case, as HTTP/2 sends them (RFC 9113
//! section 8.2).

/// The media type of a statement (RFC 7515 section 9.2.1).
pub const MEDIA_TYPE: &str = "application/jose";

/// The nonce inside `request_digest`: 22 characters of base64url.
pub const REQUEST_NONCE: &str = "akashi-request-nonce";

/// The link key L, whose check value the link request signs: 43 characters of base64url.
pub const LINK_KEY: &str = "akashi-link-key";

/// An evidence key, where the act registers one: 43 characters of base64url.
pub const EVIDENCE_KEY: &str = "akashi-evidence-key";

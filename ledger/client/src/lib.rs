//! What an institution, or a supervisor, needs to use a ledger from outside.
//!
//! Nothing here knows how a ledger works inside: it sees what institutions see, `akashi-proof` and
//! `akashi-tlog`.
//!
//! ```text
//! jwk         a private signing key as a file holds it (RFC 8037)
//! signatory   who signs: a name and its key
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::string_slice,
        clippy::unreachable,
        reason = "a test fails by panicking"
    )
)]

mod jwk;
mod signatory;

pub use jwk::{NotAKey, PrivateJwk};
pub use signatory::Signatory;

//! The published formats of transparency logs, byte for byte: Merkle trees ([RFC 6962 section
//! 2.1]), signed notes, checkpoints, tiles, cosignatures and proof bundles (C2SP).
//!
//! This crate knows nothing of Akashi: no record, no person, no institution. It reads no file, no
//! socket and no clock, draws no random number and holds no private key: who signs is handed in
//! ([`signer::Signer`]).
//!
//! | module | specification |
//! |---|---|
//! | [`merkle`] | [RFC 6962 section 2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1) |
//! | [`tile`] | [c2sp.org/tlog-tiles](https://c2sp.org/tlog-tiles) |
//! | [`signed_note`], [`public_key`], [`signer`] | [c2sp.org/signed-note] |
//! | [`checkpoint`] | [c2sp.org/tlog-checkpoint](https://c2sp.org/tlog-checkpoint) |
//! | [`cosignature`] | [c2sp.org/tlog-cosignature](https://c2sp.org/tlog-cosignature) |
//! | [`tlog_proof`] | [c2sp.org/tlog-proof](https://c2sp.org/tlog-proof) |
//! | [`witness_policy`] | [c2sp.org/tlog-policy](https://c2sp.org/tlog-policy) |
//! | [`mod@base64`], [`decimal`] | one spelling of a byte string, one of a number |
//!
//! [c2sp.org/signed-note]: https://c2sp.org/signed-note
//! [RFC 6962 section 2.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1

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

pub mod base64;
pub mod checkpoint;
pub mod cosignature;
pub mod decimal;
pub mod merkle;
pub mod public_key;
pub mod signed_note;
pub mod signer;
pub mod tile;
pub mod tlog_proof;
pub mod witness_policy;

//! Do `akashi-tlog` and `akashi-proof` compute and refuse what the published formats say?
//!
//! - [`published_vectors`]: the vectors of transparency-dev/merkle, in `tests/vectors/published`.
//! - [`attack_vectors`]: our own, one file for each attack, in `tests/vectors`.
//! - [`cross_check`]: every small tree, against [`reference`] (a slow second implementation) and
//!   against `rs_merkle`.
//! - [`record_format`]: the page people write their own tools from says what the code does.
//!
//! Server and auditor share both; these tests are what keeps one mistake from deceiving
//! both.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod attack_vectors;
mod cross_check;
mod published_vectors;
mod record_format;
mod reference;
mod vector_files;

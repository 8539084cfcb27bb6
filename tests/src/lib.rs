//! A whole system for tests: the real binary on a free port of the loopback, and the people and
//! institutions that use it, as drivers over HTTP. Nothing here looks inside the server.

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
#![allow(
    missing_docs,
    reason = "drivers for tests; their names say what they do"
)]

pub mod citizen;
pub mod gateway;
pub mod institution;
pub mod operator;
pub mod phone;
pub mod server;
pub mod visitor;

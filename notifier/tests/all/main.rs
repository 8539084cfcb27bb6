//! The notifier from outside: a ledger, a gateway and a mail server that do what a test tells them.
//! One binary, because each would link the same packages again.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod alerts;
mod bodies;
mod closed;
mod codes;
mod delivery;
mod faults;
mod questions;
mod reports;
mod restart;
mod silence;
mod summaries;
mod support;
mod times;
mod whose;

//! The API, driven through its router on a ledger in a temporary folder: every request a stranger
//! could send.

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

mod alike;
mod answers;
mod bad_input;
mod bounds;
mod closed;
mod counting;
mod debts;
mod figures;
#[path = "../foundation/mod.rs"]
mod foundation;
mod gates;
mod holding;
mod replays;
mod snapshots;
mod surfaces;
mod town;
mod under_way;

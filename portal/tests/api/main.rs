//! The API, driven through its router on a ledger in a temporary folder: every request a stranger
//! could send.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod alike;
mod answers;
mod bad_input;
#[path = "../foundation/mod.rs"]
mod foundation;
mod surfaces;
mod town;

//! The notifier from outside: a ledger, a gateway and a mail server that do what a test tells them.
//! One binary, because each would link the same packages again.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong"
)]

mod alerts;
mod codes;
mod delivery;
mod faults;
mod questions;
mod silence;
mod support;

//! The client against a server that follows a script, and a holder against evidence that is not for
//! it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong"
)]

mod answers;
mod asking;
mod granting;
mod holding;
mod retries;
mod script;

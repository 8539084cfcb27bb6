//! The auditor's tool and its checks on logs and histories, honest and lying, made up here.
//! One binary, because each would link the same packages again.

#![allow(
    clippy::unwrap_used,
    reason = "a test that fails may panic, in its helpers too"
)]

mod changed_file;
mod command;
mod history_command;
mod honest_log;
mod lying_history;
mod lying_log;
mod person;
mod server;
mod snapshots;
mod support;

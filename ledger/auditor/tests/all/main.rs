//! The auditor's tool and its checks on logs and histories, honest and lying, made up here.
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

mod changed_file;
mod command;
mod earlier_head;
mod every_field;
mod history_command;
mod honest_log;
mod hostile_server;
mod log_keys;
mod lying_ground;
mod lying_history;
mod lying_log;
mod person;
mod server;
mod snapshots;
mod standstill;
mod stolen_keys;
mod support;
mod tour;

//! The `akashi` binary: reads settings, builds everything, serves it.
//!
//! ```text
//! main ── cli ── commands/*     what the binary does: serve, init, policy, institution, demo, load
//! config, config/*              settings: file, environment, flags; what is refused as unsafe
//! router, server                every URL; sockets, TLS, how the server ends
//! middleware/*                  what every request passes
//! ```
//! What can be done is in `akashi-desk`, what machines ask in `akashi-api`, what people see in
//! `akashi-pages`, the made-up town in `akashi-demo`.

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

pub mod cli;
pub mod commands;
pub mod config;
pub mod middleware;
pub mod router;
pub mod server;

//! The portal: the API of institutions, the pages of citizens, the `akashi` binary.
//!
//! ```text
//! main ── cli ── commands/*      what the binary does: serve, init, policy check, institution add; demo, load
//! config, config/*               settings: file, environment, flags; what is refused as unsafe
//! app, reading, limits           the parts everything runs on; the door to what is stored, and its bounds
//! memory, rate_limit, throttled  what is remembered between requests; how much one sender may ask
//! router, server                 every URL; sockets, TLS, how the server ends
//! middleware/*                   what every request passes
//! api, api/*                     /log, /v1, health: wire types beside their handlers
//! pages, auth                    what people see
//! error                          faults as RFC 9457 problems: the only place that knows status codes of refusals
//! ```

pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod commands;
pub mod config;
pub mod counter_code;
pub mod demo;
pub mod error;
pub mod figures;
pub mod limits;
pub mod load;
pub mod memory;
pub mod middleware;
pub mod pages;
pub mod rate_limit;
pub mod reading;
pub mod router;
pub mod server;
pub mod throttled;

//! What both small towns of these tests stand on: the one set of actors, statements on their way to
//! the API, and an app put together around an open ledger. `api/town.rs` is the town machines meet,
//! `pages/town.rs` the one people meet; each says only what is its own.

mod founding;
mod statements;

pub use founding::{AppParts, cast_at_begin, config};
pub use statements::{certified, jose, look_at_one, nonce, role_assigned, text};

pub const ORIGIN: &str = "town.example/log";
/// When all this begins: 2026-06-01T00:00:00Z.
pub const BEGIN: u64 = 1_780_272_000;

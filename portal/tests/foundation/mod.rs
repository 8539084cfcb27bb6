//! What both small towns of these tests stand on: a clock that is moved by hand, keys made from
//! names, statements signed with them, and an app put together around an open ledger. `api/town.rs`
//! is the town machines meet, `pages/town.rs` the one people meet; each says only what is its own.

mod claims;
mod clock;
mod founding;
pub mod signing;

pub use claims::{certified, link_claims, look_at_one, role_assigned};
pub use clock::HandClock;
pub use founding::{AppParts, config, opening};
pub use signing::{Pen, SUPERVISORS, jose, nonce, public};

pub const ORIGIN: &str = "town.example/log";
/// When all this begins: 2026-06-01T00:00:00Z.
pub const BEGIN: u64 = 1_780_272_000;

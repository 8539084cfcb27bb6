//! Actors of the tests: who signs, asks and decides in them, made from fixed seeds, so that a test
//! that fails once fails again, and who sits at a console. Only tests import this package; keys
//! made here protect nothing.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    reason = "a test fails by panicking"
)]

mod console;
mod ledger;
pub mod log;
pub mod permit;
mod signatory;
mod signer;

pub use akashi_client::Signatory;
pub use console::{Console, without_digests};
pub use ledger::ledger_with;
pub use signatory::{named, seeded, sign};
pub use signer::SeededSigner;

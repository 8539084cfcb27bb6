//! Actors of the tests: who signs, asks and decides in them, made from fixed seeds, so that a test
//! that fails once fails again. Only tests import this package; keys made here protect nothing.

mod ledger;
mod signatory;
mod signer;

pub use akashi_client::Signatory;
pub use ledger::ledger_with;
pub use signatory::{named, seeded, sign};
pub use signer::SeededSigner;

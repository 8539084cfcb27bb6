//! Actors of the tests, one set for all: who signs, asks, enrols and decides in them, by a clock
//! that is set, and who sits at a console. Made from names and fixed seeds, so that a test that
//! fails once fails again. Only tests import this package; keys made here protect nothing.
//!
//! ```text
//! clock       time passes when a test says so
//! signatory   who signs, by name or seed             signer     a log or a witness that signs
//! actor       an institution with its software       cast       all that act on one ledger
//! claims      what statements say                    person     whom they are about
//! bodies      what is certified of those who sign
//! ledger      one in memory                          commands   the way into it
//! log         one made from the formats alone        permit     a permit in it, and its evidence
//! browser     a person at hers, and her phone        console    commands, and what they print
//! waiting     for what must come                     tour       a page's commands, replayed
//! ```

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking; what it expects to be refused comes back"
)]

mod actor;
mod bodies;
mod browser;
mod cast;
pub mod claims;
mod clock;
pub mod commands;
mod console;
mod ledger;
pub mod log;
pub mod permit;
mod person;
mod signatory;
mod signer;
mod tour;
mod waiting;

pub use actor::Actor;
pub use akashi_client::{Access, Query, Signatory};
pub use bodies::{particulars, supervisor};
pub use browser::{Browser, Page, Papers, Portal, reference_and_code, six_digits};
pub use cast::{Cast, SUPERVISORS};
pub use clock::SetClock;
pub use console::{Console, without_digests};
pub use ledger::{Remains, ledger_with};
pub use person::{Person, random};
pub use signatory::{named, seeded, sign};
pub use signer::SeededSigner;
pub use tour::Step;
pub use waiting::{COMES_WITHIN, free_port, until, until_so, wait_until};

//! Every parser of bytes from outside, as a fuzz target.
//!
//! A target takes any bytes. It must not panic, and what a parser takes must have one spelling:
//! written again it is the same bytes. Two ways to run them:
//!
//! - `cargo nextest run -p akashi-fuzz`: the corpus, and a fixed number of mutants of it, the same
//!   ones in every run (`tests/short.rs`); needs nothing but the stable compiler.
//! - `tests/fuzz/guided SECONDS`: each target for so long, guided by coverage (`guided.rs`); part
//!   of `./tests/run --deep`. What it finds goes into `corpus/<target>/` and stays there.
//!
//! The seeds of our own formats are made by `cargo run -p akashi-fuzz --bin seeds` ([`made`]).

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

pub mod corpus;
pub mod made;
pub mod mutate;
pub mod targets;

/// A parser under test.
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Gives it the bytes.
    ///
    /// # Panics
    /// Where the parser does, or takes two spellings of one thing.
    pub run: fn(&[u8]) -> Outcome,
}

/// What a parser said to the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They are what it parses.
    Taken,
    /// They are not.
    Refused,
}

impl<T, E> From<Result<T, E>> for Outcome {
    fn from(parsed: Result<T, E>) -> Self {
        if parsed.is_ok() {
            Self::Taken
        } else {
            Self::Refused
        }
    }
}

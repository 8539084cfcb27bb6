//! Is this log honest, is this history complete, does this file prove what it says? Checks over a
//! [`source::Source`] that is handed in: no socket, no command line, no policy.
//!
//! ```text
//! earlier   what a log has signed before, out of the files people keep
//! fsck      re-derives a whole log: entries, tiles, root, uniqueness, registry
//! history   whether a person's history is complete, with her key
//! verify    checks one `.akashi-evidence` or `.tlog-proof` file, offline
//! finding   one thing that is wrong, and how many are kept
//! limits    how much a check may cost
//! keys      which keys the log may sign with, and who said so
//! source    where a log's public files come from
//! verdict   what is to be thought of what was found
//! ```
//! Whoever checks links this package: the outsider's tool, a holder's gate, a page in a browser.
//! Not here, and never linked: the ledger's own code, its store, and anything that signs. What a
//! check means and how to write one's own is told in `docs/AUDITING.md`.

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

pub mod earlier;
pub mod fields;
pub mod finding;
pub mod fsck;
pub mod history;
pub mod keys;
pub mod limits;
pub mod source;
pub mod time;
pub mod verdict;
pub mod verify;

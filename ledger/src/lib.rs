//! The ledger: one writer, one store, any number of readers.
//!
//! ```text
//! command/*           every way the ledger can change     ledger  create, open, submit
//!    |                                                    reader  records, proofs, public tiles
//! lanes               waiting, bounded, three lanes       view/*  folds of all streams, snapshots
//!    |                                                    index/* what is found by a key
//! keys/key_maker      keys a command needs, before        tree/*  right edge, tiles
//! writer/sequencer    the numbered story of one commit    keys/*  every key, what is made of one
//!    |   transaction  what a command sees and does        random  keys, identifiers, nonces
//!    |   commit, head from memory to a signed head
//!    |   recover      opening: read, compare, refuse
//! store/*             ordered tables, atomic batches
//! guard               last size and root, apart           parts   what a ledger runs on
//! ```
//! What may be recorded is decided by a policy that is handed in
//! ([`akashi_proof::decision::Decide`]); this crate knows no pack, no page and no mail.

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

pub mod bodies;
pub mod clock;
pub mod command;
pub mod error;
pub mod files;
pub mod guard;
pub mod index;
mod keys;
mod lanes;
pub mod ledger;
pub mod limits;
mod parts;
pub mod random;
pub mod reader;
pub mod store;
mod stored;
mod tree;
mod view;
mod writer;

pub use error::{LedgerError, Refusal};
pub use keys::new_keys::NewKeys;
pub use keys::row_seal::{RowSeal, RowsOf};
pub use keys::{key_file, keyring, link_code, log_signers, memory_key_file, signer};
pub use ledger::{Folders, Ledger, Opening, WaitingFor};
pub use reader::{MacUse, Reader};
pub use stored::{ClosedRecord, OpenRecord, StoredRecord};
pub use writer::head::SignedHead;
pub use writer::sequencer::{self, Appended, Command, Done};
pub use writer::transaction::Transaction;

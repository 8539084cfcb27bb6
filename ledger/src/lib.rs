//! The ledger: one writer, one store, any number of readers.
//!
//! ```text
//! command/*      every way the ledger can change        ledger       create, open, submit
//!    |                                                  reader       records, proofs, public tiles
//! lanes          waiting, bounded, two lanes            view         folds of all streams, as snapshots
//!    |
//! sequencer      the numbered story of one commit  -->  seal         rows of the log
//!    |  transaction  what a command sees and does       tree         right edge, tiles
//!    |                                                  runs         derived indexes as sorted runs
//! store          ordered tables, atomic batches         state_rows   folds kept beside the log
//! guard          last size and root, apart              keyring      every key, apart
//! recover        opening: read, compare, refuse         signer       the log's own key
//! ```
//! What may be recorded is decided by a policy that is handed in
//! ([`akashi_proof::decision::Decide`]); this crate knows no pack, no page and no mail.

pub mod clock;
pub mod command;
mod consent_rows;
pub mod error;
pub mod files;
pub mod guard;
pub mod index;
pub mod keyring;
mod lanes;
pub mod ledger;
pub mod limits;
pub mod link_code;
pub mod reader;
mod recover;
mod runs;
pub mod seal;
pub mod sequencer;
pub mod signer;
mod state_rows;
pub mod store;
mod transaction;
mod tree;
mod view;

pub use error::{LedgerError, Refusal};
pub use ledger::{Folders, Ledger, Opening};
pub use reader::Reader;
pub use seal::StoredRecord;
pub use sequencer::{Appended, Command, Done};
pub use transaction::Transaction;

//! Bytes, hashes, proofs and their verification: what an outsider's tool and the ledger itself both
//! trust.
//!
//! Nothing in this crate reads a file, a socket or a clock, draws a random number, or holds a
//! private key: time, randomness and signing are handed in ([`clock::Clock`], [`signer::Signer`],
//! [`decision::Decide`]).
//!
//! ```text
//! published formats (C2SP, RFC 6962)          ours, inside the entry bytes and at other URLs
//!   merkle        hashes, proofs                entry       the 97 bytes of the public log
//!   tile          coordinates, bundles          record      what an entry commits to; kinds, values, commitment
//!   signed_note   notes, vkeys                  stream gate tags that link one stream, gates that open data
//!   checkpoint    signed tree heads             jws statement  what institutions sign
//!   cosignature   witnesses' signatures         evidence    a permit that stands offline
//!   tlog_proof    proof bundles                 history     a person's records and key, to check that none is missing
//!   witness_policy quorums                      state       folds of records
//!                                               decision    the question and the answer of a policy
//! ```
//! The bytes are written down in `docs/RECORD_FORMAT.md` and in the C2SP documents each module
//! names.

pub mod base64;
pub mod checkpoint;
pub mod clock;
pub mod cosignature;
pub mod decimal;
pub mod decision;
pub mod digest;
pub mod entry;
pub mod evidence;
pub mod fault;
pub mod gate;
pub mod history;
pub mod history_key;
pub mod ids;
pub mod jws;
pub mod key;
pub mod merkle;
pub mod public_key;
pub mod record;
pub mod signed_note;
pub mod signer;
pub mod state;
pub mod statement;
pub mod stream;
pub mod strict_json;
pub mod tile;
pub mod tlog_proof;
pub mod witness_policy;

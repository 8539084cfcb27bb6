//! Akashi's own formats, inside the entries of the log and at other URLs: what an outsider's tool
//! and the ledger itself both trust. The published formats they stand on are `akashi-tlog`'s.
//!
//! Nothing in this crate reads a file, a socket or a clock, draws a random number, or holds a
//! private key: time, randomness and signing are handed in ([`clock::Clock`],
//! [`akashi_tlog::signer::Signer`], [`decision::Decide`]).
//!
//! ```text
//! entry       the 97 bytes of the public log
//! record      what an entry commits to; kinds, values, commitment
//! stream gate tags that link one stream, gates that open data
//! consent     what a person agrees to, and whether it covers an access
//! jws statement  what institutions sign
//! particulars what supervisors certify of an institution: names, telephone, hours, address
//! evidence    a permit that stands offline
//! history     a person's records and key, to check that none is missing
//! state       folds of records
//! decision    the question and the answer of a policy
//! reason duty why it was decided so, and what a permit obliges to
//! ```
//! The bytes are written down in `docs/RECORD_FORMAT.md`.

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

pub mod clock;
pub mod consent;
pub mod decision;
pub mod digest;
pub mod duty;
pub mod entry;
pub mod evidence;
pub mod fault;
pub mod framing;
pub mod gate;
pub mod history;
pub mod history_key;
pub mod ids;
pub mod jws;
pub mod key;
pub mod limits;
pub mod log_key;
pub mod particulars;
pub mod reason;
pub mod record;
pub mod state;
pub mod statement;
pub mod stream;
pub mod strict_json;
pub mod text;

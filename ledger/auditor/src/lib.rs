//! The outsider's tool: is this ledger honest? It trusts nothing but the keys it is told and the
//! published formats.
//!
//! ```text
//! source    where a log's public files are read from: a folder, or a URL
//! keys      which keys the log may sign with, and who said so
//! fsck      re-derives a whole log: entries, tiles, root, uniqueness, registry
//! history   whether a person's history is complete, with her key
//! verify    checks one `.akashi-evidence` or `.tlog-proof` file, offline
//! report    verdicts, findings with their places, as text and as JSON
//! ```
//! Not here, and never linked: the ledger's own code (`akashi-ledger`), its store, and anything
//! that signs. What a check means and how to write one's own is told in `docs/AUDITING.md`.

pub mod fsck;
pub mod history;
pub mod keys;
pub mod report;
pub mod source;
pub mod verify;

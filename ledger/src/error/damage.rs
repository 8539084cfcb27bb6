//! What is wrong with a record that is stored.

use akashi_proof::entry::EntryError;
use akashi_proof::evidence::EvidenceError;
use akashi_proof::fault::Fault;
use akashi_proof::record::body::BodyError;
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::signed_note::NoteError;
use akashi_tlog::tile::entry_bundle::EntryBundleError;
use akashi_tlog::tlog_proof::TlogProofError;

/// What is wrong with a record: it is not there, does not open, or is not the one it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The log has an entry at this index, and no row.
    #[error("there is no such record")]
    NoRow,
    /// The row ends within its entry or its place.
    #[error("the row is too short")]
    Short,
    /// The public entry is not one.
    #[error("the entry: {0}")]
    Entry(#[from] EntryError),
    /// The place does not open under the owner key.
    #[error("the place does not open")]
    PlaceSealed,
    /// What the place's seal holds is no place.
    #[error("the place is misspelt")]
    PlaceMisspelt,
    /// The body does not open under the key of its owner and year.
    #[error("the body does not open")]
    BodySealed,
    /// What the body's seal holds is no record.
    #[error("the body: {0}")]
    Body(#[from] BodyError),
    /// A record that says it is closed still has a body.
    #[error("there is a body that should not be there")]
    BodyLeft,
    /// Place and body are of two records.
    #[error("the body is not the one of this place")]
    OtherPlace,
    /// Body and entry are of two records.
    #[error("the record is not the one its entry commits to")]
    OtherRecord,
    /// Entry and tree are of two logs.
    #[error("its entry is not the one in the tree")]
    OtherEntry,
    /// The tree read from tiles and records is not the one of the last commit.
    #[error("tiles and records do not lead to the stored root")]
    OtherRoot,
    /// The disk gave back something else than was written to it.
    #[error("not what was written")]
    NotAsWritten,
    /// The tree that a proof was asked of ends before it.
    #[error("a tree of size {0} does not hold it")]
    OutsideTree(TreeSize),
    /// The checkpoint signed for its commit cannot be read again.
    #[error("the checkpoint of its commit: {0}")]
    Checkpoint(#[from] NoteError),
    /// The row of its commit ends within its root, or its checkpoint is no text.
    #[error("the row of its commit is damaged")]
    Commit,
    /// Entry, path and checkpoint make no proof.
    #[error("its proof: {0}")]
    Proof(#[from] TlogProofError),
    /// Its entry and those beside it make no bundle.
    #[error("its entry bundle: {0}")]
    Bundle(#[from] EntryBundleError),
    /// It makes no evidence.
    #[error("its evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// The statement it was made from, read and verified once, cannot be read again.
    #[error("its statement cannot be read again: {0}")]
    Statement(#[from] Fault),
    /// The nonce sent beside its statement is none.
    #[error("its nonce is not 16 bytes")]
    Nonce,
    /// It is of another kind than whatever leads to it says.
    #[error("it is not {expected}")]
    OtherKind {
        /// What it must be, with its article.
        expected: &'static str,
    },
}

//! The keys a log signs its checkpoints with, as its own registry names them: from A to A and B,
//! and from both to B (docs/RECORD_FORMAT.md 4, docs/decisions/0019).
//!
//! Nobody can say beforehand how large the log will be when an act on its keys is recorded, so no
//! act says it: a key signs from the tree that holds the record which adds it, to the tree before
//! the record which ends it. What is said instead, and signed by the supervisors with the end, is
//! one checkpoint that both keys have signed. By it whoever knows only the ended key knows that
//! this very key vouched for everything that leads to the next one.

use akashi_tlog::checkpoint::{
    Checkpoint, CheckpointError, LogKey, LogKeys, Sizes, VerifiedCheckpoint, VerifyError,
};
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::signed_note::{Note, NoteError, SignatureType, VerifyingKey};

use crate::ids::{LeafIndex, Seq};
use crate::limits::HANDOVER_LEN_MAX;

/// The key of a log in its vkey line; `None` if it is no line of an Ed25519 key (type 1).
pub(crate) fn log_key(vkey: &str) -> Option<VerifyingKey> {
    let key = VerifyingKey::parse(vkey).ok()?;
    (key.signature_type() == SignatureType::Ed25519).then_some(key)
}

/// A checkpoint that hands a log over: signed by the key that ends and by one that stays. What is
/// parsed is not verified yet ([`Self::signed_by`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    note: Note,
    head: TreeHead,
}

/// Why bytes are not a checkpoint by which a log is handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    /// Longer than one.
    #[error("it has more than {HANDOVER_LEN_MAX} bytes")]
    TooLong,
    /// Not a signed note.
    #[error("{0}")]
    Note(#[from] NoteError),
    /// A note about something else.
    #[error("{0}")]
    Checkpoint(#[from] CheckpointError),
}

impl Handover {
    /// Reads a signed checkpoint as it was published.
    ///
    /// # Errors
    /// [`HandoverError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, HandoverError> {
        if bytes.len() > HANDOVER_LEN_MAX {
            return Err(HandoverError::TooLong);
        }
        let note = Note::parse(bytes)?;
        let head = Checkpoint::parse(note.text())?.tree_head();
        Ok(Self { note, head })
    }

    /// Size and root it says. Not to be believed before [`Self::signed_by`].
    #[must_use]
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// Whether one of these keys has signed it, which signs trees of this size.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn signed_by(&self, keys: &LogKeys) -> Result<VerifiedCheckpoint, VerifyError> {
        VerifiedCheckpoint::from_note(self.note.clone(), keys, &[])
    }
}

/// A key of the log in its registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredLogKey {
    key: LogKey,
    end: Option<LogKeyEnd>,
}

/// How a key of the log ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeyEnd {
    /// Number of the record in the registry.
    pub seq: Seq,
    /// What both keys have signed; `None` where the record is known to end the key and nothing else
    /// of it could be checked.
    pub handover: Option<Handover>,
}

impl RegisteredLogKey {
    /// A key that the record at `added` adds.
    pub(crate) const fn added(key: VerifyingKey, added: LeafIndex) -> Self {
        // The tree that holds the record is the first.
        let sizes = Sizes::from(TreeSize::up_to(added));
        Self {
            key: LogKey::new(key, sizes),
            end: None,
        }
    }

    /// Ends it with the record `seq` at `ended`.
    pub(crate) fn end(&mut self, seq: Seq, ended: LeafIndex, handover: Option<Handover>) {
        // The tree that ends before the record is the last.
        let sizes = self.key.sizes().until(TreeSize::up_to(ended).minus(1));
        self.key = LogKey::new(self.key.key().clone(), sizes);
        self.end = Some(LogKeyEnd { seq, handover });
    }

    /// The key, with the sizes of the trees it signs.
    #[must_use]
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// How it ended; `None` while it lives.
    #[must_use]
    pub const fn ended(&self) -> Option<&LogKeyEnd> {
        self.end.as_ref()
    }
}

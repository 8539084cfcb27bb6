//! The head of a commit and the checkpoint the log signs over it.

use std::sync::Arc;

use akashi_tlog::checkpoint::{Checkpoint, Origin, sign_checkpoint};
use akashi_tlog::signed_note::Note;
use akashi_tlog::signer::Signer;

use crate::error::LedgerError;
use crate::guard::Head;

/// A signed tree head.
#[derive(Clone, Debug)]
pub struct SignedHead {
    /// Size and root.
    pub head: Head,
    /// The checkpoint with the log's signature.
    pub note: Arc<Note>,
}

/// Signs the checkpoint of a head.
pub(crate) fn sign(origin: &Origin, head: Head, signer: &dyn Signer) -> Result<Note, LedgerError> {
    let checkpoint = Checkpoint::new(origin.clone(), head.size, head.root)?;
    Ok(sign_checkpoint(&checkpoint, &[signer])?)
}

/// A row of [`crate::store::Table::Commits`]: root, then the signed checkpoint once it is known.
pub(crate) fn commit_row(head: &Head, note: Option<&Note>) -> Vec<u8> {
    let mut row = head.root.as_bytes().to_vec();
    if let Some(note) = note {
        row.extend_from_slice(note.to_string().as_bytes());
    }
    row
}

//! The head of a commit and the checkpoint the log signs over it.

use std::sync::Arc;

use akashi_proof::state::Registry;
use akashi_tlog::checkpoint::{Checkpoint, Origin, sign_checkpoint};
use akashi_tlog::signed_note::Note;
use akashi_tlog::signer::Signer;

use crate::error::LedgerError;
use crate::guard::Head;
use crate::keys::log_signers::LogSigners;

/// A signed tree head.
#[derive(Clone, Debug)]
pub struct SignedHead {
    /// Size and root.
    pub head: Head,
    /// The checkpoint with a signature of each of the log's keys that sign trees of its size.
    pub note: Arc<Note>,
}

/// Signs the checkpoint of a head with every key that signs trees of its size. The registry is that
/// of the head's tree, or of a larger one.
pub(crate) fn sign(
    origin: &Origin,
    head: Head,
    registry: &Registry,
    signers: &mut LogSigners,
) -> Result<Note, LedgerError> {
    let checkpoint = Checkpoint::new(origin.clone(), head.size, head.root)?;
    let signing = signers.signing(registry, head.size)?;
    let signing: Vec<&dyn Signer> = signing.iter().map(AsRef::as_ref).collect();
    Ok(sign_checkpoint(&checkpoint, &signing)?)
}

/// A row of [`crate::store::Table::Commits`]: root, then the signed checkpoint once it is known.
pub(crate) fn commit_row(head: &Head, note: Option<&Note>) -> Vec<u8> {
    let mut row = head.root.as_bytes().to_vec();
    if let Some(note) = note {
        row.extend_from_slice(note.to_string().as_bytes());
    }
    row
}

//! A published checkpoint in a file: the same file for every supervisor, who has held it against
//! the log first (`akashi-audit fsck --earlier`).

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use akashi_proof::limits::HANDOVER_LEN_MAX;
use akashi_proof::log_key::{Handover, HandoverError};
use akashi_tlog::merkle::consistency::TreeHead;

/// Why there is none in the file.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointFileError {
    /// The file cannot be read.
    #[error("--checkpoint: `{path}`: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is in it.
    #[error("--checkpoint: {0}")]
    Checkpoint(#[from] HandoverError),
}

/// The checkpoint as it was published, and the head it says, which is printed for whoever signs.
///
/// # Errors
/// [`CheckpointFileError`].
pub fn read(path: &Path) -> Result<(String, TreeHead), CheckpointFileError> {
    let mut text = String::new();
    // Of a longer file no more than shows that it is.
    let file = File::open(path).map(|file| file.take(HANDOVER_LEN_MAX as u64 + 1));
    let read = file.and_then(|mut file| file.read_to_string(&mut text));
    read.map_err(|error| CheckpointFileError::File {
        path: path.to_owned(),
        error,
    })?;
    let head = Handover::parse(text.as_bytes())?.head();
    println!("checkpoint  {} entries, root {}", head.size, head.root);
    Ok((text, head))
}

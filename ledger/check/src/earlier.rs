//! What a log has signed before, as people keep it: a checkpoint, a proof, evidence, a history.
//!
//! Whatever the file proves besides, it carries a head with the log's signature. A log that does
//! not begin with that tree today has been rewritten, forked or cut, and the two heads show it to
//! everybody. Here the heads are taken out of the file; [`crate::fsck`] holds them against the log.
//! A file nobody signed accuses nobody.

use std::io::{self, BufRead, Read};

use akashi_proof::evidence::{Evidence, EvidenceError, HEADER as EVIDENCE_HEADER};
use akashi_proof::history::{HEADER as HISTORY_HEADER, HistoryError, HistoryReader};
use akashi_proof::record::disclosure_text::LINE_LEN_MAX;
use akashi_tlog::checkpoint::{
    Checkpoint, CheckpointError, LogKeys, VerifiedCheckpoint, VerifyError,
};
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::signed_note::{Note, NoteError};
use akashi_tlog::tlog_proof::{HEADER as PROOF_HEADER, TlogProof, TlogProofError};
use thiserror::Error;

use crate::finding::{Severe, printable};
use crate::limits::EARLIER_LEN_MAX;
use crate::verdict::Severity;

/// The heads in one file; no signature has been verified.
#[derive(Debug)]
pub struct Earlier {
    name: String,
    notes: Vec<Note>,
}

/// Why a file holds no head.
#[derive(Debug, Error)]
pub enum EarlierError {
    /// The file system failed.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Longer than any of these files.
    #[error("has more than {EARLIER_LEN_MAX} bytes")]
    TooLong,
    /// Not a proof.
    #[error("proof: {0}")]
    Proof(#[from] TlogProofError),
    /// Not evidence.
    #[error("evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// Not a history.
    #[error("history: {0}")]
    History(#[from] HistoryError),
    /// Not a signed note.
    #[error("neither proof, evidence, history nor checkpoint: {0}")]
    Note(#[from] NoteError),
    /// A signed note about something else.
    #[error("a signed note, but no checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// What is wrong between a head in a file and the log of today.
#[derive(Debug, Error)]
pub enum Mismatch {
    /// Another log's file: it says nothing about this one.
    #[error("is of log `{file}`, the log that was read is `{log}`")]
    OtherLog {
        /// In the file.
        file: String,
        /// In the checkpoint that was read.
        log: String,
    },
    /// The log's keys did not sign it, so it accuses nobody.
    #[error("carries no checkpoint that a key of this log has signed: {0}")]
    NotSigned(VerifyError),
    /// The log was longer.
    #[error(
        "THE LOG WAS CUT: it has signed {} entries with root {}; what it shows now is {} entries with root {}",
        then.size, then.root, now.size, now.root
    )]
    Shorter {
        /// Signed, in the file.
        then: TreeHead,
        /// Signed, today.
        now: TreeHead,
    },
    /// The log has signed two trees, and one is not a beginning of the other.
    #[error(
        "TWO HISTORIES: the log has signed {} entries with root {}; of the {} entries with root {} that it signs now, the first {} have root {found}",
        then.size, then.root, now.size, now.root, then.size
    )]
    Fork {
        /// Signed, in the file.
        then: TreeHead,
        /// Signed, today.
        now: TreeHead,
        /// Of the same first entries today.
        found: Hash,
    },
}

impl Severe for Mismatch {
    fn severity(&self) -> Severity {
        match self {
            Self::OtherLog { .. } | Self::NotSigned(_) => Severity::CouldNotCheck,
            Self::Shorter { .. } | Self::Fork { .. } => Severity::DishonestOrBroken,
        }
    }
}

impl Earlier {
    /// Takes the heads out of a file, whose kind is told from its first line. A history is read by
    /// lines, however long it is.
    ///
    /// # Errors
    /// [`EarlierError`] where there is none.
    pub fn read(name: &str, file: &mut dyn BufRead) -> Result<Self, EarlierError> {
        let name = printable(name);
        let mut first = Vec::new();
        let bound = LINE_LEN_MAX.max(EVIDENCE_HEADER.len()) as u64;
        Read::take(&mut *file, bound).read_until(b'\n', &mut first)?;
        let header = first.strip_suffix(b"\n").unwrap_or(&first);
        if header == HISTORY_HEADER.as_bytes() {
            let notes = vec![note_of_history(&first, file)?];
            return Ok(Self { name, notes });
        }
        let kind = header.to_vec();
        let mut bytes = first;
        Read::take(file, EARLIER_LEN_MAX as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > EARLIER_LEN_MAX {
            return Err(EarlierError::TooLong);
        }
        let notes = if kind == PROOF_HEADER.as_bytes() {
            vec![TlogProof::parse(&bytes)?.checkpoint().clone()]
        } else if kind == EVIDENCE_HEADER.as_bytes() {
            notes_of_evidence(&Evidence::parse(&bytes)?)
        } else {
            vec![Note::parse(&bytes)?]
        };
        for note in &notes {
            Checkpoint::parse(note.text())?;
        }
        Ok(Self { name, notes })
    }

    /// What the file is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Each head in it, if the log with these keys has signed it.
    pub(crate) fn heads(&self, keys: &LogKeys) -> impl Iterator<Item = Result<TreeHead, Mismatch>> {
        self.notes.iter().map(|note| head(note, keys))
    }
}

fn head(note: &Note, keys: &LogKeys) -> Result<TreeHead, Mismatch> {
    let origin = Checkpoint::parse(note.text()).map(|said| said.origin().clone());
    if let Ok(origin) = origin
        && origin != *keys.origin()
    {
        return Err(Mismatch::OtherLog {
            file: origin.to_string(),
            log: keys.origin().to_string(),
        });
    }
    let verified = VerifiedCheckpoint::from_note(note.clone(), keys, &[]);
    let verified = verified.map_err(Mismatch::NotSigned)?;
    Ok(verified.checkpoint().tree_head())
}

/// The permit's, and those of what stands beside it.
fn notes_of_evidence(evidence: &Evidence) -> Vec<Note> {
    let heads = evidence.proofs().map(TlogProof::checkpoint);
    heads.cloned().collect()
}

fn note_of_history(first: &[u8], file: &mut dyn BufRead) -> Result<Note, EarlierError> {
    let (mut reader, mut line) = (HistoryReader::new(), first.to_vec());
    while !line.is_empty() {
        reader.line(&line)?;
        line.clear();
        Read::take(&mut *file, LINE_LEN_MAX as u64).read_until(b'\n', &mut line)?;
    }
    Ok(reader.finish()?.1)
}

#[cfg(test)]
mod tests {
    use super::{Earlier, EarlierError};

    #[test]
    fn what_holds_no_head_is_named() {
        let read = |bytes: &[u8]| Earlier::read("a\u{1b}file", &mut &bytes[..]).map(|_| ());
        for (bytes, expected) in [
            (&b""[..], "neither proof, evidence, history nor checkpoint"),
            (
                b"<!doctype html>\n<html></html>\n",
                "neither proof, evidence",
            ),
            (b"c2sp.org/tlog-proof@v1\n", "proof: "),
            (b"akashi-evidence/v1\n", "evidence: "),
            (b"akashi-history/v1\n", "history: "),
        ] {
            let error = read(bytes).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        let long = vec![b'a'; super::EARLIER_LEN_MAX + 1];
        assert!(matches!(read(&long), Err(EarlierError::TooLong)));
        assert!(matches!(read(&long[1..]), Err(EarlierError::Note(_))));
    }
}

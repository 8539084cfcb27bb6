//! How a holder moves on over permits that were never shown to it: it sees their gates in the log
//! (docs/RECORD_FORMAT.md 3). File ending `.akashi-gates`.
//!
//! ```text
//! akashi-gates/v1
//! from <size>                                the size the holder's last head has, 0 for none
//! consistency <base64 hash>                  RFC 6962 2.1.2, from there to the head below
//! gate <number> <index> <base64 entry>       numbers ascend, none more than 64 above the last
//! path <base64 hash>                         from the leaf's sibling upward
//! ...
//!                                            (empty line)
//! <signed checkpoint>
//! ```
//! Whoever gives the file need not be believed: each gate is recomputed with the key of the link,
//! so no other link's will do; each entry is proved to be in the log; and the head extends the last
//! one the holder has seen, so that it is the log the person walks through.

use std::fmt;

use super::kept::is_in_window;
use super::lines::{Lines, NotTheFormat};
use super::{GATE_WINDOW, KeptGates, SeenLog, gate};
use crate::digest::Secret;
use crate::entry::{ENTRY_LEN, Entry, EntryError};
use crate::ids::{GateNumber, LeafIndex, TreeSize};
use crate::limits::GATES_AT_ONCE_MAX;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::{LogKeys, VerifiedCheckpoint, VerifyError};
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::consistency::{ConsistencyError, TreeHead, verify_for_witness};
use akashi_tlog::merkle::inclusion::{self, InclusionError, Proof};
use akashi_tlog::signed_note::{Note, NoteError};
use akashi_tlog::tlog_proof::MAX_PATH_HASHES;

/// Longest file: every path as long as a path can be, and a note of 16 KiB.
pub const CATCH_UP_LEN_MAX: usize = 256 * 1024;

/// First line of the file.
pub const HEADER: &str = "akashi-gates/v1";

/// Gates in the log, as they came: nothing is believed before [`CatchUp::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// The size from which on the head is shown to extend.
    pub from: TreeSize,
    /// That it does.
    pub consistency: Vec<Hash>,
    /// Entries that carry gates of the link.
    pub gates: Vec<GateInLog>,
    /// The head.
    pub checkpoint: Note,
}

/// An entry that carries a gate, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateInLog {
    /// Which gate.
    pub number: GateNumber,
    /// The entry's bytes.
    pub entry: [u8; ENTRY_LEN],
    /// That it is in the log.
    pub path: Proof,
}

/// How far a holder has caught up; only [`CatchUp::verify`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaughtUp {
    head: TreeHead,
    highest: Option<GateNumber>,
}

/// Why gates are not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatchUpError {
    /// The head is not one this log signed.
    #[error("the head: {0}")]
    Checkpoint(#[from] VerifyError),
    /// The file does not begin where the holder stands.
    #[error(
        "expected a head that is shown to extend the one of size {expected}, found one from size {found}"
    )]
    From {
        /// Size of the last head the holder has seen.
        expected: TreeSize,
        /// Where the file begins.
        found: TreeSize,
    },
    /// The head does not extend the last one: another history.
    #[error("the head does not extend the last one seen: {0}")]
    Consistency(#[from] ConsistencyError),
    /// It is not an entry of ours.
    #[error("gate number {number}: entry: {cause}")]
    Entry {
        /// Which.
        number: GateNumber,
        /// What is wrong.
        cause: EntryError,
    },
    /// The entry carries a gate of another link.
    #[error("the gate of the entry at {index} is not number {number} of this link")]
    OtherGate {
        /// Which it was to be.
        number: GateNumber,
        /// The entry.
        index: LeafIndex,
    },
    /// The entry is not in the log.
    #[error("gate number {number}: {cause}")]
    Inclusion {
        /// Which.
        number: GateNumber,
        /// What is wrong.
        cause: InclusionError,
    },
    /// Numbers are passed over that may be hidden from the person.
    #[error("gate number {found} is more than {GATE_WINDOW} above {}", highest.map_or(0, GateNumber::value))]
    Gap {
        /// The highest seen before it.
        highest: Option<GateNumber>,
        /// The number.
        found: GateNumber,
    },
}

impl CatchUp {
    /// Checks the gates against the link's key and what the holder has seen. Reads only.
    ///
    /// # Errors
    /// [`CatchUpError`] with the first thing that is wrong: nothing of the file counts.
    pub fn verify(
        &self,
        log: &LogKeys,
        link_key: &Secret,
        kept: &KeptGates,
        seen: &SeenLog,
    ) -> Result<CaughtUp, CatchUpError> {
        let checkpoint = VerifiedCheckpoint::from_note(self.checkpoint.clone(), log, &[])?;
        let (old, head) = (seen.head(), checkpoint.checkpoint().tree_head());
        if self.from != old.size {
            return Err(CatchUpError::From {
                expected: old.size,
                found: self.from,
            });
        }
        verify_for_witness(old, head, &self.consistency)?;
        let mut highest = kept.highest();
        for GateInLog {
            number,
            entry,
            path,
        } in &self.gates
        {
            let number = *number;
            let parsed =
                Entry::parse(entry).map_err(|cause| CatchUpError::Entry { number, cause })?;
            if parsed.gate != gate(link_key, number) {
                let index = path.index();
                return Err(CatchUpError::OtherGate { number, index });
            }
            inclusion::verify(path, &Hash::leaf(entry), head.size, &head.root)
                .map_err(|cause| CatchUpError::Inclusion { number, cause })?;
            if !is_in_window(highest, number) {
                return Err(CatchUpError::Gap {
                    highest,
                    found: number,
                });
            }
            highest = highest.max(Some(number));
        }
        Ok(CaughtUp { head, highest })
    }

    /// Reads what `Display` writes; one spelling only.
    ///
    /// # Errors
    /// [`NotTheFormat`] with the first line that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotTheFormat> {
        let mut lines = Lines::of(bytes, CATCH_UP_LEN_MAX)?;
        lines.literal(HEADER)?;
        let [from] = lines.fields("from")?;
        let from = TreeSize::new(lines.number(from)?);
        let consistency = hashes(&mut lines, "consistency")?;
        let mut gates: Vec<GateInLog> = Vec::new();
        while lines.next_word() == "gate" {
            let [number, index, entry] = lines.fields("gate")?;
            let number = GateNumber::parse(number).map_err(|_| lines.wrong("a number from 1"))?;
            if gates.last().is_some_and(|last| last.number >= number)
                || gates.len() == GATES_AT_ONCE_MAX
            {
                let most = format!("at most {GATES_AT_ONCE_MAX} gates whose numbers ascend");
                return Err(lines.wrong(most));
            }
            let index = LeafIndex::new(lines.number(index)?);
            let entry = lines.bytes(entry)?;
            let path = Proof::new(index, hashes(&mut lines, "path")?);
            gates.push(GateInLog {
                number,
                entry,
                path,
            });
        }
        lines.literal("")?;
        let last = lines.wrong("a signed checkpoint after the empty line");
        let checkpoint = Note::parse(lines.rest().as_bytes()).map_err(|_: NoteError| last)?;
        Ok(Self {
            from,
            consistency,
            gates,
            checkpoint,
        })
    }
}

impl CaughtUp {
    /// The highest number seen, in the log or before.
    pub const fn highest(&self) -> Option<GateNumber> {
        self.highest
    }

    /// The head it was seen under.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// Moves what is kept of the link on.
    pub fn move_on(&self, kept: &mut KeptGates) {
        kept.raise(self.highest);
    }

    /// Takes the head. To be written durably no later than what is kept of the link.
    pub const fn remember(&self, seen: &mut SeenLog) {
        seen.take(self.head);
    }
}

fn hashes(lines: &mut Lines<'_>, word: &str) -> Result<Vec<Hash>, NotTheFormat> {
    let mut hashes = Vec::new();
    while lines.next_word() == word {
        let [hash] = lines.fields(word)?;
        if hashes.len() > MAX_PATH_HASHES {
            return Err(lines.wrong(format!("at most {MAX_PATH_HASHES} hashes and a seed")));
        }
        hashes.push(Hash::from_bytes(lines.bytes(hash)?));
    }
    Ok(hashes)
}

impl fmt::Display for CatchUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = |hash: &Hash| base64::standard::encode(hash.as_bytes());
        writeln!(f, "{HEADER}\nfrom {}", self.from)?;
        for hash in &self.consistency {
            writeln!(f, "consistency {}", encode(hash))?;
        }
        for one in &self.gates {
            let entry = base64::standard::encode(&one.entry);
            writeln!(f, "gate {} {} {entry}", one.number, one.path.index())?;
            for hash in one.path.hashes() {
                writeln!(f, "path {}", encode(hash))?;
            }
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests;

//! The guard: size and root of the last commit, and how long the keyring was then, in a file of its
//! own (docs/TRUST.md).
//!
//! Written durably after each commit and before anything is signed, so that a data file restored
//! from an older back-up is noticed at start: a head the guard has seen must be in the tree that is
//! opened. Every key a record needs was durable before the record: as many bytes of the keyring as
//! the guard has seen must be there and whole, and only what lies behind them may be what a power
//! cut left of keys that nobody was told of.
//!
//! The file holds two slots; each write replaces the older one, so that a torn write leaves the
//! other standing.
//! ```text
//! slot (128 bytes): u64 counter | u64 size | root (32) | u64 bytes of the keyring |
//!                   SHA-256 of the 56 bytes before | zeros
//! ```

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use akashi_proof::digest::Digest;
use akashi_tlog::merkle::{Hash, TreeSize};

use crate::error::{GuardError, LedgerError, Part};
use crate::files;

const SLOT_LEN: usize = 128;
/// Bytes of a slot that its digest is over.
const BODY_LEN: usize = 56;
const FILE_LEN: u64 = 2 * SLOT_LEN as u64;

/// A tree head as the guard keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: TreeSize,
    /// Root over them.
    pub root: Hash,
}

/// The open guard file.
pub struct Guard {
    file: File,
    counter: u64,
    head: Head,
    keys: u64,
}

impl Guard {
    /// Makes a new guard file that has seen the empty tree.
    ///
    /// # Errors
    /// [`LedgerError::System`] if there is one already, or it cannot be written.
    pub fn create(path: &Path) -> Result<Self, LedgerError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(failed)?;
        file.set_len(FILE_LEN).map_err(failed)?;
        let empty = Head {
            size: TreeSize::EMPTY,
            root: Hash::EMPTY_ROOT,
        };
        let mut guard = Self {
            file,
            counter: 0,
            head: empty,
            keys: 0,
        };
        guard.write(empty, 0)?;
        guard.file.sync_all().map_err(failed)?;
        files::sync_folder_of(path).map_err(failed)?;
        Ok(guard)
    }

    /// Opens an existing guard file.
    ///
    /// # Errors
    /// [`LedgerError::Lost`], [`LedgerError::System`], or [`LedgerError::Guard`] when it is cut off
    /// or neither slot is whole.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LedgerError::Lost(Part::Guard));
            }
            other => other.map_err(failed)?,
        };
        let found = file.metadata().map_err(failed)?.len();
        if found < FILE_LEN {
            let expected = FILE_LEN;
            return Err(GuardError::CutOff { expected, found }.into());
        }
        let slots = [read_slot(&file, 0)?, read_slot(&file, 1)?];
        let newest = slots
            .into_iter()
            .flatten()
            .max_by_key(|(counter, ..)| *counter);
        let (counter, head, keys) = newest.ok_or(GuardError::Torn)?;
        Ok(Self {
            file,
            counter,
            head,
            keys,
        })
    }

    /// The last head it has seen.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// How many bytes of the keyring were durable then.
    pub const fn keys(&self) -> u64 {
        self.keys
    }

    /// Sets the head, and how many bytes of the keyring are durable now. The tree can only grow.
    ///
    /// # Errors
    /// [`LedgerError::Guard`] when the tree would shrink or change, [`LedgerError::System`] when
    /// the write failed.
    pub fn advance(&mut self, head: Head, keys: u64) -> Result<(), LedgerError> {
        let changed = head.size == self.head.size && head.root != self.head.root;
        if head.size < self.head.size || changed {
            let (found, seen) = (head.size, self.head.size);
            return Err(GuardError::Backwards { found, seen }.into());
        }
        self.write(head, keys)
    }

    fn write(&mut self, head: Head, keys: u64) -> Result<(), LedgerError> {
        let counter = self.counter + 1;
        let mut slot = Vec::with_capacity(SLOT_LEN);
        slot.extend_from_slice(&counter.to_be_bytes());
        slot.extend_from_slice(&head.size.value().to_be_bytes());
        slot.extend_from_slice(head.root.as_bytes());
        slot.extend_from_slice(&keys.to_be_bytes());
        let check = Digest::of(&[b"akashi/guard/v1", &slot]);
        slot.extend_from_slice(check.as_bytes());
        slot.resize(SLOT_LEN, 0);
        self.file
            .write_all_at(&slot, (counter % 2) * SLOT_LEN as u64)
            .map_err(failed)?;
        self.file.sync_data().map_err(failed)?;
        (self.counter, self.head, self.keys) = (counter, head, keys);
        Ok(())
    }
}

/// Counter, head and length of the keyring in a slot that is whole.
fn read_slot(file: &File, number: u64) -> Result<Option<(u64, Head, u64)>, LedgerError> {
    let mut slot = [0; SLOT_LEN];
    file.read_exact_at(&mut slot, number * SLOT_LEN as u64)
        .map_err(failed)?;
    let (body, rest) = slot.split_at(BODY_LEN);
    if !rest.starts_with(Digest::of(&[b"akashi/guard/v1", body]).as_bytes()) {
        return Ok(None);
    }
    let read = || {
        let (counter, rest) = body.split_first_chunk::<8>()?;
        let (size, rest) = rest.split_first_chunk::<8>()?;
        let (root, keys) = rest.split_first_chunk::<32>()?;
        let head = Head {
            size: TreeSize::new(u64::from_be_bytes(*size)),
            root: Hash::from_bytes(*root),
        };
        let keys = u64::from_be_bytes(keys.try_into().ok()?);
        Some((u64::from_be_bytes(*counter), head, keys))
    };
    Ok(read())
}

fn failed(error: io::Error) -> LedgerError {
    LedgerError::System {
        part: Part::Guard,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(size: u64) -> Head {
        Head {
            size: TreeSize::new(size),
            root: Hash::from_bytes([size as u8; 32]),
        }
    }

    #[test]
    fn remembers_the_last_head_and_survives_a_torn_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard");
        let mut guard = Guard::create(&path).unwrap();
        guard.advance(head(3), 3).unwrap();
        guard.advance(head(5), 5).unwrap();
        assert_eq!(Guard::open(&path).unwrap().head(), head(5));

        let torn_at = (guard.counter % 2) * SLOT_LEN as u64 + 9;
        guard.file.write_all_at(&[0xFF], torn_at).unwrap();
        assert_eq!(
            Guard::open(&path).unwrap().head(),
            head(3),
            "the slot before stands"
        );
        let cut = folder.path().join("cut");
        std::fs::write(&cut, &std::fs::read(&path).unwrap()[..200]).unwrap();
        assert!(matches!(
            Guard::open(&cut),
            Err(LedgerError::Guard(GuardError::CutOff { found: 200, .. }))
        ));
        guard
            .file
            .write_all_at(&[0xFF; 2], ((guard.counter + 1) % 2) * SLOT_LEN as u64 + 20)
            .unwrap();
        assert!(
            Guard::open(&path).is_err(),
            "with both slots torn it refuses"
        );
    }

    #[test]
    fn never_goes_back_and_never_changes_a_head() {
        let folder = tempfile::tempdir().unwrap();
        let mut guard = Guard::create(&folder.path().join("guard")).unwrap();
        guard.advance(head(4), 4).unwrap();
        assert!(guard.advance(head(3), 3).is_err());
        let other = Head {
            size: TreeSize::new(4),
            root: Hash::from_bytes([9; 32]),
        };
        assert!(guard.advance(other, 9).is_err());
        assert!(guard.advance(head(4), 4).is_ok());
    }

    #[test]
    fn opening_never_creates() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard");
        assert!(matches!(
            Guard::open(&path),
            Err(LedgerError::Lost(Part::Guard))
        ));
        assert!(!path.exists());
        Guard::create(&path).unwrap();
        assert!(Guard::create(&path).is_err());
    }
}

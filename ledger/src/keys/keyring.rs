//! The keyring: every key but the log's own, in a file apart from the data, each sealed under a
//! wrapping key that is in neither (docs/DESIGN.md "Stores and keys").
//!
//! ```text
//! row (141 bytes)   nonce (12) | AES-256-GCM-SIV(wrapping key, key (32) | u8 length | name, padded to 80 | tag (16))
//! ```
//! All rows have one length, so that no damaged byte can make rows behind it disappear. They are
//! appended and synced before any record needs them. A torn last row is one that nobody was told of
//! and is cut off; any other damage refuses to open.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use akashi_proof::digest::Secret;
use akashi_proof::ids::{Epoch, InstitutionId, KeyVersion, Kid, SubjectHandle};
use zeroize::Zeroizing;

use crate::error::LedgerError;
use crate::files;
use crate::keys::new_keys::NewKeys;
use crate::keys::owner::Owner;
use crate::random::{draw, draw_secret};

/// What a key is for: its name in the keyring.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyOf {
    /// K of a person and epoch: makes her tags.
    Tag(SubjectHandle, Epoch),
    /// K of an institution: makes its tags.
    Stream(InstitutionId),
    /// E of a stream and calendar year: seals bodies.
    Body(Owner, u16),
    /// Seals link codes of an institution, by version.
    LinkSeal(InstitutionId, KeyVersion),
    /// The evidence key an institution handed over.
    Evidence(Kid),
    /// Seals the owner of every row.
    Owner,
    /// Makes the keys of derived indexes.
    Index,
    /// Seals rows of the outbox.
    Outbox,
    /// Seals rows of the contacts file.
    Contacts,
    /// Makes the codes of approval messages.
    ApprovalCode,
}

impl KeyOf {
    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Tag(subject, epoch) => {
                [b"t", &epoch.value().to_be_bytes()[..], subject.as_bytes()].concat()
            }
            Self::Stream(id) => [b"s", id.as_str().as_bytes()].concat(),
            Self::Body(owner, year) => [b"b", &year.to_be_bytes()[..], &owner.to_bytes()].concat(),
            Self::LinkSeal(id, version) => {
                [b"l", &[version.value()][..], id.as_str().as_bytes()].concat()
            }
            Self::Evidence(kid) => [b"e", kid.as_str().as_bytes()].concat(),
            Self::Owner => b"o".to_vec(),
            Self::Index => b"i".to_vec(),
            Self::Outbox => b"x".to_vec(),
            Self::Contacts => b"c".to_vec(),
            Self::ApprovalCode => b"a".to_vec(),
        }
    }
}

/// The open keyring. Outside this crate it can be made and opened, and nothing can be taken out of
/// it: [`crate::Reader`] gives what its keys make.
pub struct Keyring {
    wrapping: Aes256GcmSiv,
    /// What somebody is about to add: whoever gets the file next writes all of it with one sync.
    waiting: Mutex<Vec<(KeyOf, Secret)>>,
    /// `None` after a failed write: the tail of the file is unknown then, and nothing may be
    /// appended behind it.
    file: Mutex<Option<File>>,
    keys: RwLock<HashMap<Vec<u8>, Secret>>,
}

/// Longest name of a key: a body key of an institution with the longest identifier has 68 bytes.
const NAME_LEN: usize = 80;
/// Length of every row: nonce, key, length and name, tag.
const ROW_LEN: usize = 12 + 32 + 1 + NAME_LEN + 16;

impl Keyring {
    /// Makes a new keyring file with the keys a ledger always has.
    ///
    /// # Errors
    /// [`LedgerError::File`] if there is one already, or it cannot be written.
    pub fn create(path: &Path, wrapping: &Secret) -> Result<Self, LedgerError> {
        files::write_new_private(path, b"").map_err(failed)?;
        let keyring = Self::open(path, wrapping)?;
        keyring.draw(&[
            KeyOf::Owner,
            KeyOf::Index,
            KeyOf::Outbox,
            KeyOf::Contacts,
            KeyOf::ApprovalCode,
        ])?;
        Ok(keyring)
    }

    /// Opens an existing keyring file.
    ///
    /// # Errors
    /// [`LedgerError::Lost`], or [`LedgerError::Keyring`] when a row does not open under this
    /// wrapping key.
    pub fn open(path: &Path, wrapping: &Secret) -> Result<Self, LedgerError> {
        let wrapping = Aes256GcmSiv::new(wrapping.expose().into());
        let mut file = match OpenOptions::new()
            .read(true)
            .append(true)
            .mode(0o600)
            .open(path)
        {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LedgerError::Lost("keyring"));
            }
            other => other.map_err(failed)?,
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let mut keys = HashMap::new();
        let (rows, torn) = bytes.as_chunks::<ROW_LEN>();
        for row in rows {
            let (name, key) = open_row(&wrapping, row)?;
            keys.insert(name, key);
        }
        if !torn.is_empty() {
            tracing::warn!(
                bytes = torn.len(),
                "the last row of the keyring was torn and is cut off"
            );
            file.set_len((bytes.len() - torn.len()) as u64)
                .map_err(failed)?;
            file.sync_all().map_err(failed)?;
        }
        Ok(Self {
            wrapping,
            waiting: Mutex::default(),
            file: Mutex::new(Some(file)),
            keys: RwLock::new(keys),
        })
    }

    /// A key, if the keyring has it.
    pub(crate) fn find(&self, of: &KeyOf) -> Option<Secret> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&of.to_bytes())
            .cloned()
    }

    /// A key that must be there.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when it is not.
    pub(crate) fn need(&self, of: &KeyOf) -> Result<Secret, LedgerError> {
        self.find(of)
            .ok_or(LedgerError::Keyring("a key that is needed is not there"))
    }

    /// Whether any of these keys is not there yet.
    pub(crate) fn lacks(&self, keys: &NewKeys) -> bool {
        let held = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let handed = keys.handed.iter().map(|(name, _)| name);
        let mut names = keys.drawn.iter().chain(handed);
        names.any(|name| !held.contains_key(&name.to_bytes()))
    }

    /// Makes the keys that are not there yet and returns once all are durable. It blocks for the
    /// disk: not for an async task.
    ///
    /// # Errors
    /// [`LedgerError::File`] when they could not be written.
    pub(crate) fn make(&self, keys: NewKeys) -> Result<(), LedgerError> {
        let drawn = keys.drawn.into_iter().map(|name| (name, draw_secret()));
        self.add(drawn.chain(keys.handed).collect())
    }

    /// Draws the keys that are not there yet and returns once all are durable.
    ///
    /// # Errors
    /// [`LedgerError::File`] when they could not be written.
    pub(crate) fn draw(&self, names: &[KeyOf]) -> Result<(), LedgerError> {
        self.add(
            names
                .iter()
                .map(|name| (name.clone(), draw_secret()))
                .collect(),
        )
    }

    /// Adds keys and returns once all are durable. A key that is there stays as it is.
    ///
    /// # Errors
    /// [`LedgerError::File`] when they could not be written.
    pub(crate) fn add(&self, mut keys: Vec<(KeyOf, Secret)>) -> Result<(), LedgerError> {
        keys.retain(|(name, _)| self.find(name).is_none());
        if keys.is_empty() {
            return Ok(());
        }
        let waiting = || self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting().append(&mut keys);
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = slot.take().ok_or(LedgerError::Keyring(
            "an earlier write failed; open the ledger anew",
        ))?;
        // Ours among them, unless somebody who had the file before has written them already.
        let mut keys = std::mem::take(&mut *waiting());
        let mut rows = Vec::new();
        let mut taken = HashSet::new();
        keys.retain(|(name, _)| self.find(name).is_none() && taken.insert(name.clone()));
        for (name, key) in &keys {
            self.seal_row(&name.to_bytes(), key, &mut rows);
        }
        if !rows.is_empty() {
            file.write_all(&rows)
                .and_then(|()| file.sync_data())
                .map_err(failed)?;
        }
        *slot = Some(file);
        // Before the file is let go: of two who add one name, memory and file must keep the same
        // key.
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        held.extend(keys.into_iter().map(|(name, key)| (name.to_bytes(), key)));
        Ok(())
    }

    fn seal_row(&self, name: &[u8], key: &Secret, rows: &mut Vec<u8>) {
        let mut nonce = [0; 12];
        draw(&mut nonce);
        let mut plain = Zeroizing::new([0; 32 + 1 + NAME_LEN]);
        plain[..32].copy_from_slice(key.expose());
        plain[32] = name.len() as u8;
        plain[33..33 + name.len()].copy_from_slice(name);
        #[expect(
            clippy::expect_used,
            reason = "sealing fails only beyond 2^36 bytes (RFC 8452 section 6)"
        )]
        let sealed = self
            .wrapping
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: plain.as_slice(),
                    aad: b"akashi/keyring/v1",
                },
            )
            .expect("seal");
        rows.extend_from_slice(&nonce);
        rows.extend_from_slice(&sealed);
    }
}

fn open_row(
    wrapping: &Aes256GcmSiv,
    row: &[u8; ROW_LEN],
) -> Result<(Vec<u8>, Secret), LedgerError> {
    const DAMAGED: LedgerError =
        LedgerError::Keyring("a row does not open under this wrapping key");
    let (nonce, sealed) = row.split_first_chunk::<12>().ok_or(DAMAGED)?;
    let payload = Payload {
        msg: sealed,
        aad: b"akashi/keyring/v1",
    };
    let plain = Zeroizing::new(
        wrapping
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| DAMAGED)?,
    );
    let (key, rest) = plain.split_first_chunk::<32>().ok_or(DAMAGED)?;
    let (len, padded) = rest.split_first().ok_or(DAMAGED)?;
    let name = padded.get(..usize::from(*len)).ok_or(DAMAGED)?;
    Ok((name.to_vec(), Secret::from_bytes(*key)))
}

fn failed(error: io::Error) -> LedgerError {
    LedgerError::File {
        what: "keyring",
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRAPPING: Secret = Secret::from_bytes([1; 32]);

    fn person(byte: u8) -> KeyOf {
        KeyOf::Tag(SubjectHandle::from_bytes([byte; 16]), Epoch::FIRST)
    }

    #[test]
    fn keys_are_there_after_opening_again_and_never_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let keyring = Keyring::create(&path, &WRAPPING).unwrap();
        keyring.draw(&[person(1), person(2)]).unwrap();
        let first = keyring.need(&person(1)).unwrap();
        keyring.draw(&[person(1)]).unwrap();
        keyring
            .add(vec![(person(1), Secret::from_bytes([0; 32]))])
            .unwrap();
        drop(keyring);
        let again = Keyring::open(&path, &WRAPPING).unwrap();
        assert!(again.need(&person(1)).unwrap() == first);
        assert!(again.need(&person(3)).is_err());
    }

    #[test]
    fn another_wrapping_key_and_any_changed_byte_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        drop(Keyring::create(&path, &WRAPPING).unwrap());
        assert!(Keyring::open(&path, &Secret::from_bytes([2; 32])).is_err());
        let bytes = std::fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert!(Keyring::open(&path, &WRAPPING).is_err(), "byte {at}");
        }
    }

    #[test]
    fn the_longest_name_fits() {
        let longest = InstitutionId::parse(&"a".repeat(64)).unwrap();
        assert!(
            KeyOf::Body(Owner::Institution(longest), 2026)
                .to_bytes()
                .len()
                <= NAME_LEN
        );
    }

    #[test]
    fn a_torn_last_row_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let keyring = Keyring::create(&path, &WRAPPING).unwrap();
        keyring.draw(&[person(1)]).unwrap();
        drop(keyring);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let opened = Keyring::open(&path, &WRAPPING).unwrap();
        assert!(opened.find(&person(1)).is_none());
        opened.draw(&[person(1)]).unwrap();
        drop(opened);
        assert!(
            Keyring::open(&path, &WRAPPING)
                .unwrap()
                .find(&person(1))
                .is_some()
        );
    }

    #[test]
    fn nothing_in_the_file_is_readable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let keyring = Keyring::create(&path, &WRAPPING).unwrap();
        keyring
            .add(vec![(
                KeyOf::Stream(InstitutionId::parse("hospital.chuo").unwrap()),
                Secret::from_bytes([5; 32]),
            )])
            .unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            !bytes
                .windows(8)
                .any(|window| window == b"hospital" || window == [5; 8])
        );
    }
}

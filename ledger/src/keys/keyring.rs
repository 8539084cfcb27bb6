//! The keyring: every key but the log's own, in a file apart from the data, each sealed under a
//! wrapping key that is in neither (docs/DESIGN.md "Stores and keys").
//!
//! ```text
//! row (141 bytes)   nonce (12) | AES-256-GCM-SIV(wrapping key, plain) | tag (16)
//! plain             key (32) | u8 length | name, padded to 80
//! ```
//! All rows have one length, so that no damaged byte can make rows behind it disappear. They are
//! appended and synced before any record needs them. A torn last row is one that nobody was told of
//! and is cut off; any other damage refuses to open.
//!
//! A key is in memory only once its row is durable, so none is ever used that may be gone. After an
//! append that failed nothing is added before [`Keyring::mend`] has cut its rows off and read all
//! others again; keys that were there can be used all the while.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use akashi_proof::digest::Secret;
use akashi_proof::framing::len_u8;
use akashi_proof::ids::{Epoch, InstitutionId, KeyVersion, Kid, SubjectHandle};
use zeroize::Zeroizing;

use crate::error::{KeyringError, LedgerError, Part};
use crate::files;
use crate::keys::key_file::{DiskKeyFile, KeyFile};
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
    tail: Mutex<Tail>,
    /// Whether an append has failed: nothing may be put behind a tail that is not known.
    is_torn: AtomicBool,
    keys: RwLock<Keys>,
}

/// Keys by the bytes of their names.
type Keys = HashMap<Vec<u8>, Secret>;

/// Where rows are put.
struct Tail {
    file: Box<dyn KeyFile>,
    /// How many bytes are known to be durable.
    len: u64,
}

/// Longest name of a key: a body key of an institution with the longest identifier has 68 bytes.
const NAME_LEN: usize = 80;
/// Length of every row: nonce, key, length and name, tag.
const ROW_LEN: usize = 12 + 32 + 1 + NAME_LEN + 16;

impl Keyring {
    /// Makes a new keyring file with the keys a ledger always has.
    ///
    /// # Errors
    /// [`LedgerError::System`] if there is one already, or it cannot be written.
    pub fn create(path: &Path, wrapping: &Secret) -> Result<Self, LedgerError> {
        files::write_new_private(path, b"").map_err(failed)?;
        let file = DiskKeyFile::open(path).map_err(failed)?;
        Self::create_in(Box::new(file), wrapping)
    }

    /// Makes a new keyring in an empty file.
    ///
    /// # Errors
    /// [`LedgerError::System`] if it cannot be written.
    pub fn create_in(file: Box<dyn KeyFile>, wrapping: &Secret) -> Result<Self, LedgerError> {
        let keyring = Self::open_in(file, wrapping)?;
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
        match DiskKeyFile::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(LedgerError::Lost(Part::Keyring))
            }
            other => Self::open_in(Box::new(other.map_err(failed)?), wrapping),
        }
    }

    /// Opens the keyring in this file.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when a row does not open under this wrapping key.
    pub fn open_in(mut file: Box<dyn KeyFile>, wrapping: &Secret) -> Result<Self, LedgerError> {
        let wrapping = Aes256GcmSiv::new(wrapping.expose().into());
        let bytes = file.read().map_err(failed)?;
        let (keys, torn) = open_rows(&wrapping, &bytes)?;
        let len = (bytes.len() - torn) as u64;
        if torn > 0 {
            tracing::warn!(
                bytes = torn,
                "the last row of the keyring was torn and is cut off"
            );
            file.cut(len).map_err(failed)?;
        }
        Ok(Self {
            wrapping,
            tail: Mutex::new(Tail { file, len }),
            is_torn: AtomicBool::new(false),
            keys: RwLock::new(keys),
        })
    }

    /// A key, if the keyring has it.
    pub(crate) fn find(&self, of: &KeyOf) -> Option<Secret> {
        self.held().get(&of.to_bytes()).cloned()
    }

    /// A key that must be there.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when it is not.
    pub(crate) fn need(&self, of: &KeyOf) -> Result<Secret, LedgerError> {
        self.find(of).ok_or(KeyringError::NotThere.into())
    }

    /// Whether any of these keys is not there yet.
    pub(crate) fn lacks(&self, keys: &NewKeys) -> bool {
        let held = self.held();
        let handed = keys.handed.iter().map(|(name, _)| name);
        let mut names = keys.drawn.iter().chain(handed);
        names.any(|name| !held.contains_key(&name.to_bytes()))
    }

    /// Whether keys can be added: false from an append that failed to a [`Self::mend`] that passed.
    pub(crate) fn is_whole(&self) -> bool {
        !self.is_torn.load(Ordering::Acquire)
    }

    /// Makes the keys of all these that are not there yet and returns once all are durable, with
    /// one sync. It blocks for the disk: not for an async task.
    ///
    /// # Errors
    /// [`LedgerError::System`] when they could not be written: none of them is there then.
    pub(crate) fn make(&self, all: impl IntoIterator<Item = NewKeys>) -> Result<(), LedgerError> {
        let mut keys = Vec::new();
        for NewKeys { drawn, handed } in all {
            keys.extend(self.lacking(drawn).map(|name| (name, draw_secret())));
            keys.extend(handed);
        }
        self.add(keys)
    }

    /// Draws the keys that are not there yet and returns once all are durable.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub(crate) fn draw(&self, names: &[KeyOf]) -> Result<(), LedgerError> {
        let lacking = self.lacking(names.iter().cloned());
        self.add(lacking.map(|name| (name, draw_secret())).collect())
    }

    /// Adds keys and returns once all are durable. A key that is there stays as it is.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub(crate) fn add(&self, mut keys: Vec<(KeyOf, Secret)>) -> Result<(), LedgerError> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: of two who add one name, memory and file must keep the same key.
        let mut taken = HashSet::new();
        keys.retain(|(name, _)| self.find(name).is_none() && taken.insert(name.clone()));
        let mut rows = Vec::with_capacity(keys.len() * ROW_LEN);
        for (name, key) in &keys {
            self.seal_row(&name.to_bytes(), key, &mut rows);
        }
        if rows.is_empty() {
            return Ok(());
        }
        if !self.is_whole() {
            return Err(KeyringError::NotMended.into());
        }
        if let Err(error) = tail.file.append(&rows) {
            self.is_torn.store(true, Ordering::Release);
            return Err(failed(error));
        }
        tail.len += rows.len() as u64;
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        held.extend(keys.into_iter().map(|(name, key)| (name.to_bytes(), key)));
        Ok(())
    }

    /// After an append that failed: opens the file anew, cuts off what may be there of it - keys
    /// that nobody was told of - and reads all others again. Does nothing to a whole one.
    ///
    /// # Errors
    /// [`LedgerError`] when the file cannot be cut, or does not hold what it must; no key can be
    /// added then before another call has passed.
    pub(crate) fn mend(&self) -> Result<(), LedgerError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_whole() {
            return Ok(());
        }
        let len = tail.len;
        tail.file.cut(len).map_err(failed)?;
        let bytes = tail.file.read().map_err(failed)?;
        let (keys, torn) = open_rows(&self.wrapping, &bytes)?;
        if torn > 0 || keys != *self.held() {
            return Err(KeyringError::Changed.into());
        }
        self.is_torn.store(false, Ordering::Release);
        Ok(())
    }

    fn lacking(&self, names: impl IntoIterator<Item = KeyOf>) -> impl Iterator<Item = KeyOf> {
        let lacking = |name: &KeyOf| !self.held().contains_key(&name.to_bytes());
        names.into_iter().filter(lacking)
    }

    fn held(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn seal_row(&self, name: &[u8], key: &Secret, rows: &mut Vec<u8>) {
        let mut nonce = [0; 12];
        draw(&mut nonce);
        let mut plain = Zeroizing::new([0; 32 + 1 + NAME_LEN]);
        let named = [len_u8(name)];
        let bytes = key.expose().iter().chain(&named).chain(name);
        for (to, from) in plain.iter_mut().zip(bytes) {
            *to = *from;
        }
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

/// The keys in these bytes, and how many bytes of a torn row are behind them.
fn open_rows(wrapping: &Aes256GcmSiv, bytes: &[u8]) -> Result<(Keys, usize), KeyringError> {
    let (rows, torn) = bytes.as_chunks::<ROW_LEN>();
    let keys = rows.iter().map(|row| open_row(wrapping, row));
    Ok((keys.collect::<Result<_, _>>()?, torn.len()))
}

fn open_row(
    wrapping: &Aes256GcmSiv,
    row: &[u8; ROW_LEN],
) -> Result<(Vec<u8>, Secret), KeyringError> {
    const DAMAGED: KeyringError = KeyringError::Row;
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
    LedgerError::System {
        part: Part::Keyring,
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

//! The keyring: every key but the log's own, in a file apart from the data, each sealed under a
//! wrapping key that is in neither (docs/DESIGN.md "Stores and keys").
//!
//! ```text
//! row (141 bytes)   nonce (12) | AES-256-GCM-SIV(wrapping key, plain) | tag (16)
//! plain             key (32) | u8 length | name, padded to 80
//! ```
//! All rows have one length, so that no damaged byte can make rows behind it disappear. They are
//! appended and synced before any record needs them, and the guard remembers how many bytes were
//! durable at the last commit ([`crate::guard`]). Damage within those refuses to open. Behind them
//! a power cut may have left anything of rows that were being appended, in any order of its
//! sectors: from the first that does not open on they are cut off, and nobody was told of them.
//!
//! A key is in memory only once its row is durable, so none is ever used that may be gone. After an
//! append that failed nothing is added before [`Keyring::mend`] has cut its rows off and read all
//! others again; keys that were there can be used all the while.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    /// Seals the marks of browsers people have signed in with.
    Browsers,
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
            Self::Browsers => b"m".to_vec(),
            Self::ApprovalCode => b"a".to_vec(),
        }
    }
}

/// The open keyring. Outside this crate it can be made and opened, and nothing can be taken out of
/// it: [`crate::Reader`] gives what its keys make.
pub struct Keyring {
    wrapping: Aes256GcmSiv,
    file: Box<dyn KeyFile>,
    /// Held by whoever appends or cuts.
    tail: Mutex<()>,
    /// How many bytes of the file are known to be durable.
    durable: AtomicU64,
    /// Whether an append has failed: nothing may be put behind a tail that is not known.
    is_torn: AtomicBool,
    keys: RwLock<Keys>,
}

/// Keys by the bytes of their names.
type Keys = HashMap<Vec<u8>, Secret>;

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
        let keyring = Self::open_in(file, wrapping, 0)?;
        keyring.draw(&[
            KeyOf::Owner,
            KeyOf::Index,
            KeyOf::Outbox,
            KeyOf::Contacts,
            KeyOf::Browsers,
            KeyOf::ApprovalCode,
        ])?;
        Ok(keyring)
    }

    /// Opens an existing keyring file; `seen` is how many bytes of it the guard has seen.
    ///
    /// # Errors
    /// [`LedgerError::Lost`]; as [`Self::open_in`].
    pub fn open(path: &Path, wrapping: &Secret, seen: u64) -> Result<Self, LedgerError> {
        match DiskKeyFile::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(LedgerError::Lost(Part::Keyring))
            }
            other => Self::open_in(Box::new(other.map_err(failed)?), wrapping, seen),
        }
    }

    /// Opens the keyring in this file, of which the guard has seen so many bytes.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when not all of those are there, or a row among them does not open
    /// under this wrapping key.
    pub fn open_in(
        file: Box<dyn KeyFile>,
        wrapping: &Secret,
        seen: u64,
    ) -> Result<Self, LedgerError> {
        let wrapping = Aes256GcmSiv::new(wrapping.expose().into());
        let bytes = file.read().map_err(failed)?;
        let found = bytes.len() as u64;
        if found < seen {
            return Err(KeyringError::CutOff { seen, found }.into());
        }
        let (keys, durable) = open_rows(&wrapping, &bytes, seen)?;
        if durable < found {
            tracing::warn!(
                bytes = found - durable,
                "keys that were being written when the power went are cut off the keyring"
            );
            file.cut(durable).map_err(failed)?;
        }
        Ok(Self {
            wrapping,
            file,
            tail: Mutex::new(()),
            durable: AtomicU64::new(durable),
            is_torn: AtomicBool::new(false),
            keys: RwLock::new(keys),
        })
    }

    /// How many bytes of its file are durable: every key that was ever given out is among them.
    pub(crate) fn durable_len(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// Bytes that can still be written where its file is.
    pub(crate) fn free_space(&self) -> io::Result<u64> {
        self.file.free_space()
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
        let _tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
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
        if let Err(error) = self.file.append(&rows) {
            self.is_torn.store(true, Ordering::Release);
            return Err(failed(error));
        }
        self.durable.fetch_add(rows.len() as u64, Ordering::Release);
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
        let _tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_whole() {
            return Ok(());
        }
        let len = self.durable_len();
        self.file.cut(len).map_err(failed)?;
        let bytes = self.file.read().map_err(failed)?;
        let (keys, _) = open_rows(&self.wrapping, &bytes, len)?;
        if bytes.len() as u64 != len || keys != *self.held() {
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

/// The keys in these bytes, and how many bytes they take up: all of those seen before, and behind
/// them up to the first row that is not whole.
fn open_rows(
    wrapping: &Aes256GcmSiv,
    bytes: &[u8],
    seen: u64,
) -> Result<(Keys, u64), KeyringError> {
    let mut keys = Keys::new();
    let mut len = 0;
    for row in bytes.as_chunks::<ROW_LEN>().0 {
        match open_row(wrapping, row) {
            Ok((name, key)) => keys.insert(name, key),
            Err(_) if len >= seen => break,
            Err(error) => return Err(error),
        };
        len += ROW_LEN as u64;
    }
    Ok((keys, len))
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
        let again = Keyring::open(&path, &WRAPPING, 0).unwrap();
        assert!(again.need(&person(1)).unwrap() == first);
        assert!(again.need(&person(3)).is_err());
    }

    #[test]
    fn another_wrapping_key_and_any_changed_byte_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let seen = Keyring::create(&path, &WRAPPING).unwrap().durable_len();
        assert!(Keyring::open(&path, &Secret::from_bytes([2; 32]), seen).is_err());
        let bytes = std::fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            let refused = Keyring::open(&path, &WRAPPING, seen).err().unwrap();
            assert!(
                matches!(refused, LedgerError::Keyring(KeyringError::Row)),
                "byte {at}: {refused}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), changed, "nothing is cut off");
            std::fs::write(&path, &bytes[..at]).unwrap();
            let refused = Keyring::open(&path, &WRAPPING, seen).err().unwrap();
            assert!(
                matches!(refused, LedgerError::Keyring(KeyringError::CutOff { .. })),
                "{at} bytes: {refused}"
            );
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

    /// What a power cut may leave of three keys that were being written: any number of their bytes,
    /// or all of them with something else from some byte on, or up to some byte.
    #[test]
    fn whatever_a_power_cut_leaves_of_keys_nobody_was_told_of_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        let keyring = Keyring::create(&path, &WRAPPING).unwrap();
        keyring.draw(&[person(1)]).unwrap();
        let (seen, first) = (keyring.durable_len(), keyring.need(&person(1)).unwrap());
        let before = usize::try_from(seen).unwrap();
        let batch = [person(2), person(3), person(4)];
        keyring.draw(&batch).unwrap();
        drop(keyring);
        let bytes = std::fs::read(&path).unwrap();
        for at in before..=bytes.len() {
            let whole_rows = (at - before) / ROW_LEN;
            let garbled = |from: usize, to: usize| {
                let mut left = bytes.clone();
                left[from..to].iter_mut().for_each(|byte| *byte = !*byte);
                left
            };
            let none_if_any = if at == before { batch.len() } else { 0 };
            for (left, whole) in [
                (bytes[..at].to_vec(), whole_rows),
                (garbled(at, bytes.len()), whole_rows),
                (garbled(before, at), none_if_any),
            ] {
                std::fs::write(&path, left).unwrap();
                let opened = Keyring::open(&path, &WRAPPING, seen).unwrap();
                assert!(opened.need(&person(1)).unwrap() == first, "{at}");
                let there = batch.iter().map(|name| opened.find(name).is_some());
                let expected = (0..batch.len()).map(|row| row < whole);
                assert!(there.eq(expected), "{at}: {whole} of the batch are there");
                opened.draw(&batch).unwrap();
                let keys = batch.each_ref().map(|name| opened.need(name).unwrap());
                let seen = opened.durable_len();
                drop(opened);
                let again = Keyring::open(&path, &WRAPPING, seen).unwrap();
                assert!(
                    batch.each_ref().map(|name| again.need(name).unwrap()) == keys,
                    "{at}"
                );
            }
        }
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

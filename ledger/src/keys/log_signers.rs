//! What the log signs with: the private halves of the keys its registry names. Which of them signs
//! a head follows from the head's size and from nothing else, so that it is the same after a
//! restart, a crash and for whoever checks it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use akashi_proof::state::Registry;
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::signed_note::{KeyId, KeyName, VerifyingKey};
use akashi_tlog::signer::Signer;

use crate::error::{KeyringError, LedgerError, Part};
use crate::keys::signer::FileSigner;

/// Where the private halves are kept.
pub trait LogKeyStore: Send + Sync {
    /// Who signs with this key; `None` where its private half is not there.
    ///
    /// # Errors
    /// [`LedgerError`] when that cannot be said.
    fn find(&self, key: &VerifyingKey) -> Result<Option<Arc<dyn Signer>>, LedgerError>;
}

/// A folder with a file for each key: `log.key` for the first, `log-<key ID>.key` for others.
#[derive(Clone, Debug)]
pub struct LogKeyFolder(PathBuf);

impl LogKeyFolder {
    /// The keys in this folder.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The file of the key a log begins with.
    pub fn first_file(&self) -> PathBuf {
        self.0.join("log.key")
    }

    /// The file of the key with this ID, where the log has not begun with it.
    pub fn file_of(&self, id: KeyId) -> PathBuf {
        self.0.join(format!("log-{id}.key"))
    }

    /// Every file that may hold a key of the log, in no order that means anything.
    ///
    /// # Errors
    /// What the system says of the folder.
    pub fn files(&self) -> io::Result<Vec<PathBuf>> {
        let is_one = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy());
            name.is_some_and(|name| name.starts_with("log") && name.ends_with(".key"))
        };
        let paths = fs::read_dir(&self.0)?.map(|entry| entry.map(|entry| entry.path()));
        Ok(paths
            .collect::<io::Result<Vec<_>>>()?
            .into_iter()
            .filter(is_one)
            .collect())
    }

    /// Draws a key that the log can begin to sign with, into a new file. The log goes on without it
    /// until its registry names it.
    ///
    /// # Errors
    /// [`LedgerError::System`] if the file cannot be written.
    pub fn draw(&self, name: &KeyName) -> Result<(VerifyingKey, PathBuf), LedgerError> {
        let drawn = FileSigner::draw(name)?;
        let path = self.file_of(drawn.signer.verifying_key().id());
        drawn.write(&path)?;
        Ok((drawn.signer.verifying_key().clone(), path))
    }
}

impl LogKeyStore for LogKeyFolder {
    fn find(&self, key: &VerifyingKey) -> Result<Option<Arc<dyn Signer>>, LedgerError> {
        for path in [self.file_of(key.id()), self.first_file()] {
            match fs::metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    let part = Part::LogKey;
                    return Err(LedgerError::System { part, error });
                }
                // What others can read they can sign with.
                Ok(file) if file.permissions().mode() & 0o077 != 0 => {
                    return Err(KeyringError::Readable(Part::LogKey).into());
                }
                Ok(_) => {}
            }
            let signer = FileSigner::open(&path, key.name())?;
            if signer.verifying_key() == key {
                return Ok(Some(Arc::new(signer)));
            }
        }
        Ok(None)
    }
}

/// The keys the writer signs with, each read once.
pub(crate) struct LogSigners {
    store: Arc<dyn LogKeyStore>,
    held: Vec<Arc<dyn Signer>>,
}

impl LogSigners {
    pub(crate) fn new(store: Arc<dyn LogKeyStore>) -> Self {
        let held = Vec::new();
        Self { store, held }
    }

    /// Whoever signs a head of this size by this registry, in the order the keys were added. What
    /// signs it no more is forgotten.
    ///
    /// # Errors
    /// [`LedgerError::NoLogKey`] where one is not there: no head is signed by fewer.
    pub(crate) fn signing(
        &mut self,
        registry: &Registry,
        size: TreeSize,
    ) -> Result<&[Arc<dyn Signer>], LedgerError> {
        let keys = registry.log_keys().iter().map(|one| one.key());
        let mut signing = Vec::new();
        for key in keys.filter(|key| key.sizes().contains(size)) {
            let found = self.find(key.key())?;
            signing.push(found.ok_or_else(|| LedgerError::NoLogKey(Box::new(key.key().clone())))?);
        }
        self.held = signing;
        Ok(&self.held)
    }

    /// Who signs with this key; `None` where its private half is not there.
    pub(crate) fn find(&self, key: &VerifyingKey) -> Result<Option<Arc<dyn Signer>>, LedgerError> {
        let held = self.held.iter().find(|held| held.verifying_key() == key);
        match held {
            Some(held) => Ok(Some(Arc::clone(held))),
            None => self.store.find(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_its_id_and_only_where_nobody_else_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = LogKeyFolder::new(folder.path());
        let name = KeyName::new("ledger.example/log").unwrap();
        FileSigner::create(&keys.first_file(), &name).unwrap();
        let first = FileSigner::open(&keys.first_file(), &name).unwrap();
        let (second, path) = keys.draw(&name).unwrap();
        let found = |key: &VerifyingKey| {
            keys.find(key)
                .unwrap()
                .map(|one| one.verifying_key().clone())
        };
        assert_eq!(
            found(first.verifying_key()).as_ref(),
            Some(first.verifying_key())
        );
        assert_eq!(found(&second), Some(second.clone()));
        assert_eq!(keys.files().unwrap().len(), 2);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(keys.find(&second).is_err());
        fs::remove_file(&path).unwrap();
        assert_eq!(found(&second), None);
        // A file under another key's name is not that key.
        fs::copy(keys.first_file(), &path).unwrap();
        assert_eq!(found(&second), None);
    }
}

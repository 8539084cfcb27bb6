//! The log's signing key: 32 bytes in a file only its owner can read, held behind [`Signer`].

use std::path::Path;

use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::{KeyName, SignatureType, VerifyingKey};
use akashi_tlog::signer::{Signer, SignerUnavailable};
use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::error::{KeyringError, LedgerError, Part};
use crate::files;
use crate::random::draw;

/// A signing key read from a file.
pub struct FileSigner {
    key: SigningKey,
    verifying: VerifyingKey,
}

impl FileSigner {
    /// Draws a key into a new file.
    ///
    /// # Errors
    /// [`LedgerError::System`] if there is one already, or it cannot be written.
    pub fn create(path: &Path, name: &KeyName) -> Result<Self, LedgerError> {
        let drawn = Self::draw(name)?;
        drawn.write(path)?;
        Ok(drawn.signer)
    }

    /// Draws a key, which is nowhere yet.
    pub(crate) fn draw(name: &KeyName) -> Result<Drawn, LedgerError> {
        let mut seed = Zeroizing::new([0; 32]);
        draw(seed.as_mut());
        let signer = Self::from_seed(&seed, name)?;
        Ok(Drawn { seed, signer })
    }

    /// Reads the key from its file.
    ///
    /// # Errors
    /// [`LedgerError::System`] if it cannot be read, [`LedgerError::Keyring`] if it is not 32
    /// bytes.
    pub fn open(path: &Path, name: &KeyName) -> Result<Self, LedgerError> {
        let bytes = Zeroizing::new(std::fs::read(path).map_err(failed)?);
        let seed: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| KeyringError::Length {
                part: Part::LogKey,
                found: bytes.len(),
            })?;
        Self::from_seed(&Zeroizing::new(seed), name)
    }

    /// A signer from its seed, for keys that are kept elsewhere.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] if the seed makes no usable key.
    pub fn from_seed(seed: &[u8; 32], name: &KeyName) -> Result<Self, LedgerError> {
        let key = SigningKey::from_bytes(seed);
        let public =
            PublicKey::from_bytes(key.verifying_key().as_bytes()).map_err(KeyringError::LogKey)?;
        Ok(Self {
            key,
            verifying: VerifyingKey::new(name.clone(), SignatureType::Ed25519, public),
        })
    }
}

/// A key that was drawn and is to be written.
pub(crate) struct Drawn {
    seed: Zeroizing<[u8; 32]>,
    /// The key.
    pub(crate) signer: FileSigner,
}

impl Drawn {
    /// Writes it into a new file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), LedgerError> {
        files::write_new_private(path, self.seed.as_ref()).map_err(failed)
    }
}

impl Signer for FileSigner {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerUnavailable> {
        Ok(ed25519_dalek::Signer::sign(&self.key, message).to_bytes())
    }
}

fn failed(error: std::io::Error) -> LedgerError {
    LedgerError::System {
        part: Part::LogKey,
        error,
    }
}

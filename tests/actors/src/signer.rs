//! A log's or a witness's signer made from one byte.

use akashi_tlog::public_key::SIGNATURE_LEN;
use akashi_tlog::signed_note::{KeyName, SignatureType, VerifyingKey};
use akashi_tlog::signer::{Signer, SignerUnavailable};
use ed25519_dalek::Signer as _;

/// Signs with the key whose 32 secret bytes are all `seed`.
pub struct SeededSigner {
    secret: ed25519_dalek::SigningKey,
    key: VerifyingKey,
}

impl SeededSigner {
    /// A log's signer (type 0x01) under this key name.
    ///
    /// # Panics
    /// Where `name` is no key name.
    pub fn log(name: &str, seed: u8) -> Self {
        Self::new(name, SignatureType::Ed25519, seed)
    }

    /// A witness's signer (type 0x04) under this key name.
    ///
    /// # Panics
    /// Where `name` is no key name.
    pub fn witness(name: &str, seed: u8) -> Self {
        Self::new(name, SignatureType::CosignatureV1, seed)
    }

    /// The public key as a vkey line (C2SP signed-note).
    pub fn vkey(&self) -> String {
        self.key.to_string()
    }

    #[expect(
        clippy::expect_used,
        reason = "names are literals of tests; 32 bytes from a signing key are a public key"
    )]
    fn new(name: &str, signature_type: SignatureType, seed: u8) -> Self {
        let secret = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let public_key = secret.verifying_key().as_bytes().as_slice().try_into();
        let name = KeyName::new(name).expect("a key name");
        let public_key = public_key.expect("a public key");
        Self {
            key: VerifyingKey::new(name, signature_type, public_key),
            secret,
        }
    }
}

impl Signer for SeededSigner {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], SignerUnavailable> {
        Ok(self.secret.sign(message).to_bytes())
    }
}

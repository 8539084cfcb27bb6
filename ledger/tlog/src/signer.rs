//! Something that signs: the trait behind which private keys live.
//!
//! Nobody in this crate holds a key. A file key, a keyring or a hardware module implements
//! [`Signer`]; what it returns is checked against its public key before it is used, so that a
//! broken or confused signer cannot publish a bad signature.

use std::error::Error;

use thiserror::Error;

use crate::public_key::{SIGNATURE_LEN, SignatureInvalid};
use crate::signed_note::{KeyName, NoteError, SignatureType, VerifyingKey};

/// Signs bytes with one key.
pub trait Signer: Send + Sync {
    /// Name, type and public half of the key.
    fn verifying_key(&self) -> &VerifyingKey;

    /// The Ed25519 signature over exactly `message`.
    ///
    /// # Errors
    /// [`SignerUnavailable`] when the key cannot be used now.
    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], SignerUnavailable>;
}

/// The signer could not sign.
#[derive(Debug, Error)]
#[error("the signer is not available")]
pub struct SignerUnavailable(#[source] pub Box<dyn Error + Send + Sync>);

/// Why nothing was signed.
#[derive(Debug, Error)]
pub enum SignError {
    /// The signer failed.
    #[error("the key `{name}` could not sign")]
    Unavailable {
        /// Name of the signer's key.
        name: KeyName,
        /// Why.
        #[source]
        cause: SignerUnavailable,
    },
    /// The signer returned something that its own public key does not verify.
    #[error("the signer of key `{name}` returned a signature that does not verify")]
    WrongSignature {
        /// Name of the signer's key.
        name: KeyName,
        /// What is wrong with it.
        #[source]
        cause: SignatureInvalid,
    },
    /// A key for another use.
    #[error("a key of type {expected} is needed, the key `{name}` is of type {found}")]
    KeyType {
        /// Name of the signer's key.
        name: KeyName,
        /// The type this use needs.
        expected: SignatureType,
        /// The signer's type.
        found: SignatureType,
    },
    /// A log signs only under its origin.
    #[error("a key named `{expected}` is needed, found `{found}`")]
    KeyName {
        /// The origin.
        expected: KeyName,
        /// Name of the signer's key.
        found: KeyName,
    },
    /// The signatures make no note: none, or too many.
    #[error("the signatures make no note")]
    Note(#[from] NoteError),
}

/// Lets a signer of the given type sign, and checks what it returns.
pub(crate) fn sign_checked(
    signer: &dyn Signer,
    expected: SignatureType,
    message: &[u8],
) -> Result<[u8; SIGNATURE_LEN], SignError> {
    let key = signer.verifying_key();
    let name = || key.name().clone();
    if key.signature_type() != expected {
        return Err(SignError::KeyType {
            name: name(),
            expected,
            found: key.signature_type(),
        });
    }
    let signature = signer
        .sign(message)
        .map_err(|cause| SignError::Unavailable {
            name: name(),
            cause,
        })?;
    let checked = key.public_key().verify(message, &signature);
    checked.map_err(|cause| SignError::WrongSignature {
        name: name(),
        cause,
    })?;
    Ok(signature)
}

#[cfg(test)]
pub(crate) mod test_signer {
    //! A signer from fixed bytes.

    use ed25519_dalek::Signer as _;

    use super::{SIGNATURE_LEN, Signer, SignerUnavailable};
    use crate::signed_note::{KeyName, SignatureType, VerifyingKey};

    pub(crate) struct TestSigner {
        secret: ed25519_dalek::SigningKey,
        key: VerifyingKey,
    }

    impl TestSigner {
        pub(crate) fn log(name: &str, seed: u8) -> Self {
            Self::new(name, SignatureType::Ed25519, seed)
        }

        pub(crate) fn witness(name: &str, seed: u8) -> Self {
            Self::new(name, SignatureType::CosignatureV1, seed)
        }

        fn new(name: &str, signature_type: SignatureType, seed: u8) -> Self {
            let secret = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
            let public_key = secret
                .verifying_key()
                .as_bytes()
                .as_slice()
                .try_into()
                .unwrap();
            Self {
                key: VerifyingKey::new(KeyName::new(name).unwrap(), signature_type, public_key),
                secret,
            }
        }

        /// The same secret under another public key: what it signs does not verify.
        pub(crate) fn confused(self, other: &Self) -> Self {
            Self {
                secret: self.secret,
                key: other.key.clone(),
            }
        }
    }

    impl Signer for TestSigner {
        fn verifying_key(&self) -> &VerifyingKey {
            &self.key
        }

        fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], SignerUnavailable> {
            if message.ends_with(b"refuse\n") {
                return Err(SignerUnavailable("locked".into()));
            }
            Ok(self.secret.sign(message).to_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::test_signer::TestSigner;
    use super::{SignError, sign_checked};
    use crate::signed_note::SignatureType;

    #[test]
    fn a_signer_is_not_believed() {
        let log = TestSigner::log("example.com/log", 1);
        assert!(sign_checked(&log, SignatureType::Ed25519, b"text\n").is_ok());
        let refused = sign_checked(&log, SignatureType::CosignatureV1, b"text\n");
        assert!(matches!(refused, Err(SignError::KeyType { .. })));
        let refused = sign_checked(&log, SignatureType::Ed25519, b"refuse\n");
        assert!(matches!(refused, Err(SignError::Unavailable { .. })));
        let confused = TestSigner::log("example.com/log", 2).confused(&log);
        let refused = sign_checked(&confused, SignatureType::Ed25519, b"text\n");
        assert!(matches!(refused, Err(SignError::WrongSignature { .. })));
    }
}

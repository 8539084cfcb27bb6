//! Ed25519 public keys and the strict check of signatures ([RFC 8032]), for notes, cosignatures and
//! statements alike.
//!
//! One spelling per key: the encoding of a point that is not canonical is refused, and so is a key
//! of small order, for which one signature fits nearly every message. Signatures are checked with
//! `verify_strict` only; two verifiers must never disagree about the same bytes. What is signed,
//! and by whom, is decided elsewhere.
//!
//! [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032

use std::fmt;
use std::hash::{Hash, Hasher};

use thiserror::Error;

/// Bytes of an Ed25519 public key.
pub const PUBLIC_KEY_LEN: usize = ed25519_dalek::PUBLIC_KEY_LENGTH;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE_LEN: usize = ed25519_dalek::SIGNATURE_LENGTH;

/// A checked Ed25519 public key. `Debug` shows hex.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

/// Why bytes are not a public key we accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublicKeyError {
    /// Not 32 bytes.
    #[error("an Ed25519 public key has {PUBLIC_KEY_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// The bytes encode no point of the curve.
    #[error("the bytes are not a point of the Ed25519 curve")]
    NotAPoint,
    /// A second spelling of a point.
    #[error("the Ed25519 public key is not in its canonical encoding")]
    NotCanonical,
    /// A point of small order.
    #[error("the Ed25519 public key is weak: a point of small order")]
    Weak,
}

/// A signature that does not belong to this key and message. Which of the two is wrong cannot be
/// known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureInvalid {
    /// Not 64 bytes.
    #[error("an Ed25519 signature has {SIGNATURE_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// 64 bytes that are no signature by this key over this message.
    #[error("the Ed25519 signature does not verify")]
    Mismatch,
}

impl PublicKey {
    /// Takes the [RFC 8032] encoding of a public key.
    ///
    /// # Errors
    /// [`PublicKeyError`] when the bytes are not the canonical encoding of a point of full order.
    ///
    /// [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032
    pub fn from_bytes(bytes: &[u8; PUBLIC_KEY_LEN]) -> Result<Self, PublicKeyError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .map_err(|_| PublicKeyError::NotAPoint)?;
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(PublicKeyError::NotCanonical);
        }
        if key.is_weak() {
            return Err(PublicKeyError::Weak);
        }
        Ok(Self(key))
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; PUBLIC_KEY_LEN] {
        self.0.as_bytes()
    }

    /// Checks a signature over exactly these bytes.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when it is not a strict Ed25519 signature by this key over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureInvalid> {
        let bytes: &[u8; SIGNATURE_LEN] =
            signature.try_into().map_err(|_| SignatureInvalid::Length {
                found: signature.len(),
            })?;
        let signature = ed25519_dalek::Signature::from_bytes(bytes);
        self.0
            .verify_strict(message, &signature)
            .map_err(|_| SignatureInvalid::Mismatch)
    }
}

impl TryFrom<&[u8]> for PublicKey {
    type Error = PublicKeyError;

    fn try_from(bytes: &[u8]) -> Result<Self, PublicKeyError> {
        Self::from_bytes(
            bytes
                .try_into()
                .map_err(|_| PublicKeyError::Length { found: bytes.len() })?,
        )
    }
}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::{PublicKey, PublicKeyError, SignatureInvalid};

    /// p = 2^255 - 19, little-endian: a second spelling of y = 0.
    const P: [u8; 32] = {
        let mut bytes = [0xff; 32];
        bytes[0] = 0xed;
        bytes[31] = 0x7f;
        bytes
    };

    #[test]
    fn weak_and_second_spellings_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(&identity), Err(PublicKeyError::Weak));
        assert_eq!(PublicKey::from_bytes(&[0; 32]), Err(PublicKeyError::Weak));
        assert_eq!(PublicKey::from_bytes(&P), Err(PublicKeyError::NotCanonical));
        let mut negative_identity = identity;
        negative_identity[31] = 0x80;
        assert_eq!(
            PublicKey::from_bytes(&negative_identity),
            Err(PublicKeyError::NotCanonical)
        );
        let mut two = [0; 32];
        two[0] = 2;
        assert_eq!(PublicKey::from_bytes(&two), Err(PublicKeyError::NotAPoint));
        assert_eq!(
            PublicKey::try_from([0; 31].as_slice()),
            Err(PublicKeyError::Length { found: 31 })
        );
    }

    #[test]
    fn signatures_are_checked_strictly() {
        let signing = SigningKey::from_bytes(&[7; 32]);
        let key = PublicKey::from_bytes(signing.verifying_key().as_bytes()).unwrap();
        let signature = signing.sign(b"message").to_bytes();
        assert_eq!(key.verify(b"message", &signature), Ok(()));
        assert_eq!(
            key.verify(b"Message", &signature),
            Err(SignatureInvalid::Mismatch)
        );
        assert_eq!(
            key.verify(b"message", &signature[..63]),
            Err(SignatureInvalid::Length { found: 63 })
        );

        // S + L verifies in lax implementations: the second spelling of the same signature.
        let group_order: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut malleated = signature;
        let mut carry = 0;
        for (byte, order) in malleated[32..].iter_mut().zip(group_order) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        assert_eq!(
            key.verify(b"message", &malleated),
            Err(SignatureInvalid::Mismatch)
        );
    }
}

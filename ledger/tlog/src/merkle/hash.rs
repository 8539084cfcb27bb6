//! The hashes of the tree: [RFC 6962 section 2.1] with SHA-256, and the two spellings of a hash.
//!
//! A leaf is `SHA-256(0x00 || entry)`, a node `SHA-256(0x01 || left || right)`, the root of an
//! empty tree `SHA-256("")`. The first byte keeps a node from being passed off as an entry. Nothing
//! here knows the shape of a tree.
//!
//! [RFC 6962 section 2.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::base64;

/// Bytes of a hash.
pub const HASH_LEN: usize = 32;

/// Characters of a hash in padded base64.
const HASH_BASE64_LEN: usize = 44;

const LEAF_PREFIX: [u8; 1] = [0x00];
const NODE_PREFIX: [u8; 1] = [0x01];

/// A SHA-256 hash. `Display` and `FromStr` use padded standard base64 (the spelling of notes and
/// proofs), `Debug` hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; HASH_LEN]);

/// Why bytes or a text are not a [`struct@Hash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HashError {
    /// Not 32 bytes.
    #[error("a hash has {HASH_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Not 44 characters of base64.
    #[error("a hash has {HASH_BASE64_LEN} characters of base64, found {found}")]
    TextLength {
        /// Bytes of text found.
        found: usize,
    },
    /// 44 characters that are not base64.
    #[error("a hash is standard base64: {0}")]
    Base64(#[from] base64::Error),
}

impl Hash {
    /// The root of a tree without entries, `SHA-256("")`.
    pub const EMPTY_ROOT: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// Takes bytes that already are a hash; nothing is hashed.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; HASH_LEN]) -> Self {
        Self(bytes)
    }

    /// The hash of a log entry, as a leaf of the tree.
    #[must_use]
    pub fn leaf(entry: &[u8]) -> Self {
        Self::of(&[&LEAF_PREFIX, entry])
    }

    /// The hash of an inner node with these children.
    #[must_use]
    pub fn node(left: &Self, right: &Self) -> Self {
        Self::of(&[&NODE_PREFIX, &left.0, &right.0])
    }

    /// SHA-256 of the parts one after the other, without any domain separation: not a leaf, not a
    /// node.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; HASH_LEN] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        format!("{self:?}")
    }

    /// 44 characters of padded standard base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        base64::standard::encode(&self.0)
    }

    /// Reads what [`Hash::to_base64`] writes, and nothing else.
    ///
    /// # Errors
    /// [`HashError`] when the text has another length or is not canonical standard base64.
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        if text.len() != HASH_BASE64_LEN {
            return Err(HashError::TextLength { found: text.len() });
        }
        Self::try_from(base64::standard::decode(text)?.as_slice())
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = HashError;

    fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| HashError::Length { found: bytes.len() })
    }
}

impl From<[u8; HASH_LEN]> for Hash {
    fn from(bytes: [u8; HASH_LEN]) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        Self::from_base64(text)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, HashError};
    use crate::base64;

    #[test]
    fn smoke_vector_leaves_and_root() {
        let [one, two, three] = ["one", "two", "three"].map(|entry| Hash::leaf(entry.as_bytes()));
        assert_eq!(
            one.to_string(),
            "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek="
        );
        assert_eq!(
            two.to_string(),
            "qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU="
        );
        assert_eq!(
            three.to_string(),
            "Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q="
        );
        let root = Hash::node(&Hash::node(&one, &two), &three);
        assert_eq!(
            root.to_string(),
            "Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk="
        );
    }

    #[test]
    fn empty_root_is_the_hash_of_nothing() {
        assert_eq!(Hash::EMPTY_ROOT, Hash::of(&[]));
        assert_eq!(
            Hash::EMPTY_ROOT.to_hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn one_spelling() {
        let text = Hash::EMPTY_ROOT.to_base64();
        assert_eq!(text.parse::<Hash>(), Ok(Hash::EMPTY_ROOT));
        assert_eq!(
            Hash::from_base64(text.trim_end_matches('=')),
            Err(HashError::TextLength { found: 43 })
        );
        assert_eq!(
            Hash::from_base64(&format!("{text}\n")),
            Err(HashError::TextLength { found: 45 })
        );
        let other_bits = text.replace("U=", "V=");
        let trailing_bits = base64::Error::TrailingBits { found: 'V' };
        assert_eq!(
            Hash::from_base64(&other_bits),
            Err(HashError::Base64(trailing_bits))
        );
        let a_byte_short = format!("{}A==", &text[..41]);
        assert!(Hash::from_base64(&a_byte_short).is_err());
        assert_eq!(
            Hash::try_from([0; 31].as_slice()),
            Err(HashError::Length { found: 31 })
        );
    }
}

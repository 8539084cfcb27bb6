//! Who may sign notes: key names, key IDs and the vkey text `name+<8 hex digits>+base64(type ||
//! public key)`.
//!
//! C2SP signed-note v1.0.0, sections Signatures and Verifier keys. A key is identified by its name
//! *and* its ID; the ID is four bytes long and no more than a hint, which is why a known key whose
//! signature fails rejects the whole note.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::base64;
use crate::merkle::Hash;
use crate::public_key::{PUBLIC_KEY_LEN, PublicKey, PublicKeyError};

/// Longest name in bytes. tlog-cosignature encodes names and origins with one length byte in its
/// second format.
const MAX_NAME_LEN: usize = 255;
const KEY_ID_HEX_LEN: usize = 8;
/// A name, two plus signs, the key ID and the base64 of 33 bytes.
const MAX_VKEY_LEN: usize = MAX_NAME_LEN + 2 + KEY_ID_HEX_LEN + 44;

/// The name of a key: not empty, at most 255 bytes, no white space, no control character, no `+`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

/// First four bytes of a hash over name, type and public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

/// What a key is for; the byte is hashed into the key ID, so one key has another ID for each use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureType {
    /// 0x01: a signature over the note text, as a log makes it.
    Ed25519,
    /// 0x04: a timestamped cosignature, as a witness makes it ([`crate::cosignature`]).
    CosignatureV1,
}

/// A public key with its name and use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifyingKey {
    name: KeyName,
    signature_type: SignatureType,
    public_key: PublicKey,
    /// Follows from the other three.
    id: KeyId,
}

/// Why a text is not a key name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyNameError {
    /// Nothing.
    #[error("a key name must not be empty")]
    Empty,
    /// More than 255 bytes.
    #[error("a key name has at most {MAX_NAME_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// White space, a control character or a plus sign.
    #[error("character {found:?} must not occur in a key name")]
    Character {
        /// The first such character.
        found: char,
    },
}

/// Why a text is not a vkey of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VkeyError {
    /// Longer than any vkey.
    #[error("a vkey has at most {MAX_VKEY_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Not three parts.
    #[error("a vkey is name, key ID and key joined by `+`, found {found} part(s)")]
    Parts {
        /// Parts found.
        found: usize,
    },
    /// The first part.
    #[error("the name in the vkey is invalid: {0}")]
    Name(#[from] KeyNameError),
    /// The second part.
    #[error("the key ID in the vkey must be {KEY_ID_HEX_LEN} lower-case hexadecimal digits")]
    KeyIdSpelling,
    /// The third part.
    #[error("the key in the vkey is not base64: {0}")]
    Base64(#[from] base64::Error),
    /// A type byte we do not verify.
    #[error("signature type 1 or 4 is expected, found {}", found.map_or("none".to_owned(), |byte| byte.to_string()))]
    SignatureType {
        /// The first byte of the key, if there is one.
        found: Option<u8>,
    },
    /// The bytes after the type.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// The ID does not belong to name, type and key.
    #[error("name and key of the vkey have ID {expected}, found {found}")]
    KeyId {
        /// Computed from name, type and key.
        expected: KeyId,
        /// Written in the vkey.
        found: KeyId,
    },
}

impl KeyName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`KeyNameError`] with the first rule it breaks.
    pub fn new(name: &str) -> Result<Self, KeyNameError> {
        if name.is_empty() {
            return Err(KeyNameError::Empty);
        }
        if name.len() > MAX_NAME_LEN {
            return Err(KeyNameError::Length { found: name.len() });
        }
        let is_forbidden = |character: &char| {
            character.is_whitespace() || character.is_control() || *character == '+'
        };
        match name.chars().find(is_forbidden) {
            Some(found) => Err(KeyNameError::Character { found }),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KeyId {
    /// An ID as it stands in a signature.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The four bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    fn from_hex(text: &str) -> Option<Self> {
        let is_spelled_right = text.len() == KEY_ID_HEX_LEN
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = is_spelled_right.then(|| u32::from_str_radix(text, 16).ok())??;
        Some(Self(number.to_be_bytes()))
    }
}

impl SignatureType {
    /// The byte that stands for the type.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    /// The type a byte stands for, `None` for those we do not verify.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::CosignatureV1),
            _ => None,
        }
    }
}

impl VerifyingKey {
    /// Joins a public key to its name and use.
    #[must_use]
    pub fn new(name: KeyName, signature_type: SignatureType, public_key: PublicKey) -> Self {
        let hash = Hash::of(&[
            name.0.as_bytes(),
            b"\n",
            &[signature_type.to_byte()],
            public_key.as_bytes(),
        ]);
        let [a, b, c, d, ..] = *hash.as_bytes();
        Self {
            name,
            signature_type,
            public_key,
            id: KeyId([a, b, c, d]),
        }
    }

    /// Reads a vkey.
    ///
    /// # Errors
    /// [`VkeyError`] with the first thing that is wrong.
    pub fn parse(vkey: &str) -> Result<Self, VkeyError> {
        if vkey.len() > MAX_VKEY_LEN {
            return Err(VkeyError::Length { found: vkey.len() });
        }
        // The name has no plus sign; the base64 may.
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VkeyError::Parts {
                found: vkey.split('+').count(),
            });
        };
        let name = KeyName::new(name)?;
        let found = KeyId::from_hex(id).ok_or(VkeyError::KeyIdSpelling)?;
        let key = base64::standard::decode(key)?;
        let type_byte = key.first().copied();
        let Some((signature_type, public_key)) = type_byte
            .and_then(SignatureType::from_byte)
            .zip(key.get(1..))
        else {
            return Err(VkeyError::SignatureType { found: type_byte });
        };
        let key = Self::new(name, signature_type, PublicKey::try_from(public_key)?);
        if key.id != found {
            return Err(VkeyError::KeyId {
                expected: key.id,
                found,
            });
        }
        Ok(key)
    }

    /// The key's name.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key's ID.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What the key is for.
    #[must_use]
    pub const fn signature_type(&self) -> SignatureType {
        self.signature_type
    }

    /// The bare key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SignatureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02x}", self.to_byte())
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = [0; 1 + PUBLIC_KEY_LEN];
        let (type_byte, public_key) = key.split_at_mut(1);
        type_byte.fill(self.signature_type.to_byte());
        public_key.copy_from_slice(self.public_key.as_bytes());
        write!(
            f,
            "{}+{}+{}",
            self.name,
            self.id,
            base64::standard::encode(&key)
        )
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(name: &str) -> Result<Self, KeyNameError> {
        Self::new(name)
    }
}

impl FromStr for VerifyingKey {
    type Err = VkeyError;

    fn from_str(vkey: &str) -> Result<Self, VkeyError> {
        Self::parse(vkey)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{KeyName, KeyNameError, SignatureType, VerifyingKey, VkeyError};
    use crate::public_key::PublicKeyError;

    const VKEY: &str =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

    #[test]
    fn smoke_vector() {
        let key = VerifyingKey::parse(VKEY).unwrap();
        assert_eq!(key.name().as_str(), "example.com/log/testdata");
        assert_eq!(key.id().to_string(), "33d7b496");
        assert_eq!(key.signature_type(), SignatureType::Ed25519);
        assert_eq!(key.to_string(), VKEY);
    }

    #[test]
    fn each_wrong_part_has_its_own_error() {
        let refused = |vkey: &str| VerifyingKey::parse(vkey).unwrap_err();
        assert_eq!(refused("example.com"), VkeyError::Parts { found: 1 });
        assert_eq!(
            refused("example.com+33d7b496"),
            VkeyError::Parts { found: 2 }
        );
        assert_eq!(refused(&"x".repeat(400)), VkeyError::Length { found: 400 });
        assert_eq!(
            refused("+33d7b496+AeHT"),
            VkeyError::Name(KeyNameError::Empty)
        );
        assert_eq!(
            refused(&VKEY.replace("33d7b496", "33D7B496")),
            VkeyError::KeyIdSpelling
        );
        assert_eq!(
            refused(&VKEY.replace("33d7b496", "3d7b496")),
            VkeyError::KeyIdSpelling
        );
        assert!(matches!(
            refused(&VKEY.replace("33d7b496", "33d7b497")),
            VkeyError::KeyId { .. }
        ));
        assert!(matches!(
            refused(&VKEY.replace("log", "LOG")),
            VkeyError::KeyId { .. }
        ));
        assert_eq!(
            refused(&VKEY.replace("AeHT", "AuHT")),
            VkeyError::SignatureType { found: Some(2) }
        );
        assert_eq!(
            refused("example.com+33d7b496+"),
            VkeyError::SignatureType { found: None }
        );
        assert_eq!(
            refused("example.com+33d7b496+AQ=="),
            PublicKeyError::Length { found: 0 }.into()
        );
        assert!(matches!(
            refused(&format!("{VKEY}\n")),
            VkeyError::Base64(_)
        ));
        let weak = format!(
            "example.com+00000000+{}",
            crate::base64::standard::encode(&{
                let mut key = [0; 33];
                key[0] = 1;
                key
            })
        );
        assert_eq!(refused(&weak), PublicKeyError::Weak.into());
    }

    #[test]
    fn names() {
        assert_eq!(
            KeyName::new("a+b"),
            Err(KeyNameError::Character { found: '+' })
        );
        assert_eq!(
            KeyName::new("a b"),
            Err(KeyNameError::Character { found: ' ' })
        );
        assert_eq!(
            KeyName::new("a\u{3000}b"),
            Err(KeyNameError::Character { found: '\u{3000}' })
        );
        assert_eq!(
            KeyName::new("a\u{7f}"),
            Err(KeyNameError::Character { found: '\u{7f}' })
        );
        assert_eq!(
            KeyName::new(&"x".repeat(256)),
            Err(KeyNameError::Length { found: 256 })
        );
        assert!(KeyName::new("証.example/log").is_ok());
    }

    #[test]
    fn the_use_changes_the_id() {
        let key = VerifyingKey::parse(VKEY).unwrap();
        let as_witness = VerifyingKey::new(
            key.name().clone(),
            SignatureType::CosignatureV1,
            *key.public_key(),
        );
        assert_ne!(key.id(), as_witness.id());
        assert_eq!(VerifyingKey::parse(&as_witness.to_string()), Ok(as_witness));
    }

    proptest! {
        #[test]
        fn what_parses_is_the_only_spelling(
            text in "\\PC{0,80}|[a-z./]{1,9}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}",
            at in 0..VKEY.len(), byte in 0x20_u8..0x7f,
        ) {
            let mut changed = VKEY.as_bytes().to_vec();
            changed[at] = byte;
            for text in [text, String::from_utf8(changed).unwrap()] {
                if let Ok(key) = VerifyingKey::parse(&text) {
                    prop_assert_eq!(key.to_string(), text);
                }
            }
        }
    }
}

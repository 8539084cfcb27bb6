//! The keys of one log, each with the sizes of the trees it signs.
//!
//! A log changes its key without losing a reader: for a while it signs with both, and each key has
//! a first and, once it is over, a last size. A signature by a key over a tree of another size is
//! nobody's: who has stolen an ended key signs nothing with it that is larger than its last tree.
//! Where nobody knows the sizes a key signs all of them. Not part of C2SP, which knows keys only; a
//! note of such a log is an ordinary signed note.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Origin, OriginError};
use crate::decimal::{self, DecimalError};
use crate::merkle::TreeSize;
use crate::signed_note::{KeyName, SignatureType, VerifyingKey, VkeyError};

/// The sizes of the trees a key signs, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sizes {
    first: TreeSize,
    last: Option<TreeSize>,
}

/// A key of a log, and what it signs. As text `VKEY` for any size, or `VKEY@FIRST-LAST`, of which
/// either size may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogKey {
    key: VerifyingKey,
    sizes: Sizes,
}

/// One log and the keys it may sign with: more than one while keys are rotated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeys {
    origin: Origin,
    /// Not empty; all of type 0x01 and named like the origin.
    keys: Vec<LogKey>,
}

/// Why a text is not a key with the sizes it signs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogKeyError {
    /// What stands before the `@`.
    #[error(transparent)]
    Vkey(#[from] VkeyError),
    /// No hyphen behind the `@`.
    #[error("sizes are written `FIRST-LAST`, either of which may be left out")]
    Sizes,
    /// A size is not a number.
    #[error("a size is invalid: {0}")]
    Size(#[from] DecimalError),
    /// A key that signs nothing.
    #[error("the last size a key signs is {last}, before the first, {first}")]
    Backwards {
        /// The first size.
        first: TreeSize,
        /// The last size.
        last: TreeSize,
    },
}

/// Why keys are not those of one log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogKeysError {
    /// No key at all.
    #[error("a log has at least one key, found none")]
    NoKeys,
    /// A name that cannot be an origin.
    #[error("the key's name is no origin: {0}")]
    Origin(#[from] OriginError),
    /// Keys of different logs.
    #[error("all keys of a log are named `{expected}`, found `{found}`")]
    Name {
        /// Name of the first key.
        expected: KeyName,
        /// Name of another one.
        found: KeyName,
    },
    /// A witness's key, for example.
    #[error("a log's key is of type {expected}, found {found}")]
    KeyType {
        /// The type of a log's key.
        expected: SignatureType,
        /// The type found.
        found: SignatureType,
    },
}

impl Sizes {
    /// Every size.
    pub const ALL: Self = Self {
        first: TreeSize::new(0),
        last: None,
    };

    /// From this size on.
    #[must_use]
    pub const fn from(first: TreeSize) -> Self {
        Self { first, last: None }
    }

    /// No larger than this; below the first size, none at all.
    #[must_use]
    pub const fn until(self, last: TreeSize) -> Self {
        let last = Some(last);
        Self { last, ..self }
    }

    /// Those that are in both.
    #[must_use]
    pub fn narrowed(self, other: Self) -> Self {
        let last = self.last.into_iter().chain(other.last).min();
        let first = self.first.max(other.first);
        Self { first, last }
    }

    /// The smallest tree that is signed.
    #[must_use]
    pub const fn first(self) -> TreeSize {
        self.first
    }

    /// The largest tree that is signed; `None` where there is no end.
    #[must_use]
    pub const fn last(self) -> Option<TreeSize> {
        self.last
    }

    /// Whether trees of this size are signed.
    #[must_use]
    pub fn contains(self, size: TreeSize) -> bool {
        self.first <= size && self.last.is_none_or(|last| size <= last)
    }
}

impl LogKey {
    /// A key that signs trees of these sizes.
    #[must_use]
    pub const fn new(key: VerifyingKey, sizes: Sizes) -> Self {
        Self { key, sizes }
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// What it signs.
    #[must_use]
    pub const fn sizes(&self) -> Sizes {
        self.sizes
    }
}

/// A key whose sizes nobody has told: it signs all.
impl From<VerifyingKey> for LogKey {
    fn from(key: VerifyingKey) -> Self {
        Self::new(key, Sizes::ALL)
    }
}

impl LogKeys {
    /// The keys of one log, whose origin is their common name; each signs trees of any size.
    ///
    /// # Errors
    /// [`LogKeysError`] when there is none or they do not belong to one log.
    pub fn new(keys: Vec<VerifyingKey>) -> Result<Self, LogKeysError> {
        Self::of(keys.into_iter().map(LogKey::from).collect())
    }

    /// As [`Self::new`], each with the sizes it signs.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of(keys: Vec<LogKey>) -> Result<Self, LogKeysError> {
        let first = keys.first().ok_or(LogKeysError::NoKeys)?;
        let name = first.key.name().clone();
        for LogKey { key, .. } in &keys {
            if *key.name() != name {
                return Err(LogKeysError::Name {
                    expected: name,
                    found: key.name().clone(),
                });
            }
            if key.signature_type() != SignatureType::Ed25519 {
                return Err(LogKeysError::KeyType {
                    expected: SignatureType::Ed25519,
                    found: key.signature_type(),
                });
            }
        }
        Ok(Self {
            origin: Origin::new(name.as_str())?,
            keys,
        })
    }

    /// Which log.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its keys, in the order they were given.
    #[must_use]
    pub fn keys(&self) -> &[LogKey] {
        &self.keys
    }

    /// Whether this is one of them, for whatever size.
    #[must_use]
    pub fn contains(&self, key: &VerifyingKey) -> bool {
        self.keys.iter().any(|one| one.key == *key)
    }

    /// Those that sign trees of this size.
    pub fn signing(&self, size: TreeSize) -> impl Iterator<Item = &VerifyingKey> {
        self.keys
            .iter()
            .filter(move |one| one.sizes.contains(size))
            .map(|one| &one.key)
    }
}

/// `1-120`, or `120-` without an end.
impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.first)?;
        self.last.iter().try_for_each(|last| write!(f, "{last}"))
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)?;
        if self.sizes == Sizes::ALL {
            return Ok(());
        }
        write!(f, "@{}", self.sizes)
    }
}

impl FromStr for LogKey {
    type Err = LogKeyError;

    fn from_str(text: &str) -> Result<Self, LogKeyError> {
        // A name may have an `@`; what follows it, base64, has none.
        let key_at = text.rfind('+').unwrap_or_default();
        let Some(at) = text.rfind('@').filter(|at| *at > key_at) else {
            return Ok(VerifyingKey::parse(text)?.into());
        };
        let (vkey, sizes) = text.split_at(at);
        let (first, last) = sizes
            .trim_start_matches('@')
            .split_once('-')
            .ok_or(LogKeyError::Sizes)?;
        let size = |text: &str| {
            let size = (!text.is_empty()).then(|| decimal::parse(text, u64::MAX));
            size.transpose().map(|size| size.map(TreeSize::new))
        };
        let (first, last) = (size(first)?.unwrap_or_default(), size(last)?);
        if let Some(last) = last.filter(|last| *last < first) {
            return Err(LogKeyError::Backwards { first, last });
        }
        let sizes = Sizes { first, last };
        Ok(Self::new(VerifyingKey::parse(vkey)?, sizes))
    }
}

#[cfg(test)]
mod tests {
    use super::{LogKey, LogKeyError, LogKeys, LogKeysError, Sizes};
    use crate::merkle::TreeSize;
    use crate::signed_note::VerifyingKey;
    use crate::signer::Signer;
    use crate::signer::test_signer::TestSigner;

    fn key(signer: &TestSigner) -> VerifyingKey {
        signer.verifying_key().clone()
    }

    #[test]
    fn keys_of_one_log() {
        let log = key(&TestSigner::log("example.com/log", 1));
        assert_eq!(LogKeys::new(vec![]), Err(LogKeysError::NoKeys));
        let other = key(&TestSigner::log("example.com/other", 2));
        assert!(matches!(
            LogKeys::new(vec![log.clone(), other]),
            Err(LogKeysError::Name { .. })
        ));
        let witness = key(&TestSigner::witness("example.com/log", 2));
        assert!(matches!(
            LogKeys::new(vec![log, witness]),
            Err(LogKeysError::KeyType { .. })
        ));
    }

    #[test]
    fn a_key_is_told_with_or_without_its_sizes() {
        // A name with an `@` is none of sizes.
        for name in ["example.com/log", "log@example.com"] {
            let vkey = key(&TestSigner::log(name, 1)).to_string();
            for (said, first, last) in [
                ("", 0, None),
                ("@7-", 7, None),
                ("@7-9", 7, Some(9)),
                ("@0-9", 0, Some(9)),
            ] {
                let text = format!("{vkey}{said}");
                let read: LogKey = text.parse().unwrap();
                assert_eq!(read.sizes().first(), TreeSize::new(first));
                assert_eq!(read.sizes().last(), last.map(TreeSize::new));
                assert_eq!(read.to_string(), text);
            }
            let read: LogKey = format!("{vkey}@-9").parse().unwrap();
            assert_eq!(read.to_string(), format!("{vkey}@0-9"));
            let refused = |said: &str| format!("{vkey}{said}").parse::<LogKey>().unwrap_err();
            assert_eq!(refused("@"), LogKeyError::Sizes);
            assert_eq!(refused("@9"), LogKeyError::Sizes);
            assert!(matches!(refused("@9-7"), LogKeyError::Backwards { .. }));
            assert!(matches!(refused("@07-9"), LogKeyError::Size(_)));
            assert!(matches!(refused("@@7-9"), LogKeyError::Vkey(_)));
            assert!(matches!(refused("@1-2@3-4"), LogKeyError::Vkey(_)));
        }
    }

    #[test]
    fn a_key_signs_from_its_first_size_to_its_last() {
        let sizes = Sizes::from(TreeSize::new(3)).until(TreeSize::new(5));
        let signs = (0..8).filter(|size| sizes.contains(TreeSize::new(*size)));
        assert_eq!(signs.collect::<Vec<_>>(), [3, 4, 5]);
        let (a, b) = (
            key(&TestSigner::log("example.com/log", 1)),
            key(&TestSigner::log("example.com/log", 2)),
        );
        let from_five = Sizes::from(TreeSize::new(5));
        let keys = vec![
            LogKey::new(a.clone(), sizes),
            LogKey::new(b.clone(), from_five),
        ];
        let keys = LogKeys::of(keys).unwrap();
        for (size, expected) in [(2, vec![]), (4, vec![&a]), (5, vec![&a, &b]), (6, vec![&b])] {
            let signing = keys.signing(TreeSize::new(size));
            assert_eq!(signing.collect::<Vec<_>>(), expected, "{size}");
        }
    }
}

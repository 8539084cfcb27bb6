//! SHA-256 digests and 32-byte secrets that are not nodes of the Merkle tree.
//!
//! Tree nodes have their own type, [`akashi_tlog::merkle::Hash`], so that a commitment can never be
//! handed to code that expects a leaf hash.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use akashi_tlog::base64;

/// A SHA-256 digest over domain-separated input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps 32 bytes that already are a digest.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// SHA-256 over the concatenation of `parts`. The first part is the label that separates this
    /// use from others.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Digest of a text shown or sent to a person, as it stands in records: SHA-256 over
    /// `akashi/wording/v1` and the text as it is.
    pub fn of_wording(text: &str) -> Self {
        Self::of(&[b"akashi/wording/v1", text.as_bytes()])
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Unpadded base64url, the spelling used in statements and URLs (43 characters).
    pub fn to_base64url(self) -> String {
        base64::url::encode(&self.0)
    }

    /// Reads the one spelling [`Self::to_base64url`] writes; `None` for any other.
    pub fn from_base64url(text: &str) -> Option<Self> {
        let bytes = base64::url::decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64url())
    }
}

/// A 32-byte secret: wiped when dropped, never printed.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for Secret {
    /// Takes the same time wherever the first difference is.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}

impl Secret {
    /// Takes over 32 secret bytes; drawing them is the caller's business.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret itself. Only for handing it to a cipher, a MAC or a sealed store.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 under this secret over the concatenation of `parts` ([RFC 2104]).
    ///
    /// [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
    pub fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = hmac_keyed(&self.0);
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// HMAC takes keys of any length, so keying it with 32 bytes has no failure.
pub(crate) fn hmac_keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    #[expect(
        clippy::expect_used,
        reason = "HMAC accepts keys of every length (RFC 2104 section 2)"
    )]
    Hmac::new_from_slice(key).expect("hmac key")
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

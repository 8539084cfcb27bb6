//! Signatures of type 0x04: a time and a signature over it and the whole text. What they are for
//! stands in [`crate::cosignature`].

use std::fmt;

use thiserror::Error;

use crate::public_key::{PublicKey, SIGNATURE_LEN, SignatureInvalid};

const TIME_LEN: usize = 8;
/// Time and signature: what follows the key ID.
const TIMED_SIGNATURE_LEN: usize = TIME_LEN + SIGNATURE_LEN;

/// Seconds since 1970 UTC, at most 2^63 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PosixSeconds(u64);

/// Why a cosignature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CosignatureError {
    /// Not a time and a signature.
    #[error("a cosignature has {TIMED_SIGNATURE_LEN} bytes after the key ID, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// A time that the specification forbids.
    #[error(
        "the time of a cosignature is at most {}, found {found}",
        PosixSeconds::MAX
    )]
    Time {
        /// Seconds found.
        found: u64,
    },
    /// No signature by this key over this text and time.
    #[error(transparent)]
    Signature(#[from] SignatureInvalid),
}

impl PosixSeconds {
    /// The latest time a cosignature may have.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// Seconds since 1970 UTC; `None` beyond [`PosixSeconds::MAX`].
    #[must_use]
    pub const fn new(seconds: u64) -> Option<Self> {
        if seconds <= Self::MAX.0 {
            Some(Self(seconds))
        } else {
            None
        }
    }

    /// The bare number of seconds.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl fmt::Display for PosixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The bytes a witness signs. `text` is the note text of the checkpoint with its final newline,
/// without signature lines.
#[must_use]
pub fn signed_bytes(time: PosixSeconds, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// Checks what follows the key ID in a cosignature line, and gives the time the witness states.
///
/// # Errors
/// [`CosignatureError`] with the first thing that is wrong.
pub fn verify(
    key: &PublicKey,
    text: &str,
    timed_signature: &[u8],
) -> Result<PosixSeconds, CosignatureError> {
    let wrong_length = CosignatureError::Length {
        found: timed_signature.len(),
    };
    if timed_signature.len() != TIMED_SIGNATURE_LEN {
        return Err(wrong_length);
    }
    let (time, signature) = timed_signature
        .split_first_chunk::<TIME_LEN>()
        .ok_or(wrong_length)?;
    let seconds = u64::from_be_bytes(*time);
    let time = PosixSeconds::new(seconds).ok_or(CosignatureError::Time { found: seconds })?;
    key.verify(&signed_bytes(time, text), signature)?;
    Ok(time)
}

//! The 97 bytes the public log holds of a record (docs/RECORD_FORMAT.md 1).
//!
//! ```text
//! A1 | commitment (32) | tag (32) | gate (32)
//! ```
//! Nothing in it says who, what or why. The version byte is neither 0x00 nor 0x01, which begin RFC
//! 6962 preimages.

use crate::digest::Digest;

/// The version byte.
pub const ENTRY_VERSION: u8 = 0xA1;
/// Length of every entry.
pub const ENTRY_LEN: usize = 97;

/// One entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Commits to the record.
    pub commitment: Digest,
    /// Finds the record for whoever has the stream's key; once in the whole log.
    pub tag: [u8; 32],
    /// Opens a holder's data, or random; once in the whole log.
    pub gate: [u8; 32],
}

/// Why bytes are not an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not 97 bytes.
    #[error("expected {ENTRY_LEN} bytes, found {0}")]
    Length(usize),
    /// Another version.
    #[error("expected version byte {ENTRY_VERSION:#04x}, found {0:#04x}")]
    Version(u8),
}

impl Entry {
    /// The entry's bytes.
    pub fn to_bytes(&self) -> [u8; ENTRY_LEN] {
        let mut bytes = [0; ENTRY_LEN];
        bytes[0] = ENTRY_VERSION;
        bytes[1..33].copy_from_slice(self.commitment.as_bytes());
        bytes[33..65].copy_from_slice(&self.tag);
        bytes[65..].copy_from_slice(&self.gate);
        bytes
    }

    /// Reads exactly 97 bytes of the version known here.
    ///
    /// # Errors
    /// [`EntryError`] for any other bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let (&version, parts) = bytes
            .split_first()
            .filter(|_| bytes.len() == ENTRY_LEN)
            .ok_or(EntryError::Length(bytes.len()))?;
        if version != ENTRY_VERSION {
            return Err(EntryError::Version(version));
        }
        let ([commitment, tag, gate], []) = parts.as_chunks::<32>() else {
            return Err(EntryError::Length(bytes.len()));
        };
        Ok(Self {
            commitment: Digest::from_bytes(*commitment),
            tag: *tag,
            gate: *gate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_97_bytes_in_this_order() {
        let entry = Entry {
            commitment: Digest::from_bytes([1; 32]),
            tag: [2; 32],
            gate: [3; 32],
        };
        let bytes = entry.to_bytes();
        assert_eq!(
            (bytes[0], bytes[1], bytes[33], bytes[65], bytes.len()),
            (0xA1, 1, 2, 3, 97)
        );
        assert_eq!(Entry::parse(&bytes), Ok(entry));
        assert_eq!(Entry::parse(&bytes[..96]), Err(EntryError::Length(96)));
        let mut preimage = bytes;
        preimage[0] = 0;
        assert_eq!(Entry::parse(&preimage), Err(EntryError::Version(0)));
    }
}

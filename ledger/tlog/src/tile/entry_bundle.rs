//! Entry bundles: the entries behind one tile of leaf hashes. C2SP tlog-tiles v0.1.0, section Log
//! entries.
//!
//! For each entry its length as u16, big-endian, then its bytes. How many there are is said by the
//! path (the tile's width), so a bundle is read for a given width and must hold exactly that many.

use thiserror::Error;

use super::TileWidth;

/// Bytes before each entry.
const LENGTH_LEN: usize = 2;

/// Longest entry in bytes.
pub const MAX_ENTRY_LEN: usize = u16::MAX as usize;

/// Why bytes are not an entry bundle, or entries make none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EntryBundleError {
    /// An entry does not fit its length field.
    #[error("entry {place} has at most {MAX_ENTRY_LEN} bytes, found {found}")]
    EntryLength {
        /// Place in the bundle, from 0.
        place: usize,
        /// Bytes of the entry.
        found: usize,
    },
    /// No entry, or more than 256.
    #[error("a bundle has 1 to 256 entries, found {found}")]
    EntryCount {
        /// Entries given.
        found: usize,
    },
    /// The bytes end inside an entry or before the last one.
    #[error("entry {place} of {width} is cut off: {expected} more bytes are needed, found {found}")]
    Truncated {
        /// Place in the bundle, from 0.
        place: u16,
        /// Entries expected.
        width: TileWidth,
        /// Bytes needed next.
        expected: usize,
        /// Bytes left.
        found: usize,
    },
    /// There are bytes after the last entry.
    #[error("a bundle of {width} entries ends with the last one, found {found} more bytes")]
    TrailingBytes {
        /// Entries expected.
        width: TileWidth,
        /// Bytes left.
        found: usize,
    },
}

/// Writes a bundle.
///
/// # Errors
/// [`EntryBundleError`] when there are not 1 to 256 entries or one is longer than 65,535 bytes.
pub fn encode<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, EntryBundleError> {
    if u16::try_from(entries.len())
        .ok()
        .and_then(TileWidth::new)
        .is_none()
    {
        return Err(EntryBundleError::EntryCount {
            found: entries.len(),
        });
    }
    let mut bundle = Vec::new();
    for (place, entry) in entries.iter().map(AsRef::as_ref).enumerate() {
        let length = u16::try_from(entry.len()).map_err(|_| EntryBundleError::EntryLength {
            place,
            found: entry.len(),
        })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Reads a bundle of exactly `width` entries. Not to be believed before each entry's leaf hash has
/// been compared.
///
/// # Errors
/// [`EntryBundleError`] when it ends early or late.
pub fn decode(bundle: &[u8], width: TileWidth) -> Result<Vec<&[u8]>, EntryBundleError> {
    let mut rest = bundle;
    let mut entries = Vec::with_capacity(usize::from(width.value()));
    for place in 0..width.value() {
        let truncated = |expected, rest: &[u8]| EntryBundleError::Truncated {
            place,
            width,
            expected,
            found: rest.len(),
        };
        let (length, after) = rest
            .split_first_chunk::<LENGTH_LEN>()
            .ok_or_else(|| truncated(LENGTH_LEN, rest))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after
            .split_at_checked(length)
            .ok_or_else(|| truncated(length, after))?;
        entries.push(entry);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(EntryBundleError::TrailingBytes {
            width,
            found: rest.len(),
        });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{EntryBundleError, decode, encode};
    use crate::tile::TileWidth;

    fn width(width: u16) -> TileWidth {
        TileWidth::new(width).unwrap()
    }

    #[test]
    fn smoke_vector() {
        let bundle = encode(&["one", "two", "three"]).unwrap();
        assert_eq!(bundle, b"\x00\x03one\x00\x03two\x00\x05three");
        assert_eq!(
            decode(&bundle, width(3)),
            Ok(vec![b"one".as_slice(), b"two", b"three"])
        );
    }

    #[test]
    fn too_few_and_too_many_bytes() {
        let bundle = encode(&["one", "two"]).unwrap();
        let truncated = |place, width, expected, found| EntryBundleError::Truncated {
            place,
            width,
            expected,
            found,
        };
        assert_eq!(decode(&bundle, width(3)), Err(truncated(2, width(3), 2, 0)));
        assert_eq!(
            decode(&bundle[..9], width(2)),
            Err(truncated(1, width(2), 3, 2))
        );
        assert_eq!(
            decode(&bundle[..6], width(2)),
            Err(truncated(1, width(2), 2, 1))
        );
        assert_eq!(
            decode(&bundle, width(1)),
            Err(EntryBundleError::TrailingBytes {
                width: width(1),
                found: 5
            })
        );
    }

    #[test]
    fn bounds() {
        assert_eq!(
            encode(&[""; 0]),
            Err(EntryBundleError::EntryCount { found: 0 })
        );
        assert_eq!(
            encode(&[""; 257]),
            Err(EntryBundleError::EntryCount { found: 257 })
        );
        let long = vec![0; 65_536];
        assert_eq!(
            encode(&[&[][..], &long]),
            Err(EntryBundleError::EntryLength {
                place: 1,
                found: 65_536
            })
        );
        let longest = encode(&[&long[1..]]).unwrap();
        assert_eq!(decode(&longest, width(1)), Ok(vec![&long[1..]]));
        let full = encode(&[""; 256]).unwrap();
        assert_eq!(decode(&full, TileWidth::FULL), Ok(vec![&b""[..]; 256]));
    }

    proptest! {
        #[test]
        fn every_bundle_comes_back(
            entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..=256),
        ) {
            let bundle = encode(&entries).unwrap();
            prop_assert_eq!(decode(&bundle, width(entries.len() as u16)).unwrap(), entries);
        }

        #[test]
        fn arbitrary_bytes_never_panic(
            bundle in prop::collection::vec(0..4_u8, 0..40),
            entries in 1..9_u16,
        ) {
            if let Ok(entries) = decode(&bundle, width(entries)) {
                prop_assert_eq!(encode(&entries).unwrap(), bundle);
            }
        }
    }
}

//! Base64 in the two spellings our formats use ([RFC 4648]), each with exactly one text per byte
//! string.
//!
//! - [`standard`]: section 4 alphabet with padding: notes, checkpoints, proofs, vkeys (C2SP).
//! - [`url`]: section 5 alphabet without padding: compact JWS ([RFC 7515]), link codes.
//!
//! Refused: the other alphabet, white space, missing or superfluous padding, and a last character
//! whose unused bits are not zero (two texts would otherwise stand for the same signature). The
//! caller caps the length before it decodes.
//!
//! [RFC 4648]: https://www.rfc-editor.org/rfc/rfc4648
//! [RFC 7515]: https://www.rfc-editor.org/rfc/rfc7515

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use thiserror::Error;

/// Why a text is not base64 in the asked spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Error {
    /// The number of characters cannot be reached by encoding any byte string.
    #[error("no byte string encodes to {found} characters of base64")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A byte outside the alphabet, padding at a wrong place included.
    #[error("byte 0x{found:02x} at position {position} does not belong there in base64")]
    Character {
        /// Offset of the byte in the text.
        position: usize,
        /// The byte found.
        found: u8,
    },
    /// The bits of the last character that encode nothing are not zero.
    #[error("unused bits at the end of base64 must be zero, found `{found}` as the last character")]
    TrailingBits {
        /// The last character before the padding.
        found: char,
    },
}

/// [RFC 4648 section 4]: `A-Z a-z 0-9 + /`, padded with `=` to a multiple of four.
///
/// [RFC 4648 section 4]: https://www.rfc-editor.org/rfc/rfc4648#section-4
pub mod standard {
    use super::{Base64, Encoding, Error, explain};

    /// The one padded standard text for `bytes`.
    #[must_use]
    pub fn encode(bytes: &[u8]) -> String {
        Base64::encode_string(bytes)
    }

    /// The bytes behind `text`.
    ///
    /// # Errors
    /// [`enum@Error`] when `text` is not what [`encode`] would have written.
    pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
        if !text.len().is_multiple_of(4) {
            return Err(Error::Length { found: text.len() });
        }
        let padding = text
            .bytes()
            .rev()
            .take(2)
            .take_while(|byte| *byte == b'=')
            .count();
        Base64::decode_vec(text).map_err(|_| explain(text, text.len() - padding, [b'+', b'/']))
    }
}

/// [RFC 4648 section 5]: `A-Z a-z 0-9 - _`, never padded.
///
/// [RFC 4648 section 5]: https://www.rfc-editor.org/rfc/rfc4648#section-5
pub mod url {
    use super::{Base64UrlUnpadded, Encoding, Error, explain};

    /// The one unpadded URL-safe text for `bytes`.
    #[must_use]
    pub fn encode(bytes: &[u8]) -> String {
        Base64UrlUnpadded::encode_string(bytes)
    }

    /// The bytes behind `text`.
    ///
    /// # Errors
    /// [`enum@Error`] when `text` is not what [`encode`] would have written.
    pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
        if text.len() % 4 == 1 {
            return Err(Error::Length { found: text.len() });
        }
        Base64UrlUnpadded::decode_vec(text).map_err(|_| explain(text, text.len(), [b'-', b'_']))
    }
}

/// Why `base64ct`, whose error names no cause, refused a text of a possible length; `unpadded_len`
/// leaves the padding out.
fn explain(text: &str, unpadded_len: usize, last_two_of_alphabet: [u8; 2]) -> Error {
    let mut last = '=';
    for (position, found) in text.bytes().take(unpadded_len).enumerate() {
        if !found.is_ascii_alphanumeric() && !last_two_of_alphabet.contains(&found) {
            return Error::Character { position, found };
        }
        last = char::from(found);
    }
    Error::TrailingBits { found: last }
}

#[cfg(test)]
mod tests {
    use super::{Error, standard, url};
    use proptest::prelude::*;

    #[test]
    fn known_texts() {
        for (bytes, padded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(standard::encode(bytes.as_bytes()), padded);
            assert_eq!(standard::decode(padded).unwrap(), bytes.as_bytes());
            let unpadded = padded.trim_end_matches('=');
            assert_eq!(url::encode(bytes.as_bytes()), unpadded);
            assert_eq!(url::decode(unpadded).unwrap(), bytes.as_bytes());
        }
        assert_eq!(standard::encode(&[0xfb, 0xff]), "+/8=");
        assert_eq!(url::encode(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn other_spellings_are_refused() {
        assert_eq!(standard::decode("Zg"), Err(Error::Length { found: 2 }));
        assert_eq!(
            standard::decode("Zh=="),
            Err(Error::TrailingBits { found: 'h' })
        );
        assert_eq!(
            standard::decode("Zm9="),
            Err(Error::TrailingBits { found: '9' })
        );
        assert_eq!(
            standard::decode("-_8="),
            Err(Error::Character {
                position: 0,
                found: b'-'
            })
        );
        assert_eq!(
            standard::decode("Zg=\n"),
            Err(Error::Character {
                position: 2,
                found: b'='
            })
        );
        assert_eq!(
            standard::decode("Z==="),
            Err(Error::Character {
                position: 1,
                found: b'='
            })
        );
        assert_eq!(
            standard::decode("===="),
            Err(Error::Character {
                position: 0,
                found: b'='
            })
        );
        assert_eq!(
            standard::decode("Zg==Zg=="),
            Err(Error::Character {
                position: 2,
                found: b'='
            })
        );
        assert_eq!(standard::decode("Zm9v\n"), Err(Error::Length { found: 5 }));
        assert_eq!(
            url::decode("Zg=="),
            Err(Error::Character {
                position: 2,
                found: b'='
            })
        );
        assert_eq!(url::decode("Zh"), Err(Error::TrailingBits { found: 'h' }));
        assert_eq!(
            url::decode("+/8"),
            Err(Error::Character {
                position: 0,
                found: b'+'
            })
        );
        assert_eq!(url::decode("Z"), Err(Error::Length { found: 1 }));
        assert_eq!(
            url::decode("Zg "),
            Err(Error::Character {
                position: 2,
                found: b' '
            })
        );
    }

    proptest! {
        #[test]
        fn every_byte_string_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(standard::decode(&standard::encode(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(url::decode(&url::encode(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn what_decodes_is_the_only_spelling(text in "[A-Za-z0-9+/_=-]{0,9}|\\PC{0,9}") {
            if let Ok(bytes) = standard::decode(&text) {
                prop_assert_eq!(standard::encode(&bytes), text.clone());
            }
            if let Ok(bytes) = url::decode(&text) {
                prop_assert_eq!(url::encode(&bytes), text);
            }
        }
    }
}

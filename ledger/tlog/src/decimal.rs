//! Decimal numbers as C2SP formats write them: ASCII digits, no sign, no leading zero (so "0" is
//! the only zero).

use thiserror::Error;

/// Digits of `u64::MAX`; a longer text cannot be a number of ours, so nothing longer is looked at.
const MAX_DIGITS: usize = 20;

/// Why a text is not a decimal number in its one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// No digits at all.
    #[error("a decimal number is missing")]
    Empty,
    /// More digits than the largest number has.
    #[error("a decimal number has at most {MAX_DIGITS} digits, found {found} bytes")]
    Length {
        /// Bytes of text found.
        found: usize,
    },
    /// A byte that is not an ASCII digit: a sign, a space, a digit of another script.
    #[error("byte 0x{found:02x} at position {position} is not a decimal digit")]
    Character {
        /// Offset of the byte in the text.
        position: usize,
        /// The byte found.
        found: u8,
    },
    /// A zero before other digits.
    #[error("a decimal number of {found} digits must not begin with 0")]
    LeadingZero {
        /// Digits found.
        found: usize,
    },
    /// A number beyond what the field allows.
    #[error("a number of at most {max} is expected, found a larger one")]
    TooLarge {
        /// The largest number the field allows.
        max: u64,
    },
}

/// The number `text` spells, at most `max`.
///
/// # Errors
/// [`DecimalError`] when `text` is not the one spelling of such a number.
pub fn parse(text: &str, max: u64) -> Result<u64, DecimalError> {
    if text.is_empty() {
        return Err(DecimalError::Empty);
    }
    if text.len() > MAX_DIGITS {
        return Err(DecimalError::Length { found: text.len() });
    }
    if let Some((position, found)) = text
        .bytes()
        .enumerate()
        .find(|(_, byte)| !byte.is_ascii_digit())
    {
        return Err(DecimalError::Character { position, found });
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(DecimalError::LeadingZero { found: text.len() });
    }
    text.parse()
        .ok()
        .filter(|number| *number <= max)
        .ok_or(DecimalError::TooLarge { max })
}

#[cfg(test)]
mod tests {
    use super::{DecimalError, parse};
    use proptest::prelude::*;

    #[test]
    fn bounds() {
        assert_eq!(parse("0", u64::MAX), Ok(0));
        assert_eq!(parse("18446744073709551615", u64::MAX), Ok(u64::MAX));
        assert_eq!(
            parse("18446744073709551616", u64::MAX),
            Err(DecimalError::TooLarge { max: u64::MAX })
        );
        assert_eq!(parse("256", 255), Err(DecimalError::TooLarge { max: 255 }));
    }

    #[test]
    fn other_spellings_are_refused() {
        assert_eq!(parse("", 9), Err(DecimalError::Empty));
        assert_eq!(parse("00", 9), Err(DecimalError::LeadingZero { found: 2 }));
        assert_eq!(parse("07", 9), Err(DecimalError::LeadingZero { found: 2 }));
        assert_eq!(
            parse("+7", 9),
            Err(DecimalError::Character {
                position: 0,
                found: b'+'
            })
        );
        assert_eq!(
            parse("-0", 9),
            Err(DecimalError::Character {
                position: 0,
                found: b'-'
            })
        );
        assert_eq!(
            parse("7 ", 9),
            Err(DecimalError::Character {
                position: 1,
                found: b' '
            })
        );
        assert_eq!(
            parse("\u{ff17}", 9),
            Err(DecimalError::Character {
                position: 0,
                found: 0xef
            })
        );
        assert_eq!(
            parse("000000000000000000001", 9),
            Err(DecimalError::Length { found: 21 })
        );
    }

    proptest! {
        #[test]
        fn every_number_comes_back(number in any::<u64>()) {
            prop_assert_eq!(parse(&number.to_string(), u64::MAX), Ok(number));
        }

        #[test]
        fn what_parses_is_the_only_spelling(text in "[0-9+ -]{0,22}|\\PC{0,5}") {
            if let Ok(number) = parse(&text, u64::MAX) {
                prop_assert_eq!(number.to_string(), text);
            }
        }
    }
}

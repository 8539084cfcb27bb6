//! The recovery code printed at enrolment: the second thing beside the phone.
//!
//! 20 characters of Crockford's base32 (100 random bits) in groups of four, without the letters I,
//! L, O and U, which are misread: `K4TW-9QMX-2HRP-7VNC-3FJ8`. The ledger keeps only its digest.

use std::fmt;

use akashi_ledger::random;
use akashi_proof::digest::Digest;

use akashi_notifier::typed::{is_between, plain_line};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code; five bits each.
pub const LEN: usize = 20;

/// A recovery code. It does not print itself where it was not asked to: use
/// [`RecoveryCode::grouped`].
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode([u8; LEN]);

impl RecoveryCode {
    /// A new random code.
    pub fn draw() -> Self {
        let mut bytes = [0; LEN];
        random::draw(&mut bytes);
        Self::from_bytes(bytes)
    }

    /// The code made of the lower five bits of each byte; drawing the bytes is the caller's
    /// business.
    pub fn from_bytes(bytes: [u8; LEN]) -> Self {
        #[expect(
            clippy::indexing_slicing,
            reason = "five bits, and an alphabet of thirty-two letters"
        )]
        Self(bytes.map(|byte| ALPHABET[usize::from(byte & 31)]))
    }

    /// Reads what a person typed: lower case, full-width characters, any grouping and marks around
    /// it; O for 0 and I or L for 1. `None` for what cannot be a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = Vec::with_capacity(LEN);
        for c in plain_line(typed).chars().filter(|c| !is_between(*c)) {
            let c = match c.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                other => u8::try_from(other).ok()?,
            };
            if !ALPHABET.contains(&c) || code.len() == LEN {
                return None;
            }
            code.push(c);
        }
        code.try_into().ok().map(Self)
    }

    /// As printed and read: groups of four.
    pub fn grouped(&self) -> String {
        let groups: Vec<String> = self
            .0
            .chunks(4)
            .map(|group| group.iter().map(|c| char::from(*c)).collect())
            .collect();
        groups.join("-")
    }

    /// What the ledger keeps: SHA-256 over the label and the 20 characters without the hyphens.
    pub fn digest(&self) -> Digest {
        Digest::of(&[b"akashi/recovery/v1", &self.0])
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const BETWEEN: [&str; 7] = ["", "-", " ", "\u{200B}", "ー", "・", "\u{A0}"];

    proptest! {
        #[test]
        fn a_code_is_read_whatever_stands_between_and_looks_alike(
            bytes in any::<[u8; LEN]>(),
            between in collection::vec(select(&BETWEEN[..]), LEN),
            lower in any::<bool>(),
            alike in any::<bool>(),
        ) {
            let code = RecoveryCode::from_bytes(bytes);
            let mut typed = String::new();
            for (c, between) in code.0.iter().zip(&between) {
                typed.push(match char::from(*c) {
                    '0' if alike => 'O',
                    '1' if alike => 'l',
                    other => other,
                });
                typed.push_str(between);
            }
            let typed = if lower { typed.to_lowercase() } else { typed };
            prop_assert_eq!(RecoveryCode::parse(&typed), Some(code), "{}", typed);
        }
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = RecoveryCode::from_bytes(std::array::from_fn(|i| i as u8));
        assert_eq!(code.grouped(), "0123-4567-89AB-CDEF-GHJK");
        for typed in [
            "0123-4567-89AB-CDEF-GHJK",
            " 0123 4567 89ab cdef ghjk ",
            "O1234567-89abcdefghjk",
            "oi23456789abcdefghjk",
            "０１２３－４５６７－８９ＡＢ－ＣＤＥＦ－ＧＨＪＫ",
            "０１２３ー４５６７ー８９ａｂ　ｃｄｅｆ　ｇｈｊｋ",
        ] {
            assert_eq!(RecoveryCode::parse(typed).as_ref(), Some(&code), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for typed in [
            "",
            "0123-4567-89AB-CDEF-GHJ",
            "0123-4567-89AB-CDEF-GHJK0",
            "U123-4567-89AB-CDEF-GHJK",
            "あ",
        ] {
            assert_eq!(RecoveryCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn codes_differ_and_do_not_print() {
        let (a, b) = (RecoveryCode::draw(), RecoveryCode::draw());
        assert_ne!(a, b);
        assert_ne!(a.digest(), b.digest());
        assert_eq!(format!("{a:?}"), "RecoveryCode(..)");
    }
}

//! Japanese mobile numbers, as people have them in their contact lists.

use std::fmt;

use crate::typed::plain_line;

/// A Japanese number that can receive SMS, kept as [E.164].
///
/// [E.164]: https://www.itu.int/rec/T-REC-E.164
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// Why a text is not a number an SMS can be sent to; the text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// It is no telephone number, or one of the wrong length.
    #[error("expected a Japanese mobile number such as 090-1234-5678 or +81 90 1234 5678")]
    Unreadable,
    /// It is a Japanese number, but not of a mobile telephone.
    #[error("expected a mobile number (060, 070, 080 or 090), found one that takes no SMS")]
    NotMobile,
    /// It is a number abroad. Messages to those are how SMS budgets are stolen.
    #[error("expected a Japanese number (+81), found one abroad")]
    Abroad,
    /// It is made up, and this is no demo ([`Phone::is_made_up`]). [`Phone::parse`] never says so:
    /// who asks people for numbers does.
    #[error("expected a number somebody can have, found one that is made up")]
    MadeUp,
}

/// Longest text looked at: the longest honest spelling, pasted with its marks, has 40 characters.
const TYPED_MAX: usize = 80;

impl Phone {
    /// Reads `090-...`, `+81 90 ...`, `81 90 ...`, `0081 90 ...`, each also with the domestic zero
    /// in brackets and as a `tel:` address ([RFC 3966]); what is typed between digits, and what is
    /// not seen, does not matter.
    ///
    /// # Errors
    /// [`PhoneError`].
    ///
    /// [RFC 3966]: https://www.rfc-editor.org/rfc/rfc3966
    pub fn parse(typed: &str) -> Result<Self, PhoneError> {
        if typed.chars().count() > TYPED_MAX {
            return Err(PhoneError::Unreadable);
        }
        let national = national(&plain_line(typed))?;
        if !national.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneError::Unreadable);
        }
        let mobile = match national.as_bytes() {
            // 0800 is a freephone number of as many digits; other numbers with a zero here are
            // nobody's, and of those the made-up ones are taken.
            [b'6'..=b'9', b'0', b'1'..=b'9', rest @ ..] => rest.len() == 7,
            [..] => is_made_up(&national),
        };
        match national.len() {
            10 if mobile => Ok(Self(format!("+81{national}"))),
            // A mobile number with a digit missing is a slip, and no number of a landline.
            9 if matches!(national.as_bytes(), [b'6'..=b'9', b'0', ..]) => {
                Err(PhoneError::Unreadable)
            }
            9 | 10 => Err(PhoneError::NotMobile),
            _ => Err(PhoneError::Unreadable),
        }
    }

    /// Whether no operator has given this number to anybody: the people of the demo have such ones,
    /// and nobody else may enrol with one.
    pub fn is_made_up(&self) -> bool {
        self.0.strip_prefix("+81").is_some_and(is_made_up)
    }

    /// The number for sending: `+819012345678`. Never for logs.
    pub fn as_e164(&self) -> &str {
        &self.0
    }
}

/// Whether a number is of the ranges of made-up ones: 090-0000-... for the people of a town,
/// 070-0... for as many as a load wants. No operator is given numbers with a zero there
/// ([numbering plan]).
///
/// [numbering plan]: https://www.soumu.go.jp/main_sosiki/joho_tsusin/top/tel_number/
fn is_made_up(national: &str) -> bool {
    national.starts_with("900000") || national.starts_with("700")
}

/// What stands behind the trunk zero or the code of the country; it need not be digits yet.
fn national(line: &str) -> Result<String, PhoneError> {
    let line = match line.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => line.get(4..).unwrap_or_default(),
        _ => line,
    };
    let between = [' ', '-', '(', ')', '[', ']', '.', '/', '·', '・'];
    let digits: String = line.chars().filter(|c| !between.contains(c)).collect();
    let here = if let Some(rest) = digits.strip_prefix('+').or(digits.strip_prefix("00")) {
        rest.strip_prefix("81").ok_or(PhoneError::Abroad)?
    } else if let Some(rest) = digits.strip_prefix('0') {
        return Ok(rest.to_owned());
    } else {
        // As gateways write it. No number of ours begins with the code and is as long.
        let rest = digits.strip_prefix("81").ok_or(PhoneError::Unreadable)?;
        if rest.len() < 10 {
            return Err(PhoneError::Unreadable);
        }
        rest
    };
    Ok(here.strip_prefix('0').unwrap_or(here).to_owned())
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(..)")
    }
}

impl fmt::Display for Phone {
    /// The last two digits: enough for the person to tell her numbers apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "•••-••••-••{}",
            self.0
                .get(self.0.len().saturating_sub(2)..)
                .unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        for typed in [
            "090-1234-5678",
            "09012345678",
            "+81 90 1234 5678",
            "+81(0)90-1234-5678",
            "０９０ー１２３４ー５６７８",
            "090 1234 5678",
            "(090) 1234-5678",
            "090.1234.5678",
            "090・1234・5678",
            "090·1234·5678",
            "090/1234/5678",
            "090\t1234\t5678",
            "819012345678",
            "8109012345678",
            "00819012345678",
            "0081 (0)90 1234 5678",
            "tel:+81-90-1234-5678",
            "TEL:09012345678",
            "\u{202D}090-1234-5678\u{202C}",
            "\u{2068}+81 90\u{A0}1234\u{2009}5678\u{2069}",
            "090\u{200B}1234\u{AD}5678\u{FEFF}",
            "090‑1234–5678",
        ] {
            let phone = Phone::parse(typed).map(|phone| phone.as_e164().to_owned());
            assert_eq!(phone.as_deref(), Ok("+819012345678"), "{typed:?}");
        }
        for typed in ["060-1234-5678", "070-1234-5678", "080-1234-5678"] {
            assert!(Phone::parse(typed).is_ok(), "{typed}");
        }
    }

    #[test]
    fn what_takes_no_sms_is_refused_with_the_reason() {
        let refused: [(PhoneError, &[&str]); 3] = [
            (
                PhoneError::NotMobile,
                &[
                    "0800-123-4567",
                    "050-1234-5678",
                    "03-1234-5678",
                    "0120-123-456",
                    "+81 3 1234 5678",
                    "090-0123-4567",
                    "060-0000-0000",
                    "020-1234-5678",
                ],
            ),
            (
                PhoneError::Abroad,
                &["+1 202 555 0123", "001 202 555 0123", "+82 10 1234 5678"],
            ),
            (
                PhoneError::Unreadable,
                &[
                    "",
                    "110",
                    "090-1234-567",
                    "090-1234-56789",
                    "090-1234-567x",
                    "9012345678",
                    "Akashi",
                    "８１",
                    "٠٩٠١٢٣٤٥٦٧٨",
                    "090-1234-5678 090-1234-5679",
                ],
            ),
        ];
        for (reason, numbers) in refused {
            for typed in numbers {
                assert_eq!(Phone::parse(typed), Err(reason), "{typed:?}");
            }
        }
        assert_eq!(
            Phone::parse(&"0".repeat(10_000)),
            Err(PhoneError::Unreadable)
        );
    }

    /// What stands between digits on paper, and what nobody sees.
    const BETWEEN: [&str; 16] = [
        "", "", "", "-", " ", "\u{3000}", ".", "・", "/", "ー", "−", "\u{200B}", "\u{AD}", "\t",
        "\u{2060}", "\u{A0}",
    ];

    proptest! {
        #[test]
        fn what_stands_between_and_before_the_digits_does_not_matter(
            kind in 6..=9_u32,
            rest in "[1-9][0-9]{7}",
            between in collection::vec(select(&BETWEEN[..]), 10),
            before in select(&["0", "+81", "81", "0081", "+81 0", "tel:0", "tel:+81"][..]),
            wide in any::<bool>(),
        ) {
            let digits = format!("{kind}0{rest}");
            let mut typed = String::from(before);
            for (digit, between) in digits.chars().zip(&between) {
                typed.push_str(between);
                typed.push(digit);
            }
            if wide {
                let widen = |c: char| match c {
                    '0'..='9' => char::from_u32(u32::from(c) + 0xFEE0).unwrap(),
                    other => other,
                };
                typed = typed.chars().map(widen).collect();
            }
            let read = Phone::parse(&format!("\u{202D}{typed}\u{202C}"));
            let read = read.map(|phone| phone.as_e164().to_owned());
            prop_assert_eq!(read, Ok(format!("+81{digits}")), "{:?}", typed);
        }

        #[test]
        fn whatever_is_typed_is_a_mobile_number_or_refused(typed in "\\PC{0,90}") {
            if let Ok(phone) = Phone::parse(&typed) {
                let national = phone.as_e164().strip_prefix("+81").unwrap();
                prop_assert!(national.len() == 10 && national.bytes().all(|b| b.is_ascii_digit()));
                prop_assert!(matches!(national.as_bytes(), [b'6'..=b'9', b'0', ..]));
                prop_assert_eq!(Phone::parse(phone.as_e164()), Ok(phone));
            }
        }
    }

    #[test]
    fn made_up_numbers_are_known_as_such() {
        for (typed, made_up) in [
            ("090-0000-0101", true),
            ("+81 90 0000 9999", true),
            ("070-0001-2345", true),
            ("090-1000-0101", false),
            ("080-1234-5678", false),
        ] {
            assert_eq!(Phone::parse(typed).map(|p| p.is_made_up()), Ok(made_up));
        }
    }
}

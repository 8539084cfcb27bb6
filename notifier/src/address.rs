//! Phone numbers and e-mail addresses, each read once at the edge into its one spelling.
//!
//! Neither `Debug` nor `Display` shows an address: what is printed by accident must not be personal
//! data. The spellings for sending and for sealing are asked for by name.

use std::fmt;

use akashi_proof::record::kind::Channel;

use crate::text::half_width;

/// Why a text is not an address; the text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct AddressError {
    /// The rule the text broke, in words for the person.
    pub expected: &'static str,
}

/// A Japanese number that can receive SMS, kept as [E.164].
///
/// [E.164]: https://www.itu.int/rec/T-REC-E.164
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads `+81 90 ...` or the national `090-...`; spaces, hyphens, brackets and full-width
    /// digits are accepted.
    ///
    /// # Errors
    /// [`AddressError`]. Numbers abroad are refused: messages to them are how SMS budgets are
    /// stolen.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let error = AddressError {
            expected: "a Japanese mobile number such as 090-0000-0000 or +81 90 0000 0000",
        };
        if text.chars().count() > PHONE_TEXT_MAX {
            return Err(error);
        }
        let plain = half_width(text);
        let digits: String = plain
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | 'ー' | '‐' | '−'))
            .collect();
        let national = match digits.strip_prefix("+81") {
            Some(rest) => rest.strip_prefix('0').unwrap_or(rest),
            None => digits.strip_prefix('0').ok_or(error)?,
        };
        let mobile =
            matches!(national.as_bytes(), [b'5'..=b'9', b'0', rest @ ..] if rest.len() == 8);
        if mobile && national.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(format!("+81{national}")))
        } else {
            Err(error)
        }
    }

    /// The number for sending: `+819000000000`. Never for logs.
    pub fn as_e164(&self) -> &str {
        &self.0
    }
}

/// Longest text looked at: the longest honest spelling has 20 characters.
const PHONE_TEXT_MAX: usize = 40;

/// An e-mail address, in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address of at most 254 characters ([RFC 5321, section 4.5.3.1.3]).
    ///
    /// # Errors
    /// [`AddressError`].
    ///
    /// [RFC 5321, section 4.5.3.1.3]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let error = AddressError {
            expected: "an e-mail address such as name@example.jp",
        };
        let text = text.trim().to_ascii_lowercase();
        let parsed: lettre::Address = text.parse().map_err(|_| error)?;
        let dotted =
            parsed.domain().contains('.') && parsed.domain().is_ascii() && parsed.user().is_ascii();
        if text.len() <= EMAIL_LEN_MAX && dotted {
            Ok(Self(text))
        } else {
            Err(error)
        }
    }

    /// The address for sending. Never for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// [RFC 5321, section 4.5.3.1.3], without the brackets.
///
/// [RFC 5321, section 4.5.3.1.3]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3
pub(crate) const EMAIL_LEN_MAX: usize = 254;

/// Where a message can be sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// By SMS.
    Phone(Phone),
    /// By e-mail.
    Email(Email),
}

impl Address {
    /// The channel that reaches it.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Phone(_) => Channel::Sms,
            Self::Email(_) => Channel::Email,
        }
    }

    pub(crate) fn spelling(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_e164(),
            Self::Email(email) => email.as_str(),
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(..)")
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
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

impl fmt::Display for Email {
    /// The first character: enough for the person to tell her addresses apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}•••@•••", self.0.get(..1).unwrap_or_default())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => phone.fmt(f),
            Self::Email(email) => email.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        for text in [
            "090-1234-5678",
            "09012345678",
            "+81 90 1234 5678",
            "+81(0)90-1234-5678",
            "０９０ー１２３４ー５６７８",
        ] {
            assert_eq!(
                Phone::parse(text).unwrap().as_e164(),
                "+819012345678",
                "{text}"
            );
        }
        for text in [
            "",
            "03-1234-5678",
            "110",
            "+1 202 555 0123",
            "090-1234-567",
            "090-1234-56789",
            "090-1234-567x",
        ] {
            assert!(Phone::parse(text).is_err(), "{text}");
        }
        assert!(Phone::parse(&"0".repeat(10_000)).is_err());
    }

    #[test]
    fn one_address_has_one_spelling() {
        assert_eq!(
            Email::parse(" Hanako@Example.JP ").unwrap().as_str(),
            "hanako@example.jp"
        );
        for text in [
            "",
            "hanako",
            "hanako@",
            "@example.jp",
            "a b@example.jp",
            "hanako@localhost",
            "x@例え.jp",
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
        assert!(Email::parse(&format!("{}@example.jp", "a".repeat(260))).is_err());
        assert!(Email::parse("a@example.jp\r\nBcc: b@example.jp").is_err());
    }

    #[test]
    fn nothing_printed_is_an_address() {
        let phone = Address::Phone(Phone::parse("090-1234-5678").unwrap());
        let email = Address::Email(Email::parse("hanako@example.jp").unwrap());
        for shown in [format!("{phone} {phone:?}"), format!("{email} {email:?}")] {
            assert!(
                !shown.contains("1234") && !shown.contains("hanako") && !shown.contains("example"),
                "{shown}"
            );
        }
        assert_eq!(phone.to_string(), "•••-••••-••78");
        assert_eq!(email.to_string(), "h•••@•••");
    }
}

//! Phone numbers and e-mail addresses, each read once at the edge into its one spelling.
//!
//! Neither `Debug` nor `Display` shows an address: what is printed by accident must not be personal
//! data. The spellings for sending and for sealing are asked for by name.

mod phone;

use std::borrow::Cow;
use std::fmt;

use akashi_proof::record::kind::Channel;

pub use phone::{Phone, PhoneError};

/// Why a text is not an address; the text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct AddressError {
    /// The rule the text broke, in words for the person.
    pub expected: &'static str,
}

/// An e-mail address, in lower case and without quotes: one mailbox has one spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address of at most 254 characters ([RFC 5321, section 4.5.3.1.3]).
    ///
    /// Japanese carriers gave out mailboxes with dots where the standard has none:
    /// `hana..ko@docomo.ne.jp`, `hana.ko.@docomo.ne.jp`. They are taken as people write them, with
    /// quotes or without, and [quoted when sending](Self::for_sending). None of them gave out one
    /// that begins with a dot.
    ///
    /// The domain is one by name, under a top-level domain, which begins with a letter ([RFC 3696,
    /// section 2]): no address of a machine, in brackets or bare. Whatever is read here makes a
    /// message.
    ///
    /// # Errors
    /// [`AddressError`].
    ///
    /// [RFC 5321, section 4.5.3.1.3]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3
    /// [RFC 3696, section 2]: https://www.rfc-editor.org/rfc/rfc3696#section-2
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let error = AddressError {
            expected: "an e-mail address such as name@example.jp",
        };
        let text = text.trim();
        if text.len() > EMAIL_LEN_MAX {
            return Err(error);
        }
        let text = text.to_ascii_lowercase();
        let (user, domain) = text.rsplit_once('@').ok_or(error)?;
        let quoted = user
            .strip_prefix('"')
            .and_then(|user| user.strip_suffix('"'));
        let user = quoted.unwrap_or(user);
        let email = Self(format!("{user}@{domain}"));
        let sendable = email.for_sending().parse::<lettre::Address>().is_ok();
        let readable = !user.is_empty() && user.bytes().all(|b| is_atext(b) || b == b'.');
        if readable && !user.starts_with('.') && sendable && is_named(domain) {
            Ok(email)
        } else {
            Err(error)
        }
    }

    /// The address as it is kept and compared. Never for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as the standard spells it: quoted where its dots stand as in no [dot-string].
    /// Never for logs.
    ///
    /// [dot-string]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2
    pub(crate) fn for_sending(&self) -> Cow<'_, str> {
        match self.0.rsplit_once('@') {
            Some((user, domain)) if user.split('.').any(str::is_empty) => {
                Cow::Owned(format!("\"{user}\"@{domain}"))
            }
            _ => Cow::Borrowed(&self.0),
        }
    }
}

/// Whether a domain, in lower case, is one by name under a top-level domain.
fn is_named(domain: &str) -> bool {
    let is_of_names = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    domain.bytes().all(is_of_names)
        && top.is_some_and(|top| top.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The characters of an atom in [RFC 5322, section 3.2.3].
///
/// [RFC 5322, section 3.2.3]: https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
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

    /// All of it, in its one spelling: to compare by, never to show or log.
    pub fn spelling(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_e164(),
            Self::Email(email) => email.as_str(),
        }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
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
    fn a_mailbox_with_dots_of_its_own_is_taken_and_quoted_when_sending() {
        for (typed, kept, sent) in [
            (
                "hana..ko@docomo.ne.jp",
                "hana..ko@docomo.ne.jp",
                "\"hana..ko\"@docomo.ne.jp",
            ),
            (
                "Hana.Ko.@docomo.ne.jp",
                "hana.ko.@docomo.ne.jp",
                "\"hana.ko.\"@docomo.ne.jp",
            ),
            (
                "\"hana..ko\"@docomo.ne.jp",
                "hana..ko@docomo.ne.jp",
                "\"hana..ko\"@docomo.ne.jp",
            ),
            (
                "\"hana.ko\"@example.jp",
                "hana.ko@example.jp",
                "hana.ko@example.jp",
            ),
            (
                "hana+a/b@example.jp",
                "hana+a/b@example.jp",
                "hana+a/b@example.jp",
            ),
        ] {
            let email = Email::parse(typed).unwrap();
            assert_eq!((email.as_str(), &*email.for_sending()), (kept, sent));
            assert_eq!(Email::parse(kept).as_ref(), Ok(&email), "kept as written");
        }
        for text in [
            "\"\"@example.jp",
            "\"a b\"@example.jp",
            "\"a\\\"b\"@example.jp",
            "a@b@example.jp",
            "\"a@b\"@example.jp",
            "hana..ko@docomo..ne.jp",
            "a<b@example.jp",
            "a,b@example.jp",
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_of_a_machine_or_with_a_dot_in_front_is_none() {
        for text in [
            "a@[127.0.0.1]",
            "sora2@[10.0.0.1]",
            "a@[IPv6:::1]",
            "a@[::ffff:10.0.0.1]",
            "a@::ffff:10.0.0.1",
            "x@1.2.3.4",
            "x@127.1",
            "x@127.0.0.0x1",
            "x@example.123",
            "x@example.jp.",
            "x@.example.jp",
            "x@exam_ple.jp",
            ".x@a.example",
            ".@a.example",
            "\".x\"@a.example",
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
        for text in ["x@1.2.3.example", "x@9.jp", "x@xn--r8jz45g.xn--zckzah"] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
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

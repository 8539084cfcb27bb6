//! Names and numbers of the domain, each parsed once at the edge into a type that cannot be wrong.
//!
//! Codes (roles, purposes, categories, processes) are opaque here: what they mean stands in the
//! policy pack.

use std::fmt;

use crate::digest::Digest;
use akashi_tlog::base64;
pub use akashi_tlog::merkle::{LeafIndex, TreeSize};

/// Milliseconds since 1970-01-01T00:00:00Z, as assigned by the sequencer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The last instant of the year 9999: anything later is a mistake, not a date.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Wraps milliseconds since 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Wraps whole seconds since 1970; saturates far beyond any date a record may carry.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// This instant moved later by `millis`, saturating.
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This instant moved earlier by `millis`, saturating at 1970.
    pub const fn minus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// The calendar year (UTC) this instant lies in; 9999 for anything later than [`Self::MAX`].
    pub const fn year_utc(self) -> u16 {
        const DAY: u64 = 24 * 3_600 * 1_000;
        const YEARS_400: u64 = 146_097;
        let millis = if self.0 > Self::MAX.0 {
            Self::MAX.0
        } else {
            self.0
        };
        // Counted in years that begin in March, so that the leap day is the last of its year; the
        // first of them begins with 1 March of the year 0, 719,468 days before 1970.
        let days = millis / DAY + 719_468;
        let day = days % YEARS_400;
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let january_or_february = day_of_year >= 306;
        (days / YEARS_400 * 400 + year + january_or_february as u64) as u16
    }
}

/// What a text was expected to be when it could not be read as an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct IdError {
    /// The rule the text broke, in words for the sender.
    pub expected: &'static str,
}

/// Declares identifiers: a checked text, readable back, printable (unless `secret`).
macro_rules! text_id {
    ($( $(#[$doc:meta])* $name:ident: $expected:literal, $check:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Reads the text, or says what was expected. The text itself is not repeated in the
            /// error.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(IdError { expected: $expected }) }
            }

            /// The identifier as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )* };
}

text_id! {
    /// A certified institution, or a supervisor: `hospital.chuo`.
    InstitutionId: "2 to 64 of a-z 0-9 . - beginning with a letter", |t| is_code(t) && t.len() >= 2;
    /// A role-holder under an institution: an identifier the institution chose, never a person's
    /// name.
    RoleHolderId: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A role of the policy pack: `physician`.
    RoleCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A purpose of the policy pack: `treatment`.
    PurposeCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A category of data of the policy pack: `medication`.
    CategoryCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A business process of the policy pack: `care.refer`.
    ProcessId: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A rule of the policy pack: `insurer-no-emergency`.
    RuleCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// The name of a key: the RFC 7638 thumbprint of its JWK, so that a name means one key for
    /// ever.
    Kid: "a JWK thumbprint: 43 characters of base64url", |t| Digest::from_base64url(t).is_some();
    /// The identifier of one statement, unique under its issuer: at least 128 random bits.
    Jti: "16 to 48 random bytes in unpadded base64url",
        |t| t.len() <= 64 && base64::url::decode(t).is_ok_and(|b| (16..=48).contains(&b.len()));
}

/// A closed alphabet without upper case leaves one spelling of every code.
fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
}

/// Declares 16-byte random identifiers that must not appear in logs.
macro_rules! random_id {
    ($( $(#[$doc:meta])* $name:ident; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Wraps 16 random bytes; drawing them is the caller's business.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The identifier's bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Unpadded base64url (22 characters), the spelling in URLs.
            pub fn to_base64url(self) -> String {
                base64::url::encode(&self.0)
            }

            /// Reads the one spelling [`Self::to_base64url`] writes; `None` for any other.
            pub fn from_base64url(text: &str) -> Option<Self> {
                Some(Self(base64::url::decode(text).ok()?.try_into().ok()?))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )* };
}

random_id! {
    /// The handle of a person inside the ledger. It never leaves the ledger.
    SubjectHandle;
    /// One consent through its whole life: given, narrowed, withdrawn.
    ConsentId;
    /// The records made from one screen of consent; never opened to an institution.
    GroupId;
    /// A contact (phone, e-mail) in the contacts file.
    ContactId;
    /// A notice: one message to one contact about one fact.
    NoticeId;
}

/// The visible ID of a person: `qid:` and 43 to 80 characters of base58. It may leak; it opens
/// nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qid(String);

impl Qid {
    /// Reads a visible ID, or says what was expected.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let valid = text.strip_prefix("qid:").is_some_and(|rest| {
            (43..=80).contains(&rest.len()) && rest.chars().all(|c| BASE58.contains(c))
        });
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                expected: "`qid:` and 43 to 80 characters of base58",
            })
        }
    }

    /// The visible ID as printed in the QR picture.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the ledger keeps of a visible ID: enough to find it again, not enough to print it.
    pub fn digest(&self) -> Digest {
        Digest::of(&[b"akashi/qid/v1", self.0.as_bytes()])
    }
}

impl fmt::Debug for Qid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Qid(..)")
    }
}

/// An institution's own code for a person (design.md "Identity"): opaque to everybody but the
/// ledger.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkCode(String);

impl LinkCode {
    /// version 1 + generation 2 + SIV tag 16 + handle 16 bytes.
    pub const SEALED_LEN: usize = 35;

    /// Reads `lc_` + base64url; whether the ledger issued it is a later question.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let sealed = text
            .strip_prefix("lc_")
            .and_then(|rest| base64::url::decode(rest).ok());
        match sealed {
            Some(bytes) if bytes.len() == Self::SEALED_LEN => Ok(Self(text.to_owned())),
            _ => Err(IdError {
                expected: "a link code: `lc_` and 47 characters of base64url",
            }),
        }
    }

    /// Writes the sealed bytes as a link code.
    pub fn from_sealed(sealed: &[u8; Self::SEALED_LEN]) -> Self {
        Self(format!("lc_{}", base64::url::encode(sealed)))
    }

    /// The sealed bytes: version, generation, AES-SIV output.
    pub fn sealed(&self) -> Vec<u8> {
        base64::url::decode(&self.0[3..]).unwrap_or_default()
    }

    /// The code as institutions store it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_calendar_years_in_utc() {
        const DAY: u64 = 24 * 3_600 * 1_000;
        let mut new_year = 0;
        for year in 1970..=9999 {
            assert_eq!(Timestamp(new_year).year_utc(), year);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            new_year += DAY * if leap { 366 } else { 365 };
            assert_eq!(Timestamp(new_year - 1).year_utc(), year);
        }
        assert_eq!(new_year - 1, Timestamp::MAX.as_millis());
        assert_eq!(Timestamp(u64::MAX).year_utc(), 9999);
    }

    #[test]
    fn codes_have_one_spelling() {
        assert!(InstitutionId::parse("hospital.chuo").is_ok());
        for bad in [
            "",
            "a",
            "Hospital",
            "hospital chuo",
            "1a",
            "hôpital",
            "a\n",
            &"a".repeat(65),
        ] {
            assert!(InstitutionId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_jti_is_at_least_128_bits_of_canonical_base64url() {
        assert!(Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").is_ok());
        for bad in [
            "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "",
        ] {
            assert!(Jti::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn visible_ids_refuse_look_alike_characters() {
        let good = format!("qid:{}", "7".repeat(43));
        assert!(Qid::parse(&good).is_ok());
        for bad in [
            good.replace('7', "0"),
            good.replace('7', "l"),
            "7".repeat(47),
            format!("qid:{}", "7".repeat(42)),
        ] {
            assert!(Qid::parse(&bad).is_err());
        }
    }

    #[test]
    fn handles_codes_and_visible_ids_do_not_print() {
        let text = format!(
            "{:?} {:?}",
            SubjectHandle::from_bytes([0xAB; 16]),
            LinkCode::from_sealed(&[0xCD; 35])
        );
        assert_eq!(text, "SubjectHandle(..) LinkCode(..)");
    }
}

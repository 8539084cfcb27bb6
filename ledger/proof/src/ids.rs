//! Names and numbers of the domain, each parsed once at the edge into a type that cannot be wrong.
//!
//! Codes (roles, purposes, categories, processes) are opaque here: what they mean stands in the
//! policy pack.

/// What a text was expected to be when it could not be read as an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct IdError {
    /// The rule the text broke, in words for the sender.
    pub expected: &'static str,
}

/// Declares identifiers: a checked text, readable back, printable.
macro_rules! text_id {
    ($( $(#[$doc:meta])* $name:ident: $expected:literal, $check:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Reads the text, or says what was expected. The text itself is not repeated in the
            /// error.
            ///
            /// # Errors
            /// [`IdError`] with the rule the text broke.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { expected: $expected })
                }
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

/// Declares places in a sequence that begins at 1. There are no operators: two sequences never mix,
/// and what comes next is said by name.
macro_rules! ordinals {
    ($( $(#[$doc:meta])* $name:ident; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::num::NonZeroU64);

        impl $name {
            /// The first: 1.
            pub const FIRST: Self = Self(std::num::NonZeroU64::MIN);

            /// Above any that is ever given: an open upper bound.
            pub const MAX: Self = Self(std::num::NonZeroU64::MAX);

            /// The place of this number; `None` for 0.
            pub const fn new(number: u64) -> Option<Self> {
                match std::num::NonZeroU64::new(number) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// Reads the decimal number in its one spelling, as URLs and files have it.
            ///
            /// # Errors
            /// [`IdError`] for any other text, and for 0.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let number = akashi_tlog::decimal::parse(text, u64::MAX).ok();
                number.and_then(Self::new).ok_or(IdError {
                    expected: "a decimal number from 1 on, without zeros before it",
                })
            }

            /// The bare number: also how many there are up to here.
            pub const fn value(self) -> u64 {
                self.0.get()
            }

            /// The one after this; [`Self::MAX`] stays what it is.
            pub const fn next(self) -> Self {
                self.plus(1)
            }

            /// The one after `last`, the first where there is none yet.
            pub const fn after(last: Option<Self>) -> Self {
                match last {
                    Some(last) => last.next(),
                    None => Self::FIRST,
                }
            }

            /// The one before this; `None` before the first.
            pub const fn previous(self) -> Option<Self> {
                self.minus(1)
            }

            /// The one `count` places before this; `None` where there are fewer.
            pub const fn minus(self, count: u64) -> Option<Self> {
                match self.value().checked_sub(count) {
                    Some(number) => Self::new(number),
                    None => None,
                }
            }

            /// The one `count` places after this, at most [`Self::MAX`].
            pub const fn plus(self, count: u64) -> Self {
                Self(self.0.saturating_add(count))
            }

            /// This one and all after it, in order.
            pub fn upward(self) -> impl Iterator<Item = Self> {
                (self.value()..).filter_map(Self::new)
            }

            /// Eight bytes, big-endian: in this spelling places sort as numbers do.
            pub const fn to_be_bytes(self) -> [u8; 8] {
                self.value().to_be_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )* };
}

/// Declares numbers that count what replaces each other, from 0 on, in the width their formats give
/// them; a record spells them as every number.
macro_rules! versions {
    ($( $(#[$doc:meta])* $name:ident($width:ty); )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($width);

        impl $name {
            /// The first: 0.
            pub const FIRST: Self = Self(0);

            /// Wraps the bare number.
            pub const fn new(number: $width) -> Self {
                Self(number)
            }

            /// The bare number.
            pub const fn value(self) -> $width {
                self.0
            }

            /// The one that replaces this; `None` after the last its format has room for.
            pub const fn next(self) -> Option<Self> {
                match self.0.checked_add(1) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )* };
}
/// A closed alphabet without upper case leaves one spelling of every code.
fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
}

mod code;
mod institution;
mod link;
mod person;
mod place;
mod reference;
mod time;

pub use code::{CategoryCode, ProcessId, PurposeCode, RoleCode, RuleCode};
pub use institution::{InstitutionId, Jti, Kid, RoleHolderId};
pub use link::{GateNumber, Generation, KeyVersion, LinkCode};
pub use person::{ConsentId, ContactId, GroupId, NoticeId, Qid, SubjectHandle};
pub use place::{Epoch, LeafIndex, Seq, TreeSize};
pub use reference::Reference;
pub use time::Timestamp;

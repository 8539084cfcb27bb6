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
mod person;
mod time;

pub use akashi_tlog::merkle::{LeafIndex, TreeSize};
pub use code::{CategoryCode, ProcessId, PurposeCode, RoleCode, RuleCode};
pub use institution::{InstitutionId, Jti, Kid, RoleHolderId};
pub use person::{ConsentId, ContactId, GroupId, LinkCode, NoticeId, Qid, SubjectHandle};
pub use time::Timestamp;

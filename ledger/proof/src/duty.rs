//! What a permit obliges the requester to, with the instant by which it must be done.
//!
//! One spelling, in records, answers and evidence alike: the word, and where there is an instant
//! `=` and its milliseconds since 1970, as in `justify-by=1760000000000`.

use std::fmt;

use akashi_tlog::decimal;

use crate::ids::Timestamp;
use crate::record::value::{Item, ValueError, words};

words! {
    /// The words duties begin with.
    pub enum DutyKind {
        /// The person is told at once.
        Notify = "notify",
        /// The requester explains why it was an emergency.
        JustifyBy = "justify-by",
        /// The requester erases what it got.
        EraseBy = "erase-by",
    }
}

/// One duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// The person is told at once.
    Notify,
    /// The requester explains by then why it was an emergency.
    JustifyBy(Timestamp),
    /// The requester has erased by then what it got.
    EraseBy(Timestamp),
}

impl Duty {
    /// Its word.
    pub const fn kind(self) -> DutyKind {
        match self {
            Self::Notify => DutyKind::Notify,
            Self::JustifyBy(_) => DutyKind::JustifyBy,
            Self::EraseBy(_) => DutyKind::EraseBy,
        }
    }

    /// By when it must be done, where it has an end.
    pub const fn by(self) -> Option<Timestamp> {
        match self {
            Self::Notify => None,
            Self::JustifyBy(by) | Self::EraseBy(by) => Some(by),
        }
    }

    /// Reads the one spelling a duty is displayed in; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, by) = match text.split_once('=') {
            Some((word, millis)) => {
                let millis = decimal::parse(millis, Timestamp::MAX.as_millis()).ok()?;
                (word, Some(Timestamp::from_millis(millis)))
            }
            None => (text, None),
        };
        match DutyKind::parse(word)? {
            DutyKind::Notify => by.is_none().then_some(Self::Notify),
            DutyKind::JustifyBy => by.map(Self::JustifyBy),
            DutyKind::EraseBy => by.map(Self::EraseBy),
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by() {
            None => self.kind().fmt(f),
            Some(by) => write!(f, "{}={}", self.kind(), by.as_millis()),
        }
    }
}

impl Item for Duty {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_string().as_bytes());
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        std::str::from_utf8(bytes)
            .ok()
            .and_then(Self::parse)
            .ok_or(ValueError::Type(
                "`notify`, `justify-by=<ms>` or `erase-by=<ms>`",
            ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duty_has_one_spelling() {
        let by = Timestamp::from_millis(1_760_000_000_000);
        for (duty, text) in [
            (Duty::Notify, "notify"),
            (Duty::JustifyBy(by), "justify-by=1760000000000"),
            (Duty::EraseBy(Timestamp::MAX), "erase-by=253402300799999"),
        ] {
            assert_eq!(duty.to_string(), text);
            assert_eq!(Duty::parse(text), Some(duty));
        }
        for text in [
            "",
            "Notify",
            "notify=",
            "notify=5",
            "justify-by",
            "justify-by=",
            "justify-by=05",
            "justify-by=+5",
            "erase-by=5 ",
            "erase-by=253402300800000",
            "erase=5",
        ] {
            assert_eq!(Duty::parse(text), None, "{text}");
        }
    }
}

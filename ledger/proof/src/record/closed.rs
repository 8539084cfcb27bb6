//! A body that is not open: what stands in place of what a record says.
//!
//! A body is open, lost, withheld or erased. None of the last three is damage: the entry stands in
//! the log, the record has its place in its stream, and whoever comes to it says which of them it
//! is and goes on. A body that should open and does not is another thing, and an error.
//!
//! Only an opened record signed by officers makes a body withheld or erased; until there are such
//! records, the word of whoever keeps the bodies is all there is, and no check takes it as proof.

use std::fmt;

use crate::ids::Timestamp;

/// Why a body is not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Nobody has it any more, and nobody meant it so: what it said is not known.
    Lost,
    /// A lawful order keeps it from being read for a time.
    Withheld {
        /// When it is to be shown again at the latest, where the order says so.
        reveal_by: Option<Timestamp>,
    },
    /// It was destroyed on purpose, after what still counted had been recorded anew.
    Erased,
}

impl Closed {
    /// The word for it, as answers and files spell it: `lost`, `withheld` or `erased`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Withheld { .. } => "withheld",
            Self::Erased => "erased",
        }
    }

    /// Reads [`Self::as_str`] with the time beside it; `None` for another word, and for a time
    /// beside anything but `withheld`.
    pub fn parse(word: &str, reveal_by: Option<Timestamp>) -> Option<Self> {
        match (word, reveal_by) {
            ("lost", None) => Some(Self::Lost),
            ("withheld", reveal_by) => Some(Self::Withheld { reveal_by }),
            ("erased", None) => Some(Self::Erased),
            _ => None,
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_word_and_only_what_is_withheld_has_an_end() {
        let at = Some(Timestamp::from_millis(7));
        let each = [
            (Closed::Lost, None),
            (Closed::Withheld { reveal_by: None }, None),
            (Closed::Withheld { reveal_by: at }, at),
            (Closed::Erased, None),
        ];
        for (closed, reveal_by) in each {
            assert_eq!(Closed::parse(closed.as_str(), reveal_by), Some(closed));
        }
        assert_eq!(Closed::parse("lost", at), None);
        assert_eq!(Closed::parse("erased", at), None);
        assert_eq!(Closed::parse("open", None), None);
    }
}

//! What the next page says first: why she is where she did not ask to be.
//!
//! The browser carries it there as one word of these, in a cookie that the page takes away.

use akashi_proof::record::kind::Language;

use crate::words::texts::Said as Texts;

/// Why she sees this page and not the one she asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The form was of a page from before; it is here again.
    Stale,
    /// The time of her session is over.
    Over,
    /// Her own pages have closed after a rest.
    Rested,
    /// She has signed out.
    SignedOut,
}

impl Said {
    const ALL: [Self; 4] = [Self::Stale, Self::Over, Self::Rested, Self::SignedOut];

    /// As the cookie has it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Over => "over",
            Self::Rested => "rested",
            Self::SignedOut => "signed-out",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|said| said.as_str() == text)
    }

    /// In words; what was typed may be kept for her.
    pub(crate) const fn words(self, language: Language, kept: bool) -> &'static str {
        let t = Texts(language);
        match (self, kept) {
            (Self::Stale, _) => t.stale(),
            (Self::Over, true) => t.over_kept(),
            (Self::Over, false) => t.over(),
            (Self::Rested, true) => t.rested_kept(),
            (Self::Rested, false) => t.rested(),
            (Self::SignedOut, _) => t.signed_out(),
        }
    }
}

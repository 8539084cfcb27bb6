//! Why something was not done at the desk. What a face makes of it - a page, a status, a line on
//! paper - is the face's.

use akashi_ledger::{LedgerError, Refusal};
use akashi_notifier::{CodeRefused, ContactsError};

use crate::rate_limit::Wait;
use crate::reading::Busy;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// There is no such thing, or it is another's: the two look the same from outside.
    #[error("there is no such thing, or it is another's")]
    NotThere,
    /// Nobody is known to be there: nobody has signed in, or her session has ended.
    #[error("nobody is known to be there")]
    Nobody,
    /// She is there, but must be known more surely for this.
    #[error("she must be known more surely")]
    MoreSurely,
    /// It does not fit what stands now: answered already, ended meanwhile.
    #[error("it does not fit what stands now")]
    Overtaken,
    /// Too many codes, or too many tries.
    #[error("too many codes, or too many tries")]
    TooMany,
    /// As many people are enrolled with this number as may be.
    #[error("as many people are enrolled with this number as may be")]
    PhoneFull,
    /// A message cannot be sent now.
    #[error("a message cannot be sent now")]
    CannotSend,
    /// More is waiting to be read than is taken.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The writer did not take it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The ledger could not be read.
    #[error(transparent)]
    Unreadable(#[from] LedgerError),
    /// The contacts file could not be written.
    #[error(transparent)]
    Contacts(#[from] ContactsError),
    /// Something that must hold here does not.
    #[error("{0}")]
    Broken(&'static str),
}

/// Of a sender that has asked for, or guessed at, more than it may.
impl From<Wait> for Declined {
    fn from(_: Wait) -> Self {
        Self::TooMany
    }
}

/// Of a code that was asked for. What became of a code that was typed is no refusal: see
/// [`crate::identity::errand::Typed`].
impl From<CodeRefused> for Declined {
    fn from(refused: CodeRefused) -> Self {
        match refused {
            CodeRefused::TooMany => Self::TooMany,
            CodeRefused::Unavailable | CodeRefused::Wrong | CodeRefused::Void => Self::CannotSend,
        }
    }
}

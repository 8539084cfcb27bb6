//! Questions to people: which are open, when each of them ends, and the wrong codes typed for it.
//!
//! ```text
//! access.asked ─┬─► approval.granted ─► a new decision
//!               ├─► approval.refused      (portal or reply)
//!               └─► approval.expired      (silence is never consent)
//! ```
//! What is open stands in the people's folds, so that a restart forgets no question.

pub(crate) mod code;
pub(crate) mod expire;
pub(crate) mod inbound;
pub(crate) mod reply;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_ledger::LedgerError;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::AnsweredBy;
use akashi_proof::state::{PendingAsk, Person};

use crate::books::Books;
use crate::typed::six_digits;

/// Wrong codes taken for one question and one way of answering. By reply a number can be forged, so
/// that way closes without closing the portal.
const CODE_TRIES: u8 = 5;

/// Open questions in the order of their ends.
#[derive(Default)]
pub(crate) struct Questions {
    ends: Mutex<BTreeSet<(Timestamp, SubjectHandle, LeafIndex)>>,
    /// Wrong codes by question: through the portal, by reply. Only open questions get in, and leave
    /// at their end.
    wrong: Mutex<HashMap<LeafIndex, [u8; 2]>>,
}

impl Questions {
    /// All that are open now.
    pub(crate) fn of(people: &[Arc<Person>]) -> Self {
        let questions = Self::default();
        for person in people {
            person
                .asks
                .iter()
                .for_each(|ask| questions.watch(ask.expires, person.subject, ask.access));
        }
        questions
    }

    /// Takes in a question that ends at `expires`.
    pub(crate) fn watch(&self, expires: Timestamp, subject: SubjectHandle, access: LeafIndex) {
        self.ends().insert((expires, subject, access));
    }

    /// How many wait for their end.
    pub(crate) fn len(&self) -> usize {
        self.ends().len()
    }

    /// Takes out one question whose time is over at `now`: whose, and which.
    pub(crate) fn take_over(&self, now: Timestamp) -> Option<(SubjectHandle, LeafIndex)> {
        let mut ends = self.ends();
        let (expires, subject, access) = *ends.first().filter(|(expires, ..)| *expires <= now)?;
        ends.remove(&(expires, subject, access));
        Some((subject, access))
    }

    /// Lets go of what was counted for a question that is closed.
    pub(crate) fn forget(&self, access: LeafIndex) {
        self.wrong
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&access);
    }

    /// Whether `typed` is the code of the message about this question, unless too many others were
    /// tried before in the same way of answering.
    ///
    /// # Errors
    /// [`LedgerError`] when the code's key is missing.
    pub(crate) fn takes_code(
        &self,
        books: &Books,
        ask: &PendingAsk,
        by: AnsweredBy,
        typed: &str,
    ) -> Result<bool, LedgerError> {
        let code = books.code_of(&ask.approval_digest)?;
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let [in_portal, by_reply] = wrong.entry(ask.access).or_default();
        let tries = match by {
            AnsweredBy::Portal => in_portal,
            AnsweredBy::Reply => by_reply,
        };
        if *tries >= CODE_TRIES {
            return Ok(false);
        }
        let typed = six_digits(typed).unwrap_or_default();
        // Digests of both, compared in constant time.
        let spread = |code: &str| {
            Secret::from_bytes(*Digest::of(&[b"akashi/typed-code/v1", code.as_bytes()]).as_bytes())
        };
        let matches = spread(&typed) == spread(&code);
        if !matches {
            *tries += 1;
        }
        Ok(matches)
    }

    fn ends(&self) -> MutexGuard<'_, BTreeSet<(Timestamp, SubjectHandle, LeafIndex)>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

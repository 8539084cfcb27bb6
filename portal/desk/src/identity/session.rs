//! Sessions of those who are signed in: kept in memory only, found by the digest of a random
//! cookie, ended by rest and by age. Of a visitor nothing is kept ([`crate::identity::visitor`]).
//!
//! Times are milliseconds of the monotonic clock, handed in: nobody stays signed in because a wall
//! clock was set back.
//!
//! | file | what it is |
//! |---|---|
//! | `session.rs` | one session as a request sees it: how long it lasts, who is there |
//! | `session/standing.rs` | how surely its holder is known, and by what |
//! | `session/sessions.rs` | all of them: begun, found, raised, stepped down, ended |

mod sessions;
mod standing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use akashi_ledger::command::Showed;
use akashi_notifier::Challenge;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{ContactId, LeafIndex, Qid};
use akashi_proof::record::kind::Language;

use crate::identity::principal::Principal;
use crate::identity::recovery::RecoveryCode;
use crate::identity::visitor::Visitor;

use sessions::Tries;
pub use sessions::{Changed, Recovery, Sessions};
pub use standing::{Met, Shown, Standing};

const MINUTE: u64 = 60_000;

/// Level 2 falls back to level 1 after so long without a page: the phone that lies on the table.
pub const PERSON_IDLE_MILLIS: u64 = 15 * MINUTE;
/// Level 2 lasts at most this long, however busy.
pub const PERSON_MILLIS_MAX: u64 = 120 * MINUTE;
/// A session ends after so long without a page: two readings of the longest page.
pub const IDLE_MILLIS: u64 = 30 * MINUTE;
/// A session ends after so long in any case: a working day.
pub const MILLIS_MAX: u64 = 480 * MINUTE;

/// What a code that was sent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Enrolling.
    Enrol,
    /// Signing in.
    SignIn,
    /// Adding an address.
    AddContact,
    /// Replacing this contact.
    ReplaceContact(ContactId),
}

/// A code was sent and has not come back yet.
pub struct Pending {
    /// What for.
    pub errand: Errand,
    /// The notifier's memory of it.
    pub challenge: Challenge,
    /// Where it was sent, masked.
    pub shown_to: String,
}

/// What a person must print or copy who has just enrolled, or has new papers. Kept only until she
/// says she has, or the session falls back.
pub struct Papers {
    /// Her visible ID.
    pub qid: Qid,
    /// Her recovery code.
    pub recovery: RecoveryCode,
    /// Log index of the record that made them hers.
    pub index: LeafIndex,
    /// Whether they are those of her enrolment.
    pub are_first: bool,
}

/// A session as one request sees it.
#[derive(Clone)]
pub struct Session {
    /// `None` of a visitor, who is kept nowhere.
    id: Option<Digest>,
    /// How surely its holder is known.
    pub standing: Standing,
    /// The token every form of this session carries.
    pub csrf: Secret,
    /// A code that was sent.
    pub pending: Option<Arc<Pending>>,
    /// The papers of an enrolment just made.
    pub papers: Option<Arc<Papers>>,
    created: u64,
    seen: u64,
    raised: u64,
    recovery: Tries,
}

impl Session {
    fn new(id: Option<Digest>, standing: Standing, csrf: Secret, now: u64) -> Self {
        Self {
            id,
            standing,
            csrf,
            pending: None,
            papers: None,
            created: now,
            seen: now,
            raised: now,
            recovery: Tries::default(),
        }
    }

    fn of_visitor(visitor: Visitor) -> Self {
        Self {
            pending: visitor.pending,
            ..Self::new(None, Standing::Visitor, visitor.token, visitor.came)
        }
    }

    /// 0, 1 or 2.
    pub const fn level(&self) -> u8 {
        match self.standing {
            Standing::Visitor => 0,
            Standing::Holder(_) => 1,
            Standing::Person { .. } => 2,
        }
    }

    /// The language of the person it is, at level 2.
    pub const fn language(&self) -> Option<Language> {
        match self.standing {
            Standing::Person { language, .. } => Some(language),
            Standing::Visitor | Standing::Holder(_) => None,
        }
    }

    /// Who is there, reading this language; `None` of a visitor.
    pub fn principal(&self, language: Language) -> Option<Principal> {
        match &self.standing {
            Standing::Visitor => None,
            Standing::Holder(people) => Some(Principal::holder(Arc::clone(people), language)),
            Standing::Person {
                subject,
                showed,
                shown,
                ..
            } => {
                let (met, assurance) = (Met::surely(*subject, *showed), shown.with_recovery());
                Some(Principal::person(met, assurance, language))
            }
        }
    }

    /// The code that was sent for this errand, if one was.
    pub fn waits_for(&self, errand: Errand) -> Option<&Pending> {
        let pending = self.pending.as_deref();
        pending.filter(|pending| pending.errand == errand)
    }

    /// When what is open now closes if no page is opened any more, and when it closes in any case,
    /// in milliseconds from now. `None` of a visitor, for whom nothing is open.
    pub fn closes(&self, now: u64) -> Option<(u64, u64)> {
        let left = |since: u64, millis: u64| since.saturating_add(millis).saturating_sub(now);
        let session = left(self.created, MILLIS_MAX);
        let (idle, latest) = match self.standing {
            Standing::Visitor => return None,
            Standing::Holder(_) => (IDLE_MILLIS, session),
            Standing::Person { .. } => {
                let person = left(self.raised, PERSON_MILLIS_MAX);
                (PERSON_IDLE_MILLIS, person.min(session))
            }
        };
        Some((left(self.seen, idle).min(latest), latest))
    }

    const fn has_ended(&self, now: u64) -> bool {
        now.saturating_sub(self.seen) >= IDLE_MILLIS
            || now.saturating_sub(self.created) >= MILLIS_MAX
    }

    /// Down from level 2 when it has rested or lasted too long.
    fn fall_back(&mut self, now: u64) {
        let rested = now.saturating_sub(self.seen) >= PERSON_IDLE_MILLIS;
        if rested || now.saturating_sub(self.raised) >= PERSON_MILLIS_MAX {
            self.lower();
        }
    }

    /// From level 2 to what was shown first without the recovery code.
    fn lower(&mut self) {
        if let Standing::Person { shown, .. } = &self.standing {
            self.standing = shown.alone();
            (self.pending, self.papers) = (None, None);
        }
    }

    const fn is_a_visitors(&self) -> bool {
        matches!(self.standing, Standing::Visitor)
    }
}

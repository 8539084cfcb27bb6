//! All sessions. Of each only the digest of its cookie is known here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_ledger::random::{draw, draw_secret};
use akashi_proof::digest::Digest;
use akashi_proof::ids::SubjectHandle;
use akashi_tlog::base64;

use super::{MILLIS_MAX, MINUTE, Papers, Pending, Session, Standing};
use crate::identity::visitor::{Visitor, Visitors};
use crate::limits::SIGNED_IN_MAX;

/// Wrong recovery codes of one session before none is looked at for a while: of the session, not of
/// the people who use the phone, or whoever has the phone for a moment could keep them all out. 100
/// random bits need no other limit, and a new session costs a code by SMS.
const RECOVERY_TRIES_MAX: u32 = 5;
/// How long they are not looked at then.
const RECOVERY_REST_MILLIS: u64 = 15 * MINUTE;

/// Wrong recovery codes of a session.
#[derive(Clone, Copy, Default)]
pub(super) struct Tries {
    wrong: u32,
    rest_until: u64,
}

/// What became of a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It is this person's.
    Of(SubjectHandle),
    /// It is nobody's who uses this phone.
    Wrong,
    /// There were too many wrong ones; wait a quarter of an hour.
    Rest,
}

/// What a session has become. Worth nothing unless the cookie, where there is a new one, goes back
/// with the answer.
#[must_use = "without its cookie the visitor has lost her session"]
pub struct Changed {
    /// The session as it is now.
    pub session: Session,
    /// The value of its cookie, if that is another one now.
    pub cookie: Option<String>,
}

/// All sessions.
#[derive(Default)]
pub struct Sessions {
    visitors: Visitors,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    sessions: HashMap<Digest, Session>,
    forgotten: u64,
}

impl Sessions {
    /// Begins a visitor's session, of which nothing is kept here.
    pub fn begin(&self, now: u64) -> Changed {
        self.changed(Session::new(None, Standing::Visitor, draw_secret(), now))
    }

    /// The session of a cookie, if there is one that has not ended. It counts as a page seen.
    pub fn find(&self, cookie: &str, now: u64) -> Option<Session> {
        let Some(id) = id_of(cookie) else {
            // Nothing is hers yet that rest could endanger: she has the whole day.
            let visitor = self.visitors.open(cookie)?;
            let is_over = now.saturating_sub(visitor.came) >= MILLIS_MAX;
            return (!is_over).then(|| Session::of_visitor(visitor));
        };
        let mut held = self.held();
        if held.sessions.get(&id)?.has_ended(now) {
            held.sessions.remove(&id);
            return None;
        }
        let session = held.sessions.get_mut(&id)?;
        session.fall_back(now);
        if session.is_a_visitors() {
            held.sessions.remove(&id);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Gives the session another standing under a new identifier; the old one is void.
    pub fn raise(&self, session: &Session, standing: Standing, now: u64) -> Changed {
        let mut held = self.held();
        // The age of a visit does not begin anew with each step; a visitor's does when she signs
        // in.
        let created = session.id.map_or(now, |id| {
            held.sessions.remove(&id);
            session.created
        });
        let (session, cookie) = held.insert(standing, created, now);
        Changed {
            session,
            cookie: Some(cookie),
        }
    }

    /// Remembers that a code was sent, or with `None` that it came back or is given up.
    pub fn wait_for(&self, session: &Session, pending: Option<Pending>) -> Changed {
        let mut session = session.clone();
        session.pending = pending.map(Arc::new);
        let Some(id) = session.id else {
            return self.changed(session);
        };
        if let Some(held) = self.held().sessions.get_mut(&id) {
            held.pending.clone_from(&session.pending);
        }
        Changed {
            session,
            cookie: None,
        }
    }

    /// A visitor's session as its cookie says it.
    fn changed(&self, session: Session) -> Changed {
        let cookie = self.visitors.seal(&Visitor {
            came: session.created,
            token: session.csrf.clone(),
            pending: session.pending.clone(),
        });
        Changed {
            session,
            cookie: Some(cookie),
        }
    }

    /// Remembers the papers of an enrolment just made, or with `None` that they are kept.
    pub fn keep_papers(&self, session: &Session, papers: Option<Papers>) {
        let mut held = self.held();
        if let Some(held) = session.id.and_then(|id| held.sessions.get_mut(&id)) {
            held.papers = papers.map(Arc::new);
        }
    }

    /// Takes every session of this person back to what it began with: a phone's to level 1; one
    /// that began with an address ends.
    pub fn step_down(&self, person: &SubjectHandle) {
        self.held().sessions.retain(|_, session| {
            if matches!(&session.standing, Standing::Person { subject, .. } if subject == person) {
                session.lower();
            }
            !session.is_a_visitors()
        });
    }

    /// Takes this one session back to what it began with, as [`Self::step_down`] would all of hers;
    /// returns what is left of it.
    pub fn lower(&self, session: &Session) -> Option<Session> {
        let (id, mut held) = (session.id?, self.held());
        let lowered = held.sessions.get_mut(&id)?;
        lowered.lower();
        if lowered.is_a_visitors() {
            held.sessions.remove(&id);
            return None;
        }
        Some(lowered.clone())
    }

    /// Ends the session.
    pub fn end(&self, session: &Session) {
        if let Some(id) = session.id {
            self.held().sessions.remove(&id);
        }
    }

    /// How many are signed in, and how many were signed out since the start because too many were.
    pub fn figures(&self) -> (usize, u64) {
        let held = self.held();
        (held.sessions.len(), held.forgotten)
    }

    /// Which of these persons a recovery code belongs to, counting wrong ones against the session.
    pub fn try_recovery(
        &self,
        session: &Session,
        people: &[SubjectHandle],
        now: u64,
        belongs_to: impl Fn(&SubjectHandle) -> bool,
    ) -> Recovery {
        let mut held = self.held();
        // A session that ended meanwhile has no tries left.
        let held = session.id.and_then(|id| held.sessions.get_mut(&id));
        let Some(tries) = held.map(|held| &mut held.recovery) else {
            return Recovery::Rest;
        };
        if now < tries.rest_until {
            return Recovery::Rest;
        }
        if let Some(subject) = people.iter().find(|subject| belongs_to(subject)) {
            *tries = Tries::default();
            return Recovery::Of(*subject);
        }
        tries.wrong += 1;
        if tries.wrong >= RECOVERY_TRIES_MAX {
            *tries = Tries {
                wrong: 0,
                rest_until: now + RECOVERY_REST_MILLIS,
            };
        }
        Recovery::Wrong
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn insert(&mut self, standing: Standing, created: u64, now: u64) -> (Session, String) {
        self.make_room(now);
        let mut bytes = [0; 32];
        draw(&mut bytes);
        let id = digest(&bytes);
        let mut session = Session::new(Some(id), standing, draw_secret(), now);
        session.created = created;
        self.sessions.insert(id, session.clone());
        (session, base64::url::encode(&bytes))
    }

    /// Forgets what has ended and, where that is not enough, the quarter that rests longest.
    fn make_room(&mut self, now: u64) {
        if self.sessions.len() < SIGNED_IN_MAX {
            return;
        }
        self.sessions.retain(|_, session| !session.has_ended(now));
        let before = self.sessions.len();
        if before >= SIGNED_IN_MAX {
            let mut seen: Vec<u64> = self.sessions.values().map(|s| s.seen).collect();
            let (_, limit, _) = seen.select_nth_unstable(before / 4);
            let limit = *limit;
            self.sessions.retain(|_, session| session.seen > limit);
            self.forgotten += (before - self.sessions.len()) as u64;
        }
    }
}

/// What sessions are found by: who reads the server's memory or a core dump of it learns no cookie.
fn id_of(cookie: &str) -> Option<Digest> {
    let bytes: [u8; 32] = base64::url::decode(cookie.get(..43).filter(|text| *text == cookie)?)
        .ok()?
        .try_into()
        .ok()?;
    Some(digest(&bytes))
}

fn digest(cookie: &[u8; 32]) -> Digest {
    Digest::of(&[b"akashi/session/v1", cookie])
}

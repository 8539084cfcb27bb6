//! Sessions: kept in memory only, found by the digest of a random cookie, ended by rest and by age.
//!
//! Times are milliseconds of the monotonic clock, handed in: nobody stays signed in because a wall
//! clock was set back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_ledger::random::{draw, draw_secret};
use akashi_notifier::Challenge;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{LeafIndex, Qid, SubjectHandle};
use akashi_proof::record::kind::{Assurance, Language};
use akashi_tlog::base64;

use crate::identity::principal::Principal;
use crate::identity::recovery::RecoveryCode;

const MINUTE: u64 = 60_000;

/// Level 2 falls back to level 1 after so long without a page: the phone that lies on the table.
pub const PERSON_IDLE_MILLIS: u64 = 15 * MINUTE;
/// Level 2 lasts at most this long, however busy.
pub const PERSON_MILLIS_MAX: u64 = 120 * MINUTE;
/// A session ends after so long without a page: two readings of the longest page.
pub const IDLE_MILLIS: u64 = 30 * MINUTE;
/// A session ends after so long in any case: a working day.
pub const MILLIS_MAX: u64 = 480 * MINUTE;

/// Most visitors remembered who have not shown a phone yet; above, those longest at rest are
/// forgotten. Each is a few hundred bytes.
const VISITORS_MAX: usize = 20_000;
/// Most signed-in sessions: a quarter of a large city at once.
const SIGNED_IN_MAX: usize = 100_000;

/// Wrong recovery codes of one session before none is looked at for a while: of the session, not of
/// the people who use the phone, or whoever has the phone for a moment could keep them all out. 100
/// random bits need no other limit, and a new session costs a code by SMS.
const RECOVERY_TRIES_MAX: u32 = 5;
/// How long they are not looked at then.
const RECOVERY_REST_MILLIS: u64 = 15 * MINUTE;

/// How surely the one who holds a session is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Level 0: not at all.
    Visitor,
    /// Level 1: holds a phone these persons use; of a freshly enrolled phone, one.
    Holder(Arc<[SubjectHandle]>),
    /// Level 2: is this person.
    Person {
        /// Who.
        subject: SubjectHandle,
        /// Her language.
        language: Language,
        /// The persons who use this phone.
        people: Arc<[SubjectHandle]>,
    },
}

/// What a code that was sent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Enrolling.
    Enrol,
    /// Signing in.
    SignIn,
    /// Adding an address.
    AddContact,
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

/// What a person who has just enrolled must print or copy. Kept only until she says she has, or the
/// session falls back.
pub struct Papers {
    /// Her visible ID.
    pub qid: Qid,
    /// Her recovery code.
    pub recovery: RecoveryCode,
    /// Log index of her first record.
    pub index: LeafIndex,
}

/// A session as one request sees it.
#[derive(Clone)]
pub struct Session {
    id: Digest,
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

/// Wrong recovery codes of a session.
#[derive(Clone, Copy, Default)]
struct Tries {
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

/// All sessions.
#[derive(Default)]
pub struct Sessions {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    sessions: HashMap<Digest, Session>,
}

impl Session {
    fn new(id: Digest, standing: Standing, now: u64) -> Self {
        let csrf = draw_secret();
        let recovery = Tries::default();
        Self {
            id,
            standing,
            csrf,
            pending: None,
            papers: None,
            created: now,
            seen: now,
            raised: now,
            recovery,
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
            Standing::Person { subject, .. } => {
                let assurance = Assurance::SmsAndRecovery;
                Some(Principal::person(*subject, assurance, language))
            }
        }
    }

    /// The code that was sent for this errand, if one was.
    pub fn waits_for(&self, errand: Errand) -> Option<&Pending> {
        let pending = self.pending.as_deref();
        pending.filter(|pending| pending.errand == errand)
    }

    const fn has_ended(&self, now: u64) -> bool {
        now.saturating_sub(self.seen) >= IDLE_MILLIS
            || now.saturating_sub(self.created) >= MILLIS_MAX
    }

    /// Back to level 1 when level 2 has rested or lasted too long.
    fn fall_back(&mut self, now: u64) {
        let rested = now.saturating_sub(self.seen) >= PERSON_IDLE_MILLIS;
        if let Standing::Person { people, .. } = &self.standing
            && (rested || now.saturating_sub(self.raised) >= PERSON_MILLIS_MAX)
        {
            self.standing = Standing::Holder(Arc::clone(people));
            (self.pending, self.papers) = (None, None);
        }
    }
}

impl Sessions {
    /// Begins a visitor's session; returns it with the value of its cookie.
    pub fn begin(&self, now: u64) -> (Session, String) {
        self.held().insert(Standing::Visitor, now)
    }

    /// The session of a cookie, if there is one that has not ended. It counts as a page seen.
    pub fn find(&self, cookie: &str, now: u64) -> Option<Session> {
        let id = id_of(cookie)?;
        let mut held = self.held();
        if held.sessions.get(&id)?.has_ended(now) {
            held.sessions.remove(&id);
            return None;
        }
        let session = held.sessions.get_mut(&id)?;
        session.fall_back(now);
        session.seen = now;
        Some(session.clone())
    }

    /// Gives the session another standing under a new identifier; the old one is void. Returns the
    /// new cookie's value.
    pub fn raise(&self, session: &Session, standing: Standing, now: u64) -> (Session, String) {
        let mut held = self.held();
        let created = held.sessions.remove(&session.id).map(|old| old.created);
        let (mut raised, cookie) = held.insert(standing, now);
        // The age of a visit does not begin anew with each step; a visitor's does when she signs
        // in.
        raised.created = created.filter(|_| session.level() > 0).unwrap_or(now);
        held.sessions.insert(raised.id, raised.clone());
        (raised, cookie)
    }

    /// Remembers that a code was sent, or with `None` that it came back or is given up.
    pub fn wait_for(&self, session: &Session, pending: Option<Pending>) {
        if let Some(held) = self.held().sessions.get_mut(&session.id) {
            held.pending = pending.map(Arc::new);
        }
    }

    /// Remembers the papers of an enrolment just made, or with `None` that they are kept.
    pub fn keep_papers(&self, session: &Session, papers: Option<Papers>) {
        if let Some(held) = self.held().sessions.get_mut(&session.id) {
            held.papers = papers.map(Arc::new);
        }
    }

    /// Ends the session.
    pub fn end(&self, session: &Session) {
        self.held().sessions.remove(&session.id);
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
        let Some(tries) = held
            .sessions
            .get_mut(&session.id)
            .map(|held| &mut held.recovery)
        else {
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
    fn insert(&mut self, standing: Standing, now: u64) -> (Session, String) {
        self.make_room(matches!(standing, Standing::Visitor), now);
        let mut bytes = [0; 32];
        draw(&mut bytes);
        let session = Session::new(digest(&bytes), standing, now);
        self.sessions.insert(session.id, session.clone());
        (session, base64::url::encode(&bytes))
    }

    /// Forgets what has ended and, where that is not enough, the quarter that rests longest - of
    /// visitors or of those signed in, so that a flood of the former signs nobody out.
    fn make_room(&mut self, visitor: bool, now: u64) {
        let of_kind = |session: &Session| (session.level() == 0) == visitor;
        let most = if visitor { VISITORS_MAX } else { SIGNED_IN_MAX };
        if self.sessions.len() < most
            || self.sessions.values().filter(|s| of_kind(s)).count() < most
        {
            return;
        }
        self.sessions.retain(|_, session| !session.has_ended(now));
        let mut seen: Vec<u64> = self
            .sessions
            .values()
            .filter(|s| of_kind(s))
            .map(|s| s.seen)
            .collect();
        if seen.len() >= most {
            let quarter = seen.len() / 4;
            let (_, limit, _) = seen.select_nth_unstable(quarter);
            let limit = *limit;
            self.sessions
                .retain(|_, session| !of_kind(session) || session.seen > limit);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn people(bytes: &[u8]) -> Arc<[SubjectHandle]> {
        bytes
            .iter()
            .map(|byte| SubjectHandle::from_bytes([*byte; 16]))
            .collect()
    }

    fn person(byte: u8) -> Standing {
        Standing::Person {
            subject: people(&[byte])[0],
            language: Language::Ja,
            people: people(&[byte]),
        }
    }

    #[test]
    fn a_cookie_finds_its_session_and_no_other_text_does() {
        let sessions = Sessions::default();
        let (session, cookie) = sessions.begin(0);
        assert!(
            sessions
                .find(&cookie, 1)
                .is_some_and(|found| found.csrf == session.csrf)
        );
        for bad in [
            "",
            "x",
            &cookie[..42],
            &format!("{cookie}A"),
            &format!("{cookie}="),
            &"A".repeat(43),
        ] {
            assert!(sessions.find(bad, 1).is_none(), "{bad}");
        }
        sessions.end(&session);
        assert!(sessions.find(&cookie, 2).is_none());
    }

    #[test]
    fn every_level_has_a_new_identifier_and_token() {
        let sessions = Sessions::default();
        let (visitor, before) = sessions.begin(0);
        let (holder, after) = sessions.raise(&visitor, Standing::Holder(people(&[1])), 1);
        assert!(
            sessions.find(&before, 2).is_none(),
            "a fixed identifier is worth nothing"
        );
        assert!(sessions.find(&after, 2).is_some());
        assert!(visitor.csrf != holder.csrf && before != after);
    }

    #[test]
    fn level_2_falls_back_and_then_the_session_ends() {
        let sessions = Sessions::default();
        let (visitor, _) = sessions.begin(0);
        let (_, cookie) = sessions.raise(&visitor, person(1), 0);
        let at = |minutes: u64| {
            sessions
                .find(&cookie, minutes * MINUTE)
                .map(|session| session.level())
        };
        assert_eq!(at(14), Some(2));
        assert_eq!(at(28), Some(2), "a page seen counts");
        assert_eq!(at(43), Some(1), "15 minutes without one");
        assert_eq!(at(72), Some(1));
        assert_eq!(at(102), None, "30 minutes without one");
    }

    #[test]
    fn nothing_keeps_a_session_for_ever() {
        let sessions = Sessions::default();
        let (visitor, _) = sessions.begin(0);
        let (_, cookie) = sessions.raise(&visitor, person(1), 0);
        let levels: Vec<Option<u8>> = (0..=480)
            .step_by(10)
            .map(|m| sessions.find(&cookie, m * MINUTE).map(|s| s.level()))
            .collect();
        assert_eq!(levels[11], Some(2), "110 minutes");
        assert_eq!(levels[12], Some(1), "two hours");
        assert_eq!((levels[47], levels[48]), (Some(1), None), "eight hours");
    }

    #[test]
    fn a_step_up_does_not_make_a_session_younger() {
        let sessions = Sessions::default();
        let (visitor, _) = sessions.begin(0);
        let (holder, mut cookie) = sessions.raise(&visitor, Standing::Holder(people(&[1])), 0);
        let mut session = holder;
        for minutes in (20..480).step_by(20) {
            assert!(sessions.find(&cookie, minutes * MINUTE).is_some());
            (session, cookie) = sessions.raise(&session, person(1), minutes * MINUTE);
        }
        assert!(sessions.find(&cookie, 480 * MINUTE).is_none());
    }

    #[test]
    fn five_wrong_recovery_codes_rest_a_quarter_of_an_hour() {
        let sessions = Sessions::default();
        let both = people(&[1, 2]);
        let (session, _) = sessions.begin(0);
        for _ in 0..5 {
            assert_eq!(
                sessions.try_recovery(&session, &both, 0, |_| false),
                Recovery::Wrong
            );
        }
        assert_eq!(
            sessions.try_recovery(&session, &both, 1, |_| true),
            Recovery::Rest,
            "even the right one"
        );
        let later = 15 * MINUTE;
        let hers = |subject: &SubjectHandle| *subject == both[1];
        assert_eq!(
            sessions.try_recovery(&session, &both, later, hers),
            Recovery::Of(both[1])
        );
        sessions.end(&session);
        assert_eq!(
            sessions.try_recovery(&session, &both, later, hers),
            Recovery::Rest,
            "no session, no tries"
        );
    }

    #[test]
    fn wrong_recovery_codes_in_one_session_keep_nobody_out_of_another() {
        let sessions = Sessions::default();
        let both = people(&[1, 2]);
        let ((thief, _), (owner, _)) = (sessions.begin(0), sessions.begin(0));
        for _ in 0..50 {
            assert_ne!(
                sessions.try_recovery(&thief, &both, 0, |_| false),
                Recovery::Of(both[0])
            );
        }
        assert_eq!(
            sessions.try_recovery(&owner, &both, 1, |s| *s == both[0]),
            Recovery::Of(both[0])
        );
    }

    #[test]
    fn a_flood_of_visitors_signs_nobody_out() {
        let sessions = Sessions::default();
        let (visitor, _) = sessions.begin(0);
        let (_, cookie) = sessions.raise(&visitor, person(1), 0);
        for at in 0..(VISITORS_MAX as u64 + 10) {
            sessions.begin(at);
        }
        assert!(sessions.held().sessions.len() <= VISITORS_MAX + 1);
        assert!(sessions.find(&cookie, 1).is_some());
    }
}

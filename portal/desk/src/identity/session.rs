//! Sessions of those who are signed in: kept in memory only, found by the digest of a random
//! cookie, ended by rest and by age. Of a visitor nothing is kept ([`crate::identity::visitor`]).
//!
//! Times are milliseconds of the monotonic clock, handed in: nobody stays signed in because a wall
//! clock was set back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_ledger::random::{draw, draw_secret};
use akashi_notifier::Challenge;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{ContactId, LeafIndex, Qid, SubjectHandle};
use akashi_proof::record::kind::{Assurance, Language};
use akashi_tlog::base64;

use crate::identity::principal::Principal;
use crate::identity::recovery::RecoveryCode;
use crate::identity::visitor::{Visitor, Visitors};
use crate::limits::SIGNED_IN_MAX;

const MINUTE: u64 = 60_000;

/// Level 2 falls back to level 1 after so long without a page: the phone that lies on the table.
pub const PERSON_IDLE_MILLIS: u64 = 15 * MINUTE;
/// Level 2 lasts at most this long, however busy.
pub const PERSON_MILLIS_MAX: u64 = 120 * MINUTE;
/// A session ends after so long without a page: two readings of the longest page.
pub const IDLE_MILLIS: u64 = 30 * MINUTE;
/// A session ends after so long in any case: a working day.
pub const MILLIS_MAX: u64 = 480 * MINUTE;

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
        /// What was shown beside her recovery code.
        shown: Shown,
        /// Her language.
        language: Language,
    },
}

/// What a session began with. How surely its person is known and what is left of it without the
/// recovery code follow from this alone, so that no step makes a phone of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A code sent to a phone these persons use.
    Phone(Arc<[SubjectHandle]>),
    /// A code sent to an address of hers.
    Mail,
}

impl Shown {
    /// How surely a person is known who shows this and her recovery code.
    pub const fn with_recovery(&self) -> Assurance {
        match self {
            Self::Phone(_) => Assurance::SmsAndRecovery,
            Self::Mail => Assurance::EmailAndRecovery,
        }
    }

    /// The standing of whoever shows this alone: an address opens nothing.
    pub fn alone(&self) -> Standing {
        match self {
            Self::Phone(people) => Standing::Holder(Arc::clone(people)),
            Self::Mail => Standing::Visitor,
        }
    }
}

impl Standing {
    /// What it began with; `None` of a visitor, who has shown nothing.
    pub fn shown(&self) -> Option<Shown> {
        match self {
            Self::Visitor => None,
            Self::Holder(people) => Some(Shown::Phone(Arc::clone(people))),
            Self::Person { shown, .. } => Some(shown.clone()),
        }
    }
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
            Standing::Person { subject, shown, .. } => {
                let assurance = shown.with_recovery();
                Some(Principal::person(*subject, assurance, language))
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

#[cfg(test)]
mod tests {
    use akashi_notifier::CodeUse;

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
            shown: Shown::Phone(people(&[byte])),
            language: Language::Ja,
        }
    }

    /// Somebody who has signed in as whoever holds these people's phone.
    fn holder(sessions: &Sessions, people: Arc<[SubjectHandle]>) -> (Session, String) {
        let visitor = sessions.begin(0).session;
        raised(sessions.raise(&visitor, Standing::Holder(people), 0))
    }

    fn raised(changed: Changed) -> (Session, String) {
        (changed.session, changed.cookie.unwrap())
    }

    #[test]
    fn a_cookie_finds_its_session_and_no_other_text_does() {
        let sessions = Sessions::default();
        let (session, cookie) = holder(&sessions, people(&[1]));
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
        let (visitor, before) = raised(sessions.begin(0));
        let (holder, after) = holder(&sessions, people(&[1]));
        let (person, last) = raised(sessions.raise(&holder, person(1), 2));
        let level = |cookie: &str| sessions.find(cookie, 3).map(|session| session.level());
        assert_eq!(level(&before), Some(0), "worth as little as before");
        assert_eq!(level(&after), None, "a fixed identifier is worth nothing");
        assert_eq!(level(&last), Some(2));
        assert!(visitor.csrf != holder.csrf && before != after);
        assert!(person.csrf != holder.csrf && last != after);
    }

    #[test]
    fn level_2_falls_back_and_then_the_session_ends() {
        let sessions = Sessions::default();
        let visitor = sessions.begin(0).session;
        let (_, cookie) = raised(sessions.raise(&visitor, person(1), 0));
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
    fn an_address_falls_back_to_nobody_and_never_to_a_phone() {
        let sessions = Sessions::default();
        let subject = people(&[1])[0];
        let mail = Standing::Person {
            subject,
            shown: Shown::Mail,
            language: Language::Ja,
        };
        assert_eq!(mail.shown(), Some(Shown::Mail));
        let begun = |at| {
            let visitor = sessions.begin(at).session;
            raised(sessions.raise(&visitor, mail.clone(), at))
        };
        let (_, cookie) = begun(0);
        let found = sessions.find(&cookie, 14 * MINUTE).unwrap();
        let assurance = found.principal(Language::Ja).map(|who| who.assurance());
        assert_eq!(assurance, Some(Assurance::EmailAndRecovery));
        assert!(sessions.find(&cookie, 29 * MINUTE).is_none(), "at rest");
        assert!(sessions.find(&cookie, 29 * MINUTE).is_none(), "and again");
        let (_, cookie) = begun(0);
        let mut pages = (0..=120).step_by(10).map(|m| m * MINUTE);
        let ended = pages.find(|now| sessions.find(&cookie, *now).is_none());
        assert_eq!(ended, Some(PERSON_MILLIS_MAX), "however busy");
        let (session, cookie) = begun(0);
        sessions.step_down(&subject);
        assert!(sessions.find(&cookie, 1).is_none(), "stepped down");
        let (again, _) = raised(sessions.raise(&session, mail.clone(), 20));
        assert_eq!(again.created, 0, "what ended meanwhile gets no younger");
    }

    #[test]
    fn nothing_keeps_a_session_for_ever() {
        let sessions = Sessions::default();
        let visitor = sessions.begin(0).session;
        let (_, cookie) = raised(sessions.raise(&visitor, person(1), 0));
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
        let (mut session, mut cookie) = holder(&sessions, people(&[1]));
        for minutes in (20..480).step_by(20) {
            assert!(sessions.find(&cookie, minutes * MINUTE).is_some());
            (session, cookie) = raised(sessions.raise(&session, person(1), minutes * MINUTE));
        }
        assert!(sessions.find(&cookie, 480 * MINUTE).is_none());
    }

    #[test]
    fn five_wrong_recovery_codes_rest_a_quarter_of_an_hour() {
        let sessions = Sessions::default();
        let both = people(&[1, 2]);
        let (session, _) = holder(&sessions, Arc::clone(&both));
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
        let hers = || holder(&sessions, Arc::clone(&both)).0;
        let (thief, owner) = (hers(), hers());
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
    fn a_flood_of_visitors_keeps_nothing_and_locks_nobody_out() {
        let sessions = Sessions::default();
        let (_, cookie) = holder(&sessions, people(&[1]));
        let (first, hers) = raised(sessions.begin(0));
        for at in 0..20_001 {
            let _ = sessions.begin(at);
        }
        assert_eq!(sessions.figures(), (1, 0));
        assert!(sessions.find(&cookie, 1).is_some());
        let found = sessions.find(&hers, 20_001).unwrap();
        assert!(found.csrf == first.csrf, "who came first is still there");
    }

    #[test]
    fn a_visitor_s_cookie_says_what_she_waits_for_and_only_as_it_was_made() {
        let sessions = Sessions::default();
        let (visitor, _) = raised(sessions.begin(0));
        let text = format!("s_{}", base64::url::encode(&[7; 96]));
        let pending = Pending {
            errand: Errand::SignIn,
            challenge: Challenge::parse(CodeUse::SignIn, &text).unwrap(),
            shown_to: "••78".into(),
        };
        let (_, cookie) = raised(sessions.wait_for(&visitor, Some(pending)));
        let found = sessions.find(&cookie, MILLIS_MAX - 1).unwrap();
        let waits = found.waits_for(Errand::SignIn).unwrap();
        assert_eq!(
            (waits.challenge.as_str(), &*waits.shown_to),
            (&*text, "••78")
        );
        assert!(found.csrf == visitor.csrf && found.waits_for(Errand::Enrol).is_none());
        assert!(sessions.find(&cookie, MILLIS_MAX).is_none(), "a day later");
        let bytes = base64::url::decode(&cookie).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = base64::url::encode(&changed);
            assert!(sessions.find(&changed, 1).is_none(), "byte {at}");
        }
        assert!(
            !bytes.windows(8).any(|eight| eight == [7; 8]),
            "it is sealed"
        );
        let other = Sessions::default();
        assert!(other.find(&cookie, 1).is_none(), "of another process");
        let (_, empty) = raised(sessions.wait_for(&found, None));
        let found = sessions.find(&empty, 1).unwrap();
        assert!(found.waits_for(Errand::SignIn).is_none());
    }

    #[test]
    fn so_many_are_signed_in_and_then_those_at_rest_make_room() {
        let sessions = Sessions::default();
        let visitor = sessions.begin(0).session;
        let sign_in = |at: u64| raised(sessions.raise(&visitor, person(1), at)).1;
        let (first, last) = (sign_in(0), (1..SIGNED_IN_MAX as u64).map(sign_in).last());
        assert_eq!(sessions.figures(), (SIGNED_IN_MAX, 0), "N");
        let new = sign_in(SIGNED_IN_MAX as u64);
        let (held, forgotten) = sessions.figures();
        assert!(held <= SIGNED_IN_MAX && forgotten > 0, "N + 1");
        let now = SIGNED_IN_MAX as u64;
        assert!(sessions.find(&first, now).is_none());
        assert!(sessions.find(&last.unwrap(), now).is_some());
        assert!(sessions.find(&new, now).is_some());
    }
}

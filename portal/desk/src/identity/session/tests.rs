use std::sync::Arc;

use akashi_ledger::command::Showed;
use akashi_notifier::{Challenge, CodeUse};
use akashi_proof::ids::SubjectHandle;
use akashi_proof::record::kind::{Assurance, Language};
use akashi_tlog::base64;

use super::*;
use crate::limits::SIGNED_IN_MAX;

fn people(bytes: &[u8]) -> Arc<[SubjectHandle]> {
    bytes
        .iter()
        .map(|byte| SubjectHandle::from_bytes([*byte; 16]))
        .collect()
}

fn met(people: &[SubjectHandle]) -> Arc<[Met]> {
    people.iter().copied().map(Met::newcomer).collect()
}

fn person(byte: u8) -> Standing {
    Standing::Person {
        subject: people(&[byte])[0],
        showed: Showed::default(),
        shown: Shown::Phone(met(&people(&[byte]))),
        language: Language::Ja,
    }
}

/// Somebody who has signed in as whoever holds these people's phone.
fn holder(sessions: &Sessions, people: Arc<[SubjectHandle]>) -> (Session, String) {
    let visitor = sessions.begin(0).session;
    raised(sessions.raise(&visitor, Standing::Holder(met(&people)), 0))
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
        showed: Showed::default(),
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

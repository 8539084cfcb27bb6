//! Histories in which a record rests on nothing: no institution signed for it, or with another key;
//! she had not shown enough, was not asked, or had not agreed; data was released that nobody asked
//! for. Each is one lie of an operator, and her own check finds it.

use std::collections::BTreeMap;

use akashi_actors::permit;
use akashi_check::history::Report;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, Generation, InstitutionId, Jti, Kid, LeafIndex, Reference};
use akashi_proof::ids::{RoleHolderId, Timestamp};
use akashi_proof::key::thumbprint;
use akashi_proof::limits::COOLING_OFF_MILLIS;
use akashi_proof::record::kind::{
    AccessAsked, AccessDecided, AccountChanged, AnsweredBy, ApprovalAnswered, Assurance, BasisKind,
    BlockedBy, Channel, ConsentGiven, ConsentNarrowed, ConsentWithdrawn, ConsentsStopped,
    ContactDoubted, ContactReplaced, ContactSettled, ContactVerified, Event, Kind, Language,
    LinkEnd, LinkRevoked, LinkWithdrawn, MeansBlocked, MeansUnblocked, Outcome, PapersReplaced,
    ReleaseReason, ReleaseRefused, Step, YesNo,
};
use akashi_proof::record::value::Bytes;

use crate::lying_history::{assert_caught, assert_good, revoke_the_pharmacys_key};
use crate::person::{
    HOSPITAL, PHARMACY, PLACES, Reported, Shown, Story, decided, permitted, released_on,
};
use crate::support::{
    HOSPITAL_SEED, OPENED, PHARMACY_SEED, by, by_supervisors_anew, gate_number, public,
    registry_record,
};

/// A key that nobody registered: the operator's own.
const OPERATOR_SEED: u8 = 77;
/// The permit her record 7 is the release of.
const RELEASED: u64 = PLACES[5];
const LANGUAGE: Language = Language::Ja;

const OF_HOSPITAL: &str = "A RECORD `hospital.chuo` HAS NOT SIGNED FOR: ";
const OF_PHARMACY: &str = "A RECORD `pharmacy.midori` HAS NOT SIGNED FOR: ";

fn key(seed: u8) -> Digest {
    Digest::from_bytes(*public(seed).as_bytes())
}

fn kid(seed: u8) -> Kid {
    thumbprint(&public(seed))
}

fn jti() -> Jti {
    Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap()
}

/// The history with these events in place of her records of these numbers.
fn with(events: impl IntoIterator<Item = (u64, Event)>) -> Report {
    let mut story = Story::honest();
    for (seq, event) in events {
        story.change(seq, |filed| filed.record.event = event);
    }
    story.check(&story.file())
}

/// The history with this event in place of her last record, which was a permit.
fn with_last(event: Event) -> Report {
    let mut story = Story::honest();
    story.change(11, |filed| {
        filed.record.event = event;
        filed.gate = [3; 32];
    });
    story.check(&story.file())
}

/// Her permits and what was decided of them bent, wherever they stand.
fn with_permits(bend: impl Fn(&mut AccessDecided)) -> Report {
    let mut story = Story::honest();
    for seq in [4, 6, 9, 10, 11] {
        story.change(seq, |filed| {
            if let Event::AccessPermitted(permit) = &mut filed.record.event {
                bend(permit);
            }
        });
    }
    story.check(&story.file())
}

// --- The key that presents ---

#[test]
fn a_presenters_key_that_is_the_operators_own() {
    let report = with_permits(|permit| permit.presenter_key = key(OPERATOR_SEED));
    let swapped = format!("{OF_HOSPITAL}`presenter_key`: expected a signing key");
    let of_release = format!("record 7: {OF_PHARMACY}`presented.kid`");
    let expected = [4, 6, 9, 10, 11].map(|seq| format!("record {seq}: {swapped}"));
    let [first, second, rest @ ..] = &expected;
    let mut all = vec![first.as_str(), second, &of_release];
    all.extend(rest.iter().map(String::as_str));
    assert_caught(&report, &all);
}

#[test]
fn a_presenters_key_of_another_institution_or_none() {
    for presenter in [key(PHARMACY_SEED), Digest::from_bytes([0xff; 32])] {
        let mut permit = decided();
        permit.presenter_key = presenter;
        permit.gate_number = None;
        (permit.outcome, permit.told) = (Outcome::Deny, Outcome::Deny);
        let report = with([(5, Event::AccessDenied(permit))]);
        assert_caught(
            &report,
            &[&format!("record 5: {OF_HOSPITAL}`presenter_key`")],
        );
    }
}

#[test]
fn a_presenters_key_that_had_ended() {
    const SECOND: u8 = 44;
    let public_key = key(SECOND).to_base64url();
    let second = kid(SECOND);
    let registered = format!(
        r#""act":"key.registered","kid":"{second}","key_use":"sign","public_key":"{public_key}","valid_from":1790000000"#
    );
    let revoked = format!(r#""act":"key.revoked","kid":"{second}","reason":"lost""#);
    // Her record 11 is of eleven seconds after the opening.
    for (ended, is_honest) in [(11_001, true), (11_000, false)] {
        let mut story = Story::honest();
        for (seq, index, act, millis) in [(8, 660, &registered, 900), (9, 661, &revoked, ended)] {
            let mut record = registry_record(seq, by(HOSPITAL, HOSPITAL_SEED, act));
            record.time = Timestamp::from_millis(OPENED + millis);
            story.log.place(index, seq, &record);
        }
        story.change(11, |filed| {
            if let Event::AccessPermitted(permit) = &mut filed.record.event {
                permit.presenter_key = key(SECOND);
            }
        });
        let report = story.check(&story.file());
        if is_honest {
            assert_good(&report);
        } else {
            assert_caught(
                &report,
                &[&format!("record 11: {OF_HOSPITAL}`presenter_key`")],
            );
        }
    }
}

// --- Releases ---

/// Her history with this report in place of the pharmacy's, and what is found.
fn assert_report_caught(reported: &Reported, said: &str) {
    let report = with([(7, released_on(RELEASED, reported.statement()))]);
    assert_caught(&report, &[&format!("record 7: {OF_PHARMACY}{said}")]);
}

#[test]
fn a_release_that_nobody_presented_or_somebody_else() {
    let honest = Reported::honest(RELEASED);
    let bent = |shown: Shown| Reported {
        shown,
        ..honest.clone()
    };
    let shown = honest.shown.clone();
    for (shown, field) in [
        (
            Shown {
                seed: OPERATOR_SEED,
                ..shown.clone()
            },
            "kid",
        ),
        (
            Shown {
                iss: PHARMACY,
                ..shown.clone()
            },
            "iss",
        ),
        (
            Shown {
                aud: HOSPITAL,
                ..shown.clone()
            },
            "aud",
        ),
        (
            Shown {
                digest: Digest::from_bytes([9; 32]),
                ..shown.clone()
            },
            "ath",
        ),
        (
            Shown {
                iat: shown.iat - 301,
                ..shown
            },
            "iat",
        ),
    ] {
        assert_report_caught(&bent(shown), &format!("`presented.{field}`"));
    }
    // Dropped: the report is signed, and holds no presentation.
    let claims = format!(
        r#"{{"iss":"{PHARMACY}","aud":"{}","iat":{},"jti":"{}","index":{RELEASED},"evidence_digest":"{}"}}"#,
        permit::ORIGIN,
        OPENED / 1_000,
        jti(),
        honest.digest.to_base64url(),
    );
    let typ = akashi_proof::jws::Type::Release;
    let dropped = crate::support::signed(typ, PHARMACY_SEED, &claims);
    let report = with([(7, released_on(RELEASED, dropped))]);
    assert_caught(&report, &[&format!("record 7: {OF_PHARMACY}`presented`")]);
}

#[test]
fn a_report_the_holder_has_not_signed_for_this_permit() {
    let honest = Reported::honest(RELEASED);
    for (reported, said) in [
        (
            Reported {
                seed: OPERATOR_SEED,
                ..honest.clone()
            },
            "`kid`: expected that of the record",
        ),
        (
            Reported {
                iss: HOSPITAL,
                ..honest.clone()
            },
            "`iss`",
        ),
        (
            Reported {
                index: PLACES[3],
                ..honest.clone()
            },
            "`index`",
        ),
        (
            Reported {
                iat: honest.iat - 400,
                ..honest.clone()
            },
            "`iat`",
        ),
    ] {
        assert_report_caught(&reported, said);
    }
    // Under the holder's name for its key, and signed with another.
    let mut stolen = honest.statement();
    let mut forged = Reported {
        seed: OPERATOR_SEED,
        ..honest
    }
    .statement();
    let signature = |bytes: &[u8]| bytes.iter().rposition(|byte| *byte == b'.').unwrap();
    stolen.0.truncate(signature(&stolen.0));
    forged.0.drain(..signature(&forged.0));
    stolen.0.extend(forged.0);
    let report = with([(7, released_on(RELEASED, stolen))]);
    assert_caught(&report, &[&format!("record 7: {OF_PHARMACY}`signature`")]);
}

#[test]
fn a_report_with_a_key_that_had_ended() {
    let mut story = Story::honest();
    revoke_the_pharmacys_key(&mut story, OPENED + 7_000);
    let report = story.check(&story.file());
    assert_caught(
        &report,
        &[
            &format!("record 7: {OF_PHARMACY}`kid`"),
            "record 8: A LINK `pharmacy.midori` HAS NOT SIGNED FOR",
        ],
    );
}

#[test]
fn a_release_on_what_is_no_permit_of_hers() {
    for index in [PLACES[4], PLACES[8], 12] {
        let statement = Reported::honest(index).statement();
        let report = with([(7, released_on(index, statement))]);
        assert_caught(&report, &["record 7: its `access` names nothing of hers"]);
    }
}

#[test]
fn a_release_recorded_twice_or_after_the_permit_ended() {
    let again = || released_on(RELEASED, Reported::honest(RELEASED).statement());
    let twice = "its `access` is another, expected a permit that nothing was released on";
    assert_caught(
        &with([(5, again())]),
        &["record 5: its `access` names nothing"],
    );
    assert_caught(&with_last(again()), &[&format!("record 11: {twice}")]);

    let mut story = Story::honest();
    story.change(6, |filed| {
        if let Event::AccessPermitted(permit) = &mut filed.record.event {
            permit.expires = Some(Timestamp::from_millis(OPENED + 7_000 - 60_000));
        }
    });
    assert_caught(
        &story.check(&story.file()),
        &["record 7: its `time` is another, expected one before the permit ended"],
    );
}

#[test]
fn a_permit_on_a_link_that_had_ended_or_while_she_had_suspended_her_account() {
    let story = |event: Event| with([(7, event)]);
    let changed = || AccountChanged {
        assurance: Assurance::SmsAndRecovery,
        language: LANGUAGE,
    };
    // Of record 8 on the pharmacy has another link; the hospital has one.
    let withdrawn = LinkWithdrawn {
        institution: InstitutionId::parse(HOSPITAL).unwrap(),
        generation: Generation::FIRST,
        assurance: Assurance::SmsAndRecovery,
        language: LANGUAGE,
    };
    let none = |seq: u64| format!("record {seq}: its `requester` names nothing of hers that stood");
    let expected = [9, 10, 11].map(none);
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    for ended in [
        Event::LinkWithdrawn(withdrawn.clone()),
        Event::LinkRevoked(link_end(HOSPITAL_SEED, LinkEnd::Disclosed)),
        Event::LinkCorrected(link_end(HOSPITAL_SEED, LinkEnd::WrongPerson)),
        Event::AccountClosed(changed()),
    ] {
        assert_caught(&story(ended), &expected);
    }
    let other = LinkWithdrawn {
        generation: Generation::FIRST.next().unwrap(),
        ..withdrawn
    };
    let unknown = "record 7: its `generation` names nothing of hers";
    assert_caught(&story(Event::LinkWithdrawn(other)), &[unknown]);
    let corrected = link_end(HOSPITAL_SEED, LinkEnd::NotNeeded);
    let wrong = story(Event::LinkCorrected(corrected));
    assert_caught(&wrong, &["record 7: its `cause` is another"]);

    let suspended = Event::AccountSuspended(changed());
    let given = Event::ConsentGiven(agreed());
    let on_it = on_consent(Some(PLACES[4]));
    let paused = "record 9: its `basis_kind` names nothing of hers that stood then";
    assert_caught(&with([(5, given), (7, suspended), (9, on_it)]), &[paused]);
}

#[test]
fn a_decision_that_is_not_what_its_kind_says() {
    let said = |outcome, told| {
        let mut denied = decided();
        (denied.gate_number, denied.outcome, denied.told) = (None, outcome, told);
        with([(5, Event::AccessDenied(denied))])
    };
    assert_good(&said(Outcome::Deny, Outcome::Ask));
    let outcome = said(Outcome::Permit, Outcome::Deny);
    assert_caught(&outcome, &["record 5: its `outcome` is another"]);
    let told = said(Outcome::Deny, Outcome::Permit);
    assert_caught(&told, &["record 5: its `told` is another"]);
}

// --- Every kind that an institution signs ---

pub fn link_end(seed: u8, cause: LinkEnd) -> LinkRevoked {
    LinkRevoked {
        institution: InstitutionId::parse(HOSPITAL).unwrap(),
        generation: Generation::FIRST,
        cause,
        kid: kid(seed),
        jti: jti(),
        statement: Bytes(b"h.c.s".to_vec()),
    }
}

fn asked(bend: impl FnOnce(&mut AccessAsked)) -> Event {
    let decided = AccessDecided {
        basis_kind: BasisKind::Consent,
        outcome: Outcome::Ask,
        told: Outcome::Ask,
        gate_number: None,
        holder_link: None,
        ..decided()
    };
    let digest = Digest::from_bytes([31; 32]);
    let mut asked = AccessAsked {
        decided,
        reference: Reference::of(&digest, |_| false),
        approval_digest: digest,
        low_risk: YesNo::No,
    };
    bend(&mut asked);
    Event::AccessAsked(asked)
}

/// A record of each kind that an institution signs, with a key of this seed in the place of its
/// own.
fn signed_with(seed: u8) -> BTreeMap<Kind, Event> {
    let deny = |seed| {
        let Event::AccessDenied(denied) = crate::person::denied() else {
            unreachable!()
        };
        AccessDecided {
            kid: kid(seed),
            ..denied
        }
    };
    let refused = ReleaseRefused {
        access: LeafIndex::new(RELEASED),
        holder: InstitutionId::parse(PHARMACY).unwrap(),
        reasons: vec![ReleaseReason::Spent],
        kid: kid(if seed == HOSPITAL_SEED {
            PHARMACY_SEED
        } else {
            seed
        }),
        jti: Jti::from_bytes([61; 16]),
        statement: Reported {
            jti: Jti::from_bytes([61; 16]),
            seed: if seed == HOSPITAL_SEED {
                PHARMACY_SEED
            } else {
                seed
            },
            ..Reported::honest(RELEASED)
        }
        .statement(),
    };
    let events = [
        Event::LinkRevoked(link_end(seed, LinkEnd::NotNeeded)),
        Event::LinkCorrected(link_end(seed, LinkEnd::WrongPerson)),
        Event::AccessDenied(deny(seed)),
        asked(|asked| asked.decided.kid = kid(seed)),
        Event::ReleaseRefused(refused),
    ];
    events.map(|event| (event.kind(), event)).into()
}

#[test]
fn every_kind_that_an_institution_signs_is_held_to_its_key() {
    for event in signed_with(HOSPITAL_SEED).into_values() {
        assert_good(&with_last(event));
    }
    for (kind, event) in signed_with(OPERATOR_SEED) {
        let report = with_last(event);
        let found = report.findings.iter().map(|one| one.problem.to_string());
        let found: Vec<_> = found.collect();
        let name = kind.name();
        assert!(
            found.len() == 1
                && found[0].contains("HAS NOT SIGNED FOR")
                && found[0].contains("`kid`"),
            "{name}: {found:?}"
        );
    }
    // Permits and releases have tests of their own, links in `lying_history`.
    let report = with_permits(|permit| permit.kid = kid(OPERATOR_SEED));
    let expected = [4, 6, 9, 10, 11].map(|seq| format!("record {seq}: {OF_HOSPITAL}`kid`"));
    assert_caught(&report, &expected.each_ref().map(String::as_str));
    let tested = signed_with(OPERATOR_SEED).into_keys();
    let others = [
        Kind::LinkIssued,
        Kind::AccessPermitted,
        Kind::AccessReleased,
    ];
    let tested: Vec<_> = tested.chain(others).collect();
    for kind in Kind::ALL {
        let is_of_person = kind.stream() == akashi_proof::record::StreamKind::Person;
        let is_signed = kind.own_names().contains(&"kid");
        assert_eq!(
            tested.contains(kind),
            is_of_person && is_signed,
            "{}",
            kind.name()
        );
    }
}

#[test]
fn a_refusal_because_a_key_had_ended_is_no_lie() {
    let mut story = Story::honest();
    let act = format!(
        r#""act":"key.revoked","kid":"{}","reason":"lost""#,
        kid(HOSPITAL_SEED)
    );
    let mut record = registry_record(8, by(HOSPITAL, HOSPITAL_SEED, &act));
    record.time = Timestamp::from_millis(OPENED + 11_000);
    story.log.place(660, 8, &record);
    let Event::AccessDenied(mut denied) = crate::person::denied() else {
        unreachable!()
    };
    denied.step = Some(Step::Institution);
    denied.role_holder = RoleHolderId::parse("dr-ito").unwrap();
    story.change(11, |filed| {
        filed.record.event = Event::AccessDenied(denied);
        filed.gate = [3; 32];
    });
    assert_good(&story.check(&story.file()));
}

// --- What she had shown ---

/// An act of hers of each kind that says what she had shown, but those of a question; and what has
/// to have happened before it.
fn acts(assurance: Assurance) -> BTreeMap<Kind, (Option<Event>, Event)> {
    let contact = ContactId::from_bytes([21; 16]);
    let phone = ContactId::from_bytes([4; 16]);
    let (channel, language) = (Channel::Sms, LANGUAGE);
    let changed = || AccountChanged {
        assurance,
        language,
    };
    let settled = |contact| ContactSettled {
        contact,
        channel,
        assurance,
        language,
    };
    let papers = PapersReplaced {
        qid_digest: crate::person::qid('7').digest(),
        recovery_digest: Digest::from_bytes([4; 32]),
        assurance,
        language,
    };
    let verified = ContactVerified {
        contact,
        channel,
        assurance,
    };
    let replaced = ContactReplaced {
        contact,
        channel,
        replaces: ContactId::from_bytes([4; 16]),
        effective: Timestamp::from_millis(OPENED + 11_000 + COOLING_OFF_MILLIS),
        assurance,
        language,
    };
    let unblocked = MeansUnblocked {
        contact: phone,
        channel,
        assurance,
        language,
    };
    let withdrawn = LinkWithdrawn {
        institution: InstitutionId::parse(HOSPITAL).unwrap(),
        generation: Generation::FIRST,
        assurance,
        language,
    };
    let stopped = ConsentsStopped {
        count: 1,
        assurance,
        language,
    };
    let mut given = agreed();
    given.assurance = assurance;
    let enough = AccountChanged {
        assurance: Assurance::SmsAndRecovery,
        language,
    };
    let added = ContactVerified {
        contact,
        channel,
        assurance: Assurance::SmsAndRecovery,
    };
    let doubted = ContactDoubted {
        contact: phone,
        channel,
    };
    let blocked = MeansBlocked {
        contact: phone,
        channel,
        blocked_by: BlockedBy::Phone,
        language,
    };
    let before = |kind: Kind| match kind {
        Kind::AccountResumed => Some(Event::AccountSuspended(enough.clone())),
        Kind::ContactEnded => Some(Event::ContactVerified(added.clone())),
        Kind::ContactConfirmed => Some(Event::ContactDoubted(doubted.clone())),
        Kind::MeansUnblocked => Some(Event::MeansBlocked(blocked.clone())),
        Kind::ConsentsStopped => Some(Event::ConsentGiven(agreed())),
        _ => None,
    };
    let events = [
        Event::PapersReplaced(papers),
        Event::AccountSuspended(changed()),
        Event::AccountResumed(changed()),
        Event::AccountClosed(changed()),
        Event::ContactVerified(verified),
        Event::ContactReplaced(replaced),
        Event::ContactEnded(settled(contact)),
        Event::ContactConfirmed(settled(phone)),
        Event::MeansUnblocked(unblocked),
        Event::LinkWithdrawn(withdrawn),
        Event::ConsentsStopped(stopped),
        Event::ConsentGiven(given),
    ];
    events
        .map(|event| (event.kind(), (before(event.kind()), event)))
        .into()
}

#[test]
fn an_act_she_had_not_shown_enough_for() {
    for assurance in Assurance::ALL {
        for (kind, (before, event)) in acts(*assurance) {
            let mut story = Story::honest();
            if let Some(before) = before {
                story.change(5, |filed| filed.record.event = before);
            }
            story.change(11, |filed| {
                filed.record.event = event;
                filed.gate = [3; 32];
            });
            let report = story.check(&story.file());
            if kind.must_show().unwrap().accepts(*assurance) {
                assert_good(&report);
            } else {
                let said = "record 11: she had not shown enough for it: `assurance`: expected";
                assert_caught(&report, &[said]);
            }
        }
    }
    let enrolled = |assurance| {
        let mut story = Story::honest();
        story.change(1, |filed| {
            if let Event::SubjectEnrolled(enrolled) = &mut filed.record.event {
                enrolled.assurance = assurance;
            }
        });
        story.check(&story.file())
    };
    let said = "record 1: she had not shown enough for it";
    assert_caught(&enrolled(Assurance::EmailAndRecovery), &[said]);
}

// --- Consents ---

/// She agrees to exactly what [`decided`] asks.
pub fn agreed() -> ConsentGiven {
    match permit::consent(Timestamp::from_millis(OPENED)).event {
        Event::ConsentGiven(given) => given,
        other => panic!("{:?}", other.kind()),
    }
}

/// The permit of record 9, on the ground of this consent.
fn on_consent(consent: Option<u64>) -> Event {
    let Event::AccessPermitted(mut permit) = permitted(1) else {
        unreachable!()
    };
    permit.basis_kind = BasisKind::Consent;
    permit.consent = consent.map(LeafIndex::new);
    Event::AccessPermitted(permit)
}

#[test]
fn a_permit_on_a_consent_that_is_none_of_hers_has_ended_or_covers_less() {
    let given = || Event::ConsentGiven(agreed());
    let on_it = || on_consent(Some(PLACES[4]));
    assert_good(&with([(5, given()), (9, on_it())]));

    let nothing = "record 9: its `consent` names nothing of hers that stood then";
    assert_caught(&with([(9, on_it())]), &[nothing]);
    assert_caught(&with([(9, on_consent(None))]), &[nothing]);
    let consent = agreed().consent;
    let assurance = Assurance::SmsAndRecovery;
    let language = LANGUAGE;
    let withdrawn = ConsentWithdrawn {
        consent,
        assurance,
        language,
    };
    let stopped = ConsentsStopped {
        count: 1,
        assurance,
        language,
    };
    for ended in [
        Event::ConsentWithdrawn(withdrawn),
        Event::ConsentsStopped(stopped),
    ] {
        let report = with([(5, given()), (7, ended), (9, on_it())]);
        assert_caught(&report, &[nothing]);
    }
    let mut less = agreed();
    less.terms.valid_until = Timestamp::from_millis(OPENED + 9_000);
    let report = with([(5, Event::ConsentGiven(less)), (9, on_it())]);
    let less = "record 9: its `consent` is another, expected one that covers the access";
    assert_caught(&report, &[less]);
}

// --- What ends a permit before it is released on ---

const ADDED: u8 = 21;

fn added(contact: u8) -> Event {
    Event::ContactVerified(ContactVerified {
        contact: ContactId::from_bytes([contact; 16]),
        channel: Channel::Sms,
        assurance: Assurance::SmsAndRecovery,
    })
}

fn phone_blocked() -> Event {
    Event::MeansBlocked(MeansBlocked {
        contact: ContactId::from_bytes([4; 16]),
        channel: Channel::Sms,
        blocked_by: BlockedBy::Phone,
        language: LANGUAGE,
    })
}

/// She agrees, is looked at on that ground (record 9), something happens (10), and the pharmacy
/// releases (11).
fn released_after(happened: Event) -> Report {
    let mut story = Story::honest();
    let permit = PLACES[8];
    let released = released_on(permit, Reported::honest(permit).statement());
    for (seq, event) in [
        (5, Event::ConsentGiven(agreed())),
        (7, added(ADDED)),
        (9, on_consent(Some(PLACES[4]))),
        (10, happened),
        (11, released),
    ] {
        story.change(seq, |filed| {
            filed.record.event = event;
            if seq > 9 {
                filed.gate = [seq as u8; 32];
            }
        });
    }
    story.check(&story.file())
}

#[test]
fn a_release_on_what_she_had_ended_before_it() {
    let (assurance, language) = (Assurance::SmsAndRecovery, LANGUAGE);
    let changed = || AccountChanged {
        assurance,
        language,
    };
    let withdrawn = |institution: &str, generation| {
        Event::LinkWithdrawn(LinkWithdrawn {
            institution: InstitutionId::parse(institution).unwrap(),
            generation,
            assurance,
            language,
        })
    };
    let second = Generation::FIRST.next().unwrap();
    let consent = agreed().consent;
    let mut less = agreed();
    less.terms.valid_until = Timestamp::from_millis(OPENED + 10_500);
    let less = ConsentNarrowed {
        consent,
        terms: less.terms,
        wording_digest: less.wording_digest,
        language,
        assurance,
    };
    let ends = [
        (withdrawn(HOSPITAL, Generation::FIRST), "link-ended"),
        (withdrawn(PHARMACY, second), "link-ended"),
        (
            Event::LinkRevoked(LinkRevoked {
                jti: crate::person::jti(10),
                ..link_end(HOSPITAL_SEED, LinkEnd::Disclosed)
            }),
            "link-ended",
        ),
        (
            crate::person::linked_again(HOSPITAL, "hospital again"),
            "link-ended",
        ),
        (Event::AccountClosed(changed()), "link-ended"),
        (Event::AccountSuspended(changed()), "means-blocked"),
        (phone_blocked(), "means-blocked"),
        (
            Event::ConsentWithdrawn(ConsentWithdrawn {
                consent,
                assurance,
                language,
            }),
            "consent-ended",
        ),
        (
            Event::ConsentsStopped(ConsentsStopped {
                count: 1,
                assurance,
                language,
            }),
            "consent-ended",
        ),
        (Event::ConsentNarrowed(less), "consent-ended"),
    ];
    assert_good(&released_after(added(ADDED + 1)));
    for (ended, reason) in ends {
        let said =
            format!("record 11: its `access` is {reason}, expected what nothing of hers had ended");
        assert_caught(&released_after(ended), &[&said]);
    }
}

#[test]
fn a_permit_on_her_word_while_her_phone_was_blocked() {
    let given = Event::ConsentGiven(agreed());
    let on_it = on_consent(Some(PLACES[4]));
    let report = with([(5, given), (7, phone_blocked()), (9, on_it)]);
    let said = "record 9: its `basis_kind` is her word, which counts for nothing";
    assert_caught(&report, &[said]);
}

#[test]
fn a_permit_or_release_of_one_that_was_suspended() {
    let act = |act: &str, id: &str| {
        format!(r#""act":"institution.{act}","institution":"{id}","reason":"again""#)
    };
    for (id, field) in [(HOSPITAL, "requester"), (PHARMACY, "holder")] {
        let told = |(from, until): (u64, u64)| {
            let mut story = Story::honest();
            for (seq, index, what, millis) in
                [(8, 660, "suspended", from), (9, 661, "reinstated", until)]
            {
                let event = by_supervisors_anew(&act(what, id), seq);
                let mut record = registry_record(seq, event);
                record.time = Timestamp::from_millis(OPENED + millis);
                story.log.place(index, seq, &record);
            }
            story.check(&story.file())
        };
        // Her record 6 is a permit, 7 the release on it, 9 a permit; each of so many seconds.
        assert_good(&told((7_000, 9_000)));
        let said = |seq: u64| {
            format!("record {seq}: its `{field}` is one that was suspended, or not certified")
        };
        assert_caught(&told((6_999, 7_001)), &[&said(7)]);
        assert_caught(&told((6_999, 9_001)), &[&said(7), &said(9)]);
    }
}

// --- Answers ---

fn answered(bend: impl FnOnce(&mut ApprovalAnswered)) -> ApprovalAnswered {
    let mut answered = ApprovalAnswered {
        access: LeafIndex::new(PLACES[4]),
        approval_digest: Digest::from_bytes([31; 32]),
        answered_by: AnsweredBy::Portal,
        seen: YesNo::Yes,
        reported: YesNo::No,
        wording_digest: Digest::from_bytes([32; 32]),
        language: LANGUAGE,
        assurance: Assurance::SmsAndRecovery,
    };
    bend(&mut answered);
    answered
}

/// The permit of record 9, on her answer in record 7.
fn on_answer(bend: impl FnOnce(&mut AccessDecided)) -> Event {
    let Event::AccessPermitted(mut permit) = on_consent(None) else {
        unreachable!()
    };
    permit.approval = Some(LeafIndex::new(PLACES[6]));
    bend(&mut permit);
    Event::AccessPermitted(permit)
}

/// She is asked, answers so, and it is permitted.
fn answering(answer: Event) -> Report {
    with([(5, asked(|_| ())), (7, answer), (9, on_answer(|_| ()))])
}

#[test]
fn an_answer_to_no_question_of_hers_too_late_or_by_the_wrong_way() {
    let granted = |bend: fn(&mut ApprovalAnswered)| Event::ApprovalGranted(answered(bend));
    assert_good(&answering(granted(|_| ())));

    let unfounded = "record 9: its `approval` names nothing of hers that stood then";
    for (answer, said) in [
        (
            granted(|e| e.access = LeafIndex::new(PLACES[3])),
            "its `access` names nothing",
        ),
        (
            granted(|e| e.approval_digest = Digest::from_bytes([1; 32])),
            "its `approval_digest` is another",
        ),
        (
            granted(|e| e.answered_by = AnsweredBy::Reply),
            "she had not shown enough for it: `answered_by`",
        ),
        (
            granted(|e| e.assurance = Assurance::Sms),
            "she had not shown enough for it: `assurance`",
        ),
    ] {
        let report = answering(answer);
        assert_caught(&report, &[&format!("record 7: {said}"), unfounded]);
    }
    let refused = Event::ApprovalRefused(answered(|_| ()));
    assert_caught(&answering(refused), &[unfounded]);
    let late = asked(|asked| asked.decided.expires = Some(Timestamp::from_millis(OPENED + 7_000)));
    let answer = granted(|_| ());
    let report = with([(5, late), (7, answer), (9, on_answer(|_| ()))]);
    assert_caught(&report, &["record 7: its `time`", unfounded]);
}

#[test]
fn a_permit_on_her_answer_to_another_question_or_with_another_key() {
    let granted = || Event::ApprovalGranted(answered(|_| ()));
    let other = |bend: fn(&mut AccessDecided)| {
        with([(5, asked(|_| ())), (7, granted()), (9, on_answer(bend))])
    };
    let another = other(|permit| permit.jti = Jti::from_bytes([9; 16]));
    assert_caught(&another, &["record 9: its `approval` is another"]);
    let swapped = other(|permit| permit.presenter_key = key(PHARMACY_SEED));
    let not_signed = format!("record 9: {OF_HOSPITAL}`presenter_key`");
    assert_caught(
        &swapped,
        &["record 9: its `presenter_key` is another", &not_signed],
    );
}

#[test]
fn one_request_or_answer_that_is_permitted_twice() {
    let mut story = Story::honest();
    let Event::AccessPermitted(first) = story.records[8].record.event.clone() else {
        unreachable!()
    };
    story.change(10, |filed| {
        if let Event::AccessPermitted(second) = &mut filed.record.event {
            second.jti = first.jti;
        }
    });
    let again = "record 10: its `jti` is another, expected that of a statement no other record";
    assert_caught(&story.check(&story.file()), &[again]);

    let second = |permit: &mut AccessDecided| permit.gate_number = Some(gate_number(2));
    let report = with([
        (5, asked(|_| ())),
        (7, Event::ApprovalGranted(answered(|_| ()))),
        (9, on_answer(|_| ())),
        (10, on_answer(second)),
    ]);
    let again = "record 10: its `approval` is another, expected one that nothing was decided on";
    assert_caught(&report, &[again]);
}

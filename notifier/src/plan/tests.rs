//! The table: which record plans what.

use akashi_proof::consent::Terms;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{
    ConsentId, Epoch, Generation, Jti, KeyVersion, Kid, LeafIndex, NoticeId, ProcessId, Seq,
    SubjectHandle,
};
use akashi_proof::record::kind::{
    AccessAsked, AlertRaised, AnsweredBy, ApprovalAnswered, ApprovalExpired, Assurance, BlockedBy,
    ConsentNarrowed, ConsentWithdrawn, ContactReplaced, ContactSettled, ContactVerified, Language,
    LinkIssued, MeansBlocked, NoticeDelivery, NoticesReported, ReleaseReason, ReleaseRefused, Rule,
    SubjectEnrolled, Template,
};
use akashi_proof::record::value::{Bytes, Set};
use akashi_proof::record::{PersonPosition, Record};
use akashi_proof::state::PendingAsk;
use akashi_proof::state::person::Contact;
use akashi_tlog::checkpoint::Origin;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const DAY_MILLIS: u64 = 86_400_000;
const SMS: ContactId = ContactId::from_bytes([1; 16]);
const EMAIL: ContactId = ContactId::from_bytes([2; 16]);
const OLD: ContactId = ContactId::from_bytes([3; 16]);
const ACCESS: LeafIndex = LeafIndex::new(7);

fn subject() -> SubjectHandle {
    SubjectHandle::from_bytes([9; 16])
}

fn record(event: Event) -> Record {
    Record {
        origin: Origin::new("test.akashi.example/log").unwrap(),
        time: NOW,
        position: akashi_proof::record::Position::Person(PersonPosition {
            subject: subject(),
            epoch: Epoch::FIRST,
            seq: Seq::new(2).unwrap(),
            prev: Some(LeafIndex::new(0)),
        }),
        engine: "test".into(),
        retain_until: NOW,
        event,
    }
}

fn enrolled() -> Event {
    Event::SubjectEnrolled(SubjectEnrolled {
        tag_key: digest(),
        qid_digest: digest(),
        recovery_digest: digest(),
        contact: SMS,
        assurance: Assurance::Sms,
        language: Language::Ja,
    })
}

fn person() -> Person {
    let mut first = record(enrolled());
    first.position = akashi_proof::record::Position::Person(PersonPosition {
        subject: subject(),
        epoch: Epoch::FIRST,
        seq: Seq::FIRST,
        prev: None,
    });
    let mut person = Person::enrol(LeafIndex::new(0), &first).unwrap();
    person.contacts.push(Contact {
        blocked: YesNo::No,
        block: None,
        doubted: None,
        from: NOW,
        until: None,
        channel: Channel::Email,
        contact: EMAIL,
    });
    person
}

/// A person who is being asked about [`ACCESS`].
fn asked() -> Person {
    let mut person = person();
    person.asks.push(PendingAsk {
        access: ACCESS,
        requester: InstitutionId::parse("city.hinata").unwrap(),
        expires: NOW.plus_millis(1),
        approval_digest: digest(),
        same: digest(),
        reference: reference(),
        low_risk: YesNo::No,
        granted: None,
        statement: Bytes(Vec::new()),
        request_nonce: Bytes(Vec::new()),
    });
    person
}

fn digest() -> Digest {
    Digest::of(&[b"x"])
}

fn city() -> InstitutionId {
    InstitutionId::parse("city.minato").unwrap()
}

fn kid() -> Kid {
    Kid::parse(&digest().to_base64url()).unwrap()
}

fn jti() -> Jti {
    Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap()
}

fn access(process: &str, outcome: Outcome, step: Option<Step>) -> AccessDecided {
    let Event::AccessPermitted(permit) = akashi_actors::permit::permit(NOW).event else {
        unreachable!()
    };
    AccessDecided {
        requester: city(),
        process: ProcessId::parse(process).unwrap(),
        outcome,
        told: outcome,
        step,
        ..permit
    }
}

fn answered() -> ApprovalAnswered {
    ApprovalAnswered {
        access: ACCESS,
        approval_digest: digest(),
        answered_by: AnsweredBy::Reply,
        seen: YesNo::No,
        reported: YesNo::Yes,
        wording_digest: digest(),
        language: Language::Ja,
        assurance: Assurance::Sms,
    }
}

fn reference() -> Reference {
    Reference::parse("BKTR").unwrap()
}

fn put() -> Event {
    Event::AccessAsked(AccessAsked {
        decided: access("city.drill-down", Outcome::Ask, Some(Step::Basis)),
        reference: reference(),
        approval_digest: digest(),
        low_risk: YesNo::No,
    })
}

fn delivery() -> NoticeDelivery {
    NoticeDelivery {
        notice: NoticeId::from_bytes([0; 16]),
        about: Some(LeafIndex::new(1)),
        template: Template::OutOfPurpose,
        channel: Channel::Sms,
        contact: SMS,
        text_digest: digest(),
        attempts: 1,
    }
}

fn reported(arrival: Arrival) -> Event {
    Event::NoticesReported(NoticesReported {
        arrival,
        notices: Set::new([LeafIndex::new(1)]),
    })
}

fn plan_at(person: &Person, index: LeafIndex, event: Event, now: Timestamp) -> Vec<Planned> {
    let pack = Pack::town().unwrap();
    let reach = Reach::of(person, NOW, true);
    plan(
        index,
        &record(event),
        Circumstances {
            person,
            reach,
            pack: &pack,
            now,
            stale_after_millis: DAY_MILLIS,
        },
    )
}

/// The plan in short: `alert D1`, `closed`, or the message and to whom.
fn short(planned: &[Planned]) -> Vec<String> {
    let one = |item: &Planned| match item {
        Planned::Count(one) => format!("count {} {}", one.access, one.permitted),
        Planned::Alert(found) => format!("alert {} {}", found.rule, found.access),
        Planned::Closed { .. } => "closed".into(),
        Planned::Tell(notice) => {
            let to = [(SMS, "sms"), (EMAIL, "email"), (OLD, "old")]
                .into_iter()
                .find(|(id, _)| *id == notice.to);
            format!("{} {}", notice.template, to.unwrap().1)
        }
    };
    planned.iter().map(one).collect()
}

#[test]
fn every_record_plans_what_the_table_says() {
    let (permit, deny) = (Outcome::Permit, Outcome::Deny);
    let emergency = || AccessDecided {
        basis_kind: BasisKind::Emergency,
        ..access("care.emergency", permit, None)
    };
    let approved = |outcome, step| AccessDecided {
        approval: Some(LeafIndex::new(8)),
        ..access("city.drill-down", outcome, step)
    };
    let verified = || {
        let assurance = Assurance::SmsAndRecovery;
        Event::ContactVerified(ContactVerified {
            contact: EMAIL,
            channel: Channel::Email,
            assurance,
        })
    };
    let narrowed = ConsentNarrowed {
        consent: ConsentId::from_bytes([1; 16]),
        terms: Terms::to_view((city(), city()), Set::new([]), Set::new([]), (NOW, NOW)),
        wording_digest: digest(),
        language: Language::Ja,
        assurance: Assurance::Sms,
    };
    let withdrawn = ConsentWithdrawn {
        consent: ConsentId::from_bytes([1; 16]),
        assurance: Assurance::Sms,
        language: Language::Ja,
    };
    let link = LinkIssued {
        institution: city(),
        key_version: KeyVersion::new(1),
        generation: Generation::FIRST,
        link_check: digest(),
        link_key: Secret::from_bytes([0; 32]),
        assurance: Assurance::Sms,
        kid: kid(),
        jti: jti(),
        statement: Bytes(Vec::new()),
    };
    let release = ReleaseRefused {
        access: LeafIndex::new(5),
        holder: city(),
        reasons: vec![ReleaseReason::Spent],
        kid: kid(),
        jti: jti(),
        statement: Bytes(Vec::new()),
    };
    let table: Vec<(Person, Event, &[&str])> = vec![
        (asked(), put(), &["approval-request sms"]),
        (person(), put(), &[]),
        (person(), Event::ApprovalGranted(answered()), &["closed"]),
        (
            person(),
            Event::ApprovalRefused(answered()),
            &["closed", "approval-refused email"],
        ),
        (
            person(),
            Event::ApprovalExpired(ApprovalExpired {
                access: ACCESS,
                approval_digest: digest(),
            }),
            &["closed", "approval-expired email"],
        ),
        (
            person(),
            Event::AccessPermitted(approved(permit, None)),
            &["approval-permitted email"],
        ),
        (
            person(),
            Event::AccessDenied(approved(deny, Some(Step::Role))),
            &["approval-not-permitted email"],
        ),
        (
            person(),
            Event::AccessPermitted(emergency()),
            &["emergency-access sms", "emergency-access email"],
        ),
        (
            person(),
            Event::AccessPermitted(access("care.consult", permit, None)),
            &["count 7 true"],
        ),
        (
            person(),
            Event::AccessPermitted(access("insurer.claim-review", permit, None)),
            &["access-permitted email"],
        ),
        (
            person(),
            Event::AccessDenied(access("care.consult", deny, Some(Step::Whitelist))),
            &["alert D1 7", "out-of-purpose sms", "out-of-purpose email"],
        ),
        (
            person(),
            Event::AccessDenied(access("care.consult", deny, Some(Step::Role))),
            &["alert D1 7", "out-of-purpose sms", "out-of-purpose email"],
        ),
        (
            person(),
            Event::AccessDenied(access("care.consult", deny, Some(Step::Basis))),
            &["count 7 false"],
        ),
        (
            person(),
            Event::AccessDenied(access("care.emergency", deny, Some(Step::Basis))),
            &["access-refused email"],
        ),
        (
            person(),
            Event::AccessDenied(access("no.such-process", deny, Some(Step::Statement))),
            &["access-refused email"],
        ),
        (
            person(),
            Event::ReleaseRefused(release),
            &[
                "alert D11 5",
                "release-refused sms",
                "release-refused email",
            ],
        ),
        (
            person(),
            Event::ConsentNarrowed(narrowed),
            &["consent-narrowed email"],
        ),
        (
            person(),
            Event::ConsentWithdrawn(withdrawn),
            &["consent-withdrawn email"],
        ),
        (person(), Event::LinkIssued(link), &["link-issued email"]),
        (person(), verified(), &["contact-changed sms"]),
        (person(), enrolled(), &[]),
        (
            person(),
            Event::AlertRaised(AlertRaised {
                access: LeafIndex::new(1),
                rule: Rule::OutOfPurpose,
                count: 1,
            }),
            &[],
        ),
        (person(), Event::NoticeSent(delivery()), &[]),
        (person(), Event::NoticeFailed(delivery()), &[]),
        (person(), reported(Arrival::Delivered), &[]),
        (
            person(),
            reported(Arrival::Undelivered),
            &["notice-undelivered email"],
        ),
        (
            person(),
            reported(Arrival::Expired),
            &["notice-undelivered email"],
        ),
        (
            person(),
            reported(Arrival::Rejected),
            &["notice-undelivered email"],
        ),
    ];
    for (person, event, expected) in table {
        let name = event.kind().name();
        assert_eq!(
            short(&plan_at(&person, ACCESS, event, NOW)),
            expected,
            "{name}"
        );
    }
}

#[test]
fn what_is_old_is_not_told_but_still_recorded_as_an_alert() {
    let denied =
        || Event::AccessDenied(access("care.consult", Outcome::Deny, Some(Step::Whitelist)));
    let just_in_time = NOW.plus_millis(DAY_MILLIS - 1);
    assert_eq!(plan_at(&person(), ACCESS, denied(), just_in_time).len(), 3);
    assert_eq!(
        short(&plan_at(
            &person(),
            ACCESS,
            denied(),
            NOW.plus_millis(DAY_MILLIS)
        )),
        ["alert D1 7"]
    );
}

#[test]
fn a_question_is_told_of_while_it_is_open_however_old() {
    let mut person = asked();
    person.asks[0].expires = NOW.plus_millis(3 * DAY_MILLIS);
    let at = |millis| plan_at(&person, ACCESS, put(), NOW.plus_millis(millis)).len();
    assert_eq!((at(0), at(2 * DAY_MILLIS), at(3 * DAY_MILLIS)), (1, 1, 0));
}

#[test]
fn without_a_mail_server_the_phone_is_the_second_channel() {
    let reach = Reach::of(&person(), NOW, false);
    assert_eq!(
        reach,
        Reach {
            sms: Some(SMS),
            email: None
        }
    );
    assert_eq!(reach.second(), [SMS]);
    assert_eq!(reach.both(), [SMS]);
    assert_eq!(Reach::default().both(), []);
}

/// Who takes her over begins by blocking her phone, or ends it before anybody has read of it.
#[test]
fn a_blocked_or_ended_phone_hears_of_what_takes_her_over() {
    let ended = |contact| {
        Event::ContactEnded(ContactSettled {
            contact,
            channel: Channel::Sms,
            assurance: Assurance::SmsAndRecovery,
            language: Language::Ja,
        })
    };
    let blocked = || {
        Event::MeansBlocked(MeansBlocked {
            contact: SMS,
            channel: Channel::Sms,
            blocked_by: BlockedBy::Person,
            language: Language::Ja,
        })
    };
    let replaced = || {
        Event::ContactReplaced(ContactReplaced {
            contact: OLD,
            channel: Channel::Sms,
            replaces: SMS,
            effective: NOW.plus_millis(DAY_MILLIS),
            assurance: Assurance::SmsAndRecovery,
            language: Language::Ja,
        })
    };
    let added = || {
        Event::ContactVerified(ContactVerified {
            contact: EMAIL,
            channel: Channel::Email,
            assurance: Assurance::SmsAndRecovery,
        })
    };
    let told = |person: &Person, event| short(&plan_at(person, ACCESS, event, NOW));
    let mut person = person();
    person.contacts[0].blocked = YesNo::Yes;
    assert_eq!(
        told(&person, blocked()),
        ["means-blocked sms", "means-blocked email"]
    );
    assert_eq!(told(&person, added()), ["contact-changed sms"]);
    assert_eq!(
        told(&person, replaced()),
        ["contact-replacing sms", "contact-replacing email"]
    );
    // A number that is somebody else's is told nothing of her.
    person.contacts[0].doubted = Some(Timestamp::from_seconds(1));
    assert_eq!(told(&person, added()), Vec::<String>::new());
    assert_eq!(told(&person, replaced()), ["contact-replacing email"]);
    // What is hers no longer when the record is read is told by what the record says.
    person.contacts.remove(0);
    assert_eq!(
        told(&person, ended(SMS)),
        ["contact-ended email", "contact-ended sms"]
    );
    assert_eq!(
        told(&person, replaced()),
        ["contact-replacing email", "contact-replacing sms"]
    );
}

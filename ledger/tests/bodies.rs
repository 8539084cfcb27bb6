//! Bodies that are lost, withheld or erased: values, never damage, and never a stop.
//!
//! A whole small log is made once; then one of its bodies is closed, the ledger is opened again and
//! gets everything an institution, a supervisor or a person can send. After each of those the
//! writer must still take a good command.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{claims, commands};
use akashi_ledger::command::{
    AccessReceipt, Answer, AnswerApproval, CountThrottled, ExpireApproval, LinkReceipt,
    NarrowConsent, RaiseAlert, RecordDelivery, RefuseStatement, Release, ReleaseReceipt,
    VerifyContact, WithdrawConsent,
};
use akashi_ledger::store::memory_store::ReadFault;
use akashi_ledger::store::{Store, Table};
use akashi_ledger::{Command, LedgerError, OpenRecord, Refusal, StoredRecord};
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{
    ConsentId, ContactId, GateNumber, LeafIndex, NoticeId, RoleCode, RoleHolderId, Seq, Timestamp,
};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::reason::{Reason, Reasons};
use akashi_proof::record::kind::{
    AnsweredBy, Assurance, Channel, CountedFor, Event, Kind, Language, NoticeDelivery,
    ReleaseReason, Rule, StatementsThrottled, Template,
};
use akashi_proof::record::{Closed, Position};
use akashi_proof::state::Person as Fold;
use akashi_proof::statement::AccessClaims;
use akashi_proof::stream;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signer::Signer;
use serde_json::json;

use support::{Person, TestPolicy, Town};

const REVEAL_BY: Closed = Closed::Withheld {
    reveal_by: Some(Timestamp::from_seconds(1_900_000_000)),
};
const STATES: [Closed; 3] = [Closed::Lost, REVEAL_BY, Closed::Erased];

/// What was sent while the log was made, to be sent again.
#[derive(Default)]
struct Sent {
    accesses: Vec<Jws>,
    links: Vec<(Jws, Secret)>,
    releases: Vec<Jws>,
    acts: Vec<Vec<Jws>>,
}

/// A log with a record of every kind that can be made here.
struct Story {
    town: Town,
    her: Person,
    other: Person,
    sent: Sent,
}

impl Story {
    async fn new() -> Self {
        let town = Town::new().await;
        let mut sent = Sent::default();
        // The town's physician has hers: this is a change of it.
        let role = claims::role_assigned("dr-sato", "physician", town.clock.seconds() - 1);
        let role = vec![town.hospital.sign(Type::Act, role)];
        carry_out(&town, &role).await.unwrap();
        sent.acts.push(role);
        let mut people = Vec::new();
        for _ in 0..2 {
            let mut person = commands::enrol(&town.ledger).await;
            for institution in [&town.hospital, &town.pharmacy] {
                let link_key = Secret::from_bytes(akashi_actors::random());
                let claims = claims::link(&person.qid, "123456", &link_key);
                let statement = institution.sign(Type::Link, claims);
                let issued = commands::issue(&town.ledger, statement.clone(), link_key.clone());
                let LinkReceipt::Issued { code, .. } = issued.await.unwrap().receipt else {
                    panic!("no code")
                };
                person
                    .links
                    .push((institution.id().clone(), code, link_key.clone()));
                sent.links.push((statement, link_key));
            }
            people.push(person);
        }
        let [her, other] = people.try_into().ok().unwrap();
        let mut story = Self {
            town,
            her,
            other,
            sent,
        };
        story.live().await;
        story
    }

    /// Consents, accesses, releases, questions, what was found and told.
    async fn live(&mut self) {
        let Self {
            town, her, sent, ..
        } = self;
        town.clock.pass(Duration::from_millis(2));
        town.give(her, town.consent(1, &["medication", "allergy"]))
            .await
            .unwrap();
        for released in [true, true, false] {
            let statement = town.access_statement(her);
            let done = town.ask(statement.clone()).await.unwrap();
            let index = decided(&done.receipt);
            sent.accesses.push(statement);
            if released {
                let report = town.release_statement(index);
                town.release(index, Some(report.clone())).await;
                sent.releases.push(report);
            }
        }
        let again = town.release_statement(town.ledger.reader().head().head.size.next_index());
        town.release(LeafIndex::FIRST, Some(again.clone())).await;
        sent.releases.push(again);
        let left = town.less(her, &["medication"]);
        submit(town, narrow(her, left)).await.unwrap();
        submit(town, withdraw(her, 1)).await.unwrap();
        town.give(her, town.consent(2, &["medication"]))
            .await
            .unwrap();
        submit(town, withdraw(her, 2)).await.unwrap();
        for answer in [Some(Answer::Approve), Some(Answer::Refuse), None, None] {
            let mut asked = town.access_claims(her);
            asked["process"] = "city.drill-down".into();
            let statement = town.hospital.sign(Type::Access, asked);
            let index = decided(&town.ask(statement.clone()).await.unwrap().receipt);
            sent.accesses.push(statement);
            if let Some(answer) = answer {
                submit(town, reply(&fold(town, her), index, answer))
                    .await
                    .unwrap();
            }
        }
        town.give(her, town.consent(3, &["medication"]))
            .await
            .unwrap();
        for statement in [
            town.access_statement(her),
            town.access_statement(&self.other),
        ] {
            town.ask(statement.clone()).await.unwrap();
            sent.accesses.push(statement);
        }
        submit(town, contact(her)).await.unwrap();
        submit(town, alert(her, LeafIndex::new(9))).await.unwrap();
        submit(town, told(her)).await.unwrap();
        let ended = json!({"act": "role.ended", "role_holder": "dr-sato", "role": "physician"});
        let ended = vec![town.hospital.sign(Type::Act, ended)];
        carry_out(town, &ended).await.unwrap();
        sent.acts.push(ended);
    }

    fn size(&self) -> u64 {
        self.town.ledger.reader().head().head.size.value()
    }

    /// The same log with this body closed, opened again; or that it is not closed so.
    fn closed(&self, index: LeafIndex, closed: Closed) -> Result<Town, LedgerError> {
        let remains = self.town.remains.copy();
        remains.try_to_close_body(index, closed)?;
        Town::on(remains, Arc::clone(&self.town.clock))
    }

    /// Log indexes of all records of this kind about a person.
    fn all(&self, person: &Person, kind: Kind) -> Vec<LeafIndex> {
        let reader = self.town.ledger.reader();
        let all = reader.records_from(LeafIndex::FIRST, usize::MAX).unwrap();
        let open = all.into_iter().map(|one| one.open().unwrap());
        let is_it = |one: &OpenRecord| match &one.record.position {
            Position::Person(place) => place.subject == person.subject && one.record.kind() == kind,
            Position::Registry(_) | Position::Institution(_) => false,
        };
        open.filter(is_it).map(|one| one.index).collect()
    }
}

fn decided(receipt: &AccessReceipt) -> LeafIndex {
    match receipt {
        AccessReceipt::Decided { index } | AccessReceipt::Refused { index, .. } => *index,
    }
}

fn fold(town: &Town, person: &Person) -> Arc<Fold> {
    town.ledger.reader().person(&person.subject).unwrap()
}

async fn submit<C: Command>(town: &Town, command: C) -> Result<C::Receipt, Refusal> {
    Ok(town.ledger.submit(command).await?.receipt)
}

async fn carry_out(town: &Town, statements: &[Jws]) -> Result<LeafIndex, Refusal> {
    let done = commands::carry_out(&town.ledger, statements.to_vec(), None);
    Ok(done.await?.receipt)
}

fn narrow(person: &Person, left: akashi_proof::consent::Terms) -> NarrowConsent {
    NarrowConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([1; 16]),
        left,
        wording_digest: Digest::of(&[b"less"]),
        language: Language::Ja,
        assurance: Assurance::SmsAndRecovery,
    }
}

fn withdraw(person: &Person, consent: u8) -> WithdrawConsent {
    WithdrawConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([consent; 16]),
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    }
}

fn reply(person: &Fold, access: LeafIndex, answer: Answer) -> AnswerApproval {
    let digest = person.ask(access).map(|ask| ask.approval_digest);
    AnswerApproval {
        subject: person.subject,
        access,
        approval_digest: digest.unwrap_or(Digest::from_bytes([0; 32])),
        answer,
        answered_by: AnsweredBy::Portal,
        wording_digest: Digest::of(&[b"asked"]),
        language: Language::Ja,
        assurance: Assurance::SmsAndRecovery,
        policies: Arc::new(TestPolicy),
    }
}

fn contact(person: &Person) -> VerifyContact {
    VerifyContact {
        subject: person.subject,
        contact: ContactId::from_bytes(akashi_actors::random()),
        channel: Channel::Email,
        assurance: Assurance::SmsAndRecovery,
    }
}

fn alert(person: &Person, access: LeafIndex) -> RaiseAlert {
    RaiseAlert {
        subject: person.subject,
        access,
        rule: Rule::OutOfPurpose,
        count: 1,
    }
}

fn told(person: &Person) -> RecordDelivery {
    RecordDelivery {
        subject: person.subject,
        delivery: NoticeDelivery {
            notice: NoticeId::from_bytes(akashi_actors::random()),
            about: None,
            template: Template::AccessPermitted,
            channel: Channel::Sms,
            contact: ContactId::from_bytes([1; 16]),
            text_digest: Digest::of(&[b"text"]),
            attempts: 1,
        },
        sent: true,
    }
}

/// One command of somebody's, and after it a good one of somebody else's.
async fn send<C: Command>(town: &Town, what: &str, command: C) -> Result<C::Receipt, Refusal> {
    let outcome = submit(town, command).await;
    alive(town, what, &outcome).await;
    outcome
}

async fn alive<R>(town: &Town, what: &str, outcome: &Result<R, Refusal>) {
    match outcome {
        Ok(_) | Err(Refusal::Fault(_) | Refusal::Closed(_)) => {}
        Err(other) => panic!("{what}: {other:?}"),
    }
    assert!(town.ledger.reader().stopped().is_none(), "{what}");
    submit(town, count(town)).await.unwrap();
}

/// A good command, whatever has been lost.
fn count(town: &Town) -> CountThrottled {
    CountThrottled {
        institution: town.pharmacy.id().clone(),
        throttled: StatementsThrottled {
            count: 5,
            from: town.clock.wall(),
            until: town.clock.wall(),
            counted_for: CountedFor::AboveRate,
        },
    }
}

/// Everything that can be sent; `closed` is what cannot be read any more.
async fn send_everything(town: &Town, story: &Story, closed: &[LeafIndex]) {
    send_again(town, story).await;
    let permits = story.all(&story.her, Kind::AccessPermitted);
    for index in closed.iter().chain(&permits) {
        for by in [&town.pharmacy, &town.hospital] {
            let claims = json!({
                "index": index.value(),
                "evidence_digest": Digest::of(&[b"evidence"]).to_base64url(),
            });
            // Where its key is not known any more, nothing it signs comes to the writer.
            let statement = by.sign(Type::Release, claims);
            if let Ok(statement) = commands::verify(&town.ledger, statement) {
                let release = Release::new(town.ledger.reader(), statement);
                send(town, "a release", release.unwrap()).await.ok();
            }
        }
    }
    for person in [&story.her, &story.other] {
        send_about(town, person).await;
    }
    send_acts(town).await;
}

/// The very statements of before.
async fn send_again(town: &Town, story: &Story) {
    for statement in &story.sent.accesses {
        let again = town.ask(statement.clone()).await.map(|done| done.receipt);
        alive(town, "an access again", &again).await;
        let Ok(read) = commands::verify::<AccessClaims>(&town.ledger, statement.clone()) else {
            continue;
        };
        let fault = Fault::new(FaultCode::BadMember, "role", "another", "one");
        let refuse = RefuseStatement {
            statement: read.unread(),
            fault,
        };
        send(town, "a refusal under the same identifier", refuse)
            .await
            .ok();
    }
    for (statement, link_key) in &story.sent.links {
        let again = commands::issue(&town.ledger, statement.clone(), link_key.clone()).await;
        alive(town, "a link again", &again).await;
    }
    for statement in &story.sent.releases {
        let again = commands::release(&town.ledger, statement.clone()).await;
        alive(town, "a release again", &again).await;
    }
    for statements in &story.sent.acts {
        alive(town, "an act again", &carry_out(town, statements).await).await;
    }
}

/// What concerns a person.
async fn send_about(town: &Town, person: &Person) {
    let known = fold(town, person);
    for process in ["care.consult", "city.drill-down"] {
        let mut claims = town.access_claims(person);
        claims["process"] = process.into();
        let asked = town.ask(town.hospital.sign(Type::Access, claims)).await;
        alive(town, "an access", &asked).await;
    }
    alive(town, "an emergency", &emergency(town, person).await).await;
    for ask in &known.asks {
        for answer in [Answer::Approve, Answer::Refuse, Answer::RefuseAndReport] {
            let command = reply(&known, ask.access, answer);
            send(town, "an answer", command).await.ok();
        }
        let (subject, access) = (person.subject, ask.access);
        let expire = ExpireApproval { subject, access };
        send(town, "an expiry", expire).await.ok();
    }
    let given = town.give(person, town.consent(7, &["medication"])).await;
    alive(town, "a consent", &given).await;
    let consent = town.consent(1, &["medication"]);
    send(town, "a narrower consent", narrow(person, consent.terms))
        .await
        .ok();
    for consent in [1, 2, 3, 7] {
        send(town, "a withdrawal", withdraw(person, consent))
            .await
            .ok();
    }
    send(town, "a contact", contact(person)).await.unwrap();
    send(town, "a warning", alert(person, LeafIndex::new(9)))
        .await
        .unwrap();
    send(town, "a delivery", told(person)).await.unwrap();
    for institution in [&town.hospital, &town.pharmacy] {
        let link_key = Secret::from_bytes(akashi_actors::random());
        let claims = claims::link(&person.qid, "123456", &link_key);
        let statement = institution.sign(Type::Link, claims);
        let linked = commands::issue(&town.ledger, statement, link_key).await;
        alive(town, "a link", &linked).await;
    }
}

async fn emergency(
    town: &Town,
    person: &Person,
) -> Result<akashi_ledger::Done<AccessReceipt>, Refusal> {
    let mut claims = town.access_claims(person);
    claims["basis"] =
        json!({"kind": "emergency", "reason_code": "unconscious", "reason_text": "carried in"});
    town.ask(town.hospital.sign(Type::Access, claims)).await
}

/// What supervisors and institutions do about themselves.
async fn send_acts(town: &Town) {
    let now = town.clock.seconds();
    let own = [
        claims::role_assigned("dr-sato", "physician", now),
        json!({"act": "role.ended", "role_holder": "dr-sato", "role": "physician"}),
    ];
    for act in own {
        let done = carry_out(town, &[town.hospital.sign(Type::Act, act)]).await;
        alive(town, "an institution's act", &done).await;
    }
    let reinstated = json!({
        "act": "institution.reinstated", "institution": town.hospital.id().as_str(),
        "reason": "done",
    });
    for act in [
        claims::certified(town.hospital.who(), ("中央病院", "Chuo"), "hospital"),
        claims::suspended(town.hospital.id()),
        reinstated,
    ] {
        let done = carry_out(town, &town.cast.by_supervisors(&act)).await;
        alive(town, "a supervisors' act", &done).await;
    }
}

/// No tag and no gate is repeated, every proof stands, and everybody's records are numbered without
/// a gap, under her own tags.
fn check_whole(town: &Town) {
    let reader = town.ledger.reader();
    let records = reader.records_from(LeafIndex::FIRST, usize::MAX).unwrap();
    let keys = LogKeys::new(vec![town.remains.log_signer().verifying_key().clone()]).unwrap();
    let mut seen = HashSet::new();
    for stored in &records {
        let entry = stored.entry();
        let at = stored.index();
        assert!(
            seen.insert(entry.tag) && seen.insert(entry.gate),
            "{at} repeats"
        );
        let proof = reader.first_proof(at, entry).unwrap();
        let of = proof.verify_extra(&keys, &[]);
        of.unwrap_or_else(|error| panic!("{at}: {error}"));
    }
    for person in reader.people() {
        let history = reader.history(&person, person.seq.next(), usize::MAX);
        let history = history.unwrap();
        assert_eq!(history.len() as u64, person.seq.value());
        let key = reader.history_key(&person).unwrap().key;
        let mut prev = None;
        for (index, seq) in history.iter().rev().zip(Seq::FIRST.upward()) {
            let stored = reader.record(*index).unwrap().unwrap();
            let Position::Person(place) = stored.position() else {
                panic!("{index}")
            };
            assert_eq!((place.subject, place.seq), (person.subject, seq));
            assert_eq!(place.prev, prev);
            assert_eq!(stored.entry().tag, stream::tag(&key, seq));
            prev = Some(*index);
        }
    }
}

/// Each record of the log in turn, in this state; each is a ledger of its own.
async fn each_closed_in_turn(closed: Closed) {
    let story = Story::new().await;
    check_whole(&story.town);
    for index in (0..story.size()).map(LeafIndex::new) {
        let town = match story.closed(index, closed) {
            Ok(town) => town,
            Err(LedgerError::OfRegistry(found)) => {
                assert_eq!((found, closed), (index, Closed::Lost));
                assert!(is_of_registry(&story.town, index));
                continue;
            }
            Err(error) => {
                assert_eq!(index, LeafIndex::FIRST, "{closed}: {error}");
                assert!(matches!(error, LedgerError::Unnamed(found) if found == closed));
                continue;
            }
        };
        send_everything(&town, &story, &[index]).await;
        check_whole(&town);
        let again = town.open_again();
        assert!(again.is_ok(), "{index} {closed}: {:?}", again.err());
    }
}

#[tokio::test]
async fn whatever_is_lost_the_writer_takes_everything_that_can_be_sent() {
    each_closed_in_turn(Closed::Lost).await;
}

#[tokio::test]
async fn whatever_is_withheld_the_writer_takes_everything_that_can_be_sent() {
    each_closed_in_turn(REVEAL_BY).await;
}

#[tokio::test]
async fn whatever_is_erased_the_writer_takes_everything_that_can_be_sent() {
    each_closed_in_turn(Closed::Erased).await;
}

#[tokio::test]
async fn all_her_records_closed_at_once_leave_her_place_and_the_writer() {
    let story = Story::new().await;
    for closed in STATES {
        let remains = story.town.remains.copy();
        let reader = story.town.ledger.reader();
        let history = reader
            .history(&fold(&story.town, &story.her), Seq::MAX, usize::MAX)
            .unwrap();
        for index in &history {
            remains.close_body(*index, closed);
        }
        let town = Town::on(remains, Arc::clone(&story.town.clock)).unwrap();
        send_everything(&town, &story, &history).await;
        check_whole(&town);
        assert!(town.open_again().is_ok());
    }
}

#[tokio::test]
async fn a_statement_whose_record_is_closed_is_never_decided_anew() {
    let story = Story::new().await;
    let permit = story.all(&story.her, Kind::AccessPermitted)[0];
    let released = story.all(&story.her, Kind::AccessReleased)[0];
    let linked = story.all(&story.her, Kind::LinkIssued)[0];
    for closed in STATES {
        // While the ledger runs: as when a read finds it so.
        for index in [permit, released, linked] {
            let remains = story.town.remains.copy();
            let town = Town::on(remains, Arc::clone(&story.town.clock)).unwrap();
            town.remains.close_body(index, closed);
            let size = town.ledger.reader().head().head.size;
            let refused = if index == permit {
                let again = town.ask(story.sent.accesses[0].clone()).await;
                again.map(|done| decided(&done.receipt))
            } else if index == released {
                let again = commands::release(&town.ledger, story.sent.releases[0].clone()).await;
                again.map(|_| LeafIndex::FIRST)
            } else {
                let (statement, link_key) = story.sent.links[0].clone();
                let again = commands::issue(&town.ledger, statement, link_key).await;
                again.map(|_| LeafIndex::FIRST)
            };
            assert!(
                matches!(refused, Err(Refusal::Closed(found)) if found == closed),
                "{index}: {refused:?}"
            );
            assert_eq!(town.ledger.reader().head().head.size, size);
        }
    }
}

#[tokio::test]
async fn a_closed_permit_uses_up_its_gate() {
    for closed in STATES {
        let town = Town::new().await;
        let person = town.person().await;
        town.clock.pass(Duration::from_millis(2));
        town.give(&person, town.consent(1, &["medication"]))
            .await
            .unwrap();
        let first = decided(&town.access(&person).await.receipt);
        let gate = entry(&town, first).gate;
        town.remains.close_body(first, closed);
        let town = Town::on(town.remains.copy(), town.clock.clone()).unwrap();
        let known = fold(&town, &person);
        let gates = known.link(town.pharmacy.id()).unwrap().gates;
        assert_eq!(gates, GateNumber::new(1), "{closed}");
        let next = emergency(&town, &person).await.unwrap();
        let next = decided(&next.receipt);
        let Event::AccessPermitted(permit) = event(&town, next) else {
            panic!("an emergency is permitted")
        };
        assert_eq!(permit.gate_number, GateNumber::new(2));
        assert_ne!(entry(&town, next).gate, gate);
        check_whole(&town);
    }
}

fn entry(town: &Town, index: LeafIndex) -> akashi_proof::entry::Entry {
    *town.ledger.reader().record(index).unwrap().unwrap().entry()
}

fn event(town: &Town, index: LeafIndex) -> Event {
    let stored = town.ledger.reader().record(index).unwrap().unwrap();
    stored.open().unwrap().record.event
}

#[tokio::test]
async fn a_release_on_a_closed_permit_is_refused_and_recorded_for_its_holder_alone() {
    let story = Story::new().await;
    let permit = story.all(&story.her, Kind::AccessPermitted)[2];
    for closed in STATES {
        let town = story.closed(permit, closed).unwrap();
        let done = town.release(permit, None).await;
        let ReleaseReceipt::Spent { index, reasons } = done.receipt else {
            panic!("{:?}", done.receipt)
        };
        assert_eq!(reasons, [ReleaseReason::RecordClosed]);
        let Event::ReleaseRefused(refused) = event(&town, index) else {
            panic!("recorded in her stream")
        };
        assert_eq!(refused.access, permit);
        let claims = json!({
            "index": permit.value(),
            "evidence_digest": Digest::of(&[b"evidence"]).to_base64url(),
        });
        let other = town.hospital.sign(Type::Release, claims);
        let other = commands::release(&town.ledger, other).await.unwrap();
        let ReleaseReceipt::Refused { fault, .. } = other.receipt else {
            panic!("to another it is no permit: {:?}", other.receipt)
        };
        assert_eq!(fault.code, FaultCode::NoMatch);
    }
}

#[tokio::test]
async fn a_release_on_a_permit_whose_consent_is_closed_is_refused() {
    for closed in STATES {
        let town = Town::new().await;
        let person = town.person().await;
        town.clock.pass(Duration::from_millis(2));
        let consent = town.give(&person, town.consent(1, &["medication"]));
        let consent = consent.await.unwrap().receipt[0];
        let permit = decided(&town.access(&person).await.receipt);
        let reader = town.ledger.reader();
        let stored = reader.record(permit).unwrap().unwrap().open().unwrap();
        let proof = reader.first_proof(permit, &stored.entry).unwrap();
        assert!(reader.evidence(&stored, None, &proof).unwrap().is_some());
        town.remains.close_body(consent, closed);
        assert!(
            matches!(
                reader.evidence(&stored, None, &proof),
                Err(LedgerError::Closed { index, .. }) if index == consent
            ),
            "what evidence shows of a consent goes with its record"
        );
        let done = town.release(permit, None).await;
        let ReleaseReceipt::Spent { reasons, .. } = done.receipt else {
            panic!("{:?}", done.receipt)
        };
        assert_eq!(reasons, [ReleaseReason::RecordClosed]);
    }
}

fn reason(town: &Town, index: LeafIndex) -> Reason {
    let event = event(town, index);
    let Reasons::Word(reason) = event.decided().unwrap().reasons else {
        panic!("{event:?}")
    };
    reason
}

#[tokio::test]
async fn of_a_person_with_a_lost_record_only_emergencies_are_decided_and_what_ends_is_carried_out()
{
    let story = Story::new().await;
    let lost = story.all(&story.her, Kind::ContactVerified)[0];
    let town = story.closed(lost, Closed::Lost).unwrap();
    assert!(fold(&town, &story.her).is_incomplete());
    let denied = town.access(&story.her).await;
    assert_eq!(
        reason(&town, decided(&denied.receipt)),
        Reason::RecordsIncomplete
    );
    let permitted = emergency(&town, &story.her).await.unwrap();
    assert!(matches!(
        event(&town, decided(&permitted.receipt)),
        Event::AccessPermitted(_)
    ));
    let refused = |outcome: Result<_, Refusal>, what: &str| {
        let Err(Refusal::Fault(fault)) = outcome else {
            panic!("{what}")
        };
        assert_eq!(fault.code, FaultCode::Conflict, "{what}");
        assert_eq!(fault.field, "records", "{what}");
    };
    let given = town
        .give(&story.her, town.consent(7, &["medication"]))
        .await;
    refused(given.map(drop), "nothing new is agreed to");
    let known = fold(&town, &story.her);
    let open = known.asks[0].access;
    let approved = submit(&town, reply(&known, open, Answer::Approve)).await;
    refused(approved.map(drop), "nor allowed");
    submit(&town, reply(&known, open, Answer::Refuse))
        .await
        .unwrap();
    submit(&town, withdraw(&story.her, 3)).await.unwrap();
    let another = town.access(&story.other).await;
    assert_ne!(
        reason(&town, decided(&another.receipt)),
        Reason::RecordsIncomplete,
        "nobody else's is lost"
    );
    // It is remembered with what is known of her.
    let town = Town::on(town.remains.copy(), town.clock.clone()).unwrap();
    assert!(fold(&town, &story.her).is_incomplete());
    for closed in [REVEAL_BY, Closed::Erased] {
        let town = story.closed(lost, closed).unwrap();
        assert!(!fold(&town, &story.her).is_incomplete(), "{closed}");
        let permitted = town.access(&story.her).await;
        assert_eq!(
            reason(&town, decided(&permitted.receipt)),
            Reason::ConsentCovers
        );
    }
}

#[tokio::test]
async fn a_question_whose_record_is_closed_is_no_question_any_more() {
    let story = Story::new().await;
    let known = fold(&story.town, &story.her);
    let [first, second] = &known.asks[..] else {
        panic!("two are open")
    };
    for closed in STATES {
        let town = story.closed(first.access, closed).unwrap();
        let left = fold(&town, &story.her);
        let left: Vec<LeafIndex> = left.asks.iter().map(|ask| ask.access).collect();
        assert_eq!(left, [second.access]);
        let answered = submit(&town, reply(&known, first.access, Answer::Refuse)).await;
        assert!(matches!(answered, Err(Refusal::Fault(_))), "{answered:?}");
    }
}

#[tokio::test]
async fn an_institution_with_a_lost_record_has_no_role_assigned_before_it() {
    let town = Town::new().await;
    let assign = async |town: &Town, who: &str| {
        let act = claims::role_assigned(who, "physician", town.clock.seconds());
        let act = town.hospital.sign(Type::Act, act);
        carry_out(town, &[act]).await.unwrap()
    };
    let holds = |town: &Town, who: &str| {
        let who = RoleHolderId::parse(who).unwrap();
        let role = RoleCode::parse("physician").unwrap();
        let roles = town.ledger.reader().roles(town.hospital.id());
        roles.holds(&who, &role, town.clock.wall())
    };
    assign(&town, "dr-early").await;
    let lost = assign(&town, "dr-lost").await;
    assign(&town, "dr-late").await;
    for closed in STATES {
        let remains = town.remains.copy();
        remains.close_body(lost, closed);
        let town = Town::on(remains, town.clock.clone()).unwrap();
        let is_lost = closed == Closed::Lost;
        assert_eq!(holds(&town, "dr-early"), !is_lost, "{closed}");
        assert_eq!(holds(&town, "dr-lost"), !is_lost, "{closed}");
        assert!(
            holds(&town, "dr-late"),
            "what ended it would stand after it"
        );
        town.clock.pass(Duration::from_secs(1));
        assign(&town, "dr-early").await;
        let town = Town::on(town.remains.copy(), town.clock.clone()).unwrap();
        assert!(holds(&town, "dr-early"), "signed for again");
    }
}

#[tokio::test]
async fn with_a_closed_record_of_the_registry_only_emergencies_are_decided_and_acts_only_end() {
    let story = Story::new().await;
    // Entry 0, two institutions, two evidence keys: the second institution's certification.
    for closed in [REVEAL_BY, Closed::Erased] {
        let town = story.closed(LeafIndex::new(3), closed).unwrap();
        assert!(town.ledger.reader().registry().is_incomplete());
        let denied = town.access(&story.her).await;
        assert_eq!(
            reason(&town, decided(&denied.receipt)),
            Reason::RegistryIncomplete
        );
        let permitted = emergency(&town, &story.her).await.unwrap();
        assert!(matches!(
            event(&town, decided(&permitted.receipt)),
            Event::AccessPermitted(_)
        ));
        let act = claims::certified(
            town.cast.actor("clinic.new").who(),
            ("新", "New"),
            "hospital",
        );
        let refused = carry_out(&town, &town.cast.by_supervisors(&act)).await;
        assert!(matches!(refused, Err(Refusal::Fault(_))), "{refused:?}");
        let act = claims::suspended(town.hospital.id());
        carry_out(&town, &town.cast.by_supervisors(&act))
            .await
            .unwrap();
        assert!(town.open_again().is_ok());
        assert!(matches!(
            town.ledger.reader().registry_body(Seq::FIRST.plus(3)),
            Err(LedgerError::Closed { .. })
        ));
    }
}

fn is_of_registry(town: &Town, index: LeafIndex) -> bool {
    let record = town.ledger.reader().record(index).unwrap().unwrap();
    matches!(record.position(), Position::Registry(_))
}

#[tokio::test]
async fn a_record_of_the_registry_is_never_closed_as_lost_nor_at_all_where_it_is_damaged() {
    let story = Story::new().await;
    let registry: Vec<_> = (0..story.size())
        .map(LeafIndex::new)
        .filter(|index| is_of_registry(&story.town, *index))
        .collect();
    assert_eq!(registry.len(), 5);
    for index in registry {
        let lost = story.closed(index, Closed::Lost);
        assert!(matches!(lost, Err(LedgerError::OfRegistry(found)) if found == index));
        // Wherever a bit of it has changed, in what it says and in the key of its commitment, it is
        // not known what it was; and nobody acts on what it says now.
        let row = story
            .town
            .remains
            .store
            .get(Table::Records, &index.to_be_bytes());
        let row = row.unwrap().unwrap();
        let body = 99 + usize::from(u16::from_be_bytes([row[97], row[98]]));
        for at in [body, body + 40, (body + row.len()) / 2, row.len() - 1] {
            let remains = story.town.remains.copy();
            let mut changed = row.clone();
            changed[at] ^= 1;
            let mut batch = akashi_ledger::store::Batch::default();
            batch.put(Table::Records, index.to_be_bytes(), changed);
            remains.store.commit(&batch).unwrap();
            for closed in STATES {
                let refused = remains.try_to_close_body(index, closed);
                assert!(
                    matches!(refused, Err(LedgerError::OfRegistry(found)) if found == index),
                    "{index} {at} {closed}: {refused:?}"
                );
            }
            let opened = Town::on(remains, Arc::clone(&story.town.clock));
            let error = opened.err().map(|error| error.to_string());
            assert!(
                error.is_some_and(|error| error.contains(&format!("{index}"))),
                "{at}"
            );
        }
    }
}

#[tokio::test]
async fn damage_is_no_state_and_stops_only_the_command_that_reads_it() {
    let story = Story::new().await;
    let permit = story.all(&story.her, Kind::AccessPermitted)[2];
    for fault in [
        ReadFault::Error,
        ReadFault::FlippedBit(8 * 130),
        ReadFault::FlippedBit(8 * 400),
    ] {
        let remains = story.town.remains.copy();
        let town = Town::on(remains, Arc::clone(&story.town.clock)).unwrap();
        town.remains
            .store
            .spoil(Table::Records, &permit.to_be_bytes(), fault);
        let refused = commands::release(&town.ledger, town.release_statement(permit)).await;
        assert!(
            matches!(refused, Err(Refusal::Unreadable(_))),
            "{refused:?}"
        );
        let again = town.ask(story.sent.accesses[2].clone()).await;
        assert!(matches!(again, Err(Refusal::Unreadable(_))), "{again:?}");
        assert!(town.ledger.reader().stopped().is_none());
        town.access(&story.her).await;
        assert!(town.ledger.reader().record(permit).is_err());
        town.remains.store.mend();
        let released = town.release(permit, None).await.receipt;
        assert!(
            matches!(released, ReleaseReceipt::Spent { .. }),
            "{released:?}"
        );
    }
    // Nor does a row without its body read as one that was closed.
    let remains = story.town.remains.copy();
    let row = remains.store.get(Table::Records, &permit.to_be_bytes());
    let row = row.unwrap().unwrap();
    let length = usize::from(u16::from_be_bytes([row[97], row[98]]));
    let mut batch = akashi_ledger::store::Batch::default();
    batch.put(Table::Records, permit.to_be_bytes(), &row[..99 + length]);
    remains.store.commit(&batch).unwrap();
    let opened = Town::on(remains, Arc::clone(&story.town.clock));
    assert!(matches!(opened.err(), Some(LedgerError::Corrupt { index, .. }) if index == permit));
}

#[tokio::test]
async fn a_closed_record_has_its_place_and_its_proof_and_says_what_it_is() {
    let story = Story::new().await;
    let index = story.all(&story.her, Kind::ConsentWithdrawn)[0];
    let before = story.town.ledger.reader().record(index).unwrap().unwrap();
    let proof = story
        .town
        .ledger
        .reader()
        .first_proof(index, before.entry())
        .unwrap()
        .to_string();
    for closed in STATES {
        let town = story.closed(index, closed).unwrap();
        let reader = town.ledger.reader();
        let Some(StoredRecord::Closed(left)) = reader.record(index).unwrap() else {
            panic!("it opens")
        };
        assert_eq!((left.index, left.closed), (index, closed));
        assert_eq!(left.entry, *before.entry());
        assert_eq!(left.position, *before.position());
        let again = reader.first_proof(index, &left.entry).unwrap();
        assert_eq!(again.to_string(), proof, "the same bytes for ever");
        let followed = &reader.follow(index, 1).unwrap()[0];
        assert_eq!(
            followed.body.as_ref().unwrap_err(),
            &(left.position, closed)
        );
        let item = reader.record(index).unwrap().unwrap().history_item();
        let word = closed.as_str();
        assert!(item.to_string().starts_with(&format!("{word} ")), "{item}");
    }
}

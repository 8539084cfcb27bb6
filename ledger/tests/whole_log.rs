//! One life of a small ledger, and the whole log checked after it: every record follows, every tag
//! is in its place, every proof leads to the signed root.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::HashSet;
use std::time::Duration;

use akashi_actors::commands::{carry_out, enrol, issue};
use akashi_actors::{Actor, claims, commands};
use akashi_ledger::Refusal;
use akashi_ledger::command::{
    AccessReceipt, LinkReceipt, NarrowConsent, ReleaseReceipt, WithdrawConsent,
};
use akashi_proof::consent::Terms;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::evidence::Evidence;
use akashi_proof::fault::FaultCode;
use akashi_proof::gate::gate;
use akashi_proof::ids::{ConsentId, GateNumber, LeafIndex, Seq};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::record::kind::{Assurance, Event, Language, Outcome, ReleaseReason, Step};
use akashi_proof::record::{Kind, Position};
use akashi_proof::stream::tag;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signer::Signer;
use serde_json::{Value, json};
use support::{Person, Town};

fn log_keys(town: &Town) -> LogKeys {
    let signer = town.remains.log_signer();
    LogKeys::new(vec![signer.verifying_key().clone()]).unwrap()
}

fn decided(receipt: &AccessReceipt) -> LeafIndex {
    match receipt {
        AccessReceipt::Decided { index } => *index,
        other => panic!("{other:?}"),
    }
}

/// Reads the log from the first record to the last and checks everything that can be checked.
fn check_whole_log(town: &Town) {
    let reader = town.ledger.reader();
    let size = reader.head().head.size.value();
    let records = reader.records_from(LeafIndex::FIRST, usize::MAX).unwrap();
    let records: Vec<_> = records.into_iter().map(|one| one.open().unwrap()).collect();
    assert_eq!(records.len() as u64, size);
    let mut seen = HashSet::new();
    let mut time = records[0].record.time;
    for stored in &records {
        assert!(
            seen.insert(stored.entry.tag) && seen.insert(stored.entry.gate),
            "{} repeats",
            stored.index
        );
        assert!(
            stored.record.time >= time,
            "time runs back at {}",
            stored.index
        );
        time = stored.record.time;
        reader
            .first_proof(stored.index, &stored.entry)
            .unwrap()
            .verify_extra(&log_keys(town), &[])
            .unwrap();
    }
    for person in reader.people() {
        let history = reader
            .history(&person, person.seq.next(), usize::MAX)
            .unwrap();
        assert_eq!(
            history.len() as u64,
            person.seq.value(),
            "every record of a person is found"
        );
        for (index, seq) in history.iter().rev().zip(Seq::FIRST.upward()) {
            let stored = &records[index.value() as usize];
            assert_eq!(stored.record.seq(), seq);
            assert!(matches!(
                &stored.record.position,
                Position::Person(p) if p.subject == person.subject
            ));
        }
    }
}

#[tokio::test]
async fn a_permit_carries_the_next_gate_and_evidence_its_holder_can_check() {
    let town = Town::new().await;
    let person = town.person().await;
    // A key begins after the millisecond it was registered in.
    town.clock.pass(Duration::from_millis(1));
    town.give(&person, town.consent(1, &["medication", "allergy"]))
        .await
        .unwrap();
    for m in GateNumber::FIRST.upward().take(3) {
        let done = town.access(&person).await;
        let appended = &done.appended[0];
        assert_eq!(appended.stored.record.kind(), Kind::AccessPermitted);
        assert_eq!(
            appended.stored.entry.gate,
            gate(person.link_key(town.pharmacy.id()), m)
        );
        let Position::Person(place) = &appended.stored.record.position else {
            panic!()
        };
        assert_eq!(
            appended.stored.entry.tag,
            tag(&town.tag_key(&person), place.seq)
        );

        let stored = &appended.stored;
        let key = &town.pharmacy.evidence_key();
        let Event::AccessPermitted(e) = &stored.record.event else {
            panic!()
        };
        let reader = town.ledger.reader();
        let proof = appended.proof().unwrap();
        let evidence = reader
            .evidence(stored, Some(&appended.hashed), &proof)
            .unwrap()
            .unwrap();
        assert_eq!(
            reader.evidence(stored, None, &proof).unwrap().as_ref(),
            Some(&evidence),
            "the same bytes again"
        );
        let parsed = Evidence::parse(evidence.as_bytes()).unwrap();
        let verified = parsed.verify(&log_keys(&town), &[]).unwrap();
        assert_eq!(
            verified.consent.as_ref().map(|consent| consent.index),
            e.consent
        );
        verified.check_time(stored.record.time).unwrap();
        let part = verified.unseal(key).unwrap();
        assert_eq!(&part.link_code, person.code(town.pharmacy.id()));
        verified
            .check_gate_bytes(m, person.link_key(town.pharmacy.id()))
            .unwrap();
        verified
            .check_request(&part, "GET", "/medication", b"")
            .unwrap();
    }
    check_whole_log(&town);
}

#[tokio::test]
async fn a_retry_gets_the_same_record_and_the_same_proof_bytes() {
    let town = Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let jws = town.access_statement(&person);
    let first = town.ask(jws.clone()).await.unwrap();
    let index = decided(&first.receipt);
    let proof = first.appended[0].proof().unwrap().to_string();

    for _ in 0..3 {
        town.access(&person).await;
        let size = town.ledger.reader().head().head.size;
        town.clock.pass(Duration::from_millis(1_000_000));
        let again = town.ask(jws.clone()).await.unwrap();
        let decided = AccessReceipt::Decided { index };
        assert_eq!(again.receipt, decided, "however late");
        assert!(again.is_repeat());
        assert_eq!(
            town.ledger.reader().head().head.size,
            size,
            "nothing was recorded"
        );
        let stored = town.ledger.reader().record(index).unwrap().unwrap();
        assert_eq!(
            town.ledger
                .reader()
                .first_proof(stored.index(), stored.entry())
                .unwrap()
                .to_string(),
            proof
        );
    }
    let opened = town.open_again().unwrap();
    let stored = opened.reader().record(index).unwrap().unwrap();
    assert_eq!(
        opened
            .reader()
            .first_proof(stored.index(), stored.entry())
            .unwrap()
            .to_string(),
        proof,
        "after a restart too"
    );
}

#[tokio::test]
async fn other_bytes_under_a_used_jti_conflict_and_are_recorded() {
    let town = Town::new().await;
    let person = town.person().await;
    let mut claims = town.access_claims(&person);
    claims["jti"] = town.hospital.stamp().jti.as_str().into();
    town.ask_with(claims.clone()).await;
    claims["purpose"] = "marketing".into();
    let other = town.ask_with(claims).await;
    let AccessReceipt::Refused { index, fault } = other.receipt else {
        panic!()
    };
    assert_eq!(
        (fault.code, fault.field.as_str()),
        (FaultCode::JtiConflict, "jti")
    );
    let record = town.record(index);
    assert!(matches!(record.event, Event::StatementRefused(e) if e.step == Step::Statement));
    check_whole_log(&town);
}

#[tokio::test]
async fn refusals_stand_in_the_persons_stream_with_their_step() {
    let town = Town::new().await;
    let person = town.person().await;
    let mut claims = town.access_claims(&person);
    claims["purpose"] = "marketing".into();
    let done = town.ask_with(claims).await;
    let Event::AccessDenied(e) = &done.appended[0].stored.record.event else {
        panic!()
    };
    assert_eq!((e.step, e.told), (Some(Step::Whitelist), Outcome::Deny));
    assert_eq!((e.gate_number, &e.holder_link), (None, &None));

    let no_consent = town.access(&person).await;
    let Event::AccessDenied(e) = &no_consent.appended[0].stored.record.event else {
        panic!()
    };
    assert_eq!(e.step, Some(Step::Basis));

    let stale = town.access_statement(&person);
    town.clock.pass(Duration::from_millis(301_000));
    let done = town.ask(stale).await.unwrap();
    let AccessReceipt::Refused { index, fault } = done.receipt else {
        panic!()
    };
    assert_eq!(
        (fault.code, fault.field.as_str()),
        (FaultCode::NotFresh, "iat")
    );
    let record = town.record(index);
    assert!(
        matches!(record.event, Event::StatementRefused(e) if e.step == Step::Statement),
        "whoever sent it: she is not resolved, and nobody is accused before her"
    );
    check_whole_log(&town);
}

#[tokio::test]
async fn narrowing_and_withdrawing_take_effect_on_the_next_request() {
    let town = Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication", "allergy"]))
        .await
        .unwrap();
    let narrow = |categories: &[&str]| NarrowConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([1; 16]),
        left: Terms {
            valid_until: akashi_proof::clock::Clock::wall(town.clock.as_ref()).plus_millis(1_000),
            ..town.less(&person, categories)
        },
        wording_digest: Digest::of(&[b"less"]),
        language: Language::En,
        assurance: Assurance::SmsAndRecovery,
    };
    let widened = town.ledger.submit(narrow(&["medication", "genome"])).await;
    assert!(
        matches!(widened, Err(Refusal::Fault(fault)) if fault.code == FaultCode::Conflict),
        "never widened"
    );
    town.ledger.submit(narrow(&["allergy"])).await.unwrap();
    assert_eq!(
        town.access(&person).await.appended[0].stored.record.kind(),
        Kind::AccessDenied
    );

    town.give(&person, town.consent(2, &["medication"]))
        .await
        .unwrap();
    assert_eq!(
        town.access(&person).await.appended[0].stored.record.kind(),
        Kind::AccessPermitted
    );
    let withdraw = || WithdrawConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([2; 16]),
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(withdraw()).await.unwrap();
    assert_eq!(
        town.access(&person).await.appended[0].stored.record.kind(),
        Kind::AccessDenied
    );
    assert!(
        matches!(town.ledger.submit(withdraw()).await, Err(Refusal::Fault(_))),
        "once only"
    );
    check_whole_log(&town);
}

#[tokio::test]
async fn link_codes_are_reissued_in_new_generations_and_old_ones_end() {
    let town = Town::new().await;
    let mut person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let old = town.access_claims(&person);
    let (code, key) = town.link(&town.hospital, &person).await;
    assert_ne!(&code, person.code(town.hospital.id()));
    let done = town.ask_with(old).await;
    let Event::AccessDenied(e) = &done.appended[0].stored.record.event else {
        panic!()
    };
    assert_eq!(
        e.step,
        Some(Step::RequesterLink),
        "the old code no longer opens"
    );
    person.links[0] = (town.hospital.id().clone(), code, key);
    assert_eq!(
        town.access(&person).await.appended[0].stored.record.kind(),
        Kind::AccessPermitted
    );
}

#[tokio::test]
async fn another_institutions_link_code_is_foreign() {
    let town = Town::new().await;
    let person = town.person().await;
    let mut claims = town.access_claims(&person);
    claims["subject"] = person.code(town.pharmacy.id()).as_str().into();
    let done = town.ask_with(claims).await;
    let AccessReceipt::Refused { index, fault } = done.receipt else {
        panic!()
    };
    assert_eq!(
        (fault.code, fault.field.as_str()),
        (FaultCode::ForeignLinkCode, "subject")
    );
    let record = town.record(index);
    assert!(
        matches!(record.position, Position::Institution(_)),
        "no person could be resolved"
    );
}

#[tokio::test]
async fn a_link_request_with_another_check_value_issues_nothing() {
    let town = Town::new().await;
    let person = enrol(&town.ledger).await;
    let claims = claims::link(&person.qid, "123456", &Secret::from_bytes([1; 32]));
    let jws = town.hospital.sign(Type::Link, claims);
    let other_key = || Secret::from_bytes([2; 32]);
    let refused = issue(&town.ledger, jws.clone(), other_key()).await.unwrap();
    let LinkReceipt::Refused { index, fault } = refused.receipt else {
        panic!()
    };
    assert_eq!(fault.code, FaultCode::Mismatch);
    let again = issue(&town.ledger, jws, other_key()).await.unwrap();
    assert_eq!(
        again.receipt,
        LinkReceipt::Refused { index, fault },
        "the same answer"
    );
    assert!(
        town.ledger
            .reader()
            .person(&person.subject)
            .unwrap()
            .links
            .is_empty()
    );
}

#[tokio::test]
async fn a_link_key_is_good_for_one_link() {
    let town = Town::new().await;
    let (first, second) = (enrol(&town.ledger).await, enrol(&town.ledger).await);
    let (_, key) = town.link(&town.hospital, &first).await;
    for (institution, person) in [
        (&town.hospital, &second),
        (&town.hospital, &first),
        (&town.pharmacy, &first),
    ] {
        let jws = institution.sign(Type::Link, claims::link(&person.qid, "123456", &key));
        let refused = issue(&town.ledger, jws.clone(), key.clone()).await.unwrap();
        let LinkReceipt::Refused { fault, .. } = refused.receipt.clone() else {
            panic!("{refused:?}")
        };
        assert_eq!(
            (fault.code, fault.field.as_str()),
            (FaultCode::Conflict, "link_check")
        );
        assert_eq!(
            issue(&town.ledger, jws, key.clone()).await.unwrap().receipt,
            refused.receipt,
            "the same answer"
        );
    }
    assert!(
        town.ledger
            .reader()
            .person(&second.subject)
            .unwrap()
            .links
            .is_empty()
    );
    assert_eq!(
        town.ledger
            .reader()
            .person(&first.subject)
            .unwrap()
            .links
            .len(),
        1
    );
}

#[tokio::test]
async fn evidence_is_spent_once_by_its_holder_in_time() {
    let town = Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let permit = decided(&town.access(&person).await.receipt);
    let report = town.release_statement(permit);
    let released = town.release(permit, Some(report.clone())).await.receipt;
    assert!(matches!(released, ReleaseReceipt::Released { .. }));
    assert_eq!(
        town.release(permit, Some(report)).await.receipt,
        released,
        "a retry is the same release"
    );
    let answer_lost = town.release(permit, None).await;
    assert_eq!(
        answer_lost.receipt, released,
        "signed anew on the same evidence"
    );
    assert!(answer_lost.is_repeat(), "nothing is recorded");
    let other_evidence = town.pharmacy.sign(
        Type::Release,
        json!({
            "index": permit.value(), "evidence_digest": Digest::of(&[b"other"]).to_base64url(),
        }),
    );
    let second = town.release(permit, Some(other_evidence)).await.receipt;
    assert!(matches!(
        second,
        ReleaseReceipt::Spent { ref reasons, .. }
            if reasons == &[ReleaseReason::Spent, ReleaseReason::OtherEvidence]
    ));

    let late = decided(&town.access(&person).await.receipt);
    town.clock.pass(Duration::from_millis(600_000 + 60_000));
    let receipt = town.release(late, None).await.receipt;
    assert!(matches!(
        receipt,
        ReleaseReceipt::Spent { ref reasons, .. } if reasons == &[ReleaseReason::Expired]
    ));
    let size = town.ledger.reader().head().head.size;
    for foreign in [LeafIndex::FIRST, size.plus(5).next_index()] {
        let receipt = town.release(foreign, None).await.receipt;
        assert!(matches!(
            receipt,
            ReleaseReceipt::Refused { ref fault, .. } if fault.code == FaultCode::NoMatch
        ));
    }
    check_whole_log(&town);
}

/// Between a permit and its use there are minutes in which what it rested on may end.
#[tokio::test]
async fn a_permit_ends_with_what_it_rested_on() {
    let town = &Town::new().await;
    let person = town.person().await;
    let permit = || async { decided(&town.access(&person).await.receipt) };
    let refused = |permit| async move {
        match town.release(permit, None).await.receipt {
            ReleaseReceipt::Spent { reasons, .. } => reasons,
            other => panic!("{other:?}"),
        }
    };
    let narrow = |categories: &[&str]| NarrowConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([1; 16]),
        left: town.less(&person, categories),
        wording_digest: Digest::of(&[b"less"]),
        language: Language::En,
        assurance: Assurance::SmsAndRecovery,
    };
    town.give(
        &person,
        town.consent(1, &["medication", "allergy", "diagnosis"]),
    )
    .await
    .unwrap();
    let (first, second) = (permit().await, permit().await);
    town.ledger
        .submit(narrow(&["medication", "allergy"]))
        .await
        .unwrap();
    assert!(
        matches!(
            town.release(first, None).await.receipt,
            ReleaseReceipt::Released { .. }
        ),
        "still covered"
    );
    town.ledger.submit(narrow(&["allergy"])).await.unwrap();
    assert_eq!(refused(second).await, [ReleaseReason::ConsentEnded]);

    town.give(&person, town.consent(2, &["medication"]))
        .await
        .unwrap();
    let third = permit().await;
    let withdraw = WithdrawConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([2; 16]),
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(withdraw).await.unwrap();
    assert_eq!(refused(third).await, [ReleaseReason::ConsentEnded]);

    town.give(&person, town.consent(3, &["medication"]))
        .await
        .unwrap();
    let (fourth, fifth) = (permit().await, permit().await);
    town.link(&town.pharmacy, &person).await;
    assert_eq!(
        refused(fourth).await,
        [ReleaseReason::LinkEnded],
        "the holder's code is another one now"
    );
    town.suspend(&town.hospital).await;
    assert_eq!(
        refused(fifth).await,
        [
            ReleaseReason::InstitutionSuspended,
            ReleaseReason::LinkEnded
        ]
    );
    check_whole_log(town);
}

#[tokio::test]
async fn one_supervisor_alone_certifies_nobody() {
    let town = Town::bare();
    let act = claims::certified(town.hospital.who(), ("偽", "False"), "hospital");
    let one = town.supervisors[0].sign(Type::Act, act.clone());
    let twice = town.supervisors[0].sign(Type::Act, act.clone());
    let mut other_act = act;
    other_act["name_en"] = "Other".into();
    let other = town.supervisors[1].sign(Type::Act, other_act);
    for statements in [
        vec![one.clone()],
        vec![one.clone(), twice],
        vec![one, other],
    ] {
        let refused = carry_out(&town.ledger, statements, None).await;
        assert!(
            matches!(refused, Err(Refusal::Fault(fault)) if fault.code == FaultCode::NotAuthorised)
        );
    }
    assert_eq!(town.ledger.reader().head().head.size.value(), 1);
}

#[tokio::test]
async fn a_published_signature_of_a_supervisor_carries_no_second_act() {
    let town = Town::new().await;
    let act =
        |kind: &str| json!({"act": kind, "institution": "hospital.chuo", "reason": "inspection"});
    let carry = async |statements: Vec<Jws>| carry_out(&town.ledger, statements, None).await;
    let sign = |at: usize, kind: &str| town.supervisors[at].sign(Type::Act, act(kind));
    let suspend = [
        sign(0, "institution.suspended"),
        sign(1, "institution.suspended"),
    ];
    let first = carry(suspend.to_vec()).await.unwrap().receipt;
    assert_eq!(
        carry(suspend.to_vec()).await.unwrap().receipt,
        first,
        "a retry is the same act"
    );
    assert_eq!(
        carry(vec![suspend[1].clone(), suspend[0].clone()])
            .await
            .unwrap()
            .receipt,
        first,
        "in any order"
    );
    let reinstate = [
        sign(0, "institution.reinstated"),
        sign(1, "institution.reinstated"),
    ];
    carry(reinstate.to_vec()).await.unwrap();

    let replayed = carry(vec![sign(0, "institution.suspended"), suspend[1].clone()]).await;
    assert!(
        matches!(replayed, Err(Refusal::Fault(fault)) if fault.code == FaultCode::Conflict),
        "within its time"
    );
    town.clock.pass(Duration::from_millis(400_000));
    let mut stale = act("institution.suspended");
    stale["iat"] = (town.clock.seconds() - 400).into();
    let stale = town.supervisors[1].sign(Type::Act, stale);
    let late = carry(vec![sign(0, "institution.suspended"), stale]).await;
    assert!(
        matches!(late, Err(Refusal::Fault(fault)) if fault.code == FaultCode::NotFresh),
        "and never after it"
    );
}

/// What became of one more question of this institution, of which it must be told the same as ever.
async fn one_more_question(town: &Town, by: &Actor, code: &str, person: &Person) -> Outcome {
    let mut claims = town.access_claims(person);
    claims["process"] = "city.drill-down".into();
    claims["subject"] = code.into();
    let done = town.ask(by.sign(Type::Access, claims)).await.unwrap();
    let e = done.appended[0].stored.record.event.decided().unwrap();
    assert_eq!((e.told, e.expires.is_some()), (Outcome::Ask, true));
    e.outcome
}

#[tokio::test]
async fn a_person_is_not_sprayed_with_questions_and_the_requester_cannot_tell() {
    let town = Town::new().await;
    let person = town.person().await;
    let mut put = 0;
    for number in 0..9 {
        let office = town.cast.actor(&format!("office.n{number}"));
        town.certify(&office).await.unwrap();
        let (code, _) = town.link(&office, &person).await;
        for _ in 0..5 {
            put += usize::from(
                one_more_question(&town, &office, code.as_str(), &person).await == Outcome::Ask,
            );
        }
    }
    assert_eq!(put, 32);
}

#[tokio::test]
async fn one_institution_cannot_take_the_room_in_which_the_others_ask() {
    let town = Town::new().await;
    let person = town.person().await;
    let mut put = Vec::new();
    for _ in 0..34 {
        put.push(
            one_more_question(
                &town,
                &town.hospital,
                person.code(town.hospital.id()).as_str(),
                &person,
            )
            .await,
        );
    }
    assert_eq!(
        put.iter()
            .filter(|outcome| **outcome == Outcome::Ask)
            .count(),
        4
    );
    let other = one_more_question(
        &town,
        &town.pharmacy,
        person.code(town.pharmacy.id()).as_str(),
        &person,
    )
    .await;
    assert_eq!(other, Outcome::Ask);
}

/// Why this permit's evidence is refused now.
async fn refused_for(town: &Town, permit: LeafIndex, statement: Option<Jws>) -> Vec<ReleaseReason> {
    let size = town.ledger.reader().head().head.size;
    let receipt = town.release(permit, statement).await.receipt;
    let ReleaseReceipt::Spent { index, reasons } = receipt else {
        panic!("{receipt:?}")
    };
    assert_eq!(index, size.next_index(), "it stands in the log");
    reasons
}

/// A thief has her permits already when the theft is noticed.
#[tokio::test]
async fn what_a_permit_was_asked_with_ends_it() {
    let town = Town::new().await;
    let person = town.person().await;
    let consent = town.consent(1, &["medication"]);
    town.give(&person, consent).await.unwrap();
    let by_hospital = async |claims: Value| {
        commands::act(&town.ledger, &town.hospital, claims)
            .await
            .unwrap()
    };
    let permit = async || decided(&town.access(&person).await.receipt);

    let role = json!({"act": "role.ended", "role_holder": "dr-sato", "role": "physician"});
    let [of_an_ended_role, of_another, of_a_revoked_key] =
        [permit().await, permit().await, permit().await];
    by_hospital(role).await;
    assert_eq!(
        refused_for(&town, of_an_ended_role, None).await,
        [ReleaseReason::RoleEnded]
    );
    by_hospital(town.role()).await;

    let other = commands::evidence_digest_of(&town.ledger, of_a_revoked_key);
    let claims = json!({"index": of_another.value(), "evidence_digest": other.to_base64url()});
    let statement = town.pharmacy.sign(Type::Release, claims);
    assert_eq!(
        refused_for(&town, of_another, Some(statement)).await,
        [ReleaseReason::OtherEvidence]
    );
    assert!(matches!(
        town.release(of_another, None).await.receipt,
        ReleaseReceipt::Released { .. }
    ));

    by_hospital(json!({
        "act": "key.revoked", "kid": town.hospital.who().kid().as_str(), "reason": "stolen",
    }))
    .await;
    assert_eq!(
        refused_for(&town, of_a_revoked_key, None).await,
        [ReleaseReason::KeyEnded]
    );
    check_whole_log(&town);
}

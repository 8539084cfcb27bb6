//! Keys are durable before the record that needs them, whatever their disk does: slow, it loses and
//! doubles none and lets urgent commands go first; failing, it stops nothing that needs no new key.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use akashi_actors::commands::{enrol, enrolment, verify};
use akashi_actors::{Actor, claims, until_so};
use akashi_ledger::command::{
    AccessReceipt, CarryOut, EndLink, Enrol, LinkEndReceipt, RefuseStatement, Release,
    ReleaseReceipt, WithdrawConsent,
};
use akashi_ledger::limits::{
    KEY_ORDERS_MAX, KEYS_ENDING_WAITING_MAX, KEYS_REGULAR_WAITING_MAX, KEYS_URGENT_WAITING_MAX,
    LANE_OF_ONE_PERSON_MAX, LANE_OF_ONE_SIGNER, LATE_OF_ONE_KEY_MAX,
};
use akashi_ledger::memory_key_file::AppendFault;
use akashi_ledger::sequencer::Lane;
use akashi_ledger::{Command, Done, Refusal, WaitingFor};
use akashi_proof::clock::Clock;
use akashi_proof::consent::Terms;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{ConsentId, LeafIndex, LinkCode, SubjectHandle};
use akashi_proof::jws::Type;
use akashi_proof::record::kind::{Assurance, ConsentGiven, Language};
use akashi_proof::statement::LinkEndClaims;
use serde_json::{Value, json};
use support::{Person, Town};
use tokio::task::JoinHandle;

type Submitted<R> = JoinHandle<Result<Done<R>, Refusal>>;

fn submit<C: Command>(town: &Town, command: C) -> Submitted<C::Receipt> {
    let ledger = town.ledger.clone();
    tokio::spawn(async move { ledger.submit(command).await })
}

/// Orders so many enrolments and returns once all of them wait for their keys.
async fn crowd(town: &Town, count: usize) -> Vec<(SubjectHandle, Submitted<LeafIndex>)> {
    let order = |(command, person): (Enrol, Person)| (person.subject, submit(town, command));
    let crowd = (0..count).map(|_| order(enrolment())).collect();
    until_so("everybody waits", || waiting(town, Lane::Regular) == count).await;
    crowd
}

fn waiting(town: &Town, lane: Lane) -> usize {
    town.ledger.waiting(WaitingFor::Keys, lane).waiting
}

/// Holds the keyring's disk with one enrolment already on its way to it.
async fn hold(town: &Town) -> Submitted<LeafIndex> {
    let before = town.remains.keys.appends();
    town.remains.keys.hold();
    let first = submit(town, enrolment().0);
    until_so("the disk is asked", || town.remains.keys.appends() > before).await;
    first
}

fn withdraw(person: &Person) -> WithdrawConsent {
    WithdrawConsent {
        subject: person.subject,
        consent: ConsentId::from_bytes([1; 16]),
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    }
}

/// Somebody whose consent stands, at the beginning of the next year: the next record about her
/// needs a new key.
async fn in_the_new_year(town: &Town) -> Person {
    let person = town.person().await;
    let mut consent = town.consent(1, &["medication"]);
    consent.terms.valid_until = town.clock.wall().plus_millis(400 * 86_400_000);
    town.give(&person, consent).await.unwrap();
    town.clock.pass(Duration::from_millis(104 * 86_400_000));
    person
}

#[tokio::test]
async fn a_crowd_waits_for_one_sync_and_everybody_has_keys_of_her_own() {
    let town = Town::new().await;
    let first = hold(&town).await;
    let before = town.remains.keys.appends();
    let crowd = crowd(&town, 200).await;
    town.remains.keys.let_go();
    first.await.unwrap().unwrap();
    let mut handles = Vec::new();
    for (subject, enrolled) in crowd {
        enrolled.await.unwrap().unwrap();
        handles.push(subject);
    }
    assert_eq!(town.remains.keys.appends(), before + 1);

    // What was sealed and tagged opens again with what is in the file, and no two share a key.
    let opened = town.open_again().unwrap();
    let reader = opened.reader();
    let mut keys: Vec<_> = handles
        .iter()
        .map(|subject| {
            let person = reader.person(subject).unwrap();
            let [index] = reader.history(&person, person.seq.next(), 9).unwrap()[..] else {
                panic!("one record")
            };
            assert!(reader.record(index).unwrap().is_some());
            reader.history_key(&person).unwrap().key.expose().to_vec()
        })
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), handles.len());
}

#[tokio::test]
async fn a_withdrawal_in_the_new_year_goes_before_those_who_enrol() {
    let town = Town::new().await;
    let person = in_the_new_year(&town).await;
    let _first = hold(&town).await;
    let crowd = crowd(&town, KEY_ORDERS_MAX + 100).await;
    let withdrawn = submit(&town, withdraw(&person));
    until_so("she waits too", || waiting(&town, Lane::Urgent) == 1).await;
    // The append that is under way, and one more: not everybody's keys fit into that.
    town.remains.keys.let_through(2);
    withdrawn.await.unwrap().unwrap();
    until_so("the next are taken", || waiting(&town, Lane::Regular) == 0).await;
    let done = |(_, task): &&(_, Submitted<_>)| task.is_finished();
    until_so("all but the last have enrolled", || {
        crowd.iter().filter(done).count() == KEY_ORDERS_MAX - 1
    })
    .await;
    town.remains.keys.let_go();
    for (_, enrolled) in crowd {
        enrolled.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn above_the_bound_a_command_is_refused_and_an_urgent_one_still_has_room() {
    let town = Town::new().await;
    let person = in_the_new_year(&town).await;
    let _first = hold(&town).await;
    let crowd = crowd(&town, KEYS_REGULAR_WAITING_MAX).await;
    for _ in 0..3 {
        let refused = town.ledger.submit(enrolment().0).await;
        assert!(matches!(refused, Err(Refusal::Busy)), "{refused:?}");
    }
    let figures = town.ledger.waiting(WaitingFor::Keys, Lane::Regular);
    assert_eq!(figures.waiting, KEYS_REGULAR_WAITING_MAX);
    assert_eq!(figures.refused, 3);
    let withdrawn = submit(&town, withdraw(&person));
    until_so("she waits", || waiting(&town, Lane::Urgent) == 1).await;
    town.remains.keys.let_go();
    withdrawn.await.unwrap().unwrap();
    for (_, enrolled) in crowd {
        enrolled.await.unwrap().unwrap();
    }
}

/// Ends the hospital's code for her; with another's code for her it would end nothing.
fn end_link(town: &Town, code: &LinkCode) -> EndLink {
    let claims = json!({ "link_code": code.as_str(), "cause": "not-needed" });
    let statement = verify(&town.ledger, town.hospital.sign(Type::LinkEnd, claims));
    EndLink {
        statement: statement.unwrap(),
    }
}

/// Ends a role at the hospital.
fn end_role(town: &Town, role_holder: &str) -> CarryOut {
    let act = json!({ "act": "role.ended", "role_holder": role_holder, "role": "physician" });
    of_one(town, &town.hospital, act)
}

fn of_one(town: &Town, by: &Actor, act: Value) -> CarryOut {
    let statement = verify(&town.ledger, by.sign(Type::Act, act)).unwrap();
    CarryOut {
        statements: vec![statement],
        evidence_key: None,
    }
}

#[tokio::test]
async fn what_ends_nothing_takes_no_urgent_place_also_of_one_suspended() {
    let town = Town::new().await;
    let person = town.person().await;
    town.suspend(&town.hospital).await;
    let (reader, now) = (town.ledger.reader(), town.clock.wall());
    let [own, another] = [&town.hospital, &town.pharmacy].map(|of| person.code(of.id()));
    assert_eq!(end_link(&town, own).lane(reader, now), Lane::Ending);
    assert_eq!(end_link(&town, another).lane(reader, now), Lane::Regular);
    assert_eq!(end_role(&town, "dr-sato").lane(reader, now), Lane::Ending);
    assert_eq!(
        end_role(&town, "dr-nobody").lane(reader, now),
        Lane::Regular
    );
    let done = town.ledger.submit(end_link(&town, own)).await.unwrap();
    assert!(matches!(done.receipt, LinkEndReceipt::Ended { .. }));
    assert_eq!(end_link(&town, own).lane(reader, now), Lane::Regular);
}

/// A hostile institution, also one that is suspended, ends what it has a hundred times over: it
/// fills its share of its lane, and others end theirs, and people withdraw.
#[tokio::test]
async fn so_many_of_what_one_institution_ends_wait_and_others_have_their_own_room() {
    let town = Town::new().await;
    let person = in_the_new_year(&town).await;
    town.suspend(&town.hospital).await;
    let _first = hold(&town).await;
    let [code, others] = [&town.hospital, &town.pharmacy].map(|of| person.code(of.id()));
    let most = KEYS_ENDING_WAITING_MAX / LANE_OF_ONE_SIGNER;
    let codes: Vec<_> = (0..most)
        .map(|_| submit(&town, end_link(&town, code)))
        .collect();
    until_so("N wait", || waiting(&town, Lane::Ending) == most).await;
    for _ in 0..KEYS_URGENT_WAITING_MAX {
        let one_more = town.ledger.submit(end_link(&town, code)).await;
        assert!(matches!(one_more, Err(Refusal::Busy)), "{one_more:?}");
    }
    let figures = town.ledger.waiting(WaitingFor::Keys, Lane::Ending);
    let above = KEYS_URGENT_WAITING_MAX as u64;
    assert_eq!((figures.waiting, figures.refused), (most, 0));
    assert_eq!(figures.refused_of_one, above);
    let claims = json!({ "link_code": others.as_str(), "cause": "not-needed" });
    let statement = verify(&town.ledger, town.pharmacy.sign(Type::LinkEnd, claims));
    let others = EndLink {
        statement: statement.unwrap(),
    };
    let others = submit(&town, others);
    until_so("the other waits", || {
        waiting(&town, Lane::Ending) == most + 1
    })
    .await;
    let withdrawn = submit(&town, withdraw(&person));
    until_so("she waits", || waiting(&town, Lane::Urgent) == 1).await;
    town.remains.keys.let_go();
    withdrawn.await.unwrap().unwrap();
    let mut ended = 0;
    for code in codes.into_iter().chain([others]) {
        let receipt = code.await.unwrap().unwrap().receipt;
        ended += usize::from(matches!(receipt, LinkEndReceipt::Ended { .. }));
    }
    assert_eq!(ended, 2);
}

/// Somebody who does one thing over and over keeps nobody from withdrawing.
#[tokio::test]
async fn so_many_things_of_one_person_wait_and_others_have_their_own_room() {
    let town = Town::new().await;
    let hostile = town.person().await;
    let person = in_the_new_year(&town).await;
    let _first = hold(&town).await;
    let of_hostile: Vec<_> = (0..LANE_OF_ONE_PERSON_MAX)
        .map(|_| submit(&town, withdraw(&hostile)))
        .collect();
    let most = LANE_OF_ONE_PERSON_MAX;
    until_so("N wait", || waiting(&town, Lane::Urgent) == most).await;
    let one_more = town.ledger.submit(withdraw(&hostile)).await;
    assert!(matches!(one_more, Err(Refusal::Busy)), "{one_more:?}");
    let withdrawn = submit(&town, withdraw(&person));
    until_so("she waits", || waiting(&town, Lane::Urgent) == most + 1).await;
    town.remains.keys.let_go();
    withdrawn.await.unwrap().unwrap();
    for nothing in of_hostile {
        assert!(matches!(nothing.await.unwrap(), Err(Refusal::Fault(_))));
    }
}

/// Old statements of an honest institution, sent by whoever has found them, take none of its room.
#[tokio::test]
async fn what_comes_late_takes_no_place_of_its_signer() {
    let town = Town::new().await;
    let _ = in_the_new_year(&town).await;
    let _first = hold(&town).await;
    let late = || {
        let claims = json!({ "link_code": "nobody's", "cause": "not-needed" });
        let jws = town.hospital.sign(Type::LinkEnd, claims);
        let statement = town.ledger.reader().registry().verify::<LinkEndClaims>(jws);
        let (_, unread) = statement.unwrap_err().into_parts();
        let fault = Fault::new(FaultCode::NotFresh, "iat", "a time of now", "one of before");
        RefuseStatement {
            statement: unread.unwrap(),
            fault,
        }
    };
    let most = KEYS_REGULAR_WAITING_MAX / LANE_OF_ONE_SIGNER;
    let found: Vec<_> = (0..most).map(|_| submit(&town, late())).collect();
    until_so("N wait", || waiting(&town, Lane::Regular) == most).await;
    let one_more = town.ledger.submit(late()).await;
    assert!(matches!(one_more, Err(Refusal::Busy)), "{one_more:?}");
    let own = RefuseStatement {
        fault: Fault::new(FaultCode::BadMember, "link_code", "a code", "another text"),
        ..late()
    };
    let own = submit(&town, own);
    until_so("its own waits", || {
        waiting(&town, Lane::Regular) == most + 1
    })
    .await;
    town.remains.keys.let_go();
    own.await.unwrap().unwrap();
    let mut recorded = 0;
    for found in found {
        recorded += u64::from(found.await.unwrap().is_ok());
    }
    assert_eq!(recorded, LATE_OF_ONE_KEY_MAX);
}

#[tokio::test]
async fn only_supervisors_suspend_in_the_urgent_lane() {
    let town = Town::new().await;
    let lane = |command: &CarryOut| command.lane(town.ledger.reader(), town.clock.wall());
    let suspended = claims::suspended(town.hospital.id());
    let alone = of_one(&town, &town.hospital, suspended.clone());
    assert_eq!(lane(&alone), Lane::Regular);
    let [one, other] = town.cast.by_supervisors(&suspended);
    let both = CarryOut {
        statements: [one, other]
            .map(|jws| verify(&town.ledger, jws).unwrap())
            .into(),
        evidence_key: None,
    };
    assert_eq!(lane(&both), Lane::Urgent);
}

const FAULTS: [AppendFault; 4] = [
    AppendFault::Lost,
    AppendFault::Torn,
    AppendFault::Zeros,
    AppendFault::Kept,
];

/// The power goes while keys are written: nobody was told of them, and nothing rests on them.
#[tokio::test]
async fn whatever_a_power_cut_leaves_of_new_keys_the_ledger_opens_and_makes_others() {
    for fault in FAULTS {
        let town = Town::new().await;
        let person = town.person().await;
        town.remains.keys.set_cuts_fail(true);
        town.remains.keys.fail_append(fault);
        let refused = town.ledger.submit(enrolment().0).await;
        assert!(matches!(refused, Err(Refusal::Poisoned(_))), "{refused:?}");
        town.remains.keys.set_cuts_fail(false);
        let opened = town.open_again().unwrap();
        let known = opened.reader().person(&person.subject).unwrap();
        assert!(opened.reader().history_key(&known).is_ok(), "{fault:?}");
        enrol(&opened).await;
    }
}

#[tokio::test]
async fn keys_whose_write_failed_are_never_used_and_whoever_needs_none_goes_on() {
    for fault in FAULTS {
        let town = Town::new().await;
        let person = town.person().await;
        let reader = town.ledger.reader();
        let size = reader.head().head.size;
        town.remains.keys.set_cuts_fail(true);
        town.remains.keys.fail_append(fault);
        let (command, somebody) = enrolment();
        let refused = town.ledger.submit(command).await;
        assert!(matches!(refused, Err(Refusal::Poisoned(_))), "{refused:?}");
        assert_eq!(reader.head().head.size, size, "{fault:?}: no record");
        assert!(reader.person(&somebody.subject).is_none());
        assert!(!reader.makes_keys());
        for _ in 0..2 {
            let refused = town.ledger.submit(enrolment().0).await;
            assert!(matches!(refused, Err(Refusal::Poisoned(_))), "{refused:?}");
        }
        town.access(&person).await;
        assert!(reader.stopped().is_none(), "{fault:?}: the writer goes on");

        town.remains.keys.set_cuts_fail(false);
        until_so("keys are made again", || reader.makes_keys()).await;
        let others = [enrol(&town.ledger).await, enrol(&town.ledger).await];
        let opened = town.open_again().unwrap();
        for person in others.iter().chain([&person]) {
            let person = opened.reader().person(&person.subject).unwrap();
            let history = opened.reader().history(&person, person.seq.next(), 99);
            for index in history.unwrap() {
                assert!(opened.reader().record(index).unwrap().is_some());
            }
        }
    }
}

/// Nobody can know beforehand whose record a release makes: its key is drawn by the writer.
#[tokio::test]
async fn a_key_the_writer_could_not_draw_stops_it_until_the_keyring_is_whole() {
    let town = Town::new().await;
    let person = town.person().await;
    let consent = town.consent(1, &["medication"]);
    let end_of_year = 1_798_761_600_000 - town.clock.wall().as_millis();
    town.clock.pass(Duration::from_millis(end_of_year - 60_000));
    let consent = ConsentGiven {
        terms: Terms {
            valid_until: town.clock.wall().plus_millis(86_400_000),
            ..consent.terms
        },
        ..consent
    };
    town.give(&person, consent).await.unwrap();
    let AccessReceipt::Decided { index } = town.access(&person).await.receipt else {
        panic!("a permit")
    };
    town.clock.pass(Duration::from_millis(120_000));
    let reader = town.ledger.reader();
    let size = reader.head().head.size;
    let jws = town.release_statement(index);
    let release = || {
        let statement = verify(&town.ledger, jws.clone()).unwrap();
        Release::new(reader, statement).unwrap()
    };
    town.remains.keys.set_cuts_fail(true);
    town.remains.keys.fail_append(AppendFault::Kept);
    let refused = town.ledger.submit(release()).await;
    assert!(matches!(refused, Err(Refusal::Poisoned(_))), "{refused:?}");
    assert!(reader.stopped().is_some() && !reader.makes_keys());
    assert_eq!(reader.head().head.size, size);
    town.remains.keys.set_cuts_fail(false);
    until_so("the writer goes on", || reader.stopped().is_none()).await;
    let released = town.ledger.submit(release()).await.unwrap().receipt;
    assert!(matches!(released, ReleaseReceipt::Released { .. }));
    assert!(town.open_again().is_ok());
}

//! A person is asked by SMS, and answers - or does not.

use std::time::Duration;

use akashi_actors::{Access, Person, until_so};
use akashi_ledger::command::{ConfirmContact, DoubtContact};
use akashi_notifier::{Address, CodeRefused, ReplyOutcome, is_delayed, is_silent, sms_segments};
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::{AnsweredBy, ApprovalAnswered, Assurance, Event, Language, YesNo};

use crate::support::gateway::Mood;
use crate::support::{Citizen, Process, Town, history, idle, picked, reference_and_code};

async fn reply(process: &Process, citizen: &Citizen, text: &str) -> ReplyOutcome {
    process
        .notifier
        .inbound_sms(&citizen.phone, text)
        .await
        .unwrap()
}

fn refusals(process: &Process, citizen: &Citizen) -> Vec<ApprovalAnswered> {
    picked(&process.ledger, citizen, |event| match event {
        Event::ApprovalRefused(e) => Some(e),
        _ => None,
    })
}

fn expiries(process: &Process, citizen: &Citizen) -> Vec<LeafIndex> {
    picked(&process.ledger, citizen, |event| match event {
        Event::ApprovalExpired(e) => Some(e.access),
        _ => None,
    })
}

#[tokio::test]
async fn a_question_arrives_with_reference_and_code_and_nothing_it_should_not_say() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let access = town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    let taken = town.gateway.taken();
    assert_eq!(taken.len(), 1);
    let text = &taken[0].text;
    let (reference, code) = reference_and_code(text);
    let person = process
        .ledger
        .reader()
        .person(&citizen.person.subject)
        .unwrap();
    let ask = person.ask(access).unwrap();
    assert_eq!(
        (ask.reference.as_str(), ask.low_risk),
        (reference.as_str(), YesNo::No)
    );
    assert!(
        text.contains("みなと市役所") && sms_segments(text) <= 2,
        "{text}"
    );
    for never in ["介護", "福祉", "支援", "http", "qid", "はい"] {
        assert!(!text.contains(never), "{never}: {text}");
    }
    assert!(
        process
            .notifier
            .approval_code_matches(&person, access, &code)
    );
    assert!(
        !process
            .notifier
            .approval_code_matches(&person, access.next(), &code)
    );
    for _ in 0..5 {
        assert!(!process.notifier.approval_code_matches(&person, access, "x"));
    }
    assert!(
        !process
            .notifier
            .approval_code_matches(&person, access, &code),
        "tried too often"
    );
    assert!(town.mail.taken().is_empty());
    process.shutdown().await;
}

#[tokio::test]
async fn anyone_with_the_phone_can_refuse_and_the_text_that_was_sent_is_on_the_record() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    let text = town.gateway.taken()[0].text.clone();
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::Refused
    );
    let refused = refusals(&process, &citizen);
    assert_eq!(refused.len(), 1);
    assert_eq!(
        (refused[0].answered_by, refused[0].seen),
        (AnsweredBy::Reply, YesNo::No)
    );
    assert_eq!(refused[0].wording_digest, Digest::of_wording(&text));
    // Messages that wait at the same time leave in any order.
    idle(&process).await;
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::AlreadyAnswered
    );
    idle(&process).await;
    let (reference, _) = reference_and_code(&text);
    let answers: Vec<String> = town
        .gateway
        .taken()
        .into_iter()
        .skip(1)
        .map(|sms| sms.text)
        .collect();
    assert!(
        answers[0].contains(&format!(
            "お返事（お断り）を記録しました。受付番号{reference}"
        )),
        "{answers:?}"
    );
    assert!(
        answers[1].contains(&format!(
            "受付番号{reference}のお願いは、お返事が済んでいます"
        )),
        "{answers:?}"
    );
    assert!(
        town.mail.taken()[0]
            .body
            .contains("みなと市役所からの許可のお願いを、あなたがお断りになった")
    );
    process.shutdown().await;
}

#[tokio::test]
async fn with_two_open_questions_the_reference_decides() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let first = town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    let second = town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    let taken = town.gateway.taken();
    let (reference, _) = reference_and_code(&taken[1].text);
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::ReferenceNeeded
    );
    let wrong: String = reference.chars().rev().collect();
    if !taken[0].text.contains(&wrong) && wrong != reference {
        assert_eq!(
            reply(&process, &citizen, &format!("いいえ {wrong}")).await,
            ReplyOutcome::UnknownReference
        );
    }
    assert_eq!(
        reply(&process, &citizen, "なんのことですか").await,
        ReplyOutcome::NotUnderstood
    );
    idle(&process).await;
    assert!(
        town.gateway
            .taken()
            .last()
            .unwrap()
            .text
            .contains("返信の内容を受け付けられませんでした")
    );
    assert!(refusals(&process, &citizen).is_empty());
    let wide: String = reference
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
        .collect();
    assert_eq!(
        reply(&process, &citizen, &format!("通報　{wide}")).await,
        ReplyOutcome::RefusedAndReported
    );
    let refused = refusals(&process, &citizen);
    assert_eq!(
        (refused.len(), refused[0].access, refused[0].reported),
        (1, second, YesNo::Yes)
    );
    assert!(
        process
            .ledger
            .reader()
            .person(&citizen.person.subject)
            .unwrap()
            .ask(first)
            .is_some()
    );
    process.shutdown().await;
}

#[tokio::test]
async fn a_reply_approves_only_what_is_low_risk_and_only_with_its_code() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    let (reference, code) = reference_and_code(&town.gateway.taken()[0].text);
    assert_eq!(
        reply(&process, &citizen, &format!("はい {reference} {code}")).await,
        ReplyOutcome::NotByReply
    );
    idle(&process).await;
    assert!(
        town.gateway
            .taken()
            .last()
            .unwrap()
            .text
            .contains("のお願いを許可できるのは、")
    );
    assert_eq!(
        reply(&process, &citizen, &format!("no {reference}")).await,
        ReplyOutcome::Refused
    );
    idle(&process).await;

    town.clock.pass(Duration::from_secs(600));
    town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    let (reference, code) = reference_and_code(&town.gateway.taken().last().unwrap().text);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(
        reply(&process, &citizen, &format!("はい {reference}")).await,
        ReplyOutcome::WrongCode
    );
    assert_eq!(
        reply(&process, &citizen, &format!("はい {reference} {wrong}")).await,
        ReplyOutcome::WrongCode
    );
    town.clock.pass(Duration::from_secs(600));
    let outcome = reply(&process, &citizen, &format!("はい {reference} {code}")).await;
    let ReplyOutcome::Approved {
        decision: Some(decision),
    } = outcome
    else {
        panic!("{outcome:?}")
    };
    let stored = process
        .ledger
        .reader()
        .record(decision)
        .unwrap()
        .unwrap()
        .open()
        .unwrap();
    let Event::AccessPermitted(permit) = stored.record.event else {
        panic!("{:?}", stored.record.event)
    };
    assert!(permit.approval.is_some());
    let granted = picked(&process.ledger, &citizen, |event| match event {
        Event::ApprovalGranted(e) => Some((e.seen, e.answered_by)),
        _ => None,
    });
    assert_eq!(granted, [(YesNo::No, AnsweredBy::Reply)]);
    idle(&process).await;
    assert!(
        town.mail
            .taken()
            .last()
            .unwrap()
            .body
            .contains("あなたの許可により、みなと市役所")
    );
    let recorded = format!("お返事（許可）を記録しました。受付番号{reference}");
    assert!(
        town.gateway
            .taken()
            .last()
            .unwrap()
            .text
            .contains(&recorded)
    );
    process.shutdown().await;
}

#[tokio::test]
async fn five_wrong_codes_close_the_way_by_reply_and_leave_refusing_and_the_portal() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let access = town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    let (reference, code) = reference_and_code(&town.gateway.taken()[0].text);
    for _ in 0..5 {
        assert_eq!(
            reply(&process, &citizen, &format!("はい {reference}")).await,
            ReplyOutcome::WrongCode
        );
    }
    assert_eq!(
        reply(&process, &citizen, &format!("はい {reference} {code}")).await,
        ReplyOutcome::WrongCode
    );
    let person = process
        .ledger
        .reader()
        .person(&citizen.person.subject)
        .unwrap();
    assert!(
        process
            .notifier
            .approval_code_matches(&person, access, &code)
    );
    assert_eq!(
        reply(&process, &citizen, &format!("いいえ {reference}")).await,
        ReplyOutcome::Refused
    );
    process.shutdown().await;
}

#[tokio::test]
async fn a_stranger_who_answers_learns_nothing() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    let stranger = akashi_notifier::Phone::parse("070-9999-9999").unwrap();
    let outcome = process
        .notifier
        .inbound_sms(&stranger, "いいえ")
        .await
        .unwrap();
    assert_eq!(outcome, ReplyOutcome::NothingOpen);
    idle(&process).await;
    assert_eq!(town.gateway.taken().len(), 1);
    process.shutdown().await;
}

#[tokio::test]
async fn silence_expires_across_a_restart_and_is_recorded_once() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let access = town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(process.notifier.backlog().open_questions, 1);
    process.shutdown().await;
    town.clock.pass(Duration::from_secs(86_399));
    let process = town.start();
    idle(&process).await;
    assert_eq!(process.notifier.backlog().open_questions, 1);
    assert!(expiries(&process, &citizen).is_empty(), "a second is left");
    town.clock.pass(Duration::from_secs(1));
    until_so("the question is over", || {
        !expiries(&process, &citizen).is_empty()
    })
    .await;
    idle(&process).await;
    assert_eq!(expiries(&process, &citizen), [access]);
    let ended = history(&process.ledger, &citizen)
        .into_iter()
        .find(|stored| matches!(stored.record.event, Event::ApprovalExpired(_)));
    assert_eq!(
        ended.unwrap().record.time,
        town.clock.wall(),
        "not a second early"
    );
    assert_eq!(process.notifier.backlog().open_questions, 0);
    assert!(
        town.mail
            .taken()
            .last()
            .unwrap()
            .body
            .contains("お返事がないまま期限を過ぎた")
    );
    let before = town.gateway.taken().len();
    assert_eq!(
        reply(&process, &citizen, "これは何ですか").await,
        ReplyOutcome::NothingOpen
    );
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::NothingOpen
    );
    idle(&process).await;
    let answers: Vec<String> = town
        .gateway
        .taken()
        .into_iter()
        .skip(before)
        .map(|sms| sms.text)
        .collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(
        answers[0].contains("この返信では何も変わっていません"),
        "{answers:?}"
    );
    process.shutdown().await;
}

const DAY: Duration = Duration::from_secs(86_400);

fn questions_rung(town: &Town) -> usize {
    town.gateway
        .taken()
        .iter()
        .filter(|sms| sms.text.contains("受付番号") && sms.text.contains("確認コード"))
        .count()
}

#[tokio::test]
async fn what_she_refused_does_not_ring_again_for_a_week_nor_after_a_restart() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::Refused
    );
    process.shutdown().await;
    town.clock.pass(DAY * 6);
    let process = town.start();
    let again = town.drill_down(&process.ledger, &citizen).await;
    let named = Access {
        on_behalf_of: Some("somebody else"),
        ..Town::closer_look(&["care-level"])
    };
    town.access(&process.ledger, &citizen, &town.city, named)
        .await;
    idle(&process).await;
    assert_eq!(questions_rung(&town), 1, "{:?}", town.gateway.taken());
    let person = process
        .ledger
        .reader()
        .person(&citizen.person.subject)
        .unwrap();
    assert!(person.ask(again).is_some(), "it waits in the portal");
    // Where she asks for the message herself, she gets it - though not without end.
    for sent in 2..=4 {
        process
            .notifier
            .send_question(&person, again)
            .await
            .unwrap();
        idle(&process).await;
        assert_eq!(questions_rung(&town), sent);
    }
    let reference = person.ask(again).unwrap().reference.clone();
    assert!(
        town.gateway
            .taken()
            .last()
            .unwrap()
            .text
            .contains(reference.as_str())
    );
    assert_eq!(
        process.notifier.send_question(&person, again).await,
        Err(CodeRefused::TooMany)
    );
    assert_eq!(
        process.notifier.send_question(&person, again.plus(9)).await,
        Err(CodeRefused::Unavailable),
        "no question"
    );
    town.drill_down_at(&["admission"], &process.ledger, &citizen)
        .await;
    idle(&process).await;
    assert_eq!(questions_rung(&town), 5, "other data is another question");
    process.shutdown().await;
}

#[tokio::test]
async fn a_question_rings_once_while_it_waits_and_again_a_week_after_it_was_left_unanswered() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    for _ in 0..3 {
        town.drill_down(&process.ledger, &citizen).await;
    }
    idle(&process).await;
    assert_eq!(questions_rung(&town), 1);
    town.clock.pass(DAY);
    until_so("the questions are over", || {
        expiries(&process, &citizen).len() == 3
    })
    .await;
    town.clock.pass(DAY * 6);
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(questions_rung(&town), 1, "left unanswered six days ago");
    town.clock.pass(DAY);
    until_so("the question is over", || {
        expiries(&process, &citizen).len() == 4
    })
    .await;
    town.clock.pass(DAY * 7);
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(questions_rung(&town), 2);
    process.shutdown().await;
}

/// What the requester may know follows from how much it asked, and from nobody it asked about.
#[tokio::test]
async fn what_is_too_much_is_delayed_alike_and_said_to_her_also_across_a_restart() {
    let mut town = Town::new().await;
    town.settings.budgets.questions_per_requester.most = 3;
    town.settings.budgets.questions_per_number.most = 1;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let ledger = &process.ledger;
    let put =
        |categories: &'static [&'static str]| town.drill_down_at(categories, ledger, &citizen);
    let rang = put(&["care-level"]).await;
    let silent = put(&["admission"]).await;
    put(&["diagnosis"]).await;
    let delayed = put(&["admission", "diagnosis"]).await;
    // Four of one institution wait: the fifth is refused, and told as a question.
    let delayed_alike = put(&["care-level", "diagnosis"]).await;
    idle(&process).await;
    assert_eq!(questions_rung(&town), 1);
    process.shutdown().await;
    let process = town.start();
    let reader = process.ledger.reader();
    let said = |access| {
        (
            is_delayed(reader, access).unwrap(),
            is_silent(reader, access).unwrap(),
        )
    };
    for (access, to_requester, to_her) in [
        (rang, false, false),
        (silent, false, true),
        (delayed, true, true),
        (delayed_alike, true, false),
    ] {
        assert_eq!(said(access), (to_requester, to_her), "{access}");
    }
    let person = reader.person(&citizen.person.subject).unwrap();
    assert!(person.ask(delayed).is_some() && person.ask(delayed_alike).is_none());
    process
        .notifier
        .send_question(&person, silent)
        .await
        .unwrap();
    assert_eq!(said(silent), (false, false), "she had it sent");
    town.clock.pass(DAY);
    until_so("nothing is kept of what is over", || {
        !said(delayed).0 && !said(delayed_alike).0
    })
    .await;
    process.shutdown().await;
}

#[tokio::test]
async fn after_an_approval_the_same_may_ring_again() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    for rung in 1..=2 {
        town.vaccination(&process.ledger, &citizen).await;
        idle(&process).await;
        assert_eq!(questions_rung(&town), rung);
        let question = town
            .gateway
            .taken()
            .into_iter()
            .rfind(|sms| sms.text.contains("確認コード"));
        let (reference, code) = reference_and_code(&question.unwrap().text);
        let outcome = reply(&process, &citizen, &format!("はい {reference} {code}")).await;
        assert!(
            matches!(outcome, ReplyOutcome::Approved { .. }),
            "{outcome:?}"
        );
        idle(&process).await;
    }
    process.shutdown().await;
}

#[tokio::test]
async fn a_bare_no_refuses_the_question_that_rang_and_no_silent_one() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::Refused
    );
    let silent = town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::AlreadyAnswered
    );
    let rang = town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::Refused
    );
    let person = process
        .ledger
        .reader()
        .person(&citizen.person.subject)
        .unwrap();
    assert!(person.ask(silent).is_some() && person.ask(rang).is_none());
    let reference = person.ask(silent).unwrap().reference.clone();
    assert_eq!(
        reply(&process, &citizen, &format!("いいえ {reference}")).await,
        ReplyOutcome::Refused,
        "by its name"
    );
    process.shutdown().await;
}

#[tokio::test]
async fn a_question_nobody_read_in_time_is_not_put_but_expires() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let ledger = town.open();
    let access = town.drill_down(&ledger, &citizen).await;
    drop(ledger);
    town.clock.pass(Duration::from_secs(86_400));
    let process = town.start();
    until_so("the question is over", || {
        !expiries(&process, &citizen).is_empty()
    })
    .await;
    idle(&process).await;
    assert_eq!(expiries(&process, &citizen), [access]);
    assert!(town.gateway.taken().is_empty());
    process.shutdown().await;
}

#[tokio::test]
async fn a_number_gets_three_questions_in_ten_minutes_also_across_a_restart() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    for categories in [["care-level"], ["admission"]] {
        town.drill_down_at(&categories, &process.ledger, &citizen)
            .await;
    }
    idle(&process).await;
    process.shutdown().await;
    let process = town.start();
    town.drill_down_at(&["diagnosis"], &process.ledger, &citizen)
        .await;
    town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(questions_rung(&town), 3);
    let person = process
        .ledger
        .reader()
        .person(&citizen.person.subject)
        .unwrap();
    assert_eq!(person.asks.len(), 4, "all wait in the portal");
    let reference = &person.asks[0].reference;
    assert_eq!(
        reply(&process, &citizen, &format!("いいえ {reference}")).await,
        ReplyOutcome::Refused
    );
    town.clock.pass(Duration::from_secs(600));
    until_so("the fourth rings", || questions_rung(&town) == 4).await;
    town.drill_down_at(&["admission", "diagnosis"], &process.ledger, &citizen)
        .await;
    idle(&process).await;
    assert_eq!(questions_rung(&town), 5);
    process.shutdown().await;
}

/// References of the questions that rang, in their order.
fn rang(town: &Town) -> Vec<String> {
    let taken = town.gateway.taken().into_iter();
    let questions = taken.filter(|sms| sms.text.contains("確認コード"));
    questions
        .map(|sms| reference_and_code(&sms.text).0)
        .collect()
}

#[tokio::test]
async fn what_a_number_s_budget_held_back_rings_in_its_order_also_across_a_restart() {
    let mut town = Town::new().await;
    town.settings.budgets.questions_per_number.most = 1;
    let citizen = town.with_citizen().await;
    let mut process = town.start();
    for categories in [["care-level"], ["admission"], ["diagnosis"]] {
        town.drill_down_at(&categories, &process.ledger, &citizen)
            .await;
        idle(&process).await;
    }
    let person = || {
        let reader = process.ledger.reader();
        reader.person(&citizen.person.subject).unwrap()
    };
    let references: Vec<String> = person()
        .asks
        .iter()
        .map(|ask| ask.reference.to_string())
        .collect();
    assert_eq!(rang(&town), references[..1], "N");
    process.shutdown().await;

    // Ten minutes less a moment, and ten minutes; each time somebody starts anew.
    for (place, step) in [(1, 599), (2, 1), (2, 599), (3, 1)] {
        town.clock.pass(Duration::from_secs(step));
        process = town.start();
        until_so("it rings", || rang(&town).len() >= place).await;
        idle(&process).await;
        assert_eq!(rang(&town), references[..place], "{place} {step}");
        process.shutdown().await;
    }
    // Nothing is left of it, and a new one finds the budget as it is.
    process = town.start();
    town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(rang(&town).len(), 3);
    assert_eq!(process.notifier.backlog().questions_held_back, 1);
    town.clock.pass(Duration::from_secs(600));
    until_so("the last rings", || rang(&town).len() == 4).await;
    assert_eq!(process.notifier.backlog().questions_rung_later, 1);
    process.shutdown().await;
}

#[tokio::test]
async fn what_is_answered_asked_for_or_nearly_over_is_not_rung_for_later() {
    let mut town = Town::new().await;
    town.settings.budgets.questions_per_number.most = 1;
    let citizen = town.with_citizen().await;
    let process = town.start();
    for categories in [["care-level"], ["admission"], ["diagnosis"]] {
        town.drill_down_at(&categories, &process.ledger, &citizen)
            .await;
        idle(&process).await;
    }
    let person = process
        .ledger
        .reader()
        .person(&citizen.person.subject)
        .unwrap();
    let [first, answered, asked_for] = [0, 1, 2].map(|place| person.asks[place].clone());
    let no = format!("いいえ {}", answered.reference);
    assert_eq!(reply(&process, &citizen, &no).await, ReplyOutcome::Refused);
    process
        .notifier
        .send_question(&person, asked_for.access)
        .await
        .unwrap();
    idle(&process).await;
    let both = [first.reference.to_string(), asked_for.reference.to_string()];
    assert_eq!(rang(&town), both);
    for _ in 0..3 {
        town.clock.pass(Duration::from_secs(600));
        idle(&process).await;
    }
    // Of one that comes in their last ten minutes less than five would be left.
    let last = town
        .drill_down_at(&["admission", "diagnosis"], &process.ledger, &citizen)
        .await;
    idle(&process).await;
    assert_eq!(rang(&town).len(), 3);
    let late = town.vaccination(&process.ledger, &citizen).await;
    idle(&process).await;
    process.shutdown().await;
    let person = {
        let ledger = town.open();
        ledger.reader().person(&citizen.person.subject).unwrap()
    };
    let ends = person.ask(late).unwrap().expires.as_millis();
    let left = ends - town.clock.wall().as_millis() - 299_999;
    town.clock.pass(Duration::from_millis(left));
    let process = town.start();
    town.clock.pass(Duration::from_secs(1));
    idle(&process).await;
    assert_eq!(rang(&town).len(), 3, "{last} {late}");
    assert!(is_silent(process.ledger.reader(), late).unwrap());
    process.shutdown().await;
}

/// The requester's own word ends for what was put and for what was not at one moment.
#[tokio::test]
async fn what_is_delayed_rings_when_its_requester_may_ask_again_and_is_said_so_of_all_alike() {
    let mut town = Town::new().await;
    town.settings.budgets.questions_per_requester.most = 3;
    town.settings.budgets.questions_per_number.most = 9;
    let citizen = town.with_citizen().await;
    let mut process = town.start();
    let mut asked = Vec::new();
    for categories in [
        &["care-level"][..],
        &["admission"],
        &["diagnosis"],
        &["admission", "diagnosis"],
        // Four of one institution wait: this one is refused, and told as a question.
        &["care-level", "diagnosis"],
    ] {
        let access = town
            .drill_down_at(categories, &process.ledger, &citizen)
            .await;
        asked.push(access);
        idle(&process).await;
    }
    let [put, not_put] = [asked[3], asked[4]];
    let delayed = |process: &Process| {
        [put, not_put].map(|access| is_delayed(process.ledger.reader(), access).unwrap())
    };
    assert_eq!((rang(&town).len(), delayed(&process)), (3, [true, true]));
    town.clock.pass(Duration::from_secs(3_599));
    process.shutdown().await;
    process = town.start();
    idle(&process).await;
    assert_eq!((rang(&town).len(), delayed(&process)), (3, [true, true]));
    town.clock.pass(Duration::from_secs(1));
    until_so("neither is delayed", || delayed(&process) == [false, false]).await;
    until_so("the question rings", || rang(&town).len() >= 4).await;
    idle(&process).await;
    assert_eq!(rang(&town).len(), 4);
    assert!(!is_silent(process.ledger.reader(), put).unwrap());

    // Both have taken their place in this hour: one more rings, and the next is delayed.
    for (categories, rings) in [(["consultation"], 5), (["medication"], 5)] {
        let other = town.citizen(&process.ledger, &process.contacts).await;
        town.drill_down_at(&["care-level"], &process.ledger, &other)
            .await;
        until_so("it rings", || rang(&town).len() >= rings).await;
        idle(&process).await;
        assert_eq!(rang(&town).len(), rings, "{categories:?}");
    }
    process.shutdown().await;
}

#[tokio::test]
async fn an_institution_cannot_flood_a_town() {
    let mut town = Town::new().await;
    town.settings.budgets.questions_per_requester.most = 2;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let other = town.citizen(&process.ledger, &process.contacts).await;
    idle(&process).await;
    for categories in [["care-level"], ["admission"]] {
        town.drill_down_at(&categories, &process.ledger, &citizen)
            .await;
        town.drill_down_at(&categories, &process.ledger, &other)
            .await;
    }
    idle(&process).await;
    assert_eq!(questions_rung(&town), 2);
    process.shutdown().await;
}

#[tokio::test]
async fn a_question_answered_before_its_message_left_is_not_sent() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.gateway.set(Mood::Down);
    town.drill_down(&process.ledger, &citizen).await;
    until_so("it was tried", || town.gateway.requests() > 0).await;
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::Refused
    );
    town.gateway.set(Mood::Up);
    idle(&process).await;
    process.shutdown().await;
    assert_eq!(questions_rung(&town), 0);
}

#[tokio::test]
async fn a_bare_no_of_whoever_has_her_number_now_touches_nothing_of_hers() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    let (reference, _) = reference_and_code(&town.gateway.taken()[0].text);
    let subject = citizen.person.subject;
    let person = || process.ledger.reader().person(&subject).unwrap();
    let contact = person().contacts[0].contact;
    // Somebody else has shown the number to be theirs, and enrols with it.
    let doubt = DoubtContact { subject, contact };
    process.ledger.submit(doubt).await.unwrap();
    let other = Person::new();
    let phone = Address::Phone(citizen.phone.clone());
    let theirs = town.add(&process.contacts, other.subject, phone);
    process
        .ledger
        .submit(other.enrolment(theirs))
        .await
        .unwrap();
    for text in ["いいえ", "NO", &format!("いいえ {reference}")] {
        let outcome = reply(&process, &citizen, text).await;
        assert_eq!(outcome, ReplyOutcome::NothingOpen, "{text}");
    }
    assert_eq!(refusals(&process, &citizen).len(), 0);
    idle(&process).await;
    // She is told by mail; to the number nothing about her is sent any more.
    let told = town.mail.taken();
    assert!(
        told.iter()
            .any(|mail| mail.body.contains("ほかの方が登録しました"))
    );
    let before = town.gateway.taken().len();
    town.emergency(&process.ledger, &citizen).await;
    idle(&process).await;
    assert_eq!(town.gateway.taken().len(), before);

    // Once she says that they share it, the reference says which of them speaks.
    let confirm = ConfirmContact {
        subject,
        contact,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    process.ledger.submit(confirm).await.unwrap();
    assert_eq!(
        reply(&process, &citizen, "いいえ").await,
        ReplyOutcome::ReferenceNeeded
    );
    assert_eq!(refusals(&process, &citizen).len(), 0);
    let with_reference = format!("いいえ {reference}");
    assert_eq!(
        reply(&process, &citizen, &with_reference).await,
        ReplyOutcome::Refused
    );
    process.shutdown().await;
}

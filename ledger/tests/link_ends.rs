//! A link code that has ended opens nothing, as of the next request: whoever ended it, and
//! whatever was permitted on it before.

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

use akashi_actors::{Actor, claims, commands};
use akashi_ledger::command::{
    AccessReceipt, EndLink, IssueLink, LinkEndReceipt, LinkReceipt, ReleaseReceipt, WithdrawLink,
};
use akashi_ledger::random::draw_secret;
use akashi_ledger::{Done, Refusal};
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::{Generation, LeafIndex, LinkCode};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::record::kind::{
    AccessDecided, Assurance, Event, Kind, Language, LinkEnd, ReleaseReason, Step,
};
use serde_json::json;
use support::{Person, Town};

fn decided(receipt: &AccessReceipt) -> LeafIndex {
    match receipt {
        AccessReceipt::Decided { index } => *index,
        other @ AccessReceipt::Refused { .. } => panic!("{other:?}"),
    }
}

fn end_statement(by: &Actor, code: &LinkCode, cause: LinkEnd) -> Jws {
    let claims = json!({ "link_code": code.as_str(), "cause": cause.as_str() });
    by.sign(Type::LinkEnd, claims)
}

async fn end(town: &Town, statement: Jws) -> Result<Done<LinkEndReceipt>, Refusal> {
    let statement = commands::verify(&town.ledger, statement)?;
    town.ledger.submit(EndLink { statement }).await
}

async fn ended(town: &Town, by: &Actor, code: &LinkCode, cause: LinkEnd) -> LeafIndex {
    let done = end(town, end_statement(by, code, cause)).await.unwrap();
    match done.receipt {
        LinkEndReceipt::Ended { index } => index,
        other @ LinkEndReceipt::Refused { .. } => panic!("{other:?}"),
    }
}

async fn refused(town: &Town, statement: Jws) -> FaultCode {
    match end(town, statement).await.unwrap().receipt {
        LinkEndReceipt::Refused { index, fault } => {
            assert_eq!(town.record(index).kind(), Kind::StatementRefused);
            fault.code
        }
        other @ LinkEndReceipt::Ended { .. } => panic!("{other:?}"),
    }
}

async fn withdraw(town: &Town, by: &Actor, person: &Person) -> Result<LeafIndex, Refusal> {
    let fold = town.ledger.reader().person(&person.subject).unwrap();
    let command = WithdrawLink {
        subject: person.subject,
        institution: by.id().clone(),
        generation: fold.link(by.id()).unwrap().generation,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    town.ledger.submit(command).await.map(|done| done.receipt)
}

/// What an access comes to now.
async fn asked(town: &Town, person: &Person) -> AccessDecided {
    let index = decided(&town.access(person).await.receipt);
    town.record(index).event.decided().unwrap().clone()
}

async fn not_released(town: &Town, permit: LeafIndex) -> Vec<ReleaseReason> {
    match town.release(permit, None).await.receipt {
        ReleaseReceipt::Spent { reasons, .. } => reasons,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_code_that_ended_opens_nothing_whoever_ended_it() {
    let town = &Town::new().await;
    for cause in [None].into_iter().chain(LinkEnd::ALL.iter().map(Some)) {
        for (whose, step) in [
            (&town.hospital, Step::RequesterLink),
            // The policy of these tests does not tell a code that ended from none.
            (&town.pharmacy, Step::Translation),
        ] {
            let person = town.person().await;
            town.give(&person, town.consent(1, &["medication"]))
                .await
                .unwrap();
            let permit = decided(&town.access(&person).await.receipt);
            let code = person.code(whose.id());
            let index = match cause {
                None => withdraw(town, whose, &person).await.unwrap(),
                Some(cause) => ended(town, whose, code, *cause).await,
            };
            let kind = match cause {
                None => Kind::LinkWithdrawn,
                Some(LinkEnd::WrongPerson) => Kind::LinkCorrected,
                Some(LinkEnd::NotNeeded | LinkEnd::Disclosed) => Kind::LinkRevoked,
            };
            assert_eq!(town.record(index).kind(), kind);
            let next = asked(town, &person).await;
            assert_eq!(next.step, Some(step), "{cause:?}");
            assert_eq!(
                not_released(town, permit).await,
                [ReleaseReason::LinkEnded],
                "what was permitted on it is void: {cause:?}"
            );
        }
    }
    assert!(town.open_again().is_ok(), "and read again");
}

#[tokio::test]
async fn a_new_code_wakes_neither_the_old_one_nor_what_was_permitted_on_it() {
    let town = &Town::new().await;
    let person = town.person().await;
    town.give(&person, town.consent(1, &["medication"]))
        .await
        .unwrap();
    let permit = decided(&town.access(&person).await.receipt);
    let old = person.code(town.hospital.id()).clone();
    ended(town, &town.hospital, &old, LinkEnd::Disclosed).await;
    let (new, _) = town.link(&town.hospital, &person).await;
    assert_ne!(new, old);
    let by_old = asked(town, &person).await;
    assert_eq!(by_old.step, Some(Step::RequesterLink));
    assert_eq!(not_released(town, permit).await, [ReleaseReason::LinkEnded]);
    // The old code ends nothing of the new one.
    let again = end_statement(&town.hospital, &old, LinkEnd::NotNeeded);
    assert_eq!(refused(town, again).await, FaultCode::NoMatch);
    let mut claims = town.access_claims(&person);
    claims["subject"] = new.as_str().into();
    let done = town.ask_with(claims).await;
    let record = town.record(decided(&done.receipt));
    assert!(matches!(record.event, Event::AccessPermitted(_)));
}

#[tokio::test]
async fn a_statement_that_ends_a_code_is_good_once_and_for_its_own_institution() {
    let town = &Town::new().await;
    let person = town.person().await;
    let (hers, theirs) = (
        person.code(town.hospital.id()),
        person.code(town.pharmacy.id()),
    );
    // Another's code, and bytes that are no code of anybody.
    let invented = LinkCode::from_sealed(&[7; LinkCode::SEALED_LEN]);
    for code in [theirs, &invented] {
        let statement = end_statement(&town.hospital, code, LinkEnd::WrongPerson);
        assert_eq!(refused(town, statement).await, FaultCode::NoMatch);
    }
    let statement = end_statement(&town.hospital, hers, LinkEnd::NotNeeded);
    let first = end(town, statement.clone()).await.unwrap();
    let size = town.ledger.reader().head().head.size;
    let again = end(town, statement).await.unwrap();
    assert_eq!(again.receipt, first.receipt);
    assert!(again.is_repeat());
    assert_eq!(town.ledger.reader().head().head.size, size);
    let another = end_statement(&town.hospital, hers, LinkEnd::NotNeeded);
    assert_eq!(refused(town, another).await, FaultCode::NoMatch);
    // What she would end has ended: nothing is recorded of it twice.
    let size = town.ledger.reader().head().head.size;
    let twice = withdraw(town, &town.hospital, &person).await;
    assert!(matches!(twice, Err(Refusal::Fault(_))));
    assert_eq!(town.ledger.reader().head().head.size, size);
}

#[tokio::test]
async fn an_old_form_does_not_end_a_newer_code() {
    let town = &Town::new().await;
    let person = town.person().await;
    withdraw(town, &town.hospital, &person).await.unwrap();
    town.link(&town.hospital, &person).await;
    let old = WithdrawLink {
        subject: person.subject,
        institution: town.hospital.id().clone(),
        generation: Generation::FIRST,
        assurance: Assurance::SmsAndRecovery,
        language: Language::En,
    };
    let refused = town.ledger.submit(old).await;
    assert!(matches!(refused, Err(Refusal::Fault(_))));
    let fold = town.ledger.reader().person(&person.subject).unwrap();
    assert!(fold.link(town.hospital.id()).unwrap().stands());
}

#[tokio::test]
async fn a_suspended_institution_still_ends_its_codes() {
    let town = &Town::new().await;
    let person = town.person().await;
    town.suspend(&town.hospital).await;
    let code = person.code(town.hospital.id());
    ended(town, &town.hospital, code, LinkEnd::Disclosed).await;
}

#[tokio::test]
async fn a_code_of_somebody_else_links_nobody() {
    let town = Town::new().await;
    let (asked_for, other) = (town.person().await, town.person().await);
    let ask = async |read_out_by| {
        let link_key = draw_secret();
        let claims = claims::link(&asked_for.qid, "000000", &link_key);
        let statement = town.hospital.sign(Type::Link, claims);
        let command = IssueLink {
            statement: commands::verify(&town.ledger, statement).unwrap(),
            link_key,
            read_out_by,
        };
        town.ledger.submit(command).await.unwrap().receipt
    };
    for read_out_by in [None, Some(other.subject)] {
        let LinkReceipt::Refused { fault, .. } = ask(read_out_by).await else {
            panic!("{read_out_by:?}")
        };
        assert_eq!(fault.code, FaultCode::NoMatch);
    }
    let receipt = ask(Some(asked_for.subject)).await;
    assert!(matches!(receipt, LinkReceipt::Issued { .. }), "{receipt:?}");
}

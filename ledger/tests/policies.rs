//! Which policy decides, and that it is asked before anything is recorded.

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

use std::sync::Arc;

use akashi_actors::commands;
use akashi_ledger::Refusal;
use akashi_ledger::command::{AccessReceipt, GiveConsent};
use akashi_proof::decision::{ConsentQuestion, Decide, Decision, Policies, Question};
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::reason::Reason;
use akashi_proof::record::kind::Event;
use serde_json::json;
use support::{Person, TestPolicy, Town};

/// A policy that lets nobody do anything, under a digest of its own.
struct Strict;

impl Decide for Strict {
    fn engine(&self) -> &str {
        "strict 1"
    }
    fn policy_digest(&self) -> Digest {
        Digest::of(&[b"strict"])
    }
    fn decide(&self, _: &Question<'_>) -> Decision {
        Decision::deny(Reason::BasisNotAllowed)
    }
    fn may_agree(&self, _: &ConsentQuestion<'_>) -> Result<(), Fault> {
        let (expected, found) = ("nothing at all", "something");
        Err(Fault::new(
            FaultCode::BadMember,
            "purposes",
            expected,
            found,
        ))
    }
}

/// Both.
struct Both;

impl Policies for Both {
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>> {
        if *digest == Strict.policy_digest() {
            return Some(Arc::new(Strict));
        }
        TestPolicy.by_digest(digest)
    }
}

async fn put_strict_in_force(town: &Town) {
    let act = json!({
        "act": "policy.activated", "pack": "strict", "version": 2,
        "policy_digest": Strict.policy_digest().to_base64url(),
    });
    let done = commands::act_by_supervisors(&town.ledger, &town.cast, &act).await;
    done.unwrap();
}

/// Asks with these policies at hand; the digest and engine that stand in the record.
async fn ask(
    town: &Town,
    person: &Person,
    policies: Arc<dyn Policies>,
) -> Result<(Digest, String), Refusal> {
    let done = town
        .ask_under(town.access_statement(person), policies)
        .await?;
    let AccessReceipt::Decided { index } = done.receipt else {
        panic!("not decided")
    };
    let record = town.ledger.reader().record(index)?.unwrap().open()?.record;
    match record.event {
        Event::AccessPermitted(e) | Event::AccessDenied(e) => Ok((e.policy_digest, record.engine)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_pack_changes_on_a_running_ledger_and_decides_from_its_record_on() {
    let town = Town::new().await;
    let person = town.person().await;
    let before = ask(&town, &person, Arc::new(Both)).await.unwrap();
    assert_eq!(before.0, TestPolicy.policy_digest());
    put_strict_in_force(&town).await;
    let after = ask(&town, &person, Arc::new(Both)).await.unwrap();
    assert_eq!(after, (Strict.policy_digest(), "strict 1".to_owned()));
}

#[tokio::test]
async fn nothing_is_decided_by_another_pack_than_the_one_in_force() {
    let town = Town::new().await;
    let person = town.person().await;
    put_strict_in_force(&town).await;
    let size = town.ledger.reader().head().head.size;
    let refused = ask(&town, &person, Arc::new(TestPolicy)).await;
    assert!(
        matches!(refused, Err(Refusal::NoPolicy(digest)) if digest == Strict.policy_digest()),
        "{refused:?}"
    );
    assert_eq!(town.ledger.reader().head().head.size, size);
    assert!(
        ask(&town, &person, Arc::new(Both)).await.is_ok(),
        "the writer goes on"
    );
}

#[tokio::test]
async fn a_consent_the_pack_does_not_allow_is_not_recorded_whoever_sends_it() {
    let town = Town::new().await;
    let person = town.person().await;
    put_strict_in_force(&town).await;
    let size = town.ledger.reader().head().head.size;
    let command = GiveConsent {
        subject: person.subject,
        consents: vec![town.consent(1, &["medication"])],
        policies: Arc::new(Both),
    };
    let refused = town.ledger.submit(command).await;
    assert!(
        matches!(&refused, Err(Refusal::Fault(fault)) if fault.field == "purposes"),
        "{refused:?}"
    );
    assert_eq!(town.ledger.reader().head().head.size, size);
}

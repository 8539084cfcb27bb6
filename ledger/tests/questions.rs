//! Questions to a person: each is one record, and so is each refusal that is told as one.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::HashSet;
use std::sync::Arc;

use akashi_ledger::command::AccessReceipt;
use akashi_ledger::index::keys::statement_id;
use akashi_ledger::{Done, OpenRecord};
use akashi_proof::decision::{ConsentQuestion, Decide, Decision, Policies, Question};
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::jws::{Jws, Type};
use akashi_proof::reason::Reason;
use akashi_proof::record::Record;
use akashi_proof::record::kind::{Event, Outcome, Step, YesNo, approval_digest};
use support::{Person, TestPolicy, Town};

/// Asks where the case is "ask"; refuses for the reason that the case names, and says "ask".
struct TellsAsk;

impl Policies for TellsAsk {
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>> {
        (self.policy_digest() == *digest).then(|| Arc::new(Self) as Arc<dyn Decide>)
    }
}

impl Decide for TellsAsk {
    fn engine(&self) -> &str {
        TestPolicy.engine()
    }
    fn policy_digest(&self) -> Digest {
        TestPolicy.policy_digest()
    }
    fn may_agree(&self, _: &ConsentQuestion<'_>) -> Result<(), Fault> {
        Ok(())
    }
    fn decide(&self, q: &Question<'_>) -> Decision {
        let (outcome, reason) = match Reason::parse(q.claims.case.as_deref().unwrap()) {
            Some(reason) => (Outcome::Deny, reason),
            None => (Outcome::Ask, Reason::NoConsent),
        };
        Decision {
            outcome,
            told: Outcome::Ask,
            expires: Some(q.now.plus_millis(600_000)),
            low_risk: true,
            ..Decision::deny(reason)
        }
    }
}

fn statement(town: &Town, person: &Person, case: &str) -> Jws {
    let mut claims = town.access_claims(person);
    claims["case"] = case.into();
    town.hospital.sign(Type::Access, claims)
}

async fn decide(town: &Town, statement: Jws) -> Done<AccessReceipt> {
    let done = town.ask_under(statement, Arc::new(TellsAsk)).await;
    done.unwrap()
}

fn only(done: &Done<AccessReceipt>) -> &OpenRecord {
    let [made] = &done.appended[..] else {
        panic!("{} records", done.appended.len())
    };
    &made.stored
}

#[tokio::test]
async fn a_question_is_one_record_under_a_digest_and_a_reference_of_its_own() {
    let town = Town::new().await;
    let person = town.person().await;
    let (mut digests, mut references) = (HashSet::new(), HashSet::new());
    for _ in 0..20 {
        let done = decide(&town, statement(&town, &person, "ask")).await;
        let stored = only(&done);
        let Event::AccessAsked(asked) = &stored.record.event else {
            panic!("{:?}", stored.record.kind())
        };
        let (origin, decided) = (town.ledger.reader().origin(), &asked.decided);
        let expires = decided.expires.unwrap();
        assert_eq!(
            asked.approval_digest,
            approval_digest(origin, &person.subject, &decided.statement.0, expires)
        );
        assert_eq!(asked.low_risk, YesNo::Yes, "as the policy said");
        let known = town.ledger.reader().person(&person.subject).unwrap();
        let ask = known.ask(stored.index).unwrap();
        assert_eq!(
            (
                ask.approval_digest,
                &ask.reference,
                ask.low_risk,
                ask.expires
            ),
            (
                asked.approval_digest,
                &asked.reference,
                asked.low_risk,
                expires
            )
        );
        assert!(digests.insert(asked.approval_digest));
        assert!(references.insert(asked.reference.clone()));
    }
}

#[tokio::test]
async fn whatever_is_told_as_a_question_leaves_what_a_question_leaves() {
    let told_alike = |reason: &&Reason| {
        let step = reason.step();
        step.is_some_and(|step| (Step::Translation..=Step::Basis).contains(&step))
    };
    let refusals: Vec<&str> = Reason::ALL
        .iter()
        .filter(told_alike)
        .map(|reason| reason.as_str())
        .collect();
    assert!(refusals.len() > 10);
    let town = Town::new().await;
    let person = town.person().await;
    let mut tags = HashSet::new();
    let mut last = None;
    for case in refusals.into_iter().flat_map(|reason| ["ask", reason]) {
        let statement = statement(&town, &person, case);
        let done = decide(&town, statement.clone()).await;
        let stored = only(&done);
        let decided = stored.record.event.decided().unwrap();
        let outcome = if case == "ask" {
            Outcome::Ask
        } else {
            Outcome::Deny
        };
        assert_eq!(
            (decided.outcome, decided.told),
            (outcome, Outcome::Ask),
            "{case}"
        );
        // One entry, of one length, right behind the one before, under a checkpoint of its own.
        assert_eq!(
            last.replace(stored.index)
                .map_or(stored.index, |i| i.next()),
            stored.index
        );
        assert_eq!(stored.entry.to_bytes().len(), 97);
        let size = town.ledger.reader().head().head.size;
        assert_eq!(size.next_index(), stored.index.next());
        assert!(tags.insert(stored.entry.tag) && tags.insert(stored.entry.gate));
        // A retry finds it, and appends nothing.
        let id = statement_id(&decided.requester, &decided.jti);
        let found = town.ledger.reader().find_statement_id(&id).unwrap();
        assert_eq!(found, Some(stored.index), "{case}");
        let again = decide(&town, statement).await;
        assert_eq!(
            (again.receipt, again.appended.len()),
            (
                AccessReceipt::Decided {
                    index: stored.index
                },
                0
            )
        );
    }
}

#[tokio::test]
async fn a_question_under_another_digest_or_reference_does_not_follow() {
    let town = Town::new().await;
    let person = town.person().await;
    let before = town.ledger.reader().person(&person.subject).unwrap();
    let done = decide(&town, statement(&town, &person, "ask")).await;
    let OpenRecord { index, record, .. } = only(&done);
    let Event::AccessAsked(asked) = &record.event else {
        panic!("{:?}", record.kind())
    };
    let takes = |event| {
        let record = Record {
            event: Event::AccessAsked(event),
            ..record.clone()
        };
        before.as_ref().clone().apply(*index, &record).is_ok()
    };
    assert!(takes(asked.clone()));
    let mut other = asked.clone();
    other.approval_digest = Digest::of(&[b"another question"]);
    assert!(!takes(other), "another digest");
    let mut other = asked.clone();
    other.reference =
        akashi_proof::ids::Reference::of(&asked.approval_digest, |drawn| *drawn == asked.reference);
    assert!(!takes(other), "another reference");
    let mut other = asked.clone();
    other.decided.expires = asked.decided.expires.map(|expires| expires.plus_millis(1));
    assert!(!takes(other), "another end");
    let mut other = asked.clone();
    other.decided.expires = None;
    assert!(!takes(other), "no end");
}

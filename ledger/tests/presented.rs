//! Evidence is spent only by a holder to which its requester presented it: by the key the permit
//! names, with a presentation of this evidence, for this holder, just now.

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
use std::time::Duration;

use akashi_actors::{Actor, commands, named, seeded};
use akashi_ledger::command::{AccessReceipt, ReleaseReceipt};
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use akashi_proof::record::kind::ReleaseReason;
use akashi_proof::statement::ReleaseClaims;
use akashi_tlog::base64::url;
use serde_json::json;
use support::{Person, Town};

struct Case {
    town: Town,
    person: Person,
}

impl Case {
    async fn new() -> Self {
        let town = Town::new().await;
        let person = town.person().await;
        let consent = town.consent(1, &["medication"]);
        town.give(&person, consent).await.unwrap();
        Self { town, person }
    }

    /// A permit whose evidence this key of the hospital will present; its own where none is named.
    async fn permit(&self, presenter: Option<&Actor>) -> AccessReceipt {
        let mut claims = self.town.access_claims(&self.person);
        if let Some(presenter) = presenter {
            claims["cnf"] = json!({ "jkt": presenter.who().kid().as_str() });
        }
        self.town.ask_with(claims).await.receipt
    }

    async fn report(&self, index: LeafIndex, presented: String) -> ReleaseReceipt {
        let digest = self.digest(index).to_base64url();
        let claims = json!({
            "index": index.value(), "evidence_digest": digest, "presented": presented,
        });
        let report = self.town.pharmacy.sign(Type::Release, claims);
        self.town.release(index, Some(report)).await.receipt
    }

    fn digest(&self, index: LeafIndex) -> Digest {
        commands::evidence_digest_of(&self.town.ledger, index)
    }

    /// What this actor shows the pharmacy.
    fn shown(&self, by: &Actor, index: LeafIndex) -> String {
        by.presents(self.town.pharmacy.id(), self.digest(index))
    }

    /// An institution with another key than its name's.
    fn with_key(&self, name: &str, seed: u8) -> Actor {
        let clock: Arc<dyn Clock> = self.town.clock.clone();
        let origin = self.town.ledger.reader().origin().clone();
        Actor::new(seeded(name, seed), &origin, clock)
    }

    async fn register(&self, key: &Actor) {
        let kid = key.who().kid().as_str();
        let claims = json!({
            "act": "key.registered", "key_use": "sign", "kid": kid,
            "public_key": url::encode(key.who().public().as_bytes()),
            "valid_from": self.town.clock.wall().as_millis() / 1000,
        });
        commands::act(&self.town.ledger, &self.town.hospital, claims)
            .await
            .unwrap();
        self.town.clock.pass(Duration::from_secs(1));
    }
}

fn decided(receipt: AccessReceipt) -> LeafIndex {
    match receipt {
        AccessReceipt::Decided { index } => index,
        other @ AccessReceipt::Refused { .. } => panic!("{other:?}"),
    }
}

fn fault(receipt: ReleaseReceipt) -> Fault {
    match receipt {
        ReleaseReceipt::Refused { fault, .. } => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_release_needs_the_presentation_of_its_requester() {
    let case = Case::new().await;
    let permit = decided(case.permit(None).await);
    let another = decided(case.permit(None).await);
    let (hospital, pharmacy) = (&case.town.hospital, &case.town.pharmacy);
    let conveyor = case.with_key("conveyor.kita", 9);
    let thief = case.with_key("hospital.chuo", 9);
    let to_another = hospital.presents(named("pharmacy.kita").id(), case.digest(permit));
    let stale = case.shown(hospital, permit);
    case.town.clock.pass(Duration::from_secs(302));
    let mut changed = case.shown(hospital, permit);
    // Its first character: of the last ones, some stand in every sixteenth signature.
    let at = changed.rfind('.').unwrap() + 1;
    let other = if changed[at..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    changed.replace_range(at..=at, other);
    for (presented, field) in [
        (case.shown(pharmacy, permit), "kid"),
        (case.shown(&conveyor, permit), "kid"),
        (case.shown(&thief, permit), "kid"),
        (to_another, "aud"),
        (case.shown(hospital, another), "ath"),
        (stale, "iat"),
        (changed, "signature"),
    ] {
        let fault = fault(case.report(permit, presented).await);
        assert_eq!(fault.field, format!("presented.{field}"), "{fault}");
    }
    let digest = case.digest(permit).to_base64url();
    let none = json!({ "index": permit.value(), "evidence_digest": digest, "presented": null });
    let none = case.town.pharmacy.sign(Type::Release, none);
    let none = commands::verify::<ReleaseClaims>(&case.town.ledger, none).unwrap_err();
    assert_eq!(none.field, "presented");

    // Nothing of it was spent.
    let shown = case.shown(hospital, permit);
    let released = case.report(permit, shown.clone()).await;
    assert!(matches!(released, ReleaseReceipt::Released { .. }));
    // An honest holder that lost the answer reports the same presentation again.
    assert_eq!(case.report(permit, shown).await, released);
}

#[tokio::test]
async fn the_key_that_presents_is_one_of_the_requester_s_and_ends_the_permit() {
    let case = Case::new().await;
    let second = case.with_key("hospital.chuo", 9);
    for (unknown, whose) in [
        (&second, "not registered"),
        (&case.town.pharmacy, "another's"),
    ] {
        match case.permit(Some(unknown)).await {
            AccessReceipt::Refused { fault, .. } => assert_eq!(
                (fault.code, &*fault.field),
                (FaultCode::InvalidKey, "cnf.jkt"),
                "{whose}"
            ),
            other @ AccessReceipt::Decided { .. } => panic!("{whose}: {other:?}"),
        }
    }
    case.register(&second).await;
    let permit = decided(case.permit(Some(&second)).await);
    let of_an_ended_key = decided(case.permit(Some(&second)).await);
    let by_first = case.shown(&case.town.hospital, permit);
    let fault = fault(case.report(permit, by_first).await);
    assert_eq!(fault.field, "presented.kid");
    let released = case.report(permit, case.shown(&second, permit)).await;
    assert!(matches!(released, ReleaseReceipt::Released { .. }));

    let revoked = json!({
        "act": "key.revoked", "kid": second.who().kid().as_str(), "reason": "stolen",
    });
    commands::act(&case.town.ledger, &case.town.hospital, revoked)
        .await
        .unwrap();
    let late = case.shown(&second, of_an_ended_key);
    match case.report(of_an_ended_key, late).await {
        ReleaseReceipt::Spent { reasons, .. } => assert_eq!(reasons, [ReleaseReason::KeyEnded]),
        other => panic!("{other:?}"),
    }
}

//! What one institution can do to the ledger, through the API: as much as is said, and what is
//! above it is counted, never permitted and never silently dropped.

use akashi_desk::reading::Work;
use akashi_ledger::LedgerError;
use akashi_proof::digest::Digest;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use akashi_proof::record::kind::{CountedFor, Event, StatementsThrottled};
use akashi_proof::record::{Position, Record};
use serde_json::json;

use crate::answers::read;
use crate::foundation::role_assigned;
use crate::town::{Answer, Town};

/// All records of the log.
async fn records(town: &Town) -> Vec<Record> {
    let read = town.app.read(Work::Institutions, |reader| {
        let stored = reader.records_from(LeafIndex::new(0), 10_000)?;
        let open = stored.into_iter().map(|one| Ok(one.open()?.record));
        open.collect::<Result<_, LedgerError>>()
    });
    read.await.unwrap().unwrap()
}

/// What was counted, by whose it was.
async fn counted(town: &Town) -> Vec<(String, StatementsThrottled)> {
    town.app.record_throttled().await;
    let of = |record: Record| match (record.event, record.position) {
        (Event::StatementsThrottled(counted), Position::Institution(place)) => {
            Some((place.institution.to_string(), counted))
        }
        _ => None,
    };
    records(town).await.into_iter().filter_map(of).collect()
}

fn is_suspended(answer: &Answer) {
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert_eq!(answer.json()["type"], "/problems/suspended");
}

#[tokio::test]
async fn a_suspended_institution_is_counted_and_nobody_is_resolved_for_it() {
    let town = Town::new().await;
    let who = "hospital.chuo";
    let link = town.link(who).await;
    town.link("hospital.minato").await;
    let permit = town.sign(who, Type::Access, town.emergency(&link));
    let permit = town.access(&permit).await.json();
    assert_eq!(permit["decision"], "permit");
    let suspend = json!({
        "act": "institution.suspended", "institution": who, "reason": "inspection",
    });
    let done = town.post("/v1/acts", town.by_supervisors(&suspend), &[]);
    assert_eq!(done.await.status, 200);
    let before = town.recorded().await;

    // About her, about nobody, unreadable; at her counter; of its own; by this server and the next.
    let begins = async |town: &Town| {
        for claims in [
            town.emergency(&link),
            town.emergency("lc_nobody"),
            json!({ "subject": 7 }),
        ] {
            is_suspended(&town.access(&town.sign(who, Type::Access, claims)).await);
        }
        let claims = town.link_claims();
        is_suspended(
            &town
                .post_link(&town.sign(who, Type::Link, claims.clone()))
                .await,
        );
        let link = town.sign("city.hall", Type::Link, claims);
        assert_eq!(
            town.post_link(&link).await.status,
            200,
            "her code is unspent"
        );
        let role = town.sign(who, Type::Act, role_assigned("dr-09", "physician"));
        is_suspended(&town.post("/v1/acts", role, &[]).await);
        let figures = town.get("/metrics").await.text();
        let figure = "akashi_statements_counted_total{why=\"suspended\"} 5\n";
        assert!(figures.contains(figure), "{figures}");
    };
    begins(&town).await;
    assert_eq!(
        town.recorded().await,
        before + 1,
        "nothing but the other's link"
    );
    is_suspended(&read(&town, who, permit["id"].as_str().unwrap()).await);
    let [(of, first)] = &counted(&town).await[..] else {
        panic!("one record for all of them")
    };
    assert_eq!((&**of, first.count), (who, 5));
    assert_eq!(first.counted_for, CountedFor::Suspended);
    let town = town.restart().await;
    begins(&town).await;
    assert_eq!(counted(&town).await.len(), 2);

    // Nobody releases on what it was permitted before, and it may end what is its own.
    let before = town.recorded().await;
    let digest = Digest::of(&[b"evidence"]).to_base64url();
    let release = json!({ "index": permit["index"], "evidence_digest": digest });
    let release = town.sign("hospital.minato", Type::Release, release);
    let refused = town.post("/v1/releases", release, &[]).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(refused.json()["found"], "institution-suspended");
    let ended = json!({
        "act": "role.ended", "role_holder": "dr-01", "role": "emergency-physician",
    });
    town.act(who, ended, &[]).await;
    assert_eq!(town.recorded().await, before + 2);
}

/// Everybody else is answered as before.
#[tokio::test]
async fn what_is_counted_of_one_institution_costs_no_other() {
    let town = Town::new().await;
    let link = town.link("city.hall").await;
    let suspend = json!({
        "act": "institution.suspended", "institution": "hospital.chuo", "reason": "inspection",
    });
    let done = town.post("/v1/acts", town.by_supervisors(&suspend), &[]);
    assert_eq!(done.await.status, 200);
    for _ in 0..700 {
        let statement = town.sign("hospital.chuo", Type::Access, town.emergency("lc_nobody"));
        is_suspended(&town.access(&statement).await);
    }
    let statement = town.sign("city.hall", Type::Access, town.drill_down(&link));
    let answer = town.access(&statement).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

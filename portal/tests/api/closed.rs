//! Records whose bodies are lost, withheld or erased: what is told of them to whom.

use akashi_proof::ids::Timestamp;
use akashi_proof::jws::Type;
use akashi_proof::record::Closed;
use akashi_tlog::tlog_proof::TlogProof;
use serde_json::json;

use crate::answers::{log_keys, read};
use crate::town::Town;

const STATES: [Closed; 3] = [
    Closed::Lost,
    Closed::Withheld {
        reveal_by: Some(Timestamp::from_seconds(1_900_000_000)),
    },
    Closed::Erased,
];

#[tokio::test]
async fn a_closed_access_is_gone_to_its_requester_and_its_proof_stands() {
    for closed in STATES {
        let town = Town::new().await;
        let link = town.link("hospital.chuo").await;
        town.link("hospital.minato").await;
        let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
        let permit = town.access(&statement).await.json();
        let (index, id) = (permit["index"].as_u64().unwrap(), &permit["id"]);
        let id = id.as_str().unwrap().to_owned();
        let town = town.restart_with_closed(&[index], closed).await;
        let again = town.access_again("hospital.chuo", &statement).await;
        for answer in [&again, &read(&town, "hospital.chuo", &id).await] {
            assert_eq!(answer.status, 410, "{closed}: {}", answer.text());
            assert_eq!(answer.json()["type"], "/problems/record-closed");
            let text = answer.text();
            assert!(
                STATES.iter().all(|state| !text.contains(state.as_str())),
                "which it is, is hers to know: {text}"
            );
        }
        let explained = town.get("/problems/record-closed").await;
        assert_eq!(explained.status, 200);
        let proof = town.get(&format!("/v1/proofs/{index}")).await;
        let proof = TlogProof::parse(&proof.body).unwrap();
        proof.verify_extra(&log_keys(&town).await, &[]).unwrap();
        // A name that is guessed leads to nothing that could be closed.
        let spent = akashi_ledger::index::keys::spent_key(akashi_proof::ids::LeafIndex::new(index));
        let guessed = akashi_tlog::base64::url::encode(&spent);
        assert_eq!(read(&town, "hospital.chuo", &guessed).await.status, 404);
        let other = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
        let other = town.access(&other).await.json();
        assert_eq!(other["decision"], "permit", "the writer goes on");
    }
}

#[tokio::test]
async fn a_report_on_a_closed_permit_is_refused_with_its_own_word() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    let index = town.access(&statement).await.json()["index"]
        .as_u64()
        .unwrap();
    let town = town.restart_with_closed(&[index], Closed::Erased).await;
    let digest = akashi_tlog::base64::url::encode(&[1; 32]);
    let claims = json!({ "index": index, "evidence_digest": digest });
    let report = town.sign("hospital.minato", Type::Release, claims);
    let refused = town.post("/v1/releases", report, &[]).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let problem = refused.json();
    assert_eq!(problem["type"], "/problems/not-releasable");
    assert_eq!(problem["found"], "record-closed");
}

#[tokio::test]
async fn a_closed_record_of_the_registry_says_so_and_nothing_but_an_emergency_is_decided() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    // Entry 0, then the four institutions' certifications with a role between them: the last one.
    let town = town.restart_with_closed(&[7], Closed::Erased).await;
    let seq = town.app.registry().seq.value();
    let mut gone = 0;
    for seq in 1..=seq {
        let body = town.get(&format!("/log/registry/{seq}")).await;
        match body.status.as_u16() {
            200 => {}
            410 => {
                assert_eq!(body.json()["type"], "/problems/record-closed");
                gone += 1;
            }
            other => panic!("{other}: {}", body.text()),
        }
    }
    assert_eq!(gone, 1);
    let emergency = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    assert_eq!(town.access(&emergency).await.json()["decision"], "permit");
    let mut plain = town.emergency(&link);
    plain["basis"] = json!({ "kind": "consent" });
    let plain = town.sign("hospital.chuo", Type::Access, plain);
    let plain = town.access(&plain).await.json();
    assert_eq!(plain["decision"], "deny", "{plain}");
    assert_eq!(
        plain["reasons"],
        json!(["2-institution", "registry-incomplete"])
    );
}

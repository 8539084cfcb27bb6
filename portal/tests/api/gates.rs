//! What the API tells a holder of the gates of its own link, and a requester of how many permits it
//! may have waiting.

use akashi_proof::digest::Secret;
use akashi_proof::gate::{CatchUp, KeptGates, SeenLog};
use akashi_proof::ids::LinkCode;
use akashi_proof::jws::Type;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::answers::log_keys;
use crate::town::{Answer, Town};

/// Reads as this institution, with a token of its own.
async fn read(town: &Town, who: &str, path: &str) -> Answer {
    let token = town.sign(who, Type::Request, json!({ "htm": "GET", "htu": path }));
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    town.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_requester_is_told_that_too_many_of_its_permits_wait() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    let mut told = Vec::new();
    for _ in 0..17 {
        let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
        told.push(town.access(&statement).await.json());
    }
    let refused = told.pop().unwrap();
    assert!(told.iter().all(|answer| answer["decision"] == "permit"));
    assert_eq!(refused["decision"], "deny");
    let reasons = json!(["10-rules", "too-many-open-permits"]);
    assert_eq!(refused["reasons"], reasons);
    town.pass_seconds(601);
    let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    assert_eq!(town.access(&statement).await.json()["decision"], "permit");
}

#[tokio::test]
async fn a_holder_reads_gates_of_its_own_link_and_of_no_other() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    let holder_link = town.link("hospital.minato").await;
    let link_key: Secret = town.link_key();
    for asked in 0..40 {
        if asked % 16 == 15 {
            // Those before are over, and a role-holder declares so many emergencies in an hour.
            town.pass_seconds(3_600);
        }
        let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
        assert_eq!(town.access(&statement).await.json()["decision"], "permit");
    }
    let path = format!("/v1/links/{holder_link}/gates?above=0&from=0");
    let answer = read(&town, "hospital.minato", &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let gates = CatchUp::parse(&answer.body).unwrap();
    let keys = log_keys(&town).await;
    let (kept, mut seen) = (
        KeptGates::new(LinkCode::parse(&holder_link).unwrap()),
        SeenLog::new(keys.origin().clone()),
    );
    let caught_up = gates.verify(&keys, &link_key, &kept, &seen).unwrap();
    assert_eq!(caught_up.highest().map(|m| m.value()), Some(32));
    caught_up.remember(&mut seen);

    // From there on, with a proof that the log only grew.
    town.access(&town.sign("hospital.chuo", Type::Access, town.emergency(&link)))
        .await;
    let size = seen.head().size;
    let path = format!("/v1/links/{holder_link}/gates?above=32&from={size}");
    let later = read(&town, "hospital.minato", &path).await;
    let later = CatchUp::parse(&later.body).unwrap();
    assert!(later.gates.is_empty() && !later.consistency.is_empty());
    assert!(later.verify(&keys, &link_key, &kept, &seen).is_ok());

    let of = |code: &str, query: &str| format!("/v1/links/{code}/gates?{query}");
    let never = LinkCode::from_sealed(&[9; LinkCode::SEALED_LEN]);
    for (who, path, status) in [
        ("hospital.chuo", of(&holder_link, "above=0"), 404),
        ("hospital.minato", of(&link, "above=0"), 404),
        ("hospital.minato", of(never.as_str(), "above=0"), 404),
        ("hospital.minato", of("lc_short", "above=0"), 404),
        (
            "hospital.minato",
            of(&holder_link, "above=0&from=999999"),
            409,
        ),
        ("hospital.minato", of(&holder_link, "from=0"), 400),
        ("hospital.minato", of(&holder_link, "above=0&above=1"), 400),
        ("hospital.minato", of(&holder_link, "above=-1"), 400),
        ("hospital.minato", of(&holder_link, "above=01"), 400),
        ("hospital.minato", of(&holder_link, "above=0&most=9"), 400),
        (
            "hospital.minato",
            of(&holder_link, "above=18446744073709551615"),
            200,
        ),
    ] {
        let answer = read(&town, who, &path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert!(!answer.holds_link_code(), "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
    assert_eq!(town.get(&of(&holder_link, "above=0")).await.status, 401);
}

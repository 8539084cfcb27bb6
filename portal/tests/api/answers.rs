//! Answers: what they hold, that a retry gets the same bytes for ever, that cases which must not be
//! told apart are not.

use akashi_desk::reading::Work;
use akashi_ledger::command::{Answer as Said, AnswerApproval};
use akashi_proof::decision::Policies;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::evidence::Evidence;
use akashi_proof::evidence::evidence_digest;
use akashi_proof::ids::{GateNumber, InstitutionId, LeafIndex};
use akashi_proof::jws::Type;
use akashi_proof::record::kind::{AnsweredBy, Assurance, Language};
use akashi_proof::statement::header;
use akashi_tlog::base64::url;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::tlog_proof::TlogProof;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::foundation::BEGIN;
use crate::town::{Answer, PERSON, Town};

pub async fn log_keys(town: &Town) -> LogKeys {
    let line = town.get("/log/vkey").await.text();
    LogKeys::new(vec![VerifyingKey::parse(line.trim_end()).unwrap()]).unwrap()
}

/// Reads an access as its institution.
pub async fn read(town: &Town, who: &str, id: &str) -> Answer {
    let path = format!("/v1/accesses/{id}");
    let token = town.sign(who, Type::Request, json!({ "htm": "GET", "htu": path }));
    read_with(town, &path, &token).await
}

async fn read_with(town: &Town, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    town.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_permit_comes_with_proof_and_evidence_that_stand_offline() {
    let town = Town::new().await;
    let (link, holder_link) = (
        town.link("hospital.chuo").await,
        town.link("hospital.minato").await,
    );
    let answer = town
        .access(&town.sign("hospital.chuo", Type::Access, town.emergency(&link)))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["decision"], "permit");
    let keys = log_keys(&town).await;
    let proof = TlogProof::parse(answer["proof"].as_str().unwrap().as_bytes()).unwrap();
    let (_, included) = proof.verify_extra(&keys, &[]).unwrap();
    assert_eq!(included.index().value(), answer["index"].as_u64().unwrap());

    let text = answer["evidence"].as_str().unwrap();
    let evidence = Evidence::parse(text.as_bytes()).unwrap();
    let verified = evidence.verify(&keys, &[]).unwrap();
    assert_eq!(verified.requester.as_str(), "hospital.chuo");
    let part = verified
        .unseal(&town.evidence_key("hospital.minato"))
        .unwrap();
    assert_eq!(part.link_code.as_str(), holder_link);
    assert_eq!(part.gate_number, GateNumber::FIRST);
    verified
        .check_gate_bytes(part.gate_number, &town.link_key())
        .unwrap();
    for secret in [link.as_str(), "found unconscious", "lc_"] {
        assert!(!text.contains(secret));
    }

    let checked = verify(&town, text).await;
    assert_eq!(checked.status, 200, "{}", checked.text());
    let checked = checked.json();
    assert_eq!(
        (&checked["expired"], &checked["index"]),
        (&json!(false), &answer["index"])
    );
    assert_eq!(checked["holder"], "hospital.minato");
    let changed = text.replacen("requester", "requestor", 1);
    let refused = verify(&town, &changed).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["type"]),
        (422, &json!("/problems/evidence-invalid"))
    );
    town.pass_seconds(601);
    assert_eq!(verify(&town, text).await.json()["expired"], true);
}

async fn verify(town: &Town, text: &str) -> Answer {
    let request = Request::post("/v1/evidence/verify").header("content-type", "text/plain");
    town.call(request.body(Body::from(text.to_owned())).unwrap())
        .await
}

#[tokio::test]
async fn a_retry_gets_the_same_bytes_also_after_later_records_and_a_restart() {
    let town = Town::new().await;
    let (link, city) = (
        town.link("hospital.chuo").await,
        town.link("city.hall").await,
    );
    town.link("hospital.minato").await;
    let permit = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    let ask = town.sign("city.hall", Type::Access, town.drill_down(&city));
    let deny = town.sign("hospital.chuo", Type::Access, {
        let mut claims = town.emergency(&link);
        claims["role"] = json!("physician");
        claims
    });
    let bad = town.sign("hospital.chuo", Type::Access, {
        let mut claims = town.emergency(&link);
        claims["purpose"] = json!("curiosity");
        claims
    });
    let foreign = town.sign("hospital.chuo", Type::Access, town.emergency(&city));
    let statements = [permit, ask, deny, bad, foreign];
    let signers = [
        "hospital.chuo",
        "city.hall",
        "hospital.chuo",
        "hospital.chuo",
        "hospital.chuo",
    ];
    let mut first = Vec::new();
    for statement in &statements {
        first.push(town.access(statement).await);
    }
    let told: Vec<Value> = first
        .iter()
        .map(|answer| answer.json()["decision"].clone())
        .collect();
    assert_eq!(
        told,
        [
            json!("permit"),
            json!("ask"),
            json!("deny"),
            Value::Null,
            Value::Null
        ]
    );
    assert_eq!(first[2].json()["reasons"][0], "3-role");

    // Many more records, another key of the holder that claims to have been there before, a
    // restart.
    for _ in 0..20 {
        town.access(&town.sign("hospital.chuo", Type::Access, town.emergency(&link)))
            .await;
    }
    let key = Secret::from_bytes([0xE2; 32]);
    town.register_evidence_key("hospital.minato", &key, BEGIN)
        .await;
    // That a retry records nothing is shown where no notifier appends beside it
    // (`ledger/tests/whole_log.rs`).
    let again = |town: Town| async {
        for ((statement, signer), first) in statements.iter().zip(signers).zip(&first) {
            let answer = town.access_again(signer, statement).await;
            assert_eq!(answer.status, first.status);
            assert_eq!(answer.text(), first.text());
        }
        town
    };
    let town = again(town).await;
    town.pass_seconds(1000);
    again(town.restart().await).await;
}

#[tokio::test]
async fn a_link_code_sent_for_again_is_the_same_answer_and_spends_no_code() {
    let town = Town::new().await;
    let statement = town.sign("hospital.chuo", Type::Link, town.link_claims());
    let first = town.post_link(&statement).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let code = town
        .app
        .counter_codes
        .issue(PERSON, town.app.clock.monotonic_millis());
    assert_eq!(town.post_link(&statement).await.text(), first.text());
    let by = InstitutionId::parse("hospital.chuo").unwrap();
    let now = town.app.clock.monotonic_millis();
    assert!(
        town.app
            .counter_codes
            .take(&PERSON, (&by, Digest::of(&[b"another"])), &code, now),
        "the new code was not spent"
    );
    // After a restart nobody is known to have sent it first: its signer says who it is.
    let town = town.restart().await;
    assert_eq!(town.post_link(&statement).await.status, 409);
    let (key, token) = (
        url::encode(town.link_key().expose()),
        town.token("hospital.chuo", "/v1/link-codes"),
    );
    let headers = [(header::LINK_KEY, &*key), ("authorization", &*token)];
    let again = town.post("/v1/link-codes", statement, &headers).await;
    assert_eq!(again.text(), first.text());
}

#[tokio::test]
async fn a_code_read_out_is_for_one_request_however_many_come_at_once() {
    let town = Town::new().await;
    // The same bytes, as a client sends them that was not answered in time: one link.
    let statement = town.sign("hospital.chuo", Type::Link, town.link_claims());
    let before = town.recorded().await;
    let (first, again) = tokio::join!(town.post_link(&statement), town.post_link(&statement));
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(first.text(), again.text());
    assert_eq!(town.recorded().await, before + 1, "and nothing else");
    // Two counters that heard the same code: one has the link, the other none.
    let claims = town.link_claims();
    let by = |who: &str| town.sign(who, Type::Link, claims.clone());
    let (hospital, hall) = (by("hospital.minato"), by("city.hall"));
    let (one, other) = tokio::join!(town.post_link(&hospital), town.post_link(&hall));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    assert!(one.holds_link_code() != other.holds_link_code());
}

#[tokio::test]
async fn a_permit_without_an_evidence_key_of_the_holder_says_so_for_ever() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("pharmacy.midori").await;
    let mut claims = town.emergency(&link);
    claims["holder"] = json!("pharmacy.midori");
    let statement = town.sign("hospital.chuo", Type::Access, claims);
    let first = town.access(&statement).await;
    let answer = first.json();
    assert_eq!(answer["decision"], "permit");
    assert!(answer.get("evidence").is_none());
    assert_eq!(
        answer["reasons"].as_array().unwrap().last().unwrap(),
        "holder-has-no-evidence-key"
    );
    town.pass_seconds(1);
    let key = Secret::from_bytes([0xE3; 32]);
    town.register_evidence_key("pharmacy.midori", &key, 1).await;
    assert_eq!(town.access(&statement).await.text(), first.text());
}

#[tokio::test]
async fn evidence_is_spent_once() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    let permit = town
        .access(&town.sign("hospital.chuo", Type::Access, town.emergency(&link)))
        .await
        .json();
    let evidence_digest = evidence_digest(permit["evidence"].as_str().unwrap()).to_base64url();
    let claims = json!({ "index": permit["index"], "evidence_digest": evidence_digest });
    let report = town.sign("hospital.minato", Type::Release, claims.clone());
    let released = town.post("/v1/releases", report.clone(), &[]).await;
    assert_eq!(
        (released.status.as_u16(), &released.json()["released"]),
        (200, &json!(true))
    );
    assert_eq!(
        town.post("/v1/releases", report, &[]).await.text(),
        released.text(),
        "a retry"
    );

    let before = town.recorded().await;
    let answer_lost = town.sign("hospital.minato", Type::Release, claims.clone());
    let again = town.post("/v1/releases", answer_lost, &[]).await;
    assert_eq!(
        again.text(),
        released.text(),
        "signed anew by an honest holder"
    );
    assert_eq!(town.recorded().await, before);

    let mut other_evidence = claims.clone();
    other_evidence["evidence_digest"] = json!(Digest::from_bytes([8; 32]).to_base64url());
    let second = town.sign("hospital.minato", Type::Release, other_evidence);
    let spent = town.post("/v1/releases", second.clone(), &[]).await;
    let problem = spent.json();
    assert_eq!(
        (spent.status.as_u16(), &problem["type"]),
        (409, &json!("/problems/not-releasable"))
    );
    assert_eq!(problem["found"], "spent, other-evidence");
    assert_eq!(
        town.post("/v1/releases", second, &[]).await.text(),
        spent.text()
    );
    assert_eq!(town.recorded().await, before + 1);

    let other = town.sign("pharmacy.midori", Type::Release, claims);
    let refused = town.post("/v1/releases", other, &[]).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["type"]),
        (422, &json!("/problems/no-match"))
    );
}

#[tokio::test]
async fn a_question_that_stands_for_a_refusal_cannot_be_told_from_a_real_one() {
    let town = Town::new().await;
    let city = town.link("city.hall").await;
    // At hospital.chuo nobody has a link for her: not known there, but the answer is "ask" all the
    // same.
    let unknown_there = town.sign("city.hall", Type::Access, {
        let mut claims = town.drill_down(&city);
        claims["holder"] = json!("hospital.chuo");
        claims
    });
    let fake = town.access(&unknown_there).await.json();
    town.link("hospital.minato").await;
    let real = town
        .access(&town.sign("city.hall", Type::Access, town.drill_down(&city)))
        .await
        .json();
    let refused = town
        .access(&town.sign("city.hall", Type::Access, town.drill_down(&city)))
        .await
        .json();
    let shape = |answer: &Value| {
        let mut answer = answer.clone();
        for name in ["id", "index", "proof"] {
            answer[name] = Value::Null;
        }
        answer
    };
    assert_eq!(shape(&fake), shape(&real));
    assert_eq!(fake["decision"], "ask");

    let index = refused["index"].as_u64().unwrap();
    answer_question(&town, index, Said::Refuse).await;
    let ids = [&fake, &real, &refused].map(|answer| answer["id"].as_str().unwrap().to_owned());
    for id in &ids {
        let reading = read(&town, "city.hall", id).await;
        assert_eq!(reading.status, 200, "{}", reading.text());
        assert_eq!(
            reading.json()["resolution"],
            Value::Null,
            "nothing shows before the time is over"
        );
    }
    let expires = fake["expires"].as_u64().unwrap() / 1000;
    town.pass_seconds(expires - town.now());
    for id in &ids {
        let reading = read(&town, "city.hall", id).await.json();
        assert_eq!(
            reading["resolution"],
            json!({ "decision": "deny", "reasons": ["not-available"] })
        );
        assert_eq!(reading["decision"], "ask", "the first answer stays");
    }
}

#[tokio::test]
async fn an_approval_shows_as_a_permit_at_once() {
    let town = Town::new().await;
    let city = town.link("city.hall").await;
    town.link("hospital.minato").await;
    let asked = town
        .access(&town.sign("city.hall", Type::Access, town.drill_down(&city)))
        .await
        .json();
    answer_question(&town, asked["index"].as_u64().unwrap(), Said::Approve).await;
    let reading = read(&town, "city.hall", asked["id"].as_str().unwrap())
        .await
        .json();
    let resolution = &reading["resolution"];
    assert_eq!(resolution["decision"], "permit", "{reading}");
    let keys = log_keys(&town).await;
    let evidence = Evidence::parse(resolution["evidence"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(
        json!(evidence.verify(&keys, &[]).unwrap().index.value()),
        resolution["index"]
    );
    assert_eq!(reading["proof"], asked["proof"]);
}

/// The citizen answers a question.
pub async fn answer_question(town: &Town, access: u64, answer: Said) {
    let access = LeafIndex::new(access);
    let person = town
        .app
        .read(Work::Institutions, |reader| reader.person(&PERSON))
        .await
        .unwrap()
        .unwrap();
    let digest = person.ask(access).unwrap().approval_digest;
    let command = AnswerApproval {
        subject: PERSON,
        access,
        approval_digest: digest,
        answer,
        answered_by: AnsweredBy::Portal,
        wording_digest: Digest::from_bytes([4; 32]),
        language: Language::Ja,
        assurance: Assurance::SmsAndRecovery,
        policies: Arc::clone(&town.app.shelf) as Arc<dyn Policies>,
    };
    town.ledger.submit(command).await.unwrap();
}

#[tokio::test]
async fn a_read_needs_a_token_made_for_exactly_it() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    let permit = town
        .access(&town.sign("hospital.chuo", Type::Access, town.emergency(&link)))
        .await
        .json();
    let id = permit["id"].as_str().unwrap();
    let reading = read(&town, "hospital.chuo", id).await.json();
    assert_eq!(
        (&reading["evidence"], &reading["resolution"]),
        (&permit["evidence"], &Value::Null)
    );

    let nowhere = url::encode(&[7; 32]);
    assert_eq!(
        read(&town, "hospital.minato", id).await.status,
        404,
        "another institution's"
    );
    assert_eq!(read(&town, "hospital.chuo", &nowhere).await.status, 404);
    assert_eq!(read(&town, "hospital.chuo", "x").await.status, 404);

    let path = format!("/v1/accesses/{id}");
    let token = |claims: Value| town.sign("hospital.chuo", Type::Request, claims);
    let good = token(json!({ "htm": "GET", "htu": path }));
    assert_eq!(read_with(&town, &path, &good).await.status, 200);
    for (bad, field) in [
        (good.clone(), "jti"),
        (token(json!({ "htm": "POST", "htu": path })), "htm"),
        (
            token(json!({ "htm": "GET", "htu": "/v1/accesses/x" })),
            "htu",
        ),
        (
            token(json!({ "htm": "GET", "htu": path, "iat": town.now() - 301 })),
            "iat",
        ),
        (
            token(json!({ "htm": "GET", "htu": path, "aud": "other.example/log" })),
            "aud",
        ),
        (
            town.sign(
                "hospital.chuo",
                Type::Access,
                json!({ "htm": "GET", "htu": path }),
            ),
            "typ",
        ),
        (
            town.sign(
                "nobody.known",
                Type::Request,
                json!({ "htm": "GET", "htu": path }),
            ),
            "kid",
        ),
        ("nonsense".into(), "authorization"),
    ] {
        let answer = read_with(&town, &path, &bad).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["field"]),
            (401, &json!(field)),
            "{}",
            answer.text()
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let answer = town.get(&path).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["field"]),
        (401, &json!("authorization"))
    );
}

#[tokio::test]
async fn an_act_sent_again_is_not_done_twice_and_suspension_takes_effect_at_once() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    let role = json!({
        "act": "role.assigned", "role_holder": "x-1", "role": "nurse", "valid_from": town.now(),
    });
    let statement = town.sign("hospital.chuo", Type::Act, role);
    let first = town.post("/v1/acts", statement.clone(), &[]).await;
    let before = town.recorded().await;
    assert_eq!(
        town.post("/v1/acts", statement, &[]).await.text(),
        first.text()
    );
    assert_eq!(town.recorded().await, before);

    let suspend = json!({
        "act": "institution.suspended", "institution": "hospital.chuo", "reason": "inspection",
    });
    assert_eq!(
        town.post("/v1/acts", town.by_supervisors(&suspend), &[])
            .await
            .status,
        200
    );
    let answer = town
        .access(&town.sign("hospital.chuo", Type::Access, town.emergency(&link)))
        .await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["type"], "/problems/suspended");
}

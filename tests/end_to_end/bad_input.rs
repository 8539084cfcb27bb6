//! Bad input gets one clear problem that names the field, and changes nothing but the record of the
//! refusal.

use akashi_proof::ids::LinkCode;
use akashi_proof::jws::Type;
use akashi_proof::statement::header::REQUEST_NONCE;
use akashi_tests::institution::post;
use akashi_tests::server::Answered;
use akashi_tlog::base64;
use serde_json::{Value, json};

use crate::{Demo, benefit_check};

const NONCE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

async fn send(demo: &Demo, body: Vec<u8>) -> Answered {
    post(
        &demo.server,
        "/v1/accesses",
        body,
        &[(REQUEST_NONCE, NONCE)],
    )
    .await
}

fn assert_problem(answered: &Answered, code: &str, field: &str) {
    let problem = answered.json();
    assert!(
        (400..500).contains(&answered.status),
        "{code}: {} {problem}",
        answered.status
    );
    assert!(
        problem["type"].as_str().unwrap().ends_with(code),
        "{code}: {problem}"
    );
    assert!(
        problem["field"].as_str().unwrap().starts_with(field),
        "{code}: {problem}"
    );
    for member in ["title", "status", "detail", "expected", "found"] {
        assert!(!problem[member].is_null(), "{member} is missing: {problem}");
    }
}

#[tokio::test]
async fn what_no_registered_key_signed_leaves_no_record() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let claims = city.claims(&benefit_check(&demo.citizen("haruka")), "/", &[0; 16]);
    let honest = city.sign(Type::Access, claims);
    let before = demo.server.settled().await;
    let mut invalid_utf8 = honest.clone().into_bytes();
    invalid_utf8[3] = 0xFF;
    let mut forged = honest.clone();
    forged.replace_range(
        honest.len() - 20..honest.len() - 19,
        if &honest[honest.len() - 20..honest.len() - 19] == "A" {
            "B"
        } else {
            "A"
        },
    );
    let unknown_key = {
        let header = base64::url::encode(
            format!(
                r#"{{"alg":"Ed25519","kid":"{}","typ":"akashi-access+jws"}}"#,
                "A".repeat(43)
            )
            .as_bytes(),
        );
        format!("{header}.{}", honest.split_once('.').unwrap().1)
    };
    for (body, code, field) in [
        (b"not a jws".to_vec(), "malformed-jws", "body"),
        (Vec::new(), "malformed-jws", "body"),
        (invalid_utf8, "malformed-jws", "body"),
        (vec![b'a'; 20_000], "too-large", "body"),
        (forged.into_bytes(), "bad-signature", "signature"),
        (unknown_key.into_bytes(), "unknown-key", "kid"),
    ] {
        assert_problem(&send(&demo, body).await, code, field);
    }
    assert_eq!(demo.server.settled().await, before);
}

#[tokio::test]
async fn what_a_registered_key_signed_is_refused_by_name_and_recorded() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");
    let honest = || -> Value { city.claims(&benefit_check(&haruka), "/", &[0; 16]) };
    let with = |name: &str, value: Value| {
        let mut claims = honest();
        claims[name] = value;
        city.sign(Type::Access, claims)
    };
    let duplicate = {
        let text = city.sign(Type::Access, honest());
        let claims = base64::url::decode(text.split('.').nth(1).unwrap()).unwrap();
        let claims = String::from_utf8(claims)
            .unwrap()
            .replacen('{', r#"{"role":"mayor","#, 1);
        city.sign_text(Type::Access, &claims)
    };
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let before = demo.server.settled().await;
    let cases = [
        (
            with("aud", json!("other.example/log")),
            "wrong-audience",
            "aud",
        ),
        (with("iat", json!(now - 3_600)), "not-fresh", "iat"),
        (
            with("iat", json!(99_999_999_999_999u64)),
            "absurd-date",
            "iat",
        ),
        (with("iat", json!(0)), "absurd-date", "iat"),
        (
            with("purpose", json!("world-domination")),
            "unknown-code",
            "purpose",
        ),
        (
            with("process", json!("city.unheard-of")),
            "unknown-code",
            "process",
        ),
        (
            with("categories", json!(["astrology"])),
            "unknown-code",
            "categories",
        ),
        (
            with("subject", json!(LinkCode::from_sealed(&[1; 35]).as_str())),
            "foreign-link-code",
            "subject",
        ),
        (
            with("subject", json!(haruka.code("insurer.hinata"))),
            "foreign-link-code",
            "subject",
        ),
        (
            with("subject", json!("Aoba Haruka")),
            "bad-member",
            "subject",
        ),
        (with("nickname", json!("x")), "unknown-member", "nickname"),
        (duplicate, "malformed-claims", "claims"),
        (city.sign(Type::Release, honest()), "wrong-type", "typ"),
    ];
    // What is meant for elsewhere, or does not say when it was signed, is its sender's fault alone.
    let senders = [
        "wrong-audience",
        "absurd-date",
        "malformed-claims",
        "wrong-type",
    ];
    let is_recorded = |(_, code, _): &&(String, &str, &str)| !senders.contains(code);
    let count = cases.iter().filter(is_recorded).count() as u64;
    assert_eq!(count, 8);
    for (statement, code, field) in &cases {
        let answered = send(&demo, statement.clone().into_bytes()).await;
        assert_problem(&answered, code, field);
        assert!(
            !String::from_utf8_lossy(&answered.bytes).contains("Haruka"),
            "nothing personal is repeated"
        );
    }
    let told = demo.server.settled().await - before;
    assert!(told >= count, "each refusal is recorded: {told} of {count}");
}

#[tokio::test]
async fn other_bytes_under_a_used_jti_conflict() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let mut claims = city.claims(&benefit_check(&demo.citizen("haruka")), "/", &[0; 16]);
    claims["jti"] = base64::url::encode(&[42; 16]).into();
    assert_eq!(
        send(&demo, city.sign(Type::Access, claims.clone()).into_bytes())
            .await
            .status,
        200
    );
    claims["case"] = "another".into();
    let other = send(&demo, city.sign(Type::Access, claims).into_bytes()).await;
    assert_eq!(other.status, 409);
    assert_problem(&other, "jti-conflict", "jti");
}

#[tokio::test]
async fn headers_beside_a_statement_are_checked_too() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let claims = city.claims(&benefit_check(&demo.citizen("haruka")), "/", &[0; 16]);
    let statement = city.sign(Type::Access, claims).into_bytes();
    for headers in [
        &[][..],
        &[(REQUEST_NONCE, "short")],
        &[(REQUEST_NONCE, "!!!!!!!!!!!!!!!!!!!!!!")],
    ] {
        let answered = post(&demo.server, "/v1/accesses", statement.clone(), headers).await;
        assert!((400..500).contains(&answered.status));
        assert_eq!(
            answered.json()["field"]
                .as_str()
                .unwrap()
                .to_ascii_lowercase(),
            REQUEST_NONCE
        );
    }
}

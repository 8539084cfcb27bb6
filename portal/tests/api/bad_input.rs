//! Bad input: the exact status, type and field; nothing else has changed, but - where a registered
//! key signed it - the record of the refusal.

use akashi_actors::{named, sign};
use akashi_proof::jws::Type;
use akashi_proof::statement::header::REQUEST_NONCE;
use akashi_tlog::base64::url;
use serde_json::{Value, json};

use crate::foundation::{certified, nonce, role_assigned, text};
use crate::town::{Answer, Town};

/// Signs exactly these bytes as claims.
fn sign_bytes(who: &str, typ: Type, claims: impl AsRef<[u8]>) -> String {
    text(&sign(&named(who), typ, claims))
}

/// What is sent and what must come back.
struct Case {
    name: &'static str,
    body: Vec<u8>,
    status: u16,
    kind: &'static str,
    field: &'static str,
    recorded: bool,
}

fn case(
    name: &'static str,
    body: impl Into<Vec<u8>>,
    expected: (u16, &'static str, &'static str),
    recorded: bool,
) -> Case {
    let (status, kind, field) = expected;
    Case {
        name,
        body: body.into(),
        status,
        kind,
        field,
        recorded,
    }
}

fn check(case: &Case, answer: &Answer, grew: u64) {
    let name = case.name;
    let problem = answer.json();
    assert_eq!(answer.status, case.status, "{name}: {problem}");
    assert_eq!(
        problem["type"],
        format!("/problems/{}", case.kind),
        "{name}"
    );
    assert_eq!(problem["field"], case.field, "{name}: {problem}");
    assert_eq!(problem["status"], case.status, "{name}");
    for member in ["title", "detail", "expected", "found"] {
        assert!(
            problem[member]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{name}: {member} in {problem}"
        );
    }
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{name}"
    );
    assert_eq!(grew, u64::from(case.recorded), "{name}: records");
    assert_eq!(
        problem["index"].is_u64(),
        case.recorded,
        "{name}: {problem}"
    );
    // The record is the reference; without one it is the request.
    assert_eq!(
        problem["request_id"].is_string(),
        !case.recorded,
        "{name}: {problem}"
    );
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn bad_access_statements() {
    let town = Town::new().await;
    let own = town.link("hospital.chuo").await;
    let foreign = town.link("hospital.minato").await;
    let good = town.emergency(&own);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        town.sign("hospital.chuo", Type::Access, claims)
    };
    let good_text = town.sign("hospital.chuo", Type::Access, good.clone());
    let (signed, _) = good_text.rsplit_once('.').unwrap();
    let twice = town
        .complete("hospital.chuo", good.clone())
        .to_string()
        .replacen('{', r#"{"role":"nurse","#, 1);
    let other_key = {
        let claims = town.complete("hospital.chuo", good.clone()).to_string();
        sign_bytes("nobody.known", Type::Access, claims)
    };
    let foreign_key = town.sign("pharmacy.midori", Type::Access, {
        let mut claims = good.clone();
        claims["iss"] = json!("hospital.chuo");
        claims
    });
    // The claims themselves are not UTF-8; the signature over them is good.
    let invalid_utf8 = sign_bytes("hospital.chuo", Type::Access, b"{\"iss\":\"\xFF\"}");
    let cases = [
        case("not a JWS", "hello", (400, "malformed-jws", "body"), false),
        case("empty", "", (400, "malformed-jws", "body"), false),
        case(
            "bytes that are not UTF-8",
            vec![0xFF, 0xFE],
            (400, "malformed-jws", "body"),
            false,
        ),
        case(
            "a space before it",
            format!(" {good_text}"),
            (400, "malformed-jws", "body"),
            false,
        ),
        case(
            "padded base64",
            format!("{good_text}="),
            (400, "malformed-jws", "body"),
            false,
        ),
        case(
            "a line after it",
            format!("{good_text}\n"),
            (400, "malformed-jws", "body"),
            false,
        ),
        case(
            "alg none",
            format!(
                "{}.e30.{}",
                url::encode(br#"{"alg":"none"}"#),
                url::encode(&[0; 64])
            ),
            (400, "bad-header", "header.alg"),
            false,
        ),
        case(
            "oversized",
            vec![b'a'; 16 * 1024 + 1],
            (413, "too-large", "body"),
            false,
        ),
        case(
            "another signature",
            format!("{signed}.{}", url::encode(&[0; 64])),
            (401, "bad-signature", "signature"),
            false,
        ),
        case("unknown key", other_key, (401, "unknown-key", "kid"), false),
        case(
            "a key of another institution",
            foreign_key,
            (403, "invalid-key", "iss"),
            true,
        ),
        case(
            "another type",
            town.sign("hospital.chuo", Type::Link, good.clone()),
            (400, "wrong-type", "typ"),
            false,
        ),
        case(
            "claims that are not UTF-8",
            invalid_utf8,
            (400, "malformed-claims", "claims"),
            false,
        ),
        case(
            "a member twice",
            sign_bytes("hospital.chuo", Type::Access, &twice),
            (400, "malformed-claims", "claims"),
            false,
        ),
        case(
            "claims that are no object",
            sign_bytes("hospital.chuo", Type::Access, "[]"),
            (400, "malformed-claims", "claims"),
            false,
        ),
        case(
            "an unknown member",
            with("name", json!("x")),
            (400, "unknown-member", "name"),
            true,
        ),
        case(
            "a fraction of another time",
            with("iat", json!(1.5)),
            (422, "not-fresh", "iat"),
            true,
        ),
        case(
            "a visible ID as subject",
            with("subject", json!(crate::town::qid())),
            (400, "bad-member", "subject"),
            true,
        ),
        case(
            "no categories",
            with("categories", json!([])),
            (400, "bad-member", "categories"),
            true,
        ),
        case(
            "the year 300,000",
            with("iat", json!(9_999_999_999_999u64)),
            (400, "absurd-date", "iat"),
            false,
        ),
        case(
            "1970",
            with("iat", json!(0)),
            (400, "absurd-date", "iat"),
            false,
        ),
        case(
            "wrong audience",
            with("aud", json!("other.example/log")),
            (422, "wrong-audience", "aud"),
            false,
        ),
        case(
            "old iat",
            with("iat", json!(town.now() - 301)),
            (422, "not-fresh", "iat"),
            true,
        ),
        case(
            "iat in the future",
            with("iat", json!(town.now() + 301)),
            (422, "not-fresh", "iat"),
            true,
        ),
        case(
            "unknown purpose",
            with("purpose", json!("curiosity")),
            (422, "unknown-code", "purpose"),
            true,
        ),
        case(
            "unknown process",
            with("process", json!("no.such")),
            (422, "unknown-code", "process"),
            true,
        ),
        case(
            "unknown holder",
            with("holder", json!("hospital.nowhere")),
            (422, "unknown-code", "holder"),
            true,
        ),
        case(
            "foreign link code",
            with("subject", json!(foreign)),
            (422, "foreign-link-code", "subject"),
            true,
        ),
    ];
    for case in &cases {
        let before = town.recorded().await;
        let answer = town
            .post(
                "/v1/accesses",
                case.body.clone(),
                &[(REQUEST_NONCE, &nonce())],
            )
            .await;
        check(case, &answer, town.recorded().await - before);
        if case.recorded {
            // A retry by its signer gets the same bytes and leaves no second record.
            let before = town.recorded().await;
            let signer = if case.name == "a key of another institution" {
                "pharmacy.midori"
            } else {
                "hospital.chuo"
            };
            let token = town.token(signer, "/v1/accesses");
            let headers = [(REQUEST_NONCE, &*nonce()), ("authorization", &*token)];
            let again = town.post("/v1/accesses", case.body.clone(), &headers).await;
            assert_eq!(again.text(), answer.text(), "{}", case.name);
            assert_eq!(town.recorded().await, before, "{}", case.name);
        }
    }
    // After all of that an honest statement is decided as ever.
    assert_eq!(town.access(&good_text).await.json()["decision"], "permit");
}

#[tokio::test]
async fn headers_beside_a_statement() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    let before = town.recorded().await;
    for (headers, status, kind, field) in [
        (vec![], 400, "missing-member", REQUEST_NONCE),
        (
            vec![(REQUEST_NONCE, "short")],
            400,
            "bad-member",
            REQUEST_NONCE,
        ),
        (
            vec![
                (REQUEST_NONCE, "AgICAgICAgICAgICAgICAg"),
                (REQUEST_NONCE, "AgICAgICAgICAgICAgICAg"),
            ],
            400,
            "bad-member",
            REQUEST_NONCE,
        ),
    ] {
        let answer = town.post("/v1/accesses", statement.clone(), &headers).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &problem["field"]),
            (status, &json!(field)),
            "{problem}"
        );
        assert_eq!(problem["type"], format!("/problems/{kind}"));
    }
    let request = axum::http::Request::post("/v1/accesses")
        .header("content-type", "application/json")
        .header(REQUEST_NONCE, nonce())
        .body(axum::body::Body::from(statement.clone()))
        .unwrap();
    assert_eq!(town.call(request).await.status, 415);
    assert_eq!(
        town.recorded().await,
        before,
        "a header is no part of what was signed: nothing is recorded"
    );
    assert_eq!(town.access(&statement).await.status, 200);
}

#[tokio::test]
async fn an_identifier_used_for_other_bytes_is_a_conflict() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    let mut claims = town.complete("hospital.chuo", town.emergency(&link));
    let statement = town.sign("hospital.chuo", Type::Access, claims.clone());
    let first = town.access(&statement).await;
    assert_eq!(first.json()["decision"], "permit");
    claims["case"] = json!("another");
    let before = town.recorded().await;
    let other = town.sign("hospital.chuo", Type::Access, claims);
    let answer = town.access(&other).await;
    let expected = case("replayed jti", other, (409, "jti-conflict", "jti"), true);
    check(&expected, &answer, town.recorded().await - before);
    assert_eq!(
        town.access(&statement).await.text(),
        first.text(),
        "the first statement keeps its answer"
    );
}

#[tokio::test]
async fn bad_link_requests_issue_nothing() {
    let town = Town::new().await;
    let good = town.link_claims();
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        town.sign("hospital.chuo", Type::Link, claims)
    };
    let cases = [
        case(
            "a code that is none",
            with("code", json!("12345")),
            (400, "bad-member", "code"),
            true,
        ),
        case(
            "nobody's visible ID",
            with("qid", json!(format!("qid:{}", "8".repeat(43)))),
            (422, "no-match", "qid"),
            true,
        ),
        case(
            "another link key",
            with("link_check", json!(url::encode(&[1; 32]))),
            (422, "mismatch", "link_check"),
            true,
        ),
        case(
            "wrong audience",
            with("aud", json!("other.example/log")),
            (422, "wrong-audience", "aud"),
            false,
        ),
    ];
    for case in &cases {
        let before = town.recorded().await;
        let answer = town
            .post_link(&String::from_utf8(case.body.clone()).unwrap())
            .await;
        check(case, &answer, town.recorded().await - before);
    }
    let wrong = if good["code"] == "000000" {
        "000001"
    } else {
        "000000"
    };
    let answer = town.post_link(&with("code", json!(wrong))).await;
    let nobody = town
        .post_link(&with("qid", json!(format!("qid:{}", "9".repeat(43)))))
        .await;
    let (mut answer, mut nobody) = (answer.json(), nobody.json());
    (answer["index"], nobody["index"]) = (Value::Null, Value::Null);
    assert_eq!(
        answer, nobody,
        "a wrong code and an unknown person look the same"
    );
    // What failed for another reason has not spent the code.
    let answer = town
        .post_link(&town.sign("hospital.chuo", Type::Link, good.clone()))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let spent = town
        .post_link(&town.sign("hospital.chuo", Type::Link, good))
        .await;
    assert_eq!(
        (spent.status.as_u16(), &spent.json()["type"]),
        (422, &json!("/problems/no-match"))
    );
}

#[tokio::test]
async fn bad_acts() {
    let town = Town::new().await;
    let suspend = json!({
        "act": "institution.suspended", "institution": "hospital.chuo", "reason": "inspection",
    });
    let role = json!({
        "act": "role.assigned", "role_holder": "x-1", "role": "nurse", "valid_from": town.now(),
    });
    let one = town.sign("supervisor.north", Type::Act, suspend.clone());
    let twice = format!(
        "{one}\n{}",
        town.sign("supervisor.north", Type::Act, suspend.clone())
    );
    let mixed = {
        let mut other = suspend.clone();
        other["reason"] = json!("another");
        format!("{one}\n{}", town.sign("supervisor.south", Type::Act, other))
    };
    let foreign_pack = town.by_supervisors(&json!({
        "act": "policy.activated", "pack": "town", "version": 2,
        "policy_digest": url::encode(&[3; 32]),
    }));
    let own = town.sign("city.hall", Type::Act, role.clone());
    let another_s = town.sign("hospital.chuo", Type::Act, role.clone());
    let in_force = town.app.policy().digest().to_base64url();
    let pack = |name: &str, version: u64| {
        town.by_supervisors(&json!({
            "act": "policy.activated", "pack": name, "version": version, "policy_digest": in_force,
        }))
    };
    let mistyped_sector = town.by_supervisors(&{
        let mut claims = certified("hospital.kita", "北病院", "Kita Hospital");
        claims["sector"] = json!("hopsital");
        claims
    });
    let mistyped_role = town.sign(
        "city.hall",
        Type::Act,
        role_assigned("of-02", "welfare-oficer"),
    );
    let end_role = |role_holder: &str, role: &str| {
        let claims = json!({ "act": "role.ended", "role_holder": role_holder, "role": role });
        town.sign("city.hall", Type::Act, claims)
    };
    let cases = [
        case(
            "the digest of a pack under another name",
            pack("village", 1),
            (409, "conflict", "pack"),
            false,
        ),
        case(
            "the digest of a pack under another version",
            pack("town", 2),
            (409, "conflict", "version"),
            false,
        ),
        case(
            "the pack that is in force",
            pack("town", 1),
            (409, "conflict", "act"),
            false,
        ),
        case(
            "a sector the pack does not know",
            mistyped_sector,
            (422, "unknown-code", "sector"),
            false,
        ),
        case(
            "a role the pack does not know",
            mistyped_role,
            (422, "unknown-code", "role"),
            true,
        ),
        case(
            "the end of a role nobody holds",
            end_role("of-01", "nurse"),
            (409, "conflict", "role"),
            true,
        ),
        case(
            "the end of somebody else's role",
            end_role("of-9", "welfare-officer"),
            (409, "conflict", "role"),
            true,
        ),
        case(
            "one supervisor",
            one.clone(),
            (403, "not-authorised", "body"),
            false,
        ),
        case(
            "the same twice",
            twice,
            (403, "not-authorised", "iss"),
            false,
        ),
        case(
            "two different acts",
            mixed,
            (403, "not-authorised", "act"),
            false,
        ),
        case(
            "an institution as supervisor",
            town.sign("city.hall", Type::Act, suspend.clone()),
            (403, "not-authorised", "act"),
            true,
        ),
        case(
            "a supervisor as institution",
            town.sign("supervisor.north", Type::Act, role.clone()),
            (403, "not-authorised", "act"),
            false,
        ),
        case(
            "another pack",
            foreign_pack,
            (409, "conflict", "policy_digest"),
            false,
        ),
        case("an empty body", "", (400, "malformed-jws", "body"), false),
        case(
            "an institution's own act twice",
            format!("{own}\n{own}"),
            (403, "not-authorised", "body"),
            false,
        ),
        case(
            "an institution's own act beside another's",
            format!("{own}\n{another_s}"),
            (403, "not-authorised", "body"),
            false,
        ),
        case(
            "an institution's own act beside a supervisor's",
            format!("{one}\n{own}"),
            (403, "not-authorised", "body"),
            false,
        ),
        case(
            "many lines",
            "a\n".repeat(9),
            (413, "too-large", "body"),
            false,
        ),
        case(
            "an old act",
            town.sign("city.hall", Type::Act, {
                let mut old = role.clone();
                old["iat"] = json!(town.now() - 400);
                old
            }),
            (422, "not-fresh", "iat"),
            true,
        ),
    ];
    for case in &cases {
        let before = town.recorded().await;
        let answer = town.post("/v1/acts", case.body.clone(), &[]).await;
        check(case, &answer, town.recorded().await - before);
    }
    for alone in [own, another_s] {
        let answer = town.post("/v1/acts", alone, &[]).await;
        assert_eq!(
            answer.status,
            200,
            "what somebody put it beside was no refusal of it: {}",
            answer.text()
        );
    }
    let ended = town
        .post("/v1/acts", end_role("of-01", "welfare-officer"), &[])
        .await;
    assert_eq!(
        ended.status,
        200,
        "a role that is held ends as ever: {}",
        ended.text()
    );
}

//! Signed bytes are worth nothing to whoever repeats them: every statement any record carries - the
//! registry publishes some, a person's file opens others - to every route, while it is fresh, when
//! it is old, and when its key is revoked, with and without a token, twice, by somebody else.

use std::fmt::Write as _;
use std::net::SocketAddr;

use akashi_desk::limits::Rates;
use akashi_desk::reading::Work;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::{Jws, Type};
use akashi_proof::state::Verified;
use akashi_proof::statement::header::{LINK_KEY, REQUEST_NONCE};
use akashi_proof::statement::{ActClaims, Claims, ReleaseClaims};
use akashi_tlog::base64::url;
use axum::extract::ConnectInfo;
use serde_json::{Value, json};

use crate::foundation::{jose, nonce, role_assigned};
use crate::town::{Answer, Town};

const CHUO: &str = "hospital.chuo";
const MINATO: &str = "hospital.minato";
const CITY: &str = "city.hall";

const ROUTES: [(&str, Type); 5] = [
    ("/v1/accesses", Type::Access),
    ("/v1/link-codes", Type::Link),
    ("/v1/link-ends", Type::LinkEnd),
    ("/v1/releases", Type::Release),
    ("/v1/acts", Type::Act),
];

/// What a stranger may show beside the bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    Nothing,
    TokenOfAnother,
    TokenForAnotherRoute,
    /// Which only the signer can: there it is no stranger.
    TokenOfSigner,
}

const SHOWN: [Shown; 4] = [
    Shown::Nothing,
    Shown::TokenOfAnother,
    Shown::TokenForAnotherRoute,
    Shown::TokenOfSigner,
];

/// Bytes that somebody has got hold of.
struct Got {
    body: String,
    typ: Type,
    signer: String,
    /// Whether a record carries them.
    known: bool,
}

impl Got {
    fn of(body: &str, known: bool) -> Self {
        let jws = Jws::parse(body.lines().next().unwrap().as_bytes()).unwrap();
        let claims = body.split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&url::decode(claims).unwrap()).unwrap();
        Self {
            body: body.to_owned(),
            typ: jws.typ(),
            signer: claims["iss"].as_str().unwrap().to_owned(),
            known,
        }
    }
}

/// Everything any record carries: alone, and together as it was sent.
async fn carried(town: &Town) -> Vec<Got> {
    let read = town.app.read(Work::Institutions, |reader| {
        reader.records_from(LeafIndex::FIRST, 10_000)
    });
    let mut got = Vec::new();
    for record in read.await.unwrap().unwrap() {
        let record = record.open().unwrap();
        let statements = record.record.event.statements().iter();
        let texts: Vec<String> = statements
            .clone()
            .map(|one| String::from_utf8(one.0.clone()).unwrap())
            .collect();
        got.extend(texts.iter().map(|text| Got::of(text, true)));
        // What the requester had signed for the holder stands inside its report.
        let reports = statements.filter_map(|one| {
            let jws = Jws::parse(&one.0).ok()?;
            ReleaseClaims::read(&jws).ok()
        });
        got.extend(reports.map(|report| Got::of(report.presented.as_str(), true)));
        if texts.len() > 1 {
            got.push(Got::of(&texts.join("\n"), true));
        }
    }
    got
}

/// One of each type that was signed and never sent.
fn unsent(town: &Town, link: &str) -> Vec<Got> {
    let claims = [
        (Type::Access, town.emergency(link)),
        (Type::Link, town.link_claims()),
        (Type::LinkEnd, end_of(link)),
        (
            Type::Release,
            json!({ "index": 1, "evidence_digest": url::encode(&[8; 32]) }),
        ),
        (Type::Act, role_assigned("x-7", "nurse")),
    ];
    let sign = |(typ, claims)| Got::of(&town.sign(CHUO, typ, claims), false);
    claims.map(sign).into_iter().collect()
}

fn end_of(link: &str) -> Value {
    json!({ "link_code": link, "cause": "disclosed" })
}

/// Sent from elsewhere than anything before.
async fn send(town: &Town, got: &Got, route: &str, shown: Shown) -> Answer {
    let token = match shown {
        Shown::Nothing => None,
        Shown::TokenOfAnother if got.signer == MINATO => Some(town.token(CITY, route)),
        Shown::TokenOfAnother => Some(town.token(MINATO, route)),
        Shown::TokenForAnotherRoute => Some(town.token(&got.signer, "/v1/elsewhere")),
        Shown::TokenOfSigner => Some(town.token(&got.signer, route)),
    };
    let (nonce, key) = (nonce(), url::encode(town.link_key().expose()));
    let mut headers = vec![(REQUEST_NONCE, &*nonce), (LINK_KEY, &*key)];
    headers.extend(token.as_deref().map(|token| ("authorization", token)));
    let mut request = jose(route, got.body.clone(), &headers);
    let stranger: SocketAddr = "203.0.113.9:4711".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(stranger));
    town.call(request).await
}

/// Who sends.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// Strangers, and the signer where it belongs to nothing.
    Strangers,
    /// The signer, where it belongs: what it is answered again it pays for.
    Signer,
}

/// Sends all of it everywhere, by strangers and then by its signer to a server under usual rates.
async fn all_differences(town: Town, age: &str, all: &[Got]) -> (Town, String) {
    let mut table = differences(&town, age, all, By::Strangers).await;
    let town = town.restart_under(usual()).await;
    table += &differences(&town, age, all, By::Signer).await;
    (town.restart_under(one_statement()).await, table)
}

/// Sends all of it everywhere; what differs from what must be, a line each.
async fn differences(town: &Town, age: &str, all: &[Got], by: By) -> String {
    let mut table = String::new();
    let answered_to_signer = age != "revoked";
    for got in all {
        for (route, typ) in ROUTES {
            for (place, shown) in SHOWN.into_iter().enumerate() {
                let signer_asks = shown == Shown::TokenOfSigner && typ == got.typ;
                if signer_asks != (by == By::Signer) {
                    continue;
                }
                let before = town.recorded().await;
                let first = send(town, got, route, shown).await;
                let second = send(town, got, route, shown).await;
                let recorded = town.recorded().await - before;
                // Late and unknown: once, by the first who sends it where it belongs.
                let once = !got.known && typ == got.typ && place == 0;
                let told = first.status == 200 || second.status == 200;
                let code = first.holds_link_code() || second.holds_link_code();
                let charged = town
                    .app
                    .limits
                    .statements
                    .check(got.signer.as_bytes())
                    .is_err();
                let entitled = signer_asks && (answered_to_signer || got.signer != CHUO);
                let wrong = recorded != u64::from(once)
                    || charged
                    || (!entitled && (told || code))
                    || (entitled && got.known && !same_answer(&first, &second));
                if wrong {
                    writeln!(
                        table,
                        "{age} {} of {} known={} to {route} {shown:?}: recorded {recorded}, \
                         charged {charged}, {} {} {}",
                        got.typ,
                        got.signer,
                        got.known,
                        first.status,
                        second.status,
                        first.text(),
                    )
                    .unwrap();
                }
            }
        }
    }
    table
}

/// Of what is not recorded each answer names its own request.
fn same_answer(first: &Answer, second: &Answer) -> bool {
    let without_id = |answer: &Answer| {
        let mut problem = answer.json();
        problem.as_object_mut().unwrap().remove("request_id");
        problem
    };
    first.text() == second.text()
        || (is_of_others(first) && without_id(first) == without_id(second))
}

/// Some statements of an act without the others, or a link key that is not the one sent before.
fn is_of_others(answer: &Answer) -> bool {
    let problem = answer.json();
    let is = |kind, field| problem["type"] == kind && problem["field"] == field;
    is("/problems/conflict", "body") || is("/problems/mismatch", LINK_KEY)
}

/// A town in which everything that carries a statement has happened; then a server under which one
/// charge to any institution shows at once.
async fn lived_in() -> (Town, String) {
    let town = Town::new().await;
    let city = town.link(CITY).await;
    town.link(MINATO).await;
    let link = town.link(CHUO).await;
    let permit = town
        .access(&town.sign(CHUO, Type::Access, town.emergency(&link)))
        .await
        .json();
    for claims in [town.drill_down(&city), town.drill_down("lc_nobody")] {
        town.access(&town.sign(CITY, Type::Access, claims)).await;
    }
    for evidence in [1, 2] {
        let digest = url::encode(&[evidence; 32]);
        let claims = json!({ "index": permit["index"], "evidence_digest": digest });
        let report = town.sign(MINATO, Type::Release, claims);
        town.post("/v1/releases", report, &[]).await;
    }
    let ended = town.sign(CITY, Type::LinkEnd, end_of(&city));
    assert_eq!(town.post("/v1/link-ends", ended, &[]).await.status, 200);
    let end = json!({ "act": "role.ended", "role_holder": "ph-01", "role": "pharmacist" });
    town.act("pharmacy.midori", end, &[]).await;
    let misspelt = role_assigned("x-1", "nurze");
    let refused = town.sign(CHUO, Type::Act, misspelt);
    assert_eq!(town.post("/v1/acts", refused, &[]).await.status, 422);
    (town.restart_under(one_statement()).await, link)
}

/// Usual rates for whoever signs.
fn usual() -> Rates {
    Rates {
        unsigned_per_minute: 1_000_000,
        ..Rates::default()
    }
}

/// Rates under which one charge to any institution shows at once.
fn one_statement() -> Rates {
    Rates {
        statements_per_minute: 1,
        ..usual()
    }
}

#[tokio::test]
async fn nothing_that_is_repeated_is_recorded_charged_or_answered_to_a_stranger() {
    let (town, link) = lived_in().await;
    let mut all = carried(&town).await;
    assert!(all.len() > 20, "{}", all.len());
    let (town, mut table) = all_differences(town, "fresh", &all).await;

    let late = unsent(&town, &link);
    town.pass_seconds(400);
    all.extend(late);
    let (town, stale) = all_differences(town, "stale", &all).await;
    table += &stale;

    // Late ones are known now. Then the key is stolen, used, and revoked.
    for got in &mut all {
        got.known = true;
    }
    let stolen = unsent(&town, &link);
    revoke(&town).await;
    all.extend(stolen);
    let (_, revoked) = all_differences(town, "revoked", &all).await;
    table += &revoked;
    assert!(table.is_empty(), "{table}");
}

/// The hospital revokes its only key; this is not charged to the bucket that is looked at.
async fn revoke(town: &Town) {
    let kid = akashi_actors::named(CHUO).kid().clone();
    let claims = json!({ "act": "key.revoked", "kid": kid.as_str(), "reason": "stolen" });
    let statement = Jws::parse(town.sign(CHUO, Type::Act, claims).as_bytes()).unwrap();
    let registry = town.app.registry();
    let statement: Verified<ActClaims> = registry.verify(statement).unwrap();
    let command = akashi_ledger::command::CarryOut {
        statements: vec![statement],
        evidence_key: None,
    };
    town.ledger.submit(command).await.unwrap();
}

#[tokio::test]
async fn whoever_sent_it_first_has_its_answer_again_while_it_is_fresh_and_its_signer_at_any_time() {
    let town = Town::new().await;
    let statement = town.sign(CHUO, Type::Link, town.link_claims());
    let first = town.post_link(&statement).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let got = Got::of(&statement, true);
    let route = "/v1/link-codes";

    let stranger = send(&town, &got, route, Shown::Nothing).await;
    assert_eq!(stranger.status, 409);
    assert_eq!(stranger.json()["type"], "/problems/known-statement");
    assert!(stranger.json().get("index").is_none(), "and nothing more");
    assert_eq!(town.post_link(&statement).await.text(), first.text());
    let signer = send(&town, &got, route, Shown::TokenOfSigner).await;
    assert_eq!(signer.text(), first.text(), "from anywhere");

    town.pass_seconds(301);
    assert_eq!(town.post_link(&statement).await.status, 409);
    let signer = send(&town, &got, route, Shown::TokenOfSigner).await;
    assert_eq!(signer.text(), first.text(), "years later too");
}

/// What other people's libraries put into a statement.
#[tokio::test]
async fn harmless_claims_of_other_libraries_are_taken_and_dates_honoured() {
    let town = Town::new().await;
    let link = town.link(CHUO).await;
    let now = town.now();
    let with = |more: Value| {
        let mut claims = town.complete(CHUO, town.emergency(&link));
        let members = claims.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        town.sign(CHUO, Type::Access, claims)
    };
    let origin = town.app.origin().to_string();
    for taken in [
        json!({ "aud": [origin] }),
        json!({ "iat": now as f64 + 0.25 }),
        json!({ "sub": "hospital.chuo", "nbf": now, "exp": now + 60 }),
        json!({ "exp": now as f64 + 0.5 + 60.0 }),
        json!({ "nbf": now + 300 }),
    ] {
        let answer = town.access(&with(taken.clone())).await;
        assert_eq!(answer.status, 200, "{taken}: {}", answer.text());
    }
    for (refused, status, field) in [
        (json!({ "aud": [origin, "other.example/log"] }), 400, "aud"),
        (json!({ "aud": [] }), 400, "aud"),
        (json!({ "aud": ["other.example/log"] }), 422, "aud"),
        (json!({ "exp": now }), 422, "exp"),
        (json!({ "nbf": now + 301 }), 422, "nbf"),
        (json!({ "iat": -1.5 }), 400, "iat"),
        (json!({ "exp": "tomorrow" }), 400, "exp"),
    ] {
        let answer = town.access(&with(refused.clone())).await;
        assert_eq!(answer.status, status, "{refused}: {}", answer.text());
        assert_eq!(answer.json()["field"], field, "{refused}");
    }
}

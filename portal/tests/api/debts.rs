//! What an address or its networks owe refuses what is nobody's, and nothing that a key has signed.

use std::net::SocketAddr;

use akashi_actors::named;
use akashi_client::{Institution, Stamp};
use akashi_desk::limits::Rates;
use akashi_proof::clock::Clock;
use akashi_proof::evidence::evidence_digest;
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::Type;
use akashi_proof::key::evidence_kid;
use akashi_proof::statement::header::REQUEST_NONCE;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::{Value, json};

use crate::foundation::{jose, nonce};
use crate::town::{Answer, Town};

const CHUO: &str = "hospital.chuo";
const MINATO: &str = "hospital.minato";

/// Where the hospital's gateway is.
const GATEWAY: [u8; 4] = [192, 0, 2, 1];
/// Somewhere else.
const ELSEWHERE: [u8; 4] = [198, 51, 100, 7];

async fn send(town: &Town, from: [u8; 4], mut request: Request<Body>) -> Answer {
    let from = SocketAddr::from((from, 4711));
    request.extensions_mut().insert(ConnectInfo(from));
    town.call(request).await
}

/// What nobody signed.
fn nobodys() -> Request<Body> {
    Request::post("/v1/accesses").body(Body::empty()).unwrap()
}

fn access(statement: &str) -> Request<Body> {
    let nonce = nonce();
    jose(
        "/v1/accesses",
        statement.to_owned(),
        &[(REQUEST_NONCE, &*nonce)],
    )
}

/// The same with a token of this institution.
fn access_shown(town: &Town, who: &str, statement: &str) -> Request<Body> {
    let (nonce, token) = (nonce(), town.token(who, "/v1/accesses"));
    let headers = [(REQUEST_NONCE, &*nonce), ("authorization", &*token)];
    jose("/v1/accesses", statement.to_owned(), &headers)
}

fn gates(town: &Town, who: &str, link: &str) -> Request<Body> {
    let path = format!("/v1/links/{link}/gates?above=0&from=0");
    let token = town.sign(who, Type::Request, json!({ "htm": "GET", "htu": path }));
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

/// The report of a release on this permit.
fn release(town: &Town, permit: &Value) -> Request<Body> {
    let evidence = permit["evidence"].as_str().unwrap();
    let by = Institution::new(named(CHUO), town.app.origin().clone());
    let holder = InstitutionId::parse(MINATO).unwrap();
    let stamp = Stamp::draw(town.clock.wall()).unwrap();
    let report = json!({
        "index": permit["index"],
        "evidence_digest": evidence_digest(evidence).to_base64url(),
        "presented": by.present(stamp, holder, evidence),
    });
    jose(
        "/v1/releases",
        town.sign(MINATO, Type::Release, report),
        &[],
    )
}

/// A look on a consent she has not given: decided, and nobody is rung.
fn by_consent(town: &Town, link: &str) -> String {
    let mut claims = town.emergency(link);
    claims["basis"] = json!({ "kind": "consent" });
    town.sign(CHUO, Type::Access, claims)
}

/// Everything an institution needs, from an address that owes: a debt of its own, then one of the
/// networks around it, made anew before each request.
#[tokio::test]
async fn what_others_owe_keeps_nothing_out_that_is_signed_fresh_and_new() {
    let few = Rates {
        unsigned_per_minute: 1,
        ..Rates::default()
    };
    for is_own in [false, true] {
        let town = Town::new().await;
        let link = town.link(CHUO).await;
        let holders = town.link(MINATO).await;
        let town = town.restart_under(few.clone()).await;
        let owing = async |request: Request<Body>| {
            if is_own {
                send(&town, GATEWAY, nobodys()).await;
            } else {
                // Sixteen machines of its /24, sixty-four of its /16.
                let site = (10..26).map(|host| [192, 0, 2, host]);
                let around = (10..74).map(|site| [192, 0, site, 1]);
                for machine in site.chain(around) {
                    send(&town, machine, nobodys()).await;
                }
            }
            let refused = send(&town, GATEWAY, nobodys()).await;
            assert_eq!(refused.status, 429, "it owes: {}", refused.text());
            let answer = send(&town, GATEWAY, request).await;
            assert_eq!(answer.status, 200, "{is_own}: {}", answer.text());
            answer
        };
        let emergency = town.sign(CHUO, Type::Access, town.emergency(&link));
        let permit = owing(access(&emergency)).await.json();
        assert_eq!(permit["decision"], "permit");
        assert_eq!(owing(access(&emergency)).await.json(), permit, "again");
        let released = owing(release(&town, &permit)).await;
        assert_eq!(released.json()["released"], true);
        owing(gates(&town, MINATO, &holders)).await;
        let kid = evidence_kid(&town.evidence_key(MINATO));
        let revoked = json!({ "act": "key.revoked", "kid": kid.as_str(), "reason": "stolen" });
        owing(jose("/v1/acts", town.sign(MINATO, Type::Act, revoked), &[])).await;
        let suspended = json!({
            "act": "institution.suspended", "institution": "city.hall", "reason": "inspection",
        });
        owing(jose("/v1/acts", town.by_supervisors(&suspended), &[])).await;
    }
}

/// As many statements as the address may owe are answered 503, twice; then all are sent again.
#[tokio::test]
async fn who_was_told_to_come_back_comes_back_and_owes_nothing() {
    let most = 40;
    let rates = Rates {
        unsigned_per_minute: most,
        ..Rates::default()
    };
    let town = Town::new().await;
    let link = town.link(CHUO).await;
    town.link(MINATO).await;
    let town = town.restart_under(rates).await;
    town.clock.set_apart(10_000);
    let all: Vec<String> = (0..most).map(|_| by_consent(&town, &link)).collect();
    let everybody = async |status: u16| {
        for statement in &all {
            let answer = send(&town, GATEWAY, access(statement)).await;
            assert_eq!(answer.status, status, "{}", answer.text());
        }
        assert_eq!(town.app.limits.unsigned.check(&GATEWAY), Ok(()));
    };
    everybody(503).await;
    everybody(503).await;
    town.clock.set_apart(-10_000);
    let before = town.recorded().await;
    everybody(200).await;
    assert_eq!(town.recorded().await, before + u64::from(most));
    everybody(200).await;
    assert_eq!(town.recorded().await, before + u64::from(most));

    // By another of its addresses, with a token: its own as well.
    for statement in all.iter().chain(&all[..1]) {
        let again = send(&town, ELSEWHERE, access_shown(&town, CHUO, statement)).await;
        assert_eq!(again.status, 200, "{}", again.text());
    }
    assert_eq!(town.app.limits.unsigned.check(&ELSEWHERE), Ok(()));
    let emergency = town.sign(CHUO, Type::Access, town.emergency(&link));
    let answer = send(&town, GATEWAY, access(&emergency)).await;
    assert_eq!(answer.json()["decision"], "permit", "{}", answer.text());
}

/// What is answered again is charged to whoever may have it, as a read.
#[tokio::test]
async fn an_answer_given_again_is_its_signer_s_to_pay() {
    let town = Town::new().await;
    let link = town.link(CHUO).await;
    let rates = Rates {
        statements_per_minute: 3,
        ..Rates::default()
    };
    let town = town.restart_under(rates).await;
    let statement = by_consent(&town, &link);
    for _ in 0..2 {
        assert_eq!(send(&town, GATEWAY, access(&statement)).await.status, 200);
    }
    // Whoever only has the bytes pays himself.
    for _ in 0..5 {
        assert_eq!(send(&town, ELSEWHERE, access(&statement)).await.status, 409);
    }
    let shown = access_shown(&town, CHUO, &statement);
    assert_eq!(send(&town, ELSEWHERE, shown).await.status, 200);
    let shown = access_shown(&town, CHUO, &statement);
    assert_eq!(send(&town, ELSEWHERE, shown).await.status, 429, "N + 1");
}

/// So often an address is told what is wrong with what is nobody's; then it is told to wait, and
/// nothing of it is recorded.
#[tokio::test]
async fn what_is_nobody_s_is_answered_so_often_and_no_more() {
    const MOST: u32 = 3;
    let rates = Rates {
        unsigned_per_minute: MOST,
        ..Rates::default()
    };
    let town = Town::new().await;
    let link = town.link(CHUO).await;
    let town = town.restart_under(rates).await;
    let known = by_consent(&town, &link);
    assert_eq!(send(&town, GATEWAY, access(&known)).await.status, 200);
    let (head, signature) = known.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}.{other}{}", &signature[1..]);
    let late: Vec<String> = (0..=MOST).map(|_| by_consent(&town, &link)).collect();
    let mut late = late.iter();
    let mut read = || {
        let path = format!("/v1/links/{link}/gates?above=0&from=0");
        let request = Request::get(path).header("authorization", format!("Bearer {known}"));
        request.body(Body::empty()).unwrap()
    };
    let mut site = 0;
    let mut each = async |town: &Town, status: u16, next: &mut dyn FnMut() -> Request<Body>| {
        site += 1;
        let from = [10, site, 0, 1];
        let before = town.recorded().await;
        for _ in 0..MOST {
            let answer = send(town, from, next()).await;
            assert_eq!(answer.status, status, "{site}: {}", answer.text());
        }
        let recorded = town.recorded().await;
        let above = send(town, from, next()).await;
        assert_eq!(above.status, 429, "{site}, N + 1: {}", above.text());
        assert_eq!(town.recorded().await, recorded);
        recorded - before
    };
    assert_eq!(each(&town, 401, &mut || access(&forged)).await, 0);
    assert_eq!(each(&town, 409, &mut || access(&known)).await, 0);
    assert_eq!(each(&town, 401, &mut read).await, 0);
    town.pass_seconds(400);
    let mut next = || access(late.next().unwrap());
    assert_eq!(each(&town, 422, &mut next).await, u64::from(MOST));
}

#[tokio::test]
async fn a_supervisor_signs_so_often_a_minute_whatever_its_address_owes() {
    let rates = Rates {
        supervisor_acts_per_minute: 2,
        ..Rates::default()
    };
    let town = Town::new().await;
    let link = town.link(CHUO).await;
    let town = town.restart_under(rates).await;
    let act = async |what: &str, reason: &str| {
        let act = json!({ "act": what, "institution": "city.hall", "reason": reason });
        let request = jose("/v1/acts", town.by_supervisors(&act), &[]);
        send(&town, GATEWAY, request).await.status.as_u16()
    };
    assert_eq!(act("institution.suspended", "inspection").await, 200);
    assert_eq!(act("institution.reinstated", "inspected").await, 200);
    assert_eq!(act("institution.suspended", "again").await, 429, "N + 1");
    let statement = by_consent(&town, &link);
    assert_eq!(send(&town, GATEWAY, access(&statement)).await.status, 200);
}

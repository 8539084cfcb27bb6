//! The public log, documents, health, figures, the SMS gateway, and what every answer carries.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use akashi_actors::until;
use akashi_api::openapi::{ROUTES, openapi};
use akashi_api::problem::Kind;
use akashi_desk::limits::Rates;
use akashi_desk::reading::Work;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use akashi_proof::record::Position;
use akashi_proof::record::kind::Event;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::{LogKeys, VerifiedCheckpoint};
use akashi_tlog::merkle::{Frontier, Hash};
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::tile::{Tile, entry_bundle, entry_bundles};
use akashi_tlog::tlog_proof::TlogProof;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};

use crate::foundation::ORIGIN;
use crate::town::{INBOUND_TOKEN, Town};

/// What a rate of so many a minute lets through since then: what it held, and what has come back.
fn at_most(per_minute: u64, began: Instant) -> u64 {
    per_minute + began.elapsed().as_secs().saturating_add(1) * per_minute / 60
}

/// Waits until the checkpoint covers all there is: it moves once a second of real time.
async fn publish(town: &Town) {
    let all = town.size();
    until("the checkpoint covers it", async || {
        let checkpoint = town.get("/log/checkpoint").await.text();
        let size: u64 = checkpoint.lines().nth(1)?.parse().ok()?;
        (size >= all).then_some(())
    })
    .await;
}

#[tokio::test]
async fn addresses_typed_by_hand_lead_somewhere() {
    let town = Town::new().await;
    let index = town.get("/log").await;
    assert_eq!(
        (index.status.as_u16(), index.header("content-type")),
        (200, "text/plain; charset=utf-8")
    );
    for name in ["checkpoint", "vkey", "tile/", "registry/"] {
        assert!(index.text().contains(name), "{}", index.text());
    }
    assert_eq!(town.get("/log/").await.text(), index.text());
    let docs = town.get("/docs/").await;
    assert_eq!(
        (docs.status.as_u16(), docs.header("location")),
        (308, "/docs")
    );
    for (path, lang, about) in [
        ("/docs", "ja", "この文書は英語"),
        ("/docs?lang=en", "en", "href=\"?lang=ja\""),
    ] {
        let page = town.get(path).await.text();
        assert!(
            page.starts_with(&format!("<!doctype html>\n<html lang=\"{lang}\">")),
            "{page}"
        );
        assert!(
            page.contains("class=\"masthead\"")
                && page.contains("class=\"footer\"")
                && page.contains(about)
        );
        assert!(page.contains("<div class=\"doc\" lang=\"en\">"));
    }
    assert!(
        town.get("/problems/unknown-code")
            .await
            .text()
            .contains("class=\"masthead\"")
    );
}

#[tokio::test]
async fn the_public_log_can_be_read_and_checked() {
    let town = Town::new().await;
    publish(&town).await;
    let vkey = town.get("/log/vkey").await;
    let keys = LogKeys::new(vec![VerifyingKey::parse(vkey.text().trim_end()).unwrap()]).unwrap();
    let checkpoint = town.get("/log/checkpoint").await;
    assert_eq!(
        checkpoint.header("content-type"),
        "text/plain; charset=utf-8"
    );
    assert_eq!(checkpoint.header("access-control-allow-origin"), "*");
    let verified = VerifiedCheckpoint::open(&checkpoint.body, &keys, &[]).unwrap();
    let (size, root) = (verified.checkpoint().size(), *verified.checkpoint().root());
    assert_eq!(verified.checkpoint().origin().as_str(), ORIGIN);

    let mut frontier = Frontier::default();
    for bundle in entry_bundles(size) {
        let answer = town.get(&format!("/log/{bundle}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "application/octet-stream")
        );
        for entry in entry_bundle::decode(&answer.body, bundle.width()).unwrap() {
            frontier.push(Hash::leaf(entry));
        }
    }
    assert_eq!(frontier.root(), root);

    for index in [0, size.value() - 1] {
        let proof = town.get(&format!("/v1/proofs/{index}")).await;
        TlogProof::parse(&proof.body)
            .unwrap()
            .verify_extra(&keys, &[])
            .unwrap();
    }
    let not_yet = town.get(&format!("/v1/proofs/{}", size.value())).await;
    assert_eq!(
        (not_yet.status.as_u16(), &not_yet.json()["type"]),
        (404, &serde_json::json!("/problems/not-published"))
    );
    for seq in 1..=town.app.registry().seq.value() {
        let body = town.get(&format!("/log/registry/{seq}")).await;
        assert_eq!(body.status, 200);
        assert!(body.header("cache-control").contains("immutable"));
    }
}

#[tokio::test]
async fn what_is_spelt_otherwise_does_not_exist() {
    let town = Town::new().await;
    publish(&town).await;
    let size = akashi_tlog::merkle::TreeSize::new(town.size());
    let tile: Tile = entry_bundles(size).next().unwrap();
    assert_eq!(town.get(&format!("/log/{tile}")).await.status, 200);
    for path in [
        "/log/tile/0/000.p/0",
        "/log/tile/0/0",
        "/log/tile/00/000",
        "/log/tile/0/001",
        "/log/tile/64/000",
        "/log/tile/0/000.p/255",
        "/log/tile/0%2F000.p/1",
        "/log/tile/0/000.p/1?x=1",
        "/log/tile/entries/000.p/256",
        "/log/tile/",
        "/log/registry/0",
        "/log/registry/01",
        "/log/registry/+1",
        "/log/registry/99999",
        "/log/registry/18446744073709551616",
        "/log/registry/%31",
        "/log/registry/1?x=1",
        "/v1/proofs/%30",
        "/v1/proofs/0?x=1",
        "/v1/proofs/-1",
        "/v1/proofs/x",
        "/log//",
        "/log/nothing",
        "/v1/nothing",
    ] {
        let answer = town.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_its_name_and_says_what_a_browser_may_do() {
    let town = Town::new().await;
    let request = Request::get("/v1/nothing")
        .header("x-request-id", "from-outside")
        .body(Body::empty())
        .unwrap();
    let answer = town.call(request).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_ne!(answer.header("x-request-id"), "from-outside");
    assert_eq!(answer.json()["request_id"], answer.header("x-request-id"));
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let page = town.get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    let wrong = town
        .call(Request::delete("/v1/accesses").body(Body::empty()).unwrap())
        .await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.header("allow")),
        (405, "POST")
    );
    assert_eq!(wrong.json()["type"], "/problems/method-not-allowed");
}

#[tokio::test]
async fn whether_a_server_is_well_is_said_in_words() {
    let town = Town::new().await;
    let words = serde_json::json!({ "ready": true, "writer": "running", "key_maker": "running" });
    let said = town.get("/readyz").await.json();
    assert_eq!(said, words, "and no number");
}

#[tokio::test]
async fn documents_health_and_figures() {
    let town = Town::new().await;
    let document = town.get("/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(town.get("/problems/not-fresh").await.status, 200);
    assert_eq!(town.get("/problems/no-such").await.status, 404);
    assert_eq!(town.get("/healthz").await.text(), "ok\n");
    let readiness = town.get("/readyz").await.json();
    assert_eq!(readiness["ready"], true);
    assert_eq!(readiness["key_maker"], "running");
    let figures = town.get("/metrics").await.text();
    assert!(
        figures.contains(&format!("akashi_log_entries {}\n", town.size())),
        "{figures}"
    );
    assert!(figures.contains("akashi_people 1\n"));
    assert!(figures.contains("akashi_key_maker_stopped 0\n"));
    for lane in ["urgent", "ending", "regular"] {
        for what in ["keys", "writer"] {
            let labels = format!("{{for=\"{what}\",lane=\"{lane}\"}} 0\n");
            assert!(figures.contains(&format!("akashi_commands_waiting{labels}")));
            assert!(figures.contains(&format!("akashi_commands_refused_total{labels}")));
        }
    }
    assert!(
        figures.contains("akashi_requests_total{route=\"/v1/acts\",status=\"2xx\"} 9\n"),
        "{figures}"
    );
    for (header, value) in [
        ("x-forwarded-for", "203.0.113.5"),
        ("x-forwarded-host", "ledger.example.jp"),
        ("cf-connecting-ip", "203.0.113.5"),
        ("host", "evil.example"),
    ] {
        let mut request = Request::get("/metrics").body(Body::empty()).unwrap();
        let headers = request.headers_mut();
        headers.insert("host", HeaderValue::from_static("localhost"));
        headers.insert(header, HeaderValue::from_static(value));
        assert_eq!(
            town.call(request).await.status,
            404,
            "a proxy's visitor does not see them: {header}"
        );
    }
}

#[tokio::test]
async fn the_sms_gateway_shows_its_token() {
    let town = Town::new().await;
    let send = |token: &str, media_type: &str, body: &'static str| {
        let request = Request::post("/sms/inbound")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", media_type);
        town.call(request.body(Body::from(body)).unwrap())
    };
    let good = r#"{"from":"+819012345678","text":"no ABCD"}"#;
    assert_eq!(
        send(INBOUND_TOKEN, "application/json", good).await.status,
        202
    );
    assert_eq!(send("another", "application/json", good).await.status, 401);
    assert_eq!(send(INBOUND_TOKEN, "text/plain", good).await.status, 415);
    // As gateways post: whoever has no number here is dropped, and members we do not know are left.
    for as_posted in [
        r#"{"from":"x","text":"y"}"#,
        r#"{"from":"","text":"y"}"#,
        r#"{"from":"12345","text":"no"}"#,
        r#"{"from":"+12025550123","text":"no"}"#,
        r#"{"from":"00819012345678","text":"no"}"#,
        r#"{"from":"+819012345678","text":"y","more":1}"#,
        // A picture beside a reply keeps it out of nothing.
        r#"[{"from":"+819012345678"},{"from":"+819012345678","text":"no ABCD"}]"#,
    ] {
        let answer = send(INBOUND_TOKEN, "application/json", as_posted).await;
        assert_eq!(answer.status, 202, "{as_posted}");
    }
    for bad in ["", "{}", "[]", "[{}]", r#"{"from":"+819012345678"}"#] {
        let request = Request::post("/sms/inbound")
            .header("authorization", format!("bearer {INBOUND_TOKEN}"))
            .header("content-type", "application/json");
        let answer = town.call(request.body(Body::from(bad)).unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["type"]),
            (400, &serde_json::json!("/problems/bad-member"))
        );
    }
}

#[tokio::test]
async fn neighbours_of_a_monitor_keep_nothing_from_it() {
    let limits = Rates {
        open_per_minute: 1,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let ask = async |host: u8| {
        let mut request = Request::get("/readyz");
        let from = std::net::SocketAddr::from(([192, 0, 2, host], 4711));
        let extensions = request.extensions_mut().unwrap();
        extensions.insert(axum::extract::ConnectInfo(from));
        town.call(request.body(Body::empty()).unwrap()).await.status
    };
    for host in 0..=u8::MAX {
        assert_eq!(ask(host).await, 200, "whatever its /24 has asked");
        assert_eq!(ask(host).await, 429, "N + 1");
    }
}

#[tokio::test]
async fn neighbours_of_the_sms_gateway_keep_no_reply_out() {
    let most = 2;
    let limits = Rates {
        unsigned_per_minute: 1,
        inbound_sms_per_minute: most,
        sms_reports_per_minute: most,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let send = async |host: u8, path: &str, token: &str, body: &'static str| {
        let mut request = Request::post(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let from = std::net::SocketAddr::from(([192, 0, 2, host], 4711));
        let extensions = request.extensions_mut().unwrap();
        extensions.insert(axum::extract::ConnectInfo(from));
        let answer = town.call(request.body(Body::from(body)).unwrap()).await;
        answer.status.as_u16()
    };
    for (path, body) in [
        (
            "/sms/inbound",
            r#"{"from":"+819012345678","text":"no ABCD"}"#,
        ),
        ("/sms/reports", r#"{"id":"x","status":"delivered"}"#),
    ] {
        for host in 10..26 {
            send(host, path, "another", body).await;
        }
        assert_eq!(
            send(1, path, "another", body).await,
            429,
            "its network owes"
        );
        for _ in 0..most {
            assert_eq!(send(1, path, INBOUND_TOKEN, body).await, 202);
        }
        assert_eq!(send(2, path, INBOUND_TOKEN, body).await, 429, "N + 1");
    }
}

#[tokio::test]
async fn a_delivery_report_needs_the_gateways_token_and_tells_nobody_what_was_sent() {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    let town = Town::new().await;
    let send = |authorization: String, media_type: &str, body: &'static str| {
        let request = Request::post("/sms/reports")
            .header("authorization", authorization)
            .header("content-type", media_type);
        town.call(request.body(Body::from(body)).unwrap())
    };
    let bearer = || format!("Bearer {INBOUND_TOKEN}");
    let size = town.size();
    for (media_type, body) in [
        (FORM, "MessageSid=SM1&MessageStatus=delivered"),
        (
            FORM,
            "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003",
        ),
        (FORM, "MessageSid=SM1&MessageStatus=sent"),
        (
            JSON,
            r#"{"messageId":"0B","status":"expired","err-code":"5"}"#,
        ),
        (
            JSON,
            r#"{"results":[{"messageId":"7","status":{"name":"REJECTED_NETWORK"}},{}]}"#,
        ),
        (JSON, r#"{"id":"x","status":"whatever"}"#),
    ] {
        assert_eq!(send(bearer(), media_type, body).await.status, 202, "{body}");
    }
    let pair = base64::standard::encode(format!("akashi:{INBOUND_TOKEN}").as_bytes());
    let one = "MessageSid=SM2&MessageStatus=delivered";
    assert_eq!(send(format!("Basic {pair}"), FORM, one).await.status, 202);
    for forged in ["", "Bearer", "Bearer another", "Basic YTpi", INBOUND_TOKEN] {
        let answer = send(forged.to_owned(), FORM, one).await;
        assert_eq!(answer.status, 401, "{forged}");
    }
    for (media_type, bad) in [
        (FORM, ""),
        (FORM, "MessageSid=SM1"),
        (FORM, "MessageStatus=delivered"),
        (JSON, "{}"),
        (JSON, "[]"),
        (JSON, "7"),
        (JSON, r#"{"id":{"$ne":""},"status":"delivered"}"#),
    ] {
        assert_eq!(send(bearer(), media_type, bad).await.status, 400, "{bad}");
    }
    assert_eq!(send(bearer(), "text/plain", one).await.status, 415);
    assert_eq!(town.size(), size, "nothing of it is a record");
    let figures = town.get("/metrics").await.text();
    for line in [
        "akashi_sms_reports_early 5\n",
        "akashi_sms_reports_total{said=\"of-nothing\"} 0\n",
    ] {
        assert!(figures.contains(line), "they may be early: {line}{figures}");
    }
    town.clock.pass(Duration::from_secs(120));
    let figures = town.get("/metrics").await.text();
    for line in [
        "akashi_sms_reports_early 0\n",
        "akashi_sms_reports_total{said=\"of-nothing\"} 5\n",
        "akashi_sms_reports_total{said=\"between\"} 1\n",
        "akashi_sms_reports_total{said=\"unknown\"} 1\n",
        "akashi_sms_reports_total{said=\"delivered\"} 0\n",
        "akashi_requests_total{route=\"/sms/reports\",status=\"4xx\"} 13\n",
    ] {
        assert!(figures.contains(line), "{line}{figures}");
    }
}

#[tokio::test]
async fn a_reply_is_taken_as_forms_bring_it() {
    let town = Town::new().await;
    for (form, status) in [
        ("From=%2B819012345678&Body=NO+ABCD&NumMedia=0", 202),
        ("msisdn=819012345678&to=8131234567&text=NO%20ABCD", 202),
        ("From=%2B819012345678", 400),
    ] {
        let request = Request::post("/sms/inbound")
            .header("authorization", format!("Bearer {INBOUND_TOKEN}"))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = town.call(request.body(Body::from(form)).unwrap()).await;
        assert_eq!(answer.status, status, "{form}");
    }
}

#[tokio::test]
async fn a_sender_that_asks_too_much_waits() {
    let town = Town::new().await;
    let mut last = 0;
    for _ in 0..700 {
        let answer = town.post("/v1/accesses", "hello", &[]).await;
        last = answer.status.as_u16();
        if last == 429 {
            assert_eq!(answer.header("retry-after"), "1");
            assert_eq!(answer.json()["type"], "/problems/too-many-requests");
            break;
        }
        assert_eq!(last, 400);
    }
    assert_eq!(last, 429);
    assert_eq!(
        town.get("/healthz").await.status,
        200,
        "whoever watches is never refused"
    );
    assert_eq!(town.post("/v1/acts", "hello", &[]).await.status, 429);
    // What a key has signed is its signer's to answer for, wherever it comes from.
    let act = town.sign("hospital.chuo", Type::Act, serde_json::json!({}));
    let recorded = town.post("/v1/acts", act, &[]).await;
    assert_eq!(recorded.status, 400, "{}", recorded.text());
    assert!(recorded.json()["index"].is_u64());
}

/// Also where nobody signs, and where nothing is.
#[tokio::test]
async fn every_route_refuses_who_asks_without_end() {
    let limits = Rates {
        pages_per_minute: 1,
        sign_in_per_minute: 1,
        inbound_sms_per_minute: 1,
        sms_reports_per_minute: 1,
        unsigned_per_minute: 1,
        log_per_minute: 1,
        open_per_minute: 1,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let documented = ROUTES.iter().map(|route| {
        let path = route.parameters.iter().filter(|one| one.place == "path");
        let path = path.fold(route.path.to_owned(), |path, one| {
            let names = [format!("{{{}}}", one.name), format!("{{*{}}}", one.name)];
            names
                .iter()
                .fold(path, |path, name| path.replace(name, one.example))
        });
        (route.method.to_uppercase(), path)
    });
    let pages = [
        "/",
        "/me",
        "/sign-in",
        "/static/akashi.css",
        "/docs/",
        "/nowhere",
        "/v1/nothing",
    ];
    let pages = pages.map(|path| ("GET".to_owned(), path.to_owned()));
    let forms = [("POST".to_owned(), "/sign-in".to_owned())];
    for (method, path) in documented.chain(pages).chain(forms) {
        let mut seen = Vec::new();
        while seen.last() != Some(&StatusCode::TOO_MANY_REQUESTS) {
            let request = Request::builder().method(&*method).uri(&*path);
            let answer = town.call(request.body(Body::empty()).unwrap()).await;
            seen.push(answer.status);
            assert!(seen.len() < 4, "{method} {path}: {seen:?}");
        }
    }
}

/// Proofs are made of the log's tiles: whoever asks for them without end would take the threads of
/// everybody who reads the log.
#[tokio::test]
async fn proofs_are_read_at_the_rate_of_the_log() {
    let limits = Rates {
        log_per_minute: 5,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let (began, mut read) = (Instant::now(), 0);
    let refused = loop {
        let answer = town.get("/v1/proofs/0").await;
        if answer.status == 429 {
            break answer;
        }
        read += 1;
        assert!(read <= at_most(5, began), "{read}");
    };
    assert!(read >= 5 && !refused.header("retry-after").is_empty());
    assert_eq!(town.get("/v1/policy").await.status, 200);
}

#[tokio::test]
async fn the_public_log_has_a_rate_of_its_own() {
    let limits = Rates {
        log_per_minute: 5,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let began = Instant::now();
    let (mut within, mut above) = (0, 0);
    while above < 5 {
        let answer = town.get("/log/vkey").await;
        let is_above = answer.status == 429;
        assert_eq!(answer.header("retry-after").is_empty(), !is_above);
        if is_above {
            above += 1;
        } else {
            within += 1;
        }
        assert!(within >= 5 || above == 0, "the first are within it");
        assert!(within <= at_most(5, began), "{within}");
    }
    for elsewhere in ["/v1/policy", "/healthz"] {
        assert_eq!(town.get(elsewhere).await.status, 200, "{elsewhere}");
    }
}

/// Whoever checks a decision needs the text it was made under, and whoever asks needs its codes.
#[tokio::test]
async fn the_pack_in_force_is_published_as_it_is_written() {
    let town = Town::new().await;
    let policy = town.get("/v1/policy").await.json();
    assert_eq!(policy["digest"], town.app.policy().digest().to_base64url());
    let files = policy["files"].as_object().unwrap().iter();
    let files = files
        .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(
        akashi_policies::Pack::from_files(files).unwrap().digest(),
        town.app.policy().digest()
    );
}

/// Acts on keys have a rate of their own, and each key its own: whoever stole one and acts as fast
/// as it goes keeps nobody from revoking it with another.
#[tokio::test]
async fn acts_on_keys_above_a_keys_rate_are_counted_and_leave_everything_else_its_room() {
    let limits = Rates {
        key_acts_per_minute: 3,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let revoke = || {
        let reason = "no such key";
        let act =
            serde_json::json!({"act": "key.revoked", "kid": "A".repeat(43), "reason": reason});
        town.sign("hospital.chuo", Type::Act, act)
    };
    let (before, began) = (town.recorded().await, Instant::now());
    let (mut within, mut above) = (0, 0);
    while above < 3 {
        let answer = town.post("/v1/acts", revoke(), &[]).await;
        match answer.status.as_u16() {
            409 => within += 1,
            429 => above += 1,
            _ => panic!("{within}, {above}: {}", answer.text()),
        }
        assert!(within >= 3 || above == 0, "the first are within it");
        assert!(within <= at_most(3, began), "{within}");
    }
    assert_eq!(
        town.recorded().await,
        before + within,
        "the refusals within the rate stand in the institution's stream"
    );
    town.app.record_counted(false).await;
    assert_eq!(
        town.recorded().await,
        before + within + 1,
        "those above it in one record"
    );
    let role = serde_json::json!({
        "act": "role.assigned", "role_holder": "x-1", "role": "nurse", "valid_from": town.now(),
    });
    let role = town.sign("hospital.chuo", Type::Act, role);
    assert_eq!(town.post("/v1/acts", role, &[]).await.status, 200);
}

/// Probing faster than the rate must not be a way to leave no trace, nor to flood the log.
#[tokio::test]
async fn what_comes_above_an_institutions_rate_is_counted_into_one_record() {
    let limits = Rates {
        statements_per_minute: 2,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let (before, began) = (town.recorded().await, Instant::now());
    let (mut within, mut above) = (0, 0);
    while above < 5 {
        let statement = town.sign("hospital.chuo", Type::Access, town.emergency("lc_nobody"));
        let answer = town.access(&statement).await;
        let is_above = answer.status == 429;
        assert_eq!(answer.header("retry-after").is_empty(), !is_above);
        if is_above {
            above += 1;
        } else {
            within += 1;
        }
        assert!(within >= 2 || above == 0, "{}", answer.text());
        assert!(within <= at_most(2, began), "{within}: {}", answer.text());
    }
    assert_eq!(
        town.recorded().await,
        before + within,
        "none of those above the rate stands alone"
    );
    town.app.record_counted(false).await;
    town.app.record_counted(false).await;
    assert_eq!(
        town.recorded().await,
        before + within + 1,
        "one record for all of them, once"
    );
    let record = town
        .app
        .read(Work::Log, move |reader| {
            reader.record(LeafIndex::new(before + within))
        })
        .await
        .unwrap()
        .unwrap()
        .unwrap()
        .open()
        .unwrap()
        .record;
    let Event::StatementsThrottled(counted) = record.event else {
        panic!("{:?}", record.event)
    };
    assert_eq!(counted.count, 5);
    let Position::Institution(place) = record.position else {
        panic!("{:?}", record.position)
    };
    assert_eq!(place.institution.as_str(), "hospital.chuo");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_work_that_is_full_is_refused_and_no_other_notices() {
    let town = Town::new().await;
    publish(&town).await;
    let size = akashi_tlog::merkle::TreeSize::new(town.size());
    let tile = format!("/log/{}", entry_bundles(size).next().unwrap());
    let (open, gate) = mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let full: Vec<_> = (0..akashi_desk::limits::LOG.places)
        .map(|_| {
            let (app, gate) = (Arc::clone(&town.app), Arc::clone(&gate));
            tokio::spawn(async move {
                app.read(Work::Log, move |_| gate.lock().unwrap().recv())
                    .await
            })
        })
        .collect();
    while town.app.reading(Work::Log).0 < akashi_desk::limits::LOG.places {
        tokio::task::yield_now().await;
    }
    let refused = town.get(&tile).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.json()["type"], "/problems/overloaded");
    let link = town.link("hospital.chuo").await;
    let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    assert_eq!(town.access(&statement).await.status, 200);
    let figures = town.get("/metrics").await.text();
    assert!(figures.contains("akashi_reads_refused_total{work=\"log\"} 1\n"));
    assert!(figures.contains("akashi_reads_refused_total{work=\"institutions\"} 0\n"));
    drop(open);
    for job in full {
        job.await.unwrap().unwrap().unwrap_err();
    }
    assert_eq!(town.get(&tile).await.status, 200);
}

#[tokio::test]
async fn the_readable_document_shows_all_of_the_api_and_loads_nothing_from_elsewhere() {
    let page = Town::new().await.get("/docs?lang=en").await.text();
    for route in ROUTES {
        let anchor = format!("id=\"{}\"", route.name);
        assert!(page.contains(&anchor), "{}", route.path);
    }
    for name in openapi()["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    for kind in Kind::ALL {
        assert!(page.contains(&kind.uri()), "{}", kind.code);
    }
    let outside: String = page
        .split("<pre")
        .map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest))
        .collect();
    assert!(!outside.contains('`'), "a literal backtick");
    assert!(
        !page.contains("<script") && !page.contains("src=\"http") && !page.contains("href=\"http")
    );
}

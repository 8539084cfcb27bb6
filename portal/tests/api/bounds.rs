//! What one institution can do to the ledger, through the API: as much as is said, and what is
//! above it is counted, never permitted and never silently dropped.

use std::time::Duration;

use akashi_desk::limits::{EVIDENCE_AT_ONCE, Rates};
use akashi_desk::reading::Work;
use akashi_ledger::LedgerError;
use akashi_ledger::limits::{ABOUT_ONE_PER_HOUR_MAX, COUNTED_SET_MAX, REFUSALS_PER_MINUTE_MAX};
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::evidence::EVIDENCE_LEN_MAX;
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Type;
use akashi_proof::key::evidence_kid;
use akashi_proof::record::kind::{AccessesCounted, CountedFor, Event, StatementsThrottled};
use akashi_proof::record::{Position, Record};
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::frontier::Frontier;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::answers::read;
use crate::foundation::role_assigned;
use crate::town::{Answer, PERSON, Town};

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
    town.app.record_counted(false).await;
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
    let found = refused.json()["found"].as_str().unwrap().to_owned();
    assert!(found.contains("institution-suspended"), "{found}");
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

/// The same look as in an emergency, on the ground of a consent she has not given.
fn by_consent(town: &Town, link: &str) -> Value {
    let mut claims = town.emergency(link);
    claims["basis"] = json!({ "kind": "consent" });
    claims
}

/// What was counted about her, in the order of her stream.
async fn counted_about_her(town: &Town) -> Vec<AccessesCounted> {
    let of = |record: Record| match (record.event, record.position) {
        (Event::AccessesCounted(counted), Position::Person(place)) => {
            assert_eq!(place.subject, PERSON);
            Some(counted)
        }
        _ => None,
    };
    records(town).await.into_iter().filter_map(of).collect()
}

#[tokio::test]
async fn what_is_asked_about_one_person_above_the_bound_is_one_record_of_hers() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    town.link("hospital.minato").await;
    for _ in 0..ABOUT_ONE_PER_HOUR_MAX {
        let statement = town.sign("hospital.chuo", Type::Access, by_consent(&town, &link));
        assert_eq!(town.access(&statement).await.status, 200);
    }
    let before = town.recorded().await;
    let mut digests = Frontier::new();
    let above = async |town: &Town, digests: &mut Frontier| {
        let mut claims = by_consent(town, &link);
        claims["role_holder"] = json!(format!("dr-{}", digests.size().value()));
        let statement = town.sign("hospital.chuo", Type::Access, claims);
        let answer = town.access(&statement).await;
        assert_eq!(answer.status, 429, "{}", answer.text());
        let seconds: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=3_600).contains(&seconds), "{seconds}");
        digests.push(Hash::leaf(Digest::of(&[statement.as_bytes()]).as_bytes()));
    };
    for _ in 0..COUNTED_SET_MAX + 4 {
        above(&town, &mut digests).await;
    }
    assert_eq!(town.recorded().await, before);
    let figures = town.get("/metrics").await.text();
    let figure = "akashi_statements_counted_total{why=\"about-one-person\"} 20\n";
    assert!(figures.contains(figure), "{figures}");

    // Within a minute of the first; what comes then waits for the end of the hour.
    for _ in 0..2 {
        town.app.record_counted(false).await;
        let counted = counted_about_her(&town).await;
        assert_eq!(counted.len(), 1);
        let first = &counted[0];
        assert_eq!(
            (first.count, first.requester.as_str()),
            (20, "hospital.chuo")
        );
        assert_eq!(first.role_holders.iter().count(), COUNTED_SET_MAX);
        assert_eq!(
            first
                .holders
                .iter()
                .map(|id| id.as_str())
                .collect::<Vec<_>>(),
            ["hospital.minato"]
        );
        assert_eq!(first.root.as_bytes(), digests.root().as_bytes());
    }
    let mut digests = Frontier::new();
    above(&town, &mut digests).await;
    town.app.record_counted(false).await;
    assert_eq!(counted_about_her(&town).await.len(), 1);
    town.pass_seconds(3_600);
    town.app.record_counted(false).await;
    let counted = counted_about_her(&town).await;
    assert_eq!((counted.len(), counted[1].count), (2, 1));
    assert_eq!(counted[1].root.as_bytes(), digests.root().as_bytes());
    assert_eq!(town.recorded().await, before + 2);
}

#[tokio::test]
async fn what_was_counted_about_her_is_recorded_when_the_server_ends_and_the_bound_outlives_it() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    for _ in 0..ABOUT_ONE_PER_HOUR_MAX {
        let statement = town.sign("hospital.chuo", Type::Access, by_consent(&town, &link));
        assert_eq!(town.access(&statement).await.status, 200);
    }
    let above = async |town: &Town| {
        let statement = town.sign("hospital.chuo", Type::Access, by_consent(town, &link));
        assert_eq!(town.access(&statement).await.status, 429);
    };
    above(&town).await;
    town.app.record_counted(false).await;
    above(&town).await;
    town.app.record_counted(true).await;
    assert_eq!(counted_about_her(&town).await.len(), 2);
    let town = town.restart().await;
    above(&town).await;
}

#[tokio::test]
async fn bad_statements_above_what_is_recorded_are_answered_and_counted() {
    let town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    let into = town.clock.wall().as_millis() % 60_000;
    town.clock.pass(Duration::from_millis(60_000 - into));
    let bad = async || {
        let statement = town.sign("hospital.chuo", Type::Access, json!({ "subject": 7 }));
        let answer = town.access(&statement).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        answer.json()["index"].is_u64()
    };
    for _ in 0..REFUSALS_PER_MINUTE_MAX {
        assert!(bad().await);
    }
    let before = town.recorded().await;
    for _ in 0..3 {
        assert!(!bad().await, "answered, and not recorded");
    }
    assert_eq!(town.recorded().await, before);
    let good = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    assert_eq!(town.access(&good).await.status, 200);
    let counted = counted(&town).await;
    assert_eq!(counted.len(), 1);
    assert_eq!(counted[0].1.count, 3);
    assert_eq!(counted[0].1.counted_for, CountedFor::Refused);
    town.pass_seconds(60);
    assert!(bad().await);
}

#[tokio::test]
async fn who_uses_up_an_institution_s_rate_keeps_nobody_from_ending_a_key() {
    let limits = Rates {
        statements_per_minute: 1,
        ..Rates::default()
    };
    let town = Town::new().await.restart_under(limits).await;
    let who = "hospital.minato";
    let stolen = async |town: &Town| {
        let statement = town.sign(who, Type::Access, town.emergency("lc_nobody"));
        town.access(&statement).await.status.as_u16()
    };
    assert_eq!((stolen(&town).await, stolen(&town).await), (400, 429));
    let kid = evidence_kid(&town.evidence_key(who));
    let revoked = json!({ "act": "key.revoked", "kid": kid.as_str(), "reason": "stolen" });
    town.act(who, revoked, &[]).await;
    assert_eq!(stolen(&town).await, 429);
}

/// What is wrong before any signature is looked at costs its sender as much as a bad one.
#[tokio::test]
async fn whatever_is_wrong_before_a_signature_is_charged_to_its_sender() {
    let most = 3;
    let limits = Rates {
        unsigned_per_minute: most,
        ..Rates::default()
    };
    let mut town = Town::new().await;
    let link = town.link("hospital.chuo").await;
    let statement = town.sign("hospital.chuo", Type::Access, town.emergency(&link));
    let jose = akashi_proof::statement::header::MEDIA_TYPE;
    let nonce = akashi_proof::statement::header::REQUEST_NONCE;
    let right = crate::foundation::nonce();
    for (wrong, headers, body) in [
        (
            "type",
            vec![("content-type", "text/plain")],
            statement.clone(),
        ),
        (
            "length",
            vec![("content-type", jose)],
            "a".repeat(16 * 1_024 + 1),
        ),
        (
            "coding",
            vec![("content-type", jose), ("content-encoding", "gzip")],
            statement.clone(),
        ),
        (
            "header",
            vec![("content-type", jose), (nonce, "x")],
            statement.clone(),
        ),
        (
            "body",
            vec![("content-type", jose), (nonce, &*right)],
            "x".into(),
        ),
    ] {
        town = town.restart_under(limits.clone()).await;
        let mut refused = 0;
        loop {
            let mut request = Request::post("/v1/accesses");
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let answer = town
                .call(request.body(Body::from(body.clone())).unwrap())
                .await;
            if answer.status == 429 {
                break;
            }
            refused += 1;
            assert!(
                answer.status.is_client_error(),
                "{wrong}: {}",
                answer.text()
            );
            assert!(refused < 100, "{wrong} is free");
        }
        assert!(refused >= most, "{wrong}: {refused}");
    }
}

/// Evidence may be sixty times as long as a statement, and anybody may have some checked.
#[tokio::test]
async fn so_much_evidence_is_checked_at_once_and_the_next_is_turned_away() {
    let town = Town::new().await;
    let verify = async || {
        let request = Request::post("/v1/evidence/verify").header("content-type", "text/plain");
        let body = Body::from(vec![b'x'; EVIDENCE_LEN_MAX]);
        town.call(request.body(body).unwrap()).await
    };
    let door = &town.app.doors.evidence;
    let mut places: Vec<_> = (0..EVIDENCE_AT_ONCE.most - 1)
        .map(|n| door.enter(&[u8::try_from(n).unwrap(), 0, 2, 1]).unwrap())
        .collect();
    assert_eq!(verify().await.status, 422, "N");
    assert_eq!(door.count(), places.len(), "its place is free again");
    places.push(door.enter(&[198, 51, 100, 1]).unwrap());
    let refused = verify().await;
    assert_eq!(refused.status, 503, "N + 1");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.json()["type"], "/problems/overloaded");
    let figures = town.get("/metrics").await.text();
    let counted = "akashi_door_turned_away_total{door=\"evidence\"} 1\n";
    assert!(figures.contains(counted), "{figures}");
    drop(places);
    let one = || door.enter(&[192, 0, 2, 1]);
    let held: Vec<_> = std::iter::from_fn(one).collect();
    assert_eq!(held.len(), EVIDENCE_AT_ONCE.by_ring[0], "of one address");
    assert_eq!(verify().await.status, 422, "nobody else's");
    drop(held);
    let town = town.restart().await;
    assert_eq!(town.app.doors.evidence.count(), 0);
}

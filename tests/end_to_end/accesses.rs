//! Ask before the query: permit, deny, evidence, release.

use akashi_actors::until;
use akashi_client::{
    Access, Client, ClientError, GateFolder, Holder, Http, Query, ReadAgain, TakenOnce, draw,
};
use akashi_proof::evidence::Evidence;
use akashi_proof::ids::{LinkCode, Timestamp};
use akashi_proof::jws::Type;
use akashi_proof::statement::{Basis, RequestNonce};
use akashi_tests::citizen::mails;
use akashi_tests::visitor::Visitor;
use serde_json::json;

use crate::audit::log_keys;
use crate::{Demo, benefit_check};

const PATH: &str = "/coverage?year=2026";

#[tokio::test]
async fn a_permit_opens_the_holders_data_once_and_only_the_holders() {
    let demo = Demo::start().await;
    let (city, insurer) = (
        demo.institution("city.hinata"),
        demo.institution("insurer.hinata"),
    );
    let haruka = demo.citizen("haruka");
    let answered = city.ask(&demo.server, &benefit_check(&haruka), PATH).await;
    assert_eq!(answered.status, 200);
    let answer = answered.json();
    assert_eq!(answer["decision"], "permit", "{answer}");

    let text = answer["evidence"].as_str().unwrap();
    let evidence = Evidence::parse(text.as_bytes()).unwrap();
    let verified = evidence.verify(&log_keys(&demo), &[]).unwrap();
    assert_eq!(verified.index.value(), answer["index"].as_u64().unwrap());
    let part = verified.unseal(&insurer.evidence_key()).unwrap();
    assert_eq!(part.link_code.as_str(), haruka.code("insurer.hinata"));
    verified
        .check_gate_bytes(part.gate_number, &haruka.link_key("insurer.hinata"))
        .unwrap();
    verified.check_request(&part, "GET", PATH, b"").unwrap();
    assert!(
        verified
            .check_request(&part, "GET", "/everything", b"")
            .is_err()
    );
    assert!(
        verified
            .unseal(&demo.institution("pharmacy.midori").evidence_key())
            .is_err(),
        "nobody else's"
    );
    assert!(
        verified
            .check_time(Timestamp::from_millis(
                answer["expires"].as_u64().unwrap() + 60_001
            ))
            .is_err()
    );
    assert!(
        !text.contains(haruka.code("city.hinata")) && !text.contains(haruka.code("insurer.hinata"))
    );

    let first = insurer
        .release(&demo.server, verified.index.value(), (text, &city))
        .await;
    assert_eq!(first.status, 200, "{}", first.json());
    let second = insurer
        .release(
            &demo.server,
            verified.index.value(),
            ("another copy", &city),
        )
        .await;
    assert_eq!(
        (second.status, &second.json()["found"]),
        (409, &json!("spent, other-evidence")),
        "{}",
        second.json()
    );
    let foreign = demo
        .institution("pharmacy.midori")
        .release(&demo.server, verified.index.value(), (text, &city))
        .await;
    assert!(foreign.status >= 400, "{}", foreign.json());
}

#[tokio::test]
async fn two_institutions_need_nothing_but_the_client() {
    let demo = Demo::start().await;
    tokio::task::spawn_blocking(move || ask_check_release_and_read(&demo))
        .await
        .unwrap();
}

fn ask_check_release_and_read(demo: &Demo) {
    let client = Client::new(Http::new(&demo.server.url).unwrap());
    let (city, insurer) = (
        demo.institution("city.hinata"),
        demo.institution("insurer.hinata"),
    );
    let haruka = demo.citizen("haruka");
    let (query, nonce) = (Query::get(PATH), RequestNonce::from_bytes(draw().unwrap()));
    let ask = city
        .client()
        .access(city.stamp(), &benefit_check(&haruka), &query, &nonce)
        .unwrap();
    let answer = client.send(&ask).unwrap();
    answer.recorded.verify(&log_keys(demo)).unwrap();
    assert_eq!(client.send(&ask).unwrap(), answer, "a retry");

    let text = answer.evidence.clone().unwrap();
    let evidence = Evidence::parse(text.as_bytes()).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let holder = Holder {
        id: insurer.client().id().clone(),
        log: log_keys(demo),
        evidence_key: insurer.evidence_key(),
        gates: GateFolder::create(&kept.path().join("gates"), log_keys(demo).origin().clone())
            .unwrap(),
        presented: TakenOnce::default(),
    };
    let key = haruka.link_key("insurer.hinata");
    let known = |_: &LinkCode| Some(key);
    let presented = city.presents(&insurer, &text);
    let permit = holder
        .admit(&evidence, (&query, &presented), insurer.stamp().now, known)
        .unwrap();
    let release = |stamp| {
        let (index, presented) = (permit.evidence.index, presented.clone());
        let report = insurer.client().release(stamp, index, &text, presented);
        report.unwrap()
    };
    let first = release(insurer.stamp());
    let released = client.send(&first).unwrap();
    released.verify(&log_keys(demo)).unwrap();
    assert_eq!(client.send(&first).unwrap(), released, "a retry");
    let signed_anew = release(insurer.stamp());
    assert_eq!(
        client.send(&signed_anew).unwrap(),
        released,
        "a lost answer"
    );
    // Whoever has a copy of the evidence presents nothing, not even to its holder.
    let by_another = demo.institution("hospital.chuo").presents(&insurer, &text);
    let index = permit.evidence.index;
    let stolen = insurer
        .client()
        .release(insurer.stamp(), index, &text, by_another);
    match client.send(&stolen.unwrap()).unwrap_err() {
        ClientError::Refused(problem) => assert_eq!(problem.code(), "invalid-key"),
        other => panic!("{other}"),
    }
    let of_copy = city.presents(&insurer, "another copy");
    let copy = insurer
        .client()
        .release(insurer.stamp(), index, "another copy", of_copy)
        .unwrap();
    match client.send(&copy).unwrap_err() {
        ClientError::Refused(problem) => assert_eq!(problem.code(), "not-releasable"),
        other => panic!("{other}"),
    }

    let path = format!("/v1/accesses/{}", answer.id);
    let read = city
        .client()
        .read::<ReadAgain>(city.stamp(), &path)
        .unwrap();
    let again = client.send(&read).unwrap();
    assert_eq!((again.first, again.resolution), (answer, None));
}

/// The consents on her page.
fn consents(page: &str) -> Vec<String> {
    let ids = page
        .split("href=\"/me/consents/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    ids.filter(|id| id.len() == 22).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_permit_shows_the_consent_it_rests_on_and_ends_with_it() {
    let demo = Demo::start().await;
    let server = &demo.server;
    let (hospital, pharmacy, haruka) = (
        demo.institution("hospital.chuo"),
        demo.institution("pharmacy.midori"),
        demo.citizen("haruka"),
    );
    let load = &demo.description.load;
    let claims = Access {
        subject: Some(haruka.code("hospital.chuo")),
        role_holder: &load.role_holder,
        role: &load.role,
        process: &load.process,
        purpose: &load.purpose,
        holder: "pharmacy.midori",
        categories: &["medication"],
        ..Access::VIEW
    };
    let answer = hospital.ask(server, &claims, PATH).await.json();
    assert_eq!(answer["decision"], "permit", "{answer}");
    let text = answer["evidence"].as_str().unwrap();
    let evidence = Evidence::parse(text.as_bytes()).unwrap();
    let verified = evidence.verify(&log_keys(&demo), &[]).unwrap();
    let consent = verified
        .consent
        .clone()
        .expect("the consent stands beside it");
    assert!(consent.index < verified.index && consent.time < verified.time);

    let mut visitor = Visitor::new(server);
    visitor.sign_in(&haruka.phone.number).await.is(303);
    visitor.step_up(&haruka.entry.recovery_code).await.is(303);
    let mine = consents(&visitor.get("/me/consents").await.text);
    assert!(!mine.is_empty());
    for id in mine {
        let path = format!("/me/consents/{id}/withdraw");
        if visitor.get(&path).await.status == 200 {
            visitor.post(&path, &[]).await.is(303);
        }
    }
    let refused = hospital.ask(server, &claims, PATH).await.json();
    assert_eq!(refused["decision"], "deny", "{refused}");
    let index = verified.index.value();
    let late = pharmacy.release(server, index, (text, &hospital)).await;
    assert_eq!(
        (late.status, &late.json()["found"]),
        (409, &json!("consent-ended")),
        "{}",
        late.json()
    );
}

#[tokio::test]
async fn a_retry_gets_the_same_bytes_also_after_a_restart() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let nonce = [7; 16];
    let mut claims = city.claims(&benefit_check(&demo.citizen("haruka")), PATH, &nonce);
    let statement = city.sign(Type::Access, claims.clone());
    let first = city.post_access(&demo.server, &statement, &nonce).await;
    let again = city.post_access(&demo.server, &statement, &nonce).await;
    assert_eq!((first.status, &first.bytes), (again.status, &again.bytes));

    claims["purpose"] = "treatment".into();
    let refused_statement = city.sign(Type::Access, claims);
    let refused = city
        .post_access(&demo.server, &refused_statement, &nonce)
        .await;
    assert_eq!(refused.json()["decision"], "deny");

    let Demo {
        server,
        description: _,
        folder,
    } = demo;
    let data = server.kill();
    let server = akashi_tests::server::Server::start(&data).await;
    let later = city.post_access_again(&server, &statement, &nonce).await;
    assert_eq!((first.status, &first.bytes), (later.status, &later.bytes));
    let later = city
        .post_access_again(&server, &refused_statement, &nonce)
        .await;
    assert_eq!(refused.bytes, later.bytes);
    drop(folder);
}

#[tokio::test]
async fn an_institution_reads_its_own_accesses_and_nobody_elses() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let answer = city
        .ask(&demo.server, &benefit_check(&demo.citizen("haruka")), PATH)
        .await
        .json();
    let path = format!("/v1/accesses/{}", answer["id"].as_str().unwrap());
    let read = city.read(&demo.server, &path).await;
    assert_eq!(read.status, 200, "{}", read.json());
    assert_eq!(read.json()["index"], answer["index"]);
    assert!(
        demo.institution("pharmacy.midori")
            .read(&demo.server, &path)
            .await
            .status
            >= 400
    );
    assert_eq!(demo.server.get(&path).await.status, 401);
}

#[tokio::test]
async fn out_of_purpose_is_refused_recorded_and_told_by_sms_and_mail() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");
    let known = haruka.texts(&demo.server).await.len();
    let mails_before = mails(&demo.server)
        .await
        .matches(haruka.entry.email.as_deref().unwrap())
        .count();
    let mut claims = benefit_check(&haruka);
    claims.purpose = "treatment";
    let answer = city.ask(&demo.server, &claims, PATH).await.json();
    assert_eq!(answer["decision"], "deny");
    assert_eq!(answer["reasons"][0], "4-whitelist", "{answer}");
    assert!(answer.get("evidence").is_none());

    let alert = haruka.wait_for_text(&demo.server, known, |_| true).await;
    assert!(
        !alert.contains("http") && !alert.contains("insurance") && !alert.contains("保険"),
        "{alert}"
    );
    let address = haruka.entry.email.as_deref().unwrap();
    until("a mail comes", async || {
        let count = mails(&demo.server).await.matches(address).count();
        (count > mails_before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_emergency_is_permitted_to_the_role_allowed_to_and_told_at_once() {
    let demo = Demo::start().await;
    let hospital = demo.institution("hospital.chuo");
    let riku = demo.citizen("riku");
    let known = riku.texts(&demo.server).await.len();
    let asked_by = |role_holder: &'static str, role: &'static str| -> Access<'_> {
        Access {
            subject: Some(riku.code("hospital.chuo")),
            role_holder,
            role,
            process: "care.emergency",
            purpose: "emergency-treatment",
            holder: "pharmacy.midori",
            categories: &["medication", "allergy"],
            basis: Basis::Emergency {
                reason_code: "unconscious".into(),
                reason_text: "found unconscious at home".into(),
            },
            ..Access::VIEW
        }
    };
    let refused = hospital
        .ask(&demo.server, &asked_by("physician-1", "physician"), PATH)
        .await
        .json();
    assert_eq!(refused["decision"], "deny", "{refused}");
    let permitted = hospital
        .ask(
            &demo.server,
            &asked_by("emergency-1", "emergency-physician"),
            PATH,
        )
        .await
        .json();
    assert_eq!(permitted["decision"], "permit", "{permitted}");
    let duties = permitted["duties"].as_array().unwrap();
    assert!(
        duties
            .iter()
            .any(|duty| duty.as_str().unwrap().starts_with("justify-by")),
        "{permitted}"
    );
    riku.wait_for_text(&demo.server, known, |text| {
        text.contains("緊急") || text.contains("emergency")
    })
    .await;
}

#[tokio::test]
async fn statistics_need_a_cohort_and_no_person() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let asked = |size: u64| -> Access<'_> {
        Access {
            role_holder: "statistics-1",
            role: "statistics-officer",
            process: "city.statistics",
            purpose: "official-statistics",
            holder: "hospital.chuo",
            categories: &["vaccination"],
            basis: Basis::Statistics {
                cohort_size: size,
                cohort_digest: akashi_proof::digest::Digest::of(&[b"all"]),
            },
            ..Access::VIEW
        }
    };
    assert_eq!(
        city.ask(&demo.server, &asked(40), PATH).await.json()["decision"],
        "permit"
    );
    assert_eq!(
        city.ask(&demo.server, &asked(9), PATH).await.json()["decision"],
        "deny"
    );
}

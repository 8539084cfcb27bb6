//! Everything at trace level, then a search: no secret of a person or an institution in the server's log, in the public
//! files, in the data file, or in an answer to somebody it does not belong to.

use std::path::Path;

use akashi_ledger::keyring::{KeyOf, Keyring};
use akashi_ledger::link_code;
use akashi_proof::base64;
use akashi_proof::checkpoint::Origin;
use akashi_proof::digest::Secret;
use akashi_proof::ids::{InstitutionId, LinkCode};
use serde_json::json;

use crate::Demo;
use crate::audit::mirror;

/// One secret in every spelling it might appear in.
struct Needle {
    what: String,
    spellings: Vec<Vec<u8>>,
}

fn text(what: &str, secret: &str) -> Needle {
    Needle { what: what.into(), spellings: vec![secret.as_bytes().to_vec()] }
}

fn bytes(what: &str, secret: &[u8]) -> Needle {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    // Standard base64 of bytes inside a longer message has three shapes; without its ends it is in all that begin here.
    let inner = |encoded: String| encoded.trim_end_matches('=').as_bytes()[..secret.len() * 4 / 3 - 1].to_vec();
    let spellings = vec![
        secret.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        bs58::encode(secret).into_vec(),
        inner(base64::standard::encode(secret)),
        inner(base64::url::encode(secret)),
    ];
    Needle { what: what.into(), spellings }
}

fn keyring(data: &Path) -> Keyring {
    let wrapping = std::fs::read(data.join("keys/wrapping.key")).unwrap();
    Keyring::open(&data.join("keys/keyring"), &Secret::from_bytes(wrapping.try_into().unwrap())).unwrap()
}

/// Every secret of the seeded town: handles, phones, codes, keys.
fn needles(demo: &Demo, keyring: &Keyring) -> Vec<Needle> {
    let origin = Origin::new(&demo.description.origin).unwrap();
    let key = |text: &str| base64::url::decode(text).unwrap();
    let mut needles = Vec::new();
    for citizen in &demo.description.citizens {
        let name = &citizen.key;
        needles.push(text(&format!("{name}'s phone"), &citizen.phone));
        needles.push(text(&format!("{name}'s phone"), &citizen.phone[3..]));
        needles.push(text(&format!("{name}'s recovery code"), &citizen.recovery_code));
        needles.push(text(&format!("{name}'s visible ID"), &citizen.qid));
        needles.extend(citizen.email.iter().map(|email| text(&format!("{name}'s address"), email)));
        needles.push(text(&format!("{name}'s name"), &citizen.name_ja));
        for link in &citizen.links {
            needles.push(text(&format!("{name}'s code at {}", link.institution), &link.code));
            needles.push(bytes(&format!("{name}'s link key at {}", link.institution), &key(&link.link_key)));
        }
        let link = &citizen.links[0];
        let institution = InstitutionId::parse(&link.institution).unwrap();
        let code = LinkCode::parse(&link.code).unwrap();
        let sealing = keyring.need(&KeyOf::LinkSeal(institution.clone(), link_code::key_version(&code))).unwrap();
        let handle = link_code::open(&sealing, &origin, &institution, &code).unwrap().subject;
        needles.push(bytes(&format!("{name}'s handle"), handle.as_bytes()));
        let tag_key = keyring.need(&KeyOf::Tag(handle, 0)).unwrap();
        needles.push(bytes(&format!("{name}'s history key"), tag_key.expose()));
    }
    for institution in &demo.description.institutions {
        let private = serde_json::to_value(&institution.jwk).unwrap()["d"].as_str().unwrap().to_owned();
        needles.push(bytes(&format!("{}'s signing key", institution.id), &key(&private)));
        needles.push(bytes(&format!("{}'s evidence key", institution.id), &key(&institution.evidence_key)));
    }
    needles
}

fn assert_clean(place: &str, hay: &[u8], needles: &[Needle]) {
    for needle in needles {
        for spelling in &needle.spellings {
            let found = hay.windows(spelling.len()).any(|window| window == spelling);
            assert!(!found, "{} stands in {place}", needle.what);
        }
    }
}

#[tokio::test]
async fn no_secret_is_in_logs_public_files_data_files_or_others_answers() {
    let demo = Demo::start_with(&["--log", "trace"]).await;
    let needles = needles(&demo, &keyring(&demo.server.data));
    assert!(needles.len() > 100, "{}", needles.len());
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");

    let permitted = city.ask(&demo.server, demo.benefit_check(&haruka), "/coverage").await;
    let mut refused = demo.benefit_check(&haruka);
    refused["purpose"] = "treatment".into();
    let refused = city.ask(&demo.server, refused, "/coverage").await;
    let known = haruka.texts(&demo.server).await.len();
    let asked = json!({
        "subject": haruka.code("city.hinata"), "role_holder": "health-1", "role": "public-health-nurse",
        "process": "city.vaccination-reminder", "purpose": "public-health", "holder": "hospital.chuo",
        "categories": ["vaccination"], "basis": {"kind": "consent"},
    });
    let asked = city.ask(&demo.server, asked, "/vaccinations").await;
    haruka.wait_for_text(&demo.server, known, |text| text.contains("受付番号")).await;
    haruka.reply(&demo.server, "いいえ").await;
    for (what, answered) in [("a permit", &permitted), ("a refusal", &refused), ("a question", &asked)] {
        assert_eq!(answered.status, 200);
        assert_clean(what, &answered.bytes, &needles);
    }
    for path in ["/", "/help", "/audit", "/docs", "/v1/openapi.json", "/metrics", "/readyz", "/sign-in", "/enrol"] {
        assert_clean(path, demo.server.get(path).await.text().await.unwrap().as_bytes(), &needles);
    }

    let copy = tempfile::tempdir().unwrap();
    mirror(&demo.server, copy.path()).await;
    let mut files = vec![copy.path().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            assert_clean(&path.display().to_string(), &std::fs::read(&path).unwrap(), &needles);
        }
    }
    let log = demo.server.output();
    assert!(log.len() > 1_000, "a log at trace level says something: {} bytes", log.len());
    assert_clean("the server's log", log.as_bytes(), &needles);

    let data = demo.server.kill();
    for file in ["data/ledger.redb", "data/guard", "keys/keyring", "contacts"] {
        assert_clean(file, &std::fs::read(data.join(file)).unwrap(), &needles);
    }
}

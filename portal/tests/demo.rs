//! The demo as scripts meet it: a town that is made once, continued after, and survives being
//! killed while it is made; its keys work; its phones and its mail are real ends of real channels.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use akashi::config::ServerConfig;
use akashi::server;
use akashi_actors::{free_port, until, until_so};
use akashi_client::{Access, Institution, Query, Signatory, Stamp};
use akashi_demo::description::Description;
use akashi_demo::load::client::{Connection, Target};
use akashi_demo::load::{self, LoadArgs};
use akashi_demo::smtp::{self, Mails};
use akashi_demo::told::founding::Town;
use akashi_demo::told::seeding::last_record_time;
use akashi_demo::town::clock::SeedClock;
use akashi_demo::town::plan;
use akashi_desk::app::SharedApp;
use akashi_desk::reading::Work;
use akashi_ledger::Reader;
use akashi_policies::{Pack, load as packs};
use akashi_proof::clock::Clock;
use akashi_proof::evidence::Evidence;
use akashi_proof::ids::{InstitutionId, LeafIndex, LinkCode};
use akashi_proof::record::kind::{Event, Outcome, Step};
use akashi_proof::statement::RequestNonce;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;
use serde_json::{Value, json};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A demo that is served.
struct Served {
    app: SharedApp,
    target: Target,
    url: String,
    description: Description,
}

async fn serve(folder: &Path) -> Served {
    let listener = server::listen(LOOPBACK).unwrap();
    let address = listener.local_addr().unwrap();
    let (app, demo) = akashi_demo::start(folder, address, Pack::town().unwrap())
        .await
        .unwrap();
    let url = format!("http://{address}");
    tokio::spawn({
        let app = Arc::clone(&app);
        async move {
            let settings = ServerConfig::default();
            server::run(app, &settings, listener, akashi_demo::routes(demo)).await
        }
    });
    let description = Description::read(&folder.join("demo.json")).unwrap();
    Served {
        app,
        target: Target::parse(&url).unwrap(),
        url,
        description,
    }
}

impl Served {
    async fn kinds(&self) -> BTreeMap<&'static str, usize> {
        self.app.read(Work::Pages, kinds).await.unwrap()
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.target.request("GET", path, &[], b"");
        self.exchange(&request).await
    }

    async fn page(&self, path: &str) -> String {
        let mut connection = Connection::new(self.target.clone());
        let answer = connection.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.body.to_vec()).unwrap()
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let request = self.target.request("POST", path, headers, body.as_bytes());
        self.exchange(&request).await
    }

    async fn exchange(&self, request: &[u8]) -> (u16, Value) {
        let mut connection = Connection::new(self.target.clone());
        let answer = connection.exchange(request).await.unwrap();
        (
            answer.status,
            serde_json::from_slice(answer.body).unwrap_or_default(),
        )
    }

    /// An access by the institution's key in `demo.json`.
    async fn access(&self, requester: &str, asked: &Access<'_>) -> (u16, Value) {
        let institution = self
            .description
            .institutions
            .iter()
            .find(|entry| entry.id == requester)
            .unwrap();
        let id = InstitutionId::parse(requester).unwrap();
        let signatory = Signatory::from_jwk(id, &institution.jwk).unwrap();
        let origin = Origin::new(&self.description.origin).unwrap();
        let stamp = Stamp::draw(self.app.clock.wall()).unwrap();
        let nonce = RequestNonce::from_bytes([3; 16]);
        let request = Institution::new(signatory, origin)
            .access(stamp, asked, &Query::get("/records"), &nonce)
            .unwrap();
        self.exchange(&self.target.write(request.message())).await
    }

    /// Waits until a message on a phone is as wanted.
    async fn message(&self, phone: &str, wanted: impl Fn(&str) -> bool) -> String {
        until("the message arrives", async || {
            let (_, messages) = self.get(&format!("/demo/phone/{phone}/messages")).await;
            let texts = messages.as_array().unwrap().iter();
            let mut newest_first = texts.rev().map(|message| message["text"].as_str().unwrap());
            newest_first.find(|text| wanted(text)).map(str::to_owned)
        })
        .await
    }
}

fn code_for(description: &Description, citizen: &str, institution: &str) -> LinkCode {
    let citizen = description
        .citizens
        .iter()
        .find(|entry| entry.key == citizen)
        .unwrap();
    let link = citizen
        .links
        .iter()
        .find(|link| link.institution == institution)
        .unwrap();
    LinkCode::parse(&link.code).unwrap()
}

/// Records of a log by kind.
fn kinds(reader: &Reader) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for stored in reader.records_from(LeafIndex::new(0), 100_000).unwrap() {
        *kinds
            .entry(stored.open().unwrap().record.event.kind().name())
            .or_default() += 1;
    }
    kinds
}

#[tokio::test]
async fn the_past_turned_out_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::open(folder.path(), Pack::town().unwrap())
        .await
        .unwrap();
    let mut decided: BTreeMap<(Outcome, Option<Step>), usize> = BTreeMap::new();
    for stored in town
        .ledger
        .reader()
        .records_from(LeafIndex::new(0), 100_000)
        .unwrap()
    {
        match stored.open().unwrap().record.event {
            Event::AccessPermitted(e) | Event::AccessDenied(e) => {
                *decided.entry((e.outcome, e.step)).or_default() += 1;
            }
            Event::AccessAsked(e) => {
                *decided
                    .entry((e.decided.outcome, e.decided.step))
                    .or_default() += 1;
            }
            Event::StatisticsPermitted(e) | Event::StatisticsDenied(e) => {
                *decided.entry((e.outcome, e.step)).or_default() += 1;
            }
            Event::StatementRefused(e) => {
                panic!("a statement of the town was bad: {}", e.fault)
            }
            _ => {}
        }
    }
    let denied = |step| {
        decided
            .get(&(Outcome::Deny, Some(step)))
            .copied()
            .unwrap_or_default()
    };
    assert_eq!(
        (
            denied(Step::Role),
            denied(Step::Whitelist),
            denied(Step::Translation)
        ),
        (1, 2, 1),
        "{decided:?}"
    );
    assert_eq!(
        denied(Step::Basis),
        4,
        "no consent, narrowed, withdrawn, too few: {decided:?}"
    );
    assert_eq!(decided[&(Outcome::Ask, Some(Step::Basis))], 4);
    assert_eq!(decided[&(Outcome::Permit, None)], 19, "{decided:?}");
    let kinds = kinds(town.ledger.reader());
    for (kind, count) in [
        ("institution.certified", 6),
        ("subject.enrolled", 12),
        ("consent.narrowed", 1),
        ("consent.withdrawn", 1),
        ("approval.granted", 2),
        ("approval.refused", 1),
        ("approval.expired", 1),
        ("access.release_refused", 1),
        ("alert.raised", 4),
    ] {
        assert_eq!(kinds.get(kind), Some(&count), "{kind}: {kinds:?}");
    }
    let now = SeedClock::running().wall();
    let last = last_record_time(&town.ledger).unwrap();
    assert!(
        last < now && last.plus_millis(3_600_000) > now,
        "the past ends shortly before now"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_in_demo_json_work() {
    let folder = tempfile::tempdir().unwrap();
    let demo = serve(folder.path()).await;
    let asked = async |code: &LinkCode| {
        let asked = Access {
            subject: Some(code.as_str()),
            role_holder: "physician-1",
            role: "physician",
            process: "care.consult",
            purpose: "treatment",
            holder: "pharmacy.midori",
            categories: &["medication"],
            ..Access::VIEW
        };
        demo.access("hospital.chuo", &asked).await
    };
    let code = code_for(&demo.description, "haruka", "hospital.chuo");
    let (status, answer) = asked(&code).await;
    assert_eq!(
        (status, answer["decision"].as_str()),
        (200, Some("permit")),
        "{answer}"
    );

    // The holder opens its part with the keys in the file.
    let evidence = Evidence::parse(answer["evidence"].as_str().unwrap().as_bytes()).unwrap();
    let verified = evidence
        .verify(&demo.app.registry().keys_of_log(), &[])
        .unwrap();
    let holder = demo
        .description
        .institutions
        .iter()
        .find(|entry| entry.id == "pharmacy.midori")
        .unwrap();
    let key = |text: &str| {
        akashi_proof::digest::Secret::from_bytes(
            base64::url::decode(text).unwrap().try_into().unwrap(),
        )
    };
    let part = verified.unseal(&key(&holder.evidence_key)).unwrap();
    assert_eq!(
        part.link_code,
        code_for(&demo.description, "haruka", "pharmacy.midori")
    );
    let haruka = &demo.description.citizens[0];
    let link = haruka
        .links
        .iter()
        .find(|link| link.institution == "pharmacy.midori")
        .unwrap();
    verified
        .check_gate_bytes(part.gate_number, &key(&link.link_key))
        .unwrap();

    // Nobody else's code works, and a citizen without consent is not available.
    let foreign = code_for(&demo.description, "haruka", "hospital.minato");
    assert_eq!(asked(&foreign).await.0, 422);
    let mei = code_for(&demo.description, "mei", "hospital.chuo");
    let (_, answer) = asked(&mei).await;
    assert_eq!(
        (answer["decision"].as_str(), &answer["reasons"]),
        (Some("deny"), &json!(["not-available"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_question_reaches_the_phone_and_a_reply_closes_it() {
    let folder = tempfile::tempdir().unwrap();
    let demo = serve(folder.path()).await;
    let phone = &demo
        .description
        .citizens
        .iter()
        .find(|citizen| citizen.key == "shizue")
        .unwrap()
        .phone;
    let question = demo
        .message(phone, |text| text.contains("ひなた市役所"))
        .await;
    assert!(
        !question.contains("http") && !question.contains("入院"),
        "{question}"
    );
    let kinds_before = demo.kinds().await;
    let path = format!("/demo/phone/{phone}/messages");
    let json_body = [("Content-Type", "application/json")];
    assert_eq!(
        demo.post(&path, &json_body, "{\"text\":\"いいえ\"}")
            .await
            .0,
        202
    );
    assert_eq!(
        demo.post(&path, &json_body, "{\"txt\":\"いいえ\"}").await.0,
        400
    );
    let cross = [
        ("Content-Type", "application/json"),
        ("Sec-Fetch-Site", "cross-site"),
    ];
    assert_eq!(
        demo.post(&path, &cross, "{\"text\":\"いいえ\"}").await.0,
        400
    );
    let refused =
        |kinds: &BTreeMap<&str, usize>| kinds.get("approval.refused").copied().unwrap_or_default();
    assert_eq!(refused(&demo.kinds().await), refused(&kinds_before) + 1);
    assert_eq!(
        demo.post("/demo/phone/gateway", &json_body, "{}").await.0,
        401
    );
    let page = demo.page(&format!("/demo/phone/{phone}?lang=en")).await;
    assert!(
        page.contains("いいえ") && page.contains("Reply"),
        "the phone shows both sides"
    );
    for path in ["/demo/phone", "/demo/mail", "/demo/sign-in"] {
        let page = demo.page(path).await;
        assert!(
            page.contains("lang=\"ja\"") && !page.contains("<script"),
            "{path}"
        );
    }
    let page = demo.page("/demo/sign-in").await;
    assert!(page.contains(&demo.description.citizens[0].recovery_code) && page.contains("青葉"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_made_once_and_a_load_finds_every_record_it_was_promised() {
    let folder = tempfile::tempdir().unwrap();
    let demo = serve(folder.path()).await;
    let acked = folder.path().join("acked");
    let args = LoadArgs {
        url: demo.url.clone(),
        demo: Some(folder.path().join("demo.json")),
        clients: 8,
        seconds: 1,
        people: 40,
        acked: Some(acked.clone()),
        check: None,
    };
    assert!(load::run(args.clone()).await.unwrap());
    let (_, listed) = demo.get("/demo/people?from=38&most=9").await;
    assert_eq!(listed["people"].as_array().unwrap().len(), 2, "{listed}");
    let (_, made) = demo
        .post(
            "/demo/people",
            &[("Content-Type", "application/json")],
            "{\"count\":40}",
        )
        .await;
    assert_eq!(made, json!({ "count": 40, "made": 0 }));

    let check = LoadArgs {
        check: Some(acked.clone()),
        demo: None,
        acked: None,
        ..args
    };
    assert!(load::run(check.clone()).await.unwrap());
    // An acknowledgement the log does not hold.
    let text = std::fs::read_to_string(&acked).unwrap();
    let size = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("r ")?.split(' ').nth(2))
        .unwrap();
    let forged = format!("r 3 {} {size} x\n", base64::standard::encode(&[0xA1; 97]));
    std::fs::write(&acked, text + &forged).unwrap();
    assert!(!load::run(check).await.unwrap());
}

#[tokio::test]
async fn the_mail_server_takes_what_lettre_sends() {
    use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
    let listener = tokio::net::TcpListener::bind(LOOPBACK).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails = Arc::new(Mails::default());
    tokio::spawn(smtp::serve(
        listener,
        Arc::clone(&mails),
        Arc::new(SeedClock::running()),
    ));
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(port)
        .build();
    for text in [
        "お知らせ\n.\n..二つの点",
        "Second mail on the same connection",
    ] {
        let message = Message::builder()
            .from("Akashi <akashi@mail.example>".parse().unwrap())
            .to("haruka@mail.example".parse().unwrap())
            .subject("緊急時の閲覧のお知らせ")
            .body(text.to_owned())
            .unwrap();
        transport.send(message).await.unwrap();
    }
    let mails = mails.all();
    assert_eq!(mails.len(), 2);
    assert_eq!(
        (mails[0].subject.as_str(), mails[0].to.as_slice()),
        (
            "緊急時の閲覧のお知らせ",
            ["haruka@mail.example".to_owned()].as_slice()
        )
    );
    assert_eq!(
        mails[0].text.replace("\r\n", "\n").trim_end(),
        "お知らせ\n.\n..二つの点"
    );
}

/// The built-in pack in a folder, one of its files changed.
fn changed_pack(file: &str, change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in Pack::town_files() {
        let text = if name == file { change(&text) } else { text };
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What `akashi demo` on this folder says before it ends by itself.
fn refused(data: &Path, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akashi"));
    command
        .args(["demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(more);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn a_town_lives_under_the_pack_in_a_folder_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("town");
    let other = changed_pack("purposes.toml", |text| format!("# Reviewed again.\n{text}"));
    let digest = packs::folder(other.path()).unwrap().digest();
    assert_ne!(digest, Pack::town().unwrap().digest());
    let town = Town::open(&data, packs::folder(other.path()).unwrap())
        .await
        .unwrap();
    assert_eq!(town.ledger.reader().registry().policy().digest, digest);
    drop(town);

    let said = refused(&data, &[]);
    let built_in = Pack::town().unwrap().digest().to_string();
    assert!(
        said.contains(&digest.to_string()) && said.contains(&built_in),
        "{said}"
    );
    assert!(
        said.contains("keeps the pack it was made with") && said.trim_end().lines().count() == 1,
        "{said}"
    );
    let again = Town::open(&data, packs::folder(other.path()).unwrap())
        .await
        .unwrap();
    assert_eq!(again.told, 0, "the refused start changed nothing");
}

#[test]
fn a_folder_that_is_no_pack_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("town");
    let broken = changed_pack("roles.toml", |_| "nonsense".into());
    let said = refused(&data, &["--pack", broken.path().to_str().unwrap()]);
    assert!(said.contains("--pack: `roles.toml` line 1"), "{said}");
    let said = refused(&data, &["--pack", "/nonexistent"]);
    assert!(said.contains("--pack: `/nonexistent`"), "{said}");
    assert!(!data.exists());
}

#[tokio::test]
async fn a_pack_the_past_does_not_fit_is_refused_with_the_step_and_leaves_no_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("town");
    let forbidding = |also: &'static str| {
        move |text: &str| {
            format!(
                "{text}\n[[forbid]]\ncode = \"no-pharmacy\"\nrequesters = [\"pharmacy\"]\n{also}\
                 sentence = {{ ja = \"薬局\", en = \"No pharmacy\" }}\n"
            )
        }
    };
    let impatient = |text: &str| {
        text.replace(
            "low_risk = false, window_seconds = 86400",
            "low_risk = false, window_seconds = 900",
        )
    };
    for (pack, expected) in [
        (
            changed_pack("rules.toml", forbidding("")),
            "a consent of `haruka`: the pack does not fit the town's past, in which this is `accepted`; under the pack it \
             is `purposes`: expected nothing between these institutions, found `dispensing`",
        ),
        (
            changed_pack("rules.toml", forbidding("case = false\n")),
            "the access `sora dispensing 1` in the process `pharmacy.dispense`: the pack does not fit the town's past, in \
             which this is `permit`; under the pack it is `deny` at step 10-rules, forbidden-by-rule",
        ),
        (
            changed_pack("processes.toml", |text| {
                text.replace("id = \"research.cohort\"", "id = \"research.study\"")
            }),
            "the count `small count` in the process `research.cohort`",
        ),
        (
            changed_pack("processes.toml", impatient),
            "the answer about `haruka drill-down`",
        ),
    ] {
        let said = refused(&data, &["--pack", pack.path().to_str().unwrap()]);
        assert!(
            said.contains(expected) && said.trim_end().lines().count() == 1,
            "{said}"
        );
        assert!(!data.join("data").exists() && !data.join("demo.json").exists());
    }
    Town::open(&data, Pack::town().unwrap()).await.unwrap();
}

#[tokio::test]
async fn the_demo_listens_on_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    assert!(matches!(
        akashi_demo::start(folder.path(), everywhere, Pack::town().unwrap()).await,
        Err(akashi_demo::DemoError::NotLoopback(_))
    ));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn start_binary(folder: &Path, listen: SocketAddr) -> Child {
    Command::new(env!("CARGO_BIN_EXE_akashi"))
        .args(["demo", "--listen", &listen.to_string(), "--data"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_killed_again_and_again_ends_in_the_same_town() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("town");
    let mut waited = Duration::from_millis(15);
    let mut kills = 0;
    // Kills come closer to the end each time, whatever the machine's speed; the last start is left
    // to finish.
    loop {
        let mut child = start_binary(&data, LOOPBACK);
        let began = Instant::now();
        while began.elapsed() < waited && !data.join("demo.json").exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let done = data.join("demo.json").exists();
        child.kill().unwrap();
        child.wait().unwrap();
        if done {
            break;
        }
        kills += 1;
        waited += Duration::from_millis(23).max(waited / 20);
        assert!(kills < 400, "a start never comes to its end");
    }
    assert!(kills >= 3, "{kills} kills were too few to mean anything");
    let town = Town::open(&data, Pack::town().unwrap()).await.unwrap();
    assert!(last_record_time(&town.ledger).unwrap() >= plan::end(town.seed.made()));
    let whole = tempfile::tempdir().unwrap();
    let other = Town::open(whole.path(), Pack::town().unwrap())
        .await
        .unwrap();
    let mut killed = kinds(town.ledger.reader());
    // What came after the past: the question of today, and what the notifier made of it.
    for (kind, of_today) in [("access.asked", 1), ("notice.sent", 1)] {
        let past = kinds(other.ledger.reader())[kind];
        let found = killed.insert(kind, past).unwrap();
        assert!((past..=past + of_today).contains(&found), "{kind}: {found}");
    }
    assert_eq!(killed, kinds(other.ledger.reader()));
}

async fn until_it_answers(target: &Target) {
    until("the demo answers", async || {
        let mut connection = Connection::new(target.clone());
        let answer = connection.get("/healthz").await;
        answer
            .is_ok_and(|answer| answer.status == 200)
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_server_was_killed_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let (data, acked) = (folder.path().join("town"), folder.path().join("acked"));
    let port = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let url = format!("http://{port}");
    let target = Target::parse(&url).unwrap();
    let mut server = start_binary(&data, port);
    until_it_answers(&target).await;
    let args = LoadArgs {
        url,
        demo: Some(data.join("demo.json")),
        clients: 8,
        seconds: 60,
        people: 30,
        acked: Some(acked.clone()),
        check: None,
    };
    let check = LoadArgs {
        check: Some(acked.clone()),
        demo: None,
        acked: None,
        ..args.clone()
    };
    let load = tokio::spawn(load::run(args));
    until_so("something is acknowledged", || {
        let acked = std::fs::read_to_string(&acked).unwrap_or_default();
        acked.lines().count() >= 300
    })
    .await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(
        load.await.unwrap().is_err(),
        "a server that is gone cannot be checked"
    );
    let mut server = start_binary(&data, port);
    until_it_answers(&target).await;
    let all_there = load::run(check).await.unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(all_there);
}

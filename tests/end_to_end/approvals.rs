//! The person is asked: by SMS, without a link and without saying what about.

use std::path::Path;

use akashi_actors::until;
use akashi_client::Access;
use akashi_proof::jws::Type;
use akashi_tests::citizen::{Citizen, mails};
use akashi_tests::phone::reference_and_code;
use akashi_tests::visitor::{Page, Visitor};
use serde_json::{Value, json};

use crate::Demo;
use crate::audit::audit;

const PATH: &str = "/record";

fn drill_down(citizen: &Citizen) -> Access<'_> {
    Access {
        subject: Some(citizen.code("city.hinata")),
        role_holder: "welfare-1",
        role: "welfare-officer",
        process: "city.drill-down",
        purpose: "welfare-support",
        holder: "hospital.chuo",
        categories: &["diagnosis"],
        ..Access::VIEW
    }
}

fn reminder(citizen: &Citizen) -> Access<'_> {
    Access {
        subject: Some(citizen.code("city.hinata")),
        role_holder: "health-1",
        role: "public-health-nurse",
        process: "city.vaccination-reminder",
        purpose: "public-health",
        holder: "hospital.chuo",
        categories: &["vaccination"],
        ..Access::VIEW
    }
}

/// The access as its requester reads it now.
async fn read(demo: &Demo, answer: &Value) -> Value {
    let path = format!("/v1/accesses/{}", answer["id"].as_str().unwrap());
    demo.institution("city.hinata")
        .read(&demo.server, &path)
        .await
        .json()
}

/// Waits until the requester sees a resolution.
async fn resolution(demo: &Demo, answer: &Value) -> Value {
    until("a resolution", async || {
        let resolution = read(demo, answer).await["resolution"].clone();
        (!resolution.is_null()).then_some(resolution)
    })
    .await
}

async fn wait_for_mail(demo: &Demo, what: &str) {
    until("the mail comes", async || {
        mails(&demo.server).await.contains(what).then_some(())
    })
    .await;
}

#[tokio::test]
async fn anybody_can_refuse_by_reply_and_the_requester_cannot_tell_it_from_silence() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");
    let known = haruka.texts(&demo.server).await.len();
    let answer = city
        .ask(&demo.server, &drill_down(&haruka), PATH)
        .await
        .json();
    assert_eq!(
        (&answer["decision"], &answer["reasons"]),
        (&json!("ask"), &json!(["ask-the-person"])),
        "{answer}"
    );
    assert!(answer.get("evidence").is_none());
    let text = haruka
        .wait_for_text(&demo.server, known, |text| text.contains("受付番号"))
        .await;
    for leak in ["http", "://", "診断", "diagnosis", "病院"] {
        assert!(!text.contains(leak), "{text}");
    }
    let open = read(&demo, &answer).await;
    let (reference, _) = reference_and_code(&text);
    haruka
        .reply(&demo.server, &format!("いいえ {reference}"))
        .await;
    let recorded = format!("お返事（お断り）を記録しました。受付番号{reference}");
    haruka
        .wait_for_text(&demo.server, known + 1, |text| text.contains(&recorded))
        .await;
    wait_for_mail(&demo, "お断りになった").await;
    assert_eq!(
        read(&demo, &answer).await,
        open,
        "a refusal looks like silence until the time is over"
    );
}

#[tokio::test]
async fn a_reply_approves_only_what_the_pack_marks_low_risk() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");

    let known = haruka.texts(&demo.server).await.len();
    let high = city
        .ask(&demo.server, &drill_down(&haruka), PATH)
        .await
        .json();
    let text = haruka
        .wait_for_text(&demo.server, known, |text| text.contains("受付番号"))
        .await;
    let (reference, code) = reference_and_code(&text);
    haruka
        .reply(&demo.server, &format!("はい {reference} {code}"))
        .await;
    haruka
        .wait_for_text(&demo.server, known + 1, |text| {
            text.contains("のお願いを許可できるのは、")
        })
        .await;
    assert!(
        read(&demo, &high).await["resolution"].is_null(),
        "a high risk is not approved by reply"
    );

    let known = haruka.texts(&demo.server).await.len();
    let low = city
        .ask(&demo.server, &reminder(&haruka), PATH)
        .await
        .json();
    assert_eq!(low["decision"], "ask", "{low}");
    let text = haruka
        .wait_for_text(&demo.server, known, |text| text.contains("受付番号"))
        .await;
    let (reference, code) = reference_and_code(&text);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    haruka
        .reply(&demo.server, &format!("はい {reference} {wrong}"))
        .await;
    assert!(
        read(&demo, &low).await["resolution"].is_null(),
        "a wrong code approves nothing"
    );
    haruka
        .reply(&demo.server, &format!("はい {reference} {code}"))
        .await;
    let permitted = resolution(&demo, &low).await;
    assert_eq!(permitted["decision"], "permit", "{permitted}");
    assert!(
        permitted["evidence"]
            .as_str()
            .unwrap()
            .starts_with("akashi-evidence/v1\n")
    );
    let again = city
        .ask(&demo.server, &reminder(&haruka), PATH)
        .await
        .json();
    assert_eq!(
        again["decision"], "ask",
        "an approval is for one access, never for the next"
    );
}

/// A process the town's pack does not have, in which the person has a few seconds to answer.
const QUICK_QUESTION: &str = r#"
[[process]]
id = "city.quick-question"
name = { ja = "急ぎの確認をする", en = "A quick question" }
what = { ja = "保健師が、予防接種の記録を今すぐ確認したいときにお聞きします。", en = "A public health nurse needs to look at your vaccinations right now, and asks you first." }
machine = false
ask = { low_risk = true, window_seconds = 6 }
notify = { permit = "always", deny = "digest" }
erase_after_days = 30
flow = [
    { who = "requester", ja = "保健師が、予防接種の記録の確認を依頼します", en = "The public health nurse asks to check your vaccinations" },
    { who = "person", ja = "許可するか断るかを選べます", en = "You allow or refuse it" },
]

[[process.allow]]
requesters = ["city"]
roles = ["public-health-nurse"]
purposes = ["public-health"]
holders = ["hospital"]
categories = ["vaccination"]
bases = ["consent"]
"#;

/// A copy of the town's pack with that process.
fn pack_with_quick_question(folder: &Path) -> String {
    let town = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/packs/town");
    std::fs::create_dir(folder).unwrap();
    for entry in std::fs::read_dir(town).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    let processes = folder.join("processes.toml");
    let text = std::fs::read_to_string(&processes).unwrap();
    std::fs::write(&processes, text + QUICK_QUESTION).unwrap();
    folder.to_str().unwrap().to_owned()
}

/// Opens a page again and again until it is as wanted.
async fn wait_for_page(
    visitor: &mut Visitor<'_>,
    path: &str,
    wanted: impl Fn(&Page) -> bool,
) -> Page {
    until(path, async || {
        let page = visitor.get(path).await;
        wanted(&page).then_some(page)
    })
    .await
}

fn is_closed(page: &Page) -> bool {
    page.status == 200 && page.text.contains("この許可のお願いは終わっています")
}

#[tokio::test]
async fn silence_is_a_refusal_and_nothing_that_comes_late_counts() {
    let packs = tempfile::tempdir().unwrap();
    let pack = pack_with_quick_question(&packs.path().join("pack"));
    let demo = Demo::start_with(&["--log", "info", "--pack", &pack]).await;
    let (server, city) = (&demo.server, demo.institution("city.hinata"));
    // She has no e-mail address: everything comes to her phone.
    let takeshi = demo.citizen("takeshi");
    let mut visitor = Visitor::new(server);
    visitor.sign_in(&takeshi.phone.number).await.is(303);
    visitor.step_up(&takeshi.entry.recovery_code).await.is(303);
    let known = takeshi.texts(server).await.len();

    let nonce = [9; 16];
    let asked = Access {
        process: "city.quick-question",
        ..reminder(&takeshi)
    };
    let claims = city.claims(&asked, PATH, &nonce);
    let statement = city.sign(Type::Access, claims.clone());
    let first = city.post_access(server, &statement, &nonce).await;
    let answer = first.json();
    assert_eq!(
        (&answer["decision"], &answer["reasons"]),
        (&json!("ask"), &json!(["ask-the-person"])),
        "{answer}"
    );
    let (reference, code) = reference_and_code(
        &takeshi
            .wait_for_text(server, known, |text| text.contains("受付番号"))
            .await,
    );

    // Nobody answers.
    let silence = json!({"decision": "deny", "reasons": ["not-available"]});
    assert_eq!(resolution(&demo, &answer).await, silence);
    takeshi
        .wait_for_text(server, known, |text| {
            text.contains("お返事がないまま期限を過ぎた")
        })
        .await;

    // A reply that comes late is told that it changed nothing.
    let texts = takeshi.texts(server).await.len();
    takeshi
        .reply(server, &format!("はい {reference} {code}"))
        .await;
    takeshi
        .wait_for_text(server, texts, |text| {
            text.contains("この返信では何も変わっていません")
        })
        .await;

    // An approval in the portal that comes late is led to a page that says how it ended.
    let request = format!("/me/requests/{}", answer["index"]);
    wait_for_page(&mut visitor, &request, is_closed).await;
    visitor
        .get("/me/requests")
        .await
        .shows("今、返事を待っているお願いはありません");
    let late = visitor
        .post(
            &request,
            &[("answer", "approve"), ("wording", "seen"), ("code", &code)],
        )
        .await;
    assert_eq!(late.is(303).location(), request);
    visitor
        .get(&request)
        .await
        .shows("期限までに返事がなかったため、許可されなかったものとして終わりました");
    assert_eq!(read(&demo, &answer).await["resolution"], silence);

    // The retry of a statement has the same bytes, whatever has happened since.
    let again = city.post_access_again(server, &statement, &nonce).await;
    assert_eq!((first.status, &first.bytes), (again.status, &again.bytes));

    // The same query in a new statement is decided anew; her phone does not ring for it again.
    let texts = takeshi.texts(server).await.len();
    let anew = city
        .post_access(server, &city.sign(Type::Access, claims), &nonce)
        .await
        .json();
    assert_eq!(anew["decision"], "ask", "{anew}");
    takeshi
        .wait_for_text(server, texts, |text| {
            text.contains("お返事がないまま期限を過ぎた")
        })
        .await;
    let texts = takeshi.texts(server).await.split_off(texts);
    assert!(
        !texts.iter().any(|text| text.contains("受付番号")),
        "{texts:?}"
    );

    everything_is_recorded(&demo, &mut visitor, &[&answer, &anew]).await;
}

/// Both questions and their ends stand in her history and in the public log, and nobody approved
/// anything.
async fn everything_is_recorded(demo: &Demo, visitor: &mut Visitor<'_>, asked: &[&Value]) {
    let history = visitor.get("/me/history").await;
    history.is(200).shows("件は、欠けなくそろっています");
    for answer in asked {
        let index = &answer["index"];
        history.shows(&format!(
            "依頼（<a href=\"/me/history/{index}\">記録{index}番</a>）は、期限までに返事がなかった"
        ));
        visitor
            .get(&format!("/me/history/{}", answer["index"]))
            .await
            .is(200)
            .shows("急ぎの確認をする");
    }
    assert!(!history.text.contains("あなたの許可"), "{}", history.text);

    let last = asked
        .iter()
        .map(|answer| answer["index"].as_u64().unwrap())
        .max()
        .unwrap();
    // Behind the last question, its end.
    let least = last + 2;
    demo.server.published(least).await;
    let output = audit(&[
        "fsck",
        &format!("{}/log", demo.server.url),
        "--vkey",
        &demo.description.vkey,
    ]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("GOOD"), "{said}");
}

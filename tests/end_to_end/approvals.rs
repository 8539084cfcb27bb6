//! The person is asked: by SMS, without a link and without saying what about.

use akashi_tests::citizen::mails;
use serde_json::{Value, json};

use crate::Demo;

const PATH: &str = "/record";

fn drill_down(demo: &Demo, citizen: &str) -> Value {
    json!({
        "subject": demo.citizen(citizen).code("city.hinata"), "role_holder": "welfare-1", "role": "welfare-officer",
        "process": "city.drill-down", "purpose": "welfare-support", "holder": "hospital.chuo",
        "categories": ["diagnosis"], "basis": {"kind": "consent"},
    })
}

fn reminder(demo: &Demo, citizen: &str) -> Value {
    json!({
        "subject": demo.citizen(citizen).code("city.hinata"), "role_holder": "health-1", "role": "public-health-nurse",
        "process": "city.vaccination-reminder", "purpose": "public-health", "holder": "hospital.chuo",
        "categories": ["vaccination"], "basis": {"kind": "consent"},
    })
}

/// The access as its requester reads it now.
async fn read(demo: &Demo, answer: &Value) -> Value {
    let path = format!("/v1/accesses/{}", answer["id"].as_str().unwrap());
    demo.institution("city.hinata").read(&demo.server, &path).await.json()
}

/// Waits until the requester sees a resolution.
async fn resolution(demo: &Demo, answer: &Value) -> Value {
    for _ in 0..200 {
        let resolution = read(demo, answer).await["resolution"].clone();
        if !resolution.is_null() {
            return resolution;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no resolution has come");
}

/// The reference and the six digits a message asks to answer with.
fn reference_and_code(text: &str) -> (String, String) {
    let words: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let find = |test: &dyn Fn(&str) -> bool| words.split_whitespace().find(|word| test(word)).unwrap().to_owned();
    let digits = |word: &str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let letters = |word: &str| word.len() >= 4 && word.bytes().all(|b| b.is_ascii_uppercase());
    // Japanese runs on without spaces: the reference follows its label.
    let reference =
        text.split("受付番号").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_uppercase).collect());
    (reference.unwrap_or_else(|| find(&letters)), find(&digits))
}

async fn wait_for_mail(demo: &Demo, what: &str) {
    for _ in 0..300 {
        if mails(&demo.server).await.contains(what) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no such mail has come");
}

#[tokio::test]
async fn anybody_can_refuse_by_reply_and_the_requester_cannot_tell_it_from_silence() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");
    let known = haruka.texts(&demo.server).await.len();
    let answer = city.ask(&demo.server, drill_down(&demo, "haruka"), PATH).await.json();
    assert_eq!((&answer["decision"], &answer["reasons"]), (&json!("ask"), &json!(["ask-the-person"])), "{answer}");
    assert!(answer.get("evidence").is_none());
    let text = haruka.wait_for_text(&demo.server, known, |text| text.contains("受付番号")).await;
    for leak in ["http", "://", "診断", "diagnosis", "病院"] {
        assert!(!text.contains(leak), "{text}");
    }
    let open = read(&demo, &answer).await;
    let (reference, _) = reference_and_code(&text);
    haruka.reply(&demo.server, &format!("いいえ {reference}")).await;
    wait_for_mail(&demo, "お断りしました").await;
    assert_eq!(read(&demo, &answer).await, open, "a refusal looks like silence until the time is over");
}

#[tokio::test]
async fn a_reply_approves_only_what_the_pack_marks_low_risk() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");

    let known = haruka.texts(&demo.server).await.len();
    let high = city.ask(&demo.server, drill_down(&demo, "haruka"), PATH).await.json();
    let text = haruka.wait_for_text(&demo.server, known, |text| text.contains("受付番号")).await;
    let (reference, code) = reference_and_code(&text);
    haruka.reply(&demo.server, &format!("はい {reference} {code}")).await;
    haruka.wait_for_text(&demo.server, known + 1, |text| text.contains("受け付けられませんでした")).await;
    assert!(read(&demo, &high).await["resolution"].is_null(), "a high risk is not approved by reply");

    let known = haruka.texts(&demo.server).await.len();
    let low = city.ask(&demo.server, reminder(&demo, "haruka"), PATH).await.json();
    assert_eq!(low["decision"], "ask", "{low}");
    let text = haruka.wait_for_text(&demo.server, known, |text| text.contains("受付番号")).await;
    let (reference, code) = reference_and_code(&text);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    haruka.reply(&demo.server, &format!("はい {reference} {wrong}")).await;
    assert!(read(&demo, &low).await["resolution"].is_null(), "a wrong code approves nothing");
    haruka.reply(&demo.server, &format!("はい {reference} {code}")).await;
    let permitted = resolution(&demo, &low).await;
    assert_eq!(permitted["decision"], "permit", "{permitted}");
    assert!(permitted["evidence"].as_str().unwrap().starts_with("akashi-evidence/v1\n"));
    let again = city.ask(&demo.server, reminder(&demo, "haruka"), PATH).await.json();
    assert_eq!(again["decision"], "ask", "an approval is for one access, never for the next");
}

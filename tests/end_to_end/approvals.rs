//! The person is asked: by SMS, without a link and without saying what about.

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

/// Reads the access until it has a resolution.
async fn resolution(demo: &Demo, id: &str) -> Value {
    let city = demo.institution("city.hinata");
    for _ in 0..200 {
        let read = city.read(&demo.server, &format!("/v1/accesses/{id}")).await.json();
        if read.get("resolution").is_some_and(|resolution| !resolution.is_null() && resolution != "none") {
            return read["resolution"].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no resolution has come");
}

/// The six digits and the reference a message carries.
fn code_in(text: &str) -> String {
    let digits: String = text.chars().map(|c| if c.is_ascii_digit() { c } else { ' ' }).collect();
    digits.split_whitespace().find(|run| run.len() == 6).unwrap().to_owned()
}

#[tokio::test]
async fn anybody_can_refuse_by_reply() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");
    let known = haruka.texts(&demo.server).await.len();
    let answer = city.ask(&demo.server, drill_down(&demo, "haruka"), PATH).await.json();
    assert_eq!(answer["decision"], "ask", "{answer}");
    assert!(answer.get("evidence").is_none());
    let text = haruka.wait_for_text(&demo.server, known, |_| true).await;
    for leak in ["http", "://", "診断", "diagnosis", "病院"] {
        assert!(!text.contains(leak), "{text}");
    }
    haruka.reply(&demo.server, "いいえ").await;
    let resolution = resolution(&demo, answer["id"].as_str().unwrap()).await;
    assert_eq!(resolution["decision"], "deny", "{resolution}");
    assert_eq!(resolution["reasons"], json!(["not-available"]));
}

#[tokio::test]
async fn a_reply_approves_only_what_the_pack_marks_low_risk() {
    let demo = Demo::start().await;
    let city = demo.institution("city.hinata");
    let haruka = demo.citizen("haruka");

    let known = haruka.texts(&demo.server).await.len();
    let high = city.ask(&demo.server, drill_down(&demo, "haruka"), PATH).await.json();
    let text = haruka.wait_for_text(&demo.server, known, |_| true).await;
    haruka.reply(&demo.server, &format!("はい {}", code_in(&text))).await;
    haruka.reply(&demo.server, "いいえ").await;
    assert_eq!(resolution(&demo, high["id"].as_str().unwrap()).await["decision"], "deny");

    let known = haruka.texts(&demo.server).await.len();
    let low = city.ask(&demo.server, reminder(&demo, "haruka"), PATH).await.json();
    assert_eq!(low["decision"], "ask", "{low}");
    let text = haruka.wait_for_text(&demo.server, known, |text| text.chars().filter(char::is_ascii_digit).count() >= 6);
    let text = text.await;
    haruka.reply(&demo.server, "はい 000000").await;
    haruka.reply(&demo.server, &format!("はい {}", code_in(&text))).await;
    let resolution = resolution(&demo, low["id"].as_str().unwrap()).await;
    assert_eq!(resolution["decision"], "permit", "{resolution}");
    assert!(resolution["evidence"].as_str().unwrap().starts_with("akashi-evidence/v1\n"));
    let again = city.ask(&demo.server, reminder(&demo, "haruka"), PATH).await.json();
    assert_eq!(again["decision"], "ask", "an approval is for one access, never for the next");
}

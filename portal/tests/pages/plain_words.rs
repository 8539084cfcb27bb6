//! What went wrong, in words a person understands: nothing certified here speaks in codes or names
//! the wrong one.

use akashi_actors::{Page, Portal, until};
use akashi_proof::digest::Digest;
use akashi_proof::evidence::evidence_digest;
use akashi_proof::jws::Type;
use serde_json::{Value, json};

use crate::town::{Town, Visitor};
use crate::{PHONE, give_consent};

/// A person known to both hospitals; the code of the one that asks.
async fn known_to_both(town: &Town, visitor: &mut Visitor<'_>) -> String {
    let qid = visitor.enrol(PHONE).await.qid;
    let mut asking = String::new();
    for institution in ["hospital.minato", "hospital.chuo"] {
        visitor.get("/me/counter-code").await.is(200);
        let page = visitor.post("/me/counter-code", &[]).await;
        asking = town
            .link(
                institution,
                &qid,
                &page.between("figure-number\">", "<").replace(' ', ""),
            )
            .await;
    }
    asking
}

fn look(link_code: &str) -> Value {
    json!({
        "subject": link_code, "role_holder": "dr-1", "role": "physician", "process": "care.consult",
        "purpose": "treatment", "holder": "hospital.minato", "categories": ["medication"],
        "basis": { "kind": "consent" },
        "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
    })
}

/// The page once it shows what the notifier has still to record.
async fn when_shown(visitor: &mut Visitor<'_>, path: &str, what: &str) -> Page {
    until(&format!("`{what}` stands on {path}"), async || {
        let page = visitor.get(path).await;
        page.text.contains(what).then_some(page)
    })
    .await
}

#[tokio::test]
async fn a_refused_statement_is_told_in_a_sentence_and_its_codes_stand_in_the_fields() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let code = known_to_both(&town, &mut visitor).await;
    let mut claims = look(&code);
    (claims["holder"], claims["purpose"]) = (json!("hospital.nowhere"), json!("payment"));
    let index = town
        .refused("/v1/accesses", "hospital.chuo", Type::Access, claims, 422)
        .await["index"]
        .clone();
    let page = visitor.get("/me/history?show=deny").await;
    page.shows("あかしに登録のない機関（hospital.nowhere）")
        .shows("登録のない目的（payment）")
        .shows("依頼に、あかしに登録のない機関や、ルールにない目的・業務・情報の種類が書かれていました。")
        .hides("unknown-code");
    let record = visitor.get(&format!("/me/history/{index}")).await;
    record
        .shows("unknown-code / ")
        .hides("（hospital.nowhere） (hospital.nowhere)");
    let english = visitor.get(&format!("/me/history/{index}?lang=en")).await;
    english
        .shows("an institution unknown to Akashi (hospital.nowhere)")
        .shows("The request named an institution, purpose, work or kind of data")
        .shows("(unknown-code / ");
}

#[tokio::test]
async fn evidence_used_twice_names_its_holder_and_needs_attention() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let code = known_to_both(&town, &mut visitor).await;
    give_consent(&mut visitor).await;
    town.hand_over_evidence_key("hospital.minato").await;
    let permit = town.access("hospital.chuo", look(&code)).await;
    let digest = evidence_digest(permit["evidence"].as_str().unwrap()).to_base64url();
    let release = |digest: &str| json!({ "index": permit["index"], "evidence_digest": digest });
    town.statement(
        "/v1/releases",
        "hospital.minato",
        Type::Release,
        release(&digest),
        &[],
    )
    .await;
    // The same evidence signed anew would be an honest holder's retry.
    let other = Digest::from_bytes([6; 32]).to_base64url();
    let refused = town
        .refused(
            "/v1/releases",
            "hospital.minato",
            Type::Release,
            release(&other),
            409,
        )
        .await;
    let warning = "みなと病院</strong>について、注意が必要です";
    let page = when_shown(&mut visitor, "/me", warning).await;
    page.shows("気をつけていただきたいこと")
        .shows("もう使えない利用証で")
        .hides("中央病院</strong>の依頼");
    let record = visitor
        .get(&format!("/me/history/{}", refused["index"]))
        .await;
    assert_eq!(
        record.text.matches("すでに一度使われている").count(),
        2,
        "above, and among the fields"
    );
    record.hides("誤りがありました").hides("spent");
    visitor
        .get("/me?lang=en")
        .await
        .shows("Minato Hospital</strong> needs your attention");
}

#[tokio::test]
async fn a_role_that_is_not_held_needs_attention_and_stands_there_once() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let code = known_to_both(&town, &mut visitor).await;
    let mut claims = look(&code);
    claims["role_holder"] = json!("dr-9");
    let answer = town.access("hospital.chuo", claims).await;
    assert_eq!(answer["decision"], "deny", "{answer}");
    let card = "card card--alert";
    let page = when_shown(&mut visitor, "/me", card).await;
    page.shows("気をつけていただきたいこと");
    assert_eq!(
        page.text.matches(card).count(),
        1,
        "the refusal and its warning are one: {}",
        page.text
    );
}

#[tokio::test]
async fn what_does_not_limit_a_consent_says_so() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    give_consent(&mut visitor).await;
    let index = visitor
        .get("/me/history")
        .await
        .between("/me/history/", "\"");
    let page = visitor.get(&format!("/me/history/{index}")).await;
    let limits = ["processes", "period_from", "period_until", "erase_by"];
    let not_limited = |page: &Page, word: &str| {
        for name in limits {
            page.shows(&format!("lang=\"en\">{name}</code></dt><dd>{word}</dd>"));
        }
    };
    not_limited(&page, "限定なし");
    page.shows("lang=\"en\">providers</code></dt><dd>なし</dd>");
    not_limited(
        &visitor.get(&format!("/me/history/{index}?lang=en")).await,
        "not limited",
    );
}

#[tokio::test]
async fn of_two_consents_that_overlap_each_is_told_of_the_other() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    let first = give_consent(&mut visitor)
        .await
        .between("記録の控え（記録", "番）");
    let overlapping = [
        ("recipient", "hospital.chuo"),
        ("holder", "hospital.minato"),
        ("purpose", "treatment"),
        ("category", "medication"),
        ("until", "2026-12-31"),
    ];
    let page = visitor.post("/me/consents/new", &overlapping).await;
    page.is(200)
        .shows("同じことを認める同意が、すでにあります")
        .shows(&format!("/me/history/{first}\">記録{first}番"));
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let confirmed: Vec<_> = overlapping
        .iter()
        .copied()
        .chain([("wording", wording.as_str())])
        .collect();
    let receipt = visitor.post("/me/consents/new", &confirmed).await;
    let second = receipt
        .is(303)
        .location()
        .split('/')
        .nth(3)
        .unwrap()
        .to_owned();

    // The next to end stands first: the second one.
    let list = visitor.get("/me/consents").await;
    let id = list.between("button--small\" href=\"/me/consents/", "\"");
    let path = format!("/me/consents/{id}/withdraw");
    let page = visitor.get(&path).await;
    page.shows("この同意は、次の依頼から使えません")
        .shows("ほかの同意は残り、引き続き使えます");
    page.shows(&format!("記録{first}番"))
        .hides(&format!("記録{second}番"));
    visitor
        .get(&format!("{path}?lang=en"))
        .await
        .shows("Other consents are in force and can still be used");
    let receipt = visitor.post(&format!("{path}?lang=ja"), &[]).await;
    let receipt = visitor
        .get(&format!("{}&lang=ja", receipt.is(303).location()))
        .await;
    receipt
        .shows("への同意を取り消しました")
        .shows("みなと病院にある<strong>お薬の記録</strong>")
        .shows(&format!(
            "（<a href=\"/me/history/{second}\">記録{second}番</a>）"
        ))
        .shows("ほかの同意は残り");

    let list = visitor.get("/me/consents").await;
    let id = list.between("button--small\" href=\"/me/consents/", "\"");
    visitor
        .get(&format!("/me/consents/{id}/withdraw"))
        .await
        .hides("ほかの同意は残り");
    visitor
        .post("/me/consents/new", &overlapping)
        .await
        .shows("すでにあります");
}

#[tokio::test]
async fn the_secret_part_of_the_papers_is_cut_from_the_part_that_is_shown() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let before = town.texts(PHONE).await.len();
    visitor.get("/enrol").await;
    visitor.post("/enrol", &[("phone", PHONE)]).await.is(303);
    let code = town.code(PHONE, &["登録"], before).await;
    visitor.get("/enrol/code").await;
    visitor
        .post("/enrol/code", &[("code", &code)])
        .await
        .is(303);
    let vkey = visitor.get("/log/vkey").await.text.trim_end().to_owned();
    for (language, show, keep) in [
        ("ja", "窓口で見せる紙", "人に見せない紙"),
        ("en", "To show at a counter", "Keep secret"),
    ] {
        let page = visitor.get(&format!("/enrol/done?lang={language}")).await;
        let (shown, secret) = page.is(200).text.split_once("class=\"cut\"").unwrap();
        assert!(
            shown.contains(show)
                && shown.contains("qr__picture")
                && !shown.contains("recovery-code"),
            "{shown}"
        );
        assert!(
            secret.contains(keep)
                && secret.contains("recovery-code")
                && !secret.contains("qr__picture"),
            "{secret}"
        );
        assert!(
            secret.contains("http://127.0.0.1:8080") && secret.contains(&vkey),
            "{secret}"
        );
    }
}

#[tokio::test]
async fn a_stranger_reads_the_language_the_browser_asks_for() {
    let town = Town::new().await;
    let visitor = town.visitor();
    for (liked, expected) in [
        ("en-US,en;q=0.9", "en"),
        ("fr,ja;q=0.5,en;q=0.4", "ja"),
        ("fr", "ja"),
    ] {
        let page = visitor.get_liking("/", liked).await;
        page.is(200).shows(&format!("<html lang=\"{expected}\""));
    }
    // What was chosen on the page goes before what the browser asks for.
    let mut chose = town.visitor();
    chose.get("/?lang=ja").await;
    chose.get_liking("/", "en").await.shows("<html lang=\"ja\"");
}

#[tokio::test]
async fn how_to_check_names_what_is_needed_and_what_is_not_there_yet() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let page = visitor.get("/audit").await;
    page.shows("cargo build --release -p akashi-audit")
        .shows("akashi-audit history history-2026-06-01.akashi-history")
        .shows("<a href=\"/supervisors/supervisor.north\">ためし監督局</a>")
        .shows("<span class=\"hash small\">supervisor.north</span>")
        .shows("このうち2機関以上の署名")
        .shows("<span class=\"hash identifier\">hospital.chuo</span>")
        .shows("運営する人を通じてだけ");
    visitor
        .get("/audit?lang=en")
        .await
        .shows("2 of them must sign")
        .shows("only through those who run Akashi");
    visitor
        .get("/help?lang=ja")
        .await
        .shows("説明そのものは、まだここでは受け付けていません");
    visitor
        .get("/help?lang=en")
        .await
        .shows("the explanation itself is not collected here yet");
}

#[tokio::test]
async fn the_contacts_page_says_where_what_is_sent() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    visitor
        .get("/me/contacts")
        .await
        .shows("SMSとメールの両方")
        .shows("メールがあればメールだけに")
        .hides("すべてに届きます");
    visitor
        .get("/me/contacts?lang=en")
        .await
        .shows("by SMS and by e-mail")
        .hides("go to all");
}

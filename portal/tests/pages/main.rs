//! The pages as a browser without scripts sees them, over a whole portal in memory.

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

mod accounts;
mod contacts;
mod ease;
mod flood;
#[path = "../foundation/mod.rs"]
mod foundation;
mod late;
mod links;
mod means;
mod papers;
mod plain_words;
mod reach;
mod strangers;
mod town;
mod twice;
mod typed;

use akashi_actors::{Page, Papers, Portal, until};
use akashi_ledger::store::Table;
use akashi_ledger::store::memory_store::ReadFault;
use akashi_proof::digest::Digest;
use akashi_proof::history::{HistoryItem, HistoryReader, read_record};
use akashi_proof::history_key::HistoryKey;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::{Closed, Event};
use akashi_proof::stream::tag_key_commitment;
use serde_json::json;
use town::{Town, Visitor};

const PHONE: &str = "+819055501234";
const OTHER_PHONE: &str = "+819055508888";

/// Gives the city hall's hospital a consent; returns the page of the receipt.
async fn give_consent(visitor: &mut Visitor<'_>) -> Page {
    let path = "/me/consents/new?recipient=hospital.chuo&holder=hospital.minato";
    visitor
        .get(path)
        .await
        .is(200)
        .shows("中央病院")
        .shows("お薬の記録");
    let wanted = [
        ("recipient", "hospital.chuo"),
        ("holder", "hospital.minato"),
        ("purpose", "treatment"),
        ("category", "medication"),
        ("category", "allergy"),
        ("until", "2027-03-31"),
    ];
    let page = visitor.post("/me/consents/new", &wanted).await;
    page.is(200)
        .shows("2027年3月31日（水）まで")
        .shows("断った場合：");
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let confirmed: Vec<_> = wanted
        .iter()
        .copied()
        .chain([("wording", wording.as_str())])
        .collect();
    let page = visitor.post("/me/consents/new", &confirmed).await;
    let receipt = visitor.get(page.is(303).location()).await;
    assert_eq!(
        receipt.between("この文の指紋</dt><dd class=\"hash\">", "<"),
        wording
    );
    receipt
}

#[tokio::test]
async fn enrol_sign_in_and_the_second_thing() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.get("/enrol").await.is(200);
    visitor
        .post("/enrol", &[("phone", "03-1234-5678")])
        .await
        .is(422)
        .shows("aria-invalid=\"true\"");
    let Papers { qid, recovery, .. } = visitor.enrol(PHONE).await;
    assert!(
        qid.starts_with("qid:") && qid.len() >= 47 && recovery.len() == 24,
        "{qid} {recovery}"
    );
    assert_eq!(
        visitor.get("/enrol/done").await.is(303).location(),
        "/me",
        "kept papers are not shown again"
    );
    visitor
        .get("/me")
        .await
        .is(200)
        .shows("あなたの記録1件は、欠けなくそろっています")
        .hides(&recovery)
        .hides(&qid);
    visitor
        .get("/me/keys/history-key")
        .await
        .is(200)
        .shows("ahk:")
        .shows("人に見せない");
    visitor.get("/me").await;
    visitor.post("/sign-out", &[]).await.is(303);
    assert_eq!(
        visitor.get("/me").await.is(303).location(),
        "/sign-in?next=/me"
    );

    assert_eq!(visitor.sign_in(PHONE).await.is(303).location(), "/me");
    visitor.get("/me").await.is(200).shows("回復コードを入れる");
    for path in [
        "/me/history",
        "/me/consents",
        "/me/keys",
        "/me/contacts",
        "/me/counter-code",
        "/me/keys/history-key",
    ] {
        assert_eq!(
            visitor.get(path).await.is(303).location(),
            format!("/step-up?next={path}")
        );
    }
    assert_eq!(
        visitor.get("/me/history/5/proof").await.is(303).location(),
        "/step-up?next=/me/history/5/proof"
    );
    visitor
        .step_up("0000-0000-0000-0000-0000")
        .await
        .is(422)
        .shows("回復コードが違います");
    visitor.step_up("K4TW").await.is(422).shows("20文字");
    assert_eq!(
        visitor
            .step_up(&recovery.to_lowercase())
            .await
            .is(303)
            .location(),
        "/me"
    );
    visitor
        .get("/me/history")
        .await
        .is(200)
        .shows("あかしに登録しました");

    town.pass_minutes(16);
    assert_eq!(
        visitor.get("/me/history").await.is(303).location(),
        "/step-up?next=/me/history",
        "fell back"
    );
    town.pass_minutes(31);
    assert_eq!(
        visitor.get("/me").await.is(303).location(),
        "/sign-in?next=/me",
        "ended"
    );
}

#[tokio::test]
async fn five_wrong_recovery_codes_rest() {
    let town = Town::new().await;
    let recovery = town.visitor().enrol(PHONE).await.recovery;
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    for _ in 0..5 {
        visitor.step_up("0000-0000-0000-0000-0000").await.is(422);
    }
    visitor
        .step_up(&recovery)
        .await
        .is(422)
        .shows("15分間、入力できません");
    let mut owner = town.visitor();
    owner.sign_in(PHONE).await.is(303);
    owner.step_up(&recovery).await.is(303);
    town.pass_minutes(15);
    visitor.step_up(&recovery).await.is(303);
}

#[tokio::test]
async fn the_history_is_a_file_to_take_away_after_the_second_thing() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (recovery, _) = asked(&town, &mut visitor).await;
    let page = visitor.get("/me/history").await;
    page.is(200)
        .shows("利用の記録をファイルに保存する")
        .shows("href=\"/me/history/file\"");
    visitor
        .get("/me/history?lang=en")
        .await
        .shows("Save my history as a file");
    let sheet = visitor.get("/me/keys/history-key").await;
    let key = HistoryKey::parse(&format!("ahk:{}", sheet.between(">ahk:", "<"))).unwrap();

    let file = visitor.get("/me/history/file").await;
    file.is(200);
    let header = |name: &str| file.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"history-2026-06-01.akashi-history\""
    );
    assert_eq!(header("cache-control"), "no-store");
    let (mut reader, mut records) = (HistoryReader::new(), Vec::new());
    for line in file.text.split_inclusive('\n') {
        let Some(item) = reader.line(line.as_bytes()).unwrap() else {
            continue;
        };
        let HistoryItem::Record {
            seq,
            index,
            disclosure,
        } = item
        else {
            panic!("{item:?}")
        };
        let (record, _) = read_record(&disclosure).unwrap();
        assert_eq!((record.seq(), record.origin), (seq, key.origin.clone()));
        records.push((index, record.event));
    }
    let (head, _) = reader.finish().unwrap();
    assert_eq!(
        (head.epoch, &head.origin, head.records),
        (key.epoch, &key.origin, records.len() as u64)
    );
    let Event::SubjectEnrolled(enrolled) = &records[0].1 else {
        panic!("{records:?}")
    };
    assert_eq!(
        enrolled.tag_key,
        tag_key_commitment(key.epoch, &key.key),
        "the sheet's key is this history's"
    );
    let links = records
        .iter()
        .filter(|(_, event)| matches!(event, Event::LinkIssued(_)))
        .count();
    assert_eq!(links, 2, "with the keys of her links");
    file.hides(&sheet.between(">ahk:", "<")).hides("lc_");

    let mut level_1 = town.visitor();
    level_1.sign_in(PHONE).await.is(303);
    assert_eq!(
        level_1.get("/me/history/file").await.is(303).location(),
        "/step-up?next=/me/history/file"
    );
    level_1.step_up(&recovery).await.is(303);
    level_1.get("/me/history/file").await.is(200);
    assert_eq!(
        town.visitor()
            .get("/me/history/file")
            .await
            .is(303)
            .location(),
        "/sign-in?next=/me/history/file"
    );
}

#[tokio::test]
async fn a_number_enrolled_again_never_opens_the_old_record() {
    let town = Town::new().await;
    let old = town.visitor().enrol(PHONE).await.recovery;
    let mut visitor = town.visitor();
    let new = visitor.enrol(PHONE).await.recovery;
    visitor.get("/me").await.shows("あなたの記録1件");
    let mut later = town.visitor();
    later.sign_in(PHONE).await.is(303);
    later.get("/step-up").await.shows("何人かで使われています");
    later.step_up(&new).await.is(303);
    let newer = later.get("/me/history").await.between("/me/history/", "\"");
    assert_eq!(later.get(&format!("/me/history/{newer}")).await.status, 200);
    town.pass_minutes(11);
    let mut first = town.visitor();
    first.sign_in(PHONE).await.is(303);
    first.step_up(&old).await.is(303);
    first.get(&format!("/me/history/{newer}")).await.is(404);
    first
        .get(&format!("/me/history/{newer}/receipt"))
        .await
        .is(404);
    first
        .get(&format!("/me/history/{newer}/proof"))
        .await
        .is(404);
}

#[tokio::test]
async fn an_unknown_number_is_told_apart_only_by_its_holder() {
    let town = Town::new().await;
    town.visitor().enrol(PHONE).await;
    let mut pages = Vec::new();
    for phone in [PHONE, OTHER_PHONE] {
        let mut visitor = town.visitor();
        visitor.get("/sign-in").await;
        let page = visitor.post("/sign-in", &[("phone", phone)]).await;
        let shown = visitor.get("/sign-in/code").await;
        let masked = shown
            .text
            .replace(&visitor.token, "")
            .replace("••34", "••88");
        pages.push((page.status, page.location().to_owned(), masked));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn a_session_fixed_before_signing_in_is_worth_nothing() {
    let town = Town::new().await;
    let recovery = town.visitor().enrol(PHONE).await.recovery;
    let mut victim = town.visitor();
    victim.get("/sign-in").await;
    let fixed = victim.cookies.clone();
    victim.sign_in(PHONE).await.is(303);
    let level_1 = victim.cookies.clone();
    victim.step_up(&recovery).await.is(303);
    assert!(fixed != level_1 && level_1 != victim.cookies);
    for old in [fixed, level_1] {
        let mut attacker = town.visitor();
        attacker.cookies = old;
        attacker.get("/me").await.is(303);
    }
    victim.get("/me/history").await.is(200);
}

#[tokio::test]
async fn forged_forms_change_nothing() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    let receipt = give_consent(&mut visitor).await;
    receipt.is(200);
    let page = visitor.get("/me/consents").await;
    let id = page.between("/me/consents/", "\"").replace("new", "");
    let id = if id.is_empty() {
        page.between("button--small\" href=\"/me/consents/", "\"")
    } else {
        id
    };
    let path = format!("/me/consents/{id}/withdraw");
    visitor.get(&path).await.is(200);
    let token = visitor.token.clone();
    let same = ("sec-fetch-site", "same-origin");
    visitor
        .post_exactly(&path, &[], &[same])
        .await
        .is(403)
        .shows("受け付けませんでした");
    visitor
        .post_exactly(&path, &[("csrf", "")], &[same])
        .await
        .is(403);
    visitor
        .post_exactly(&path, &[("csrf", &"A".repeat(43))], &[same])
        .await
        .is(403);
    visitor
        .post_exactly(
            &path,
            &[("csrf", &token)],
            &[("sec-fetch-site", "cross-site")],
        )
        .await
        .is(403);
    visitor
        .post_exactly(
            &path,
            &[("csrf", &token)],
            &[("origin", "https://evil.example")],
        )
        .await
        .is(403);
    let long = "長".repeat(2_000);
    visitor
        .post_exactly(&path, &[("csrf", &token), ("reason", &long)], &[same])
        .await
        .is(413)
        .shows("長すぎます");
    let mut other = town.visitor();
    other.get("/sign-in").await;
    visitor
        .post_exactly(&path, &[("csrf", &other.token)], &[same])
        .await
        .is(403);
    visitor.get("/me/consents").await.shows("有効");
    visitor
        .post_exactly(
            &path,
            &[("csrf", &token)],
            &[("origin", "http://portal.example")],
        )
        .await
        .is(303);
    visitor.get("/me/consents").await.shows("取り消し");
}

#[tokio::test]
async fn a_consent_is_given_narrowed_and_withdrawn() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    let (path, base) = (
        "/me/consents/new",
        [
            ("recipient", "hospital.chuo"),
            ("holder", "hospital.minato"),
        ],
    );
    visitor
        .get(path)
        .await
        .is(200)
        .shows("中央病院")
        .shows("市役所");
    visitor
        .get("/me/consents/new?recipient=hospital.chuo")
        .await
        .is(200)
        .shows("みなと病院")
        .hides("holder=hospital.chuo");
    visitor
        .get("/me/consents/new?recipient=hospital.chuo&holder=hospital.minato")
        .await
        .shows("窓口で、職員2人");
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    visitor
        .post(path, &with(&[]))
        .await
        .is(422)
        .shows("少なくとも一つ");
    let all = [("purpose", "treatment"), ("category", "medication")];
    for until in ["", "2020-01-01", "2026-05-31", "2199-01-01", "31.03.2027"] {
        visitor
            .post(path, &[&with(&all)[..], &[("until", until)]].concat())
            .await
            .is(422)
            .shows("until-error");
    }
    let special = with(&[
        ("purpose", "treatment"),
        ("category", "genetic"),
        ("until", "2027-03-31"),
    ]);
    visitor
        .post(path, &special)
        .await
        .is(422)
        .shows("窓口でだけ同意できる");
    let unseen = [
        &with(&all)[..],
        &[("until", "2027-03-31"), ("wording", "something else")],
    ]
    .concat();
    visitor
        .post(path, &unseen)
        .await
        .is(200)
        .shows("この内容に同意する");
    visitor
        .get("/me/consents")
        .await
        .shows("今、有効な同意はありません");

    let receipt = give_consent(&mut visitor).await;
    receipt
        .is(200)
        .shows("記録しました")
        .shows("同意したときに表示した文")
        .shows("まだあなたについてあかしを使えません")
        .shows("town.example/log");
    let page = visitor.get("/me/consents").await;
    let id = page.between("button--small\" href=\"/me/consents/", "\"");
    let one = format!("/me/consents/{id}");
    visitor
        .get(&one)
        .await
        .is(200)
        .shows("value=\"2027-03-31\"");
    let left =
        |more: &[(&'static str, &'static str)]| [&[("purpose", "treatment")][..], more].concat();
    visitor
        .post(&one, &left(&[("until", "2027-03-31")]))
        .await
        .is(422);
    visitor
        .post(
            &one,
            &left(&[
                ("category", "medication"),
                ("category", "allergy"),
                ("until", "2027-03-31"),
            ]),
        )
        .await
        .is(422)
        .shows("何も変わっていません");
    visitor
        .post(
            &one,
            &left(&[("category", "diagnosis"), ("until", "2027-03-31")]),
        )
        .await
        .is(422)
        .shows("増やすことはできません");
    visitor
        .post(
            &one,
            &left(&[("category", "medication"), ("until", "2027-04-01")]),
        )
        .await
        .is(422)
        .shows("今より後");
    let wanted = left(&[("category", "medication"), ("until", "2026-12-31")]);
    let page = visitor.post(&one, &wanted).await;
    page.is(200).shows("残る情報：お薬の記録");
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let confirmed: Vec<_> = wanted
        .iter()
        .copied()
        .chain([("wording", wording.as_str())])
        .collect();
    let page = visitor.post(&one, &confirmed).await;
    visitor
        .get(page.is(303).location())
        .await
        .is(200)
        .shows("同意の範囲を減らしました");
    visitor
        .get("/me/consents")
        .await
        .shows("2026年12月31日（木）")
        .hides("アレルギー・副作用</li>");

    visitor
        .get(&format!("{one}/withdraw"))
        .await
        .is(200)
        .shows("中央病院への同意を取り消しますか");
    let page = visitor.post(&format!("{one}/withdraw"), &[]).await;
    visitor
        .get(page.is(303).location())
        .await
        .is(200)
        .shows("同意を取り消しました");
    for ended in [one.clone(), format!("{one}/withdraw")] {
        visitor
            .get(&ended)
            .await
            .is(200)
            .shows("この同意は終わっています")
            .shows("に取り消し");
    }
    // Her own four, and that she was told of three of them.
    town.settled().await;
    let history = visitor.get("/me/history").await;
    history
        .shows("あなたの記録7件は、欠けなくそろっています")
        .shows("への同意を取り消しました")
        .shows("への同意の範囲を減らしました");
    visitor
        .get("/me/history?institution=hospital.minato")
        .await
        .shows("への同意を取り消しました")
        .hides("あかしに登録しました");
    visitor
        .get("/me/history?show=deny")
        .await
        .shows("当てはまる記録はありません");
    visitor
        .get("/me/history?from=2026-06-02")
        .await
        .shows("当てはまる記録はありません");
    visitor
        .get("/me/history?to=2026-06-01&purpose=treatment")
        .await
        .shows("への同意の範囲を減らしました");
}

/// A person linked to the city and the hospital, and an open question to her.
async fn asked(town: &Town, visitor: &mut Visitor<'_>) -> (String, u64) {
    let (recovery, city) = linked(town, visitor).await;
    let access = town.drill_down(&city).await;
    (recovery, access)
}

/// A person linked to the city and the hospital: her recovery code, and the city's code for her.
async fn linked(town: &Town, visitor: &mut Visitor<'_>) -> (String, String) {
    let Papers { qid, recovery, .. } = visitor.enrol(PHONE).await;
    let mut city = String::new();
    for institution in ["hospital.minato", "city.hall"] {
        visitor.get("/me/counter-code").await.is(200);
        let page = visitor.post("/me/counter-code", &[]).await;
        let code = page.between("figure-number\">", "<").replace(' ', "");
        city = town.link(institution, &qid, &code).await;
    }
    (recovery, city)
}

async fn when_put(visitor: &mut Visitor<'_>, access: u64) -> Page {
    until("the question is put", async || {
        let page = visitor.get(&format!("/me/requests/{access}")).await;
        let is_put = page.is(200).text.contains("name=\"answer\"");
        is_put.then_some(page)
    })
    .await
}

#[tokio::test]
async fn a_request_is_allowed_only_with_its_own_code_and_the_second_thing() {
    let town = Town::new().await;
    let (recovery, access) = asked(&town, &mut town.visitor()).await;
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    let path = format!("/me/requests/{access}");
    let page = when_put(&mut visitor, access).await;
    page.shows("市役所から、あなたの情報を見る許可のお願い")
        .shows("要介護度・障害の程度")
        .shows("回復コードも必要")
        .hides("value=\"approve\"");
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let approve = |code: &str| {
        [
            ("answer", "approve".to_owned()),
            ("wording", wording.clone()),
            ("code", code.to_owned()),
        ]
    };
    let post = |code: &str| approve(code).to_vec();
    let send = post("123456");
    let send: Vec<_> = send
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        visitor.post(&path, &send).await.is(303).location(),
        format!("/step-up?next={path}")
    );

    visitor.step_up(&recovery).await.is(303);
    visitor.get(&path).await.is(200).shows("value=\"approve\"");
    visitor
        .post(&path, &send)
        .await
        .is(422)
        .shows("確認コードが違います");
    let code = town.code(PHONE, &["許可のお願いです"], 0).await;
    let text = town
        .texts(PHONE)
        .await
        .into_iter()
        .find(|text| text.contains(&code))
        .unwrap();
    assert!(!text.contains("http") && !text.contains("要介護"), "{text}");
    let reference = page.between("<span class=\"code\">", "<");
    assert!(text.contains(&reference), "{reference} in {text}");
    // A message that never came is sent again because she asks for it; it holds the same.
    visitor.get(&path).await.shows("value=\"send\"");
    let known = town.texts(PHONE).await.len();
    assert_eq!(
        visitor
            .post(&path, &[("answer", "send")])
            .await
            .is(303)
            .location(),
        path
    );
    assert_eq!(town.code(PHONE, &["許可のお願いです"], known).await, code);
    let send = post(&code);
    let send: Vec<_> = send
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(visitor.post(&path, &send).await.is(303).location(), path);
    let page = visitor.get(&path).await;
    page.is(200)
        .shows("この許可のお願いは終わっています")
        .shows("あなたが許可")
        .shows("その後の判断");
    visitor
        .get("/me/history")
        .await
        .shows("欠けなくそろっています")
        .shows(&format!(
            "依頼（<a href=\"/me/history/{access}\">記録{access}番</a>）"
        ))
        .shows("あなたの許可（<a href=");
    visitor
        .get("/me/requests")
        .await
        .shows("返事を待っているお願いはありません");
}

#[tokio::test]
async fn a_request_is_refused_and_reported_with_the_phone_alone() {
    let town = Town::new().await;
    let (_, access) = asked(&town, &mut town.visitor()).await;
    let mut stranger = town.visitor();
    stranger.enrol(OTHER_PHONE).await;
    stranger
        .get(&format!("/me/requests/{access}"))
        .await
        .is(404);
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    let path = format!("/me/requests/{access}");
    let page = when_put(&mut visitor, access).await;
    let wording = page.between("name=\"wording\" value=\"", "\"");
    visitor
        .get("/me/requests")
        .await
        .is(200)
        .shows("市役所からの許可のお願い");
    stranger
        .post(&path, &[("answer", "refuse"), ("wording", &wording)])
        .await
        .is(404);
    visitor
        .post(&path, &[("answer", "report"), ("wording", "unseen")])
        .await
        .is(422)
        .shows("もう一度お読みください");
    visitor
        .post(&path, &[("answer", "report"), ("wording", &wording)])
        .await
        .is(303);
    visitor
        .get(&path)
        .await
        .is(200)
        .shows("不審な依頼として報告しました");
    assert_eq!(
        visitor
            .post(&path, &[("answer", "refuse"), ("wording", &wording)])
            .await
            .is(303)
            .location(),
        path
    );
}

#[tokio::test]
async fn the_name_a_requester_writes_down_never_stands_for_its_own() {
    let town = Town::new().await;
    let (_, city) = linked(&town, &mut town.visitor()).await;
    let mut claims = foundation::look_at_one(&city);
    claims["on_behalf_of"] = "ひなた中央総合病院".into();
    let answer = town.access("city.hall", claims).await;
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    visitor
        .get("/me")
        .await
        .shows("誰のためか（相手の説明）：ひなた");
    visitor
        .get("/me/requests")
        .await
        .shows("<h2>市役所からの許可のお願い")
        .shows("誰のためか（相手の説明）")
        .hides("院からの許可");
    let page = visitor
        .get(&format!("/me/requests/{}", answer["index"]))
        .await;
    page.shows("<h1>市役所から、")
        .shows("誰のためか（相手の説明）")
        .shows("ひなた中央総合病院")
        .hides("院から、あなた");
    let foreign = "<span lang=\"ja\">ひなた中央総合病院</span>";
    for path in [
        "/me",
        "/me/requests",
        &format!("/me/requests/{}", answer["index"]),
    ] {
        visitor.get(&format!("{path}?lang=en")).await.shows(foreign);
    }
}

#[tokio::test]
async fn what_a_requester_writes_never_leaves_its_quotation_marks() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, city) = linked(&town, &mut visitor).await;
    let mut claims = foundation::look_at_one(&city);
    claims["on_behalf_of"] =
        "厚生労働省」のため、裁判所の命令による）。法律により断れません（参考「".into();
    let answer = town.access("city.hall", claims).await;
    for path in [
        "/me/history",
        &format!("/me/history/{}", answer["index"]),
        "/me/history?lang=en",
    ] {
        visitor.get(path).await.is(200).hides(
            "厚生労働省」のため、裁判所の命令による）。法律により断れません（参考「」のため",
        );
    }
    visitor.get("/me/history?lang=ja").await.shows(
        "相手の説明によれば「厚生労働省〉のため、裁判所の命令による〉。法律により断れません〈参考〈」のため）",
    );
}

#[tokio::test]
async fn a_damaged_record_is_said_loudly() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    give_consent(&mut visitor).await;
    // Joining, the consent, and that she was told of it.
    town.settled().await;
    let page = visitor.get("/me/history").await;
    page.shows("あなたの記録3件は、欠けなくそろっています");
    let index = page.between("class=\"more\" href=\"/me/history/", "\"");
    let index: u64 = index.parse().unwrap();
    town.remains.store.spoil(
        Table::Records,
        &index.to_be_bytes(),
        ReadFault::FlippedBit(2_000),
    );
    for path in ["/me/history", "/me"] {
        visitor
            .get(path)
            .await
            .is(200)
            .shows("記録が欠けています")
            .shows("通し番号3が")
            .hides("欠けなくそろっています");
    }
    visitor.get(&format!("/me/history/{index}")).await.is(500);
}

#[tokio::test]
async fn a_closed_record_stands_in_its_place_in_plain_words() {
    let reveal_by = Some(Timestamp::from_seconds(1_900_000_000));
    let states = [
        (
            Closed::Lost,
            "失われた内容",
            "内容は失われ、誰にも読めません",
        ),
        (
            Closed::Withheld { reveal_by: None },
            "見せられない内容",
            "いつ見せられるかは、まだ決まっていません",
        ),
        (
            Closed::Withheld { reveal_by },
            "見せられない内容",
            "遅くとも2030年3月18日（月）2時46分には見られるようになります",
        ),
        (Closed::Erased, "消去した内容", "内容は消去されました"),
    ];
    for (closed, word, sentence) in states {
        let town = Town::new().await;
        let mut visitor = town.visitor();
        visitor.enrol(PHONE).await;
        let receipt = give_consent(&mut visitor).await;
        let index = receipt.between("/me/history/", "\"");
        town.settled().await;
        town.remains
            .close_body(LeafIndex::parse(&index).unwrap(), closed);
        let link = format!("href=\"/me/history/{index}\"");
        for path in ["/me/history", "/me/history?show=permit", "/me"] {
            visitor
                .get(path)
                .await
                .is(200)
                .shows("欠けなくそろっています")
                .shows("このうち1件は、内容を読めません")
                .shows("日付の分からない記録")
                .shows(word)
                .shows(sentence)
                .shows(&link);
        }
        visitor
            .get(&format!("/me/history/{index}"))
            .await
            .is(200)
            .shows(word)
            .shows(sentence)
            .shows("通し番号2")
            .shows("内容が読めなくても、この証明は変わりません");
        visitor
            .get(&format!("/me/history/{index}?lang=en"))
            .await
            .is(200)
            .shows(match closed {
                Closed::Lost => "is lost: nobody can read it",
                Closed::Withheld { .. } => "By a lawful order",
                Closed::Erased => "was erased",
            });
        visitor
            .get("/me/consents?lang=ja")
            .await
            .is(200)
            .shows("内容を読めない記録が1件あります。その中に、同意の記録があるかもしれません");
        visitor
            .get(&format!("/me/history/{index}/receipt"))
            .await
            .is(200)
            .shows(word);
        visitor
            .get(&format!("/me/history/{index}/proof"))
            .await
            .is(200)
            .shows(&format!("\nindex {index}\n"));
        let file = visitor.get("/me/history/file").await;
        file.is(200)
            .shows(&format!("\n{} 2 {index}", closed.as_str()));
    }
}

#[tokio::test]
async fn somebody_of_whom_a_record_is_lost_is_told_what_she_can_do() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let Papers { recovery, .. } = visitor.enrol(PHONE).await;
    let receipt = give_consent(&mut visitor).await;
    town.settled().await;
    visitor.get("/me").await.hides("記録の一部が失われました");
    // That she was told of the consent.
    let consent: u64 = receipt.between("/me/history/", "\"").parse().unwrap();
    town.remains
        .close_body(LeafIndex::new(consent + 1), Closed::Lost);
    let town = town.restart().await;
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await;
    visitor.step_up(&recovery).await.is(303);
    for path in ["/me", "/me/consents"] {
        visitor
            .get(path)
            .await
            .is(200)
            .shows("あなたの記録の一部が失われました")
            .shows("取り消しと、断ることは、今までどおりできます");
    }
    let page = visitor.get("/me/consents").await;
    let id = page.between("/me/consents/", "\"");
    let id = if id == "new" {
        page.between("button--small\" href=\"/me/consents/", "\"")
    } else {
        id
    };
    visitor
        .get(&format!("/me/consents/{id}/withdraw"))
        .await
        .is(200);
    visitor
        .post(&format!("/me/consents/{id}/withdraw"), &[])
        .await
        .is(303);
}

#[tokio::test]
async fn a_question_whose_record_is_closed_is_not_put_and_says_so() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, access) = asked(&town, &mut visitor).await;
    when_put(&mut visitor, access).await;
    town.settled().await;
    town.remains
        .close_body(LeafIndex::new(access), Closed::Erased);
    visitor
        .get("/me/requests")
        .await
        .is(200)
        .shows("返事を待っているお願いはありません");
    visitor
        .get(&format!("/me/requests/{access}"))
        .await
        .is(200)
        .shows("内容は消去されました");
    visitor.get("/me").await.is(200);
}

#[tokio::test]
async fn what_the_hospital_asks_stands_in_the_history() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let qid = visitor.enrol(PHONE).await.qid;
    let mut codes = Vec::new();
    for institution in ["hospital.minato", "hospital.chuo"] {
        visitor.get("/me/counter-code").await.is(200);
        let page = visitor.post("/me/counter-code", &[]).await;
        codes.push(
            town.link(
                institution,
                &qid,
                &page.between("figure-number\">", "<").replace(' ', ""),
            )
            .await,
        );
    }
    let claims = |purpose: &str, process: &str| {
        json!({
            "subject": codes[1], "role_holder": "dr-1", "role": "physician", "process": process,
            "purpose": purpose,
            "holder": "hospital.minato", "categories": ["medication"],
            "basis": { "kind": "consent" },
            "request_digest": Digest::from_bytes([9; 32]).to_base64url(), "on_behalf_of": "救急隊 <1>",
        })
    };
    assert_eq!(
        town.access("hospital.chuo", claims("treatment", "care.consult"))
            .await["decision"],
        "deny"
    );
    give_consent(&mut visitor).await;
    assert_eq!(
        town.access("hospital.chuo", claims("treatment", "care.consult"))
            .await["decision"],
        "permit"
    );
    assert_eq!(
        town.access("hospital.chuo", claims("research", "care.consult"))
            .await["decision"],
        "deny"
    );
    let page = visitor.get("/me/history?show=permit").await;
    page.shows("中央病院（医師、相手の説明によれば「救急隊 &lt;1&gt;」のため）")
        .hides("<1>")
        .shows("あなたの同意（<a href=");
    let index = page.between("class=\"more\" href=\"/me/history/", "\"");
    visitor
        .get("/me/history?show=deny")
        .await
        .shows("認められた範囲の外")
        .shows("あなたの同意がありません");
    let record = visitor.get(&format!("/me/history/{index}")).await;
    record
        .is(200)
        .shows("みなと病院 (hospital.minato)")
        .shows("照会の内容の指紋")
        .shows("保管しています")
        .shows("town.example/log");
    for code in &codes {
        record.hides(code);
    }
    // What an officer wrote in Japanese is read out as Japanese, wherever it stands.
    let foreign = "<span lang=\"ja\">救急隊</span> &lt;1&gt;";
    visitor
        .get("/me/history?show=permit&lang=en")
        .await
        .shows(&format!("on behalf of, as they say: “{foreign}”)"))
        .shows("was allowed to see <strong>");
    visitor
        .get(&format!("/me/history/{index}"))
        .await
        .shows(&format!("on_behalf_of</code></dt><dd>{foreign}</dd>"));
    visitor.get("/me?lang=ja").await.hides("<span lang=\"ja\">");
    let proof = visitor.get(&format!("/me/history/{index}/proof")).await;
    proof
        .is(200)
        .shows("c2sp.org/tlog-proof@v1\n")
        .shows(&format!("\nindex {index}\n"));
    assert!(
        proof.headers["content-disposition"]
            .to_str()
            .unwrap()
            .ends_with(".tlog-proof\"")
    );
    assert_eq!(
        visitor
            .get(&format!("/me/history/{index}/proof"))
            .await
            .text,
        proof.text,
        "the same for ever"
    );
    for other in ["0", "1", "99999", "-1", "01", "x", "18446744073709551616"] {
        visitor.get(&format!("/me/history/{other}")).await.is(404);
    }
}

/// Everything a page may not be, whatever it shows.
fn check_markup(path: &str, page: &Page, language: &str, secrets: &[&str]) {
    let text = &page.text;
    assert!(
        text.starts_with(&format!("<!doctype html>\n<html lang=\"{language}\">")),
        "{path}: {text}"
    );
    for bad in [
        "<script",
        "style=",
        "<style",
        " on",
        "javascript:",
        "http://",
        "https://",
        "src=\"//",
        "href=\"//",
    ] {
        let found = text.match_indices(bad).find(|(at, _)| {
            // ` on` stands in sentences; only an attribute is meant. The audit page names the
            // portal's own address; of others stands only the certified web page of a body.
            let rest = &text[*at..];
            match bad {
                " on" => rest[1..].split_once('=').is_some_and(|(name, _)| {
                    name.len() < 20 && name.bytes().all(|b| b.is_ascii_lowercase())
                }),
                "http://" => !rest.starts_with("http://127.0.0.1:8080/log"),
                "https://" => !is_web_page(text, *at),
                _ => true,
            }
        });
        assert!(found.is_none(), "{path}: `{bad}` in {text}");
    }
    for secret in secrets {
        assert!(!text.contains(secret), "{path} shows a secret");
    }
    let headings = text.matches("<h1").count();
    assert_eq!(
        headings, 1,
        "{path}: one heading of the first level, found {headings}"
    );
    assert!(page.headers["cache-control"] == "no-store", "{path}");
    assert!(
        page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'"),
        "{path}"
    );
    counts_as_people_do(path, language, text);
    // Whatever is Japanese on an English page - words agreed to, how a name is read - is marked.
    let unmarked = outside_japanese(text);
    let is_japanese = |c: char| {
        ('\u{3041}'..='\u{30FF}').contains(&c)
            || ('\u{3400}'..='\u{4DBF}').contains(&c)
            || ('\u{4E00}'..='\u{9FFF}').contains(&c)
    };
    assert!(
        language == "ja" || !unmarked.contains(is_japanese),
        "{path}: Japanese in an English page: {unmarked}"
    );
}

/// Whether what begins here is the certified web page of a body: a link that says where it leads,
/// tells nobody there where it was followed, and is followed by nothing but a hand.
fn is_web_page(text: &str, at: usize) -> bool {
    let link =
        "<a href=\"https://body.example/\" rel=\"noopener noreferrer\">https://body.example/</a>";
    let mut links = text.match_indices(link);
    links.any(|(begin, _)| (begin..begin + link.len()).contains(&at))
}

/// A page without the elements marked as Japanese, tags and all.
fn outside_japanese(page: &str) -> String {
    const VOID: [&str; 5] = ["br", "input", "link", "meta", "!doctype"];
    let mut outside = String::new();
    // How many elements stand open since the one marked, itself among them.
    let mut open = 0_usize;
    for part in page.split_inclusive('>') {
        let (text, tag) = part.split_once('<').unwrap_or((part, ""));
        let name = tag.split(['>', ' ', '\n']).next().unwrap();
        if open == 0 {
            outside.push_str(text);
        }
        match (open, tag.contains(" lang=\"ja\"")) {
            (0, false) => outside.push_str(tag),
            (depth, _) if tag.starts_with('/') => open = depth - 1,
            (depth, _) if tag.ends_with("/>") || VOID.contains(&name) || name.is_empty() => {
                open = depth;
            }
            (depth, _) => open = depth + 1,
        }
    }
    assert_eq!(
        open, 0,
        "an element marked as Japanese that does not end: {page}"
    );
    outside
}

/// No "1 records" and no blank before a counter in what a page shows.
fn counts_as_people_do(path: &str, language: &str, page: &str) {
    let mut shown = String::new();
    for part in page.split('<') {
        shown.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    let words: Vec<&str> = shown.split_whitespace().collect();
    for (number, word) in words.iter().zip(words.iter().skip(1)) {
        let plural = word.len() > 3 && word.ends_with('s') && word.is_ascii();
        assert!(
            language == "ja" || *number != "1" || !plural,
            "{path}: {number} {word}"
        );
        assert!(
            !number.ends_with(|c: char| c.is_ascii_digit())
                || !word.starts_with(|c| "件番桁分人日個行回時か".contains(c)),
            "{path}: {number} {word}"
        );
    }
}

#[tokio::test]
async fn every_page_in_both_languages_is_clean() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, access) = asked(&town, &mut visitor).await;
    when_put(&mut visitor, access).await;
    give_consent(&mut visitor).await;
    let consents = visitor.get("/me/consents").await;
    let id = consents.between("button--small\" href=\"/me/consents/", "\"");
    let index = visitor
        .get("/me/history")
        .await
        .between("/me/history/", "\"");
    let mine = [
        "/me".to_owned(),
        "/me/history".to_owned(),
        "/me/history?institution=hospital.chuo&purpose=treatment&from=2026-01-01&to=2026-12-31&process=care.consult"
            .to_owned(),
        format!("/me/history/{index}"),
        format!("/me/history/{index}/receipt?done=1"),
        "/me/consents".to_owned(),
        "/me/consents/new".to_owned(),
        "/me/consents/new?recipient=city.hall".to_owned(),
        "/me/consents/new?recipient=city.hall&holder=hospital.minato".to_owned(),
        format!("/me/consents/{id}"),
        format!("/me/consents/{id}/withdraw"),
        "/me/time".to_owned(),
        "/me/requests".to_owned(),
        format!("/me/requests/{access}"),
        "/me/contacts".to_owned(),
        "/me/keys".to_owned(),
        "/me/links".to_owned(),
        "/me/block".to_owned(),
        "/me/unblock".to_owned(),
        "/me/stop".to_owned(),
        "/me/papers".to_owned(),
        "/me/account".to_owned(),
        "/me/contacts/keep".to_owned(),
        "/me/links/city.hall".to_owned(),
        "/me/keys/history-key".to_owned(),
        "/me/counter-code".to_owned(),
        "/me/nothing-here".to_owned(),
    ];
    let public = [
        "/",
        "/help",
        "/accessibility",
        "/audit",
        "/institutions",
        "/institutions/hospital.chuo",
        "/supervisors/supervisor.north",
        "/enrol",
        "/sign-in",
        "/block",
        "/sign-in/mail",
        "/blocked",
        "/nothing-here",
    ]
    .map(str::to_owned);
    let secrets = [PHONE, "9055501234", "090-5550-1234", "55501234"];
    for language in ["ja", "en"] {
        for path in mine.iter().chain(&public) {
            let separator = if path.contains('?') { '&' } else { '?' };
            let localised = format!("{path}{separator}lang={language}");
            let page = visitor.get(&localised).await;
            if page.status == 303 {
                continue; // signing in while signed in
            }
            assert!(
                page.status == 200 || path.ends_with("nothing-here") && page.status == 404,
                "{path} {}",
                page.status
            );
            check_markup(path, &page, language, &secrets);
            assert!(
                visitor
                    .get(path)
                    .await
                    .text
                    .contains(&format!("<html lang=\"{language}\"")),
                "the cookie holds"
            );
        }
        for path in &public {
            let page = town.visitor().get(&format!("{path}?lang={language}")).await;
            check_markup(path, &page, language, &secrets);
        }
    }
    town.visitor().get("/").await.shows("<html lang=\"ja\">");
}

#[tokio::test]
async fn nothing_personal_stands_in_an_address() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor
        .get("/sign-in?next=https://evil.example/")
        .await
        .shows("name=\"next\" value=\"/me\"");
    visitor
        .get("/sign-in?next=//evil.example/")
        .await
        .shows("name=\"next\" value=\"/me\"");
    let page = visitor
        .post("/sign-in", &[("phone", PHONE), ("next", "/me/history")])
        .await;
    assert_eq!(page.is(303).location(), "/sign-in/code?next=/me/history");
    visitor
        .get(page.location())
        .await
        .hides("9055501234")
        .hides("5550-1234");
}

#[tokio::test]
async fn files_are_cached_and_known_again() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    for name in [
        "tokens.css",
        "akashi.css",
        "icons.svg",
        "mark.svg",
        "touch.png",
    ] {
        let page = visitor.get(&format!("/static/{name}")).await;
        page.is(200);
        assert_eq!(page.headers["cache-control"], "public, max-age=3600");
        assert!(page.headers.contains_key("etag"));
    }
    visitor.get("/static/other.css").await.is(404);
}

//! The last step of a form sent twice, at once and in turn: one act, and both answers show it done.

use akashi_actors::{Page, Portal as _};

use crate::town::{Town, Visitor};
use crate::{PHONE, asked, give_consent, when_put};

/// Sends a form by a double click and once more after it. All three answers lead to the same page.
pub async fn thrice(visitor: &mut Visitor<'_>, path: &str, fields: &[(&str, &str)]) -> Page {
    let [first, second] = visitor.post_twice(path, fields).await;
    let third = visitor.post(path, fields).await;
    let leads_to = first.is(303).location();
    for again in [&second, &third] {
        assert_eq!(again.is(303).location(), leads_to, "{again:?}");
    }
    visitor.get(leads_to).await
}

/// How many records of hers the history shows for these words.
async fn told(visitor: &mut Visitor<'_>, words: &str) -> usize {
    let history = visitor.get("/me/history?each=1").await;
    history.is(200).text.matches(words).count()
}

/// The path of the one consent that stands.
async fn only_consent(visitor: &mut Visitor<'_>) -> String {
    let page = visitor.get("/me/consents").await;
    let id = page.between("href=\"/me/consents/", "\">減らす");
    assert!(id.len() > 16, "{id}");
    format!("/me/consents/{}", id.rsplit('/').next().unwrap())
}

#[tokio::test]
async fn a_consent_is_given_left_with_less_and_withdrawn_once() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    let wanted = [
        ("recipient", "hospital.chuo"),
        ("holder", "hospital.minato"),
        ("purpose", "treatment"),
        ("category", "medication"),
        ("category", "allergy"),
        ("until", "2027-03-31"),
    ];
    let page = visitor.post("/me/consents/new", &wanted).await;
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let agreed = [&wanted[..], &[("wording", &wording)]].concat();
    let receipt = thrice(&mut visitor, "/me/consents/new", &agreed).await;
    receipt.is(200).shows("同意");

    let one = visitor.get("/me/consents").await;
    assert_eq!(one.text.matches("減らす・取り消す").count(), 1, "{one:?}");
    let one = only_consent(&mut visitor).await;
    let left = [
        ("purpose", "treatment"),
        ("category", "medication"),
        ("until", "2026-12-31"),
    ];
    let page = visitor.post(&one, &left).await;
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let confirmed = [&left[..], &[("wording", &wording)]].concat();
    let receipt = thrice(&mut visitor, &one, &confirmed).await;
    receipt.is(200).shows("同意の範囲を減らしました");

    let receipt = thrice(&mut visitor, &format!("{one}/withdraw"), &[]).await;
    receipt.is(200).shows("同意を取り消しました");
    // An old form of it says how it ended; nothing is narrowed any more.
    let page = visitor.post(&one, &confirmed).await;
    let page = visitor.get(page.is(303).location()).await;
    page.is(200).shows("この同意は終わっています");
    for words in ["への同意の範囲を減らしました", "への同意を取り消しました"]
    {
        assert_eq!(told(&mut visitor, words).await, 1, "{words}");
    }
    // Agreeing anew after it is a new act.
    give_consent(&mut visitor).await;
    only_consent(&mut visitor).await;
}

#[tokio::test]
async fn a_consent_of_nobody_is_not_there() {
    let town = Town::new().await;
    let (mut visitor, mut other) = (town.visitor(), town.visitor());
    visitor.enrol(PHONE).await;
    other.enrol("+819055508888").await;
    give_consent(&mut other).await;
    let hers = only_consent(&mut other).await;
    visitor.get("/me").await;
    for path in [hers, "/me/consents/AAAAAAAAAAAAAAAAAAAAAA".to_owned()] {
        visitor.get(&path).await.is(404);
        let page = visitor.post(&format!("{path}/withdraw"), &[]).await;
        visitor.get(page.is(303).location()).await.is(404);
    }
    only_consent(&mut other).await;
}

#[tokio::test]
async fn a_request_is_answered_once() {
    for answer in ["refuse", "report"] {
        let town = Town::new().await;
        let (_, access) = asked(&town, &mut town.visitor()).await;
        let mut visitor = town.visitor();
        visitor.sign_in(PHONE).await.is(303);
        let page = when_put(&mut visitor, access).await;
        let wording = page.between("name=\"wording\" value=\"", "\"");
        let fields = [("answer", answer), ("wording", &wording)];
        let path = format!("/me/requests/{access}");
        thrice(&mut visitor, &path, &fields).await.is(200);
    }
}

/// The code of a message that came after the first `known` ones.
async fn code_after(town: &Town, to: &str, known: usize) -> String {
    let is_code = |text: &str| text.contains("確認コード");
    let text = town.wait_for_text(to, known, is_code).await;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits[..6].to_owned()
}

#[tokio::test]
async fn enrolling_twice_gives_the_same_papers_from_either_answer() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.get("/enrol").await.is(200);
    // One message of two clicks.
    let sent = thrice(&mut visitor, "/enrol", &[("phone", PHONE)]).await;
    sent.is(200).shows("6桁");
    let code = code_after(&town, PHONE, 0).await;
    assert_eq!(town.texts(PHONE).await.len(), 1);
    let before = (visitor.cookies.clone(), visitor.token.clone());
    let fields = [("code", code.as_str())];
    let [first, second] = visitor.post_twice("/enrol/code", &fields).await;
    let third = visitor.post("/enrol/code", &fields).await;
    for answer in [&first, &second, &third] {
        assert_eq!(answer.is(303).location(), "/enrol/done");
        let cookie = |page: &Page| page.headers.get("set-cookie").cloned();
        assert_eq!(cookie(answer), cookie(&first), "one session");
    }
    let papers = visitor.get("/enrol/done").await;
    let recovery = papers.is(200).between("id=\"recovery-code\">", "<");
    visitor.get("/enrol/done").await.shows(&recovery);
    visitor
        .post("/enrol/done", &[("kept", "yes")])
        .await
        .is(303);
    assert_eq!(told(&mut visitor, "あかしに登録しました").await, 1);

    // From elsewhere the whole form is worth nothing without the session it came with.
    let mut elsewhere = town.visitor();
    elsewhere.get("/enrol").await;
    elsewhere.token = before.1;
    elsewhere.post("/enrol/code", &fields).await.is(403);
    elsewhere.get("/me").await.is(303);

    let mut later = town.visitor();
    later.sign_in(PHONE).await.is(303);
    later.get("/step-up").await.hides("何人かで使われています");
    later.step_up(&recovery).await.is(303);
}

#[tokio::test]
async fn signing_in_twice_is_one_session() {
    let town = Town::new().await;
    let recovery = town.visitor().enrol(PHONE).await.recovery;
    let mut visitor = town.visitor();
    let known = town.texts(PHONE).await.len();
    visitor.get("/sign-in").await.is(200);
    thrice(&mut visitor, "/sign-in", &[("phone", PHONE)])
        .await
        .is(200);
    let code = code_after(&town, PHONE, known).await;
    assert_eq!(town.texts(PHONE).await.len(), known + 1);
    let home = thrice(&mut visitor, "/sign-in/code", &[("code", &code)]).await;
    home.is(200).shows("回復コードを入れる");
    visitor.get("/step-up").await.is(200);
    let home = thrice(&mut visitor, "/step-up", &[("recovery", &recovery)]).await;
    home.is(200).shows("欠けなくそろっています");
    let gone = thrice(&mut visitor, "/sign-out", &[]).await;
    gone.is(200).shows("ログアウトしました");
    visitor.get("/").await.hides("ログアウトしました");
}

#[tokio::test]
async fn who_is_enrolled_is_told_so() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    visitor
        .get("/enrol")
        .await
        .is(200)
        .shows("登録は済んでいます");
    let again = visitor.post("/enrol", &[("phone", PHONE)]).await;
    assert_eq!(again.is(303).location(), "/enrol");
    assert_eq!(town.texts(PHONE).await.len(), 1);
    visitor.post("/sign-out", &[]).await.is(303);
    visitor.get("/enrol").await.is(200).shows("name=\"phone\"");
}

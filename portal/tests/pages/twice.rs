//! The last step of a form sent twice, at once and in turn: one act, and both answers show it done.

use akashi_actors::Page;

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

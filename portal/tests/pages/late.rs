//! A form that comes too late: its session is over, or another tab has begun another. What was
//! typed comes back to whom it belongs, and it is said why it must be sent again.

use crate::town::{Town, Visitor};
use crate::{OTHER_PHONE, PHONE, asked, when_put};

const GIVE: &str = "/me/consents/new";
const WANTED: [(&str, &str); 6] = [
    ("recipient", "hospital.chuo"),
    ("holder", "hospital.minato"),
    ("purpose", "treatment"),
    ("category", "medication"),
    ("category", "allergy"),
    ("until", "2027-03-31"),
];
const GO_ON: &str = "入力の続き";
const KEPT: &str = "入力した内容は残してあります";

/// She fills in a consent, and sends it when it is too late.
async fn sends_too_late(town: &Town, visitor: &mut Visitor<'_>, minutes: u64) -> String {
    visitor.get(GIVE).await.is(200);
    let page = visitor.post(GIVE, &WANTED).await;
    let wording = page.is(200).between("name=\"wording\" value=\"", "\"");
    town.pass_minutes(minutes);
    let fields = [&WANTED[..], &[("wording", &wording)]].concat();
    let answer = visitor.post(GIVE, &fields).await;
    answer.is(303).location().to_owned()
}

/// The form is before her, filled in; one button goes on with it, and to the words first.
async fn goes_on(visitor: &mut Visitor<'_>) {
    let page = visitor.get(GIVE).await;
    page.is(200).shows(GO_ON).hides("name=\"wording\"");
    for (name, value) in WANTED {
        page.shows(&format!("name=\"{name}\" value=\"{value}\""));
    }
    let page = visitor.post(GIVE, &WANTED).await;
    let wording = page.is(200).between("name=\"wording\" value=\"", "\"");
    visitor.get(GIVE).await.is(200).hides(GO_ON);
    visitor.get("/me/consents").await.hides("減らす・取り消す");
    let fields = [&WANTED[..], &[("wording", &wording)]].concat();
    visitor.post(GIVE, &fields).await.is(303);
    visitor.get("/me/consents").await.shows("減らす・取り消す");
}

#[tokio::test]
async fn what_was_typed_is_there_again_after_signing_in() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let recovery = visitor.enrol(PHONE).await.recovery;
    let leads_to = sends_too_late(&town, &mut visitor, 31).await;
    assert_eq!(leads_to, "/sign-in?next=/me/consents/new");
    visitor.get(&leads_to).await.is(200).shows(KEPT);
    visitor.get(&leads_to).await.is(200).hides(KEPT);
    visitor.sign_in(PHONE).await.is(303);
    // The phone alone does not open it.
    let leads_to = visitor.get(GIVE).await.is(303).location().to_owned();
    assert_eq!(leads_to, "/step-up?next=/me/consents/new");
    visitor.step_up(&recovery).await.is(303);
    goes_on(&mut visitor).await;
}

#[tokio::test]
async fn what_was_typed_is_there_again_after_a_rest() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let recovery = visitor.enrol(PHONE).await.recovery;
    let leads_to = sends_too_late(&town, &mut visitor, 16).await;
    assert_eq!(leads_to, "/step-up?next=/me/consents/new");
    visitor.get(&leads_to).await.is(200).shows(KEPT);
    visitor.step_up(&recovery).await.is(303);
    goes_on(&mut visitor).await;
}

#[tokio::test]
async fn what_was_typed_comes_back_to_nobody_else_at_the_same_browser() {
    let town = Town::new().await;
    let other = town.visitor().enrol(OTHER_PHONE).await.recovery;
    let mut visitor = town.visitor();
    let recovery = visitor.enrol(PHONE).await.recovery;
    sends_too_late(&town, &mut visitor, 31).await;
    let browser = visitor.cookies.clone();
    for value in browser.values() {
        assert!(!value.contains("hospital"), "it stays on the server");
    }
    visitor.sign_in(OTHER_PHONE).await.is(303);
    visitor.step_up(&other).await.is(303);
    visitor
        .get(GIVE)
        .await
        .is(200)
        .hides(GO_ON)
        .hides("2027-03-31");
    visitor.post("/sign-out", &[]).await.is(303);
    visitor.sign_in(PHONE).await.is(303);
    visitor.step_up(&recovery).await.is(303);
    goes_on(&mut visitor).await;

    sends_too_late(&town, &mut visitor, 31).await;
    town.pass_minutes(30);
    visitor.sign_in(PHONE).await.is(303);
    visitor.step_up(&recovery).await.is(303);
    visitor.get(GIVE).await.is(200).hides(GO_ON);
}

#[tokio::test]
async fn a_session_that_has_ended_says_so() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    town.pass_minutes(31);
    let leads_to = visitor
        .get("/me/history")
        .await
        .is(303)
        .location()
        .to_owned();
    let page = visitor.get(&leads_to).await;
    page.is(200)
        .shows("ログインの時間が終わりました")
        .hides(KEPT);
    // Who never was signed in is told nothing.
    let mut stranger = town.visitor();
    let page = stranger.get("/me").await;
    let page = stranger.get(page.is(303).location()).await;
    page.is(200).hides("ログインの時間が終わりました");
}

/// Another tab has shown the second thing meanwhile: the request again, and one click more.
#[tokio::test]
async fn a_request_is_there_again_when_another_tab_stepped_up() {
    let town = Town::new().await;
    let (recovery, access) = asked(&town, &mut town.visitor()).await;
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    let page = when_put(&mut visitor, access).await;
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let (path, old) = (format!("/me/requests/{access}"), visitor.token.clone());
    visitor.step_up(&recovery).await.is(303);
    let refuse = [("answer", "refuse"), ("wording", &wording)];
    visitor.token = old;
    let answer = visitor.post(&path, &refuse).await;
    assert_eq!(answer.is(303).location(), path);
    let page = visitor.get(&path).await;
    page.is(200)
        .shows("開き直しました")
        .shows("value=\"refuse\"");
    visitor.post(&path, &refuse).await.is(303);
    visitor.get(&path).await.is(200).shows("お断り");
}

#[tokio::test]
async fn signing_out_works_from_an_old_page() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let recovery = visitor.enrol(PHONE).await.recovery;
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    visitor.get("/me").await.is(200);
    let old = visitor.token.clone();
    visitor.step_up(&recovery).await.is(303);
    visitor.get("/me/history").await.is(200);
    visitor.token = old;
    visitor.post("/sign-out", &[]).await.is(303);
    visitor.get("/me").await.is(303);
}

/// Pages of ours, but not hers: what another's form says is never done, nor kept for her.
#[tokio::test]
async fn another_persons_page_is_no_old_page_of_hers() {
    let town = Town::new().await;
    let (mut visitor, mut other) = (town.visitor(), town.visitor());
    visitor.enrol(PHONE).await;
    other.enrol(OTHER_PHONE).await;
    other.get(GIVE).await.is(200);
    visitor.token = other.token.clone();
    visitor.post(GIVE, &WANTED).await.is(403);
    let mut nobody = town.visitor();
    nobody.get("/sign-in").await;
    visitor.token = nobody.token.clone();
    visitor.post(GIVE, &WANTED).await.is(403);
    visitor.get(GIVE).await.is(200).hides(GO_ON);
}

/// A page that answers a form has an address of its own, which holds nothing that was typed.
#[tokio::test]
async fn back_and_reloading_show_the_page_and_send_nothing_again() {
    let town = Town::new().await;
    let (mut visitor, mut other) = (town.visitor(), town.visitor());
    visitor.enrol(PHONE).await;
    visitor.get(GIVE).await.is(200);
    let token = visitor.token.clone();
    let fields = [&WANTED[..], &[("csrf", &token)]].concat();
    let same = [("sec-fetch-site", "same-origin")];
    let answer = visitor.post_exactly(GIVE, &fields, &same).await;
    let address = answer.is(303).location().to_owned();
    let number = address.strip_prefix("/me/consents/new?shown=").unwrap();
    assert!(number.len() == 22 && !address.contains("hospital"));
    let page = visitor.get(&address).await;
    let wording = page.is(200).between("name=\"wording\" value=\"", "\"");
    let agreed = [&WANTED[..], &[("wording", &wording)]].concat();
    visitor.post(GIVE, &agreed).await.is(303);
    // Back from the receipt: the page again, and agreeing again is the same act.
    visitor.get(&address).await.is(200).shows(&wording);
    visitor.post(GIVE, &agreed).await.is(303);
    let consents = visitor.get("/me/consents").await;
    assert_eq!(consents.text.matches("減らす・取り消す").count(), 1);

    other.enrol(OTHER_PHONE).await;
    other.get(&address).await.is(200).hides(&wording);
    visitor.post("/sign-out", &[]).await.is(303);
    visitor.get(&address).await.is(303);

    other.get("/me/counter-code").await.is(200);
    let page = other.post("/me/counter-code", &[]).await;
    let code = page.is(200).between("figure-number\">", "<");
    let last = other.pages.iter().rev();
    let mut shown = last.filter(|page| page.request.contains("?shown="));
    let address = shown.next().unwrap().request.replace("GET ", "");
    other.get(&address).await.is(200).shows(&code);
}

#[tokio::test]
async fn a_new_number_that_was_typed_is_there_again_too() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let recovery = visitor.enrol(PHONE).await.recovery;
    let page = visitor.get("/me/contacts").await;
    let id = page.between("/me/contacts/replace?contact=", "\"");
    let replace = "/me/contacts/replace";
    visitor
        .get(&format!("{replace}?contact={id}"))
        .await
        .is(200);
    town.pass_minutes(31);
    let fields = [("contact", id.as_str()), ("address", OTHER_PHONE)];
    let answer = visitor.post(replace, &fields).await;
    let leads_to = answer.is(303).location().to_owned();
    assert_eq!(leads_to, format!("/sign-in?next={replace}"));
    visitor.get(&leads_to).await.is(200).shows(KEPT);
    visitor.sign_in(PHONE).await.is(303);
    visitor.step_up(&recovery).await.is(303);
    let page = visitor.get(replace).await;
    page.is(200)
        .shows(GO_ON)
        .shows(&format!("name=\"address\" value=\"{OTHER_PHONE}\""));
    let page = visitor.post(replace, &fields).await;
    let leads_to = page.is(303).location().to_owned();
    assert!(leads_to.starts_with("/me/contacts/replace/code"));
    // Once; without it there is nothing to replace, and the list is shown.
    let page = visitor.get(replace).await;
    assert_eq!(page.is(303).location(), "/me/contacts");
}

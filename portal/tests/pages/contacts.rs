//! A contact is replaced, kept, ended; and a number changes hands.

use akashi_actors::{Browser, Portal, six_digits};

use crate::town::{Town, Visitor};
use crate::{OTHER_PHONE, PHONE, asked, linked, when_put};

const NEW_PHONE: &str = "+819055507777";
const MAIL: &str = "kana@example.jp";

/// The identifier of her only phone, as her page has it.
async fn phone_of(visitor: &mut Visitor<'_>) -> String {
    let page = visitor.get("/me/contacts").await;
    page.between("/me/contacts/replace?contact=", "\"")
}

/// Announces that another number takes the place of her phone.
async fn replace(town: &Town, visitor: &mut Visitor<'_>, new: &str) -> String {
    let id = phone_of(visitor).await;
    visitor
        .get(&format!("/me/contacts/replace?contact={id}"))
        .await
        .is(200)
        .shows("3日後");
    let known = town.texts(new).await.len();
    let fields = [("contact", id.as_str()), ("address", new)];
    let page = visitor.post("/me/contacts/replace", &fields).await;
    visitor.get(page.is(303).location()).await.is(200);
    let has_code = |text: &str| six_digits(text).is_some();
    let code = six_digits(&town.wait_for_text(new, known, has_code).await).unwrap();
    let typed = [("contact", id.as_str()), ("code", code.as_str())];
    let done = visitor.post("/me/contacts/replace/code", &typed).await;
    assert!(
        done.is(303).location().starts_with("/me/history/"),
        "{done:?}"
    );
    id
}

#[tokio::test]
async fn a_new_number_is_hers_after_three_days_and_the_old_one_can_stop_it() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let papers = visitor.enrol(PHONE).await;
    let old = replace(&town, &mut visitor, NEW_PHONE).await;
    visitor
        .get("/me/contacts")
        .await
        .shows("新しいものへ変わります");
    // The old one is told, and the new one opens nothing yet.
    let told = |text: &str| text.contains("3日後に新しいものへ変わります");
    town.wait_for_text(PHONE, 0, told).await;
    let mut by_new = town.visitor();
    nobody(&town, &mut by_new, NEW_PHONE).await;
    // A second replacement waits for the first.
    visitor
        .get(&format!("/me/contacts/replace?contact={old}"))
        .await
        .is(303);

    // Whoever holds the old phone stops it, without the second thing; once.
    let mut by_old = town.visitor();
    by_old.sign_in(PHONE).await.is(303);
    let page = by_old.get("/me/contacts/keep").await;
    let instead_of = page.is(200).between("name=\"contact\" value=\"", "\"");
    let fields = [("contact", instead_of.as_str())];
    let [first, second] = by_old.post_twice("/me/contacts/keep", &fields).await;
    for page in [first, second] {
        assert_eq!(page.is(303).location(), "/me/contacts/keep");
    }
    by_old
        .get("/me/contacts/keep")
        .await
        .shows("変わる予定のお知らせ先はありません");
    town.pass_minutes(73 * 60);
    nobody(&town, &mut town.visitor(), NEW_PHONE).await;

    // Nobody stops the next one.
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    visitor.step_up(&papers.recovery).await.is(303);
    replace(&town, &mut visitor, NEW_PHONE).await;
    town.pass_minutes(72 * 60 - 1);
    town.visitor().sign_in(PHONE).await.is(303);
    let mut early = town.visitor();
    nobody(&town, &mut early, NEW_PHONE).await;
    let mut open = town.visitor();
    open.sign_in(PHONE).await.is(303);
    open.get("/me").await.is(200);
    town.pass_minutes(1);
    // What was open with the old number shows nothing any more.
    let page = open.get("/me").await;
    assert!(page.is(303).location().starts_with("/step-up"), "{page:?}");
    nobody(&town, &mut town.visitor(), PHONE).await;
    let mut by_new = town.visitor();
    by_new.sign_in(NEW_PHONE).await.is(303);
    by_new.step_up(&papers.recovery).await.is(303);
    by_new.get("/me/contacts").await.is(200).shows("77");
}

/// Signs in with a number that is nobody's.
async fn nobody(town: &Town, visitor: &mut Browser<'_, Town>, phone: &str) {
    let _ = town;
    visitor.get("/sign-in").await.is(200);
    visitor.post("/sign-in", &[("phone", phone)]).await.is(303);
    let page = visitor.get("/me").await;
    assert!(page.is(303).location().starts_with("/sign-in"), "{page:?}");
}

#[tokio::test]
async fn a_number_that_changes_hands_opens_nothing_of_whoever_had_it() {
    let town = Town::new().await;
    let mut owner = town.visitor();
    let (recovery, access) = asked(&town, &mut owner).await;
    when_put(&mut owner, access).await;
    let mut open = town.visitor();
    open.sign_in(PHONE).await.is(303);
    open.get("/me").await.is(200).shows("市役所");

    // Somebody else has the number now, and enrols.
    let mut other = town.visitor();
    let others = other.enrol(PHONE).await;
    for path in ["/me".to_owned(), "/me/requests".to_owned()] {
        other.get(&path).await.is(200).hides("市役所");
    }
    other.get(&format!("/me/requests/{access}")).await.is(404);
    town.pass_minutes(11);
    let mut again = town.visitor();
    again.sign_in(PHONE).await.is(303);
    again.get("/me").await.is(200).hides("市役所");
    again.get("/me/requests").await.is(200).hides("市役所");
    again.get(&format!("/me/requests/{access}")).await.is(404);
    // What was open before shows nothing of her any more either.
    open.get("/me/requests").await.hides("市役所");
    // Nothing about her is sent to the number.
    let before = town.texts(PHONE).await.len();
    town.settled().await;
    town.pass_minutes(1);
    assert_eq!(town.texts(PHONE).await.len(), before);

    // Her own code is the way to what is hers, and only hers.
    again.step_up(&recovery).await.is(303);
    let page = again.get("/me/contacts").await;
    page.is(200).shows("ほかの方が登録しました");
    again.get("/me/history").await.shows("ほかの方");
    // She shares it: then it counts for both, with the reference.
    let id = phone_of(&mut again).await;
    let done = again
        .post("/me/contacts/confirm", &[("contact", &id)])
        .await;
    assert!(done.is(303).location().starts_with("/me/history/"));
    let twice = again
        .post("/me/contacts/confirm", &[("contact", &id)])
        .await;
    assert_eq!(twice.is(303).location(), done.location());
    open.get("/me/requests").await.is(200).shows("市役所");
    // The last contact by which she is reached stays.
    again
        .get(&format!("/me/contacts/end?contact={id}"))
        .await
        .shows("削除できません");
    again
        .post("/me/contacts/end", &[("contact", &id)])
        .await
        .is(409);
    drop(others);
}

#[tokio::test]
async fn a_contact_is_ended_by_her_alone_and_at_once() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, _) = linked(&town, &mut visitor).await;
    let mut level_1 = town.visitor();
    level_1.sign_in(PHONE).await.is(303);
    level_1.get("/me").await.is(200);
    let id = phone_of(&mut visitor).await;
    for path in [
        "/me/contacts/end",
        "/me/contacts/confirm",
        "/me/contacts/replace",
    ] {
        let page = level_1.post(path, &[("contact", &id)]).await;
        assert!(page.is(303).location().starts_with("/step-up"), "{page:?}");
    }
    // Another's contact is not there.
    let mut other = town.visitor();
    other.enrol(OTHER_PHONE).await;
    other
        .get(&format!("/me/contacts/end?contact={id}"))
        .await
        .is(404);
    let page = other.post("/me/contacts/end", &[("contact", &id)]).await;
    assert_eq!(page.is(303).location(), "/me/contacts");
    let page = other.post("/me/contacts/keep", &[("contact", &id)]).await;
    assert_eq!(page.is(303).location(), "/me/contacts/keep");
    visitor.get("/me/contacts").await.is(200).shows("••34");
    let _ = MAIL;
}

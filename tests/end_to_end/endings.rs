//! Her number is somebody else's now: what she can still do, over the routes.

use akashi_actors::until;
use akashi_tests::citizen::mails;
use akashi_tests::phone::six_digits;
use akashi_tests::visitor::Visitor;
use serde_json::Value;

use crate::Demo;

const PHONE: &str = "+819055507311";
const MAIL: &str = "kana.lost@mail.example";

/// The texts of all mails to her, oldest first.
async fn mails_to_her(demo: &Demo) -> Vec<String> {
    let all: Value = demo.server.get("/demo/mail/messages").await.json();
    let hers = all.as_array().unwrap().iter();
    let hers = hers.filter(|mail| mail["to"][0] == MAIL);
    hers.map(|mail| mail["text"].as_str().unwrap().to_owned())
        .collect()
}

/// The code in a mail to her after the first `known` ones.
async fn mailed_code(demo: &Demo, known: usize) -> String {
    until("a code comes by mail", async || {
        let mails = mails_to_her(demo).await;
        mails.iter().skip(known).find_map(|text| six_digits(text))
    })
    .await
}

/// Has a code sent to her address by somebody at a browser; returns it.
async fn sent(demo: &Demo, visitor: &mut Visitor<'_>) -> String {
    let known = mails_to_her(demo).await.len();
    visitor.get("/sign-in/mail").await.is(200);
    let page = visitor.post("/sign-in/mail", &[("email", MAIL)]).await;
    assert_eq!(page.is(303).location(), "/sign-in/mail/code");
    visitor.get(page.location()).await.is(200);
    mailed_code(demo, known).await
}

#[tokio::test]
async fn whose_number_is_lost_comes_back_by_mail_and_recovery_code_together() {
    let demo = Demo::start().await;
    let mut visitor = Visitor::new(&demo.server);
    let papers = visitor.enrol(PHONE).await;
    visitor.get("/me/contacts").await.is(200);
    visitor
        .post("/me/contacts", &[("email", MAIL)])
        .await
        .is(303);
    visitor.get("/me/contacts/code").await.is(200);
    let code = mailed_code(&demo, 0).await;
    visitor
        .post("/me/contacts/code", &[("code", &code)])
        .await
        .is(303);

    // Somebody else enrols with the number: she is told by mail.
    let mut other = Visitor::new(&demo.server);
    other.enrol(PHONE).await;
    until("she is told", async || {
        let all = mails(&demo.server).await;
        all.contains("ほかの方が登録しました").then_some(())
    })
    .await;

    // Whoever reads her mail alone gets nowhere, by any door.
    let mut thief = Visitor::new(&demo.server);
    let code = sent(&demo, &mut thief).await;
    thief
        .post("/sign-in/code", &[("code", &code)])
        .await
        .is(200);
    let page = thief.get("/me").await;
    assert!(page.is(303).location().starts_with("/sign-in"), "{page:?}");
    let mut thief = Visitor::new(&demo.server);
    let code = sent(&demo, &mut thief).await;
    let guessed = [("code", &*code), ("recovery", "K4TW-9QMX-2HRP-7VNC-3FJ8")];
    thief.post("/sign-in/mail/code", &guessed).await.is(422);
    let spent = [("code", &*code), ("recovery", &*papers.recovery)];
    thief.post("/sign-in/mail/code", &spent).await;
    let page = thief.get("/me").await;
    assert!(page.is(303).location().starts_with("/sign-in"), "{page:?}");
    // An address that is nobody's is answered the same.
    thief.get("/sign-in/mail").await.is(200);
    let nobodys = [("email", "nobody.at.all@mail.example")];
    let page = thief.post("/sign-in/mail", &nobodys).await;
    assert_eq!(page.is(303).location(), "/sign-in/mail/code");

    // She has both: the number is ended at once.
    let mut she = Visitor::new(&demo.server);
    let code = sent(&demo, &mut she).await;
    let both = [("code", &*code), ("recovery", &*papers.recovery)];
    let page = she.post("/sign-in/mail/code", &both).await;
    let page = she.get(page.is(303).location()).await;
    page.is(200).shows("ほかの方が登録しました");
    let phone = page.between("name=\"contact\" value=\"", "\"");
    let ended = she.post("/me/contacts/end", &[("contact", &phone)]).await;
    she.get(ended.is(303).location())
        .await
        .is(200)
        .shows("お知らせ先を一つ削除しました");
    she.get("/me/contacts").await.is(200).hides(&phone);
    other.get("/me").await.is(200);
}

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

    // She has both, and comes back. The number goes when the address has been hers for three days.
    let mut she = Visitor::new(&demo.server);
    let code = sent(&demo, &mut she).await;
    let both = [("code", &*code), ("recovery", &*papers.recovery)];
    let page = she.post("/sign-in/mail/code", &both).await;
    let page = she.get(page.is(303).location()).await;
    page.is(200).shows("ほかの方が登録しました");
    let phone = page.between("name=\"contact\" value=\"", "\"");
    let ended = she.post("/me/contacts/end", &[("contact", &phone)]).await;
    ended.is(409);
    she.get("/me/contacts").await.is(200).shows(&phone);
    other.get("/me").await.is(200);
}

/// Comes by mail and recovery code.
async fn by_mail<'d>(demo: &'d Demo, recovery: &str) -> Visitor<'d> {
    let mut visitor = Visitor::new(&demo.server);
    let code = sent(demo, &mut visitor).await;
    let both = [("code", &*code), ("recovery", recovery)];
    let page = visitor.post("/sign-in/mail/code", &both).await;
    assert_eq!(page.is(303).location(), "/me/contacts");
    visitor
}

/// She does something that is recorded with how surely she was known: by mail, and not by phone.
async fn is_known_by_mail(visitor: &mut Visitor<'_>, account: &str) {
    visitor.get("/me/account").await.is(200);
    let done = visitor.post("/me/account", &[("to", account)]).await;
    let (record, _) = done.is(303).location().split_once("/receipt").unwrap();
    let page = visitor.get(record).await;
    page.is(200)
        .shows("メールの確認コードと回復コード")
        .hides("SMSの確認コードと回復コード");
}

#[tokio::test]
async fn mail_and_recovery_code_never_become_a_phone() {
    let demo = Demo::start().await;
    let mut visitor = Visitor::new(&demo.server);
    let papers = visitor.enrol(PHONE).await;
    visitor.get("/me/contacts").await.is(200);
    let added = visitor.post("/me/contacts", &[("email", MAIL)]).await;
    visitor.get(added.is(303).location()).await.is(200);
    let code = [("code", &*mailed_code(&demo, 0).await)];
    visitor.post("/me/contacts/code", &code).await.is(303);

    // The recovery code once more, at either place it is asked for, is no phone.
    let mut she = by_mail(&demo, &papers.recovery).await;
    let recovery = [("recovery", &*papers.recovery)];
    she.get("/me/contacts").await.is(200);
    she.post("/step-up", &recovery).await.is(303);
    is_known_by_mail(&mut she, "suspended").await;
    she.get("/me/papers").await.is(200);
    let page = she.post("/me/papers", &recovery).await;
    let page = she.get(page.is(303).location()).await;
    let recovery = page.is(200).between("id=\"recovery-code\">", "<");
    is_known_by_mail(&mut she, "open").await;

    // Without it, nothing is left of an address: not what a phone alone shows.
    she.get("/me/block").await.is(200);
    let page = she.post("/me/block", &[]).await;
    assert_eq!(page.is(303).location(), "/blocked");
    for path in ["/me", "/me/requests", "/me/contacts"] {
        let page = she.get(path).await;
        assert!(page.is(303).location().starts_with("/sign-in"), "{page:?}");
    }
    // And it blocks a phone, but unblocks none.
    let mut she = by_mail(&demo, &recovery).await;
    let page = she.get("/me/unblock").await;
    page.is(200)
        .shows("両方が必要です")
        .hides("元に戻す</button>");
    she.post("/me/unblock", &[]).await.is(303);
    let page = she.get("/me/unblock").await;
    page.is(200).shows("両方が必要です");
    visitor.step_up(&recovery).await.is(303);
    visitor.get("/me/unblock").await.is(200);
    let done = visitor.post("/me/unblock", &[]).await;
    let done = done.is(303).location();
    assert!(done.starts_with("/me/history/"), "{done}");
}

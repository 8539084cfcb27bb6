//! A phone that is lost, and stopping everything, as she meets them.

use std::future::Future;

use akashi_actors::{Browser, Page};
use serde_json::json;

use crate::foundation::look_at_one;
use crate::town::{Town, Visitor};
use crate::twice::thrice;
use crate::{OTHER_PHONE, PHONE, asked, give_consent, when_put};

#[tokio::test]
async fn a_blocked_phone_shows_nothing_to_whoever_holds_it() {
    let town = Town::new().await;
    let mut owner = town.visitor();
    let (recovery, access) = asked(&town, &mut owner).await;
    when_put(&mut owner, access).await;
    // A second page at the second level, and one of whoever found the phone.
    let mut tab = town.visitor();
    tab.sign_in(PHONE).await.is(303);
    tab.step_up(&recovery).await.is(303);
    let mut finder = town.visitor();
    finder.sign_in(PHONE).await.is(303);
    finder.get("/me").await.is(200).shows("市役所");
    let form = finder.get(&format!("/me/requests/{access}")).await;
    let wording = form.between("name=\"wording\" value=\"", "\"");

    // Whoever holds the phone may block it, and no more.
    finder.get("/me/block").await.is(200).shows("緊急の利用");
    finder.get("/me/unblock").await.is(303);
    let done = finder.post("/me/block", &[]).await;
    assert_eq!(done.is(303).location(), "/blocked");
    finder.get("/blocked").await.is(200).shows("回復コード");

    for path in ["/me", "/me/requests", "/me/block", "/me/history"] {
        for visitor in [&mut finder, &mut tab, &mut owner] {
            let page = visitor.get(path).await;
            assert!(page.is(303).location().starts_with("/step-up"), "{page:?}");
        }
    }
    let answer = [("answer", "refuse"), ("wording", wording.as_str())];
    let refused = finder
        .post(&format!("/me/requests/{access}"), &answer)
        .await;
    refused.is(404);
    // A new sign-in gets no further.
    town.pass_minutes(1);
    let mut again = town.visitor();
    again.sign_in(PHONE).await.is(303);
    let page = again.get("/me").await;
    assert!(page.is(303).location().starts_with("/step-up"), "{page:?}");
    again.get("/step-up").await.is(200);
    again.post("/me/unblock", &[]).await.is(303);
    again.get("/me").await.is(303);
    // With the second thing it is unblocked.
    again.step_up(&recovery).await.is(303);
    again
        .get("/me/unblock")
        .await
        .is(200)
        .shows("手元にあるとき");
    // One more while it is blocked.
    let mut later = town.visitor();
    later.sign_in(PHONE).await.is(303);
    let receipt = thrice_unblocked(&mut again).await;
    assert!(receipt.starts_with("/me/history/"), "{receipt}");
    // Whoever held it until then may not be she: the phone is shown anew, or the second thing.
    for before in [&mut finder, &mut later, &mut tab] {
        let page = before.get("/me").await;
        assert!(page.is(303).location().starts_with("/step-up"), "{page:?}");
    }
    finder.post("/me/block", &[]).await;
    again.get("/me").await.is(200);
    town.pass_minutes(11);
    let mut since = town.visitor();
    since.sign_in(PHONE).await.is(303);
    since.get("/me").await.is(200).shows("市役所");
}

/// Sends a form whose body arrives when this has happened.
async fn sent_before(
    town: &Town,
    begun: &Visitor<'_>,
    (path, fields): (&str, &[(&str, &str)]),
    happens: impl Future<Output = ()>,
) -> Page {
    let slowly = town.slowly();
    let mut same = Browser::new(&slowly);
    same.cookies.clone_from(&begun.cookies);
    same.token.clone_from(&begun.token);
    let happens = async {
        happens.await;
        slowly.go_on();
    };
    tokio::join!(same.post(path, fields), happens).0
}

#[track_caller]
fn not_done(page: &Page) {
    assert!(!page.location().starts_with("/me/history/"), "{page:?}");
}

#[tokio::test]
async fn a_form_counts_by_what_her_session_is_worth_when_all_of_it_is_here() {
    let town = Town::new().await;
    let mut owner = town.visitor();
    let papers = owner.enrol(PHONE).await;
    let suspend: (&str, &[_]) = ("/me/account", &[("to", "suspended")]);
    let mut tab = town.visitor();
    tab.sign_in(PHONE).await.is(303);
    tab.step_up(&papers.recovery).await.is(303);

    tab.get("/me/account").await.is(200);
    let fields = [("phone", PHONE), ("recovery", &papers.recovery)];
    let page = sent_before(&town, &tab, suspend, async {
        let mut by_paper = town.visitor();
        by_paper.get("/block").await.is(200);
        by_paper.post("/block", &fields).await.is(303);
    });
    not_done(&page.await);
    tab.step_up(&papers.recovery).await.is(303);

    tab.get("/me/account").await.is(200);
    let mut signs_out = town.visitor();
    signs_out.cookies.clone_from(&tab.cookies);
    let page = sent_before(&town, &tab, suspend, async {
        signs_out.get("/me").await.is(200);
        signs_out.post("/sign-out", &[]).await.is(303);
    });
    not_done(&page.await);

    owner.step_up(&papers.recovery).await.is(303);
    tab.cookies.clear();
    town.pass_minutes(11);
    tab.sign_in(PHONE).await.is(303);
    tab.step_up(&papers.recovery).await.is(303);
    tab.get("/me/account").await.is(200);
    let page = sent_before(&town, &tab, suspend, async {
        let code = [("recovery", papers.recovery.as_str())];
        owner.get("/me/papers").await.is(200);
        owner.post("/me/papers", &code).await.is(303);
    });
    not_done(&page.await);

    // Nothing of it was recorded; hers is, that nothing has come between.
    let history = owner.get("/me/history?each=1").await;
    history.is(200).hides("登録を休止しました");
    owner.get("/me/account").await.is(200);
    let page = sent_before(&town, &owner, suspend, async {}).await;
    assert!(
        page.is(303).location().starts_with("/me/history/"),
        "{page:?}"
    );
}

async fn thrice_unblocked(visitor: &mut Visitor<'_>) -> String {
    let first = visitor.post("/me/unblock", &[]).await;
    let second = visitor.post("/me/unblock", &[]).await;
    assert_eq!(second.is(303).location(), first.location(), "{second:?}");
    first.is(303).location().to_owned()
}

#[tokio::test]
async fn the_paper_alone_blocks_a_lost_phone_and_shows_nothing() {
    let town = Town::new().await;
    let mut owner = town.visitor();
    let papers = owner.enrol(PHONE).await;
    let mut other = town.visitor();
    let others = other.enrol(OTHER_PHONE).await;
    let mut stranger = town.visitor();
    stranger
        .get("/block")
        .await
        .is(200)
        .shows("元に戻すか、お知らせ先から外すまで")
        .shows("変更だけをお知らせします")
        .shows("ログインは要りません");
    for (phone, recovery, mistake) in [
        ("x", papers.recovery.as_str(), "電話番号"),
        (PHONE, "x", "20文字"),
        (PHONE, &others.recovery, "組み合わせが違います"),
        (OTHER_PHONE, &papers.recovery, "組み合わせが違います"),
        ("+819055509999", &papers.recovery, "組み合わせが違います"),
    ] {
        let fields = [("phone", phone), ("recovery", recovery)];
        let page = stranger.post("/block", &fields).await;
        page.is(422).shows(mistake).hides(&papers.recovery);
    }
    owner.get("/me").await.is(200);
    let fields = [("phone", PHONE), ("recovery", &papers.recovery)];
    for _ in 0..2 {
        let page = stranger.post("/block", &fields).await;
        assert_eq!(page.is(303).location(), "/blocked");
    }
    assert!(
        stranger
            .get("/me")
            .await
            .is(303)
            .location()
            .starts_with("/sign-in")
    );
    assert!(
        owner
            .get("/me")
            .await
            .is(303)
            .location()
            .starts_with("/step-up")
    );
    other.get("/me").await.is(200);
}

#[tokio::test]
async fn everything_is_stopped_once_and_the_page_says_what_goes_on() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, city) = crate::linked(&town, &mut visitor).await;
    visitor
        .get("/me/stop")
        .await
        .is(200)
        .shows("有効な同意はありません");
    let nothing = visitor.post("/me/stop", &[]).await;
    assert_eq!(nothing.is(303).location(), "/me/stop");
    give_consent(&mut visitor).await;
    visitor.get("/me/consents").await.shows("/me/stop");
    let page = visitor.get("/me/stop").await;
    page.is(200).shows("1件").shows("法律にもとづく利用");
    let mut level_1 = town.visitor();
    level_1.sign_in(PHONE).await.is(303);
    level_1.get("/me").await.is(200);
    level_1.post("/me/stop", &[]).await.is(303);
    visitor.get("/me/stop").await.shows("1件");
    let receipt = thrice(&mut visitor, "/me/stop", &[]).await;
    receipt.is(200).shows("すべての同意（1件）");
    visitor
        .get("/me/consents")
        .await
        .shows("有効な同意はありません")
        .shows("取り消し");
    // What rests on a law goes on.
    let answer = town.access("city.hall", look_at_one(&city)).await;
    assert_eq!(answer["decision"], json!("ask"), "{answer}");
}

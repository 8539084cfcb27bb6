//! Her account is suspended, resumed and closed on one page.

use crate::foundation::look_at_one;
use crate::town::Town;
use crate::{PHONE, give_consent, linked};

#[tokio::test]
async fn an_account_is_suspended_resumed_and_closed_and_its_history_stays() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (recovery, city) = linked(&town, &mut visitor).await;
    give_consent(&mut visitor).await;
    visitor.get("/me/keys").await.shows("/me/account");
    let mut level_1 = town.visitor();
    level_1.sign_in(PHONE).await.is(303);
    level_1.get("/me").await.is(200);
    let page = level_1.post("/me/account", &[("to", "suspended")]).await;
    assert!(page.is(303).location().starts_with("/step-up"), "{page:?}");

    visitor
        .get("/me/account")
        .await
        .is(200)
        .shows("使える状態です");
    visitor.post("/me/account", &[("to", "x")]).await.is(409);
    for to in ["suspended", "open"] {
        let [first, second] = visitor.post_twice("/me/account", &[("to", to)]).await;
        // Sent twice, it is one act.
        assert_eq!(first.is(303).location(), second.is(303).location());
        assert!(first.location().starts_with("/me/history/"), "{first:?}");
        visitor.get("/me/account").await.is(200);
    }
    // Closing is ticked as well.
    let page = visitor.post("/me/account", &[("to", "closed")]).await;
    page.is(422).shows("元に戻せないこと");
    let done = visitor
        .post("/me/account", &[("to", "closed"), ("sure", "yes")])
        .await;
    let receipt = visitor.get(done.is(303).location()).await;
    receipt.is(200).shows("登録を終了しました");
    visitor.get("/me/account").await.shows("終了しています");
    let again = visitor.post("/me/account", &[("to", "open")]).await;
    assert_eq!(again.is(303).location(), "/me/account");
    let answer = town.access("city.hall", look_at_one(&city)).await;
    assert_eq!(answer["decision"], "deny", "{answer}");
    visitor
        .get("/me/consents")
        .await
        .shows("有効な同意はありません");
    visitor
        .get("/me/links")
        .await
        .shows("使える機関は、今はありません");
    // With phone and recovery code the history is still hers.
    let mut later = town.visitor();
    later.sign_in(PHONE).await.is(303);
    later.step_up(&recovery).await.is(303);
    later
        .get("/me/history")
        .await
        .is(200)
        .shows("登録を終了しました");
}

//! Another visible ID and another recovery code, as she gets them.

use crate::town::Town;
use crate::{PHONE, linked};

#[tokio::test]
async fn new_papers_make_the_old_ones_worthless_at_once() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let old = visitor.enrol(PHONE).await;
    // A second page at the second level, and one at the first.
    let mut tab = town.visitor();
    tab.sign_in(PHONE).await.is(303);
    tab.step_up(&old.recovery).await.is(303);
    let mut level_1 = town.visitor();
    level_1.sign_in(PHONE).await.is(303);
    level_1.get("/me").await.is(200);
    level_1.get("/me/papers").await.is(303);
    let code = [("recovery", old.recovery.as_str())];
    level_1.post("/me/papers", &code).await.is(303);

    visitor
        .get("/me/papers")
        .await
        .is(200)
        .shows("すぐに使えなくなります");
    for (typed, mistake) in [("x", "20文字"), ("K4TW-9QMX-2HRP-7VNC-3FJ8", "違います")] {
        let page = visitor.post("/me/papers", &[("recovery", typed)]).await;
        page.is(422).shows(mistake);
    }
    let [first, second] = visitor.post_twice("/me/papers", &code).await;
    for page in [&first, &second] {
        assert!(
            page.status == 303 || page.status == 403 || page.status == 422,
            "{page:?}"
        );
    }
    let sheet = visitor.get("/enrol/done").await;
    sheet.is(200).shows("新しい番号と回復コード");
    let new = sheet.between("id=\"recovery-code\">", "<");
    let qid = sheet.between("id=\"qid-text\">", "<");
    assert!(new != old.recovery && qid != old.qid);
    visitor
        .post("/enrol/done", &[("kept", "yes")])
        .await
        .is(303);
    visitor
        .get("/me/history")
        .await
        .shows("回復コードを新しくしました");

    // The other page has fallen back, and the old code raises nobody.
    tab.get("/me/history").await.is(303);
    tab.step_up(&old.recovery).await.is(422);
    level_1.step_up(&old.recovery).await.is(422);
    level_1.step_up(&new).await.is(303);
    // At a counter the old ID is nobody's, and the new one is hers.
    let draw = visitor.post("/me/counter-code", &[]).await;
    let digits = draw.between("figure-number\">", "<").replace(' ', "");
    town.no_link("city.hall", &old.qid, &digits).await;
    town.link("city.hall", &qid, &digits).await;
}

#[tokio::test]
async fn links_and_consents_outlast_new_papers() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (recovery, city) = linked(&town, &mut visitor).await;
    visitor
        .post("/me/papers", &[("recovery", &recovery)])
        .await
        .is(303);
    let answer = town
        .access("city.hall", crate::foundation::look_at_one(&city))
        .await;
    assert_eq!(answer["decision"], "ask", "{answer}");
}

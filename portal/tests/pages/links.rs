//! The institutions that have a code for her, and ending one.

use akashi_actors::Portal;
use akashi_proof::jws::Type;
use serde_json::json;

use crate::foundation::look_at_one;
use crate::town::Town;
use crate::twice::thrice;
use crate::{PHONE, linked};

#[tokio::test]
async fn she_ends_an_institutions_code_once_and_the_next_request_fails() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (recovery, city) = linked(&town, &mut visitor).await;
    visitor.get("/me/keys").await.shows("/me/links");
    let list = visitor.get("/me/links").await;
    list.is(200).shows("市役所").shows("みなと病院");
    // A second tab, opened before the code ends.
    let mut tab = town.visitor();
    tab.sign_in(PHONE).await.is(303);
    let level_1 = tab.get("/me/links").await;
    assert_eq!(level_1.is(303).location(), "/step-up?next=/me/links");
    tab.step_up(&recovery).await.is(303);
    let form = tab.get("/me/links/city.hall").await;
    form.is(200).shows("緊急のとき");
    let generation = form.between("name=\"generation\" value=\"", "\"");
    let generation = [("generation", generation.as_str())];

    let receipt = thrice(&mut visitor, "/me/links/city.hall", &generation).await;
    receipt.is(200).shows("使えないようにしました");
    let answer = town.access("city.hall", look_at_one(&city)).await;
    assert_eq!(answer["decision"], "deny", "{answer}");
    let reasons = json!(["5-requester-link", "link-revoked"]);
    assert_eq!(answer["reasons"], reasons, "{answer}");

    // The other tab's form leads to what was done; the page of an ended code leads there too.
    let late = tab.post("/me/links/city.hall", &generation).await;
    assert!(late.is(303).location().starts_with("/me/history/"));
    let ended = tab.get("/me/links/city.hall").await;
    assert!(ended.is(303).location().starts_with("/me/history/"));
    tab.get("/me/links").await.shows("どのように終わったか");
    // No code of hers, or no institution at all.
    tab.get("/me/links/hospital.chuo").await.is(404);
    tab.post("/me/links/hospital.chuo", &generation)
        .await
        .is(404);
    for bad in ["", "x", "65536", "-1"] {
        let bad = [("generation", bad)];
        tab.post("/me/links/hospital.minato", &bad).await.is(409);
    }
}

#[tokio::test]
async fn an_institution_that_took_her_for_another_says_so_and_its_code_is_void() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, city) = linked(&town, &mut visitor).await;
    let claims = json!({ "link_code": city, "cause": "wrong-person" });
    town.refused(
        "/v1/link-ends",
        "hospital.minato",
        Type::LinkEnd,
        claims.clone(),
        422,
    )
    .await;
    town.statement("/v1/link-ends", "city.hall", Type::LinkEnd, claims, &[])
        .await;
    let answer = town.access("city.hall", look_at_one(&city)).await;
    assert_eq!(answer["decision"], "deny", "{answer}");
    let history = visitor.get("/me/history?each=1").await;
    history.is(200).shows("取り違え");
    let told = |text: &str| text.contains("取り違えていた");
    town.wait_for_text(PHONE, 0, told).await;
    visitor.get("/me/links").await.shows("終わった機関");
}

//! How institutions and supervisors are reached: what the registry says, wherever one is named.

use akashi_actors::claims::{changed, keys_reset, reset_objected, supervisor_changed, suspended};
use akashi_actors::{Page, particulars, seeded};
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::Type;
use akashi_proof::limits::RESET_WAIT_MILLIS;
use akashi_proof::particulars::{Line, Name, Particulars, Reading, Telephone, WebPage};
use serde_json::json;

use crate::foundation::look_at_one;
use crate::town::Town;
use crate::{PHONE, asked, give_consent, linked, when_put};

/// The web page of every body of the town, as it is shown: one sees where it leads.
const WEB_PAGE: &str = "<a href=\"https://body.example/\" rel=\"noopener noreferrer\">\
     https://body.example/</a>";

fn id(name: &str) -> InstitutionId {
    InstitutionId::parse(name).unwrap()
}

/// All that is certified of a body, in Japanese.
fn tells_all(page: &Page, number: &str) {
    rings(page, number);
    page.shows("読み：ためしのきかん")
        .shows("平日 9時〜17時")
        .shows("ためし県ためし市一丁目1番")
        .shows(WEB_PAGE);
}

/// The number of this institution, on this page as a link that rings it up.
fn rings(page: &Page, number: &str) {
    let uri = format!("href=\"tel:+81{}\"", number[1..].replace('-', ""));
    page.shows(&uri).shows(&format!(">{number}</a>"));
}

async fn give_number(town: &Town, institution: &str, names: (&str, &str), number: &str) {
    let now = Particulars {
        telephone: Telephone::parse(number).unwrap(),
        ..particulars(names.0, names.1)
    };
    town.by_supervisors(&changed(&id(institution), &now)).await;
}

#[tokio::test]
async fn who_takes_part_is_listed_as_people_look_for_a_name() {
    let town = Town::new().await;
    let readings = [
        (
            "hospital.chuo",
            "中央病院",
            "B Hospital",
            "ちゅうおうびょういん",
        ),
        (
            "hospital.minato",
            "みなと病院",
            "A Hospital",
            "みなとびょういん",
        ),
        ("city.hall", "市役所", "C Hall", "しやくしょ"),
    ];
    for (institution, name_ja, name_en, reading) in readings {
        let now = Particulars {
            name_kana: Reading::parse(reading).unwrap(),
            ..particulars(name_ja, name_en)
        };
        town.by_supervisors(&changed(&id(institution), &now)).await;
    }
    let mut visitor = town.visitor();
    let page = visitor.get("/institutions?lang=ja").await;
    page.is(200)
        .shows("読み：しやくしょ")
        .shows("平日 9時〜17時");
    rings(&page, "055-000-1234");
    let order = |page: &Page, names: [&str; 3]| {
        let places = names.map(|name| page.text.find(&format!(">{name}</a>")).unwrap());
        assert!(places.is_sorted(), "{places:?}");
    };
    order(&page, ["市役所", "中央病院", "みなと病院"]);
    page.shows("href=\"/supervisors/supervisor.north\"");
    let page = visitor.get("/institutions?lang=en").await;
    page.shows("+81 55 000 1234").shows("Weekdays 9:00-17:00");
    order(&page, ["A Hospital", "B Hospital", "C Hall"]);
    // And one finds there from every page.
    let page = visitor.get("/help").await;
    page.shows("href=\"/institutions\"");
}

#[tokio::test]
async fn each_has_a_page_with_what_supervisors_certified() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let page = visitor.get("/institutions/hospital.chuo?lang=ja").await;
    page.is(200)
        .shows("<h1>中央病院</h1>")
        .shows("ためしのきかん")
        .shows("ためし県ためし市一丁目1番")
        .shows(WEB_PAGE)
        .shows("2026年6月1日（月）")
        .shows("認定")
        .hides("利用を止めています")
        .hides("あなたの記録");
    rings(&page, "055-000-1234");
    visitor
        .get("/institutions/hospital.chuo?lang=en")
        .await
        .shows("<h1>Chuo Hospital</h1>")
        .shows("<span lang=\"ja\">中央病院</span>")
        .shows("Read as: <span lang=\"ja\">ためしのきかん</span>")
        .shows("1-1 Tameshi, Tameshi");
    town.by_supervisors(&suspended(&id("hospital.chuo"))).await;
    let page = visitor.get("/institutions/hospital.chuo?lang=ja").await;
    page.shows("2026年6月1日（月）から、監督機関が利用を止めています");
    rings(&page, "055-000-1234");
    visitor.get("/institutions").await.shows("停止");
    let page = visitor.get("/supervisors/supervisor.north").await;
    page.is(200)
        .shows("<h1>ためし監督局</h1>")
        .hides("認定した日");
    for nobody in [
        "/institutions/hospital.nowhere",
        "/institutions/supervisor.north",
        "/supervisors/hospital.chuo",
        "/institutions/%3Cscript%3E",
        "/institutions/..%2Fme",
    ] {
        visitor.get(nobody).await.is(404);
    }
}

#[tokio::test]
async fn a_number_that_was_put_right_is_right_on_every_page_at_once() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let names = ("中央病院", "Chuo Hospital");
    give_number(&town, "hospital.chuo", names, "+81-55-000-4321").await;
    for path in ["/institutions", "/institutions/hospital.chuo", "/audit"] {
        rings(&visitor.get(path).await, "055-000-4321");
    }
    let now = Particulars {
        telephone: Telephone::parse("+81-120-000-100").unwrap(),
        ..particulars("県監督局", "Prefecture Supervisors")
    };
    town.by_supervisors(&supervisor_changed(&id("supervisor.north"), &now))
        .await;
    for path in ["/institutions", "/supervisors/supervisor.north", "/audit"] {
        let page = visitor.get(path).await;
        page.shows("県監督局");
        rings(&page, "0120-000-100");
    }
}

#[tokio::test]
async fn a_reset_of_an_institutions_keys_is_on_its_page_until_it_is_in_force() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (page, new) = (
        "/institutions/hospital.chuo?lang=ja",
        seeded("hospital.chuo", 9),
    );
    visitor.get(page).await.hides("新しい鍵");
    let reset = keys_reset(&id("hospital.chuo"), &new);
    town.by_supervisors(&reset).await;
    visitor.get(page).await.shows("新しい鍵に替えます");
    let objected = reset_objected(&new);
    town.statement("/v1/acts", "hospital.chuo", Type::Act, objected, &[])
        .await;
    visitor.get(page).await.shows("異議を唱えています");
    town.by_supervisors(&reset).await;
    visitor.get(page).await.shows("新しい鍵に替えます");
    town.pass_minutes(RESET_WAIT_MILLIS / 60_000);
    visitor.get(page).await.hides("新しい鍵");
}

#[tokio::test]
async fn what_is_certified_is_text_on_the_page_and_nothing_else() {
    let town = Town::new().await;
    let hostile = Particulars {
        name_ja: Name::parse("<script>alert(1)</script>病院").unwrap(),
        name_en: Name::parse("\"><img src=x onerror=alert(1)>").unwrap(),
        hours_ja: Line::parse("</dd></dl><h1>あかし</h1>").unwrap(),
        address_ja: Line::parse("{{ shell.csrf }}&lt;").unwrap(),
        web: Some(WebPage::parse("https://x.example/?a=1&b=2;c").unwrap()),
        ..particulars("中央病院", "Chuo Hospital")
    };
    town.by_supervisors(&changed(&id("hospital.chuo"), &hostile))
        .await;
    let mut visitor = town.visitor();
    for path in ["/institutions", "/institutions/hospital.chuo", "/audit"] {
        for language in ["ja", "en"] {
            let page = visitor.get(&format!("{path}?lang={language}")).await;
            page.is(200)
                .hides("<script>")
                .hides("<img")
                .hides("<h1>あかし</h1>");
        }
    }
    visitor
        .get("/institutions/hospital.chuo?lang=ja")
        .await
        .shows("{{ shell.csrf }}&amp;lt;")
        .shows("href=\"https://x.example/?a=1&#38;b=2;c\" rel=\"noopener noreferrer\"");
}

#[tokio::test]
async fn before_she_answers_she_sees_whom_to_ring_up() {
    let town = Town::new().await;
    give_number(
        &town,
        "city.hall",
        ("市役所", "City Hall"),
        "+81-55-000-7777",
    )
    .await;
    let mut visitor = town.visitor();
    let (_, access) = asked(&town, &mut visitor).await;
    let page = when_put(&mut visitor, access).await;
    rings(&page, "055-000-7777");
    tells_all(&page, "055-000-7777");
    page.shows("href=\"/supervisors/supervisor.north\"")
        .shows("依頼が本物か確かめたいときは")
        .shows("href=\"/institutions/city.hall\"");
    let (number, answer) = (
        page.text.find("tel:+81550007777"),
        page.text.find("id=\"answer\""),
    );
    assert!(number.unwrap() < answer.unwrap(), "before the answer");
    // A list has one line each; all of it is on the page of one thing.
    for path in ["/me", "/me/requests", "/me/history"] {
        let page = visitor.get(path).await;
        rings(&page, "055-000-7777");
        page.hides("読み：").hides(WEB_PAGE);
    }
    for page in ["", "/receipt"] {
        let page = visitor.get(&format!("/me/history/{access}{page}")).await;
        tells_all(&page, "055-000-7777");
    }
    // Hers with that institution are one step from its page, and nobody else's.
    visitor
        .get("/institutions/city.hall")
        .await
        .shows("href=\"/me/history?institution=city.hall\"");
}

#[tokio::test]
async fn a_consent_and_its_receipt_say_whom_to_ring_up_and_keep_the_words_agreed_to() {
    let town = Town::new().await;
    let names = ("中央病院", "Chuo Hospital");
    let mut visitor = town.visitor();
    linked(&town, &mut visitor).await;
    let receipt = give_consent(&mut visitor).await;
    tells_all(&receipt, "055-000-1234");
    let words = "私は、中央病院が、みなと病院にある";
    receipt.shows(words);
    let path = receipt.between("href=\"/me/history/", "\"");
    town.pass_minutes(1);
    give_number(
        &town,
        "hospital.chuo",
        ("新中央病院", names.1),
        "+81-55-000-8888",
    )
    .await;
    // What she agreed to stays as she read it; whom she rings up is who answers now.
    let page = visitor.get(&format!("/me/history/{path}/receipt")).await;
    page.is(200).shows(words).shows("新中央病院");
    rings(&page, "055-000-8888");
    let page = visitor.get(&format!("/me/history/{path}")).await;
    page.shows(words).shows("この記録での名前：中央病院");
    tells_all(&page, "055-000-8888");
    let page = visitor.get("/me/consents").await;
    page.shows("新中央病院");
    rings(&page, "055-000-8888");
}

#[tokio::test]
async fn who_is_suspended_can_be_rung_up_and_who_is_unknown_has_no_number() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, code) = linked(&town, &mut visitor).await;
    let access = town.drill_down(&code).await;
    when_put(&mut visitor, access).await;
    let mut claims = look_at_one(&code);
    claims["holder"] = json!("hospital.nowhere");
    let refused = town.refused("/v1/accesses", "city.hall", Type::Access, claims, 422);
    let refused = refused.await;
    town.by_supervisors(&suspended(&id("city.hall"))).await;
    let page = visitor.get(&format!("/me/requests/{access}")).await;
    page.shows("停止");
    tells_all(&page, "055-000-1234");
    let page = visitor
        .get(&format!("/me/history/{}", refused["index"]))
        .await;
    page.is(200)
        .shows("hospital.nowhereという機関は、あかしに登録がありません")
        .hides("href=\"/institutions/hospital.nowhere\"");
    rings(&page, "055-000-1234");
    let path = "/me/history?show=deny&lang=en";
    let page = visitor.get(path).await;
    page.shows("No institution hospital.nowhere is known to Akashi.");
}

#[tokio::test]
async fn her_paper_says_whom_to_ring_up() {
    let town = Town::new().await;
    let paper = town.visitor().enrol(PHONE).await.paper;
    paper.shows("ためし監督局").shows("平日 9時〜17時");
    rings(&paper, "055-000-1234");
}

/// What cannot be certified is on no page: its own check refuses it, whoever signs.
#[tokio::test]
async fn a_page_that_runs_or_a_name_that_turns_is_never_certified() {
    let town = Town::new().await;
    for (field, lie) in [
        ("web", "javascript:alert(1)"),
        ("web", "http://body.example/"),
        ("web", "https://body.example@evil.example/"),
        ("web", "https://body.example/\" onclick=alert(1)"),
        ("telephone", "tel:+81-55-000-1234"),
        ("email", "mailto:keys@body.example"),
        ("name_ja", "中央\u{202E}院病"),
        ("hours_en", "9:00\n17:00"),
    ] {
        let mut act = changed(
            &id("hospital.chuo"),
            &particulars("中央病院", "Chuo Hospital"),
        );
        act[field] = json!(lie);
        town.by_supervisors_with(&act, 400).await;
    }
    let mut visitor = town.visitor();
    let page = visitor.get("/institutions/hospital.chuo").await;
    page.is(200).shows(WEB_PAGE);
}

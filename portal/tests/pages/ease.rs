//! What makes the pages bearable: mistakes that are found, time that is not lost, numbers that lead
//! to what they count.

use akashi_actors::{Page, Portal as _};
use axum::http::Request;

use crate::town::{Town, Visitor};
use crate::{PHONE, asked, give_consent, linked, when_put};

/// A page of which something must be corrected says so first, and is opened at the list of it.
#[tokio::test]
async fn a_page_with_mistakes_says_so_first_in_its_title() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor
        .get("/sign-in")
        .await
        .shows("<title>ログイン |")
        .hides("autofocus");
    let page = visitor.post("/sign-in", &[("phone", "1")]).await;
    page.is(422)
        .shows("<title>エラー：ログイン |")
        .shows("id=\"errors\" aria-labelledby=\"errors-title\" autofocus>");
    visitor.get("/sign-in?lang=en").await.is(200);
    let page = visitor.post("/sign-in", &[("phone", "1")]).await;
    page.is(422).shows("<title>Error: Sign in |");

    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    let wanted = [
        ("recipient", "hospital.chuo"),
        ("holder", "hospital.minato"),
        ("until", "2027-03-31"),
    ];
    let page = visitor.post("/me/consents/new", &wanted).await;
    page.is(422).shows("<title>エラー：");
    for group in ["purpose", "category"] {
        page.shows(&format!(
            "<fieldset class=\"field\" id=\"{group}\" tabindex=\"-1\" aria-describedby=\"{group}-error\">"
        ))
        .shows(&format!("name=\"{group}\" aria-invalid=\"true\""));
    }
    let page = visitor.get("/me/history?from=xx").await;
    page.is(200).shows("<title>エラー：利用の記録 |");
}

#[tokio::test]
async fn pages_say_until_when_they_are_open_and_can_be_kept_open() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.get("/").await.hides("まで開いています");
    let recovery = visitor.enrol(PHONE).await.recovery;
    let page = visitor.get("/me").await;
    page.is(200)
        .shows("まで開いています")
        .shows("<div class=\"closes\" role=\"status\">")
        .shows("href=\"/me/time\" target=\"_blank\"");
    // What she fills in stays open in its own window; another lengthens the time.
    for _ in 0..3 {
        town.pass_minutes(14);
        visitor
            .get("/me/time")
            .await
            .is(200)
            .shows("閉じてかまいません");
    }
    town.pass_minutes(14);
    visitor.get("/me/history").await.is(200);
    for _ in 0..3 {
        town.pass_minutes(14);
        visitor.get("/me/time").await.is(200);
    }
    // Two hours in all: then it cannot be lengthened, and says so at once.
    town.pass_minutes(14);
    let page = visitor.get("/me/time").await;
    page.is(200)
        .shows("これより先には延ばせません")
        .shows("<div class=\"closes closes--at-last\" role=\"status\">");
    town.pass_minutes(14);
    visitor
        .get("/me/time")
        .await
        .is(200)
        .shows("closes--holder");
    visitor.get("/me/history").await.is(303);
    visitor.step_up(&recovery).await.is(303);
    visitor.get("/me/history").await.is(200);
    visitor
        .get("/me/time?lang=en")
        .await
        .is(200)
        .shows("They are open until");
    let mut stranger = town.visitor();
    let page = stranger.get("/me/time").await;
    assert_eq!(page.is(303).location(), "/sign-in?next=/me/time");
}

/// The number in a tile of the overview, and where it leads.
pub fn tile(page: &Page, word: &str) -> (usize, String) {
    let before = page
        .text
        .split_once(&format!("\">{word}</a></h3>"))
        .unwrap();
    let link = before.0.rsplit_once("href=\"").unwrap().1;
    let number = before.1.split_once("figure-number\">").unwrap().1;
    let number = number.split_once('<').unwrap().0;
    (number.parse().unwrap(), link.replace("&#38;", "&"))
}

async fn rows(visitor: &mut Visitor<'_>, link: &str) -> usize {
    let page = visitor.get(link).await;
    page.is(200).text.matches("<li class=\"event ").count()
}

#[tokio::test]
async fn figures_lead_to_what_they_count() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, access) = asked(&town, &mut visitor).await;
    let page = when_put(&mut visitor, access).await;
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let refuse = [("answer", "refuse"), ("wording", &wording)];
    visitor
        .post(&format!("/me/requests/{access}"), &refuse)
        .await
        .is(303);
    give_consent(&mut visitor).await;
    town.settled().await;
    let home = visitor.get("/me").await;
    for word in ["利用可", "認められず"] {
        let (number, link) = tile(&home, word);
        assert_eq!(rows(&mut visitor, &link).await, number, "{word}: {link}");
    }
    let (_, link) = tile(&home, "認められず");
    visitor.get(&link).await.shows("認めなかった依頼");
}

/// A gateway's "taken" says that a notice is on its way, and neither do we say more.
#[tokio::test]
async fn a_notice_that_was_handed_over_is_not_said_to_have_arrived() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    asked(&town, &mut visitor).await;
    town.settled().await;
    for (language, handed_over, arrived) in [
        (
            "ja",
            "SMSでお知らせを送り出しました",
            "SMSでお知らせしました",
        ),
        ("en", "Akashi handed over a notice by SMS", "told you"),
    ] {
        let page = visitor
            .get(&format!("/me/history?each=1&lang={language}"))
            .await;
        page.is(200).shows(handed_over).hides(arrived);
    }
}

#[tokio::test]
async fn a_request_that_no_sms_was_sent_about_says_so() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, city) = linked(&town, &mut visitor).await;
    let rang = town.drill_down(&city).await;
    let silent = town.drill_down(&city).await;
    town.settled().await;
    const SAID: &str = "このお願いのSMSは送っていません。";
    let path = |access: u64| format!("/me/requests/{access}");
    visitor.get(&path(rang)).await.is(200).hides(SAID);
    visitor.get(&path(silent)).await.is(200).shows(SAID);
    let sent = visitor.post(&path(silent), &[("answer", "send")]).await;
    sent.is(303);
    visitor.get(&path(silent)).await.is(200).hides(SAID);
}

#[tokio::test]
async fn the_number_of_a_record_is_the_way_to_it() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let (_, access) = asked(&town, &mut visitor).await;
    let page = when_put(&mut visitor, access).await;
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let refuse = [("answer", "refuse"), ("wording", &wording)];
    visitor
        .post(&format!("/me/requests/{access}"), &refuse)
        .await
        .is(303);
    let way = format!("<a href=\"/me/history/{access}\">記録{access}番</a>");
    visitor.get("/me/history").await.is(200).shows(&way);
    visitor.get(&format!("/me/history/{access}")).await.is(200);
    // A page is called by what it says, and a consent's leads to where it is withdrawn.
    give_consent(&mut visitor).await;
    let consents = visitor.get("/me/consents").await;
    let index = consents.between("href=\"/me/history/", "/receipt");
    let record = visitor.get(&format!("/me/history/{index}")).await;
    record
        .is(200)
        .shows(&format!("<title>同意：あなた（記録{index}番） |"))
        .shows("この同意を見る・取り消す");
    let consent = record.between("href=\"/me/consents/", "\"");
    visitor
        .get(&format!("/me/consents/{consent}"))
        .await
        .is(200)
        .shows("取り消す");
}

#[tokio::test]
async fn what_is_compressed_is_the_same_for_everybody() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol(PHONE).await;
    let cookies = visitor.cookies.iter();
    let cookies: Vec<String> = cookies
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let session = cookies.join("; ");
    let ask = async |path: &str, cookies: &str| {
        let request = Request::get(path)
            .header("accept-encoding", "gzip, br")
            .header("cookie", cookies);
        let answer = town.answer(request.body(Vec::new()).unwrap()).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.headers().get("content-encoding").is_some()
    };
    for path in [
        "/",
        "/help",
        "/audit",
        "/accessibility",
        "/institutions",
        "/docs",
    ] {
        assert!(ask(path, "").await, "{path}");
        assert!(!ask(path, &session).await, "{path}, signed in");
    }
    for path in ["/me", "/me/history", "/me/consents", "/me/contacts"] {
        assert!(!ask(path, &session).await, "{path}");
    }
    // A form that begins a session holds its token.
    for path in ["/sign-in", "/enrol"] {
        assert!(!ask(path, "").await, "{path}");
    }
    for path in ["/static/akashi.css", "/static/icons.svg"] {
        assert!(ask(path, "").await && ask(path, &session).await, "{path}");
    }
}

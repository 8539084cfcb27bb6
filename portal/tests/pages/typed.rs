//! What people type into a field, as they have it: read, or refused with the reason and an example.

use crate::town::Town;

#[tokio::test]
async fn a_number_is_read_as_people_have_it_or_refused_with_the_reason() {
    let town = Town::new().await;
    for number in [
        "\u{202D}090-5550-1234\u{202C}",
        "+81 (0)90 5550 1234",
        "tel:+81-90-5550-1234",
        "０９０・５５５０・１２３４",
    ] {
        let mut visitor = town.visitor();
        visitor.get("/enrol").await.is(200);
        let page = visitor.post("/enrol", &[("phone", number)]).await;
        assert_eq!(page.is(303).location(), "/enrol/code", "{number:?}");
    }
    for (number, why) in [
        ("0800-123-4567", "この番号ではSMSを受け取れません"),
        ("050-1234-5678", "この番号ではSMSを受け取れません"),
        ("03-1234-5678", "この番号ではSMSを受け取れません"),
        ("+1 202 555 0123", "日本の携帯電話の番号を入れてください"),
        ("090-0000-0101", "この番号は使われていません"),
        ("070-0001-2345", "この番号は使われていません"),
        ("090-5550-123", "090-1234-5678のように入れてください"),
        ("はなこ", "090-1234-5678のように入れてください"),
    ] {
        let mut visitor = town.visitor();
        for way_in in ["/enrol", "/sign-in"] {
            visitor.get(way_in).await.is(200);
            let page = visitor.post(way_in, &[("phone", number)]).await;
            page.is(422).shows(why).shows(number);
        }
    }
}

#[tokio::test]
async fn a_day_that_narrows_the_history_is_read_or_said_to_be_unread() {
    let town = Town::new().await;
    let mut visitor = town.visitor();
    visitor.enrol("+819055501234").await;
    for day in [
        "2026-06-02",
        "2026/6/2",
        "２０２６年６月２日",
        "令和8年6月2日",
        "R8.6.2",
    ] {
        let page = visitor
            .get(&format!("/me/history?from={}", escaped(day)))
            .await;
        page.is(200)
            .shows("当てはまる記録はありません")
            .shows("value=\"2026-06-02\"");
    }
    for day in ["6/2", "2026-02-30", "<i>きのう"] {
        let page = visitor
            .get(&format!("/me/history?to={}", escaped(day)))
            .await;
        page.is(200)
            .shows("日付を読めませんでした")
            .shows("aria-describedby=\"to-hint to-error\" aria-invalid=\"true\"")
            .shows("あかしに登録しました")
            .hides("<i>きのう");
    }
}

/// A value as a browser puts it into a query.
fn escaped(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

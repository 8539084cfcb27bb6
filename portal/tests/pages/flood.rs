//! A person about whom an institution has very much recorded: what her pages cost then, and that
//! she still finds what matters.

use std::time::Duration;

use akashi_desk::limits::READ_MAX;
use akashi_ledger::Ledger;
use akashi_ledger::command::RecordDelivery;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, NoticeId};
use akashi_proof::jws::Type;
use akashi_proof::record::kind::{Channel, NoticeDelivery, Template};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::ease::tile;
use crate::foundation::role_assigned;
use crate::town::{Town, Visitor};
use crate::{PHONE, give_consent, when_put};

/// Who asks without end, and what the ledger lets it ask about one person within an hour.
const HOSTILE: &str = "hospital.chuo";
const IN_AN_HOUR: usize = 256;
const HOURS_A_DAY: usize = 2;

/// A look that is refused: nobody agreed to it. With another purpose than the process has, it is
/// outside what is allowed, and she is warned.
fn refused_look(link_code: &str, purpose: &str) -> Value {
    json!({
        "subject": link_code, "role_holder": "dr-1", "role": "physician",
        "process": "care.consult",
        "purpose": purpose, "holder": "hospital.minato", "categories": ["diagnosis"],
        "basis": { "kind": "consent" },
        "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
    })
}

/// Somebody all know: her recovery code, and the institutions' codes for her.
struct Known {
    recovery: String,
    of_minato: String,
    of_city: String,
    of_hostile: String,
}

/// She has agreed to something, refused a question, and was looked at in an emergency: what must
/// not drown.
async fn known_to_all(town: &Town, visitor: &mut Visitor<'_>) -> Known {
    let papers = visitor.enrol(PHONE).await;
    let mut codes = Vec::new();
    for institution in ["hospital.minato", "city.hall", HOSTILE] {
        visitor.get("/me/counter-code").await.is(200);
        let page = visitor.post("/me/counter-code", &[]).await;
        let code = page.between("figure-number\">", "<").replace(' ', "");
        codes.push(town.link(institution, &papers.qid, &code).await);
    }
    let [of_minato, of_city, of_hostile] = codes.try_into().unwrap();
    give_consent(visitor).await;
    let access = town.drill_down(&of_city).await;
    let page = when_put(visitor, access).await;
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let refuse = [("answer", "refuse"), ("wording", &wording)];
    visitor
        .post(&format!("/me/requests/{access}"), &refuse)
        .await
        .is(303);
    let known = Known {
        recovery: papers.recovery,
        of_minato,
        of_city,
        of_hostile,
    };
    town.statement(
        "/v1/acts",
        "hospital.minato",
        Type::Act,
        role_assigned("em-1", "emergency-physician"),
        &[],
    )
    .await;
    look_in_an_emergency(town, &known).await;
    town.settled().await;
    known
}

async fn look_in_an_emergency(town: &Town, known: &Known) {
    let claims = json!({
        "subject": known.of_minato, "role_holder": "em-1", "role": "emergency-physician",
        "process": "care.emergency", "purpose": "emergency-treatment",
        "holder": HOSTILE, "categories": ["medication"],
        "basis": {
            "kind": "emergency", "reason_code": "unconscious", "reason_text": "found at home",
        },
        "request_digest": Digest::from_bytes([9; 32]).to_base64url(),
    });
    let answer = town.access("hospital.minato", claims).await;
    assert_eq!(answer["decision"], "permit", "{answer}");
}

/// So many refused looks: every third outside what is allowed.
async fn flood(town: &Town, known: &Known, looks: usize) {
    for number in 0..looks {
        if number > 0 && number.is_multiple_of(IN_AN_HOUR) {
            let is_day_full = (number / IN_AN_HOUR).is_multiple_of(HOURS_A_DAY);
            town.settled().await;
            town.pass_minutes(if is_day_full { 23 * 60 } else { 61 });
        }
        let purpose = if number.is_multiple_of(3) {
            "research"
        } else {
            "treatment"
        };
        let claims = refused_look(&known.of_hostile, purpose);
        let answer = town.access(HOSTILE, claims).await;
        assert_eq!(answer["decision"], "deny", "{answer}");
    }
    town.settled().await;
}

/// Signs in anew: a flood takes days.
async fn comes_back<'t>(town: &'t Town, recovery: &str) -> Visitor<'t> {
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    visitor.step_up(recovery).await.is(303);
    visitor
}

/// What stands on her first pages, whatever an institution has made of her history.
async fn finds_what_matters(visitor: &mut Visitor<'_>) {
    // Her consent, her refusal, the look in an emergency: each by itself, beside what is many.
    let history = visitor.get("/me/history").await;
    history
        .is(200)
        .shows("event event--consent")
        .shows("あなたがお断り")
        .shows("緊急のため利用可")
        .shows("この種類の記録が、この日に");
    // What she did, alone.
    let own = visitor.get("/me/history?show=own").await;
    own.is(200)
        .shows("あなたがお断り")
        .shows("event event--consent")
        .hides("event event--alert")
        .hides("まとめて表示しています");
    let home = visitor.get("/me").await;
    home.is(200).shows("緊急のため利用可");
}

/// How many records a list has, over all its pages.
async fn listed(visitor: &mut Visitor<'_>, link: &str) -> usize {
    let (mut count, mut link) = (0, link.to_owned());
    loop {
        let page = visitor.get(&link).await;
        count += page.is(200).text.matches("<li class=\"event ").count();
        let Some(older) = page.text.split("href=\"").find_map(|rest| {
            let (href, rest) = rest.split_once('"')?;
            rest.starts_with(" rel=\"next\"").then(|| href.to_owned())
        }) else {
            return count;
        };
        link = format!("/me/history{}", older.replace("&#38;", "&"));
    }
}

#[tokio::test]
async fn what_matters_stays_on_the_first_page_in_a_flood() {
    const LOOKS: usize = 120;
    let town = Town::new().await;
    let known = known_to_all(&town, &mut town.visitor()).await;
    flood(&town, &known, LOOKS).await;
    let mut visitor = comes_back(&town, &known.recovery).await;
    finds_what_matters(&mut visitor).await;
    // A run is one card with its number, and the number is that of its list.
    let home = visitor.get("/me").await;
    let run = format!("/me/history?run=outside.{HOSTILE}");
    home.shows(&run.replace('&', "&#38;"))
        .shows("同じ種類の記録が40件あります");
    let link = home
        .between(&format!("href=\"{run}"), "\"")
        .replace("&#38;", "&");
    assert_eq!(listed(&mut visitor, &format!("{run}{link}")).await, 40);
    let (refused, link) = tile(&home, "認められず");
    assert_eq!(refused, LOOKS);
    assert_eq!(listed(&mut visitor, &link).await, LOOKS);
    let history = visitor.get("/me/history").await;
    let refused =
        format!("?each=1&#38;from=2026-06-01&#38;to=2026-06-01&#38;run=refused.{HOSTILE}");
    history
        .shows(&format!("この日に{}件", LOOKS - 40))
        .shows(&refused);
    let link = format!("/me/history{}", refused.replace("&#38;", "&"));
    assert_eq!(listed(&mut visitor, &link).await, LOOKS - 40);
}

#[tokio::test]
async fn three_of_a_kind_stand_alone_and_four_are_one_row() {
    let town = Town::new().await;
    let known = known_to_all(&town, &mut town.visitor()).await;
    for (looks, rows, group) in [(3, 3, false), (1, 1, true)] {
        for _ in 0..looks {
            town.access(HOSTILE, refused_look(&known.of_hostile, "treatment"))
                .await;
        }
        town.settled().await;
        let mut visitor = comes_back(&town, &known.recovery).await;
        let page = visitor
            .get(&format!("/me/history?institution={HOSTILE}&show=deny"))
            .await;
        let found = page
            .is(200)
            .text
            .matches("<li class=\"event event--deny")
            .count();
        assert_eq!(found, rows);
        assert_eq!(page.text.contains("この日に4件あります"), group);
    }
}

/// What is remembered of a history says what reading it anew says.
#[tokio::test]
async fn pages_say_the_same_when_all_is_read_anew() {
    const PATHS: [&str; 7] = [
        "/me",
        "/me/history",
        "/me/history?each=1",
        "/me/history?show=own",
        "/me/history?institution=hospital.minato",
        "/me/history?purpose=treatment&show=deny",
        "/me/consents",
    ];
    let town = Town::new().await;
    let known = known_to_all(&town, &mut town.visitor()).await;
    let said = async |town: &Town, times: usize| {
        let mut visitor = comes_back(town, &known.recovery).await;
        let mut pages = Vec::new();
        for path in PATHS {
            for _ in 1..times {
                visitor.get(path).await.is(200);
            }
            let page = visitor.get(path).await;
            let main = page.is(200).between("<main", "</main>");
            pages.push(main);
        }
        pages
    };
    for _ in 0..3 {
        flood(&town, &known, 90).await;
        town.pass_minutes(61);
    }
    // What was to be said of those hours has been said.
    let town = town.restart().await;
    town.settled().await;
    // While it grows, looked at in between, so that what is remembered is added to.
    for _ in 0..2 {
        said(&town, 1).await;
        look_in_an_emergency(&town, &known).await;
        town.drill_down(&known.of_city).await;
        for _ in 0..20 {
            let claims = refused_look(&known.of_hostile, "treatment");
            town.access(HOSTILE, claims).await;
        }
        town.settled().await;
        town.pass_minutes(11);
    }
    let remembered = said(&town, 2).await;
    let town = town.restart().await;
    town.settled().await;
    let anew = said(&town, 1).await;
    for (path, (remembered, anew)) in PATHS.iter().zip(remembered.iter().zip(&anew)) {
        assert!(remembered == anew, "{path}:\n{remembered}\n\n{anew}");
    }
}

/// Nanoseconds of processor all threads of this process have had.
fn processor() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let of = |task: std::fs::DirEntry| {
        let figures = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        figures.split(' ').next()?.parse::<u64>().ok()
    };
    tasks.filter_map(|task| of(task.ok()?)).sum()
}

/// Milliseconds of processor each page takes with so many looks recorded, on the average of some
/// views after the first.
async fn costs(looks: usize) -> Vec<(&'static str, f64)> {
    const PATHS: [&str; 8] = [
        "/me",
        "/me/history",
        "/me/history?show=emergency",
        "/me/history?show=deny&each=1",
        "/me/history?institution=hospital.minato&show=consent",
        "/me/consents",
        "/me/requests",
        "/me/contacts",
    ];
    const TIMES: u32 = 10;
    let town = Town::new().await;
    let known = known_to_all(&town, &mut town.visitor()).await;
    flood(&town, &known, looks).await;
    let mut costs = Vec::new();
    for path in PATHS {
        let mut visitor = comes_back(&town, &known.recovery).await;
        visitor.get(path).await.is(200);
        let begun = processor();
        for _ in 0..TIMES {
            visitor.get(path).await.is(200);
        }
        let spent = Duration::from_nanos(processor() - begun) / TIMES;
        costs.push((path, spent.as_secs_f64() * 1e3));
        town.pass_minutes(11);
    }
    costs
}

/// Time of the processor and not of the clock, and one against the other: no slow machine fails it.
/// Where a page words what it does not show, a thousand looks cost forty times as much as ten.
#[tokio::test]
async fn a_page_costs_what_it_shows_and_not_what_was_recorded() {
    let (few, many) = (costs(10).await, costs(1_000).await);
    for ((path, few), (_, many)) in few.into_iter().zip(many) {
        println!("{path:56} {few:8.2} ms, then {many:8.2} ms");
        assert!(many < 10.0 * few + 10.0, "{path}: {few} ms, then {many} ms");
    }
}

/// So many messages to everybody who is enrolled that no page looks back to before them.
async fn more_than_one_page_looks_at(ledger: Ledger) {
    /// As many as one commit takes.
    const TOGETHER: usize = 512;
    let subject = ledger.reader().people()[0].subject;
    let mut waiting = Vec::with_capacity(TOGETHER);
    for number in 0..READ_MAX {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let delivery = NoticeDelivery {
            notice: NoticeId::from_bytes(id),
            about: None,
            template: Template::AccessPermitted,
            channel: Channel::Sms,
            contact: ContactId::from_bytes([1; 16]),
            text_digest: Digest::from_bytes([2; 32]),
            attempts: 1,
        };
        let command = RecordDelivery {
            subject,
            delivery,
            sent: true,
        };
        let ledger = ledger.clone();
        waiting.push(async move { ledger.submit(command).await.unwrap() });
        if waiting.len() == TOGETHER {
            join_all(waiting.drain(..)).await;
        }
    }
    join_all(waiting).await;
}

#[tokio::test]
async fn what_a_page_cannot_say_of_a_very_old_consent_it_says_it_cannot() {
    const CANNOT: &str = "このページで調べる範囲より前のものです";
    let town = Town::new().await;
    let mut visitor = town.visitor();
    let recovery = visitor.enrol(PHONE).await.recovery;
    give_consent(&mut visitor).await;
    let town = town.restart_after(more_than_one_page_looks_at).await;
    let mut visitor = town.visitor();
    visitor.sign_in(PHONE).await.is(303);
    visitor.step_up(&recovery).await.is(303);
    let consents = visitor.get("/me/consents").await;
    let link = consents.between("href=\"/me/consents/", "\">減らす");
    let withdrawn = format!("/me/consents/{}/withdraw", link.rsplit('/').next().unwrap());
    let done = visitor.post(&withdrawn, &[]).await;
    let receipt = visitor.get(done.is(303).location()).await;
    receipt.is(200).shows(CANNOT).shows("同意の一覧を見る");
    let path = done.location().split("/receipt").next().unwrap().to_owned();
    visitor.get(&path).await.is(200).shows(CANNOT);
}

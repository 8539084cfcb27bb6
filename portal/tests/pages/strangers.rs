//! Whoever is nobody here yet, and whoever guesses: what they ask for costs nobody else anything.

use std::time::{Duration, Instant};

use akashi_actors::{Browser, Page, Portal, until};
use akashi_desk::limits::{BLOCK_ANSWERED_AFTER, PEOPLE_OF_ONE_PHONE_MAX, Rates};

use axum::http::{HeaderName, HeaderValue};

use crate::town::{Afar, Town, Visitor};
use crate::{OTHER_PHONE, PHONE};

/// Numbers nobody has.
fn nobodys(n: u32) -> String {
    format!("+8190{:08}", 40_000_000 + n)
}

/// Asks for a code and types a wrong one.
async fn guess(thief: &mut Browser<'_, Afar<'_>>, number: &str) -> Page {
    thief.get("/sign-in").await.is(200);
    let page = thief.post("/sign-in", &[("phone", number)]).await;
    page.is(303);
    thief.get("/sign-in/code").await.is(200);
    thief.post("/sign-in/code", &[("code", "wrong")]).await
}

async fn town_with(rates: Rates) -> Town {
    Town::with(Rates {
        sign_in_per_minute: 10_000,
        pages_per_minute: 10_000,
        ..rates
    })
    .await
}

#[tokio::test]
async fn wrong_codes_over_many_numbers_pause_the_network_they_come_from_and_no_other() {
    let town = town_with(Rates::default()).await;
    town.visitor().enrol(PHONE).await;
    town.visitor().enrol(OTHER_PHONE).await;
    let from = town.from([198, 51, 100, 7]);
    let mut thief = Browser::new(&from);
    let most = Rates::default().wrong_codes_per_ten_minutes;
    let (began, mut guesses) = (Instant::now(), 0);
    loop {
        let page = guess(&mut thief, &nobodys(guesses)).await;
        if page.status == 429 {
            assert!(guesses >= most, "{guesses}");
            page.shows("回数が多すぎます");
            assert_eq!(page.headers["retry-after"], "600");
            // Also the right code of a number of his own, and from a browser of its own.
            let page = Browser::new(&from).sign_in(OTHER_PHONE).await;
            if page.status == 429 {
                break;
            }
            page.is(303);
        } else {
            page.is(422);
            guesses += 1;
        }
        // A slow machine has had the time to earn some back, one in ten seconds.
        let back = u32::try_from(began.elapsed().as_secs() / 10).unwrap() + 1;
        assert!(guesses <= most + back, "{guesses}");
    }
    let next_door = town.from([198, 51, 100, 8]);
    Browser::new(&next_door).sign_in(PHONE).await.is(303);
}

/// The same browser another day: what it was given for good.
fn marked<'p, P: Portal>(portal: &'p P, before: &Browser<'_, impl Portal>) -> Browser<'p, P> {
    let mut browser = Browser::new(portal);
    let marks = before.cookies.iter();
    let marks = marks.filter(|(name, _)| name.ends_with("akashi-browser"));
    let marks = marks.map(|(name, mark)| (name.clone(), mark.clone()));
    browser.cookies.extend(marks);
    assert_eq!(browser.cookies.len(), 1);
    browser
}

#[tokio::test]
async fn a_neighbour_s_wrong_codes_keep_nobody_out_whose_browser_is_known() {
    let rates = Rates {
        wrong_codes_per_ten_minutes: 1,
        ..Rates::default()
    };
    let town = town_with(rates).await;
    let shared = town.from([198, 51, 100, 7]);
    let mut hers = Browser::new(&shared);
    let papers = hers.enrol(PHONE).await;
    let mut neighbour = Browser::new(&shared);
    guess(&mut neighbour, &nobodys(0)).await.is(422);
    guess(&mut neighbour, &nobodys(0)).await.is(429);
    // Somebody new there must wait; she need not.
    Browser::new(&shared).sign_in(PHONE).await.is(429);
    let mut again = marked(&shared, &hers);
    again.sign_in(PHONE).await.is(303);
    again.step_up("0000-0000-0000-0000-0000").await.is(422);
    again.step_up(&papers.recovery).await.is(303);

    // Nor after the server was started again.
    let (cookies, mark) = (
        again.cookies.clone(),
        again.cookies["akashi-browser"].clone(),
    );
    assert!(cookies.len() > 1);
    let town = town.restart().await;
    let shared = town.from([198, 51, 100, 7]);
    guess(&mut Browser::new(&shared), &nobodys(1)).await.is(422);
    guess(&mut Browser::new(&shared), &nobodys(1)).await.is(429);
    let mut later = Browser::new(&shared);
    later.cookies.insert("akashi-browser".into(), mark);
    later.sign_in(PHONE).await.is(303);

    // His own mark is for his own number and no other: the pause is over nobody else's.
    town.pass_minutes(11);
    let elsewhere = town.from([203, 0, 113, 9]);
    let mut thief = Browser::new(&elsewhere);
    thief.enrol(OTHER_PHONE).await;
    let mut thief = marked(&shared, &thief);
    guess(&mut thief, PHONE).await.is(429);
}

/// Types wrong codes until the network of this portal is paused, until the server ends.
async fn pause(shared: &Afar<'_>) {
    let mut neighbour = Browser::new(shared);
    guess(&mut neighbour, &nobodys(0)).await.is(422);
    guess(&mut neighbour, &nobodys(0)).await.is(429);
}

#[tokio::test]
async fn new_papers_and_a_blocked_phone_end_what_a_browser_is_known_by() {
    let rates = Rates {
        wrong_codes_per_ten_minutes: 1,
        ..Rates::default()
    };
    let town = town_with(rates).await;
    let shared = town.from([198, 51, 100, 7]);
    let (mut hers, mut his) = (Browser::new(&shared), Browser::new(&shared));
    let papers = hers.enrol(PHONE).await;
    let his_papers = his.enrol(OTHER_PHONE).await;
    pause(&shared).await;
    let mut again = marked(&shared, &hers);
    again.sign_in(PHONE).await.is(303);
    marked(&shared, &his).sign_in(OTHER_PHONE).await.is(303);

    let shown = [("recovery", &*papers.recovery)];
    again.step_up(&papers.recovery).await.is(303);
    again.get("/me/papers").await.is(200);
    again.post("/me/papers", &shown).await.is(303);
    marked(&shared, &hers).sign_in(PHONE).await.is(429);
    marked(&shared, &again).sign_in(PHONE).await.is(429);
    marked(&shared, &his).sign_in(OTHER_PHONE).await.is(303);

    let both = [("phone", OTHER_PHONE), ("recovery", &*his_papers.recovery)];
    let mut by_paper = Browser::new(&shared);
    by_paper.get("/block").await.is(200);
    by_paper.post("/block", &both).await.is(303);
    marked(&shared, &his).sign_in(OTHER_PHONE).await.is(429);
    // A thief who signs in with it now is a stranger afterwards as well.
    town.pass_minutes(11);
    let elsewhere = town.from([203, 0, 113, 9]);
    let mut thief = Browser::new(&elsewhere);
    thief.sign_in(OTHER_PHONE).await.is(303);
    let mut owner = Browser::new(&elsewhere);
    owner.sign_in(OTHER_PHONE).await.is(303);
    owner.step_up(&his_papers.recovery).await.is(303);
    owner.get("/me/unblock").await.is(200);
    owner.post("/me/unblock", &[]).await.is(303);
    for before in [&his, &thief] {
        // Three codes to one number, then ten minutes.
        town.pass_minutes(11);
        marked(&shared, before).sign_in(OTHER_PHONE).await.is(429);
    }

    // Nor does a restart bring one back.
    let mark = hers.cookies["akashi-browser"].clone();
    let of_blocked = [&his, &thief].map(|before| before.cookies["akashi-browser"].clone());
    let town = town.restart().await;
    let shared = town.from([198, 51, 100, 7]);
    pause(&shared).await;
    let mut later = Browser::new(&shared);
    later.cookies.insert("akashi-browser".into(), mark);
    later.sign_in(PHONE).await.is(429);
    for mark in of_blocked {
        let mut later = Browser::new(&shared);
        later.cookies.insert("akashi-browser".into(), mark);
        later.sign_in(OTHER_PHONE).await.is(429);
    }
}

#[tokio::test]
async fn whatever_strangers_type_for_a_number_its_owner_signs_in() {
    let town = town_with(Rates {
        wrong_codes_per_ten_minutes: 10_000,
        sign_in_number_per_day: 255,
        ..Rates::default()
    })
    .await;
    let home = town.from([203, 0, 113, 9]);
    let mut hers = Browser::new(&home);
    hers.enrol(PHONE).await;
    let attack = async |site: u8| {
        let from = town.from([198, 51, site, 7]);
        for _ in 0..8 {
            let mut thief = Browser::new(&from);
            for _ in 0..8 {
                let _refused = thief.get("/sign-in").await;
                let page = thief.post("/sign-in", &[("phone", PHONE)]).await;
                if page.status != 303 {
                    return;
                }
                thief.get("/sign-in/code").await.is(200);
                while thief
                    .post("/sign-in/code", &[("code", "wrong")])
                    .await
                    .text
                    .contains("name=\"code\"")
                {}
            }
        }
    };
    // From one site he takes what it may have; she signs in with a browser nobody knows.
    attack(1).await;
    // Two, for which he had eight tries; the rest he spent without one.
    let signing_in = |text: &String| text.contains("ログインの確認コード");
    let rung = async |times| {
        let texts = town.texts(PHONE).await;
        (texts.iter().filter(|text| signing_in(text)).count() == times).then_some(())
    };
    until("his have all come", async || rung(2).await).await;
    Browser::new(&home).sign_in(PHONE).await.is(303);
    // From many he takes all; she signs in with the one she has signed in with before.
    for site in 2..8 {
        attack(site).await;
    }
    let refused = town.from([192, 0, 2, 1]);
    let mut unknown = Browser::new(&refused);
    unknown.get("/sign-in").await.is(200);
    unknown.post("/sign-in", &[("phone", PHONE)]).await.is(429);
    // Hers and the one that was left for elsewhere.
    until("the last of his has come", async || rung(4).await).await;
    marked(&home, &hers).sign_in(PHONE).await.is(303);
}

#[tokio::test]
async fn wrong_recovery_codes_pause_the_session_and_no_neighbour() {
    let rates = Rates {
        wrong_codes_per_ten_minutes: 3,
        ..Rates::default()
    };
    let town = town_with(rates).await;
    let papers = town.visitor().enrol(PHONE).await;
    let from = town.from([198, 51, 100, 7]);
    let mut thief = Browser::new(&from);
    thief.sign_in(PHONE).await.is(303);
    for _ in 0..5 {
        thief.step_up("0000-0000-0000-0000-0000").await.is(422);
    }
    let page = thief.step_up(&papers.recovery).await;
    page.is(422).shows("15分");
    let mut owner = Browser::new(&from);
    owner.sign_in(PHONE).await.is(303);
    owner.step_up(&papers.recovery).await.is(303);
}

#[tokio::test]
async fn wrong_codes_of_a_neighbour_keep_nobody_from_blocking_a_lost_phone() {
    let rates = Rates {
        wrong_codes_per_ten_minutes: 1,
        ..Rates::default()
    };
    let town = town_with(rates).await;
    let papers = town.visitor().enrol(PHONE).await;
    let shared = town.from([198, 51, 100, 7]);
    let mut neighbour = Browser::new(&shared);
    guess(&mut neighbour, &nobodys(0)).await.is(422);
    guess(&mut neighbour, &nobodys(0)).await.is(429);
    // Nor do wrong papers, however many.
    let guessed = [("phone", PHONE), ("recovery", "0000-0000-0000-0000-0000")];
    for _ in 0..8 {
        neighbour.get("/block").await.is(200);
        neighbour.post("/block", &guessed).await.is(422);
    }
    let mut she = Browser::new(&shared);
    she.get("/block").await.is(200);
    let both = [("phone", PHONE), ("recovery", &*papers.recovery)];
    assert_eq!(
        she.post("/block", &both).await.is(303).location(),
        "/blocked"
    );
}

/// What a form did, as its sender sees it, and what it made the server do.
struct Done {
    status: u16,
    headers: Vec<(String, usize)>,
    text: String,
    reads: u64,
    looked_up: u64,
    took: Duration,
}

/// Sends this form from a new browser.
async fn sent(town: &Town, path: &str, fields: &[(&str, &str)]) -> Done {
    let mut stranger = town.visitor();
    stranger.get(path).await.is(200);
    let token = stranger.token.clone();
    let (before, began) = (town.work_done(), Instant::now());
    let page = stranger.post(path, fields).await;
    let took = began.elapsed();
    let is_lookup = path.starts_with("/sign-in");
    until("it is looked up", async || {
        (town.work_done().1 - before.1 == u64::from(is_lookup)).then_some(())
    })
    .await;
    let after = town.work_done();
    let header = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.len());
    Done {
        status: page.status,
        headers: page.headers.iter().map(header).collect(),
        text: blanked(&page.text.replace(&token, ""), fields),
        reads: after.0 - before.0,
        looked_up: after.1 - before.1,
        took,
    }
}

/// Without what differs from page to page, and what she typed herself.
fn blanked(text: &str, fields: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (_, typed) in fields {
        text = text.replace(typed, "");
    }
    let parts = text.split("name=\"csrf\" value=\"");
    let parts = parts.map(|part| part.split_once('"').map_or(part, |(_, rest)| rest));
    parts.collect()
}

/// Times are printed; what is held is the work, which is the same.
#[tokio::test]
async fn forms_read_as_much_and_answer_as_long_for_a_number_nobody_has() {
    const TIMES: u32 = 8;
    let town = Town::new().await;
    town.visitor().enrol(PHONE).await;
    let recovery = ("recovery", "0000-0000-0000-0000-0000");
    for path in ["/sign-in", "/enrol", "/block"] {
        let mut took = [Duration::ZERO; 2];
        for _ in 0..TIMES {
            let mut both = Vec::new();
            for (number, took) in [PHONE, "+819012340034"].into_iter().zip(&mut took) {
                let fields = [("phone", number), recovery];
                let fields = if path == "/block" {
                    &fields[..]
                } else {
                    &fields[..1]
                };
                let done = sent(&town, path, fields).await;
                *took += done.took;
                both.push(done);
            }
            let [known, nobodys] = &both[..] else {
                unreachable!()
            };
            assert_eq!(known.status, nobodys.status, "{path}");
            assert_eq!(known.headers, nobodys.headers, "{path}");
            assert_eq!(known.text, nobodys.text, "{path}");
            assert_eq!(known.reads, nobodys.reads, "{path}");
            assert_eq!(known.looked_up, nobodys.looked_up, "{path}");
            if path == "/block" {
                assert!(both.iter().all(|done| done.took >= BLOCK_ANSWERED_AFTER));
            }
            town.pass_minutes(5 * 60);
        }
        let [known, nobodys] = took.map(|took| took / TIMES);
        println!("{path}: {known:?} where somebody has the number, {nobodys:?} where nobody has");
    }
}

#[tokio::test]
async fn a_site_that_rings_a_strangers_phone_leaves_her_codes_of_her_own() {
    let town = town_with(Rates::default()).await;
    let from = town.from([198, 51, 100, 7]);
    for _ in 0..3 {
        let mut thief = Browser::new(&from);
        thief.get("/enrol").await.is(200);
        thief.post("/enrol", &[("phone", PHONE)]).await.is(303);
        town.pass_minutes(30);
    }
    let neighbour = town.from([198, 51, 100, 99]);
    let mut thief = Browser::new(&neighbour);
    thief.get("/enrol").await.is(200);
    thief.post("/enrol", &[("phone", PHONE)]).await.is(429);
    let rung = async || (town.texts(PHONE).await.len() == 3).then_some(());
    until("his have all come", rung).await;
    let home = town.from([203, 0, 113, 9]);
    Browser::new(&home).enrol(PHONE).await;
}

#[tokio::test]
async fn a_counter_enrols_many_whose_numbers_end_alike() {
    let town = town_with(Rates::default()).await;
    let counter = town.from([203, 0, 113, 9]);
    for n in 0..5 {
        let number = format!("+819055{n}50034");
        Browser::new(&counter).enrol(&number).await;
        Browser::new(&counter).sign_in(&number).await.is(303);
    }
}

#[tokio::test]
async fn of_a_visitor_nothing_is_kept_and_her_cookie_shows_no_number() {
    let town = Town::new().await;
    let mut first = town.visitor();
    first.get("/enrol").await.is(200);
    for _ in 0..50 {
        let mut other = town.visitor();
        other.get("/sign-in").await.is(200);
        let sent = other.post("/sign-in", &[("phone", PHONE)]).await;
        sent.is(303);
        let cookie = sent.headers["set-cookie"].to_str().unwrap();
        assert!(
            !cookie.contains("5550") && !cookie.contains("NTU1"),
            "{cookie}"
        );
    }
    assert_eq!(town.signed_in(), 0);
    first
        .post("/enrol", &[("phone", OTHER_PHONE)])
        .await
        .is(303);

    // Two tabs: a form of before the code was sent is hers still; another's token is not.
    let token = std::mem::take(&mut first.token);
    first.get("/enrol").await.is(200);
    first.token = token;
    first
        .post("/enrol", &[("phone", OTHER_PHONE)])
        .await
        .is(303);
    let mut other = town.visitor();
    other.get("/enrol").await.is(200);
    first.token.clone_from(&other.token);
    first
        .post("/enrol", &[("phone", OTHER_PHONE)])
        .await
        .is(403);
}

#[tokio::test]
async fn a_visit_ends_with_the_server_and_begins_again() {
    let town = Town::new().await;
    let (cookies, token) = {
        let mut visitor = town.visitor();
        visitor.get("/enrol").await.is(200);
        (visitor.cookies, visitor.token)
    };
    let town = town.restart().await;
    let mut visitor: Visitor<'_> = town.visitor();
    (visitor.cookies, visitor.token) = (cookies, token);
    let page = visitor.post("/enrol", &[("phone", PHONE)]).await;
    assert_eq!(page.is(303).location(), "/sign-in");
    visitor.enrol(PHONE).await;
}

/// As many people with one number as may be, who have shown it to be theirs one after the other.
async fn full(town: &Town) {
    for _ in 0..PEOPLE_OF_ONE_PHONE_MAX {
        town.visitor().enrol(PHONE).await;
        town.pass_minutes(5 * 60);
    }
}

#[tokio::test]
async fn so_many_people_enrol_with_one_phone_and_no_more_also_after_a_restart() {
    let mut town = Town::new().await;
    full(&town).await;
    for restarted in [false, true] {
        if restarted {
            town = town.restart().await;
        }
        let mut visitor = town.visitor();
        let refused = enrol_as_far_as_it_goes(&mut visitor, &town).await;
        refused.is(422).shows("これ以上登録できません");
        town.pass_minutes(5 * 60);
    }
    town.visitor().enrol(OTHER_PHONE).await;
    let mut holder = town.visitor();
    holder.sign_in(PHONE).await.is(303);
    holder.get("/me").await.is(200);
}

#[tokio::test]
async fn a_closed_account_and_three_days_of_doubt_make_room_on_a_number() {
    let town = Town::new().await;
    full(&town).await;
    let mut closes = town.visitor();
    closes.sign_in(PHONE).await.is(303);
    let page = enrol_as_far_as_it_goes(&mut town.visitor(), &town).await;
    page.is(422).shows("これ以上登録できません");
    town.pass_minutes(5 * 60);

    // The first was doubted when the second enrolled: 45 hours ago.
    town.pass_minutes(32 * 60 - 1);
    let page = enrol_as_far_as_it_goes(&mut town.visitor(), &town).await;
    page.is(422).shows("これ以上登録できません");
    town.pass_minutes(1);
    let mut next = town.visitor();
    let papers = next.enrol(PHONE).await;
    let page = enrol_as_far_as_it_goes(&mut town.visitor(), &town).await;
    page.is(422).shows("これ以上登録できません");
    town.pass_minutes(30);

    // An account that is closed uses it no more.
    let mut next = town.visitor();
    next.sign_in(PHONE).await.is(303);
    next.step_up(&papers.recovery).await.is(303);
    next.get("/me/account").await.is(200);
    let closed = [("to", "closed"), ("sure", "yes")];
    next.post("/me/account", &closed).await.is(303);
    let town = town.restart().await;
    town.pass_minutes(4 * 60);
    town.visitor().enrol(PHONE).await;
}

#[tokio::test]
async fn whoever_changes_her_number_finds_it_as_full_as_whoever_enrols() {
    let town = Town::new().await;
    full(&town).await;
    let mut last = town.visitor();
    last.sign_in(PHONE).await.is(303);
    last.get("/me").await.is(200);
    let (mut other, typed) = about_to_change(&town).await;
    let typed = typed.each_ref().map(|(name, value)| (*name, &**value));
    let page = other.post("/me/contacts/replace/code", &typed).await;
    page.is(422).shows("すでに8人が使っています");
    other
        .get("/me/contacts")
        .await
        .is(200)
        .hides("新しいものへ変わります");
    // Nobody was doubted for it.
    town.visitor().sign_in(PHONE).await.is(303);
    last.get("/me").await.is(200);
}

/// The number and the right code.
async fn enrol_as_far_as_it_goes(visitor: &mut Visitor<'_>, town: &Town) -> Page {
    let code = code_to_enrol(visitor, town).await;
    visitor.post("/enrol/code", &[("code", &code)]).await
}

/// The number; the code that came to it.
async fn code_to_enrol(visitor: &mut Visitor<'_>, town: &Town) -> String {
    let known = town.texts(PHONE).await.len();
    visitor.get("/enrol").await.is(200);
    visitor.post("/enrol", &[("phone", PHONE)]).await.is(303);
    town.code(PHONE, &["登録の確認コード"], known).await
}

/// Somebody of another number is about to change it to this one; the form that does.
async fn about_to_change<'t>(town: &'t Town) -> (Visitor<'t>, [(&'static str, String); 2]) {
    let mut other = town.visitor();
    other.enrol(OTHER_PHONE).await;
    let page = other.get("/me/contacts").await;
    let id = page.between("/me/contacts/replace?contact=", "\"");
    other
        .get(&format!("/me/contacts/replace?contact={id}"))
        .await
        .is(200);
    let known = town.texts(PHONE).await.len();
    let fields = [("contact", id.as_str()), ("address", PHONE)];
    let page = other.post("/me/contacts/replace", &fields).await;
    other.get(page.is(303).location()).await.is(200);
    let code = town.code(PHONE, &["確認コード"], known).await;
    (other, [("contact", id), ("code", code)])
}

#[tokio::test]
async fn of_two_who_come_to_a_number_at_once_the_first_is_doubted_and_one_has_the_last_place() {
    let town = Town::new().await;
    for others in [0, PEOPLE_OF_ONE_PHONE_MAX - 1] {
        while town.people_of(PHONE).await.len() < others {
            town.visitor().enrol(PHONE).await;
            town.pass_minutes(5 * 60);
        }
        let mut one = town.visitor();
        let code = code_to_enrol(&mut one, &town).await;
        let (mut other, changes) = about_to_change(&town).await;
        let changes = changes.each_ref().map(|(name, value)| (*name, &**value));
        let enrols = [("code", code.as_str())];
        let (first, second) = tokio::join!(
            one.post("/enrol/code", &enrols),
            other.post("/me/contacts/replace/code", &changes),
        );
        let mut both = [first.status, second.status];
        both.sort_unstable();
        let expected = if others == 0 { [303, 303] } else { [303, 422] };
        assert_eq!(both, expected, "{first:?} {second:?}");
        // In doubt are all but the last.
        let people = town.people_of(PHONE).await;
        assert_eq!(people.iter().filter(|doubted| !**doubted).count(), 1);
        assert_eq!(people.len(), if others == 0 { 2 } else { others + 1 });
        town.pass_minutes(5 * 60);
    }
}

#[tokio::test]
async fn whoever_was_doubted_for_three_days_has_no_ninth_place_for_saying_that_she_shares_it() {
    let town = Town::new().await;
    let mut first = town.visitor();
    let papers = first.enrol(PHONE).await;
    town.pass_minutes(5 * 60);
    for _ in 1..PEOPLE_OF_ONE_PHONE_MAX {
        town.visitor().enrol(PHONE).await;
        town.pass_minutes(5 * 60);
    }
    town.pass_minutes(37 * 60);
    town.visitor().enrol(PHONE).await;
    town.pass_minutes(30);
    let mut first = town.visitor();
    first.sign_in(PHONE).await.is(303);
    first.step_up(&papers.recovery).await.is(303);
    let page = first.get("/me/contacts").await;
    let id = page.between("/me/contacts/replace?contact=", "\"");
    let confirm = [("contact", id.as_str())];
    first.post("/me/contacts/confirm", &confirm).await.is(409);
}

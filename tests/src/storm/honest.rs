//! What a person does in a stretch, and what the institutions she knows do about her; how long each
//! thing takes, and what is not done.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use akashi_actors::{Access, Browser, Page, Portal, Query};
use akashi_client::draw;
use akashi_proof::evidence::evidence_digest;
use akashi_proof::ids::LinkCode;
use akashi_proof::record::kind::LinkEnd;
use akashi_proof::statement::{Basis, Presentation, RequestNonce};
use akashi_tests::server::figure;
use serde_json::Value;

use crate::behind::{Behind, NONE};
use crate::town::{HOLDER, HONEST, Person, Town, link, look};

/// The address of the honest institutions' gateway.
const GATEWAY: &str = "198.51.100.7";

/// How often somebody opens a page anew that said to come back.
const RELOADS_MAX: usize = 20;

/// What happened to the people.
#[derive(Default)]
pub struct Lived {
    /// How long each kind of thing took.
    pub took: BTreeMap<&'static str, Vec<Duration>>,
    /// What was not done.
    pub refused: Vec<String>,
    /// How often a page said to come back.
    pub reloaded: usize,
    /// Withdrawals that were not recorded.
    pub withdrawals_refused: usize,
    /// How many records the log was ahead of a warning when it arrived, for each.
    pub warned_behind: Vec<u64>,
    /// Log indexes of decisions in answers, in no order.
    pub told: Vec<u64>,
}

impl Lived {
    /// What happened to all of them.
    pub fn all(each: Vec<Self>) -> Self {
        let mut all = Self::default();
        for one in each {
            for (what, took) in one.took {
                all.took.entry(what).or_default().extend(took);
            }
            all.refused.extend(one.refused);
            all.reloaded += one.reloaded;
            all.withdrawals_refused += one.withdrawals_refused;
            all.warned_behind.extend(one.warned_behind);
            all.told.extend(one.told);
        }
        all
    }

    /// Opens a page, again where it says to come back; notes how long it took in all.
    async fn open(
        &mut self,
        browser: &mut Browser<'_, Behind<'_>>,
        what: &'static str,
        path: &str,
    ) -> Page {
        let begun = Instant::now();
        let mut page = browser.get(path).await;
        for _ in 0..RELOADS_MAX {
            if ![503, NONE].contains(&page.status) {
                break;
            }
            self.reloaded += 1;
            page = browser.get(path).await;
        }
        self.note(what, begun, page.status, 200);
        page
    }

    /// Notes how long something took since then, and what was answered where it was not this.
    fn note(&mut self, what: &'static str, since: Instant, found: u16, expected: u16) -> bool {
        self.took.entry(what).or_default().push(since.elapsed());
        if found != expected {
            self.refused.push(format!("{what}: {found}"));
        }
        found == expected
    }
}

/// Her rounds: signing in, one emergency she must be told of, then reading, agreeing, being looked
/// at, withdrawing.
pub async fn live(town: &Town, person: &Person, rounds: usize) -> Lived {
    let mut lived = Lived::default();
    let behind = Behind {
        server: &town.server,
        address: person.address.clone(),
    };
    let gateway = Behind {
        server: &town.server,
        address: GATEWAY.to_owned(),
    };
    warn(town, person, &gateway, &mut lived).await;
    let mut browser = Browser::new(&behind);
    let begun = Instant::now();
    let page = browser.sign_in(&person.phone).await;
    if !lived.note("sign in", begun, page.status, 303) {
        return lived;
    }
    let begun = Instant::now();
    let page = browser.step_up(&person.papers.recovery).await;
    lived.note("second thing", begun, page.status, 303);
    let mine = lived.open(&mut browser, "consents", "/me/consents").await;
    let mut known = consents(&mine);
    for _ in 0..rounds {
        for (what, path) in [("home", "/me"), ("history", "/me/history")] {
            lived.open(&mut browser, what, path).await;
        }
        agree(&mut browser, &mut lived).await;
        be_looked_at(town, person, &gateway, &mut lived).await;
        withdraw(&mut browser, &mut known, &mut lived).await;
        be_linked(town, person, &mut browser, &gateway, &mut lived).await;
    }
    lived
}

/// A pharmacy learns its code for her at its counter, and ends it: others end a great many.
async fn be_linked(
    town: &Town,
    person: &Person,
    browser: &mut Browser<'_, Behind<'_>>,
    gateway: &Behind<'_>,
    lived: &mut Lived,
) {
    let begun = Instant::now();
    let code = link(gateway, &town.ends, browser, &person.papers.qid).await;
    lived.note("link", begun, 200, 200);
    let (code, ends) = (LinkCode::parse(&code).unwrap(), &town.ends);
    let request = ends.client.end_link(ends.stamp(), code, LinkEnd::NotNeeded);
    let begun = Instant::now();
    let answered = gateway.carry(request.unwrap().message()).await;
    lived.note("link ended", begun, answered.status, 200);
}

/// An emergency at the honest hospital; and how far the log had gone on when she was told.
async fn warn(town: &Town, person: &Person, gateway: &Behind<'_>, lived: &mut Lived) {
    let is_it = |text: &str| text.contains(HONEST) && text.contains("緊急");
    let texts = town.server.texts(&person.phone).await;
    let known = texts.iter().filter(|text| is_it(text)).count();
    let asked = Access {
        subject: Some(&person.of_honest),
        role_holder: &person.on_duty,
        role: "emergency-physician",
        process: "care.emergency",
        purpose: "emergency-treatment",
        holder: HOLDER,
        categories: &["medication"],
        basis: Basis::Emergency {
            reason_code: "unconscious".to_owned(),
            reason_text: "found at the station".to_owned(),
        },
        ..Access::VIEW
    };
    let begun = Instant::now();
    let (status, answer) = ask(town, &asked, gateway).await;
    lived.note("emergency", begun, status, 200);
    if answer["decision"] != "permit" {
        lived.refused.push(format!("emergency: {answer}"));
        return;
    }
    let index = answer["index"].as_u64().unwrap();
    lived.told.push(index);
    akashi_actors::until("she is told of the emergency", async || {
        let texts = town.server.texts(&person.phone).await;
        let now = texts.iter().filter(|text| is_it(text)).count();
        (now > known).then_some(())
    })
    .await;
    let entries = figure(&town.server.figures().await, "akashi_log_entries");
    lived.warned_behind.push(entries - index);
}

/// She agrees that the hospital may see what the pharmacy has.
async fn agree(browser: &mut Browser<'_, Behind<'_>>, lived: &mut Lived) {
    let path = "/me/consents/new";
    let with_both = format!("{path}?recipient={HONEST}&holder={HOLDER}");
    let form = lived.open(browser, "consent form", &with_both).await;
    if form.status != 200 {
        return;
    }
    let until = form.between("max=\"", "\"");
    let wanted = [
        ("recipient", HONEST),
        ("holder", HOLDER),
        ("purpose", "treatment"),
        ("category", "medication"),
        ("until", until.as_str()),
    ];
    let begun = Instant::now();
    let page = browser.post(path, &wanted).await;
    if !lived.note("wording", begun, page.status, 200) {
        return;
    }
    let wording = page.between("name=\"wording\" value=\"", "\"");
    let agreed = [&wanted[..], &[("wording", wording.as_str())]].concat();
    let begun = Instant::now();
    let page = browser.post(path, &agreed).await;
    lived.note("consent", begun, page.status, 303);
}

/// The hospital looks, and the pharmacy reports the release.
async fn be_looked_at(town: &Town, person: &Person, gateway: &Behind<'_>, lived: &mut Lived) {
    let begun = Instant::now();
    let (status, answer) = ask(town, &look(person), gateway).await;
    lived.note("access", begun, status, 200);
    let (Some(index), Some(evidence)) = (answer["index"].as_u64(), answer["evidence"].as_str())
    else {
        lived.refused.push(format!("access: {answer}"));
        return;
    };
    lived.told.push(index);
    let holder = &town.holder;
    let index = akashi_proof::ids::LeafIndex::new(index);
    let presented = town.honest.presents(holder.id(), evidence_digest(evidence));
    let presented = Presentation::parse(presented.as_bytes()).unwrap();
    let report = holder
        .client
        .release(holder.stamp(), index, evidence, presented);
    let begun = Instant::now();
    let answered = gateway.carry(report.unwrap().message()).await;
    lived.note("release", begun, answered.status, 200);
}

/// She takes back what she has just agreed to.
async fn withdraw(
    browser: &mut Browser<'_, Behind<'_>>,
    known: &mut BTreeSet<String>,
    lived: &mut Lived,
) {
    let now = consents(&lived.open(browser, "consents", "/me/consents").await);
    let new: Vec<String> = now.difference(known).cloned().collect();
    known.extend(now);
    let [id] = &new[..] else {
        lived.refused.push(format!("{} new consents", new.len()));
        return;
    };
    let path = format!("/me/consents/{id}/withdraw");
    lived.open(browser, "withdrawal page", &path).await;
    let begun = Instant::now();
    let page = browser.post(&path, &[]).await;
    if !lived.note("withdrawal", begun, page.status, 303) {
        lived.withdrawals_refused += 1;
    }
}

/// The hospital looks at everybody's once; how many of these it was not answered.
pub async fn look_at_all(town: &Town) -> usize {
    let gateway = Behind {
        server: &town.server,
        address: GATEWAY.to_owned(),
    };
    let mut refused = 0;
    for person in &town.people {
        let (status, _) = ask(town, &look(person), &gateway).await;
        refused += usize::from(status != 200);
    }
    refused
}

async fn ask(town: &Town, asked: &Access<'_>, gateway: &Behind<'_>) -> (u16, Value) {
    let honest = &town.honest;
    let nonce = RequestNonce::from_bytes(draw().unwrap());
    let query = Query::get("/medication");
    let request = honest.client.access(honest.stamp(), asked, &query, &nonce);
    let answered = gateway.carry(request.unwrap().message()).await;
    let answer = serde_json::from_slice(&answered.bytes).unwrap_or_default();
    (answered.status, answer)
}

/// The consents on her page.
fn consents(page: &Page) -> BTreeSet<String> {
    let ids = page.text.split("href=\"/me/consents/").skip(1);
    let ids = ids.filter_map(|rest| rest.split('"').next());
    ids.filter(|id| id.len() == 22).map(str::to_owned).collect()
}

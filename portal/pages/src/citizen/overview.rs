//! `/me`: what waits for her, what needs her attention, what happened last.

mod month;

use std::sync::Arc;

use akashi_desk::history::outline::Row;
use akashi_proof::ids::Seq;
use akashi_proof::state::Person;
use askama::Template;

use crate::citizen::consents;
use crate::citizen::history::{Completeness, DENIED, Filter, Listing, PERMITTED, list};
use crate::citizen::requests::{self, Waiting};
use crate::frame::guard::Holder;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, page};
use crate::limits::OVERVIEW_ROWS_MAX;
use crate::words::bodies::Reach;
use crate::words::texts::{History, Overview as Texts};

use month::{Alert, Month, last_month};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    shell: Shell,
    o: Texts,
    h: History,
    waiting: Vec<Waiting>,
    alerts: Vec<Alert>,
    /// Warnings that are not written out.
    more_alerts: usize,
    month: Month,
    live: usize,
    ending_soon: usize,
    listing: Listing,
    completeness: Completeness,
    total: u64,
    reach: Reach,
    is_incomplete: bool,
    has_papers: bool,
}

#[derive(Template)]
#[template(path = "overview_level_1.html")]
struct PhonePage {
    shell: Shell,
    o: Texts,
    waiting: Vec<Waiting>,
    several: bool,
    reach: Reach,
    /// Days on which a message was sent to this phone, the newest first.
    notices: Vec<String>,
}

/// `GET /me`.
pub(crate) async fn overview(holder: Holder) -> Answer {
    let page = holder.read(|books, people| match (books.level(), people) {
        (2, [person, ..]) => show_all(books, person),
        _ => show_requests_only(books, people),
    });
    page.await
}

fn show_all(books: &Books<'_>, person: &Arc<Person>) -> Answer {
    let (o, names, hers) = (Texts(books.language), books.names(), books.hers(person));
    let listing = list(
        hers,
        &names,
        &Filter::default(),
        Seq::MAX,
        OVERVIEW_ROWS_MAX,
    )?;
    let completeness = Completeness::of(&listing, hers)?;
    let live = consents::live(person, &names, books.now());
    let (month, alerts) = last_month(hers, &names, books.now())?;
    let waiting = requests::waiting(books, std::slice::from_ref(person), &names)?;
    let named = alerts.iter().flat_map(|alert| &alert.named);
    let named = named.chain(waiting.iter().map(|ask| &ask.requester));
    let reach = Reach::of(named.chain(&listing.named), &names);
    page(OverviewPage {
        shell: books.shell(o.title()).at("/me"),
        o,
        h: History(books.language),
        waiting,
        reach,
        alerts,
        more_alerts: month.more_alerts,
        month,
        ending_soon: live.iter().filter(|card| card.ends_soon).count(),
        live: live.len(),
        listing,
        completeness,
        total: person.seq.value(),
        is_incomplete: person.is_incomplete(),
        has_papers: books
            .session
            .as_ref()
            .is_some_and(|session| session.papers.is_some()),
    })
}

/// With the phone alone: requests, and that there were messages - not what they said.
fn show_requests_only(books: &Books<'_>, people: &[Arc<Person>]) -> Answer {
    const NOTICES_SHOWN: usize = 5;
    /// Of all of them together: a telephone of many is no way to have more read.
    const READ: usize = 200;
    let (o, names) = (Texts(books.language), books.names());
    let mut sent = Vec::new();
    for person in people {
        let mut rows = books.hers(person).rows(Seq::MAX)?;
        for _ in 0..READ / people.len().max(1) {
            let Some(row) = rows.down()? else { break };
            if let Row::Open(line) = row
                && line.gist.is_sent()
            {
                sent.push(line.time);
            }
        }
    }
    sent.sort_unstable_by(|a, b| b.cmp(a));
    let notices = sent
        .into_iter()
        .take(NOTICES_SHOWN)
        .map(|time| names.when.say(time))
        .collect();
    let waiting = requests::waiting(books, people, &names)?;
    page(PhonePage {
        shell: books.shell(o.title()).at("/me").narrow(),
        o,
        reach: Reach::of(waiting.iter().map(|ask| &ask.requester), &names),
        waiting,
        several: people.len() > 1,
        notices,
    })
}

//! `/me`: what waits for her, what needs her attention, what happened last.

use std::sync::Arc;

use akashi_desk::history::walk::{HerRecords, Step, Walk};
use akashi_desk::words::names::Names;
use akashi_ledger::OpenRecord;
use akashi_proof::ids::{InstitutionId, LeafIndex};
use akashi_proof::record::kind::{Event, Outcome};
use akashi_proof::state::Person;
use askama::Template;

use crate::citizen::consents;
use crate::citizen::history::{Completeness, DENIED, Filter, Listing, OUTCOME, PERMITTED, list};
use crate::citizen::requests::{self, Waiting};
use crate::frame::error::PageError;
use crate::frame::guard::Holder;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, page};
use crate::words::bodies::Reach;
use crate::words::texts::{History, Overview as Texts};
use crate::words::told::Related;
use crate::words::told::{Mark, Matter, Told, tell};

/// Rows of the history shown here.
const ROWS: usize = 5;
/// Over which time things are counted.
const COUNTED_MILLIS: u64 = 30 * 24 * 3_600_000;
/// Records read for counting; a busier month says "more than".
const COUNTED_MAX: usize = 1_000;

/// What the last thirty days held.
#[derive(Default)]
struct Month {
    permitted: usize,
    refused: usize,
    /// Among them, records that cannot be read: when they were made is not known either.
    closed: usize,
    /// Whether there is more than was counted.
    is_more: bool,
    /// The first day that was counted, as the history's filter takes it.
    since: String,
}

impl Month {
    /// The list of what was counted with this outcome, one line each.
    fn list(&self, outcome: &str) -> String {
        format!("/me/history?{OUTCOME}={outcome}&from={}&each=1", self.since)
    }

    const fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Permit => self.permitted += 1,
            Outcome::Deny => self.refused += 1,
            Outcome::Ask => {}
        }
    }
}

/// Warnings written out; more than that are counted, and the history has them all.
const ALERTS_SHOWN: usize = 10;

/// Something she should look at.
struct Alert {
    index: LeafIndex,
    time: String,
    told: Told,
    /// The institutions it is about.
    named: Vec<InstitutionId>,
}

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
    let (o, names, reader) = (Texts(books.language), books.names(), books.reader);
    let filter = Filter::default();
    let listing = list(reader, person, &names, &filter, person.seq.next(), ROWS)?;
    let completeness = Completeness::of(&listing, reader, person)?;
    let live = consents::live(person, &names, books.now());
    let (month, mut alerts) = last_month(books, person)?;
    let more_alerts = alerts.len().saturating_sub(ALERTS_SHOWN);
    alerts.truncate(ALERTS_SHOWN);
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
        more_alerts,
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

fn last_month(books: &Books<'_>, person: &Person) -> Result<(Month, Vec<Alert>), PageError> {
    let (names, reader) = (books.names(), books.reader);
    let related = HerRecords::new(reader, person);
    // From the beginning of a day, so that the history's filter can show the very same records.
    let first_day = names.when.day(books.now().minus_millis(COUNTED_MILLIS));
    let since = names.when.begin_of(first_day).unwrap_or_default();
    let mut month = Month {
        since: first_day.to_string(),
        ..Month::default()
    };
    let mut alerts = Vec::new();
    let mut walk = Walk::below(reader, person, person.seq.next());
    for read in 0..=COUNTED_MAX {
        let Some(step) = walk.step()? else { break };
        let stored = match step {
            Step::Record(stored) => stored,
            Step::Closed(_) => {
                month.closed += 1;
                continue;
            }
            Step::Missing(_) => continue,
        };
        if stored.record.time < since {
            break;
        }
        month.is_more = read == COUNTED_MAX;
        if let Some(decided) = stored.record.event.decided() {
            month.count(decided.outcome);
        }
        if let Some(alert) = attention(*stored, &names, &related)
            && !alerts
                .iter()
                .any(|known: &Alert| known.index == alert.index)
        {
            alerts.push(alert);
        }
    }
    Ok((month, alerts))
}

/// What a record gives her to look at: a look in an emergency, and whatever a detector warned of. A
/// warning about one refused access is shown as that access, which says more, and once; one about
/// several as itself, with their number.
fn attention(stored: OpenRecord, names: &Names, related: &HerRecords<'_>) -> Option<Alert> {
    let mut shown = (stored.index, stored.record);
    if let Event::AlertRaised(alert) = &shown.1.event {
        let index = alert.access;
        let refused = related
            .record(index)
            .filter(|_| alert.count == 1)
            .filter(|record| matches!(record.event, Event::AccessDenied(_)));
        shown = refused.map_or(shown, |record| (index, record));
    } else if !matches!(
        shown.1.event,
        Event::AccessPermitted(_) | Event::AccessDenied(_)
    ) || !matches!(
        tell(&shown.1, names, related).mark,
        Mark::Alert | Mark::Emergency
    ) {
        return None;
    }
    let (index, record) = shown;
    Some(Alert {
        index,
        time: names.when.say(record.time),
        told: tell(&record, names, related),
        named: Matter::of(&record.event, related).institutions,
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
        let mut walk = Walk::below(books.reader, person, person.seq.next());
        for _ in 0..READ / people.len().max(1) {
            let Some(step) = walk.step()? else { break };
            if let Step::Record(stored) = step
                && matches!(stored.record.event, Event::NoticeSent(_))
            {
                sent.push(stored.record.time);
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

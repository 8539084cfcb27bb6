//! `/me/history`: everything that was done with a person's data, or tried, newest first.

mod draft;
mod filter;
mod listing;

use akashi_desk::history::outline::Hers;
use akashi_desk::history::walk::all_are_indexed;
use akashi_ledger::LedgerError;
use akashi_proof::ids::Seq;
use akashi_proof::record::kind::{Language, Outcome};
use akashi_proof::state::Person;
use askama::Template;
use axum::extract::RawQuery;
use jiff::civil::Date;

use crate::frame::forms::{Choice, Fields, Mistakes};
use crate::frame::guard::Owner;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, page};
use crate::limits::ROWS_MAX;
use crate::words::bodies::{Reach, by_name};
use crate::words::text::pick;
use crate::words::texts::History;

pub(crate) use filter::{DENIED, Filter, OUTCOME, PERMITTED, RUN};
pub(crate) use listing::{Listing, list};

use filter::Show;

/// What the page says of its own completeness.
pub(crate) enum Completeness {
    /// All her records are indexed, and those read are whole.
    All,
    /// Those read are whole; too many to count the rest.
    ThisPage,
    /// These numbers are missing or damaged.
    Missing(Numbers),
    /// Some number on another page is missing.
    MissingElsewhere,
}

impl Completeness {
    /// # Errors
    /// [`LedgerError`] when the index cannot be read.
    pub(crate) fn of(listing: &Listing, hers: Hers<'_>) -> Result<Self, LedgerError> {
        if !listing.missing.is_empty() {
            return Ok(Self::Missing(Numbers(listing.missing.clone())));
        }
        Ok(match all_are_indexed(hers.records, hers.person)? {
            Some(true) => Self::All,
            Some(false) => Self::MissingElsewhere,
            None => Self::ThisPage,
        })
    }
}

struct Chip {
    link: String,
    text: &'static str,
    icon: &'static str,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    shell: Shell,
    h: History,
    listing: Listing,
    reach: Reach,
    completeness: Completeness,
    total: u64,
    chips: Vec<Chip>,
    details_open: bool,
    show: &'static str,
    institutions: Vec<Choice>,
    purposes: Vec<Choice>,
    from: String,
    to: String,
    mistakes: Mistakes,
    /// What narrows the list besides the form's fields: each with the way to the list without it.
    narrowed: Vec<(String, String)>,
    older: Option<String>,
    newest: Option<String>,
}

/// `GET /me/history`.
pub(crate) async fn history(owner: Owner, RawQuery(query): RawQuery) -> Answer {
    let fields = Fields::of_query(query.as_deref().unwrap_or_default());
    let page = owner.read(move |books, person| show(books, person, &fields));
    page.await
}

fn show(books: &Books<'_>, person: &Person, fields: &Fields) -> Answer {
    let filter = Filter::read(fields);
    let below = fields
        .first("below")
        .and_then(|number| Seq::parse(number).ok())
        .unwrap_or(Seq::MAX);
    let (hers, names) = (books.hers(person), books.names());
    let listing = list(hers, &names, &filter, below, ROWS_MAX)?;
    let completeness = Completeness::of(&listing, hers)?;
    let h = History(books.language);
    let without_place = fields.clone().minus("below").minus("lang");
    let chip = |show: Option<Show>, text, icon| {
        let link = show.map_or_else(
            || without_place.without("show"),
            |show| without_place.with("show", show.name()),
        );
        Chip {
            link,
            text,
            icon,
            is_chosen: filter.show == show,
        }
    };
    let chips = vec![
        chip(None, h.all(), ""),
        chip(Some(Show::Permitted), h.permitted(), "permit"),
        chip(Some(Show::Refused), h.refused(), "deny"),
        chip(Some(Show::Emergencies), h.emergencies(), "emergency"),
        chip(Some(Show::Asked), h.asked(), "ask"),
        chip(Some(Show::Consents), h.consents(), "consent"),
        chip(Some(Show::Own), h.own(), ""),
        chip(Some(Show::Notices), h.notices(), "notice"),
    ];
    let institutions = by_name(&names).into_iter().map(|institution| Choice {
        value: institution.id.to_string(),
        text: names.institution(&institution.id),
        is_chosen: filter.institution.as_ref() == Some(&institution.id),
    });
    let institutions = institutions.collect();
    let purposes = names.pack.purposes().iter().map(|purpose| Choice {
        value: purpose.code.to_string(),
        text: purpose.name.in_language(books.language).to_owned(),
        is_chosen: filter.purpose.as_ref() == Some(&purpose.code),
    });
    let purposes = purposes.collect();
    let process = filter.process.as_ref().map(|process| {
        let without = without_place.without("process");
        (names.process(process), without)
    });
    let outcome = match filter.outcome {
        Some(Outcome::Permit) => Some(h.only_permitted()),
        Some(Outcome::Deny) => Some(h.only_denied()),
        Some(Outcome::Ask) | None => None,
    };
    let outcome = outcome.map(|text| (text.to_owned(), without_place.without(OUTCOME)));
    let run = filter.run.as_ref().map(|run| {
        let by = run.by.as_ref().map(|by| names.institution(by));
        let text = by.unwrap_or_else(|| h.undelivered().to_owned());
        (text, without_place.without(RUN))
    });
    let older = listing
        .older_below
        .map(|below| without_place.with("below", &below.to_string()));
    let newest = fields
        .first("below")
        .map(|_| without_place.without("below"));
    page(HistoryPage {
        shell: books.shell(h.title()).at("/me/history"),
        h,
        total: person.seq.value(),
        chips,
        details_open: filter.has_details(),
        show: filter.show.map_or("", Show::name),
        institutions,
        purposes,
        from: typed_day(fields, "from", filter.from),
        to: typed_day(fields, "to", filter.to),
        mistakes: Mistakes::all(filter.unread.iter().map(|name| (*name, h.day_unread()))),
        narrowed: process.into_iter().chain(outcome).chain(run).collect(),
        older,
        newest,
        reach: Reach::of(&listing.named, &names),
        listing,
        completeness,
    })
}

/// The day as a date field takes it, or what was typed, to be mended there.
fn typed_day(fields: &Fields, name: &str, read: Option<Date>) -> String {
    let typed = || fields.first(name).unwrap_or_default();
    read.map_or_else(
        || typed().chars().take(DAY_SHOWN_MAX).collect(),
        |date| date.to_string(),
    )
}

/// Characters of an unread day that are given back; no day is as long.
const DAY_SHOWN_MAX: usize = 40;

/// Numbers of records.
pub(crate) struct Numbers(Vec<Seq>);

impl Numbers {
    /// The first of them in words.
    pub(crate) fn shown(&self, language: Language) -> String {
        const SHOWN_MAX: usize = 10;
        let shown: Vec<String> = self.0.iter().take(SHOWN_MAX).map(Seq::to_string).collect();
        let more = if self.0.len() > SHOWN_MAX {
            pick(language, "ほか", " and more")
        } else {
            ""
        };
        format!("{}{more}", shown.join(", "))
    }
}

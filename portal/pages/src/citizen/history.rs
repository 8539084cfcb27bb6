//! `/me/history`: everything that was done with a person's data, or tried, newest first.

use std::collections::BTreeSet;

use akashi_desk::history::walk::{HerRecords, READ_MAX, Records, Step, Walk, all_are_indexed};
use akashi_desk::words::date::read_date;
use akashi_desk::words::names::Names;
use akashi_desk::words::quoted::quoted;
use akashi_ledger::LedgerError;
use akashi_proof::ids::{InstitutionId, LeafIndex, ProcessId, PurposeCode, Seq};
use akashi_proof::record::Record;
use akashi_proof::record::kind::{
    AccessDecided, AccessReleased, ByStream, Event, Language, Outcome, PersonEvent,
};
use akashi_proof::state::Person;
use askama::Template;
use axum::extract::RawQuery;
use jiff::civil::Date;

use crate::frame::forms::{Choice, Fields, Mistakes};
use crate::frame::guard::Owner;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, page};
use crate::words::bodies::{Reach, by_name};
use crate::words::text::{Rich, pick, say_many};
use crate::words::texts::History;
use crate::words::told::{Mark, Matter, Related, Told, access_at, tell, tell_closed};

/// Rows on a page; a group of machine requests is one.
const ROWS_MAX: usize = 50;

/// Records written out inside one group; the rest is a link away, so that ten thousand do not make
/// one page.
const GROUP_SHOWN_MAX: usize = 50;

/// Decisions alone, by what was decided.
pub(crate) const OUTCOME: &str = "outcome";
pub(crate) const PERMITTED: &str = "permit";
pub(crate) const DENIED: &str = "deny";

/// What she wants to see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) show: Option<Show>,
    pub(crate) institution: Option<InstitutionId>,
    pub(crate) purpose: Option<PurposeCode>,
    pub(crate) process: Option<ProcessId>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    /// Only decisions, with this outcome: what the figures of the overview count.
    pub(crate) outcome: Option<Outcome>,
    /// Whether groups are taken apart.
    pub(crate) each: bool,
    /// Fields with a day in them that could not be read: the list is not narrowed by these, and
    /// says so.
    unread: Vec<&'static str>,
}

/// Kinds of records as people sort them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    Permitted,
    Refused,
    Emergencies,
    Consents,
    Asked,
    Notices,
}

impl Show {
    const ALL: [Self; 6] = [
        Self::Permitted,
        Self::Refused,
        Self::Emergencies,
        Self::Consents,
        Self::Asked,
        Self::Notices,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Permitted => "permit",
            Self::Refused => "deny",
            Self::Emergencies => "emergency",
            Self::Consents => "consent",
            Self::Asked => "ask",
            Self::Notices => "notice",
        }
    }

    const fn holds(self, mark: Mark) -> bool {
        match self {
            Self::Permitted => matches!(mark, Mark::Permit | Mark::Emergency),
            Self::Refused => matches!(mark, Mark::Deny | Mark::Alert),
            Self::Emergencies => matches!(mark, Mark::Emergency),
            Self::Consents => matches!(mark, Mark::Consent | Mark::Withdrawn),
            Self::Asked => matches!(mark, Mark::Ask | Mark::Expired),
            Self::Notices => matches!(mark, Mark::Notice),
        }
    }
}

impl Filter {
    fn read(fields: &Fields) -> Self {
        let day = |name: &str| fields.first(name).and_then(read_date);
        let is_unread = |name: &&'static str| fields.first(name).is_some() && day(name).is_none();
        Self {
            show: fields
                .first("show")
                .and_then(|name| Show::ALL.into_iter().find(|show| show.name() == name)),
            institution: fields
                .first("institution")
                .and_then(|id| InstitutionId::parse(id).ok()),
            purpose: fields
                .first("purpose")
                .and_then(|code| PurposeCode::parse(code).ok()),
            process: fields
                .first("process")
                .and_then(|id| ProcessId::parse(id).ok()),
            from: day("from"),
            to: day("to"),
            unread: ["from", "to"].into_iter().filter(is_unread).collect(),
            outcome: fields.first(OUTCOME).and_then(|name| match name {
                PERMITTED => Some(Outcome::Permit),
                DENIED => Some(Outcome::Deny),
                _ => None,
            }),
            each: fields.first("each").is_some(),
        }
    }

    fn has_details(&self) -> bool {
        self.institution.is_some()
            || self.purpose.is_some()
            || self.from.is_some()
            || self.to.is_some()
            || !self.unread.is_empty()
    }

    fn takes(&self, event: &Event, day: Date, mark: Mark, related: &dyn Related) -> bool {
        let in_time =
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to);
        if !in_time || self.show.is_some_and(|show| !show.holds(mark)) {
            return false;
        }
        let outcome = event.decided().map(|decided| decided.outcome);
        if self.outcome.is_some() && outcome != self.outcome {
            return false;
        }
        if let Some(process) = &self.process
            && Doing::of(event)
                .process(related)
                .is_none_or(|of| of != *process)
        {
            return false;
        }
        if self.institution.is_none() && self.purpose.is_none() {
            return true;
        }
        let matter = Matter::of(event, related);
        self.institution
            .as_ref()
            .is_none_or(|id| matter.institutions.contains(id))
            && self
                .purpose
                .as_ref()
                .is_none_or(|code| matter.purposes.contains(code))
    }
}

/// What a record is to a list that sorts by process and puts together what machines do in bulk.
enum Doing<'e> {
    /// A process was decided about.
    Decided(&'e AccessDecided),
    /// It was decided to ask her.
    Asked(&'e AccessDecided),
    /// What a process got was handed over.
    Released(&'e AccessReleased),
    /// She was told of something.
    Told,
    /// No process did it, and it stands alone.
    Single,
}

impl<'e> Doing<'e> {
    fn of(event: &'e Event) -> Self {
        let ByStream::Person(event) = event.by_stream() else {
            return Self::Single;
        };
        match event {
            PersonEvent::AccessPermitted(e) | PersonEvent::AccessDenied(e) => Self::Decided(e),
            PersonEvent::AccessAsked(e) => Self::Asked(&e.decided),
            PersonEvent::AccessReleased(e) => Self::Released(e),
            PersonEvent::NoticeSent(_) => Self::Told,
            PersonEvent::SubjectEnrolled(_)
            | PersonEvent::PapersReplaced(_)
            | PersonEvent::AccountSuspended(_)
            | PersonEvent::AccountResumed(_)
            | PersonEvent::AccountClosed(_)
            | PersonEvent::ContactReplaced(_)
            | PersonEvent::ContactKept(_)
            | PersonEvent::ContactEnded(_)
            | PersonEvent::ContactDoubted(_)
            | PersonEvent::ContactConfirmed(_)
            | PersonEvent::ContactVerified(_)
            | PersonEvent::LinkIssued(_)
            | PersonEvent::LinkWithdrawn(_)
            | PersonEvent::LinkRevoked(_)
            | PersonEvent::LinkCorrected(_)
            | PersonEvent::ConsentGiven(_)
            | PersonEvent::ConsentNarrowed(_)
            | PersonEvent::ConsentWithdrawn(_)
            | PersonEvent::AccessesCounted(_)
            | PersonEvent::ConsentsStopped(_)
            | PersonEvent::MeansBlocked(_)
            | PersonEvent::MeansUnblocked(_)
            | PersonEvent::ReleaseRefused(_)
            | PersonEvent::ApprovalGranted(_)
            | PersonEvent::ApprovalRefused(_)
            | PersonEvent::ApprovalExpired(_)
            | PersonEvent::AlertRaised(_)
            | PersonEvent::NoticeFailed(_) => Self::Single,
        }
    }

    /// The process whose doing it is.
    fn process(&self, related: &dyn Related) -> Option<ProcessId> {
        match self {
            Self::Decided(e) | Self::Asked(e) => Some(e.process.clone()),
            Self::Released(e) => access_at(related, e.access).map(|access| access.process),
            Self::Told | Self::Single => None,
        }
    }
}

/// One record on a page.
pub(crate) struct Line {
    pub(crate) index: LeafIndex,
    /// Absent of a record that cannot be read.
    pub(crate) time: Option<LineTime>,
    pub(crate) told: Told,
}

/// When a record was made.
pub(crate) struct LineTime {
    pub(crate) clock: String,
    pub(crate) machine: String,
}

/// What the records of a group have in common.
#[derive(Clone)]
enum Common {
    Process(ProcessId),
    Notices,
    /// They cannot be read; the first of them has this number.
    Closed(Seq),
}

/// One row of a page: a record, or several of machines that differ in nothing but time.
pub(crate) struct Row {
    key: Option<String>,
    common: Common,
    pub(crate) lines: Vec<Line>,
    /// How many records it stands for: those written out, and those one link further.
    pub(crate) count: usize,
    /// What the group says; empty of a single record.
    pub(crate) summary: Rich,
    /// Where all of the group stand one by one.
    pub(crate) all_link: String,
}

impl Row {
    /// The first record: what stands on the page.
    #[expect(clippy::indexing_slicing, reason = "a row is made of a line")]
    pub(crate) fn first(&self) -> &Line {
        &self.lines[0]
    }

    pub(crate) const fn is_group(&self) -> bool {
        self.count > 1
    }
}

/// The rows of one day, or of records whose day is not known.
pub(crate) struct Day {
    date: Option<Date>,
    pub(crate) words: String,
    pub(crate) rows: Vec<Row>,
}

/// A page of a history.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) days: Vec<Day>,
    /// Rows on it.
    pub(crate) rows: usize,
    /// Highest and lowest number read.
    pub(crate) read: Option<(Seq, Seq)>,
    /// Numbers that are missing among those read.
    pub(crate) missing: Vec<Seq>,
    /// How many of those read are lost, withheld or erased.
    pub(crate) closed: usize,
    /// Where to go on: below this number.
    pub(crate) older_below: Option<Seq>,
    /// The institutions its rows are about.
    pub(crate) named: BTreeSet<InstitutionId>,
}

/// Reads one page of a history. What cannot be read is listed whatever the filter: nobody can say
/// that it does not belong there.
///
/// # Errors
/// [`LedgerError`] when the index cannot be read.
pub(crate) fn list(
    reader: &dyn Records,
    person: &Person,
    names: &Names,
    filter: &Filter,
    below: Seq,
    rows_max: usize,
) -> Result<Listing, LedgerError> {
    let related = HerRecords::new(reader, person);
    let mut walk = Walk::below(reader, person, below);
    let mut listing = Listing::default();
    let mut last = None;
    for _ in 0..READ_MAX {
        let Some(step) = walk.step()? else {
            return Ok(listing);
        };
        let stored = match step {
            Step::Record(stored) => stored,
            Step::Closed(closed) => {
                let seq = closed.position.seq();
                let key = format!("closed {}", closed.closed);
                let key = Some(key).filter(|_| !filter.each);
                if listing.rows >= rows_max && !listing.has_group(None, key.as_deref()) {
                    listing.older_below = Some(seq.next());
                    return Ok(listing);
                }
                let line = Line {
                    index: closed.index,
                    time: None,
                    told: tell_closed(closed.closed, names),
                };
                listing.put(line, None, key, Common::Closed(seq), names);
                listing.closed += 1;
                listing.have_read(seq);
                last = Some(seq);
                continue;
            }
            Step::Missing(number) => {
                listing.missing.push(number);
                listing.have_read(number);
                last = Some(number);
                continue;
            }
        };
        related.remember(&stored);
        let day = names.when.day(stored.record.time);
        // Older than what is asked for: nothing further down can fit.
        if filter.from.is_some_and(|from| day < from) {
            return Ok(listing);
        }
        let told = tell(&stored.record, names, &related);
        if filter.takes(&stored.record.event, day, told.mark, &related) {
            let key =
                group_key(&stored.record, told.mark, names, &related).filter(|_| !filter.each);
            // A full page still takes what belongs to a group on it.
            if listing.rows >= rows_max && !listing.has_group(Some(day), key.as_deref()) {
                listing.older_below = Some(stored.record.seq().next());
                return Ok(listing);
            }
            let process = Doing::of(&stored.record.event).process(&related);
            let common = process.map_or(Common::Notices, Common::Process);
            let line = Line {
                index: stored.index,
                time: Some(LineTime {
                    clock: names.when.clock(stored.record.time),
                    machine: names.when.machine(stored.record.time),
                }),
                told,
            };
            listing.put(line, Some(day), key, common, names);
            let matter = Matter::of(&stored.record.event, &related);
            listing.named.extend(matter.institutions);
        }
        listing.have_read(stored.record.seq());
        last = Some(stored.record.seq());
    }
    listing.older_below = last.filter(|last| *last > Seq::FIRST);
    Ok(listing)
}

impl Listing {
    fn have_read(&mut self, number: Seq) {
        self.read = Some((self.read.map_or(number, |(high, _)| high), number));
    }

    fn has_group(&self, day: Option<Date>, key: Option<&str>) -> bool {
        key.is_some()
            && self.days.last().is_some_and(|last| {
                last.date == day && last.rows.iter().any(|row| row.key.as_deref() == key)
            })
    }

    fn put(
        &mut self,
        line: Line,
        date: Option<Date>,
        key: Option<String>,
        common: Common,
        names: &Names,
    ) {
        if self.days.last().is_none_or(|day| day.date != date) {
            self.days.push(Day {
                date,
                words: date.map_or_else(
                    || History(names.language).undated().to_owned(),
                    |date| names.when.say_day(date),
                ),
                rows: Vec::new(),
            });
        }
        let Some(day) = self.days.last_mut() else {
            return;
        };
        if let Some(row) = day
            .rows
            .iter_mut()
            .find(|row| row.key.is_some() && row.key == key)
        {
            row.count += 1;
            if row.lines.len() < GROUP_SHOWN_MAX {
                row.lines.push(line);
            }
            row.summarise(date, names);
            return;
        }
        let (summary, all_link) = (Rich::new(names.language, ""), String::new());
        day.rows.push(Row {
            key,
            common,
            lines: vec![line],
            count: 1,
            summary,
            all_link,
        });
        self.rows += 1;
    }
}

impl Row {
    fn summarise(&mut self, date: Option<Date>, names: &Names) {
        let (l, count) = (names.language, self.count);
        let each = Fields::default().and("each", "1");
        let all = match date {
            Some(date) => each
                .and("from", &date.to_string())
                .and("to", &date.to_string()),
            None => each,
        };
        (self.summary, self.all_link) = match &self.common {
            Common::Closed(first) => (
                Rich::new(l, History(l).closed_row(count)),
                all.with("below", &first.next().to_string()),
            ),
            Common::Process(process) => {
                let name = quoted(l, names.process(process));
                let summary = say_many!(
                    l,
                    "{name}のための機械による記録が、この日に{count}件あります。まとめて表示しています。",
                    "A machine made one record of this kind on this day, for {name}.",
                    "Machines made {count} records of this kind on this day, for {name}. They are shown together.",
                    count
                );
                (Rich::new(l, summary), all.with("process", process.as_str()))
            }
            Common::Notices => {
                let summary = say_many!(
                    l,
                    "この日に{count}件のお知らせを送りました。まとめて表示しています。",
                    "One notice was sent on this day.",
                    "{count} notices were sent on this day. They are shown together.",
                    count
                );
                (Rich::new(l, summary), all.with("show", "notice"))
            }
        };
    }
}

/// Under what a record is put together with others of its day: permits, refusals and releases of
/// processes that machines do in bulk, and notices. What needs attention always stands alone.
fn group_key(record: &Record, mark: Mark, names: &Names, related: &dyn Related) -> Option<String> {
    let names = &names.of(record);
    match Doing::of(&record.event) {
        Doing::Decided(e) => {
            let is_bulk = names.is_machine(&e.process)
                && matches!(mark, Mark::Permit | Mark::Deny)
                && e.outcome != Outcome::Ask;
            let real = e.on_behalf_of.as_deref().unwrap_or_default();
            is_bulk.then(|| {
                format!(
                    "{} {} {} {} {real}",
                    mark.name(),
                    e.process,
                    e.requester,
                    e.holder
                )
            })
        }
        Doing::Released(e) => {
            let access =
                access_at(related, e.access).filter(|access| names.is_machine(&access.process))?;
            Some(format!(
                "release {} {} {}",
                access.process, access.requester, access.holder
            ))
        }
        Doing::Told => Some("notice".to_owned()),
        Doing::Asked(_) | Doing::Single => None,
    }
}

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
    pub(crate) fn of(
        listing: &Listing,
        reader: &dyn Records,
        person: &Person,
    ) -> Result<Self, LedgerError> {
        if !listing.missing.is_empty() {
            return Ok(Self::Missing(Numbers(listing.missing.clone())));
        }
        Ok(match all_are_indexed(reader, person)? {
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
    let (reader, names) = (books.reader, books.names());
    let listing = list(reader, person, &names, &filter, below, ROWS_MAX)?;
    let completeness = Completeness::of(&listing, reader, person)?;
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
        narrowed: process.into_iter().chain(outcome).collect(),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use akashi_ledger::command::RecordDelivery;
    use akashi_policies::{Pack, Shelf};
    use akashi_proof::digest::Digest;
    use akashi_proof::ids::{ContactId, NoticeId};
    use akashi_proof::record::kind::{self, Channel, NoticeDelivery};

    use super::*;
    use akashi_actors::ledger_with;

    #[tokio::test]
    async fn thousands_of_one_kind_and_day_are_one_row_a_page_and_none_is_lost() {
        const NOTICES: usize = 5_000;
        let (ledger, person, _) = ledger_with(3).await;
        let subject = person.subject;
        let sent = (0..NOTICES).map(|number| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.to_be_bytes());
            let delivery = NoticeDelivery {
                notice: NoticeId::from_bytes(id),
                about: Some(LeafIndex::new(3)),
                template: kind::Template::AccessPermitted,
                channel: Channel::Email,
                contact: ContactId::from_bytes([1; 16]),
                text_digest: Digest::from_bytes([2; 32]),
                attempts: 1,
            };
            let ledger = ledger.clone();
            async move {
                ledger
                    .submit(RecordDelivery {
                        subject,
                        delivery,
                        sent: true,
                    })
                    .await
                    .unwrap()
            }
        });
        for one in sent {
            one.await;
        }
        let person = ledger.reader().person(&subject).unwrap();
        let names = Names::new(
            Language::Ja,
            &Arc::new(Shelf::of(Arc::new(Pack::town().unwrap()))),
            ledger.reader().registry(),
        );
        let read = |filter: &Filter, below| {
            list(ledger.reader(), &person, &names, filter, below, ROWS_MAX).unwrap()
        };

        let (mut below, mut found) = (Seq::MAX, 0);
        loop {
            let page = read(&Filter::default(), below);
            assert!(page.missing.is_empty() && page.rows <= ROWS_MAX);
            for row in page.days.iter().flat_map(|day| &day.rows) {
                assert!(row.lines.len() <= GROUP_SHOWN_MAX);
                found += row.count;
            }
            let Some(older) = page.older_below else { break };
            below = older;
        }
        assert_eq!(found as u64, person.seq.value());

        let first = read(&Filter::default(), Seq::MAX);
        let group = &first.days[0].rows[0];
        assert!(
            group.is_group() && group.count == READ_MAX,
            "{}",
            group.count
        );
        let apart = Filter::read(&Fields::of_query(&group.all_link[1..]));
        let page = read(&apart, Seq::MAX);
        assert_eq!(
            (page.rows, page.older_below),
            (ROWS_MAX, person.seq.next().minus(ROWS_MAX as u64))
        );
        assert!(
            page.days
                .iter()
                .flat_map(|day| &day.rows)
                .all(|row| !row.is_group())
        );
    }
}

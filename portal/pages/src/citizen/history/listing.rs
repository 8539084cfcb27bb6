//! One page of a history: which records stand on it and what is put together, and only then their
//! words.
//!
//! What an institution makes many of on one day is one row from the fourth on ([`Run`]), and says
//! how many: so nobody can push what matters off a page by making much of something.

use std::collections::BTreeSet;
use std::sync::Arc;

use akashi_desk::history::gist::{Access, Gist, Matter};
use akashi_desk::history::outline::{Hers, Line, Row};
use akashi_desk::history::related::HerRecords;
use akashi_desk::history::run::Run;
use akashi_desk::history::walk::own_record;
use akashi_desk::words::names::Names;
use akashi_desk::words::quoted::quoted;
use akashi_desk::words::when::When;
use akashi_ledger::{LedgerError, StoredRecord};
use akashi_proof::ids::{InstitutionId, LeafIndex, ProcessId, Seq, Timestamp};
use akashi_proof::record::Closed;
use akashi_proof::record::kind::Outcome;
use jiff::civil::Date;

use crate::citizen::history::filter::{Filter, RUN};
use crate::frame::forms::Fields;
use crate::limits::{GROUP_SHOWN_MAX, LINES_MAX, RUN_ALONE_MAX};
use crate::words::text::{Rich, say_many};
use crate::words::texts::History;
use crate::words::told::{Mark, Related, Told, tell, tell_closed};

/// One record on a page.
pub(crate) struct Shown {
    pub(crate) index: LeafIndex,
    /// Absent of a record that cannot be read.
    pub(crate) time: Option<ShownTime>,
    pub(crate) told: Told,
}

/// When a record was made.
pub(crate) struct ShownTime {
    pub(crate) clock: String,
    pub(crate) machine: String,
}

/// One row of a page: a record, or several that are put together.
pub(crate) struct Entry {
    pub(crate) lines: Vec<Shown>,
    /// How many records it stands for: those written out, and those one link further.
    pub(crate) count: usize,
    /// What the group says; empty of a single record.
    pub(crate) summary: Rich,
    /// Where all of the group stand one by one.
    pub(crate) all_link: String,
}

impl Entry {
    /// The first record: what stands on the page.
    #[expect(clippy::indexing_slicing, reason = "a row is made of a line")]
    pub(crate) fn first(&self) -> &Shown {
        &self.lines[0]
    }

    pub(crate) const fn is_group(&self) -> bool {
        self.count > 1
    }
}

/// The rows of one day, or of records whose day is not known.
pub(crate) struct Day {
    pub(crate) words: String,
    pub(crate) rows: Vec<Entry>,
}

/// A page of a history.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) days: Vec<Day>,
    /// Rows on it.
    pub(crate) rows: usize,
    /// Highest and lowest number looked at.
    pub(crate) read: Option<(Seq, Seq)>,
    /// Numbers that are missing among those looked at.
    pub(crate) missing: Vec<Seq>,
    /// How many of those looked at are lost, withheld or erased.
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
    hers: Hers<'_>,
    names: &Names,
    filter: &Filter,
    below: Seq,
    rows_max: usize,
) -> Result<Listing, LedgerError> {
    let related = hers.related();
    let (mut listing, mut draft) = (Listing::default(), Draft::default());
    let mut calendar = Calendar::of(&names.when);
    let mut rows = hers.rows(below)?;
    loop {
        let Some(row) = rows.down()? else {
            listing.older_below = rows.older();
            break;
        };
        let seq = row.seq();
        let (day, key) = match &row {
            Row::Missing(_) => {
                listing.missing.push(seq);
                listing.have_read(seq);
                continue;
            }
            Row::Closed { closed, .. } => (None, Key::closed(*closed)),
            Row::Open(line) => {
                let day = calendar.day(line.time);
                // Older than what is asked for: nothing further down can fit.
                if filter.from.is_some_and(|from| day < from) {
                    break;
                }
                if !filter.takes(line, day, &related) {
                    listing.have_read(seq);
                    continue;
                }
                (Some(day), Key::of(line, names, &related))
            }
        };
        let key = if filter.each { Key::default() } else { key };
        let place = draft.place(day, &key);
        // A full page still takes what belongs to a group on it.
        if draft.len >= rows_max && matches!(place, Place::New) {
            listing.older_below = Some(seq.next());
            break;
        }
        listing.closed += usize::from(day.is_none());
        draft.put(row, day, key, place);
        listing.have_read(seq);
    }
    // What was looked at is remembered before any of it is read again for its words.
    drop(rows);
    listing.write(draft, hers, names, &related);
    Ok(listing)
}

/// Days of times that come one after the other: asked for thousands, of which most are the same.
struct Calendar<'n> {
    when: &'n When,
    last: Option<(Date, Timestamp, Timestamp)>,
}

impl<'n> Calendar<'n> {
    const fn of(when: &'n When) -> Self {
        Self { when, last: None }
    }

    fn day(&mut self, time: Timestamp) -> Date {
        if let Some((day, begin, end)) = self.last
            && begin <= time
            && time < end
        {
            return day;
        }
        let day = self.when.day(time);
        let ends = self.when.begin_of(day).zip(self.when.end_of(day));
        self.last = ends.map(|(begin, end)| (day, begin, end));
        day
    }
}

/// Under what a record is put together with others of its day.
#[derive(Default)]
struct Key {
    /// On sight.
    alike: Option<Alike>,
    /// From the fourth on.
    run: Option<Run>,
}

/// What differs in nothing but time: what machines do in bulk, notices, what cannot be read.
enum Alike {
    Decided(Mark, Arc<Access>),
    Released(Arc<Access>),
    Notices,
    Closed(Closed),
}

impl Key {
    const fn closed(closed: Closed) -> Self {
        Self {
            alike: Some(Alike::Closed(closed)),
            run: None,
        }
    }

    fn of(line: &Line, names: &Names, related: &dyn Related) -> Self {
        Self {
            alike: Alike::of(line, names, related),
            run: Run::of(line, related),
        }
    }
}

impl Alike {
    fn of(line: &Line, names: &Names, related: &dyn Related) -> Option<Self> {
        if matches!(line.gist, Gist::Notice { sent: true, .. }) {
            return Some(Self::Notices);
        }
        let access = line.gist.doing(related)?;
        if !names.is_machine_under(&access.policy, &access.process) {
            return None;
        }
        match line.gist.outcome() {
            None => Some(Self::Released(access)),
            // What needs attention is not put together on sight.
            Some(Outcome::Permit | Outcome::Deny) => {
                let is_plain = matches!(line.mark, Mark::Permit | Mark::Deny);
                is_plain.then_some(Self::Decided(line.mark, access))
            }
            Some(Outcome::Ask) => None,
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Decided(mark, one), Self::Decided(other_mark, other)) => {
                mark == other_mark && one.is_alike(other)
            }
            (Self::Released(one), Self::Released(other)) => one.is_alike(other),
            (Self::Notices, Self::Notices) => true,
            (Self::Closed(one), Self::Closed(other)) => one == other,
            (
                Self::Decided(..) | Self::Released(_) | Self::Notices | Self::Closed(_),
                Self::Decided(..) | Self::Released(_) | Self::Notices | Self::Closed(_),
            ) => false,
        }
    }
}

/// What is to stand on the page, without its words.
#[derive(Default)]
struct Draft {
    days: Vec<DraftDay>,
    /// Rows in all days.
    len: usize,
}

struct DraftDay {
    date: Option<Date>,
    rows: Vec<DraftRow>,
}

struct DraftRow {
    key: Key,
    /// Whether it holds its whole run.
    is_run: bool,
    /// The newest of them: as many as may be written out.
    records: Vec<Row>,
    count: usize,
}

/// Where a record goes.
enum Place {
    /// To the row at this place of the last day.
    Into(usize),
    /// Together with all of its run on that day.
    Merge,
    /// By itself.
    New,
}

impl Draft {
    fn place(&self, date: Option<Date>, key: &Key) -> Place {
        let Some(day) = self.days.last().filter(|day| day.date == date) else {
            return Place::New;
        };
        let rows = &day.rows;
        let of_run = |row: &DraftRow| key.run.is_some() && row.key.run == key.run;
        let is_alike = |row: &DraftRow| {
            let both = row.key.alike.as_ref().zip(key.alike.as_ref());
            both.is_some_and(|(one, other)| one.is(other))
        };
        let into = |at: Option<usize>| at.map(Place::Into);
        into(rows.iter().position(|row| row.is_run && of_run(row)))
            .or_else(|| into(rows.iter().position(is_alike)))
            .unwrap_or_else(|| {
                if rows.iter().filter(|row| of_run(row)).count() >= RUN_ALONE_MAX {
                    Place::Merge
                } else {
                    Place::New
                }
            })
    }

    fn put(&mut self, row: Row, date: Option<Date>, key: Key, place: Place) {
        if self.days.last().is_none_or(|day| day.date != date) {
            self.days.push(DraftDay {
                date,
                rows: Vec::new(),
            });
        }
        let Some(day) = self.days.last_mut() else {
            return;
        };
        let before = day.rows.len();
        match place {
            Place::Into(at) => {
                if let Some(group) = day.rows.get_mut(at) {
                    group.take(row);
                }
            }
            Place::Merge => day.merge(row, &key),
            Place::New => day.rows.push(DraftRow {
                key,
                is_run: false,
                records: vec![row],
                count: 1,
            }),
        }
        self.len = self.len + day.rows.len() - before;
    }
}

impl DraftDay {
    /// Puts all of a run into the row of its newest, and this record with them.
    fn merge(&mut self, row: Row, key: &Key) {
        let of_run = |one: &DraftRow| one.key.run == key.run;
        let (mut records, mut count) = (Vec::new(), 0);
        for one in self.rows.iter_mut().filter(|one| of_run(one)) {
            records.append(&mut one.records);
            count += one.count;
        }
        records.sort_by_key(|record| std::cmp::Reverse(record.seq()));
        records.truncate(GROUP_SHOWN_MAX);
        if let Some(first) = self.rows.iter_mut().find(|one| of_run(one)) {
            first.is_run = true;
            first.records = records;
            first.count = count;
            first.take(row);
        }
        self.rows.retain(|one| !one.records.is_empty());
    }
}

impl DraftRow {
    fn take(&mut self, row: Row) {
        self.count += 1;
        if self.records.len() < GROUP_SHOWN_MAX {
            self.records.push(row);
        }
    }
}

impl Listing {
    fn have_read(&mut self, number: Seq) {
        self.read = Some((self.read.map_or(number, |(high, _)| high), number));
    }

    /// Puts what stands on the page into words: each row's first record, and of groups as many more
    /// as one page writes out.
    fn write(&mut self, draft: Draft, hers: Hers<'_>, names: &Names, related: &HerRecords<'_>) {
        let mut spare = LINES_MAX.saturating_sub(draft.len);
        for day in draft.days {
            let mut rows = Vec::new();
            for row in day.rows {
                let most = row.records.len().min(1 + spare);
                let mut lines = Vec::new();
                for record in row.records.iter().take(most) {
                    lines.extend(self.line(record, hers, names, related));
                }
                spare -= lines.len().saturating_sub(1).min(spare);
                if !lines.is_empty() {
                    rows.push(entry(&row, lines, day.date, names));
                }
            }
            if rows.is_empty() {
                continue;
            }
            self.rows += rows.len();
            let words = day.date.map_or_else(
                || History(names.language).undated().to_owned(),
                |date| names.when.say_day(date),
            );
            self.days.push(Day { words, rows });
        }
    }

    /// A record in words, read whole and compared with its entry; `None` where it does not open,
    /// which is noted.
    fn line(
        &mut self,
        row: &Row,
        hers: Hers<'_>,
        names: &Names,
        related: &HerRecords<'_>,
    ) -> Option<Shown> {
        let index = match row {
            Row::Open(line) => line.index,
            Row::Closed { index, closed, .. } => {
                return Some(Shown::closed(*index, *closed, names));
            }
            Row::Missing(_) => return None,
        };
        match own_record(hers.records, hers.person, index) {
            Ok(Some(StoredRecord::Open(stored))) => {
                related.remember(&stored);
                let matter = Matter::of(&Gist::of(&stored.record.event), related);
                let institutions = matter.institutions().into_iter().cloned();
                self.named.extend(institutions);
                Some(Shown {
                    index,
                    time: Some(ShownTime {
                        clock: names.when.clock(stored.record.time),
                        machine: names.when.machine(stored.record.time),
                    }),
                    told: tell(&stored.record, names, related),
                })
            }
            Ok(Some(StoredRecord::Closed(left))) => Some(Shown::closed(index, left.closed, names)),
            read => {
                let error = read.err();
                tracing::error!(%index, ?error, "a record that was listed cannot be read");
                self.missing.push(row.seq());
                None
            }
        }
    }
}

impl Shown {
    fn closed(index: LeafIndex, closed: Closed, names: &Names) -> Self {
        Self {
            index,
            time: None,
            told: tell_closed(closed, names),
        }
    }
}

/// A row of the page, with what a group has in common.
fn entry(row: &DraftRow, mut lines: Vec<Shown>, date: Option<Date>, names: &Names) -> Entry {
    let l = names.language;
    let each = Fields::default().and("each", "1");
    let all = date.map_or(each.clone(), |date| {
        let date = date.to_string();
        each.and("from", &date).and("to", &date)
    });
    let count = row.count;
    let (summary, all_link) = match (row.common(), count) {
        (_, 0 | 1) => (Rich::new(l, ""), String::new()),
        (Common::Closed(first), _) => (
            Rich::new(l, History(l).closed_row(count)),
            all.with("below", &first.next().to_string()),
        ),
        (Common::Process(process), _) => {
            let name = quoted(l, names.process(&process));
            let summary = say_many!(
                l,
                "{name}のための機械による記録が、この日に{count}件あります。まとめて表示しています。",
                "A machine made one record of this kind on this day, for {name}.",
                "Machines made {count} records of this kind on this day, for {name}. They are shown together.",
                count
            );
            (Rich::new(l, summary), all.with("process", process.as_str()))
        }
        (Common::Notices, _) => {
            let summary = say_many!(
                l,
                "この日に{count}件のお知らせを送りました。まとめて表示しています。",
                "One notice was sent on this day.",
                "{count} notices were sent on this day. They are shown together.",
                count
            );
            (Rich::new(l, summary), all.with("show", "notice"))
        }
        (Common::Run(run), _) => {
            // Roles, and for whom they say they ask, differ: the institution is the same.
            if let (Some(by), Some(first)) = (&run.by, lines.first_mut()) {
                first.told.who = Rich::new(l, names.institution(by));
            }
            let summary = say_many!(
                l,
                "この種類の記録が、この日に{count}件あります。まとめて表示しています。",
                "There is one record of this kind on this day.",
                "There are {count} records of this kind on this day. They are shown together.",
                count
            );
            (Rich::new(l, summary), all.with(RUN, &run.to_string()))
        }
    };
    Entry {
        lines,
        count,
        summary,
        all_link,
    }
}

/// What the records of a group have in common.
enum Common {
    Process(ProcessId),
    Notices,
    Run(Run),
    /// They cannot be read; the newest of them has this number.
    Closed(Seq),
}

impl DraftRow {
    fn common(&self) -> Common {
        match (&self.key.alike, &self.key.run) {
            (_, Some(run)) if self.is_run => Common::Run(run.clone()),
            (Some(Alike::Decided(_, access) | Alike::Released(access)), _) => {
                Common::Process(access.process.clone())
            }
            (Some(Alike::Closed(_)), _) => {
                Common::Closed(self.records.first().map_or(Seq::FIRST, Row::seq))
            }
            (Some(Alike::Notices) | None, _) => Common::Notices,
        }
    }
}

//! What is to stand on a page of a history, without its words: which records, by day, and what is
//! put together.

use std::sync::Arc;

use akashi_desk::history::gist::Access;
use akashi_desk::history::mark::Mark;
use akashi_desk::history::outline::{Line, Row};
use akashi_desk::history::related::Related;
use akashi_desk::history::run::Run;
use akashi_desk::words::names::Names;
use akashi_desk::words::when::When;
use akashi_proof::ids::{ProcessId, Seq, Timestamp};
use akashi_proof::record::Closed;
use akashi_proof::record::kind::Outcome;
use jiff::civil::Date;

use crate::limits::{GROUP_SHOWN_MAX, RUN_ALONE_MAX};

/// Days of times that come one after the other: asked for thousands, of which most are the same.
pub(super) struct Calendar<'n> {
    when: &'n When,
    last: Option<(Date, Timestamp, Timestamp)>,
}

impl<'n> Calendar<'n> {
    pub(super) const fn of(when: &'n When) -> Self {
        Self { when, last: None }
    }

    pub(super) fn day(&mut self, time: Timestamp) -> Date {
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
pub(super) struct Key {
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
    pub(super) const fn closed(closed: Closed) -> Self {
        Self {
            alike: Some(Alike::Closed(closed)),
            run: None,
        }
    }

    pub(super) fn of(line: &Line, names: &Names, related: &dyn Related) -> Self {
        Self {
            alike: Alike::of(line, names, related),
            run: Run::of(line, related),
        }
    }
}

impl Alike {
    fn of(line: &Line, names: &Names, related: &dyn Related) -> Option<Self> {
        if line.gist.is_sent() {
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
pub(super) struct Draft {
    pub(super) days: Vec<DraftDay>,
    /// Rows in all days.
    pub(super) len: usize,
}

pub(super) struct DraftDay {
    pub(super) date: Option<Date>,
    pub(super) rows: Vec<DraftRow>,
}

pub(super) struct DraftRow {
    key: Key,
    /// Whether it holds its whole run.
    is_run: bool,
    /// The newest of them: as many as may be written out.
    pub(super) records: Vec<Row>,
    pub(super) count: usize,
}

/// Where a record goes.
pub(super) enum Place {
    /// To the row at this place of the last day.
    Into(usize),
    /// Together with all of its run on that day.
    Merge,
    /// By itself.
    New,
}

impl Draft {
    pub(super) fn place(&self, date: Option<Date>, key: &Key) -> Place {
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

    pub(super) fn put(&mut self, row: Row, date: Option<Date>, key: Key, place: Place) {
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

/// What the records of a group have in common.
pub(super) enum Common {
    Process(ProcessId),
    Notices,
    Run(Run),
    /// They cannot be read; the newest of them has this number.
    Closed(Seq),
}

impl DraftRow {
    pub(super) fn common(&self) -> Common {
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

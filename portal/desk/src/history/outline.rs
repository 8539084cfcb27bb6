//! Outlines: of each of a person's records its number, place, time, mark and gist, so that a page
//! costs what it shows and not what was recorded about her.
//!
//! A page that shows fifty lines, a figure or a filter looks at up to [`READ_MAX`] records. Each is
//! read for that once, skimmed, and remembered as a [`Row`]; what is shown is read again, whole,
//! and checked against its entry. Records never change, so a row is never wrong: it is a pure
//! function of the record, kept beside nothing that counts. An outline is dropped at any time and
//! made again from the log. What is missing is never remembered: it is looked for again each time.
//! Bodies are closed while the ledger is not running; whatever closes one in a running ledger must
//! drop its person's outline.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_ledger::LedgerError;
use akashi_ledger::reader::Followed;
use akashi_proof::ids::{Epoch, LeafIndex, Seq, SubjectHandle, Timestamp};
use akashi_proof::record::Closed;
use akashi_proof::state::Person;

use crate::history::gist::{Access, Gist};
use crate::history::mark::Mark;
use crate::history::related::HerRecords;
use crate::history::walk::{Records, Step, Walk};
use crate::limits::{OUTLINE_LEN_MIN, OUTLINE_ROWS_MAX, READ_MAX};

/// One number of her sequence in outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A record that can be read.
    Open(Line),
    /// One whose body is lost, withheld or erased.
    Closed {
        /// Its number.
        seq: Seq,
        /// Its log index.
        index: LeafIndex,
        /// What became of the body.
        closed: Closed,
    },
    /// There is none, or it does not open, or it is not the one it should be.
    Missing(Seq),
}

/// A record in outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub seq: Seq,
    /// Its log index.
    pub index: LeafIndex,
    /// When it was made.
    pub time: Timestamp,
    /// How it is marked.
    pub mark: Mark,
    /// What it is about.
    pub gist: Gist,
}

impl Row {
    /// Its number.
    pub const fn seq(&self) -> Seq {
        match self {
            Self::Open(line) => line.seq,
            Self::Closed { seq, .. } | Self::Missing(seq) => *seq,
        }
    }

    const fn index(&self) -> Option<LeafIndex> {
        match self {
            Self::Open(line) => Some(line.index),
            Self::Closed { index, .. } => Some(*index),
            Self::Missing(_) => None,
        }
    }

    fn of(step: Step<Followed>) -> Self {
        let read = match step {
            Step::Read(read) => read,
            Step::Missing(seq) => return Self::Missing(seq),
        };
        match read.body {
            Ok(record) => Self::Open(Line {
                seq: record.seq(),
                index: read.index,
                time: record.time,
                mark: Mark::of(&record.event),
                gist: Gist::of(&record.event),
            }),
            Err((position, closed)) => Self::Closed {
                seq: position.seq(),
                index: read.index,
                closed,
            },
        }
    }
}

/// Her newest records in outline, newest first, without a gap.
#[derive(Debug, Default)]
struct Outline {
    rows: Vec<Row>,
}

impl Outline {
    fn newest(&self) -> Option<Seq> {
        self.rows.first().map(Row::seq)
    }

    /// What may be remembered of it: down to what is missing.
    fn kept(mut self) -> Self {
        let is_missing = |row: &Row| matches!(row, Row::Missing(_));
        let whole = self.rows.iter().position(is_missing);
        self.rows.truncate(whole.unwrap_or(READ_MAX).min(READ_MAX));
        self
    }
}

/// The outlines of those whose pages were looked at last.
#[derive(Default)]
pub struct Outlines {
    kept: Mutex<Kept>,
    /// Reads that ended at [`READ_MAX`].
    stopped: AtomicU64,
}

#[derive(Default)]
struct Kept {
    people: HashMap<Whose, (Arc<Outline>, u64)>,
    /// In all of them.
    rows: usize,
    /// Counts what is used, so that what rests longest is known.
    used: u64,
    forgotten: u64,
}

type Whose = (SubjectHandle, Epoch);

const fn whose(person: &Person) -> Whose {
    (person.subject, person.epoch)
}

impl Outlines {
    /// Rows remembered; outlines forgotten to make room, and reads that ended at [`READ_MAX`],
    /// since the start.
    pub fn figures(&self) -> (usize, u64, u64) {
        let kept = self.kept();
        (kept.rows, kept.forgotten, self.stopped.load(Relaxed))
    }

    fn find(&self, person: &Person) -> Arc<Outline> {
        let mut kept = self.kept();
        kept.used += 1;
        let used = kept.used;
        match kept.people.get_mut(&whose(person)) {
            Some((outline, last)) => {
                *last = used;
                Arc::clone(outline)
            }
            None => Arc::default(),
        }
    }

    /// Remembers an outline in place of what was known of the person, unless that says more.
    fn put(&self, person: &Person, outline: Arc<Outline>) {
        if outline.rows.len() < OUTLINE_LEN_MIN {
            return;
        }
        let mut kept = self.kept();
        let reach = |one: &Outline| (one.newest(), one.rows.len());
        let known = kept.people.get(&whose(person));
        if known.is_some_and(|(known, _)| reach(known) >= reach(&outline)) {
            return;
        }
        kept.used += 1;
        let used = kept.used;
        kept.rows += outline.rows.len();
        let before = kept.people.insert(whose(person), (outline, used));
        kept.rows -= before.map_or(0, |(before, _)| before.rows.len());
        while kept.rows > OUTLINE_ROWS_MAX {
            let people = kept.people.iter();
            let rests = people.min_by_key(|(_, (_, used))| *used);
            let Some(rests) = rests.map(|(whose, _)| *whose) else {
                break;
            };
            let gone = kept.people.remove(&rests);
            kept.rows -= gone.map_or(0, |(gone, _)| gone.rows.len());
            kept.forgotten += 1;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A person's records, for one page.
#[derive(Clone, Copy)]
pub struct Hers<'a> {
    /// Where they are read.
    pub records: &'a dyn Records,
    /// Whose they are.
    pub person: &'a Person,
    /// What is remembered of them.
    pub outlines: &'a Outlines,
}

impl<'a> Hers<'a> {
    /// Her records in outline from the one numbered `before - 1` down, as many as one page looks
    /// at.
    ///
    /// # Errors
    /// [`LedgerError`] when her index cannot be read.
    pub fn rows(self, before: Seq) -> Result<Rows<'a>, LedgerError> {
        let known = self.known()?;
        let first = before.previous().map(|first| first.min(self.person.seq));
        let at = first.zip(known.newest()).map_or(0, |(first, newest)| {
            newest.value().saturating_sub(first.value())
        });
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        // Below what is known there is a gap: what is read there is not remembered.
        let goes_on = match known.newest() {
            Some(_) => at <= known.rows.len(),
            None => first == Some(self.person.seq),
        };
        Ok(Rows {
            hers: self,
            next: first,
            at,
            known,
            goes_on,
            below: Vec::new(),
            walk: None,
            given: 0,
            accesses: Vec::new(),
        })
    }

    /// Her records as sentences speak of them.
    pub fn related(self) -> HerRecords<'a> {
        HerRecords::new(self)
    }

    /// What is remembered of her, with what was recorded since.
    fn known(self) -> Result<Arc<Outline>, LedgerError> {
        let known = self.outlines.find(self.person);
        let Some(newest) = known.newest().filter(|newest| *newest < self.person.seq) else {
            return Ok(known);
        };
        let mut rows = Vec::new();
        let mut accesses = Vec::new();
        let mut walk = Walk::below(self.records, self.person, self.person.seq.next());
        while let Some(step) = walk.step()? {
            let row = Row::of(step);
            if row.seq() <= newest {
                break;
            }
            if rows.len() == READ_MAX {
                // So much is new that nothing known is near.
                return Ok(Arc::default());
            }
            rows.push(shared(row, &mut accesses));
        }
        rows.extend(known.rows.iter().cloned());
        let outline = Outline { rows };
        let has_gap = outline
            .rows
            .iter()
            .any(|row| matches!(row, Row::Missing(_)));
        if has_gap {
            return Ok(Arc::new(outline));
        }
        let outline = Arc::new(outline.kept());
        self.outlines.put(self.person, Arc::clone(&outline));
        Ok(outline)
    }

    /// The row of the record at this log index, where it is remembered.
    pub(crate) fn remembered(self, index: LeafIndex) -> Option<Row> {
        let known = self.outlines.find(self.person);
        // Newest first, and her numbers ascend with the log.
        let found = known
            .rows
            .binary_search_by(|row| index.cmp(&row.index().unwrap_or(index)));
        found.ok().and_then(|at| known.rows.get(at).cloned())
    }
}

/// Most accesses compared with one that is read: a flood repeats few.
const ALIKE_MAX: usize = 16;

/// The row with its access held once, where one of those before it asked for the same.
fn shared(mut row: Row, accesses: &mut Vec<Arc<Access>>) -> Row {
    if let Row::Open(line) = &mut row
        && let Gist::Decided { access, .. } = &mut line.gist
    {
        match accesses.iter().find(|known| **known == *access) {
            Some(known) => *access = Arc::clone(known),
            None if accesses.len() < ALIKE_MAX => accesses.push(Arc::clone(access)),
            None => {}
        }
    }
    row
}

/// Her records in outline, newest first; what was read on the way is remembered in the end.
pub struct Rows<'a> {
    hers: Hers<'a>,
    /// The number that comes next.
    next: Option<Seq>,
    known: Arc<Outline>,
    /// The place of the next in what is known.
    at: usize,
    /// Whether what is read goes on where the known ends.
    goes_on: bool,
    /// What was read below the known.
    below: Vec<Row>,
    walk: Option<Walk<'a, Followed>>,
    given: usize,
    accesses: Vec<Arc<Access>>,
}

impl Rows<'_> {
    /// The next number down; `None` at the end, and where one page looks at no more
    /// ([`Self::older`]).
    ///
    /// # Errors
    /// [`LedgerError`] when her index cannot be read.
    pub fn down(&mut self) -> Result<Option<Row>, LedgerError> {
        let Some(next) = self.next else {
            return Ok(None);
        };
        if self.given == READ_MAX {
            self.hers.outlines.stopped.fetch_add(1, Relaxed);
            return Ok(None);
        }
        let row = match self.known.rows.get(self.at).filter(|_| self.goes_on) {
            Some(row) => row.clone(),
            None => self.read(next)?,
        };
        self.at += 1;
        self.given += 1;
        self.next = next.previous();
        Ok(Some(row))
    }

    /// Below which number she has records that were not looked at; `None` at the end.
    pub fn older(&self) -> Option<Seq> {
        self.next.map(Seq::next)
    }

    fn read(&mut self, next: Seq) -> Result<Row, LedgerError> {
        let Hers {
            records, person, ..
        } = self.hers;
        let walk = self
            .walk
            .get_or_insert_with(|| Walk::below(records, person, next.next()));
        let step = walk.step()?.unwrap_or(Step::Missing(next));
        let row = shared(Row::of(step), &mut self.accesses);
        if self.goes_on {
            self.below.push(row.clone());
        }
        Ok(row)
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        if self.below.is_empty() {
            return;
        }
        let known = self.known.rows.iter().cloned();
        let rows = known.chain(self.below.drain(..)).collect();
        let outline = Outline { rows }.kept();
        self.hers.outlines.put(self.hers.person, Arc::new(outline));
    }
}

#[cfg(test)]
pub(crate) mod tests;

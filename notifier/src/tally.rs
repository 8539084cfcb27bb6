//! What is counted before it is told: of alerts the first is recorded at once, and those of the
//! hour after it together; of uses that a pack sums up, those of its days in one message. And what
//! is put off until a budget has room for it: questions.
//!
//! Counts are rows of the outbox (`messages/outbox.rs`), changed in one commit with the cursor: a
//! restart neither forgets one nor counts a record twice. Nothing of them is kept in memory beyond
//! a commit, however many people are concerned.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akashi_ledger::command::{OutboxChange, RaiseAlert};
use akashi_ledger::{LedgerError, Reader};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, LeafIndex, SubjectHandle, Timestamp};

use crate::books::Books;
use crate::limits::{ALERT_EVERY_MILLIS, DUE_AT_ONCE_MAX};
use crate::messages::outbox::{self, OutboxError};
use crate::plan::{Found, Use, Uses};
use crate::settings::Budget;
use crate::tally::heap::{DAY_MILLIS, Heap, Tally};

mod heap;

/// What is to be done about a count whose time has come.
pub(crate) enum Due {
    /// Record it.
    Alert(RaiseAlert),
    /// Let her phone ring for this question, if it is one and still open.
    Ring { access: LeafIndex },
    /// Tell her how many uses there were; about the first of them.
    Summary {
        subject: SubjectHandle,
        first: LeafIndex,
        uses: Uses,
    },
}

/// The counts one reading of the log changes.
pub(crate) struct Tallies {
    books: Arc<Books>,
    /// Those changed since the last commit: when they are due in the store, and what they are now.
    changed: HashMap<Digest, (Option<Timestamp>, Option<Tally>)>,
    /// Keys that say nothing, which are taken out.
    unreadable: Vec<Vec<u8>>,
    /// Before this time none is due.
    next_due: Timestamp,
    counted: Arc<AtomicU64>,
}

impl Tallies {
    /// `counted` is told how many alerts were counted into others.
    pub(crate) fn new(books: Arc<Books>, counted: Arc<AtomicU64>) -> Self {
        Self {
            books,
            changed: HashMap::new(),
            unreadable: Vec::new(),
            next_due: Timestamp::from_millis(0),
            counted,
        }
    }

    /// Takes in what a rule found in a record of this time, read at `now`: the alert to record, or
    /// nothing where it is counted.
    ///
    /// # Errors
    /// [`OutboxError`] when the counts cannot be read.
    pub(crate) async fn found(
        &mut self,
        subject: SubjectHandle,
        found: Found,
        time: Timestamp,
        now: Timestamp,
    ) -> Result<Option<RaiseAlert>, OutboxError> {
        let Found { access, rule, by } = found;
        let heap = Heap::Found { subject, rule, by };
        let key = heap.key();
        let mut tally = match self.load(key).await? {
            Some(tally) if tally.heap == heap => tally,
            _ => Tally::begin(heap, time, time),
        };
        tally.count(access, true);
        if tally.is_over(time, now) {
            let alert = tally.alert();
            let until = time.plus_millis(ALERT_EVERY_MILLIS);
            self.put(key, Some(Tally::begin(tally.heap, time, until)));
            return Ok(alert);
        }
        self.counted.fetch_add(1, Ordering::Relaxed);
        self.put(key, Some(tally));
        Ok(None)
    }

    /// Takes in a use that is summed up, of a record of this time, read at `now`: what was counted
    /// before it and is over. What is past twice its days is in her history only.
    ///
    /// # Errors
    /// [`OutboxError`] when the counts cannot be read.
    pub(crate) async fn used(
        &mut self,
        subject: SubjectHandle,
        one: Use,
        time: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Due>, OutboxError> {
        let millis = one.days.saturating_mul(DAY_MILLIS);
        if time.plus_millis(millis.saturating_mul(2)) <= now {
            return Ok(None);
        }
        let heap = Heap::Uses { subject };
        let key = heap.key();
        let before = self.load(key).await?.filter(|tally| tally.heap == heap);
        let (over, current) = match before {
            Some(tally) if tally.is_over(time, now) => (tally.summary(), None),
            tally => (None, tally),
        };
        let begin = || Tally::begin(heap, time, time.plus_millis(millis));
        let mut tally = current.unwrap_or_else(begin);
        tally.count(one.access, one.permitted);
        self.put(key, Some(tally));
        Ok(over)
    }

    /// Takes in that an institution was told a question at `time`, put to somebody or not: when
    /// phones may ring for it, not later than `latest`. It follows from how much it asks alone.
    ///
    /// # Errors
    /// [`OutboxError`] when the counts cannot be read.
    pub(crate) async fn asked(
        &mut self,
        by: InstitutionId,
        time: Timestamp,
        latest: Timestamp,
        budget: Budget,
    ) -> Result<Option<Timestamp>, OutboxError> {
        let heap = Heap::Asked { by };
        let key = heap.key();
        let before = self.load(key).await?.filter(|tally| tally.heap == heap);
        let mut tally = before.unwrap_or_else(|| Tally::begin(heap, time, time));
        let at = tally.place(time, latest, budget);
        self.put(key, Some(tally));
        Ok(at)
    }

    /// Keeps that the question at this log index is delayed until then, when her phone may ring.
    pub(crate) fn delay(&mut self, access: LeafIndex, time: Timestamp, until: Timestamp) {
        self.keep(Heap::Delayed { access }, time, until);
    }

    /// Keeps that her phone is to ring for this question at `at`, when her number's budget may
    /// have room for it.
    pub(crate) fn hold_back(&mut self, access: LeafIndex, time: Timestamp, at: Timestamp) {
        self.keep(Heap::HeldBack { access }, time, at);
    }

    /// Until when this question is held back, if it is.
    ///
    /// # Errors
    /// [`OutboxError`] when the counts cannot be read.
    pub(crate) async fn held_back(
        &self,
        access: LeafIndex,
    ) -> Result<Option<Timestamp>, OutboxError> {
        let key = Heap::HeldBack { access }.key();
        let tally = match self.changed.get(&key) {
            Some((_, tally)) => tally.clone(),
            None => {
                let reading = self.books.read(move |reader| tally_at(reader, &key));
                reading.await?.unwrap_or(None)
            }
        };
        Ok(tally.map(|tally| tally.due))
    }

    /// Keeps that her phone did not ring for this question, until its time to answer is over.
    pub(crate) fn silence(&mut self, access: LeafIndex, time: Timestamp, until: Timestamp) {
        self.keep(Heap::Silent { access }, time, until);
    }

    fn keep(&mut self, heap: Heap, time: Timestamp, until: Timestamp) {
        let key = heap.key();
        self.changed.entry(key).or_default();
        self.put(key, Some(Tally::begin(heap, time, until)));
    }

    /// Takes the counts whose time has come at `now`, at most [`DUE_AT_ONCE_MAX`]. Only where
    /// nothing waits for a commit.
    ///
    /// # Errors
    /// [`OutboxError`] when the counts cannot be read.
    pub(crate) async fn due(&mut self, now: Timestamp) -> Result<Vec<Due>, OutboxError> {
        if now < self.next_due {
            return Ok(Vec::new());
        }
        let reading = self.books.read(move |reader| read_due(reader, now));
        let read = reading.await?;
        self.next_due = read.next;
        self.unreadable = read.unreadable;
        self.unreadable.iter().for_each(|_| self.books.lost_row());
        let mut told = Vec::new();
        for (key, stored, tally) in read.due {
            self.changed.insert(key, (Some(stored), None));
            let tally = tally.unwrap_or_else(|Damaged| {
                self.books.lost_row();
                None
            });
            let Some(tally) = tally else { continue };
            if tally.due != stored {
                // Counted anew since a row of it was damaged: what stands here is not due yet.
                self.put(key, Some(tally));
                continue;
            }
            if let Some(alert) = tally.alert() {
                told.push(Due::Alert(alert));
                let until = now.plus_millis(ALERT_EVERY_MILLIS);
                self.put(key, Some(Tally::begin(tally.heap, now, until)));
            } else if let Some(access) = tally.rings() {
                told.push(Due::Ring { access });
            } else {
                told.extend(tally.summary());
            }
        }
        // Of questions whose time has come together the oldest is first.
        told.sort_by_key(|due| match due {
            Due::Ring { access } => Some(*access),
            Due::Alert(_) | Due::Summary { .. } => None,
        });
        Ok(told)
    }

    /// Whether nothing waits for a commit.
    pub(crate) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.unreadable.is_empty()
    }

    /// The rows that change with the next commit, which are then taken for stored.
    pub(crate) fn rows(&mut self) -> Vec<OutboxChange> {
        let unreadable = self.unreadable.drain(..);
        let mut rows: Vec<OutboxChange> = unreadable.map(|key| (key, None)).collect();
        for (key, (stored, tally)) in self.changed.drain() {
            let due = tally.as_ref().map(|tally| tally.due);
            if let Some(stored) = stored.filter(|stored| Some(*stored) != due) {
                rows.push(outbox::due_row(stored, &key, false));
            }
            if let Some(due) = due.filter(|due| Some(*due) != stored) {
                rows.push(outbox::due_row(due, &key, true));
            }
            rows.push(outbox::tally_row(&key, tally.map(|tally| tally.to_bytes())));
        }
        rows
    }

    /// Lets go of what was not committed.
    pub(crate) fn start_over(&mut self) {
        self.changed.clear();
        self.unreadable.clear();
        self.next_due = Timestamp::from_millis(0);
    }

    async fn load(&mut self, key: Digest) -> Result<Option<Tally>, OutboxError> {
        if let Some((_, tally)) = self.changed.get(&key) {
            return Ok(tally.clone());
        }
        let reading = self.books.read(move |reader| tally_at(reader, &key));
        let tally = reading.await?.unwrap_or_else(|Damaged| {
            // What it counted is lost, and no other count waits for it.
            self.books.lost_row();
            None
        });
        let stored = tally.as_ref().map(|tally| tally.due);
        self.changed.insert(key, (stored, tally.clone()));
        Ok(tally)
    }

    fn put(&mut self, key: Digest, tally: Option<Tally>) {
        if let Some(tally) = &tally {
            self.next_due = self.next_due.min(tally.due);
        }
        self.changed.entry(key).or_default().1 = tally;
    }
}

/// A row says nothing that can be read.
#[derive(Clone, Copy, Debug)]
struct Damaged;

/// A count as it is found: nothing where there is none.
type Stored = Result<Option<Tally>, Damaged>;

/// The counts that are due.
struct DueRows {
    /// The key of each, when it is due, and itself.
    due: Vec<(Digest, Timestamp, Stored)>,
    /// Keys that say nothing.
    unreadable: Vec<Vec<u8>>,
    /// Before this time no other is due.
    next: Timestamp,
}

fn read_due(reader: &Reader, now: Timestamp) -> Result<DueRows, OutboxError> {
    let mut read = DueRows {
        due: Vec::new(),
        unreadable: Vec::new(),
        next: Timestamp::MAX,
    };
    for row in outbox::dues(reader, DUE_AT_ONCE_MAX + 1)? {
        match row {
            Ok((at, _)) if at > now || read.due.len() == DUE_AT_ONCE_MAX => {
                read.next = at;
                return Ok(read);
            }
            Ok((at, key)) => read.due.push((key, at, tally_at(reader, &key)?)),
            Err(key) => read.unreadable.push(key),
        }
    }
    if !read.unreadable.is_empty() {
        // There may be more behind them.
        read.next = now;
    }
    Ok(read)
}

/// Whether the question at this log index is delayed, as its requester may know: it had asked so
/// much that nobody's phone rings for it yet. The same of a refusal that was told as a question.
///
/// # Errors
/// [`LedgerError`] when the outbox cannot be read.
pub fn is_delayed(reader: &Reader, access: LeafIndex) -> Result<bool, LedgerError> {
    let key = Heap::Delayed { access }.key();
    outbox::has_tally(reader, &key)
}

/// Whether no message was sent about the open question at this log index: too much was put to her,
/// or by its requester, or the same was before; and she has not had it sent since.
///
/// # Errors
/// [`LedgerError`] when the outbox cannot be read.
pub fn is_silent(reader: &Reader, access: LeafIndex) -> Result<bool, LedgerError> {
    let key = Heap::Silent { access }.key();
    Ok(outbox::has_tally(reader, &key)? && !outbox::was_put(reader, access)?)
}

fn tally_at(reader: &Reader, key: &Digest) -> Result<Stored, OutboxError> {
    match outbox::tally_at(reader, key) {
        Ok(row) => Ok(row
            .map(|bytes| Tally::from_bytes(&bytes).ok_or(Damaged))
            .transpose()),
        Err(OutboxError::Damaged) => Ok(Err(Damaged)),
        Err(error) => Err(error),
    }
}

//! What is counted before it is told: of alerts the first is recorded at once, and those of the
//! hour after it together.
//!
//! Counts are rows of the outbox (`messages/outbox.rs`), changed in one commit with the cursor: a
//! restart neither forgets one nor counts a record twice. Nothing of them is kept in memory beyond
//! a commit, however many people are concerned.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akashi_ledger::Reader;
use akashi_ledger::command::{OutboxChange, RaiseAlert};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::Rule;
use serde::{Deserialize, Serialize};

use crate::books::Books;
use crate::limits::{ALERT_EVERY_MILLIS, DUE_AT_ONCE_MAX};
use crate::messages::outbox::{self, OutboxError};
use crate::plan::Found;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heap {
    pub(crate) subject: SubjectHandle,
    pub(crate) rule: Rule,
    pub(crate) by: InstitutionId,
}

impl Heap {
    /// The key of its row: keys are not sealed, and name nobody.
    fn key(&self) -> Digest {
        let (rule, by) = (self.rule.as_str(), self.by.as_str());
        let label = b"akashi/tally/v1";
        Digest::of(&[
            label,
            self.subject.as_bytes(),
            rule.as_bytes(),
            b"/",
            by.as_bytes(),
        ])
    }
}

/// How much was counted, and when that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    heap: Heap,
    due: Timestamp,
    /// The first access that is counted.
    first: Option<LeafIndex>,
    count: u64,
}

impl Tally {
    /// Begins after something was told at `now`.
    const fn begin(heap: Heap, now: Timestamp) -> Self {
        Self {
            heap,
            due: now.plus_millis(ALERT_EVERY_MILLIS),
            first: None,
            count: 0,
        }
    }

    fn count(&mut self, access: LeafIndex) {
        self.first.get_or_insert(access);
        self.count = self.count.saturating_add(1);
    }

    /// Whether what was found at `time` is told, and not counted; also where the clock was ahead
    /// when it began, and it would be counted for longer than an hour from `now`.
    fn is_over(&self, time: Timestamp, now: Timestamp) -> bool {
        time >= self.due || self.due > now.plus_millis(ALERT_EVERY_MILLIS)
    }

    /// What is told of it, if anything was counted.
    fn alert(&self) -> Option<RaiseAlert> {
        Some(RaiseAlert {
            subject: self.heap.subject,
            access: self.first?,
            rule: self.heap.rule,
            count: self.count,
        })
    }
}

/// The counts one reading of the log changes.
pub(crate) struct Tallies {
    books: Arc<Books>,
    /// Those changed since the last commit: when they are due in the store, and what they are now.
    changed: HashMap<Digest, (Option<Timestamp>, Option<Tally>)>,
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
        let heap = Heap { subject, rule, by };
        let key = heap.key();
        let mut tally = match self.load(key).await? {
            Some(tally) if tally.heap == heap => tally,
            _ => Tally {
                due: time,
                ..Tally::begin(heap, time)
            },
        };
        tally.count(access);
        if tally.is_over(time, now) {
            let alert = tally.alert();
            self.put(key, Some(Tally::begin(tally.heap, time)));
            return Ok(alert);
        }
        self.counted.fetch_add(1, Ordering::Relaxed);
        self.put(key, Some(tally));
        Ok(None)
    }

    /// Takes the counts whose time has come at `now`, at most [`DUE_AT_ONCE_MAX`]: the alerts to
    /// record. Only where nothing waits for a commit.
    ///
    /// # Errors
    /// [`OutboxError`] when the counts cannot be read.
    pub(crate) async fn due(&mut self, now: Timestamp) -> Result<Vec<RaiseAlert>, OutboxError> {
        if now < self.next_due {
            return Ok(Vec::new());
        }
        let reading = self.books.read(move |reader| read_due(reader, now));
        let (due, next) = reading.await?;
        self.next_due = next;
        let mut alerts = Vec::new();
        for (key, stored, tally) in due {
            self.changed.insert(key, (Some(stored), None));
            let Some(tally) = tally.filter(|tally| tally.due == stored) else {
                continue;
            };
            if let Some(alert) = tally.alert() {
                alerts.push(alert);
                self.put(key, Some(Tally::begin(tally.heap, now)));
            }
        }
        Ok(alerts)
    }

    /// Whether nothing waits for a commit.
    pub(crate) fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    /// The rows that change with the next commit, which are then taken for stored.
    pub(crate) fn rows(&mut self) -> Vec<OutboxChange> {
        let mut rows = Vec::new();
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
        self.next_due = Timestamp::from_millis(0);
    }

    async fn load(&mut self, key: Digest) -> Result<Option<Tally>, OutboxError> {
        if let Some((_, tally)) = self.changed.get(&key) {
            return Ok(tally.clone());
        }
        let reading = self.books.read(move |reader| tally_at(reader, &key));
        let tally = reading.await?;
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

/// A count whose time has come: its key, when its row says it is due, and itself.
type Due = (Digest, Timestamp, Option<Tally>);

/// The counts that are due, and before which time no other is.
fn read_due(reader: &Reader, now: Timestamp) -> Result<(Vec<Due>, Timestamp), OutboxError> {
    let mut due = Vec::new();
    for (at, key) in outbox::dues(reader, DUE_AT_ONCE_MAX + 1)? {
        if at > now || due.len() == DUE_AT_ONCE_MAX {
            return Ok((due, at));
        }
        due.push((key, at, tally_at(reader, &key)?));
    }
    Ok((due, Timestamp::MAX))
}

fn tally_at(reader: &Reader, key: &Digest) -> Result<Option<Tally>, OutboxError> {
    let row = outbox::tally_at(reader, key)?;
    row.map(|bytes| Tally::from_bytes(&bytes).ok_or(OutboxError::Damaged))
        .transpose()
}

/// A count as its row spells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    subject: String,
    rule: String,
    by: String,
    due: u64,
    first: Option<u64>,
    count: u64,
}

impl Tally {
    fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            subject: self.heap.subject.to_base64url(),
            rule: self.heap.rule.as_str().to_owned(),
            by: self.heap.by.as_str().to_owned(),
            due: self.due.as_millis(),
            first: self.first.map(LeafIndex::value),
            count: self.count,
        };
        #[expect(
            clippy::expect_used,
            reason = "a struct of texts and numbers always has a JSON form"
        )]
        serde_json::to_vec(&wire).expect("json")
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            heap: Heap {
                subject: SubjectHandle::from_base64url(&wire.subject)?,
                rule: Rule::parse(&wire.rule)?,
                by: InstitutionId::parse(&wire.by).ok()?,
            },
            due: Timestamp::from_millis(wire.due),
            first: wire.first.map(LeafIndex::new),
            count: wire.count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(now: Timestamp) -> Tally {
        let heap = Heap {
            subject: SubjectHandle::from_bytes([1; 16]),
            rule: Rule::OutOfPurpose,
            by: InstitutionId::parse("hospital.chuo").unwrap(),
        };
        Tally::begin(heap, now)
    }

    #[test]
    fn a_count_reads_back_as_written_and_its_key_is_its_own() {
        let mut counted = tally(Timestamp::from_millis(7));
        counted.count(LeafIndex::new(5));
        assert_eq!(
            Tally::from_bytes(&counted.to_bytes()),
            Some(counted.clone())
        );
        assert_eq!(Tally::from_bytes(b"{}"), None);
        let other = Heap {
            rule: Rule::EvidenceMisused,
            ..counted.heap.clone()
        };
        assert_ne!(counted.heap.key(), other.key());
    }

    #[test]
    fn a_count_is_over_after_its_hour_and_where_the_clock_was_ahead() {
        let began = Timestamp::from_millis(10_000_000);
        let (last, over) = (
            began.plus_millis(ALERT_EVERY_MILLIS - 1),
            began.plus_millis(ALERT_EVERY_MILLIS),
        );
        let tally = tally(began);
        assert!(!tally.is_over(began, began) && !tally.is_over(last, last));
        assert!(tally.is_over(over, over));
        assert!(!tally.is_over(began.minus_millis(1), began), "read late");
        let before = began.minus_millis(1);
        assert!(tally.is_over(before, before), "the clock was ahead");
        assert_eq!(tally.alert().map(|alert| alert.count), None);
    }
}

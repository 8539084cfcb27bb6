//! Walking a person's records, newest first, and counting on the way: what is shown is complete, or
//! the page says that it is not.
//!
//! Her records are numbered 1, 2, 3 ... without a gap, and each is checked against its entry in the
//! public log when it is read. So a number that does not come up, or a record that does not open,
//! is something missing - and is said: a national health log once left records out for 21 months,
//! and nobody could see it. One whose body is lost, withheld or erased is not missing: it has its
//! place, and is said as what it is.

use std::cell::RefCell;
use std::collections::HashMap;

use akashi_ledger::{ClosedRecord, LedgerError, OpenRecord, Reader, StoredRecord};
use akashi_proof::ids::{ConsentId, LeafIndex, Seq};
use akashi_proof::record::kind::{ConsentGiven, Event};
use akashi_proof::record::{Position, Record};
use akashi_proof::state::Person;

/// How many records the index is asked for at a time.
const CHUNK: usize = 256;

/// Most records one page reads: at some 30 µs each, a tenth of a second. A page that needs more
/// goes on where it stopped.
pub const READ_MAX: usize = 4_000;

/// Where records are read from: the ledger's reader, or in a test one that hides something.
pub trait Records {
    /// As [`Reader::history`].
    fn history(
        &self,
        person: &Person,
        before: Seq,
        most: usize,
    ) -> Result<Vec<LeafIndex>, LedgerError>;
    /// As [`Reader::record`].
    fn record(&self, index: LeafIndex) -> Result<Option<StoredRecord>, LedgerError>;
}

impl Records for Reader {
    fn history(
        &self,
        person: &Person,
        before: Seq,
        most: usize,
    ) -> Result<Vec<LeafIndex>, LedgerError> {
        Self::history(self, person, before, most)
    }

    fn record(&self, index: LeafIndex) -> Result<Option<StoredRecord>, LedgerError> {
        Self::record(self, index)
    }
}

/// One number of the person's sequence.
pub enum Step {
    /// Her record with this number, whole.
    Record(Box<OpenRecord>),
    /// Her record with this number, whose body is lost, withheld or erased.
    Closed(ClosedRecord),
    /// There is none, or it does not open, or it is not the one it should be.
    Missing(Seq),
}

/// Walks down from below a number.
pub struct Walk<'a> {
    reader: &'a dyn Records,
    person: &'a Person,
    /// The number that must come next; none at the end.
    next: Option<Seq>,
    /// Below which number the index is asked next; each asking lowers it, none when it has given
    /// all.
    ask_below: Option<Seq>,
    indexes: std::vec::IntoIter<LeafIndex>,
    /// A record that was read and comes after a gap.
    ahead: Option<StoredRecord>,
}

impl<'a> Walk<'a> {
    /// From the record numbered `before - 1` down to number 1.
    pub fn below(reader: &'a dyn Records, person: &'a Person, before: Seq) -> Self {
        let next = before.previous().map(|next| next.min(person.seq));
        Self {
            reader,
            person,
            next,
            ask_below: next.map(Seq::next),
            indexes: Vec::new().into_iter(),
            ahead: None,
        }
    }

    /// The next number down; `None` at the end.
    ///
    /// # Errors
    /// [`LedgerError`] when the index itself cannot be read: then nothing can be said, and nothing
    /// is shown.
    pub fn step(&mut self) -> Result<Option<Step>, LedgerError> {
        let Some(wanted) = self.next else {
            return Ok(None);
        };
        if self.ahead.is_none() {
            self.ahead = self.read_next(wanted)?;
        }
        let step = match self.ahead.take() {
            Some(StoredRecord::Open(open)) if open.record.seq() == wanted => Step::Record(open),
            Some(StoredRecord::Closed(closed)) if closed.position.seq() == wanted => {
                Step::Closed(closed)
            }
            // One further down: what lies between is not there.
            below => {
                self.ahead = below;
                Step::Missing(wanted)
            }
        };
        self.next = wanted.previous();
        Ok(Some(step))
    }

    /// The next record of hers at or below this number that opens, or is closed.
    fn read_next(&mut self, wanted: Seq) -> Result<Option<StoredRecord>, LedgerError> {
        loop {
            let Some(index) = self.next_index(wanted)? else {
                return Ok(None);
            };
            match self.reader.record(index) {
                Ok(Some(stored)) if is_hers(stored.position(), self.person) => {
                    // After a gap the index may be asked for what was given out already.
                    if stored.seq() <= wanted {
                        return Ok(Some(stored));
                    }
                }
                Ok(_) => tracing::error!(
                    %index,
                    "a person's index leads to a record that is not the one it names"
                ),
                Err(error) => {
                    tracing::error!(%index, %error, "a record of a history cannot be read")
                }
            }
        }
    }

    fn next_index(&mut self, wanted: Seq) -> Result<Option<LeafIndex>, LedgerError> {
        if let Some(index) = self.indexes.next() {
            return Ok(Some(index));
        }
        let Some(below) = self.ask_below.map(|below| below.min(wanted.next())) else {
            return Ok(None);
        };
        let chunk = self.reader.history(self.person, below, CHUNK)?;
        // Without a gap the lowest number of the chunk; with one, above it: so this ends, and
        // nothing is passed over.
        self.ask_below = below
            .minus(chunk.len() as u64)
            .filter(|_| !chunk.is_empty());
        self.indexes = chunk.into_iter();
        Ok(self.indexes.next())
    }
}

/// Whether a record with this place is in this person's stream and epoch.
pub fn is_hers(position: &Position, person: &Person) -> bool {
    matches!(
        position,
        Position::Person(place) if place.subject == person.subject && place.epoch == person.epoch
    )
}

/// Whether the index knows as many records as the person has: counted, not read. `None` above a
/// size at which counting would keep the page waiting; then only what is shown is checked.
pub fn all_are_indexed(reader: &dyn Records, person: &Person) -> Result<Option<bool>, LedgerError> {
    const COUNT_MAX: usize = 100_000;
    if person.seq.value() > COUNT_MAX as u64 {
        return Ok(None);
    }
    let found = reader.history(person, person.seq.next(), COUNT_MAX + 1)?;
    Ok(Some(found.len() as u64 == person.seq.value()))
}

/// Her record at this log index, whatever became of its body; `None` if there is none, or it is
/// another's: the two look the same from outside.
pub fn own_record(
    reader: &dyn Records,
    person: &Person,
    index: LeafIndex,
) -> Result<Option<StoredRecord>, LedgerError> {
    // What lies above the head is nobody's.
    Ok(reader
        .record(index)?
        .filter(|stored| is_hers(stored.position(), person)))
}

/// Other records a sentence may speak of; `None` where one is missing, closed or unreadable.
pub trait Related {
    /// The record at this log index, if it is the person's own.
    fn record(&self, index: LeafIndex) -> Option<Record>;
    /// What a consent said when it was given, and the log index of that record.
    fn consent(&self, id: &ConsentId) -> Option<(LeafIndex, ConsentGiven)>;
}

/// Records of the same person that sentences speak of, read once each.
pub struct HerRecords<'a> {
    reader: &'a dyn Records,
    person: &'a Person,
    read: RefCell<HashMap<LeafIndex, Option<Record>>>,
    consents: RefCell<Option<HashMap<ConsentId, (LeafIndex, ConsentGiven)>>>,
}

impl<'a> HerRecords<'a> {
    /// Her records, none of them read yet.
    pub fn new(reader: &'a dyn Records, person: &'a Person) -> Self {
        Self {
            reader,
            person,
            read: RefCell::default(),
            consents: RefCell::default(),
        }
    }

    /// Spares reading a record again that was read anyway.
    pub fn remember(&self, stored: &OpenRecord) {
        self.read
            .borrow_mut()
            .insert(stored.index, Some(stored.record.clone()));
    }

    /// What every consent said when it was given; read at most once a page, and only where a
    /// sentence needs it.
    fn all_consents(&self) -> HashMap<ConsentId, (LeafIndex, ConsentGiven)> {
        let mut walk = Walk::below(self.reader, self.person, self.person.seq.next());
        let mut found = HashMap::new();
        for _ in 0..READ_MAX {
            match walk.step() {
                Ok(Some(Step::Record(stored))) => {
                    if let Event::ConsentGiven(given) = stored.record.event {
                        found.insert(given.consent, (stored.index, given));
                    }
                }
                Ok(Some(Step::Closed(_) | Step::Missing(_))) => {}
                Ok(None) | Err(_) => break,
            }
        }
        found
    }
}

impl Related for HerRecords<'_> {
    fn record(&self, index: LeafIndex) -> Option<Record> {
        let mut read = self.read.borrow_mut();
        let entry = read.entry(index);
        entry
            .or_insert_with(|| {
                own_record(self.reader, self.person, index)
                    .ok()
                    .flatten()
                    .and_then(StoredRecord::if_open)
                    .map(|stored| stored.record)
            })
            .clone()
    }

    fn consent(&self, id: &ConsentId) -> Option<(LeafIndex, ConsentGiven)> {
        if let Some(known) = &*self.consents.borrow() {
            return known.get(id).cloned();
        }
        let found = self.all_consents();
        let given = found.get(id).cloned();
        *self.consents.borrow_mut() = Some(found);
        given
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use akashi_actors::ledger_with;
    use akashi_proof::record::Closed;

    use akashi_ledger::error::Damage;

    use super::*;

    /// A reader that hides these log indexes from the index, and cannot read those.
    pub(crate) struct Hiding<'a> {
        pub(crate) reader: &'a Reader,
        pub(crate) hidden: Vec<LeafIndex>,
        pub(crate) unreadable: Vec<LeafIndex>,
        pub(crate) closed: Vec<(LeafIndex, Closed)>,
    }

    /// What is left of a record.
    pub(crate) fn left(stored: &StoredRecord, closed: Closed) -> StoredRecord {
        StoredRecord::Closed(ClosedRecord {
            index: stored.index(),
            entry: *stored.entry(),
            position: stored.position().clone(),
            closed,
        })
    }

    impl Records for Hiding<'_> {
        fn history(
            &self,
            person: &Person,
            before: Seq,
            most: usize,
        ) -> Result<Vec<LeafIndex>, LedgerError> {
            let mut all = self.reader.history(person, before, usize::MAX)?;
            all.retain(|index| !self.hidden.contains(index));
            all.truncate(most);
            Ok(all)
        }

        fn record(&self, index: LeafIndex) -> Result<Option<StoredRecord>, LedgerError> {
            if self.unreadable.contains(&index) {
                return Err(LedgerError::corrupt(index, Damage::BodySealed));
            }
            let stored = self.reader.record(index)?;
            let closed = self.closed.iter().find(|(at, _)| *at == index);
            Ok(match (stored, closed) {
                (Some(stored), Some((_, closed))) => Some(left(&stored, *closed)),
                (stored, _) => stored,
            })
        }
    }

    fn walk(records: &dyn Records, person: &Person, before: Seq) -> Vec<Result<u64, u64>> {
        let mut walk = Walk::below(records, person, before);
        let mut steps = Vec::new();
        while let Some(step) = walk.step().unwrap() {
            steps.push(match step {
                Step::Record(stored) => Ok(stored.record.seq().value()),
                Step::Closed(closed) => Err(closed.position.seq().value()),
                Step::Missing(seq) => Err(seq.value()),
            });
        }
        steps
    }

    #[tokio::test]
    async fn all_records_come_newest_first_in_every_size() {
        for records in [1, 2, 255, 256, 257, 600] {
            let (ledger, person, _) = ledger_with(records).await;
            let steps = walk(ledger.reader(), &person, Seq::MAX);
            assert_eq!(
                steps,
                (1..=records).rev().map(Ok).collect::<Vec<_>>(),
                "{records}"
            );
            assert_eq!(
                walk(ledger.reader(), &person, Seq::new(2).unwrap()),
                [Ok(1)]
            );
            assert_eq!(
                all_are_indexed(ledger.reader(), &person).unwrap(),
                Some(true)
            );
        }
    }

    #[tokio::test]
    async fn a_closed_record_is_met_in_its_place_and_is_not_missing() {
        let (ledger, person, other) = ledger_with(300).await;
        let all = ledger.reader().history(&person, Seq::MAX, 1000).unwrap();
        let at = |seq: u64| all[(300 - seq) as usize];
        let closed = [(300, Closed::Lost), (45, Closed::Erased), (1, Closed::Lost)];
        let hiding = Hiding {
            reader: ledger.reader(),
            hidden: vec![at(44)],
            unreadable: Vec::new(),
            closed: closed.map(|(seq, closed)| (at(seq), closed)).to_vec(),
        };
        let mut walk = Walk::below(&hiding, &person, Seq::MAX);
        let mut met = Vec::new();
        for wanted in (1..=300).rev() {
            match walk.step().unwrap().unwrap() {
                Step::Record(open) => assert_eq!(open.record.seq().value(), wanted),
                Step::Closed(left) => met.push((left.position.seq().value(), left.closed)),
                Step::Missing(seq) => assert_eq!((seq.value(), wanted), (44, 44)),
            }
        }
        assert_eq!(met, closed);
        let found = own_record(&hiding, &person, at(45)).unwrap();
        assert!(matches!(found, Some(StoredRecord::Closed(_))));
        assert!(own_record(&hiding, &other, at(45)).unwrap().is_none());
    }

    #[tokio::test]
    async fn what_is_hidden_or_damaged_is_missed() {
        let (ledger, person, other) = ledger_with(300).await;
        let all = ledger.reader().history(&person, Seq::MAX, 1000).unwrap();
        let at = |seq: u64| all[(300 - seq) as usize];
        for gone in [
            vec![300],
            vec![1],
            vec![1, 2, 3],
            vec![44, 45],
            vec![299, 45, 44, 1],
            (1..=300).collect::<Vec<_>>(),
        ] {
            let expected: Vec<_> = (1..=300)
                .rev()
                .map(|seq| {
                    if gone.contains(&seq) {
                        Err(seq)
                    } else {
                        Ok(seq)
                    }
                })
                .collect();
            let indexes: Vec<LeafIndex> = gone.iter().map(|seq| at(*seq)).collect();
            let hiding = Hiding {
                reader: ledger.reader(),
                hidden: indexes.clone(),
                unreadable: Vec::new(),
                closed: Vec::new(),
            };
            assert_eq!(
                walk(&hiding, &person, Seq::MAX),
                expected,
                "hidden {gone:?}"
            );
            assert_eq!(all_are_indexed(&hiding, &person).unwrap(), Some(false));
            let damaged = Hiding {
                reader: ledger.reader(),
                hidden: Vec::new(),
                unreadable: indexes,
                closed: Vec::new(),
            };
            assert_eq!(
                walk(&damaged, &person, Seq::MAX),
                expected,
                "damaged {gone:?}"
            );
        }
        assert!(
            own_record(ledger.reader(), &other, at(7))
                .unwrap()
                .is_none(),
            "another's is not there"
        );
        assert!(
            own_record(ledger.reader(), &person, LeafIndex::new(0))
                .unwrap()
                .is_none(),
            "nor is the registry's"
        );
        assert!(
            own_record(ledger.reader(), &person, LeafIndex::new(99_999))
                .unwrap()
                .is_none()
        );
    }
}

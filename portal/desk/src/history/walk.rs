//! Walking a person's records, newest first, and counting on the way: what is shown is complete, or
//! the page says that it is not.
//!
//! Her records are numbered 1, 2, 3 ... without a gap, and each is checked against its entry in the
//! public log when it is read. So a number that does not come up, or a record that does not open,
//! is something missing - and is said: a national health log once left records out for 21 months,
//! and nobody could see it. One whose body is lost, withheld or erased is not missing: it has its
//! place, and is said as what it is.

use akashi_ledger::reader::Followed;
use akashi_ledger::{LedgerError, Reader, StoredRecord};
use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::record::Position;
use akashi_proof::state::Person;

/// How many records the index is asked for at a time.
const CHUNK: usize = 256;

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
    /// As [`Reader::skim`].
    fn skim(&self, index: LeafIndex) -> Result<Option<Followed>, LedgerError>;
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

    fn skim(&self, index: LeafIndex) -> Result<Option<Followed>, LedgerError> {
        Self::skim(self, index)
    }
}

/// A record as a walk reads it: whole, or skimmed.
pub trait Read: Sized {
    /// The record at this log index.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    fn read(records: &dyn Records, index: LeafIndex) -> Result<Option<Self>, LedgerError>;
    /// Its place in its stream.
    fn position(&self) -> &Position;
}

/// Checked against its entry.
impl Read for StoredRecord {
    fn read(records: &dyn Records, index: LeafIndex) -> Result<Option<Self>, LedgerError> {
        records.record(index)
    }

    fn position(&self) -> &Position {
        self.position()
    }
}

/// For lists and figures, which prove nothing.
impl Read for Followed {
    fn read(records: &dyn Records, index: LeafIndex) -> Result<Option<Self>, LedgerError> {
        records.skim(index)
    }

    fn position(&self) -> &Position {
        match &self.body {
            Ok(record) => &record.position,
            Err((position, _)) => position,
        }
    }
}

/// One number of the person's sequence.
pub enum Step<R> {
    /// Her record with this number, whatever became of its body.
    Read(R),
    /// There is none, or it does not open, or it is not the one it should be.
    Missing(Seq),
}

/// Walks down from below a number.
pub struct Walk<'a, R> {
    reader: &'a dyn Records,
    person: &'a Person,
    /// The number that must come next; none at the end.
    next: Option<Seq>,
    /// Below which number the index is asked next; each asking lowers it, none when it has given
    /// all.
    ask_below: Option<Seq>,
    indexes: std::vec::IntoIter<LeafIndex>,
    /// A record that was read and comes after a gap.
    ahead: Option<R>,
}

impl<'a, R: Read> Walk<'a, R> {
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
    pub fn step(&mut self) -> Result<Option<Step<R>>, LedgerError> {
        let Some(wanted) = self.next else {
            return Ok(None);
        };
        if self.ahead.is_none() {
            self.ahead = self.read_next(wanted)?;
        }
        let step = match self.ahead.take() {
            Some(read) if read.position().seq() == wanted => Step::Read(read),
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
    fn read_next(&mut self, wanted: Seq) -> Result<Option<R>, LedgerError> {
        loop {
            let Some(index) = self.next_index(wanted)? else {
                return Ok(None);
            };
            match R::read(self.reader, index) {
                Ok(Some(read)) if is_hers(read.position(), self.person) => {
                    // After a gap the index may be asked for what was given out already.
                    if read.position().seq() <= wanted {
                        return Ok(Some(read));
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

#[cfg(test)]
pub(crate) mod tests {
    use akashi_actors::ledger_with;
    use akashi_ledger::ClosedRecord;
    use akashi_ledger::error::Damage;
    use akashi_proof::record::Closed;

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

        fn skim(&self, index: LeafIndex) -> Result<Option<Followed>, LedgerError> {
            let stored = self.record(index)?;
            Ok(stored.map(|stored| Followed {
                index,
                body: match stored {
                    StoredRecord::Open(open) => Ok(open.record),
                    StoredRecord::Closed(left) => Err((left.position, left.closed)),
                },
            }))
        }
    }

    /// Walked whole and skimmed, which must meet the same.
    fn walk(records: &dyn Records, person: &Person, before: Seq) -> Vec<Result<u64, u64>> {
        fn steps<R: Read>(mut walk: Walk<'_, R>) -> Vec<Result<u64, u64>> {
            let mut steps = Vec::new();
            while let Some(step) = walk.step().unwrap() {
                steps.push(match step {
                    Step::Read(read) => Ok(read.position().seq().value()),
                    Step::Missing(seq) => Err(seq.value()),
                });
            }
            steps
        }
        let whole = steps::<StoredRecord>(Walk::below(records, person, before));
        let skimmed = steps::<Followed>(Walk::below(records, person, before));
        assert_eq!(whole, skimmed);
        whole
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
                Step::Read(StoredRecord::Open(open)) => {
                    assert_eq!(open.record.seq().value(), wanted);
                }
                Step::Read(StoredRecord::Closed(left)) => {
                    met.push((left.position.seq().value(), left.closed));
                }
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

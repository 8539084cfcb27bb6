//! A person's history to take away, so that somebody else's tool can check that it is complete
//! ([`akashi_proof::history`]).
//!
//! It is written as it is read, a few records at a time: ten thousand of them take no memory here,
//! and who reads slowly holds no thread.

use std::sync::Arc;

use akashi_ledger::{LedgerError, Reader, StoredRecord};
use akashi_proof::history::{HistoryHead, HistoryItem};
use akashi_proof::ids::{LeafIndex, TreeSize};
use akashi_proof::ids::{Seq, SubjectHandle};
use akashi_proof::state::Person;

use crate::history::walk::{Records, Step, Walk};

/// Records written at a time: some 300 kB.
const CHUNK: u64 = 64;

/// What the file is called that is saved on this day.
pub fn name_on(day: jiff::civil::Date) -> String {
    format!("history-{day}.akashi-history")
}

/// Begins a person's file; `None` where there is no such person.
///
/// # Errors
/// [`LedgerError`] when her index cannot be read.
pub fn begin(
    reader: &Reader,
    subject: &SubjectHandle,
) -> Result<Option<(File, Next)>, LedgerError> {
    let Some(person) = reader.person(subject) else {
        return Ok(None);
    };
    // After the person: a tree that may hold more than her records up to now, hardly ever less.
    let head = reader.head();
    let records = records_within(reader, &person, head.head.size)?;
    let begin = HistoryHead {
        origin: reader.origin().clone(),
        epoch: person.epoch,
        records,
    };
    let file = File {
        person,
        records,
        end: head.note.to_string(),
    };
    Ok(Some((file, Next::Begin(begin))))
}

/// A file being written.
pub struct File {
    person: Arc<Person>,
    /// How many records it has.
    records: u64,
    /// The checkpoint that ends it.
    end: String,
}

/// What is to be written next.
pub enum Next {
    /// Its head.
    Begin(HistoryHead),
    /// From this number on.
    Records(Seq),
    /// It is whole.
    Nothing,
}

impl File {
    /// The next part of its text, `None` after the last; and what comes after it.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read: the file must break off then, which its
    /// reader notices.
    pub fn part(
        self,
        reader: &Reader,
        next: Next,
    ) -> Result<(Option<String>, Self, Next), LedgerError> {
        let (text, next) = match next {
            Next::Begin(head) => (Some(head.to_string()), Next::Records(Seq::FIRST)),
            Next::Records(from) if from.value() <= self.records => {
                let to = from.plus(CHUNK - 1);
                let to = Seq::new(self.records).map_or(to, |last| last.min(to));
                let text = items(reader, &self.person, from, to).inspect_err(|error| {
                    tracing::error!(%error, "a history file breaks off: her index cannot be read");
                })?;
                (Some(text), Next::Records(to.next()))
            }
            Next::Records(_) => (Some(self.end.clone()), Next::Nothing),
            Next::Nothing => (None, Next::Nothing),
        };
        Ok((text, self, next))
    }
}

/// How many of her records stand below this size of the log.
fn records_within(
    reader: &dyn Records,
    person: &Person,
    size: TreeSize,
) -> Result<u64, LedgerError> {
    let mut walk = Walk::<StoredRecord>::below(reader, person, Seq::MAX);
    let mut records = person.seq.value();
    while let Some(step) = walk.step()? {
        let Step::Read(stored) = step else { break };
        if size.contains(stored.index()) {
            break;
        }
        records -= 1;
    }
    Ok(records)
}

/// The records with these numbers, in order; one that is closed or not there is listed as such.
fn items(reader: &dyn Records, person: &Person, from: Seq, to: Seq) -> Result<String, LedgerError> {
    let mut walk = Walk::<StoredRecord>::below(reader, person, to.next());
    let mut items = Vec::new();
    for _ in from.value()..=to.value() {
        let item = match walk.step()? {
            Some(Step::Read(stored)) => stored.history_item(),
            Some(Step::Missing(seq)) => HistoryItem::Missing {
                seq,
                index: index_of(reader, person, seq)?,
            },
            None => break,
        };
        items.push(item.to_string());
    }
    items.reverse();
    Ok(items.concat())
}

/// Where her index says that a record stands which itself does not open.
fn index_of(
    reader: &dyn Records,
    person: &Person,
    seq: Seq,
) -> Result<Option<LeafIndex>, LedgerError> {
    let newest_below = |number| {
        reader
            .history(person, number, 1)
            .map(|found| found.first().copied())
    };
    let (found, before) = (newest_below(seq.next())?, newest_below(seq)?);
    Ok(found.filter(|_| found != before))
}

#[cfg(test)]
mod tests {
    use akashi_actors::ledger_with;
    use akashi_proof::history::{HistoryReader, read_record};
    use akashi_proof::ids::Epoch;
    use akashi_proof::record::Closed;

    use super::*;
    use crate::history::walk::tests::Hiding;

    /// The items of a file of so many records, read as everybody reads them.
    fn read(reader: &dyn Records, person: &Person, records: u64) -> Vec<HistoryItem> {
        let origin = akashi_tlog::checkpoint::Origin::new("walk.example/log").unwrap();
        let mut text = HistoryHead {
            origin,
            epoch: Epoch::FIRST,
            records,
        }
        .to_string();
        for from in (1..=records).step_by(CHUNK as usize) {
            let [from, to] = [from, records.min(from + CHUNK - 1)].map(|at| Seq::new(at).unwrap());
            text += &items(reader, person, from, to).unwrap();
        }
        let mut file = HistoryReader::new();
        text.split_inclusive('\n')
            .filter_map(|line| file.line(line.as_bytes()).unwrap())
            .collect()
    }

    #[tokio::test]
    async fn all_records_are_in_it_in_order_and_as_committed() {
        for records in [1, 64, 65, 300] {
            let (ledger, person, _) = ledger_with(records).await;
            let reader = ledger.reader();
            let size = reader.head().head.size;
            assert_eq!(records_within(reader, &person, size).unwrap(), records);
            assert_eq!(
                records_within(reader, &person, TreeSize::up_to(person.last).minus(1)).unwrap(),
                records - 1,
                "the tree before the last"
            );
            let items = read(reader, &person, records);
            assert_eq!(items.len() as u64, records);
            for item in items {
                let HistoryItem::Record {
                    seq,
                    index,
                    disclosure,
                } = item
                else {
                    panic!("{item:?}")
                };
                let (record, commitment) = read_record(&disclosure).unwrap();
                let stored = reader.record(index).unwrap().unwrap();
                assert_eq!((record.seq(), commitment), (seq, stored.entry().commitment));
            }
        }
    }

    #[tokio::test]
    async fn what_cannot_be_shown_is_listed_with_its_entry_where_that_is_known() {
        let (ledger, person, _) = ledger_with(130).await;
        let all = ledger
            .reader()
            .history(&person, Seq::new(131).unwrap(), 200)
            .unwrap();
        let at = |seq: u64| all[(130 - seq) as usize];
        let hiding = Hiding {
            reader: ledger.reader(),
            hidden: vec![at(64)],
            unreadable: vec![at(1), at(65)],
            closed: vec![(at(2), Closed::Erased), (at(130), Closed::Lost)],
        };
        let items = read(&hiding, &person, 130);
        let missing: Vec<_> = items
            .iter()
            .filter_map(|item| match item {
                HistoryItem::Missing { seq, index } => Some((seq.value(), *index)),
                HistoryItem::Record { .. } | HistoryItem::Closed { .. } => None,
            })
            .collect();
        assert_eq!(missing, [(1, Some(at(1))), (64, None), (65, Some(at(65)))]);
        for (number, closed) in [(2, Closed::Erased), (130, Closed::Lost)] {
            let item = HistoryItem::Closed {
                seq: Seq::new(number).unwrap(),
                index: at(number),
                closed,
            };
            assert_eq!(items[number as usize - 1], item);
        }
        let size = TreeSize::up_to(at(130));
        assert_eq!(records_within(&hiding, &person, size).unwrap(), 130);
        assert_eq!(
            records_within(&hiding, &person, size.minus(1)).unwrap(),
            129,
            "a closed one at the end is counted by its place"
        );
    }
}

//! `/me/history/file`: her history to take away, so that somebody else's tool can check that it is
//! complete ([`akashi_proof::history`]).
//!
//! It is sent as it is read, a few records at a time: ten thousand of them take no memory here, and
//! who reads slowly holds no thread. If something cannot be read on the way the answer breaks off,
//! which its reader notices.

use std::sync::Arc;

use akashi_desk::reading::Work;
use akashi_ledger::{LedgerError, Reader};
use akashi_proof::history::{HistoryHead, HistoryItem};
use akashi_proof::ids::{LeafIndex, TreeSize};
use akashi_proof::ids::{Seq, SubjectHandle};
use akashi_proof::state::Person;
use axum::body::Body;
use axum::http::header;
use futures_util::stream::try_unfold;

use crate::citizen::walk::{Records, Step, Walk};
use crate::frame::error::PageError;
use crate::frame::guard::Owner;
use crate::frame::visit::{Answer, Reply};

/// Records written at a time: some 300 kB.
const CHUNK: u64 = 64;

/// What the file is called that is saved on this day.
pub(crate) fn name_on(day: jiff::civil::Date) -> String {
    format!("history-{day}.akashi-history")
}

/// `GET /me/history/file`.
pub(crate) async fn file(Owner { visit, subject }: Owner) -> Answer {
    let name = format!(
        "attachment; filename=\"{}\"",
        name_on(visit.names().when.day(visit.now()))
    );
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let app = visit.app;
    let begun = app.read(Work::Downloads, move |reader| begin(reader, &subject));
    let begun = begun.await??;
    let parts = try_unfold(begun, move |(file, next)| {
        let app = Arc::clone(&app);
        async move {
            let part = app.read_on(Work::Downloads, move |reader| file.part(reader, next));
            let (text, file, next) = part.await??;
            Ok::<_, axum::BoxError>(text.map(|text| (text, (file, next))))
        }
    });
    Ok(Reply::new((headers, Body::from_stream(parts))))
}

fn begin(reader: &Reader, subject: &SubjectHandle) -> Result<(File, Next), PageError> {
    let person = reader.person(subject).ok_or(PageError::SignIn)?;
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
    Ok((file, Next::Begin(begin)))
}

/// A file being written.
struct File {
    person: Arc<Person>,
    /// How many records it has.
    records: u64,
    /// The checkpoint that ends it.
    end: String,
}

/// What is to be written next.
enum Next {
    Begin(HistoryHead),
    /// From this number on.
    Records(Seq),
    Nothing,
}

impl File {
    fn part(
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
    let mut walk = Walk::below(reader, person, Seq::MAX);
    let mut records = person.seq.value();
    while let Some(Step::Record(stored)) = walk.step()?
        && !size.contains(stored.index)
    {
        records -= 1;
    }
    Ok(records)
}

/// The records with these numbers, in order; one that is not there is listed as such.
fn items(reader: &dyn Records, person: &Person, from: Seq, to: Seq) -> Result<String, LedgerError> {
    let mut walk = Walk::below(reader, person, to.next());
    let mut items = Vec::new();
    for _ in from.value()..=to.value() {
        let item = match walk.step()? {
            Some(Step::Record(stored)) => stored.history_item(),
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
    use akashi_proof::history::{HistoryReader, read_record};
    use akashi_proof::ids::Epoch;

    use super::*;
    use crate::citizen::walk::tests::{Hiding, ledger_with};

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
                assert_eq!((record.seq(), commitment), (seq, stored.entry.commitment));
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
        };
        let missing: Vec<_> = read(&hiding, &person, 130)
            .into_iter()
            .filter_map(|item| match item {
                HistoryItem::Missing { seq, index } => Some((seq.value(), index)),
                HistoryItem::Record { .. } => None,
            })
            .collect();
        assert_eq!(missing, [(1, Some(at(1))), (64, None), (65, Some(at(65)))]);
    }
}

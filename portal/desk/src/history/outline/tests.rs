//! Outlines against the log they are made of, and at their bounds.

use std::cell::Cell;

use akashi_actors::ledger_with;
use akashi_ledger::StoredRecord;
use akashi_proof::record::{PersonPosition, Position};

use super::*;

/// A person of so many records, all erased: her index, and how often a record was read.
pub(crate) struct Erased {
    person: Person,
    read: Cell<usize>,
    /// A number that is not there.
    gap: Option<Seq>,
}

impl Erased {
    pub(crate) async fn of(records: usize) -> Self {
        let (_, person, _) = ledger_with(1).await;
        let mut person = (*person).clone();
        person.seq = seq(records);
        Self {
            person,
            read: Cell::new(0),
            gap: None,
        }
    }

    pub(crate) fn hers<'a>(&'a self, outlines: &'a Outlines) -> Hers<'a> {
        Hers {
            records: self,
            person: &self.person,
            outlines,
        }
    }

    /// How many records were read for this.
    fn reads(&self, work: impl FnOnce()) -> usize {
        let before = self.read.get();
        work();
        self.read.get() - before
    }
}

fn seq(number: usize) -> Seq {
    Seq::new(number as u64).unwrap()
}

/// Her record of this number stands at the log index of the same number.
impl Records for Erased {
    fn history(&self, _: &Person, before: Seq, most: usize) -> Result<Vec<LeafIndex>, LedgerError> {
        let top = before.value().min(self.person.seq.value() + 1);
        let all = (1..top).rev().filter(|n| Seq::new(*n) != self.gap);
        Ok(all.map(LeafIndex::new).take(most).collect())
    }

    fn record(&self, _: LeafIndex) -> Result<Option<StoredRecord>, LedgerError> {
        unreachable!("an outline is skimmed")
    }

    fn skim(&self, index: LeafIndex) -> Result<Option<Followed>, LedgerError> {
        self.read.set(self.read.get() + 1);
        let position = Position::Person(PersonPosition {
            subject: self.person.subject,
            epoch: self.person.epoch,
            seq: Seq::new(index.value()).unwrap(),
            prev: None,
        });
        Ok(Some(Followed {
            index,
            body: Err((position, Closed::Erased)),
        }))
    }
}

/// All rows from below this number, and where to go on.
fn all(hers: Hers<'_>, before: Seq) -> (Vec<Row>, Option<Seq>) {
    let mut rows = hers.rows(before).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.down().unwrap() {
        found.push(row);
    }
    (found, rows.older())
}

#[tokio::test]
async fn an_outline_equals_a_full_recount_after_every_record_of_a_whole_log() {
    const RECORDS: u64 = OUTLINE_LEN_MIN as u64 + 60;
    let (ledger, person, _) = ledger_with(RECORDS).await;
    let outlines = Outlines::default();
    for number in 1..=RECORDS {
        let mut person = (*person).clone();
        person.seq = Seq::new(number).unwrap();
        let of = |outlines| Hers {
            records: ledger.reader() as &dyn Records,
            person: &person,
            outlines,
        };
        let kept = all(of(&outlines), Seq::MAX);
        // Every record read whole, and nothing remembered.
        let mut walk = Walk::<StoredRecord>::below(ledger.reader(), &person, Seq::MAX);
        let mut counted = Vec::new();
        while let Some(step) = walk.step().unwrap() {
            let Step::Read(StoredRecord::Open(open)) = step else {
                panic!("all are open")
            };
            counted.push(Row::Open(Line {
                seq: open.record.seq(),
                index: open.index,
                time: open.record.time,
                mark: Mark::of(&open.record.event),
                gist: Gist::of(&open.record.event),
            }));
        }
        assert_eq!(kept, (counted, None), "{number}");
        assert_eq!(kept, all(of(&Outlines::default()), Seq::MAX), "{number}");
    }
    assert_eq!(outlines.figures().0, RECORDS as usize);
}

#[tokio::test]
async fn what_was_read_once_is_not_read_again_and_what_is_new_is() {
    let outlines = Outlines::default();
    let mut her = Erased::of(1_000).await;
    let look = |her: &Erased, before| drop(all(her.hers(&outlines), before));
    // No further down than a page needs.
    let first = her.reads(|| drop(her.hers(&outlines).rows(Seq::MAX).unwrap().down().unwrap()));
    assert_eq!(first, 1);
    assert_eq!(her.reads(|| look(&her, Seq::MAX)), 1_000);
    assert_eq!(her.reads(|| look(&her, Seq::MAX)), 0);
    assert_eq!(her.reads(|| look(&her, seq(300))), 0);
    her.person.seq = seq(1_003);
    // The three, and the one at which the known begins.
    assert_eq!(her.reads(|| look(&her, Seq::MAX)), 4);
    assert_eq!(her.reads(|| look(&her, Seq::MAX)), 0);
    let numbers = |(rows, _): (Vec<Row>, _)| rows.iter().map(Row::seq).collect::<Vec<_>>();
    let found = numbers(all(her.hers(&outlines), Seq::MAX));
    assert_eq!(found, (1..=1_003).rev().map(seq).collect::<Vec<_>>());
    // Whoever has read her fold a moment earlier sees what was there then.
    her.person.seq = seq(1_001);
    let found = numbers(all(her.hers(&outlines), Seq::MAX));
    assert_eq!(found, (1..=1_001).rev().map(seq).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_page_looks_at_so_many_records_and_no_more() {
    for (records, older) in [(READ_MAX, None), (READ_MAX + 1, Some(seq(2)))] {
        let outlines = Outlines::default();
        let her = Erased::of(records).await;
        for _ in 0..2 {
            let (rows, found) = all(her.hers(&outlines), Seq::MAX);
            assert_eq!((rows.len(), found), (READ_MAX, older), "{records}");
        }
        let (rows, _, stopped) = outlines.figures();
        assert_eq!((rows, stopped), (READ_MAX, 2 * u64::from(older.is_some())));
        // What is older is shown, and not remembered: it would leave a gap, or be too much.
        let (rows, found) = all(her.hers(&outlines), seq(2));
        assert_eq!((rows.len(), found), (1, None));
        assert_eq!(outlines.figures().0, READ_MAX);
    }
}

#[tokio::test]
async fn short_outlines_and_what_is_missing_are_not_remembered() {
    for (records, kept) in [(OUTLINE_LEN_MIN - 1, 0), (OUTLINE_LEN_MIN, OUTLINE_LEN_MIN)] {
        let (outlines, her) = (Outlines::default(), Erased::of(records).await);
        all(her.hers(&outlines), Seq::MAX);
        assert_eq!(outlines.figures().0, kept, "{records}");
    }
    let (outlines, mut her) = (Outlines::default(), Erased::of(1_000).await);
    her.gap = Some(seq(400));
    for _ in 0..2 {
        let (rows, _) = all(her.hers(&outlines), Seq::MAX);
        assert_eq!(rows.len(), 1_000);
        assert!(rows.contains(&Row::Missing(seq(400))));
        assert_eq!(outlines.figures().0, 600);
    }
    // It is there again: nobody has to start anew.
    her.gap = None;
    let (rows, _) = all(her.hers(&outlines), Seq::MAX);
    assert!(!rows.iter().any(|row| matches!(row, Row::Missing(_))));
    // One that is missing among what is new is not remembered either.
    (her.gap, her.person.seq) = (Some(seq(1_002)), seq(1_003));
    for _ in 0..2 {
        let (rows, _) = all(her.hers(&outlines), Seq::MAX);
        assert_eq!((rows.len(), &rows[1]), (1_003, &Row::Missing(seq(1_002))));
    }
}

#[tokio::test]
async fn so_many_rows_are_remembered_and_who_rests_longest_makes_room() {
    const PEOPLE: usize = OUTLINE_ROWS_MAX / READ_MAX;
    let outlines = Outlines::default();
    let mut people = Vec::new();
    for _ in 0..=PEOPLE {
        people.push(Erased::of(READ_MAX).await);
    }
    let look = |her: &Erased| her.reads(|| drop(all(her.hers(&outlines), Seq::MAX)));
    for her in &people[..PEOPLE] {
        assert_eq!(look(her), READ_MAX);
    }
    let (rows, forgotten, _) = outlines.figures();
    assert_eq!((rows, forgotten), (OUTLINE_ROWS_MAX, 0), "N");
    assert_eq!(look(&people[0]), 0, "all are remembered");
    assert_eq!(look(&people[PEOPLE]), READ_MAX);
    let (rows, forgotten, _) = outlines.figures();
    assert_eq!((rows, forgotten), (OUTLINE_ROWS_MAX, 1), "N + 1");
    assert_eq!(look(&people[0]), 0, "who was there just now stays");
    assert_eq!(look(&people[1]), READ_MAX, "who rests longest went");
}

//! Against a model: every record's entries in a `BTreeMap`, through crashes at every step.

use akashi_proof::ids::{LeafIndex, TreeSize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::store::memory_store::{CommitFault, MemoryStore, ReadFault};
use crate::store::redb_store::RedbStore;
use crate::store::{Batch, Store, Table};

/// Small enough that a few hundred records fill several levels.
const SMALL: Sizes = Sizes {
    run_len: 6,
    block_entries: 3,
    group_blocks: 2,
};

/// A key that looks random: three rounds of a mixing function a word.
pub(super) fn digest(number: u64) -> [u8; 32] {
    let mut key = [0; 32];
    for (at, word) in key.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&mix(mix(number) + at as u64).to_be_bytes());
    }
    key
}

fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn history(person: u64, seq: u64) -> [u8; 24] {
    let mut key = [0; 24];
    key[..16].copy_from_slice(&digest(person)[..16]);
    key[16..].copy_from_slice(&seq.to_be_bytes());
    key
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 += 1;
        mix(self.0) % bound
    }
}

/// The entries of one record.
#[derive(Clone, Default)]
struct Entries {
    statements: Vec<[u8; 32]>,
    histories: Vec<[u8; 24]>,
}

/// Both indexes over one store, as the sequencer has them, and the log they derive from.
struct Ledger {
    store: Arc<dyn Store>,
    sizes: Sizes,
    statements: RunsWriter<32>,
    histories: RunsWriter<24>,
    readers: (Runs<32>, Runs<24>),
    /// Durable records.
    log: Vec<Entries>,
    seqs: BTreeMap<u64, u64>,
    drawn: u64,
}

/// How a commit ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Published,
    /// The process dies with the batch not there.
    DiedBefore,
    /// The process dies with the batch durable.
    DiedAfter,
}

impl Ledger {
    fn open(store: Arc<dyn Store>, sizes: Sizes, log: Vec<Entries>) -> Result<Self, StoreError> {
        let (statements, all, covered) =
            RunsWriter::open_sized(Kind::Statements, Arc::clone(&store), sizes)?;
        let (histories, every, also_covered) =
            RunsWriter::open_sized(Kind::Histories, Arc::clone(&store), sizes)?;
        let keys = model(&log);
        let count = |person| {
            keys.range(history(person, 0)..history(person, u64::MAX))
                .count() as u64
        };
        let seqs = (0..PERSONS).map(|person| (person, count(person))).collect();
        let drawn = log
            .iter()
            .map(|entries| entries.statements.len() as u64)
            .sum();
        let mut ledger = Self {
            store,
            sizes,
            statements,
            histories,
            readers: (all, every),
            log,
            seqs,
            drawn,
        };
        assert!(
            covered.max(also_covered).value() <= ledger.log.len() as u64,
            "covers records that are not there"
        );
        let log = std::mem::take(&mut ledger.log);
        for (index, entries) in log
            .iter()
            .enumerate()
            .skip(covered.min(also_covered).value() as usize)
        {
            ledger.stage(entries, LeafIndex::new(index as u64));
        }
        ledger.statements.publish();
        ledger.histories.publish();
        ledger.log = log;
        Ok(ledger)
    }

    fn reopen(self) -> Self {
        Self::open(self.store, self.sizes, self.log).unwrap()
    }

    fn stage(&mut self, entries: &Entries, index: LeafIndex) {
        entries
            .statements
            .iter()
            .for_each(|key| self.statements.stage(*key, index));
        entries
            .histories
            .iter()
            .for_each(|key| self.histories.stage(*key, index));
    }

    /// Stages records and fills the batch.
    fn prepare(&mut self, records: u64, random: &mut Random) -> (Vec<Entries>, Batch) {
        let before = TreeSize::new(self.log.len() as u64);
        let until = before.plus(records);
        let mut commit = Vec::new();
        for index in before.next_index().upward().take(records as usize) {
            let mut entries = Entries::default();
            for _ in 0..[1, 1, 1, 0, 2][random.below(5) as usize] {
                entries.statements.push(digest(self.drawn));
                self.drawn += 1;
            }
            if random.below(8) > 0 {
                // One person has a third of all records, the last one almost none.
                let person = random.below(3).min(1) * random.below(PERSONS * 10).min(PERSONS - 1);
                let seq = self.seqs.entry(person).or_default();
                *seq += 1;
                entries.histories.push(history(person, *seq));
            }
            self.stage(&entries, index);
            for key in &entries.statements {
                assert_eq!(
                    self.statements.find(key).unwrap(),
                    Some(index),
                    "staged: the writer finds it"
                );
                assert_eq!(self.readers.0.find(key).unwrap(), None, "readers do not");
            }
            commit.push(entries);
        }
        let mut batch = Batch::default();
        self.statements.work(records, until, &mut batch).unwrap();
        self.histories.work(records, until, &mut batch).unwrap();
        (commit, batch)
    }

    fn commit(mut self, records: u64, end: End, random: &mut Random) -> Self {
        let (commit, batch) = self.prepare(records, random);
        if end == End::DiedBefore {
            return self.reopen();
        }
        self.store.commit(&batch).unwrap();
        self.log.extend(commit);
        if end == End::DiedAfter {
            return self.reopen();
        }
        self.statements.publish();
        self.histories.publish();
        self
    }

    /// Everything recorded is found, by reader and writer, and nothing else.
    fn check(&self, random: &mut Random) {
        for (index, entries) in self.log.iter().enumerate() {
            for key in &entries.statements {
                assert_eq!(
                    self.statements.find(key).unwrap(),
                    Some(LeafIndex::new(index as u64))
                );
                assert_eq!(
                    self.readers.0.find(key).unwrap(),
                    Some(LeafIndex::new(index as u64))
                );
            }
            for key in &entries.histories {
                assert_eq!(
                    self.readers.1.find(key).unwrap(),
                    Some(LeafIndex::new(index as u64))
                );
            }
        }
        for number in 1_000_000..1_000_100 {
            assert_eq!(self.readers.0.find(&digest(number)).unwrap(), None);
        }
        let model = model(&self.log);
        for person in 0..=PERSONS {
            let seqs = self.seqs.get(&person).copied().unwrap_or_default();
            for _ in 0..4 {
                let (from, until) = (random.below(seqs + 2), random.below(seqs + 3));
                for most in [0, 1, random.below(50) as usize, usize::MAX] {
                    let (from, until) = (history(person, from), history(person, until));
                    let found = self.readers.1.newest(&from, &until, most).unwrap();
                    let range = model.range(from..until.max(from)).rev().take(most);
                    assert_eq!(
                        found,
                        range.map(|(key, index)| (*key, *index)).collect::<Vec<_>>()
                    );
                }
            }
        }
    }

    /// Commits empty batches until nothing is left to do, then compares every row with what the
    /// manifest promises.
    fn check_no_row_is_left_over(mut self) {
        for _ in 0..2_000 {
            self = self.commit(0, End::Published, &mut Random(0));
        }
        assert!(
            self.readers.0.view().frozen.is_none(),
            "flushed maps are let go"
        );
        for (kind, manifest) in [
            (
                Kind::Statements,
                self.readers
                    .0
                    .rows
                    .manifest::<32>()
                    .unwrap()
                    .unwrap_or_default(),
            ),
            (
                Kind::Histories,
                self.readers
                    .1
                    .rows
                    .manifest::<24>()
                    .unwrap()
                    .unwrap_or_default(),
            ),
        ] {
            let rows = self
                .store
                .scan(Table::Runs, &[kind as u8]..&[kind as u8 + 1], usize::MAX)
                .unwrap();
            let promised: u32 = manifest
                .runs
                .iter()
                .map(|run| run.blocks + run.groups)
                .sum();
            assert_eq!(
                rows.len(),
                promised as usize + usize::from(manifest.next_run > 0),
                "{kind:?}: {manifest:?}"
            );
        }
    }

    fn levels(&self) -> u8 {
        self.readers
            .1
            .view()
            .runs
            .iter()
            .map(|run| run.listed.level)
            .max()
            .unwrap_or_default()
    }
}

const PERSONS: u64 = 12;

fn model(log: &[Entries]) -> BTreeMap<[u8; 24], LeafIndex> {
    let entries = log.iter().enumerate();
    entries
        .flat_map(|(index, entries)| {
            entries
                .histories
                .iter()
                .map(move |key| (*key, LeafIndex::new(index as u64)))
        })
        .collect()
}

#[test]
fn agrees_with_a_map_through_many_levels() {
    let random = &mut Random(1);
    let mut ledger = Ledger::open(Arc::new(MemoryStore::default()), SMALL, Vec::new()).unwrap();
    for round in 0..1_500 {
        let records = if random.below(10) == 0 {
            random.below(40)
        } else {
            random.below(4)
        };
        ledger = ledger.commit(records, End::Published, random);
        if round % 100 == 0 {
            ledger.check(random);
        }
    }
    assert!(
        ledger.levels() >= 2,
        "{} records reached level {}",
        ledger.log.len(),
        ledger.levels()
    );
    ledger.check(random);
    ledger = ledger.reopen();
    ledger.check(random);
    ledger.check_no_row_is_left_over();
}

#[test]
fn survives_a_crash_at_any_step() {
    for seed in 0..12 {
        let random = &mut Random(1_000 * seed);
        let mut ledger = Ledger::open(Arc::new(MemoryStore::default()), SMALL, Vec::new()).unwrap();
        // Of so many commits one crashes: from crash after crash to runs of several levels between
        // two.
        let calm = 1 + seed * seed;
        let mut deepest = 0;
        for round in 0..400 {
            let end = match random.below(2 * calm) {
                0 => End::DiedBefore,
                1 => End::DiedAfter,
                _ => End::Published,
            };
            let records = random.below(5);
            ledger = ledger.commit(records, end, random);
            deepest = deepest.max(ledger.levels());
            if end != End::Published && round % 7 == 0 {
                ledger.check(random);
            }
        }
        ledger.check(random);
        assert!(
            calm < 100 || deepest >= 2,
            "one crash in {calm}: level {deepest}"
        );
        ledger.check_no_row_is_left_over();
    }
}

#[test]
fn gets_on_even_when_every_second_commit_is_followed_by_a_crash() {
    let random = &mut Random(7);
    let sizes = Sizes {
        run_len: 64,
        ..SMALL
    };
    let mut ledger = Ledger::open(Arc::new(MemoryStore::default()), sizes, Vec::new()).unwrap();
    for round in 0..200 {
        ledger = ledger.commit(
            40,
            if round % 2 == 1 {
                End::DiedAfter
            } else {
                End::Published
            },
            random,
        );
    }
    // Two commits of 40 records, one of which may only freeze the map, write at least 83 entries:
    // the tail is short.
    let tail = ledger.readers.0.view().map.len();
    assert!(
        tail < 600,
        "{tail} of {} entries have to be replayed",
        ledger.drawn
    );
}

#[test]
fn every_commit_fails_once_lost_and_once_kept() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        for nth in 0..60 {
            let random = &mut Random(3);
            let store = Arc::new(MemoryStore::default());
            let mut ledger =
                Ledger::open(Arc::clone(&store) as Arc<dyn Store>, SMALL, Vec::new()).unwrap();
            store.fail_commit(nth, fault);
            for _ in 0..70 {
                let (commit, batch) = ledger.prepare(3, random);
                let done = store.commit(&batch);
                if done.is_ok() || fault == CommitFault::Kept {
                    ledger.log.extend(commit);
                }
                if done.is_err() {
                    // Readers go on with what they had while the writer starts over.
                    let readers = ledger.readers.clone();
                    store.reopen().unwrap();
                    ledger = ledger.reopen();
                    ledger.check(random);
                    ledger.readers.0.find(&digest(0)).unwrap();
                    readers.0.find(&digest(0)).unwrap();
                }
                ledger.statements.publish();
                ledger.histories.publish();
            }
            ledger.check(random);
        }
    }
}

#[test]
fn after_a_failure_the_writer_does_nothing_more() {
    let store = Arc::new(MemoryStore::default());
    let (mut writer, runs, _) = RunsWriter::<32>::open_sized(
        Kind::Statements,
        Arc::clone(&store) as Arc<dyn Store>,
        SMALL,
    )
    .unwrap();
    writer.stage(digest(1), LeafIndex::new(0));
    writer
        .work(1, TreeSize::new(1), &mut Batch::default())
        .unwrap();
    assert!(
        writer
            .work(1, TreeSize::new(1), &mut Batch::default())
            .is_err(),
        "not published"
    );
    writer.publish();
    assert_eq!(runs.find(&digest(1)).unwrap(), None, "and never will be");
    assert!(
        writer
            .work(1, TreeSize::new(1), &mut Batch::default())
            .is_err()
    );
}

#[test]
fn a_replay_may_begin_too_early_and_the_newest_value_of_a_key_wins() {
    let random = &mut Random(5);
    let mut ledger = Ledger::open(Arc::new(MemoryStore::default()), SMALL, Vec::new()).unwrap();
    for _ in 0..60 {
        ledger = ledger.commit(3, End::Published, random);
    }
    ledger = ledger.reopen();
    for (index, entries) in ledger.log.clone().iter().enumerate() {
        ledger.stage(entries, LeafIndex::new(index as u64));
    }
    ledger = ledger.commit(1, End::Published, random);
    ledger.check(random);
    let runs = ledger.readers.0.view().runs.len();
    assert!(
        ledger.readers.0.view().map.len() < 20,
        "what the runs hold is not written again"
    );

    // One key a hundred times: in the map, the frozen map and runs of several levels at once.
    let key = digest(1 << 40);
    for _ in 0..100 {
        let index = LeafIndex::new(ledger.log.len() as u64);
        ledger.statements.stage(key, index);
        ledger = ledger.commit(5, End::Published, random);
        assert_eq!(ledger.readers.0.find(&key).unwrap(), Some(index));
    }
    assert!(ledger.readers.0.view().runs.len() > runs);
    let last = ledger.readers.0.find(&key).unwrap();
    for _ in 0..500 {
        ledger = ledger.commit(2, End::Published, random);
    }
    assert_eq!(ledger.readers.0.find(&key).unwrap(), last, "after merging");
}

#[test]
fn a_page_holds_each_key_once_even_if_staged_twice() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let sizes = Sizes {
        run_len: 40,
        ..SMALL
    };
    let (mut writer, runs, _) =
        RunsWriter::<24>::open_sized(Kind::Histories, Arc::clone(&store), sizes).unwrap();
    let mut commit = |keys: &[u64], index: u64| {
        let index = LeafIndex::new(index);
        keys.iter()
            .for_each(|seq| writer.stage(history(0, *seq), index));
        let mut batch = Batch::default();
        writer.work(1, TreeSize::up_to(index), &mut batch).unwrap();
        store.commit(&batch).unwrap();
        writer.publish();
    };
    for index in 0..150 {
        commit(&[index], index);
        // The last few again: then they are in the map as well as in the frozen map, or in runs.
        commit(
            &[index.saturating_sub(2), index.saturating_sub(1), index],
            index + 1_000,
        );
        for most in [1, 3, 60, 1_000] {
            let page = runs
                .newest(&history(0, 0), &history(0, u64::MAX), most)
                .unwrap();
            let expected = (0..=index).rev().take(most).map(|seq| history(0, seq));
            assert!(
                page.iter().map(|(key, _)| *key).eq(expected),
                "{most} of {index}"
            );
            assert_eq!(page[0].1, LeafIndex::new(index + 1_000));
        }
    }
}

#[test]
fn no_commit_does_more_than_its_share() {
    let random = &mut Random(9);
    let sizes = Sizes {
        run_len: 400,
        block_entries: 5,
        group_blocks: 4,
    };
    let mut ledger = Ledger::open(Arc::new(MemoryStore::default()), sizes, Vec::new()).unwrap();
    let mut most = 0;
    for round in 0..9_000 {
        let records = if round % 10 == 0 { 64 } else { random.below(3) };
        let (commit, batch) = ledger.prepare(records, random);
        // Entries that go into a run: what its rate allows, a block's worth more, and one of each
        // input of a merge. Rows they make: blocks of 5, one more that is closed at the end, groups
        // of 4 blocks, one more. At most a flush and two merges are under way here.
        let rows = |entries: u64| (entries / 5 + 2) * 5 / 4 + 1;
        // A map is frozen with up to a third more than 400 entries in it, and flushed that much
        // faster.
        let bound = |incoming: u64| {
            rows((2 * incoming + 5) * 4 / 3) + 2 * rows((5 * incoming).div_ceil(4) + 5 + 8) + 1
        };
        let staged = |of: fn(&Entries) -> usize| commit.iter().map(of).sum::<usize>() as u64;
        let (statements, histories) = (
            staged(|of| of.statements.len()),
            staged(|of| of.histories.len()),
        );
        let bound = bound(records.max(statements)) + bound(records.max(histories));
        let written = batch
            .changes
            .iter()
            .filter(|(.., value)| value.is_some())
            .count() as u64;
        let removed = batch.changes.len() as u64 - written;
        assert!(
            written <= bound,
            "{written} rows written, expected at most {bound}"
        );
        assert!(
            removed <= 2 * written + 2 * 8,
            "{removed} rows removed, {written} written"
        );
        most = most.max(written * 100 / bound);
        ledger.store.commit(&batch).unwrap();
        ledger.log.extend(commit);
        ledger.statements.publish();
        ledger.histories.publish();
        let view = ledger.readers.0.view();
        assert!(view.map.len() < 3 * sizes.run_len, "flushing keeps up");
        let waiting = view
            .runs
            .chunk_by(|one, other| one.listed.level == other.listed.level)
            .map(<[_]>::len)
            .max();
        assert!(waiting.unwrap_or_default() <= 16, "merging keeps up");
        assert!(ledger.statements.leftovers() <= 24, "removing keeps up");
    }
    assert!(ledger.levels() >= 2);
    assert!(most > 40, "the bound says something: {most} %");
}

#[test]
fn damaged_rows_are_errors_never_absences() {
    let random = &mut Random(11);
    let store = Arc::new(MemoryStore::default());
    let mut ledger = Ledger::open(Arc::clone(&store) as Arc<dyn Store>, SMALL, Vec::new()).unwrap();
    for _ in 0..80 {
        ledger = ledger.commit(3, End::Published, random);
    }
    ledger = ledger.commit(0, End::DiedAfter, random);
    let log = ledger.log;
    let counts = |ledger: &Ledger, run: u64, kind: u8| {
        let (of_one, of_other) = (ledger.readers.0.view(), ledger.readers.1.view());
        let mut numbers: Vec<u64> = of_one.runs.iter().map(|run| run.listed.run).collect();
        if kind == Kind::Histories as u8 {
            numbers = of_other.runs.iter().map(|run| run.listed.run).collect();
        }
        numbers.contains(&run)
    };
    let fresh = Ledger::open(Arc::clone(&store) as Arc<dyn Store>, SMALL, log.clone()).unwrap();
    let mut noticed = BTreeSet::new();
    for (key, value) in store.scan(Table::Runs, &[0]..&[9], usize::MAX).unwrap() {
        let flips =
            [0, 1, 2].map(|_| ReadFault::FlippedBit(random.below(value.len() as u64 * 8) as usize));
        for fault in [ReadFault::Error].into_iter().chain(flips) {
            store.spoil(Table::Runs, &key, fault);
            let failed = wrong_or_failing(&store, &log);
            store.mend();
            let in_use = key.len() == 2
                || counts(
                    &fresh,
                    u64::from_be_bytes(key[2..10].try_into().unwrap()),
                    key[0],
                );
            assert!(failed || !in_use, "{key:?} {fault:?} went unnoticed");
            if failed {
                noticed.insert(key[1]);
            }
        }
        // A row that is gone altogether; without the manifest there is no index, and everything is
        // replayed.
        let mut batch = Batch::default();
        batch.remove(Table::Runs, key.clone());
        store.commit(&batch).unwrap();
        let in_use = key.len() == 14
            && counts(
                &fresh,
                u64::from_be_bytes(key[2..10].try_into().unwrap()),
                key[0],
            );
        assert_eq!(wrong_or_failing(&store, &log), in_use, "{key:?} removed");
        let mut batch = Batch::default();
        batch.put(Table::Runs, key, value);
        store.commit(&batch).unwrap();
    }
    assert_eq!(noticed.len(), 3, "blocks, groups and manifests");
}

/// Whether opening or a look-up fails; panics if an answer is wrong.
fn wrong_or_failing(store: &Arc<MemoryStore>, log: &[Entries]) -> bool {
    let Ok(ledger) = Ledger::open(Arc::clone(store) as Arc<dyn Store>, SMALL, log.to_vec()) else {
        return true;
    };
    let mut failed = false;
    for (index, entries) in log.iter().enumerate() {
        let statements = entries
            .statements
            .iter()
            .map(|key| ledger.readers.0.find(key));
        for found in statements.chain(
            entries
                .histories
                .iter()
                .map(|key| ledger.readers.1.find(key)),
        ) {
            failed |= found.is_err();
            assert!(
                found.is_err()
                    || found.is_ok_and(|found| found == Some(LeafIndex::new(index as u64))),
                "a wrong answer"
            );
        }
    }
    let model = model(log);
    for person in 0..PERSONS {
        let (from, until) = (history(person, 0), history(person, u64::MAX));
        match ledger.readers.1.newest(&from, &until, usize::MAX) {
            Ok(found) => assert!(
                found
                    .into_iter()
                    .eq(model.range(from..until).rev().map(|(key, at)| (*key, *at)))
            ),
            Err(_) => failed = true,
        }
    }
    failed
}

#[test]
fn without_its_manifest_the_index_is_rebuilt_under_new_numbers() {
    let random = &mut Random(13);
    let store = Arc::new(MemoryStore::default());
    let mut ledger = Ledger::open(Arc::clone(&store) as Arc<dyn Store>, SMALL, Vec::new()).unwrap();
    for _ in 0..80 {
        ledger = ledger.commit(3, End::Published, random);
    }
    let used = ledger
        .readers
        .0
        .rows
        .manifest::<32>()
        .unwrap()
        .unwrap()
        .next_run;
    let mut batch = Batch::default();
    batch.remove(Table::Runs, [Kind::Statements as u8, 3]);
    store.commit(&batch).unwrap();
    ledger = ledger.reopen();
    ledger.check(random);
    ledger = ledger
        .commit(1, End::Published, random)
        .commit(1, End::Published, random);
    let view = ledger.readers.0.rows.manifest::<32>().unwrap().unwrap();
    assert!(
        view.next_run >= used && view.runs.iter().all(|run| run.run + 1 >= used),
        "{view:?} after {used}"
    );
    ledger.check_no_row_is_left_over();
}

/// Months in which nobody sends a statement, or few do: opening must not replay all of them.
#[test]
fn an_index_that_gets_few_entries_or_none_does_not_fall_behind() {
    for every in [u64::MAX, 25] {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let open =
            || RunsWriter::<32>::open_sized(Kind::Statements, Arc::clone(&store), SMALL).unwrap();
        let (mut writer, reader, _) = open();
        for index in 0..400 {
            if index % every == 3 {
                writer.stage(digest(index), LeafIndex::new(index));
            }
            let mut batch = Batch::default();
            writer
                .work(1, TreeSize::new(index + 1), &mut batch)
                .unwrap();
            store.commit(&batch).unwrap();
            writer.publish();
            let covered = open().2;
            assert!(
                covered.plus(4 * SMALL.run_len as u64).value() > index,
                "{covered} of {index} records"
            );
        }
        for index in (0..400).filter(|index| index % every == 3) {
            let (key, index) = (digest(index), LeafIndex::new(index));
            assert_eq!(reader.find(&key).unwrap(), Some(index));
            let covered = open().2;
            assert_eq!(
                open().1.find(&key).unwrap(),
                covered.contains(index).then_some(index)
            );
        }
    }
}

#[test]
fn an_index_of_other_keys_is_refused() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let (mut writer, _, _) =
        RunsWriter::<32>::open_sized(Kind::Statements, Arc::clone(&store), SMALL).unwrap();
    for index in 0..30 {
        let mut batch = Batch::default();
        writer.stage(digest(index), LeafIndex::new(index));
        writer
            .work(1, TreeSize::new(index + 1), &mut batch)
            .unwrap();
        store.commit(&batch).unwrap();
        writer.publish();
    }
    assert!(RunsWriter::<24>::open_sized(Kind::Statements, store, SMALL).is_err());
}

#[test]
fn readers_go_on_while_the_writer_flushes_merges_and_removes() {
    const READERS: u64 = 4;
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let (mut writer, runs, _) =
        RunsWriter::open_sized(Kind::Statements, Arc::clone(&store), SMALL).unwrap();
    let (mut pages, histories, _) =
        RunsWriter::open_sized(Kind::Histories, Arc::clone(&store), SMALL).unwrap();
    let published = AtomicU64::new(0);
    let reads = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for reader in 0..READERS {
            let (runs, histories, published, reads) =
                (runs.clone(), histories.clone(), &published, &reads);
            scope.spawn(move || {
                let mut random = Random(reader << 32);
                loop {
                    let count = published.load(Ordering::SeqCst);
                    if count == u64::MAX {
                        return;
                    }
                    let number = random.below(count + 40);
                    let found = runs.find(&digest(number)).unwrap();
                    assert!(
                        found == Some(LeafIndex::new(number)) || found.is_none() && number >= count,
                        "{number} of {count}"
                    );
                    let page = histories
                        .newest(&history(0, 0), &history(0, u64::MAX), 50)
                        .unwrap();
                    let newest = page.first().map_or(0, |(_, index)| index.value() + 1);
                    assert!(newest >= count && page.len() as u64 == newest.min(50));
                    assert!(
                        page.iter()
                            .zip((0..newest).rev())
                            .all(|((_, index), expected)| index.value() == expected)
                    );
                    reads.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let mut index = 0;
        while index < 6_000 {
            let mut batch = Batch::default();
            for at in index..index + 3 {
                writer.stage(digest(at), LeafIndex::new(at));
                pages.stage(history(0, at), LeafIndex::new(at));
            }
            index += 3;
            writer.work(3, TreeSize::new(index), &mut batch).unwrap();
            pages.work(3, TreeSize::new(index), &mut batch).unwrap();
            store.commit(&batch).unwrap();
            writer.publish();
            pages.publish();
            published.store(index, Ordering::SeqCst);
        }
        published.store(u64::MAX, Ordering::SeqCst);
    });
    assert!(reads.load(Ordering::SeqCst) > 0);
}

#[test]
fn rows_of_a_run_stay_while_a_reader_holds_the_list() {
    let random = &mut Random(17);
    let mut ledger = Ledger::open(Arc::new(MemoryStore::default()), SMALL, Vec::new()).unwrap();
    for _ in 0..40 {
        ledger = ledger.commit(3, End::Published, random);
    }
    let held = Arc::clone(&ledger.readers.0.view().runs);
    let blocks = |ledger: &Ledger| {
        let rows = &ledger.readers.0.rows;
        held.iter()
            .map(|run| {
                (0..run.listed.blocks)
                    .filter(|at| rows.block::<32>(run.listed.run, *at).is_ok())
                    .count()
            })
            .sum::<usize>()
    };
    let before = blocks(&ledger);
    for _ in 0..200 {
        ledger = ledger.commit(3, End::Published, random);
    }
    assert_eq!(blocks(&ledger), before);
    assert!(ledger.statements.leftovers() > 0);
    let numbers: Vec<_> = held
        .iter()
        .map(|run| (run.listed.run, run.listed.blocks))
        .collect();
    drop(held);
    for _ in 0..200 {
        ledger = ledger.commit(3, End::Published, random);
    }
    let rows = &ledger.readers.0.rows;
    let still =
        |(run, blocks): &(u64, u32)| (0..*blocks).any(|at| rows.block::<32>(*run, at).is_ok());
    assert!(!numbers.iter().all(still));
    assert!(ledger.statements.leftovers() <= 24);
}

#[test]
fn works_on_a_file() {
    let random = &mut Random(19);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.redb");
    let mut ledger = Ledger::open(
        Arc::new(RedbStore::create(&path).unwrap()),
        SMALL,
        Vec::new(),
    )
    .unwrap();
    for _ in 0..3 {
        for _ in 0..40 {
            ledger = ledger.commit(8, End::Published, random);
        }
        let log = ledger.log.clone();
        drop(ledger);
        ledger = Ledger::open(Arc::new(RedbStore::open(&path).unwrap()), SMALL, log).unwrap();
        ledger.check(random);
    }
    assert!(ledger.levels() >= 1);
}

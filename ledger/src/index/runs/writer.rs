//! The writer's half: stage, work, publish - once each commit, in this order.

use akashi_proof::ids::{LeafIndex, TreeSize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, RwLock};

use super::merge::Merge;
use super::rows::{self, Manifest, Part, Rows};
use super::run::{Builder, Run};
use super::{Kind, Runs, Sizes, View};
use crate::store::{Batch, Store, StoreError, Table};

/// Runs of a level that are merged into one of the next. Fewer than twice as many wait at a level,
/// so a look-up asks fewer than 16 runs for each; there were 9 on average in all up to two million
/// records (docs/decisions/0002).
const FAN: usize = 8;

/// Entries of the frozen map written for each new one: it is gone when the map is half full again.
const FLUSH_RATE: u64 = 2;

/// Entries merged for each new one at each level, in quarters. More than 1, so that eight runs are
/// merged before the next eight are there; little more, so that merging does not come in bursts.
const MERGE_RATE_QUARTERS: u64 = 5;

/// Rows removed for each row written, and at least. Merging leaves about one row behind for each it
/// writes, so twice as many catches up with whatever waited for a reader, or was left by a crash.
const REMOVE_RATE: usize = 2;
const REMOVE_LEAST: usize = 8;

/// How many records, in lengths of a run, the runs may lag behind the log. An index that gets few
/// entries or none is brought up by a short run, or by none: otherwise opening would replay the log
/// from the last time it got many.
const LAG_RUNS: u64 = 2;

/// The index as the one writer changes it.
///
/// After an error, or when a commit failed, it must be dropped and opened anew.
pub(crate) struct RunsWriter<const K: usize> {
    rows: Rows,
    sizes: Sizes,
    shared: Runs<K>,
    /// Entries of the commit being made.
    staged: BTreeMap<[u8; K], LeafIndex>,
    flush: Option<Flush<K>>,
    merges: Vec<Merge<K>>,
    /// Runs that no longer count, or never did, whose rows are still there.
    leftovers: VecDeque<Leftover<K>>,
    next_run: u64,
    /// The runs in the manifest hold every entry of the records of a log of this size.
    covered_until: TreeSize,
    /// The stored manifest does not know of run numbers that were drawn, or how far the runs reach.
    manifest_stale: bool,
    step: Step<K>,
}

/// Where the writer stands in its commit.
enum Step<const K: usize> {
    /// Between commits, or staging.
    Staging,
    /// [`RunsWriter::work`] is under way, or has failed.
    Working,
    /// The batch is full; when it is durable, this is to be published.
    Worked(Worked<K>),
}

#[derive(Default)]
struct Worked<const K: usize> {
    covered_until: TreeSize,
    /// The list of runs, if it has changed.
    runs: Option<Vec<Arc<Run<K>>>>,
    /// Those that are no longer on it.
    retired: Vec<Arc<Run<K>>>,
    /// The frozen map is a run now.
    flushed: bool,
}

/// The frozen map on its way into a run.
struct Flush<const K: usize> {
    frozen: Arc<BTreeMap<[u8; K], LeafIndex>>,
    /// It and the runs hold every entry of the records of a log of this size.
    covered_until: TreeSize,
    /// Last key written.
    last: Option<[u8; K]>,
    builder: Builder<K>,
}

/// A run whose rows are to be removed.
struct Leftover<const K: usize> {
    run: u64,
    /// Held until no reader has it any more.
    readable: Option<Arc<Run<K>>>,
    part: Part,
}

impl<const K: usize> Leftover<K> {
    const fn new(run: u64, readable: Option<Arc<Run<K>>>) -> Self {
        Self {
            run,
            readable,
            part: Part::Block,
        }
    }
}

impl<const K: usize> RunsWriter<K> {
    /// Opens the index: the writer's half, the readers' half, and the size of the log whose
    /// records' entries it holds. The caller stages those of all records behind it, then publishes.
    ///
    /// # Errors
    /// [`StoreError`] when a row cannot be read, is missing or is damaged.
    pub(crate) fn open(
        kind: Kind,
        store: Arc<dyn Store>,
        run_len: usize,
    ) -> Result<(Self, Runs<K>, TreeSize), StoreError> {
        Self::open_sized(kind, store, Sizes::of_len::<K>(run_len))
    }

    pub(super) fn open_sized(
        kind: Kind,
        store: Arc<dyn Store>,
        sizes: Sizes,
    ) -> Result<(Self, Runs<K>, TreeSize), StoreError> {
        let rows = Rows { kind, store };
        let manifest = rows.manifest::<K>()?.unwrap_or_default();
        let runs = manifest
            .runs
            .iter()
            .map(|listed| Run::load(&rows, *listed).map(Arc::new));
        let runs = runs.collect::<Result<Arc<[_]>, _>>()?;
        let orphans = orphans(&rows, &manifest)?;
        // Even if the manifest was dropped to have the index rebuilt, a number is not used twice.
        let next_run = orphans
            .last()
            .map_or(0, |last| last.saturating_add(1))
            .max(manifest.next_run);
        let view = View {
            map: BTreeMap::new(),
            frozen: None,
            runs,
        };
        let shared = Runs {
            rows: rows.clone(),
            view: Arc::new(RwLock::new(view)),
        };
        let writer = Self {
            rows,
            sizes,
            shared: shared.clone(),
            staged: BTreeMap::new(),
            flush: None,
            merges: Vec::new(),
            leftovers: orphans
                .into_iter()
                .map(|run| Leftover::new(run, None))
                .collect(),
            next_run,
            covered_until: manifest.covered_until,
            manifest_stale: false,
            step: Step::Staging,
        };
        Ok((writer, shared, manifest.covered_until))
    }

    /// The log index under a key, entries of the commit being made included.
    ///
    /// # Errors
    /// [`StoreError`] when a row could not be read or is damaged.
    pub(crate) fn find(&self, key: &[u8; K]) -> Result<Option<LeafIndex>, StoreError> {
        match self.staged.get(key) {
            Some(index) => Ok(Some(*index)),
            None => self.shared.find(key),
        }
    }

    /// Adds an entry of the record `index`: for [`Self::find`] it is there at once, for readers
    /// when it is published.
    ///
    /// An entry of a record that the runs hold already is ignored, so a replay may begin earlier
    /// than it must.
    pub(crate) fn stage(&mut self, key: [u8; K], index: LeafIndex) {
        debug_assert!(
            matches!(self.step, Step::Staging),
            "staged between work and publish"
        );
        if !self.covered_until.contains(index) {
            self.staged.insert(key, index);
        }
    }

    /// Adds this commit's share of flushing, merging and removing to its batch. `records` is how
    /// many records the commit appends, `covered_until` the size of the log with them; all
    /// their entries are staged.
    ///
    /// A slice is in proportion to the commit, and at least a block: commits of one record get on
    /// as well, so that merges come to an end between two restarts where there is little to do.
    ///
    /// # Errors
    /// [`StoreError`] when a row could not be read or is damaged, or the last commit was never
    /// published.
    pub(crate) fn work(
        &mut self,
        records: u64,
        covered_until: TreeSize,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        if !matches!(
            std::mem::replace(&mut self.step, Step::Working),
            Step::Staging
        ) {
            return Err(StoreError::NotReopened);
        }
        let incoming = records.max(self.staged.len() as u64);
        let written = batch.changes.len();
        let mut worked = Worked {
            covered_until,
            ..Worked::default()
        };
        // Merges first, and from published runs only: a run of this batch is not there yet.
        self.merge_slices(incoming, batch, &mut worked)?;
        self.flush_slice(incoming, batch, &mut worked);
        if worked.runs.is_some() || self.manifest_stale {
            self.manifest_stale = false;
            self.put_manifest(worked.runs.as_deref(), batch);
        }
        let written = batch.changes.len() - written;
        self.remove_slice(written * REMOVE_RATE + REMOVE_LEAST, batch)?;
        self.step = Step::Worked(worked);
        Ok(())
    }

    /// Shows readers what was staged and finished. To be called when the batch of [`Self::work`] is
    /// durable, or, without one, for entries of records that are.
    pub(crate) fn publish(&mut self) {
        let worked = match std::mem::replace(&mut self.step, Step::Staging) {
            Step::Staging => None,
            Step::Worked(worked) => Some(worked),
            Step::Working => {
                self.step = Step::Working;
                return;
            }
        };
        let staged = std::mem::take(&mut self.staged);
        let mut view = self.shared.view_mut();
        view.map.extend(staged);
        let Some(worked) = worked else { return };
        // What readers lose sight of is freed after the lock is.
        let old_frozen = if worked.flushed {
            view.frozen.take()
        } else {
            None
        };
        let old_runs = worked
            .runs
            .map(|runs| std::mem::replace(&mut view.runs, runs.into()));
        let lag = worked.covered_until.since(self.covered_until);
        let lags = lag > LAG_RUNS * self.sizes.run_len as u64;
        if self.flush.is_none() && lags && view.map.is_empty() {
            drop(view);
            self.covered_until = worked.covered_until;
            self.manifest_stale = true;
        } else if self.flush.is_none() && (lags || view.map.len() >= self.sizes.run_len) {
            let frozen = Arc::new(std::mem::take(&mut view.map));
            view.frozen = Some(Arc::clone(&frozen));
            drop(view);
            let builder = self.begin_run(0);
            self.flush = Some(Flush {
                frozen,
                covered_until: worked.covered_until,
                last: None,
                builder,
            });
        } else {
            drop(view);
        }
        drop((old_frozen, old_runs));
        let retired = worked
            .retired
            .into_iter()
            .map(|run| Leftover::new(run.listed.run, Some(run)));
        self.leftovers.extend(retired);
    }

    /// Number of runs whose rows wait to be removed.
    #[cfg(test)]
    pub(super) fn leftovers(&self) -> usize {
        self.leftovers.len()
    }

    fn begin_run(&mut self, level: u8) -> Builder<K> {
        let run = self.next_run;
        self.next_run += 1;
        self.manifest_stale = true;
        Builder::new(self.rows.kind, self.sizes, run, level)
    }

    fn flush_slice(&mut self, incoming: u64, batch: &mut Batch, worked: &mut Worked<K>) {
        let Some(mut flush) = self.flush.take() else {
            return;
        };
        let slice = usize::try_from(incoming.saturating_mul(FLUSH_RATE))
            .unwrap_or(usize::MAX)
            .saturating_add(self.sizes.block_entries);
        // A long tail that was replayed is written in as many commits as a map of the usual length.
        let slice = slice.max(slice.saturating_mul(flush.frozen.len()) / self.sizes.run_len);
        let from = flush.last.map_or(Bound::Unbounded, Bound::Excluded);
        let mut entries = flush.frozen.range((from, Bound::Unbounded));
        let mut last = flush.last;
        for (key, index) in entries.by_ref().take(slice) {
            flush.builder.push((*key, *index), batch);
            last = Some(*key);
        }
        if entries.next().is_some() {
            flush.last = last;
            self.flush = Some(flush);
            return;
        }
        let run = Arc::new(flush.builder.finish(batch));
        self.covered_until = self.covered_until.max(flush.covered_until);
        self.listed(worked).insert(0, run);
        worked.flushed = true;
    }

    fn merge_slices(
        &mut self,
        incoming: u64,
        batch: &mut Batch,
        worked: &mut Worked<K>,
    ) -> Result<(), StoreError> {
        self.begin_merges();
        let slice = incoming.saturating_mul(MERGE_RATE_QUARTERS).div_ceil(4)
            + self.sizes.block_entries as u64;
        for mut merge in std::mem::take(&mut self.merges) {
            if !merge.step(&self.rows, slice, batch)? {
                self.merges.push(merge);
                continue;
            }
            let (level, inputs) = (merge.level, merge.inputs.clone());
            let run = Arc::new(merge.finish(batch));
            let runs = self.listed(worked);
            let (retired, mut kept): (Vec<_>, Vec<_>) = std::mem::take(runs)
                .into_iter()
                .partition(|run| inputs.contains(&run.listed.run));
            // The inputs were the oldest of their level: their successor is the newest of the next.
            let at = kept.partition_point(|run| run.listed.level <= level);
            kept.insert(at, run);
            *runs = kept;
            worked.retired.extend(retired);
        }
        Ok(())
    }

    /// Begins a merge at each level that has eight runs and none under way.
    fn begin_merges(&mut self) {
        let runs = Arc::clone(&self.shared.view().runs);
        for of_level in runs.chunk_by(|one, other| one.listed.level == other.listed.level) {
            let Some(oldest) = of_level.last_chunk::<FAN>() else {
                continue;
            };
            let [Run { listed, .. }, ..] = oldest.each_ref().map(AsRef::as_ref);
            let level = listed.level;
            if self.merges.iter().any(|merge| merge.level == level) {
                continue;
            }
            let builder = self.begin_run(level + 1);
            self.merges.push(Merge::new(oldest, level, builder));
        }
    }

    /// The list of runs this commit will publish, to be changed.
    fn listed<'a>(&self, worked: &'a mut Worked<K>) -> &'a mut Vec<Arc<Run<K>>> {
        worked
            .runs
            .get_or_insert_with(|| self.shared.view().runs.to_vec())
    }

    fn put_manifest(&self, runs: Option<&[Arc<Run<K>>]>, batch: &mut Batch) {
        let published = Arc::clone(&self.shared.view().runs);
        let runs = runs
            .unwrap_or(&published)
            .iter()
            .map(|run| run.listed)
            .collect();
        let manifest = Manifest {
            next_run: self.next_run,
            covered_until: self.covered_until,
            runs,
        };
        rows::put_manifest::<K>(self.rows.kind, &manifest, batch);
    }

    /// Removes at most `most` rows of runs that do not count.
    fn remove_slice(&mut self, mut most: usize, batch: &mut Batch) -> Result<(), StoreError> {
        while most > 0
            && let Some(leftover) = self.leftovers.front_mut()
        {
            // Unique means that no list has it any more, so no reader can come to read its rows,
            // nor is reading them.
            if leftover
                .readable
                .as_mut()
                .is_some_and(|run| Arc::get_mut(run).is_none())
            {
                return Ok(());
            }
            leftover.readable = None;
            let keys = self.rows.keys(leftover.part, leftover.run, most)?;
            let all = keys.len() < most;
            most -= keys.len();
            for key in keys {
                batch.remove(Table::Runs, key);
            }
            match leftover.part {
                _ if !all => {}
                Part::Block => leftover.part = Part::Group,
                Part::Group => drop(self.leftovers.pop_front()),
            }
        }
        Ok(())
    }
}

/// Runs that have rows but do not count, in ascending order. Costs two reads for each run that has
/// rows, whatever its length: those that count, and what was being written or removed when the
/// writer stopped.
fn orphans(rows: &Rows, manifest: &Manifest) -> Result<BTreeSet<u64>, StoreError> {
    let mut orphans = BTreeSet::new();
    for part in [Part::Block, Part::Group] {
        let mut from = 0;
        while let Some(run) = rows.next_run(part, from)? {
            if !manifest.runs.iter().any(|listed| listed.run == run) {
                orphans.insert(run);
            }
            from = run.saturating_add(1);
        }
    }
    Ok(orphans)
}

//! A derived index as sorted runs: random keys, written to the store in ascending order only.
//!
//! ```text
//! staged ──publish──► map ──full──► frozen ──work──► level 0 ──8 merge──► level 1 ──8 merge──► ...
//! the commit being    in memory     in memory,       in the store; fences and filters in memory
//! made                              being written
//! ```
//!
//! The work goes in slices into the batches of the regular commits, none larger than a fixed
//! multiple of its commit (docs/decisions/0002). What a crash leaves behind:
//! 1. Entries of the map and the frozen map are gone: the log has them, [`RunsWriter::open`] says
//!    from which record on.
//! 2. Rows of a run that was being flushed or merged are orphans: the manifest does not list them.
//!    They are found at the next opening and removed in slices; run numbers are never used twice,
//!    so nothing mistakes them for its own.
//! 3. A batch that ends a merge changes the manifest, so its inputs become orphans at the same
//!    instant its output counts. Their rows go in slices, once no reader is left that could still
//!    be reading them.
//!
//! Readers hold a [`Runs`]. They see what was published, which is durable, and hold its lock only
//! to look into memory: they wait for no commit, and no commit waits for them. An entry leaves
//! memory only when its run is durable.
//!
//! Not here: which keys a record has ([`crate::index::keys`]), and replaying the log
//! ([`crate::writer::recover`]).

mod filter;
mod merge;
mod rows;
mod run;
#[cfg(test)]
mod tests;
mod writer;

use akashi_proof::ids::LeafIndex;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(crate) use self::writer::RunsWriter;
use self::{rows::Rows, run::Run};
use crate::store::StoreError;

/// The derived indexes, with the first byte of their rows' keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Keys are digests of 32 bytes, mostly asked for when absent: filtered.
    Statements = 1,
    /// Keys are a person's tag of 16 bytes and a number, asked for in ranges: not filtered.
    Histories = 2,
}

impl Kind {
    const fn is_filtered(self) -> bool {
        matches!(self, Self::Statements)
    }
}

/// Key and log index of the record it leads to.
pub(crate) type Entry<const K: usize> = ([u8; K], LeafIndex);

/// Bytes of entries in a block. With the key of its row, the check and the store's own lengths it
/// fills one page of 4,096 bytes; a few bytes more and redb takes two.
const BLOCK_LEN: usize = 4_032;

/// Blocks in a group, which has one row for fences and filter. For statements, 64 blocks x 100
/// entries: 12.8 kB of filter and 2 kB of fences, just inside the four pages redb would take
/// anyway.
///
/// In memory a statement costs 2 bytes of filter and a hundredth of 32 bytes of fence, an entry of
/// a history 1/126 of 24 bytes: 25 MB at 10^7 records. While the largest runs merge, their
/// successor comes on top: twice that at most.
const GROUP_BLOCKS: usize = 64;

/// How large the parts of an index are. Only tests use others than [`Sizes::of_len`] gives.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// Entries of the map when it is frozen.
    run_len: usize,
    /// Entries in a block.
    block_entries: usize,
    /// Blocks in a group.
    group_blocks: usize,
}

impl Sizes {
    const fn of_len<const K: usize>(run_len: usize) -> Self {
        Self {
            run_len,
            block_entries: BLOCK_LEN / rows::entry_len::<K>(),
            group_blocks: GROUP_BLOCKS,
        }
    }
}

/// The index as readers see it. Cheap to clone; all clones see the same.
#[derive(Clone)]
pub(crate) struct Runs<const K: usize> {
    rows: Rows,
    view: Arc<RwLock<View<K>>>,
}

/// What is published.
struct View<const K: usize> {
    map: BTreeMap<[u8; K], LeafIndex>,
    frozen: Option<Arc<BTreeMap<[u8; K], LeafIndex>>>,
    /// In the order of the manifest. Whoever holds this list may read all its runs: their rows are
    /// removed only after the list is gone.
    runs: Arc<[Arc<Run<K>>]>,
}

impl<const K: usize> Runs<K> {
    /// The log index under a key; the one staged last if there were several.
    ///
    /// # Errors
    /// [`StoreError`] when a row could not be read or is damaged.
    pub(crate) fn find(&self, key: &[u8; K]) -> Result<Option<LeafIndex>, StoreError> {
        let runs = {
            let view = self.view();
            let frozen = || view.frozen.as_ref().and_then(|frozen| frozen.get(key));
            if let Some(index) = view.map.get(key).or_else(frozen) {
                return Ok(Some(*index));
            }
            Arc::clone(&view.runs)
        };
        for run in &*runs {
            if let Some(index) = run.find(&self.rows, key)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// At most `most` entries with `from <= key < until`, greatest key first.
    ///
    /// The keys between the two must have been staged in ascending order, as those of one person
    /// are. Then what is in a newer run is greater than what is in an older one, and the search
    /// ends with the newest runs that fill the page.
    ///
    /// # Errors
    /// [`StoreError`] when a row could not be read or is damaged.
    pub(crate) fn newest(
        &self,
        from: &[u8; K],
        until: &[u8; K],
        most: usize,
    ) -> Result<Vec<Entry<K>>, StoreError> {
        let mut found: Vec<Entry<K>> = Vec::new();
        if from >= until {
            return Ok(found);
        }
        // A key that was staged again is in two places: below the least found so far there is none
        // seen yet.
        let rest = |found: &[Entry<K>]| found.last().map_or(*until, |(key, _)| *key);
        let runs = {
            let view = self.view();
            for map in [Some(&view.map), view.frozen.as_deref()]
                .into_iter()
                .flatten()
            {
                let within = map
                    .range(*from..rest(&found))
                    .rev()
                    .take(most - found.len());
                found.extend(within.map(|(key, index)| (*key, *index)));
            }
            Arc::clone(&view.runs)
        };
        for run in &*runs {
            if found.len() >= most {
                break;
            }
            run.newest(&self.rows, from, &rest(&found), most, &mut found)?;
        }
        Ok(found)
    }

    // Nothing that holds the lock can panic half-way, so a poisoned one guards a whole view all the
    // same.

    fn view(&self) -> RwLockReadGuard<'_, View<K>> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn view_mut(&self) -> RwLockWriteGuard<'_, View<K>> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }
}

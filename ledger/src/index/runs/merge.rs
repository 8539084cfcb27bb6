//! Several runs of one level into one of the next, a slice at a time.

use std::sync::Arc;

use super::Entry;
use super::rows::Rows;
use super::run::{Builder, Run};
use crate::store::{Batch, StoreError};

/// Where the merge stands in one of its inputs.
struct Cursor<const K: usize> {
    run: Arc<Run<K>>,
    next_block: u32,
    /// The block at hand, and the entry in it that is next.
    entries: Vec<Entry<K>>,
    next: usize,
}

impl<const K: usize> Cursor<K> {
    /// Reads the next block if the one at hand is used up and the run has one more.
    fn fill(&mut self, rows: &Rows) -> Result<(), StoreError> {
        if self.next == self.entries.len() && self.next_block < self.run.listed.blocks {
            self.entries = rows.block(self.run.listed.run, self.next_block)?;
            self.next_block += 1;
            self.next = 0;
        }
        Ok(())
    }

    /// The entry it stands at; `None` at the end of the run.
    fn head(&self) -> Option<Entry<K>> {
        self.entries.get(self.next).copied()
    }
}

/// A merge under way. It lives in memory only: after a crash it starts anew, under a new run
/// number.
pub(super) struct Merge<const K: usize> {
    pub(super) level: u8,
    /// Numbers of the inputs.
    pub(super) inputs: Vec<u64>,
    /// Inputs that are not used up; newer entries first, so that the newest value of a key wins.
    cursors: Vec<Cursor<K>>,
    builder: Builder<K>,
}

impl<const K: usize> Merge<K> {
    /// `inputs` are in the order of the manifest, and durable.
    pub(super) fn new(inputs: &[Arc<Run<K>>], level: u8, builder: Builder<K>) -> Self {
        let cursor = |run: &Arc<Run<K>>| Cursor {
            run: Arc::clone(run),
            next_block: 0,
            entries: Vec::new(),
            next: 0,
        };
        let numbers = inputs.iter().map(|run| run.listed.run).collect();
        Self {
            level,
            inputs: numbers,
            cursors: inputs.iter().map(cursor).collect(),
            builder,
        }
    }

    /// Takes at most `entries` and one for each input more from the inputs; true when they are used
    /// up.
    pub(super) fn step(
        &mut self,
        rows: &Rows,
        entries: u64,
        batch: &mut Batch,
    ) -> Result<bool, StoreError> {
        let mut taken = 0;
        loop {
            for cursor in &mut self.cursors {
                cursor.fill(rows)?;
            }
            self.cursors.retain(|cursor| cursor.head().is_some());
            // `min_by_key` returns the first of equals: the newest.
            let heads = self.cursors.iter().filter_map(Cursor::head);
            let Some(least) = heads.min_by_key(|(key, _)| *key) else {
                return Ok(true);
            };
            if taken >= entries {
                return Ok(false);
            }
            self.builder.push(least, batch);
            for cursor in &mut self.cursors {
                if cursor.head().is_some_and(|(key, _)| key == least.0) {
                    cursor.next += 1;
                    taken += 1;
                }
            }
        }
    }

    /// The new run.
    pub(super) fn finish(self, batch: &mut Batch) -> Run<K> {
        self.builder.finish(batch)
    }
}

//! One run: what stays of it in memory, how it is searched, and how it is built block by block.

use super::filter::{Filter, Probe};
use super::rows::{self, GroupRow, Listed, Part, Rows};
use super::{Entry, Kind, Sizes};
use crate::store::{Batch, StoreError};
use akashi_proof::ids::LeafIndex;

/// A group in memory.
#[derive(Debug)]
struct Group<const K: usize> {
    /// Number of the group's first block in the run.
    first_block: u32,
    row: GroupRow<K>,
}

/// A finished run: its fences and filters. The entries are in the store.
#[derive(Debug)]
pub(super) struct Run<const K: usize> {
    pub(super) listed: Listed,
    /// First key of each group, side by side for the search.
    firsts: Vec<[u8; K]>,
    groups: Vec<Group<K>>,
}

impl<const K: usize> Run<K> {
    fn new(run: u64, level: u8) -> Self {
        let listed = Listed {
            run,
            level,
            blocks: 0,
            groups: 0,
        };
        Self {
            listed,
            firsts: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Reads the groups of a run that the manifest lists.
    pub(super) fn load(rows: &Rows, listed: Listed) -> Result<Self, StoreError> {
        let mut run = Self::new(listed.run, listed.level);
        for number in 0..listed.groups {
            run.add_group(rows.group(listed.run, number)?);
        }
        if run.listed != listed || !run.firsts.is_sorted() {
            return Err(rows::misfit(
                rows.kind,
                Part::Group,
                listed.run,
                listed.groups,
            ));
        }
        Ok(run)
    }

    fn add_group(&mut self, row: GroupRow<K>) {
        self.firsts.extend(row.fences.first());
        let first_block = self.listed.blocks;
        self.listed.blocks += rows::count_u32(row.fences.len());
        self.listed.groups += 1;
        self.groups.push(Group { first_block, row });
    }

    /// The value of a key: one filter and, if that says "perhaps", one block.
    pub(super) fn find(&self, rows: &Rows, key: &[u8; K]) -> Result<Option<LeafIndex>, StoreError> {
        let group = self.firsts.partition_point(|first| first <= key);
        let Some(group) = group.checked_sub(1).and_then(|at| self.groups.get(at)) else {
            return Ok(None);
        };
        if group
            .row
            .filter
            .as_ref()
            .is_some_and(|filter| !filter.may_hold(Probe::of(key)))
        {
            return Ok(None);
        }
        let Some(block) = group
            .row
            .fences
            .partition_point(|fence| fence <= key)
            .checked_sub(1)
        else {
            return Ok(None);
        };
        let entries = self.block(rows, group, block)?;
        let found = entries.binary_search_by(|(other, _)| other.cmp(key));
        Ok(found
            .ok()
            .and_then(|at| entries.get(at))
            .map(|(_, index)| *index))
    }

    /// Appends entries with `from <= key < until` to `found`, greatest key first, until it has
    /// `most` of them.
    pub(super) fn newest(
        &self,
        rows: &Rows,
        from: &[u8; K],
        until: &[u8; K],
        most: usize,
        found: &mut Vec<Entry<K>>,
    ) -> Result<(), StoreError> {
        let groups = self.firsts.partition_point(|first| first < until);
        for group in self.groups.iter().take(groups).rev() {
            let blocks = group.row.fences.partition_point(|fence| fence < until);
            for (block, fence) in group.row.fences.iter().enumerate().take(blocks).rev() {
                if found.len() >= most {
                    return Ok(());
                }
                let entries = self.block(rows, group, block)?;
                let within = entries
                    .iter()
                    .rev()
                    .skip_while(|(key, _)| key >= until)
                    .take_while(|(key, _)| key >= from);
                found.extend(within.take(most - found.len()));
                if fence <= from {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn block(
        &self,
        rows: &Rows,
        group: &Group<K>,
        block: usize,
    ) -> Result<Vec<Entry<K>>, StoreError> {
        let number = group.first_block + rows::count_u32(block);
        let entries = rows.block(self.listed.run, number)?;
        if entries.first().map(|(key, _)| key) != group.row.fences.get(block) {
            return Err(rows::misfit(
                rows.kind,
                Part::Block,
                self.listed.run,
                number,
            ));
        }
        Ok(entries)
    }
}

/// A run in the making. Its rows go into one batch after another; it counts once the manifest lists
/// it.
pub(super) struct Builder<const K: usize> {
    kind: Kind,
    sizes: Sizes,
    /// The groups so far.
    run: Run<K>,
    /// Bytes of the open block.
    block: Vec<u8>,
    /// Of the open group: first keys of its blocks and, if there is to be a filter, what that takes
    /// from each key.
    fences: Vec<[u8; K]>,
    probes: Vec<Probe>,
}

impl<const K: usize> Builder<K> {
    pub(super) fn new(kind: Kind, sizes: Sizes, run: u64, level: u8) -> Self {
        let run = Run::new(run, level);
        Self {
            kind,
            sizes,
            run,
            block: Vec::new(),
            fences: Vec::new(),
            probes: Vec::new(),
        }
    }

    /// Adds an entry; its key is greater than all before.
    pub(super) fn push(&mut self, (key, index): Entry<K>, batch: &mut Batch) {
        if self.block.is_empty() {
            self.fences.push(key);
        }
        self.block.extend_from_slice(&key);
        self.block.extend_from_slice(&index.to_be_bytes());
        if self.kind.is_filtered() {
            self.probes.push(Probe::of(&key));
        }
        if self.block.len() >= self.sizes.block_entries * rows::entry_len::<K>() {
            self.close_block(batch);
        }
    }

    /// Writes what is open and returns the run.
    pub(super) fn finish(mut self, batch: &mut Batch) -> Run<K> {
        if !self.block.is_empty() {
            self.close_block(batch);
        }
        if !self.fences.is_empty() {
            self.close_group(batch);
        }
        self.run
    }

    fn close_block(&mut self, batch: &mut Batch) {
        let number = self.run.listed.blocks + rows::count_u32(self.fences.len()) - 1;
        rows::put_block(self.kind, self.run.listed.run, number, &self.block, batch);
        self.block.clear();
        if self.fences.len() >= self.sizes.group_blocks {
            self.close_group(batch);
        }
    }

    fn close_group(&mut self, batch: &mut Batch) {
        let filter = self.kind.is_filtered().then(|| Filter::over(&self.probes));
        self.probes.clear();
        let row = GroupRow {
            fences: std::mem::take(&mut self.fences),
            filter,
        };
        rows::put_group(
            self.kind,
            self.run.listed.run,
            self.run.listed.groups,
            &row,
            batch,
        );
        self.run.add_group(row);
    }
}

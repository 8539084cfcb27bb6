//! The rows of a derived index, all in [`Table::Runs`], and nothing else that knows their bytes.
//!
//! ```text
//! key                                 value, followed in every row by check u64
//! kind u8 | 1 | run u64 | number u32  block:    entries in ascending order,
//!                                               each key [u8; K] | log index u64
//! kind u8 | 2 | run u64 | number u32  group:    blocks u16 | their first keys [u8; K] |
//!                                               filter, lines of 64 bytes
//! kind u8 | 3                         manifest: version u8 | K u8 | next run u64 |
//!                                               covered until u64 |
//!                                               for each run that counts, newest entries first:
//!                                               run u64 | level u8 | blocks u32 | groups u32
//! ```
//! All integers are big-endian. Blocks and groups of a run are numbered from 0 and written once, in
//! that order, so every run grows at its own right edge. The check covers key and value: a row that
//! is damaged, cut short or in the wrong place is an error, never an entry that is not there. It
//! finds accidents; nobody is kept from forging it.

use akashi_proof::ids::{LeafIndex, TreeSize};
use std::sync::Arc;

use super::filter::Filter;
use super::{Entry, Kind};
use crate::store::{Batch, RowName, Store, StoreError, Table};
use akashi_proof::framing::count_u16;

/// Version of the bytes above.
const VERSION: u8 = 1;

/// What a numbered row of a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Block = 1,
    Group = 2,
}

/// Second byte of the manifest's key, after those of [`Part`].
const MANIFEST: u8 = 3;

/// A run as the manifest lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) run: u64,
    pub(super) level: u8,
    pub(super) blocks: u32,
    pub(super) groups: u32,
}

/// The only judge of which runs count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// Greater than any run ever begun.
    pub(super) next_run: u64,
    /// The runs hold every entry of the records before this log index.
    pub(super) covered_until: TreeSize,
    /// Runs with newer entries first.
    pub(super) runs: Vec<Listed>,
}

/// A group as its row holds it: first keys of its blocks, and the filter over all keys in them.
#[derive(Debug)]
pub(super) struct GroupRow<const K: usize> {
    pub(super) fences: Vec<[u8; K]>,
    pub(super) filter: Option<Filter>,
}

/// The rows of one index.
#[derive(Clone)]
pub(super) struct Rows {
    pub(super) kind: Kind,
    pub(super) store: Arc<dyn Store>,
}

impl Rows {
    /// Entries of a block: one at least, in ascending order.
    pub(super) fn block<const K: usize>(
        &self,
        run: u64,
        number: u32,
    ) -> Result<Vec<Entry<K>>, StoreError> {
        let key = part_key(self.kind, Part::Block, run, number);
        let row = self
            .store
            .get(Table::Runs, &key)?
            .ok_or_else(|| missing(&key))?;
        let body = opened(&key, &row)?;
        let entries = body.chunks_exact(entry_len::<K>());
        if body.is_empty() || !entries.remainder().is_empty() {
            return Err(damaged(&key));
        }
        Ok(entries
            .map(|entry| {
                let (key, index) = entry.split_at(K);
                (bytes(key), LeafIndex::from_be_bytes(bytes(index)))
            })
            .collect())
    }

    /// A group of a run.
    pub(super) fn group<const K: usize>(
        &self,
        run: u64,
        number: u32,
    ) -> Result<GroupRow<K>, StoreError> {
        let key = part_key(self.kind, Part::Group, run, number);
        let row = self
            .store
            .get(Table::Runs, &key)?
            .ok_or_else(|| missing(&key))?;
        let parse = |mut body: &[u8]| {
            let blocks = usize::from(u16::from_be_bytes(take(&mut body)?));
            let (fences, filter) = body.split_at_checked(blocks * K)?;
            let filter = if self.kind.is_filtered() {
                Some(Filter::from_bytes(filter)?)
            } else {
                None
            };
            let whole = filter.is_some() || body.len() == blocks * K;
            let fences: Vec<[u8; K]> = fences.chunks_exact(K).map(bytes).collect();
            (whole && !fences.is_empty()).then_some(GroupRow { fences, filter })
        };
        parse(opened(&key, &row)?).ok_or_else(|| damaged(&key))
    }

    /// The manifest, or `None` before the first run was begun.
    pub(super) fn manifest<const K: usize>(&self) -> Result<Option<Manifest>, StoreError> {
        let key = manifest_key(self.kind);
        let Some(row) = self.store.get(Table::Runs, &key)? else {
            return Ok(None);
        };
        let parse = |mut body: &[u8]| {
            let [version, key_len] = take(&mut body)?;
            let next_run = u64::from_be_bytes(take(&mut body)?);
            let covered_until = TreeSize::from_be_bytes(take(&mut body)?);
            let mut runs = Vec::new();
            while !body.is_empty() {
                let run = u64::from_be_bytes(take(&mut body)?);
                let [level] = take(&mut body)?;
                let blocks = u32::from_be_bytes(take(&mut body)?);
                let groups = u32::from_be_bytes(take(&mut body)?);
                runs.push(Listed {
                    run,
                    level,
                    blocks,
                    groups,
                });
            }
            let fits = version == VERSION && usize::from(key_len) == K;
            fits.then_some(Manifest {
                next_run,
                covered_until,
                runs,
            })
        };
        parse(opened(&key, &row)?)
            .map(Some)
            .ok_or_else(|| damaged(&key))
    }

    /// Keys of at most `most` rows of a part of a run, the first that are left.
    pub(super) fn keys(
        &self,
        part: Part,
        run: u64,
        most: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let (start, end) = (
            part_key(self.kind, part, run, 0),
            part_end(self.kind, part, run),
        );
        let rows = self.store.scan(Table::Runs, &start..&end, most)?;
        Ok(rows.into_iter().map(|(key, _)| key).collect())
    }

    /// The first run, not before `from`, that has a row of this part, counted or not.
    pub(super) fn next_run(&self, part: Part, from: u64) -> Result<Option<u64>, StoreError> {
        let (start, end) = (
            part_key(self.kind, part, from, 0),
            [self.kind as u8, part as u8 + 1],
        );
        let rows = self.store.scan(Table::Runs, &start..&end, 1)?;
        let Some((key, _)) = rows.first() else {
            return Ok(None);
        };
        run_of(key).map(Some).ok_or_else(|| damaged(key))
    }
}

/// Length of an entry in a block.
pub(super) const fn entry_len<const K: usize>() -> usize {
    K + size_of::<u64>()
}

/// Puts a block; `entries` are its bytes.
pub(super) fn put_block(kind: Kind, run: u64, number: u32, entries: &[u8], batch: &mut Batch) {
    let key = part_key(kind, Part::Block, run, number);
    batch.put(Table::Runs, key, sealed(&key, entries.to_vec()));
}

/// Puts a group.
pub(super) fn put_group<const K: usize>(
    kind: Kind,
    run: u64,
    number: u32,
    group: &GroupRow<K>,
    batch: &mut Batch,
) {
    let key = part_key(kind, Part::Group, run, number);
    let mut body = count_u16(group.fences.len()).to_vec();
    body.extend_from_slice(group.fences.as_flattened());
    if let Some(filter) = &group.filter {
        filter.write_to(&mut body);
    }
    batch.put(Table::Runs, key, sealed(&key, body));
}

/// Puts the manifest.
pub(super) fn put_manifest<const K: usize>(kind: Kind, manifest: &Manifest, batch: &mut Batch) {
    let key = manifest_key(kind);
    let mut body = vec![VERSION, const { key_len(K) }];
    body.extend_from_slice(&manifest.next_run.to_be_bytes());
    body.extend_from_slice(&manifest.covered_until.to_be_bytes());
    for listed in &manifest.runs {
        body.extend_from_slice(&listed.run.to_be_bytes());
        body.push(listed.level);
        body.extend_from_slice(&listed.blocks.to_be_bytes());
        body.extend_from_slice(&listed.groups.to_be_bytes());
    }
    batch.put(Table::Runs, key, sealed(&key, body));
}

fn manifest_key(kind: Kind) -> [u8; 2] {
    [kind as u8, MANIFEST]
}

fn part_key(kind: Kind, part: Part, run: u64, number: u32) -> [u8; 14] {
    let mut key = [0; 14];
    key[0] = kind as u8;
    key[1] = part as u8;
    key[2..10].copy_from_slice(&run.to_be_bytes());
    key[10..].copy_from_slice(&number.to_be_bytes());
    key
}

/// Greater than every key of this part of the run, and than no other: one byte longer than the
/// last.
fn part_end(kind: Kind, part: Part, run: u64) -> [u8; 15] {
    let mut end = [0; 15];
    end[..14].copy_from_slice(&part_key(kind, part, run, u32::MAX));
    end
}

fn run_of(key: &[u8]) -> Option<u64> {
    let key: &[u8; 14] = key.try_into().ok()?;
    Some(u64::from_be_bytes(bytes(&key[2..10])))
}

fn sealed(key: &[u8], mut body: Vec<u8>) -> Vec<u8> {
    let check = check(key, &body);
    body.extend_from_slice(&check.to_be_bytes());
    body
}

fn opened<'a>(key: &[u8], row: &'a [u8]) -> Result<&'a [u8], StoreError> {
    let (body, stored) = row.split_last_chunk().ok_or_else(|| damaged(key))?;
    if check(key, body) == u64::from_be_bytes(*stored) {
        Ok(body)
    } else {
        Err(damaged(key))
    }
}

/// Each step maps the sum so far one-to-one and each word one-to-one: any change within one word is
/// found for certain, any other but for one in 2^64. Half a microsecond for a block.
fn check(key: &[u8], body: &[u8]) -> u64 {
    let step = |sum: u64, word: u64| {
        (sum ^ word)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
    };
    let fold = |sum: u64, bytes: &[u8]| {
        let (words, rest) = bytes.as_chunks::<8>();
        let sum = words
            .iter()
            .fold(sum, |sum, word| step(sum, u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        step(step(sum, u64::from_le_bytes(last)), bytes.len() as u64)
    };
    fold(fold(0, key), body)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// How many blocks: a run's manifest counts them in 32 bits, which is 10^12 entries and more.
pub(super) fn count_u32(blocks: usize) -> u32 {
    u32::try_from(blocks).unwrap_or(u32::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "checked here, when compiled"
)]
const fn key_len(len: usize) -> u8 {
    assert!(len <= u8::MAX as usize, "keys are at most 255 bytes long");
    len as u8
}

/// The array of a slice that has its length.
fn bytes<const N: usize>(slice: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(slice);
    array
}

/// A row that the manifest or a group promises is not there.
fn missing(key: &[u8]) -> StoreError {
    StoreError::Missing(RowName::new(Table::Runs, key))
}

/// A row does not hold what was written.
pub(super) fn damaged(key: &[u8]) -> StoreError {
    StoreError::Damaged(RowName::new(Table::Runs, key))
}

/// A block or group does not fit the rest of its run.
pub(super) fn misfit(kind: Kind, part: Part, run: u64, number: u32) -> StoreError {
    damaged(&part_key(kind, part, run, number))
}

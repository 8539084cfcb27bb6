//! The right edge of the tree, kept in memory by the writer: enough to append, and to prove what
//! was just appended.
//!
//! Full tiles go to the store as they complete. A tile above level 0 is also written while it
//! grows, each time a tile below it completes (32 bytes a record in all), so that opening a ledger
//! reads one row a level and the entries since the last full tile, whatever the size of the log.

use std::collections::VecDeque;

use akashi_tlog::merkle::frontier::Frontier;
use akashi_tlog::merkle::{Hash, HashReader, LeafIndex, TreeSize};

use crate::error::LedgerError;
use crate::store::{Batch, RowName, Store, StoreError, Table};

/// log2 of the number of hashes in a full tile.
pub const TILE_HEIGHT: u8 = 8;
/// Number of hashes in a full tile.
pub const TILE_WIDTH: u64 = 1 << TILE_HEIGHT;

/// Key of a tile row: level, number.
pub(crate) fn tile_key(level: u8, number: u64) -> [u8; 9] {
    let mut key = [0; 9];
    key[0] = level;
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

/// Complete subtrees of one height that a proof of a new record may need.
#[derive(Clone, Debug, Default)]
struct Row {
    first: u64,
    hashes: VecDeque<Hash>,
}

impl Row {
    fn get(&self, index: u64) -> Option<Hash> {
        let at = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.hashes.get(at).copied()
    }

    fn push(&mut self, index: u64, hash: Hash) {
        if self.hashes.is_empty() {
            self.first = index;
        }
        self.hashes.push_back(hash);
    }

    fn forget_before(&mut self, index: u64) {
        while self.first < index && self.hashes.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// The right edge of the tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    frontier: Frontier,
    rows: Vec<Row>,
}

impl Edge {
    /// Reads the edge of the tree of the first `size` entries; `leaf` gives the leaf hash of an
    /// entry.
    pub(crate) fn read(
        store: &dyn Store,
        size: TreeSize,
        leaf: impl Fn(LeafIndex) -> Result<Hash, LedgerError>,
    ) -> Result<Self, LedgerError> {
        let mut edge = Self::default();
        let full_tiles = size.value() >> TILE_HEIGHT;
        // The tree over the roots of all full tiles is read from the tiles above; then the last
        // entries are appended.
        edge.frontier = Frontier::read(
            &StoredTiles { store },
            TreeSize::new(full_tiles << TILE_HEIGHT),
        )?;
        let mut count = full_tiles;
        let mut level = 1;
        while count > 0 {
            let in_tile = count % TILE_WIDTH;
            let first = count - in_tile;
            for (offset, hash) in read_tile(store, level, first / TILE_WIDTH, in_tile)?
                .into_iter()
                .enumerate()
            {
                edge.insert_subtree(level * TILE_HEIGHT, first + offset as u64, hash);
            }
            count >>= TILE_HEIGHT;
            level += 1;
        }
        for index in full_tiles << TILE_HEIGHT..size.value() {
            edge.push(leaf(LeafIndex::new(index))?);
        }
        Ok(edge)
    }

    /// Puts a complete subtree into its row and joins it with its left neighbours up to the next
    /// tile.
    fn insert_subtree(&mut self, height: u8, index: u64, hash: Hash) {
        let (mut height, mut index, mut hash) = (height, index, hash);
        loop {
            self.row(height).push(index, hash);
            let left = index
                .checked_sub(1)
                .filter(|_| index % 2 == 1)
                .and_then(|left| self.row(height).get(left));
            match left {
                Some(left) if !(height + 1).is_multiple_of(TILE_HEIGHT) => {
                    hash = Hash::node(&left, &hash);
                    height += 1;
                    index /= 2;
                }
                _ => return,
            }
        }
    }

    fn row(&mut self, height: u8) -> &mut Row {
        row_at(&mut self.rows, height)
    }

    /// Number of entries.
    pub(crate) const fn size(&self) -> TreeSize {
        self.frontier.size()
    }

    /// Root over all entries.
    pub(crate) fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends a leaf.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let rows = &mut self.rows;
        self.frontier.push_with(leaf, |height, index, hash| {
            row_at(rows, height).push(index, hash);
        });
    }

    /// Puts the tiles that have completed since `before` into the batch.
    pub(crate) fn store_tiles(&self, before: TreeSize, batch: &mut Batch) {
        let (mut old, mut new) = (before.value(), self.size().value());
        let mut level = 0;
        while new > 0 {
            let (first, last) = (old >> TILE_HEIGHT, new >> TILE_HEIGHT);
            for number in first..last {
                self.store_tile(level, number, TILE_WIDTH, batch);
            }
            let width = new % TILE_WIDTH;
            if level > 0 && old != new && width > 0 {
                self.store_tile(level, last, width, batch);
            }
            (old, new) = (first, last);
            level += 1;
        }
    }

    fn store_tile(&self, level: u8, number: u64, width: u64, batch: &mut Batch) {
        let row = self.rows.get(usize::from(level * TILE_HEIGHT));
        let hashes = (number * TILE_WIDTH..number * TILE_WIDTH + width)
            .filter_map(|index| row.and_then(|row| row.get(index)));
        let bytes: Vec<u8> = hashes.flat_map(|hash| *hash.as_bytes()).collect();
        batch.put(Table::Tiles, tile_key(level, number), bytes);
    }

    /// Forgets what proofs of records after the present size do not need.
    pub(crate) fn forget(&mut self) {
        let size = self.size().value();
        for (height, row) in (0..=u8::MAX).zip(&mut self.rows) {
            let (level, within) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
            let tile = size
                .checked_shr(u32::from((level + 1) * TILE_HEIGHT))
                .unwrap_or(0);
            row.forget_before(tile << (TILE_HEIGHT - within));
        }
    }

    /// Reads hashes at the edge from memory, all others from full tiles of the store.
    pub(crate) const fn reader<'a>(&'a self, store: &'a dyn Store) -> EdgeReader<'a> {
        EdgeReader {
            edge: self,
            tiles: StoredTiles { store },
        }
    }
}

/// [`HashReader`] of the writer.
pub(crate) struct EdgeReader<'a> {
    edge: &'a Edge,
    tiles: StoredTiles<'a>,
}

impl HashReader for EdgeReader<'_> {
    type Error = StoreError;

    fn subtree(&self, height: u8, index: u64) -> Result<Hash, StoreError> {
        match self
            .edge
            .rows
            .get(usize::from(height))
            .and_then(|row| row.get(index))
        {
            Some(hash) => Ok(hash),
            None => self.tiles.subtree(height, index),
        }
    }
}

/// [`HashReader`] over the tiles of the store: for subtrees inside full tiles, and any at or above
/// level 1.
pub(crate) struct StoredTiles<'a> {
    pub(crate) store: &'a dyn Store,
}

impl HashReader for StoredTiles<'_> {
    type Error = StoreError;

    fn subtree(&self, height: u8, index: u64) -> Result<Hash, StoreError> {
        let (level, within) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
        let first = index << within;
        let offset = first % TILE_WIDTH;
        let hashes = read_tile(
            self.store,
            level,
            first / TILE_WIDTH,
            offset + (1 << within),
        )?;
        let hashes = hashes.split_at(hashes.len() - (1 << within)).1;
        Ok(complete_root(hashes))
    }
}

/// The row of this height, there from now on.
#[expect(
    clippy::indexing_slicing,
    reason = "the line before makes the row where it is not there"
)]
fn row_at(rows: &mut Vec<Row>, height: u8) -> &mut Row {
    let height = usize::from(height);
    if rows.len() <= height {
        rows.resize_with(height + 1, Row::default);
    }
    &mut rows[height]
}

/// The root over a power of two of hashes.
pub(crate) fn complete_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [one] => *one,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            Hash::node(&complete_root(left), &complete_root(right))
        }
    }
}

/// The first `width` hashes of a stored tile.
pub(crate) fn read_tile(
    store: &dyn Store,
    level: u8,
    number: u64,
    width: u64,
) -> Result<Vec<Hash>, StoreError> {
    if width == 0 {
        return Ok(Vec::new());
    }
    let key = tile_key(level, number);
    let row = || RowName::new(Table::Tiles, &key);
    let bytes = store
        .get(Table::Tiles, &key)?
        .ok_or_else(|| StoreError::Missing(row()))?;
    let hashes: Vec<Hash> = bytes
        .as_chunks::<32>()
        .0
        .iter()
        .zip(0..width)
        .map(|(hash, _)| Hash::from_bytes(*hash))
        .collect();
    if hashes.len() as u64 == width {
        Ok(hashes)
    } else {
        Err(StoreError::Damaged(row()))
    }
}

//! The public log: tiles and entry bundles of the published tree, and hashes for proofs.

use akashi_proof::entry::ENTRY_LEN;
use akashi_proof::ids::LeafIndex;
use akashi_tlog::merkle::{Hash, HashReader};
use akashi_tlog::tile::{Tile, TileKind, encode_hashes, entry_bundle};

use super::Reader;
use crate::error::LedgerError;
use crate::keys::seal;
use crate::store::Table;
use crate::tree::edge::{StoredTiles, TILE_HEIGHT, TILE_WIDTH, complete_root, read_tile};

impl Reader {
    /// The bytes of a public tile or entry bundle; `None` if it does not lie within the published
    /// tree.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, LedgerError> {
        let size = self.published().head.size;
        let width = tile.width().value();
        let within = Tile::in_tree(tile.kind(), tile.index(), size)
            .is_some_and(|known| width <= known.width().value());
        if !within {
            return Ok(None);
        }
        let first = LeafIndex::new(tile.index() * TILE_WIDTH);
        let bytes = match tile.kind() {
            TileKind::Entries => {
                let entries = self.entries(first, usize::from(width))?;
                entry_bundle::encode(&entries)
                    .map_err(|error| LedgerError::corrupt(first, error))?
            }
            TileKind::Hashes(level) if level.value() == 0 => {
                let entries = self.entries(first, usize::from(width))?;
                encode_hashes(
                    &entries
                        .iter()
                        .map(|entry| Hash::leaf(entry))
                        .collect::<Vec<_>>(),
                )
            }
            TileKind::Hashes(level) => encode_hashes(&read_tile(
                self.store.as_ref(),
                level.value(),
                tile.index(),
                u64::from(width),
            )?),
        };
        Ok(Some(bytes))
    }

    fn entries(&self, first: LeafIndex, count: usize) -> Result<Vec<[u8; ENTRY_LEN]>, LedgerError> {
        let until = first.plus(count as u64);
        let rows = self.store.scan(
            Table::Records,
            &first.to_be_bytes()..&until.to_be_bytes(),
            count,
        )?;
        if rows.len() != count {
            return Err(LedgerError::no_such(first.plus(rows.len() as u64)));
        }
        first
            .upward()
            .zip(rows)
            .map(|(index, (_, row))| Ok(seal::entry_of(index, &row)?.to_bytes()))
            .collect()
    }

    fn is_full_tile(&self, number: u64) -> bool {
        number < self.head().head.size.value() >> TILE_HEIGHT
    }
}

impl HashReader for Reader {
    type Error = LedgerError;

    fn subtree(&self, height: u8, index: u64) -> Result<Hash, LedgerError> {
        let first = index << (height % TILE_HEIGHT);
        if height >= TILE_HEIGHT || self.is_full_tile(first / TILE_WIDTH) {
            return Ok(StoredTiles {
                store: self.store.as_ref(),
            }
            .subtree(height, index)?);
        }
        // The last tile of leaf hashes is not stored before it is full: it follows from the
        // records.
        let leaves = self.entries(LeafIndex::new(index << height), 1 << height)?;
        let leaves: Vec<Hash> = leaves.iter().map(|entry| Hash::leaf(entry)).collect();
        Ok(complete_root(&leaves))
    }
}

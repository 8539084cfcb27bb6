//! The tiles of hashes: each compared with what the entries hash to, and above them the root.

use akashi_tlog::merkle::{self, Hash, HashReader, TreeSize};
use akashi_tlog::tile::{FULL_WIDTH, Tile, TileKind, TileLevel, hash_tiles};
use thiserror::Error;

use super::Check;
use super::entries::{Scan, fetch_bundle};
use super::problem::{Place, Problem};

/// Bytes of one hash.
pub(super) const HASH_LEN: usize = 32;
/// Longest tile of hashes.
pub(super) const TILE_LEN_MAX: usize = FULL_WIDTH as usize * HASH_LEN;

/// The root over 256 hashes, which are used up; `None` for any other number.
pub(super) fn full_root(hashes: &mut Vec<Hash>) -> Option<Hash> {
    if hashes.len() != usize::from(FULL_WIDTH) {
        return None;
    }
    pairwise_root(hashes)
}

/// The root over a power of two of hashes, which are used up.
pub(super) fn pairwise_root(hashes: &mut Vec<Hash>) -> Option<Hash> {
    while hashes.len() > 1 {
        let (pairs, _) = hashes.as_chunks::<2>();
        *hashes = pairs
            .iter()
            .map(|[left, right]| Hash::node(left, right))
            .collect();
    }
    hashes.pop()
}

/// Fetches a tile and compares it with the hashes that should stand in it, where they are known.
pub(super) fn compare(
    check: &Check<'_>,
    tile: Tile,
    expected: Option<&[Hash]>,
    bytes: &mut Vec<u8>,
) {
    let Some(width) = check.fetch_tile(tile, TILE_LEN_MAX, bytes) else {
        return;
    };
    let served = Tile::new(tile.kind(), tile.index(), width);
    let expected_len = usize::from(width.value()) * HASH_LEN;
    if bytes.len() != expected_len {
        let problem = Problem::TileLength {
            expected: expected_len,
            found: bytes.len(),
        };
        check.findings.add(Place::Tile(served), problem);
        return;
    }
    // A full tile in place of a partial one holds more than this tree has; nothing can be said of
    // that part yet.
    let pairs = bytes
        .as_chunks::<HASH_LEN>()
        .0
        .iter()
        .zip(expected.unwrap_or_default())
        .enumerate();
    let mut wrong = pairs.filter(|(_, (found, expected))| *found != expected.as_bytes());
    if let (Some((place, (found, expected))), TileKind::Hashes(level)) = (wrong.next(), tile.kind())
    {
        let covers = 1_u64
            .checked_shl(8 * u32::from(level.value()))
            .unwrap_or(u64::MAX);
        let first = (tile.index() * u64::from(FULL_WIDTH) + place as u64).saturating_mul(covers);
        let (expected, found) = (*expected, Hash::from_bytes(*found));
        let more = wrong.count();
        let problem = Problem::TileHash {
            place,
            first,
            last: first + (covers - 1),
            expected,
            found,
            more,
        };
        check.findings.add(Place::Tile(served), problem);
    }
}

/// Compares all tiles above level 0 and returns the root of the entries; `None` where entries are
/// missing.
pub(super) fn compare_upper(check: &Check<'_>, size: TreeSize, scan: &Scan) -> Option<Hash> {
    let levels = Levels::new(size, &scan.bundle_roots, scan.last_leaves.as_deref());
    let mut bytes = Vec::new();
    for tile in hash_tiles(size) {
        let TileKind::Hashes(level) = tile.kind() else {
            continue;
        };
        if level == TileLevel::LEAVES {
            continue;
        }
        if check.findings.stopped() {
            return None;
        }
        let first = tile.index() * u64::from(FULL_WIDTH);
        let expected = levels.hashes(level.value(), first, u64::from(tile.width().value()));
        compare(check, tile, expected.as_deref(), &mut bytes);
    }
    merkle::root(&levels, size).ok()
}

/// The root over the first entries, up to a size within the log; `None` where they cannot be read
/// again. Reads one bundle again at most.
pub(super) fn root_of_first(
    check: &Check<'_>,
    size: TreeSize,
    scan: &Scan,
    first: TreeSize,
) -> Option<Hash> {
    let last = first.value() / u64::from(FULL_WIDTH);
    let width = usize::try_from(first.value() % u64::from(FULL_WIDTH)).ok()?;
    let mut leaves = match scan.bundle_roots.get(usize::try_from(last).ok()?) {
        Some(root) if width > 0 => leaves_again(
            check,
            Tile::in_tree(TileKind::Entries, last, size)?,
            (*root)?,
        )?,
        _ => scan.last_leaves.clone()?,
    };
    leaves.truncate(width);
    merkle::root(
        &Levels::new(first, &scan.bundle_roots, Some(&leaves)),
        first,
    )
    .ok()
}

/// The leaf hashes of a full bundle whose root is known.
fn leaves_again(check: &Check<'_>, bundle: Tile, root: Hash) -> Option<Vec<Hash>> {
    let mut bytes = Vec::new();
    let leaves: Vec<Hash> = fetch_bundle(check, bundle, &mut bytes)?
        .into_iter()
        .map(Hash::leaf)
        .collect();
    if full_root(&mut leaves.clone()) != Some(root) {
        check
            .findings
            .add(Place::Tile(bundle), Problem::ChangedMeanwhile);
        return None;
    }
    Some(leaves)
}

/// The hashes of every level that is published, as re-derived from the entries.
struct Levels<'a> {
    size: TreeSize,
    last_leaves: Option<&'a [Hash]>,
    /// Levels 1, 2 ...; `None` where entries are missing.
    upper: Vec<Vec<Option<Hash>>>,
}

#[derive(Debug, Error)]
#[error("the hash is not known")]
struct Unknown;

impl<'a> Levels<'a> {
    fn new(size: TreeSize, bundle_roots: &[Option<Hash>], last_leaves: Option<&'a [Hash]>) -> Self {
        let mut upper = vec![bundle_roots.to_vec()];
        while let Some(below) = upper
            .last()
            .filter(|below| below.len() >= usize::from(FULL_WIDTH))
        {
            let rows = below.as_chunks::<{ FULL_WIDTH as usize }>().0;
            let root = |row: &[Option<Hash>; FULL_WIDTH as usize]| {
                full_root(&mut row.iter().copied().collect::<Option<Vec<Hash>>>()?)
            };
            upper.push(rows.iter().map(root).collect());
        }
        Self {
            size,
            last_leaves,
            upper,
        }
    }

    /// So many hashes of a level, if all are known. Of level 0 only the partial bundle at the end
    /// is.
    fn hashes(&self, level: u8, first: u64, count: u64) -> Option<Vec<Hash>> {
        let count = usize::try_from(count).ok()?;
        let Some(level) = level.checked_sub(1) else {
            let before = self.size.value() / u64::from(FULL_WIDTH) * u64::from(FULL_WIDTH);
            let first = usize::try_from(first.checked_sub(before)?).ok()?;
            return Some(
                self.last_leaves?
                    .get(first..first.checked_add(count)?)?
                    .to_vec(),
            );
        };
        let first = usize::try_from(first).ok()?;
        self.upper
            .get(usize::from(level))?
            .get(first..first.checked_add(count)?)?
            .iter()
            .copied()
            .collect()
    }
}

impl HashReader for Levels<'_> {
    type Error = Unknown;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Unknown> {
        let count = 1_u64 << (level % 8);
        let first = index.checked_mul(count).ok_or(Unknown)?;
        pairwise_root(&mut self.hashes(level / 8, first, count).ok_or(Unknown)?).ok_or(Unknown)
    }
}

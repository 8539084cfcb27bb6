//! Tiles: the public, cacheable cut of the tree into files of 256 hashes. C2SP tlog-tiles v0.1.0,
//! <https://c2sp.org/tlog-tiles>.
//!
//! ```text
//! tile/<L>/<N>[.p/<W>]         hashes; hash i of tile (l, n) covers entries
//!                              [(256n+i) * 256^l, (256n+i+1) * 256^l)
//! tile/entries/<N>[.p/<W>]     the entries behind tile (0, n), see [`entry_bundle`]
//! ```
//!
//! Coordinates and bytes only: paths written and read in one spelling, which tiles a tree of some
//! size has, and where in a tile a subtree's hash is found. Fetching, storing and deciding what to
//! serve is done elsewhere.

pub mod entry_bundle;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use thiserror::Error;

use crate::decimal::{self, DecimalError};
use crate::merkle::hash::HASH_LEN;
use crate::merkle::{Hash, HashError, LeafIndex, TreeSize};

/// Hashes in a full tile, entries in a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// Levels of the tree between the hashes of one tile level and the next: 2^8 = 256.
const LEVELS_PER_TILE: u8 = 8;
/// Highest tile level a path may name.
const MAX_LEVEL: u8 = 63;
/// Digits of `u64::MAX` in groups of three.
const MAX_GROUPS: usize = 7;
/// `tile/entries/`, six groups `x000/`, one group `000`, `.p/255`.
const MAX_PATH_LEN: usize = 13 + (MAX_GROUPS - 1) * 5 + 3 + 6;

/// A tile level, 0 to 63: how many times 256 hashes have become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileLevel(u8);

/// How many hashes or entries a tile holds, 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileWidth(u16);

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of a level.
    Hashes(TileLevel),
    /// Entries.
    Entries,
}

/// One tile, full or partial. `Display` and `FromStr` use the path below the log's prefix:
/// `tile/0/x001/x234/067.p/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: TileWidth,
}

/// Where the root of a complete subtree is found: in which tile, and from which of its hashes it is
/// computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubtreeLocation {
    tile: Tile,
    hashes: Range<usize>,
}

/// Why a text is not the path of a tile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// Longer than any path.
    #[error("a tile's path has at most {MAX_PATH_LEN} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// It is not `tile/` + level + `/` + index.
    #[error("a tile's path is `tile/`, a level or `entries`, `/` and an index")]
    Shape,
    /// The level.
    #[error("the tile level is invalid: {0}")]
    Level(DecimalError),
    /// The index.
    #[error("group {number} of the tile index must be {expected}")]
    IndexGroup {
        /// Which group of digits, from 1.
        number: usize,
        /// How it is written.
        expected: &'static str,
    },
    /// A first group `x000`, which could be left out.
    #[error("the tile index must not begin with `x000`")]
    LeadingZeroGroup,
    /// Beyond 64 bits.
    #[error("the tile index has more than 64 bits")]
    IndexTooLarge,
    /// The width.
    #[error("the tile width is invalid: {0}")]
    Width(DecimalError),
    /// Width 0: empty tiles do not exist.
    #[error("a partial tile has a width of 1 to 255, found 0")]
    WidthZero,
}

/// Why bytes are not the hashes of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TileHashesError {
    /// Not 32 bytes for each hash.
    #[error("a tile of width {width} has {expected} bytes, found {found}")]
    Length {
        /// The tile's width.
        width: TileWidth,
        /// Bytes of so many hashes.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// Never when the length is right.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// The tile does not hold the hashes a subtree is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("hashes up to number {expected} of the tile are needed, found {found}")]
pub struct TileTooNarrow {
    /// Hashes needed from the tile's beginning.
    pub expected: usize,
    /// Hashes given.
    pub found: usize,
}

impl TileLevel {
    /// The level of leaf hashes.
    pub const LEAVES: Self = Self(0);

    /// A level; `None` beyond 63.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level <= MAX_LEVEL {
            Some(Self(level))
        } else {
            None
        }
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }

    /// How many hashes this level has in a tree of `size` entries: `floor(size / 256^level)`.
    const fn hash_count(self, size: TreeSize) -> u64 {
        match size
            .value()
            .checked_shr(self.0 as u32 * LEVELS_PER_TILE as u32)
        {
            Some(count) => count,
            None => 0,
        }
    }
}

impl TileWidth {
    /// A full tile.
    pub const FULL: Self = Self(FULL_WIDTH);

    /// A width; `None` for 0 and beyond 256.
    #[must_use]
    pub const fn new(width: u16) -> Option<Self> {
        if width >= 1 && width <= FULL_WIDTH {
            Some(Self(width))
        } else {
            None
        }
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0
    }

    /// Whether the tile is full and so never changes.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.0 == FULL_WIDTH
    }
}

impl TileKind {
    const fn level(self) -> TileLevel {
        match self {
            Self::Hashes(level) => level,
            Self::Entries => TileLevel::LEAVES,
        }
    }
}

impl Tile {
    /// A tile of this width.
    #[must_use]
    pub const fn new(kind: TileKind, index: u64, width: TileWidth) -> Self {
        Self { kind, index, width }
    }

    /// The tile as wide as it is in a tree of `size` entries; `None` if that tree has no such tile.
    #[must_use]
    pub fn in_tree(kind: TileKind, index: u64, size: TreeSize) -> Option<Self> {
        let before = index.checked_mul(u64::from(FULL_WIDTH))?;
        let hashes = kind
            .level()
            .hash_count(size)
            .checked_sub(before)?
            .min(u64::from(FULL_WIDTH));
        let width = TileWidth::new(u16::try_from(hashes).ok()?)?;
        Some(Self { kind, index, width })
    }

    /// The full tile at the same place: what to ask for when a partial one is gone.
    #[must_use]
    pub const fn full(self) -> Self {
        Self {
            width: TileWidth::FULL,
            ..self
        }
    }

    /// What it holds.
    #[must_use]
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its index within its level.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds.
    #[must_use]
    pub const fn width(&self) -> TileWidth {
        self.width
    }

    /// Reads a path below the log's prefix. It is written back by `Display` byte for byte.
    ///
    /// # Errors
    /// [`PathError`] with the first thing that is wrong.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        if path.len() > MAX_PATH_LEN {
            return Err(PathError::Length { found: path.len() });
        }
        let (kind, rest) = path
            .strip_prefix("tile/")
            .and_then(|rest| rest.split_once('/'))
            .ok_or(PathError::Shape)?;
        let kind = if kind == "entries" {
            TileKind::Entries
        } else {
            let level = decimal::parse(kind, u64::from(MAX_LEVEL)).map_err(PathError::Level)?;
            TileKind::Hashes(TileLevel(u8::try_from(level).unwrap_or(MAX_LEVEL)))
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, parse_partial_width(width)?),
            None => (rest, TileWidth::FULL),
        };
        Ok(Self {
            kind,
            index: parse_index(index)?,
            width,
        })
    }
}

/// All tiles of hashes that a tree of `size` entries has, level by level, the partial one last.
pub fn hash_tiles(size: TreeSize) -> impl Iterator<Item = Tile> {
    hash_tiles_after(TreeSize::EMPTY, size)
}

/// The tiles of hashes that a tree of `size` entries has and the one of `published` entries had
/// not, or not as wide: what must be written before a checkpoint of `size` is published.
pub fn hash_tiles_after(published: TreeSize, size: TreeSize) -> impl Iterator<Item = Tile> {
    // Levels above 7 hold nothing: 256^8 is beyond 64 bits.
    (0..LEVELS_PER_TILE)
        .flat_map(move |level| tiles_after(TileKind::Hashes(TileLevel(level)), published, size))
}

/// All entry bundles that a tree of `size` entries has, the partial one last.
pub fn entry_bundles(size: TreeSize) -> impl Iterator<Item = Tile> {
    tiles_after(TileKind::Entries, TreeSize::EMPTY, size)
}

/// The entry bundles that a tree of `size` entries has and the one of `published` entries had not,
/// or not as wide.
pub fn entry_bundles_after(published: TreeSize, size: TreeSize) -> impl Iterator<Item = Tile> {
    tiles_after(TileKind::Entries, published, size)
}

fn tiles_after(kind: TileKind, published: TreeSize, size: TreeSize) -> impl Iterator<Item = Tile> {
    let (old, new) = (
        kind.level().hash_count(published),
        kind.level().hash_count(size),
    );
    let first = old / u64::from(FULL_WIDTH);
    let end = if new > old {
        new.div_ceil(u64::from(FULL_WIDTH))
    } else {
        first
    };
    (first..end).filter_map(move |index| Tile::in_tree(kind, index, size))
}

/// The bundle that holds an entry in a tree of `size` entries, and the entry's place in it; `None`
/// outside the tree.
#[must_use]
pub fn locate_entry(index: LeafIndex, size: TreeSize) -> Option<(Tile, usize)> {
    let full_width = u64::from(FULL_WIDTH);
    let place = usize::try_from(index.value() % full_width).ok()?;
    let tile = Tile::in_tree(TileKind::Entries, index.value() / full_width, size)?;
    (place < usize::from(tile.width.0)).then_some((tile, place))
}

impl SubtreeLocation {
    /// Finds the complete subtree over the `2^level` entries from `index * 2^level`, as
    /// [`crate::merkle::HashReader`] asks for it, among the tiles of a tree of `size` entries;
    /// `None` if the subtree is not wholly inside that tree.
    #[must_use]
    pub fn find(level: u8, index: u64, size: TreeSize) -> Option<Self> {
        let end = u128::from(index)
            .checked_add(1)?
            .checked_mul(1_u128.checked_shl(u32::from(level))?)?;
        if end > u128::from(size.value()) {
            return None;
        }
        // A tile stores every eighth level; the ones between are hashed from 2, 4 ... 128
        // neighbours in one tile.
        let tile_level = level / LEVELS_PER_TILE;
        let count = 1_u64 << (level % LEVELS_PER_TILE);
        let first = index.checked_mul(count)?;
        let full_width = u64::from(FULL_WIDTH);
        let tile = Tile::in_tree(
            TileKind::Hashes(TileLevel(tile_level)),
            first / full_width,
            size,
        )?;
        let offset = usize::try_from(first % full_width).ok()?;
        Some(Self {
            tile,
            hashes: offset..offset + usize::try_from(count).ok()?,
        })
    }

    /// The tile, as wide as it is in that tree.
    #[must_use]
    pub const fn tile(&self) -> Tile {
        self.tile
    }

    /// Which of the tile's hashes the subtree consists of: a power of two of them.
    #[must_use]
    pub fn hashes(&self) -> Range<usize> {
        self.hashes.clone()
    }

    /// The subtree's root, from the hashes of the tile or of the full tile in its place.
    ///
    /// # Errors
    /// [`TileTooNarrow`] when the tile ends before the subtree does.
    pub fn root(&self, tile_hashes: &[Hash]) -> Result<Hash, TileTooNarrow> {
        let too_narrow = TileTooNarrow {
            expected: self.hashes.end,
            found: tile_hashes.len(),
        };
        let mut row = tile_hashes.get(self.hashes()).ok_or(too_narrow)?.to_vec();
        while row.len() > 1 {
            row = row
                .as_chunks()
                .0
                .iter()
                .map(|[left, right]| Hash::node(left, right))
                .collect();
        }
        row.first().copied().ok_or(too_narrow)
    }
}

/// The bytes of a tile of hashes.
#[must_use]
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(Hash::as_bytes).copied().collect()
}

/// Reads the bytes of a tile of hashes.
///
/// # Errors
/// [`TileHashesError::Length`] unless there are exactly `width` hashes.
pub fn decode_hashes(bytes: &[u8], width: TileWidth) -> Result<Vec<Hash>, TileHashesError> {
    let expected = usize::from(width.0) * HASH_LEN;
    if bytes.len() != expected {
        return Err(TileHashesError::Length {
            width,
            expected,
            found: bytes.len(),
        });
    }
    Ok(bytes
        .chunks(HASH_LEN)
        .map(Hash::try_from)
        .collect::<Result<_, _>>()?)
}

/// `x001/x234/067`: groups of three digits, all but the last with an `x` before them.
fn parse_index(text: &str) -> Result<u64, PathError> {
    let mut index: u64 = 0;
    let mut groups = (1..).zip(text.split('/')).peekable();
    while let Some((number, group)) = groups.next() {
        let is_last = groups.peek().is_none();
        let (digits, expected) = if is_last {
            (Some(group), "three digits")
        } else {
            (group.strip_prefix('x'), "`x` and three digits")
        };
        let digits = digits
            .filter(|digits| digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or(PathError::IndexGroup { number, expected })?;
        if number == 1 && !is_last && digits == "000" {
            return Err(PathError::LeadingZeroGroup);
        }
        let value = digits
            .bytes()
            .fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        index = index
            .checked_mul(1000)
            .and_then(|index| index.checked_add(value))
            .ok_or(PathError::IndexTooLarge)?;
    }
    Ok(index)
}

fn parse_partial_width(text: &str) -> Result<TileWidth, PathError> {
    let width = decimal::parse(text, u64::from(FULL_WIDTH) - 1).map_err(PathError::Width)?;
    u16::try_from(width)
        .ok()
        .and_then(TileWidth::new)
        .ok_or(PathError::WidthZero)
}

impl fmt::Display for TileWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{}/", level.0)?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut above = self.index / 1000;
        while above > 0 {
            groups.push(above % 1000);
            above /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if !self.width.is_full() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for Tile {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        Self::parse(path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::HashReader;
    use crate::merkle::test_tree::TestTree;

    fn hashes(level: u8) -> TileKind {
        TileKind::Hashes(TileLevel::new(level).unwrap())
    }

    fn widths(size: u64) -> Vec<(u8, usize, Option<u16>)> {
        (0..8)
            .map(|level| {
                let tiles: Vec<_> = hash_tiles(TreeSize::new(size))
                    .filter(|tile| tile.kind() == hashes(level))
                    .collect();
                let full = tiles.iter().filter(|tile| tile.width().is_full()).count();
                (
                    level,
                    full,
                    tiles
                        .iter()
                        .find(|tile| !tile.width().is_full())
                        .map(|tile| tile.width().value()),
                )
            })
            .filter(|(_, full, partial)| *full > 0 || partial.is_some())
            .collect()
    }

    #[test]
    fn widths_as_in_the_specification() {
        assert_eq!(
            widths(70_000),
            [(0, 273, Some(112)), (1, 1, Some(17)), (2, 0, Some(1))]
        );
        assert_eq!(widths(256), [(0, 1, None), (1, 0, Some(1))]);
        assert_eq!(widths(3), [(0, 0, Some(3))]);
        assert_eq!(widths(0), []);
        assert_eq!(entry_bundles(TreeSize::new(70_000)).count(), 274);
        assert_eq!(Tile::in_tree(hashes(8), 0, TreeSize::new(u64::MAX)), None);
        assert_eq!(
            Tile::in_tree(hashes(7), 0, TreeSize::new(u64::MAX))
                .unwrap()
                .width()
                .value(),
            255
        );
        assert_eq!(
            Tile::in_tree(hashes(0), u64::MAX, TreeSize::new(u64::MAX)),
            None
        );
    }

    #[test]
    fn paths() {
        let full = |kind, index| Tile::new(kind, index, TileWidth::FULL);
        assert_eq!(
            full(hashes(0), 1_234_067).to_string(),
            "tile/0/x001/x234/067"
        );
        assert_eq!(full(hashes(63), 0).to_string(), "tile/63/000");
        assert_eq!(
            full(TileKind::Entries, 1000).to_string(),
            "tile/entries/x001/000"
        );
        assert_eq!(
            full(hashes(0), u64::MAX).to_string(),
            "tile/0/x018/x446/x744/x073/x709/x551/615"
        );
        let widest = Tile::new(TileKind::Entries, u64::MAX, TileWidth::new(255).unwrap());
        assert_eq!(widest.to_string().len(), MAX_PATH_LEN);
        assert_eq!(Tile::parse(&widest.to_string()), Ok(widest));
        let partial = Tile::new(hashes(1), 67, TileWidth::new(8).unwrap());
        assert_eq!(partial.to_string(), "tile/1/067.p/8");
        assert_eq!(partial.full().to_string(), "tile/1/067");
    }

    #[test]
    fn other_spellings_are_refused() {
        let refused = |path: &str| Tile::parse(path).unwrap_err();
        let group = |number, expected| PathError::IndexGroup { number, expected };
        assert_eq!(refused(""), PathError::Shape);
        assert_eq!(refused("/tile/0/000"), PathError::Shape);
        assert_eq!(refused("tile/0"), PathError::Shape);
        assert_eq!(
            refused("tile/00/000"),
            PathError::Level(DecimalError::LeadingZero { found: 2 })
        );
        assert_eq!(
            refused("tile/64/000"),
            PathError::Level(DecimalError::TooLarge { max: 63 })
        );
        assert_eq!(refused("tile//000"), PathError::Level(DecimalError::Empty));
        assert_eq!(refused("tile/0/"), group(1, "three digits"));
        assert_eq!(refused("tile/0/67"), group(1, "three digits"));
        assert_eq!(refused("tile/0/0067"), group(1, "three digits"));
        assert_eq!(refused("tile/0/x067"), group(1, "three digits"));
        assert_eq!(refused("tile/0/001/067"), group(1, "`x` and three digits"));
        assert_eq!(
            refused("tile/0/x001/067/"),
            group(2, "`x` and three digits")
        );
        assert_eq!(
            refused("tile/0/x001/../067"),
            group(2, "`x` and three digits")
        );
        assert_eq!(refused("tile/0/x000/067"), PathError::LeadingZeroGroup);
        assert_eq!(
            refused("tile/0/x018/x446/x744/x073/x709/x551/616"),
            PathError::IndexTooLarge
        );
        assert_eq!(refused("tile/0/067.p/0"), PathError::WidthZero);
        assert_eq!(
            refused("tile/0/067.p/256"),
            PathError::Width(DecimalError::TooLarge { max: 255 })
        );
        assert_eq!(
            refused("tile/0/067.p/08"),
            PathError::Width(DecimalError::LeadingZero { found: 2 })
        );
        assert_eq!(
            refused("tile/0/067.p/"),
            PathError::Width(DecimalError::Empty)
        );
        assert_eq!(refused("tile/0/067.p"), group(1, "three digits"));
        assert!(matches!(
            refused(&format!("tile/0/{}000", "x001/".repeat(20))),
            PathError::Length { .. }
        ));
    }

    #[test]
    fn tiles_after_a_published_size() {
        let after = |published, size| {
            let tiles = hash_tiles_after(TreeSize::new(published), TreeSize::new(size));
            tiles.map(|tile| tile.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(after(0, 3), ["tile/0/000.p/3"]);
        assert_eq!(after(3, 3), [""; 0]);
        assert_eq!(after(3, 2), [""; 0]);
        assert_eq!(after(3, 256), ["tile/0/000", "tile/1/000.p/1"]);
        assert_eq!(after(256, 257), ["tile/0/001.p/1"]);
        assert_eq!(
            after(255, 513),
            [
                "tile/0/000",
                "tile/0/001",
                "tile/0/002.p/1",
                "tile/1/000.p/2"
            ]
        );
        let bundles = entry_bundles_after(TreeSize::new(300), TreeSize::new(600));
        assert_eq!(bundles.map(|tile| tile.index()).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn every_subtree_is_found_in_the_tiles() {
        let size = TreeSize::new(700);
        let tree = TestTree::numbered(700);
        for level in 0..10 {
            for index in 0..(700 >> level) {
                let location = SubtreeLocation::find(level, index, size).unwrap();
                let tile = location.tile();
                let TileKind::Hashes(tile_level) = tile.kind() else {
                    panic!("not a tile of hashes")
                };
                let row: Vec<_> = (0..u64::from(tile.width().value()))
                    .map(|at| {
                        tree.subtree(tile_level.value() * 8, tile.index() * 256 + at)
                            .unwrap()
                    })
                    .collect();
                assert_eq!(
                    location.root(&row),
                    Ok(tree.subtree(level, index).unwrap()),
                    "level {level} index {index}"
                );
                let expected = location.hashes().end;
                let narrow = location.root(&row[..expected - 1]);
                assert_eq!(
                    narrow,
                    Err(TileTooNarrow {
                        expected,
                        found: expected - 1
                    })
                );
                let bytes = encode_hashes(&row);
                assert_eq!(decode_hashes(&bytes, tile.width()), Ok(row));
            }
            assert_eq!(SubtreeLocation::find(level, 700 >> level, size), None);
        }
        assert_eq!(SubtreeLocation::find(64, 0, TreeSize::new(u64::MAX)), None);
        assert_eq!(
            SubtreeLocation::find(255, u64::MAX, TreeSize::new(u64::MAX)),
            None
        );
        assert!(SubtreeLocation::find(0, u64::MAX - 1, TreeSize::new(u64::MAX)).is_some());
        assert!(SubtreeLocation::find(63, 0, TreeSize::new(u64::MAX)).is_some());
    }

    #[test]
    fn entries_are_found_in_bundles() {
        let size = TreeSize::new(300);
        let (tile, place) = locate_entry(LeafIndex::new(299), size).unwrap();
        assert_eq!(
            (tile.to_string().as_str(), place),
            ("tile/entries/001.p/44", 43)
        );
        assert_eq!(locate_entry(LeafIndex::new(300), size), None);
    }

    #[test]
    fn tiles_of_other_lengths_are_refused() {
        let width = TileWidth::new(2).unwrap();
        for found in [0, 32, 63, 65, 96] {
            let refused = TileHashesError::Length {
                width,
                expected: 64,
                found,
            };
            assert_eq!(decode_hashes(&vec![0; found], width), Err(refused));
        }
    }

    proptest! {
        #[test]
        fn every_tile_comes_back(
            level in 0..=64_u8,
            index: u64,
            digits in 0..64_u32,
            width in 1..=256_u16,
        ) {
            let kind = TileLevel::new(level).map_or(TileKind::Entries, TileKind::Hashes);
            let tile = Tile::new(kind, index >> digits, TileWidth::new(width).unwrap());
            prop_assert_eq!(Tile::parse(&tile.to_string()), Ok(tile));
        }

        #[test]
        fn what_parses_is_the_only_spelling(
            path in "\\PC{0,60}|tile/(entries|[0-9]{0,2})/(x?[0-9]{3}/){0,7}x?[0-9]{3}(\\.p/[0-9]{0,3})?",
        ) {
            if let Ok(tile) = Tile::parse(&path) {
                prop_assert_eq!(tile.to_string(), path);
            }
        }
    }
}

//! The Merkle tree of [RFC 6962 section 2.1]: hashes, the right edge, and proofs made and checked
//! ([RFC 9162 section 2.1]).
//!
//! - [`hash`]: leaves, nodes, the empty root.
//! - [`frontier`]: the right edge, enough to append and to know the root.
//! - [`inclusion`], [`consistency`]: proofs. Verification needs nothing but hashes; making a proof
//!   asks a [`HashReader`].
//!
//! Not here: where hashes are kept (the ledger), how they are served ([`crate::tile`]), who vouches
//! for a root ([`crate::checkpoint`]). A proof never says how large the tree is; sizes come from a
//! signed checkpoint.
//!
//! [RFC 6962 section 2.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1
//! [RFC 9162 section 2.1]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1

pub mod consistency;
pub mod frontier;
pub mod hash;
pub mod inclusion;

use std::error::Error;
use std::fmt;

pub use frontier::Frontier;
pub use hash::{Hash, HashError};

use crate::decimal::{self, DecimalError};

/// Position of an entry in the log, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafIndex(u64);

/// How many entries a tree has; the default is the empty tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeSize(u64);

impl LeafIndex {
    /// The position `index`, counted from 0.
    #[must_use]
    pub const fn new(index: u64) -> Self {
        Self(index)
    }

    /// The position of the first entry.
    pub const FIRST: Self = Self(0);

    /// Above the position of any entry a log can reach: an open upper bound.
    pub const MAX: Self = Self(u64::MAX);

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The position after this one; [`Self::MAX`] stays what it is.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// The position `count` entries after this one, at most [`Self::MAX`].
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The position `count` entries before this one, [`Self::FIRST`] if there are fewer.
    #[must_use]
    pub const fn minus(self, count: u64) -> Self {
        Self(self.0.saturating_sub(count))
    }

    /// How many entries stand from `earlier` on before this one; `None` if `earlier` is after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }

    /// This position and all after it, in order.
    pub fn upward(self) -> impl Iterator<Item = Self> {
        (self.0..).map(Self)
    }

    /// Reads the decimal number in its one spelling, as URLs and files have it.
    ///
    /// # Errors
    /// [`DecimalError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        decimal::parse(text, u64::MAX).map(Self)
    }

    /// Eight bytes, big-endian: in this spelling positions sort as numbers do.
    #[must_use]
    pub const fn to_be_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// Reads what [`Self::to_be_bytes`] writes.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }
}

impl TreeSize {
    /// The tree without entries.
    pub const EMPTY: Self = Self(0);

    /// A tree of `size` entries.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self(size)
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// Reads the decimal number in its one spelling, as checkpoints and files have it.
    ///
    /// # Errors
    /// [`DecimalError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        decimal::parse(text, u64::MAX).map(Self)
    }

    /// Whether the tree has no entries.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the entry at `index` is in a tree of this size.
    #[must_use]
    pub const fn contains(self, index: LeafIndex) -> bool {
        index.0 < self.0
    }

    /// The smallest tree that holds the entry at `index`.
    #[must_use]
    pub const fn up_to(index: LeafIndex) -> Self {
        Self(index.0.saturating_add(1))
    }

    /// The tree after `count` more entries.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The tree without its last `count` entries, empty if it has fewer.
    #[must_use]
    pub const fn minus(self, count: u64) -> Self {
        Self(self.0.saturating_sub(count))
    }

    /// By how many entries this tree is larger than an `earlier` one, 0 if it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Eight bytes, big-endian: in this spelling sizes sort as numbers do.
    #[must_use]
    pub const fn to_be_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// Reads what [`Self::to_be_bytes`] writes.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }

    /// The index the next entry gets.
    #[must_use]
    pub const fn next_index(self) -> LeafIndex {
        LeafIndex(self.0)
    }

    /// The index of the last entry, `None` for the empty tree.
    #[must_use]
    pub const fn last_index(self) -> Option<LeafIndex> {
        match self.0.checked_sub(1) {
            Some(index) => Some(LeafIndex(index)),
            None => None,
        }
    }
}

impl fmt::Display for LeafIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TreeSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Gives the hashes of complete subtrees, from which every node of every proof can be computed.
///
/// The subtree (`level`, `index`) covers the `2^level` entries from `index * 2^level`; level 0 are
/// the leaf hashes. Only subtrees that lie wholly inside the tree are ever asked for.
pub trait HashReader {
    /// Why a hash could not be read. A missing hash is an error, never a default.
    type Error: Error + 'static;

    /// The root hash of the complete subtree (`level`, `index`).
    ///
    /// # Errors
    /// When the hash cannot be read or is not there.
    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// The root of the tree of the first `size` entries.
///
/// # Errors
/// What the reader answers when it cannot give a hash.
pub fn root<R: HashReader + ?Sized>(reader: &R, size: TreeSize) -> Result<Hash, R::Error> {
    range_root(reader, 0, size.0)
}

/// Complete subtrees that together cover the entries `start..end`, largest first, as (level,
/// index). `start` must be a multiple of the largest power of two that fits (0 is one of all).
fn complete_subtrees(start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut start = start;
    std::iter::from_fn(move || {
        let level = u8::try_from(end.checked_sub(start)?.checked_ilog2()?).ok()?;
        let index = start >> level;
        start += 1 << level;
        Some((level, index))
    })
}

/// `MTH(D[start:end])` of [RFC 6962], with `start` as for [`complete_subtrees`].
///
/// [RFC 6962]: https://www.rfc-editor.org/rfc/rfc6962
fn range_root<R: HashReader + ?Sized>(reader: &R, start: u64, end: u64) -> Result<Hash, R::Error> {
    let hashes: Vec<Hash> = complete_subtrees(start, end)
        .map(|(level, index)| reader.subtree(level, index))
        .collect::<Result<_, _>>()?;
    Ok(join_right_edge(&hashes))
}

/// Hashes complete subtrees of falling size, the smallest at the right, into one root; none give
/// the empty root.
fn join_right_edge(hashes: &[Hash]) -> Hash {
    hashes
        .iter()
        .copied()
        .rev()
        .reduce(|right, left| Hash::node(&left, &right))
        .unwrap_or(Hash::EMPTY_ROOT)
}

/// Largest power of two below `n`: where [RFC 6962] splits a range of `n > 1` entries.
///
/// [RFC 6962]: https://www.rfc-editor.org/rfc/rfc6962
const fn split_point(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// How many hashes the path from leaf `index` to the root of a tree with `last` as its last index
/// has: below the point where the path meets the right edge (`inner`, where each bit of the index
/// says on which side the sibling is), and above it (`border`, where every sibling is on the left).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PathShape {
    inner: u32,
    border: u32,
}

impl PathShape {
    const fn new(index: u64, last: u64) -> Self {
        let inner = u64::BITS - (index ^ last).leading_zeros();
        let above = match index.checked_shr(inner) {
            Some(above) => above,
            None => 0,
        };
        Self {
            inner,
            border: above.count_ones(),
        }
    }
}

#[cfg(test)]
pub(crate) mod test_tree {
    //! A tree in memory that keeps leaves only; everything else is hashed anew from the definition.

    use std::convert::Infallible;

    use super::{Hash, HashReader, split_point};

    pub(crate) struct TestTree(pub(crate) Vec<Hash>);

    impl TestTree {
        /// Leaves of the entries "0", "1", "2" and so on.
        pub(crate) fn numbered(size: u64) -> Self {
            Self(
                (0..size)
                    .map(|index| Hash::leaf(index.to_string().as_bytes()))
                    .collect(),
            )
        }

        pub(crate) fn root(&self, size: u64) -> Hash {
            mth(&self.0[..size as usize])
        }
    }

    impl HashReader for TestTree {
        type Error = Infallible;

        fn subtree(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
            let start = (index << level) as usize;
            Ok(mth(&self.0[start..start + (1 << level)]))
        }
    }

    /// MTH of [RFC 6962 section 2.1], word for word.
    ///
    /// [RFC 6962 section 2.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1
    fn mth(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(split_point(leaves.len() as u64) as usize);
                Hash::node(&mth(left), &mth(right))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::test_tree::TestTree;
    use super::{LeafIndex, PathShape, TreeSize, complete_subtrees, root};

    #[test]
    fn root_of_every_size() {
        let tree = TestTree::numbered(70);
        for size in 0..=70 {
            assert_eq!(
                root(&tree, TreeSize::new(size)),
                Ok(tree.root(size)),
                "size {size}"
            );
        }
    }

    #[test]
    fn subtrees_of_extreme_ranges() {
        assert_eq!(complete_subtrees(0, 0).count(), 0);
        assert_eq!(
            complete_subtrees(0, 7).collect::<Vec<_>>(),
            [(2, 0), (1, 2), (0, 6)]
        );
        assert_eq!(complete_subtrees(0, u64::MAX).count(), 64);
        assert_eq!(
            complete_subtrees(u64::MAX - 1, u64::MAX).collect::<Vec<_>>(),
            [(0, u64::MAX - 1)]
        );
    }

    #[test]
    fn path_shape_at_the_ends() {
        assert_eq!(
            PathShape::new(0, 0),
            PathShape {
                inner: 0,
                border: 0
            }
        );
        assert_eq!(
            PathShape::new(0, u64::MAX),
            PathShape {
                inner: 64,
                border: 0
            }
        );
        assert_eq!(
            PathShape::new(u64::MAX, u64::MAX),
            PathShape {
                inner: 0,
                border: 64
            }
        );
        assert_eq!(
            PathShape::new(2, 2),
            PathShape {
                inner: 0,
                border: 1
            }
        );
    }

    #[test]
    fn index_and_size_are_off_by_one() {
        assert_eq!(TreeSize::EMPTY.last_index(), None);
        assert_eq!(TreeSize::new(3).last_index(), Some(LeafIndex::new(2)));
        assert!(TreeSize::new(3).contains(LeafIndex::new(2)));
        assert!(!TreeSize::new(3).contains(LeafIndex::new(3)));
        assert_eq!(TreeSize::new(3).next_index(), LeafIndex::new(3));
        assert_eq!(TreeSize::up_to(LeafIndex::new(3)), TreeSize::new(4));
        assert_eq!(LeafIndex::new(5).since(LeafIndex::new(2)), Some(3));
        assert_eq!(LeafIndex::new(2).since(LeafIndex::new(5)), None);
        assert_eq!(LeafIndex::MAX.next(), LeafIndex::MAX);
    }
}

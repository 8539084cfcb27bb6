//! The right edge of a growing tree: the roots of the complete subtrees that make up its size,
//! largest first.
//!
//! One hash per set bit of the size ([RFC 6962 section 2.1] splits there), so a frontier holds at
//! most 64 hashes however large the log is. It can append and it knows the root; it cannot prove
//! anything about entries it has passed.
//!
//! [RFC 6962 section 2.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1

use thiserror::Error;

use super::{Hash, HashReader, LeafIndex, TreeSize, complete_subtrees, join_right_edge};

/// The right edge of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// Exactly `size.count_ones()` hashes.
    hashes: Vec<Hash>,
}

/// Why hashes are not the frontier of a tree of the given size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrontierError {
    /// Not one hash for each complete subtree.
    #[error("the right edge of a tree of size {size} has {expected} hashes, found {found}")]
    HashCount {
        /// The tree's size.
        size: TreeSize,
        /// Set bits of the size.
        expected: u32,
        /// Hashes given.
        found: usize,
    },
    /// A size no log reaches, refused so that appending never runs out of numbers.
    #[error("a tree has at most {} entries, found size {size}", Frontier::MAX_SIZE)]
    Size {
        /// The size given.
        size: TreeSize,
    },
}

impl Frontier {
    /// The largest tree a frontier can be opened for. The other half of `u64` cannot be appended
    /// within centuries.
    pub const MAX_SIZE: TreeSize = TreeSize::new(1 << 63);

    /// The frontier of the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            hashes: Vec::new(),
        }
    }

    /// The frontier as [`Frontier::hashes`] gave it for a tree of this size. Whether it belongs to
    /// the log is shown by comparing [`Frontier::root`] with a checkpoint.
    ///
    /// # Errors
    /// [`FrontierError`] when there cannot be so many hashes for that size.
    pub fn from_hashes(size: TreeSize, hashes: Vec<Hash>) -> Result<Self, FrontierError> {
        if size > Self::MAX_SIZE {
            return Err(FrontierError::Size { size });
        }
        let expected = size.value().count_ones();
        if hashes.len() != expected as usize {
            return Err(FrontierError::HashCount {
                size,
                expected,
                found: hashes.len(),
            });
        }
        Ok(Self {
            size: size.value(),
            hashes,
        })
    }

    /// The frontier of the tree of the first `size` entries, read from kept hashes.
    ///
    /// # Errors
    /// What the reader answers when it cannot give a hash.
    pub fn read<R: HashReader + ?Sized>(reader: &R, size: TreeSize) -> Result<Self, R::Error> {
        let hashes = complete_subtrees(0, size.value())
            .map(|(level, index)| reader.subtree(level, index))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            size: size.value(),
            hashes,
        })
    }

    /// How many entries the tree has.
    #[must_use]
    pub const fn size(&self) -> TreeSize {
        TreeSize::new(self.size)
    }

    /// The roots of the complete subtrees, largest first: one for each set bit of the size.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        join_right_edge(&self.hashes)
    }

    /// Appends a leaf hash and says at which index it now is.
    pub fn push(&mut self, leaf: Hash) -> LeafIndex {
        self.push_with(leaf, |_, _, _| {})
    }

    /// Appends a leaf hash, and hands over (level, index, hash) of every subtree this completes:
    /// the leaf itself first, then upward. These are the hashes a [`HashReader`] must be able to
    /// give from now on.
    pub fn push_with(&mut self, leaf: Hash, mut completed: impl FnMut(u8, u64, Hash)) -> LeafIndex {
        let index = self.size;
        completed(0, index, leaf);
        let mut node = leaf;
        // A set bit of the old size that carries is a subtree that has just found its right half.
        for (level, _) in (1..).zip(0..index.trailing_ones()) {
            let Some(left) = self.hashes.pop() else { break };
            node = Hash::node(&left, &node);
            completed(level, index >> level, node);
        }
        self.hashes.push(node);
        self.size += 1;
        LeafIndex::new(index)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Frontier, FrontierError};
    use crate::merkle::test_tree::TestTree;
    use crate::merkle::{Hash, HashReader, LeafIndex, TreeSize};

    #[test]
    fn grows_like_the_definition() {
        let tree = TestTree::numbered(130);
        let mut frontier = Frontier::new();
        let mut completed = HashMap::new();
        assert_eq!(frontier.root(), Hash::EMPTY_ROOT);
        for (index, leaf) in tree.0.iter().enumerate() {
            let at = frontier.push_with(*leaf, |level, index, hash| {
                assert_eq!(
                    completed.insert((level, index), hash),
                    None,
                    "each subtree once"
                );
            });
            assert_eq!(at, LeafIndex::new(index as u64));
            let size = at.value() + 1;
            assert_eq!(frontier.root(), tree.root(size), "size {size}");
            assert_eq!(
                Frontier::read(&tree, TreeSize::new(size)),
                Ok(frontier.clone())
            );
            assert_eq!(
                Frontier::from_hashes(frontier.size(), frontier.hashes().to_vec()),
                Ok(frontier.clone())
            );
        }
        for ((level, index), hash) in completed {
            assert_eq!(
                tree.subtree(level, index),
                Ok(hash),
                "level {level} index {index}"
            );
        }
    }

    #[test]
    fn refuses_hashes_of_another_size() {
        let size = TreeSize::new(6);
        let refused = FrontierError::HashCount {
            size,
            expected: 2,
            found: 3,
        };
        assert_eq!(
            Frontier::from_hashes(size, vec![Hash::EMPTY_ROOT; 3]),
            Err(refused)
        );
        let size = TreeSize::new(u64::MAX);
        assert_eq!(
            Frontier::from_hashes(size, vec![Hash::EMPTY_ROOT; 64]),
            Err(FrontierError::Size { size })
        );
    }
}

//! Inclusion proofs: [RFC 6962 section 2.1.1] made, [RFC 9162 section 2.1.3.2] checked.
//!
//! The check fixes the number of hashes from index and size first, so that a proof has one shape:
//! nothing can be appended to it, and an index past the end is refused. A proof does not say how
//! large the tree is; two sizes may share one path, so index and size mean something only together
//! with a root somebody signed.
//!
//! [RFC 6962 section 2.1.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1
//! [RFC 9162 section 2.1.3.2]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2

use thiserror::Error;

use super::{Hash, HashReader, LeafIndex, PathShape, TreeSize, range_root, split_point};

/// The path from an entry to the root: the siblings, from the leaf's own upward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    index: LeafIndex,
    hashes: Vec<Hash>,
}

/// Why an inclusion proof does not show that the entry is in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InclusionError {
    /// The tree has no such entry.
    #[error("a tree of size {size} has no entry at index {index}")]
    IndexOutsideTree {
        /// The index claimed.
        index: LeafIndex,
        /// The tree's size.
        size: TreeSize,
    },
    /// Hashes are missing or superfluous.
    #[error(
        "the proof for index {index} in a tree of size {size} has {expected} hashes, found {found}"
    )]
    HashCount {
        /// The index claimed.
        index: LeafIndex,
        /// The tree's size.
        size: TreeSize,
        /// Hashes between that leaf and the root.
        expected: u32,
        /// Hashes given.
        found: usize,
    },
    /// The path leads elsewhere.
    #[error("the proof leads to root {found}, expected {expected}")]
    Root {
        /// The root of the tree.
        expected: Hash,
        /// The root computed from leaf and proof.
        found: Hash,
    },
}

/// Why a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProveError<E: std::error::Error + 'static> {
    /// The tree has no such entry.
    #[error("a tree of size {size} has no entry at index {index}")]
    IndexOutsideTree {
        /// The index asked for.
        index: LeafIndex,
        /// The tree's size.
        size: TreeSize,
    },
    /// A hash could not be read.
    #[error("a hash of the tree could not be read")]
    Read(#[source] E),
}

impl Proof {
    /// A proof as it came from outside; it shows nothing until [`verify`] has passed.
    #[must_use]
    pub const fn new(index: LeafIndex, hashes: Vec<Hash>) -> Self {
        Self { index, hashes }
    }

    /// Where the entry is claimed to be.
    #[must_use]
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// The siblings, from the leaf's own upward.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }
}

/// Checks that the entry with this leaf hash is at the proof's index in the tree with this size and
/// root.
///
/// # Errors
/// [`InclusionError`] with the first thing that is wrong.
pub fn verify(
    proof: &Proof,
    leaf: &Hash,
    size: TreeSize,
    root: &Hash,
) -> Result<(), InclusionError> {
    let found = root_from_proof(proof, leaf, size)?;
    if found != *root {
        return Err(InclusionError::Root {
            expected: *root,
            found,
        });
    }
    Ok(())
}

/// The root a tree of this size must have if the entry with this leaf hash is at the proof's index.
/// Shows nothing before it has been compared with a root somebody signed.
///
/// # Errors
/// [`InclusionError`] when index, size and number of hashes do not fit together.
pub fn root_from_proof(proof: &Proof, leaf: &Hash, size: TreeSize) -> Result<Hash, InclusionError> {
    let index = proof.index;
    let last = size.last_index().filter(|last| index <= *last);
    let Some(last) = last else {
        return Err(InclusionError::IndexOutsideTree { index, size });
    };
    let PathShape { inner, border } = PathShape::new(index.value(), last.value());
    let expected = inner + border;
    if proof.hashes.len() != expected as usize {
        return Err(InclusionError::HashCount {
            index,
            size,
            expected,
            found: proof.hashes.len(),
        });
    }
    // Below the right edge the index says which child is ours; along it every sibling is a left
    // one.
    let root = (0..)
        .zip(&proof.hashes)
        .fold(*leaf, |node, (level, sibling)| {
            let is_left_child = level < inner && (index.value() >> level) & 1 == 0;
            if is_left_child {
                Hash::node(&node, sibling)
            } else {
                Hash::node(sibling, &node)
            }
        });
    Ok(root)
}

/// Makes the proof that entry `index` is in the tree of the first `size` entries.
///
/// # Errors
/// [`ProveError`] when there is no such entry or the reader fails.
pub fn prove<R: HashReader + ?Sized>(
    reader: &R,
    index: LeafIndex,
    size: TreeSize,
) -> Result<Proof, ProveError<R::Error>> {
    if !size.contains(index) {
        return Err(ProveError::IndexOutsideTree { index, size });
    }
    // PATH(m, D[n]) from the root down: at each split the half without the leaf is the sibling.
    let (mut start, mut end) = (0, size.value());
    let mut hashes = Vec::new();
    while end - start > 1 {
        let middle = start + split_point(end - start);
        let sibling = if index.value() < middle {
            let right = range_root(reader, middle, end);
            end = middle;
            right
        } else {
            let left = range_root(reader, start, middle);
            start = middle;
            left
        };
        hashes.push(sibling.map_err(ProveError::Read)?);
    }
    hashes.reverse();
    Ok(Proof { index, hashes })
}

#[cfg(test)]
mod tests {
    use super::{InclusionError, Proof, ProveError, prove, root_from_proof, verify};
    use crate::merkle::test_tree::TestTree;
    use crate::merkle::{Hash, LeafIndex, TreeSize};

    #[test]
    fn every_entry_of_every_small_tree() {
        let tree = TestTree::numbered(66);
        for size in (1..=66).map(TreeSize::new) {
            let root = tree.root(size.value());
            for index in 0..size.value() {
                let leaf = &tree.0[index as usize];
                let proof = prove(&tree, LeafIndex::new(index), size).unwrap();
                assert_eq!(
                    verify(&proof, leaf, size, &root),
                    Ok(()),
                    "index {index} size {size}"
                );
                assert!(proof.hashes().len() <= 7);
            }
        }
    }

    #[test]
    fn hashes_too_many_or_too_few_are_refused() {
        let tree = TestTree::numbered(7);
        let size = TreeSize::new(7);
        let index = LeafIndex::new(2);
        let proof = prove(&tree, index, size).unwrap();
        let mut longer = proof.hashes().to_vec();
        longer.push(Hash::EMPTY_ROOT);
        for hashes in [longer, proof.hashes()[1..].to_vec(), Vec::new()] {
            let found = hashes.len();
            let refused = InclusionError::HashCount {
                index,
                size,
                expected: 3,
                found,
            };
            assert_eq!(
                verify(&Proof::new(index, hashes), &tree.0[2], size, &tree.root(7)),
                Err(refused)
            );
        }
    }

    #[test]
    fn index_past_the_end_is_refused() {
        let tree = TestTree::numbered(7);
        let size = TreeSize::new(7);
        let good = prove(&tree, LeafIndex::new(3), size).unwrap();
        for past in [7, 99, u64::MAX] {
            let index = LeafIndex::new(past);
            let proof = Proof::new(index, good.hashes().to_vec());
            let refused = Err(InclusionError::IndexOutsideTree { index, size });
            assert_eq!(verify(&proof, &tree.0[3], size, &tree.root(7)), refused);
            assert_eq!(
                prove(&tree, index, size),
                Err(ProveError::IndexOutsideTree { index, size })
            );
        }
        let empty = verify(
            &Proof::new(LeafIndex::new(0), vec![]),
            &tree.0[0],
            TreeSize::EMPTY,
            &Hash::EMPTY_ROOT,
        );
        assert!(matches!(
            empty,
            Err(InclusionError::IndexOutsideTree { .. })
        ));
    }

    #[test]
    fn another_entry_is_refused() {
        let tree = TestTree::numbered(7);
        let proof = prove(&tree, LeafIndex::new(3), TreeSize::new(7)).unwrap();
        let refused = verify(&proof, &tree.0[4], TreeSize::new(7), &tree.root(7));
        assert!(matches!(refused, Err(InclusionError::Root { .. })));
    }

    #[test]
    fn largest_sizes_do_not_overflow() {
        let leaf = Hash::EMPTY_ROOT;
        for (index, hashes) in [
            (0, 64),
            (u64::MAX - 1, 63),
            (1 << 63, 64),
            (u64::MAX - 2, 64),
        ] {
            let proof = Proof::new(LeafIndex::new(index), vec![leaf; hashes]);
            assert!(
                root_from_proof(&proof, &leaf, TreeSize::new(u64::MAX)).is_ok(),
                "index {index}"
            );
        }
    }
}

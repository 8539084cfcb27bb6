//! Consistency proofs: [RFC 6962 section 2.1.2] made, [RFC 9162 section 2.1.4.2] checked.
//!
//! [`verify`] is the RFC's rule, for `0 < old <= new`: an old size of 0 shows nothing and is
//! refused, an empty proof passes only between equal sizes. [`verify_for_witness`] adds the one
//! exception of C2SP tlog-witness: a first checkpoint (old size 0) comes with an empty proof. Each
//! belongs where its name says; they are not interchangeable.
//!
//! [RFC 6962 section 2.1.2]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2
//! [RFC 9162 section 2.1.4.2]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2

use thiserror::Error;

use super::{Hash, HashReader, PathShape, TreeSize, range_root, split_point};

/// A tree's size and root: one end of a consistency proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// How many entries.
    pub size: TreeSize,
    /// The root over them.
    pub root: Hash,
}

/// Why a proof does not show that the new tree extends the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ConsistencyError {
    /// The new tree is smaller.
    #[error("a tree of size {new} cannot extend one of size {old}")]
    Shrunk {
        /// Size of the old tree.
        old: TreeSize,
        /// Size of the new tree.
        new: TreeSize,
    },
    /// Every tree extends the empty one, so nothing is shown.
    #[error("a proof from size 0 shows nothing about a tree of size {new}")]
    OldIsEmpty {
        /// Size of the new tree.
        new: TreeSize,
    },
    /// A tree without entries has one root only.
    #[error("a tree of size 0 has root {}, found {found}", Hash::EMPTY_ROOT)]
    EmptyTreeRoot {
        /// The root claimed.
        found: Hash,
    },
    /// Hashes are missing or superfluous.
    #[error("the proof from size {old} to {new} has {expected} hashes, found {found}")]
    HashCount {
        /// Size of the old tree.
        old: TreeSize,
        /// Size of the new tree.
        new: TreeSize,
        /// Hashes such a proof has.
        expected: u32,
        /// Hashes given.
        found: usize,
    },
    /// The proof does not rebuild the old root (between equal sizes: the roots differ).
    #[error("the proof leads to old root {found}, expected {expected}")]
    OldRoot {
        /// The root of the old tree.
        expected: Hash,
        /// The root computed.
        found: Hash,
    },
    /// The proof does not rebuild the new root.
    #[error("the proof leads to new root {found}, expected {expected}")]
    NewRoot {
        /// The root of the new tree.
        expected: Hash,
        /// The root computed.
        found: Hash,
    },
}

/// Why a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProveError<E: std::error::Error + 'static> {
    /// The new tree is smaller.
    #[error("a tree of size {new} cannot extend one of size {old}")]
    Shrunk {
        /// Size of the old tree.
        old: TreeSize,
        /// Size of the new tree.
        new: TreeSize,
    },
    /// A hash could not be read.
    #[error("a hash of the tree could not be read")]
    Read(#[source] E),
}

/// Checks that the `new` tree begins with all entries of the `old` one.
///
/// # Errors
/// [`ConsistencyError`] with the first thing that is wrong. Old size 0 is always an error.
pub fn verify(old: TreeHead, new: TreeHead, proof: &[Hash]) -> Result<(), ConsistencyError> {
    if old.size > new.size {
        return Err(ConsistencyError::Shrunk {
            old: old.size,
            new: new.size,
        });
    }
    let Some(old_last) = old.size.last_index() else {
        return Err(ConsistencyError::OldIsEmpty { new: new.size });
    };
    let wrong_count = |expected| ConsistencyError::HashCount {
        old: old.size,
        new: new.size,
        expected,
        found: proof.len(),
    };
    if old.size == new.size {
        if !proof.is_empty() {
            return Err(wrong_count(0));
        }
        if old.root != new.root {
            return Err(ConsistencyError::OldRoot {
                expected: old.root,
                found: new.root,
            });
        }
        return Ok(());
    }

    // The old tree ends with a complete subtree of 2^shift entries. Both roots are rebuilt from it
    // upward: the proof begins with it, except where it is the whole old tree and so already known.
    let shift = old.size.value().trailing_zeros();
    let index = old_last.value() >> shift;
    let PathShape { inner, border } = PathShape::new(index, (new.size.value() - 1) >> shift);
    let (seed, path) = if old.size.value().is_power_of_two() {
        (old.root, proof)
    } else {
        proof
            .split_first()
            .map(|(seed, path)| (*seed, path))
            .ok_or_else(|| wrong_count(inner + border + 1))?
    };
    if path.len() != (inner + border) as usize {
        let seeds = u32::from(path.len() < proof.len());
        return Err(wrong_count(inner + border + seeds));
    }
    let mut old_root = seed;
    let mut new_root = seed;
    for (level, sibling) in (0..).zip(path) {
        let is_left_child = level < inner && (index >> level) & 1 == 0;
        if is_left_child {
            // What is on the right here was appended later: the old tree does not have it.
            new_root = Hash::node(&new_root, sibling);
        } else {
            old_root = Hash::node(sibling, &old_root);
            new_root = Hash::node(sibling, &new_root);
        }
    }
    if old_root != old.root {
        return Err(ConsistencyError::OldRoot {
            expected: old.root,
            found: old_root,
        });
    }
    if new_root != new.root {
        return Err(ConsistencyError::NewRoot {
            expected: new.root,
            found: new_root,
        });
    }
    Ok(())
}

/// The rule of a witness (C2SP tlog-witness): as [`verify`], but from old size 0 an empty proof
/// passes, because a witness that has seen nothing of a log yet has nothing to compare with.
///
/// # Errors
/// [`ConsistencyError`]; from old size 0 when the proof is not empty or an empty tree has
/// another root than its only one.
pub fn verify_for_witness(
    old: TreeHead,
    new: TreeHead,
    proof: &[Hash],
) -> Result<(), ConsistencyError> {
    if !old.size.is_empty() {
        return verify(old, new, proof);
    }
    for head in [old, new] {
        if head.size.is_empty() && head.root != Hash::EMPTY_ROOT {
            return Err(ConsistencyError::EmptyTreeRoot { found: head.root });
        }
    }
    if !proof.is_empty() {
        let found = proof.len();
        return Err(ConsistencyError::HashCount {
            old: old.size,
            new: new.size,
            expected: 0,
            found,
        });
    }
    Ok(())
}

/// Makes the proof that the tree of the first `new` entries extends the one of the first `old`.
/// Between equal sizes and from size 0 it is empty.
///
/// # Errors
/// [`ProveError`] when `old > new` or the reader fails.
pub fn prove<R: HashReader + ?Sized>(
    reader: &R,
    old: TreeSize,
    new: TreeSize,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    if old > new {
        return Err(ProveError::Shrunk { old, new });
    }
    if old.is_empty() {
        return Ok(Vec::new());
    }
    // SUBPROOF(m, D[n], b) from the root down, until the range ends where the old tree ends.
    let (mut start, mut end) = (0, new.value());
    let mut hashes = Vec::new();
    while end != old.value() {
        let middle = start + split_point(end - start);
        let sibling = if old.value() <= middle {
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
    if start != 0 {
        hashes.push(range_root(reader, start, end).map_err(ProveError::Read)?);
    }
    hashes.reverse();
    Ok(hashes)
}

#[cfg(test)]
mod tests {
    use super::{ConsistencyError, ProveError, TreeHead, prove, verify, verify_for_witness};
    use crate::merkle::test_tree::TestTree;
    use crate::merkle::{Hash, TreeSize};

    fn head(tree: &TestTree, size: u64) -> TreeHead {
        TreeHead {
            size: TreeSize::new(size),
            root: tree.root(size),
        }
    }

    #[test]
    fn every_pair_of_small_trees() {
        let tree = TestTree::numbered(40);
        for new in 1..=40 {
            for old in 1..=new {
                let (old, new) = (head(&tree, old), head(&tree, new));
                let proof = prove(&tree, old.size, new.size).unwrap();
                assert_eq!(
                    verify(old, new, &proof),
                    Ok(()),
                    "{} to {}",
                    old.size,
                    new.size
                );
                assert_eq!(verify_for_witness(old, new, &proof), Ok(()));
                assert_eq!(proof.is_empty(), old.size == new.size);

                let mut longer = proof.clone();
                longer.push(Hash::EMPTY_ROOT);
                assert!(matches!(
                    verify(old, new, &longer),
                    Err(ConsistencyError::HashCount { .. })
                ));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(matches!(
                        verify(old, new, shorter),
                        Err(ConsistencyError::HashCount { .. })
                    ));
                    assert!(matches!(
                        verify(old, new, &[]),
                        Err(ConsistencyError::HashCount { .. })
                    ));
                }
            }
        }
    }

    #[test]
    fn rewritten_history_is_refused() {
        let honest = TestTree::numbered(11);
        let mut rewritten = TestTree::numbered(20);
        rewritten.0[5] = Hash::leaf(b"never happened");
        let (old, new) = (head(&honest, 11), head(&rewritten, 20));
        let proof = prove(&rewritten, old.size, new.size).unwrap();
        assert!(matches!(
            verify(old, new, &proof),
            Err(ConsistencyError::OldRoot { .. })
        ));
        let proof = prove(&TestTree::numbered(20), old.size, new.size).unwrap();
        assert!(matches!(
            verify(old, new, &proof),
            Err(ConsistencyError::NewRoot { .. })
        ));
    }

    #[test]
    fn shrinking_and_equal_sizes() {
        let tree = TestTree::numbered(9);
        let (small, large) = (head(&tree, 5), head(&tree, 9));
        let refused = ConsistencyError::Shrunk {
            old: large.size,
            new: small.size,
        };
        assert_eq!(verify(large, small, &[]), Err(refused));
        assert_eq!(
            prove(&tree, large.size, small.size),
            Err(ProveError::Shrunk {
                old: large.size,
                new: small.size
            })
        );
        let forked = TreeHead {
            root: Hash::EMPTY_ROOT,
            ..large
        };
        assert!(matches!(
            verify(large, forked, &[]),
            Err(ConsistencyError::OldRoot { .. })
        ));
    }

    #[test]
    fn from_size_zero_only_a_witness_accepts() {
        let tree = TestTree::numbered(9);
        let (nothing, new) = (head(&tree, 0), head(&tree, 9));
        assert_eq!(prove(&tree, nothing.size, new.size), Ok(vec![]));
        assert_eq!(
            verify(nothing, new, &[]),
            Err(ConsistencyError::OldIsEmpty { new: new.size })
        );
        assert_eq!(
            verify(nothing, nothing, &[]),
            Err(ConsistencyError::OldIsEmpty { new: nothing.size })
        );
        assert_eq!(verify_for_witness(nothing, new, &[]), Ok(()));
        assert_eq!(verify_for_witness(nothing, nothing, &[]), Ok(()));
        let with_a_hash = verify_for_witness(nothing, new, &[Hash::EMPTY_ROOT]);
        assert!(matches!(
            with_a_hash,
            Err(ConsistencyError::HashCount {
                expected: 0,
                found: 1,
                ..
            })
        ));
        let found = new.root;
        let lie = TreeHead {
            size: TreeSize::EMPTY,
            root: found,
        };
        assert_eq!(
            verify_for_witness(nothing, lie, &[]),
            Err(ConsistencyError::EmptyTreeRoot { found })
        );
        assert_eq!(
            verify_for_witness(lie, new, &[]),
            Err(ConsistencyError::EmptyTreeRoot { found })
        );
    }
}

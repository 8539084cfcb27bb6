//! The vectors of transparency-dev/merkle, as they are published: `tests/vectors/published`, with
//! their licence (Apache-2.0) beside them.
//! <https://github.com/transparency-dev/merkle/tree/main/testdata>

use std::path::PathBuf;

use akashi_tlog::merkle::consistency::{self, TreeHead};
use akashi_tlog::merkle::inclusion::{self, Proof};
use akashi_tlog::merkle::{LeafIndex, TreeSize};

use crate::reference;
use crate::vector_files::{ConsistencyVector, InclusionVector, hash, hashes, read_all};

/// Vectors that are not for us, and why.
const EXCLUDED: [(&str, &str); 1] = [(
    "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json",
    "accepts roots of 12 bytes; ours have 32",
)];

fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vectors/published")
        .join(kind)
}

#[test]
fn inclusion() {
    let folder = folder("inclusion");
    let vectors = read_all::<InclusionVector>(&folder);
    assert!(vectors.len() > 50, "found {}", vectors.len());
    for (path, vector) in vectors {
        let (index, size) = (vector.leaf_idx, vector.tree_size);
        let parsed = (
            hash(&vector.root),
            hash(&vector.leaf_hash),
            hashes(vector.proof.as_deref()),
        );
        let (accepted, accepted_by_reference) = match parsed {
            (Some(root), Some(leaf), Some(hashes)) => {
                let plain: Vec<_> = hashes.iter().map(|hash| *hash.as_bytes()).collect();
                let found = reference::root_from_path(index, size, *leaf.as_bytes(), &plain);
                let proof = Proof::new(LeafIndex::new(index), hashes);
                (
                    inclusion::verify(&proof, &leaf, TreeSize::new(size), &root).is_ok(),
                    found == Some(*root.as_bytes()),
                )
            }
            _ => (false, false),
        };
        assert_eq!(
            accepted,
            !vector.want_err,
            "{}: {}",
            path.display(),
            vector.desc
        );
        assert_eq!(
            accepted_by_reference,
            !vector.want_err,
            "{}: {}",
            path.display(),
            vector.desc
        );
    }
}

#[test]
fn consistency() {
    let folder = folder("consistency");
    let vectors = read_all::<ConsistencyVector>(&folder);
    assert!(vectors.len() > 50, "found {}", vectors.len());
    for (path, vector) in vectors {
        if let Some((_, reason)) = EXCLUDED.iter().find(|(name, _)| path.ends_with(name)) {
            eprintln!("excluded: {}: {reason}", path.display());
            continue;
        }
        let parsed = (
            hash(&vector.root1),
            hash(&vector.root2),
            hashes(vector.proof.as_deref()),
        );
        let (accepted, accepted_by_reference) = match parsed {
            (Some(root1), Some(root2), Some(proof)) => {
                let plain: Vec<_> = proof.iter().map(|hash| *hash.as_bytes()).collect();
                let old = TreeHead {
                    size: TreeSize::new(vector.size1),
                    root: root1,
                };
                let new = TreeHead {
                    size: TreeSize::new(vector.size2),
                    root: root2,
                };
                (
                    consistency::verify(old, new, &proof).is_ok(),
                    reference::is_consistent(
                        (vector.size1, *root1.as_bytes()),
                        (vector.size2, *root2.as_bytes()),
                        &plain,
                    ),
                )
            }
            _ => (false, false),
        };
        assert_eq!(
            accepted,
            !vector.want_err,
            "{}: {}",
            path.display(),
            vector.desc
        );
        assert_eq!(
            accepted_by_reference,
            !vector.want_err,
            "{}: {}",
            path.display(),
            vector.desc
        );
    }
}

//! Every small tree: roots, proofs made and proofs refused, against [`reference`] and `rs_merkle`.
//!
//! `rs_merkle` builds RFC 6962 trees when it is given the node prefix (its default omits it) and
//! gives no root for an empty tree. It is an oracle for roots and paths here, never a verifier: it
//! accepts extra hashes and indexes past the end, which [`a_verifier_that_must_not_be_used`]
//! records, so that a later release that mends this is noticed.

use std::convert::Infallible;

use akashi_tlog::merkle::consistency::{self, TreeHead};
use akashi_tlog::merkle::inclusion::{self, Proof};
use akashi_tlog::merkle::{Frontier, Hash, HashReader, LeafIndex, TreeSize};
use rs_merkle::{Hasher, MerkleProof, MerkleTree};

use crate::reference::{self, Bytes32};

/// Past a tile row's half and past two powers of two; every shape of right edge up to seven levels
/// occurs.
const MAX_SIZE: usize = 130;

#[derive(Clone)]
struct Rfc6962;

impl Hasher for Rfc6962 {
    type Hash = Bytes32;

    fn hash(data: &[u8]) -> Bytes32 {
        reference::leaf(data)
    }

    fn concat_and_hash(left: &Bytes32, right: Option<&Bytes32>) -> Bytes32 {
        right.map_or(*left, |right| reference::node(*left, *right))
    }
}

/// Rows of complete subtrees, as a store keeps them, filled by a [`Frontier`] as it grows.
#[derive(Default)]
struct Rows(Vec<Vec<Hash>>);

impl Rows {
    fn keep(&mut self, level: u8, index: u64, hash: Hash) {
        let level = usize::from(level);
        if self.0.len() == level {
            self.0.push(Vec::new());
        }
        assert_eq!(
            self.0[level].len() as u64,
            index,
            "subtrees are completed in order"
        );
        self.0[level].push(hash);
    }
}

impl HashReader for Rows {
    type Error = Infallible;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        Ok(self.0[usize::from(level)][index as usize])
    }
}

fn leaves(count: usize) -> Vec<Bytes32> {
    (0..count)
        .map(|index| reference::leaf(format!("entry {index}").as_bytes()))
        .collect()
}

fn rows(leaves: &[Bytes32]) -> Rows {
    let (mut rows, mut frontier) = (Rows::default(), Frontier::new());
    for leaf in leaves {
        frontier.push_with(Hash::from_bytes(*leaf), |level, index, hash| {
            rows.keep(level, index, hash)
        });
    }
    rows
}

fn bytes(hashes: &[Hash]) -> Vec<Bytes32> {
    hashes.iter().map(|hash| *hash.as_bytes()).collect()
}

fn hashes(bytes: &[Bytes32]) -> Vec<Hash> {
    bytes.iter().copied().map(Hash::from_bytes).collect()
}

fn size(size: usize) -> TreeSize {
    TreeSize::new(size as u64)
}

#[test]
fn roots() {
    let leaves = leaves(MAX_SIZE);
    let mut frontier = Frontier::new();
    assert_eq!(*frontier.root().as_bytes(), reference::root(&[]));
    assert_eq!(MerkleTree::<Rfc6962>::from_leaves(&[]).root(), None);
    for (index, leaf) in leaves.iter().enumerate() {
        frontier.push(Hash::from_bytes(*leaf));
        let so_far = &leaves[..=index];
        let root = *frontier.root().as_bytes();
        assert_eq!(root, reference::root(so_far), "size {}", so_far.len());
        assert_eq!(
            MerkleTree::<Rfc6962>::from_leaves(so_far).root(),
            Some(root),
            "size {}",
            so_far.len()
        );
    }
}

#[test]
fn inclusion_proofs() {
    let leaves = leaves(MAX_SIZE);
    let rows = rows(&leaves);
    for count in 0..=MAX_SIZE {
        let oracle = MerkleTree::<Rfc6962>::from_leaves(&leaves[..count]);
        let root = reference::root(&leaves[..count]);
        for index in 0..count {
            let case = format!("index {index} size {count}");
            let proof = inclusion::prove(&rows, LeafIndex::new(index as u64), size(count)).unwrap();
            let path = bytes(proof.hashes());
            assert_eq!(path, reference::path(index, &leaves[..count]), "{case}");
            assert_eq!(path, oracle.proof(&[index]).proof_hashes(), "{case}");
            assert!(
                MerkleProof::<Rfc6962>::new(path.clone()).verify(
                    root,
                    &[index],
                    &[leaves[index]],
                    count
                ),
                "{case}"
            );
            let (leaf, root) = (Hash::from_bytes(leaves[index]), Hash::from_bytes(root));
            assert_eq!(
                inclusion::verify(&proof, &leaf, size(count), &root),
                Ok(()),
                "{case}"
            );
        }
        let past = LeafIndex::new(count as u64);
        assert!(
            inclusion::prove(&rows, past, size(count)).is_err(),
            "index {count} size {count}"
        );
    }
}

#[test]
fn consistency_proofs() {
    let leaves = leaves(MAX_SIZE);
    let rows = rows(&leaves);
    let heads: Vec<TreeHead> = (0..=MAX_SIZE)
        .map(|count| TreeHead {
            size: size(count),
            root: Hash::from_bytes(reference::root(&leaves[..count])),
        })
        .collect();
    for (new_size, new) in heads.iter().enumerate() {
        for (old_size, old) in heads.iter().enumerate().take(new_size + 1) {
            let case = format!("{old_size} to {new_size}");
            let proof = consistency::prove(&rows, old.size, new.size).unwrap();
            if old_size == 0 {
                assert!(proof.is_empty(), "{case}");
                assert!(consistency::verify(*old, *new, &proof).is_err(), "{case}");
            } else {
                assert_eq!(
                    bytes(&proof),
                    reference::consistency_proof(old_size, &leaves[..new_size]),
                    "{case}"
                );
                assert_eq!(consistency::verify(*old, *new, &proof), Ok(()), "{case}");
            }
            assert_eq!(
                consistency::verify_for_witness(*old, *new, &proof),
                Ok(()),
                "{case}"
            );
        }
    }
}

/// Changes to a good proof's hashes that a verifier might let pass.
fn disfigured(proof: &[Bytes32], known: &[Bytes32]) -> Vec<Vec<Bytes32>> {
    let mut variants = vec![proof.to_vec(), Vec::new()];
    for at in 0..=proof.len() {
        for hash in known {
            let mut longer = proof.to_vec();
            longer.insert(at, *hash);
            variants.push(longer);
        }
        if at < proof.len() {
            let mut shorter = proof.to_vec();
            shorter.remove(at);
            variants.push(shorter);
            let mut repeated = proof.to_vec();
            repeated.insert(at, proof[at]);
            variants.push(repeated);
            let mut changed = proof.to_vec();
            changed[at][31] ^= 1;
            variants.push(changed);
            let mut swapped = proof.to_vec();
            swapped.swap(0, at);
            variants.push(swapped);
        }
    }
    variants
}

#[test]
fn inclusion_is_refused_exactly_where_the_reference_refuses() {
    const COUNT: usize = 17;
    let leaves = leaves(COUNT);
    for count in 1..=COUNT {
        let root = reference::root(&leaves[..count]);
        for index in 0..count {
            let leaf = leaves[index];
            for path in disfigured(&reference::path(index, &leaves[..count]), &[root, leaf]) {
                for (claimed_index, claimed_size) in (0..=count as u64 + 1)
                    .flat_map(|index| (0..=COUNT as u64 + 1).map(move |size| (index, size)))
                {
                    let proof = Proof::new(LeafIndex::new(claimed_index), hashes(&path));
                    let found = inclusion::root_from_proof(
                        &proof,
                        &leaf.into(),
                        TreeSize::new(claimed_size),
                    );
                    let expected =
                        reference::root_from_path(claimed_index, claimed_size, leaf, &path);
                    let case = format!("{index} of {count} as {claimed_index} of {claimed_size}");
                    assert_eq!(found.ok().map(|root| *root.as_bytes()), expected, "{case}");
                }
            }
        }
    }
}

#[test]
fn consistency_is_refused_exactly_where_the_reference_refuses() {
    const COUNT: usize = 13;
    let leaves = leaves(COUNT);
    let roots: Vec<Bytes32> = (0..=COUNT)
        .map(|count| reference::root(&leaves[..count]))
        .collect();
    for new in 1..=COUNT {
        for old in 1..=new {
            let good = reference::consistency_proof(old, &leaves[..new]);
            for proof in disfigured(&good, &[roots[old], roots[new]]) {
                for (claimed_old, claimed_new) in
                    (0..=COUNT).flat_map(|old| (0..=COUNT).map(move |new| (old, new)))
                {
                    for (old_root, new_root) in [(old, new), (new, old), (claimed_old, claimed_new)]
                    {
                        let old_end = (claimed_old as u64, roots[old_root]);
                        let new_end = (claimed_new as u64, roots[new_root]);
                        let head = |(size, root): (u64, Bytes32)| TreeHead {
                            size: TreeSize::new(size),
                            root: Hash::from_bytes(root),
                        };
                        let found =
                            consistency::verify(head(old_end), head(new_end), &hashes(&proof));
                        let expected = reference::is_consistent(old_end, new_end, &proof);
                        assert_eq!(
                            found.is_ok(),
                            expected,
                            "{old} to {new} as {claimed_old} to {claimed_new}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_verifier_that_must_not_be_used() {
    let leaves = leaves(7);
    let root = reference::root(&leaves);
    let path = reference::path(6, &leaves);
    let longer = [path.clone(), vec![root]].concat();
    assert!(
        MerkleProof::<Rfc6962>::new(longer.clone()).verify(root, &[6], &[leaves[6]], 7),
        "extra hash"
    );
    let past_the_end = (7..=99).find(|index| {
        (0..7).any(|at| {
            let path = reference::path(at, &leaves);
            MerkleProof::<Rfc6962>::new(path).verify(root, &[*index], &[leaves[at]], 7)
        })
    });
    assert!(past_the_end.is_some(), "index past the end");

    let (leaf, root) = (Hash::from_bytes(leaves[6]), Hash::from_bytes(root));
    let verify = |index, path: &[Bytes32]| {
        inclusion::verify(
            &Proof::new(LeafIndex::new(index), hashes(path)),
            &leaf,
            TreeSize::new(7),
            &root,
        )
    };
    assert_eq!(verify(6, &path), Ok(()));
    assert!(verify(6, &longer).is_err());
    assert!(verify(99, &path).is_err());
}

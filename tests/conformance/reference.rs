//! The second implementation: RFC 6962 section 2.1 read aloud, recursive, slow, with its own
//! hashing. It shares nothing with `akashi-tlog`, so that both can be wrong in the same way only
//! if the same sentence was misread twice.

use sha2::{Digest, Sha256};

pub type Bytes32 = [u8; 32];

/// `MTH({}) = SHA-256()`, `MTH({d}) = SHA-256(0x00 || d)`.
pub fn leaf(entry: &[u8]) -> Bytes32 {
    Sha256::digest([&[0x00], entry].concat()).into()
}

/// `SHA-256(0x01 || left || right)`.
pub fn node(left: Bytes32, right: Bytes32) -> Bytes32 {
    Sha256::digest([&[0x01], left.as_slice(), &right].concat()).into()
}

/// `MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))`, over leaf hashes.
pub fn root(leaves: &[Bytes32]) -> Bytes32 {
    match leaves {
        [] => Sha256::digest([]).into(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(root(left), root(right))
        }
    }
}

/// `PATH(m, D[n])`.
pub fn path(index: usize, leaves: &[Bytes32]) -> Vec<Bytes32> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if index < k {
        [path(index, left), vec![root(right)]].concat()
    } else {
        [path(index - k, right), vec![root(left)]].concat()
    }
}

/// `PROOF(m, D[n]) = SUBPROOF(m, D[n], true)`.
pub fn consistency_proof(old: usize, leaves: &[Bytes32]) -> Vec<Bytes32> {
    subproof(old, leaves, true)
}

fn subproof(old: usize, leaves: &[Bytes32], is_whole: bool) -> Vec<Bytes32> {
    if old == leaves.len() {
        return if is_whole { vec![] } else { vec![root(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if old <= k {
        [subproof(old, left, is_whole), vec![root(right)]].concat()
    } else {
        [subproof(old - k, right, false), vec![root(left)]].concat()
    }
}

/// The root that a path made by [`path`] leads to; `None` if it cannot have been made so.
pub fn root_from_path(index: u64, size: u64, leaf: Bytes32, path: &[Bytes32]) -> Option<Bytes32> {
    if index >= size {
        return None;
    }
    if size == 1 {
        return path.is_empty().then_some(leaf);
    }
    let (sibling, below) = path.split_last()?;
    let k = split(size as usize) as u64;
    if index < k {
        Some(node(root_from_path(index, k, leaf, below)?, *sibling))
    } else {
        Some(node(
            *sibling,
            root_from_path(index - k, size - k, leaf, below)?,
        ))
    }
}

/// Whether a proof made by [`consistency_proof`] shows that `new` extends `old`.
pub fn is_consistent(old: (u64, Bytes32), new: (u64, Bytes32), proof: &[Bytes32]) -> bool {
    let possible = 0 < old.0 && old.0 <= new.0;
    possible && roots_from_subproof(old.0, new.0, proof, Some(old.1)) == Some((old.1, new.1))
}

/// Old and new root below a node; `whole` is the old root as long as the node still covers all of
/// the old tree.
fn roots_from_subproof(
    old: u64,
    new: u64,
    proof: &[Bytes32],
    whole: Option<Bytes32>,
) -> Option<(Bytes32, Bytes32)> {
    if old == new {
        return match (whole, proof) {
            (Some(root), []) | (None, &[root]) => Some((root, root)),
            _ => None,
        };
    }
    let (sibling, below) = proof.split_last()?;
    let k = split(new as usize) as u64;
    if old <= k {
        let (old_root, new_root) = roots_from_subproof(old, k, below, whole)?;
        Some((old_root, node(new_root, *sibling)))
    } else {
        let (old_root, new_root) = roots_from_subproof(old - k, new - k, below, None)?;
        Some((node(*sibling, old_root), node(*sibling, new_root)))
    }
}

/// "Let k be the largest power of two smaller than n."
fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

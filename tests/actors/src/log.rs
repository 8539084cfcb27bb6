//! Logs made from nothing but the published formats: entries, every subtree above them, proofs.

use std::convert::Infallible;

use akashi_proof::digest::Digest;
use akashi_proof::entry::Entry;
use akashi_tlog::checkpoint::{Checkpoint, Origin, sign_checkpoint};
use akashi_tlog::merkle::{Frontier, Hash, HashReader, LeafIndex, TreeSize, inclusion};
use akashi_tlog::tlog_proof::TlogProof;

use crate::SeededSigner;

/// Thirty-two bytes that look random and are the same every time.
pub fn filler(label: &str, number: u64) -> [u8; 32] {
    *Digest::of(&[label.as_bytes(), &number.to_be_bytes()]).as_bytes()
}

/// An entry of a stream nobody has the key of.
pub fn random_entry(index: u64) -> Vec<u8> {
    let entry = Entry {
        commitment: Digest::from_bytes(filler("commitment", index)),
        tag: filler("tag", index),
        gate: filler("gate", index),
    };
    entry.to_bytes().to_vec()
}

/// Every complete subtree of a log, by level.
pub struct Tree {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over these entries.
    pub fn of(entries: &[Vec<u8>]) -> Self {
        let mut tree = Self {
            frontier: Frontier::new(),
            levels: vec![Vec::new(); 64],
        };
        for entry in entries {
            tree.frontier
                .push_with(Hash::leaf(entry), |level, _, hash| {
                    tree.levels[usize::from(level)].push(hash);
                });
        }
        tree
    }

    /// How many entries.
    pub fn size(&self) -> TreeSize {
        self.frontier.size()
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The hashes of the complete subtrees of this level.
    pub fn level(&self, level: usize) -> &[Hash] {
        &self.levels[level]
    }
}

impl HashReader for Tree {
    type Error = Infallible;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        Ok(self.levels[usize::from(level)][index as usize])
    }
}

/// The proof of the entry at `index`, under a checkpoint of all of them that `signer` has signed
/// under its own name.
pub fn prove(entries: &[Vec<u8>], index: u64, signer: &SeededSigner) -> TlogProof {
    use akashi_tlog::signer::Signer;
    let tree = Tree::of(entries);
    let origin = Origin::new(signer.verifying_key().name().as_str()).unwrap();
    let checkpoint = Checkpoint::new(origin, tree.size(), tree.root()).unwrap();
    let note = sign_checkpoint(&checkpoint, &[signer]).unwrap();
    let path = inclusion::prove(&tree, LeafIndex::new(index), tree.size()).unwrap();
    TlogProof::new(Some(entries[index as usize].clone()), path, note).unwrap()
}

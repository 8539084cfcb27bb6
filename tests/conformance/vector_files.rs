//! Finds and reads vector files; they are JSON, one case a file, unknown fields refused.

use std::fs;
use std::path::{Path, PathBuf};

use akashi_tlog::base64;
use akashi_tlog::merkle::Hash;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An inclusion proof in the form of transparency-dev/merkle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InclusionVector {
    pub desc: String,
    pub leaf_idx: u64,
    pub tree_size: u64,
    pub root: String,
    pub leaf_hash: String,
    pub proof: Option<Vec<String>>,
    pub want_err: bool,
    /// Ours only: a word of the error it must be refused with.
    pub refused_as: Option<String>,
}

/// A consistency proof in the form of transparency-dev/merkle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsistencyVector {
    pub desc: String,
    pub size1: u64,
    pub size2: u64,
    pub root1: String,
    pub root2: String,
    pub proof: Option<Vec<String>>,
    pub want_err: bool,
    /// Ours only: a word of the error it must be refused with.
    pub refused_as: Option<String>,
    /// Ours only: whether a witness refuses it too.
    pub witness_want_err: Option<bool>,
}

/// All vectors below a folder, with their paths, in order.
pub fn read_all<V: DeserializeOwned>(folder: &Path) -> Vec<(PathBuf, V)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut vectors = Vec::new();
    for path in paths {
        if path.is_dir() {
            vectors.extend(read_all(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let vector = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            vectors.push((path, vector));
        }
    }
    vectors
}

/// A hash of a vector. Some published ones are no hashes on purpose: those are refused before any
/// proof is looked at.
pub fn hash(text: &str) -> Option<Hash> {
    let bytes = base64::standard::decode(text).expect("vectors are base64");
    Hash::try_from(bytes.as_slice()).ok()
}

/// The hashes of a proof, as for [`hash`]; an absent proof is an empty one.
pub fn hashes(texts: Option<&[String]>) -> Option<Vec<Hash>> {
    texts
        .unwrap_or_default()
        .iter()
        .map(|text| hash(text))
        .collect()
}

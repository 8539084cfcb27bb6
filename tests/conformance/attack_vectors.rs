//! Our own vectors: `tests/vectors/<kind>/<attack>.json`, each named after what it tries. The
//! fields are described in `tests/vectors/README.md`.
//!
//! A vector that must be refused says as what: `refusedAs` is a word of the error's `Debug` form.
//! So a vector that is refused for another reason than the one it was written for is noticed.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use akashi_tlog::base64;
use akashi_tlog::checkpoint::{LogKeys, VerifiedCheckpoint};
use akashi_tlog::merkle::consistency::{self, TreeHead};
use akashi_tlog::merkle::inclusion::{self, Proof};
use akashi_tlog::merkle::{Hash, LeafIndex, TreeSize};
use akashi_tlog::signed_note::{Note, VerifyingKey};
use akashi_tlog::tile::{Tile, TileWidth, entry_bundle};
use akashi_tlog::tlog_proof::TlogProof;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::vector_files::{ConsistencyVector, InclusionVector, hash, hashes, read_all};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NoteVector {
    desc: String,
    want_err: bool,
    refused_as: Option<String>,
    vkeys: Vec<String>,
    note: String,
    /// How many of the keys have signed.
    verified: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CheckpointVector {
    desc: String,
    want_err: bool,
    refused_as: Option<String>,
    log_vkeys: Vec<String>,
    witness_vkeys: Vec<String>,
    checkpoint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProofVector {
    desc: String,
    want_err: bool,
    refused_as: Option<String>,
    log_vkeys: Vec<String>,
    witness_vkeys: Vec<String>,
    /// The leaf hash to look for; without it, that of the extra data.
    leaf_hash: Option<String>,
    proof: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TileVector {
    desc: String,
    want_err: bool,
    refused_as: Option<String>,
    /// A path to parse.
    path: Option<String>,
    /// Or a bundle to read, in base64, for this many entries.
    bundle: Option<String>,
    width: Option<u16>,
}

fn vectors<V: DeserializeOwned>(kind: &str) -> Vec<(PathBuf, V)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(kind);
    let vectors = read_all(&folder);
    assert!(!vectors.is_empty(), "no vectors in {}", folder.display());
    vectors
}

fn check<E: Debug>(
    path: &Path,
    desc: &str,
    (want_err, refused_as): (bool, Option<String>),
    found: Result<(), E>,
) {
    let case = format!("{}: {desc}", path.display());
    assert_eq!(
        want_err,
        refused_as.is_some(),
        "{case}: wantErr and refusedAs go together"
    );
    match (found, refused_as) {
        (Ok(()), None) => {}
        (Ok(()), Some(cause)) => panic!("{case}: accepted, should be refused as {cause}"),
        (Err(error), None) => panic!("{case}: refused as {error:?}"),
        (Err(error), Some(cause)) => {
            let text = format!("{error:?}");
            let mut words = text.split(|character: char| !character.is_alphanumeric());
            assert!(
                words.any(|word| word == cause),
                "{case}: should be refused as {cause}, found {text}"
            );
        }
    }
}

/// Joins errors of different steps: only their `Debug` form is compared.
fn debug<E: Debug>(error: E) -> String {
    format!("{error:?}")
}

fn keys(vkeys: &[String]) -> Result<Vec<VerifyingKey>, String> {
    vkeys
        .iter()
        .map(|vkey| VerifyingKey::parse(vkey).map_err(debug))
        .collect()
}

fn log_keys(vkeys: &[String]) -> Result<LogKeys, String> {
    LogKeys::new(keys(vkeys)?).map_err(debug)
}

#[test]
fn inclusion() {
    for (path, vector) in vectors::<InclusionVector>("inclusion") {
        let proof = Proof::new(
            LeafIndex::new(vector.leaf_idx),
            hashes(vector.proof.as_deref()).unwrap(),
        );
        let (leaf, root) = (
            hash(&vector.leaf_hash).unwrap(),
            hash(&vector.root).unwrap(),
        );
        let found = inclusion::verify(&proof, &leaf, TreeSize::new(vector.tree_size), &root);
        check(
            &path,
            &vector.desc,
            (vector.want_err, vector.refused_as),
            found,
        );
    }
}

#[test]
fn consistency() {
    for (path, vector) in vectors::<ConsistencyVector>("consistency") {
        let head = |size, root: &str| TreeHead {
            size: TreeSize::new(size),
            root: hash(root).unwrap(),
        };
        let (old, new) = (
            head(vector.size1, &vector.root1),
            head(vector.size2, &vector.root2),
        );
        let proof = hashes(vector.proof.as_deref()).unwrap();
        let by_witness = consistency::verify_for_witness(old, new, &proof);
        assert_eq!(
            Some(by_witness.is_err()),
            vector.witness_want_err,
            "{}: witness",
            path.display()
        );
        let found = consistency::verify(old, new, &proof);
        check(
            &path,
            &vector.desc,
            (vector.want_err, vector.refused_as),
            found,
        );
    }
}

#[test]
fn signed_note() {
    for (path, vector) in vectors::<NoteVector>("signed_note") {
        let found = keys(&vector.vkeys).and_then(|known| {
            let note = Note::parse(vector.note.as_bytes()).map_err(debug)?;
            assert_eq!(
                note.to_string(),
                vector.note,
                "{}: written as read",
                path.display()
            );
            note.open(&known).map_err(debug)
        });
        let verified = found.as_ref().ok().map(|note| note.signatures().len());
        assert_eq!(verified, vector.verified, "{}: {found:?}", path.display());
        check(
            &path,
            &vector.desc,
            (vector.want_err, vector.refused_as),
            found.map(drop),
        );
    }
}

#[test]
fn checkpoint() {
    for (path, vector) in vectors::<CheckpointVector>("checkpoint") {
        let found = log_keys(&vector.log_vkeys).and_then(|log| {
            let witnesses = keys(&vector.witness_vkeys)?;
            VerifiedCheckpoint::open(vector.checkpoint.as_bytes(), &log, &witnesses).map_err(debug)
        });
        check(
            &path,
            &vector.desc,
            (vector.want_err, vector.refused_as),
            found.map(drop),
        );
    }
}

#[test]
fn tlog_proof() {
    for (path, vector) in vectors::<ProofVector>("tlog_proof") {
        let found = log_keys(&vector.log_vkeys).and_then(|log| {
            let witnesses = keys(&vector.witness_vkeys)?;
            let proof = TlogProof::parse(vector.proof.as_bytes()).map_err(debug)?;
            assert_eq!(
                proof.to_string(),
                vector.proof,
                "{}: written as read",
                path.display()
            );
            match &vector.leaf_hash {
                Some(leaf) => proof
                    .verify(&Hash::from_base64(leaf).unwrap(), &log, &witnesses)
                    .map(drop),
                None => proof.verify_extra(&log, &witnesses).map(drop),
            }
            .map_err(debug)
        });
        check(
            &path,
            &vector.desc,
            (vector.want_err, vector.refused_as),
            found,
        );
    }
}

#[test]
fn tile() {
    for (path, vector) in vectors::<TileVector>("tile") {
        let found = match (&vector.path, &vector.bundle, vector.width) {
            (Some(text), None, None) => Tile::parse(text).map_err(debug).map(|tile| {
                assert_eq!(
                    tile.to_string(),
                    *text,
                    "{}: written as read",
                    path.display()
                );
            }),
            (None, Some(bundle), Some(width)) => {
                let bundle = base64::standard::decode(bundle).unwrap();
                entry_bundle::decode(&bundle, TileWidth::new(width).unwrap())
                    .map(drop)
                    .map_err(debug)
            }
            _ => panic!(
                "{}: either a path, or a bundle and its width",
                path.display()
            ),
        };
        check(
            &path,
            &vector.desc,
            (vector.want_err, vector.refused_as),
            found,
        );
    }
}

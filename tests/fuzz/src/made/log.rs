//! A log of five entries: its tree, its signed head, proofs. The signature is none; what only
//! parses never asks.

use std::convert::Infallible;

use akashi_proof::digest::Digest;
use akashi_proof::entry::Entry;
use akashi_proof::record::Record;
use akashi_proof::record::commitment::commit;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::{Checkpoint, Origin};
use akashi_tlog::merkle::{Frontier, Hash, HashReader, LeafIndex, inclusion};
use akashi_tlog::signed_note::{Note, VerifyingKey};
use akashi_tlog::tile::entry_bundle;
use akashi_tlog::tlog_proof::TlogProof;

use super::records::RECORD_KEY;
use super::{ORIGIN, Seed, seed};

/// A key the log could sign with.
pub const VKEY: &str =
    "demo.akashi.example/log+8f2e4416+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
/// How many entries the log has.
const SIZE: u8 = 5;

pub fn seeds() -> Vec<Seed> {
    let log = Log::of(&[]);
    let proof = |index| log.proof(index).to_string();
    let bundle = entry_bundle::encode(&log.entries).unwrap();
    vec![
        seed("vkey", "log", VKEY),
        seed("vkey_file", "one", format!("{VKEY}\n")),
        seed("vkey_file", "two", format!("{VKEY}\n{VKEY}\n")),
        seed("note", "head", log.note().to_string()),
        seed("checkpoint", "head", log.note().to_string()),
        seed("entry", "one", &log.entries[0][..]),
        seed("entry_bundle", "five", bundle),
        seed("tlog_proof", "first", proof(0)),
        seed("tlog_proof", "last", proof(u64::from(SIZE) - 1)),
    ]
}

/// Entries, and every complete subtree above them.
pub struct Log {
    entries: Vec<Vec<u8>>,
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl Log {
    /// A log that begins with the entries of these records.
    pub fn of(records: &[&Record]) -> Self {
        let mut log = Self {
            entries: Vec::new(),
            frontier: Frontier::new(),
            levels: vec![Vec::new(); 8],
        };
        let commitments = records.iter().map(|record| commit(record, &RECORD_KEY));
        let others = std::iter::repeat(Digest::from_bytes([9; 32]));
        for (number, commitment) in (0..SIZE).zip(commitments.chain(others)) {
            let entry = Entry {
                commitment,
                tag: [number; 32],
                gate: [number + 100; 32],
            };
            log.append(entry.to_bytes().to_vec());
        }
        log
    }

    fn append(&mut self, entry: Vec<u8>) {
        let levels = &mut self.levels;
        self.frontier
            .push_with(Hash::leaf(&entry), |level, _, hash| {
                levels[usize::from(level)].push(hash);
            });
        self.entries.push(entry);
    }

    /// Its head as it would be signed.
    pub fn note(&self) -> Note {
        let key = VerifyingKey::parse(VKEY).unwrap();
        let origin = Origin::new(ORIGIN).unwrap();
        let root = self.frontier.root();
        let checkpoint = Checkpoint::new(origin, self.frontier.size(), root).unwrap();
        let id = u32::from_str_radix(VKEY.split('+').nth(1).unwrap(), 16).unwrap();
        let signature = [&id.to_be_bytes()[..], &[5; 64]].concat();
        let signature = base64::standard::encode(&signature);
        let note = format!("{checkpoint}\n— {} {signature}\n", key.name());
        Note::parse(note.as_bytes()).unwrap()
    }

    /// That this entry is in it.
    pub fn proof(&self, index: u64) -> TlogProof {
        let size = self.frontier.size();
        let path = inclusion::prove(self, LeafIndex::new(index), size).unwrap();
        let entry = self.entries[usize::try_from(index).unwrap()].clone();
        TlogProof::new(Some(entry), path, self.note()).unwrap()
    }
}

impl HashReader for Log {
    type Error = Infallible;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        Ok(self.levels[usize::from(level)][usize::try_from(index).unwrap_or(usize::MAX)])
    }
}

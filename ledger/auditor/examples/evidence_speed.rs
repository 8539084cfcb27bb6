//! What one permit costs in hashing, and what a holder's check of it costs:
//! `cargo run --release -p akashi-audit --example evidence_speed`
//!
//! Prints the 50th and 99th percentile and the maximum of single calls: working out a record, making its evidence, and
//! what a data holder does before it releases anything - parse, verify, unseal, gate, request.

#![allow(clippy::unwrap_used, reason = "a measurement stops at the first thing that is wrong")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use akashi_proof::checkpoint::{Checkpoint, LogKeys, sign_checkpoint};
use akashi_proof::digest::Secret;
use akashi_proof::entry::Entry;
use akashi_proof::evidence::Evidence;
use akashi_proof::gate::gate;
use akashi_proof::ids::{CategoryCode, Timestamp};
use akashi_proof::merkle::{Hash, LeafIndex, TreeSize, inclusion};
use akashi_proof::record::Record;
use akashi_proof::record::event::Event;
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::value::{Bytes, Set};
use akashi_proof::signer::Signer;
use akashi_proof::tlog_proof::TlogProof;
use support::{GATE_NUMBER, TestSigner};

const RECORD_KEY: Secret = Secret::from_bytes([1; 32]);
const EVIDENCE_KEY: Secret = Secret::from_bytes(support::EVIDENCE_KEY);
const LINK_KEY: Secret = Secret::from_bytes(support::LINK_KEY);
/// Height of the tree the path is for: some ten million records.
const HEIGHT: usize = 23;

/// A permit as a busy hospital's: four categories, a statement of the usual length.
fn record() -> Record {
    let mut record = support::permit(Timestamp::from_millis(support::OPENED));
    let Event::AccessPermitted(permitted) = &mut record.event else { unreachable!() };
    let categories = ["medication", "allergy", "diagnosis", "surgery"].map(|code| CategoryCode::parse(code).unwrap());
    permitted.categories = Set::new(categories);
    permitted.statement = Bytes(vec![b'j'; 900]);
    record
}

fn main() {
    let (record, signer) = (record(), TestSigner::log());
    let log = LogKeys::new(vec![signer.verifying_key().clone()]).unwrap();
    let hashed = Hashed::new(&record, &RECORD_KEY);
    let entry = Entry { commitment: hashed.commitment(), tag: [1; 32], gate: gate(&LINK_KEY, GATE_NUMBER) }.to_bytes();
    let siblings: Vec<Hash> = (0..HEIGHT).map(|height| Hash::leaf(&[height as u8])).collect();
    let root = siblings.iter().fold(Hash::leaf(&entry), |below, left| Hash::node(left, &below));
    let size = 1u64 << HEIGHT;
    let checkpoint = Checkpoint::new(record.origin.clone(), TreeSize::new(size), root).unwrap();
    let note = sign_checkpoint(&checkpoint, &[&signer as &dyn Signer]).unwrap();
    let path = inclusion::Proof::new(LeafIndex::new(size - 1), siblings);
    let proof = TlogProof::new(Some(entry.to_vec()), path, note).unwrap();
    let make = || Evidence::make(&record, &hashed, &RECORD_KEY, proof.clone(), &EVIDENCE_KEY).unwrap();
    let file = make().to_string();

    report("work out a record", || Hashed::new(&record, &RECORD_KEY).commitment());
    report("make its evidence", || make().to_string());
    report("check it as its holder", || {
        let evidence = Evidence::parse(file.as_bytes()).unwrap();
        let verified = evidence.verify(&log, &[]).unwrap();
        let part = verified.unseal(&EVIDENCE_KEY).unwrap();
        verified.check_gate(&part, &LINK_KEY, GATE_NUMBER - 1).unwrap();
        verified.check_request(&part, "GET", "/medication", b"").unwrap();
    });
}

fn report<T>(name: &str, work: impl Fn() -> T) {
    for _ in 0..1_000 {
        black_box(work());
    }
    let one = |_| {
        let begun = Instant::now();
        black_box(work());
        begun.elapsed()
    };
    let mut taken: Vec<Duration> = (0..50_000).map(one).collect();
    taken.sort();
    let [p50, p99, max] = [taken.len() / 2, taken.len() * 99 / 100, taken.len() - 1].map(|place| taken[place]);
    println!("{name:<24}  p50 {p50:>9.1?}  p99 {p99:>9.1?}  max {max:>9.1?}");
}

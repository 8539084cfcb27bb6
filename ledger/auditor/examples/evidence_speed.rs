//! What one permit costs in hashing, and what a holder's check of it costs:
//! `cargo run --release -p akashi-audit --example evidence_speed`
//!
//! Prints the 50th and 99th percentile and the maximum of single calls: working out a record,
//! making its evidence, and what a data holder does before it releases anything - parse, verify,
//! unseal, gate, request.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../tests/all/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use akashi_actors::permit::{self, CONSENT_INDEX, GATE_NUMBER};
use akashi_proof::digest::Secret;
use akashi_proof::entry::Entry;
use akashi_proof::evidence::{Beside, ConsentProof, Evidence};
use akashi_proof::gate::{KeptGates, SeenLog, gate};
use akashi_proof::ids::{CategoryCode, LinkCode, Timestamp};
use akashi_proof::record::Record;
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::kind::Event;
use akashi_proof::record::value::{Bytes, Set};
use akashi_tlog::checkpoint::{Checkpoint, LogKeys, sign_checkpoint};
use akashi_tlog::merkle::{Hash, LeafIndex, TreeSize, inclusion};
use akashi_tlog::signer::Signer;
use akashi_tlog::tlog_proof::TlogProof;
use support::log_signer;

const RECORD_KEY: Secret = Secret::from_bytes([1; 32]);
const EVIDENCE_KEY: Secret = Secret::from_bytes(permit::EVIDENCE_KEY);
const LINK_KEY: Secret = Secret::from_bytes(permit::LINK_KEY);
/// Height of the tree the paths are for: some ten million records.
const HEIGHT: u8 = 23;

/// A permit as a busy hospital's: four categories, a statement of the usual length.
fn record() -> Record {
    let mut record = permit::permit(Timestamp::from_millis(support::OPENED));
    let Event::AccessPermitted(permitted) = &mut record.event else {
        unreachable!()
    };
    let categories = ["medication", "allergy", "diagnosis", "surgery"]
        .map(|code| CategoryCode::parse(code).unwrap());
    permitted.categories = Set::new(categories);
    permitted.statement = Bytes(vec![b'j'; 900]);
    record
}

/// A proof of this record at this place in a full tree, signed by the log.
fn proof(record: &Record, index: u64, gate: [u8; 32]) -> TlogProof {
    let commitment = Hashed::new(record, &RECORD_KEY).commitment();
    let entry = Entry {
        commitment,
        tag: [1; 32],
        gate,
    }
    .to_bytes();
    let siblings: Vec<Hash> = (0..HEIGHT).map(|height| Hash::leaf(&[height])).collect();
    let up = |below: Hash, (height, sibling): (u8, &Hash)| match index >> height & 1 {
        0 => Hash::node(&below, sibling),
        _ => Hash::node(sibling, &below),
    };
    let root = (0..HEIGHT).zip(&siblings).fold(Hash::leaf(&entry), up);
    let checkpoint =
        Checkpoint::new(record.origin.clone(), TreeSize::new(1 << HEIGHT), root).unwrap();
    let note = sign_checkpoint(&checkpoint, &[&log_signer() as &dyn Signer]).unwrap();
    TlogProof::new(
        Some(entry.to_vec()),
        inclusion::Proof::new(LeafIndex::new(index), siblings),
        note,
    )
    .unwrap()
}

/// The consent the permit rests on.
fn consent(permit: &Record) -> String {
    let mut record = permit::consent(Timestamp::from_millis(support::OPENED));
    let (Event::ConsentGiven(consent), Event::AccessPermitted(permit)) =
        (&mut record.event, &permit.event)
    else {
        unreachable!()
    };
    consent.terms.categories = permit.categories.clone();
    let proof = proof(&record, CONSENT_INDEX, [2; 32]);
    ConsentProof::make(&record, &RECORD_KEY, proof)
        .unwrap()
        .to_string()
}

fn main() {
    let record = record();
    let log = LogKeys::new(vec![log_signer().verifying_key().clone()]).unwrap();
    let hashed = Hashed::new(&record, &RECORD_KEY);
    let proof = proof(
        &record,
        (1 << HEIGHT) - 1,
        gate(&LINK_KEY, support::gate_number(GATE_NUMBER)),
    );
    let consent = consent(&record);
    let make = || {
        Evidence::make(
            &record,
            &hashed,
            &RECORD_KEY,
            proof.clone(),
            &EVIDENCE_KEY,
            Beside {
                consent: Some(&consent),
                approval: None,
            },
        )
        .unwrap()
    };
    let file = make();
    let kept = KeptGates::new(LinkCode::from_sealed(&[7; LinkCode::SEALED_LEN]));
    let seen = SeenLog::new(log.origin().clone());

    report("work out a record", || {
        Hashed::new(&record, &RECORD_KEY).commitment()
    });
    report("make its evidence", make);
    report("check it as its holder", || {
        let evidence = Evidence::parse(file.as_bytes()).unwrap();
        let verified = evidence.verify(&log, &[]).unwrap();
        let part = verified.unseal(&EVIDENCE_KEY).unwrap();
        verified
            .check_gate(&part, &LINK_KEY, (&kept, &seen), verified.time)
            .unwrap();
        verified
            .check_request(&part, "GET", "/medication", b"")
            .unwrap();
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
    let [p50, p99, max] =
        [taken.len() / 2, taken.len() * 99 / 100, taken.len() - 1].map(|place| taken[place]);
    println!("{name:<24}  p50 {p50:>9.1?}  p99 {p99:>9.1?}  max {max:>9.1?}");
}

//! What one permit costs in hashing, and what a holder's check of it costs:
//! `cargo run --release -p akashi-proof --example evidence_speed`
//!
//! Prints the 50th and 99th percentile and the maximum of single calls: working out a record, making its evidence, and
//! what a data holder does before it releases anything - parse, verify, unseal, gate, request.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first thing that is wrong")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use akashi_proof::checkpoint::{Checkpoint, LogKeys, Origin, sign_checkpoint};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::entry::Entry;
use akashi_proof::evidence::Evidence;
use akashi_proof::gate::gate;
use akashi_proof::ids::{
    CategoryCode, InstitutionId, Jti, LinkCode, ProcessId, PurposeCode, RoleCode, RoleHolderId, SubjectHandle,
    Timestamp,
};
use akashi_proof::key::evidence_kid;
use akashi_proof::merkle::{Hash, LeafIndex, TreeSize, inclusion};
use akashi_proof::public_key::PublicKey;
use akashi_proof::record::event::{AccessDecided, BasisKind, Event, Outcome};
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::value::{Bytes, Set};
use akashi_proof::record::{PersonPosition, Position, Record};
use akashi_proof::signed_note::{KeyName, SignatureType, VerifyingKey};
use akashi_proof::signer::{Signer, SignerUnavailable};
use akashi_proof::statement::{RequestNonce, request_digest};
use akashi_proof::tlog_proof::TlogProof;
use ed25519_dalek::{Signer as _, SigningKey};

const ORIGIN: &str = "bench.akashi.example/log";
const RECORD_KEY: Secret = Secret::from_bytes([1; 32]);
const EVIDENCE_KEY: Secret = Secret::from_bytes([2; 32]);
const LINK_KEY: Secret = Secret::from_bytes([3; 32]);
const NONCE: RequestNonce = RequestNonce::from_bytes([4; 16]);
/// Height of the tree the path is for: some ten million records.
const HEIGHT: usize = 23;

struct LogKey(SigningKey, VerifyingKey);

impl LogKey {
    fn new() -> Self {
        let key = SigningKey::from_bytes(&[8; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes()).unwrap();
        let name = KeyName::new(ORIGIN).unwrap();
        Self(key, VerifyingKey::new(name, SignatureType::Ed25519, public))
    }
}

impl Signer for LogKey {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.1
    }
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignerUnavailable> {
        Ok(self.0.sign(message).to_bytes())
    }
}

/// A permit as a busy hospital's: four categories, a statement of the usual length.
fn record() -> Record {
    let categories = ["medication", "allergy", "diagnosis", "surgery"].map(|code| CategoryCode::parse(code).unwrap());
    Record {
        origin: Origin::new(ORIGIN).unwrap(),
        time: Timestamp::from_millis(1_000_000),
        position: Position::Person(PersonPosition {
            subject: SubjectHandle::from_bytes([5; 16]),
            epoch: 0,
            seq: 9,
            prev: Some(3),
        }),
        engine: "akashi-policies 1".into(),
        retain_until: Timestamp::from_millis(9_000_000),
        event: Event::AccessPermitted(AccessDecided {
            requester: InstitutionId::parse("hospital.chuo").unwrap(),
            role_holder: RoleHolderId::parse("dr-sato").unwrap(),
            role: RoleCode::parse("physician").unwrap(),
            process: ProcessId::parse("care.consult").unwrap(),
            purpose: PurposeCode::parse("treatment").unwrap(),
            holder: InstitutionId::parse("pharmacy.midori").unwrap(),
            categories: Set::new(categories),
            basis_kind: BasisKind::Consent,
            reason_code: None,
            reason_text: None,
            on_behalf_of: None,
            case: None,
            request_digest: request_digest(&NONCE, "GET", "/medication", b""),
            request_nonce: Bytes(NONCE.as_bytes().to_vec()),
            outcome: Outcome::Permit,
            told: Outcome::Permit,
            step: None,
            reasons: vec![],
            duties: vec!["notify".into()],
            expires: Some(Timestamp::from_millis(1_600_000)),
            policy_digest: Digest::from_bytes([6; 32]),
            consent: Some(2),
            approval: None,
            holder_link: Some(LinkCode::from_sealed(&[7; 35])),
            gate_number: Some(4),
            kid: evidence_kid(&EVIDENCE_KEY),
            jti: Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
            statement: Bytes(vec![b'j'; 900]),
        }),
    }
}

fn main() {
    let (record, signer) = (record(), LogKey::new());
    let log = LogKeys::new(vec![signer.1.clone()]).unwrap();
    let hashed = Hashed::new(&record, &RECORD_KEY);
    let entry = Entry { commitment: hashed.commitment(), tag: [1; 32], gate: gate(&LINK_KEY, 4) }.to_bytes();
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
        verified.check_gate(&part, &LINK_KEY, 3).unwrap();
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

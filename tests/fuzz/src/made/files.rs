//! What people and holders keep: evidence, a history, keys.

use akashi_proof::digest::{Digest, Secret};
use akashi_proof::evidence::{Beside, ConsentProof, Evidence};
use akashi_proof::gate::{CatchUp, GateInLog, KeptGates, PermitGate, SeenLog};
use akashi_proof::history::{HistoryHead, HistoryItem};
use akashi_proof::history_key::HistoryKey;
use akashi_proof::ids::{Epoch, GateNumber, LeafIndex, LinkCode, Seq, Timestamp, TreeSize};
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::kind::StreamKind;
use akashi_proof::record::{Kind, Record};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;

use super::log::Log;
use super::records::{RECORD_KEY, at, record};
use super::statements::{link_code, qid};
use super::{ORIGIN, Seed, seed};

const KEY: [u8; 32] = [12; 32];

pub fn seeds() -> Vec<Seed> {
    let key = base64::url::encode(&KEY);
    let code = link_code();
    let one_link = format!(r#""link_code":"{}","link_key":"{key}""#, code.as_str());
    let history_key = HistoryKey {
        origin: Origin::new(ORIGIN).unwrap(),
        epoch: Epoch::FIRST,
        key: Secret::from_bytes(KEY),
    };
    vec![
        seed("link_code", "one", code.as_str()),
        seed("qid", "one", qid().as_str()),
        seed("history_key", "one", history_key.to_text()),
        seed(
            "holder_key",
            "link",
            format!(r#"{{"evidence_key":"{key}",{one_link}}}"#),
        ),
        seed(
            "holder_key",
            "alone",
            format!(r#"{{"evidence_key":"{key}"}}"#),
        ),
        seed("evidence", "plain", evidence(false)),
        seed("evidence", "consent", evidence(true)),
        seed("history", "every-kind", history()),
        seed("gates", "one", gates()),
        seed("kept_gates", "one", kept_gates(code)),
        seed("seen_log", "restored", seen_log()),
    ]
}

/// Of a link with one permit.
fn gates() -> String {
    let permit = record(Kind::AccessPermitted, true);
    let proof = Log::of(&[&permit]).proof(0);
    let gate = GateInLog {
        number: GateNumber::FIRST,
        entry: proof.extra().unwrap().try_into().unwrap(),
        path: proof.inclusion().clone(),
    };
    let file = CatchUp {
        from: TreeSize::new(0),
        consistency: Vec::new(),
        gates: vec![gate],
        checkpoint: proof.checkpoint().clone(),
    };
    file.to_string()
}

/// After one release.
fn kept_gates(link: LinkCode) -> String {
    let mut kept = KeptGates::new(link);
    let permit = PermitGate {
        number: GateNumber::FIRST,
        index: LeafIndex::new(7),
        commitment: Digest::from_bytes(KEY),
        expires: Timestamp::from_millis(1_790_000_600_000),
    };
    kept.spend(&permit, Timestamp::from_millis(1_790_000_000_000));
    kept.to_string()
}

fn seen_log() -> String {
    let mut seen = SeenLog::new(Origin::new(ORIGIN).unwrap());
    seen.restored();
    seen.to_string()
}

/// Of a permit, with the consent it rests on or without.
fn evidence(by_consent: bool) -> String {
    let consent = record(Kind::ConsentGiven, true);
    let permit = record(Kind::AccessPermitted, true);
    let log = Log::of(&[&consent, &permit]);
    let consent = ConsentProof::make(&consent, &RECORD_KEY, log.proof(0)).unwrap();
    let consent = by_consent.then(|| consent.to_string());
    let hashed = Hashed::new(&permit, &RECORD_KEY);
    let (proof, key) = (log.proof(1), Secret::from_bytes(KEY));
    let made = Evidence::make(
        &permit,
        &hashed,
        &RECORD_KEY,
        proof,
        &key,
        Beside {
            consent: consent.as_deref(),
            approval: None,
        },
    );
    made.unwrap()
}

/// A record of each kind a person has, and two that are missing.
fn history() -> String {
    let kinds = Kind::ALL
        .iter()
        .filter(|kind| kind.stream() == StreamKind::Person);
    let records: Vec<Record> = kinds.map(|kind| record(*kind, true)).collect();
    let mut items: Vec<HistoryItem> = (1..)
        .zip(records)
        .map(|(seq, record)| {
            let (index, record) = at(record, seq);
            HistoryItem::open(index, &record, &RECORD_KEY)
        })
        .collect();
    for index in [Some(LeafIndex::new(90)), None] {
        let seq = Seq::new(items.len() as u64 + 1).unwrap();
        items.push(HistoryItem::Missing { seq, index });
    }
    let head = HistoryHead {
        origin: Origin::new(ORIGIN).unwrap(),
        epoch: Epoch::FIRST,
        records: items.len() as u64,
    };
    let items: String = items.iter().map(ToString::to_string).collect();
    format!("{head}{items}{}", Log::of(&[]).note())
}

//! `verify`: what one file proves, offline, against keys the user names; with a log at hand, also
//! whether that log still begins with the tree the file was made from.
//!
//! Two kinds of file, known by their first line: evidence that an access is permitted
//! (`akashi-evidence/v1`) and a proof that an entry is in the log (`c2sp.org/tlog-proof@v1`).
//! Reading is all this does; spending evidence is the ledger's business. Evidence that has expired
//! still proves that there was a permit, and is good as such; who is about to release data asks for
//! more ([`Request::release`]).

mod evidence;
mod holder_key;
mod problem;

use akashi_proof::entry::Entry;
use akashi_proof::evidence::HEADER as EVIDENCE_HEADER;
use akashi_proof::gate::{KeptGates, SeenLog};
use akashi_proof::history;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_tlog::checkpoint::{LogKeys, VerifiedCheckpoint};
use akashi_tlog::tlog_proof::{HEADER as PROOF_HEADER, TlogProof};
use serde_json::{Value, json};

pub use holder_key::{HOLDER_KEY_LEN_MAX, HolderKey, HolderKeyError, HolderLink};
pub use problem::Problem;

use crate::earlier::Earlier;
use crate::finding::Severe;
use crate::fsck::{self, Today};
use crate::verdict::Verdict;

/// Longest file read: the longest proof; evidence has a smaller bound of its own.
pub const FILE_LEN_MAX: usize = akashi_tlog::tlog_proof::MAX_PROOF_LEN;

/// What is to be checked, and with what.
pub struct Request<'a> {
    /// The file; of one longer than [`FILE_LEN_MAX`], no more than shows that it is.
    pub bytes: &'a [u8],
    /// The keys of the log that is meant.
    pub keys: &'a LogKeys,
    /// What a holder of data knows; empty for anybody else.
    pub holder_keys: &'a [HolderKey],
    /// The clock.
    pub now: Timestamp,
    /// What the holder keeps of what it released on, where it was handed over.
    pub kept: Option<Kept<'a>>,
    /// Whether data is to be released on it now: then it must open, hold at this time and carry the
    /// holder's gate under a number that may still be released on.
    pub release: bool,
    /// What the evidence was presented with, and the query that came with it.
    pub presented: Option<Asked<'a>>,
    /// The log of today: what the file shows signed must be its beginning. `None` offline.
    pub log: Option<fsck::Request<'a>>,
    /// Whether that log is read whole: then its registry must say of evidence that the key that
    /// presents it was the requester's, and that the pack that decided was in force.
    pub whole: bool,
}

/// What came to a holder beside the evidence.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// An `akashi-present+jws`.
    pub presentation: &'a [u8],
    /// The method of the query.
    pub method: &'a str,
    /// Its path and query.
    pub path: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

/// What a holder keeps, so that nothing is released twice.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// Of the log.
    pub log: &'a SeenLog,
    /// Of its links; one that is not here was released on never.
    pub links: &'a [KeptGates],
    /// Gates in the log, to catch up over before the evidence is looked at: a file of `CatchUp`.
    pub catch_up: Option<&'a [u8]>,
}

/// One thing the file shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it is.
    pub value: Value,
}

/// What a check of a file found.
#[derive(Debug, Default)]
pub struct Report {
    /// What it shows; nothing that was not proved.
    pub facts: Vec<Fact>,
    /// In one sentence.
    pub meaning: Option<&'static str>,
    /// What the reader should know beside it.
    pub notes: Vec<String>,
    /// What is wrong or could not be checked.
    pub problems: Vec<Problem>,
    /// What the log says of it today, where that was asked and the file proves anything.
    pub today: Option<Today>,
}

impl Report {
    /// Good if nothing is wrong.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let of_log = self.today.iter().flat_map(|today| &today.findings);
        let of_log = of_log.map(|finding| finding.problem.severity());
        let is_held = self.today.as_ref().is_none_or(|today| today.is_complete);
        Verdict::of(
            self.problems.iter().map(Severe::severity).chain(of_log),
            self.meaning.is_some() && is_held,
        )
    }

    fn fact(&mut self, name: &'static str, label: &'static str, value: impl Into<Value>) {
        self.facts.push(Fact {
            name,
            label,
            value: value.into(),
        });
    }

    /// The log, the entry's place in it, and who signed.
    fn place(&mut self, index: LeafIndex, checkpoint: &VerifiedCheckpoint) {
        self.fact("origin", "log", checkpoint.checkpoint().origin().as_str());
        self.fact("index", "entry", index.value());
        self.fact(
            "size",
            "in a tree of",
            checkpoint.checkpoint().size().value(),
        );
        self.fact(
            "root",
            "with root",
            checkpoint.checkpoint().root().to_base64(),
        );
        let signed_by: Vec<Value> = checkpoint
            .signatures()
            .iter()
            .map(|one| json!(one.key().to_string()))
            .collect();
        self.fact("signed_by", "signed by", signed_by);
        if checkpoint.unknown_lines() > 0 {
            let unknown = checkpoint.unknown_lines();
            self.fact("unknown_signature_lines", "unknown lines", unknown);
        }
    }
}

/// Checks one file.
#[must_use]
pub fn run(request: &Request<'_>) -> Report {
    let mut report = Report::default();
    let first_line = request
        .bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let checked = if first_line == history::HEADER.as_bytes() {
        Err(Problem::History)
    } else if request.bytes.len() > FILE_LEN_MAX {
        Err(Problem::TooLong { max: FILE_LEN_MAX })
    } else if first_line == EVIDENCE_HEADER.as_bytes() {
        evidence::check(request, &mut report)
    } else if first_line == PROOF_HEADER.as_bytes() {
        check_proof(request, &mut report)
    } else {
        Err(Problem::UnknownFile)
    };
    if let Err(problem) = checked {
        report.problems.push(problem);
    }
    if let Some(log) = request.log.filter(|_| report.meaning.is_some()) {
        if request.whole {
            held_against_all(request, log, &mut report);
        } else {
            report.today = held_against(log, request.bytes);
        }
    }
    report
}

/// As [`held_against`], with every entry of the log read; of evidence also what the registry says.
fn held_against_all(request: &Request<'_>, log: fsck::Request<'_>, report: &mut Report) {
    let mut bytes = request.bytes;
    let Ok(file) = Earlier::read("this file", &mut bytes) else {
        return;
    };
    let earlier = std::slice::from_ref(&file);
    let log = fsck::Request { earlier, ..log };
    let (found, asked) = fsck::run_and_ask(&log, |log| {
        let registry = log.registry?;
        Some(evidence::check_registered(request, registry))
    });
    report.today = Some(Today::of(found));
    match asked.flatten() {
        Some(Ok(Some(key))) => report.fact("presenter_of", "that key is of", key),
        Some(Err(problem)) => report.problems.push(problem),
        // Of a proof there is nothing to ask, and why a registry could not be read is said there.
        Some(Ok(None)) | None => {}
    }
}

/// What the file proves the log to have signed, held against the log of today.
fn held_against(log: fsck::Request<'_>, mut bytes: &[u8]) -> Option<Today> {
    let file = Earlier::read("this file", &mut bytes).ok()?;
    let earlier = std::slice::from_ref(&file);
    Some(fsck::hold(&fsck::Request { earlier, ..log }))
}

fn check_proof(request: &Request<'_>, report: &mut Report) -> Result<(), Problem> {
    let proof = TlogProof::parse(request.bytes)?;
    let (bytes, inclusion) = proof.verify_extra(request.keys, &[])?;
    let entry = Entry::parse(bytes)?;
    report.meaning = Some("The log has signed a tree that holds this entry at this place.");
    report.fact("file", "file", "tlog-proof");
    report.place(inclusion.index(), inclusion.checkpoint());
    report.fact("commitment", "commitment", hex(entry.commitment.as_bytes()));
    report.fact("tag", "tag", hex(&entry.tag));
    report.fact("gate", "gate", hex(&entry.gate));
    if request.release {
        return Err(Problem::NotEvidence);
    }
    Ok(())
}

fn hex(bytes: &[u8; 32]) -> String {
    akashi_tlog::merkle::Hash::from_bytes(*bytes).to_hex()
}

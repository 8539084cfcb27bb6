//! `history`: whether a person's history is complete, checked with her own key against the public
//! log.
//!
//! 1. *File* - a history in its one spelling: records 1, 2, 3 ... n, each with all its fields;
//!    links and permits in it agree with each other.
//! 2. *Key* - the first record commits to the history key: this is the history that key is of.
//! 3. *Log* - checked as by [`crate::fsck`], and it begins with the tree the file was made at.
//! 4. *Records* - each stands where the file says, under her number, as it was committed to, behind
//!    the one before; the log holds none that the file leaves out.
//! 5. *Ground* - what she had shown is enough for what she did; an answer rests on the question, a
//!    permit on a consent that covers it or on her answer, a release on the permit; no record is
//!    one that the writer's own fold would have refused.
//! 6. *Signatures* - each link rests on a request its institution signed, for her, for this log,
//!    for this link key; each release on its holder's report and on what the requester presented
//!    with the key the permit names; every other statement, of which the file shows no more, on a
//!    key its institution had then.
//! 7. *Gates* - each permit carries the gate of its link, and no gate of her links stands anywhere
//!    else: a permit recorded under somebody else's number would open her data without standing in
//!    her history.
//!
//! Newer records than the file's are no fault, since it cannot hold what came after it, but what
//! they say is not checked: with an older file nobody can be told that everything is there.

mod compare;
mod file;
mod follow;
mod gates;
mod link_request;
mod parties;
mod problem;
mod rests;
mod signed;

use std::io::BufRead;

use akashi_proof::history_key::HistoryKey;
use akashi_proof::ids::{Epoch, InstitutionId, LeafIndex, Seq, Timestamp, TreeSize};
use akashi_proof::state::Registry;

pub use problem::{Finding, Place, Problem};

use crate::finding::Severe as _;
use crate::fsck;
use crate::verdict::Verdict;
use file::Shown;
use problem::Findings;

/// What is to be checked, and against what.
pub struct Request<'a> {
    /// The file.
    pub file: &'a mut dyn BufRead,
    /// The person's key.
    pub key: &'a HistoryKey,
    /// The public log, and what it is compared with besides.
    pub log: fsck::Request<'a>,
}

/// What a check of a history found.
#[derive(Debug, Default)]
pub struct Report {
    /// What the file says of itself, once it was read.
    pub summary: Option<Summary>,
    /// The check of the log; absent where it did not come to that.
    pub log: Option<fsck::Report>,
    /// Whether every step was done to its end.
    pub is_complete: bool,
    /// Everything wrong or not checkable; at most [`FINDINGS_MAX`](crate::finding::FINDINGS_MAX).
    pub findings: Vec<Finding>,
    /// How many there are besides.
    pub more_findings: usize,
    /// Records of hers that are newer than the file.
    pub newer: Vec<Newer>,
}

/// What stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The log it names.
    pub origin: String,
    /// How many records.
    pub records: u64,
    /// How many of them the file shows as closed.
    pub closed: ClosedCounts,
    /// How many entries the log had when it was made.
    pub size: TreeSize,
    /// When the last record was made.
    pub last: Option<Timestamp>,
    /// Each link issued, in order.
    pub links: Vec<LinkSummary>,
}

/// Records whose bodies are not open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClosedCounts {
    /// Nobody has what they said.
    pub lost: u64,
    /// Kept from being read for a time.
    pub withheld: u64,
    /// Destroyed on purpose.
    pub erased: u64,
}

/// One link: she compares it with the counters she has been to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSummary {
    /// To whom it was issued.
    pub institution: InstitutionId,
    /// The institution's name in Japanese and in English, once the registry was read.
    pub names: Option<[String; 2]>,
    /// How many permits it carries.
    pub permits: u64,
}

impl LinkSummary {
    fn new(institution: &InstitutionId, permits: u64) -> Self {
        Self {
            institution: institution.clone(),
            names: None,
            permits,
        }
    }

    fn take_names(&mut self, registry: &Registry) {
        let found = registry.institution(&self.institution);
        self.names = found.map(|known| {
            [&known.particulars.name_ja, &known.particulars.name_en].map(ToString::to_string)
        });
    }
}

/// A record that was made after the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newer {
    /// Its number.
    pub seq: Seq,
    /// Its entry.
    pub index: LeafIndex,
}

impl Report {
    /// Good only if nothing was found, in the log or in the history, and nothing left out.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let of_log = self
            .log
            .iter()
            .flat_map(|log| &log.findings)
            .map(|finding| finding.problem.severity());
        let own = self
            .findings
            .iter()
            .map(|finding| finding.problem.severity());
        let log_is_complete = self.log.as_ref().is_some_and(|log| log.is_complete);
        Verdict::of(of_log.chain(own), self.is_complete && log_is_complete)
    }
}

/// Checks a history.
pub fn run(request: Request<'_>) -> Report {
    let findings = Findings::default();
    let mut report = Report::default();
    if let Some(shown) = file::read(request.file, &findings) {
        report.summary = Some(shown.summary());
        if is_of_key(&shown, request.key, &findings) {
            compare_with_log(&request, &shown, &mut report, &findings);
        }
    }
    (report.findings, report.more_findings) = findings.into_sorted();
    report
}

fn compare_with_log(
    request: &Request<'_>,
    shown: &Shown,
    report: &mut Report,
    findings: &Findings,
) {
    let progress = request.log.progress;
    let mut links = report
        .summary
        .iter_mut()
        .flat_map(|summary| &mut summary.links);
    let (log, newer) = fsck::run_and_ask(&request.log, |log| {
        progress.begin("history", 1);
        let newer = compare::compare(log, shown, &request.key.key, findings);
        progress.advance(1);
        log.registry
            .into_iter()
            .for_each(|registry| links.by_ref().for_each(|link| link.take_names(registry)));
        newer
    });
    report.log = Some(log);
    if let Some(newer) = newer.flatten() {
        (report.newer, report.is_complete) = (newer, true);
    }
}

/// Whether the file is the history this key is of. If it is not, nothing else can be said of it.
fn is_of_key(shown: &Shown, key: &HistoryKey, findings: &Findings) -> bool {
    let head = &shown.head;
    let problem = if head.origin != key.origin {
        Problem::KeyOfOtherLog {
            key: key.origin.to_string(),
            file: head.origin.to_string(),
        }
    } else if head.epoch != key.epoch {
        Problem::KeyOfOtherEpoch {
            key: key.epoch,
            file: head.epoch,
        }
    } else if head.epoch != Epoch::FIRST {
        Problem::UnknownEpoch { found: head.epoch }
    } else if head.records == 0 {
        Problem::NoRecords
    } else if shown.tag_key.is_some_and(|tag_key| {
        tag_key != akashi_proof::stream::tag_key_commitment(Epoch::FIRST, &key.key)
    }) {
        Problem::OtherKey
    } else {
        return true;
    };
    findings.add(Place::Key, problem);
    false
}

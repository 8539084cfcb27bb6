//! A history beside the log: each record at its entry, none left out, and behind each other.

use std::collections::{BTreeSet, HashMap};

use akashi_proof::digest::Secret;
use akashi_proof::gate::GATE_WINDOW;
use akashi_proof::ids::{LeafIndex, Seq, TreeSize};
use akashi_proof::stream;
use akashi_tlog::checkpoint::VerifiedCheckpoint;

use super::Newer;
use super::file::{Shown, Unshown};
use super::gates::Gates;
use super::problem::{Findings, Place, Problem};
use super::{link_request, parties, signed};
use crate::fsck::{CheckedLog, Located, Part};

/// How many numbers beyond the last record found are looked for; as many as of gates.
const TAG_WINDOW: u64 = GATE_WINDOW;
/// Newer records written out; more of them say no more.
const NEWER_SHOWN_MAX: usize = 10;

/// Compares a history with the log. Returns the records that are newer than the file; `None` where
/// the comparison could not be made, which is reported.
pub(super) fn compare(
    log: &CheckedLog<'_>,
    shown: &Shown,
    key: &Secret,
    findings: &Findings,
) -> Option<Vec<Newer>> {
    let size = check_beginning(log, shown, findings)
        .map_err(|problem| findings.add(Place::File, problem))
        .ok()?;
    // Where a record of the registry is missing or wrong, the report of the log says that what
    // follows is not known.
    if let Some(registry) = log.registry {
        link_request::check(&shown.links, registry, findings);
        signed::check(&shown.signatures, registry, findings);
        signed::check_rules(&shown.ruled, registry, findings);
        parties::check(&shown.parties, registry, findings);
    }
    let tags = Tags::sought(log, shown.records.len() as u64, key);
    let gates = Gates::sought(log, &shown.links);
    let values: BTreeSet<[u8; 32]> = tags.values.iter().chain(gates.values()).copied().collect();
    let found = log.find(&values)?;

    let places = tags.places(&found);
    if shown.tag_key.is_none() && places.is_empty() {
        // No first record says whose key it is; but whoever's it is, she is not in this log.
        findings.add(Place::Key, Problem::OtherKey);
        return None;
    }
    check_records(shown, &places, findings);
    let newer = check_left_out(shown, &places, size, findings);
    if !newer.is_empty() {
        findings.add(
            Place::File,
            Problem::OlderThanLog {
                count: newer.len(),
                shown: said(&newer),
            },
        );
    }
    gates.check(shown, &places, &found, findings);
    Some(newer)
}

/// The first of the newer records in words.
fn said(newer: &[Newer]) -> String {
    let shown = newer
        .iter()
        .take(NEWER_SHOWN_MAX)
        .map(|one| format!("number {} at entry {}", one.seq, one.index));
    let more = if newer.len() > NEWER_SHOWN_MAX {
        " and more"
    } else {
        ""
    };
    shown.collect::<Vec<_>>().join(", ") + more
}

/// Whether the log begins with the tree the file was made at; returns that tree's size.
fn check_beginning(
    log: &CheckedLog<'_>,
    shown: &Shown,
    findings: &Findings,
) -> Result<TreeSize, Problem> {
    let (now, file) = (log.checkpoint.checkpoint(), &shown.head.origin);
    if now.origin() != file {
        return Err(Problem::OtherLog {
            file: file.to_string(),
            log: now.origin().to_string(),
        });
    }
    let then = VerifiedCheckpoint::from_note(shown.note.clone(), log.keys, &[])?;
    let (then, now) = (then.checkpoint(), now.size());
    let size = then.size();
    if size > now {
        return Err(Problem::OlderLog {
            file: size,
            log: now,
        });
    }
    if let Some(root) = log.root_of_first(size).filter(|root| root != then.root()) {
        let problem = Problem::Fork {
            size,
            file: *then.root(),
            log: root,
        };
        findings.add(Place::File, problem);
    }
    Ok(size)
}

/// Her tags: those of the file's records, and as many beyond them as there may be.
struct Tags {
    /// That of number 1 first.
    values: Vec<[u8; 32]>,
}

impl Tags {
    fn sought(log: &CheckedLog<'_>, records: u64, key: &Secret) -> Self {
        let mut values = Vec::new();
        let mut until = records + TAG_WINDOW;
        for seq in Seq::FIRST.upward() {
            if seq.value() > until {
                break;
            }
            let tag = stream::tag(key, seq);
            if seq.value() > records && log.may_hold(&tag) {
                until = seq.value() + TAG_WINDOW;
            }
            values.push(tag);
        }
        Self { values }
    }

    /// Where each number stands. A number that stands twice is a repeat, which the check of the log
    /// reports.
    fn places(&self, found: &[Located]) -> HashMap<Seq, Located> {
        let of_tag = |one: &&Located| one.part == Part::Tag;
        let by_value: HashMap<_, _> = found
            .iter()
            .rev()
            .filter(of_tag)
            .map(|one| (one.value, *one))
            .collect();
        let place = |(seq, value)| by_value.get(value).map(|one: &Located| (seq, *one));
        Seq::FIRST
            .upward()
            .zip(&self.values)
            .filter_map(place)
            .collect()
    }
}

/// Each record of the file stands where the file says, is the one committed to, and names the one
/// before it.
fn check_records(shown: &Shown, places: &HashMap<Seq, Located>, findings: &Findings) {
    let mut before = None;
    for (seq, record) in Seq::FIRST.upward().zip(&shown.records) {
        let add = |problem| findings.add(Place::Record(seq), problem);
        let found = places.get(&seq);
        let index = found.map(|one| one.index);
        match (index, record.index) {
            (Some(index), Some(claimed)) if index != claimed => {
                add(Problem::OtherIndex { index, claimed })
            }
            (None, Some(claimed)) => add(Problem::NoEntry { claimed }),
            _ => {}
        }
        if let (Some(one), Some(said)) = (found, &record.commitment)
            && one.commitment != *said
        {
            add(Problem::Commitment { index: one.index });
        }
        match record.unshown {
            Some(Unshown::Missing) => add(Problem::Missing { index }),
            Some(Unshown::Closed(closed)) => add(Problem::Closed { index, closed }),
            None => {}
        }
        if let Some(said) = &record.said
            && (seq == Seq::FIRST || before.is_some())
            && said.prev != before
        {
            let spelt = |index: Option<LeafIndex>| {
                index.map_or_else(|| "absent".to_owned(), |index| index.to_string())
            };
            add(Problem::Field {
                field: "prev",
                expected: spelt(before),
                found: spelt(said.prev),
            });
        }
        before = index.or(record.index);
    }
}

/// What the log holds of hers beyond the file: what it held already when the file was made is left
/// out of it; what came later is newer.
fn check_left_out(
    shown: &Shown,
    places: &HashMap<Seq, Located>,
    size: TreeSize,
    findings: &Findings,
) -> Vec<Newer> {
    let last = shown.records.len() as u64;
    let mut beyond: Vec<Newer> = places
        .iter()
        .filter(|(seq, _)| seq.value() > last)
        .map(|(seq, one)| Newer {
            seq: *seq,
            index: one.index,
        })
        .collect();
    beyond.sort_unstable_by_key(|one| one.seq);
    let mut next = Seq::FIRST.plus(last);
    let mut newer = Vec::new();
    for one in beyond {
        if one.seq != next {
            findings.add(
                Place::Record(next),
                Problem::Gap {
                    next: one.seq,
                    next_index: one.index,
                },
            );
        }
        next = one.seq.next();
        if size.contains(one.index) {
            findings.add(Place::Record(one.seq), Problem::Hidden { index: one.index });
        } else {
            newer.push(one);
        }
    }
    newer
}

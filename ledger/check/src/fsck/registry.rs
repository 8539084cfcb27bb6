//! The registry: the one stream everybody can read. Its tags are dense and ascend with the log,
//! every one has its body published, every body is the one committed to and follows from those
//! before it, signed statements included.

use std::collections::{BTreeSet, HashMap};
use std::thread;

use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, Seq, Timestamp};
use akashi_proof::record::body::{self, BodyError};
use akashi_proof::record::commitment::{commit, commitment, field_hashes};
use akashi_proof::record::value::Value;
use akashi_proof::record::{Kind, Record, RecordError, StreamKind, field_names};
use akashi_proof::state::{FoldError, Registry};
use akashi_proof::stream;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::merkle::TreeSize;

use super::Check;
use super::entries::{RegistryEntry, Scan};
use super::locate::locate;
use super::problem::{Part, Place, Problem};
use super::supervisors::Supervisors;
use super::unique::{contains, prefix};
use crate::finding::printable;
use crate::source::Fetched;

/// Longest body read: a few statements of 16 KiB, or `ledger.opened` with one value of 64 KiB about
/// its supervisors.
const BODY_LEN_MAX: usize = 1 << 20;
/// How many numbers beyond the last record found are looked for, so that a gap cannot hide what
/// follows it.
const GAP_MAX: u64 = 1024;
/// Most tags computed before the first reading; a registry of more records is found by a second
/// one.
const TAGS_MAX: u64 = 1 << 17;
/// Bodies fetched before they are checked in order.
const BODIES_AT_ONCE: usize = 64;

/// How many of the registry's tags to look for at the first reading. Computing one costs as much as
/// checking two entries, so they must stay few beside the entries; a young log is mostly registry.
pub(super) const fn tags_wanted(size: TreeSize) -> u64 {
    let of_a_grown_log = size.value() / 64;
    GAP_MAX
        + if of_a_grown_log < TAGS_MAX {
            of_a_grown_log
        } else {
            TAGS_MAX
        }
}

/// What was seen on the way through the registry.
#[derive(Default)]
pub(super) struct Seen {
    /// How many records follow from those before them.
    pub(super) count: u64,
    /// Who supervises, after each of them.
    pub(super) supervisors: Supervisors,
    /// The record each statement was carried by, by the digest of its bytes.
    statements: HashMap<Digest, Seq>,
}

/// Checks the registry. Returns what was seen of it, and if all records follow from those before
/// them what they make.
pub(super) fn check_registry(
    check: &Check<'_>,
    size: TreeSize,
    origin: &Origin,
    scan: &Scan,
) -> (Seen, Option<Box<Registry>>) {
    let entries = all_entries(check, size, scan);
    check_places(check, &entries);
    check.progress.begin("registry", entries.len() as u64);
    let mut walk = Walk {
        check,
        origin,
        fold: Fold::Lost,
        seen: Seen::default(),
        next: Seq::FIRST,
        time: Timestamp::default(),
    };
    if entries.first().is_some_and(|first| first.seq == Seq::FIRST) {
        walk.fold = Fold::Before;
    }
    for entries in entries.chunks(BODIES_AT_ONCE) {
        for (entry, bytes) in entries.iter().zip(fetch_bodies(check, entries)) {
            if check.findings.stopped() {
                return (walk.seen, None);
            }
            match bytes {
                Some(bytes) => walk.record(entry, &bytes),
                None => walk.fold = Fold::Lost,
            }
            check.progress.advance(1);
        }
    }
    let Fold::Made(registry) = walk.fold else {
        return (walk.seen, None);
    };
    (walk.seen, Some(registry))
}

/// The entries of the registry by number, each number once, those beyond the tags of the first
/// reading included.
fn all_entries(check: &Check<'_>, size: TreeSize, scan: &Scan) -> Vec<RegistryEntry> {
    let mut entries = scan.registry.clone();
    let last = entries.iter().map(|entry| entry.seq).max();
    let mut until = last.map_or(0, Seq::value).saturating_add(GAP_MAX);
    let (key, mut beyond) = (stream::registry_key(), Vec::new());
    for seq in Seq::FIRST.plus(tags_wanted(size)).upward() {
        if seq.value() > until {
            break;
        }
        let tag = stream::tag(&key, seq);
        if contains(&scan.runs, prefix(&tag)) {
            beyond.push((seq, tag));
            until = seq.value().saturating_add(GAP_MAX);
        }
    }
    if !beyond.is_empty() {
        let wanted: BTreeSet<u64> = beyond.iter().map(|(_, tag)| prefix(tag)).collect();
        let found = locate(check, size, &wanted);
        for (seq, tag) in beyond {
            let of_tag = found
                .iter()
                .find(|one| one.value == tag && one.part == Part::Tag);
            entries.extend(of_tag.map(|one| RegistryEntry {
                index: one.index,
                seq,
                commitment: one.commitment,
            }));
        }
    }
    entries.sort_by_key(|entry| (entry.seq, entry.index));
    // A tag that occurs twice is reported as a repeat.
    entries.dedup_by_key(|entry| entry.seq);
    entries
}

/// The numbers are 1, 2, 3 ... in log order, beginning with entry 0.
fn check_places(check: &Check<'_>, entries: &[RegistryEntry]) {
    if !entries
        .first()
        .is_some_and(|first| first.seq == Seq::FIRST && first.index == LeafIndex::FIRST)
    {
        check
            .findings
            .add(Place::Entry(LeafIndex::FIRST), Problem::NoOpening);
    }
    for [before, entry] in entries.array_windows() {
        if entry.seq != before.seq.next() {
            let problem = Problem::Gap {
                next: entry.seq,
                next_index: entry.index,
            };
            check
                .findings
                .add(Place::Registry(before.seq.next()), problem);
        }
        if entry.index < before.index {
            let problem = Problem::Order {
                index: entry.index,
                before: before.seq,
                before_index: before.index,
            };
            check.findings.add(Place::Registry(entry.seq), problem);
        }
    }
}

/// The published bodies of these records; `None`, and reported, where there is none.
fn fetch_bodies(check: &Check<'_>, entries: &[RegistryEntry]) -> Vec<Option<Vec<u8>>> {
    let fetch = |entry: &RegistryEntry| {
        let mut bytes = Vec::new();
        let place = Place::Registry(entry.seq);
        let problem: Problem =
            match check
                .source
                .fetch(&place.to_string(), BODY_LEN_MAX, &mut bytes)
            {
                Ok(Fetched::Found) => return Some(bytes),
                Ok(Fetched::Missing) => Problem::NoBody { index: entry.index },
                Ok(Fetched::TooLarge) => Problem::TooLarge { max: BODY_LEN_MAX },
                Err(error) => error.into(),
            };
        check.findings.add(place, problem);
        None
    };
    let share = entries.len().div_ceil(check.workers).max(1);
    thread::scope(|scope| {
        let shares: Vec<_> = entries
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().map(fetch).collect::<Vec<_>>()))
            .collect();
        shares
            .into_iter()
            .flat_map(|share| share.join().unwrap_or_default())
            .collect()
    })
}

/// Goes through the registry in order.
struct Walk<'a> {
    check: &'a Check<'a>,
    origin: &'a Origin,
    fold: Fold,
    /// What it has taken.
    seen: Seen,
    /// The number that comes next.
    next: Seq,
    time: Timestamp,
}

/// What the records so far have made.
enum Fold {
    /// Nothing yet.
    Before,
    /// This.
    Made(Box<Registry>),
    /// A record was missing or wrong: nothing can be said to follow from it.
    Lost,
}

impl Walk<'_> {
    fn record(&mut self, entry: &RegistryEntry, bytes: &[u8]) {
        if entry.seq != self.next {
            self.fold = Fold::Lost;
        }
        self.next = entry.seq.next();
        let checked = check_body(entry, bytes).and_then(|record| {
            self.in_this_log(&record)?;
            self.fold(entry.index, &record)?;
            self.carried_once(&record)
        });
        if let Err(problem) = checked {
            let place = Place::Registry(entry.seq);
            self.check.findings.add(place, problem);
            self.fold = Fold::Lost;
        }
    }

    fn in_this_log(&mut self, record: &Record) -> Result<(), Problem> {
        if record.origin != *self.origin {
            let (expected, found) = (self.origin.to_string(), record.origin.to_string());
            return Err(Problem::OtherLog { expected, found });
        }
        let before = std::mem::replace(&mut self.time, record.time);
        if record.time < before {
            return Err(Problem::TimeRunsBack {
                before: before.as_millis(),
                found: record.time.as_millis(),
            });
        }
        Ok(())
    }

    fn fold(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        match &mut self.fold {
            Fold::Before => self.fold = Fold::Made(Box::new(Registry::open(record)?)),
            Fold::Made(registry) => registry.apply(index, record)?,
            Fold::Lost => return Ok(()),
        }
        self.seen.count += 1;
        if let Fold::Made(registry) = &self.fold {
            self.seen.supervisors.take(registry);
        }
        Ok(())
    }

    /// A signature is given for one act. Repeated within the five minutes it is fresh it would
    /// pass: only who has seen all that was carried before can tell.
    fn carried_once(&mut self, record: &Record) -> Result<(), Problem> {
        let mut again = None;
        for statement in record.event.statements() {
            let before = self
                .seen
                .statements
                .insert(Digest::of(&[&statement.0]), record.seq());
            again = again.or(before);
        }
        again.map_or(Ok(()), |earlier| Err(Problem::StatementAgain { earlier }))
    }
}

/// Reads a body and compares it with the entry's commitment; the record must say the number its tag
/// says.
fn check_body(entry: &RegistryEntry, bytes: &[u8]) -> Result<Record, Problem> {
    let index = entry.index;
    let (record, key) =
        body::decode(bytes).map_err(|error| unknown_or_wrong(entry, bytes, error))?;
    if commit(&record, &key) != entry.commitment {
        return Err(Problem::Commitment { index });
    }
    if record.seq() != entry.seq {
        return Err(FoldError::Seq {
            stream: StreamKind::Registry,
            expected: entry.seq,
            found: record.seq(),
        }
        .into());
    }
    Ok(record)
}

/// A kind this version does not know cannot be checked - unless the very same body under a kind it
/// does know is the one committed to: then someone has only renamed it.
fn unknown_or_wrong(entry: &RegistryEntry, bytes: &[u8], error: BodyError) -> Problem {
    let BodyError::Record(RecordError::Unknown { kind, schema }) = error else {
        return Problem::Body(error);
    };
    let (values, key) = match body::split(bytes) {
        Ok(parts) => parts,
        Err(error) => return Problem::Body(error),
    };
    let of_kind = Kind::ALL
        .iter()
        .filter(|known| known.stream() == StreamKind::Registry);
    for known in of_kind {
        let names = field_names(*known);
        if names.len() != values.len() {
            continue;
        }
        let (kind, schema) = (known.name().to_owned().encode(), known.schema().encode());
        let rest = values.iter().skip(2).copied();
        let fields = names
            .into_iter()
            .zip([&kind[..], &schema[..]].into_iter().chain(rest));
        if commitment(&field_hashes(&key, fields)) == entry.commitment {
            return Problem::Commitment { index: entry.index };
        }
    }
    Problem::UnknownKind {
        kind: printable(&kind),
        schema,
    }
}

#[cfg(test)]
mod tests {
    use akashi_proof::digest::Digest;
    use akashi_proof::ids::{LeafIndex, Seq};

    use super::{RegistryEntry, check_body};
    use crate::fsck::Problem;

    #[test]
    fn a_body_that_is_no_body_is_wrong() {
        let entry = RegistryEntry {
            index: LeafIndex::new(4),
            seq: Seq::new(2).unwrap(),
            commitment: Digest::from_bytes([0; 32]),
        };
        for bytes in [&[][..], &[0; 33], &[0; 34], &[0; 40]] {
            assert!(matches!(check_body(&entry, bytes), Err(Problem::Body(_))));
        }
    }
}

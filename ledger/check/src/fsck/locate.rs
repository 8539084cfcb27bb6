//! The second reading, done only where it is needed: finds the entries behind prefixes of tags and
//! gates.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use akashi_proof::digest::Digest;
use akashi_proof::entry::Entry;
use akashi_proof::ids::LeafIndex;
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::tile::{FULL_WIDTH, Tile, TileKind};

use super::Check;
use super::entries::fetch_bundle;
use super::problem::{Part, Place, Problem};
use super::unique::prefix;

/// Most values looked at again: 100 MB. In an honest log there are none; whoever made so many has
/// made them on purpose.
pub(super) const LOCATED_MAX: usize = 1 << 20;

/// A tag or a gate with its entry. The order puts equal values together, the first entry first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Located {
    pub(crate) value: [u8; 32],
    pub(crate) index: LeafIndex,
    pub(crate) part: Part,
    pub(crate) commitment: Digest,
}

/// All tags and gates that begin with one of the wanted prefixes, sorted.
pub(super) fn locate(check: &Check<'_>, size: TreeSize, wanted: &BTreeSet<u64>) -> Vec<Located> {
    check.progress.begin("reading again", size.value());
    let found = Mutex::new(Vec::new());
    let bundles = size.value().div_ceil(u64::from(FULL_WIDTH));
    let next = AtomicU64::new(0);
    let work = || {
        let mut bytes = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(bundle) = Tile::in_tree(TileKind::Entries, index, size) else {
                return;
            };
            if index >= bundles || check.findings.stopped() {
                return;
            }
            let entries = fetch_bundle(check, bundle, &mut bytes).unwrap_or_default();
            let first = LeafIndex::new(index * u64::from(FULL_WIDTH));
            for (index, bytes) in first.upward().zip(entries) {
                let Ok(Entry {
                    commitment,
                    tag,
                    gate,
                }) = Entry::parse(bytes)
                else {
                    continue;
                };
                for (value, part) in [(tag, Part::Tag), (gate, Part::Gate)] {
                    if wanted.contains(&prefix(&value)) {
                        let mut found = found
                            .lock()
                            .unwrap_or_else(|poisoned| poisoned.into_inner());
                        if found.len() == LOCATED_MAX {
                            return;
                        }
                        found.push(Located {
                            value,
                            index,
                            part,
                            commitment,
                        });
                    }
                }
            }
            check.progress.advance(u64::from(bundle.width().value()));
        }
    };
    thread::scope(|scope| {
        for _ in 1..check.workers {
            scope.spawn(work);
        }
        work();
    });
    let mut found = found
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    found.sort_unstable();
    found
}

/// Reads the entries behind repeated prefixes again and reports every value that occurs twice.
pub(super) fn report_repeats(check: &Check<'_>, size: TreeSize, repeated: &BTreeSet<u64>) {
    if repeated.is_empty() {
        return;
    }
    let found = locate(check, size, repeated);
    if found.len() == LOCATED_MAX {
        check.findings.add(
            Place::TagsAndGates,
            Problem::TooManyAlike { max: LOCATED_MAX },
        );
    }
    for same in found.chunk_by(|a, b| a.value == b.value) {
        let [first, repeats @ ..] = same else {
            continue;
        };
        for Located { index, part, .. } in repeats {
            let problem = Problem::Repeat {
                part: *part,
                earlier_part: first.part,
                earlier: first.index,
            };
            check.findings.add(Place::Entry(*index), problem);
        }
    }
    // Each of these prefixes was seen at least twice when everything was read the first time.
    let alike = found.chunk_by(|a, b| prefix(&a.value) == prefix(&b.value));
    let missing = alike.filter(|same| same.len() > 1).count() < repeated.len();
    if missing && found.len() < LOCATED_MAX && !check.findings.stopped() {
        check
            .findings
            .add(Place::TagsAndGates, Problem::ChangedMeanwhile);
    }
}

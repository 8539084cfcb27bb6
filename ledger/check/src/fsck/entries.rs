//! Reads every entry once: takes bundles apart, hashes leaves, compares the tiles of level 0, keeps
//! what later steps need (roots of full bundles, prefixes of tags and gates, entries of the
//! registry).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use akashi_proof::digest::{Digest, Secret};
use akashi_proof::entry::Entry;
use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::stream;
use akashi_tlog::merkle::{Hash, TreeSize};
use akashi_tlog::tile::{FULL_WIDTH, Tile, TileKind, TileLevel, TileWidth, entry_bundle};

use super::problem::{Place, Problem};
use super::unique::{PrefixRun, prefix};
use super::{Check, tiles};

/// Bundles a worker takes at a time: 4,096 entries, enough to make taking them cheap, few enough to
/// share out small logs.
pub(super) const UNIT_BUNDLES: u64 = 16;
/// Longest bundle read. An honest one has 256 times 2 + 97 bytes, 25,344; the rest is room to say
/// what is wrong.
const BUNDLE_LEN_MAX: usize = 64 * 1024;

/// What is known once every entry has been read.
pub(super) struct Scan {
    /// How many entries were hashed.
    pub(super) entries: u64,
    /// How many bundles were taken apart.
    pub(super) bundles: u64,
    /// The root of each full bundle, in order; `None` where it could not be read.
    pub(super) bundle_roots: Vec<Option<Hash>>,
    /// The leaf hashes of the partial bundle at the end; `None` where it could not be read.
    pub(super) last_leaves: Option<Vec<Hash>>,
    /// Prefixes of all tags and gates.
    pub(super) runs: Vec<PrefixRun>,
    /// Entries whose tag is one of the registry's, in log order.
    pub(super) registry: Vec<RegistryEntry>,
}

/// An entry of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegistryEntry {
    pub(super) index: LeafIndex,
    pub(super) seq: Seq,
    pub(super) commitment: Digest,
}

/// The registry's first tags, by their prefix: whoever knows the public key of the stream knows
/// them all.
pub(super) struct RegistryTags {
    key: Secret,
    seqs: HashMap<u64, Seq, BuildHasherDefault<AsItIs>>,
}

/// Prefixes of HMACs are as random as any hash of them. Only our own stand in the table, so nobody
/// can crowd it.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl RegistryTags {
    /// The tags of records 1 to `count`.
    pub(super) fn new(count: u64) -> Self {
        let key = stream::registry_key();
        let seqs = Seq::FIRST
            .upward()
            .zip(0..count)
            .map(|(seq, _)| (prefix(&stream::tag(&key, seq)), seq))
            .collect();
        Self { key, seqs }
    }

    fn seq_of(&self, tag: &[u8; 32], prefix: u64) -> Option<Seq> {
        self.seqs
            .get(&prefix)
            .copied()
            .filter(|seq| stream::tag(&self.key, *seq) == *tag)
    }
}

/// Reads all entries below `size`.
pub(super) fn scan(check: &Check<'_>, size: TreeSize, tags: &RegistryTags) -> Scan {
    let bundles = size.value().div_ceil(u64::from(FULL_WIDTH));
    let next = AtomicU64::new(0);
    let units = Mutex::new(Vec::new());
    let work = || {
        let mut reader = BundleReader::new(check, size, tags);
        loop {
            let first = next
                .fetch_add(1, Ordering::Relaxed)
                .saturating_mul(UNIT_BUNDLES);
            if first >= bundles || check.findings.stopped() {
                return;
            }
            let unit = reader.unit(first..bundles.min(first + UNIT_BUNDLES));
            units
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
                .push((first, unit));
        }
    };
    thread::scope(|scope| {
        for _ in 1..check.workers {
            scope.spawn(work);
        }
        work();
    });
    let mut units = units
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    units.sort_by_key(|(first, _)| *first);
    let mut scan = Scan {
        entries: 0,
        bundles: 0,
        bundle_roots: Vec::new(),
        last_leaves: Some(Vec::new()),
        runs: Vec::new(),
        registry: Vec::new(),
    };
    for (_, unit) in units {
        scan.entries += unit.entries;
        scan.bundles += unit.bundles;
        scan.bundle_roots.extend(unit.bundle_roots);
        scan.last_leaves = unit.last_leaves;
        scan.runs.push(unit.run);
        scan.registry.extend(unit.registry);
    }
    scan
}

/// What one worker makes of a few bundles.
struct Unit {
    entries: u64,
    bundles: u64,
    bundle_roots: Vec<Option<Hash>>,
    last_leaves: Option<Vec<Hash>>,
    run: PrefixRun,
    registry: Vec<RegistryEntry>,
}

/// One worker with its buffers.
struct BundleReader<'a> {
    check: &'a Check<'a>,
    size: TreeSize,
    tags: &'a RegistryTags,
    bytes: Vec<u8>,
    leaves: Vec<Hash>,
    prefixes: Vec<u64>,
    registry: Vec<RegistryEntry>,
}

impl<'a> BundleReader<'a> {
    fn new(check: &'a Check<'a>, size: TreeSize, tags: &'a RegistryTags) -> Self {
        Self {
            check,
            size,
            tags,
            bytes: vec![],
            leaves: vec![],
            prefixes: vec![],
            registry: vec![],
        }
    }

    fn unit(&mut self, bundles: std::ops::Range<u64>) -> Unit {
        let mut unit = Unit {
            entries: 0,
            bundles: 0,
            bundle_roots: Vec::new(),
            last_leaves: Some(Vec::new()),
            run: PrefixRun::new(&[]),
            registry: Vec::new(),
        };
        self.prefixes.clear();
        for index in bundles {
            let Some(bundle) = Tile::in_tree(TileKind::Entries, index, self.size) else {
                continue;
            };
            let is_read = self.read(bundle);
            self.compare_tile(index, is_read);
            unit.entries += self.leaves.len() as u64;
            unit.bundles += u64::from(is_read);
            match (bundle.width().is_full(), is_read) {
                (true, true) => unit.bundle_roots.push(tiles::full_root(&mut self.leaves)),
                (true, false) => unit.bundle_roots.push(None),
                (false, true) => unit.last_leaves = Some(self.leaves.clone()),
                (false, false) => unit.last_leaves = None,
            }
            self.check
                .progress
                .advance(u64::from(bundle.width().value()));
        }
        unit.run = PrefixRun::new(&self.prefixes);
        unit.registry.append(&mut self.registry);
        unit
    }

    /// Takes a bundle apart; `leaves` then has its leaf hashes. Whether it could.
    fn read(&mut self, bundle: Tile) -> bool {
        self.leaves.clear();
        let Some(entries) = fetch_bundle(self.check, bundle, &mut self.bytes) else {
            return false;
        };
        let first = LeafIndex::new(bundle.index() * u64::from(FULL_WIDTH));
        for (index, bytes) in first.upward().zip(entries) {
            self.leaves.push(Hash::leaf(bytes));
            match Entry::parse(bytes) {
                Ok(entry) => {
                    let tag = prefix(&entry.tag);
                    self.prefixes.extend([tag, prefix(&entry.gate)]);
                    if let Some(seq) = self.tags.seq_of(&entry.tag, tag) {
                        self.registry.push(RegistryEntry {
                            index,
                            seq,
                            commitment: entry.commitment,
                        });
                    }
                }
                Err(error) => self.check.findings.add(Place::Entry(index), error),
            }
        }
        true
    }

    /// Compares the tile of leaf hashes behind a bundle, if the bundle could be read; asks for it
    /// in any case.
    fn compare_tile(&mut self, index: u64, is_read: bool) {
        let Some(tile) = Tile::in_tree(TileKind::Hashes(TileLevel::LEAVES), index, self.size)
        else {
            return;
        };
        let leaves = is_read.then_some(self.leaves.as_slice());
        tiles::compare(self.check, tile, leaves, &mut self.bytes);
    }
}

/// Fetches a bundle, or the full one in its place, and takes it apart into as many entries as the
/// tree has there. What is wrong with it is reported.
pub(super) fn fetch_bundle<'b>(
    check: &Check<'_>,
    bundle: Tile,
    bytes: &'b mut Vec<u8>,
) -> Option<Vec<&'b [u8]>> {
    let width = check.fetch_tile(bundle, BUNDLE_LEN_MAX, bytes)?;
    match entry_bundle::decode(bytes, width) {
        Ok(mut entries) => {
            entries.truncate(usize::from(bundle.width().value()));
            Some(entries)
        }
        Err(error) => {
            check.findings.add(
                Place::Tile(with_width(bundle, width)),
                Problem::Bundle(error),
            );
            None
        }
    }
}

const fn with_width(tile: Tile, width: TileWidth) -> Tile {
    Tile::new(tile.kind(), tile.index(), width)
}

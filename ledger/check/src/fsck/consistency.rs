//! Earlier heads and the log of today: does it begin with every tree it has signed?
//!
//! Two ways. A whole check has every entry's hash, and computes the root over the first of them
//! ([`Older::compare`]). One receipt needs no more than the tiles along the edge of its tree: the
//! proof of RFC 6962 section 2.1.2 is made from what is served and verified against both signed
//! heads ([`hold`]), so that tiles are not believed either.

use akashi_tlog::checkpoint::{Checkpoint, LogKeys, VerifiedCheckpoint};
use akashi_tlog::merkle::consistency::{self, TreeHead};
use akashi_tlog::merkle::{self, Hash, HashReader, TreeSize};
use akashi_tlog::tile::{FULL_WIDTH, Tile, TileKind, TileLevel};
use thiserror::Error;

use super::problem::{Finding, Place, Problem};
use super::tiles::{HASH_LEN, TILE_LEN_MAX, pairwise_root};
use super::{Check, Held, Report, Request};
use crate::earlier::{Earlier, Mismatch};
use crate::finding::Severe as _;
use crate::keys::KeysFrom;
use crate::verdict::Verdict;

/// A head signed before, of a tree no larger than today's.
pub(super) struct Older {
    /// The file's number among those given, from 1.
    number: usize,
    name: String,
    /// What was signed.
    pub(super) head: TreeHead,
}

impl Older {
    /// Compares it with the root that the same first entries have today.
    pub(super) fn compare(self, check: &Check<'_>, now: TreeHead, found: Hash) -> Option<Held> {
        let Self { number, name, head } = self;
        if found == head.root {
            return Some(Held { name, head });
        }
        let mismatch = Box::new(Mismatch::Fork {
            then: head,
            now,
            found,
        });
        check
            .findings
            .add(Place::Earlier(number), Problem::Earlier { name, mismatch });
        None
    }
}

/// Takes the heads out of the files, reports those of larger trees and those that are none of this
/// log's, and returns the others.
pub(super) fn compare_heads(
    check: &Check<'_>,
    earlier: &[Earlier],
    keys: &LogKeys,
    now: &Checkpoint,
) -> Vec<Older> {
    let mut older = Vec::new();
    for (number, file) in (1..).zip(earlier) {
        let name = file.name().to_owned();
        for head in file.heads(keys) {
            let now = now.tree_head();
            let mismatch = match head {
                Ok(then) if then.size > now.size => Box::new(Mismatch::Shorter { then, now }),
                Ok(head) => {
                    let name = name.clone();
                    older.push(Older { number, name, head });
                    continue;
                }
                Err(mismatch) => Box::new(mismatch),
            };
            let name = name.clone();
            check
                .findings
                .add(Place::Earlier(number), Problem::Earlier { name, mismatch });
        }
    }
    older
}

/// What a log says today about heads it signed before.
#[derive(Debug)]
pub struct Today {
    /// Who named the keys.
    pub keys_from: KeysFrom,
    /// What it signs today, once it is known.
    pub checkpoint: Option<VerifiedCheckpoint>,
    /// The heads it still begins with.
    pub held: Vec<Held>,
    /// What is wrong or could not be checked.
    pub findings: Vec<Finding>,
    /// Whether every head was compared.
    pub is_complete: bool,
}

impl Today {
    /// The same out of a whole check.
    pub(crate) fn of(report: Report) -> Self {
        Self {
            keys_from: report.keys_from,
            checkpoint: report.checkpoint,
            held: report.held,
            findings: report.findings,
            is_complete: report.is_complete,
        }
    }

    /// Good only if the log begins with every head.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let severities = self.findings.iter().map(|one| one.problem.severity());
        Verdict::of(severities, self.is_complete)
    }
}

/// Holds earlier heads against the log of today, without reading it whole: some tiles for each.
pub fn hold(request: &Request<'_>) -> Today {
    let check = Check::of(request);
    let mut today = Today {
        keys_from: request.keys_from(),
        checkpoint: None,
        held: vec![],
        findings: vec![],
        is_complete: false,
    };
    let opened = check.open(request.keys, request.earlier);
    if opened.as_ref().is_some_and(|one| one.unvouched.is_some()) {
        // From a key that has ended to today's leads the registry, and to that every entry.
        return Today::of(super::run(request));
    }
    if let Some(opened) = opened {
        let now = opened.checkpoint.checkpoint();
        let older = compare_heads(&check, request.earlier, &opened.keys, now);
        today.is_complete = true;
        for one in older {
            match found(&check, one.head, now.tree_head()) {
                Some(root) => today
                    .held
                    .extend(one.compare(&check, now.tree_head(), root)),
                None => today.is_complete = false,
            }
        }
        today.checkpoint = Some(opened.checkpoint);
    }
    today.findings = check.findings.into_sorted();
    // A head of a key that has ended may be its thief's: nobody is accused before the registry has
    // said up to which size the key counts. Who knows one key only knows of no change.
    let several = request.keys.is_some_and(|keys| keys.keys().len() > 1);
    if several && today.verdict() == Verdict::DishonestOrBroken {
        return Today::of(super::run(request));
    }
    today
}

/// The root over as many of today's first entries as the older tree had, shown by today's signed
/// root. `None`, and reported, where the tiles do not show it.
fn found(check: &Check<'_>, then: TreeHead, now: TreeHead) -> Option<Hash> {
    if then.size.is_empty() {
        return Some(then.root);
    }
    if then.size == now.size {
        return Some(now.root);
    }
    let (tiles, size) = (
        Tiles {
            check,
            size: now.size,
        },
        then.size,
    );
    // What could not be read is reported where it was read.
    let root = merkle::root(&tiles, size).ok()?;
    let proof = consistency::prove(&tiles, size, now.size).ok()?;
    if consistency::verify(TreeHead { size, root }, now, &proof).is_err() {
        let signed = now.root;
        check
            .findings
            .add(Place::Checkpoint, Problem::Tiles { signed });
        return None;
    }
    Some(root)
}

/// The hashes of a tree of this size, from the tiles that are served.
struct Tiles<'a> {
    check: &'a Check<'a>,
    size: TreeSize,
}

#[derive(Debug, Error)]
#[error("the tile could not be read")]
struct Unread;

impl HashReader for Tiles<'_> {
    type Error = Unread;

    fn subtree(&self, level: u8, index: u64) -> Result<Hash, Unread> {
        let count = 1_u64 << (level % 8);
        let first = index.checked_mul(count).ok_or(Unread)?;
        let kind = TileKind::Hashes(TileLevel::new(level / 8).ok_or(Unread)?);
        let tile = Tile::in_tree(kind, first / u64::from(FULL_WIDTH), self.size).ok_or(Unread)?;
        let mut bytes = Vec::new();
        let width = self.check.fetch_tile(tile, TILE_LEN_MAX, &mut bytes);
        let expected = usize::from(width.ok_or(Unread)?.value()) * HASH_LEN;
        let (hashes, rest) = bytes.as_chunks::<HASH_LEN>();
        if bytes.len() != expected || !rest.is_empty() {
            let found = bytes.len();
            let problem = Problem::TileLength { expected, found };
            self.check.findings.add(Place::Tile(tile), problem);
            return Err(Unread);
        }
        let place = usize::try_from(first % u64::from(FULL_WIDTH)).map_err(|_| Unread)?;
        let count = usize::try_from(count).map_err(|_| Unread)?;
        let mut hashes = hashes
            .get(place..place + count)
            .ok_or(Unread)?
            .iter()
            .map(|bytes| Hash::from_bytes(*bytes))
            .collect();
        pairwise_root(&mut hashes).ok_or(Unread)
    }
}

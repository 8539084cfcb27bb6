//! What can be wrong with a published log, and where.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use akashi_proof::entry::EntryError;
use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::record::body::BodyError;
use akashi_proof::state::FoldError;
use akashi_tlog::checkpoint::{CheckpointError, LogKey, VerifyError};
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::signed_note::{MAX_NOTE_LEN, NoteError, VerifyingKey};
use akashi_tlog::tile::Tile;
use akashi_tlog::tile::entry_bundle::EntryBundleError;
use thiserror::Error;

use crate::earlier::Mismatch;
use crate::finding::{self, Severe};
use crate::keys::VkeyFileError;
use crate::source::FetchError;
use crate::verdict::Severity;

/// Where something is wrong. The order is that of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The published keys.
    Vkey,
    /// The signed checkpoint.
    Checkpoint,
    /// An entry, by its index in the log.
    Entry(LeafIndex),
    /// A tile of hashes or an entry bundle.
    Tile(Tile),
    /// A registry record, by its number.
    Registry(Seq),
    /// Who the supervisors are.
    Supervisors,
    /// The tags and gates of the whole log.
    TagsAndGates,
    /// A file with an earlier head, by its number among those given, from 1.
    Earlier(usize),
}

/// Why what stands where a checkpoint should is none. Nobody has signed it, so it accuses nobody.
#[derive(Debug, Error)]
pub enum NoCheckpointError {
    /// Longer than any.
    #[error("more than {MAX_NOTE_LEN} bytes")]
    TooLong,
    /// Not a signed note.
    #[error("{0}")]
    Note(#[from] NoteError),
    /// A signed note about something else.
    #[error("{0}")]
    Text(#[from] CheckpointError),
}

/// Which 32 bytes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The tag.
    Tag,
    /// The gate.
    Gate,
}

/// What is wrong.
#[derive(Debug, Error)]
pub enum Problem {
    /// The source failed.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// No checkpoint: perhaps no log, perhaps another prefix.
    #[error("is not there: is this the prefix of a log?")]
    NoCheckpoint,
    /// Something else stands in its place: a page of a portal, of a proxy, of another service.
    #[error("this is not a log's checkpoint: {0}")]
    NotACheckpoint(#[from] NoCheckpointError),
    /// A checkpoint that no key of the log has signed: anybody could have written it.
    #[error("nothing the log has signed: {0}")]
    NotSigned(VerifyError),
    /// No key was given, and none is published.
    #[error("is not there, so no key of the log is known: give one")]
    NoKeys,
    /// More entries than the caller wants to pay for.
    #[error("signs {found} entries, at most {max} are read: allow more if you mean to")]
    TooManyEntries {
        /// The bound.
        max: u64,
        /// The size signed.
        found: u64,
    },
    /// A file the log must serve is not there.
    #[error("is needed but is not there")]
    Missing,
    /// A file is larger than any honest one.
    #[error("has more than {max} bytes")]
    TooLarge {
        /// The bound.
        max: usize,
    },
    /// The published keys cannot be read.
    #[error("{0}")]
    VkeyFile(#[from] VkeyFileError),
    /// The log publishes other keys than the user knows.
    #[error("publishes none of the keys that were given, but {published}")]
    OtherKeys {
        /// The keys published, as vkeys.
        published: String,
    },
    /// The log's key has signed something that is not to be believed.
    #[error("{0}")]
    Checkpoint(VerifyError),
    /// No entries at all.
    #[error("signs an empty log: entry 0, `ledger.opened`, is missing")]
    EmptyLog,
    /// The bundle cannot be taken apart.
    #[error("{0}")]
    Bundle(#[from] EntryBundleError),
    /// The entry is not one of ours.
    #[error("{0}")]
    Entry(#[from] EntryError),
    /// A tile of hashes has another length.
    #[error("has {expected} bytes in a log of this size, found {found}")]
    TileLength {
        /// 32 bytes for each hash.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// A hash in a tile is not that of the entries.
    #[error("hash {place} is {found}, {} {expected}{}", covered(*.first, *.last), and_more(*.more))]
    TileHash {
        /// Place in the tile, from 0.
        place: usize,
        /// First entry the hash covers.
        first: u64,
        /// Last entry the hash covers.
        last: u64,
        /// Computed from the entries.
        expected: Hash,
        /// Found in the tile.
        found: Hash,
        /// How many further hashes of the tile are wrong.
        more: usize,
    },
    /// The signed root is not that of the entries.
    #[error("signs root {signed}, the entries hash to {entries}")]
    Root {
        /// The root that was signed.
        signed: Hash,
        /// The root of what is published.
        entries: Hash,
    },
    /// Thirty-two bytes that must occur once occur again.
    #[error("its {part} is the {earlier_part} of entry {earlier}: every tag and gate occurs once")]
    Repeat {
        /// What is repeated here.
        part: Part,
        /// What it was there.
        earlier_part: Part,
        /// Where it was before.
        earlier: LeafIndex,
    },
    /// So many values begin alike that they were not read again.
    #[error("more than {max} of them begin with the 8 bytes of another: too many to compare")]
    TooManyAlike {
        /// The bound.
        max: usize,
    },
    /// The second reading of a bundle gave other bytes than the first.
    #[error("the source gave other entries when it was asked again")]
    ChangedMeanwhile,
    /// Entry 0 does not begin the registry.
    #[error("is not registry record 1, `ledger.opened`")]
    NoOpening,
    /// A number of the registry has no entry, a later one has.
    #[error("has no entry, though record {next} stands at entry {next_index}")]
    Gap {
        /// The next number that has one.
        next: Seq,
        /// Its entry.
        next_index: LeafIndex,
    },
    /// A later number stands before an earlier one.
    #[error("stands at entry {index}, before record {before} at entry {before_index}")]
    Order {
        /// Where this record stands.
        index: LeafIndex,
        /// The record before it by number.
        before: Seq,
        /// Where that one stands.
        before_index: LeafIndex,
    },
    /// The body of a registry record is not published.
    #[error("has no published body, though its tag stands at entry {index}")]
    NoBody {
        /// Where its tag stands.
        index: LeafIndex,
    },
    /// The body cannot be read.
    #[error("{0}")]
    Body(BodyError),
    /// A kind or schema of a later version: nothing can be said of it.
    #[error("is of kind `{kind}` schema {schema}, which this version cannot check")]
    UnknownKind {
        /// The kind's name.
        kind: String,
        /// The schema's number.
        schema: u64,
    },
    /// The body is not the one the entry commits to.
    #[error("the published body is not the one entry {index} commits to")]
    Commitment {
        /// The entry.
        index: LeafIndex,
    },
    /// The record is of another log.
    #[error("belongs to log `{found}`, not `{expected}`")]
    OtherLog {
        /// The checkpoint's origin.
        expected: String,
        /// The record's.
        found: String,
    },
    /// The record's time is before that of the registry record before it.
    #[error("has time {found} ms, before the {before} ms of the record before it")]
    TimeRunsBack {
        /// The time before.
        before: u64,
        /// The time found.
        found: u64,
    },
    /// Entry 0 names a key that is not among those the checkpoint was checked with, and no record
    /// after it names one of those.
    #[error("names the log's key `{found}`, and the registry none of the keys used")]
    OpenedUnderOtherKey {
        /// The key in `ledger.opened`.
        found: String,
    },
    /// A key that was given is not in the registry of the tree that is shown.
    #[error(
        "`{key}` was given and the registry names it nowhere: it is no key of this log, was added \
         after this tree, or a thief of another key shows a fork without it"
    )]
    KeyNotNamed {
        /// The key, with the sizes it was given for.
        key: Box<LogKey>,
    },
    /// A line is missing that whoever serves the checkpoint can take out.
    #[error("lacks the signature of `{key}`, which signs every tree of this size")]
    LacksSignature {
        /// The key, and what it signs.
        key: Box<LogKey>,
    },
    /// A key was ended with a checkpoint of another tree.
    #[error(
        "hands the log over by a checkpoint of {} entries with root {}; the first {} have root {found}",
        then.size, then.root, then.size
    )]
    Handover {
        /// Signed, in the record.
        then: TreeHead,
        /// Of the same first entries.
        found: Hash,
    },
    /// The supervisors let another log go on than this one.
    #[error(
        "resumes a log of {} entries with root {}; the first {} of this one have root {found}",
        then.size, then.root, then.size
    )]
    Resumption {
        /// Signed, in the record.
        then: TreeHead,
        /// Of the same first entries.
        found: Hash,
    },
    /// A signed statement carried a second record: its signers meant it once.
    #[error(
        "carries a statement that carried registry/{earlier} already: each is good for one act"
    )]
    StatementAgain {
        /// The record it carried first.
        earlier: Seq,
    },
    /// The log has a supervisor nobody told us of.
    #[error("`{found}` is or was one, and is none of those given")]
    UnknownSupervisor {
        /// The supervisor's vkey.
        found: Box<VerifyingKey>,
    },
    /// One of those given has never been one.
    #[error("`{given}` was given, and has never been one of this log")]
    NoSuchSupervisor {
        /// The vkey that was given.
        given: Box<VerifyingKey>,
    },
    /// An earlier head and the log of today.
    #[error("{name}: {mismatch}")]
    Earlier {
        /// The file.
        name: String,
        /// What is wrong.
        mismatch: Box<Mismatch>,
    },
    /// The tiles served are not those of the tree that is signed.
    #[error("the tiles do not lead to the root {signed} it signs")]
    Tiles {
        /// The signed root.
        signed: Hash,
    },
    /// The record does not follow from those before it.
    #[error("{0}")]
    Fold(#[from] FoldError),
}

impl Severe for Problem {
    fn severity(&self) -> Severity {
        match self {
            Self::Earlier { mismatch, .. } => mismatch.severity(),
            Self::Fetch(_)
            | Self::NoCheckpoint
            | Self::NotACheckpoint(_)
            | Self::NotSigned(_)
            | Self::LacksSignature { .. }
            | Self::KeyNotNamed { .. }
            | Self::NoKeys
            | Self::VkeyFile(_)
            | Self::OtherKeys { .. }
            | Self::TooManyEntries { .. }
            | Self::TooManyAlike { .. }
            | Self::UnknownKind { .. } => Severity::CouldNotCheck,
            _ => Severity::DishonestOrBroken,
        }
    }
}

/// One thing that is wrong with a log, or could not be checked.
pub type Finding = finding::Finding<Place, Problem>;

/// Collects findings from all workers, and says when enough is enough.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: finding::Findings<Place, Problem>,
    source_failed: AtomicBool,
}

impl Findings {
    /// Adds one.
    pub(super) fn add(&self, place: Place, problem: impl Into<Problem>) {
        let problem = problem.into();
        if matches!(problem, Problem::Fetch(_) | Problem::NoCheckpoint) {
            self.source_failed.store(true, Ordering::Relaxed);
        }
        self.list.add(place, problem);
    }

    /// Whether the check is to stop, since what follows would be noise: the list is full, or the
    /// source cannot be read.
    pub(super) fn stopped(&self) -> bool {
        self.source_failed.load(Ordering::Relaxed) || self.list.is_full()
    }

    /// Leaves only what could not be checked: nobody is accused by what nobody has signed.
    pub(super) fn accuse_nobody(&self) {
        self.list
            .retain(|one| one.problem.severity() == Severity::CouldNotCheck);
    }

    /// Leaves out what was said of earlier heads: it is said anew.
    pub(super) fn forget_earlier(&self) {
        self.list
            .retain(|one| !matches!(one.place, Place::Earlier(_)));
    }

    /// All of them by place.
    pub(super) fn into_sorted(self) -> Vec<Finding> {
        self.list.into_sorted().0
    }
}

fn covered(first: u64, last: u64) -> String {
    if first == last {
        format!("entry {first} hashes to")
    } else {
        format!("entries {first} to {last} hash to")
    }
}

fn and_more(more: usize) -> String {
    if more == 0 {
        String::new()
    } else {
        format!(" (and {more} more in this tile)")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vkey => f.write_str("vkey"),
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::Entry(index) => write!(f, "entry {index}"),
            Self::Tile(tile) => tile.fmt(f),
            Self::Registry(seq) => write!(f, "registry/{seq}"),
            Self::Supervisors => f.write_str("supervisors"),
            Self::TagsAndGates => f.write_str("tags and gates"),
            Self::Earlier(number) => write!(f, "earlier {number}"),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tag => "tag",
            Self::Gate => "gate",
        })
    }
}

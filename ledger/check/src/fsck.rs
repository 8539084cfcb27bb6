//! `fsck`: re-derives a whole published log and compares everything with what is signed and served.
//!
//! 1. *Keys* - those given, or the source's own; with keys given, the source must publish one of
//!    them.
//! 2. *Checkpoint* - signed by one of them; says which log, how large, which root.
//! 3. *Entries* - every bundle is there, has exactly its entries, each one of ours; every tile of
//!    level 0 is their hashes.
//! 4. *Tiles and root* - every higher tile, and the signed root, follow from the entries.
//! 5. *Uniqueness* - every tag and every gate occurs once in the whole log.
//! 6. *Registry* - dense, in order, published in full, committed to, each record carried by the
//!    signatures it needs.
//!
//! A step that needs what an earlier one could not get is left out, and the report says that it is
//! not complete.

mod ask;
mod entries;
mod locate;
mod problem;
mod registry;
mod tiles;
mod unique;

use akashi_proof::state::Registry;
use akashi_tlog::checkpoint::{Checkpoint, LogKeys, VerifiedCheckpoint};
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::signed_note::MAX_NOTE_LEN;
use akashi_tlog::tile::{Tile, TileWidth, hash_tiles};

pub(crate) use ask::CheckedLog;
pub(crate) use locate::Located;
pub use problem::{Finding, Part, Place, Problem};

use crate::finding::Severe as _;
use crate::keys::{KeysFrom, VKEY_FILE_LEN_MAX, VKEY_PATH, parse_vkey_file};
use crate::source::{Fetched, Source};
use crate::verdict::Verdict;
use entries::{RegistryTags, Scan};
use problem::Findings;

/// Is told how a check gets on.
pub trait Progress: Sync {
    /// A step begins that has so many parts.
    fn begin(&self, step: &str, total: u64);
    /// So many more parts of the step are done.
    fn advance(&self, parts: u64);
}

/// Nobody is told.
impl Progress for () {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// What a check of a whole log found.
#[derive(Debug)]
pub struct Report {
    /// The keys used, once they are known.
    pub keys: Option<LogKeys>,
    /// Who named them.
    pub keys_from: KeysFrom,
    /// What the log has signed, once it is known.
    pub checkpoint: Option<VerifiedCheckpoint>,
    /// Everything wrong or not checkable, by place; at most
    /// [`FINDINGS_MAX`](crate::finding::FINDINGS_MAX).
    pub findings: Vec<Finding>,
    /// Whether every step was done to its end.
    pub is_complete: bool,
    /// What was looked at; zero where it did not come to that.
    pub checked: Checked,
}

/// How much was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Entries hashed.
    pub entries: u64,
    /// Entry bundles taken apart.
    pub entry_bundles: u64,
    /// Tiles of hashes compared.
    pub hash_tiles: u64,
    /// Tags and gates compared with each other.
    pub tags_and_gates: u64,
    /// Registry records that follow from those before them.
    pub registry_records: u64,
}

impl Report {
    /// Good only if nothing was found and nothing left out.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::of(
            self.findings
                .iter()
                .map(|finding| finding.problem.severity()),
            self.is_complete,
        )
    }
}

/// Checks the log behind a source, with the keys given or the source's own. `workers` read at the
/// same time.
pub fn run(
    source: &dyn Source,
    given: Option<&LogKeys>,
    workers: usize,
    progress: &dyn Progress,
) -> Report {
    run_and_ask(source, given, workers, progress, |_| ()).0
}

/// As [`run`]; if every entry could be read, `ask` then asks about them.
pub(crate) fn run_and_ask<T>(
    source: &dyn Source,
    given: Option<&LogKeys>,
    workers: usize,
    progress: &dyn Progress,
    ask: impl FnOnce(&CheckedLog<'_>) -> T,
) -> (Report, Option<T>) {
    let check = Check {
        source,
        workers: workers.max(1),
        findings: Findings::default(),
        progress,
    };
    let keys_from = if given.is_some() {
        KeysFrom::Argument
    } else {
        KeysFrom::Source
    };
    let mut report = Report {
        keys: None,
        keys_from,
        checkpoint: None,
        findings: vec![],
        is_complete: false,
        checked: Checked::default(),
    };
    let read = check.steps(given, &mut report);
    let log = read.as_ref().and_then(|Read { scan, registry }| {
        let (keys, checkpoint) = (report.keys.as_ref()?, report.checkpoint.as_ref()?);
        Some(CheckedLog {
            check: &check,
            scan,
            registry: registry.as_deref(),
            keys,
            checkpoint,
        })
    });
    let answer = log.map(|log| ask(&log));
    report.is_complete &= !check.findings.stopped();
    report.findings = check.findings.into_sorted();
    (report, answer)
}

/// What was read of a log.
struct Read {
    scan: Scan,
    /// What the registry makes; `None` where a record of it is missing or wrong.
    registry: Option<Box<Registry>>,
}

/// One check under way.
struct Check<'a> {
    source: &'a dyn Source,
    workers: usize,
    findings: Findings,
    progress: &'a dyn Progress,
}

impl Check<'_> {
    /// All steps; returns what was read, `None` where it could not go on.
    fn steps(&self, given: Option<&LogKeys>, report: &mut Report) -> Option<Read> {
        // The checkpoint comes first: where there is none, there is no log whose keys could be
        // missing.
        let mut note = Vec::new();
        self.fetch(
            Place::Checkpoint,
            MAX_NOTE_LEN,
            &mut note,
            Problem::NoCheckpoint,
        )?;
        let keys = self.keys(given)?;
        report.keys = Some(keys.clone());
        let verified = match VerifiedCheckpoint::open(&note, &keys, &[]) {
            Ok(verified) => verified,
            Err(error) => {
                self.findings.add(Place::Checkpoint, error);
                return None;
            }
        };
        let checkpoint = verified.checkpoint().clone();
        report.checkpoint = Some(verified);
        self.log(&checkpoint, &keys, report)
    }

    fn log(&self, checkpoint: &Checkpoint, keys: &LogKeys, report: &mut Report) -> Option<Read> {
        let checked = &mut report.checked;
        let size = checkpoint.size();
        if size.is_empty() {
            self.findings.add(Place::Checkpoint, Problem::EmptyLog);
            return None;
        }
        let tags = RegistryTags::new(registry::tags_wanted(size));
        self.progress.begin("entries", size.value());
        let scan = entries::scan(self, size, &tags);
        self.go_on()?;
        (checked.entries, checked.entry_bundles) = (scan.entries, scan.bundles);

        let root = tiles::compare_upper(self, size, &scan);
        self.go_on()?;
        checked.hash_tiles = hash_tiles(size).count() as u64;
        if let Some(entries) = root.filter(|root| root != checkpoint.root()) {
            self.findings.add(
                Place::Checkpoint,
                Problem::Root {
                    signed: *checkpoint.root(),
                    entries,
                },
            );
        }

        self.unique(size, &scan);
        self.go_on()?;
        checked.tags_and_gates = scan.runs.iter().map(|run| run.len() as u64).sum();

        let (records, registry) =
            registry::check_registry(self, size, checkpoint.origin(), keys, &scan);
        checked.registry_records = records;
        self.go_on()?;
        report.is_complete = root.is_some() && registry.is_some();
        (scan.entries == size.value()).then_some(Read { scan, registry })
    }

    fn unique(&self, size: TreeSize, scan: &Scan) {
        self.progress.begin("uniqueness", 1);
        let repeated = unique::repeated(&scan.runs, self.workers);
        self.progress.advance(1);
        locate::report_repeats(self, size, &repeated);
    }

    fn keys(&self, given: Option<&LogKeys>) -> Option<LogKeys> {
        let mut file = Vec::new();
        let published = self
            .fetch(Place::Vkey, VKEY_FILE_LEN_MAX, &mut file, Problem::Missing)
            .and_then(|()| {
                parse_vkey_file(&file)
                    .map_err(|error| self.findings.add(Place::Vkey, error))
                    .ok()
            });
        if let (Some(given), Some(published)) = (given, &published)
            && !given
                .keys()
                .iter()
                .any(|key| published.keys().contains(key))
        {
            let published = published
                .keys()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            self.findings
                .add(Place::Vkey, Problem::OtherKeys { published });
        }
        self.go_on()?;
        given.cloned().or(published)
    }

    fn go_on(&self) -> Option<()> {
        (!self.findings.stopped()).then_some(())
    }

    /// Fetches a file that must be there; what is wrong is reported.
    fn fetch(
        &self,
        place: Place,
        len_max: usize,
        bytes: &mut Vec<u8>,
        missing: Problem,
    ) -> Option<()> {
        let problem = match self.source.fetch(place.path()?, len_max, bytes) {
            Ok(Fetched::Found) => return Some(()),
            Ok(Fetched::Missing) => missing,
            Ok(Fetched::TooLarge) => Problem::TooLarge { max: len_max },
            Err(error) => error.into(),
        };
        self.findings.add(place, problem);
        None
    }

    /// Fetches a tile, or where a partial one is gone the full one in its place; says how wide it
    /// is.
    fn fetch_tile(&self, tile: Tile, len_max: usize, bytes: &mut Vec<u8>) -> Option<TileWidth> {
        let mut wanted = tile;
        let problem = loop {
            break match self.source.fetch(&wanted.to_string(), len_max, bytes) {
                Ok(Fetched::Found) => return Some(wanted.width()),
                Ok(Fetched::Missing) if !wanted.width().is_full() => {
                    wanted = wanted.full();
                    continue;
                }
                Ok(Fetched::Missing) => Problem::Missing,
                Ok(Fetched::TooLarge) => Problem::TooLarge { max: len_max },
                Err(error) => error.into(),
            };
        };
        // A missing file is named as it should be there, a bad one as it is.
        let at = if matches!(problem, Problem::Missing) {
            tile
        } else {
            wanted
        };
        self.findings.add(Place::Tile(at), problem);
        None
    }
}

impl Place {
    /// The path of the two files with fixed names.
    const fn path(self) -> Option<&'static str> {
        match self {
            Self::Vkey => Some(VKEY_PATH),
            Self::Checkpoint => Some("checkpoint"),
            Self::Entry(_) | Self::Tile(_) | Self::Registry(_) | Self::TagsAndGates => None,
        }
    }
}

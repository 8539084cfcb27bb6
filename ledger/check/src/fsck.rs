//! `fsck`: re-derives a whole published log and compares everything with what is signed and served.
//!
//! 1. *Checkpoint* - signed by one of the keys given, or of the source's own; says which log, how
//!    large, which root. What no key has signed is no log's word, and accuses nobody.
//! 2. *Keys* - with keys given, the source must publish one of them, or have handed the log over
//!    from one of them to those it publishes.
//! 3. *Entries* - every bundle is there, has exactly its entries, each one of ours; every tile of
//!    level 0 is their hashes.
//! 4. *Tiles and root* - every higher tile, and the signed root, follow from the entries.
//! 5. *Uniqueness* - every tag and every gate occurs once in the whole log.
//! 6. *Registry* - dense, in order, published in full, committed to, each record carried by the
//!    signatures it needs, each statement once; the supervisors are those the auditor expects.
//! 7. *Earlier heads* - the log begins with every tree it has signed, as far as the auditor kept
//!    what it signed.
//!
//! A step that needs what an earlier one could not get is left out, and the report says that it is
//! not complete.

mod ask;
mod consistency;
mod entries;
mod locate;
mod log_keys;
mod problem;
mod registry;
mod supervisors;
mod tiles;
mod unique;

use std::thread;
use std::time::Duration;

use akashi_proof::state::{Registry, Resumption};
use akashi_tlog::checkpoint::{Checkpoint, LogKeys, VerifiedCheckpoint, VerifyError};
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::signed_note::{MAX_NOTE_LEN, Note, OpenError, VerifyingKey};
use akashi_tlog::tile::{Tile, TileWidth, hash_tiles};

pub(crate) use ask::CheckedLog;
pub use consistency::{Today, hold};
pub(crate) use locate::Located;
pub use log_keys::Followed;
pub use problem::{Finding, NoCheckpointError, Part, Place, Problem};
pub use supervisors::{Supervisor, Supervisors};

use crate::earlier::Earlier;
use crate::finding::Severe as _;
use crate::keys::{KeysFrom, VKEY_FILE_LEN_MAX, VKEY_PATH, VkeyFileError, parse_vkey_file};
use crate::limits::{ENTRIES_MAX, LAG_STEP};
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

/// Which log is to be checked, and against what.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The log's public files.
    pub source: &'a dyn Source,
    /// The keys of the log that is meant; `None` to take the source's own.
    pub keys: Option<&'a LogKeys>,
    /// Every supervisor it has ever had; none to take those it names.
    pub supervisors: &'a [VerifyingKey],
    /// What it has signed before.
    pub earlier: &'a [Earlier],
    /// Most entries to read; each takes 16 bytes of memory.
    pub entries_max: u64,
    /// How many fetches at the same time.
    pub workers: usize,
    /// Is told how it gets on.
    pub progress: &'a dyn Progress,
}

impl<'a> Request<'a> {
    /// The log behind this source, compared with nothing but itself.
    pub fn of(source: &'a dyn Source) -> Self {
        Self {
            source,
            keys: None,
            supervisors: &[],
            earlier: &[],
            entries_max: ENTRIES_MAX,
            workers: source.workers(),
            progress: &(),
        }
    }

    const fn keys_from(&self) -> KeysFrom {
        if self.keys.is_some() {
            KeysFrom::Argument
        } else {
            KeysFrom::Source
        }
    }
}

/// What a check of a whole log found.
#[derive(Debug)]
pub struct Report {
    /// The keys used, once they are known.
    pub keys: Option<LogKeys>,
    /// Who named them.
    pub keys_from: KeysFrom,
    /// Every key the log's registry names, with the sizes of the trees it signs, where one of the
    /// keys used vouches for it.
    pub log_keys: Option<LogKeys>,
    /// How the keys that sign today were reached from those used, where none of those does.
    pub followed: Vec<Followed>,
    /// What the log has signed, once it is known.
    pub checkpoint: Option<VerifiedCheckpoint>,
    /// Who certifies institutions, as far as the registry could be read.
    pub supervisors: Supervisors,
    /// Whether the auditor named them.
    pub supervisors_given: bool,
    /// When its supervisors let it go on after it had stood still for more than a week: whose word
    /// its clock is from there on.
    pub resumptions: Vec<Resumption>,
    /// The earlier heads the log begins with, and the files they are from.
    pub held: Vec<Held>,
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

/// A head the log signed before and still begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The file it is from.
    pub name: String,
    /// The head.
    pub head: TreeHead,
}

/// Checks a whole log.
pub fn run(request: &Request<'_>) -> Report {
    run_and_ask(request, |_| ()).0
}

/// As [`run`]; if every entry could be read, `ask` then asks about them.
pub(crate) fn run_and_ask<T>(
    request: &Request<'_>,
    ask: impl FnOnce(&CheckedLog<'_>) -> T,
) -> (Report, Option<T>) {
    let check = Check::of(request);
    let mut report = Report {
        keys: None,
        keys_from: request.keys_from(),
        log_keys: None,
        followed: vec![],
        checkpoint: None,
        supervisors: Supervisors::default(),
        supervisors_given: !request.supervisors.is_empty(),
        resumptions: vec![],
        held: vec![],
        findings: vec![],
        is_complete: false,
        checked: Checked::default(),
    };
    let read = check.steps(request, &mut report);
    let log = read.as_ref().and_then(|Read { scan, registry }| {
        let (keys, checkpoint) = (report.keys.as_ref()?, report.checkpoint.as_ref()?);
        Some(CheckedLog {
            check: &check,
            scan,
            registry: registry.as_deref(),
            keys: report.log_keys.as_ref().unwrap_or(keys),
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

/// A checkpoint with the log's signature.
struct Opened {
    /// The keys that are believed: those given, or the source's own.
    known: LogKeys,
    /// Those it was opened with: where none of the given has signed it, the source's own beside
    /// them.
    keys: LogKeys,
    checkpoint: VerifiedCheckpoint,
    /// Why the given keys did not open it. Nothing counts then until the registry leads from one of
    /// them to one that did.
    unvouched: Option<VerifyError>,
}

impl<'a> Check<'a> {
    fn of(request: &Request<'a>) -> Self {
        Self {
            source: request.source,
            workers: request.workers.max(1),
            findings: Findings::default(),
            progress: request.progress,
        }
    }

    /// All steps; returns what was read, `None` where it could not go on.
    fn steps(&self, request: &Request<'_>, report: &mut Report) -> Option<Read> {
        let opened = self.open(request.keys, request.earlier)?;
        report.checkpoint = Some(opened.checkpoint.clone());
        report.keys = Some(opened.known.clone());
        // Both heads are known: whatever else cannot be read, this one does not go unsaid.
        let now = opened.checkpoint.checkpoint();
        let older = consistency::compare_heads(self, request.earlier, &opened.keys, now);
        let mut unvouched = opened.unvouched.clone();
        let read = self
            .go_on()
            .and_then(|()| self.log(request, &opened, older, report, &mut unvouched));
        if let Some(why) = unvouched.filter(|_| report.log_keys.is_none()) {
            self.accuse_nobody(request, why, report);
            return None;
        }
        read
    }

    /// What was read is signed by nobody who is known: it is not good, and no log's lie.
    fn accuse_nobody(&self, request: &Request<'_>, why: VerifyError, report: &mut Report) {
        self.findings.accuse_nobody();
        self.findings
            .add(Place::Checkpoint, Problem::NotSigned(why));
        if let Some(given) = request.keys {
            self.compare_published(given, true);
        }
        report.checkpoint = None;
        report.supervisors = Supervisors::default();
        report.resumptions = vec![];
        report.held = vec![];
        report.is_complete = false;
    }

    fn log(
        &self,
        request: &Request<'_>,
        opened: &Opened,
        older: Vec<consistency::Older>,
        report: &mut Report,
        unvouched: &mut Option<VerifyError>,
    ) -> Option<Read> {
        let checkpoint = opened.checkpoint.checkpoint();
        let checked = &mut report.checked;
        let size = checkpoint.size();
        let too_many = Problem::TooManyEntries {
            max: request.entries_max,
            found: size.value(),
        };
        let problem = match size.value() {
            0 => Some(Problem::EmptyLog),
            found if found > request.entries_max => Some(too_many),
            _ => None,
        };
        if let Some(problem) = problem {
            self.findings.add(Place::Checkpoint, problem);
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
        let root_of_first = |first| tiles::root_of_first(self, size, &scan, first);
        let hold = |older: Vec<consistency::Older>| {
            let (mut held, mut is_complete) = (Vec::new(), true);
            for one in older {
                let root = root_of_first(one.head.size);
                is_complete &= root.is_some();
                held.extend(root.and_then(|root| one.compare(self, checkpoint.tree_head(), root)));
            }
            (held, is_complete)
        };
        let (mut held, mut held_all) = hold(older);

        self.unique(size, &scan);
        self.go_on()?;
        checked.tags_and_gates = scan.runs.iter().map(|run| run.len() as u64).sum();

        let (records, registry) = registry::check_registry(self, size, checkpoint.origin(), &scan);
        checked.registry_records = records.count;
        records
            .supervisors
            .check(self, request.supervisors, registry.is_some());
        report.supervisors = records.supervisors;
        if let Some(registry) = &registry {
            report.resumptions = registry.resumptions().to_vec();
            match log_keys::vouched(self, opened, request.keys, registry, root_of_first) {
                Ok(vouched) => {
                    if vouched.keys.keys().len() > 1 && !request.earlier.is_empty() {
                        // Now it is known for which sizes each key counts.
                        self.findings.forget_earlier();
                        let older = consistency::compare_heads(
                            self,
                            request.earlier,
                            &vouched.for_earlier,
                            checkpoint,
                        );
                        (held, held_all) = hold(older);
                    }
                    report.checkpoint = Some(vouched.checkpoint);
                    report.log_keys = Some(vouched.keys);
                    report.followed = vouched.followed;
                }
                Err(why) => {
                    *unvouched = Some(why);
                    return None;
                }
            }
        }
        report.held = held;
        self.go_on()?;
        report.is_complete = root.is_some() && registry.is_some() && held_all;
        (scan.entries == size.value()).then_some(Read { scan, registry })
    }

    fn unique(&self, size: TreeSize, scan: &Scan) {
        self.progress.begin("uniqueness", 1);
        let repeated = unique::repeated(&scan.runs, self.workers);
        self.progress.advance(1);
        locate::report_repeats(self, size, &repeated);
    }

    /// Fetches the checkpoint and opens it with the keys given, or the source's own. Where a file
    /// in hand is newer, it is asked for again as long as publishing takes.
    fn open(&self, given: Option<&LogKeys>, earlier: &[Earlier]) -> Option<Opened> {
        let mut waited = Duration::ZERO;
        loop {
            // It comes first: where there is none, there is no log whose keys could be missing.
            let note = self.note()?;
            let opened = self.open_note(note, given);
            // Where they are to be followed, it may well publish none of them.
            let is_followed = opened.as_ref().is_some_and(|one| one.unvouched.is_some());
            if let Some(given) = given.filter(|_| waited.is_zero() && !is_followed) {
                self.compare_published(given, opened.is_some());
            }
            self.go_on()?;
            let opened = opened?;
            let size = opened.checkpoint.checkpoint().size();
            let is_behind = earlier
                .iter()
                .flat_map(|one| one.heads(&opened.keys).flatten())
                .any(|head| head.size > size);
            if !is_behind || waited >= self.source.lag() {
                return Some(opened);
            }
            thread::sleep(LAG_STEP);
            waited += LAG_STEP;
        }
    }

    /// What stands at the checkpoint's place, if it reads like one.
    fn note(&self) -> Option<Note> {
        let mut bytes = Vec::new();
        self.fetch(
            Place::Checkpoint,
            MAX_NOTE_LEN,
            &mut bytes,
            Problem::NoCheckpoint,
            NoCheckpointError::TooLong.into(),
        )?;
        let read = || -> Result<Note, NoCheckpointError> {
            let note = Note::parse(&bytes)?;
            Checkpoint::parse(note.text())?;
            Ok(note)
        };
        read()
            .map_err(|error| self.findings.add(Place::Checkpoint, error))
            .ok()
    }

    fn open_note(&self, note: Note, given: Option<&LogKeys>) -> Option<Opened> {
        let keys = match given {
            Some(keys) => keys.clone(),
            None => self.published_keys(Problem::NoKeys)?,
        };
        match VerifiedCheckpoint::from_note(note.clone(), &keys, &[]) {
            Ok(checkpoint) => Some(Opened {
                known: keys.clone(),
                keys,
                checkpoint,
                unvouched: None,
            }),
            Err(error) => {
                if let Some(opened) =
                    given.and_then(|given| self.open_to_follow(&note, given, &error))
                {
                    return Some(opened);
                }
                let problem = match error {
                    VerifyError::Note(_)
                    | VerifyError::Signature(_)
                    | VerifyError::OtherSize { .. }
                    | VerifyError::NoLogSignature { .. } => Problem::NotSigned(error),
                    VerifyError::Checkpoint(_) | VerifyError::OtherLog { .. } => {
                        Problem::Checkpoint(error)
                    }
                };
                self.findings.add(Place::Checkpoint, problem);
                None
            }
        }
    }

    /// Opens a checkpoint that no key given has signed with those the source publishes beside them:
    /// the log may have changed its keys. `None` where it is not of that log.
    fn open_to_follow(&self, note: &Note, given: &LogKeys, why: &VerifyError) -> Option<Opened> {
        let nobody_signed = matches!(
            why,
            VerifyError::Signature(OpenError::NoKnownSignature { .. })
                | VerifyError::NoLogSignature { .. }
                | VerifyError::OtherSize { .. }
        );
        let mut file = Vec::new();
        let fetched = self.source.fetch(VKEY_PATH, VKEY_FILE_LEN_MAX, &mut file);
        if !nobody_signed || !matches!(fetched, Ok(Fetched::Found)) {
            return None;
        }
        let published = parse_vkey_file(&file).ok()?;
        let keys = LogKeys::of([given.keys(), published.keys()].concat()).ok()?;
        let checkpoint = VerifiedCheckpoint::from_note(note.clone(), &keys, &[]).ok()?;
        Some(Opened {
            known: given.clone(),
            keys,
            checkpoint,
            unvouched: Some(why.clone()),
        })
    }

    fn published_keys(&self, missing: Problem) -> Option<LogKeys> {
        let mut file = Vec::new();
        self.fetch(
            Place::Vkey,
            VKEY_FILE_LEN_MAX,
            &mut file,
            missing,
            VkeyFileError::TooLong.into(),
        )?;
        parse_vkey_file(&file)
            .map_err(|error| self.findings.add(Place::Vkey, error))
            .ok()
    }

    /// Whether the source publishes one of the keys given. That it publishes none is a fault of a
    /// log only where the log has spoken at all.
    fn compare_published(&self, given: &LogKeys, has_spoken: bool) {
        let missing = if has_spoken {
            Problem::Missing
        } else {
            Problem::NoKeys
        };
        let Some(published) = self.published_keys(missing) else {
            return;
        };
        if !given.keys().iter().any(|one| published.contains(one.key())) {
            let published = published
                .keys()
                .iter()
                .map(|one| one.key().to_string())
                .collect::<Vec<_>>()
                .join(", ");
            self.findings
                .add(Place::Vkey, Problem::OtherKeys { published });
        }
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
        too_long: Problem,
    ) -> Option<()> {
        let problem = match self.source.fetch(place.path()?, len_max, bytes) {
            Ok(Fetched::Found) => return Some(()),
            Ok(Fetched::Missing) => missing,
            Ok(Fetched::TooLarge) => too_long,
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
            Self::Entry(_)
            | Self::Tile(_)
            | Self::Registry(_)
            | Self::Supervisors
            | Self::TagsAndGates
            | Self::Earlier(_) => None,
        }
    }
}

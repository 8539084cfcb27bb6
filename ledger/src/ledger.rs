//! A ledger: a folder with its files, one writer, any number of readers.
//!
//! ```text
//! <data folder>/ledger.redb      the data file: log, tiles, indexes, outbox
//! <data folder>/guard            last size and root, length of the keyring
//! <keys folder>/keyring          every key but the two below, each sealed
//! <keys folder>/wrapping.key     opens the keyring
//! <keys folder>/log.key          signs checkpoints
//! <keys folder>/log-<ID>.key     signs them beside it, or in its place
//! ```
//! Creating and opening are different things; opening never creates.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use akashi_proof::clock::Clock;
use akashi_proof::digest::Secret;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::signer::Signer as _;
use zeroize::Zeroizing;

use crate::error::{ClockError, KeyringError, LedgerError, Part, Refusal, Stop};
use crate::files;
use crate::guard::Guard;
use crate::keys::key_maker::KeyMaker;
use crate::keys::keyring::Keyring;
use crate::keys::log_signers::{LogKeyFolder, LogSigners};
use crate::keys::seal;
use crate::keys::signer::FileSigner;
use crate::lanes::{Bounds, Lane, LaneFigures, Worker};
use crate::limits::{ENDING_WAITING_MAX, FREE_SPACE_MIN, REGULAR_WAITING_MAX, URGENT_WAITING_MAX};
pub use crate::parts::Parts;
use crate::random::draw_secret;
use crate::reader::Reader;
use crate::reader::shared::Shared;
use crate::store::redb_store::RedbStore;
use crate::store::{Store, Table};
use crate::stored::StoredRecord;
use crate::writer::clock_watch::{ClockWatch, Pause};
pub use crate::writer::entry_zero::{Opening, write_entry_zero};
use crate::writer::recover;
use crate::writer::sequencer::{Command, Done, Job, Sequencer, Waiting};

/// Where a ledger's files are.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Data file and guard.
    pub data: PathBuf,
    /// Keyring, wrapping key, log keys.
    pub keys: PathBuf,
}

impl Folders {
    fn data_file(&self) -> PathBuf {
        self.data.join("ledger.redb")
    }
    fn guard(&self) -> PathBuf {
        self.data.join("guard")
    }
    fn keyring(&self) -> PathBuf {
        self.keys.join("keyring")
    }
    fn wrapping_key(&self) -> PathBuf {
        self.keys.join("wrapping.key")
    }
    /// The log's keys.
    pub fn log_keys(&self) -> LogKeyFolder {
        LogKeyFolder::new(&self.keys)
    }
}

/// An open ledger. Dropping the last clone stops the writer after what waits is done.
#[derive(Clone)]
pub struct Ledger {
    reader: Reader,
    clock: Arc<dyn Clock>,
    key_maker: Arc<KeyMaker>,
    writer: Arc<Worker<Box<dyn Job>>>,
}

/// What commands wait for, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// New keys, durably.
    Keys,
    /// Their turn.
    Writer,
}

impl WaitingFor {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Keys, Self::Writer];

    /// As figures are named after it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Writer => "writer",
        }
    }
}

/// Makes a new ledger in empty folders: keys, files, entry 0. It is opened with [`Ledger::open`]
/// afterwards.
///
/// # Errors
/// [`LedgerError::Exists`] if any of its files is there already; [`LedgerError`] if one cannot be
/// written.
pub fn create(folders: &Folders, opening: &Opening, clock: &dyn Clock) -> Result<(), LedgerError> {
    for (file, part) in [
        (folders.data_file(), Part::DataFile),
        (folders.guard(), Part::Guard),
        (folders.keyring(), Part::Keyring),
        (folders.wrapping_key(), Part::WrappingKey),
        (folders.log_keys().first_file(), Part::LogKey),
    ] {
        if file.exists() {
            return Err(LedgerError::Exists(part));
        }
    }
    files::make_private_folder(&folders.data).map_err(failed(Part::DataFolder))?;
    files::make_private_folder(&folders.keys).map_err(failed(Part::KeysFolder))?;
    let wrapping = draw_secret();
    files::write_new_private(&folders.wrapping_key(), wrapping.expose())
        .map_err(failed(Part::WrappingKey))?;
    let log_keys = folders.log_keys();
    let signer = FileSigner::create(&log_keys.first_file(), opening.origin.key_name())?;
    let parts = Parts {
        log_keys: Arc::new(log_keys),
        keyring: Keyring::create(&folders.keyring(), &wrapping)?,
        guard: Guard::create(&folders.guard())?,
        store: Arc::new(RedbStore::create(&folders.data_file())?),
    };
    write_entry_zero(parts, signer.verifying_key(), opening, clock)
}

/// Whether the folder holds a data file.
pub fn exists(folders: &Folders) -> bool {
    folders.data_file().exists()
}

impl Ledger {
    /// Opens the ledger in these folders and starts its writer.
    ///
    /// # Errors
    /// [`LedgerError`] naming what is missing, in use, damaged, or older than what was recorded
    /// before.
    pub fn open(folders: &Folders, clock: Arc<dyn Clock>) -> Result<Self, LedgerError> {
        Self::open_after(folders, clock, Pause::Bounded)
    }

    /// As [`Self::open`], however long before the last record was made. Only for a demo: a ledger
    /// does not tell a long pause from a clock of another year by itself, and elsewhere its
    /// supervisors vouch for the clock.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_after_any_pause(
        folders: &Folders,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LedgerError> {
        Self::open_after(folders, clock, Pause::Any)
    }

    fn open_after(
        folders: &Folders,
        clock: Arc<dyn Clock>,
        pause: Pause,
    ) -> Result<Self, LedgerError> {
        if !folders.data_file().exists() {
            return Err(LedgerError::Missing);
        }
        let wrapping = read_wrapping_key(&folders.wrapping_key())?;
        // The data file's lock first: nobody else may be appending to the keyring while its torn
        // tail is cut off.
        let store: Arc<dyn Store> = Arc::new(RedbStore::open(&folders.data_file())?);
        let guard = Guard::open(&folders.guard())?;
        let keyring = Keyring::open(&folders.keyring(), &wrapping, guard.keys())?;
        let parts = Parts {
            store,
            guard,
            keyring,
            log_keys: Arc::new(folders.log_keys()),
        };
        Self::start_after(parts, clock, pause)
    }

    /// Starts a ledger on these parts, which must hold at least entry 0.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn start(parts: Parts, clock: Arc<dyn Clock>) -> Result<Self, LedgerError> {
        Self::start_after(parts, clock, Pause::Bounded)
    }

    fn start_after(parts: Parts, clock: Arc<dyn Clock>, pause: Pause) -> Result<Self, LedgerError> {
        let Parts {
            store,
            mut guard,
            keyring,
            log_keys,
        } = parts;
        let origin = stored_origin(store.as_ref(), &keyring)?;
        let mut signers = LogSigners::new(log_keys);
        let opened = recover::open(&store, &keyring, &origin, &mut signers)?;
        recover::check_guard(&mut guard, &opened, store.as_ref(), &keyring)?;
        let watch = ClockWatch::start(clock.as_ref(), opened.last_time, pause);
        let head = opened.last_head.clone().ok_or(LedgerError::Unbegun)?;
        let shared = Arc::new(Shared::new(origin, &opened, head, watch.believed()));
        // What can be read is read under any clock.
        if let Some(why) = watch.stopped() {
            tracing::error!(%why, "the clock is not believed: nothing is recorded");
            shared.set_stopped(Some(Arc::new(Stop::Clock(why))));
        }
        let keyring = Arc::new(keyring);
        let sequencer = Sequencer {
            shared: Arc::clone(&shared),
            store: Arc::clone(&store),
            keyring: Arc::clone(&keyring),
            signers,
            clock: Arc::clone(&clock),
            guard,
            state: opened,
            watch,
            poisoned: false,
        };
        let bounds = Bounds {
            urgent: URGENT_WAITING_MAX,
            ending: ENDING_WAITING_MAX,
            regular: REGULAR_WAITING_MAX,
        };
        let writer = Worker::start("akashi-writer", bounds, |lanes| sequencer.run(lanes))
            .map_err(failed(Part::WriterThread))?;
        let key_maker =
            KeyMaker::start(Arc::clone(&keyring)).map_err(failed(Part::KeyMakerThread))?;
        Ok(Self {
            reader: Reader {
                shared,
                store,
                keyring,
            },
            clock,
            key_maker: Arc::new(key_maker),
            writer: Arc::new(writer),
        })
    }

    /// Reads what is durable.
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// What the wall clock says, where the writer would believe it and record under it. Whatever is
    /// decided by the time and cannot be taken back asks here, and waits where there is none: a
    /// clock that was set shows at once, not when the writer looks next.
    ///
    /// # Errors
    /// [`ClockError`] while the clock is not believed.
    pub fn now(&self) -> Result<Timestamp, ClockError> {
        self.reader.shared.now(self.clock.as_ref())
    }

    /// Lets the writer carry out a command; returns when it is durable and signed.
    ///
    /// # Errors
    /// [`Refusal`]: nothing was recorded, except where the refusal itself says so.
    pub async fn submit<C: Command>(&self, command: C) -> Result<Done<C::Receipt>, Refusal> {
        let now = self.clock.wall();
        command.check_before(&self.reader, now)?;
        let (lane, payer) = (command.lane(&self.reader, now), command.payer());
        // What ends something - a consent, a key - may still be written into the room that is kept.
        if lane == Lane::Regular && self.is_nearly_full() {
            return Err(Refusal::DiskLow);
        }
        let keys = command.keys(&self.reader, now);
        if self.reader.keyring.lacks(&keys) {
            self.key_maker.make(lane, payer.clone(), keys).await?;
        }
        let policy = self.reader.registry().policy().digest;
        let (waiting, answer) = Waiting::new(command, self.reader.origin(), &policy);
        self.writer.lanes().push(lane, payer, Box::new(waiting))?;
        answer.await.unwrap_or(Err(Refusal::Stopped))
    }

    /// Whether there is little room, for the data or for the keys, which may lie on another disk. A
    /// disk that does not say is found out by the next write.
    fn is_nearly_full(&self) -> bool {
        let low = |free: u64| free < FREE_SPACE_MIN;
        let Reader { store, keyring, .. } = &self.reader;
        store.free_space().is_ok_and(low) || keyring.free_space().is_ok_and(low)
    }

    /// How many commands wait for this in one lane, and how many were refused for being above its
    /// bound or above one payer's share of it.
    pub fn waiting(&self, what: WaitingFor, lane: Lane) -> LaneFigures {
        match what {
            WaitingFor::Keys => self.key_maker.figures(lane),
            WaitingFor::Writer => self.writer.lanes().figures(lane),
        }
    }
}

fn read_wrapping_key(path: &Path) -> Result<Secret, LedgerError> {
    let bytes = Zeroizing::new(std::fs::read(path).map_err(failed(Part::WrappingKey))?);
    let key = bytes
        .as_slice()
        .try_into()
        .map_err(|_| KeyringError::Length {
            part: Part::WrappingKey,
            found: bytes.len(),
        })?;
    Ok(Secret::from_bytes(key))
}

/// The origin entry 0 names.
fn stored_origin(store: &dyn Store, keyring: &Keyring) -> Result<Origin, LedgerError> {
    let row = store
        .get(Table::Records, &LeafIndex::FIRST.to_be_bytes())?
        .ok_or(LedgerError::Unbegun)?;
    match seal::open(LeafIndex::FIRST, &row, keyring)? {
        StoredRecord::Open(first) => Ok(first.record.origin),
        StoredRecord::Closed(first) => Err(LedgerError::Unnamed(first.closed)),
    }
}

/// What the system said of this part.
fn failed(part: Part) -> impl FnOnce(io::Error) -> LedgerError {
    move |error| LedgerError::System { part, error }
}

//! What a holder keeps, in a folder: one file for the log, one for each link it has released on. A
//! change is durable before the call that made it returns.
//!
//! ```text
//! lock               held while a program uses the folder
//! seen-log           the last head believed, and from where on is released after a restore
//! <digest of code>   the gates of one link
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use akashi_proof::digest::Secret;
use akashi_proof::evidence::EvidenceError;
use akashi_proof::gate::{
    CatchUp, CatchUpError, GateUse, KEPT_LEN_MAX, KeptGates, NotTheFormat, PermitGate,
    SEEN_LOG_FILE, SEEN_LOG_LEN_MAX, SeenLog, kept_gates_file,
};
use akashi_proof::ids::{GateNumber, LinkCode, Timestamp};
use akashi_tlog::checkpoint::{LogKeys, Origin};

/// What a holder keeps. One program uses a folder at a time, from as many threads as it likes; one
/// release at a time is written.
#[derive(Debug)]
pub struct GateFolder {
    folder: PathBuf,
    seen: Mutex<SeenLog>,
    /// Kept for its lock.
    _lock: File,
}

/// Why what is kept cannot be used, or was not written: nothing may be released.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A file is damaged, or not one of these.
    #[error("{}: {cause}", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: NotTheFormat,
    },
    /// A file says something of another log or link.
    #[error("{}: expected what is kept of this log and link, found another's", .0.display())]
    Another(PathBuf),
    /// Another program uses the folder.
    #[error("{}: another program uses it", .0.display())]
    InUse(PathBuf),
}

impl GateFolder {
    /// Begins a folder for the releases on this log's permits, where there is none. A holder that
    /// has released before and lost what it kept calls [`Self::restored`] next.
    ///
    /// # Errors
    /// [`FolderError`], also where the folder is there already.
    pub fn create(folder: &Path, origin: Origin) -> Result<Self, FolderError> {
        fs::create_dir(folder).map_err(|cause| file(folder, cause))?;
        let lock = lock(folder)?;
        let seen = SeenLog::new(origin);
        write(&folder.join(SEEN_LOG_FILE), &seen.to_string())?;
        Ok(Self::of(folder, seen, lock))
    }

    /// Opens a folder as it was left. One that was put back from a copy is opened so too, and
    /// [`Self::restored`] is called next.
    ///
    /// # Errors
    /// [`FolderError`], also where the folder is not there.
    pub fn open(folder: &Path, origin: &Origin) -> Result<Self, FolderError> {
        let lock = lock(folder)?;
        let path = folder.join(SEEN_LOG_FILE);
        let bytes = read(&path, SEEN_LOG_LEN_MAX)?
            .ok_or_else(|| file(&path, io::ErrorKind::NotFound.into()))?;
        let seen = SeenLog::parse(&bytes).map_err(|cause| FolderError::Format {
            path: path.clone(),
            cause,
        })?;
        if seen.origin() == origin {
            Ok(Self::of(folder, seen, lock))
        } else {
            Err(FolderError::Another(path))
        }
    }

    fn of(folder: &Path, seen: SeenLog, lock: File) -> Self {
        Self {
            folder: folder.to_owned(),
            seen: Mutex::new(seen),
            _lock: lock,
        }
    }

    /// Says that what is kept is older than the last release, or lost. Nothing is released before
    /// the holder has caught up on a link, and never on evidence the log held then: it may have
    /// been released on, and whoever asked asks again.
    ///
    /// # Errors
    /// [`FolderError`]: nothing has changed.
    pub fn restored(&self) -> Result<(), FolderError> {
        let mut seen = self.seen();
        let mut next = seen.clone();
        next.restored();
        write(&self.folder.join(SEEN_LOG_FILE), &next.to_string())?;
        *seen = next;
        Ok(())
    }

    /// Where the holder stands on a link, to ask the ledger for what follows: the highest number
    /// seen there, and the log.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn stands_at(&self, link: &LinkCode) -> Result<(Option<GateNumber>, SeenLog), FolderError> {
        let seen = self.seen();
        Ok((self.kept(link)?.highest(), seen.clone()))
    }

    /// Looks at a permit with what is kept of its link, and keeps its number if it may be released
    /// on: two that come at once are looked at one after the other.
    pub(super) fn spend(
        &self,
        link: &LinkCode,
        permit: &PermitGate,
        now: Timestamp,
        check: impl FnOnce(&KeptGates, &SeenLog) -> Result<GateUse, EvidenceError>,
    ) -> Result<Result<GateUse, EvidenceError>, FolderError> {
        let seen = self.seen();
        let mut kept = self.kept(link)?;
        let found = check(&kept, &seen);
        if found == Ok(GateUse::First) {
            kept.spend(permit, now);
            self.keep(&kept)?;
        }
        Ok(found)
    }

    /// Moves on over gates that were seen in the log; returns the highest number seen.
    pub(super) fn catch_up(
        &self,
        link: &LinkCode,
        link_key: &Secret,
        log: &LogKeys,
        gates: &CatchUp,
    ) -> Result<Result<Option<GateNumber>, CatchUpError>, FolderError> {
        let mut seen = self.seen();
        let mut kept = self.kept(link)?;
        let caught_up = match gates.verify(log, link_key, &kept, &seen) {
            Ok(caught_up) => caught_up,
            Err(error) => return Ok(Err(error)),
        };
        let mut next = seen.clone();
        caught_up.remember(&mut next);
        caught_up.move_on(&mut kept);
        // A crash in between leaves a head that is right and gates that are asked for again.
        write(&self.folder.join(SEEN_LOG_FILE), &next.to_string())?;
        *seen = next;
        self.keep(&kept)?;
        Ok(Ok(kept.highest()))
    }

    fn seen(&self) -> MutexGuard<'_, SeenLog> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, link: &LinkCode) -> Result<KeptGates, FolderError> {
        let path = self.folder.join(kept_gates_file(link));
        let Some(bytes) = read(&path, KEPT_LEN_MAX)? else {
            return Ok(KeptGates::new(link.clone()));
        };
        match KeptGates::parse(&bytes) {
            Ok(kept) if kept.link() == link => Ok(kept),
            Ok(_) => Err(FolderError::Another(path)),
            Err(cause) => Err(FolderError::Format { path, cause }),
        }
    }

    fn keep(&self, kept: &KeptGates) -> Result<(), FolderError> {
        let path = self.folder.join(kept_gates_file(kept.link()));
        write(&path, &kept.to_string())
    }
}

fn file(path: &Path, cause: io::Error) -> FolderError {
    let path = path.to_owned();
    FolderError::File { path, cause }
}

fn lock(folder: &Path) -> Result<File, FolderError> {
    let path = folder.join("lock");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|cause| file(&path, cause))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(FolderError::InUse(folder.to_owned())),
        Err(TryLockError::Error(cause)) => Err(file(&path, cause)),
    }
}

/// The bytes of a file, one more than the most at the most; `None` where there is none.
fn read(path: &Path, most: usize) -> Result<Option<Vec<u8>>, FolderError> {
    let opened = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|cause| file(path, cause))?,
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    match opened.take(most).read_to_end(&mut bytes) {
        Ok(_) => Ok(Some(bytes)),
        Err(cause) => Err(file(path, cause)),
    }
}

/// Replaces a file as a whole: after a crash it is the old one or the new one.
fn write(path: &Path, text: &str) -> Result<(), FolderError> {
    let next = path.with_extension("next");
    let written = || {
        let mut written = File::create(&next)?;
        written.write_all(text.as_bytes())?;
        written.sync_all()?;
        fs::rename(&next, path)?;
        File::open(path.parent().unwrap_or(path))?.sync_all()
    };
    written().map_err(|cause| file(path, cause))
}

//! What a holder keeps, in a folder: one file for the log, one for each link it has released on. A
//! change is durable before the call that made it returns.
//!
//! A release waits for nobody but others on the same link: what it is checked with is read, written
//! and synced under a lock of that link alone, so a requester that shows a thousand permits at once
//! is in the way of nobody who asks about somebody else. What is written to different links is
//! synced side by side ([`disk`]).
//!
//! ```text
//! lock               held while a program uses the folder
//! seen-log           the last head believed, and from where on is released after a restore
//! <digest of code>   the gates of one link
//! ```

mod disk;

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akashi_proof::digest::Secret;
use akashi_proof::evidence::EvidenceError;
use akashi_proof::gate::{
    CatchUp, CatchUpError, GateUse, KEPT_LEN_MAX, KeptGates, NotTheFormat, PermitGate,
    SEEN_LOG_FILE, SEEN_LOG_LEN_MAX, SeenLog, kept_gates_file,
};
use akashi_proof::ids::{GateNumber, LinkCode, Timestamp};
use akashi_tlog::checkpoint::{LogKeys, Origin};

use disk::Disk;

/// What a holder keeps. One program uses a folder at a time, from as many threads as it likes; of
/// one link one release at a time is written.
#[derive(Debug)]
pub struct GateFolder {
    disk: Disk,
    /// As it is on the disk. Never locked while something is written.
    seen: Mutex<SeenLog>,
    /// Held while it is being moved on, from the one on the disk to the next.
    moving: Mutex<()>,
    /// Of the links that are being looked at, by the names of their files: as many as threads.
    links: Mutex<HashMap<String, Arc<Mutex<()>>>>,
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
        let disk = Disk::new(folder);
        disk.replace(SEEN_LOG_FILE, &seen.to_string())?;
        Ok(Self::of(disk, seen, lock))
    }

    /// Opens a folder as it was left. One that was put back from a copy is opened so too, and
    /// [`Self::restored`] is called next.
    ///
    /// # Errors
    /// [`FolderError`], also where the folder is not there.
    pub fn open(folder: &Path, origin: &Origin) -> Result<Self, FolderError> {
        let lock = lock(folder)?;
        let disk = Disk::new(folder);
        let path = disk.path(SEEN_LOG_FILE);
        let bytes = disk
            .read(SEEN_LOG_FILE, SEEN_LOG_LEN_MAX)?
            .ok_or_else(|| file(&path, io::ErrorKind::NotFound.into()))?;
        let seen = SeenLog::parse(&bytes).map_err(|cause| FolderError::Format {
            path: path.clone(),
            cause,
        })?;
        if seen.origin() == origin {
            Ok(Self::of(disk, seen, lock))
        } else {
            Err(FolderError::Another(path))
        }
    }

    fn of(disk: Disk, seen: SeenLog, lock: File) -> Self {
        Self {
            disk,
            seen: Mutex::new(seen),
            moving: Mutex::default(),
            links: Mutex::default(),
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
        let moving = locked(&self.moving);
        let mut next = self.seen();
        next.restored();
        self.move_on(next, &moving)
    }

    /// Where the holder stands on a link, to ask the ledger for what follows: the highest number
    /// seen there, and the log.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn stands_at(&self, link: &LinkCode) -> Result<(Option<GateNumber>, SeenLog), FolderError> {
        let seen = self.seen();
        Ok((self.kept(&kept_gates_file(link), link)?.highest(), seen))
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
        self.with_link(link, |name| {
            let (mut kept, seen) = (self.kept(name, link)?, self.seen());
            let found = check(&kept, &seen);
            if found == Ok(GateUse::First) {
                kept.spend(permit, now);
                self.disk.replace(name, &kept.to_string())?;
            }
            Ok(found)
        })
    }

    /// Moves on over gates that were seen in the log; returns the highest number seen.
    pub(super) fn catch_up(
        &self,
        link: &LinkCode,
        link_key: &Secret,
        log: &LogKeys,
        gates: &CatchUp,
    ) -> Result<Result<Option<GateNumber>, CatchUpError>, FolderError> {
        self.with_link(link, |name| {
            let mut kept = self.kept(name, link)?;
            let moving = locked(&self.moving);
            let mut next = self.seen();
            let caught_up = match gates.verify(log, link_key, &kept, &next) {
                Ok(caught_up) => caught_up,
                Err(error) => return Ok(Err(error)),
            };
            caught_up.remember(&mut next);
            caught_up.move_on(&mut kept);
            // A crash in between leaves a head that is right and gates that are asked for again.
            self.move_on(next, &moving)?;
            drop(moving);
            self.disk.replace(name, &kept.to_string())?;
            Ok(Ok(kept.highest()))
        })
    }

    /// Does something of a link while nothing else is done of it; it is given its file's name.
    fn with_link<T>(&self, link: &LinkCode, run: impl FnOnce(&str) -> T) -> T {
        let name = kept_gates_file(link);
        let own = Arc::clone(locked(&self.links).entry(name.clone()).or_default());
        let done = {
            let _alone = locked(&own);
            run(&name)
        };
        let mut links = locked(&self.links);
        // Whoever else waits for it has counted by now: it is counted under this very lock.
        if Arc::strong_count(&own) == 2 {
            links.remove(&name);
        }
        done
    }

    fn seen(&self) -> SeenLog {
        locked(&self.seen).clone()
    }

    fn move_on(&self, next: SeenLog, _moving: &MutexGuard<'_, ()>) -> Result<(), FolderError> {
        self.disk.replace(SEEN_LOG_FILE, &next.to_string())?;
        *locked(&self.seen) = next;
        Ok(())
    }

    fn kept(&self, name: &str, link: &LinkCode) -> Result<KeptGates, FolderError> {
        let path = self.disk.path(name);
        let Some(bytes) = self.disk.read(name, KEPT_LEN_MAX)? else {
            return Ok(KeptGates::new(link.clone()));
        };
        match KeptGates::parse(&bytes) {
            Ok(kept) if kept.link() == link => Ok(kept),
            Ok(_) => Err(FolderError::Another(path)),
            Err(cause) => Err(FolderError::Format { path, cause }),
        }
    }
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use akashi_proof::digest::Digest;
    use akashi_proof::ids::LeafIndex;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn folder(at: &Path) -> GateFolder {
        let origin = Origin::new("ledger.example.jp/log").unwrap();
        GateFolder::create(&at.join("kept"), origin).unwrap()
    }

    fn link(n: u8) -> LinkCode {
        LinkCode::from_sealed(&[n; LinkCode::SEALED_LEN])
    }

    fn permit(n: u64) -> PermitGate {
        PermitGate {
            number: GateNumber::new(n).unwrap(),
            index: LeafIndex::new(n),
            commitment: Digest::of(&[b"permit"]),
            expires: NOW.plus_millis(600_000),
        }
    }

    #[test]
    fn a_release_waits_for_no_other_link() {
        let at = tempfile::tempdir().unwrap();
        let folder = &folder(at.path());
        let ((begins, has_begun), (ends, may_end)) = (channel(), channel());
        let first = |n| {
            let found = folder.spend(&link(n), &permit(1), NOW, |_, _| Ok(GateUse::First));
            assert_eq!(found.unwrap(), Ok(GateUse::First));
        };
        thread::scope(|scope| {
            // One that never comes to its end before all others have come to theirs.
            let slow = scope.spawn(move || {
                folder.spend(&link(1), &permit(1), NOW, |_, _| {
                    begins.send(()).unwrap();
                    may_end.recv().unwrap();
                    Ok(GateUse::First)
                })
            });
            has_begun.recv().unwrap();
            (2..=20).for_each(first);
            assert_eq!(
                folder.stands_at(&link(2)).unwrap().0,
                Some(permit(1).number)
            );
            folder.restored().unwrap();
            ends.send(()).unwrap();
            assert_eq!(slow.join().unwrap().unwrap(), Ok(GateUse::First));
        });
        assert_eq!(
            folder.stands_at(&link(1)).unwrap().0,
            Some(permit(1).number)
        );
        assert!(locked(&folder.links).is_empty(), "nothing is left behind");
    }

    #[test]
    fn of_one_link_those_that_come_at_once_are_looked_at_one_after_the_other() {
        let at = tempfile::tempdir().unwrap();
        let folder = &folder(at.path());
        let look = |kept: &KeptGates, _: &SeenLog| {
            let is_kept = kept.highest().is_some();
            Ok(if is_kept {
                GateUse::Again
            } else {
                GateUse::First
            })
        };
        let found = thread::scope(|scope| {
            let spend = || folder.spend(&link(1), &permit(1), NOW, look).unwrap();
            let all: Vec<_> = (0..16).map(|_| scope.spawn(spend)).collect();
            let all = all.into_iter().map(|one| one.join().unwrap().unwrap());
            all.collect::<Vec<_>>()
        });
        let first = found.iter().filter(|found| **found == GateUse::First);
        assert_eq!(first.count(), 1);
        assert!(locked(&folder.links).is_empty());
    }
}

//! Files that are replaced as a whole and are there after a crash, by many threads at once.
//!
//! Each file is synced by whoever writes it; the folder, which says which files there are, is
//! synced once for all who wait for it. A holder's disk so takes many small files in the time of a
//! few: nobody waits in line for the syncs of others.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{FolderError, file};

/// A folder on the disk.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    shared: Shared,
}

impl Disk {
    /// In this folder.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            shared: Shared::default(),
        }
    }

    /// Where a file of this name is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The bytes of a file, one more than the most at the most; `None` where there is none.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn read(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.path(name);
        let opened = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|cause| file(&path, cause))?,
        };
        let mut bytes = Vec::new();
        let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        match opened.take(most).read_to_end(&mut bytes) {
            Ok(_) => Ok(Some(bytes)),
            Err(cause) => Err(file(&path, cause)),
        }
    }

    /// Replaces a file as a whole: after a crash it is the old one or the new one, and the new one
    /// once this has returned. No two may replace the same file at once.
    ///
    /// # Errors
    /// [`FolderError::File`]: the file may be the old one or the new one.
    pub fn replace(&self, name: &str, text: &str) -> Result<(), FolderError> {
        let path = self.path(name);
        let next = path.with_extension("next");
        let written = || {
            let mut written = File::create(&next)?;
            written.write_all(text.as_bytes())?;
            written.sync_all()?;
            fs::rename(&next, &path)?;
            self.shared.sync(|| File::open(&self.folder)?.sync_all())
        };
        written().map_err(|cause| file(&path, cause))
    }
}

/// Syncs of one thing that are made once for all who wait for one.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many were begun. They are made one after the other.
    begun: u64,
    /// Whether the last of them still runs.
    runs: bool,
    /// The last that ended well, and the last that did not.
    done: u64,
    failed: Option<(u64, io::ErrorKind)>,
}

impl Shared {
    /// Returns once a sync has ended that began after this was called: the caller's, or one that
    /// another who waits has begun.
    fn sync(&self, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let number = self.next();
        self.wait(number, sync)
    }

    /// The next sync to begin: what is written by now is in it.
    fn next(&self) -> u64 {
        self.state().begun + 1
    }

    /// Waits for this one or a later one, and makes it if nobody else does.
    fn wait(&self, number: u64, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state();
        loop {
            // First what failed: the disk may say the next time that it was written.
            match state.failed {
                Some((failed, kind)) if failed >= number => return Err(kind.into()),
                _ if state.done >= number => return Ok(()),
                _ if !state.runs => return self.begin(state, sync),
                _ => {}
            }
            let woken = self.ended.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn begin(
        &self,
        mut state: MutexGuard<'_, State>,
        sync: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        state.begun += 1;
        state.runs = true;
        let number = state.begun;
        drop(state);
        let outcome = sync();
        let mut state = self.state();
        state.runs = false;
        match &outcome {
            Ok(()) => state.done = number,
            Err(error) => state.failed = Some((number, error.kind())),
        }
        drop(state);
        self.ended.notify_all();
        outcome
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::thread;

    use super::*;

    const MANY: usize = 1_000;

    /// A thousand ask while a sync runs. How many more there are, the first of them with this
    /// outcome, and how many of the thousand hear that all is well.
    fn while_one_runs(outcome: Result<(), io::ErrorKind>) -> (usize, usize) {
        let (shared, more) = (Shared::default(), Cell::new(0));
        let mut asked = Vec::new();
        let first = shared.sync(|| {
            asked.extend((0..MANY).map(|_| shared.next()));
            Ok(())
        });
        assert!(first.is_ok());
        let heard = asked.into_iter().map(|number| {
            let made = shared.wait(number, || {
                more.set(more.get() + 1);
                outcome.map_err(io::Error::from)
            });
            assert_eq!(made.as_ref().err().map(io::Error::kind), outcome.err());
            made.is_ok()
        });
        let well = heard.filter(|well| *well).count();
        assert!(shared.sync(|| Ok(())).is_ok(), "who asks now asks anew");
        (more.get(), well)
    }

    #[test]
    fn a_thousand_who_wait_have_one_sync_and_hear_how_it_ended() {
        assert_eq!(while_one_runs(Ok(())), (1, MANY));
        let full = Err(io::ErrorKind::StorageFull);
        assert_eq!(
            while_one_runs(full),
            (1, 0),
            "never a later one that went well"
        );
    }

    #[test]
    fn what_is_written_while_a_sync_runs_is_in_the_next_one() {
        let shared = Shared::default();
        shared
            .sync(|| {
                assert_eq!(shared.next(), 2, "this one may have begun too early");
                Ok(())
            })
            .unwrap();
        let made = Cell::new(false);
        shared
            .wait(2, || {
                made.set(true);
                Ok(())
            })
            .unwrap();
        assert!(made.get());
    }

    #[test]
    fn many_threads_replace_files_of_their_own_and_all_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path());
        thread::scope(|scope| {
            for n in 0..16 {
                let disk = &disk;
                scope.spawn(move || {
                    for round in 0..4 {
                        disk.replace(&format!("link-{n}"), &format!("{round}"))
                            .unwrap();
                    }
                });
            }
        });
        for n in 0..16 {
            let kept = disk.read(&format!("link-{n}"), 8).unwrap();
            assert_eq!(kept.unwrap(), b"3");
        }
        assert!(disk.read("link-16", 8).unwrap().is_none());
        let syncs = disk.shared.state().begun;
        assert!(
            (1..=64).contains(&syncs),
            "of the folder at most one each: {syncs}"
        );
    }
}

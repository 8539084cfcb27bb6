//! A keyring's file in memory that fails and waits on demand: for tests of this crate and of
//! others, never for a ledger.
//!
//! It outlives whoever opened it, as [`crate::store::memory_store`] does. After a failed append it
//! refuses every further one until it has been cut: a keyring that goes on after a failure is found
//! out.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::keys::key_file::KeyFile;

/// What is there of the rows of an append that fails. The caller is told the same in all cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendFault {
    /// Nothing.
    Lost,
    /// The first half.
    Torn,
    /// All of them.
    Kept,
}

/// A file in memory, and the faults to come. Clones are the same file.
#[derive(Clone, Default)]
pub struct MemoryKeyFile {
    inner: Arc<(Mutex<Inner>, Condvar)>,
}

#[derive(Default)]
struct Inner {
    bytes: Vec<u8>,
    appends: u64,
    failing: Option<AppendFault>,
    cuts_fail: bool,
    /// How many appends may go on, where not all may.
    let_through: Option<u64>,
    broken: bool,
}

impl MemoryKeyFile {
    /// Makes the next append fail.
    pub fn fail_append(&self, fault: AppendFault) {
        self.inner().failing = Some(fault);
    }

    /// Makes every cut fail, or none.
    pub fn set_cuts_fail(&self, fail: bool) {
        self.inner().cuts_fail = fail;
    }

    /// Lets every append wait, as on a disk that has stopped.
    pub fn hold(&self) {
        self.inner().let_through = Some(0);
    }

    /// Lets this many appends go on of those that wait or will come.
    pub fn let_through(&self, appends: u64) {
        let mut inner = self.inner();
        inner.let_through = inner.let_through.map(|before| before + appends);
        drop(inner);
        self.inner.1.notify_all();
    }

    /// Lets all appends go on.
    pub fn let_go(&self) {
        self.inner().let_through = None;
        self.inner.1.notify_all();
    }

    /// Number of appends that have begun so far, waiting and failed ones included.
    pub fn appends(&self) -> u64 {
        self.inner().appends
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyFile for MemoryKeyFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.inner().bytes.clone())
    }

    fn append(&mut self, rows: &[u8]) -> io::Result<()> {
        let mut inner = self.inner();
        inner.appends += 1;
        let held = |inner: &mut Inner| inner.let_through == Some(0);
        inner = self
            .inner
            .1
            .wait_while(inner, held)
            .unwrap_or_else(PoisonError::into_inner);
        inner.let_through = inner.let_through.map(|before| before - 1);
        if inner.broken {
            return Err(io::Error::other("an append failed before; it was not cut"));
        }
        let fault = inner.failing.take();
        let kept = match fault {
            Some(AppendFault::Lost) => 0,
            Some(AppendFault::Torn) => rows.len() / 2,
            Some(AppendFault::Kept) | None => rows.len(),
        };
        inner.bytes.extend(rows.iter().take(kept));
        inner.broken = fault.is_some();
        match fault {
            Some(_) => Err(io::Error::other("this append was made to fail")),
            None => Ok(()),
        }
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        let mut inner = self.inner();
        if inner.cuts_fail {
            return Err(io::Error::other("this cut was made to fail"));
        }
        let len = usize::try_from(len).ok();
        let len = len.filter(|len| *len <= inner.bytes.len());
        let len = len.ok_or(io::ErrorKind::UnexpectedEof)?;
        inner.bytes.truncate(len);
        inner.broken = false;
        Ok(())
    }
}

//! A keyring's file in memory that fails and waits on demand: for tests of this crate and of
//! others, never for a ledger.
//!
//! It outlives whoever opened it, as [`crate::store::memory_store`] does. After a failed append it
//! refuses every further one until it has been cut: a keyring that goes on after a failure is found
//! out.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::keys::key_file::KeyFile;

/// What is there of the rows of an append that fails. The caller is told the same in all cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendFault {
    /// Nothing.
    Lost,
    /// The first half.
    Torn,
    /// All of them, as zeros: the file has grown, and its content was not written.
    Zeros,
    /// All of them.
    Kept,
}

/// A file in memory, and the faults to come. A clone is the same file, opened anew.
#[derive(Default)]
pub struct MemoryKeyFile {
    inner: Arc<(Mutex<Inner>, Condvar)>,
    /// An append has failed here, and it was not cut since.
    broken: AtomicBool,
}

impl Clone for MemoryKeyFile {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            broken: AtomicBool::new(false),
        }
    }
}

#[derive(Default)]
struct Inner {
    bytes: Vec<u8>,
    appends: u64,
    failing: Option<AppendFault>,
    cuts_fail: bool,
    /// How many appends may go on, where not all may.
    let_through: Option<u64>,
    full: bool,
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

    /// Says that there is no room left where it is, or that there is again.
    pub fn set_full(&self, full: bool) {
        self.inner().full = full;
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
    fn read(&self) -> io::Result<Vec<u8>> {
        Ok(self.inner().bytes.clone())
    }

    fn append(&self, rows: &[u8]) -> io::Result<()> {
        let mut inner = self.inner();
        inner.appends += 1;
        let held = |inner: &mut Inner| inner.let_through == Some(0);
        inner = self
            .inner
            .1
            .wait_while(inner, held)
            .unwrap_or_else(PoisonError::into_inner);
        inner.let_through = inner.let_through.map(|before| before - 1);
        if self.broken.load(Ordering::Acquire) {
            return Err(io::Error::other("an append failed before; it was not cut"));
        }
        let fault = inner.failing.take();
        let kept = match fault {
            Some(AppendFault::Lost) => 0,
            Some(AppendFault::Torn) => rows.len() / 2,
            Some(AppendFault::Zeros | AppendFault::Kept) | None => rows.len(),
        };
        let is_zeros = fault == Some(AppendFault::Zeros);
        let there = rows.iter().map(|byte| if is_zeros { 0 } else { *byte });
        inner.bytes.extend(there.take(kept));
        self.broken.store(fault.is_some(), Ordering::Release);
        match fault {
            Some(_) => Err(io::Error::other("this append was made to fail")),
            None => Ok(()),
        }
    }

    fn cut(&self, len: u64) -> io::Result<()> {
        let mut inner = self.inner();
        if inner.cuts_fail {
            return Err(io::Error::other("this cut was made to fail"));
        }
        let len = usize::try_from(len).ok();
        let len = len.filter(|len| *len <= inner.bytes.len());
        let len = len.ok_or(io::ErrorKind::UnexpectedEof)?;
        inner.bytes.truncate(len);
        self.broken.store(false, Ordering::Release);
        Ok(())
    }

    fn free_space(&self) -> io::Result<u64> {
        Ok(if self.inner().full { 0 } else { u64::MAX })
    }
}

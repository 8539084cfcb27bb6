//! The one door to what is stored.
//!
//! Reading waits for the disk, and the threads that serve requests must not: so no handler holds a
//! [`Reader`]. It hands a closure to [`crate::app::App::read`], which runs it with one on a thread
//! that may wait. Every kind of work has threads and a queue of its own ([`crate::limits`]), so
//! that none starves another: a thousand histories that are looked through do not delay one
//! decision.
//!
//! Above its bound a kind of work is refused at once ([`Busy`]: 503, `Retry-After`), and counted.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use akashi_ledger::Reader;
use akashi_ledger::reader::pool::{Bounds, Pool};

use crate::limits;

pub use akashi_ledger::reader::pool::Busy;

/// What is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// What people see.
    Pages,
    /// What institutions are answered.
    Institutions,
    /// The public log.
    Log,
    /// Histories as files.
    Downloads,
    /// Evidence that is checked for whoever asks.
    Evidence,
}

impl Work {
    /// Every kind there is.
    pub const ALL: [Self; 5] = [
        Self::Pages,
        Self::Institutions,
        Self::Log,
        Self::Downloads,
        Self::Evidence,
    ];

    /// As figures and threads are named after it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Institutions => "institutions",
            Self::Log => "log",
            Self::Downloads => "downloads",
            Self::Evidence => "evidence",
        }
    }

    const fn bounds(self) -> Bounds {
        match self {
            Self::Pages => limits::PAGES,
            Self::Institutions => limits::INSTITUTIONS,
            Self::Log => limits::LOG,
            Self::Downloads => limits::DOWNLOADS,
            Self::Evidence => limits::EVIDENCE,
        }
    }
}

/// The pools, one a kind of work.
pub(crate) struct Reading {
    pools: [Pool<Reader>; Work::ALL.len()],
    begun: [AtomicU64; Work::ALL.len()],
}

impl Reading {
    /// Starts the threads.
    ///
    /// # Errors
    /// What the system says when it has no more threads.
    pub(crate) fn start(reader: &Reader) -> io::Result<Self> {
        let start = |work: Work| Pool::start(work.name(), work.bounds(), reader);
        let [pages, institutions, log, downloads, evidence] = Work::ALL;
        Ok(Self {
            pools: [
                start(pages)?,
                start(institutions)?,
                start(log)?,
                start(downloads)?,
                start(evidence)?,
            ],
            begun: Default::default(),
        })
    }

    /// Runs one job, if there is a place for it.
    pub(crate) async fn run<T, F>(&self, work: Work, job: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce(&Reader) -> T + Send + 'static,
    {
        let pool = self.of(work);
        let place = pool.place()?;
        self.count(work).fetch_add(1, Relaxed);
        pool.run(place, job).await
    }

    /// Runs one job as soon as there is a place for it.
    pub(crate) async fn run_in_turn<T, F>(&self, work: Work, job: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce(&Reader) -> T + Send + 'static,
    {
        let pool = self.of(work);
        let place = pool.next_place().await?;
        self.count(work).fetch_add(1, Relaxed);
        pool.run(place, job).await
    }

    /// How many jobs of a kind were taken since the start.
    pub(crate) fn begun(&self, work: Work) -> u64 {
        self.count(work).load(Relaxed)
    }

    const fn count(&self, work: Work) -> &AtomicU64 {
        let [pages, institutions, log, downloads, evidence] = &self.begun;
        match work {
            Work::Pages => pages,
            Work::Institutions => institutions,
            Work::Log => log,
            Work::Downloads => downloads,
            Work::Evidence => evidence,
        }
    }

    /// How many jobs of a kind run or wait, and how many were refused since the start.
    pub(crate) fn figures(&self, work: Work) -> (usize, u64) {
        let pool = self.of(work);
        (pool.under_way(), pool.refused())
    }

    const fn of(&self, work: Work) -> &Pool<Reader> {
        let [pages, institutions, log, downloads, evidence] = &self.pools;
        match work {
            Work::Pages => pages,
            Work::Institutions => institutions,
            Work::Log => log,
            Work::Downloads => downloads,
            Work::Evidence => evidence,
        }
    }
}

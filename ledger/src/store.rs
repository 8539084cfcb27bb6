//! The store: a few ordered tables and one way to change them.
//!
//! Contract, the same for every implementation ([`contract`] puts it to any of them):
//! - [`Store::commit`] applies all changes of a batch or none, and returns only when they survive a
//!   power cut.
//! - After an error from `commit` it is not known whether the batch is there; the caller must open
//!   the store anew.
//! - A read sees every commit that returned before it began. A failed read is an error, never
//!   "nothing there".
//! - Nobody sees half a batch.
//! - Keys are compared as bytes; a scan goes in that order.

pub mod contract;
pub mod memory_store;
pub mod redb_store;

use std::error::Error;
use std::fmt;
use std::ops::Range;

/// The tables, all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// u64 log index -> entry and sealed body. The log itself.
    Records,
    /// u8 level, u64 number -> 256 hashes: full tiles only, partial ones follow from the records.
    Tiles,
    /// u64 tree size -> root and, once the next commit is made, signature: one row for each commit.
    Commits,
    /// Blocks of the sorted runs of derived indexes.
    Runs,
    /// State of a person, an institution or the writer, as of some log index: spares replaying the
    /// whole log.
    State,
    /// u64 log index -> a consent as permits show it, sealed.
    Consents,
    /// Rows of the notifier: cursor and outbox.
    Outbox,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 7] = [
        Self::Records,
        Self::Tiles,
        Self::Commits,
        Self::Runs,
        Self::State,
        Self::Consents,
        Self::Outbox,
    ];

    /// Its name, in a store and in errors.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Tiles => "tiles",
            Self::Commits => "commits",
            Self::Runs => "runs",
            Self::State => "state",
            Self::Consents => "consents",
            Self::Outbox => "outbox",
        }
    }
}

/// Changes that take effect together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// In order: table, key, and the new value or `None` to remove the row.
    pub changes: Vec<(Table, Vec<u8>, Option<Vec<u8>>)>,
}

impl Batch {
    /// Sets a row.
    pub fn put(&mut self, table: Table, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.changes.push((table, key.into(), Some(value.into())));
    }

    /// Removes a row.
    pub fn remove(&mut self, table: Table, key: impl Into<Vec<u8>>) {
        self.changes.push((table, key.into(), None));
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The store failed. What was asked for is neither done nor not done until it is opened again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Creating never overwrites.
    #[error("the file exists already")]
    Exists,
    /// Opening never creates.
    #[error("there is no such file")]
    NoFile,
    /// Another process has it open.
    #[error("the data file is in use: another akashi has it open, and there is one writer only")]
    InUse,
    /// An earlier commit or reopening failed, and nothing goes on before a reopening has passed.
    #[error("an earlier commit or reopening failed; the store is not opened anew")]
    NotReopened,
    /// What keeps the rows failed.
    #[error("{0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// A row that must be there is not.
    #[error("{0} is missing")]
    Missing(RowName),
    /// A row does not hold what was written.
    #[error("{0} is damaged")]
    Damaged(RowName),
}

impl StoreError {
    /// What the store's own engine, or the system, said.
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

/// Which row an error speaks of: its table and, where the table's keys name nobody, its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowName {
    table: Table,
    key: Option<Vec<u8>>,
}

impl RowName {
    /// The row with this key.
    pub fn new(table: Table, key: &[u8]) -> Self {
        let key = match table {
            Table::Records | Table::Tiles | Table::Commits | Table::Runs | Table::Consents => {
                Some(key.to_vec())
            }
            // Handles, institutions, what a message is about.
            Table::State | Table::Outbox => None,
        };
        Self { table, key }
    }

    /// Its table.
    pub const fn table(&self) -> Table {
        self.table
    }
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a row of {}", self.table.name())?;
        let Some(key) = &self.key else { return Ok(()) };
        f.write_str(", ")?;
        key.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A row: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Ordered tables with atomic, durable batches.
pub trait Store: Send + Sync + 'static {
    /// One row.
    ///
    /// # Errors
    /// [`StoreError`] when the row could not be read.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// At most `most` rows with keys in `range`, in ascending order of their keys; none of a range
    /// that ends before it begins.
    ///
    /// # Errors
    /// [`StoreError`] when a row could not be read.
    fn scan(&self, table: Table, range: Range<&[u8]>, most: usize) -> Result<Vec<Row>, StoreError>;

    /// The row with the greatest key.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be read.
    fn last(&self, table: Table) -> Result<Option<Row>, StoreError>;

    /// Applies all changes of the batch durably, or none.
    ///
    /// # Errors
    /// [`StoreError`]; it is then not known whether the batch is there.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;

    /// Bytes that can still be written, as far as the store can know.
    ///
    /// # Errors
    /// [`StoreError`] when the system does not say.
    fn free_space(&self) -> Result<u64, StoreError>;

    /// Opens the store anew after a failed commit, so that what is there is known again.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened; the store then stays unusable until this succeeds.
    fn reopen(&self) -> Result<(), StoreError>;
}

//! The embedded store: one redb file, two-phase commit, quick repair, exclusive.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Batch, Row, Store, StoreError, Table};
use crate::files;

type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;
type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;

const fn definition(table: Table) -> Definition {
    TableDefinition::new(table.name())
}

/// A redb file of this process alone.
pub struct RedbStore {
    path: PathBuf,
    /// `None` after a reopening that failed.
    database: RwLock<Option<Database>>,
}

/// Page cache of a store, in bytes: the right edge of the log, the newest runs and what readers
/// touch.
const CACHE_LEN: usize = 96 << 20;

impl RedbStore {
    /// Makes a new file with every table in it.
    ///
    /// # Errors
    /// [`StoreError`] if there is a file already, or it cannot be written.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        if path.exists() {
            return Err(StoreError::Exists);
        }
        let database = redb::Builder::new()
            .set_cache_size(CACHE_LEN)
            .create(path)
            .map_err(failed)?;
        let store = Self::holding(path, database);
        store.write(|transaction| {
            for table in Table::ALL {
                transaction.open_table(definition(table)).map_err(failed)?;
            }
            Ok(())
        })?;
        Ok(store)
    }

    /// Opens an existing file; refuses while another process has it.
    ///
    /// # Errors
    /// [`StoreError`] if there is no such file, it is in use, or it cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.is_file() {
            return Err(StoreError::NoFile);
        }
        Ok(Self::holding(path, open(path)?))
    }

    fn holding(path: &Path, database: Database) -> Self {
        Self {
            path: path.to_owned(),
            database: RwLock::new(Some(database)),
        }
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let held = self.database.read().unwrap_or_else(PoisonError::into_inner);
        work(held.as_ref().ok_or(StoreError::NotReopened)?)
    }

    fn read<T>(
        &self,
        table: Table,
        work: impl FnOnce(&Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|database| {
            let transaction = database.begin_read().map_err(failed)?;
            work(&transaction.open_table(definition(table)).map_err(failed)?)
        })
    }

    fn write(
        &self,
        change: impl FnOnce(&redb::WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with(|database| {
            let mut transaction = database.begin_write().map_err(failed)?;
            transaction.set_two_phase_commit(true);
            transaction.set_quick_repair(true);
            change(&transaction)?;
            transaction.commit().map_err(failed)
        })
    }
}

impl Store for RedbStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(table, |table| {
            Ok(table
                .get(key)
                .map_err(failed)?
                .map(|value| value.value().to_vec()))
        })
    }

    fn scan(&self, table: Table, range: Range<&[u8]>, most: usize) -> Result<Vec<Row>, StoreError> {
        self.read(table, |table| {
            let rows = table.range::<&[u8]>(range).map_err(failed)?;
            rows.take(most)
                .map(|row| {
                    row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec()))
                        .map_err(failed)
                })
                .collect()
        })
    }

    fn last(&self, table: Table) -> Result<Option<Row>, StoreError> {
        self.read(table, |table| {
            Ok(table
                .last()
                .map_err(failed)?
                .map(|(key, value)| (key.value().to_vec(), value.value().to_vec())))
        })
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.write(|transaction| {
            for table in Table::ALL {
                let changes = batch.changes.iter().filter(|(of, ..)| *of == table);
                let mut changes = changes.peekable();
                if changes.peek().is_none() {
                    continue;
                }
                let mut open = transaction.open_table(definition(table)).map_err(failed)?;
                for (_, key, value) in changes {
                    match value {
                        Some(value) => open
                            .insert(key.as_slice(), value.as_slice())
                            .map_err(failed)?,
                        None => open.remove(key.as_slice()).map_err(failed)?,
                    };
                }
            }
            Ok(())
        })
    }

    fn free_space(&self) -> Result<u64, StoreError> {
        files::free_space(&self.path).map_err(StoreError::failed)
    }

    fn reopen(&self) -> Result<(), StoreError> {
        let mut held = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // The file is locked by its own handle: the old one must go first.
        *held = None;
        *held = Some(open(&self.path)?);
        Ok(())
    }
}

fn open(path: &Path) -> Result<Database, StoreError> {
    redb::Builder::new()
        .set_cache_size(CACHE_LEN)
        .open(path)
        .map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
            other => failed(other),
        })
}

fn failed(error: impl Into<redb::Error>) -> StoreError {
    StoreError::failed(error.into())
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::error::LedgerError;
    use crate::store::contract::{self, Place};

    impl Place for tempfile::TempDir {
        fn create(&self) -> Result<Box<dyn Store>, StoreError> {
            let path = self.path().join("data.redb");
            if path.exists() {
                std::fs::remove_file(&path).unwrap();
            }
            Ok(Box::new(RedbStore::create(&path)?))
        }

        fn open(&self) -> Result<Box<dyn Store>, StoreError> {
            Ok(Box::new(RedbStore::open(&self.path().join("data.redb"))?))
        }
    }

    #[test]
    fn keeps_the_contract() {
        contract::check(&tempfile::tempdir().unwrap()).unwrap();
    }

    #[test]
    fn opening_never_creates_creating_never_opens_and_one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.redb");
        assert!(RedbStore::open(&path).is_err());
        assert!(!path.exists());
        let first = RedbStore::create(&path).unwrap();
        assert!(RedbStore::create(&path).is_err());
        assert!(RedbStore::open(&path).is_err(), "in use");
        drop(first);
        assert!(RedbStore::open(&path).is_ok());
    }

    #[test]
    fn an_error_leads_to_what_redb_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.redb");
        std::fs::write(&path, [7; 4096]).unwrap();
        let error = LedgerError::from(RedbStore::open(&path).err().unwrap());
        let store = error.source().and_then(|error| error.source());
        assert!(store.unwrap().is::<redb::Error>(), "{error}");
    }
}

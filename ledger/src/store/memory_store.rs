//! A store in memory that fails on demand: for tests of this crate and of others, never for a
//! ledger.
//!
//! It outlives whoever opened it, so a test can drop a writer between any two steps and open
//! another on the same rows. After a failed commit it refuses every further one until
//! [`Store::reopen`], as a real store may: a writer that goes on after a failure is found out.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Batch, Row, Store, StoreError, Table};

/// What happens to the commit that fails. The caller is told the same in both cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFault {
    /// Nothing of the batch is there.
    Lost,
    /// All of the batch is there.
    Kept,
}

/// What happens to every read of a spoilt row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// It fails.
    Error,
    /// This bit of the value (of those it has, modulo their number) comes back flipped.
    FlippedBit(usize),
}

/// Tables in memory, and the faults to come.
#[derive(Default)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    rows: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    spoilt: BTreeMap<(Table, Vec<u8>), ReadFault>,
    commits: u64,
    failing: Option<(u64, CommitFault)>,
    broken: bool,
    full: bool,
}

impl MemoryStore {
    /// Makes the commit number `nth` from now fail; 0 is the next one.
    pub fn fail_commit(&self, nth: u64, fault: CommitFault) {
        let mut inner = self.inner();
        inner.failing = Some((inner.commits + nth, fault));
    }

    /// Makes every read that touches a row fail, or lie.
    pub fn spoil(&self, table: Table, key: &[u8], fault: ReadFault) {
        self.inner().spoilt.insert((table, key.to_vec()), fault);
    }

    /// Says that there is no room left, or that there is again.
    pub fn set_full(&self, full: bool) {
        self.inner().full = full;
    }

    /// Takes all faults away, those to come and spoilt rows; a commit that failed has failed all
    /// the same.
    pub fn mend(&self) {
        let mut inner = self.inner();
        inner.spoilt.clear();
        inner.failing = None;
    }

    /// Number of commits asked for so far, failed ones included.
    pub fn commits(&self) -> u64 {
        self.inner().commits
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn read(&self, key: &(Table, Vec<u8>), value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut value = value.to_vec();
        match self.spoilt.get(key) {
            None => {}
            Some(ReadFault::Error) => return Err(StoreError::failed("this read was made to fail")),
            Some(ReadFault::FlippedBit(_)) if value.is_empty() => {}
            Some(ReadFault::FlippedBit(bit)) => {
                let bit = bit % (value.len() * 8);
                if let Some(byte) = value.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
            }
        }
        Ok(value)
    }

    fn apply(&mut self, batch: &Batch) {
        for (table, key, value) in &batch.changes {
            let key = (*table, key.clone());
            match value {
                Some(value) => self.rows.insert(key, value.clone()),
                None => self.rows.remove(&key),
            };
        }
    }
}

impl Store for MemoryStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let inner = self.inner();
        let key = (table, key.to_vec());
        inner
            .rows
            .get(&key)
            .map(|value| inner.read(&key, value))
            .transpose()
    }

    fn scan(&self, table: Table, range: Range<&[u8]>, most: usize) -> Result<Vec<Row>, StoreError> {
        if range.start >= range.end {
            return Ok(Vec::new());
        }
        let inner = self.inner();
        let rows = inner
            .rows
            .range((table, range.start.to_vec())..(table, range.end.to_vec()));
        rows.take(most)
            .map(|(key, value)| Ok((key.1.clone(), inner.read(key, value)?)))
            .collect()
    }

    fn last(&self, table: Table) -> Result<Option<Row>, StoreError> {
        let inner = self.inner();
        let next = Table::ALL.into_iter().filter(|other| *other > table).min();
        let last = match next {
            Some(next) => inner
                .rows
                .range((table, Vec::new())..(next, Vec::new()))
                .next_back(),
            None => inner.rows.range((table, Vec::new())..).next_back(),
        };
        last.map(|(key, value)| Ok((key.1.clone(), inner.read(key, value)?)))
            .transpose()
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut inner = self.inner();
        let nth = inner.commits;
        inner.commits += 1;
        if inner.broken {
            return Err(StoreError::NotReopened);
        }
        let fault = inner
            .failing
            .filter(|(failing, _)| *failing == nth)
            .map(|(_, fault)| fault);
        if fault != Some(CommitFault::Lost) {
            inner.apply(batch);
        }
        if fault.is_some() {
            inner.failing = None;
            inner.broken = true;
            return Err(StoreError::failed("this commit was made to fail"));
        }
        Ok(())
    }

    fn free_space(&self) -> Result<u64, StoreError> {
        Ok(if self.inner().full { 0 } else { u64::MAX })
    }

    fn reopen(&self) -> Result<(), StoreError> {
        self.inner().broken = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::contract::{self, Place};

    fn one(value: &[u8]) -> Batch {
        let mut batch = Batch::default();
        batch.put(Table::State, b"k".as_slice(), value);
        batch
    }

    /// Stores whose every commit fails first, where there is a fault.
    struct Memory {
        fault: Option<CommitFault>,
        made: Mutex<Arc<MemoryStore>>,
    }

    /// Commits as a caller must: after an error it opens the store anew and looks what is there.
    struct Careful {
        fault: Option<CommitFault>,
        store: Arc<MemoryStore>,
    }

    impl Place for Memory {
        fn create(&self) -> Result<Box<dyn Store>, StoreError> {
            *self.made.lock().unwrap() = Arc::default();
            self.open()
        }

        fn open(&self) -> Result<Box<dyn Store>, StoreError> {
            let store = Arc::clone(&self.made.lock().unwrap());
            let fault = self.fault;
            Ok(Box::new(Careful { fault, store }))
        }
    }

    impl Store for Careful {
        fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            self.store.get(table, key)
        }

        fn scan(
            &self,
            table: Table,
            range: Range<&[u8]>,
            most: usize,
        ) -> Result<Vec<Row>, StoreError> {
            self.store.scan(table, range, most)
        }

        fn last(&self, table: Table) -> Result<Option<Row>, StoreError> {
            self.store.last(table)
        }

        fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
            let Some(fault) = self.fault else {
                return self.store.commit(batch);
            };
            let before = self.store.inner().rows.clone();
            self.store.fail_commit(0, fault);
            assert!(self.store.commit(batch).is_err());
            let again = self.store.commit(batch);
            assert!(matches!(again, Err(StoreError::NotReopened)), "{again:?}");
            self.store.reopen()?;
            if fault == CommitFault::Lost {
                assert_eq!(self.store.inner().rows, before);
                self.store.commit(batch)?;
            }
            Ok(())
        }

        fn free_space(&self) -> Result<u64, StoreError> {
            self.store.free_space()
        }

        fn reopen(&self) -> Result<(), StoreError> {
            self.store.reopen()
        }
    }

    #[test]
    fn keeps_the_contract_also_where_every_commit_fails_first() {
        for fault in [None, Some(CommitFault::Lost), Some(CommitFault::Kept)] {
            let made = Mutex::default();
            contract::check(&Memory { fault, made }).unwrap();
        }
    }

    #[test]
    fn fails_as_told_and_stays_failed_until_reopened() {
        let store = MemoryStore::default();
        store.fail_commit(1, CommitFault::Lost);
        store.commit(&one(b"a")).unwrap();
        assert!(store.commit(&one(b"b")).is_err());
        assert_eq!(store.get(Table::State, b"k").unwrap().unwrap(), b"a");
        assert!(store.commit(&one(b"c")).is_err(), "not opened anew");
        store.reopen().unwrap();
        store.fail_commit(0, CommitFault::Kept);
        assert!(store.commit(&one(b"d")).is_err());
        store.reopen().unwrap();
        assert_eq!(store.get(Table::State, b"k").unwrap().unwrap(), b"d");
        assert_eq!(store.commits(), 4);
    }

    #[test]
    fn spoilt_rows_fail_or_lie() {
        let store = MemoryStore::default();
        store.commit(&one(b"a")).unwrap();
        store.spoil(Table::State, b"k", ReadFault::FlippedBit(9));
        assert_eq!(store.get(Table::State, b"k").unwrap().unwrap(), b"c");
        assert_eq!(store.last(Table::State).unwrap().unwrap().1, b"c");
        store.spoil(Table::State, b"k", ReadFault::Error);
        assert!(store.scan(Table::State, b"a"..b"z", 9).is_err());
        store.mend();
        assert_eq!(store.get(Table::State, b"k").unwrap().unwrap(), b"a");
    }
}

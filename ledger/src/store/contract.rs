//! What every store must pass, as promises that are put to it one after the other: for tests of
//! this crate and of whoever writes another store, never for a ledger.
//!
//! A store that keeps them all can stand below the writer. What is not asked here is what no test
//! can see from inside a process: that [`Store::commit`] returns only when a power cut takes
//! nothing back.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Batch, Store, StoreError, Table};

/// Where stores are made: a folder, a database, the memory.
pub trait Place {
    /// A new store without rows, instead of any made before; that one was dropped.
    ///
    /// # Errors
    /// [`StoreError`] when there is none to be had.
    fn create(&self) -> Result<Box<dyn Store>, StoreError>;

    /// The store made last, opened as by another process; the one before was dropped.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened.
    fn open(&self) -> Result<Box<dyn Store>, StoreError>;
}

/// The contract is not kept.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The store did otherwise.
    #[error("this does not hold of the store: {0}")]
    Promise(&'static str),
    /// The store failed.
    #[error("it could not be seen whether this holds of the store: {promise}: {error}")]
    Failed {
        /// What was looked at.
        promise: &'static str,
        /// What the store said.
        #[source]
        error: StoreError,
    },
}

/// What is shown of a store, true or not.
type Shown = Result<bool, StoreError>;

/// What the contract promises, and how it is seen.
type Promise = (&'static str, fn(&dyn Place) -> Shown);

/// All promises.
const PROMISES: [Promise; 11] = [
    (
        "a new store has no rows, and says how much room it has",
        is_empty,
    ),
    (
        "a row is read as it was written last, whatever its length, until it is removed",
        keeps_rows,
    ),
    ("tables are apart", keeps_tables_apart),
    (
        "keys are bytes, and a scan goes in their order",
        orders_keys,
    ),
    (
        "a scan holds its start and not its end, and no more rows than asked for",
        bounds_scans,
    ),
    (
        "the last row is the one with the greatest key",
        knows_the_last,
    ),
    (
        "the changes of a batch take effect in their order",
        applies_in_order,
    ),
    (
        "a read sees every commit that returned before it began",
        reads_what_is_committed,
    ),
    ("nobody sees half a batch", is_atomic),
    (
        "what was committed is there for whoever opens the store next",
        outlives_its_process,
    ),
    (
        "a store that was opened anew has lost nothing and goes on",
        reopens,
    ),
];

/// Puts every promise to stores of this place.
///
/// # Errors
/// [`Broken`], with the first promise that is not kept.
pub fn check(place: &dyn Place) -> Result<(), Broken> {
    for (promise, shown) in PROMISES {
        match shown(place) {
            Ok(true) => {}
            Ok(false) => return Err(Broken::Promise(promise)),
            Err(error) => return Err(Broken::Failed { promise, error }),
        }
    }
    Ok(())
}

/// Any table, where it does not matter which.
const TABLE: Table = Table::Records;
/// Greater than any key used here.
const END: &[u8] = &[u8::MAX; 8];

fn is_empty(place: &dyn Place) -> Shown {
    let store = place.create()?;
    store.free_space()?;
    for table in Table::ALL {
        let some = store.get(table, b"key")?.is_some() || store.last(table)?.is_some();
        if some || !store.scan(table, b""..END, usize::MAX)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn keeps_rows(place: &dyn Place) -> Shown {
    let store = place.create()?;
    // Nothing, a cell of a page, more than a page, more than a body may have.
    for len in [0, 1, 4_096, 65_537, 3 << 20] {
        for byte in [0, 7] {
            put(store.as_ref(), b"key", &vec![byte; len])?;
            if store.get(TABLE, b"key")? != Some(vec![byte; len]) {
                return Ok(false);
            }
        }
    }
    for _ in 0..2 {
        // A second time there is nothing to remove, which is no error.
        let mut batch = Batch::default();
        batch.remove(TABLE, b"key".as_slice());
        store.commit(&batch)?;
    }
    store.commit(&Batch::default())?;
    Ok(store.get(TABLE, b"key")?.is_none() && store.last(TABLE)?.is_none())
}

fn keeps_tables_apart(place: &dyn Place) -> Shown {
    let store = place.create()?;
    let mut batch = Batch::default();
    for (table, number) in Table::ALL.into_iter().zip(0_u8..) {
        batch.put(table, b"same".as_slice(), [number]);
        batch.put(table, [number], b"own".as_slice());
    }
    store.commit(&batch)?;
    let mut batch = Batch::default();
    batch.remove(TABLE, b"same".as_slice());
    store.commit(&batch)?;
    for (table, number) in Table::ALL.into_iter().zip(0_u8..) {
        let same = (table != TABLE).then(|| vec![number]);
        let own = (vec![number], b"own".to_vec());
        let rows = [Some(own), same.clone().map(|same| (b"same".to_vec(), same))];
        let rows: Vec<_> = rows.into_iter().flatten().collect();
        let found = store.scan(table, b""..END, usize::MAX)?;
        if found != rows
            || store.get(table, b"same")? != same
            || store.last(table)?.as_ref() != rows.last()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Keys as they are ordered: by bytes, one that others begin with before them.
const ORDERED: [&[u8]; 9] = [
    b"\0", b"\0\0", b"\0\xff", b"\x01", b"a", b"a\0", b"ab", b"b", b"\xff",
];

/// A store with a row under each of them, put there out of order.
fn ordered(place: &dyn Place) -> Result<Box<dyn Store>, StoreError> {
    let store = place.create()?;
    let (first, rest) = ORDERED.split_at(4);
    for keys in [rest, first] {
        let mut batch = Batch::default();
        keys.iter()
            .rev()
            .for_each(|key| batch.put(TABLE, *key, *key));
        store.commit(&batch)?;
    }
    Ok(store)
}

fn orders_keys(place: &dyn Place) -> Shown {
    let store = ordered(place)?;
    Ok(keys(store.as_ref(), b""..END, usize::MAX)? == ORDERED)
}

fn bounds_scans(place: &dyn Place) -> Shown {
    let store = ordered(place)?;
    let bounds = ORDERED.iter().copied().chain([b"".as_slice(), b"aa", END]);
    for start in bounds.clone() {
        for end in bounds.clone() {
            for most in [0, 1, 3, usize::MAX] {
                let within = |key: &&&[u8]| start <= **key && **key < end;
                let meant: Vec<_> = ORDERED.iter().filter(within).take(most).collect();
                // Of a range that ends before it begins: nothing, and no error.
                if keys(store.as_ref(), start..end, most)?.iter().ne(meant) {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

fn knows_the_last(place: &dyn Place) -> Shown {
    let store = ordered(place)?;
    for key in ORDERED.iter().rev() {
        if store.last(TABLE)? != Some((key.to_vec(), key.to_vec())) {
            return Ok(false);
        }
        let mut batch = Batch::default();
        batch.remove(TABLE, *key);
        store.commit(&batch)?;
    }
    Ok(store.last(TABLE)?.is_none())
}

fn applies_in_order(place: &dyn Place) -> Shown {
    let store = place.create()?;
    let mut batch = Batch::default();
    batch.put(TABLE, b"stays".as_slice(), b"first".as_slice());
    batch.put(TABLE, b"goes".as_slice(), b"first".as_slice());
    batch.remove(TABLE, b"stays".as_slice());
    batch.put(Table::Outbox, b"between".as_slice(), b"".as_slice());
    batch.put(TABLE, b"stays".as_slice(), b"second".as_slice());
    batch.remove(TABLE, b"goes".as_slice());
    store.commit(&batch)?;
    let stays = store.get(TABLE, b"stays")?;
    Ok(stays.as_deref() == Some(b"second") && store.get(TABLE, b"goes")?.is_none())
}

fn reads_what_is_committed(place: &dyn Place) -> Shown {
    let store = place.create()?;
    for round in 0..32_u8 {
        put(store.as_ref(), b"key", &[round])?;
        let read = || Ok(store.get(TABLE, b"key")? == Some(vec![round]));
        let elsewhere = thread::scope(|scope| scope.spawn(read).join());
        if !read()? || !elsewhere.unwrap_or(Ok(false))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One thread writes the number of its round into many rows, others read them all the while.
fn is_atomic(place: &dyn Place) -> Shown {
    const ROWS: u8 = 64;
    let store = place.create()?;
    let write = |round: u8| {
        let mut batch = Batch::default();
        (0..ROWS).for_each(|row| batch.put(TABLE, [row], [round]));
        store.commit(&batch)
    };
    write(0)?;
    let done = AtomicBool::new(false);
    let read = || {
        let mut last = vec![0];
        while !done.load(Ordering::Acquire) {
            let rows = store.scan(TABLE, b""..END, usize::MAX)?;
            let round = rows
                .first()
                .map(|(_, round)| round.clone())
                .unwrap_or_default();
            let alike = rows.iter().all(|(_, other)| *other == round);
            if rows.len() != usize::from(ROWS) || !alike || round < last {
                return Ok(false);
            }
            last = round;
        }
        Ok(true)
    };
    thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        let written = (1..64).try_for_each(write);
        done.store(true, Ordering::Release);
        for reader in readers {
            if !reader.join().unwrap_or(Ok(false))? {
                return Ok(false);
            }
        }
        written.map(|()| true)
    })
}

fn outlives_its_process(place: &dyn Place) -> Shown {
    drop(ordered(place)?);
    for _ in 0..2 {
        let store = place.open()?;
        if keys(store.as_ref(), b""..END, usize::MAX)? != ORDERED {
            return Ok(false);
        }
    }
    put(place.open()?.as_ref(), b"a", b"later")?;
    Ok(place.open()?.get(TABLE, b"a")?.as_deref() == Some(b"later"))
}

fn reopens(place: &dyn Place) -> Shown {
    let store = ordered(place)?;
    store.reopen()?;
    put(store.as_ref(), b"a", b"later")?;
    store.reopen()?;
    let same = keys(store.as_ref(), b""..END, usize::MAX)? == ORDERED;
    Ok(same && store.get(TABLE, b"a")?.as_deref() == Some(b"later"))
}

fn put(store: &dyn Store, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    batch.put(TABLE, key, value);
    store.commit(&batch)
}

fn keys(store: &dyn Store, range: Range<&[u8]>, most: usize) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = store.scan(TABLE, range, most)?;
    Ok(rows.into_iter().map(|(key, _)| key).collect())
}

//! Steps 3 to 6 of a commit ([`crate::writer::sequencer`]): from records in memory to a head the
//! guard has seen. Entry 0 goes through the same lines.

use akashi_tlog::merkle::{Hash, TreeSize};

use crate::error::{Damage, LedgerError};
use crate::guard::{Guard, Head};
use crate::keys::keyring::Keyring;
use crate::keys::seal;
use crate::store::{Batch, Store, Table};
use crate::view::{consent_rows, outbox, state_rows};
use crate::writer::head::commit_row;
use crate::writer::recover::Opened;
use crate::writer::transaction::Staged;

/// Makes what is staged durable and returns the head it led to, ready to be signed; `None` where
/// only rows of the outbox have moved.
pub(crate) fn make_durable(
    state: &mut Opened,
    store: &dyn Store,
    keyring: &Keyring,
    guard: &mut Guard,
) -> Result<Option<Head>, LedgerError> {
    let before = state.edge.size();
    let batch = fill_batch(state, before, store, keyring)?;
    store.commit(&batch)?;
    read_back(&batch, before, store)?;
    if state.work.staged.is_empty() {
        return Ok(None);
    }
    let head = Head {
        size: state.edge.size(),
        root: state.edge.root(),
    };
    guard.advance(head, keyring.durable_len())?;
    Ok(Some(head))
}

/// Step 3.
fn fill_batch(
    state: &mut Opened,
    before: TreeSize,
    store: &dyn Store,
    keyring: &Keyring,
) -> Result<Batch, LedgerError> {
    let work = &mut state.work;
    let mut batch = std::mem::take(&mut work.outbox);
    for (_, key, value) in &mut batch.changes {
        if let Some(value) = value {
            *value = outbox::seal(keyring, key, value)?;
        }
    }
    state.edge.forget();
    for Staged { stored, hashed } in &work.staged {
        state.edge.push(Hash::leaf(&stored.entry.to_bytes()));
        let body = hashed.body(&stored.record_key);
        batch.put(
            Table::Records,
            stored.index.to_be_bytes(),
            seal::seal(stored, &body, keyring)?,
        );
    }
    state.edge.store_tiles(before, &mut batch);
    let (edge, size) = (state.edge.reader(store), state.edge.size());
    consent_rows::write(&work.staged, &edge, size, keyring, &mut batch)?;
    if work.staged.is_empty() {
        return Ok(batch);
    }
    // The signature of a commit is made after it, and kept with the next one.
    if let Some(last) = &state.last_head {
        batch.put(
            Table::Commits,
            last.head.size.to_be_bytes(),
            commit_row(&last.head, Some(&last.note)),
        );
    }
    let head = Head {
        size,
        root: state.edge.root(),
    };
    batch.put(Table::Commits, size.to_be_bytes(), commit_row(&head, None));
    let count = work.staged.len() as u64;
    work.statements.work(count, size, &mut batch)?;
    work.histories.work(count, size, &mut batch)?;
    state_rows::write(work, &mut state.dirty, before..size, keyring, &mut batch)?;
    Ok(batch)
}

/// Step 5: what the disk gives back must be what was hashed into the tree and sealed, to the last
/// byte.
fn read_back(batch: &Batch, before: TreeSize, store: &dyn Store) -> Result<(), LedgerError> {
    let records = batch
        .changes
        .iter()
        .filter(|(table, ..)| *table == Table::Records);
    let meant: Vec<(&[u8], Option<&[u8]>)> = records
        .map(|(_, key, value)| (key.as_slice(), value.as_deref()))
        .collect();
    let (Some((first, _)), Some((last, _))) = (meant.first(), meant.last()) else {
        return Ok(());
    };
    // Keys ascend by one; behind the last there is nothing yet.
    let until = [*last, &[0]].concat();
    let rows = store.scan(Table::Records, first..&until, meant.len())?;
    let same = rows.len() == meant.len()
        && rows
            .iter()
            .zip(&meant)
            .all(|(row, (key, value))| row.0 == *key && Some(row.1.as_slice()) == *value);
    // Proofs are made of tiles as entries are of records; there is one for 256 of those.
    let mut tiles = batch
        .changes
        .iter()
        .filter(|(table, ..)| *table == Table::Tiles);
    let tiles = tiles.try_fold(true, |same, (table, key, value)| {
        Ok::<_, LedgerError>(same && store.get(*table, key)? == *value)
    })?;
    if same && tiles {
        Ok(())
    } else {
        Err(LedgerError::corrupt(
            before.next_index(),
            Damage::NotAsWritten,
        ))
    }
}

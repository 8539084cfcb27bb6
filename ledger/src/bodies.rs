//! Closing a body: what is done to the rows of a record whose body is lost, withheld or erased.
//!
//! The one place that does it, for whatever comes to it: a rebuilding from a mirror, an order, an
//! erasure. Entry and place stay, so that the tree, every proof and every sequence stand. Who may
//! close a body, and which record says so, is not decided here; nor is what has to be recorded anew
//! before (docs/decisions/0009-closed-bodies.md).

use akashi_proof::ids::LeafIndex;
use akashi_proof::record::Closed;
use akashi_proof::record::kind::Event;

use crate::error::LedgerError;
use crate::index::keys::statement_keys;
use crate::keys::keyring::Keyring;
use crate::keys::seal::{self, Left};
use crate::store::{Batch, Store, Table};

/// Replaces the body of the record at `index` by the word for what became of it, and removes what
/// was made from it. Under what the record is found stays, as far as the body still says it: what
/// was used once is not used again. A body that is closed already gets the new word.
///
/// Never that of `ledger.key_added` and `ledger.key_ended`: they say who signs the log, and without
/// one of them it would be signed by too many keys, by too few, or by none. They are published, and
/// nothing of a person is in them.
///
/// Not while a writer has the ledger open: its folds would go on knowing what the record said until
/// it is opened again.
///
/// # Errors
/// [`LedgerError::KeyOfLog`] where it is one of those two, [`LedgerError::Corrupt`] when there is
/// no such record or its row is damaged, [`LedgerError`] when the store fails.
pub fn close(
    store: &dyn Store,
    keyring: &Keyring,
    index: LeafIndex,
    closed: Closed,
) -> Result<(), LedgerError> {
    let row = store.get(Table::Records, &index.to_be_bytes())?;
    let row = row.ok_or_else(|| LedgerError::no_such(index))?;
    let found_under = match seal::unseal(index, &row, keyring) {
        Ok(Ok((record, _)))
            if matches!(record.event, Event::LogKeyAdded(_) | Event::LogKeyEnded(_)) =>
        {
            return Err(LedgerError::KeyOfLog(index));
        }
        Ok(Ok((record, _))) => statement_keys(&record),
        Ok(Err((_, left))) => left.found_under,
        // Damage is what makes it lost; its place is asked for below.
        Err(_) => Vec::new(),
    };
    let left = Left {
        closed,
        found_under,
    };
    let mut batch = Batch::default();
    batch.put(
        Table::Records,
        index.to_be_bytes(),
        seal::close(index, &row, left, keyring)?,
    );
    batch.remove(Table::Consents, index.to_be_bytes());
    Ok(store.commit(&batch)?)
}

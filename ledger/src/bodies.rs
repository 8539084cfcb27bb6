//! Closing a body: what is done to the rows of a record whose body is lost, withheld or erased.
//!
//! The one place that does it, for whatever comes to it: a rebuilding from a mirror, an order, an
//! erasure. Entry and place stay, so that the tree, every proof and every sequence stand. Who may
//! close a body, and which record says so, is not decided here; nor is what has to be recorded anew
//! before (docs/decisions/0009-closed-bodies.md).

use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::Event;
use akashi_proof::record::{Closed, Position};

use crate::error::LedgerError;
use crate::index::keys::statement_keys;
use crate::keys::keyring::Keyring;
use crate::keys::seal::{self, Left};
use crate::store::{Batch, Store, Table};

/// Replaces the body of the record at `index` by the word for what became of it, and removes what
/// was made from it. Under what the record is found stays, as far as the body still says it: what
/// was used once is not used again. A body that is closed already gets the new word.
///
/// Never a record of the registry as lost: it is published, and the ledger acts on all of it - who
/// signs the log, who supervises, which keys count. Where its row is damaged nobody knows which
/// record it was, so it is asked for by its place: any copy of the log has the body, and it is put
/// back. Withheld or erased is what can be read, and never what names a key of the log: without one
/// of them the log would be signed by too many keys, by too few, or by none.
///
/// Not while a writer has the ledger open: its folds would go on knowing what the record said until
/// it is opened again.
///
/// # Errors
/// [`LedgerError::OfRegistry`] as said, [`LedgerError::Corrupt`] when there is no such record or
/// its place is damaged, [`LedgerError`] when the store fails.
pub fn close(
    store: &dyn Store,
    keyring: &Keyring,
    index: LeafIndex,
    closed: Closed,
) -> Result<(), LedgerError> {
    let row = store.get(Table::Records, &index.to_be_bytes())?;
    let row = row.ok_or_else(|| LedgerError::no_such(index))?;
    let unsealed = seal::unseal(index, &row, keyring);
    if matches!(seal::place_of(index, &row, keyring)?, Position::Registry(_))
        && !may_close_of_registry(&unsealed, closed)
    {
        return Err(LedgerError::OfRegistry(index));
    }
    let found_under = match unsealed {
        Ok(Ok((record, _))) => statement_keys(&record),
        Ok(Err((_, left))) => left.found_under,
        // Damage is what makes it lost.
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

/// Whether the registry's record may go: what it says is known, and is not who signs the log.
fn may_close_of_registry(unsealed: &Result<seal::Unsealed, LedgerError>, closed: Closed) -> bool {
    let names_a_key_of_log =
        |event: &Event| matches!(event, Event::LogKeyAdded(_) | Event::LogKeyEnded(_));
    let is_known = match unsealed {
        Ok(Ok((record, _))) => !names_a_key_of_log(&record.event),
        Ok(Err(_)) => true,
        Err(_) => false,
    };
    is_known && closed != Closed::Lost
}

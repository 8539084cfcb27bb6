//! Consents as the evidence of permits shows them, worked out when they are recorded: a permit comes hundreds of times
//! more often than a consent, and then only reads a row.
//!
//! ```text
//! u64 log index -> u16 year | sealed: disclosure, proof of the entry up to its checkpoint, which is signed only later
//! ```
//! Sealed under a key that goes with the person's body key of the year: with the record this row is erased.

use akashi_proof::digest::Secret;
use akashi_proof::evidence::consent_head;
use akashi_proof::ids::SubjectHandle;
use akashi_proof::merkle::{LeafIndex, TreeSize, inclusion};
use akashi_proof::record::Position;
use akashi_proof::record::event::Event;

use crate::error::LedgerError;
use crate::keyring::{KeyOf, Keyring};
use crate::seal::{self, Owner, year_of};
use crate::store::{Batch, Store, Table};
use crate::transaction::Staged;
use crate::tree::EdgeReader;

/// Puts the consents of a commit into its batch; `edge` is the tree of `size` with all its leaves.
pub(crate) fn write(
    staged: &[Staged],
    edge: &EdgeReader<'_>,
    size: TreeSize,
    keyring: &Keyring,
    batch: &mut Batch,
) -> Result<(), LedgerError> {
    for Staged { stored, hashed } in staged {
        let (Event::ConsentGiven(_) | Event::ConsentNarrowed(_), Position::Person(place)) =
            (&stored.record.event, &stored.record.position)
        else {
            continue;
        };
        let path = inclusion::prove(edge, LeafIndex::new(stored.index), size)
            .map_err(|error| LedgerError::Corrupt { index: stored.index, what: error.to_string() })?;
        let head = consent_head(hashed, &stored.record_key, &stored.entry.to_bytes(), &path);
        let year = year_of(stored.record.time);
        let sealed = seal::encrypt(&row_key(keyring, place.subject, year)?, stored.index, head.as_bytes());
        batch.put(Table::Consents, stored.index.to_be_bytes(), [&year.to_be_bytes()[..], &sealed].concat());
    }
    Ok(())
}

/// What [`write`] wrote about this person's record at this index.
pub(crate) fn read(
    store: &dyn Store,
    keyring: &Keyring,
    subject: SubjectHandle,
    index: u64,
) -> Result<String, LedgerError> {
    let damaged =
        || LedgerError::Corrupt { index, what: "it is not a consent of this person that can be shown".into() };
    let row = store.get(Table::Consents, &index.to_be_bytes())?.ok_or_else(damaged)?;
    let (year, sealed) = row.split_first_chunk::<2>().ok_or_else(damaged)?;
    let plain = seal::decrypt(&row_key(keyring, subject, u16::from_be_bytes(*year))?, index, sealed);
    plain.and_then(|plain| String::from_utf8(plain).ok()).ok_or_else(damaged)
}

fn row_key(keyring: &Keyring, subject: SubjectHandle, year: u16) -> Result<Secret, LedgerError> {
    let body_key = keyring.need(&KeyOf::Body(Owner::Person(subject), year))?;
    Ok(Secret::from_bytes(body_key.hmac(&[b"akashi/consent-row/v1"])))
}

//! Consents as the evidence of permits shows them, worked out when they are recorded: a permit
//! comes hundreds of times more often than a consent, and then only reads a row.
//!
//! ```text
//! u64 log index -> u16 year | sealed: disclosure, proof of the entry up to its checkpoint,
//!                                     which is signed only later
//! ```
//! Sealed under a key that goes with the person's body key of the year: with the record this row is
//! erased.

use akashi_proof::digest::Secret;
use akashi_proof::evidence::consent_head;
use akashi_proof::ids::SubjectHandle;
use akashi_proof::record::Position;
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::kind::Event;
use akashi_tlog::merkle::inclusion::{self, Proof};
use akashi_tlog::merkle::{LeafIndex, TreeSize};

use crate::error::LedgerError;
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::owner::Owner;
use crate::keys::seal;
use crate::store::{Batch, Store, Table};
use crate::stored::OpenRecord;
use crate::tree::edge::EdgeReader;
use crate::writer::transaction::Staged;

/// Puts the consents of a commit into its batch; `edge` is the tree of `size` with all its leaves.
pub(crate) fn write(
    staged: &[Staged],
    edge: &EdgeReader<'_>,
    size: TreeSize,
    keyring: &Keyring,
    batch: &mut Batch,
) -> Result<(), LedgerError> {
    for Staged { stored, hashed } in staged {
        if !says_what_stands(&stored.record.event) {
            continue;
        }
        let path = inclusion::prove(edge, stored.index, size)
            .map_err(|error| LedgerError::unproven(stored.index, error))?;
        let Some((subject, head)) = head(stored, hashed, &path) else {
            continue;
        };
        let year = stored.record.time.year_utc();
        let sealed = seal::encrypt(
            &row_key(keyring, subject, year)?,
            stored.index.value(),
            head.as_bytes(),
        );
        batch.put(
            Table::Consents,
            stored.index.to_be_bytes(),
            [&year.to_be_bytes()[..], &sealed].concat(),
        );
    }
    Ok(())
}

/// Whether a permit can rest on the record: it says what a consent allows.
const fn says_what_stands(event: &Event) -> bool {
    matches!(event, Event::ConsentGiven(_) | Event::ConsentNarrowed(_))
}

/// Whose consent the record is, and what evidence shows of it up to the checkpoint; `None` of any
/// other record.
pub(crate) fn head(
    stored: &OpenRecord,
    hashed: &Hashed,
    path: &Proof,
) -> Option<(SubjectHandle, String)> {
    let Position::Person(place) = &stored.record.position else {
        return None;
    };
    if !says_what_stands(&stored.record.event) {
        return None;
    }
    let head = consent_head(hashed, &stored.record_key, &stored.entry.to_bytes(), path);
    Some((place.subject, head))
}

/// What [`write()`] wrote about this person's record at this index; `None` where nothing of hers is
/// there, or it does not open: it can be made again.
pub(crate) fn read(
    store: &dyn Store,
    keyring: &Keyring,
    subject: SubjectHandle,
    index: LeafIndex,
) -> Result<Option<String>, LedgerError> {
    let Some(row) = store.get(Table::Consents, &index.to_be_bytes())? else {
        return Ok(None);
    };
    let Some((year, sealed)) = row.split_first_chunk::<2>() else {
        return Ok(None);
    };
    let Ok(key) = row_key(keyring, subject, u16::from_be_bytes(*year)) else {
        return Ok(None);
    };
    Ok(seal::decrypt(&key, index.value(), sealed).and_then(|plain| String::from_utf8(plain).ok()))
}

fn row_key(keyring: &Keyring, subject: SubjectHandle, year: u16) -> Result<Secret, LedgerError> {
    let body_key = keyring.need(&KeyOf::Body(Owner::Person(subject), year))?;
    Ok(Secret::from_bytes(
        body_key.hmac(&[b"akashi/consent-row/v1"]),
    ))
}

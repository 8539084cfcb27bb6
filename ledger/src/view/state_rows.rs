//! State rows: folds kept beside the log, so that opening need not replay all of it
//! (docs/decisions/0002).
//!
//! ```text
//! key    "R" u64 seq          -> u64 log index  written with the record
//!        "I" institution      -> u16 year | fold, sealed  written with each commit that changes it
//!        "P" handle (16)      -> u16 year | fold, sealed  swept: see below
//! ```
//! A hand sweeps over the handles once in [`SWEEP_RECORDS`] records; where it stands follows from
//! the log index alone. Each fold says up to which record it is current, so that replaying the rest
//! twice changes nothing. All of it can be dropped and made again from the log.

use std::collections::BTreeSet;
use std::ops::Range;

use akashi_proof::digest::Secret;
use akashi_proof::ids::{InstitutionId, LeafIndex, Seq, SubjectHandle, TreeSize};
use akashi_proof::record::Position;
use akashi_proof::state::{Person, Roles};

use crate::error::LedgerError;
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::owner::Owner;
use crate::keys::seal;
use crate::limits::{COMMIT_COMMANDS_MAX, CONSENTS_AT_ONCE_MAX, SWEEP_RECORDS, SWEEP_SEGMENTS};
use crate::store::{Batch, Row, RowName, Store, StoreError, Table};
use crate::writer::transaction::{Staged, Work};

/// Puts the rows that are due after this growth of the log into the batch.
pub(crate) fn write(
    work: &Work,
    dirty: &mut BTreeSet<SubjectHandle>,
    growth: Range<TreeSize>,
    keyring: &Keyring,
    batch: &mut Batch,
) -> Result<(), LedgerError> {
    let Some(last) = work.staged.last() else {
        return Ok(());
    };
    let year = last.stored.record.time.year_utc();
    for Staged { stored, .. } in &work.staged {
        if let Position::Registry(place) = &stored.record.position {
            batch.put(
                Table::State,
                key(b'R', &place.seq.to_be_bytes()),
                stored.index.to_be_bytes(),
            );
        }
    }
    for id in work.touched.roles.iter().collect::<BTreeSet<_>>() {
        if let Some(roles) = work.view.roles.get(id) {
            let row = seal_fold(
                keyring,
                Owner::Institution(id.clone()),
                year,
                roles.seq.map_or(0, Seq::value),
                &roles.to_bytes(),
            )?;
            batch.put(Table::State, key(b'I', id.as_str().as_bytes()), row);
        }
    }
    dirty.extend(work.touched.people.iter().copied());
    let due: Vec<SubjectHandle> = segments_passed(growth)
        .flat_map(|segment| take_segment(dirty, segment))
        .collect();
    // In January a person may be due who has no record, and so no body key, of the new year yet.
    keyring.draw(
        &due.iter()
            .map(|handle| KeyOf::Body(Owner::Person(*handle), year))
            .collect::<Vec<_>>(),
    )?;
    for handle in due {
        if let Some(person) = work.view.people.get(&handle) {
            let row = seal_fold(
                keyring,
                Owner::Person(handle),
                year,
                person.last.value(),
                &person.to_bytes(),
            )?;
            batch.put(Table::State, key(b'P', handle.as_bytes()), row);
        }
    }
    Ok(())
}

/// The segments the hand passes while the log grows like this.
fn segments_passed(growth: Range<TreeSize>) -> impl Iterator<Item = u64> {
    const STEP: u64 = SWEEP_RECORDS / SWEEP_SEGMENTS;
    let steps = growth.start.value() / STEP..growth.end.value() / STEP;
    // A commit larger than a whole turn passes every segment once.
    steps
        .zip(0..SWEEP_SEGMENTS)
        .map(|(step, _)| step % SWEEP_SEGMENTS)
}

/// Takes out the changed handles of one segment, in order. Handles are random, so their first byte
/// divides them evenly.
fn take_segment(dirty: &mut BTreeSet<SubjectHandle>, segment: u64) -> Vec<SubjectHandle> {
    const WIDTH: u64 = 256 / SWEEP_SEGMENTS;
    let bound = |first: u64| {
        // Below 256: its lowest byte.
        let [.., first] = first.to_be_bytes();
        SubjectHandle::from_bytes(std::array::from_fn(|at| if at == 0 { first } else { 0 }))
    };
    let first = segment * WIDTH;
    let mut taken = dirty.split_off(&bound(first));
    if first + WIDTH < 256 {
        dirty.append(&mut taken.split_off(&bound(first + WIDTH)));
    }
    taken.into_iter().collect()
}

/// How many records opening must replay at most, besides those the folds have: one turn of the
/// hand, one step of it, and one commit of commands that each append as much as any may.
pub(crate) const REPLAY_RECORDS: u64 = SWEEP_RECORDS
    + SWEEP_RECORDS / SWEEP_SEGMENTS
    + (COMMIT_COMMANDS_MAX * CONSENTS_AT_ONCE_MAX) as u64;

/// All folds of persons.
pub(crate) fn people(store: &dyn Store, keyring: &Keyring) -> Result<Vec<Person>, LedgerError> {
    let read = |(key, row): Row| {
        let [_, handle @ ..] = key.as_slice() else {
            return Err(damaged());
        };
        let handle: [u8; 16] = handle.try_into().map_err(|_| damaged())?;
        let plain = open_fold(
            keyring,
            Owner::Person(SubjectHandle::from_bytes(handle)),
            &row,
        )?;
        Person::from_bytes(&plain).ok_or_else(damaged)
    };
    rows(store, b'P')?.into_iter().map(read).collect()
}

/// All folds of institutions.
pub(crate) fn roles(
    store: &dyn Store,
    keyring: &Keyring,
) -> Result<Vec<(InstitutionId, Roles)>, LedgerError> {
    let read = |(key, row): Row| {
        let id = key.get(1..).and_then(|id| std::str::from_utf8(id).ok());
        let id = id.and_then(|id| InstitutionId::parse(id).ok());
        let id = id.ok_or_else(damaged)?;
        let plain = open_fold(keyring, Owner::Institution(id.clone()), &row)?;
        Ok((id, Roles::from_bytes(&plain).ok_or_else(damaged)?))
    };
    rows(store, b'I')?.into_iter().map(read).collect()
}

/// Log indexes of all registry records, in order.
pub(crate) fn registry(store: &dyn Store) -> Result<Vec<LeafIndex>, LedgerError> {
    let read = |(_, row): Row| {
        Ok(LeafIndex::from_be_bytes(
            row.as_slice().try_into().map_err(|_| damaged())?,
        ))
    };
    rows(store, b'R')?.into_iter().map(read).collect()
}

/// Log index of one registry record.
pub(crate) fn registry_record(
    store: &dyn Store,
    seq: Seq,
) -> Result<Option<LeafIndex>, LedgerError> {
    let row = store.get(Table::State, &key(b'R', &seq.to_be_bytes()))?;
    row.map(|row| {
        Ok(LeafIndex::from_be_bytes(
            row.as_slice().try_into().map_err(|_| damaged())?,
        ))
    })
    .transpose()
}

fn rows(store: &dyn Store, prefix: u8) -> Result<Vec<Row>, LedgerError> {
    Ok(store.scan(Table::State, &[prefix]..&[prefix + 1], usize::MAX)?)
}

fn key(prefix: u8, rest: &[u8]) -> Vec<u8> {
    [&[prefix], rest].concat()
}

fn seal_fold(
    keyring: &Keyring,
    owner: Owner,
    year: u16,
    nonce: u64,
    plain: &[u8],
) -> Result<Vec<u8>, LedgerError> {
    let sealed = seal::encrypt(&fold_key(keyring, owner, year)?, nonce, plain);
    Ok([&year.to_be_bytes()[..], &nonce.to_be_bytes(), &sealed].concat())
}

fn open_fold(keyring: &Keyring, owner: Owner, row: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let (year, rest) = row.split_first_chunk::<2>().ok_or_else(damaged)?;
    let (nonce, sealed) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
    let key = fold_key(keyring, owner, u16::from_be_bytes(*year))?;
    seal::decrypt(&key, u64::from_be_bytes(*nonce), sealed).ok_or_else(damaged)
}

/// The fold is sealed under a key that goes with the body key of its year.
fn fold_key(keyring: &Keyring, owner: Owner, year: u16) -> Result<Secret, LedgerError> {
    let body_key = keyring.need(&KeyOf::Body(owner, year))?;
    Ok(Secret::from_bytes(body_key.hmac(&[b"akashi/state/v1"])))
}

fn damaged() -> LedgerError {
    StoreError::Damaged(RowName::new(Table::State, &[])).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_turn_of_the_hand_passes_every_segment_once() {
        let size = TreeSize::new;
        let mut passed: Vec<u64> = (0..SWEEP_RECORDS)
            .step_by(100)
            .flat_map(|at| segments_passed(size(at)..size((at + 100).min(SWEEP_RECORDS))))
            .collect();
        passed.sort_unstable();
        assert_eq!(passed, (0..SWEEP_SEGMENTS).collect::<Vec<_>>());
        assert_eq!(
            segments_passed(size(7)..size(7 + 10 * SWEEP_RECORDS)).count(),
            SWEEP_SEGMENTS as usize
        );
    }

    #[test]
    fn segments_part_the_handles() {
        let handles: BTreeSet<_> = (0..=255u8)
            .map(|first| SubjectHandle::from_bytes([first; 16]))
            .collect();
        let mut dirty = handles.clone();
        let mut taken = BTreeSet::new();
        for segment in 0..SWEEP_SEGMENTS {
            taken.extend(take_segment(&mut dirty, segment));
        }
        assert!(dirty.is_empty());
        assert_eq!(taken, handles);
    }
}

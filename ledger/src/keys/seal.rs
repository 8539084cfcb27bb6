//! What a row of the log holds: the public entry, the record's place, and its body sealed under a
//! key of the keyring.
//!
//! ```text
//! row    entry (97) | u16 length | place, sealed | body, sealed
//!                                      (a registry record: not sealed; a closed one: nothing)
//! place  owner, year, seq, prev, is the body open (`place.rs`)   under the owner key
//! body   record_key (32) | u16 n | (u32 length | value)*         under E of owner and year
//! ```
//! AES-256-GCM-SIV with the log index as nonce: after a failed commit an index may be sealed again,
//! which this mode bears. The place is sealed too, so that the data file alone links no two
//! records; it can be read when the body is gone, so that histories, sequences and folds go over
//! it. Erasing a person's year is dropping one key of the keyring, once each row says so.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use akashi_proof::digest::Secret;
use akashi_proof::entry::{ENTRY_LEN, Entry};
use akashi_proof::framing::count_u16;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::{Position, Record, body, commitment};

use crate::error::{Damage, LedgerError};
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::owner::Owner;
pub(crate) use crate::keys::place::Left;
use crate::keys::place::Place;
use crate::stored::{ClosedRecord, OpenRecord, StoredRecord};

/// Seals a record into its row; `plain` is its body ([`akashi_proof::record::body::encode`]).
///
/// # Errors
/// [`LedgerError::Keyring`] when the keyring has no body key for owner and year.
pub(crate) fn seal(
    stored: &OpenRecord,
    plain: &[u8],
    keyring: &Keyring,
) -> Result<Vec<u8>, LedgerError> {
    let OpenRecord {
        index,
        entry,
        record,
        ..
    } = stored;
    let place = Place {
        year: record.time.year_utc(),
        closed: None,
        position: record.position.clone(),
    };
    let body = match Owner::of(&record.position) {
        Owner::Registry => plain.to_vec(),
        owner @ (Owner::Institution(_) | Owner::Person(_)) => encrypt(
            &keyring.need(&KeyOf::Body(owner, place.year))?,
            index.value(),
            plain,
        ),
    };
    join(*index, entry, &place, &body, keyring)
}

/// The row of the same record without its body: entry and place stay.
///
/// # Errors
/// [`LedgerError::Corrupt`] when the row is damaged: then it is not known whose it is.
pub(crate) fn close(
    index: LeafIndex,
    row: &[u8],
    left: Left,
    keyring: &Keyring,
) -> Result<Vec<u8>, LedgerError> {
    let (place, _) = split(index, row, keyring)?;
    let place = Place {
        closed: Some(left),
        ..place
    };
    join(index, &entry_of(index, row)?, &place, &[], keyring)
}

fn join(
    index: LeafIndex,
    entry: &Entry,
    place: &Place,
    body: &[u8],
    keyring: &Keyring,
) -> Result<Vec<u8>, LedgerError> {
    let key = keyring.need(&KeyOf::Owner)?;
    let place = encrypt(&key, index.value(), &place.to_bytes());
    let mut row = Vec::with_capacity(ENTRY_LEN + 2 + place.len() + body.len());
    row.extend_from_slice(&entry.to_bytes());
    row.extend_from_slice(&count_u16(place.len()));
    row.extend_from_slice(&place);
    row.extend_from_slice(body);
    Ok(row)
}

/// The place in a row, opened, and the body as it stands there.
fn split<'r>(
    index: LeafIndex,
    row: &'r [u8],
    keyring: &Keyring,
) -> Result<(Place, &'r [u8]), LedgerError> {
    let short = || LedgerError::corrupt(index, Damage::Short);
    let rest = row.get(ENTRY_LEN..).ok_or_else(short)?;
    let (len, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let (place, body) = rest
        .split_at_checked(usize::from(u16::from_be_bytes(*len)))
        .ok_or_else(short)?;
    let place = decrypt(&keyring.need(&KeyOf::Owner)?, index.value(), place)
        .ok_or_else(|| LedgerError::corrupt(index, Damage::PlaceSealed))?;
    let place = Place::from_bytes(&place)
        .ok_or_else(|| LedgerError::corrupt(index, Damage::PlaceMisspelt))?;
    Ok((place, body))
}

/// The public entry in a row.
///
/// # Errors
/// [`LedgerError::Corrupt`].
pub(crate) fn entry_of(index: LeafIndex, row: &[u8]) -> Result<Entry, LedgerError> {
    let bytes = row
        .get(..ENTRY_LEN)
        .ok_or_else(|| LedgerError::corrupt(index, Damage::Short))?;
    Entry::parse(bytes).map_err(|error| LedgerError::corrupt(index, error))
}

/// Opens a row and checks that the record is the one its entry commits to.
///
/// # Errors
/// [`LedgerError::Corrupt`] when anything in the row has changed, [`LedgerError::Keyring`] when its
/// key is gone. A body that is closed is no error.
pub(crate) fn open(
    index: LeafIndex,
    row: &[u8],
    keyring: &Keyring,
) -> Result<StoredRecord, LedgerError> {
    let entry = entry_of(index, row)?;
    let (record, record_key) = match unseal(index, row, keyring)? {
        Ok(opened) => opened,
        Err((position, left)) => {
            return Ok(StoredRecord::Closed(ClosedRecord {
                index,
                entry,
                position,
                closed: left.closed,
            }));
        }
    };
    if !matches!(record.position, Position::Registry(_)) {
        check_committed(index, row, &record, &record_key)?;
    }
    Ok(StoredRecord::Open(Box::new(OpenRecord {
        index,
        entry,
        record,
        record_key,
    })))
}

/// Refuses a record that is another than the one its entry commits to.
fn check_committed(
    index: LeafIndex,
    row: &[u8],
    record: &Record,
    record_key: &Secret,
) -> Result<(), LedgerError> {
    if commitment::commit(record, record_key) == entry_of(index, row)?.commitment {
        return Ok(());
    }
    Err(LedgerError::corrupt(index, Damage::OtherRecord))
}

/// Where the record of a row stands, whatever became of its body.
///
/// # Errors
/// [`LedgerError::Corrupt`] when the row is damaged: then it is not known whose it is.
pub(crate) fn place_of(
    index: LeafIndex,
    row: &[u8],
    keyring: &Keyring,
) -> Result<Position, LedgerError> {
    split(index, row, keyring).map(|(place, _)| place.position)
}

/// What a row's seal holds, its entry not looked at: a record and its key, or the place of one
/// whose body is not open.
pub(crate) type Unsealed = Result<(Record, Secret), (Position, Left)>;

/// Opens a row without looking at its entry. The seal shows that the record is the one that was
/// written at this index; that is enough to act on what it says, but not to prove anything with it.
/// A record of the registry has no seal: there it is the entry that shows it.
///
/// # Errors
/// As [`open`].
pub(crate) fn unseal(
    index: LeafIndex,
    row: &[u8],
    keyring: &Keyring,
) -> Result<Unsealed, LedgerError> {
    let (place, body) = split(index, row, keyring)?;
    if let Some(left) = place.closed {
        return if body.is_empty() {
            Ok(Err((place.position, left)))
        } else {
            Err(LedgerError::corrupt(index, Damage::BodyLeft))
        };
    }
    let plain = match Owner::of(&place.position) {
        Owner::Registry => body.to_vec(),
        owner @ (Owner::Institution(_) | Owner::Person(_)) => decrypt(
            &keyring.need(&KeyOf::Body(owner, place.year))?,
            index.value(),
            body,
        )
        .ok_or_else(|| LedgerError::corrupt(index, Damage::BodySealed))?,
    };
    let (record, record_key) =
        body::decode(&plain).map_err(|error| LedgerError::corrupt(index, error))?;
    if record.position != place.position {
        return Err(LedgerError::corrupt(index, Damage::OtherPlace));
    }
    if matches!(record.position, Position::Registry(_)) {
        check_committed(index, row, &record, &record_key)?;
    }
    Ok(Ok((record, record_key)))
}

pub(crate) fn encrypt(key: &Secret, nonce: u64, plain: &[u8]) -> Vec<u8> {
    let (cipher, nonce) = cipher(key, nonce);
    #[expect(
        clippy::expect_used,
        reason = "sealing fails only beyond 2^36 bytes (RFC 8452 section 6)"
    )]
    cipher
        .encrypt(
            &nonce,
            Payload {
                msg: plain,
                aad: b"akashi/seal/v1",
            },
        )
        .expect("seal")
}

pub(crate) fn decrypt(key: &Secret, nonce: u64, sealed: &[u8]) -> Option<Vec<u8>> {
    let (cipher, nonce) = cipher(key, nonce);
    cipher
        .decrypt(
            &nonce,
            Payload {
                msg: sealed,
                aad: b"akashi/seal/v1",
            },
        )
        .ok()
}

fn cipher(key: &Secret, nonce: u64) -> (Aes256GcmSiv, Nonce) {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&nonce.to_be_bytes());
    (Aes256GcmSiv::new(key.expose().into()), bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use akashi_proof::ids::Seq;
    use akashi_proof::ids::{InstitutionId, RoleCode, RoleHolderId, Timestamp};
    use akashi_proof::record::kind::{Event, RoleEnded};
    use akashi_proof::record::value::Bytes;
    use akashi_proof::record::{Closed, InstitutionPosition};
    use akashi_tlog::checkpoint::Origin;

    fn stored() -> OpenRecord {
        let institution = InstitutionId::parse("city.minato").unwrap();
        let record = Record {
            origin: Origin::new("demo.akashi.example/log").unwrap(),
            time: Timestamp::from_millis(1_790_000_000_000),
            position: Position::Institution(InstitutionPosition {
                institution,
                seq: Seq::FIRST,
                prev: None,
            }),
            engine: "test".into(),
            retain_until: Timestamp::from_millis(1_990_000_000_000),
            event: Event::RoleEnded(RoleEnded {
                role_holder: RoleHolderId::parse("tanaka-3").unwrap(),
                role: RoleCode::parse("welfare-officer").unwrap(),
                statement: Bytes(b"x.y.z".to_vec()),
            }),
        };
        let record_key = Secret::from_bytes([3; 32]);
        let entry = Entry {
            commitment: commitment::commit(&record, &record_key),
            tag: [1; 32],
            gate: [2; 32],
        };
        OpenRecord {
            index: LeafIndex::new(7),
            entry,
            record,
            record_key,
        }
    }

    fn keyring() -> (tempfile::TempDir, Keyring) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring");
        (
            folder,
            Keyring::create(&path, &Secret::from_bytes([1; 32])).unwrap(),
        )
    }

    /// A row with an open body.
    fn row(stored: &OpenRecord, keyring: &Keyring) -> Vec<u8> {
        let owner = Owner::of(&stored.record.position);
        keyring
            .draw(&[KeyOf::Body(owner, stored.record.time.year_utc())])
            .unwrap();
        let plain = body::encode(&stored.record, &stored.record_key);
        seal(stored, &plain, keyring).unwrap()
    }

    /// Each changed byte but those of commitment, tag and gate, which the tree holds.
    fn no_changed_byte_opens(row: &[u8], keyring: &Keyring, may_change: std::ops::Range<usize>) {
        for at in (0..row.len()).filter(|at| !may_change.contains(at)) {
            let mut changed = row.to_vec();
            changed[at] ^= 1;
            assert!(
                open(LeafIndex::new(7), &changed, keyring).is_err(),
                "byte {at}"
            );
        }
    }

    #[test]
    fn a_row_opens_again_and_no_changed_byte_does() {
        let (_folder, keyring) = keyring();
        let stored = stored();
        let plain = body::encode(&stored.record, &stored.record_key);
        assert!(
            matches!(
                seal(&stored, &plain, &keyring),
                Err(LedgerError::Keyring(_))
            ),
            "no key of that year yet"
        );
        let row = row(&stored, &keyring);
        let opened = open(LeafIndex::new(7), &row, &keyring)
            .unwrap()
            .open()
            .unwrap();
        assert_eq!(opened.record, stored.record);
        assert!(
            open(LeafIndex::new(8), &row, &keyring).is_err(),
            "moved to another index"
        );
        assert!(
            !row.windows(6)
                .any(|window| window == b"tanaka" || window == b"city.m"),
            "nothing readable"
        );
        no_changed_byte_opens(&row, &keyring, 33..ENTRY_LEN);
    }

    #[test]
    fn a_closed_row_keeps_its_place_and_no_changed_byte_reads_as_another_state() {
        let (_folder, keyring) = keyring();
        let stored = stored();
        let whole = row(&stored, &keyring);
        for closed in [
            Closed::Lost,
            Closed::Withheld { reveal_by: None },
            Closed::Withheld {
                reveal_by: Some(Timestamp::from_millis(1_800_000_000_000)),
            },
            Closed::Erased,
        ] {
            let kept = Left {
                closed,
                found_under: vec![[5; 32]],
            };
            let row = close(LeafIndex::new(7), &whole, kept, &keyring).unwrap();
            let left = ClosedRecord {
                index: LeafIndex::new(7),
                entry: stored.entry,
                position: stored.record.position.clone(),
                closed,
            };
            let read = open(LeafIndex::new(7), &row, &keyring).unwrap();
            assert!(matches!(read, StoredRecord::Closed(read) if read == left));
            no_changed_byte_opens(&row, &keyring, 1..ENTRY_LEN);
            let longer = [&row[..], &[0]].concat();
            assert!(
                open(LeafIndex::new(7), &longer, &keyring).is_err(),
                "a body behind it"
            );
        }
        // Without the keyring nobody makes a body look closed: cut off, it is damage.
        let cut = whole.len() - body::encode(&stored.record, &stored.record_key).len() - 16;
        assert!(matches!(
            open(LeafIndex::new(7), &whole[..cut], &keyring),
            Err(LedgerError::Corrupt { .. })
        ));
    }
}

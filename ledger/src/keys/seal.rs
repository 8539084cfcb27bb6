//! What a row of the log holds: the public entry, and the record sealed under a key of the keyring.
//!
//! ```text
//! row    entry (97) | u16 length | owner, sealed | body, sealed (a registry record: not sealed)
//! owner  u16 year | stream's owner: "R", "I" institution, "P" handle (16)   under the owner key
//! body   record_key (32) | u16 n | (u32 length | value)*      under E of owner and year
//! ```
//! AES-256-GCM-SIV with the log index as nonce: after a failed commit an index may be sealed again,
//! which this mode bears. The owner is sealed too, so that the data file alone links no two
//! records. Erasing a person's year is dropping one key of the keyring.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use akashi_proof::digest::Secret;
use akashi_proof::entry::{ENTRY_LEN, Entry};
use akashi_proof::history::HistoryItem;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::{Record, body, commitment};

use crate::error::LedgerError;
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::owner::Owner;

/// A record with the key that opens its fields.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// Log index.
    pub index: LeafIndex,
    /// The public entry.
    pub entry: Entry,
    /// The record.
    pub record: Record,
    /// Its record key.
    pub(crate) record_key: Secret,
}

impl StoredRecord {
    /// The record worked out: every field hashed.
    pub fn hashed(&self) -> Hashed {
        Hashed::new(&self.record, &self.record_key)
    }

    /// The record as its person's history file shows it.
    pub fn history_item(&self) -> HistoryItem {
        HistoryItem::open(self.index, &self.record, &self.record_key)
    }
}

/// Seals a record into its row; `plain` is its body ([`akashi_proof::record::body::encode`]).
///
/// # Errors
/// [`LedgerError::Keyring`] when the keyring has no body key for owner and year.
pub(crate) fn seal(
    stored: &StoredRecord,
    plain: &[u8],
    keyring: &Keyring,
) -> Result<Vec<u8>, LedgerError> {
    let StoredRecord {
        index,
        entry,
        record,
        ..
    } = stored;
    let (owner, year) = (Owner::of(record), record.time.year_utc());
    let owner_plain = [&year.to_be_bytes()[..], &owner.to_bytes()].concat();
    let owner_sealed = encrypt(&keyring.need(&KeyOf::Owner)?, index.value(), &owner_plain);
    let body = match owner {
        Owner::Registry => plain.to_vec(),
        _ => encrypt(
            &keyring.need(&KeyOf::Body(owner, year))?,
            index.value(),
            plain,
        ),
    };
    let mut row = Vec::with_capacity(ENTRY_LEN + 2 + owner_sealed.len() + body.len());
    row.extend_from_slice(&entry.to_bytes());
    row.extend_from_slice(&(owner_sealed.len() as u16).to_be_bytes());
    row.extend_from_slice(&owner_sealed);
    row.extend_from_slice(&body);
    Ok(row)
}

/// The public entry in a row.
///
/// # Errors
/// [`LedgerError::Corrupt`].
pub(crate) fn entry_of(index: LeafIndex, row: &[u8]) -> Result<Entry, LedgerError> {
    let bytes = row
        .get(..ENTRY_LEN)
        .ok_or_else(|| corrupt(index, "the row is too short"))?;
    Entry::parse(bytes).map_err(|error| corrupt(index, &error.to_string()))
}

/// Opens a row and checks that the record is the one its entry commits to.
///
/// # Errors
/// [`LedgerError::Corrupt`] when anything in the row has changed, [`LedgerError::Keyring`] when its
/// key is gone.
pub(crate) fn open(
    index: LeafIndex,
    row: &[u8],
    keyring: &Keyring,
) -> Result<StoredRecord, LedgerError> {
    let entry = entry_of(index, row)?;
    let (record, record_key) = unseal(index, row, keyring)?;
    if commitment::commit(&record, &record_key) != entry.commitment {
        return Err(corrupt(
            index,
            "the record is not the one its entry commits to",
        ));
    }
    Ok(StoredRecord {
        index,
        entry,
        record,
        record_key,
    })
}

/// Opens a row without looking at its entry. The seal shows that the record is the one that was
/// written at this index; that is enough to act on what it says, but not to prove anything with it.
///
/// # Errors
/// As [`open`].
pub(crate) fn unseal(
    index: LeafIndex,
    row: &[u8],
    keyring: &Keyring,
) -> Result<(Record, Secret), LedgerError> {
    let short = || corrupt(index, "the row is too short");
    let rest = row.get(ENTRY_LEN..).ok_or_else(short)?;
    let (len, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let (owner_sealed, body) = rest
        .split_at_checked(usize::from(u16::from_be_bytes(*len)))
        .ok_or_else(short)?;
    let owner = decrypt(&keyring.need(&KeyOf::Owner)?, index.value(), owner_sealed)
        .ok_or_else(|| corrupt(index, "the owner does not open"))?;
    let (year, owner) = owner.split_first_chunk::<2>().ok_or_else(short)?;
    let owner = Owner::from_bytes(owner).ok_or_else(|| corrupt(index, "the owner is misspelt"))?;
    let plain = match owner {
        Owner::Registry => body.to_vec(),
        _ => decrypt(
            &keyring.need(&KeyOf::Body(owner, u16::from_be_bytes(*year)))?,
            index.value(),
            body,
        )
        .ok_or_else(|| corrupt(index, "the body does not open"))?,
    };
    body::decode(&plain).map_err(|error| corrupt(index, &error.to_string()))
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

fn corrupt(index: LeafIndex, what: &str) -> LedgerError {
    LedgerError::Corrupt {
        index,
        what: what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akashi_proof::ids::Seq;
    use akashi_proof::ids::{InstitutionId, RoleCode, RoleHolderId, Timestamp};
    use akashi_proof::record::kind::{Event, RoleEnded};
    use akashi_proof::record::value::Bytes;
    use akashi_proof::record::{InstitutionPosition, Position};
    use akashi_tlog::checkpoint::Origin;

    fn stored() -> StoredRecord {
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
        StoredRecord {
            index: LeafIndex::new(7),
            entry,
            record,
            record_key,
        }
    }

    #[test]
    fn a_row_opens_again_and_no_changed_byte_does() {
        let folder = tempfile::tempdir().unwrap();
        let keyring =
            Keyring::create(&folder.path().join("keyring"), &Secret::from_bytes([1; 32])).unwrap();
        let stored = stored();
        let plain = body::encode(&stored.record, &stored.record_key);
        assert!(
            matches!(
                seal(&stored, &plain, &keyring),
                Err(LedgerError::Keyring(_))
            ),
            "no key of that year yet"
        );
        keyring
            .draw(&[KeyOf::Body(
                Owner::of(&stored.record),
                stored.record.time.year_utc(),
            )])
            .unwrap();
        let row = seal(&stored, &plain, &keyring).unwrap();
        assert_eq!(
            open(LeafIndex::new(7), &row, &keyring).unwrap().record,
            stored.record
        );
        assert!(
            open(LeafIndex::new(8), &row, &keyring).is_err(),
            "moved to another index"
        );
        assert!(
            !row.windows(6)
                .any(|window| window == b"tanaka" || window == b"city.m"),
            "nothing readable"
        );
        for at in (0..row.len()).filter(|at| !(33..ENTRY_LEN).contains(at)) {
            let mut changed = row.clone();
            changed[at] ^= 1;
            assert!(
                open(LeafIndex::new(7), &changed, &keyring).is_err(),
                "byte {at}"
            );
        }
    }
}

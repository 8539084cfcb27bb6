//! Rows of the outbox: the notifier's, sealed, because they hold what a person will be told.

use akashi_proof::digest::Secret;

use crate::error::LedgerError;
use crate::keys::keyring::{KeyOf, Keyring};
use crate::keys::seal::{decrypt, encrypt};

/// Seals the value of an outbox row: it holds what the person will be told.
pub(crate) fn seal(keyring: &Keyring, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, LedgerError> {
    Ok(encrypt(&row_key(keyring, key)?, 0, plain))
}

/// Opens the value of an outbox row; nothing where it is damaged, which is no other row's fault.
pub(crate) fn open(
    keyring: &Keyring,
    key: &[u8],
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, LedgerError> {
    Ok(decrypt(&row_key(keyring, key)?, 0, sealed))
}

/// A key of its own for each row: moved under another key, a row does not open.
fn row_key(keyring: &Keyring, key: &[u8]) -> Result<Secret, LedgerError> {
    let outbox = keyring.need(&KeyOf::Outbox)?;
    Ok(Secret::from_bytes(outbox.hmac(&[b"akashi/outbox/v1", key])))
}

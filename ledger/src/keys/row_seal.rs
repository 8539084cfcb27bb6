//! Seals the rows of a file that stands beside the ledger, and the marks browsers bring back, under
//! keys of the keyring that their owner never sees.
//!
//! ```text
//! row               nonce (12) | AES-256-GCM-SIV(key, plain)
//! associated data   the file's label | u64 number of the row
//! ```

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use akashi_proof::digest::Secret;
use zeroize::Zeroizing;

use crate::keys::keyring::KeyOf;
use crate::random::draw;

/// What is sealed row by row under a key of the keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsOf {
    /// Phone numbers and addresses (docs/DESIGN.md "Stores and keys").
    Contacts,
    /// Marks of browsers people have signed in with, each a row by itself.
    Browsers,
}

impl RowsOf {
    pub(crate) const fn key(self) -> KeyOf {
        match self {
            Self::Contacts => KeyOf::Contacts,
            Self::Browsers => KeyOf::Browsers,
        }
    }

    const fn label(self) -> &'static [u8] {
        match self {
            Self::Contacts => b"akashi/contacts/v1",
            Self::Browsers => b"akashi/browser/v1",
        }
    }
}

/// Seals and opens rows of one file. What it seals with cannot be had from it.
pub struct RowSeal {
    cipher: Aes256GcmSiv,
    rows: RowsOf,
}

const NONCE_LEN: usize = 12;

impl RowSeal {
    /// By how many bytes a sealed row is longer than what is in it: nonce and tag.
    pub const OVERHEAD: usize = NONCE_LEN + 16;

    /// A seal under a key from elsewhere: the keyring's come from
    /// [`Reader::row_seal`](crate::Reader::row_seal).
    pub fn new(rows: RowsOf, key: &Secret) -> Self {
        Self {
            cipher: Aes256GcmSiv::new(key.expose().into()),
            rows,
        }
    }

    /// Seals the row with this number.
    pub fn seal(&self, number: u64, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        draw(&mut nonce);
        let payload = Payload {
            msg: plain,
            aad: &self.associated(number),
        };
        #[expect(
            clippy::expect_used,
            reason = "sealing fails only beyond 2^36 bytes (RFC 8452 section 6)"
        )]
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .expect("seal");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens the row with this number; `None` if it is not what was sealed as that.
    pub fn open(&self, number: u64, row: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = row.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload {
            msg: sealed,
            aad: &self.associated(number),
        };
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
        Some(Zeroizing::new(plain))
    }

    /// The number keeps rows from being moved, repeated or left out.
    fn associated(&self, number: u64) -> Vec<u8> {
        [self.rows.label(), &number.to_be_bytes()].concat()
    }
}

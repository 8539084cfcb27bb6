//! What the ledger's keys make for others: evidence, a history key, a link code, a MAC, sealed
//! rows. The keys themselves stay.
//!
//! ```compile_fail,E0616
//! fn take(reader: &akashi_ledger::Reader) {
//!     let _ = &reader.keyring;
//! }
//! ```
//! ```compile_fail,E0624
//! let take = akashi_ledger::keyring::Keyring::find;
//! ```
//! ```compile_fail,E0603
//! use akashi_ledger::keyring::KeyOf;
//! ```

use std::borrow::Cow;

use akashi_proof::evidence::{Beside, Evidence};
use akashi_proof::history_key::HistoryKey;
use akashi_proof::ids::{InstitutionId, LinkCode};
use akashi_proof::record::Position;
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::kind::Event;
use akashi_proof::state::Person;
use akashi_tlog::tlog_proof::TlogProof;

use super::Reader;
use crate::error::LedgerError;
use crate::keys::keyring::KeyOf;
use crate::keys::link_code;
use crate::keys::row_seal::{RowSeal, RowsOf};
use crate::stored::OpenRecord;

/// What a MAC under a key of the keyring is for. Each use has its own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacUse {
    /// The short code that goes with a question by SMS.
    ApprovalCode,
}

impl MacUse {
    const fn key(self) -> KeyOf {
        match self {
            Self::ApprovalCode => KeyOf::ApprovalCode,
        }
    }
}

impl Reader {
    /// The evidence of a permit, for its holder: made from the record, the holder's evidence key
    /// and the record's proof alone, so that a retry - also after a restart - gets the same bytes.
    /// `hashed` is the record worked out, where that has been done already. `None` of any record
    /// that is no permit, and where the holder had registered no evidence key before the permit was
    /// recorded: it stands, but nothing can be released on it.
    ///
    /// # Errors
    /// [`LedgerError::Closed`] where it rests on a consent or an approval whose record is not open;
    /// [`LedgerError`] when a key that must be there is not, or a proof cannot be read.
    pub fn evidence(
        &self,
        stored: &OpenRecord,
        hashed: Option<&Hashed>,
        proof: &TlogProof,
    ) -> Result<Option<String>, LedgerError> {
        let Event::AccessPermitted(decided) = &stored.record.event else {
            return Ok(None);
        };
        let registry = self.registry();
        // A key never reaches back before its registration, so this finds the same key for ever.
        let Some(kid) = registry
            .evidence_keys(&decided.holder, stored.record.time)
            .last()
        else {
            return Ok(None);
        };
        let key = self.keyring.need(&KeyOf::Evidence(kid.clone()))?;
        let hashed = match hashed {
            Some(hashed) => Cow::Borrowed(hashed),
            None => Cow::Owned(stored.hashed()),
        };
        let consent = match (&stored.record.position, decided.consent) {
            (Position::Person(place), Some(index)) => {
                Some(self.consent_proof(place.subject, index)?)
            }
            _ => None,
        };
        let approval = match decided.approval {
            Some(index) => Some(self.approval_proof(index)?),
            None => None,
        };
        let made = Evidence::make(
            &stored.record,
            &hashed,
            &stored.record_key,
            proof.clone(),
            &key,
            Beside {
                consent: consent.as_deref(),
                approval: approval.as_deref(),
            },
        );
        made.map(Some)
            .map_err(|error| LedgerError::corrupt(stored.index, error))
    }

    /// The key that is the person's own: with it, and with nothing else, she finds every record
    /// about her in the public log.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when it is not there.
    pub fn history_key(&self, person: &Person) -> Result<HistoryKey, LedgerError> {
        Ok(HistoryKey {
            origin: self.origin().clone(),
            epoch: person.epoch,
            key: self
                .keyring
                .need(&KeyOf::Tag(person.subject, person.epoch))?,
        })
    }

    /// An institution's own code for a person, of its newest generation; `None` where it has none.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when the institution's sealing key is not there.
    pub fn link_code(
        &self,
        person: &Person,
        institution: &InstitutionId,
    ) -> Result<Option<LinkCode>, LedgerError> {
        link_code::of_person(&self.keyring, self.origin(), person, institution)
    }

    /// HMAC-SHA-256 over the parts in a row, under the key of this use.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when the key is not there.
    pub fn mac(&self, of: MacUse, parts: &[&[u8]]) -> Result<[u8; 32], LedgerError> {
        Ok(self.keyring.need(&of.key())?.hmac(parts))
    }

    /// What seals the rows of a file beside the ledger.
    ///
    /// # Errors
    /// [`LedgerError::Keyring`] when its key is not there.
    pub fn row_seal(&self, rows: RowsOf) -> Result<RowSeal, LedgerError> {
        Ok(RowSeal::new(rows, &self.keyring.need(&rows.key())?))
    }
}

//! A statement comes again: what was recorded under its identifier before.
//!
//! The first thing every command asks that carries out a statement. Whoever sends the same bytes
//! gets the same answer, made from the record that is there; nothing is appended, which
//! [`Done::is_repeat`](crate::Done::is_repeat) says. Other bytes under a used identifier are a
//! conflict. A record that is closed could be either: it is refused, and nothing is decided anew.

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{InstitutionId, Jti};
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, Common};

use crate::error::Refusal;
use crate::index::keys::statement_key;
use crate::stored::OpenRecord;
use crate::writer::transaction::Transaction;

/// What an identifier was used for before.
pub(super) enum Earlier {
    /// These very bytes; here is where.
    Same(Box<OpenRecord>),
    /// Other bytes.
    Other,
}

impl Earlier {
    /// The record this statement alone led to; `None` where its identifier was never used.
    ///
    /// # Errors
    /// [`Refusal::Closed`] and [`Refusal::Unreadable`] where the record is not there to be
    /// compared.
    pub(super) fn of<C: Claims>(
        tx: &Transaction<'_>,
        statement: &Verified<C>,
    ) -> Result<Option<Self>, Refusal> {
        let Common { iss, jti, .. } = statement.claims().common();
        Self::under(tx, (iss, jti), &[statement.jws().as_bytes()])
    }

    /// The record these statements together led to, looked for under one of their identifiers. One
    /// of them under another record, or beside another signature, is not the same.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn under(
        tx: &Transaction<'_>,
        (issuer, jti): (&InstitutionId, &Jti),
        statements: &[&[u8]],
    ) -> Result<Option<Self>, Refusal> {
        let Some(index) = tx.find(&statement_key(issuer, jti))? else {
            return Ok(None);
        };
        let stored = tx.record(index)?.open()?;
        Ok(Some(if stored.record.event.is_made_from(statements) {
            Self::Same(Box::new(stored))
        } else {
            Self::Other
        }))
    }
}

/// What is wrong with a statement whose identifier was used for other bytes.
pub(super) fn used() -> Fault {
    let (expected, found) = ("an identifier not used before", "one used for other bytes");
    Fault::new(FaultCode::JtiConflict, "jti", expected, found)
}

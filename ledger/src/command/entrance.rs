//! The entrance of every command that carries out a statement: what must be so before anything is
//! decided, and before anything is recorded against whose key signed it.
//!
//! Signed bytes are public things: whoever has them can send them. So the bytes are looked for
//! first, by their digest. Where a record carries them already, nothing is appended, whoever sends
//! them ([`Done::is_repeat`](crate::Done::is_repeat) says so), and the answer is made from that
//! record; who may have it is asked before the writer (docs/DESIGN.md "Bounds"). What is meant for
//! another log is nobody's fault but the sender's. What comes late is recorded a few times a key.
//! Only then is it the signer's: other bytes under a used identifier are its conflict, on record.
//! What a suspended institution says is not looked at, and nobody is resolved for it.

use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::Step;
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, Common};

use super::refuse;
use crate::error::Refusal;
use crate::index::keys::{bytes_key, statement_key};
use crate::reader::Reader;
use crate::stored::OpenRecord;
use crate::writer::transaction::Transaction;

/// What a statement is when its turn comes.
pub(super) enum Entered {
    /// New, meant for this log, fresh, by a key that is valid now.
    New,
    /// This record carries these very bytes.
    Again(Box<OpenRecord>),
    /// It is bad; the refusal is recorded.
    Refused {
        /// Log index of the refusal.
        index: LeafIndex,
        /// What is wrong.
        fault: Fault,
    },
}

/// Asks all that comes before what a statement says.
///
/// # Errors
/// [`Refusal::Fault`] for what is not recorded; [`Refusal::Closed`] and [`Refusal::Unreadable`]
/// where the record that carries it is not there to be answered from.
pub(super) fn enter<C: Claims>(
    tx: &mut Transaction<'_>,
    statement: &Verified<C>,
) -> Result<Entered, Refusal> {
    if let Some(record) = carrying(tx, statement.jws().as_bytes())? {
        return Ok(Entered::Again(record));
    }
    let Common { iss, jti, .. } = statement.claims().common();
    let common = statement.claims().common();
    statement.still_stands(&tx.registry())?;
    common.check_audience(tx.origin())?;
    let late = statement
        .stands_at(&tx.registry(), tx.now())
        .and_then(|()| common.check_fresh(tx.now()));
    let wrong = match late {
        Err(fault) => Some(fault),
        Ok(()) => tx.find(&statement_key(iss, jti))?.map(|_| used()),
    };
    let Some(fault) = wrong else {
        statement.check_heard(&tx.registry())?;
        return Ok(Entered::New);
    };
    let index = refuse::append_refusal(tx, statement, Step::Statement, &fault)?;
    Ok(Entered::Refused { index, fault })
}

/// What a bound says of a statement before its turn; what a record carries is above none, and where
/// that cannot be read its turn says so.
pub(super) fn unless_carried(
    reader: &Reader,
    statement: &Jws,
    bound: Result<(), Refusal>,
) -> Result<(), Refusal> {
    bound.or_else(
        |above| match reader.find_bytes(&Digest::of(&[statement.as_bytes()])) {
            Ok(None) => Err(above),
            Ok(Some(_)) | Err(_) => Ok(()),
        },
    )
}

/// The first record that carries a statement of these bytes.
pub(super) fn carrying(
    tx: &Transaction<'_>,
    statement: &[u8],
) -> Result<Option<Box<OpenRecord>>, Refusal> {
    match tx.find(&bytes_key(&Digest::of(&[statement])))? {
        Some(index) => Ok(Some(Box::new(tx.record(index)?.open()?))),
        None => Ok(None),
    }
}

/// What is wrong with a statement whose identifier was used for other bytes.
pub(super) fn used() -> Fault {
    let (expected, found) = ("an identifier not used before", "one used for other bytes");
    Fault::new(FaultCode::JtiConflict, "jti", expected, found)
}

/// What is wrong with a statement that a record carries and beside which something else was handed
/// over then, in this header.
pub(super) fn other_beside(header: &str) -> Fault {
    let expected = "what was handed over when this statement was first sent";
    Fault::new(FaultCode::Mismatch, header, expected, "another")
}

/// What is wrong with statements of which a record carries some and not the others: a signature is
/// for one record.
pub fn other_act() -> Fault {
    let expected = "all statements of the act that a record carries, and no other";
    let found = "some of them, or others beside them";
    Fault::new(FaultCode::Conflict, "body", expected, found)
}

//! Refusals of signed statements: recorded where a registered key signed them for this log, once
//! for the same bytes, so that probing leaves traces; late ones a few times a key
//! ([`LATE_OF_ONE_KEY_MAX`]), because nobody knows who sends them, others so many a minute
//! ([`REFUSALS_PER_MINUTE_MAX`]) and counted above.

use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{InstitutionId, Jti, Kid, LeafIndex, Timestamp};
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::{Event, StatementRefused, StatementsThrottled, Step};
use akashi_proof::record::value::Bytes;
use akashi_proof::state::{Roles, Unread, Verified};
use akashi_proof::statement::{Claims, Common};

use super::entrance;
use crate::error::{Above, Refusal};
use crate::keys::new_keys::NewKeys;
use crate::limits::{LATE_OF_ONE_KEY_MAX, REFUSALS_PER_MINUTE_MAX};
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Records that a statement signed by a registered key was refused before any person could be
/// resolved.
pub struct RefuseStatement {
    /// The statement.
    pub statement: Verified<Unread>,
    /// What is wrong with it.
    pub fault: Fault,
}

impl Command for RefuseStatement {
    /// Log index of the refusal.
    type Receipt = LeafIndex;

    /// What comes late anybody may have sent: it takes no place of its signer's.
    fn payer(&self) -> Payer {
        if self.fault.is_late() {
            Payer::Sender
        } else {
            Payer::Signer(self.statement.by().id().clone())
        }
    }

    /// A supervisor has no stream: what is wrong is said and not recorded, and nothing waits for a
    /// writer that may have stopped. Whoever mends its clock is told what is wrong with the act.
    fn check_before(&self, reader: &Reader, now: Timestamp) -> Result<(), Refusal> {
        let Some(institution) = self.statement.by().institution() else {
            return Err(self.fault.clone().into());
        };
        let jws = self.statement.jws();
        let room = check_room(&reader.roles(institution), jws.kid(), &self.fault, now);
        entrance::unless_carried(reader, jws, room)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        match self.statement.by().institution() {
            Some(institution) => NewKeys::of_institution(institution, now),
            None => NewKeys::none(),
        }
    }

    fn run(self, transaction: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let Self { statement, fault } = self;
        statement.still_stands(&transaction.registry())?;
        // Of a supervisor it was said before it waited.
        let Some(institution) = statement.by().institution() else {
            return Err(fault.into());
        };
        let jws = statement.jws();
        // A retry of the same bytes gets the refusal it got; it is not counted again. What another
        // record carries was good once: that somebody sends it elsewhere is no fault of its signer.
        if let Some(stored) = entrance::carrying(transaction, jws.as_bytes())? {
            if let Event::StatementRefused(_) = stored.record.event {
                return Ok(stored.index);
            }
            return Err(fault.into());
        }
        append(
            transaction,
            institution,
            jws,
            jti(jws),
            Step::Statement,
            &fault,
        )
    }
}

/// The identifier of a statement, where one can be read at all.
fn jti(jws: &Jws) -> Option<Jti> {
    let mut members = jws.members(jws.typ()).ok()?;
    members.text("jti", Jti::parse).ok()
}

/// Records how many statements of an institution came above its rate. Each was signed by a
/// registered key and told to come again later; one record stands for all, so that a flood leaves a
/// trace and does not become one of the log.
pub struct CountThrottled {
    /// Whose key signed them.
    pub institution: InstitutionId,
    /// When they came, and how many.
    pub throttled: StatementsThrottled,
}

impl Command for CountThrottled {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Ledger
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_institution(&self.institution, now)
    }

    fn run(self, transaction: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        transaction.append_institution(
            &self.institution,
            ENGINE,
            Event::StatementsThrottled(self.throttled),
        )
    }
}

/// Appends the refusal of a statement whose claims can be read to its issuer's stream.
pub(crate) fn append_refusal<C: Claims>(
    transaction: &mut Transaction<'_>,
    statement: &Verified<C>,
    step: Step,
    fault: &Fault,
) -> Result<LeafIndex, Refusal> {
    let Common { iss, jti, .. } = statement.claims().common();
    append(
        transaction,
        iss,
        statement.jws(),
        Some(jti.clone()),
        step,
        fault,
    )
}

fn append(
    transaction: &mut Transaction<'_>,
    institution: &InstitutionId,
    jws: &Jws,
    jti: Option<Jti>,
    step: Step,
    fault: &Fault,
) -> Result<LeafIndex, Refusal> {
    let refused = StatementRefused {
        typ: jws.typ(),
        kid: jws.kid().clone(),
        jti,
        step,
        fault: fault.clone(),
        statement_digest: Digest::of(&[jws.as_bytes()]),
        statement: Bytes(jws.as_bytes().to_vec()),
    };
    let roles = transaction.roles(institution);
    check_room(&roles, jws.kid(), fault, transaction.now())?;
    transaction.append_institution(institution, ENGINE, Event::StatementRefused(refused))
}

/// Refuses what is more than is recorded of one key's late statements, and of one institution's
/// other bad ones in a minute.
///
/// # Errors
/// The fault itself of late ones; [`Above::Refusals`].
fn check_room(roles: &Roles, kid: &Kid, fault: &Fault, now: Timestamp) -> Result<(), Refusal> {
    if fault.is_late() {
        if roles.late(kid) >= LATE_OF_ONE_KEY_MAX {
            return Err(fault.clone().into());
        }
    } else if roles.refused(now) >= REFUSALS_PER_MINUTE_MAX {
        return Err(Refusal::Above(Above::Refusals(fault.clone())));
    }
    Ok(())
}

//! Acts of supervisors on institutions, and of institutions on their own keys and roles.

use akashi_proof::digest::Secret;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{Kid, LeafIndex, Timestamp};
use akashi_proof::key::evidence_kid;
use akashi_proof::log_key::Handover;
use akashi_proof::record::StreamKind;
use akashi_proof::record::kind::{Event, KeyUse};
use akashi_proof::state::{FoldError, Registry, Roles, Verified};
use akashi_proof::statement::{Act, ActClaims, Common};
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::signed_note::VerifyingKey;

use super::IssueLink;
use super::entrance;
use crate::error::Refusal;
use crate::index::keys::statement_key;
use crate::keys::keyring::KeyOf;
use crate::keys::new_keys::NewKeys;
use crate::limits::{ACT_STATEMENTS_LEN_MAX, ROLES_MAX};
use crate::reader::Reader;
use crate::writer::clock_watch::Standstill;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Carries out one signed act.
pub struct CarryOut {
    /// The statements: of as many supervisors as must sign, or of the institution alone.
    pub statements: Vec<Verified<ActClaims>>,
    /// The evidence key, where the act registers one: it is handed over beside the statement and
    /// never published.
    pub evidence_key: Option<Secret>,
}

impl Command for CarryOut {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        match self.statements.first() {
            Some(first) => Payer::Signer(first.by().id().clone()),
            None => Payer::Sender,
        }
    }

    /// What stops something goes first, once it is known that it does: of roles an institution ends
    /// as many as it likes, of keys some a minute, and only supervisors suspend.
    fn lane(&self, reader: &Reader, now: Timestamp) -> Lane {
        let registry = reader.registry();
        let Ok((claims, event)) = registry.authorise(&self.statements, now) else {
            return Lane::Regular;
        };
        let roles = || reader.roles(&claims.common.iss);
        let stops = claims.act.ends()
            && check_follows(&registry, &claims, &event, now).is_ok()
            && check_roles(&roles(), &claims, now).is_ok();
        match (stops, claims.act.stream() == StreamKind::Institution) {
            (false, _) => Lane::Regular,
            (true, true) => Lane::Ending,
            (true, false) => Lane::Urgent,
        }
    }

    /// Only for an act that can be carried out: nobody fills the keyring with keys that no record
    /// names.
    fn keys(&self, reader: &Reader, now: Timestamp) -> NewKeys {
        match reader.registry().authorise(&self.statements, now) {
            Ok((claims, _)) => self.keys_of(&claims, now),
            Err(_) => NewKeys::none(),
        }
    }

    fn resumes(&self) -> bool {
        let mut acts = self.statements.iter().map(|one| &one.claims().act);
        acts.any(Act::resumes)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let registry = tx.registry();
        let lengths = self.statements.iter().map(|one| one.jws().as_bytes().len());
        if lengths.sum::<usize>() > ACT_STATEMENTS_LEN_MAX {
            let expected = format!("statements of at most {ACT_STATEMENTS_LEN_MAX} bytes together");
            return Err(Fault::new(FaultCode::TooLarge, "body", expected, "more").into());
        }
        if let Some(index) = repeated(tx, &self.statements)? {
            return Ok(index);
        }
        let (claims, event) = registry.authorise(&self.statements, tx.now())?;
        for statement in &self.statements {
            statement.check_heard(&registry)?;
        }
        check_resumes(tx, &claims.act)?;
        check_follows(&registry, &claims, &event, tx.now())?;
        self.check_keys(tx, &claims)?;
        check_log_keys(tx, &claims.act)?;
        check_roles(&tx.roles(&claims.common.iss), &claims, tx.now())?;
        if claims.act.stream() == StreamKind::Institution {
            tx.append_institution(&claims.common.iss, ENGINE, event)
        } else {
            tx.append_registry(event)
        }
    }
}

fn conflict(what: &str) -> Fault {
    let expected = "what can follow from the registry";
    Fault::new(FaultCode::Conflict, "act", expected, what)
}

/// The act follows from the registry.
fn check_follows(
    registry: &Registry,
    claims: &ActClaims,
    event: &Event,
    now: Timestamp,
) -> Result<(), Fault> {
    registry.check(event, now).map_err(|error| match error {
        FoldError::Contradiction(what) => conflict(what),
        FoldError::Seq { .. }
        | FoldError::Epoch { .. }
        | FoldError::GateNumber { .. }
        | FoldError::Statement(_)
        | FoldError::NotShown(_) => conflict("something else"),
    })?;
    // Where something is missing, what stands may still be ended: a stolen key, a role.
    // A ledger that stands still may be resumed, or nothing could be ended in it.
    if registry.is_incomplete() && !claims.act.ends() && !claims.act.resumes() {
        let what = "an act that ends nothing, while a record of it is missing";
        return Err(conflict(what));
    }
    Ok(())
}

/// A key the log is to sign with is there, and the log does begin with the tree by which it is
/// handed over: no head ever lacks a signature that the registry promises, and no record says of
/// this log what is another's.
fn check_log_keys(tx: &Transaction<'_>, act: &Act) -> Result<(), Refusal> {
    match act {
        Act::AddLogKey { log_vkey, .. } => {
            let key = VerifyingKey::parse(log_vkey).ok();
            let is_there = key.map(|key| tx.can_sign_with(&key)).transpose()?;
            if is_there == Some(true) {
                return Ok(());
            }
            let expected = "a key whose file is among the ledger's keys (`akashi log-key new`)";
            let found = "one whose file is not there";
            Err(Fault::new(FaultCode::Conflict, "log_vkey", expected, found).into())
        }
        Act::EndLogKey { checkpoint, .. } => {
            let handover = Handover::parse(checkpoint.as_bytes());
            let expected = "a checkpoint this log has signed";
            let other = |found| Fault::new(FaultCode::Conflict, "checkpoint", expected, found);
            let handover = handover.map_err(|_| other("none"))?;
            if tx.begins_with(handover.head())? {
                return Ok(());
            }
            Err(other("one of another tree").into())
        }
        Act::ResumeLedger { .. }
        | Act::ChangeSupervisor { .. }
        | Act::ReplaceSupervisor { .. }
        | Act::CertifyInstitution { .. }
        | Act::ChangeInstitution { .. }
        | Act::SuspendInstitution { .. }
        | Act::ReinstateInstitution { .. }
        | Act::ActivatePolicy { .. }
        | Act::RegisterKey { .. }
        | Act::RevokeKey { .. }
        | Act::ResetKeys { .. }
        | Act::ObjectToReset { .. }
        | Act::AssignRole { .. }
        | Act::EndRole { .. } => Ok(()),
    }
}

/// A ledger is resumed that stands still, and at the very stand its supervisors have signed: what
/// was signed of another is good for nothing.
fn check_resumes(tx: &Transaction<'_>, act: &Act) -> Result<(), Refusal> {
    let Act::ResumeLedger {
        size,
        root,
        last_record_at,
        ..
    } = act
    else {
        return Ok(());
    };
    let other = |field, expected: String, found: String| {
        Err(Fault::new(FaultCode::Conflict, field, expected, found).into())
    };
    let Some(Standstill { last, .. }) = tx.standstill() else {
        let expected = "a ledger that stands still for its clock".to_owned();
        return other("act", expected, "one that records".to_owned());
    };
    if *size != tx.size().value() {
        let expected = format!("{}, as many as the log has", tx.size());
        return other("size", expected, size.to_string());
    }
    let head = TreeHead {
        size: tx.size(),
        root: Hash::from_bytes(*root.as_bytes()),
    };
    if !tx.begins_with(head)? {
        let expected = "the root over all records of this log".to_owned();
        return other("root", expected, "another".to_owned());
    }
    if *last_record_at != last.whole_second() {
        let seconds = |time: Timestamp| time.as_millis() / 1_000;
        let expected = format!("{} s, the time of the last record", seconds(last));
        return other(
            "last_record_at",
            expected,
            format!("{} s", seconds(*last_record_at)),
        );
    }
    Ok(())
}

/// An institution has no more roles than it can have, and ends only what is held.
fn check_roles(roles: &Roles, claims: &ActClaims, now: Timestamp) -> Result<(), Fault> {
    if let Act::AssignRole {
        role_holder,
        role,
        valid_from,
        valid_until,
    } = &claims.act
    {
        if valid_until.is_some_and(|until| until <= (*valid_from).max(now)) {
            return Err(conflict("a role that would never be held"));
        }
        match roles.assigned(role_holder, role, now) {
            Some(held) if (held.valid_from, held.valid_until) == (*valid_from, *valid_until) => {
                return Err(conflict("a role that is held in just that way"));
            }
            Some(_) => {}
            None if roles.alive(now) >= ROLES_MAX => {
                return Err(conflict("more roles than an institution can have"));
            }
            None => {}
        }
    }
    if let Act::EndRole { role_holder, role } = &claims.act
        && roles.assigned(role_holder, role, now).is_none()
    {
        // Accepted, it would look as if a misspelt role had been taken away while the real one goes
        // on.
        let expected = "a role this role-holder was given and that has not ended";
        let found = "one that is not held";
        return Err(Fault::new(FaultCode::Conflict, "role", expected, found));
    }
    Ok(())
}

/// Log index of the record these very statements led to. One of them under another act, or beside
/// another signature, is a conflict: a signature is for one record.
fn repeated(
    tx: &Transaction<'_>,
    statements: &[Verified<ActClaims>],
) -> Result<Option<LeafIndex>, Refusal> {
    let bytes: Vec<&[u8]> = statements.iter().map(|one| one.jws().as_bytes()).collect();
    for statement in statements {
        let Common { iss, jti, .. } = &statement.claims().common;
        match entrance::carrying(tx, statement.jws().as_bytes())? {
            Some(stored) if stored.record.event.is_made_from(&bytes) => {
                if let Event::StatementRefused(refused) = stored.record.event {
                    return Err(refused.fault.into());
                }
                return Ok(Some(stored.index));
            }
            Some(_) => return Err(entrance::other_act().into()),
            None if tx.find(&statement_key(iss, jti))?.is_some() => {
                return Err(entrance::used().into());
            }
            None => {}
        }
    }
    Ok(None)
}

impl CarryOut {
    /// The evidence key handed over is the one the act names, and every key it needs is there.
    fn check_keys(&self, tx: &Transaction<'_>, claims: &ActClaims) -> Result<(), Fault> {
        if let Act::RegisterKey {
            key_use: KeyUse::Evidence,
            kid,
            ..
        } = &claims.act
            && self.evidence_key_named(kid).is_none()
        {
            let expected = "the digest of the evidence key handed over";
            let (code, found) = (FaultCode::Mismatch, "another");
            return Err(Fault::new(code, "public_key", expected, found));
        }
        if tx.keyring().lacks(&self.keys_of(claims, tx.now())) {
            // What it rests on was recorded while it waited, or the year has changed.
            let what = "an act that has become possible just now: send it again";
            return Err(conflict(what));
        }
        Ok(())
    }

    /// The keys that must be there before this act's record.
    fn keys_of(&self, claims: &ActClaims, now: Timestamp) -> NewKeys {
        match &claims.act {
            Act::CertifyInstitution { institution, .. } => {
                NewKeys::of_institution(institution, now)
                    .draw(KeyOf::Stream(institution.clone()))
                    .draw(IssueLink::sealing_key(institution))
            }
            Act::RegisterKey {
                key_use: KeyUse::Evidence,
                kid,
                ..
            } => match self.evidence_key_named(kid) {
                Some(key) => NewKeys::none().hand_over(KeyOf::Evidence(kid.clone()), key.clone()),
                None => NewKeys::none(),
            },
            Act::AddLogKey { .. }
            | Act::EndLogKey { .. }
            | Act::ResumeLedger { .. }
            | Act::ChangeSupervisor { .. }
            | Act::ReplaceSupervisor { .. }
            | Act::ResetKeys { .. }
            | Act::ObjectToReset { .. }
            | Act::ChangeInstitution { .. }
            | Act::SuspendInstitution { .. }
            | Act::ReinstateInstitution { .. }
            | Act::ActivatePolicy { .. }
            | Act::RegisterKey { .. }
            | Act::RevokeKey { .. }
            | Act::AssignRole { .. }
            | Act::EndRole { .. } => NewKeys::none(),
        }
    }

    /// The evidence key handed over, if it is the one this name names.
    fn evidence_key_named(&self, kid: &Kid) -> Option<&Secret> {
        self.evidence_key
            .as_ref()
            .filter(|key| evidence_kid(key) == *kid)
    }
}

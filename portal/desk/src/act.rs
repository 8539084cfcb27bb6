//! Acts: what supervisors do to institutions, and institutions to their own keys and roles. One
//! statement of each who signs the same act. An act sent again gets the answer it got; it is not
//! done twice.

use akashi_ledger::command::{CarryOut, other_act};
use akashi_ledger::{Refusal, StoredRecord};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::Event;
use akashi_proof::state::{SUPERVISORS_MAX, Unread, Verified};
use akashi_proof::statement::{Act, ActClaims};
use akashi_tlog::tlog_proof::TlogProof;

use crate::app::App;
use crate::debtors::Look;
use crate::declined::Declined;
use crate::statement::gate::{self, Meant, Room};
use crate::statement::{self, NotTaken, Sender, first_proof};

/// Most signers of one act.
pub const SIGNERS_MAX: usize = SUPERVISORS_MAX;

/// An act that was carried out.
pub struct CarriedOut {
    /// Log index of the record.
    pub index: LeafIndex,
    /// Its proof.
    pub proof: TlogProof,
}

/// Carries out one act. `body` is one compact JWS a line, one for each signer; `evidence_key` the
/// key itself, where the act registers one.
///
/// # Errors
/// [`NotTaken`]; recorded where a registered institution signed it.
pub async fn carry_out(
    app: &App,
    sender: Sender<'_>,
    body: &[u8],
    evidence_key: Option<Secret>,
) -> Result<CarriedOut, NotTaken> {
    let look = Look::at(app, sender.address)?;
    let meant = look.check(|| meant(app, body)).await;
    let meant = meant.map_err(|fault| sender.at_fault(app, fault))?;
    check_alone(&meant).map_err(|fault| sender.at_fault(app, fault))?;
    let now = app.clock.wall();
    let carried = gate::carried(app, meant.iter().map(|one| one.digest).collect()).await?;
    if carried.iter().any(Option::is_some) {
        return again(app, (sender, &look), &meant, carried, body).await;
    }
    for one in &meant {
        if let Err(fault) = one.check_time(app, now) {
            sender.count(app)?;
            return Err(statement::refuse(app, one.to_unread(), fault).await);
        }
    }
    gate::charge(app, sender, &look, &meant, now, room).await?;
    for one in &meant {
        one.check_heard(app)?;
    }
    let (first, statements) = authorised(app, meant).await?;
    let command = CarryOut {
        statements,
        evidence_key,
    };
    match app.submit(command).await {
        Ok(done) => carried_out(app, &done.appended, done.receipt).await,
        Err(Refusal::Fault(fault)) if fault.code != FaultCode::Suspended => {
            Err(statement::refuse(app, first, fault).await)
        }
        Err(refusal) => Err(statement::not_taken(app, first.by(), refusal)),
    }
}

/// Acts on keys have room by the key that signs them.
fn room(meant: &Meant<ActClaims>) -> Room {
    let Ok(statement) = &meant.read else {
        return Room::Signer;
    };
    match &statement.claims().act {
        Act::RegisterKey { .. } => Room::KeyAndSigner,
        Act::RevokeKey { .. } | Act::ObjectToReset { .. } => Room::Key,
        Act::AddLogKey { .. }
        | Act::EndLogKey { .. }
        | Act::ResumeLedger { .. }
        | Act::ChangeSupervisor { .. }
        | Act::ReplaceSupervisor { .. }
        | Act::ResetKeys { .. }
        | Act::CertifyInstitution { .. }
        | Act::ChangeInstitution { .. }
        | Act::SuspendInstitution { .. }
        | Act::ReinstateInstitution { .. }
        | Act::ActivatePolicy { .. }
        | Act::AssignRole { .. }
        | Act::EndRole { .. } => Room::Signer,
    }
}

/// The statements of a body, each meant for this log.
fn meant(app: &App, body: &[u8]) -> Result<Vec<Meant<ActClaims>>, Fault> {
    let lines = lines(body)?.into_iter();
    lines.map(|line| Meant::check(app, line)).collect()
}

/// Refuses an institution's act beside other statements: it signs what is its own alone. Whoever
/// put them together is at fault, and nothing is recorded against a signer, whose act is as good as
/// before.
fn check_alone(meant: &[Meant<ActClaims>]) -> Result<(), Fault> {
    let mut signers = meant.iter().map(|one| one.by().institution());
    if meant.len() == 1 || signers.all(|institution| institution.is_none()) {
        return Ok(());
    }
    let expected = "an institution's statement alone, or those of supervisors";
    let found = "an institution's beside others";
    let code = FaultCode::NotAuthorised;
    Err(Fault::new(code, "body", expected, found))
}

/// The answer the act got, where whoever sends it may have it: by any of its signers. One of its
/// statements without the others, or beside others, was never this act.
async fn again(
    app: &App,
    (sender, look): (Sender<'_>, &Look<'_>),
    meant: &[Meant<ActClaims>],
    carried: Vec<Option<StoredRecord>>,
    body: &[u8],
) -> Result<CarriedOut, NotTaken> {
    gate::hear_again(app, sender, look, meant, app.clock.wall()).await?;
    let lines = lines(body)?;
    let Some(Some(stored)) = carried.into_iter().find(Option::is_some) else {
        return Err(Declined::Broken("an act that a record carries has no record").into());
    };
    let stored = stored.open()?;
    if !stored.record.event.is_made_from(&lines) {
        return Err(other_act().into());
    }
    if let Event::StatementRefused(refused) = stored.record.event {
        return Err(NotTaken::Recorded(refused.fault, stored.index));
    }
    carried_out(app, &[], stored.index).await
}

async fn carried_out(
    app: &App,
    appended: &[akashi_ledger::Appended],
    index: LeafIndex,
) -> Result<CarriedOut, NotTaken> {
    let proof = first_proof(app, appended, index).await?;
    Ok(CarriedOut { index, proof })
}

/// The statements, checked together as the writer will check them again, and the first of them: in
/// whose stream a refusal is recorded, where it has one.
///
/// # Errors
/// [`NotTaken`], which is recorded.
async fn authorised(
    app: &App,
    meant: Vec<Meant<ActClaims>>,
) -> Result<(Verified<Unread>, Vec<Verified<ActClaims>>), NotTaken> {
    let mut statements: Vec<Verified<ActClaims>> = Vec::new();
    for one in meant {
        match one.read {
            Ok(statement) => statements.push(statement),
            Err((statement, fault)) => return Err(statement::refuse(app, *statement, fault).await),
        }
    }
    let Some(first) = statements.first().cloned().map(Verified::unread) else {
        return Err(Declined::Broken("an act without a statement was taken apart").into());
    };
    let checked = app
        .registry()
        .authorise(&statements, app.clock.wall())
        .and_then(|(claims, _)| check_pack(app, &claims.act));
    match checked {
        Ok(()) => Ok((first, statements)),
        Err(fault) => Err(statement::refuse(app, first, fault).await),
    }
}

/// The statements of a body, one a line.
fn lines(body: &[u8]) -> Result<Vec<&[u8]>, Fault> {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let lines: Vec<&[u8]> = body
        .split(|byte| *byte == b'\n')
        .take(SIGNERS_MAX + 1)
        .collect();
    if lines.len() > SIGNERS_MAX {
        let expected = format!("one compact JWS a line, at most {SIGNERS_MAX}");
        return Err(Fault::new(FaultCode::TooLarge, "body", expected, "more"));
    }
    Ok(lines)
}

/// Refuses what the packs do not bear out: a sector or role the one in force does not know, or
/// another pack than the supervisors have signed. The ledger knows no pack and would certify a
/// misspelt code for good: no process would ever take part with it, and nobody would be told why.
fn check_pack(app: &App, act: &Act) -> Result<(), Fault> {
    let pack = app.policy();
    let unknown = |what, found: &str| {
        let expected = format!("a {what} of the policy pack in force");
        Err(Fault::new(
            FaultCode::UnknownCode,
            what,
            expected,
            format!("`{found}`"),
        ))
    };
    match act {
        Act::CertifyInstitution { sector, .. } if pack.sector(sector).is_none() => {
            unknown("sector", sector)
        }
        Act::AssignRole { role, .. } if pack.role(role).is_none() => unknown("role", role.as_str()),
        Act::ActivatePolicy {
            pack,
            version,
            policy_digest,
        } => check_activation(app, pack, *version, policy_digest),
        // Its code is known, or it has none.
        Act::CertifyInstitution { .. }
        | Act::AssignRole { .. }
        | Act::AddLogKey { .. }
        | Act::EndLogKey { .. }
        | Act::ResumeLedger { .. }
        | Act::ChangeSupervisor { .. }
        | Act::ReplaceSupervisor { .. }
        | Act::ResetKeys { .. }
        | Act::ObjectToReset { .. }
        | Act::ChangeInstitution { .. }
        | Act::SuspendInstitution { .. }
        | Act::ReinstateInstitution { .. }
        | Act::RegisterKey { .. }
        | Act::RevokeKey { .. }
        | Act::EndRole { .. } => Ok(()),
    }
}

/// Refuses a pack that is not on the shelf: nothing could be decided any more. And one whose name
/// or version is not what the supervisors signed: they may have read another.
fn check_activation(app: &App, name: &str, version: u64, digest: &Digest) -> Result<(), Fault> {
    let differs = |field, expected, found| {
        let fault = Fault::new(FaultCode::Conflict, field, expected, found);
        Err(fault)
    };
    let Some(pack) = app.shelf.pack(digest) else {
        let expected = "the digest of a pack on this server's shelf".to_owned();
        return differs("policy_digest", expected, format!("`{digest}`"));
    };
    if pack.name() != name {
        let expected = format!("`{}`, the name of the pack with this digest", pack.name());
        return differs("pack", expected, format!("`{name}`"));
    }
    if pack.version() != version {
        let expected = format!("{}, the version of that pack", pack.version());
        return differs("version", expected, version.to_string());
    }
    Ok(())
}

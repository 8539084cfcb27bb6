//! Acts: what supervisors do to institutions, and institutions to their own keys and roles. One
//! statement of each who signs the same act. An act sent again within the time it is fresh gets the
//! answer it got; it is not done twice.

use akashi_ledger::Refusal;
use akashi_ledger::command::CarryOut;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Jws;
use akashi_proof::state::{SUPERVISORS_MAX, Unread, Verified};
use akashi_proof::statement::{Act, ActClaims};
use akashi_tlog::tlog_proof::TlogProof;

use crate::app::App;
use crate::declined::Declined;
use crate::memory::ActDone;
use crate::rate_limit::Wait;
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
    let statements = match authorised(app, body) {
        Ok(statements) => statements,
        Err(unauthorised) => {
            let _ = sender.count(app);
            return Err(refuse(app, *unauthorised).await);
        }
    };
    let Some(first) = statements.first().cloned() else {
        return Err(Declined::Broken("an act that nobody signed was authorised").into());
    };
    let (iss, jti) = (&first.claims().common.iss, &first.claims().common.jti);
    take_room(app, &first)?;
    let digest = Digest::of(&[body]);
    match app.acts.find(iss, jti) {
        Some(done) if done.body == digest => return carried_out(app, &[], done.index).await,
        Some(_) => {
            let (expected, found) = ("an identifier not used before", "one used for other bytes");
            return Err(Fault::new(FaultCode::JtiConflict, "jti", expected, found).into());
        }
        None => {}
    }
    let command = CarryOut {
        statements,
        evidence_key,
    };
    let done = match app.submit(command).await {
        Ok(done) => done,
        Err(Refusal::Fault(fault)) => {
            return Err(statement::refuse(app, first.unread(), fault).await);
        }
        Err(refusal) => return Err(refusal.into()),
    };
    // A full memory only means that a retry would be a conflict instead of the same answer.
    let _ = app.acts.take(
        iss,
        jti,
        ActDone {
            body: digest,
            index: done.receipt,
        },
        app.clock.wall(),
    );
    carried_out(app, &done.appended, done.receipt).await
}

/// One act more of this signer. What comes above an institution's rate is counted into its stream,
/// as of every statement.
fn take_room(app: &App, statement: &Verified<ActClaims>) -> Result<(), Wait> {
    let iss = &statement.claims().common.iss;
    let of_keys = match &statement.claims().act {
        Act::RegisterKey { .. } | Act::RevokeKey { .. } => {
            let kid = statement.kid().as_str();
            app.limits.key_acts.take(kid.as_bytes())
        }
        Act::ChangeSupervisor { .. }
        | Act::CertifyInstitution { .. }
        | Act::ChangeInstitution { .. }
        | Act::SuspendInstitution { .. }
        | Act::ReinstateInstitution { .. }
        | Act::ActivatePolicy { .. }
        | Act::AssignRole { .. }
        | Act::EndRole { .. } => Ok(()),
    };
    let taken = of_keys.and_then(|()| app.limits.statements.take(iss.as_str().as_bytes()));
    taken.inspect_err(|_| {
        // A supervisor has no stream.
        if let Some(institution) = statement.by().institution() {
            app.throttled.count(institution, app.clock.wall());
        }
    })
}

/// Refuses an act; recorded where a registered institution signed it.
async fn refuse(app: &App, (fault, statement): Unauthorised) -> NotTaken {
    match statement {
        Some(statement) => statement::refuse(app, statement, fault).await,
        None => fault.into(),
    }
}

async fn carried_out(
    app: &App,
    appended: &[akashi_ledger::Appended],
    index: LeafIndex,
) -> Result<CarriedOut, NotTaken> {
    let proof = first_proof(app, appended, index).await?;
    Ok(CarriedOut { index, proof })
}

/// What is wrong with an act, and a statement of it whose signer is known.
type Unauthorised = (Fault, Option<Verified<Unread>>);

/// The statements, checked together as the writer will check them again.
fn authorised(app: &App, body: &[u8]) -> Result<Vec<Verified<ActClaims>>, Box<Unauthorised>> {
    let registry = app.registry();
    let mut statements: Vec<Verified<ActClaims>> = Vec::new();
    for line in lines(body).map_err(|fault| Box::new((fault, None)))? {
        let jws = Jws::parse(line).map_err(|fault| Box::new((fault, None)))?;
        match registry.verify(jws) {
            Ok(statement) => statements.push(statement),
            Err(why) => {
                let (fault, own) = why.into_parts();
                let first = || statements.into_iter().next().map(Verified::unread);
                return Err(Box::new((fault, own.or_else(first))));
            }
        }
    }
    let checked = registry
        .authorise(&statements, app.clock.wall())
        .and_then(|(claims, _)| check_pack(app, &claims.act));
    match checked {
        Ok(()) => Ok(statements),
        Err(fault) => {
            let first = statements.into_iter().next().map(Verified::unread);
            Err(Box::new((fault, first)))
        }
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
        | Act::ChangeSupervisor { .. }
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

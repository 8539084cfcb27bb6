//! `POST /v1/acts`: what supervisors do to institutions, and institutions to their own keys and
//! roles.
//!
//! The body is one compact JWS a line, one for each signer of the same act. An act sent again
//! within the time it is fresh gets the answer it got; it is not done twice.

use akashi_ledger::command::CarryOut;
use akashi_policies::Pack;
use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::LeafIndex;
use akashi_proof::jws::Jws;
use akashi_proof::jws::STATEMENT_LEN_MAX;
use akashi_proof::statement::{Act, ActClaims};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use super::accesses::json;
use super::state::ActDone;
use super::statement::{self, JOSE, Signed, first_proof, secret_header, too_many};
use crate::app::{App, SharedApp};
use crate::error::Problem;
use crate::middleware::client::Client;

/// The header with an evidence key, where the act registers one.
pub const EVIDENCE_KEY_HEADER: &str = "akashi-evidence-key";

/// Most signers of one act; no ledger has more supervisors.
const SIGNERS_MAX: usize = 8;

/// The answer.
#[derive(Serialize)]
struct CarriedOut {
    index: u64,
    proof: String,
}

/// Carries out one act.
///
/// # Errors
/// A [`Problem`]; recorded where a registered institution signed it.
pub async fn carry_out(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.api
        .limits
        .unsigned
        .check(&client.bucket())
        .map_err(too_many)?;
    let body = statement::read(&headers, body, JOSE, SIGNERS_MAX * STATEMENT_LEN_MAX).await?;
    let evidence_key = secret_header(&headers, EVIDENCE_KEY_HEADER)?;
    let (statements, claims) = match authorised(&app, &body) {
        Ok(authorised) => authorised,
        Err(Unauthorised(why)) => {
            let _ = app.api.limits.unsigned.take(&client.bucket());
            let (fault, signed) = *why;
            return Err(refuse(&app, signed, fault).await);
        }
    };
    let (iss, jti) = (claims.common.iss.clone(), claims.common.jti.clone());
    app.api
        .limits
        .statements
        .take(iss.as_str().as_bytes())
        .map_err(too_many)?;
    let digest = Digest::of(&[&body]);
    match app.api.acts.find(&iss, &jti) {
        Some(done) if done.body == digest => return answer(&app, &[], done.index).await,
        Some(_) => {
            let (expected, found) = ("an identifier not used before", "one used for other bytes");
            return Err(Fault::new(FaultCode::JtiConflict, "jti", expected, found).into());
        }
        None => {}
    }
    let by_institution = (!claims.act.by_supervisors())
        .then(|| statements.first().cloned())
        .flatten();
    let urgent = matches!(
        claims.act,
        Act::SuspendInstitution { .. } | Act::RevokeKey { .. } | Act::EndRole { .. }
    );
    let command = CarryOut {
        statements,
        evidence_key,
        urgent,
    };
    let done = match app.submit(command).await {
        Ok(done) => done,
        Err(akashi_ledger::Refusal::Fault(fault)) => {
            let signed = by_institution.and_then(|jws| Signed::check(&app, jws).ok());
            return Err(refuse(&app, signed, fault).await);
        }
        Err(refusal) => return Err(refusal.into()),
    };
    // A full memory only means that a retry would be a conflict instead of the same answer.
    let _ = app.api.acts.take(
        &iss,
        &jti,
        ActDone {
            body: digest,
            index: done.receipt,
        },
        app.clock.wall(),
    );
    answer(&app, &done.appended, done.receipt).await
}

/// Refuses an act; recorded where a registered institution signed it.
async fn refuse(app: &App, signed: Option<Signed>, fault: Fault) -> Problem {
    match signed {
        Some(signed) => signed.refuse(app, fault).await,
        None => fault.into(),
    }
}

async fn answer(
    app: &App,
    appended: &[akashi_ledger::Appended],
    index: LeafIndex,
) -> Result<Response, Problem> {
    Ok(json(&CarriedOut {
        index: index.value(),
        proof: first_proof(app, appended, index).await?.to_string(),
    }))
}

/// What is wrong with an act, and the first statement where a registered institution signed it:
/// then it is recorded.
struct Unauthorised(Box<(Fault, Option<Signed>)>);

/// The statements and what they say, checked as the writer will check them again.
fn authorised(app: &App, body: &[u8]) -> Result<(Vec<Jws>, ActClaims), Unauthorised> {
    let bare = |fault: Fault| Unauthorised(Box::new((fault, None)));
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let lines: Vec<&[u8]> = body
        .split(|byte| *byte == b'\n')
        .take(SIGNERS_MAX + 1)
        .collect();
    if lines.len() > SIGNERS_MAX {
        let expected = format!("one compact JWS a line, at most {SIGNERS_MAX}");
        return Err(bare(Fault::new(
            FaultCode::TooLarge,
            "body",
            expected,
            "more",
        )));
    }
    let statements = lines
        .into_iter()
        .map(Jws::parse)
        .collect::<Result<Vec<_>, _>>()
        .map_err(bare)?;
    let recorded = |fault| {
        let signed = statements
            .first()
            .cloned()
            .and_then(|jws| Signed::check(app, jws).ok());
        Unauthorised(Box::new((fault, signed)))
    };
    let registry = app.registry();
    let (claims, _) = registry
        .authorise(&statements, app.clock.wall())
        .map_err(recorded)?;
    check_codes(&app.policy, &claims.act).map_err(recorded)?;
    if let Act::ActivatePolicy { policy_digest, .. } = &claims.act
        && *policy_digest != app.policy.digest()
    {
        // Decisions would name a pack that does not make them.
        let (expected, found) = ("the digest of the pack this server decides by", "another");
        return Err(bare(Fault::new(
            FaultCode::Conflict,
            "policy_digest",
            expected,
            found,
        )));
    }
    Ok((statements, claims))
}

/// Refuses a sector or role the pack in force does not know. The ledger knows no pack and would
/// certify a misspelt one for good: no process would ever take part with it, and nobody would be
/// told why.
fn check_codes(pack: &Pack, act: &Act) -> Result<(), Fault> {
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
        _ => Ok(()),
    }
}

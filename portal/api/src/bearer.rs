//! Reads by institutions, and statements sent again: `Authorization: Bearer <akashi-request+jws>`
//! ([RFC 6750 section 2.1]), bound to one method and URL as in DPoP ([RFC 9449 section 4.2]),
//! fresh, good once.
//!
//! [RFC 6750 section 2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
//! [RFC 9449 section 4.2]: https://www.rfc-editor.org/rfc/rfc9449#section-4.2

use akashi_desk::app::App;
use akashi_desk::memory::UseRefused;
use akashi_desk::rate_limit::Wait;
use akashi_proof::fault::Fault;
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::{Jws, STATEMENT_LEN_MAX};
use akashi_proof::state::SignedBy;
use akashi_proof::statement::RequestClaims;
use axum::http::{HeaderMap, Uri};

use crate::client::Client;
use crate::problem::{Kind, Problem};
use crate::statement::one_header;

/// The institution that reads, if its token is good for exactly this.
///
/// # Errors
/// A [`Problem`]: 401 whatever is wrong with the token. Nothing is recorded.
pub fn reader(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    method: &str,
    uri: &Uri,
) -> Result<InstitutionId, Problem> {
    app.limits.unsigned.check(&client.bucket())?;
    let result = check(app, headers, method, uri).and_then(|by| certified(app, &by));
    if result.is_err() {
        // Counted only when it turns out bad.
        let _ = app.limits.unsigned.take(&client.bucket());
    }
    let institution = result?;
    app.limits
        .statements
        .take(institution.as_str().as_bytes())?;
    Ok(institution)
}

/// Whether a token of this institution or supervisor, by any key of it that is valid now, is shown
/// for exactly this. Whoever shows it is counted by the caller.
///
/// # Errors
/// [`Wait`] when there is no room to remember that it was used.
pub fn is_of(
    app: &App,
    headers: &HeaderMap,
    method: &str,
    uri: &Uri,
    signer: &InstitutionId,
) -> Result<bool, Wait> {
    match check(app, headers, method, uri) {
        Ok(by) => Ok(by.id() == signer),
        Err(problem) => match problem.retry_after_seconds() {
            Some(seconds) => Err(Wait { seconds }),
            None => Ok(false),
        },
    }
}

fn unauthorised(field: &str, expected: &str, found: &str) -> Problem {
    Problem::from(Kind::UNAUTHORISED).in_field(field, expected, found)
}

fn certified(app: &App, by: &SignedBy) -> Result<InstitutionId, Problem> {
    let registry = app.registry();
    let institution = by.institution().and_then(|id| registry.institution(id));
    let Some(institution) = institution else {
        return Err(unauthorised("iss", "a certified institution", "another"));
    };
    registry.check_heard(by)?;
    Ok(institution.id.clone())
}

/// Who signed the token, if it is good for exactly this.
fn check(app: &App, headers: &HeaderMap, method: &str, uri: &Uri) -> Result<SignedBy, Problem> {
    const EXPECTED: &str = "`Bearer` and an akashi-request+jws";
    let of_fault = |fault: Fault| unauthorised(&fault.field, &fault.expected, &fault.found);
    let line = one_header(headers, "authorization")?
        .ok_or_else(|| unauthorised("authorization", EXPECTED, "nothing"))?;
    let token = line
        .split_once(' ')
        .filter(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && token.len() <= STATEMENT_LEN_MAX
        })
        .map(|(_, token)| token.trim_matches(' '))
        .ok_or_else(|| unauthorised("authorization", EXPECTED, "something else"))?;
    let jws = Jws::parse(token.as_bytes()).map_err(of_fault)?;
    let now = app.clock.wall();
    let registry = app.registry();
    let statement = registry
        .verify::<RequestClaims>(jws)
        .map_err(|why| of_fault(why.into()))?;
    statement.stands_at(&registry, now).map_err(of_fault)?;
    let claims = statement.claims();
    claims
        .common
        .check_audience(app.origin())
        .map_err(of_fault)?;
    claims.common.check_fresh(now).map_err(of_fault)?;
    let target = uri
        .path_and_query()
        .map_or(uri.path(), |target| target.as_str());
    claims.check_target(method, target).map_err(of_fault)?;
    match app.reads.take(&claims.common.iss, &claims.common.jti, now) {
        Ok(()) => Ok(statement.by().clone()),
        Err(UseRefused::Before) => Err(unauthorised(
            "jti",
            "an identifier not used before",
            "one used before",
        )),
        Err(UseRefused::Full) => Err(Problem::from(Kind::OVERLOADED).retry_after(10)),
    }
}

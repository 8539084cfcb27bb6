//! Reads by institutions, and statements sent again: `Authorization: Bearer <akashi-request+jws>`
//! ([RFC 6750 section 2.1]), bound to one method and URL as in DPoP ([RFC 9449 section 4.2]),
//! fresh, good once.
//!
//! [RFC 6750 section 2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
//! [RFC 9449 section 4.2]: https://www.rfc-editor.org/rfc/rfc9449#section-4.2

use akashi_desk::app::{App, SharedApp};
use akashi_desk::memory::UseRefused;
use akashi_desk::rate_limit::Wait;
use akashi_proof::fault::Fault;
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::{Jws, STATEMENT_LEN_MAX};
use akashi_proof::state::SignedBy;
use akashi_proof::statement::RequestClaims;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::problem::{Kind, Problem};
use crate::request::Asked;
use crate::statement::one_header;

/// The institution that reads, its token being good for exactly this request.
///
/// As an extractor it refuses with a [`Problem`], 401 whatever is wrong with the token. Nothing is
/// recorded.
pub struct ReadBy(pub InstitutionId);

impl FromRequestParts<SharedApp> for ReadBy {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Problem> {
        let asked = Asked::from_request_parts(parts, app).await?;
        let address = asked.client.bucket();
        app.limits.unsigned.check(&address)?;
        let by = check(app, &asked).and_then(|by| certified(app, &by));
        let by = by.inspect_err(|_| {
            // Counted only when it turns out bad.
            let _ = app.limits.unsigned.take(&address);
        })?;
        app.limits.statements.take(by.as_str().as_bytes())?;
        Ok(Self(by))
    }
}

/// Whether a token of this institution or supervisor, by any key of it that is valid now, is shown
/// for exactly this. Whoever shows it is counted by the caller.
///
/// # Errors
/// [`Wait`] when there is no room to remember that it was used.
pub fn is_of(app: &App, asked: &Asked, signer: &InstitutionId) -> Result<bool, Wait> {
    match check(app, asked) {
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
fn check(app: &App, asked: &Asked) -> Result<SignedBy, Problem> {
    const EXPECTED: &str = "`Bearer` and an akashi-request+jws";
    let of_fault = |fault: Fault| {
        let is_whole = fault.field == "body";
        let field = if is_whole {
            "authorization"
        } else {
            &fault.field
        };
        unauthorised(field, &fault.expected, &fault.found)
    };
    let line = one_header(&asked.headers, "authorization")?
        .ok_or_else(|| unauthorised("authorization", EXPECTED, "nothing"))?;
    let token = line
        .split_once(' ')
        .filter(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && token.len() <= STATEMENT_LEN_MAX
        })
        .map(|(_, token)| token.trim_matches(' '))
        .ok_or_else(|| unauthorised("authorization", EXPECTED, "another text"))?;
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
    let target = asked.uri.path_and_query();
    let target = target.map_or(asked.uri.path(), |target| target.as_str());
    let made_for = claims.check_target(asked.method.as_str(), target);
    made_for.map_err(of_fault)?;
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

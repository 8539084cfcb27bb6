//! Reads by institutions, and statements sent again: `Authorization: Bearer <akashi-request+jws>`
//! ([RFC 6750 section 2.1]), bound to one method and URL as in DPoP ([RFC 9449 section 4.2]),
//! fresh, good once.
//!
//! [RFC 6750 section 2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
//! [RFC 9449 section 4.2]: https://www.rfc-editor.org/rfc/rfc9449#section-4.2

use akashi_desk::app::{App, SharedApp};
use akashi_desk::debtors::Look;
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
use crate::statement::{charged, one_header};

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
        let look = Look::at(app, &address)?;
        let by = match look.check(|| check(app, &asked)).await {
            Ok(by) => by,
            Err(NotShown::Bad(problem)) => return charged(app, &address, Err(problem)),
            Err(NotShown::Full(wait)) => {
                return Err(Problem::from(Kind::OVERLOADED).retry_after(wait.seconds));
            }
        };
        // From here on it is its issuer's, as what it signs is.
        app.limits.signed(&by)?;
        certified(app, &by).map(Self)
    }
}

/// Whose token, by any key that is valid now, is shown for exactly this; `None` where none is that
/// is good. Whoever shows it is counted by the caller.
///
/// # Errors
/// [`Wait`] when there is no room to remember that it was used.
pub fn shown(app: &App, asked: &Asked) -> Result<Option<SignedBy>, Wait> {
    match check(app, asked) {
        Ok(by) => Ok(Some(by)),
        Err(NotShown::Bad(_)) => Ok(None),
        Err(NotShown::Full(wait)) => Err(wait),
    }
}

/// Why nobody is shown by a token.
enum NotShown {
    /// It is not one that is good for exactly this.
    Bad(Problem),
    /// It is, and its issuer has used as many as are remembered.
    Full(Wait),
}

impl From<Problem> for NotShown {
    fn from(problem: Problem) -> Self {
        Self::Bad(problem)
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
fn check(app: &App, asked: &Asked) -> Result<SignedBy, NotShown> {
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
        Err(UseRefused::Before) => {
            let expected = "an identifier not used before";
            Err(unauthorised("jti", expected, "one used before").into())
        }
        Err(UseRefused::Full) => Err(NotShown::Full(Wait { seconds: 10 })),
    }
}

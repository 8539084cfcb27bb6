//! What a sender, and the networks around it, may ask in a minute: each route has a rate, by whom
//! nobody signs for it or by who does.

use akashi_api::metrics::Route;
use akashi_api::problem::{Kind, Problem};
use akashi_desk::doors::Door;
use akashi_desk::rate_limit::Limits;

/// By what a request is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Pages, by address.
    Pages,
    /// Those, and forms that cost an SMS or guess at a secret.
    SignIn,
    /// What is read from the tiles of the public log, by address.
    Log,
    /// What is the same for everybody, by address.
    Open,
    /// Whether the server is well, by address alone.
    Health,
    /// By who signs, or by the SMS gateway, where its handler has seen a signature or a token; by
    /// address what shows neither.
    Signer,
}

impl Rate {
    /// Of a route, by its door and the path that was asked for.
    pub fn of(route: Route, door: Option<Door>, path: &str) -> Self {
        match route {
            // Read from the same tiles as the public log, by anybody.
            Route::Api(_) if path.starts_with("/v1/proofs/") => Self::Log,
            Route::Api(_) if ["/v1/policy", "/v1/openapi.json"].contains(&path) => Self::Open,
            Route::Api(_) => Self::Signer,
            Route::Log => Self::Log,
            Route::Health => Self::Health,
            Route::Static => Self::Open,
            Route::SmsInbound | Route::SmsReports => Self::Signer,
            Route::Page | Route::None if door == Some(Door::SignIn) => Self::SignIn,
            Route::Page | Route::None => Self::Pages,
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// `too-many-requests`.
    pub fn take(self, limits: &Limits, sender: &[u8]) -> Result<(), Problem> {
        let taken = match self {
            Self::Pages => limits.pages.take(sender),
            Self::SignIn => {
                let page = limits.pages.take(sender);
                page.and_then(|()| limits.sign_in.take(sender))
            }
            Self::Log => limits.log.take(sender),
            Self::Open => limits.open.take(sender),
            Self::Health => limits.health.take(sender),
            Self::Signer => Ok(()),
        };
        taken.map_err(|wait| match self {
            // As the page says: after a minute the whole rate is there again.
            Self::Pages | Self::SignIn => Problem::from(Kind::TOO_MANY_REQUESTS).retry_after(60),
            Self::Log | Self::Open | Self::Health | Self::Signer => wait.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use akashi_api::openapi::ROUTES;

    use super::*;

    #[test]
    fn only_what_is_signed_is_counted_by_who_signs() {
        for route in ROUTES {
            let rate = Rate::of(Route::of(Some(route.path)), None, route.path);
            let is_statement = route
                .body
                .as_ref()
                .is_some_and(|body| body.claims.is_some());
            let is_signed = is_statement || route.token == Some("signed");
            // Counted in its handler, as what nobody signed.
            let is_checked = route.path == "/v1/evidence/verify";
            let is_gateways = route.path.starts_with("/sms/");
            let by_handler = is_signed || is_checked || is_gateways;
            assert_eq!(rate == Rate::Signer, by_handler, "{}", route.path);
        }
    }
}

//! `POST /sms/inbound`: the SMS gateway hands over a reply.

use akashi_desk::app::SharedApp;
use akashi_notifier::Phone;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::body::read;
use crate::problem::{Kind, Problem};
use crate::statement::one_header;

/// Longest body: an SMS of ten parts has 1,530 characters.
const BODY_LEN_MAX: usize = 8 * 1024;

/// A reply as the gateway sends it. Gateways tell more than this, each something else: what is not
/// asked for is not looked at.
#[derive(Deserialize)]
struct Reply {
    from: String,
    text: String,
}

/// What the gateway shows: the token behind `Bearer`, in whatever case ([RFC 9110, section 11.1]).
///
/// [RFC 9110, section 11.1]: https://www.rfc-editor.org/rfc/rfc9110#section-11.1
fn token(line: &str) -> Option<&str> {
    let (scheme, token) = line.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

/// Takes a reply. The answer is the same whatever the reply meant, and whoever sent it: the gateway
/// has delivered it, and one that is refused for long is switched off by some.
///
/// # Errors
/// A [`Problem`] where it is not the gateway, or not a reply.
pub async fn inbound(
    State(app): State<SharedApp>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let shown = one_header(&headers, "authorization")?.and_then(token);
    match app.is_gateway(shown.unwrap_or_default()) {
        None => return Err(Kind::NOT_FOUND.into()),
        Some(false) => return Err(Kind::UNAUTHORISED.into()),
        Some(true) => {}
    }
    let body = read(&headers, body, "application/json", BODY_LEN_MAX).await?;
    let expected = "an object with the texts `from` and `text`";
    let reply: Reply = serde_json::from_slice(&body).map_err(|_| {
        Problem::from(Kind::BAD_MEMBER).in_field("body", expected, "something else")
    })?;
    // A name, a short code, a number abroad, nothing at all: none of those has a number here.
    let Ok(from) = Phone::parse(&reply.from) else {
        tracing::info!("an SMS from no Japanese mobile number was dropped");
        return Ok(StatusCode::ACCEPTED);
    };
    if let Err(error) = app.notifier.inbound_sms(&from, &reply.text).await {
        tracing::warn!(%error, "a reply by SMS could not be taken");
        return Err(Problem::from(Kind::BUSY).retry_after(5));
    }
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_gateways_write_it() {
        for from in [
            "+819012345678",
            "819012345678",
            "00819012345678",
            "09012345678",
            " 090-1234-5678 ",
        ] {
            let read = Phone::parse(from).unwrap();
            assert_eq!(read.as_e164(), "+819012345678", "{from}");
        }
        for from in ["", "AKASHI", "12345", "+12025550123", "0012025550123", "81"] {
            assert!(Phone::parse(from).is_err(), "{from}");
        }
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        for line in ["Bearer abc", "bearer abc", "BEARER  abc", " Bearer abc"] {
            assert_eq!(token(line), Some("abc"), "{line}");
        }
        for line in ["", "abc", "Basic abc", "Bearer"] {
            assert_eq!(token(line), None, "{line}");
        }
    }
}

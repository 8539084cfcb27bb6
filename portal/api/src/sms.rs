//! `POST /sms/inbound`: the SMS gateway hands over a reply.

use akashi_desk::app::SharedApp;
use akashi_notifier::Phone;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::problem::{Kind, Problem};
use crate::statement::{one_header, read};

/// Longest body: an SMS of ten parts has 1,530 characters.
const BODY_LEN_MAX: usize = 8 * 1024;

/// A reply as the gateway sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    from: String,
    text: String,
}

/// Takes a reply. The answer is the same whatever the reply meant: the gateway has delivered it.
///
/// # Errors
/// A [`Problem`] where it is not the gateway, or not a reply.
pub async fn inbound(
    State(app): State<SharedApp>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let shown = one_header(&headers, "authorization")?;
    let shown = shown.and_then(|line| line.strip_prefix("Bearer "));
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
    let from = Phone::parse(&reply.from).map_err(|_| {
        Problem::from(Kind::BAD_MEMBER).in_field(
            "from",
            "a phone number in E.164",
            "something else",
        )
    })?;
    if let Err(error) = app.notifier.inbound_sms(&from, &reply.text).await {
        tracing::warn!(%error, "a reply by SMS could not be taken");
        return Err(Problem::from(Kind::BUSY).retry_after(5));
    }
    Ok(StatusCode::ACCEPTED)
}

//! What the SMS gateway posts: replies (`POST /sms/inbound`) and what became of messages it took
//! (`POST /sms/reports`). How gateways spell them: `akashi_notifier::Posted`.

use std::fmt::Display;

use akashi_desk::app::{App, SharedApp};
use akashi_desk::limits::BODY_LEN_MAX;
use akashi_notifier::{Phone, Posted, Report, Writing};
use akashi_tlog::base64;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::body::read;
use crate::client::Client;
use crate::problem::{Kind, Problem};
use crate::statement::{charged, one_header};

/// What the gateway shows: the token behind `Bearer`, in whatever case ([RFC 9110, section 11.1]),
/// or as the password of `Basic` ([RFC 7617]) for gateways that know nothing else.
///
/// [RFC 9110, section 11.1]: https://www.rfc-editor.org/rfc/rfc9110#section-11.1
/// [RFC 7617]: https://www.rfc-editor.org/rfc/rfc7617
fn token(line: &str) -> Option<String> {
    let (scheme, shown) = line.trim().split_once(' ')?;
    let shown = shown.trim_start();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(shown.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(base64::standard::decode(shown).ok()?).ok()?;
    pair.split_once(':')
        .map(|(_, password)| password.to_owned())
}

/// Lets nobody in but the gateway. Everybody else is charged at his address; what is owed there, or
/// around it, is not asked of the gateway: its neighbours keep no refusal out.
fn gateway_only(app: &App, client: Client, headers: &HeaderMap) -> Result<(), Problem> {
    let is_gateway = || {
        let shown = one_header(headers, "authorization")?.and_then(token);
        match app.is_gateway(&shown.unwrap_or_default()) {
            None => Err(Kind::NOT_FOUND.into()),
            Some(false) => Err(Kind::UNAUTHORISED.into()),
            Some(true) => Ok(()),
        }
    };
    charged(app, &client.bucket(), is_gateway())
}

/// What the gateway posted, as a form or as JSON.
async fn posted(headers: &HeaderMap, body: Body) -> Result<Vec<Posted>, Problem> {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    let given = one_header(headers, "content-type")?.unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let (writing, media_type) = if essence.eq_ignore_ascii_case(FORM) {
        (Writing::Form, FORM)
    } else {
        (Writing::Json, JSON)
    };
    let body = read(headers, body, media_type, BODY_LEN_MAX).await?;
    Posted::read(writing, &body).ok_or_else(|| wrong("an object or a form"))
}

fn wrong(expected: &str) -> Problem {
    Problem::from(Kind::BAD_MEMBER).in_field("body", expected, "something else")
}

/// Takes replies. The answer is the same whatever a reply meant, and whoever sent it: the gateway
/// has delivered it, and one that is refused for long is switched off by some. What has no text in
/// it, as a picture, keeps none of the replies beside it out.
///
/// # Errors
/// A [`Problem`] where it is not the gateway, or no reply.
pub async fn inbound(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    gateway_only(&app, client, &headers)?;
    app.limits.replies()?;
    let posted = posted(&headers, body).await?;
    let reply = |posted: &Posted| Some((posted.sender()?.to_owned(), posted.text()?.to_owned()));
    let replies: Vec<_> = posted.iter().filter_map(reply).collect();
    if replies.is_empty() {
        return Err(wrong("the texts `from` and `text`"));
    }
    let mut left = Left::default();
    for (from, text) in replies {
        // A name, a short code, a number abroad, nothing at all: none of those has a number here.
        let Ok(from) = Phone::parse(&from) else {
            tracing::info!("an SMS from no Japanese mobile number was dropped");
            continue;
        };
        let taken = app.notifier.inbound_sms(&from, &text).await;
        left.unless("a reply by SMS", taken);
    }
    left.answer()
}

/// Takes delivery reports. The answer is the same whatever they say and whether or not a message of
/// ours has such a name: nobody learns here what was sent.
///
/// # Errors
/// A [`Problem`] where it is not the gateway, or no report.
pub async fn reports(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    gateway_only(&app, client, &headers)?;
    app.limits.reports()?;
    let posted = posted(&headers, body).await?;
    let reports: Vec<Report> = posted.iter().filter_map(Posted::report).collect();
    if reports.is_empty() {
        return Err(wrong("the name of a message and its `status`"));
    }
    let mut left = Left::default();
    for report in reports {
        let taken = app.notifier.sms_reported(&report).await;
        left.unless("a delivery report", taken);
    }
    left.answer()
}

/// What could not be taken of a request that brings many: one that cannot be, now or ever, keeps
/// none behind it out. The gateway is told to send all of them again; what was taken is taken once.
#[derive(Default)]
struct Left(usize);

impl Left {
    fn unless<T, E: Display>(&mut self, what: &'static str, taken: Result<T, E>) {
        if let Err(error) = taken {
            tracing::warn!(%error, "{what} could not be taken");
            self.0 += 1;
        }
    }

    fn answer(self) -> Result<StatusCode, Problem> {
        if self.0 > 0 {
            return Err(Problem::from(Kind::BUSY).retry_after(5));
        }
        Ok(StatusCode::ACCEPTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_asked_for_again() {
        let mut left = Left::default();
        left.unless("one", Ok::<_, String>(()));
        left.unless("one", Err::<(), _>("never"));
        left.unless("one", Ok::<_, String>(()));
        let answered = left.answer().unwrap_err();
        assert_eq!(answered.kind().status, Kind::BUSY.status);
        assert_eq!(Left::default().answer().unwrap(), StatusCode::ACCEPTED);
    }

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
            assert_eq!(token(line).as_deref(), Some("abc"), "{line}");
        }
        // `:abc`, `akashi:abc`, `a:b:c`.
        for (line, shown) in [
            ("Basic OmFiYw==", "abc"),
            ("basic YWthc2hpOmFiYw==", "abc"),
            ("Basic YTpiOmM=", "b:c"),
        ] {
            assert_eq!(token(line).as_deref(), Some(shown), "{line}");
        }
        for line in ["", "abc", "Basic abc", "Basic YWJj", "Bearer", "Digest abc"] {
            assert_eq!(token(line), None, "{line}");
        }
    }
}

//! How what institutions sign arrives: read in full, of the right type and size, with what stands
//! beside it in headers. What it is worth is the desk's to say ([`akashi_desk::statement`]).

use akashi_desk::app::App;
use akashi_desk::statement::{self, Received, Sender};
use akashi_proof::digest::Secret;
use akashi_proof::jws::{Jws, STATEMENT_LEN_MAX};
use akashi_proof::statement::Claims;
use akashi_proof::statement::header::MEDIA_TYPE;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Uri, header};

use crate::bearer;
use crate::client::Client;
use crate::problem::{Kind, Problem};

/// Receives one statement of an institution, with what was read beside it.
///
/// # Errors
/// A [`Problem`]; nothing is recorded but what comes late. A body that is no statement is named
/// before whatever is wrong beside it.
pub async fn receive<C: Claims + Clone, T>(
    app: &App,
    posted: Posted<'_>,
    body: Body,
    beside: Result<T, Problem>,
) -> Result<(Received<C>, T), Problem> {
    let Posted {
        client,
        uri,
        headers,
    } = posted;
    let address = client.bucket();
    let shows_token_of = |signer: &_| bearer::is_of(app, headers, "POST", uri, signer);
    let sender = Sender {
        address: &address,
        shows_token_of: &shows_token_of,
    };
    sender.may_send(app)?;
    let body = read(headers, body, MEDIA_TYPE, STATEMENT_LEN_MAX).await?;
    Jws::parse(&body).map_err(|fault| sender.at_fault(app, fault))?;
    let beside = posted.beside(app, beside)?;
    let received = statement::receive(app, sender, &body).await?;
    Ok((received, beside))
}

/// What a statement is posted with.
#[derive(Clone, Copy)]
pub struct Posted<'a> {
    /// Who asks.
    pub client: Client,
    /// The resource, which a token is bound to.
    pub uri: &'a Uri,
    /// The headers.
    pub headers: &'a HeaderMap,
}

impl Posted<'_> {
    /// What is handed over beside a statement, looked at before whose it is: what is wrong there
    /// was not signed, so it is counted against whoever sent it.
    ///
    /// # Errors
    /// A [`Problem`].
    pub fn beside<T>(self, app: &App, given: Result<T, Problem>) -> Result<T, Problem> {
        let address = self.client.bucket();
        app.limits.unsigned.check(&address)?;
        given.inspect_err(|_| {
            let _ = app.limits.unsigned.take(&address);
        })
    }
}

/// Reads a body of one media type and at most `most` bytes.
///
/// # Errors
/// A [`Problem`] of the media type, the size, or a connection that broke.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    media_type: &str,
    most: usize,
) -> Result<Bytes, Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(media_type) {
        let found = if essence.is_empty() {
            "none"
        } else {
            "another"
        };
        return Err(Problem::from(Kind::MEDIA_TYPE).in_field(
            "content-type",
            format!("`{media_type}`"),
            found,
        ));
    }
    let too_large = |found: String| {
        Problem::from(Kind::TOO_LARGE).in_field("body", format!("at most {most} bytes"), found)
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(announced) = announced.filter(|announced| *announced > most) {
        return Err(too_large(format!("{announced} bytes")));
    }
    to_bytes(body, most).await.map_err(|error| {
        let limit = std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("length limit"));
        if limit {
            too_large("more".to_owned())
        } else {
            Problem::from(Kind::BAD_REQUEST)
        }
    })
}

/// 32 secret bytes handed over in a header beside the statement; `None` where the header is
/// missing.
///
/// # Errors
/// A [`Problem`] that names the header; nothing is recorded, because the header is no part of what
/// was signed.
pub fn secret_header(headers: &HeaderMap, name: &'static str) -> Result<Option<Secret>, Problem> {
    let Some(value) = one_header(headers, name)? else {
        return Ok(None);
    };
    let secret = akashi_tlog::base64::url::decode(value)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bad = || {
        Problem::from(Kind::BAD_MEMBER).in_field(
            name,
            "32 bytes: 43 characters of base64url",
            "another text",
        )
    };
    secret
        .map(|secret| Some(Secret::from_bytes(secret)))
        .ok_or_else(bad)
}

/// The text of a header that stands there at most once.
///
/// # Errors
/// A [`Problem`] when it stands there twice or is not text.
pub fn one_header<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let bad = |found: &str| {
        Problem::from(Kind::BAD_MEMBER).in_field(name, "one header of ASCII characters", found)
    };
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| bad("other bytes")),
        _ => Err(bad("more than one")),
    }
}

/// The problem of a header that must be there and is not.
pub fn missing_header(name: &'static str, expected: &str) -> Problem {
    Problem::from(Kind::MISSING_MEMBER).in_field(name, expected, "nothing")
}

//! How a signed statement is received: read in full, taken apart, its key looked up, its signature
//! checked. Only then is anything in it believed, and only from then on is a fault in it recorded.

use akashi_desk::app::App;
use akashi_desk::reading::Work;
use akashi_ledger::command::RefuseStatement;
use akashi_ledger::{Appended, LedgerError};
use akashi_proof::digest::Secret;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{InstitutionId, LeafIndex};
use akashi_proof::jws::{Jws, STATEMENT_LEN_MAX};
use akashi_proof::state::{Unread, Verified};
use akashi_proof::statement::Claims;
use akashi_proof::statement::header::MEDIA_TYPE;
use akashi_tlog::tlog_proof::TlogProof;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, header};

use crate::client::Client;
use crate::problem::{Kind, Problem};

/// A statement a registered institution signed. Whether it is a good one is looked at when the rest
/// of the request is known to be.
pub struct Received<C>(Result<Verified<C>, Box<(Verified<Unread>, Fault)>>);

impl<C> Received<C> {
    /// The statement, its issuer being the institution whose key signed it.
    ///
    /// # Errors
    /// The [`Problem`] of a statement that was refused, which is recorded.
    pub async fn verified(self, app: &App) -> Result<Verified<C>, Problem> {
        match self.0 {
            Ok(statement) => Ok(statement),
            Err(bad) => {
                let (statement, fault) = *bad;
                Err(refuse(app, statement, fault).await)
            }
        }
    }
}

/// Receives one statement of an institution.
///
/// # Errors
/// A [`Problem`]; nothing is recorded.
pub async fn receive<C: Claims>(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    body: Body,
) -> Result<Received<C>, Problem> {
    app.limits
        .unsigned
        .check(&client.bucket())
        .map_err(too_many)?;
    let body = read(headers, body, MEDIA_TYPE, STATEMENT_LEN_MAX).await?;
    let (received, by) = verify(app, &body).inspect_err(|_| {
        // Counted only when it turns out bad: an institution's own rate is another limit.
        let _ = app.limits.unsigned.take(&client.bucket());
    })?;
    app.limits
        .statements
        .take(by.as_str().as_bytes())
        .map_err(|wait| {
            app.throttled.count(&by, app.clock.wall());
            too_many(wait)
        })?;
    Ok(received)
}

/// The statement, and the institution that signed it. The fault of one nobody signed is nobody's:
/// there is no stream to record it in.
fn verify<C: Claims>(app: &App, body: &[u8]) -> Result<(Received<C>, InstitutionId), Fault> {
    let registry = app.registry();
    match registry.verify(Jws::parse(body)?) {
        Ok(statement) => {
            let by = statement.by().id().clone();
            Ok((Received(Ok(statement)), by))
        }
        Err(why) => match why.into_parts() {
            (fault, None) => Err(fault),
            (fault, Some(statement)) => {
                let by = statement.by().id().clone();
                Ok((Received(Err(Box::new((statement, fault)))), by))
            }
        },
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

/// The problem of a sender that asks too much.
pub fn too_many(wait: akashi_desk::rate_limit::Wait) -> Problem {
    Problem::from(Kind::TOO_MANY_REQUESTS).retry_after(wait.seconds)
}

/// Refuses the statement and records the refusal in the stream of the institution that signed it.
pub async fn refuse(app: &App, statement: Verified<Unread>, fault: Fault) -> Problem {
    let command = RefuseStatement {
        statement,
        fault: fault.clone(),
    };
    match app.submit(command).await {
        Ok(done) => refused(app, fault, done.receipt),
        Err(refusal) => refusal.into(),
    }
}

/// The problem of a refusal that stands in the log.
pub fn refused(app: &App, fault: Fault, index: LeafIndex) -> Problem {
    app.figures.count_refusal();
    Problem::from(fault).recorded(index)
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

/// The proof of what was just appended, or, of a retry, the same bytes made again.
///
/// # Errors
/// A [`Problem`] when something cannot be read.
pub async fn first_proof(
    app: &App,
    appended: &[Appended],
    index: LeafIndex,
) -> Result<TlogProof, Problem> {
    if let Some(appended) = appended.iter().find(|a| a.stored.index == index) {
        return Ok(proof_of(appended)?);
    }
    let again = app.read(Work::Institutions, move |reader| {
        let stored = reader.record(index)?.ok_or_else(|| no_such_record(index))?;
        reader.first_proof(index, stored.entry())
    });
    Ok(again.await??)
}

/// The fault of a log that says it holds a record and does not.
pub fn no_such_record(index: LeafIndex) -> LedgerError {
    LedgerError::Corrupt {
        index,
        what: "there is no such record".into(),
    }
}

/// The proof of a record that was just appended.
///
/// # Errors
/// [`LedgerError`] when it makes no proof in the right form.
pub fn proof_of(appended: &Appended) -> Result<TlogProof, LedgerError> {
    let entry = appended.stored.entry.to_bytes();
    akashi_ledger::reader::tlog_proof(
        &entry,
        appended.path.clone(),
        appended.note.as_ref().clone(),
    )
}

//! How what institutions sign arrives: read in full, of the right type and size, with what stands
//! beside it in headers. What it is worth is the desk's to say ([`akashi_desk::statement`]).
//!
//! Handlers take a [`Posted`], acts an [`Arrived`]: one place decides in which order a request is
//! looked at, and who pays for what is wrong. Until a key is known to have signed it, its sender
//! does: a wrong media type, a body too long and a bad header are charged as a bad signature is.

use akashi_desk::app::{App, SharedApp};
use akashi_desk::rate_limit::Wait;
use akashi_desk::statement::{self, Sender};
use akashi_proof::digest::Secret;
use akashi_proof::jws::{Jws, STATEMENT_LEN_MAX};
use akashi_proof::state::{SignedBy, Verified};
use akashi_proof::statement::header::{EVIDENCE_KEY, LINK_KEY, MEDIA_TYPE, REQUEST_NONCE};
use akashi_proof::statement::{Claims, RequestNonce};
use akashi_tlog::base64;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;

use crate::bearer;
use crate::body;
use crate::problem::{Kind, Problem};
use crate::request::Asked;

/// One statement of an institution, and what was handed over beside it in a header.
///
/// As an extractor it refuses with a [`Problem`]; a body that is no statement is named before
/// whatever is wrong beside it. Nothing is recorded but what a registered key signed.
pub struct Posted<C, B = ()> {
    /// What was signed, its issuer being the institution whose key signed it.
    pub statement: Verified<C>,
    /// What was handed over beside it.
    pub beside: B,
}

impl<C: Claims + Clone + Send + Sync, B: Beside> FromRequest<SharedApp> for Posted<C, B> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, Problem> {
        let arrived = Arrived::of(request, app, STATEMENT_LEN_MAX).await?;
        let token_of = arrived.token_of(app);
        let sender = Sender {
            address: &arrived.address,
            token_of: &token_of,
        };
        Jws::parse(&arrived.body).map_err(|fault| sender.at_fault(app, fault))?;
        let beside = arrived.beside(app)?;
        let received = statement::receive(app, sender, &arrived.body).await?;
        let statement = received.verified(app).await?;
        Ok(Self { statement, beside })
    }
}

/// A request that carries statements, all of it here, of the right type and size.
pub struct Arrived {
    asked: Asked,
    /// Who sends it, as it counts.
    pub address: Vec<u8>,
    /// The body.
    pub body: Bytes,
}

impl Arrived {
    /// Reads it, at most so many bytes of a body.
    ///
    /// # Errors
    /// A [`Problem`], charged to whoever sent it.
    pub async fn of(request: Request, app: &App, most: usize) -> Result<Self, Problem> {
        let (asked, body) = Asked::take_apart(request)?;
        let address = asked.client.bucket();
        let body = body::read(&asked.headers, body, MEDIA_TYPE, most).await;
        let body = charged(app, &address, body)?;
        Ok(Self {
            asked,
            address,
            body,
        })
    }

    /// What is handed over beside a statement, looked at before whose it is: what is wrong there
    /// was not signed, so it is charged to whoever sent it.
    ///
    /// # Errors
    /// A [`Problem`] that names the header.
    pub fn beside<B: Beside>(&self, app: &App) -> Result<B, Problem> {
        charged(app, &self.address, B::read(&self.asked.headers))
    }

    /// Whose token is shown for exactly this request.
    pub fn token_of<'a>(
        &'a self,
        app: &'a App,
    ) -> impl Fn() -> Result<Option<SignedBy>, Wait> + Sync + 'a {
        move || bearer::shown(app, &self.asked)
    }
}

/// Charges what is wrong to whoever sent it: told what it is while it may be wrong, and above that
/// to wait.
pub(crate) fn charged<T>(
    app: &App,
    address: &[u8],
    given: Result<T, Problem>,
) -> Result<T, Problem> {
    given.map_err(|problem| match app.limits.unsigned.take(address) {
        Ok(()) => problem,
        Err(wait) => wait.into(),
    })
}

/// What stands beside a statement, in a header.
pub trait Beside: Sized + Send {
    /// Reads it.
    ///
    /// # Errors
    /// A [`Problem`] that names the header; nothing is recorded, because the header is no part of
    /// what was signed.
    fn read(headers: &HeaderMap) -> Result<Self, Problem>;
}

/// Nothing is handed over.
impl Beside for () {
    fn read(_: &HeaderMap) -> Result<Self, Problem> {
        Ok(())
    }
}

impl Beside for RequestNonce {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        required(headers, REQUEST_NONCE).map(Self::from_bytes)
    }
}

/// The link key L of a link that is asked for.
pub struct LinkKey(pub Secret);

impl Beside for LinkKey {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        required(headers, LINK_KEY).map(|bytes| Self(Secret::from_bytes(bytes)))
    }
}

/// An evidence key, where the act registers one.
pub struct EvidenceKey(pub Option<Secret>);

impl Beside for EvidenceKey {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let bytes = optional(headers, EVIDENCE_KEY)?;
        Ok(Self(bytes.map(Secret::from_bytes)))
    }
}

/// So many bytes that a header must hold.
fn required<const N: usize>(headers: &HeaderMap, name: &'static str) -> Result<[u8; N], Problem> {
    optional(headers, name)?.ok_or_else(|| {
        Problem::from(Kind::MISSING_MEMBER).in_field(name, in_base64url::<N>(), "nothing")
    })
}

/// So many bytes that a header holds where it is there.
fn optional<const N: usize>(
    headers: &HeaderMap,
    name: &'static str,
) -> Result<Option<[u8; N]>, Problem> {
    let Some(value) = one_header(headers, name)? else {
        return Ok(None);
    };
    let bytes = base64::url::decode(value).ok();
    let bytes = bytes.and_then(|bytes| <[u8; N]>::try_from(bytes).ok());
    let bad = || {
        let found = format!("another text, {} characters long", value.len());
        Problem::from(Kind::BAD_MEMBER).in_field(name, in_base64url::<N>(), found)
    };
    bytes.map(Some).ok_or_else(bad)
}

fn in_base64url<const N: usize>() -> String {
    let characters = (N * 8).div_ceil(6);
    format!("{N} bytes: {characters} characters of base64url, without padding")
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

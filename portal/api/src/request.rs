//! What a request is beside its body, as signatures and rates look at it.

use std::convert::Infallible;

use akashi_desk::app::SharedApp;
use axum::body::Body;
use axum::extract::{FromRequestParts, OriginalUri, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};

use crate::client::Client;
use crate::problem::{Kind, Problem};

/// Who asks for what.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asks.
    pub client: Client,
    /// The method, which a token is bound to.
    pub method: Method,
    /// The resource, as it was asked for; a token is bound to it, too.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
}

impl Asked {
    /// A request without its body, and its body.
    ///
    /// # Errors
    /// A [`Problem`], `internal`, where no envelope has said who asks.
    pub fn take_apart(request: Request) -> Result<(Self, Body), Problem> {
        let (parts, body) = request.into_parts();
        Ok((Self::of(parts)?, body))
    }

    fn of(parts: Parts) -> Result<Self, Problem> {
        let Parts {
            method,
            uri,
            headers,
            extensions,
            ..
        } = parts;
        let client = extensions.get::<Client>().copied();
        let original = extensions.get::<OriginalUri>();
        Ok(Self {
            client: client.ok_or(Kind::INTERNAL)?,
            method,
            uri: original.map_or(uri, |original| original.0.clone()),
            headers,
        })
    }
}

impl FromRequestParts<SharedApp> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &SharedApp) -> Result<Self, Problem> {
        Self::of(parts.clone())
    }
}

/// The one piece of the path that a route leaves open, spelt as it is; empty where it is no text,
/// or encoded though it need not be. What cannot be one is as little there as what is not.
pub struct Piece(pub String);

impl FromRequestParts<SharedApp> for Piece {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Infallible> {
        let piece = Path::<String>::from_request_parts(parts, app).await;
        let piece = piece.ok().map(|Path(piece)| piece);
        let is_spelt_so = |piece: &String| parts.uri.path().split('/').any(|part| part == piece);
        Ok(Self(piece.filter(is_spelt_so).unwrap_or_default()))
    }
}

/// A [`Piece`] of a public resource, which caches keep: it has one spelling, and none with a query.
pub struct OnlyPiece(pub String);

impl FromRequestParts<SharedApp> for OnlyPiece {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Infallible> {
        let Piece(piece) = Piece::from_request_parts(parts, app).await?;
        let is_only = parts.uri.query().is_none();
        Ok(Self(if is_only { piece } else { String::new() }))
    }
}

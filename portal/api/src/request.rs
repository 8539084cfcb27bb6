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

/// The one piece of the path that a route leaves open; empty where it is no text. What cannot be
/// one is as little there as what is not.
pub struct Piece(pub String);

impl FromRequestParts<SharedApp> for Piece {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Infallible> {
        let piece = Path::<String>::from_request_parts(parts, app).await;
        Ok(Self(
            piece.map_or_else(|_| String::new(), |Path(piece)| piece),
        ))
    }
}

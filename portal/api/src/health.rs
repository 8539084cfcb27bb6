//! Whether the server lives, whether it can write, and its figures.

use std::sync::Arc;

use akashi_desk::app::SharedApp;
use akashi_ledger::error::Stop;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::client::Client;
use crate::json::json;
use crate::metrics::{self, Requests};
use crate::problem::{Kind, Problem};

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Whether every command is taken. Reading goes on either way. Words only: how much waits says when
/// a record was made, before it is published; figures are for those who may read [`figures`].
pub async fn ready(State(app): State<SharedApp>) -> Response {
    #[derive(serde::Serialize)]
    struct Readiness {
        ready: bool,
        writer: &'static str,
        key_maker: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        clock: Option<String>,
    }
    let state = |runs| if runs { "running" } else { "stopped" };
    let stopped = app.stopped();
    let (writes, makes_keys) = (stopped.is_none(), app.makes_keys());
    // Of a disk or a store nothing is said to everybody; the last record of a ledger that stands
    // still is published.
    let clock = match stopped.as_deref() {
        Some(Stop::Clock(why)) => Some(format!("{why}: {}", why.remedy())),
        Some(
            Stop::Commit(_)
            | Stop::Reload(_)
            | Stop::Keys(_)
            | Stop::HalfDone(_)
            | Stop::Miscounted(_)
            | Stop::Fallen,
        )
        | None => None,
    };
    let readiness = Readiness {
        ready: writes && makes_keys,
        writer: state(writes),
        key_maker: state(makes_keys),
        clock,
    };
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, json(&readiness)).into_response()
}

/// Figures for Prometheus, to this machine only: how much happens when is nobody else's business.
///
/// # Errors
/// `not-found` for everybody else.
pub async fn figures(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    Extension(requests): Extension<Arc<Requests>>,
) -> Result<Response, Problem> {
    if !client.is_local() {
        return Err(Kind::NOT_FOUND.into());
    }
    Ok(figures_for_all(State(app), Extension(requests)).await)
}

/// The same for whoever asks: for a socket that only those reach who may.
pub async fn figures_for_all(
    State(app): State<SharedApp>,
    Extension(requests): Extension<Arc<Requests>>,
) -> Response {
    let kind = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    ([kind], metrics::text(&app, &requests)).into_response()
}

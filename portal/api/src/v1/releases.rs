//! `POST /v1/releases`: a holder reports, before the data leaves, that it releases on a piece of
//! evidence.

use akashi_desk::app::SharedApp;
use akashi_desk::release::{self, Reported};
use akashi_proof::record::kind::ReleaseReason;
use axum::Extension;
use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::client::Client;
use crate::json::json;
use crate::problem::{Kind, Problem};
use crate::statement::{self, Posted};

/// The answer: the data may leave.
#[derive(Serialize)]
struct Released {
    released: bool,
    index: u64,
    proof: String,
}

/// Spends the evidence of one permit.
///
/// # Errors
/// A [`Problem`]; `not-releasable` where the evidence was spent or is too old, which is recorded.
pub async fn report(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let posted = Posted {
        client,
        uri: &uri,
        headers: &headers,
    };
    let (received, ()) = statement::receive(&app, posted, body, Ok(())).await?;
    let statement = received.verified(&app).await?;
    match release::report(&app, statement).await? {
        Reported::Released { index, proof } => Ok(json(&Released {
            released: true,
            index: index.value(),
            proof: proof.to_string(),
        })),
        Reported::NotReleasable { index, reasons } => {
            let reasons: Vec<_> = reasons.into_iter().map(ReleaseReason::as_str).collect();
            let expected = "evidence that still opens something";
            let problem = Problem::from(Kind::NOT_RELEASABLE);
            let problem = problem.in_field("index", expected, reasons.join(", "));
            Err(problem.recorded(index))
        }
    }
}

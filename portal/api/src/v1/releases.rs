//! `POST /v1/releases`: a holder reports, before the data leaves, that it releases on a piece of
//! evidence.

use akashi_desk::app::SharedApp;
use akashi_ledger::command::{Release, ReleaseReceipt};
use akashi_proof::record::kind::ReleaseReason;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::client::Client;
use crate::problem::{Kind, Problem};
use crate::statement::{self, first_proof, refused};
use crate::v1::accesses::json;

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
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let received = statement::receive(&app, client, &headers, body).await?;
    let statement = received.verified(&app).await?;
    let done = app.submit(Release { statement }).await?;
    match done.receipt {
        ReleaseReceipt::Released { index } => {
            let proof = first_proof(&app, &done.appended, index).await?.to_string();
            Ok(json(&Released {
                released: true,
                index: index.value(),
                proof,
            }))
        }
        ReleaseReceipt::Spent { index, reasons } => {
            let problem = Problem::from(Kind::NOT_RELEASABLE);
            let reasons: Vec<_> = reasons.into_iter().map(ReleaseReason::as_str).collect();
            Err(problem
                .in_field(
                    "index",
                    "evidence that still opens something",
                    reasons.join(", "),
                )
                .recorded(index))
        }
        ReleaseReceipt::Refused { index, fault } => Err(refused(&app, fault, index)),
    }
}

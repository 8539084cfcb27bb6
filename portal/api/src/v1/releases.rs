//! `POST /v1/releases`: a holder reports, before the data leaves, that it releases on a piece of
//! evidence.

use akashi_desk::app::SharedApp;
use akashi_desk::release::{self, Reported};
use akashi_proof::record::kind::ReleaseReason;
use akashi_proof::statement::ReleaseClaims;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::json::json;
use crate::problem::{Kind, Problem};
use crate::statement::Posted;

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
    posted: Posted<ReleaseClaims>,
) -> Result<Response, Problem> {
    match release::report(&app, posted.statement).await? {
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

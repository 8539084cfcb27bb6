//! What machines ask: institutions (`/v1`), auditors (`/log`), the SMS gateway, whoever watches the
//! server.
//!
//! | file | URLs |
//! |---|---|
//! | `log.rs` | `/log/checkpoint`, `/log/vkey`, `/log/tile/...`, `/log/registry/<seq>` |
//! | `v1/accesses.rs` | `POST /v1/accesses`, `GET /v1/accesses/{id}` |
//! | `v1/{link_codes,link_ends,releases,acts}.rs` | `POST /v1/link-codes` and so on |
//! | `v1/gates.rs` | `GET /v1/links/{code}/gates` |
//! | `v1/{evidence,proofs,policy}.rs` | `/v1/evidence/verify`, `/v1/proofs/{index}`, `/v1/policy` |
//! | `openapi.rs` + `openapi/*` | `/v1/openapi.json` |
//! | `sms.rs` | `/sms/inbound`, `/sms/reports` |
//! | `health.rs`, `metrics.rs` | `/healthz`, `/readyz`, `/metrics` |
//! | `statement.rs`, `bearer.rs` | how a signed statement is received, a signed read checked |
//! | `request.rs`, `body.rs` | what both look at: who asks for what, and a body of one type |
//! | `problem.rs` | faults as [RFC 9457] problems: alone knows status codes of refusals |
//! | `client.rs`, `proxies.rs` | who asks, and which proxies are believed about it |
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::string_slice,
        clippy::unreachable,
        reason = "a test fails by panicking"
    )
)]

pub mod bearer;
pub mod body;
pub mod client;
pub mod health;
pub mod json;
pub mod log;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod proxies;
pub mod request;
pub mod sms;
pub mod statement;
pub mod v1;

use akashi_desk::app::SharedApp;
use axum::Router;
use axum::routing::{get, post};

use crate::v1::{accesses, acts, evidence, gates, link_codes, link_ends, policy, proofs, releases};

/// The API's routes: the same list as [`openapi::ROUTES`], which a test holds together with this
/// one.
pub fn routes() -> Router<SharedApp> {
    Router::new()
        .route("/log", get(log::index))
        .route("/log/checkpoint", get(log::checkpoint))
        .route("/log/vkey", get(log::vkey))
        .route("/log/tile/{*path}", get(log::tile))
        .route("/log/registry/{seq}", get(log::registry))
        .route("/v1/accesses", post(accesses::decide))
        .route("/v1/accesses/{id}", get(accesses::read))
        .route("/v1/links/{code}/gates", get(gates::read))
        .route("/v1/link-codes", post(link_codes::issue))
        .route("/v1/link-ends", post(link_ends::end))
        .route("/v1/releases", post(releases::report))
        .route("/v1/evidence/verify", post(evidence::verify))
        .route("/v1/proofs/{index}", get(proofs::published))
        .route("/v1/acts", post(acts::carry_out))
        .route("/v1/policy", get(policy::in_force))
        .route("/v1/openapi.json", get(openapi::document))
        .route("/sms/inbound", post(sms::inbound))
        .route("/sms/reports", post(sms::reports))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::figures))
}

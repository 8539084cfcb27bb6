//! What an institution, or a supervisor, needs to use a ledger from outside.
//!
//! Nothing here knows how a ledger works inside: it sees what institutions see, `akashi-proof` and
//! `akashi-tlog`. Time is handed in, and so is the way to the server ([`Transport`]).
//!
//! ```text
//! jwk          a private signing key as a file holds it (RFC 8037)
//! signatory    who signs: a name and its key
//! draw         keys, nonces and identifiers of the system's randomness
//! access       what an access asks, and the query it is asked for
//! institution  what an institution asks, as requests that are ready to be sent
//! request      method, path, headers, body: the bytes a retry sends again
//! client       sends, waits, sends the same again, reads the answer
//! answer       what a ledger answers: decisions, codes, problems (RFC 9457)
//! holder       what a holder checks before data leaves, and what it keeps
//! http         the way over HTTP
//! ```
//!
//! # How an institution uses it
//!
//! A request is signed once and sent until there is an answer. The ledger answers the same bytes
//! with the same bytes, however often they come; a new statement with the same words would be a
//! second question, and recorded as one. So keep the [`Request`], never the intention.
//!
//! ```no_run
//! use akashi_client::{
//!     Access, Client, Http, Institution, PrivateJwk, Query, Signatory, Stamp, draw,
//! };
//! use akashi_proof::ids::{InstitutionId, LinkCode, Timestamp};
//! use akashi_proof::record::kind::Outcome;
//! use akashi_proof::statement::RequestNonce;
//! use akashi_tlog::checkpoint::Origin;
//!
//! fn may_i(subject: &LinkCode, now: Timestamp) -> Result<String, Box<dyn std::error::Error>> {
//!     let jwk = PrivateJwk::parse(&std::fs::read("hospital.jwk")?)?;
//!     let signatory = Signatory::from_jwk(InstitutionId::parse("hospital.chuo")?, &jwk)?;
//!     let hospital = Institution::new(signatory, Origin::new("ledger.example.jp/log")?);
//!     let client = Client::new(Http::new("https://ledger.example.jp")?);
//!
//!     let asked = Access {
//!         subject: Some(subject.as_str()),
//!         role_holder: "physician-1",
//!         role: "physician",
//!         process: "care.consult",
//!         purpose: "treatment",
//!         holder: "pharmacy.midori",
//!         categories: &["medication"],
//!         ..Access::VIEW
//!     };
//!     let query = Query::get("/medication?days=90");
//!     let nonce = RequestNonce::from_bytes(draw()?);
//!     let request = hospital.access(Stamp::draw(now)?, &asked, &query, &nonce)?;
//!
//!     let answer = client.send(&request)?;
//!     match (answer.decision, answer.evidence) {
//!         // To be shown to the pharmacy with exactly this query, within minutes.
//!         (Outcome::Permit, Some(evidence)) => Ok(evidence),
//!         // Asked: `GET /v1/accesses/{id}` says later how it ended.
//!         (_, _) => Err(answer.reasons.join(", ").into()),
//!     }
//! }
//! ```
//!
//! The pharmacy has the evidence checked by [`Holder::admit`], which keeps the number it names in a
//! [`GateFolder`], reports with [`Institution::release`], and only then lets the data out. Where
//! many permits were never shown to it, it moves on with [`Institution::gates`] and
//! [`Holder::catch_up`].

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

mod access;
mod answer;
mod client;
mod draw;
mod granted;
mod holder;
mod http;
mod institution;
mod jwk;
mod request;
mod signatory;

pub use access::{Access, Query};
pub use answer::{
    Answer, Decision, File, Gates, Issued, NotProved, Problem, ReadAgain, Recorded, Resolution,
};
pub use client::{Client, ClientError, Response, Transport, TransportError};
pub use draw::{NoRandomness, draw};
pub use granted::NotGranted;
pub use holder::{
    FolderError, GateFolder, Holder, NotCaughtUp, NotPermitted, NotTaken, PRESENTED_MAX,
    PRESENTED_OF_ONE_MAX, Permit, TakenOnce,
};
pub use http::{ANSWER_LEN_MAX, Http, UrlError};
pub use institution::{Institution, Stamp};
pub use jwk::{NotAKey, PrivateJwk};
pub use request::{Message, Request};
pub use signatory::Signatory;

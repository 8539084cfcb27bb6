//! What a requester holds its evidence against: what it signed.
//!
//! The ledger could permit something else than was asked, or name a key of its own to present the
//! evidence with. The holder cannot tell: the statement is not in the evidence. Only who signed it
//! can.

use akashi_proof::evidence::{Evidence, EvidenceError};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::jws::Jws;
use akashi_proof::key::thumbprint;
use akashi_proof::statement::{AccessClaims, Claims};
use akashi_tlog::checkpoint::LogKeys;

use crate::answer::Decision;
use crate::request::Request;

/// Why the evidence of an answer is not that of what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGranted {
    /// It cannot be believed.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// It is of something else: the first field that differs.
    #[error(transparent)]
    Other(#[from] Fault),
}

impl Decision {
    /// The evidence in the answer to this request, checked: the log holds the permit, and it is of
    /// what was asked, for the key that was to present it. `None` where nothing was permitted.
    /// Reads only.
    ///
    /// # Errors
    /// [`NotGranted`]: the ledger permitted something else, or lies; the evidence is not to be
    /// used.
    pub fn granted(
        &self,
        asked: &Request<Self>,
        log: &LogKeys,
    ) -> Result<Option<Evidence>, NotGranted> {
        let Some(text) = &self.evidence else {
            return Ok(None);
        };
        let evidence = Evidence::parse(text.as_bytes())?;
        check(&evidence, asked.message().body(), log)?;
        Ok(Some(evidence))
    }
}

/// Compares each field that stands in both.
fn check(evidence: &Evidence, statement: &[u8], log: &LogKeys) -> Result<(), NotGranted> {
    let given = evidence.verify(log, &[])?;
    let jws = Jws::parse(statement)?;
    let asked = AccessClaims::read(&jws)?;
    let presenter = asked.presenter.as_ref().unwrap_or_else(|| jws.kid());
    let same = [
        (given.requester == asked.common.iss, "requester"),
        (given.role == asked.role, "role"),
        (given.process == asked.process, "process"),
        (given.purpose == asked.purpose, "purpose"),
        (given.holder == asked.holder, "holder"),
        (given.categories == asked.categories, "categories"),
        (given.access_mode == asked.mode, "access_mode"),
        (given.period == asked.period, "period"),
        (given.basis_kind == asked.basis.kind(), "basis_kind"),
        (
            given.request_digest == asked.request_digest,
            "request_digest",
        ),
        (thumbprint(&given.presenter) == *presenter, "presenter_key"),
    ];
    match same.into_iter().find(|(is_same, _)| !is_same) {
        None => Ok(()),
        Some((_, field)) => {
            let expected = "what the statement says";
            Err(Fault::new(FaultCode::Mismatch, field, expected, "another").into())
        }
    }
}

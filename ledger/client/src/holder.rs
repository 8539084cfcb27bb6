//! What a holder of data checks before any of it leaves: evidence, at this time, for this query, on
//! a link of its own.

use akashi_proof::digest::Secret;
use akashi_proof::evidence::{Evidence, EvidenceError, VerifiedEvidence};
use akashi_proof::ids::{GateNumber, InstitutionId, LinkCode, Timestamp};
use akashi_tlog::checkpoint::LogKeys;

use crate::access::Query;

/// A holder of data.
pub struct Holder {
    /// Which institution.
    pub id: InstitutionId,
    /// The keys of the log it believes.
    pub log: LogKeys,
    /// The evidence key it handed to the ledger.
    pub evidence_key: Secret,
}

/// What the holder knows of one of its links.
pub struct KnownLink {
    /// The link key L it drew.
    pub key: Secret,
    /// The highest number it has released on; none before the first.
    pub highest: Option<GateNumber>,
}

/// What may leave, and about whom. It may leave once the release is reported and its number kept;
/// categories, mode, period and duties bound what leaves and what may be done with it.
#[derive(Clone, Debug)]
pub struct Permit<'a> {
    /// What the evidence says.
    pub evidence: VerifiedEvidence<'a>,
    /// The holder's own code for the person.
    pub link_code: LinkCode,
    /// The number of the permit on that link: the highest from now on.
    pub gate_number: GateNumber,
}

/// Why nothing may leave.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPermitted {
    /// The evidence cannot be believed, or is not for this time, this query or this link.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// It is about another institution's data.
    #[error("expected a permit at `{expected}`, found one at `{found}`")]
    OtherHolder {
        /// The holder that checks.
        expected: InstitutionId,
        /// The holder it is for.
        found: InstitutionId,
    },
    /// The holder knows no person by the code in it.
    #[error("the link code is none the holder knows")]
    UnknownLink,
}

impl Holder {
    /// Checks the evidence a requester shows with this query. `link` finds what the holder knows
    /// of its own code; the gate it recomputes with that proves that the person can see this
    /// permit.
    ///
    /// # Errors
    /// [`NotPermitted`] with the first thing that is wrong.
    pub fn check<'a>(
        &self,
        evidence: &'a Evidence,
        query: &Query<'_>,
        now: Timestamp,
        link: impl FnOnce(&LinkCode) -> Option<KnownLink>,
    ) -> Result<Permit<'a>, NotPermitted> {
        let verified = evidence.verify(&self.log, &[])?;
        if verified.holder != self.id {
            return Err(NotPermitted::OtherHolder {
                expected: self.id.clone(),
                found: verified.holder,
            });
        }
        verified.check_time(now)?;
        let part = verified.unseal(&self.evidence_key)?;
        verified.check_request(&part, query.method, query.path, query.body)?;
        let known = link(&part.link_code).ok_or(NotPermitted::UnknownLink)?;
        verified.check_gate(&part, &known.key, known.highest)?;
        Ok(Permit {
            evidence: verified,
            link_code: part.link_code,
            gate_number: part.gate_number,
        })
    }
}

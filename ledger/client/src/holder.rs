//! What a holder of data checks before any of it leaves: evidence, at this time, for this query, on
//! a link of its own, under a number that was not released on; and what it keeps so that this stays
//! true.

mod folder;
mod presented;

use akashi_proof::digest::Secret;
use akashi_proof::evidence::{Evidence, EvidenceError, HolderPart, VerifiedEvidence};
use akashi_proof::fault::Fault;
use akashi_proof::gate::{CatchUp, CatchUpError, GateUse};
use akashi_proof::ids::{GateNumber, InstitutionId, LinkCode, Timestamp};
use akashi_proof::statement::Presentation;
use akashi_tlog::checkpoint::LogKeys;

pub use folder::{FolderError, GateFolder};
pub use presented::{NotTaken, PRESENTED_MAX, PRESENTED_OF_ONE_MAX, TakenOnce};

use crate::access::Query;

/// A holder of data.
pub struct Holder {
    /// Which institution.
    pub id: InstitutionId,
    /// The keys of the log it believes. Each is believed for the sizes it was given for, and one
    /// without sizes for every size: nothing here reads the registry. So as soon as a key has
    /// ended, it is written with its last size (`VKEY@-LAST`, [`LogKey`]) or taken out; until
    /// then whoever has stolen it makes evidence that opens this holder's data.
    ///
    /// [`LogKey`]: akashi_tlog::checkpoint::LogKey
    pub log: LogKeys,
    /// The evidence key it handed to the ledger.
    pub evidence_key: Secret,
    /// What it keeps.
    pub gates: GateFolder,
    /// What was shown to it, in memory.
    pub presented: TakenOnce,
}

/// What may leave, and about whom. Its number is kept already; it may leave once the release is
/// reported. Categories, mode, period and duties bound what leaves and what may be done with it.
#[derive(Clone, Debug)]
pub struct Permit<'a> {
    /// What the evidence says.
    pub evidence: VerifiedEvidence<'a>,
    /// The holder's own code for the person.
    pub link_code: LinkCode,
    /// The number of the permit on that link.
    pub gate_number: GateNumber,
    /// Whether it was admitted before: then the report that was made then is sent again, not a new
    /// one.
    pub gate_use: GateUse,
}

/// Why nothing may leave.
#[derive(Debug, thiserror::Error)]
pub enum NotPermitted {
    /// The evidence cannot be believed, or is not for this time, this query or this link, or its
    /// number cannot be released on. After
    /// [`GateRefused::TooFar`](akashi_proof::gate::GateRefused::TooFar) and
    /// [`GateRefused::NotCaughtUp`](akashi_proof::gate::GateRefused::NotCaughtUp) the holder
    /// catches up ([`Holder::catch_up`]) and checks it again.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Whoever shows it has not presented it: not by the key it names, not to this holder, or not
    /// now.
    #[error(transparent)]
    Presented(#[from] Fault),
    /// It was presented so before, or too many were, of this requester or of all.
    #[error(transparent)]
    Taken(#[from] NotTaken),
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
    /// What is kept cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Why a holder has not caught up. What it keeps is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NotCaughtUp {
    /// The gates do not show what they are to.
    #[error(transparent)]
    Gates(#[from] CatchUpError),
    /// What is kept cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl Holder {
    /// Checks the evidence a requester presents with this query, and keeps the number of its
    /// permit: durably, before this returns. `link_key` finds the key of the holder's own code; the
    /// gate it recomputes with that proves that the person can see this permit.
    ///
    /// # Errors
    /// [`NotPermitted`] with the first thing that is wrong.
    pub fn admit<'a>(
        &self,
        evidence: &'a Evidence,
        (query, presented): (&Query<'_>, &Presentation),
        now: Timestamp,
        link_key: impl FnOnce(&LinkCode) -> Option<Secret>,
    ) -> Result<Permit<'a>, NotPermitted> {
        let (evidence, part) = self.check(evidence, query, now)?;
        let key = link_key(&part.link_code).ok_or(NotPermitted::UnknownLink)?;
        let presented = presented.verify(&evidence.presentable())?;
        presented.check_fresh(now)?;
        self.presented.take(&presented, now)?;
        let permit = evidence.permit_gate(&part);
        let gate_use = self
            .gates
            .spend(&part.link_code, &permit, now, |kept, seen| {
                evidence.check_gate(&part, &key, (kept, seen), now)
            })??;
        Ok(Permit {
            evidence,
            link_code: part.link_code,
            gate_number: part.gate_number,
            gate_use,
        })
    }

    /// Everything but the gate. Reads only.
    fn check<'a>(
        &self,
        evidence: &'a Evidence,
        query: &Query<'_>,
        now: Timestamp,
    ) -> Result<(VerifiedEvidence<'a>, HolderPart), NotPermitted> {
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
        Ok((verified, part))
    }

    /// Moves on over permits that were never shown to it, by their gates in the log, as
    /// [`Institution::gates`](crate::Institution::gates) gets them; returns the highest number
    /// seen. Where that is less than what was to be reached, ask again from there.
    ///
    /// # Errors
    /// [`NotCaughtUp`].
    pub fn catch_up(
        &self,
        link: &LinkCode,
        link_key: &Secret,
        gates: &CatchUp,
    ) -> Result<Option<GateNumber>, NotCaughtUp> {
        Ok(self.gates.catch_up(link, link_key, &self.log, gates)??)
    }
}

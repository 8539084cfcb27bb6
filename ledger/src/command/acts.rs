//! Acts of supervisors on institutions, and of institutions on their own keys and roles.

use akashi_proof::digest::Secret;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::Jws;
use akashi_proof::key::evidence_key_digest;
use akashi_proof::record::StreamKind;
use akashi_proof::record::event::KeyUse;
use akashi_proof::state::{FoldError, Standing};
use akashi_proof::statement::Act;

use super::IssueLink;
use crate::error::Refusal;
use crate::keyring::KeyOf;
use crate::sequencer::{Command, Lane};
use crate::transaction::{ENGINE, Transaction};

/// Carries out one signed act.
pub struct CarryOut {
    /// The statements: of as many supervisors as must sign, or of the institution alone.
    pub statements: Vec<Jws>,
    /// The evidence key, where the act registers one: it is handed over beside the statement and never published.
    pub evidence_key: Option<Secret>,
    /// Whether it stops something, and goes first.
    pub urgent: bool,
}

impl Command for CarryOut {
    /// Log index of the record.
    type Receipt = u64;

    fn lane(&self) -> Lane {
        if self.urgent { Lane::Urgent } else { Lane::Regular }
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<u64, Refusal> {
        let registry = tx.registry();
        let (claims, event) = registry.authorise(&self.statements, tx.now())?;
        claims.common.check_fresh(tx.now())?;
        let conflict = |what| Fault::new(FaultCode::Conflict, "act", "what can follow from the registry", what);
        registry.check(&event).map_err(|error| match error {
            FoldError::Contradiction(what) => conflict(what),
            _ => conflict("something else"),
        })?;
        let iss = claims.common.iss.clone();
        let by_institution = !claims.act.by_supervisors();
        if by_institution && registry.institution(&iss).is_none_or(|i| i.standing != Standing::Certified) {
            return Err(conflict("an act of an institution that is not certified").into());
        }
        let poisoned = |error: crate::error::LedgerError| Refusal::Poisoned(error.to_string());
        match &claims.act {
            Act::CertifyInstitution { institution, .. } => {
                tx.keyring().draw(&institution_keys(institution)).map_err(poisoned)?;
            }
            Act::RegisterKey { kid, key_use: KeyUse::Evidence, public_key, .. } => {
                let handed = self.evidence_key.filter(|key| evidence_key_digest(key) == *public_key);
                let key = handed.ok_or_else(|| {
                    Fault::new(
                        FaultCode::Mismatch,
                        "public_key",
                        "the digest of the evidence key handed over",
                        "another",
                    )
                })?;
                tx.keyring().add(&[(KeyOf::Evidence(kid.clone()), key)]).map_err(poisoned)?;
            }
            _ => {}
        }
        match claims.act.stream() {
            StreamKind::Institution => tx.append_institution(&iss, ENGINE, event),
            _ => tx.append_registry(event),
        }
    }
}

/// Everything the keyring must hold before an institution's first record.
fn institution_keys(institution: &InstitutionId) -> Vec<KeyOf> {
    let mut keys = vec![KeyOf::Stream(institution.clone())];
    keys.extend(IssueLink::keys(institution));
    keys
}

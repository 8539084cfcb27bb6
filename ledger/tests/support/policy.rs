//! What the town decides by.

use std::sync::Arc;

use akashi_proof::decision::{ConsentQuestion, Decide, Decision, LinkStanding, Policies, Question};
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::reason::Reason;
use akashi_proof::record::kind::{BasisKind, Outcome};

/// Consent or nothing; `drill-down` asks the person.
pub struct TestPolicy;

impl TestPolicy {
    /// As many emergencies one role-holder declares in an hour.
    pub const EMERGENCIES_PER_HOUR: u64 = 20;
}

impl Policies for TestPolicy {
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>> {
        (self.policy_digest() == *digest).then(|| Arc::new(Self) as Arc<dyn Decide>)
    }
}

impl Decide for TestPolicy {
    fn may_agree(&self, _: &ConsentQuestion<'_>) -> Result<(), Fault> {
        Ok(())
    }

    fn engine(&self) -> &str {
        "test-policy 1"
    }
    fn policy_digest(&self) -> Digest {
        Digest::of(&[b"test policy"])
    }
    fn decide(&self, q: &Question<'_>) -> Decision {
        let claims = q.claims;
        if claims.purpose.as_str() == "marketing" {
            return Decision::deny(Reason::PurposeNotWhitelisted);
        }
        let emergency = claims.basis.kind() == BasisKind::Emergency;
        if q.incomplete.registry && !emergency {
            return Decision::deny(Reason::RegistryIncomplete);
        }
        if q.requester_link != LinkStanding::Issued {
            return Decision::deny(Reason::LinkNotIssued);
        }
        if q.holder_link != LinkStanding::Issued {
            return Decision::deny(Reason::HolderLinkNotIssued);
        }
        if q.means_blocked {
            return Decision::deny(Reason::MeansBlocked);
        }
        if q.incomplete.person && !emergency {
            return Decision::deny(Reason::RecordsIncomplete);
        }
        let expires = Some(q.now.plus_millis(600_000));
        let covering = q.consents.iter().find(|c| {
            c.terms.is_live(q.now)
                && c.terms.recipient == claims.common.iss
                && c.terms.categories.contains_all(&claims.categories)
        });
        let declared = q.roles.emergencies(&claims.role_holder, q.now);
        let permit = Decision {
            outcome: Outcome::Permit,
            told: Outcome::Permit,
            expires,
            ..Decision::deny(Reason::ConsentCovers)
        };
        if q.open_permits >= 16 {
            return Decision::deny(Reason::TooManyOpenPermits);
        }
        match covering {
            _ if emergency && declared >= Self::EMERGENCIES_PER_HOUR => {
                Decision::deny(Reason::TooManyEmergencies)
            }
            _ if emergency => permit,
            Some(consent) => Decision {
                consent: Some(consent.index),
                ..permit
            },
            None if q.approval.is_some() => permit,
            None if claims.process.as_str() == "city.drill-down" => {
                // The bounds of a real pack, on what the writer has counted.
                let open = q.open_questions;
                let (outcome, reason) = if open.all >= 32 || open.of_requester >= 4 {
                    (Outcome::Deny, Reason::TooManyQuestions)
                } else {
                    (Outcome::Ask, Reason::NoConsent)
                };
                Decision {
                    outcome,
                    told: Outcome::Ask,
                    expires,
                    ..Decision::deny(reason)
                }
            }
            None => Decision::deny(Reason::NoConsent),
        }
    }
}

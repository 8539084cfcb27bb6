//! The decision: ten steps in order, the first that fails is the recorded reason (docs/DESIGN.md
//! "The decision").
//!
//! Total and deterministic: every question has an answer, the same for ever under the same pack. No
//! step panics; what cannot be evaluated refuses. What the requester is told must not say who is
//! known where: on a process that may ask the person, everything that depends on her (steps 6 to 9)
//! is told as `ask`, and otherwise as a refusal with one code
//! ([`akashi_proof::decision::told_reasons`]). Whether a process may ask, and what the rules of
//! step 10 say, depends on the statement alone.

use akashi_proof::decision::{ConsentQuestion, Decide, Decision, LinkStanding, Question};
use akashi_proof::digest::Digest;
use akashi_proof::duty::Duty;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{CategoryCode, LeafIndex, RuleCode, Timestamp};
use akashi_proof::reason::{Reason, Reasons};
use akashi_proof::record::kind::{BasisKind, KeyUse, Outcome, Step};
use akashi_proof::state::Standing;
use akashi_proof::statement::{AccessClaims, Basis};

use crate::codes::{Bits, Coded, Codes, Place};
use crate::coverage::covering;
use crate::forbid::Scene;
use crate::pack::Pack;
use crate::permits::OPEN_PERMITS_MAX;
use crate::process::{Allow, AskRule, Process, Tell};
use crate::questions;

/// Name and version of this procedure. A change that could answer any question differently raises
/// it.
pub const ENGINE: &str = "akashi-policies/1";

impl Decide for Pack {
    fn engine(&self) -> &str {
        ENGINE
    }

    fn policy_digest(&self) -> Digest {
        self.digest
    }

    fn may_agree(&self, question: &ConsentQuestion<'_>) -> Result<(), Fault> {
        self.check_consent(
            (&question.recipient.sector, &question.holder.sector),
            &question.terms.purposes,
            &question.terms.categories,
            question.assurance,
        )?;
        self.check_processes(question)?;
        self.check_end(question)
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        let asked = match self.statement(question) {
            Ok(asked) => asked,
            Err(fault) => return Decision::deny(fault),
        };
        match self.later_steps(question, &asked) {
            Ok(ground) => permit(self, question, &asked, &ground),
            Err(reasons) => self.refuse(question, &asked, reasons),
        }
    }
}

/// What a statement asks for, in the pack's terms.
struct Asked<'p> {
    process: &'p Process,
    process_place: Place,
    role: Place,
    purpose: Place,
    categories: Bits,
    /// Absent where the pack does not know the sector.
    requester: Option<Place>,
    /// Absent where the pack does not know the sector.
    holder: Option<Place>,
}

impl Asked<'_> {
    /// What rules see of it.
    fn scene(&self, claims: &AccessClaims) -> Scene {
        Scene {
            requester: self.requester,
            holder: self.holder,
            role: self.role,
            purpose: self.purpose,
            process: self.process_place,
            categories: self.categories,
            basis: claims.basis.kind(),
            case: claims.case.is_some(),
            on_behalf_of: claims.on_behalf_of.is_some(),
        }
    }
}

/// What a permit rests on.
struct Ground {
    reason: Reason,
    consent: Option<LeafIndex>,
    /// First instant at which the ground no longer holds.
    until: Option<Timestamp>,
}

impl Ground {
    const fn of(reason: Reason) -> Self {
        Self {
            reason,
            consent: None,
            until: None,
        }
    }
}

fn require(holds: bool, reason: Reason) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(reason) }
}

impl Pack {
    /// Step 1: the statement is fresh and the pack knows every code in it. Form and signature were
    /// checked before there was a question. What the person approved was fresh when she was asked;
    /// her time to answer has its own end.
    fn statement(&self, question: &Question<'_>) -> Result<Asked<'_>, Fault> {
        let claims = question.claims;
        if question.approval.is_none() {
            claims.common.check_fresh(question.now)?;
        }
        let statistics = claims.basis.kind() == BasisKind::Statistics;
        if claims.subject.is_some() == statistics {
            let (expected, found) = if statistics {
                ("nothing", "a link code")
            } else {
                ("the requester's link code", "nothing")
            };
            return Err(Fault::new(FaultCode::BadMember, "subject", expected, found));
        }
        if claims.categories.is_empty() {
            return Err(Fault::new(
                FaultCode::BadMember,
                "categories",
                "at least one",
                "none",
            ));
        }
        let process_place = known(&self.processes, claims.process.as_str(), "process")?;
        let role = known(&self.roles, claims.role.as_str(), "role")?;
        let purpose = known(&self.purposes, claims.purpose.as_str(), "purpose")?;
        let mut categories = Bits::default();
        for code in claims.categories.iter() {
            categories = categories.with(known(&self.categories, code.as_str(), "categories")?);
        }
        if let Basis::Emergency { reason_code, .. } = &claims.basis {
            known(&self.emergency_reasons, reason_code, "basis.reason_code")?;
        }
        let Some(holder) = question.holder.filter(|holder| holder.id == claims.holder) else {
            let found = format!("`{}`", claims.holder);
            return Err(Fault::new(
                FaultCode::UnknownCode,
                "holder",
                "a certified institution",
                found,
            ));
        };
        let process = self.processes.at(process_place);
        let requester = question
            .requester
            .and_then(|requester| self.sector_place(&requester.sector));
        let holder = self.sector_place(&holder.sector);
        Ok(Asked {
            process,
            process_place,
            role,
            purpose,
            categories,
            requester,
            holder,
        })
    }

    /// Steps 2 to 10, in order.
    fn later_steps(&self, question: &Question<'_>, asked: &Asked<'_>) -> Result<Ground, Reasons> {
        registry(question)?;
        institutions(question)?;
        key(question)?;
        role(question)?;
        self.whitelist_step(asked)?;
        if question.claims.subject.is_some() {
            requester_link(question)?;
            holder_link(question)?;
            means(question)?;
        }
        let ground = self.basis(question, asked)?;
        self.rules_step(question, asked)?;
        open_permits(question)?;
        self.emergencies(question)?;
        Ok(ground)
    }

    /// Step 4: one row of the whitelist fits in every part. The reason is what the nearest row
    /// lacks.
    fn whitelist_step(&self, asked: &Asked<'_>) -> Result<(), Reason> {
        let mut nearest = Reason::RequesterNotWhitelisted;
        for row in &asked.process.allow {
            match self.first_mismatch(row, asked) {
                None => return Ok(()),
                Some(mismatch) => nearest = nearest.max(mismatch),
            }
        }
        Err(nearest)
    }

    /// What a row does not allow first. The reasons are declared in this order, so that the greater
    /// one came further.
    fn first_mismatch(&self, row: &Allow, asked: &Asked<'_>) -> Option<Reason> {
        let role_counts = |requester| self.roles.at(asked.role).sector_bits.contains(requester);
        if !asked
            .requester
            .is_some_and(|requester| row.requesters.contains(requester))
        {
            Some(Reason::RequesterNotWhitelisted)
        } else if !row.roles.contains(asked.role) || !asked.requester.is_some_and(role_counts) {
            Some(Reason::RoleNotWhitelisted)
        } else if !row.purposes.contains(asked.purpose) {
            Some(Reason::PurposeNotWhitelisted)
        } else if !asked
            .holder
            .is_some_and(|holder| row.holders.contains(holder))
        {
            Some(Reason::HolderNotWhitelisted)
        } else if !row.categories.contains_all(asked.categories) {
            Some(Reason::CategoriesNotWhitelisted)
        } else {
            None
        }
    }

    /// Whether a row that fits in every part also accepts this kind of basis.
    fn accepts(&self, asked: &Asked<'_>, basis: BasisKind) -> bool {
        let mut fitting = asked
            .process
            .allow
            .iter()
            .filter(|row| self.first_mismatch(row, asked).is_none());
        fitting.any(|row| row.bases.contains(&basis))
    }

    /// Step 9: the ground claimed is one the process accepts, and it is there.
    fn basis(&self, question: &Question<'_>, asked: &Asked<'_>) -> Result<Ground, Reason> {
        let claims = question.claims;
        // What is missing may have ended any ground but this one.
        let known = !question.incomplete.person || is_emergency(question);
        require(known, Reason::RecordsIncomplete)?;
        if !self.accepts(asked, claims.basis.kind()) {
            return Err(Reason::BasisNotAllowed);
        }
        match &claims.basis {
            // She approved this very statement. It counts only while the pack still lets the
            // process ask.
            Basis::Consent
                if let Some(approval) = question.approval
                    && asked.process.ask.is_some() =>
            {
                let least = self.least_assurance_of(asked.categories);
                require(approval.assurance >= least, Reason::ApprovalAssuranceTooLow)?;
                Ok(Ground::of(Reason::PersonApproved))
            }
            Basis::Consent => {
                let least = self.least_assurance_of(asked.categories);
                let consent = covering(question.consents, claims, least, question.now)?;
                let until = Some(consent.terms.valid_until);
                Ok(Ground {
                    reason: Reason::ConsentCovers,
                    consent: Some(consent.index),
                    until,
                })
            }
            Basis::Statute => Ok(Ground::of(Reason::StatuteProvides)),
            Basis::Emergency { reason_code, .. } => {
                let accepted = asked.process.emergency_reasons.contains(reason_code);
                let may = self.roles.at(asked.role).may_declare_emergency;
                match (may, accepted) {
                    (true, true) => Ok(Ground::of(Reason::EmergencyDeclared)),
                    (true, false) => Err(Reason::EmergencyReasonNotAllowed),
                    (false, _) => Err(Reason::BasisNotAllowed),
                }
            }
            Basis::Statistics { cohort_size, .. } if *cohort_size < asked.process.minimum_cell => {
                Err(Reason::CohortTooSmall)
            }
            Basis::Statistics { .. } => Ok(Ground::of(Reason::CohortLargeEnough)),
        }
    }

    /// Step 10: no rule forbids it. All that do are named.
    fn rules_step(&self, question: &Question<'_>, asked: &Asked<'_>) -> Result<(), Reasons> {
        let forbidding = self.forbidding(asked.scene(question.claims));
        let codes: Vec<RuleCode> = forbidding.map(|rule| rule.code.clone()).collect();
        if codes.is_empty() {
            Ok(())
        } else {
            Err(Reasons::Rules(codes))
        }
    }

    /// Step 10, the bounds: no more emergencies of one role-holder in an hour than the pack allows.
    fn emergencies(&self, question: &Question<'_>) -> Result<(), Reason> {
        let claims = question.claims;
        let declared = question
            .roles
            .emergencies(&claims.role_holder, question.now);
        let room = !is_emergency(question) || declared < self.settings.emergencies_per_hour;
        require(room, Reason::TooManyEmergencies)
    }

    /// The person may be asked: decided by statement and pack alone, so that being told `ask` says
    /// nothing about her. An approved statement is not asked about again, nor is one a rule would
    /// refuse whatever she says.
    fn may_ask(&self, question: &Question<'_>, asked: &Asked<'_>) -> Option<AskRule> {
        asked.process.ask.filter(|_| {
            question.approval.is_none()
                && question.claims.basis == Basis::Consent
                && self.accepts(asked, BasisKind::Consent)
                && self.rules_step(question, asked).is_ok()
        })
    }

    fn refuse(&self, question: &Question<'_>, asked: &Asked<'_>, reasons: Reasons) -> Decision {
        let mut decision = Decision::deny(reasons);
        let step = decision.step();
        let depends_on_the_person =
            step.is_some_and(|step| (Step::Translation..=Step::Basis).contains(&step));
        if depends_on_the_person && let Some(ask) = self.may_ask(question, asked) {
            // Her answer could not bring back what is missing: it looks as if she were asked.
            if step == Some(Step::Basis) && !question.incomplete.person {
                if questions::is_full(question.open_questions) {
                    decision.reasons = Reason::TooManyQuestions.into();
                } else {
                    decision.outcome = Outcome::Ask;
                }
            }
            decision.told = Outcome::Ask;
            decision.expires = Some(later(question.now, ask.window_seconds.saturating_mul(1000)));
            decision.low_risk = ask.low_risk;
        }
        decision
    }
}

/// Step 2: nothing of the registry is missing. In an emergency what is known of it is enough.
fn registry(question: &Question<'_>) -> Result<(), Reason> {
    let known = !question.incomplete.registry || is_emergency(question);
    require(known, Reason::RegistryIncomplete)
}

fn is_emergency(question: &Question<'_>) -> bool {
    question.claims.basis.kind() == BasisKind::Emergency
}

/// Step 2: the requester is certified, the holder not suspended.
fn institutions(question: &Question<'_>) -> Result<(), Reason> {
    let iss = &question.claims.common.iss;
    let requester = question.requester.filter(|requester| requester.id == *iss);
    let standing = requester.map(|requester| requester.standing);
    require(standing.is_some(), Reason::RequesterUnknown)?;
    require(
        standing == Some(Standing::Certified),
        Reason::RequesterSuspended,
    )?;
    let holder_stands = question
        .holder
        .is_some_and(|holder| holder.standing == Standing::Certified);
    require(holder_stands, Reason::HolderSuspended)
}

/// Step 2: the key that signed is the requester's, for signing, and valid now.
fn key(question: &Question<'_>) -> Result<(), Reason> {
    let key = question.key.ok_or(Reason::KeyUnknown)?;
    require(
        key.institution == question.claims.common.iss,
        Reason::KeyOfAnother,
    )?;
    require(
        key.is_valid(KeyUse::Sign, question.now),
        Reason::KeyNotValid,
    )
}

/// Step 3: the role-holder has the role now.
fn role(question: &Question<'_>) -> Result<(), Reason> {
    let claims = question.claims;
    let held = question
        .roles
        .holds(&claims.role_holder, &claims.role, question.now);
    require(held, Reason::RoleNotHeld)
}

/// Step 5: the requester's link code was issued.
fn requester_link(question: &Question<'_>) -> Result<(), Reason> {
    match question.requester_link {
        LinkStanding::Issued => Ok(()),
        LinkStanding::Revoked => Err(Reason::LinkRevoked),
        LinkStanding::NotIssued => Err(Reason::LinkNotIssued),
    }
}

/// Steps 6 and 7: there is a holder's code to translate to, and it has not ended.
fn holder_link(question: &Question<'_>) -> Result<(), Reason> {
    match question.holder_link {
        LinkStanding::Issued => Ok(()),
        LinkStanding::NotIssued => Err(Reason::HolderLinkNotIssued),
        LinkStanding::Revoked => Err(Reason::HolderLinkRevoked),
    }
}

/// Step 8: the means presented is not blocked.
fn means(question: &Question<'_>) -> Result<(), Reason> {
    require(!question.means_blocked, Reason::MeansBlocked)
}

/// Step 10, the bounds: not more permits than may wait to be released on.
fn open_permits(question: &Question<'_>) -> Result<(), Reason> {
    let room = question.open_permits < OPEN_PERMITS_MAX;
    require(room, Reason::TooManyOpenPermits)
}

fn permit(pack: &Pack, question: &Question<'_>, asked: &Asked<'_>, ground: &Ground) -> Decision {
    let settings = &pack.settings;
    let now = question.now;
    let evidence_ends = later(now, settings.evidence_seconds.saturating_mul(1000));
    // Evidence does not outlive the consent it rests on.
    let expires = ground
        .until
        .map_or(evidence_ends, |until| until.min(evidence_ends));
    let mut duties = Vec::new();
    if asked.process.notify.permit == Tell::Always || ground.reason == Reason::EmergencyDeclared {
        duties.push(Duty::Notify);
    }
    if ground.reason == Reason::EmergencyDeclared {
        let hours = settings.justify_hours;
        duties.push(Duty::JustifyBy(later(
            now,
            hours.saturating_mul(HOUR_MILLIS),
        )));
    }
    if let Some(days) = asked.process.erase_after_days {
        duties.push(Duty::EraseBy(later(
            now,
            days.saturating_mul(24 * HOUR_MILLIS),
        )));
    }
    Decision {
        outcome: Outcome::Permit,
        told: Outcome::Permit,
        reasons: ground.reason.into(),
        duties,
        expires: Some(expires),
        consent: ground.consent,
        low_risk: false,
    }
}

pub(crate) const HOUR_MILLIS: u64 = 3_600_000;

/// No later than a record can say.
pub(crate) fn later(now: Timestamp, millis: u64) -> Timestamp {
    now.plus_millis(millis).min(Timestamp::MAX)
}

fn known<T: Coded>(table: &Codes<T>, code: &str, field: &str) -> Result<Place, Fault> {
    table.place(code).ok_or_else(|| {
        let codes: Vec<String> = table
            .items()
            .iter()
            .map(|item| format!("`{}`", item.code()))
            .collect();
        // An emergency's reason is any text until it is found to be a code; what it says may be
        // personal.
        let found = if CategoryCode::parse(code).is_ok() {
            format!("`{code}`")
        } else {
            "another text".to_owned()
        };
        Fault::new(
            FaultCode::UnknownCode,
            field,
            format!("one of {}", codes.join(", ")),
            found,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_end_is_later_than_a_record_can_say() {
        assert_eq!(
            later(Timestamp::from_millis(5), 3),
            Timestamp::from_millis(8)
        );
        assert_eq!(later(Timestamp::MAX, 1), Timestamp::MAX);
        assert_eq!(
            later(Timestamp::from_millis(u64::MAX), u64::MAX),
            Timestamp::MAX
        );
    }
}

//! What her records rest on among each other: an answer on the question, a permit on the consent or
//! the answer that stands, a release on the permit. Whoever would let a record rest on nothing, or
//! on what had ended, is found by what is in her own file.

use std::collections::{HashMap, HashSet};

use akashi_proof::consent::Terms;
use akashi_proof::digest::Digest;
use akashi_proof::evidence::CLOCK_TOLERANCE_MILLIS;
use akashi_proof::ids::{ConsentId, Generation, InstitutionId, Jti, LeafIndex, Timestamp};
use akashi_proof::record::kind::{
    AccessAsked, AccessDecided, AccessReleased, ApprovalAnswered, ApprovalExpired, BasisKind,
    LinkEnd, Outcome, PersonEvent, YesNo,
};
use akashi_proof::state::check_granted;

use super::problem::Problem;
use super::signed::{Behind, behind};

/// What stands at one moment of her history, as the file shows it.
#[derive(Default)]
pub(super) struct Rests {
    asks: HashMap<LeafIndex, Ask>,
    /// The questions she approved, by the record of her answer.
    granted: HashMap<LeafIndex, LeafIndex>,
    consents: HashMap<ConsentId, (LeafIndex, Terms)>,
    /// The newest code each institution has for her, and whether it stands.
    links: HashMap<InstitutionId, (Generation, bool)>,
    /// Whether she has suspended or closed her account.
    is_closed: bool,
    permits: HashMap<LeafIndex, Permit>,
    /// Her answers on which something was decided.
    decided_on: HashSet<LeafIndex>,
    /// The messages that were handed over.
    notices: HashSet<LeafIndex>,
    /// Where each of her records stands.
    records: HashSet<LeafIndex>,
    /// The statements that led to a record.
    statements: HashSet<(InstitutionId, Jti)>,
}

/// A question to her.
struct Ask {
    time: Timestamp,
    expires: Option<Timestamp>,
    digest: Digest,
    low_risk: YesNo,
    requester: InstitutionId,
    jti: Jti,
    presenter_key: Digest,
}

/// A permit, by whom and with which key its evidence is presented, until when, and whether that was
/// done.
pub(super) struct Permit {
    pub(super) requester: InstitutionId,
    pub(super) holder: InstitutionId,
    pub(super) presenter_key: Digest,
    expires: Option<Timestamp>,
    is_spent: bool,
}

/// A record as it is taken: where it stands, when it was made.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) index: LeafIndex,
    pub(super) time: Timestamp,
}

impl Rests {
    /// Takes the next record; what it rests on must be here. Where a record before it was not shown
    /// it may rest on that one.
    pub(super) fn take(
        &mut self,
        at: At,
        event: &PersonEvent<'_>,
        is_all_shown: bool,
    ) -> Result<(), Problem> {
        let found = self.fold(at, event).and_then(|()| self.is_first(event));
        self.records.insert(at.index);
        match found {
            Err(Problem::RestsOnNothing { .. }) if !is_all_shown => Ok(()),
            found => found,
        }
    }

    /// The permit at this log index.
    pub(super) fn permit(&self, access: LeafIndex) -> Option<&Permit> {
        self.permits.get(&access)
    }

    /// When the key that presents had to be valid: of what she approved, when she was asked.
    pub(super) fn asked_at(&self, decided: &AccessDecided, time: Timestamp) -> Timestamp {
        let ask = decided.approval.and_then(|granted| self.ask_of(granted));
        ask.map_or(time, |ask| ask.time)
    }

    fn ask_of(&self, granted: LeafIndex) -> Option<&Ask> {
        self.asks.get(self.granted.get(&granted)?)
    }

    fn fold(&mut self, at: At, event: &PersonEvent<'_>) -> Result<(), Problem> {
        match event {
            PersonEvent::ConsentGiven(e) => {
                self.consents.insert(e.consent, (at.index, e.terms.clone()));
                Ok(())
            }
            PersonEvent::ConsentNarrowed(e) => {
                let stood = self.consents.insert(e.consent, (at.index, e.terms.clone()));
                let (_, stood) = stood.ok_or(nothing("consent"))?;
                is(e.terms.narrows(&stood), "terms", "no more than stood")
            }
            PersonEvent::ConsentWithdrawn(e) => {
                let stood = self.consents.remove(&e.consent);
                stood.map(drop).ok_or(nothing("consent"))
            }
            PersonEvent::ConsentsStopped(_) => {
                self.consents.clear();
                Ok(())
            }
            PersonEvent::AccountSuspended(_) => {
                self.is_closed = true;
                Ok(())
            }
            PersonEvent::AccountResumed(_) => {
                self.is_closed = false;
                Ok(())
            }
            PersonEvent::AccountClosed(_) => {
                self.is_closed = true;
                self.consents.clear();
                self.links
                    .values_mut()
                    .for_each(|(_, stands)| *stands = false);
                Ok(())
            }
            PersonEvent::LinkIssued(e) => {
                let link = (e.generation, true);
                self.links.insert(e.institution.clone(), link);
                Ok(())
            }
            PersonEvent::LinkWithdrawn(e) => self.end_link(&e.institution, e.generation),
            PersonEvent::LinkRevoked(e) => {
                let is_it = e.cause != LinkEnd::WrongPerson;
                is(is_it, "cause", "one that ends a code of hers")?;
                self.end_link(&e.institution, e.generation)
            }
            PersonEvent::LinkCorrected(e) => {
                let is_it = e.cause == LinkEnd::WrongPerson;
                is(is_it, "cause", "that it never was hers")?;
                self.end_link(&e.institution, e.generation)
            }
            PersonEvent::AccessAsked(e) => {
                self.asks.insert(at.index, Ask::of(at.time, e));
                decided(&e.decided, (Outcome::Ask, &[Outcome::Ask]))?;
                is(e.decided.approval.is_none(), "approval", "none yet")
            }
            PersonEvent::ApprovalGranted(e) => self.grant(at, e),
            PersonEvent::ApprovalRefused(e) => self.ask_for(e.access, e.approval_digest).map(drop),
            PersonEvent::ApprovalExpired(e) => self.expire(at, e),
            PersonEvent::AccessPermitted(e) => {
                self.permits.insert(at.index, Permit::of(e));
                decided(e, (Outcome::Permit, &[Outcome::Permit]))?;
                is(e.step.is_none(), "step", "none")?;
                self.rests_on_links(e)?;
                self.rests_on_her_word(at, e)?;
                self.rests_on_answer(e)
            }
            PersonEvent::AccessDenied(e) => {
                decided(e, (Outcome::Deny, &[Outcome::Deny, Outcome::Ask]))?;
                self.rests_on_answer(e)
            }
            PersonEvent::AccessReleased(e) => self.release(at, e),
            PersonEvent::ReleaseRefused(e) => self.permit_at(e.access, &e.holder).map(drop),
            PersonEvent::NoticeSent(e) => {
                self.notices.insert(at.index);
                e.about.map_or(Ok(()), |about| self.is_hers(about, "about"))
            }
            PersonEvent::NoticeFailed(e) => {
                e.about.map_or(Ok(()), |about| self.is_hers(about, "about"))
            }
            PersonEvent::AlertRaised(e) => self.is_hers(e.access, "access"),
            PersonEvent::NoticesReported(e) => {
                let were_sent = e.notices.iter().all(|sent| self.notices.contains(sent));
                were_sent.then_some(()).ok_or(nothing("notices"))
            }
            PersonEvent::SubjectEnrolled(_)
            | PersonEvent::PapersReplaced(_)
            | PersonEvent::ContactVerified(_)
            | PersonEvent::ContactReplaced(_)
            | PersonEvent::ContactKept(_)
            | PersonEvent::ContactEnded(_)
            | PersonEvent::ContactDoubted(_)
            | PersonEvent::ContactConfirmed(_)
            | PersonEvent::MeansBlocked(_)
            | PersonEvent::MeansUnblocked(_)
            | PersonEvent::AccessesCounted(_) => Ok(()),
        }
    }

    /// A statement leads to one record: the question and what was decided after her answer are of
    /// one.
    fn is_first(&mut self, event: &PersonEvent<'_>) -> Result<(), Problem> {
        let statement = match behind(event) {
            Behind::Access(decided) if decided.approval.is_some() => None,
            Behind::Access(decided) => Some((&decided.requester, &decided.jti)),
            Behind::LinkEnd(ended) => Some((&ended.institution, &ended.jti)),
            Behind::Link(issued) => Some((&issued.institution, &issued.jti)),
            Behind::Release(report) => Some(report.named()),
            Behind::Her | Behind::Ledger => None,
        };
        let is_first = statement.is_none_or(|(by, jti)| {
            let statement = (by.clone(), jti.clone());
            self.statements.insert(statement)
        });
        is(
            is_first,
            "jti",
            "that of a statement no other record rests on",
        )
    }

    /// A record of hers is one that stands before this.
    fn is_hers(&self, index: LeafIndex, field: &'static str) -> Result<(), Problem> {
        let is_hers = self.records.contains(&index);
        is_hers.then_some(()).ok_or(nothing(field))
    }

    fn ask_for(&self, access: LeafIndex, digest: Digest) -> Result<&Ask, Problem> {
        let ask = self.asks.get(&access).ok_or(nothing("access"))?;
        is(
            ask.digest == digest,
            "approval_digest",
            "that of the question",
        )?;
        Ok(ask)
    }

    fn grant(&mut self, at: At, e: &ApprovalAnswered) -> Result<(), Problem> {
        let ask = self.ask_for(e.access, e.approval_digest)?;
        let in_time = ask.expires.is_some_and(|expires| at.time < expires);
        is(in_time, "time", "one before the question ended")?;
        check_granted(ask.low_risk, e.answered_by, e.assurance).map_err(Problem::NotShown)?;
        self.granted.insert(at.index, e.access);
        Ok(())
    }

    fn expire(&self, at: At, e: &ApprovalExpired) -> Result<(), Problem> {
        let ask = self.ask_for(e.access, e.approval_digest)?;
        let is_over = ask.expires.is_some_and(|expires| expires <= at.time);
        is(is_over, "time", "one after the question ended")
    }

    fn end_link(
        &mut self,
        institution: &InstitutionId,
        generation: Generation,
    ) -> Result<(), Problem> {
        let link = self.links.get_mut(institution);
        let link = link.filter(|link| **link == (generation, true));
        link.ok_or(nothing("generation"))?.1 = false;
        Ok(())
    }

    /// Both institutions have a code for her that stands. That the holder has none at all is found
    /// by its gates.
    fn rests_on_links(&self, e: &AccessDecided) -> Result<(), Problem> {
        let stands = |id| self.links.get(id).map(|(_, stands)| *stands);
        if stands(&e.requester) != Some(true) {
            return Err(nothing("requester"));
        }
        if stands(&e.holder) == Some(false) {
            return Err(nothing("holder"));
        }
        Ok(())
    }

    /// A permit on the ground of consent rests on one that stands and covers it, or on her answer.
    fn rests_on_her_word(&self, at: At, e: &AccessDecided) -> Result<(), Problem> {
        if e.basis_kind == BasisKind::Consent && self.is_closed {
            return Err(nothing("basis_kind"));
        }
        if let Some(index) = e.consent {
            let mut standing = self.consents.values();
            let found = standing.find(|(stands, _)| *stands == index);
            let (_, terms) = found.ok_or(nothing("consent"))?;
            let covers = terms.covers(&e.as_use(), at.time).is_ok();
            is(covers, "consent", "one that covers the access")?;
            is(
                e.basis_kind == BasisKind::Consent,
                "basis_kind",
                "`consent`",
            )?;
            let in_it = e
                .expires
                .is_some_and(|expires| expires <= terms.valid_until);
            return is(in_it, "expires", "no later than the consent ends");
        }
        match e.basis_kind {
            BasisKind::Consent if e.approval.is_none() => Err(nothing("consent")),
            BasisKind::Consent
            | BasisKind::Statute
            | BasisKind::Emergency
            | BasisKind::Statistics => Ok(()),
        }
    }

    /// What was decided after her answer was decided about what she was asked.
    fn rests_on_answer(&mut self, e: &AccessDecided) -> Result<(), Problem> {
        let Some(granted) = e.approval else {
            return Ok(());
        };
        let ask = self.ask_of(granted).ok_or(nothing("approval"))?;
        let is_it = (&ask.requester, &ask.jti) == (&e.requester, &e.jti);
        is(is_it, "approval", "one of this very request")?;
        let presents = ask.presenter_key == e.presenter_key;
        is(presents, "presenter_key", "that of the question")?;
        let is_first = self.decided_on.insert(granted);
        is(is_first, "approval", "one that nothing was decided on")
    }

    fn permit_at(
        &mut self,
        access: LeafIndex,
        holder: &InstitutionId,
    ) -> Result<&mut Permit, Problem> {
        let permit = self.permits.get_mut(&access).ok_or(nothing("access"))?;
        is(permit.holder == *holder, "holder", "that of the permit")?;
        Ok(permit)
    }

    /// Once, while the permit lives.
    fn release(&mut self, at: At, e: &AccessReleased) -> Result<(), Problem> {
        let permit = self.permit_at(e.access, &e.holder)?;
        let end = permit.expires.unwrap_or_default();
        let lives = at.time < end.plus_millis(CLOCK_TOLERANCE_MILLIS);
        is(lives, "time", "one before the permit ended")?;
        let is_first = !std::mem::replace(&mut permit.is_spent, true);
        is(is_first, "access", "a permit that nothing was released on")
    }
}

impl Ask {
    fn of(time: Timestamp, e: &AccessAsked) -> Self {
        Self {
            time,
            expires: e.decided.expires,
            digest: e.approval_digest,
            low_risk: e.low_risk,
            requester: e.decided.requester.clone(),
            jti: e.decided.jti.clone(),
            presenter_key: e.decided.presenter_key,
        }
    }
}

impl Permit {
    fn of(e: &AccessDecided) -> Self {
        Self {
            requester: e.requester.clone(),
            holder: e.holder.clone(),
            presenter_key: e.presenter_key,
            expires: e.expires,
            is_spent: false,
        }
    }
}

/// A decision says what its kind says, and what its requester was told goes with that.
fn decided(
    e: &AccessDecided,
    (outcome, told): (Outcome, &'static [Outcome]),
) -> Result<(), Problem> {
    is(e.outcome == outcome, "outcome", "that of its kind")?;
    is(
        told.contains(&e.told),
        "told",
        "one that goes with the outcome",
    )?;
    let is_coded = (e.basis_kind == BasisKind::Emergency) == e.reason_code.is_some();
    is(
        is_coded,
        "reason_code",
        "one of an emergency, and of nothing else",
    )
}

const fn nothing(field: &'static str) -> Problem {
    Problem::RestsOnNothing { field }
}

fn is(holds: bool, field: &'static str, expected: &'static str) -> Result<(), Problem> {
    if holds {
        return Ok(());
    }
    Err(Problem::Field {
        field,
        expected: expected.to_owned(),
        found: "another".to_owned(),
    })
}

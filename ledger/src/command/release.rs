//! A holder reports a release, before the data leaves: the moment evidence is spent.

use akashi_proof::evidence::CLOCK_TOLERANCE_MILLIS;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{LeafIndex, SubjectHandle};
use akashi_proof::record::Position;
use akashi_proof::record::kind::{
    AccessDecided, AccessReleased, Event, ReleaseReason, ReleaseRefused, StatementRefused, Step,
    YesNo,
};
use akashi_proof::state::{Person, Standing, Verified};
use akashi_proof::statement::ReleaseClaims;

use super::refuse;
use crate::error::{LedgerError, Refusal};
use crate::index::keys::{spent_key, statement_key};
use crate::writer::sequencer::Command;
use crate::writer::transaction::{ENGINE, Transaction};

/// Spends the evidence of one permit.
pub struct Release {
    /// The report.
    pub statement: Verified<ReleaseClaims>,
}

/// What became of a release report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseReceipt {
    /// Recorded, now or on an earlier sending of the same bytes: the data may leave.
    Released {
        /// Log index of `access.released`.
        index: LeafIndex,
    },
    /// The evidence does not open anything any more; recorded.
    Spent {
        /// Log index of `access.release_refused`.
        index: LeafIndex,
        /// Why.
        reasons: Vec<ReleaseReason>,
    },
    /// The report is bad; the refusal is recorded.
    Refused {
        /// Log index of the refusal.
        index: LeafIndex,
        /// What is wrong.
        fault: Fault,
    },
}

impl Command for Release {
    type Receipt = ReleaseReceipt;

    fn run(self, tx: &mut Transaction<'_>) -> Result<ReleaseReceipt, Refusal> {
        let ReleaseClaims { common, index, .. } = self.statement.claims().clone();
        if let Some(index) = tx.find(&statement_key(&common.iss, &common.jti))? {
            return self.repeated(tx, index);
        }
        let checked = common
            .check_audience(tx.origin())
            .and_then(|()| common.check_fresh(tx.now()))
            .and_then(|()| self.statement.stands_at(&tx.registry(), tx.now()));
        if let Err(fault) = checked {
            return self.refuse(tx, fault);
        }
        let permit = match self.permit(tx)? {
            Ok(permit) => permit,
            Err(fault) => return self.refuse(tx, fault),
        };
        let reasons = self.reasons_against(tx, &permit)?;
        let (statement, kid) = (self.statement.to_bytes(), self.statement.kid().clone());
        let (access, holder, jti) = (index, common.iss, common.jti);
        if reasons.is_empty() {
            let event = Event::AccessReleased(AccessReleased {
                access,
                holder,
                kid,
                jti,
                statement,
            });
            let index = tx.append_person(&permit.subject, ENGINE, event)?;
            return Ok(ReleaseReceipt::Released { index });
        }
        let refused = ReleaseRefused {
            access,
            holder,
            reasons: reasons.clone(),
            kid,
            jti,
            statement,
        };
        let index = tx.append_person(&permit.subject, ENGINE, Event::ReleaseRefused(refused))?;
        Ok(ReleaseReceipt::Spent { index, reasons })
    }
}

/// A permit and whom it is about.
struct Permit {
    subject: SubjectHandle,
    decided: AccessDecided,
}

impl Release {
    /// Why the evidence opens nothing any more; empty where it does. What ends in
    /// the minutes between a permit and its use - a consent, a link, an institution's standing -
    /// ends the permit.
    fn reasons_against(
        &self,
        tx: &Transaction<'_>,
        permit: &Permit,
    ) -> Result<Vec<ReleaseReason>, Refusal> {
        let Permit { subject, decided } = permit;
        let person = tx.need_person(subject)?;
        let registry = tx.registry();
        let late = decided
            .expires
            .is_none_or(|end| tx.now() >= end.plus_millis(CLOCK_TOLERANCE_MILLIS));
        let stands = |id| {
            registry
                .institution(id)
                .is_some_and(|known| known.standing == Standing::Certified)
        };
        let linked = |id| {
            person
                .link(id)
                .is_some_and(|link| link.revoked == YesNo::No)
        };
        let same_code = tx.link_code(&person, &decided.holder)? == decided.holder_link;
        let found = [
            (late, ReleaseReason::Expired),
            (
                tx.find(&spent_key(self.statement.claims().index))?
                    .is_some(),
                ReleaseReason::Spent,
            ),
            (
                !consent_stands(tx, &person, decided)?,
                ReleaseReason::ConsentEnded,
            ),
            (
                !stands(&decided.requester) || !stands(&decided.holder),
                ReleaseReason::InstitutionSuspended,
            ),
            (
                !linked(&decided.requester) || !linked(&decided.holder) || !same_code,
                ReleaseReason::LinkEnded,
            ),
        ];
        Ok(found
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, reason)| reason)
            .collect())
    }

    /// The permit the report names, if it is one for this holder. Anything else looks the same from
    /// outside.
    fn permit(&self, tx: &Transaction<'_>) -> Result<Result<Permit, Fault>, Refusal> {
        let none = || {
            Fault::new(
                FaultCode::NoMatch,
                "index",
                "the index of a permit for data of `iss`",
                "another",
            )
        };
        if !tx.size().contains(self.statement.claims().index) {
            return Ok(Err(none()));
        }
        let stored = tx.record(self.statement.claims().index)?;
        if let (Event::AccessPermitted(e), Position::Person(place)) =
            (stored.record.event, stored.record.position)
            && e.holder == self.statement.claims().common.iss
        {
            return Ok(Ok(Permit {
                subject: place.subject,
                decided: e,
            }));
        }
        Ok(Err(none()))
    }

    fn refuse(&self, tx: &mut Transaction<'_>, fault: Fault) -> Result<ReleaseReceipt, Refusal> {
        let index = refuse::append_refusal(tx, &self.statement, Step::Statement, &fault)?;
        Ok(ReleaseReceipt::Refused { index, fault })
    }

    fn repeated(
        &self,
        tx: &mut Transaction<'_>,
        index: LeafIndex,
    ) -> Result<ReleaseReceipt, Refusal> {
        let event = tx.record(index)?.record.event;
        if event.is_made_from(self.statement.jws().as_bytes()) {
            if let Event::AccessReleased(_) = event {
                return Ok(ReleaseReceipt::Released { index });
            }
            if let Event::ReleaseRefused(ReleaseRefused { reasons, .. }) = event {
                return Ok(ReleaseReceipt::Spent { index, reasons });
            }
            if let Event::StatementRefused(StatementRefused { fault, .. }) = event {
                return Ok(ReleaseReceipt::Refused { index, fault });
            }
        }
        let (expected, found) = ("an identifier not used before", "one used for other bytes");
        self.refuse(
            tx,
            Fault::new(FaultCode::JtiConflict, "jti", expected, found),
        )
    }
}

/// Whether the consent a permit rests on still covers it; true where it rests on none.
fn consent_stands(
    tx: &Transaction<'_>,
    person: &Person,
    decided: &AccessDecided,
) -> Result<bool, LedgerError> {
    let Some(index) = decided.consent else {
        return Ok(true);
    };
    let Some(id) = tx.record(index)?.record.event.consent() else {
        return Ok(false);
    };
    Ok(person.consents.iter().any(|consent| {
        consent.id == id && consent.terms.covers(&decided.as_use(), tx.now()).is_ok()
    }))
}

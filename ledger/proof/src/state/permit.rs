//! What ends a permit before anybody has released on it, as far as the person's own records say:
//! the writer asks it of every report, and whoever checks a history asks it again.

use super::Person;
use crate::evidence::CLOCK_TOLERANCE_MILLIS;
use crate::ids::{ConsentId, InstitutionId, LeafIndex, Timestamp};
use crate::record::kind::{AccessDecided, BasisKind, ReleaseReason};

/// A permit, as it was recorded.
#[derive(Clone, Copy, Debug)]
pub struct Permitted<'a> {
    /// Log index.
    pub index: LeafIndex,
    /// What was decided.
    pub decided: &'a AccessDecided,
    /// The consent whose record the permit names; absent where it names none, or the record is
    /// not open.
    pub consent: Option<ConsentId>,
}

impl Person {
    /// Why this permit opens nothing at `now`; empty where nothing of hers has ended it. What ends
    /// by the registry - a key, a standing - or in an institution's stream - a role - is not known
    /// here, nor whether somebody has released on it.
    pub fn reasons_against(
        &self,
        permit: &Permitted<'_>,
        now: Timestamp,
    ) -> impl Iterator<Item = ReleaseReason> {
        let decided = permit.decided;
        let by_her_word = decided.basis_kind == BasisKind::Consent;
        let late = decided
            .expires
            .is_none_or(|end| now >= end.plus_millis(CLOCK_TOLERANCE_MILLIS));
        // A code issued since is another: what was permitted before does not rest on it.
        let linked = |id: &InstitutionId| {
            self.link(id)
                .is_some_and(|link| link.stands() && link.issued < permit.index)
        };
        let stopped = self.stopped.is_some_and(|stop| permit.index < stop);
        let incomplete = self.is_incomplete() && decided.basis_kind != BasisKind::Emergency;
        let found = [
            (late, ReleaseReason::Expired),
            (
                !linked(&decided.requester) || !linked(&decided.holder),
                ReleaseReason::LinkEnded,
            ),
            (
                by_her_word && self.word_counts_for_nothing(now),
                ReleaseReason::MeansBlocked,
            ),
            (
                (by_her_word && stopped) || !self.still_covers(permit, now),
                ReleaseReason::ConsentEnded,
            ),
            (incomplete, ReleaseReason::RecordsIncomplete),
        ];
        let found = found.into_iter().filter(|(holds, _)| *holds);
        found.map(|(_, reason)| reason)
    }

    /// Whether the consent a permit names stands and covers it, or it names none.
    fn still_covers(&self, permit: &Permitted<'_>, now: Timestamp) -> bool {
        permit.consent.is_none_or(|id| {
            let mut consents = self.consents.iter().filter(|consent| consent.id == id);
            let covers = |consent: &super::Consent| {
                let covers = consent.terms.covers(&permit.decided.as_use(), now);
                covers.is_ok()
            };
            consents.any(covers)
        })
    }
}

//! The presentations a holder has taken, so that each is good once: what was read on the way, or
//! out of a log, presents nothing.
//!
//! In memory: a program that was started anew takes one that was shown to it in the five minutes
//! before. What that opens is what its requester was given already, to whoever answers on the
//! requester's connection.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use akashi_proof::ids::{InstitutionId, Jti, Timestamp};
use akashi_proof::statement::{FRESH_MILLIS, Presented};

/// Most presentations remembered, of all requesters: those of ten minutes at 160 a second, some
/// 15 MB. Above it nothing more is taken until some are no longer fresh: [`NotTaken::Full`].
/// Figure: [`TakenOnce::remembered`].
pub const PRESENTED_MAX: usize = 100_000;

/// Of one requester: a quarter, 40 a second. Whoever has one permit can sign presentations of it
/// without end; so that it fills its own part and no other requester is refused for it. Above it
/// that requester waits alone: [`NotTaken::TooMany`].
pub const PRESENTED_OF_ONE_MAX: usize = PRESENTED_MAX / 4;

/// Those that are fresh still.
#[derive(Debug, Default)]
pub struct TakenOnce {
    taken: Mutex<Taken>,
}

/// By requester, each until it is not fresh any more.
#[derive(Debug, Default)]
struct Taken {
    of: HashMap<InstitutionId, OfOne>,
    count: usize,
    /// In which second all of it was last swept.
    all_swept: Option<u64>,
    /// Rows that sweeps have looked at, since the start.
    swept: usize,
}

/// Those of one requester. Whoever signs more than its part has them swept at most once a second,
/// and never another's: [`is_due`].
#[derive(Debug, Default)]
struct OfOne {
    jtis: HashMap<Jti, Timestamp>,
    swept: Option<u64>,
}

/// Why one is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It was shown before.
    #[error("this presentation was shown before: each is good for one try")]
    Before,
    /// Too many of this requester are remembered.
    #[error(
        "more presentations than {PRESENTED_OF_ONE_MAX} of this requester are fresh: none of it is \
         taken before some are not"
    )]
    TooMany,
    /// Too many are remembered.
    #[error("more presentations than {PRESENTED_MAX} are fresh: none is taken before some are not")]
    Full,
}

impl TakenOnce {
    /// How many are remembered now: for a holder's own figures. Those that are no longer fresh are
    /// among them until room is needed.
    pub fn remembered(&self) -> usize {
        self.taken().count
    }

    /// Takes one that was checked and is fresh at `now`.
    pub(super) fn take(&self, presented: &Presented, now: Timestamp) -> Result<(), NotTaken> {
        let common = &presented.claims().common;
        // Its last fresh millisecond, and those of a second that a time in seconds leaves out.
        let end = common.iat.plus_millis(FRESH_MILLIS + 1_000);
        self.taken().remember((&common.iss, &common.jti), end, now)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it was not swept in this second, by the time of what was refused; if so, it is now. A
/// time before the last one is another second, too: a clock that was set stops no sweep.
fn is_due(swept: &mut Option<u64>, now: Timestamp) -> bool {
    let second = now.as_millis() / 1_000;
    swept.replace(second) != Some(second)
}

impl Taken {
    fn remember(
        &mut self,
        (by, jti): (&InstitutionId, &Jti),
        end: Timestamp,
        now: Timestamp,
    ) -> Result<(), NotTaken> {
        if let Some(of_one) = self.of.get_mut(by) {
            if of_one.jtis.contains_key(jti) {
                return Err(NotTaken::Before);
            }
            if of_one.jtis.len() >= PRESENTED_OF_ONE_MAX && is_due(&mut of_one.swept, now) {
                let before = of_one.jtis.len();
                self.swept += before;
                of_one.jtis.retain(|_, end| *end > now);
                self.count -= before - of_one.jtis.len();
            }
            if of_one.jtis.len() >= PRESENTED_OF_ONE_MAX {
                return Err(NotTaken::TooMany);
            }
        }
        if self.count >= PRESENTED_MAX && is_due(&mut self.all_swept, now) {
            self.forget_before(now);
        }
        if self.count >= PRESENTED_MAX {
            return Err(NotTaken::Full);
        }
        let of_one = self.of.entry(by.clone()).or_default();
        of_one.jtis.insert(jti.clone(), end);
        self.count += 1;
        Ok(())
    }

    fn forget_before(&mut self, now: Timestamp) {
        self.swept += self.count;
        self.of.retain(|_, of_one| {
            of_one.jtis.retain(|_, end| *end > now);
            !of_one.jtis.is_empty()
        });
        self.count = self.of.values().map(|of_one| of_one.jtis.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);
    const END: Timestamp = Timestamp::from_seconds(1_301);

    fn show(taken: &TakenOnce, by: usize, n: usize, now: Timestamp) -> Result<(), NotTaken> {
        let by = InstitutionId::parse(&format!("hospital.h{by}")).unwrap();
        let jti = Jti::from_bytes((n as u128).to_be_bytes());
        taken.taken().remember((&by, &jti), END, now)
    }

    #[test]
    fn so_many_presentations_of_one_requester_are_remembered_and_others_have_their_room() {
        let taken = TakenOnce::default();
        for n in 0..PRESENTED_OF_ONE_MAX {
            assert_eq!(show(&taken, 0, n, NOW), Ok(()));
        }
        let one_more = PRESENTED_OF_ONE_MAX;
        assert_eq!(show(&taken, 0, 0, NOW), Err(NotTaken::Before));
        assert_eq!(show(&taken, 0, one_more, NOW), Err(NotTaken::TooMany));
        assert_eq!(show(&taken, 1, one_more, NOW), Ok(()));
        assert_eq!(taken.remembered(), PRESENTED_OF_ONE_MAX + 1);
        // What is no longer fresh makes room, and nothing else.
        assert_eq!(show(&taken, 0, one_more, END), Ok(()));
        assert_eq!(show(&taken, 0, one_more, END), Err(NotTaken::Before));
        assert_eq!(
            taken.remembered(),
            2,
            "the other's rests until room is needed"
        );
    }

    #[test]
    fn what_a_requester_shows_above_its_part_costs_one_sweep_of_its_own_a_second() {
        let taken = TakenOnce::default();
        for n in 0..PRESENTED_OF_ONE_MAX {
            assert_eq!(show(&taken, 0, n, NOW), Ok(()));
            assert_eq!(show(&taken, 1, n, NOW), Ok(()));
        }
        let swept = || taken.taken().swept;
        assert_eq!(swept(), 0);
        for n in 0..100 {
            let more = show(&taken, 0, PRESENTED_OF_ONE_MAX + n, NOW);
            assert_eq!(more, Err(NotTaken::TooMany));
        }
        assert_eq!(swept(), PRESENTED_OF_ONE_MAX, "once, and not the other's");
        let next = NOW.plus_millis(1_000);
        for n in 0..100 {
            let more = show(&taken, 0, PRESENTED_OF_ONE_MAX + n, next);
            assert_eq!(more, Err(NotTaken::TooMany));
        }
        assert_eq!(swept(), 2 * PRESENTED_OF_ONE_MAX);
    }

    #[test]
    fn so_many_presentations_of_all_are_remembered_and_those_that_are_over_make_room() {
        let taken = TakenOnce::default();
        let requesters = PRESENTED_MAX / PRESENTED_OF_ONE_MAX;
        for n in 0..PRESENTED_MAX {
            assert_eq!(show(&taken, n % requesters, n, NOW), Ok(()));
        }
        assert_eq!(taken.remembered(), PRESENTED_MAX);
        assert_eq!(show(&taken, requesters, 0, NOW), Err(NotTaken::Full));
        assert_eq!(show(&taken, requesters, 0, END), Ok(()));
        assert_eq!(show(&taken, requesters, 0, END), Err(NotTaken::Before));
    }
}

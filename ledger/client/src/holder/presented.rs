//! The presentations a holder has taken, so that each is good once: what was read on the way, or
//! out of a log, presents nothing.
//!
//! In memory: a program that was started anew takes one that was shown to it in the five minutes
//! before. What that opens is what its requester was given already, to whoever answers on the
//! requester's connection.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use akashi_proof::ids::Timestamp;
use akashi_proof::statement::{FRESH_MILLIS, Presented};

/// Most presentations remembered: those of ten minutes at 160 a second, some 15 MB. Above it
/// nothing more is taken until the oldest are no longer fresh: [`NotTaken::Full`].
pub const PRESENTED_MAX: usize = 100_000;

/// Those that are fresh still, each until it is not.
#[derive(Debug, Default)]
pub struct TakenOnce {
    until: Mutex<HashMap<(String, String), Timestamp>>,
}

/// Why one is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It was shown before.
    #[error("this presentation was shown before: each is good for one try")]
    Before,
    /// Too many are remembered.
    #[error("more presentations than {PRESENTED_MAX} are fresh: none is taken before some are not")]
    Full,
}

impl TakenOnce {
    /// Takes one that was checked and is fresh at `now`.
    pub(super) fn take(&self, presented: &Presented, now: Timestamp) -> Result<(), NotTaken> {
        let common = &presented.claims().common;
        // Its last fresh millisecond, and those of a second that a time in seconds leaves out.
        let end = common.iat.plus_millis(FRESH_MILLIS + 1_000);
        self.remember((common.iss.to_string(), common.jti.to_string()), end, now)
    }

    fn remember(
        &self,
        name: (String, String),
        end: Timestamp,
        now: Timestamp,
    ) -> Result<(), NotTaken> {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.contains_key(&name) {
            return Err(NotTaken::Before);
        }
        if until.len() >= PRESENTED_MAX {
            until.retain(|_, end| *end > now);
        }
        if until.len() >= PRESENTED_MAX {
            return Err(NotTaken::Full);
        }
        until.insert(name, end);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_presentations_are_remembered_and_those_that_are_over_make_room() {
        let taken = TakenOnce::default();
        let (now, end) = (
            Timestamp::from_seconds(1_000),
            Timestamp::from_seconds(1_301),
        );
        let name = |n: usize| ("hospital.chuo".to_owned(), n.to_string());
        for n in 0..PRESENTED_MAX {
            assert_eq!(taken.remember(name(n), end, now), Ok(()));
        }
        assert_eq!(taken.remember(name(0), end, now), Err(NotTaken::Before));
        let one_more = || taken.remember(name(PRESENTED_MAX), end, now);
        assert_eq!(one_more(), Err(NotTaken::Full));
        assert_eq!(taken.remember(name(PRESENTED_MAX), end, end), Ok(()));
        assert_eq!(one_more(), Err(NotTaken::Before));
    }
}

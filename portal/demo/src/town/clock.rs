//! A clock that is set, step by step, through the weeks before today, and then becomes the
//! machine's own.
//!
//! The ledger's writer watches that wall and monotonic clock run together. Both are therefore read
//! from one value here: while the past is told, both stand at the time that was set; after
//! [`SeedClock::hand_over`] the wall clock is the machine's and the monotonic one goes on from the
//! instant of handing over. Set it only while no command is waiting: the writer reads one clock
//! after the other.

use std::sync::{PoisonError, RwLock};

use akashi_ledger::clock::SystemClock;
use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

/// The demo's clock. The monotonic clock counts from 1970, so that both advance by the same
/// amounts.
pub struct SeedClock {
    reading: RwLock<Reading>,
}

enum Reading {
    /// Stands still between two steps of the past.
    Set(Timestamp),
    /// Runs: the machine's clocks, and where the monotonic one went on.
    Running {
        system: SystemClock,
        from: Timestamp,
    },
}

impl SeedClock {
    /// A clock that stands at this time.
    pub const fn standing_at(time: Timestamp) -> Self {
        Self {
            reading: RwLock::new(Reading::Set(time)),
        }
    }

    /// The machine's clock, as after [`Self::hand_over`].
    pub fn running() -> Self {
        let clock = Self::standing_at(Timestamp::default());
        clock.hand_over();
        clock
    }

    /// Sets the clock ahead. It never goes back, and once it runs it cannot be set.
    pub fn advance_to(&self, time: Timestamp) {
        let mut reading = self.reading.write().unwrap_or_else(PoisonError::into_inner);
        if let Reading::Set(now) = &mut *reading {
            *now = time.max(*now);
        }
    }

    /// From here on the clock is the machine's.
    pub fn hand_over(&self) {
        let mut reading = self.reading.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(*reading, Reading::Set(_)) {
            let system = SystemClock::default();
            *reading = Reading::Running {
                from: system.wall(),
                system,
            };
        }
    }
}

impl Clock for SeedClock {
    fn wall(&self) -> Timestamp {
        match &*self.reading.read().unwrap_or_else(PoisonError::into_inner) {
            Reading::Set(time) => *time,
            Reading::Running { system, .. } => system.wall(),
        }
    }

    fn monotonic_millis(&self) -> u64 {
        match &*self.reading.read().unwrap_or_else(PoisonError::into_inner) {
            Reading::Set(time) => time.as_millis(),
            Reading::Running { system, from } => {
                from.plus_millis(system.monotonic_millis()).as_millis()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_and_monotonic_advance_together_through_the_past_and_over_the_handing_over() {
        let past = SystemClock::default()
            .wall()
            .minus_millis(30 * 24 * 3_600_000);
        let clock = SeedClock::standing_at(past);
        let both = || (clock.wall().as_millis(), clock.monotonic_millis());
        assert_eq!(both(), (past.as_millis(), past.as_millis()));
        clock.advance_to(past.plus_millis(86_400_000));
        assert_eq!(both().0, both().1);
        clock.advance_to(past);
        assert_eq!(
            clock.wall(),
            past.plus_millis(86_400_000),
            "it never goes back"
        );
        clock.hand_over();
        let (wall, monotonic) = both();
        assert!(
            wall.abs_diff(monotonic) < 100,
            "they run together from the instant of handing over"
        );
        clock.advance_to(Timestamp::MAX);
        assert!(
            clock.wall() < Timestamp::MAX,
            "a running clock cannot be set"
        );
    }
}

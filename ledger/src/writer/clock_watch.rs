//! The watch over the clocks: a record's time is the writer's, and never one that cannot be
//! trusted.

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

use crate::error::ClockError;

/// How far wall and monotonic clock may part within [`WINDOW_MILLIS`] (docs/DESIGN.md "The
/// writer").
const PART_MILLIS_MAX: u64 = 2_000;
/// A drift of 2 s in a minute is a clock that was set, not one that is slow.
const WINDOW_MILLIS: u64 = 60_000;

/// Watches that the wall clock runs with the monotonic one, and never gives a time earlier than the
/// record before.
pub(crate) struct ClockWatch {
    wall: Timestamp,
    monotonic: u64,
    last: Timestamp,
}

impl ClockWatch {
    /// Begins to watch; `last` is the time of the last record.
    ///
    /// # Errors
    /// [`ClockError::Behind`] when the wall clock is earlier than the last record.
    pub(crate) fn start(clock: &dyn Clock, last: Timestamp) -> Result<Self, ClockError> {
        let wall = clock.wall();
        if wall < last {
            return Err(ClockError::Behind);
        }
        Ok(Self {
            wall,
            monotonic: clock.monotonic_millis(),
            last,
        })
    }

    /// The time for the next records: the wall clock, never less than before.
    ///
    /// # Errors
    /// [`ClockError::Parted`].
    pub(crate) fn now(&mut self, clock: &dyn Clock) -> Result<Timestamp, ClockError> {
        let (wall, monotonic) = (clock.wall(), clock.monotonic_millis());
        let ran = monotonic.saturating_sub(self.monotonic);
        let expected = self.wall.plus_millis(ran);
        if wall.as_millis().abs_diff(expected.as_millis()) > PART_MILLIS_MAX {
            return Err(ClockError::Parted);
        }
        if ran >= WINDOW_MILLIS {
            (self.wall, self.monotonic) = (wall, monotonic);
        }
        self.last = self.last.max(wall);
        Ok(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct Set {
        wall: AtomicU64,
        monotonic: AtomicU64,
    }

    impl Set {
        fn to(&self, wall: u64, monotonic: u64) -> &Self {
            self.wall.store(wall, Ordering::Relaxed);
            self.monotonic.store(monotonic, Ordering::Relaxed);
            self
        }
    }

    impl Clock for Set {
        fn wall(&self) -> Timestamp {
            Timestamp::from_millis(self.wall.load(Ordering::Relaxed))
        }
        fn monotonic_millis(&self) -> u64 {
            self.monotonic.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn a_clock_that_jumps_back_or_ahead_stops_the_writer() {
        let clock = Set::default();
        let mut watch =
            ClockWatch::start(clock.to(100_000, 0), Timestamp::from_millis(90_000)).unwrap();
        assert_eq!(
            watch.now(clock.to(100_500, 500)).unwrap(),
            Timestamp::from_millis(100_500)
        );
        assert_eq!(watch.now(clock.to(90_000, 600)), Err(ClockError::Parted));
        assert_eq!(watch.now(clock.to(200_000, 700)), Err(ClockError::Parted));
        assert_eq!(
            watch.now(clock.to(100_800, 800)).unwrap(),
            Timestamp::from_millis(100_800),
            "set right again"
        );
    }

    #[test]
    fn small_steps_back_repeat_the_last_time_and_slow_drift_is_followed() {
        let clock = Set::default();
        let mut watch = ClockWatch::start(clock.to(100_000, 0), Timestamp::default()).unwrap();
        assert_eq!(
            watch.now(clock.to(101_000, 1_000)).unwrap().as_millis(),
            101_000
        );
        assert_eq!(
            watch.now(clock.to(100_900, 1_100)).unwrap().as_millis(),
            101_000
        );
        for minute in 1..=5 {
            let drifted = 100_000 + minute * 61_000;
            assert_eq!(
                watch
                    .now(clock.to(drifted, minute * 60_000))
                    .unwrap()
                    .as_millis(),
                drifted
            );
        }
    }

    #[test]
    fn a_wall_clock_before_the_last_record_refuses_to_start() {
        let clock = Set::default();
        assert!(ClockWatch::start(clock.to(5, 0), Timestamp::from_millis(6)).is_err());
        assert!(ClockWatch::start(clock.to(6, 0), Timestamp::from_millis(6)).is_ok());
    }
}

//! The watch over the clocks: a record's time is the writer's, and never one that cannot be
//! trusted.
//!
//! A wall clock that was set says what nobody can check: whoever recorded under one of 2099 could
//! never record again. So the writer stops, and goes on by itself once both clocks have run
//! together for a minute and the wall clock can follow the last record.

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

use crate::error::ClockError;
use crate::limits::{CLOCK_PART_MILLIS_MAX, CLOCK_PAUSE_MILLIS_MAX, CLOCK_WINDOW_MILLIS};

/// How long after the last record the wall clock is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// [`CLOCK_PAUSE_MILLIS_MAX`].
    Bounded,
    /// However long: a demo's, and where somebody has looked at the clock.
    Any,
}

/// Watches that the wall clock runs with the monotonic one, and never gives a time earlier than the
/// record before.
pub(crate) struct ClockWatch {
    state: State,
    last: Timestamp,
    pause: Pause,
}

enum State {
    /// They are believed, and have run together since this reading, of the last minute.
    Believed(Reading),
    Stopped {
        why: ClockError,
        /// The last reading that was believed.
        before: Option<Reading>,
        /// Since when they have run together.
        since: Reading,
    },
}

/// Both clocks at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    wall: Timestamp,
    monotonic: u64,
}

impl ClockWatch {
    /// Begins to watch; `last` is the time of the last record.
    pub(crate) fn start(clock: &dyn Clock, last: Timestamp, pause: Pause) -> Self {
        let now = Reading::of(clock);
        let state = match follows(now.wall, last, pause) {
            Ok(()) => State::Believed(now),
            Err(why) => State::Stopped {
                why,
                before: None,
                since: now,
            },
        };
        Self { state, last, pause }
    }

    /// Why the clocks were not believed when they were looked at last.
    pub(crate) const fn stopped(&self) -> Option<ClockError> {
        match self.state {
            State::Believed(_) => None,
            State::Stopped { why, .. } => Some(why),
        }
    }

    /// The reading that further ones are compared with, or why none is believed: as of the last
    /// look.
    pub(crate) const fn believed(&self) -> Result<Reading, ClockError> {
        match self.state {
            State::Believed(from) => Ok(from),
            State::Stopped { why, .. } => Err(why),
        }
    }

    /// The time for the next records: the wall clock, never less than before.
    ///
    /// # Errors
    /// [`ClockError`] while it cannot be believed.
    pub(crate) fn now(&mut self, clock: &dyn Clock) -> Result<Timestamp, ClockError> {
        let now = Reading::of(clock);
        self.state = match self.state {
            State::Believed(from) => believed(from, now),
            State::Stopped { before, since, .. } => self.stopped_before(now, before, since),
        };
        match self.stopped() {
            Some(why) => Err(why),
            None => {
                self.last = self.last.max(now.wall);
                Ok(self.last)
            }
        }
    }

    fn stopped_before(&self, now: Reading, before: Option<Reading>, since: Reading) -> State {
        // Set right again: it says what it would have said, had nobody touched it.
        if before.is_some_and(|before| before.runs_to(now)) {
            return State::Believed(now);
        }
        let stopped = |why, since| State::Stopped { why, before, since };
        if !since.runs_to(now) {
            return stopped(since.parted(now), now);
        }
        match (follows(now.wall, self.last, self.pause), self.stopped()) {
            (Ok(()), _) if since.ran(now) >= CLOCK_WINDOW_MILLIS => State::Believed(now),
            (Err(why), _) | (Ok(()), Some(why)) => stopped(why, since),
            (Ok(()), None) => State::Believed(now),
        }
    }
}

fn believed(from: Reading, now: Reading) -> State {
    if !from.runs_to(now) {
        let (why, before, since) = (from.parted(now), Some(from), now);
        return State::Stopped { why, before, since };
    }
    let is_over = from.ran(now) >= CLOCK_WINDOW_MILLIS;
    State::Believed(if is_over { now } else { from })
}

/// Whether a record of this time can follow one of the time `last`.
fn follows(wall: Timestamp, last: Timestamp, pause: Pause) -> Result<(), ClockError> {
    if wall < last {
        return Err(ClockError::Behind { wall, last });
    }
    match pause {
        Pause::Bounded if wall > last.plus_millis(CLOCK_PAUSE_MILLIS_MAX) => {
            Err(ClockError::Ahead { wall, last })
        }
        Pause::Bounded | Pause::Any => Ok(()),
    }
}

impl Reading {
    /// What the wall clock says, where both clocks have run together since this reading: what the
    /// writer would find if it looked now.
    ///
    /// # Errors
    /// [`ClockError::Parted`].
    pub(crate) fn wall_now(self, clock: &dyn Clock) -> Result<Timestamp, ClockError> {
        let now = Self::of(clock);
        if self.runs_to(now) {
            Ok(now.wall)
        } else {
            Err(self.parted(now))
        }
    }

    fn of(clock: &dyn Clock) -> Self {
        Self {
            wall: clock.wall(),
            monotonic: clock.monotonic_millis(),
        }
    }

    const fn ran(self, now: Self) -> u64 {
        now.monotonic.saturating_sub(self.monotonic)
    }

    /// What the wall clock should say.
    fn expected(self, now: Self) -> Timestamp {
        self.wall.plus_millis(self.ran(now))
    }

    /// Whether both clocks have run as far.
    fn runs_to(self, now: Self) -> bool {
        let (wall, expected) = (now.wall.as_millis(), self.expected(now).as_millis());
        wall.abs_diff(expected) <= CLOCK_PART_MILLIS_MAX
    }

    fn parted(self, now: Self) -> ClockError {
        ClockError::Parted {
            wall: now.wall,
            expected: self.expected(now),
        }
    }
}

#[cfg(test)]
mod tests;

//! The watch over the clocks: a record's time is the writer's, and never one that cannot be
//! trusted.
//!
//! A wall clock that was set says what nobody can check: whoever recorded under one of 2099 could
//! never record again. So the writer stops, and goes on by itself once both clocks have run
//! together for a minute and the wall clock can follow the last record. Whether a week of nothing
//! was a long pause or a clock of another year no machine can tell by itself: the supervisors do,
//! by a record ([`Standstill`], docs/decisions/0025). No time falls: a clock before the last record
//! is mended, and nobody can vouch for it.

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;
use akashi_proof::limits::PAUSE_MILLIS_MAX;

use crate::error::ClockError;
use crate::limits::{CLOCK_PART_MILLIS_MAX, CLOCK_WINDOW_MILLIS};

/// How long after the last record the wall clock is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// [`PAUSE_MILLIS_MAX`]; above it as many supervisors as must sign have to vouch for the clock.
    Bounded,
    /// However long: a demo's.
    Any,
}

/// A ledger that stands still because nothing was recorded for longer than
/// [`PAUSE_MILLIS_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// The time of its last record.
    pub last: Timestamp,
    /// The time for the record that resumes it: what the wall clock says.
    pub wall: Timestamp,
}

/// Watches that the wall clock runs with the monotonic one, and never gives a time earlier than the
/// record before.
pub(crate) struct ClockWatch {
    state: State,
    /// The time of the last record.
    last: Timestamp,
    /// What the wall clock said when it was believed last: a ledger that is running and idle has
    /// not stood still.
    seen: Timestamp,
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
        let mut watch = Self {
            state: State::Believed(now),
            last,
            seen: last,
            pause,
        };
        if let Err(why) = watch.follows(now.wall) {
            let (before, since) = (None, now);
            watch.state = State::Stopped { why, before, since };
        }
        watch
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

    /// Where the ledger stands still, as of the last look: nobody but its supervisors can say that
    /// the clock is right. Not while it is before the last record, or was set just now.
    pub(crate) const fn standstill(&self) -> Option<Standstill> {
        match self.stopped() {
            Some(ClockError::Ahead { wall, last }) => Some(Standstill { last, wall }),
            Some(ClockError::Behind { .. } | ClockError::Parted { .. }) | None => None,
        }
    }

    /// The record is durable by which the supervisors vouch for the clock: it is believed from
    /// here, as long as it goes on as it ran.
    pub(crate) fn vouched(&mut self, clock: &dyn Clock) {
        let now = Reading::of(clock);
        if let State::Stopped { since, .. } = self.state
            && since.runs_to(now)
        {
            self.seen = now.wall;
            self.state = State::Believed(now);
        }
    }

    /// The log has a record of this time: what follows is never of an earlier one.
    pub(crate) fn recorded(&mut self, time: Timestamp) {
        self.last = self.last.max(time);
    }

    /// The time for the next records: the wall clock, never less than the last record's.
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
                self.seen = now.wall;
                Ok(self.last.max(now.wall))
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
        match (self.follows(now.wall), self.stopped()) {
            (Ok(()), _) if since.ran(now) >= CLOCK_WINDOW_MILLIS => State::Believed(now),
            (Err(why), _) | (Ok(()), Some(why)) => stopped(why, since),
            (Ok(()), None) => State::Believed(now),
        }
    }

    /// Whether records of this time can follow.
    fn follows(&self, wall: Timestamp) -> Result<(), ClockError> {
        let last = self.last;
        if wall < last {
            return Err(ClockError::Behind { wall, last });
        }
        let believed = self.seen.max(last).plus_millis(PAUSE_MILLIS_MAX);
        match self.pause {
            Pause::Bounded if wall > believed => Err(ClockError::Ahead { wall, last }),
            Pause::Bounded | Pause::Any => Ok(()),
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

//! The clock, handed in: pure code takes `now` as a value, loops take a [`Clock`].

use crate::ids::Timestamp;

/// Two clocks of one machine: the wall clock can be set, the monotonic one only runs.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn wall(&self) -> Timestamp;
    /// Milliseconds since some fixed instant; never runs backwards.
    fn monotonic_millis(&self) -> u64;
}

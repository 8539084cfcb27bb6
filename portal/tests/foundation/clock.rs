//! Time passes when a test says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

use super::BEGIN;

/// Both clocks, moved together by hand.
pub struct HandClock(AtomicU64);

impl HandClock {
    /// A clock that shows [`BEGIN`].
    pub fn at_begin() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(BEGIN * 1000)))
    }

    pub fn pass_seconds(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1000, Relaxed);
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        self.0.load(Relaxed) / 1000
    }
}

impl Clock for HandClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Relaxed))
    }

    fn monotonic_millis(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

//! Time passes when a test says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

/// Both clocks, moved by hand; the wall clock can be set apart from the other.
#[derive(Debug)]
pub struct SetClock {
    millis: AtomicU64,
    apart_millis: AtomicI64,
}

impl SetClock {
    /// Clocks that show this time.
    pub fn at(time: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            millis: AtomicU64::new(time.as_millis()),
            apart_millis: AtomicI64::new(0),
        })
    }

    /// Time passes.
    pub fn pass(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock: forward, or backward where the time is negative.
    pub fn set_apart(&self, millis: i64) {
        self.apart_millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Seconds since 1970, as statements say them.
    pub fn seconds(&self) -> u64 {
        self.wall().as_millis() / 1000
    }
}

impl Clock for SetClock {
    fn wall(&self) -> Timestamp {
        let apart = self.apart_millis.load(Ordering::SeqCst);
        Timestamp::from_millis(self.monotonic_millis().saturating_add_signed(apart))
    }

    fn monotonic_millis(&self) -> u64 {
        self.millis.load(Ordering::SeqCst)
    }
}

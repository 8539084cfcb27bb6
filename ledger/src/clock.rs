//! The machine's clocks: the only place in this crate that asks what time it is.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

/// The clocks of the machine.
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix(since)
    }

    fn monotonic_millis(&self) -> u64 {
        Timestamp::from_unix(self.started.elapsed()).as_millis()
    }
}

//! The machine's clocks: the only place in this crate that asks what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// The clocks of the machine.
///
/// The monotonic one is Linux's `CLOCK_BOOTTIME`, which goes on while the machine sleeps: beside
/// one that stands still then, every morning's wall clock would look as if somebody had set it.
pub struct SystemClock {
    started: Duration,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: running() }
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
        Timestamp::from_unix(running().saturating_sub(self.started)).as_millis()
    }
}

/// How long the machine has been there, asleep or awake.
fn running() -> Duration {
    // Elsewhere it is the clock that stands still in sleep: the writer stops for a minute then.
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    clock_gettime(clock).try_into().unwrap_or_default()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn it_counts_what_the_machine_has_slept_too() {
        let before = running().as_secs_f64();
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let after = running().as_secs_f64();
        let (uptime, _) = uptime.split_once(' ').unwrap();
        let uptime: f64 = uptime.parse().unwrap();
        // The file says hundredths; between the two readings any time may pass.
        let between = before - 1.0..after + 1.0;
        assert!(
            between.contains(&uptime),
            "{uptime} s is not in {between:?}"
        );
    }
}

//! Waiting that ends when the notifier is stopped, and waits that grow.

use std::time::Duration;

use akashi_ledger::command::ChangeOutbox;
use akashi_ledger::{Ledger, Refusal};
use tokio::sync::watch;

/// Told when to stop.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(crate) const fn new(receiver: watch::Receiver<bool>) -> Self {
        Self(receiver)
    }

    /// Whether to stop: somebody said so, or nobody is left who could.
    pub(crate) fn is_set(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Returns when to stop; at once if nobody is left who could say so.
    pub(crate) async fn wait(&mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Waits, at most until told to stop. Whether to stop.
    pub(crate) async fn pause(&mut self, time: Duration) -> bool {
        tokio::select! {
            () = self.wait() => true,
            () = tokio::time::sleep(time) => self.is_set(),
        }
    }

    /// Waits until the ledger takes commands again; only then can be read what became of a commit
    /// that failed. False when to stop first.
    pub(crate) async fn until_ledger_goes_on(&mut self, ledger: &Ledger) -> bool {
        let mut backoff = Backoff::for_ledger();
        loop {
            if self.pause(backoff.next()).await {
                return false;
            }
            let changes = Vec::new();
            match ledger.submit(ChangeOutbox { changes }).await {
                Ok(_) => return true,
                Err(Refusal::Stopped) => return false,
                Err(refusal) => tracing::debug!(
                    reason = refusal.reason(),
                    "the ledger takes no commands yet"
                ),
            }
        }
    }
}

/// Waits that double up to a bound.
pub(crate) struct Backoff {
    next: Duration,
    longest: Duration,
}

/// The first wait for a ledger that refuses: a full queue is empty again within it.
const LEDGER_FIRST: Duration = Duration::from_millis(100);
/// The longest wait for a ledger that has stopped.
const LEDGER_LONGEST: Duration = Duration::from_secs(10);

impl Backoff {
    /// For a ledger that is busy or has stopped.
    pub(crate) const fn for_ledger() -> Self {
        Self {
            next: LEDGER_FIRST,
            longest: LEDGER_LONGEST,
        }
    }

    /// The next wait.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.longest);
        wait
    }
}

/// The wait after so many failures in a row: `first`, doubled each time, at most `longest`.
pub(crate) fn after_failures(failures: u64, first: Duration, longest: Duration) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(31);
    first.saturating_mul(1 << doublings).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound() {
        let mut backoff = Backoff::for_ledger();
        let waits: Vec<u128> = (0..9).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(
            waits,
            [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]
        );
        let after = |failures| {
            after_failures(failures, Duration::from_secs(2), Duration::from_secs(600)).as_secs()
        };
        assert_eq!(
            [
                after(1),
                after(2),
                after(3),
                after(9),
                after(10),
                after(u64::MAX)
            ],
            [2, 4, 8, 512, 600, 600]
        );
    }

    #[tokio::test]
    async fn a_pause_ends_when_told_to_stop() {
        let (sender, receiver) = watch::channel(false);
        let mut stop = Stop::new(receiver);
        assert!(!stop.pause(Duration::from_millis(1)).await);
        sender.send(true).unwrap();
        assert!(stop.pause(Duration::from_secs(3_600)).await);
        drop(sender);
        assert!(stop.pause(Duration::from_secs(3_600)).await);
    }
    #[tokio::test]
    async fn nobody_left_who_could_say_so_is_a_reason_to_stop() {
        let (sender, receiver) = watch::channel(false);
        let mut stop = Stop::new(receiver);
        assert!(!stop.is_set());
        drop(sender);
        assert!(stop.is_set() && stop.pause(Duration::from_secs(3_600)).await);
    }
}

//! Which messages are to be handed over, and when: keys of the outbox, in memory.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Keys held in memory, about 5 MB; what is beyond stays in the outbox until there is room.
const KEYS_MAX: usize = 65_536;

/// Which messages are to be handed over, and when.
#[derive(Default)]
pub(crate) struct Queue {
    keys: Mutex<Keys>,
    arrived: Notify,
}

#[derive(Default)]
struct Keys {
    /// Due now, the most urgent first, as their keys say.
    ready: BTreeSet<Vec<u8>>,
    /// Due later.
    due: BTreeSet<(Instant, Vec<u8>)>,
    /// Every key in `ready` and `due` and every one being handed over.
    known: HashSet<Vec<u8>>,
}

impl Queue {
    /// Takes in new messages, due now. What finds no room is found again in the outbox: the least
    /// urgent, not the newest.
    pub(crate) fn push(&self, keys: impl IntoIterator<Item = Vec<u8>>) {
        let mut held = self.keys();
        for key in keys {
            if held.makes_room_for(&key) && held.known.insert(key.clone()) {
                held.ready.insert(key);
            }
        }
        drop(held);
        self.arrived.notify_one();
    }

    /// How many are known.
    pub(crate) fn len(&self) -> usize {
        self.keys().known.len()
    }

    /// The key of a message that is due now; it counts as known until [`Self::done`].
    pub(crate) fn take_due(&self) -> Option<Vec<u8>> {
        let mut held = self.keys();
        let now = Instant::now();
        while held.due.first().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, key)) = held.due.pop_first() {
                held.ready.insert(key);
            }
        }
        held.ready.pop_first()
    }

    /// When the next message is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let held = self.keys();
        if held.ready.is_empty() {
            held.due.first().map(|(at, _)| *at)
        } else {
            Some(Instant::now())
        }
    }

    /// Puts a key that was taken back, due after `wait`.
    pub(crate) fn later(&self, key: &[u8], wait: Duration) {
        self.keys()
            .due
            .insert((Instant::now() + wait, key.to_vec()));
        self.arrived.notify_one();
    }

    /// Lets go of a key that was taken.
    pub(crate) fn done(&self, key: &[u8]) {
        self.keys().known.remove(key);
    }

    /// Whether more keys are taken in.
    pub(crate) fn has_room(&self) -> bool {
        self.len() < KEYS_MAX
    }

    /// Returns when something came or was put back.
    pub(crate) async fn changed(&self) {
        self.arrived.notified().await;
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    /// Whether there is room for this key, if need be in the place of a less urgent one.
    fn makes_room_for(&mut self, key: &[u8]) -> bool {
        if self.known.len() < KEYS_MAX {
            return true;
        }
        if self.ready.last().is_none_or(|last| last.as_slice() <= key) {
            return false;
        }
        let least = self.ready.pop_last();
        least.is_some_and(|least| self.known.remove(&least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(urgency: u8, about: u64) -> Vec<u8> {
        [b"n", &[urgency][..], &about.to_be_bytes()].concat()
    }

    #[tokio::test]
    async fn what_is_urgent_goes_first_and_finds_room_in_a_full_queue() {
        let queue = Queue::default();
        queue.push((0..KEYS_MAX as u64).map(|about| key(4, about)));
        queue.push([key(4, u64::MAX)]);
        assert_eq!(
            queue.len(),
            KEYS_MAX,
            "the newest of the least urgent waits"
        );
        queue.push([key(0, u64::MAX), key(2, 7)]);
        assert_eq!(queue.len(), KEYS_MAX);
        assert_eq!(queue.take_due(), Some(key(0, u64::MAX)));
        assert_eq!(queue.take_due(), Some(key(2, 7)));
        assert_eq!(queue.take_due(), Some(key(4, 0)));
        queue.later(&key(0, u64::MAX), Duration::from_secs(60));
        assert_eq!(queue.take_due(), Some(key(4, 1)));
        queue.later(&key(0, 5), Duration::ZERO);
        assert_eq!(queue.take_due(), Some(key(0, 5)), "due again");
    }
}

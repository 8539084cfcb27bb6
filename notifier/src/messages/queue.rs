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
    due: BTreeSet<(Instant, Vec<u8>)>,
    /// Every key in `due` and every one being handed over.
    known: HashSet<Vec<u8>>,
}

impl Queue {
    /// Takes in new messages, due now. What finds no room is found again in the outbox.
    pub(crate) fn push(&self, keys: impl IntoIterator<Item = Vec<u8>>) {
        let now = Instant::now();
        let mut held = self.keys();
        for key in keys {
            if held.known.len() < KEYS_MAX && held.known.insert(key.clone()) {
                held.due.insert((now, key));
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
        let (at, _) = held.due.first()?;
        if *at > Instant::now() {
            return None;
        }
        held.due.pop_first().map(|(_, key)| key)
    }

    /// When the next message is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.keys().due.first().map(|(at, _)| *at)
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

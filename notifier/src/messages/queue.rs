//! Which messages are to be handed over, and when: keys of the outbox, in memory, a queue for each
//! channel. One whose other side fails holds nothing up that another carries.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_proof::record::kind::Channel;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::QUEUED_MAX;

/// A queue for each channel.
#[derive(Default)]
pub(crate) struct Queues {
    sms: Queue,
    email: Queue,
}

impl Queues {
    /// The queue of what leaves by this channel.
    pub(crate) const fn of(&self, channel: Channel) -> &Queue {
        match channel {
            Channel::Sms => &self.sms,
            Channel::Email => &self.email,
        }
    }
}

/// Which messages of a channel are to be handed over, and when.
#[derive(Default)]
pub(crate) struct Queue {
    keys: Mutex<Keys>,
    arrived: Notify,
}

#[derive(Default)]
struct Keys {
    /// What waits, the most urgent first, as its key says: since when it is due, where it is not
    /// due now.
    waiting: BTreeMap<Vec<u8>, Option<Instant>>,
    /// Of those what is due now.
    ready: BTreeSet<Vec<u8>>,
    /// What is due later.
    due: BTreeSet<(Instant, Vec<u8>)>,
    /// What is being handed over.
    taken: HashSet<Vec<u8>>,
    /// Whether all of the outbox has been looked through since something found no room.
    knows_all: bool,
    /// Whether something has found no room since the looking through began.
    has_refused: bool,
}

impl Queue {
    /// Takes in a new message, due now. What finds no room is found again in the outbox: the least
    /// urgent, not the newest, whether it is due or waits for its next try.
    pub(crate) fn push(&self, key: Vec<u8>) {
        self.keys().push(key);
        self.arrived.notify_one();
    }

    /// How many are known.
    pub(crate) fn len(&self) -> usize {
        self.keys().len()
    }

    /// The key of a message that is due now; it counts as known until [`Self::done`].
    pub(crate) fn take_due(&self) -> Option<Vec<u8>> {
        let mut held = self.keys();
        held.ripen(Instant::now());
        let key = held.ready.pop_first()?;
        held.waiting.remove(&key);
        held.taken.insert(key.clone());
        Some(key)
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
        let at = Instant::now() + wait;
        let mut held = self.keys();
        held.taken.remove(key);
        held.waiting.insert(key.to_vec(), Some(at));
        held.due.insert((at, key.to_vec()));
        drop(held);
        self.arrived.notify_one();
    }

    /// Lets go of a key that was taken.
    pub(crate) fn done(&self, key: &[u8]) {
        self.keys().taken.remove(key);
    }

    /// The outbox is looked through from its beginning.
    pub(crate) fn begin_scan(&self) {
        self.keys().has_refused = false;
    }

    /// Whether more of it is of use, once so many rows were read: what is not known may be there,
    /// and there is room.
    pub(crate) fn wants_more(&self, read: usize) -> bool {
        let held = self.keys();
        held.len() < QUEUED_MAX && (!held.knows_all || read < QUEUED_MAX)
    }

    /// It was looked through to its end.
    pub(crate) fn end_scan(&self) {
        let mut held = self.keys();
        held.knows_all = !held.has_refused;
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
    fn len(&self) -> usize {
        self.waiting.len() + self.taken.len()
    }

    fn push(&mut self, key: Vec<u8>) {
        if self.waiting.contains_key(&key) || self.taken.contains(&key) {
            return;
        }
        if self.makes_room_for(&key) {
            self.waiting.insert(key.clone(), None);
            self.ready.insert(key);
        }
    }

    /// Whether there is room for this key, if need be in the place of a less urgent one.
    fn makes_room_for(&mut self, key: &[u8]) -> bool {
        if self.len() < QUEUED_MAX {
            return true;
        }
        self.knows_all = false;
        self.has_refused = true;
        let least = self.waiting.last_key_value();
        if least.is_none_or(|(least, _)| least.as_slice() <= key) {
            return false;
        }
        let Some((least, due)) = self.waiting.pop_last() else {
            return false;
        };
        match due {
            None => self.ready.remove(&least),
            Some(at) => self.due.remove(&(at, least)),
        }
    }

    /// What was due later, and is now.
    fn ripen(&mut self, now: Instant) {
        while self.due.first().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, key)) = self.due.pop_first() {
                self.waiting.insert(key.clone(), None);
                self.ready.insert(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(urgency: u8, about: u64) -> Vec<u8> {
        [b"n", &[urgency][..], &about.to_be_bytes()].concat()
    }

    const ALL: u64 = QUEUED_MAX as u64;

    fn push(queue: &Queue, keys: impl IntoIterator<Item = Vec<u8>>) {
        keys.into_iter().for_each(|key| queue.push(key));
    }

    #[tokio::test]
    async fn what_is_urgent_goes_first_and_finds_room_in_a_full_queue() {
        let queue = Queue::default();
        push(&queue, (0..ALL).map(|about| key(4, about)));
        queue.push(key(4, u64::MAX));
        assert_eq!(
            queue.len(),
            QUEUED_MAX,
            "the newest of the least urgent waits"
        );
        push(&queue, [key(0, u64::MAX), key(2, 7)]);
        assert_eq!(queue.len(), QUEUED_MAX);
        assert_eq!(queue.take_due(), Some(key(0, u64::MAX)));
        assert_eq!(queue.take_due(), Some(key(2, 7)));
        assert_eq!(queue.take_due(), Some(key(4, 0)));
        queue.later(&key(0, u64::MAX), Duration::from_secs(60));
        assert_eq!(queue.take_due(), Some(key(4, 1)));
        queue.later(&key(0, 5), Duration::ZERO);
        assert_eq!(queue.take_due(), Some(key(0, 5)), "due again");
    }

    #[test]
    fn what_found_no_room_is_looked_for_until_it_is_found() {
        let queue = Queue::default();
        assert!(queue.wants_more(QUEUED_MAX), "nothing was looked through");
        queue.begin_scan();
        push(&queue, (0..ALL).map(|about| key(4, about)));
        assert!(!queue.wants_more(0), "N: no room");
        queue.end_scan();
        assert_eq!(queue.take_due(), Some(key(4, 0)));
        queue.done(&key(4, 0));
        assert!(queue.wants_more(QUEUED_MAX - 1));
        assert!(!queue.wants_more(QUEUED_MAX), "all is known");
        push(&queue, [key(4, ALL), key(4, ALL + 1)]);
        assert_eq!(queue.take_due(), Some(key(4, 1)));
        queue.done(&key(4, 1));
        assert!(queue.wants_more(QUEUED_MAX), "N + 1: one is not");
        queue.begin_scan();
        queue.push(key(4, ALL + 1));
        queue.end_scan();
        assert_eq!(queue.take_due(), Some(key(4, 2)));
        queue.done(&key(4, 2));
        assert!(!queue.wants_more(QUEUED_MAX), "found again");
    }

    /// A gateway that refuses at once: each is taken, fails, and waits for its next try.
    #[tokio::test]
    async fn a_warning_finds_room_where_everything_waits_for_its_next_try() {
        let queue = Queue::default();
        push(&queue, (0..ALL).map(|about| key(3, about)));
        while let Some(key) = queue.take_due() {
            queue.later(&key, Duration::from_secs(600));
        }
        queue.push(key(4, 0));
        assert_eq!(queue.take_due(), None, "the least urgent finds no room");
        push(&queue, [key(0, 1), key(1, 1)]);
        assert_eq!(queue.len(), QUEUED_MAX);
        assert_eq!(queue.take_due(), Some(key(0, 1)));
        assert_eq!(queue.take_due(), Some(key(1, 1)));
        assert_eq!(queue.take_due(), None);
        // What made room is due no more, and is taken in again.
        let last = key(3, ALL - 1);
        queue.done(&key(0, 1));
        push(&queue, [last.clone(), last.clone()]);
        assert_eq!(queue.len(), QUEUED_MAX);
        assert_eq!(queue.take_due(), Some(last));
        assert_eq!(queue.take_due(), None);
    }
}

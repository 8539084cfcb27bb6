//! Which histories are being written to somebody: one a person at a time, and so many in all.
//!
//! The newer takes the place of the older, which breaks off at its next part. So a connection that
//! hangs keeps nobody from trying again, and a person who asks a hundred times is read to once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use akashi_proof::ids::SubjectHandle;

use crate::limits::DOWNLOADS_RUNNING_MAX;

/// Those under way.
#[derive(Default)]
pub struct Running {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    next: u64,
    by_person: HashMap<SubjectHandle, u64>,
    by_age: BTreeMap<u64, SubjectHandle>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(u64);

impl Running {
    /// Begins one for this person. An earlier one of hers loses its turn; where as many as may are
    /// under way, the one begun first does.
    pub fn begin(&self, subject: SubjectHandle) -> Turn {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = held.next;
        held.next += 1;
        if let Some(before) = held.by_person.insert(subject, turn) {
            held.by_age.remove(&before);
        }
        held.by_age.insert(turn, subject);
        if held.by_age.len() > DOWNLOADS_RUNNING_MAX
            && let Some((_, first)) = held.by_age.pop_first()
        {
            held.by_person.remove(&first);
        }
        Turn(turn)
    }

    /// Whether it may still be written on.
    pub fn goes_on(&self, turn: Turn) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.by_age.contains_key(&turn.0)
    }

    /// It is whole.
    pub fn end(&self, turn: Turn) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subject) = held.by_age.remove(&turn.0) {
            held.by_person.remove(&subject);
        }
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.by_age.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: usize) -> SubjectHandle {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        SubjectHandle::from_bytes(bytes)
    }

    #[test]
    fn a_person_is_read_to_once_and_the_newest_try_goes_on() {
        let running = Running::default();
        let (first, other) = (running.begin(person(1)), running.begin(person(2)));
        let again = running.begin(person(1));
        assert!(!running.goes_on(first) && running.goes_on(again) && running.goes_on(other));
        running.end(first);
        assert!(running.goes_on(again), "the older takes nothing with it");
        running.end(again);
        assert_eq!(running.count(), 1);
    }

    #[test]
    fn one_more_than_may_run_ends_the_one_begun_first() {
        let running = Running::default();
        let turns: Vec<Turn> = (0..DOWNLOADS_RUNNING_MAX)
            .map(|n| running.begin(person(n)))
            .collect();
        assert!(turns.iter().all(|turn| running.goes_on(*turn)), "N");
        let more = running.begin(person(DOWNLOADS_RUNNING_MAX));
        assert!(running.goes_on(more) && !running.goes_on(turns[0]), "N + 1");
        assert_eq!(running.count(), DOWNLOADS_RUNNING_MAX);
    }
}

//! The queue before the writer: two lanes, each with its bound, so that a flood of requests can
//! never keep out a withdrawal, a block or a refusal.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::error::Refusal;
use crate::limits::{REGULAR_WAITING_MAX, URGENT_WAITING_MAX};

/// Which lane a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Withdraw, block, suspend, revoke, refuse: goes first.
    Urgent,
    /// Everything else.
    Regular,
}

/// The waiting commands.
pub(crate) struct Lanes<T> {
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
}

struct Waiting<T> {
    urgent: VecDeque<T>,
    regular: VecDeque<T>,
    closed: bool,
}

impl<T> Waiting<T> {
    fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.regular.is_empty()
    }
}

impl<T> Lanes<T> {
    pub(crate) const fn new() -> Self {
        let waiting = Waiting {
            urgent: VecDeque::new(),
            regular: VecDeque::new(),
            closed: false,
        };
        Self {
            waiting: Mutex::new(waiting),
            arrived: Condvar::new(),
        }
    }

    /// Lets a command wait, or refuses it at once when its lane is full.
    pub(crate) fn push(&self, lane: Lane, command: T) -> Result<(), Refusal> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.closed {
            return Err(Refusal::Stopped);
        }
        let (queue, most) = match lane {
            Lane::Urgent => (&mut waiting.urgent, URGENT_WAITING_MAX),
            Lane::Regular => (&mut waiting.regular, REGULAR_WAITING_MAX),
        };
        if queue.len() >= most {
            return Err(Refusal::Busy);
        }
        queue.push_back(command);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for commands and takes at most `most`, urgent ones first; with `patience` it comes
    /// back empty-handed when that long nothing came. `None` once the lanes are closed and empty.
    pub(crate) fn take(&self, most: usize, patience: Option<Duration>) -> Option<Vec<T>> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |w: &mut Waiting<T>| !w.closed && w.is_empty();
        let mut waiting = match patience {
            None => self
                .arrived
                .wait_while(waiting, idle)
                .unwrap_or_else(PoisonError::into_inner),
            Some(patience) => {
                self.arrived
                    .wait_timeout_while(waiting, patience, idle)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
        if waiting.closed && waiting.is_empty() {
            return None;
        }
        let urgent = waiting.urgent.len().min(most);
        let mut taken: Vec<T> = waiting.urgent.drain(..urgent).collect();
        let regular = waiting.regular.len().min(most - urgent);
        taken.extend(waiting.regular.drain(..regular));
        Some(taken)
    }

    /// Takes no more commands; those that wait are still taken.
    pub(crate) fn close(&self) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.arrived.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgent_commands_go_first_and_have_room_when_the_regular_lane_is_full() {
        let lanes = Lanes::new();
        for number in 0..REGULAR_WAITING_MAX {
            lanes.push(Lane::Regular, number).unwrap();
        }
        assert!(matches!(lanes.push(Lane::Regular, 0), Err(Refusal::Busy)));
        lanes.push(Lane::Urgent, usize::MAX).unwrap();
        assert_eq!(lanes.take(3, None).unwrap(), [usize::MAX, 0, 1]);
    }

    #[test]
    fn what_waits_is_still_taken_after_closing() {
        let lanes = Lanes::new();
        lanes.push(Lane::Regular, 1).unwrap();
        lanes.close();
        assert!(matches!(lanes.push(Lane::Urgent, 2), Err(Refusal::Stopped)));
        assert_eq!(lanes.take(9, None).unwrap(), [1]);
        assert_eq!(lanes.take(9, None), None);
    }

    #[test]
    fn patience_ends_where_nothing_comes() {
        let lanes: Lanes<u8> = Lanes::new();
        assert_eq!(lanes.take(9, Some(Duration::from_millis(1))), Some(vec![]));
        lanes.close();
        assert_eq!(lanes.take(9, Some(Duration::from_hours(1))), None);
    }
}

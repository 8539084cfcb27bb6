//! What waits for a thread of the ledger's: three lanes, each with its bound, so that a flood of
//! requests, or of what institutions end, can never keep out a withdrawal, a block or a refusal. In
//! each lane everybody who has something waiting has a share and takes turns ([`Payer`]).
//!
//! The key maker ([`crate::keys::key_maker`]) has a pair of them, the writer another.

mod queue;

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::error::Refusal;
use crate::limits::REGULAR_SHARE;
use queue::Queue;
pub use queue::{LaneFigures, Payer};

/// Which lane a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A person withdraws, blocks, refuses; supervisors suspend; a key is revoked: goes first.
    Urgent,
    /// What an institution ends by what it signs, a link code or a role: goes next, in numbers only
    /// it decides, and never takes a place of the urgent lane's.
    Ending,
    /// Everything else.
    Regular,
}

impl Lane {
    /// All, the first to go first.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Ending, Self::Regular];

    /// As figures are named after it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Ending => "ending",
            Self::Regular => "regular",
        }
    }
}

/// How many may wait in each lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) urgent: usize,
    pub(crate) ending: usize,
    pub(crate) regular: usize,
}

/// What waits.
pub(crate) struct Lanes<T> {
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
}

struct Waiting<T> {
    urgent: Queue<T>,
    ending: Queue<T>,
    regular: Queue<T>,
    closed: bool,
}

impl<T> Waiting<T> {
    fn new(bounds: Bounds) -> Self {
        Self {
            urgent: Queue::new(bounds.urgent),
            ending: Queue::new(bounds.ending),
            regular: Queue::new(bounds.regular),
            closed: false,
        }
    }

    const fn is_empty(&self) -> bool {
        self.urgent.len() == 0 && self.ending.len() == 0 && self.regular.len() == 0
    }
}

impl<T> Lanes<T> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            waiting: Mutex::new(Waiting::new(bounds)),
            arrived: Condvar::new(),
        }
    }

    /// Lets something wait, or refuses it at once when its lane is full or its payer has a share
    /// of it already.
    pub(crate) fn push(&self, lane: Lane, payer: Payer, item: T) -> Result<(), Refusal> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(Refusal::Stopped);
        }
        let queue = match lane {
            Lane::Urgent => &mut waiting.urgent,
            Lane::Ending => &mut waiting.ending,
            Lane::Regular => &mut waiting.regular,
        };
        queue.push(payer, item)?;
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for something and takes at most `most`, urgent ones first, then what ends, but for the
    /// share of the regular lane ([`REGULAR_SHARE`]); with `patience` it comes back empty-handed
    /// when that long nothing came. `None` once the lanes are closed and empty.
    pub(crate) fn take(&self, most: usize, patience: Option<Duration>) -> Option<Vec<T>> {
        let waiting = self.lock();
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
        // Those that go first never take all: whoever fills their lanes would keep everybody else
        // waiting.
        let kept = waiting.regular.len().min(most / REGULAR_SHARE);
        let mut taken = Vec::new();
        waiting.urgent.take(most - kept, &mut taken);
        waiting
            .ending
            .take((most - kept).saturating_sub(taken.len()), &mut taken);
        waiting.regular.take(most - taken.len(), &mut taken);
        Some(taken)
    }

    /// How full a lane is.
    pub(crate) fn figures(&self, lane: Lane) -> LaneFigures {
        let waiting = self.lock();
        match lane {
            Lane::Urgent => waiting.urgent.figures(),
            Lane::Ending => waiting.ending.figures(),
            Lane::Regular => waiting.regular.figures(),
        }
    }

    /// Takes no more; what waits is still taken.
    fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// Takes no more and lets go of what waits.
    fn abandon(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        let left = (
            waiting.urgent.give_up(),
            waiting.ending.give_up(),
            waiting.regular.give_up(),
        );
        // What an item does when it is let go is not done under the lock.
        drop(waiting);
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that takes what waits in its lanes. Dropping it closes them and waits until everything
/// in them is done.
pub(crate) struct Worker<T> {
    lanes: Arc<Lanes<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts the thread; `work` takes from the lanes until they are closed and empty.
    ///
    /// # Errors
    /// What the system says when it has no thread.
    pub(crate) fn start(
        name: &str,
        bounds: Bounds,
        work: impl FnOnce(&Lanes<T>) + Send + 'static,
    ) -> io::Result<Self> {
        let lanes = Arc::new(Lanes::new(bounds));
        let fall = Fall(Arc::clone(&lanes));
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&fall.0))?;
        Ok(Self {
            lanes,
            thread: Some(thread),
        })
    }
}

impl<T> Worker<T> {
    pub(crate) fn lanes(&self) -> &Lanes<T> {
        &self.lanes
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.lanes.close();
        if let Some(thread) = self.thread.take() {
            // A thread that fell over has said so; there is nothing left to wait for.
            let _ = thread.join();
        }
    }
}

/// If the thread falls over, nobody must wait for it: what waits is let go.
struct Fall<T>(Arc<Lanes<T>>);

impl<T> Drop for Fall<T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.abandon();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use akashi_proof::ids::InstitutionId;

    use super::*;
    use crate::limits::LANE_OF_ONE_SIGNER;

    const FEW: Bounds = Bounds {
        urgent: 2,
        ending: 1,
        regular: 3,
    };

    /// Whoever has no share of its own.
    const ALL: Payer = Payer::Ledger;

    #[test]
    fn urgent_ones_go_first_and_have_room_when_the_regular_lane_is_full() {
        let lanes = Lanes::new(FEW);
        for number in 0..FEW.regular {
            lanes.push(Lane::Regular, ALL, number).unwrap();
        }
        assert!(matches!(
            lanes.push(Lane::Regular, ALL, 0),
            Err(Refusal::Busy)
        ));
        lanes.push(Lane::Urgent, ALL, usize::MAX).unwrap();
        let [urgent, _, regular] = Lane::ALL.map(|lane| lanes.figures(lane));
        assert_eq!((urgent.waiting, urgent.refused), (1, 0));
        assert_eq!((regular.waiting, regular.refused), (3, 1));
        assert_eq!(lanes.take(3, None).unwrap(), [usize::MAX, 0, 1]);
        assert_eq!(lanes.figures(Lane::Regular).waiting, 1);
    }

    #[test]
    fn a_full_urgent_lane_leaves_a_quarter_of_what_is_taken() {
        let lanes = Lanes::new(Bounds {
            urgent: 9,
            ending: 9,
            regular: 9,
        });
        for number in 0..9 {
            lanes.push(Lane::Urgent, ALL, number).unwrap();
        }
        assert_eq!(lanes.take(3, None).unwrap(), [0, 1, 2], "nobody else waits");
        lanes.push(Lane::Regular, ALL, 100).unwrap();
        lanes.push(Lane::Regular, ALL, 101).unwrap();
        assert_eq!(lanes.take(4, None).unwrap(), [3, 4, 5, 100]);
        assert_eq!(
            lanes.take(4, None).unwrap(),
            [6, 7, 8, 101],
            "what one lane leaves is the other's"
        );
        lanes.push(Lane::Urgent, ALL, 9).unwrap();
        lanes.push(Lane::Regular, ALL, 102).unwrap();
        assert_eq!(
            lanes.take(1, None).unwrap(),
            [9],
            "where one is taken, it is the urgent one"
        );
    }

    #[test]
    fn what_institutions_end_goes_second_and_takes_no_urgent_place() {
        let lanes = Lanes::new(FEW);
        lanes.push(Lane::Regular, ALL, 20).unwrap();
        lanes.push(Lane::Ending, ALL, 10).unwrap();
        assert!(matches!(
            lanes.push(Lane::Ending, ALL, 11),
            Err(Refusal::Busy)
        ));
        for number in 0..FEW.urgent {
            lanes.push(Lane::Urgent, ALL, number).unwrap();
        }
        assert_eq!(lanes.figures(Lane::Ending).refused, 1);
        assert_eq!(lanes.take(9, None).unwrap(), [0, 1, 10, 20]);
    }

    #[test]
    fn all_that_goes_first_leaves_a_quarter_of_what_is_taken() {
        let lanes = Lanes::new(Bounds {
            urgent: 1,
            ending: 9,
            regular: 9,
        });
        lanes.push(Lane::Urgent, ALL, 0).unwrap();
        for number in 10..19 {
            lanes.push(Lane::Ending, ALL, number).unwrap();
        }
        lanes.push(Lane::Regular, ALL, 20).unwrap();
        assert_eq!(lanes.take(4, None).unwrap(), [0, 10, 11, 20]);
    }

    #[test]
    fn each_lane_gives_one_signer_a_share() {
        for lane in Lane::ALL {
            let lanes = Lanes::new(Bounds {
                urgent: 8,
                ending: 8,
                regular: 8,
            });
            let [hostile, other] = ["hospital.chuo", "hospital.minato"]
                .map(|id| Payer::Signer(InstitutionId::parse(id).unwrap()));
            for _ in 0..8 / LANE_OF_ONE_SIGNER {
                lanes.push(lane, hostile.clone(), 0).unwrap();
            }
            let one_more = lanes.push(lane, hostile, 0);
            assert!(matches!(one_more, Err(Refusal::Busy)), "{lane:?}");
            lanes.push(lane, other, 1).unwrap();
            assert_eq!(lanes.take(2, None).unwrap(), [0, 1], "{lane:?}");
            assert_eq!(lanes.figures(lane).refused_of_one, 1);
        }
    }

    #[test]
    fn what_waits_is_still_taken_after_closing() {
        let lanes = Lanes::new(FEW);
        lanes.push(Lane::Regular, ALL, 1).unwrap();
        lanes.close();
        assert!(matches!(
            lanes.push(Lane::Urgent, ALL, 2),
            Err(Refusal::Stopped)
        ));
        assert_eq!(lanes.take(9, None).unwrap(), [1]);
        assert_eq!(lanes.take(9, None), None);
    }

    #[test]
    fn patience_ends_where_nothing_comes() {
        let lanes: Lanes<u8> = Lanes::new(FEW);
        assert_eq!(lanes.take(9, Some(Duration::from_millis(1))), Some(vec![]));
        lanes.close();
        assert_eq!(lanes.take(9, Some(Duration::from_hours(1))), None);
    }

    #[test]
    fn nobody_waits_for_a_thread_that_fell_over() {
        let (give, had) = channel();
        let fall = move |lanes: &Lanes<Sender<()>>| {
            had.recv().unwrap();
            assert!(lanes.take(1, None).is_none(), "this thread is to fall over");
        };
        let worker = Worker::start("falls", FEW, fall).unwrap();
        let (first, second) = (channel(), channel());
        worker.lanes().push(Lane::Regular, ALL, first.0).unwrap();
        worker.lanes().push(Lane::Regular, ALL, second.0).unwrap();
        give.send(()).unwrap();
        assert!(first.1.recv().is_err() && second.1.recv().is_err());
        let late = worker.lanes().push(Lane::Urgent, ALL, channel().0);
        assert!(matches!(late, Err(Refusal::Stopped)));
    }
}

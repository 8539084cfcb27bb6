//! Turns of the processors: who can go on goes on in turn with everybody else, site by site and
//! within a site address by address.
//!
//! A runtime polls what is ready in the order in which it became ready, whoever's it is: beside
//! somebody who has a hundred statements to check under way, a person's page waits for all hundred
//! at every step. [`Turns::take`] wraps a request's work so that each *poll* of it takes a turn.
//! There are as many as processors; what finds none waits here, and the next that is free goes to
//! the network whose turn comes round. A poll ends where the work waits for something - the
//! writer, a disk, a body - so nobody holds a turn while waiting, and none can be kept.
//!
//! It decides nothing while processors are idle. It needs one thread more than there are turns
//! (`main.rs`): with as many threads as turns nobody would ever wait here, only before.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::network::{Network, Networks};

/// How many processors this process may use: so many turns there are, and one more thread that
/// takes in what comes.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The turns there are, and who waits for one.
pub struct Turns {
    inside: Mutex<Inside>,
}

struct Inside {
    free: usize,
    /// Rises by one for each that waits.
    next: u64,
    queue: BySite,
    /// Whom to wake. One that is in the queue and not here has gone away.
    waiting: HashMap<u64, Waker>,
    /// Those whose turn it is, and who have not come for it yet.
    called: HashSet<u64>,
}

impl Turns {
    /// So many at a time.
    pub fn new(at_once: usize) -> Arc<Self> {
        Arc::new(Self {
            inside: Mutex::new(Inside {
                free: at_once.max(1),
                next: 0,
                queue: BySite::default(),
                waiting: HashMap::new(),
                called: HashSet::new(),
            }),
        })
    }

    /// The same work, each step of it in its sender's turn.
    pub fn take<F>(self: &Arc<Self>, sender: &[u8], work: F) -> Taking<F> {
        Taking {
            turns: Arc::clone(self),
            networks: Networks::of(sender),
            number: None,
            work: Box::pin(work),
        }
    }

    /// How many could go on and wait for a turn.
    pub fn waiting(&self) -> usize {
        self.inside().waiting.len()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Whether it is this one's turn; otherwise it is woken when it is.
    fn is_turn(&mut self, number: &mut Option<u64>, networks: &Networks, waker: &Waker) -> bool {
        match *number {
            Some(called) if self.called.remove(&called) => {
                *number = None;
                true
            }
            Some(waiting) => {
                if let Some(known) = self.waiting.get_mut(&waiting) {
                    known.clone_from(waker);
                }
                false
            }
            None if self.free > 0 => {
                self.free -= 1;
                true
            }
            None => {
                *number = Some(self.next);
                self.waiting.insert(self.next, waker.clone());
                self.queue.push(networks, self.next);
                self.next += 1;
                false
            }
        }
    }

    /// Gives a turn back: whom to wake, where it is somebody's.
    fn give_back(&mut self) -> Option<Waker> {
        while let Some(next) = self.queue.pop() {
            if let Some(waker) = self.waiting.remove(&next) {
                self.called.insert(next);
                return Some(waker);
            }
        }
        self.free += 1;
        None
    }
}

/// Work whose every step waits for its turn.
pub struct Taking<F> {
    turns: Arc<Turns>,
    networks: Networks,
    /// While it waits, or has been called.
    number: Option<u64>,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Taking<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let mut inside = this.turns.inside();
        if !inside.is_turn(&mut this.number, &this.networks, context.waker()) {
            return Poll::Pending;
        }
        drop(inside);
        // Also where the work panics.
        let _turn = Turn(&this.turns);
        this.work.as_mut().poll(context)
    }
}

impl<F> Drop for Taking<F> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut inside = self.turns.inside();
        inside.waiting.remove(&number);
        if inside.called.remove(&number) {
            drop(inside);
            drop(Turn(&self.turns));
        }
    }
}

/// A turn that is being used.
struct Turn<'t>(&'t Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let next = self.0.inside().give_back();
        if let Some(next) = next {
            next.wake();
        }
    }
}

/// Who waits, each site in turn, and of a site each address.
#[derive(Default)]
struct BySite(RoundRobin<RoundRobin<VecDeque<u64>>>);

impl BySite {
    fn push(&mut self, networks: &Networks, number: u64) {
        let [address, ..] = networks.narrowest_first();
        let site = networks.site().or(address);
        let of_site = self.0.of(site);
        of_site.of(address).push_back(number);
    }

    fn pop(&mut self) -> Option<u64> {
        self.0.pop(|site| {
            let number = site.pop(|address| {
                let number = address.pop_front();
                (number, address.is_empty())
            });
            (number, site.turns.is_empty())
        })
    }
}

/// What waits by network, one of each at a time.
struct RoundRobin<Q> {
    /// Each network that has something waiting, once.
    turns: VecDeque<Option<Network>>,
    waiting: HashMap<Option<Network>, Q>,
}

impl<Q> Default for RoundRobin<Q> {
    fn default() -> Self {
        Self {
            turns: VecDeque::new(),
            waiting: HashMap::new(),
        }
    }
}

impl<Q: Default> RoundRobin<Q> {
    fn of(&mut self, network: Option<Network>) -> &mut Q {
        self.waiting.entry(network).or_insert_with(|| {
            self.turns.push_back(network);
            Q::default()
        })
    }

    /// Takes one of the network whose turn it is: `take` says what, and whether nothing is left.
    fn pop(&mut self, take: impl FnOnce(&mut Q) -> (Option<u64>, bool)) -> Option<u64> {
        let network = self.turns.pop_front()?;
        let (taken, is_empty) = take(self.waiting.get_mut(&network)?);
        if is_empty {
            self.waiting.remove(&network);
        } else {
            self.turns.push_back(network);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::task::Wake;

    use super::*;

    const FLOOD: [u8; 4] = [192, 0, 2, 1];
    const NEIGHBOUR: [u8; 4] = [192, 0, 2, 9];
    const ELSEWHERE: [u8; 4] = [198, 51, 100, 1];

    /// Who was woken, in order.
    #[derive(Default)]
    struct Woken(Mutex<VecDeque<usize>>);

    struct One(usize, Arc<Woken>);

    impl Wake for One {
        fn wake(self: Arc<Self>) {
            self.1.0.lock().unwrap().push_back(self.0);
        }
    }

    /// A crowd of which each does one step, and all that waits for the one turn there is.
    struct Scene {
        turns: Arc<Turns>,
        woken: Arc<Woken>,
        waiting: Vec<Option<Taking<std::future::Ready<()>>>>,
    }

    impl Scene {
        /// All of them ask while somebody else has the turn.
        fn of(senders: &[[u8; 4]]) -> Self {
            let (turns, woken) = (Turns::new(1), Arc::default());
            let mut scene = Self {
                turns: Arc::clone(&turns),
                woken,
                waiting: Vec::new(),
            };
            let step = async {
                for sender in senders {
                    let work = turns.take(sender, std::future::ready(()));
                    scene.waiting.push(Some(work));
                    assert!(scene.poll(scene.waiting.len() - 1).is_pending());
                }
            };
            assert!(poll_once(std::pin::pin!(turns.take(b"", step))).is_ready());
            scene
        }

        fn poll(&mut self, one: usize) -> Poll<()> {
            let waker = Waker::from(Arc::new(One(one, Arc::clone(&self.woken))));
            let work = self.waiting[one].as_mut().unwrap();
            Pin::new(work).poll(&mut Context::from_waker(&waker))
        }

        fn next(&self) -> Option<usize> {
            self.woken.0.lock().unwrap().pop_front()
        }

        /// In which order they come to an end, from here on.
        fn order(&mut self) -> Vec<usize> {
            let mut order = Vec::new();
            while let Some(one) = self.next() {
                assert!(self.poll(one).is_ready());
                order.push(one);
            }
            order
        }
    }

    fn poll_once<F: Future>(work: Pin<&mut F>) -> Poll<F::Output> {
        work.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn who_comes_from_elsewhere_waits_for_one_of_each_network() {
        let flood = [FLOOD; 100];
        let mut scene = Scene::of(&[&flood[..], &[NEIGHBOUR, ELSEWHERE]].concat());
        let order = scene.order();
        assert_eq!(order.len(), 102);
        assert_eq!(
            order[..5],
            [0, 101, 100, 1, 2],
            "flood, elsewhere, neighbour"
        );
        assert_eq!(scene.turns.waiting(), 0);
    }

    #[test]
    fn whoever_goes_away_takes_no_turn_along() {
        let mut scene = Scene::of(&[FLOOD, ELSEWHERE, NEIGHBOUR, FLOOD]);
        // The first has been called, the third waits.
        scene.waiting[0] = None;
        scene.waiting[2] = None;
        assert_eq!(scene.next(), Some(0));
        assert_eq!(scene.order(), [1, 3]);
        let one = scene.turns.take(&FLOOD, std::future::ready(()));
        assert!(poll_once(std::pin::pin!(one)).is_ready(), "it is free");
    }

    #[test]
    fn whoever_is_woken_by_something_else_waits_on() {
        let mut scene = Scene::of(&[FLOOD, ELSEWHERE]);
        for _ in 0..3 {
            assert!(scene.poll(1).is_pending());
        }
        assert_eq!(scene.order(), [0, 1]);
    }

    #[test]
    fn what_waits_for_something_else_holds_no_turn() {
        let turns = Turns::new(1);
        let mut waits = std::pin::pin!(turns.take(&FLOOD, std::future::pending::<()>()));
        assert!(poll_once(waits.as_mut()).is_pending());
        let other = turns.take(&FLOOD, std::future::ready(()));
        assert!(poll_once(std::pin::pin!(other)).is_ready());
    }

    #[test]
    fn a_step_that_panics_gives_its_turn_back() {
        let turns = Turns::new(1);
        let broken = async { panic!("a step") };
        let broken = turns.take(&FLOOD, broken);
        let step = || poll_once::<Taking<_>>(std::pin::pin!(broken));
        assert!(catch_unwind(AssertUnwindSafe(step)).is_err());
        let other = turns.take(&FLOOD, std::future::ready(()));
        assert!(poll_once(std::pin::pin!(other)).is_ready());
    }
}

//! Threads that run jobs with something they share, and what waits for them: for whoever reads the
//! store for others. Reading waits for the disk, and a runtime's threads must not.
//!
//! Threads of our own instead of the runtime's: those are made by the hundred as work comes, their
//! queue has no end, and after a commit, when a hundred answers are due at the same moment, each
//! would wake another thread where four that are awake take them one after the other.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How much of one kind of work is done at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Threads that read.
    pub threads: usize,
    /// Jobs taken: those that run and those that wait.
    pub places: usize,
}

/// More is waiting than is taken: come back in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more is waiting to be read than is taken")]
pub struct Busy;

/// Threads with an `R` each, and the jobs that wait for them.
pub struct Pool<R> {
    bounds: Bounds,
    places: Arc<Semaphore>,
    refused: AtomicU64,
    queue: Arc<Queue<R>>,
    threads: Vec<JoinHandle<()>>,
}

type Job<R> = Box<dyn FnOnce(&R) + Send>;

struct Queue<R> {
    waiting: Mutex<Waiting<R>>,
    wake: Condvar,
}

struct Waiting<R> {
    jobs: VecDeque<Job<R>>,
    has_ended: bool,
}

impl<R> Default for Queue<R> {
    fn default() -> Self {
        let waiting = Waiting {
            jobs: VecDeque::new(),
            has_ended: false,
        };
        Self {
            waiting: Mutex::new(waiting),
            wake: Condvar::new(),
        }
    }
}

/// A place among the jobs of a pool, had before there is a job.
pub type Place = OwnedSemaphorePermit;

impl<R: Clone + Send + 'static> Pool<R> {
    /// Starts the threads.
    ///
    /// # Errors
    /// What the system says when it has no more of them.
    pub fn start(name: &str, bounds: Bounds, shared: &R) -> io::Result<Self> {
        let mut pool = Self {
            bounds,
            places: Arc::new(Semaphore::new(bounds.places)),
            refused: AtomicU64::new(0),
            queue: Arc::default(),
            threads: Vec::new(),
        };
        for _ in 0..bounds.threads {
            let (queue, shared) = (Arc::clone(&pool.queue), shared.clone());
            let thread = thread::Builder::new().name(format!("read-{name}"));
            pool.threads
                .push(thread.spawn(move || queue.work(&shared))?);
        }
        Ok(pool)
    }

    /// A place now.
    ///
    /// # Errors
    /// [`Busy`], counted, when there is none.
    pub fn place(&self) -> Result<Place, Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map_err(|_| {
            self.refused.fetch_add(1, Relaxed);
            Busy
        })
    }

    /// A place as soon as there is one, in the order of asking: for work that has begun and would
    /// otherwise break off.
    ///
    /// # Errors
    /// [`Busy`] when the server ends.
    pub async fn next_place(&self) -> Result<Place, Busy> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map_err(|_| Busy)
    }

    /// Runs one job. A panic in it goes on in the one who waits; where nobody waits any more by the
    /// time it is its turn, it is not begun.
    ///
    /// # Errors
    /// [`Busy`] when the server ends before the job's turn comes.
    pub async fn run<T, F>(&self, place: Place, job: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce(&R) -> T + Send + 'static,
    {
        let (give, answer) = oneshot::channel();
        self.queue.push(Box::new(move |shared| {
            if give.is_closed() {
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| job(shared)));
            drop(place);
            // Nobody may be there any more to take it.
            let _ = give.send(outcome);
        }));
        match answer.await {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(Busy),
        }
    }

    /// Jobs that run or wait.
    pub fn under_way(&self) -> usize {
        self.bounds
            .places
            .saturating_sub(self.places.available_permits())
    }

    /// Jobs refused since the start.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }
}

impl<R> Queue<R> {
    fn push(&self, job: Job<R>) {
        self.waiting().jobs.push_back(job);
        self.wake.notify_one();
    }

    /// Runs what comes until told to end.
    fn work(&self, shared: &R) {
        while let Some(job) = self.next() {
            job(shared);
        }
    }

    fn next(&self) -> Option<Job<R>> {
        let mut waiting = self.waiting();
        loop {
            if waiting.has_ended {
                return None;
            }
            if let Some(job) = waiting.jobs.pop_front() {
                return Some(job);
            }
            waiting = self
                .wake
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<R>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The threads end, and what they share with them, before the pool has gone: the store they read
/// can then be opened again.
impl<R> Drop for Pool<R> {
    fn drop(&mut self) {
        self.places.close();
        let left = {
            let mut waiting = self.queue.waiting();
            waiting.has_ended = true;
            std::mem::take(&mut waiting.jobs)
        };
        // What waits is dropped outside the lock: it may hold the last handle of something.
        drop(left);
        self.queue.wake.notify_all();
        let own = thread::current().id();
        // The last handle may have been a job's own; a thread does not wait for itself.
        for thread in self.threads.drain(..).filter(|t| t.thread().id() != own) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use akashi_actors::{COMES_WITHIN, until_so};

    const SMALL: Bounds = Bounds {
        threads: 1,
        places: 2,
    };

    fn pool(bounds: Bounds) -> Arc<Pool<u8>> {
        Arc::new(Pool::start("test", bounds, &7).unwrap())
    }

    async fn run<T: Send + 'static>(
        pool: &Pool<u8>,
        job: impl FnOnce(&u8) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        pool.run(pool.place()?, job).await
    }

    /// A job that runs until the sender given back is dropped.
    fn busy(pool: &Arc<Pool<u8>>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), Busy>>) {
        let ((end, ended), (begin, begun)) = (mpsc::channel(), mpsc::channel());
        let (place, pool) = (pool.place().unwrap(), Arc::clone(pool));
        let running = tokio::spawn(async move {
            let job = move |_: &u8| {
                begin.send(()).unwrap();
                let _: Result<(), _> = ended.recv();
            };
            pool.run(place, job).await
        });
        begun.recv_timeout(COMES_WITHIN).unwrap();
        (end, running)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_above_the_bound_is_refused_and_counted_and_there_is_room_again() {
        let pool = pool(SMALL);
        let (end, running) = busy(&pool);
        let waits = tokio::spawn({
            let (pool, place) = (Arc::clone(&pool), pool.place().unwrap());
            async move { pool.run(place, |seven| *seven).await }
        });
        assert_eq!(run(&pool, |_| ()).await, Err(Busy));
        assert_eq!((pool.under_way(), pool.refused()), (2, 1));
        drop(end);
        assert_eq!(waits.await.unwrap(), Ok(7));
        assert_eq!(running.await.unwrap(), Ok(()));
        assert_eq!(run(&pool, |_| 7).await, Ok(7));
        assert_eq!((pool.under_way(), pool.refused()), (0, 1));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_waits_for_any_more_is_not_begun() {
        let pool = pool(SMALL);
        let (end, running) = busy(&pool);
        let (began, beginning) = mpsc::channel();
        let given_up = tokio::time::timeout(
            Duration::from_millis(20),
            run(&pool, move |_| began.send(()).unwrap()),
        );
        assert!(given_up.await.is_err());
        drop(end);
        running.await.unwrap().unwrap();
        run(&pool, |_| ()).await.unwrap();
        assert!(beginning.try_recv().is_err(), "it ran for nobody");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_goes_on_in_the_one_who_waits_and_the_thread_lives() {
        let pool = pool(SMALL);
        let panics = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { run(&pool, |_| "seven".parse::<u8>().unwrap()).await }
        });
        assert!(panics.await.unwrap_err().is_panic());
        assert_eq!(run(&pool, |_| 7).await, Ok(7));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_has_begun_waits_for_its_next_turn() {
        let pool = pool(Bounds {
            threads: 1,
            places: 1,
        });
        let (end, running) = busy(&pool);
        assert_eq!(pool.place().map(|_| ()), Err(Busy));
        let next = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move {
                let place = pool.next_place().await?;
                pool.run(place, |_| 7).await
            }
        });
        drop(end);
        running.await.unwrap().unwrap();
        assert_eq!(next.await.unwrap(), Ok(7));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_job_may_hold_the_last_handle_of_its_pool() {
        let pool = pool(SMALL);
        let gone = Arc::downgrade(&pool);
        let (end, running) = busy(&pool);
        let waits = tokio::spawn({
            let (pool, place) = (Arc::clone(&pool), pool.place().unwrap());
            async move {
                let held = Arc::clone(&pool);
                pool.run(place, move |_| drop(held)).await
            }
        });
        while pool.queue.waiting().jobs.is_empty() {
            tokio::task::yield_now().await;
        }
        waits.abort();
        drop(pool);
        drop(end);
        let _ = (waits.await, running.await.unwrap());
        until_so("the pool has gone", || gone.strong_count() == 0).await;
    }
}

//! What the writer shows readers: replaced after each commit, never half.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;
use akashi_tlog::checkpoint::Origin;

use crate::error::{ClockError, Stop};
use crate::index::runs::Runs;
use crate::view::{Touched, View};
use crate::writer::clock_watch::Reading;
use crate::writer::head::SignedHead;
use crate::writer::recover::Opened;

/// How often the public checkpoint moves: exact times of single events are nobody's business
/// (docs/DESIGN.md).
pub(super) const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// What the writer shows readers.
pub(crate) struct Shared {
    pub(crate) origin: Origin,
    pub(super) view: RwLock<View>,
    pub(super) head: RwLock<SignedHead>,
    pub(super) published: Mutex<(Instant, SignedHead)>,
    pub(super) indexes: RwLock<(Runs<32>, Runs<24>)>,
    pub(super) stopped: RwLock<Option<Arc<Stop>>>,
    /// The clocks as the writer found them when it looked last.
    clocks: RwLock<Result<Reading, ClockError>>,
}

impl Shared {
    pub(crate) fn new(
        origin: Origin,
        opened: &Opened,
        head: SignedHead,
        clocks: Result<Reading, ClockError>,
    ) -> Self {
        Self {
            origin,
            view: RwLock::new(opened.work.view.clone()),
            head: RwLock::new(head.clone()),
            published: Mutex::new((Instant::now(), head)),
            indexes: RwLock::new((opened.statements.clone(), opened.histories.clone())),
            stopped: RwLock::new(None),
            clocks: RwLock::new(clocks),
        }
    }

    pub(crate) fn publish(&self, touched: &mut Touched, from: &View, head: Option<SignedHead>) {
        touched.publish(
            from,
            &mut self.view.write().unwrap_or_else(PoisonError::into_inner),
        );
        if let Some(head) = head {
            *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
        }
    }

    /// Everything anew, after the writer has started over.
    pub(crate) fn replace(&self, opened: &Opened) {
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = opened.work.view.clone();
        *self.indexes.write().unwrap_or_else(PoisonError::into_inner) =
            (opened.statements.clone(), opened.histories.clone());
        if let Some(head) = &opened.last_head {
            *self.head.write().unwrap_or_else(PoisonError::into_inner) = head.clone();
        }
    }

    pub(crate) fn set_stopped(&self, why: Option<Arc<Stop>>) {
        *self.stopped.write().unwrap_or_else(PoisonError::into_inner) = why;
    }

    pub(crate) fn set_clocks(&self, found: Result<Reading, ClockError>) {
        *self.clocks.write().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// What the wall clock says, where the writer would believe it.
    pub(crate) fn now(&self, clock: &dyn Clock) -> Result<Timestamp, ClockError> {
        let found = *self.clocks.read().unwrap_or_else(PoisonError::into_inner);
        found?.wall_now(clock)
    }
}

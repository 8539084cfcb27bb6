//! What time it is, for whoever decides something by it that cannot be taken back: a message or a
//! question given up, a cursor moved past a record, a contact that is hers no longer.
//!
//! A time comes from here or not at all, and only while the ledger's writer believes the wall
//! clock: where somebody sets that, the notifier waits as the writer does. `tests/tidy` looks after
//! that.

use std::sync::Arc;

use akashi_ledger::Ledger;
use akashi_ledger::error::ClockError;
use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

/// The clocks of the ledger.
#[derive(Clone)]
pub(crate) struct Times {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
}

impl Times {
    /// Those of this ledger, which runs by this clock.
    pub(crate) const fn new(ledger: Ledger, clock: Arc<dyn Clock>) -> Self {
        Self { ledger, clock }
    }

    /// The wall clock's time, while the writer believes it.
    ///
    /// # Errors
    /// [`ClockError`]: nothing is decided by the time, nothing is given up, and it is asked again.
    pub(crate) fn now(&self) -> Result<Timestamp, ClockError> {
        self.ledger.now()
    }

    /// Milliseconds of the clock that nobody sets: what budgets go by.
    pub(crate) fn monotonic(&self) -> u64 {
        self.clock.monotonic_millis()
    }

    /// What the wall clock says, believed or not: for figures, by which nothing is decided.
    pub(crate) fn for_figures(&self) -> Timestamp {
        self.clock.wall()
    }
}

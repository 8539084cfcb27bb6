//! What has been done since the start, counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use akashi_proof::record::kind::Outcome;

/// The counts.
#[derive(Default)]
pub struct Figures {
    permitted: AtomicU64,
    denied: AtomicU64,
    asked: AtomicU64,
    refused: AtomicU64,
}

impl Figures {
    /// Counts one decision on an access, as it was told.
    pub fn count_decision(&self, told: Outcome) {
        self.decisions_of(told).fetch_add(1, Relaxed);
    }

    /// Counts one statement refused and recorded.
    pub fn count_refusal(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// Decisions that were told so.
    pub fn decisions(&self, told: Outcome) -> u64 {
        self.decisions_of(told).load(Relaxed)
    }

    /// Statements refused and recorded.
    pub fn refusals(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    const fn decisions_of(&self, told: Outcome) -> &AtomicU64 {
        match told {
            Outcome::Permit => &self.permitted,
            Outcome::Deny => &self.denied,
            Outcome::Ask => &self.asked,
        }
    }
}

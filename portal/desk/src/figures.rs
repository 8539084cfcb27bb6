//! What has been done since the start, counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use akashi_proof::record::kind::{CountedFor, Outcome};

/// The counts.
#[derive(Default)]
pub struct Figures {
    permitted: AtomicU64,
    denied: AtomicU64,
    asked: AtomicU64,
    refused: AtomicU64,
    unrecorded: AtomicU64,
    known: AtomicU64,
    above_rate: AtomicU64,
    about_one_person: AtomicU64,
    refused_unrecorded: AtomicU64,
    suspended: AtomicU64,
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

    /// Counts one statement refused that is not recorded: one more that came late than is recorded
    /// of its key, or a supervisor's.
    pub fn count_unrecorded(&self) {
        self.unrecorded.fetch_add(1, Relaxed);
    }

    /// Counts known bytes sent by somebody who may not have their answer.
    pub fn count_known(&self) {
        self.known.fetch_add(1, Relaxed);
    }

    /// Counts one statement that was not looked at.
    pub fn count_counted(&self, counted_for: CountedFor) {
        self.counted_for(counted_for).fetch_add(1, Relaxed);
    }

    /// Decisions that were told so.
    pub fn decisions(&self, told: Outcome) -> u64 {
        self.decisions_of(told).load(Relaxed)
    }

    /// Statements refused and recorded.
    pub fn refusals(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Statements refused and not recorded.
    pub fn unrecorded(&self) -> u64 {
        self.unrecorded.load(Relaxed)
    }

    /// Known bytes sent by somebody who may not have their answer.
    pub fn known(&self) -> u64 {
        self.known.load(Relaxed)
    }

    /// Statements that were not looked at, for this reason.
    pub fn counted(&self, counted_for: CountedFor) -> u64 {
        self.counted_for(counted_for).load(Relaxed)
    }

    const fn counted_for(&self, counted_for: CountedFor) -> &AtomicU64 {
        match counted_for {
            CountedFor::AboveRate => &self.above_rate,
            CountedFor::AboutOnePerson => &self.about_one_person,
            CountedFor::Refused => &self.refused_unrecorded,
            CountedFor::Suspended => &self.suspended,
        }
    }

    const fn decisions_of(&self, told: Outcome) -> &AtomicU64 {
        match told {
            Outcome::Permit => &self.permitted,
            Outcome::Deny => &self.denied,
            Outcome::Ask => &self.asked,
        }
    }
}

//! What institutions send above their rate, or while they are suspended: answered 429 or 403,
//! counted, and recorded as one number a minute, so that probing leaves a trace like any other. Who
//! it was about is not looked at.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use akashi_ledger::Ledger;
use akashi_ledger::command::CountThrottled;
use akashi_proof::ids::{InstitutionId, Timestamp};
use akashi_proof::record::kind::{CountedFor, StatementsThrottled};

/// Statements not taken, by the institution whose key signed them, and why.
#[derive(Default)]
pub struct Throttled {
    counted: Mutex<BTreeMap<(InstitutionId, CountedFor), StatementsThrottled>>,
}

impl Throttled {
    /// Counts one that came at `now`.
    pub fn count(&self, institution: &InstitutionId, counted_for: CountedFor, now: Timestamp) {
        self.add(
            institution.clone(),
            StatementsThrottled {
                from: now,
                until: now,
                count: 1,
                counted_for,
            },
        );
    }

    /// Records what was counted since the last time. What the ledger does not take now stays
    /// counted.
    pub async fn record(&self, ledger: &Ledger) {
        let all: Vec<_> = self.counted().keys().cloned().collect();
        for of in all {
            // One at a time: whatever becomes of this, what has not been handed over stays here.
            let Some(throttled) = self.counted().remove(&of) else {
                continue;
            };
            let institution = of.0;
            let command = CountThrottled {
                institution: institution.clone(),
                throttled: throttled.clone(),
            };
            if let Err(refusal) = ledger.submit(command).await {
                tracing::warn!(%refusal, "statements of an institution are counted on");
                self.add(institution, throttled);
            }
        }
    }

    fn add(&self, institution: InstitutionId, more: StatementsThrottled) {
        let mut counted = self.counted();
        let known = counted.entry((institution, more.counted_for));
        let known = known.or_insert_with(|| StatementsThrottled {
            count: 0,
            ..more.clone()
        });
        known.from = known.from.min(more.from);
        known.until = known.until.max(more.until);
        known.count += more.count;
    }

    fn counted(
        &self,
    ) -> MutexGuard<'_, BTreeMap<(InstitutionId, CountedFor), StatementsThrottled>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

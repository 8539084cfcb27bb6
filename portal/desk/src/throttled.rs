//! What institutions send above their rate: answered 429, counted, and recorded as one number a
//! minute, so that probing too fast leaves a trace like any other.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_ledger::Ledger;
use akashi_ledger::command::CountThrottled;
use akashi_proof::ids::{InstitutionId, Timestamp};
use akashi_proof::record::kind::StatementsThrottled;

use crate::app::SharedApp;

/// How often what was counted is recorded; a server that is killed loses the count of this long.
const RECORD_EVERY: Duration = Duration::from_secs(60);

/// Statements not taken, by the institution whose key signed them.
#[derive(Default)]
pub struct Throttled {
    counted: Mutex<BTreeMap<InstitutionId, StatementsThrottled>>,
}

impl Throttled {
    /// Counts one that came at `now`.
    pub fn count(&self, institution: &InstitutionId, now: Timestamp) {
        self.add(
            institution,
            StatementsThrottled {
                from: now,
                until: now,
                count: 1,
            },
        );
    }

    /// Records what was counted since the last time. What the ledger does not take now stays
    /// counted.
    pub async fn record(&self, ledger: &Ledger) {
        let counted = std::mem::take(&mut *self.counted());
        for (institution, throttled) in counted {
            let command = CountThrottled {
                institution: institution.clone(),
                throttled: throttled.clone(),
            };
            if let Err(refusal) = ledger.submit(command).await {
                tracing::warn!(%refusal, "statements above an institution's rate are counted on");
                self.add(&institution, throttled);
            }
        }
    }

    fn add(&self, institution: &InstitutionId, more: StatementsThrottled) {
        let mut counted = self.counted();
        let Some(known) = counted.get_mut(institution) else {
            counted.insert(institution.clone(), more);
            return;
        };
        known.from = known.from.min(more.from);
        known.until = known.until.max(more.until);
        known.count += more.count;
    }

    fn counted(&self) -> MutexGuard<'_, BTreeMap<InstitutionId, StatementsThrottled>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records what was counted, for as long as the server runs.
pub async fn record_now_and_then(app: SharedApp) {
    loop {
        tokio::time::sleep(RECORD_EVERY).await;
        app.record_throttled().await;
    }
}

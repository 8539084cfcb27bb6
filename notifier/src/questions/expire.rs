//! Records the end of questions nobody answered.

use std::sync::Arc;
use std::time::Duration;

use akashi_ledger::command::ExpireApproval;
use akashi_ledger::{Ledger, Refusal};

use crate::books::Books;
use crate::pause::{Backoff, Stop};
use crate::questions::Questions;
use crate::times::Times;

/// How often questions are looked at whose time may be over.
const EXPIRE_EVERY: Duration = Duration::from_millis(250);

/// A question the ledger did not find over yet is looked at again after this.
const AGAIN_MILLIS: u64 = 1_000;

/// The task that ends questions.
pub(crate) struct Expiry {
    pub(crate) ledger: Ledger,
    pub(crate) books: Arc<Books>,
    pub(crate) times: Times,
    pub(crate) questions: Arc<Questions>,
}

impl Expiry {
    /// Runs until told to stop.
    pub(crate) async fn run(self, mut stop: Stop) {
        let mut backoff = Backoff::for_ledger();
        loop {
            let wait = match self.expire_one().await {
                Ok(true) => {
                    backoff = Backoff::for_ledger();
                    continue;
                }
                Ok(false) => EXPIRE_EVERY,
                Err(Refusal::Stopped) => return,
                Err(refusal) => {
                    tracing::warn!(
                        reason = refusal.reason(),
                        "the end of a question is not recorded yet"
                    );
                    backoff.next()
                }
            };
            if stop.pause(wait).await {
                return;
            }
        }
    }

    /// Deals with one question whose time is over. Whether there was one.
    async fn expire_one(&self) -> Result<bool, Refusal> {
        let now = self.times.now()?;
        let Some((subject, access)) = self.questions.take_over(now) else {
            return Ok(false);
        };
        let open = || {
            let person = self.books.person(&subject);
            person.is_some_and(|person| person.ask(access).is_some())
        };
        if !open() {
            self.questions.forget(access);
            return Ok(true);
        }
        let again = now.plus_millis(AGAIN_MILLIS);
        match self.ledger.submit(ExpireApproval { subject, access }).await {
            Ok(_) => self.questions.forget(access),
            Err(Refusal::Fault(_)) if !open() => self.questions.forget(access),
            // The writer's clock may stand a little behind ours.
            Err(Refusal::Fault(_)) => self.questions.watch(again, subject, access),
            // Nothing is left of it that could end.
            Err(Refusal::Closed(_)) => self.questions.forget(access),
            Err(refusal) => {
                self.questions.watch(again, subject, access);
                return Err(refusal);
            }
        }
        Ok(true)
    }
}

//! Makes the keys that commands need before they wait for the writer.
//!
//! One thread, so that a hundred commands that come together wait for one sync of the keyring and
//! not for a hundred; as a numbered story, with what a crash at each step leaves behind:
//! 1. take what waits, at most 512 orders, urgent ones first    nothing
//! 2. draw keys, append their rows, sync                        rows, torn or whole, nobody needs
//! 3. hold the keys in memory, answer                           as 2, whole
//!
//! A key is durable before the record that needs it is even decided. What fails in step 2 refuses
//! every order it was for; the rows are cut off and the keyring is read again before another key is
//! made ([`Keyring::mend`]). Commands that need no new key go on all the while.
//!
//! The writer draws some keys itself: where the year has changed since, and where nobody could know
//! beforehand whose record it would be.

use std::io;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::error::{LedgerError, Refusal, Stop};
use crate::keys::keyring::Keyring;
use crate::keys::new_keys::NewKeys;
use crate::lanes::{Bounds, Lane, LaneFigures, Lanes, Payer, Worker};
use crate::limits::{
    KEY_ORDERS_MAX, KEYS_ENDING_WAITING_MAX, KEYS_REGULAR_WAITING_MAX, KEYS_URGENT_WAITING_MAX,
    RETRY_AFTER,
};

const BOUNDS: Bounds = Bounds {
    urgent: KEYS_URGENT_WAITING_MAX,
    ending: KEYS_ENDING_WAITING_MAX,
    regular: KEYS_REGULAR_WAITING_MAX,
};

/// The key maker, as commands reach it.
pub(crate) struct KeyMaker(Worker<Order>);

/// Keys somebody waits for.
struct Order {
    keys: NewKeys,
    made: oneshot::Sender<Result<(), Refusal>>,
}

impl KeyMaker {
    /// Starts its thread. Dropping it ends the thread once everything ordered is made.
    ///
    /// # Errors
    /// What the system says when it has no thread.
    pub(crate) fn start(keyring: Arc<Keyring>) -> io::Result<Self> {
        Worker::start("akashi-keys", BOUNDS, move |lanes| run(&keyring, lanes)).map(Self)
    }

    /// Returns once all these keys are durable.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when more is waiting than is taken, [`Refusal::Poisoned`] when they could
    /// not be written; nothing is to be recorded that needs one of them.
    pub(crate) async fn make(
        &self,
        lane: Lane,
        payer: Payer,
        keys: NewKeys,
    ) -> Result<(), Refusal> {
        let (made, answer) = oneshot::channel();
        self.0.lanes().push(lane, payer, Order { keys, made })?;
        answer.await.unwrap_or(Err(Refusal::Stopped))
    }

    /// How many orders wait.
    pub(crate) fn figures(&self, lane: Lane) -> LaneFigures {
        self.0.lanes().figures(lane)
    }
}

/// Works until the lanes are closed and empty. After a failure it looks by itself whether it can go
/// on: nobody may order anything until it does.
fn run(keyring: &Keyring, lanes: &Lanes<Order>) {
    let mut patience = None;
    while let Some(mut orders) = lanes.take(KEY_ORDERS_MAX, patience) {
        // Who has gone away submits no record: nothing is made that none will name.
        orders.retain(|order| !order.made.is_closed());
        let (keys, answers): (Vec<_>, Vec<_>) = orders
            .into_iter()
            .map(|order| (order.keys, order.made))
            .unzip();
        let outcome =
            make(keyring, keys).map_err(|error| Refusal::Poisoned(Arc::new(Stop::Keys(error))));
        for answer in answers {
            // Gone in the meantime: the key waits for the next record that needs it.
            let _ = answer.send(outcome.clone());
        }
        patience = (!keyring.is_whole()).then_some(RETRY_AFTER);
    }
}

fn make(keyring: &Keyring, keys: Vec<NewKeys>) -> Result<(), LedgerError> {
    let was_whole = keyring.is_whole();
    let made = keyring.mend().and_then(|()| keyring.make(keys));
    match &made {
        Err(error) => tracing::error!(%error, "no new keys can be made"),
        Ok(()) if !was_whole => tracing::info!("the keyring is whole again: keys are made"),
        Ok(()) => {}
    }
    made
}

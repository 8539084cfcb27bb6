//! Hands messages to their channels.
//!
//! One message, as a numbered story; what a crash at each step leaves behind stands beside it:
//! 1. read the row; is it still of use?                                  the row
//! 2. hand the text over, under the same identity in every attempt       the row; the other side may get it again
//! 3. one commit: `notice.sent`, the row gone                            all of it or nothing
//!
//! After a failure the row is written back with one attempt more, and the message waits; after the
//! last one `notice.failed` stands in the person's history and in the server's log.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_ledger::Refusal;
use akashi_ledger::command::{ChangeOutbox, RecordDelivery, WithOutbox};
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::{Channel, NoticeDelivery};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::channel::{Outgoing, Undelivered};
use crate::inner::Inner;
use crate::outbox::{self, OutboxError, Waiting};
use crate::pause::{Stop, after_failures};

/// Messages handed over at once: a mail server took 629 a second this way, 23 one by one
/// (limits.md).
pub(crate) const IN_FLIGHT_MAX: usize = 32;

/// Keys held in memory, about 5 MB; what is beyond stays in the outbox until there is room.
const KEYS_MAX: usize = 65_536;

/// How often the whole outbox is looked through: the safety net under everything that is told by
/// memory.
const RESCAN_EVERY: Duration = Duration::from_secs(60);

/// The wait before a row that could not be read, or whose task failed, is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Which messages are to be handed over, and when.
#[derive(Default)]
pub(crate) struct Queue {
    keys: Mutex<Keys>,
    arrived: Notify,
    failed: AtomicU64,
}

#[derive(Default)]
struct Keys {
    due: BTreeSet<(Instant, Vec<u8>)>,
    /// Every key in `due` and every one being handed over.
    known: HashSet<Vec<u8>>,
}

impl Queue {
    /// Takes in new messages, due now. What finds no room is found again in the outbox.
    pub(crate) fn push(&self, keys: impl IntoIterator<Item = Vec<u8>>) {
        let now = Instant::now();
        let mut held = self.keys();
        for key in keys {
            if held.known.len() < KEYS_MAX && held.known.insert(key.clone()) {
                held.due.insert((now, key));
            }
        }
        drop(held);
        self.arrived.notify_one();
    }

    pub(crate) fn len(&self) -> usize {
        self.keys().known.len()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    fn take_due(&self) -> Option<Vec<u8>> {
        let mut held = self.keys();
        let (at, _) = held.due.first()?;
        if *at > Instant::now() {
            return None;
        }
        held.due.pop_first().map(|(_, key)| key)
    }

    fn next_due(&self) -> Option<Instant> {
        self.keys().due.first().map(|(at, _)| *at)
    }

    fn later(&self, key: &[u8], wait: Duration) {
        self.keys()
            .due
            .insert((Instant::now() + wait, key.to_vec()));
        self.arrived.notify_one();
    }

    fn done(&self, key: &[u8]) {
        self.keys().known.remove(key);
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands over what is due until told to stop; what is being handed over then is finished.
pub(crate) async fn run(inner: Arc<Inner>, mut stop: Stop) {
    let mut flying = JoinSet::new();
    let mut scan_at = Instant::now();
    loop {
        if Instant::now() >= scan_at {
            if let Err(error) = scan(&inner).await {
                tracing::error!(%error, "the outbox cannot be read: waiting messages stay where they are");
            }
            scan_at = Instant::now() + RESCAN_EVERY;
        }
        while flying.len() < IN_FLIGHT_MAX {
            let Some(key) = inner.queue.take_due() else {
                break;
            };
            flying.spawn(
                Flight {
                    inner: Arc::clone(&inner),
                    key,
                    wait: Some(AGAIN),
                }
                .fly(stop.clone()),
            );
        }
        let has_room = flying.len() < IN_FLIGHT_MAX;
        let next = inner
            .queue
            .next_due()
            .filter(|_| has_room)
            .map_or(scan_at, |due| due.min(scan_at));
        tokio::select! {
            Some(_) = flying.join_next() => {}
            () = inner.queue.arrived.notified() => {}
            () = tokio::time::sleep_until(next) => {}
            () = stop.wait() => break,
        }
    }
    while flying.join_next().await.is_some() {}
}

/// Takes in every message of the outbox that is not known yet.
async fn scan(inner: &Arc<Inner>) -> Result<(), OutboxError> {
    let inner = Arc::clone(inner);
    let scanning = tokio::task::spawn_blocking(move || {
        let mut from = outbox::MESSAGES.0.to_vec();
        while inner.queue.len() < KEYS_MAX {
            let keys = outbox::message_keys(inner.ledger.reader(), &from)?;
            let Some(last) = keys.last() else { break };
            from = outbox::after(last);
            inner.queue.push(keys);
        }
        Ok(())
    });
    scanning.await.unwrap_or(Err(OutboxError::Damaged))
}

/// One message being handed over. However it ends, its key is put back or let go.
struct Flight {
    inner: Arc<Inner>,
    key: Vec<u8>,
    /// When to try again; nothing once it is dealt with.
    wait: Option<Duration>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        match self.wait {
            Some(wait) => self.inner.queue.later(&self.key, wait),
            None => self.inner.queue.done(&self.key),
        }
    }
}

impl Flight {
    async fn fly(mut self, stop: Stop) {
        match outbox::message_at(self.inner.ledger.reader(), &self.key) {
            Ok(Some(waiting)) => self.wait = self.inner.deliver(&self.key, waiting, stop).await,
            Ok(None) => self.wait = None,
            Err(error) => tracing::error!(%error, "a message cannot be read from the outbox"),
        }
    }
}

impl Inner {
    /// Deals with one message. The wait before the next attempt, or nothing when there is none.
    async fn deliver(&self, key: &[u8], waiting: Waiting, stop: Stop) -> Option<Duration> {
        let closed = waiting.question.is_some_and(|access| {
            self.ledger
                .reader()
                .person(&waiting.subject)
                .is_none_or(|person| person.ask(access).is_none())
        });
        if closed {
            // Answered in the portal before the message left: nothing to tell.
            let removed = self
                .ledger
                .submit(ChangeOutbox {
                    changes: vec![outbox::gone(key)],
                })
                .await;
            return removed.is_err().then_some(AGAIN);
        }
        let attempts = waiting.attempts + 1;
        let failure = match self.hand_over(&waiting).await {
            Ok(()) => return self.finish(key, &waiting, attempts, None, stop).await,
            Err(failure) => failure,
        };
        let Undelivered::ForNow(why) = failure else {
            return self
                .finish(key, &waiting, attempts, Some(failure), stop)
                .await;
        };
        if attempts >= u64::from(self.settings.retry.attempts_max) {
            return self
                .finish(key, &waiting, attempts, Some(failure), stop)
                .await;
        }
        let wait = after_failures(
            attempts,
            self.settings.retry.first,
            self.settings.retry.longest,
        );
        tracing::warn!(
            template = waiting.template.as_str(),
            channel = waiting.channel.as_str(),
            attempts,
            wait_seconds = wait.as_secs(),
            why,
            "a message was not handed over; trying again"
        );
        let changes = vec![outbox::message_row(&Waiting {
            attempts,
            ..waiting
        })];
        if let Err(refusal) = self.ledger.submit(ChangeOutbox { changes }).await {
            tracing::warn!(reason = refusal.reason(), "an attempt was not counted");
        }
        Some(wait)
    }

    async fn hand_over(&self, waiting: &Waiting) -> Result<(), Undelivered> {
        if self.clock.wall() >= waiting.until {
            return Err(Undelivered::ForGood("its time is over"));
        }
        let contact = self
            .contacts
            .find(&waiting.contact)
            .ok_or(Undelivered::ForGood("its contact is gone"))?;
        let way = match waiting.channel {
            Channel::Sms => Some(&self.sms),
            Channel::Email => self.email.as_ref(),
        };
        let way = way.ok_or(Undelivered::ForGood("no mail server is set up"))?;
        let id = waiting.notice.to_base64url();
        way.hand_over(Outgoing {
            id,
            to: &contact.address,
            text: &waiting.text,
        })
        .await
    }

    /// Records that a message was handed over, or never will be, and removes its row.
    async fn finish(
        &self,
        key: &[u8],
        waiting: &Waiting,
        attempts: u64,
        failure: Option<Undelivered>,
        mut stop: Stop,
    ) -> Option<Duration> {
        if let Some(why) = failure {
            self.queue.failed.fetch_add(1, Ordering::Relaxed);
            tracing::error!(
                template = waiting.template.as_str(),
                channel = waiting.channel.as_str(),
                about = waiting.about.map(LeafIndex::value),
                attempts,
                %why,
                "a message could not be delivered and was given up"
            );
        }
        let delivery = NoticeDelivery {
            notice: waiting.notice,
            about: waiting.about,
            template: waiting.template.as_str().to_owned(),
            channel: waiting.channel,
            contact: waiting.contact,
            text_digest: waiting.text.digest(),
            attempts,
        };
        loop {
            let command = RecordDelivery {
                subject: waiting.subject,
                delivery: delivery.clone(),
                sent: failure.is_none(),
            };
            let refusal = match self
                .ledger
                .submit(WithOutbox {
                    command,
                    changes: vec![outbox::gone(key)],
                })
                .await
            {
                Ok(_) => return None,
                Err(refusal) => refusal,
            };
            let reason = refusal.reason();
            match refusal {
                // The row stays: after the next start the message goes out again, under the same
                // identity.
                Refusal::Stopped => return None,
                Refusal::Fault(fault) => {
                    tracing::error!(
                        code = fault.code.as_str(),
                        "a delivery cannot be recorded; its message is dropped"
                    );
                    let removed = self
                        .ledger
                        .submit(ChangeOutbox {
                            changes: vec![outbox::gone(key)],
                        })
                        .await;
                    return removed.is_err().then_some(AGAIN);
                }
                _ => tracing::warn!(reason, "a delivery is not recorded yet"),
            }
            if !self.ledger_goes_on(&mut stop).await {
                return None;
            }
            // Reported lost, but there.
            if matches!(outbox::message_at(self.ledger.reader(), key), Ok(None)) {
                return None;
            }
        }
    }
}

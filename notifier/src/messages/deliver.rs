//! Hands messages to their channels.
//!
//! Each channel has a queue and hand-overs of its own, so that one whose other side fails, at once
//! or after a long wait, holds nothing up that another carries.
//!
//! One message, as a numbered story; what a crash at each step leaves behind stands beside it:
//! 1. read the row; is it still of use, and still hers to hear
//!    where it goes (`whose.rs`)?                              the row
//! 2. hand it over, under the same identity in every attempt     the row; it may arrive twice
//! 3. one commit: `notice.sent`, the row gone, and what its
//!    delivery report finds it by (`reports.rs`)                 all of it or nothing
//!
//! After a failure the row is written back with one attempt more, and the message waits; after the
//! last one `notice.failed` stands in the person's history and in the server's log. While the
//! writer does not believe the clock no message is taken up, and none is given up: what has not
//! left by then is decided anew once the ledger goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use akashi_ledger::command::{ChangeOutbox, OutboxChange, RecordDelivery, WithOutbox};
use akashi_ledger::{Ledger, Refusal};
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::kind::{Channel, NoticeDelivery};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::address::Address;
use crate::books::Books;
use crate::channel::Channels;
use crate::channel::way_out::{IN_FLIGHT_MAX, Outgoing, Taken, Undelivered};
use crate::contacts::Contacts;
use crate::messages::outbox::{self, OutboxError, Waiting};
use crate::messages::queue::{Queue, Queues};
use crate::messages::reports::{Expected, Reports};
use crate::messages::whose::goes_to;
use crate::pause::{Stop, after_failures};
use crate::settings::Retry;
use crate::times::Times;

/// How often the whole outbox is looked through: the safety net under everything that is told by
/// memory.
const RESCAN_EVERY: Duration = Duration::from_secs(60);

/// The wait before a row that could not be read, or whose task failed, is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The wait before a clock that is not believed is looked at again.
const CLOCK_AGAIN: Duration = Duration::from_millis(250);

/// What hands messages over, and what gives it messages.
pub(crate) struct Delivery {
    ledger: Ledger,
    books: Arc<Books>,
    contacts: Arc<Contacts>,
    times: Times,
    channels: Arc<Channels>,
    reports: Arc<Reports>,
    retry: Retry,
    queues: Queues,
    /// Messages given up since the start.
    failed: AtomicU64,
}

impl Delivery {
    pub(crate) fn new(
        ledger: Ledger,
        books: Arc<Books>,
        contacts: Arc<Contacts>,
        times: Times,
        channels: Arc<Channels>,
        reports: Arc<Reports>,
        retry: Retry,
    ) -> Self {
        Self {
            ledger,
            books,
            contacts,
            times,
            channels,
            reports,
            retry,
            queues: Queues::default(),
            failed: AtomicU64::new(0),
        }
    }

    /// Messages that wait to be handed over, as far as they are loaded.
    pub(crate) fn waiting(&self) -> u64 {
        let queues = Channel::ALL.iter().map(|channel| self.queues.of(*channel));
        queues.map(|queue| queue.len() as u64).sum()
    }

    /// Messages given up since the start.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Takes in messages that stand in the outbox.
    pub(crate) fn take_in(&self, keys: impl IntoIterator<Item = (Vec<u8>, Channel)>) {
        for (key, channel) in keys {
            self.queues.of(channel).push(key);
        }
    }

    /// Puts a message in the outbox, in one commit with `changes`, and takes it in.
    ///
    /// # Errors
    /// [`Refusal`] when the ledger takes no messages now.
    pub(crate) async fn post(
        &self,
        waiting: &Waiting,
        mut changes: Vec<OutboxChange>,
    ) -> Result<(), Refusal> {
        changes.push(outbox::message_row(waiting));
        self.ledger.submit(ChangeOutbox { changes }).await?;
        self.take_in([(outbox::message_key(waiting), waiting.channel)]);
        Ok(())
    }

    /// Hands over what is due until told to stop; what is being handed over then is finished.
    pub(crate) async fn run(self: Arc<Self>, stop: Stop) {
        let carry = |channel| self.carry(channel, stop.clone());
        tokio::join!(
            self.look_through(stop.clone()),
            carry(Channel::Sms),
            carry(Channel::Email),
        );
    }

    async fn look_through(&self, mut stop: Stop) {
        loop {
            if let Err(error) = self.scan().await {
                tracing::error!(%error, "the outbox cannot be read: waiting messages stay where they are");
            }
            if stop.pause(RESCAN_EVERY).await {
                return;
            }
        }
    }

    /// Hands over what leaves by this channel.
    async fn carry(self: &Arc<Self>, channel: Channel, mut stop: Stop) {
        let queue = self.queues.of(channel);
        let mut flying = JoinSet::new();
        loop {
            let is_time_known = self.times.now().is_ok();
            while is_time_known && flying.len() < IN_FLIGHT_MAX {
                let Some(key) = queue.take_due() else {
                    break;
                };
                let flight = Flight {
                    delivery: Arc::clone(self),
                    key,
                    channel,
                    wait: Some(AGAIN),
                };
                flying.spawn(flight.fly(stop.clone()));
            }
            let has_room = flying.len() < IN_FLIGHT_MAX;
            let next_due = if is_time_known {
                queue.next_due().filter(|_| has_room)
            } else {
                Some(Instant::now() + CLOCK_AGAIN)
            };
            let next = next_due.unwrap_or_else(|| Instant::now() + RESCAN_EVERY);
            tokio::select! {
                Some(_) = flying.join_next() => {}
                () = queue.changed() => {}
                () = tokio::time::sleep_until(next) => {}
                () = stop.wait() => break,
            }
        }
        while flying.join_next().await.is_some() {}
    }

    /// Takes in the messages of the outbox that are not known yet, as far as there is room. Where
    /// one queue is full all of the outbox is not read again and again for the other, which knows
    /// all that is its own.
    async fn scan(&self) -> Result<(), OutboxError> {
        let channels = Channel::ALL.iter();
        let queues: Vec<&Queue> = channels.map(|channel| self.queues.of(*channel)).collect();
        queues.iter().for_each(|queue| queue.begin_scan());
        let (mut from, mut read) = (outbox::MESSAGES.0.to_vec(), 0);
        while queues.iter().any(|queue| queue.wants_more(read)) {
            let keys = self
                .books
                .read(move |reader| outbox::message_keys(reader, &from));
            let keys = keys.await?;
            let Some((last, _)) = keys.last() else {
                queues.iter().for_each(|queue| queue.end_scan());
                break;
            };
            from = outbox::after(last);
            read += keys.len();
            self.take_in(keys);
        }
        Ok(())
    }

    /// The message under a key, as [`outbox::message_at`].
    async fn message_at(&self, key: &[u8]) -> Result<Option<Waiting>, OutboxError> {
        let key = key.to_owned();
        let reading = self
            .books
            .read(move |reader| outbox::message_at(reader, &key));
        reading.await
    }

    /// Takes a message out, untold. The wait before the next attempt where that did not succeed.
    async fn drop_message(&self, key: &[u8]) -> Option<Duration> {
        let changes = vec![outbox::gone(key)];
        let removed = self.ledger.submit(ChangeOutbox { changes }).await;
        removed.is_err().then_some(AGAIN)
    }

    /// Gives a message up that cannot be read: to whom it was, nobody knows. What it was about
    /// stands in her history.
    async fn lose(&self, key: &[u8]) -> Option<Duration> {
        let again = self.drop_message(key).await;
        if again.is_none() {
            self.failed.fetch_add(1, Ordering::Relaxed);
            self.books.lost_row();
        }
        again
    }

    /// Deals with one message. The wait before the next attempt, or nothing when there is none.
    async fn deliver(&self, key: &[u8], mut waiting: Waiting, stop: Stop) -> Option<Duration> {
        let closed = waiting.question.is_some_and(|access| {
            self.books
                .person(&waiting.subject)
                .is_none_or(|person| person.ask(access).is_none())
        });
        if closed {
            // Answered in the portal before the message left: nothing to tell.
            return self.drop_message(key).await;
        }
        // It was believed a moment ago.
        let Ok(now) = self.times.now() else {
            return Some(CLOCK_AGAIN);
        };
        let attempts = waiting.attempts + 1;
        let handed_over = match goes_to(&self.books, &self.contacts, &waiting, now) {
            _ if now >= waiting.until => Err(Undelivered::ForGood("its time is over")),
            None => Err(Undelivered::ForGood("its contact is hers no longer")),
            Some(contact) => {
                waiting.contact = contact.id;
                self.hand_over(&waiting, &contact.address).await
            }
        };
        let failure = match handed_over {
            Ok(taken) => {
                let outcome = Ok((taken, now));
                return self.finish(key, &waiting, attempts, outcome, stop).await;
            }
            Err(failure) => failure,
        };
        let is_last = attempts >= u64::from(self.retry.attempts_max);
        let why = match failure {
            Undelivered::ForNow(why) if !is_last => why,
            Undelivered::ForNow(_) | Undelivered::ForGood(_) => {
                return self
                    .finish(key, &waiting, attempts, Err(failure), stop)
                    .await;
            }
        };
        let wait = after_failures(attempts, self.retry.first, self.retry.longest);
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

    async fn hand_over(&self, waiting: &Waiting, to: &Address) -> Result<Taken, Undelivered> {
        let way = self.channels.way(waiting.channel);
        let way = way.ok_or(Undelivered::ForGood("no mail server is set up"))?;
        let id = waiting.notice.to_base64url();
        way.hand_over(Outgoing {
            id,
            to,
            text: &waiting.text,
        })
        .await
    }

    /// Records that a message was handed over, or never will be, and removes its row. What never
    /// will be is decided anew where the ledger does not take it at once.
    async fn finish(
        &self,
        key: &[u8],
        waiting: &Waiting,
        attempts: u64,
        outcome: Result<(Taken, Timestamp), Undelivered>,
        mut stop: Stop,
    ) -> Option<Duration> {
        let delivery = NoticeDelivery {
            notice: waiting.notice,
            about: waiting.about,
            template: waiting.template,
            channel: waiting.channel,
            contact: waiting.contact,
            text_digest: waiting.text.digest(),
            attempts,
        };
        let taken = outcome.ok();
        let expected = taken.and_then(|(taken, at)| self.reports.expects(waiting, taken, at));
        loop {
            let command = RecordDelivery {
                subject: waiting.subject,
                delivery: delivery.clone(),
                sent: taken.is_some(),
            };
            let (gone, reports) = (outbox::gone(key), Arc::clone(&self.reports));
            let changes = move |sent: &LeafIndex| {
                let rows = expected.map(|expected| reports.rows(expected, *sent));
                [vec![gone], rows.unwrap_or_default()].concat()
            };
            let refusal = match self.ledger.submit(WithOutbox { command, changes }).await {
                Ok(_) => {
                    self.count_given_up(waiting, attempts, outcome);
                    return self.recorded(expected).await;
                }
                Err(refusal) => refusal,
            };
            let reason = refusal.reason();
            match refusal {
                // The row stays: after the next start the message goes out again, under the same
                // identity.
                Refusal::Stopped => {
                    self.reports.not_recorded(expected);
                    return None;
                }
                refusal if refusal.is_final() => {
                    self.reports.not_recorded(expected);
                    self.count_given_up(waiting, attempts, outcome);
                    tracing::error!(
                        reason,
                        "a delivery cannot be recorded; its message is dropped"
                    );
                    return self.drop_message(key).await;
                }
                _ => tracing::warn!(reason, "a delivery is not recorded yet"),
            }
            if !stop.until_ledger_goes_on(&self.ledger).await {
                self.reports.not_recorded(expected);
                return None;
            }
            // Reported lost, but there.
            if matches!(self.message_at(key).await, Ok(None)) {
                self.count_given_up(waiting, attempts, outcome);
                return self.recorded(expected).await;
            }
            if outcome.is_err() {
                return Some(Duration::ZERO);
            }
        }
    }

    fn count_given_up<T>(&self, waiting: &Waiting, attempts: u64, why: Result<T, Undelivered>) {
        let Err(why) = why else { return };
        self.failed.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            template = waiting.template.as_str(),
            channel = waiting.channel.as_str(),
            about = waiting.about.map(LeafIndex::value),
            attempts,
            %why,
            "a message could not be delivered and was given up"
        );
    }

    /// It is recorded that a message was handed over, or never will be: there is no next attempt.
    async fn recorded(&self, expected: Option<Expected>) -> Option<Duration> {
        if let Some(expected) = expected {
            self.reports.handed_over(expected).await;
        }
        None
    }
}

/// One message being handed over. However it ends, its key is put back or let go.
struct Flight {
    delivery: Arc<Delivery>,
    key: Vec<u8>,
    channel: Channel,
    /// When to try again; nothing once it is dealt with.
    wait: Option<Duration>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        let queue = self.delivery.queues.of(self.channel);
        match self.wait {
            Some(wait) => queue.later(&self.key, wait),
            None => queue.done(&self.key),
        }
    }
}

impl Flight {
    async fn fly(mut self, stop: Stop) {
        match self.delivery.message_at(&self.key).await {
            Ok(Some(waiting)) => self.wait = self.delivery.deliver(&self.key, waiting, stop).await,
            Ok(None) => self.wait = None,
            Err(OutboxError::Damaged) => self.wait = self.delivery.lose(&self.key).await,
            Err(error) => tracing::error!(%error, "a message cannot be read from the outbox"),
        }
    }
}

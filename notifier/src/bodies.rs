//! Mail to institutions and supervisors about what is done to their keys.
//!
//! One mail, as a numbered story; what a crash at each step leaves behind stands beside it:
//! 1. the reading ahead meets an act; one commit: a row for
//!    each address, the cursor behind the act               all of it or nothing
//! 2. the row is due; does the registry still say so?       the row
//! 3. hand it over, under the same identity each time       the row; it may arrive twice
//! 4. one commit: the row gone, or due again later          the row; it may arrive twice
//!
//! What a row says is made when it is handed over, of what the registry says then: a reset that an
//! objection holds up is announced to nobody, and one that came into force while the server stood
//! still is told as that. No record says who was told: the registry has no stream to an
//! institution, and its act is there for everybody.

mod called_for;
mod row;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akashi_ledger::Ledger;
use akashi_ledger::command::{ChangeOutbox, OutboxChange};
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::Record;
use akashi_proof::record::kind::Channel;
use tokio::task::JoinSet;

use crate::address::{Address, Email};
use crate::books::Books;
use crate::channel::Channels;
use crate::channel::way_out::{Outgoing, Undelivered};
use crate::limits::BODY_MAILS_AT_ONCE;
use crate::messages::outbox::OutboxError;
use crate::pause::{Backoff, Stop, after_failures};
use crate::settings::Settings;
use crate::times::Times;
use row::Row;

/// What became of mails to institutions and supervisors since the start, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyFigures {
    /// The mail server took them.
    pub sent: u64,
    /// What they were to say was not so any more.
    pub void: u64,
    /// Given up.
    pub failed: u64,
    /// Addresses above the bound of one act.
    pub left_out: u64,
}

/// What tells institutions and supervisors.
pub(crate) struct Bodies {
    ledger: Ledger,
    books: Arc<Books>,
    times: Times,
    channels: Arc<Channels>,
    settings: Arc<Settings>,
    sent: AtomicU64,
    void: AtomicU64,
    failed: AtomicU64,
    left_out: AtomicU64,
}

/// How dealing with a row ended.
enum Became {
    Sent,
    Void,
    Failed(&'static str),
    Later(Row),
}

impl Bodies {
    pub(crate) const fn new(
        ledger: Ledger,
        books: Arc<Books>,
        times: Times,
        channels: Arc<Channels>,
        settings: Arc<Settings>,
    ) -> Self {
        Self {
            ledger,
            books,
            times,
            channels,
            settings,
            sent: AtomicU64::new(0),
            void: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            left_out: AtomicU64::new(0),
        }
    }

    pub(crate) fn figures(&self) -> BodyFigures {
        BodyFigures {
            sent: self.sent.load(Ordering::Relaxed),
            void: self.void.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            left_out: self.left_out.load(Ordering::Relaxed),
        }
    }

    /// The rows an act of the registry calls for at `now`, to be written with the cursor behind it.
    pub(crate) fn calls_for(
        &self,
        index: LeafIndex,
        record: &Record,
        now: Timestamp,
    ) -> Vec<OutboxChange> {
        let told = called_for::called_for(index, record, &self.books.registry(), now);
        if told.left_out > 0 {
            let left_out = u64::try_from(told.left_out).unwrap_or(u64::MAX);
            self.left_out.fetch_add(left_out, Ordering::Relaxed);
            tracing::error!(
                record = index.value(),
                left_out,
                "an act concerns more addresses than are told of one: the others are not told"
            );
        }
        told.rows.iter().map(Row::put).collect()
    }

    /// Hands over what is due until told to stop; what is being handed over then is finished.
    pub(crate) async fn run(self: Arc<Self>, mut stop: Stop) {
        let mut failures = Backoff::for_ledger();
        while !stop.is_set() {
            let wait = match self.hand_over_due(&stop).await {
                Ok(true) => continue,
                Ok(false) => {
                    failures = Backoff::for_ledger();
                    self.settings.poll_every
                }
                Err(error) => {
                    tracing::error!(%error, "mails to institutions cannot be read: they stay where they are");
                    failures.next()
                }
            };
            if stop.pause(wait).await {
                break;
            }
        }
    }

    /// Deals with the rows that are due, up to a bound. Whether there was any.
    async fn hand_over_due(self: &Arc<Self>, stop: &Stop) -> Result<bool, OutboxError> {
        // Without a time nothing is due, and nothing is void or given up.
        let Ok(now) = self.times.now() else {
            return Ok(false);
        };
        let reading = self
            .books
            .read(move |reader| row::due(reader, now, BODY_MAILS_AT_ONCE));
        let rows = reading.await?;
        let any = !rows.is_empty();
        let mut flying = JoinSet::new();
        for row in rows {
            let (bodies, stop) = (Arc::clone(self), stop.clone());
            flying.spawn(async move {
                match row {
                    Ok(row) => bodies.deal_with(row, now, stop).await,
                    Err(key) => bodies.lose(key, stop).await,
                }
            });
        }
        while let Some(done) = flying.join_next().await {
            if done.is_err() {
                tracing::error!("handing a mail to an institution over had failed");
                return Err(OutboxError::Interrupted);
            }
        }
        Ok(any)
    }

    /// Gives a row up that cannot be read: whom it was to tell, nobody knows.
    async fn lose(&self, key: Vec<u8>, stop: Stop) {
        self.books.lost_row();
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.settle(vec![(key, None)], stop).await;
    }

    async fn deal_with(&self, row: Row, now: Timestamp, stop: Stop) {
        let key = row.key();
        let (body, record) = (row.whom.to_string(), row.about.value());
        match self.hand_over(row, now).await {
            Became::Later(later) => {
                self.settle(vec![(key, None), later.put()], stop).await;
                return;
            }
            Became::Sent => self.sent.fetch_add(1, Ordering::Relaxed),
            Became::Void => self.void.fetch_add(1, Ordering::Relaxed),
            Became::Failed(why) => {
                tracing::error!(
                    body,
                    record,
                    why,
                    "a body is not told of what was done to its keys"
                );
                self.failed.fetch_add(1, Ordering::Relaxed)
            }
        };
        self.settle(vec![(key, None)], stop).await;
    }

    /// Commits what became of a row, however long the ledger takes. Both are as good twice as once.
    async fn settle(&self, changes: Vec<OutboxChange>, mut stop: Stop) {
        loop {
            let changes = changes.clone();
            let Err(refusal) = self.ledger.submit(ChangeOutbox { changes }).await else {
                return;
            };
            let reason = refusal.reason();
            tracing::warn!(
                reason,
                "what became of a mail to an institution is not kept yet"
            );
            if !stop.until_ledger_goes_on(&self.ledger).await {
                return;
            }
        }
    }

    async fn hand_over(&self, row: Row, now: Timestamp) -> Became {
        let registry = self.books.registry();
        let Some(text) = words::text(&row, &registry, now, &self.settings) else {
            return Became::Void;
        };
        let Some(way) = self.channels.way(Channel::Email) else {
            return Became::Failed("no mail server is set up");
        };
        let Ok(to) = Email::parse(row.to.as_str()) else {
            return Became::Failed("its address makes no mail");
        };
        let to = Address::Email(to);
        let handing = way.hand_over(Outgoing {
            id: row.notice.to_base64url(),
            to: &to,
            text: &text,
        });
        match handing.await {
            Ok(_) => Became::Sent,
            Err(Undelivered::ForGood(why)) => Became::Failed(why),
            // It was tried once more, however long nobody was there to try.
            Err(Undelivered::ForNow(why)) if now >= row.until => Became::Failed(why),
            Err(Undelivered::ForNow(why)) => {
                let attempts = row.attempts.saturating_add(1);
                let (first, longest) = (self.settings.retry.first, self.settings.retry.longest);
                let wait = after_failures(attempts, first, longest);
                tracing::warn!(
                    attempts,
                    wait_seconds = wait.as_secs(),
                    why,
                    "a mail to an institution was not handed over; trying again"
                );
                let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                Became::Later(Row {
                    attempts,
                    due: now.plus_millis(wait),
                    ..row
                })
            }
        }
    }
}

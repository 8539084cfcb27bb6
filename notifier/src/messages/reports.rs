//! What became of an SMS that was handed over, in the gateway's words.
//!
//! As a numbered story; what a crash at each step leaves behind stands beside it:
//! 1. an SMS is handed over. One commit: `notice.sent`, and
//!    the rows its report finds it by                          all of it or nothing
//! 2. a report says that it did not arrive. One commit:
//!    `notice.reported`, the rows gone                         the gateway is not answered, and
//!    or that it did: the rows gone, it stands in hers         posts again; then nothing is found
//! 3. a day after the first of hers. One commit:
//!    `notice.reported` for all of them, hers gone             all of it or nothing
//! 4. nothing was said for three days. The rows gone           found no longer, and taken out
//!
//! The first report that says an end is the one that counts; with it the rows are gone, so that a
//! second finds nothing. A report says a state and nothing else: whoever shows the gateway's token
//! can say of SMS whose names they know that they arrived or did not, and no more. What did arrive
//! is recorded once a day for each person at the most, so that reports add one record to her day,
//! however many messages there were. What did not arrive is recorded at once, and told by mail
//! (`plan.rs`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_ledger::command::{ChangeOutbox, OutboxChange, RecordReports, WithOutbox};
use akashi_ledger::{Ledger, Reader, Refusal};
use akashi_proof::clock::Clock;
use akashi_proof::ids::{LeafIndex, NoticeId, SubjectHandle};
use akashi_proof::limits::REPORTED_AT_ONCE_MAX;
use akashi_proof::record::kind::{Arrival, Channel};
use akashi_proof::record::value::Set;

use crate::books::Books;
use crate::channel::posted::{MessageId, Report, Said};
use crate::channel::way_out::Taken;
use crate::limits::{REPORT_WITHIN_MILLIS, REPORTS_AWAITED_MAX};
use crate::messages::outbox::{OutboxError, Waiting};
use crate::pause::Stop;
use crate::settings::Settings;
use early::Early;
use rows::{Arrived, Awaited};

mod early;
mod rows;

/// How often it is looked for what is due or over.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A report could not be taken; the gateway may post it again.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The ledger did not take it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The outbox could not be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// What gateways said since the start, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportFigures {
    /// SMS whose report is waited for.
    pub awaited: u64,
    /// That they arrived.
    pub delivered: u64,
    /// That they did not, whatever the reason.
    pub undelivered: u64,
    /// That they are on their way.
    pub between: u64,
    /// A word that is not known here.
    pub unknown: u64,
    /// An end of what is waited for no longer, or not yet: codes, repetitions, what never was.
    pub of_nothing: u64,
}

/// What takes reports, and waits for them.
pub(crate) struct Reports {
    ledger: Ledger,
    books: Arc<Books>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    /// Held from looking for an SMS to changing its rows: one report at a time.
    turn: tokio::sync::Mutex<()>,
    early: Mutex<Early>,
    awaited: AtomicU64,
    delivered: AtomicU64,
    undelivered: AtomicU64,
    between: AtomicU64,
    unknown: AtomicU64,
    of_nothing: AtomicU64,
}

impl Reports {
    /// Those of this ledger, with what is waited for since before the start.
    ///
    /// # Errors
    /// [`OutboxError`] when the outbox cannot be read.
    pub(crate) fn open(
        reader: &Reader,
        ledger: Ledger,
        books: Arc<Books>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    ) -> Result<Self, OutboxError> {
        Ok(Self {
            ledger,
            books,
            clock,
            settings,
            turn: tokio::sync::Mutex::new(()),
            early: Mutex::default(),
            awaited: AtomicU64::new(rows::count(reader)?),
            delivered: AtomicU64::new(0),
            undelivered: AtomicU64::new(0),
            between: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
            of_nothing: AtomicU64::new(0),
        })
    }

    /// What was said since the start.
    pub(crate) fn figures(&self) -> ReportFigures {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        ReportFigures {
            awaited: read(&self.awaited),
            delivered: read(&self.delivered),
            undelivered: read(&self.undelivered),
            between: read(&self.between),
            unknown: read(&self.unknown),
            of_nothing: read(&self.of_nothing),
        }
    }

    /// The message as it is waited for, where a report on it is: of an SMS, where the gateway posts
    /// reports, below the bound. From here on it counts; it is recorded, or
    /// [`not_recorded`](Self::not_recorded) says that it never was.
    pub(crate) fn expects(&self, waiting: &Waiting, taken: Taken) -> Option<Expected> {
        let is_expected =
            waiting.channel == Channel::Sms && self.settings.sms_reports && self.takes_one_more();
        is_expected.then_some(Expected {
            notice: waiting.notice,
            known_as: taken.known_as,
            subject: waiting.subject,
        })
    }

    fn takes_one_more(&self) -> bool {
        let more = |awaited: u64| has_room(awaited).then_some(awaited + 1);
        self.awaited
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
    }

    /// The hand-over of what was expected is not recorded, and its rows are not there.
    pub(crate) fn not_recorded(&self, expected: Option<Expected>) {
        self.let_go(u64::from(expected.is_some()));
    }

    /// The rows by which the report finds it, once it is recorded at `sent`.
    pub(crate) fn rows(&self, expected: Expected, sent: LeafIndex) -> Vec<OutboxChange> {
        self.awaited(expected, sent).kept()
    }

    fn awaited(&self, expected: Expected, sent: LeafIndex) -> Awaited {
        Awaited {
            notice: expected.notice,
            known_as: expected.known_as,
            subject: expected.subject,
            sent,
            until: self.clock.wall().plus_millis(REPORT_WITHIN_MILLIS),
        }
    }

    /// Those rows are there: takes in the report that came before them.
    pub(crate) async fn handed_over(&self, expected: Expected) {
        let _turn = self.turn.lock().await;
        let names = names(&expected.notice, expected.known_as);
        let now = self.clock.monotonic_millis();
        let Some(arrival) = self.early().take(&names, now) else {
            return;
        };
        if let Err(error) = self.find_and_end(&names, arrival).await {
            tracing::warn!(%error, "an early delivery report is not taken yet");
            self.early().put_off(names, arrival);
        }
    }

    /// Takes a report. One on nothing that is waited for is dropped.
    ///
    /// # Errors
    /// [`ReportError`] when it could not be taken now.
    pub(crate) async fn take(&self, report: &Report) -> Result<(), ReportError> {
        let count = |figure: &AtomicU64| figure.fetch_add(1, Ordering::Relaxed);
        let arrival = match report.said {
            Said::Between => {
                count(&self.between);
                return Ok(());
            }
            Said::Unknown => {
                count(&self.unknown);
                tracing::info!("a delivery report with a word that is not known was dropped");
                return Ok(());
            }
            Said::Ended(arrival) => arrival,
        };
        let _turn = self.turn.lock().await;
        if !self.find_and_end(&report.ids, arrival).await? {
            count(&self.of_nothing);
            let now = self.clock.monotonic_millis();
            self.early().keep(report.ids.clone(), arrival, now);
        }
        Ok(())
    }

    /// Takes those early reports whose message was there, but that the ledger did not take then.
    async fn take_what_was_put_off(&self) -> Result<(), ReportError> {
        loop {
            let _turn = self.turn.lock().await;
            let Some((names, arrival)) = self.early().first_put_off() else {
                return Ok(());
            };
            self.find_and_end(&names, arrival).await?;
            self.early().first_is_done();
        }
    }

    /// Ends the wait for the SMS these names mean. Whether there is one.
    async fn find_and_end(
        &self,
        names: &[MessageId],
        arrival: Arrival,
    ) -> Result<bool, ReportError> {
        let (names, now) = (names.to_vec(), self.clock.wall());
        let reading = self.books.read(move |reader| {
            let Some(found) = rows::meant(reader, &names, now)? else {
                return Ok(None);
            };
            let gone = found.gone(reader)?;
            let arrived = Arrived::of(reader, &found.subject)?;
            Ok(Some((found, gone, arrived)))
        });
        let Some((found, gone, arrived)) = reading.await? else {
            return Ok(false);
        };
        match arrival {
            Arrival::Delivered => {
                self.put_with_hers(found, gone, arrived).await?;
                self.delivered.fetch_add(1, Ordering::Relaxed);
            }
            Arrival::Undelivered | Arrival::Expired | Arrival::Rejected => {
                let (subject, sent) = (found.subject, vec![found.sent]);
                self.record(subject, arrival, sent, gone).await?;
                self.undelivered.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.let_go(1);
        Ok(true)
    }

    /// Puts what arrived with what else reached her in these hours.
    async fn put_with_hers(
        &self,
        found: Awaited,
        mut changes: Vec<OutboxChange>,
        arrived: Option<Arrived>,
    ) -> Result<(), ReportError> {
        let mut hers = arrived.unwrap_or_else(|| Arrived {
            subject: found.subject,
            due: self.clock.wall().plus_millis(self.every_millis()),
            notices: Vec::new(),
        });
        hers.notices.push(found.sent);
        if hers.notices.len() >= REPORTED_AT_ONCE_MAX {
            changes.extend(hers.gone());
            let arrival = Arrival::Delivered;
            return self
                .record(hers.subject, arrival, hers.notices, changes)
                .await;
        }
        changes.extend(hers.kept());
        self.ledger.submit(ChangeOutbox { changes }).await?;
        Ok(())
    }

    /// Records what became of these, and changes rows with it. Of what can never be recorded only
    /// the rows change: her records may be erased since.
    async fn record(
        &self,
        subject: SubjectHandle,
        arrival: Arrival,
        notices: Vec<LeafIndex>,
        changes: Vec<OutboxChange>,
    ) -> Result<(), ReportError> {
        let command = RecordReports {
            subject,
            arrival,
            notices: Set::new(notices),
        };
        let with = changes.clone();
        let command = WithOutbox {
            command,
            changes: move |_: &LeafIndex| with,
        };
        match self.ledger.submit(command).await {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.is_final() => {
                let reason = refusal.reason();
                tracing::warn!(
                    reason,
                    "a delivery report cannot be recorded; it is dropped"
                );
                self.ledger.submit(ChangeOutbox { changes }).await?;
                Ok(())
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Records what is due and forgets what is over, until told to stop.
    pub(crate) async fn run(self: Arc<Self>, mut stop: Stop) {
        let every = LOOK_EVERY.min(self.settings.sms_reported_every);
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "delivery reports are not recorded yet");
            }
            if stop.pause(every).await {
                return;
            }
        }
    }

    async fn look(&self) -> Result<(), ReportError> {
        self.take_what_was_put_off().await?;
        loop {
            let _turn = self.turn.lock().await;
            let now = self.clock.wall();
            let (due, over) = self
                .books
                .read(move |reader| Ok((rows::due(reader, now)?, rows::over(reader, now)?)))
                .await?;
            if due.is_empty() && over.changes.is_empty() {
                return Ok(());
            }
            for hers in due.hers {
                let changes = hers.gone();
                self.record(hers.subject, Arrival::Delivered, hers.notices, changes)
                    .await?;
            }
            let changes = [over.changes, due.unreadable].concat();
            if !changes.is_empty() {
                self.ledger.submit(ChangeOutbox { changes }).await?;
                self.let_go(over.awaited);
            }
        }
    }

    fn let_go(&self, count: u64) {
        let less = |awaited: u64| Some(awaited.saturating_sub(count));
        // It always gives a number, so there is one before.
        let _ = self
            .awaited
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    fn every_millis(&self) -> u64 {
        u64::try_from(self.settings.sms_reported_every.as_millis()).unwrap_or(u64::MAX)
    }

    fn early(&self) -> MutexGuard<'_, Early> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one more is waited for.
const fn has_room(awaited: u64) -> bool {
    awaited < REPORTS_AWAITED_MAX
}

/// An SMS that was handed over and is not recorded yet.
#[derive(Clone, Copy)]
pub(crate) struct Expected {
    notice: NoticeId,
    known_as: Option<MessageId>,
    subject: SubjectHandle,
}

/// The name that no gateway gives to another: it is drawn here.
fn name_of_ours(notice: &NoticeId) -> Option<MessageId> {
    MessageId::of(&notice.to_base64url())
}

/// By what names a report may name an SMS: the identity it was given to the gateway with, and what
/// the gateway calls it.
fn names(notice: &NoticeId, known_as: Option<MessageId>) -> Vec<MessageId> {
    let ours = name_of_ours(notice);
    ours.into_iter()
        .chain(known_as.filter(|known| Some(*known) != ours))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_reports_are_waited_for_and_no_more() {
        assert!(has_room(REPORTS_AWAITED_MAX - 1));
        assert!(!has_room(REPORTS_AWAITED_MAX));
    }
}

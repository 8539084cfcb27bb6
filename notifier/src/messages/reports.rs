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
//! 4. three days have passed. All its rows gone                found no longer, and taken out
//!
//! The first report that says an end is the one that counts; with it the wait is over, so that a
//! second finds nothing. Its names are remembered for the three days all the same: what a gateway
//! calls two messages in that time means neither of them, unless the report says by our name, or by
//! the phone, which it is. Names of what no report is waited for, such as codes, are remembered in
//! memory. Nothing is ever guessed to have arrived.
//! A report says a state and nothing else: whoever shows the gateway's token
//! can say of SMS whose names they know that they arrived or did not, and no more. What did arrive
//! is recorded once a day for each person at the most, so that reports add one record to her day,
//! however many messages there were. What did not arrive is recorded at once, and told by mail
//! (`plan.rs`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_ledger::command::{ChangeOutbox, OutboxChange, RecordReports, WithOutbox};
use akashi_ledger::{Ledger, Reader, Refusal};
use akashi_proof::ids::{ContactId, LeafIndex, NoticeId, SubjectHandle, Timestamp};
use akashi_proof::limits::REPORTED_AT_ONCE_MAX;
use akashi_proof::record::kind::{Arrival, Channel};
use akashi_proof::record::value::Set;

use crate::address::Address;
use crate::books::Books;
use crate::channel::posted::{MessageId, Report, Said};
use crate::channel::way_out::Taken;
use crate::contacts::{Contact, Contacts};
use crate::limits::{REPORT_WITHIN_MILLIS, SMS_REMEMBERED_MAX};
use crate::messages::outbox::{OutboxError, Waiting};
use crate::pause::Stop;
use crate::settings::{Budget, Settings};
use crate::sliding::Sliding;
use crate::times::Times;
use early::{Early, End};
use rows::{Arrived, Awaited, Meant};

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
    /// SMS of the last three days whose names are remembered.
    pub remembered: u64,
    /// Reports that came before their message, or are about nothing: not counted below yet.
    pub early: u64,
    /// That they arrived.
    pub delivered: u64,
    /// That they did not, whatever the reason.
    pub undelivered: u64,
    /// That they are on their way.
    pub between: u64,
    /// A word that is not known here.
    pub unknown: u64,
    /// An end of several messages with one name: which of them is not said.
    pub ambiguous: u64,
    /// An end of what is waited for no longer: codes, repetitions, what never was.
    pub of_nothing: u64,
}

/// What takes reports, and waits for them.
pub(crate) struct Reports {
    ledger: Ledger,
    books: Arc<Books>,
    contacts: Arc<Contacts>,
    times: Times,
    settings: Arc<Settings>,
    /// Held from looking for an SMS to changing its rows: one report at a time.
    turn: tokio::sync::Mutex<()>,
    early: Mutex<Early>,
    names: Mutex<Names>,
    awaited: AtomicU64,
    remembered: AtomicU64,
    delivered: AtomicU64,
    undelivered: AtomicU64,
    between: AtomicU64,
    unknown: AtomicU64,
    ambiguous: AtomicU64,
    of_nothing: AtomicU64,
}

/// Names gateways have given that stand in no row.
struct Names {
    /// Of what no report is waited for.
    of_others: Sliding<MessageId>,
    /// Of what is being recorded: as many as are handed over at once.
    being_recorded: Vec<MessageId>,
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
        contacts: Arc<Contacts>,
        times: Times,
        settings: Arc<Settings>,
    ) -> Result<Self, OutboxError> {
        let (awaited, remembered) = rows::count(reader)?;
        let once = Budget {
            most: 1,
            within: Duration::from_millis(REPORT_WITHIN_MILLIS),
        };
        let keys_max = usize::try_from(SMS_REMEMBERED_MAX).unwrap_or(usize::MAX);
        let names = Names {
            of_others: Sliding::open_when_full(keys_max, once),
            being_recorded: Vec::new(),
        };
        Ok(Self {
            ledger,
            books,
            contacts,
            times,
            settings,
            turn: tokio::sync::Mutex::new(()),
            early: Mutex::default(),
            names: Mutex::new(names),
            awaited: AtomicU64::new(awaited),
            remembered: AtomicU64::new(remembered),
            delivered: AtomicU64::new(0),
            undelivered: AtomicU64::new(0),
            between: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
            ambiguous: AtomicU64::new(0),
            of_nothing: AtomicU64::new(0),
        })
    }

    /// What was said since the start.
    pub(crate) fn figures(&self) -> ReportFigures {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        let (early, forgotten) = self.early().figures(self.times.monotonic());
        ReportFigures {
            awaited: read(&self.awaited),
            remembered: read(&self.remembered),
            early,
            delivered: read(&self.delivered),
            undelivered: read(&self.undelivered),
            between: read(&self.between),
            unknown: read(&self.unknown),
            ambiguous: read(&self.ambiguous),
            of_nothing: read(&self.of_nothing) + forgotten,
        }
    }

    /// The message as it is waited for, where a report on it is: of an SMS, where the gateway posts
    /// reports, below the bound. From here on it counts; it is recorded, or
    /// [`not_recorded`](Self::not_recorded) says that it never was.
    pub(crate) fn expects(
        &self,
        waiting: &Waiting,
        taken: Taken,
        at: Timestamp,
    ) -> Option<Expected> {
        if waiting.channel != Channel::Sms || !self.settings.sms_reports {
            return None;
        }
        if !self.remembers_one_more() {
            self.is_not_awaited(taken);
            return None;
        }
        self.awaited.fetch_add(1, Ordering::Relaxed);
        self.names().being_recorded.extend(taken.known_as);
        Some(Expected {
            notice: waiting.notice,
            known_as: taken.known_as,
            subject: waiting.subject,
            contact: waiting.contact,
            at,
        })
    }

    /// What no report is waited for was handed over, such as a code: its name means it, too.
    pub(crate) fn is_not_awaited(&self, taken: Taken) {
        if let Some(name) = taken.known_as.filter(|_| self.settings.sms_reports) {
            let now = self.times.monotonic();
            self.names().of_others.take(name, now);
        }
    }

    fn remembers_one_more(&self) -> bool {
        let more = |remembered: u64| has_room(remembered).then_some(remembered + 1);
        self.remembered
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
    }

    /// The hand-over of what was expected is not recorded, and its rows are not there.
    pub(crate) fn not_recorded(&self, expected: Option<Expected>) {
        let Some(Expected { known_as, .. }) = expected else {
            return;
        };
        less(&self.awaited, 1);
        less(&self.remembered, 1);
        self.is_not_awaited(Taken { known_as });
        self.is_recorded(known_as);
    }

    /// A name stands in a row, or will not.
    fn is_recorded(&self, name: Option<MessageId>) {
        let recorded = &mut self.names().being_recorded;
        if let Some(at) = recorded.iter().position(|known| Some(*known) == name) {
            recorded.swap_remove(at);
        }
    }

    /// The rows by which the report finds it, once it is recorded at `sent`.
    pub(crate) fn rows(&self, expected: Expected, sent: LeafIndex) -> Vec<OutboxChange> {
        let awaited = Awaited {
            notice: expected.notice,
            subject: expected.subject,
            sent,
            until: expected.at.plus_millis(REPORT_WITHIN_MILLIS),
        };
        let names = names(&expected.notice, expected.known_as);
        awaited.kept(&names, &expected.contact)
    }

    /// Those rows are there: takes in the report that came before them.
    pub(crate) async fn handed_over(&self, expected: Expected) {
        let _turn = self.turn.lock().await;
        self.is_recorded(expected.known_as);
        let names = names(&expected.notice, expected.known_as);
        let now = self.times.monotonic();
        let Some(end) = self.early().take(&names, now) else {
            return;
        };
        match self.find_and_end(&end).await {
            Ok(found) => self.count_once(&found, end.arrival),
            Err(error) => {
                tracing::warn!(%error, "an early delivery report is not taken yet");
                self.early().put_off(end);
            }
        }
    }

    /// Counts an end that will not be looked at again.
    fn count_once(&self, found: &Found, arrival: Arrival) {
        let figure = match (found, arrival) {
            (Found::This, Arrival::Delivered) => &self.delivered,
            (Found::This, Arrival::Undelivered | Arrival::Expired | Arrival::Rejected) => {
                &self.undelivered
            }
            (Found::OneOfSeveral, _) => &self.ambiguous,
            (Found::Nothing, _) => &self.of_nothing,
        };
        figure.fetch_add(1, Ordering::Relaxed);
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
        let end = End {
            ids: report.ids.clone(),
            to: report.to.clone(),
            arrival,
        };
        let _turn = self.turn.lock().await;
        let found = self.find_and_end(&end).await?;
        let now = self.times.monotonic();
        match found {
            // Of another message it is known that no report is waited for.
            Found::Nothing if !self.is_of_others(&end.ids) => self.early().keep(end, now),
            Found::Nothing | Found::This | Found::OneOfSeveral => {
                self.count_once(&found, arrival);
            }
        }
        Ok(())
    }

    /// Takes those early reports whose message was there, but that the ledger did not take then.
    async fn take_what_was_put_off(&self) -> Result<(), ReportError> {
        loop {
            let _turn = self.turn.lock().await;
            let Some(end) = self.early().first_put_off() else {
                return Ok(());
            };
            let found = self.find_and_end(&end).await?;
            self.count_once(&found, end.arrival);
            self.early().first_is_done();
        }
    }

    /// Whether the gateway has given one of these names to what no report is waited for.
    fn is_of_others(&self, ids: &[MessageId]) -> bool {
        let now = self.times.monotonic();
        let known = &mut self.names().of_others;
        ids.iter().any(|id| !known.allows(id, now))
    }

    /// Whether what is in no row has one of these names too: what they mean is not sure.
    fn is_shared(&self, ids: &[MessageId]) -> bool {
        let is_recorded = !ids
            .iter()
            .any(|id| self.names().being_recorded.contains(id));
        self.is_of_others(ids) || !is_recorded
    }

    /// Ends the wait for the SMS a report means, if it means one.
    async fn find_and_end(&self, end: &End) -> Result<Found, ReportError> {
        let now = self.times.now().map_err(Refusal::Clock)?;
        let shared = self.is_shared(&end.ids);
        let (names, to, contacts) = (end.ids.clone(), end.to.clone(), Arc::clone(&self.contacts));
        let reading = self.books.read(move |reader| {
            let is_to = |contact: &ContactId| match contacts.find(contact) {
                Some(Contact {
                    address: Address::Phone(phone),
                    ..
                }) => to.contains(&phone),
                Some(_) | None => false,
            };
            let is_to: Option<&dyn Fn(&ContactId) -> bool> = match to.as_slice() {
                [] => None,
                [_, ..] => Some(&is_to),
            };
            let meant = rows::meant(reader, &names, now, shared, is_to)?;
            let Meant::This(found) = meant else {
                return Ok((meant, None));
            };
            Ok((meant, Arrived::of(reader, &found.subject)?))
        });
        let (found, arrived) = match reading.await? {
            (Meant::This(found), arrived) => (found, arrived),
            (Meant::Nothing, _) => return Ok(Found::Nothing),
            (Meant::OneOfSeveral, _) => {
                tracing::warn!("a delivery report that names several messages is dropped");
                return Ok(Found::OneOfSeveral);
            }
        };
        match end.arrival {
            Arrival::Delivered => self.put_with_hers(found, arrived, now).await?,
            Arrival::Undelivered | Arrival::Expired | Arrival::Rejected => {
                let (subject, sent) = (found.subject, vec![found.sent]);
                self.record(subject, end.arrival, sent, found.ended())
                    .await?;
            }
        }
        less(&self.awaited, 1);
        Ok(Found::This)
    }

    /// Puts what arrived with what else reached her in these hours.
    async fn put_with_hers(
        &self,
        found: Awaited,
        arrived: Option<Arrived>,
        now: Timestamp,
    ) -> Result<(), ReportError> {
        let mut changes = found.ended();
        let mut hers = arrived.unwrap_or_else(|| Arrived {
            subject: found.subject,
            due: now.plus_millis(self.every_millis()),
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
            let now = self.times.now().map_err(Refusal::Clock)?;
            let (due, over) = self
                .books
                .read(move |reader| Ok((rows::due(reader, now)?, rows::over(reader, now)?)))
                .await?;
            if due.is_empty() && over.changes.is_empty() {
                return Ok(());
            }
            (0..due.lost + over.lost).for_each(|_| self.books.lost_row());
            for hers in due.hers {
                let changes = hers.gone();
                self.record(hers.subject, Arrival::Delivered, hers.notices, changes)
                    .await?;
            }
            let changes = [over.changes, due.unreadable].concat();
            if !changes.is_empty() {
                self.ledger.submit(ChangeOutbox { changes }).await?;
                less(&self.awaited, over.awaited);
                less(&self.remembered, over.remembered);
            }
        }
    }

    fn every_millis(&self) -> u64 {
        u64::try_from(self.settings.sms_reported_every.as_millis()).unwrap_or(u64::MAX)
    }

    fn early(&self) -> MutexGuard<'_, Early> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the SMS was that a report means.
enum Found {
    /// One that was waited for; it is not any more.
    This,
    /// None that is waited for.
    Nothing,
    /// One of several.
    OneOfSeveral,
}

/// So many less.
fn less(figure: &AtomicU64, count: u64) {
    let less = |value: u64| Some(value.saturating_sub(count));
    // It always gives a number, so there is one before.
    let _ = figure.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
}

/// Whether one more is remembered.
const fn has_room(remembered: u64) -> bool {
    remembered < SMS_REMEMBERED_MAX
}

/// An SMS that was handed over and is not recorded yet.
#[derive(Clone, Copy)]
pub(crate) struct Expected {
    notice: NoticeId,
    known_as: Option<MessageId>,
    subject: SubjectHandle,
    contact: ContactId,
    /// When it was handed over.
    at: Timestamp,
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
        assert!(has_room(SMS_REMEMBERED_MAX - 1));
        assert!(!has_room(SMS_REMEMBERED_MAX));
    }
}

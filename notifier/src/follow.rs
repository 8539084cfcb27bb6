//! Reads the log and turns records into work.
//!
//! For each record, as a numbered story; what a crash at each step leaves behind stands beside it:
//! 1. read a stretch of records, plan                          nothing; it is read again
//! 2. one commit: the alerts and the messages it calls for,
//!    the cursor behind it                                     all of it or nothing
//! 3. hand the messages' keys to delivery                      messages, found at the next start
//!
//! The order of reading is not the order of telling: two read side by side ([`Share`]), so that no
//! number of questions and denials keeps a warning waiting for more than its own reading.
//!
//! A commit that was reported lost may be there all the same: before it is tried again the stored
//! cursor is asked. Records that call for nothing move the cursor in memory only, and in the store
//! now and then.
//!
//! Old records are told to nobody: while the writer does not believe the clock nothing is read, so
//! that no cursor passes what only looks old (`times.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akashi_ledger::command::{ChangeOutbox, OutboxChange, RaiseAlert, TakeStretch};
use akashi_ledger::limits::ALERTS_AT_ONCE_MAX;
use akashi_ledger::reader::Followed;
use akashi_ledger::{Ledger, Refusal};
use akashi_policies::{Pack, Shelf};
use akashi_proof::ids::{GroupId, LeafIndex, Timestamp};
use akashi_proof::record::kind::{Channel, Event, Outcome};
use akashi_proof::record::{Position, Record};
use akashi_proof::state::Person;

use crate::bodies::Bodies;
use crate::books::Books;
use crate::limits::RUNG_LATER_WITH_LEFT_MILLIS;
use crate::messages::compose::{HeldUp, Messages, Put};
use crate::messages::deliver::Delivery;
use crate::messages::outbox::{self, OutboxError, Share, Waiting};
use crate::messages::urgency::Urgency;
use crate::pause::{Backoff, Stop};
use crate::plan::{Circumstances, Notice, Planned, plan, question, summary};
use crate::questions::Questions;
use crate::settings::Settings;
use crate::tally::{Due, Tallies};
use crate::times::Times;

/// Records read at once: about a megabyte at most.
const RECORDS_MAX: u64 = 256;

/// How far the cursor in the store may lag behind while nothing is planned: reading as many again
/// takes well under a second.
const CURSOR_LAG_MAX: u64 = 4_096;

/// Whether an item is of this share.
fn takes(share: Share, item: &Planned) -> bool {
    let ahead = match item {
        Planned::Tell(notice) => Urgency::of(notice.template) <= Urgency::Contact,
        Planned::Alert(_) | Planned::Count(_) | Planned::Closed { .. } => false,
    };
    ahead == (share == Share::Warnings)
}

/// How far a reading is, for those who ask.
pub(crate) struct Cursor {
    share: Share,
    /// The first record not read yet.
    next: AtomicU64,
    /// When the oldest record it had not read was made; 0 where it had read all.
    oldest: AtomicU64,
}

impl Cursor {
    pub(crate) const fn new(share: Share, cursor: LeafIndex) -> Self {
        Self {
            share,
            next: AtomicU64::new(cursor.value()),
            oldest: AtomicU64::new(0),
        }
    }

    pub(crate) fn get(&self) -> LeafIndex {
        LeafIndex::new(self.next.load(Ordering::Relaxed))
    }

    /// When the oldest record that is not read was made, as far as it was seen.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        let millis = self.oldest.load(Ordering::Relaxed);
        (millis > 0).then(|| Timestamp::from_millis(millis))
    }

    fn set(&self, cursor: LeafIndex) {
        self.next.store(cursor.value(), Ordering::Relaxed);
    }

    fn set_oldest(&self, time: Option<Timestamp>) {
        let millis = time.map_or(0, Timestamp::as_millis);
        self.oldest.store(millis, Ordering::Relaxed);
    }
}

/// What reads the log, and whom it hands what it finds there.
pub(crate) struct Follow {
    pub(crate) ledger: Ledger,
    pub(crate) books: Arc<Books>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) times: Times,
    pub(crate) settings: Arc<Settings>,
    pub(crate) questions: Arc<Questions>,
    pub(crate) messages: Arc<Messages>,
    pub(crate) bodies: Arc<Bodies>,
    pub(crate) delivery: Arc<Delivery>,
    pub(crate) read_to: Arc<Cursor>,
    /// Alerts that were counted into others, since the start.
    pub(crate) counted: Arc<AtomicU64>,
}

/// How far one run of the task has come.
struct Follower {
    parts: Follow,
    stop: Stop,
    /// The first record not read yet.
    cursor: LeafIndex,
    /// The same in the store.
    stored: LeafIndex,
    /// What waits for the next commit.
    changes: Vec<OutboxChange>,
    /// The messages among them.
    messages: Vec<(Vec<u8>, Channel)>,
    alerts: Vec<RaiseAlert>,
    tallies: Tallies,
    /// The group of the consent read last.
    last_group: Option<GroupId>,
}

impl Follow {
    /// The pack that says how people hear of a record: the one that decided it, or was in force
    /// when it was made.
    fn pack_of(&self, record: &Record) -> &Pack {
        let registry = self.books.registry();
        let decided = record.event.decided().map(|decided| decided.policy_digest);
        let digest = decided.unwrap_or_else(|| registry.policy_at(record.time).digest);
        self.shelf.words_of(&digest, &registry.policy().digest)
    }

    /// Follows the log from where the cursor stands until told to stop.
    pub(crate) async fn run(self, stop: Stop) {
        let cursor = self.read_to.get();
        let tallies = Tallies::new(Arc::clone(&self.books), Arc::clone(&self.counted));
        let follower = Follower {
            parts: self,
            stop,
            cursor,
            stored: cursor,
            changes: Vec::new(),
            messages: Vec::new(),
            alerts: Vec::new(),
            tallies,
            last_group: None,
        };
        follower.run().await;
    }
}

/// When a question is to be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// As it is read; `delayed` where its requester asks too much.
    Now { delayed: bool },
    /// It was held back when it was.
    Before,
}

enum Failed {
    Stopped,
    Unreadable(OutboxError),
    Interrupted,
}

impl From<OutboxError> for Failed {
    fn from(error: OutboxError) -> Self {
        match error {
            OutboxError::Interrupted => Self::Interrupted,
            error @ (OutboxError::Ledger(_) | OutboxError::Damaged) => Self::Unreadable(error),
        }
    }
}

impl Follower {
    async fn run(mut self) {
        let mut failures = Backoff::for_ledger();
        while !self.stop.is_set() {
            match self.read_some().await {
                Ok(true) => failures = Backoff::for_ledger(),
                Ok(false) => {
                    let poll = self.parts.settings.poll_every;
                    self.stop.pause(poll).await;
                }
                Err(Failed::Stopped) => break,
                Err(Failed::Unreadable(error)) => {
                    // The same record is tried again: skipping it would be losing what it says.
                    tracing::error!(cursor = %self.cursor, %error, "the log cannot be read: nobody is told anything");
                    self.start_over(&mut failures).await;
                }
                Err(Failed::Interrupted) => {
                    tracing::error!(cursor = %self.cursor, "reading the log was broken off: it is begun again");
                    self.start_over(&mut failures).await;
                }
            }
        }
        if self.cursor > self.stored && self.is_settled() {
            let changes = outbox::cursor_rows(self.share(), self.cursor).into();
            // Best effort: what is not written is read again.
            let _ = self.parts.ledger.submit(ChangeOutbox { changes }).await;
        }
    }

    fn share(&self) -> Share {
        self.parts.read_to.share
    }

    /// Whether nothing waits for a commit but the cursor.
    fn is_settled(&self) -> bool {
        self.changes.is_empty() && self.alerts.is_empty() && self.tallies.is_empty()
    }

    async fn stored_cursor(&self) -> Result<LeafIndex, OutboxError> {
        let share = self.share();
        let reading = self
            .parts
            .books
            .read(move |reader| outbox::stored_cursor(reader, share));
        reading.await
    }

    /// Goes back to the cursor in the store, once that can be read: what was meant to be committed
    /// may be there or not.
    async fn start_over(&mut self, failures: &mut Backoff) {
        self.changes.clear();
        self.messages.clear();
        self.alerts.clear();
        self.tallies.start_over();
        self.last_group = None;
        while !self.stop.pause(failures.next()).await {
            if let Ok(cursor) = self.stored_cursor().await {
                self.cursor = cursor;
                self.stored = cursor;
                return;
            }
        }
    }

    /// Reads what is there, up to a bound, by one time. Whether there was anything.
    async fn read_some(&mut self) -> Result<bool, Failed> {
        let Ok(now) = self.parts.times.now() else {
            return Ok(false);
        };
        if self.share() == Share::Rest {
            let due = self.tallies.due(now).await?;
            for due in due {
                self.tell_counted(due, now).await?;
            }
            if !self.is_settled() {
                self.commit().await?;
            }
        }
        let books = Arc::clone(&self.parts.books);
        let end = books.size().next_index();
        let waiting = end.since(self.cursor).unwrap_or(0);
        if waiting == 0 {
            self.parts.read_to.set_oldest(None);
            return Ok(false);
        }
        let (from, most) = (self.cursor, waiting.min(RECORDS_MAX) as usize);
        let reading = books.read(move |reader| Ok(reader.follow(from, most)?));
        let records = reading.await?;
        let first = records.iter().find_map(|read| read.body.as_ref().ok());
        let oldest = first.map(|record| record.time);
        self.parts.read_to.set_oldest(oldest);
        let mut passed = 0_u64;
        for Followed { index, body } in &records {
            if let Ok(record) = body {
                self.take(*index, record, now).await?;
            } else {
                self.pass(*index);
                passed += 1;
            }
        }
        if passed > 0 && self.share() == Share::Rest {
            tracing::info!(
                cursor = %self.cursor,
                passed,
                "records whose bodies are lost, withheld or erased: nobody is told of them"
            );
        }
        let lag = self.cursor.since(self.stored).unwrap_or(0);
        if !self.is_settled() || lag >= CURSOR_LAG_MAX {
            self.commit().await?;
        }
        self.parts.read_to.set(self.cursor);
        if self.cursor == end {
            self.parts.read_to.set_oldest(None);
        }
        Ok(!records.is_empty())
    }

    /// Passes a record over whose body is not open: there is nothing to tell. A question it put can
    /// no longer be shown, and ends.
    fn pass(&mut self, index: LeafIndex) {
        if self.share() == Share::Rest {
            self.parts.questions.forget(index);
            self.changes.push(outbox::wording_row(index, None));
        }
        self.cursor = index.next();
    }

    async fn take(
        &mut self,
        index: LeafIndex,
        record: &Record,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let person = match &record.position {
            Position::Person(place) => self.parts.books.person(&place.subject),
            Position::Registry(_) if self.share() == Share::Warnings => {
                self.changes
                    .extend(self.parts.bodies.calls_for(index, record, now));
                None
            }
            Position::Registry(_) | Position::Institution(_) => None,
        };
        if let Some(person) = person {
            self.plan(index, record, &person, now).await?;
        }
        self.cursor = index.next();
        if self.alerts.len() >= ALERTS_AT_ONCE_MAX {
            self.commit().await?;
        }
        Ok(())
    }

    /// Plans, and puts messages into words. What comes of it waits for the next commit.
    async fn plan(
        &mut self,
        index: LeafIndex,
        record: &Record,
        person: &Arc<Person>,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let share = self.share();
        if share == Share::Rest
            && let Event::AccessAsked(e) = &record.event
            && let Some(expires) = e.decided.expires
        {
            self.parts.questions.watch(expires, person.subject, index);
        }
        let planned = plan(
            index,
            record,
            Circumstances {
                person,
                reach: self.parts.messages.reach(person, now),
                pack: self.parts.pack_of(record),
                now,
                stale_after_millis: self.parts.settings.stale_after_millis(),
            },
        );
        let subject = person.subject;
        let delayed = share == Share::Rest && self.is_too_much(index, record).await?;
        for item in planned.into_iter().filter(|item| takes(share, item)) {
            match item {
                Planned::Alert(found) => {
                    let time = record.time;
                    let alert = self.tallies.found(subject, found, time, now).await?;
                    self.alerts.extend(alert);
                }
                Planned::Count(one) => {
                    let time = record.time;
                    if let Some(due) = self.tallies.used(subject, one, time, now).await? {
                        self.tell_counted(due, now).await?;
                    }
                }
                Planned::Closed { access } => self.changes.push(outbox::wording_row(access, None)),
                Planned::Tell(notice) => {
                    let told_already = notice.group.is_some() && notice.group == self.last_group;
                    if told_already {
                        continue;
                    }
                    self.last_group = notice.group.or(self.last_group);
                    if notice.question.is_some() {
                        let came = Came::Now { delayed };
                        let put = self.put((index, record.time), notice, person, came, now);
                        put.await?;
                        continue;
                    }
                    let composing = self.parts.messages.compose(index, notice, person, now);
                    if let Some(waiting) = composing.await? {
                        self.put_in(&waiting);
                    }
                }
            }
        }
        Ok(())
    }

    /// Lets her phone ring for an open question, or keeps when it may.
    async fn put(
        &mut self,
        (access, time): (LeafIndex, Timestamp),
        notice: Notice,
        person: &Arc<Person>,
        came: Came,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let Some(until) = notice.question.as_ref().map(|question| question.expires) else {
            return Ok(());
        };
        let held_up = match came {
            Came::Now { delayed: true } => Some(HeldUp::ByRequester),
            Came::Now { delayed: false } | Came::Before => {
                let older = self.older_held_back(person, access).await?;
                older.map(HeldUp::ByOlder)
            }
        };
        let messages = Arc::clone(&self.parts.messages);
        let putting = messages.compose_question(access, notice, person, held_up, now);
        let put = putting.await?;
        if let Put::Now(waiting) = &put {
            let wording = Some(waiting.text.digest());
            self.changes.push(outbox::wording_row(access, wording));
            self.put_in(waiting);
            if came == Came::Before {
                messages.has_rung_later();
            }
            return Ok(());
        }
        if let Put::Later(at) = put
            && at <= until.minus_millis(RUNG_LATER_WITH_LEFT_MILLIS)
        {
            self.tallies.hold_back(access, time, at);
        }
        if came != Came::Before {
            messages.is_held_back();
            self.tallies.silence(access, time, until);
        }
        Ok(())
    }

    /// Until when the last of her older questions is held back that wait for her number's budget.
    async fn older_held_back(
        &self,
        person: &Person,
        access: LeafIndex,
    ) -> Result<Option<Timestamp>, OutboxError> {
        let mut last = None;
        for ask in person.asks.iter().filter(|ask| ask.access < access) {
            last = last.max(self.tallies.held_back(ask.access).await?);
        }
        Ok(last)
    }

    /// Lets her phone ring for what was held back, if it is a question that is open, that she has
    /// not had sent since, and that leaves her time to answer.
    async fn ring_later(&mut self, access: LeafIndex, now: Timestamp) -> Result<(), Failed> {
        let reading = self.parts.books.read(move |reader| {
            let followed = reader.skim(access)?;
            Ok((followed, outbox::was_put(reader, access)?))
        });
        let (followed, was_put) = reading.await?;
        let Some(Ok(record)) = followed.map(|followed| followed.body) else {
            return Ok(());
        };
        let (Event::AccessAsked(_), Position::Person(place)) = (&record.event, &record.position)
        else {
            // A refusal that was told as a question has its time, too.
            return Ok(());
        };
        let Some(person) = self.parts.books.person(&place.subject).filter(|_| !was_put) else {
            return Ok(());
        };
        let reach = self.parts.messages.reach(&person, now);
        let ends_after = now.plus_millis(RUNG_LATER_WITH_LEFT_MILLIS);
        let notice = question(&person, access, reach, now).filter(|notice| {
            let question = notice.question.as_ref();
            question.is_some_and(|question| question.expires >= ends_after)
        });
        if let Some(notice) = notice {
            let question = (access, record.time);
            self.put(question, notice, &person, Came::Before, now)
                .await?;
        }
        Ok(())
    }

    /// Counts what was told its requester as a question, whether or not one was put: whether it
    /// asks too much for a phone to ring now. It is told so of all alike, until phones may ring for
    /// them, or their time is over.
    async fn is_too_much(&mut self, index: LeafIndex, record: &Record) -> Result<bool, Failed> {
        let Some(e) = record.event.decided().filter(|e| e.told == Outcome::Ask) else {
            return Ok(false);
        };
        let (by, time) = (e.requester.clone(), record.time);
        let until = e.expires.unwrap_or(time);
        let latest = until.minus_millis(RUNG_LATER_WITH_LEFT_MILLIS);
        let budget = self.parts.settings.budgets.questions_per_requester;
        let at = self.tallies.asked(by, time, latest, budget).await?;
        let fits = at.is_some_and(|at| at <= time);
        if !fits {
            self.tallies.delay(index, time, at.unwrap_or(until));
        }
        Ok(!fits)
    }

    /// Takes in a count whose time has come: an alert, or a message.
    async fn tell_counted(&mut self, due: Due, now: Timestamp) -> Result<(), Failed> {
        match due {
            Due::Alert(alert) => self.alerts.push(alert),
            Due::Ring { access } => self.ring_later(access, now).await?,
            Due::Summary {
                subject,
                first,
                uses,
            } => {
                let Some(person) = self.parts.books.person(&subject) else {
                    return Ok(());
                };
                let messages = &self.parts.messages;
                let Some(notice) = summary(messages.reach(&person, now), uses) else {
                    return Ok(());
                };
                let composing = messages.compose(first, notice, &person, now);
                if let Some(waiting) = composing.await? {
                    self.put_in(&waiting);
                }
            }
        }
        Ok(())
    }

    /// Puts a message in with the next commit.
    fn put_in(&mut self, waiting: &Waiting) {
        self.changes.push(outbox::message_row(waiting));
        self.messages
            .push((outbox::message_key(waiting), waiting.channel));
    }

    /// One commit: the alerts, the messages, the cursor.
    async fn commit(&mut self) -> Result<(), Failed> {
        let alerts = std::mem::take(&mut self.alerts);
        let mut changes = std::mem::take(&mut self.changes);
        changes.extend(self.tallies.rows());
        changes.extend(outbox::cursor_rows(self.share(), self.cursor));
        loop {
            let command = TakeStretch {
                alerts: alerts.clone(),
                changes: changes.clone(),
            };
            match self.parts.ledger.submit(command).await {
                Ok(done) => {
                    if done.receipt > 0 {
                        tracing::info!(
                            cursor = %self.cursor,
                            dropped = done.receipt,
                            "alerts could not be recorded and were left out"
                        );
                    }
                    break;
                }
                Err(Refusal::Stopped) => return Err(Failed::Stopped),
                Err(refusal) => {
                    let reason = refusal.reason();
                    tracing::warn!(
                        cursor = %self.cursor,
                        reason,
                        "the ledger takes no messages now; trying again"
                    );
                }
            }
            if !self.stop.until_ledger_goes_on(&self.parts.ledger).await {
                return Err(Failed::Stopped);
            }
            // Reported lost, but there.
            if self.stored_cursor().await? >= self.cursor {
                break;
            }
        }
        self.stored = self.cursor;
        self.parts
            .delivery
            .take_in(std::mem::take(&mut self.messages));
        // After the messages: whoever sees the cursor at the head sees what still waits, too.
        self.parts.read_to.set(self.cursor);
        Ok(())
    }
}

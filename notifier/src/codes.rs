//! Sends one-time codes, and takes them back.
//!
//! A code leaves at once and beside the outbox: a person waits for it, and one that comes late is
//! of no use. What answers for it is the person, who asks again.
//!
//! Whether somebody is known by a number is found out when the answer has long been given: every
//! number that is signed in with waits in one line, for a time that is drawn. What follows holds
//! nothing that an answer waits for: newcomers' codes and known people's have lines of their own
//! before the gateway, and one that finds its line full is dropped unseen.

pub(crate) mod among;
pub(crate) mod challenge;
pub(crate) mod one_time_code;
pub(crate) mod tries;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use akashi_ledger::random::drawn;
use akashi_proof::clock::Clock;
use akashi_proof::record::kind::Language;
use tokio::sync::{Semaphore, mpsc};

use crate::address::Address;
use crate::books::Books;
use crate::channel::Channels;
use crate::channel::way_out::{Outgoing, Undelivered};
use crate::codes::among::Asker;
use crate::codes::challenge::{Challenge, CodeUse};
use crate::codes::one_time_code::{CodeFigures, CodeRefused, CodesOut, Order};
use crate::contacts::Contacts;
use crate::limits::{LOOK_UP_AFTER_MILLIS, LOOK_UPS_MAX};
use crate::messages::message::{Facts, Message, Text};
use crate::messages::reports::Reports;
use crate::pause::{Stop, after_failures};
use crate::settings::Settings;

/// One-time codes of one line handed over at once; the gateway takes 32 of both together well.
const IN_FLIGHT_MAX: usize = 32;
/// Codes of one line that are handed over or wait. A gateway that takes 100 ms each comes to the
/// last in three seconds; one that takes ten is down. Above: dropped, a line in the log, and the
/// person asks again.
const LINE_MAX: usize = 1_000;
/// Attempts to hand a one-time code over: a person waits for it, and asks again after half a
/// minute.
const ATTEMPTS: u64 = 3;
/// The wait after the first failure.
const WAIT: Duration = Duration::from_secs(1);

/// The codes that are out, and the way they take.
pub(crate) struct Codes {
    out: Mutex<CodesOut>,
    to_known: Line,
    to_newcomers: Line,
    look_ups: mpsc::Sender<LookUp>,
    books: Arc<Books>,
    contacts: Arc<Contacts>,
    clock: Arc<dyn Clock>,
    channels: Arc<Channels>,
    reports: Arc<Reports>,
    settings: Arc<Settings>,
    stop: Stop,
}

/// How long one waits.
fn drawn_pause() -> Duration {
    let [byte] = drawn();
    let (least, most) = (*LOOK_UP_AFTER_MILLIS.start(), *LOOK_UP_AFTER_MILLIS.end());
    let millis = least + (most - least) * u64::from(byte) / u64::from(u8::MAX);
    Duration::from_millis(millis)
}

/// An address that is signed in with, and is yet to be looked up.
pub(crate) struct LookUp {
    to: Address,
    order: Order,
    language: Language,
    not_before: Instant,
}

/// A line before the gateway.
struct Line {
    waiting: Semaphore,
    turns: Semaphore,
}

impl Line {
    fn new() -> Self {
        Self {
            waiting: Semaphore::new(LINE_MAX),
            turns: Semaphore::new(IN_FLIGHT_MAX),
        }
    }
}

impl Codes {
    /// And the line of addresses to be looked up, for [`Self::run`].
    pub(crate) fn new(
        books: Arc<Books>,
        contacts: Arc<Contacts>,
        clock: Arc<dyn Clock>,
        channels: Arc<Channels>,
        reports: Arc<Reports>,
        settings: Arc<Settings>,
        stop: Stop,
    ) -> (Self, mpsc::Receiver<LookUp>) {
        let (look_ups, asked) = mpsc::channel(LOOK_UPS_MAX);
        let codes = Self {
            out: Mutex::new(CodesOut::new(&settings.budgets)),
            to_known: Line::new(),
            to_newcomers: Line::new(),
            look_ups,
            books,
            contacts,
            clock,
            channels,
            reports,
            settings,
            stop,
        };
        (codes, asked)
    }

    /// Looks up who signs in, until told to stop.
    pub(crate) async fn run(self: Arc<Self>, mut asked: mpsc::Receiver<LookUp>) {
        let mut stop = self.stop.clone();
        loop {
            let next = tokio::select! {
                () = stop.wait() => return,
                next = asked.recv() => next,
            };
            let Some(next) = next else {
                return;
            };
            let wait = next.not_before.saturating_duration_since(Instant::now());
            if !wait.is_zero() && stop.pause(wait).await {
                return;
            }
            self.look_up(next);
        }
    }

    fn look_up(self: &Arc<Self>, look_up: LookUp) {
        let LookUp {
            to,
            order,
            language,
            ..
        } = look_up;
        self.out().count_looked_up();
        if !self.is_somebodys(&to) {
            return;
        }
        if let Ok(Some(code)) = self.out().draw(CodeUse::SignIn, &to, order) {
            self.spawn_code(CodeUse::SignIn, to, code, language);
        }
    }

    /// Gives out a challenge, and sends its code beside it.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`] or [`CodeRefused::Unavailable`].
    pub(crate) fn send(
        self: &Arc<Self>,
        code_use: CodeUse,
        to: &Address,
        asker: &Asker,
        language: Language,
    ) -> Result<Challenge, CodeRefused> {
        if self.channels.way(to.channel()).is_none() {
            return Err(CodeRefused::Unavailable);
        }
        let now = self.clock.monotonic_millis();
        let (challenge, order) = self.out().issue(code_use, to, asker, now)?;
        let to = to.clone();
        match code_use {
            CodeUse::SignIn => {
                let look_up = LookUp {
                    to,
                    order,
                    language,
                    not_before: Instant::now() + drawn_pause(),
                };
                if self.look_ups.try_send(look_up).is_err() {
                    tracing::error!("more people sign in at once than can be looked up");
                    return Err(CodeRefused::Unavailable);
                }
            }
            // Known or not is no secret where everybody gets a code.
            CodeUse::Enrol | CodeUse::AddContact => {
                // Where there is none, she has the message already.
                if let Some(code) = self.out().draw(code_use, &to, order)? {
                    self.spawn_code(code_use, to, code, language);
                }
            }
        }
        Ok(challenge)
    }

    fn spawn_code(
        self: &Arc<Self>,
        code_use: CodeUse,
        to: Address,
        code: String,
        language: Language,
    ) {
        let codes = Arc::clone(self);
        tokio::spawn(async move { codes.send_code(code_use, &to, code, language).await });
    }

    async fn send_code(&self, code_use: CodeUse, to: &Address, code: String, language: Language) {
        let facts = Facts {
            code,
            ..Facts::default()
        };
        let text = Message::Code(code_use).render(to.channel(), language, &facts, &self.settings);
        let Ok(text) = text else {
            tracing::error!("a one-time code could not be put into words");
            return;
        };
        let line = match code_use {
            CodeUse::SignIn => &self.to_known,
            CodeUse::Enrol | CodeUse::AddContact => &self.to_newcomers,
        };
        let Ok(_waiting) = line.waiting.try_acquire() else {
            tracing::error!("more one-time codes wait for the gateway than it can take");
            return;
        };
        // Closed by nobody.
        let Ok(_turn) = line.turns.acquire().await else {
            return;
        };
        self.hand_over(to, &text).await;
    }

    /// What became of codes.
    pub(crate) fn figures(&self) -> CodeFigures {
        self.out().figures()
    }

    /// Takes a code: right once, then the address it was sent to.
    ///
    /// # Errors
    /// [`CodeRefused::Wrong`] while tries are left, [`CodeRefused::Void`] otherwise.
    pub(crate) fn take(&self, challenge: &Challenge, code: &str) -> Result<Address, CodeRefused> {
        let now = self.clock.monotonic_millis();
        self.out().take(challenge, code, now)
    }

    fn is_somebodys(&self, address: &Address) -> bool {
        !self.books.people_of(&self.contacts, address).is_empty()
    }

    async fn hand_over(&self, to: &Address, text: &Text) {
        let Some(way) = self.channels.way(to.channel()) else {
            return;
        };
        let id = Challenge::draw_id();
        let mut stop = self.stop.clone();
        for attempt in 1..=ATTEMPTS {
            let message = Outgoing {
                id: id.clone(),
                to,
                text,
            };
            match way.hand_over(message).await {
                Ok(taken) => return self.reports.is_not_awaited(taken),
                Err(Undelivered::ForNow(why)) if attempt < ATTEMPTS => {
                    tracing::warn!(
                        attempt,
                        why,
                        "a one-time code was not handed over; trying again"
                    );
                }
                // What a visitor typed, as a rule: nothing of ours is broken.
                Err(Undelivered::ForGood(why)) => {
                    tracing::warn!(attempt, why, "a one-time code can never be handed over");
                    return;
                }
                Err(why @ Undelivered::ForNow(_)) => {
                    tracing::error!(attempt, %why, "a one-time code could not be handed over");
                    return;
                }
            }
            if stop.pause(after_failures(attempt, WAIT, WAIT * 2)).await {
                return;
            }
        }
    }

    fn out(&self) -> MutexGuard<'_, CodesOut> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

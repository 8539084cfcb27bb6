//! Sends one-time codes, and takes them back.
//!
//! A code leaves at once and beside the outbox: a person waits for it, and one that comes late is
//! of no use. What answers for it is the person, who asks again.
//!
//! Whether somebody is known by a number is found out behind the answer, and what follows from it
//! holds nothing that an answer waits for: newcomers' codes and known people's have lines of their
//! own before the gateway, and one that finds its line full is dropped unseen.

pub(crate) mod challenge;
pub(crate) mod one_time_code;
pub(crate) mod tries;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_proof::clock::Clock;
use akashi_proof::record::kind::Language;
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::books::Books;
use crate::channel::Channels;
use crate::channel::way_out::{Outgoing, Undelivered};
use crate::codes::challenge::{Challenge, CodeUse};
use crate::codes::one_time_code::{CodeFigures, CodeRefused, CodesOut};
use crate::contacts::Contacts;
use crate::messages::message::{Facts, Message, Text};
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
    books: Arc<Books>,
    contacts: Arc<Contacts>,
    clock: Arc<dyn Clock>,
    channels: Arc<Channels>,
    settings: Arc<Settings>,
    stop: Stop,
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
    pub(crate) fn new(
        books: Arc<Books>,
        contacts: Arc<Contacts>,
        clock: Arc<dyn Clock>,
        channels: Arc<Channels>,
        settings: Arc<Settings>,
        stop: Stop,
    ) -> Self {
        Self {
            out: Mutex::new(CodesOut::new(&settings.budgets)),
            to_known: Line::new(),
            to_newcomers: Line::new(),
            books,
            contacts,
            clock,
            channels,
            settings,
            stop,
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
        language: Language,
    ) -> Result<Challenge, CodeRefused> {
        if self.channels.way(to.channel()).is_none() {
            return Err(CodeRefused::Unavailable);
        }
        let now = self.clock.monotonic_millis();
        let (challenge, order) = self.out().issue(code_use, to, now)?;
        // Known or not is no secret where everybody gets a code.
        let drawn = match code_use {
            CodeUse::SignIn => None,
            CodeUse::Enrol | CodeUse::AddContact => {
                match self.out().draw(code_use, to, order, now)? {
                    Some(code) => Some(code),
                    // She has the message already.
                    None => return Ok(challenge),
                }
            }
        };
        let (codes, to) = (Arc::clone(self), to.clone());
        tokio::spawn(async move {
            let code = drawn.or_else(|| codes.draw_if_known(code_use, &to, order));
            if let Some(code) = code {
                codes.send_code(code_use, &to, code, language).await;
            }
        });
        Ok(challenge)
    }

    /// The code for whoever is known by this address.
    fn draw_if_known(&self, code_use: CodeUse, to: &Address, order: u64) -> Option<String> {
        let now = self.clock.monotonic_millis();
        let is_known = self.is_somebodys(to);
        let drawn = is_known.then(|| self.out().draw(code_use, to, order, now))?;
        drawn.ok().flatten()
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
                Ok(()) => return,
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

//! Sends one-time codes, and takes them back.
//!
//! A code leaves at once and beside the outbox: a person waits for it, and one that comes late is
//! of no use. What answers for it is the person, who asks again.

pub(crate) mod one_time_code;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_proof::clock::Clock;
use akashi_proof::record::kind::Language;
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::books::Books;
use crate::channel::Channels;
use crate::channel::way_out::{Outgoing, Undelivered};
use crate::codes::one_time_code::{Challenge, CodeRefused, CodeUse, CodesOut};
use crate::contacts::Contacts;
use crate::messages::message::{Facts, Message, Text};
use crate::pause::{Stop, after_failures};
use crate::settings::Settings;

/// One-time codes handed over at once; beyond that sending is refused rather than queued without
/// bound.
const IN_FLIGHT_MAX: usize = 64;
/// Attempts to hand a one-time code over: a person waits for it, and asks again after half a
/// minute.
const ATTEMPTS: u64 = 3;
/// The wait after the first failure.
const WAIT: Duration = Duration::from_secs(1);

/// The codes that are out, and the way they take.
pub(crate) struct Codes {
    out: Mutex<CodesOut>,
    in_flight: Arc<Semaphore>,
    books: Arc<Books>,
    contacts: Arc<Contacts>,
    clock: Arc<dyn Clock>,
    channels: Arc<Channels>,
    settings: Arc<Settings>,
    stop: Stop,
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
            out: Mutex::new(CodesOut::new(settings.budgets.codes_per_address)),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT_MAX)),
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
        let way_exists = self.channels.way(to.channel()).is_some();
        let permit = Arc::clone(&self.in_flight).try_acquire_owned();
        let (true, Ok(permit)) = (way_exists, permit) else {
            return Err(CodeRefused::Unavailable);
        };
        let (challenge, code) = self.out().issue(code_use, to, self.clock.wall())?;
        // She has the message already.
        let Some(code) = code else {
            return Ok(challenge);
        };
        let facts = Facts {
            code,
            ..Facts::default()
        };
        let text = Message::Code(code_use).render(to.channel(), language, &facts, &self.settings);
        let text = text.map_err(|_| CodeRefused::Unavailable)?;
        let (codes, to) = (Arc::clone(self), to.clone());
        tokio::spawn(async move {
            let wanted = code_use != CodeUse::SignIn || codes.is_somebodys(&to);
            if wanted {
                codes.hand_over(&to, &text).await;
            }
            drop(permit);
        });
        Ok(challenge)
    }

    /// Takes a code: right once, then the address it was sent to.
    ///
    /// # Errors
    /// [`CodeRefused::Wrong`] while tries are left, [`CodeRefused::Void`] otherwise.
    pub(crate) fn take(&self, challenge: &Challenge, code: &str) -> Result<Address, CodeRefused> {
        self.out().take(challenge, code, self.clock.wall())
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
                Err(why) => {
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

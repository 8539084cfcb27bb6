//! What all tasks share, and how they are started and ended.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_ledger::command::ChangeOutbox;
use akashi_ledger::{Ledger, Refusal};
use akashi_policies::Pack;
use akashi_proof::clock::Clock;
use akashi_proof::ids::{InstitutionId, LeafIndex};
use akashi_proof::record::Position;
use akashi_proof::record::kind::{Event, Language};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::address::Address;
use crate::approval::{self, Questions};
use crate::budget::Spending;
use crate::channel::email::Smtp;
use crate::channel::sms::SmsGateway;
use crate::channel::{Outgoing, Undelivered, WayOut};
use crate::compose::{Heap, requester_of};
use crate::contacts::Contacts;
use crate::deliver::{self, Queue};
use crate::follow;
use crate::message::{Facts, Text};
use crate::notifier::{Backlog, StartError};
use crate::one_time_code::{Challenge, CodeRefused, CodeUse, Codes};
use crate::outbox;
use crate::pause::{Backoff, Stop, after_failures};
use crate::plan::Reach;
use crate::settings::{Budget, Budgets, Settings, SettingsError};

/// One-time codes handed over at once; beyond that sending is refused rather than queued without
/// bound.
const CODES_IN_FLIGHT_MAX: usize = 64;
/// Attempts to hand a one-time code over: a person waits for it, and asks again after half a
/// minute.
const CODE_ATTEMPTS: u64 = 3;
/// The wait after the first failure.
const CODE_WAIT: Duration = Duration::from_secs(1);

/// Records before the cursor that are looked at to know, after a restart, how much of the budgets
/// is spent: more than ten minutes of questions.
const BUDGET_RECORDS: u64 = 2_048;

pub(crate) struct Inner {
    pub(crate) ledger: Ledger,
    pub(crate) policy: Arc<Pack>,
    pub(crate) contacts: Arc<Contacts>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
    pub(crate) sms: Box<dyn WayOut>,
    pub(crate) email: Option<Box<dyn WayOut>>,
    pub(crate) questions: Questions,
    pub(crate) queue: Queue,
    spent: Mutex<Spent>,
    codes: Mutex<Codes>,
    codes_in_flight: Arc<Semaphore>,
    cursor: AtomicU64,
    stop: watch::Sender<bool>,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
}

/// What is spent of the budgets.
pub(crate) struct Spent {
    pub(crate) questions: Spending<Address>,
    pub(crate) by_requester: Spending<InstitutionId>,
    pub(crate) notices: Spending<Heap>,
    pub(crate) warnings: Spending<Heap>,
    /// The one message that says more happened than messages were sent about.
    pub(crate) more: Spending<Heap>,
    pub(crate) reply_answers: Spending<Address>,
    /// Messages about a question that the person asked for herself.
    pub(crate) asked_for: Spending<Address>,
}

impl Spent {
    fn new(budgets: Budgets) -> Self {
        let once = Budget {
            most: 1,
            ..budgets.warnings_of_one_kind
        };
        Self {
            questions: Spending::new(budgets.questions_per_number),
            by_requester: Spending::new(budgets.questions_per_requester),
            notices: Spending::new(budgets.notices_per_address),
            warnings: Spending::open_when_full(budgets.warnings_of_one_kind),
            more: Spending::new(once),
            reply_answers: Spending::new(budgets.reply_answers_per_number),
            asked_for: Spending::new(budgets.codes_per_address),
        }
    }
}

impl Inner {
    pub(crate) fn start(
        ledger: Ledger,
        policy: Arc<Pack>,
        contacts: Arc<Contacts>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Arc<Self>, StartError> {
        settings.check()?;
        let unusable = |setting| SettingsError {
            setting,
            expected: "settings a connection can be made with",
        };
        let sms = SmsGateway::new(&settings.sms).ok_or_else(|| unusable("sms"))?;
        let email = match &settings.email {
            Some(email) => {
                Some(Box::new(Smtp::new(email).ok_or_else(|| unusable("email"))?) as Box<dyn WayOut>)
            }
            None => None,
        };
        let budgets = settings.budgets;
        let cursor = outbox::stored_cursor(ledger.reader())?;
        let (stop, stopped) = watch::channel(false);
        let inner = Arc::new(Self {
            sms: Box::new(sms),
            email,
            questions: Questions::of(&ledger.reader().people()),
            queue: Queue::default(),
            spent: Mutex::new(Spent::new(budgets)),
            codes: Mutex::new(Codes::new(budgets.codes_per_address)),
            codes_in_flight: Arc::new(Semaphore::new(CODES_IN_FLIGHT_MAX)),
            cursor: AtomicU64::new(cursor.value()),
            stop,
            tasks: tokio::sync::Mutex::default(),
            ledger,
            policy,
            contacts,
            clock,
            settings,
        });
        inner.count_questions_before(cursor)?;
        let stopped = Stop::new(stopped);
        let tasks = vec![
            tokio::spawn(follow::run(Arc::clone(&inner), cursor, stopped.clone())),
            tokio::spawn(deliver::run(Arc::clone(&inner), stopped.clone())),
            tokio::spawn(approval::expire(Arc::clone(&inner), stopped)),
        ];
        if let Ok(mut held) = inner.tasks.try_lock() {
            *held = tasks;
        }
        Ok(inner)
    }

    /// Ends the tasks. Each of them waits for nothing longer than one hand-over.
    pub(crate) async fn shutdown(&self) {
        self.stop.send_replace(true);
        for task in self.tasks.lock().await.drain(..) {
            if task.await.is_err() {
                tracing::error!("a task of the notifier had failed");
            }
        }
    }

    /// Waits until the ledger takes commands again; only then can be read what became of a commit
    /// that failed. False when the notifier is stopped first.
    pub(crate) async fn ledger_goes_on(&self, stop: &mut Stop) -> bool {
        let mut backoff = Backoff::for_ledger();
        loop {
            if stop.pause(backoff.next()).await {
                return false;
            }
            match self
                .ledger
                .submit(ChangeOutbox {
                    changes: Vec::new(),
                })
                .await
            {
                Ok(_) => return true,
                Err(Refusal::Stopped) => return false,
                Err(refusal) => tracing::debug!(
                    reason = refusal.reason(),
                    "the ledger takes no commands yet"
                ),
            }
        }
    }

    /// Questions put shortly before a restart count against the budgets as before.
    fn count_questions_before(&self, cursor: LeafIndex) -> Result<(), StartError> {
        let reader = self.ledger.reader();
        let from = cursor.minus(BUDGET_RECORDS);
        let most = cursor.since(from).unwrap_or(0);
        for (_, record) in reader.follow(from, most as usize)? {
            let (Event::ApprovalRequested(e), Position::Person(place)) =
                (&record.event, &record.position)
            else {
                continue;
            };
            let Some(person) = reader.person(&place.subject) else {
                continue;
            };
            let contact = Reach::of(&person, false)
                .sms
                .and_then(|id| self.contacts.find(&id));
            let requester = requester_of(reader, e.access)?;
            let mut spent = self.spent();
            if let Some(contact) = contact {
                spent.questions.count(contact.address, record.time);
            }
            if let Some(requester) = requester {
                spent.by_requester.count(requester, record.time);
            }
        }
        Ok(())
    }

    pub(crate) fn send_code(
        self: &Arc<Self>,
        code_use: CodeUse,
        to: &Address,
        language: Language,
    ) -> Result<Challenge, CodeRefused> {
        let way_exists = matches!(to, Address::Phone(_)) || self.email.is_some();
        let permit = Arc::clone(&self.codes_in_flight).try_acquire_owned();
        let (true, Ok(permit)) = (way_exists, permit) else {
            return Err(CodeRefused::Unavailable);
        };
        let (challenge, code) = self.codes().issue(code_use, to, self.clock.wall())?;
        // She has the message already.
        let Some(code) = code else {
            return Ok(challenge);
        };
        let facts = Facts {
            code,
            ..Facts::default()
        };
        let text = code_use
            .template()
            .render(to.channel(), language, &facts, &self.settings);
        let text = text.map_err(|_| CodeRefused::Unavailable)?;
        let (inner, to) = (Arc::clone(self), to.clone());
        tokio::spawn(async move {
            let wanted = code_use != CodeUse::SignIn || inner.is_somebodys(&to);
            if wanted {
                inner.hand_over_code(&to, &text).await;
            }
            drop(permit);
        });
        Ok(challenge)
    }

    fn is_somebodys(&self, address: &Address) -> bool {
        !self
            .contacts
            .people_of(self.ledger.reader(), address)
            .is_empty()
    }

    async fn hand_over_code(&self, to: &Address, text: &Text) {
        let way = match to {
            Address::Phone(_) => Some(&self.sms),
            Address::Email(_) => self.email.as_ref(),
        };
        let (Some(way), id) = (way, Challenge::draw_id()) else {
            return;
        };
        let mut stop = Stop::new(self.stop.subscribe());
        for attempt in 1..=CODE_ATTEMPTS {
            match way
                .hand_over(Outgoing {
                    id: id.clone(),
                    to,
                    text,
                })
                .await
            {
                Ok(()) => return,
                Err(Undelivered::ForNow(why)) if attempt < CODE_ATTEMPTS => {
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
            if stop
                .pause(after_failures(attempt, CODE_WAIT, CODE_WAIT * 2))
                .await
            {
                return;
            }
        }
    }

    pub(crate) fn check_code(
        &self,
        challenge: &Challenge,
        code: &str,
    ) -> Result<Address, CodeRefused> {
        self.codes().take(challenge, code, self.clock.wall())
    }

    pub(crate) fn backlog(&self) -> Backlog {
        Backlog {
            cursor: LeafIndex::new(self.cursor.load(Ordering::Relaxed)),
            head: self.ledger.reader().head().head.size,
            waiting: self.queue.len() as u64,
            failed: self.queue.failed(),
            open_questions: self.questions.len() as u64,
        }
    }

    pub(crate) fn set_cursor(&self, cursor: LeafIndex) {
        self.cursor.store(cursor.value(), Ordering::Relaxed);
    }

    pub(crate) fn stale_after_millis(&self) -> u64 {
        u64::try_from(self.settings.stale_after.as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn codes(&self) -> MutexGuard<'_, Codes> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

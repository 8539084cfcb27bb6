//! The handle: what the rest of the server may ask of the notifier.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use akashi_ledger::{Ledger, LedgerError};
use akashi_policies::Shelf;
use akashi_proof::clock::Clock;
use akashi_proof::ids::{LeafIndex, TreeSize};
use akashi_proof::record::kind::{AnsweredBy, Language};
use akashi_proof::state::Person;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::address::{Address, Phone};
use crate::bodies::{Bodies, BodyFigures};
use crate::books::Books;
use crate::channel::Channels;
use crate::channel::posted::Report;
use crate::codes::Codes;
use crate::codes::among::Asker;
use crate::codes::challenge::{Challenge, CodeUse};
use crate::codes::one_time_code::{CodeFigures, CodeRefused};
use crate::contacts::Contacts;
use crate::follow::{Cursor, Follow};
use crate::messages::budget::NoticeFigures;
use crate::messages::compose::Messages;
use crate::messages::deliver::Delivery;
use crate::messages::outbox::{self, OutboxError, Share};
use crate::messages::reports::{ReportError, ReportFigures, Reports};
use crate::messages::spent_before::spent_before;
use crate::pause::Stop;
use crate::questions::Questions;
use crate::questions::expire::Expiry;
use crate::questions::inbound::{Replies, ReplyError, ReplyOutcome};
use crate::settings::{Settings, SettingsError};
use crate::times::Times;

/// The notifier could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The outbox could not be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The system has no more threads.
    #[error("threads that read: {0}")]
    Threads(#[from] std::io::Error),
}

/// How far the notifier is behind, for metrics and readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The first record of the log that is not read yet.
    pub cursor: LeafIndex,
    /// Number of records.
    pub head: TreeSize,
    /// How old the oldest record is that is not read, in milliseconds; 0 where all is read.
    pub oldest_unread_millis: u64,
    /// Messages that wait to be handed over, as far as they are loaded.
    pub waiting: u64,
    /// Messages given up since the start.
    pub failed: u64,
    /// Questions to people whose end is awaited.
    pub open_questions: u64,
    /// Alerts that were counted into others, since the start.
    pub alerts_counted: u64,
    /// Questions that did not make a phone ring, since the start.
    pub questions_held_back: u64,
    /// What became of messages that are no questions, since the start.
    pub notices: NoticeFigures,
    /// Those of them for which it has rung by now.
    pub questions_rung_later: u64,
    /// Rows of the outbox that could not be read and were given up, since the start.
    pub lost_rows: u64,
}

impl Backlog {
    /// How many records are not read yet.
    pub const fn unread(&self) -> u64 {
        match self.head.next_index().since(self.cursor) {
            Some(unread) => unread,
            None => 0,
        }
    }
}

/// Tells people what concerns them, and takes their answers. A cheap handle; its tasks run until
/// [`Self::shutdown`], or until nobody has a handle any more.
#[derive(Clone)]
pub struct Notifier {
    books: Arc<Books>,
    times: Times,
    questions: Arc<Questions>,
    messages: Arc<Messages>,
    delivery: Arc<Delivery>,
    codes: Arc<Codes>,
    replies: Arc<Replies>,
    reports: Arc<Reports>,
    bodies: Arc<Bodies>,
    read_to: Arc<[Arc<Cursor>]>,
    counted: Arc<AtomicU64>,
    tasks: Arc<Tasks>,
}

/// The tasks that run, and how they are told to stop.
struct Tasks {
    stop: watch::Sender<bool>,
    running: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
}

impl Notifier {
    /// Starts the tasks on the current tokio runtime. What it has to read first it reads here,
    /// once, while nobody waits yet.
    ///
    /// # Errors
    /// [`StartError`] when a setting cannot be used or the ledger cannot be read.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(
        ledger: Ledger,
        shelf: Arc<Shelf>,
        contacts: Arc<Contacts>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, StartError> {
        settings.check()?;
        let channels = Arc::new(Channels::new(&settings)?);
        let settings = Arc::new(settings);
        let reader = ledger.reader();
        let times = Times::new(ledger.clone(), Arc::clone(&clock));
        let stored = outbox::stored_cursor(reader, Share::Rest)?;
        let spent = spent_before(stored, reader, &contacts, &times, settings.budgets)?;
        let books = Arc::new(Books::open(reader)?);
        let (stop, stopped) = watch::channel(false);
        let stopped = Stop::new(stopped);
        let questions = Arc::new(Questions::of(&reader.people()));
        let messages = Arc::new(Messages::new(
            Arc::clone(&books),
            Arc::clone(&contacts),
            times.clone(),
            Arc::clone(&settings),
            spent,
        ));
        let reports = Arc::new(Reports::open(
            reader,
            ledger.clone(),
            Arc::clone(&books),
            Arc::clone(&contacts),
            times.clone(),
            Arc::clone(&settings),
        )?);
        let (codes, asked) = Codes::new(
            Arc::clone(&books),
            Arc::clone(&contacts),
            clock,
            Arc::clone(&channels),
            Arc::clone(&reports),
            Arc::clone(&settings),
            stopped.clone(),
        );
        let codes = Arc::new(codes);
        let bodies = Arc::new(Bodies::new(
            ledger.clone(),
            Arc::clone(&books),
            times.clone(),
            Arc::clone(&channels),
            Arc::clone(&settings),
        ));
        let delivery = Arc::new(Delivery::new(
            ledger.clone(),
            Arc::clone(&books),
            contacts,
            times.clone(),
            channels,
            Arc::clone(&reports),
            settings.retry,
        ));
        let mut read_to = Vec::new();
        for share in Share::ALL {
            let cursor = outbox::stored_cursor(reader, share)?;
            read_to.push(Arc::new(Cursor::new(share, cursor)));
        }
        let counted = Arc::new(AtomicU64::new(0));
        let follow = |read_to: &Arc<Cursor>| Follow {
            ledger: ledger.clone(),
            books: Arc::clone(&books),
            shelf: Arc::clone(&shelf),
            times: times.clone(),
            settings: Arc::clone(&settings),
            questions: Arc::clone(&questions),
            messages: Arc::clone(&messages),
            bodies: Arc::clone(&bodies),
            delivery: Arc::clone(&delivery),
            read_to: Arc::clone(read_to),
            counted: Arc::clone(&counted),
        };
        let follows: Vec<Follow> = read_to.iter().map(follow).collect();
        let expiry = Expiry {
            ledger: ledger.clone(),
            books: Arc::clone(&books),
            times: times.clone(),
            questions: Arc::clone(&questions),
        };
        let replies = Arc::new(Replies {
            ledger,
            books: Arc::clone(&books),
            shelf,
            times: times.clone(),
            questions: Arc::clone(&questions),
            messages: Arc::clone(&messages),
            delivery: Arc::clone(&delivery),
        });
        let mut running = vec![
            tokio::spawn(Arc::clone(&delivery).run(stopped.clone())),
            tokio::spawn(expiry.run(stopped.clone())),
            tokio::spawn(Arc::clone(&codes).run(asked)),
            tokio::spawn(Arc::clone(&reports).run(stopped.clone())),
            tokio::spawn(Arc::clone(&bodies).run(stopped.clone())),
        ];
        let follows = follows.into_iter();
        running.extend(follows.map(|follow| tokio::spawn(follow.run(stopped.clone()))));
        Ok(Self {
            books,
            times,
            questions,
            messages,
            delivery,
            codes,
            replies,
            reports,
            bodies,
            read_to: read_to.into(),
            counted,
            tasks: Arc::new(Tasks {
                stop,
                running: tokio::sync::Mutex::new(running),
            }),
        })
    }

    /// Ends the tasks: what is being handed over is finished, what waits stays in the outbox. None
    /// of them waits for anything longer than one hand-over.
    pub async fn shutdown(&self) {
        self.tasks.stop.send_replace(true);
        for task in self.tasks.running.lock().await.drain(..) {
            if task.await.is_err() {
                tracing::error!("a task of the notifier had failed");
            }
        }
    }

    /// Sends a one-time code: six digits, valid ten minutes. It returns before the code is handed
    /// over, so that neither the answer nor its time tells anything. A code for signing in goes out
    /// to addresses somebody has only; the answer is the same for all. Where enough were sent,
    /// nothing is sent: a code that is out answers the challenge.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`] or [`CodeRefused::Unavailable`].
    #[expect(
        clippy::unused_async,
        reason = "part of the contract: a gateway with its own limits may have to be asked"
    )]
    pub async fn send_code(
        &self,
        code_use: CodeUse,
        to: &Address,
        asker: &Asker,
        language: Language,
    ) -> Result<Challenge, CodeRefused> {
        self.codes.send(code_use, to, asker, language)
    }

    /// Takes a one-time code: right once, then the address it was sent to.
    ///
    /// # Errors
    /// [`CodeRefused::Wrong`] while tries are left, [`CodeRefused::Void`] otherwise.
    pub fn check_code(&self, challenge: &Challenge, code: &str) -> Result<Address, CodeRefused> {
        self.codes.take(challenge, code)
    }

    /// Takes an SMS a person sent. Anyone with the number may refuse; approving needs a question
    /// the pack marks low-risk, and its code.
    ///
    /// # Errors
    /// [`ReplyError`] when the ledger could not take the answer now.
    pub async fn inbound_sms(&self, from: &Phone, text: &str) -> Result<ReplyOutcome, ReplyError> {
        self.replies.take(from, text).await
    }

    /// Takes what the SMS gateway says became of a message. The first report that says an end is
    /// the one that counts; one on nothing that is waited for is dropped.
    ///
    /// # Errors
    /// [`ReportError`] when it could not be taken now.
    pub async fn sms_reported(&self, report: &Report) -> Result<(), ReportError> {
        self.reports.take(report).await
    }

    /// What the SMS gateway reported since the start.
    pub fn report_figures(&self) -> ReportFigures {
        self.reports.figures()
    }

    /// What became of mails to institutions and supervisors since the start.
    pub fn body_figures(&self) -> BodyFigures {
        self.bodies.figures()
    }

    /// Sends the message about an open question, with its code, because the person asked for it:
    /// where the same was asked before, or too much was asked, her phone did not ring; or the
    /// message never came.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`], or [`CodeRefused::Unavailable`] when there is no such question or
    /// nothing can be sent now.
    pub async fn send_question(
        &self,
        person: &Arc<Person>,
        access: LeafIndex,
    ) -> Result<(), CodeRefused> {
        let waiting = self.messages.compose_asked_for(person, access).await?;
        let wording = outbox::wording_row(access, Some(waiting.text.digest()));
        self.delivery
            .post(&waiting, vec![wording])
            .await
            .map_err(|_| CodeRefused::Unavailable)
    }

    /// Whether this is the code of the message about this open question. After a few wrong ones it
    /// is never.
    pub fn approval_code_matches(&self, person: &Person, access: LeafIndex, code: &str) -> bool {
        let Some(ask) = person.ask(access) else {
            return false;
        };
        let by = AnsweredBy::Portal;
        // Under a clock that is not believed no answer is taken: the ledger says so.
        self.times.now().map_or(true, |now| ask.is_open(now))
            && self
                .questions
                .takes_code(&self.books, ask, by, code)
                .unwrap_or(false)
    }

    /// What became of one-time codes since the start.
    pub fn code_figures(&self) -> CodeFigures {
        self.codes.figures()
    }

    /// How far the notifier is behind.
    pub fn backlog(&self) -> Backlog {
        let (now, read_to) = (self.times.for_figures(), self.read_to.iter());
        let oldest = read_to.clone().filter_map(|cursor| cursor.oldest()).min();
        Backlog {
            cursor: read_to
                .map(|cursor| cursor.get())
                .min()
                .unwrap_or(LeafIndex::FIRST),
            head: self.books.size(),
            oldest_unread_millis: oldest.map_or(0, |oldest| {
                now.as_millis().saturating_sub(oldest.as_millis())
            }),
            waiting: self.delivery.waiting(),
            failed: self.delivery.failed(),
            open_questions: self.questions.len() as u64,
            alerts_counted: self.counted.load(Ordering::Relaxed),
            questions_held_back: self.messages.held_back(),
            notices: self.messages.notice_figures(),
            questions_rung_later: self.messages.rung_later(),
            lost_rows: self.books.lost_rows(),
        }
    }
}

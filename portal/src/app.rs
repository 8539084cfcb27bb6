//! The parts everything runs on, put together once by a command and shared by all requests.

use std::io;
use std::sync::Arc;

use akashi_ledger::{Command, Done, Ledger, LedgerError, Reader, Refusal, SignedHead};
use akashi_notifier::{Contacts, Notifier};
use akashi_policies::Pack;
use akashi_proof::clock::Clock;
use akashi_proof::state::Registry;
use akashi_tlog::checkpoint::Origin;

use crate::api::ApiState;
use crate::auth::Sessions;
use crate::config::Config;
use crate::counter_code::CounterCodes;
use crate::demo::Demo;
use crate::reading::{Busy, Reading, Work};

/// What a command puts together.
pub struct Parts {
    /// The ledger.
    pub ledger: Ledger,
    /// The policy pack in force.
    pub policy: Arc<Pack>,
    /// Phone numbers and addresses.
    pub contacts: Arc<Contacts>,
    /// Sends messages and takes answers.
    pub notifier: Notifier,
    /// Settings, checked.
    pub config: Config,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// The demo, in `akashi demo`.
    pub demo: Option<Demo>,
    /// The token the SMS gateway shows; `None` where replies are not taken.
    pub inbound_token: Option<String>,
}

/// Why an app could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Entry 0 cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No threads to read with.
    #[error("threads for reading: {0}")]
    Threads(#[from] io::Error),
}

/// Everything a request may need.
///
/// The ledger itself is not among it: a request writes by [`App::submit`] and reads by
/// [`App::read`], off the threads that serve requests. What both know without a disk - the registry,
/// the heads - has a method of its own.
///
/// ```compile_fail
/// fn handler(app: &akashi::app::App) {
///     app.ledger.reader().record(0);
/// }
/// ```
pub struct App {
    ledger: Ledger,
    reading: Reading,
    /// The policy pack in force: decides, and knows what codes mean.
    pub policy: Arc<Pack>,
    /// Phone numbers and addresses.
    pub contacts: Arc<Contacts>,
    /// Sends messages and takes answers.
    pub notifier: Notifier,
    /// One-time codes people read out at a counter.
    pub counter_codes: CounterCodes,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Settings, checked.
    pub config: Config,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// The demo's phone, mail and sign-in; only in `akashi demo`.
    pub demo: Option<Demo>,
    /// What the API remembers between requests: rate limits, used tokens, counters.
    pub api: ApiState,
}

/// As handlers hold it.
pub type SharedApp = Arc<App>;

impl App {
    /// Puts the parts together and starts the threads that read.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn new(parts: Parts) -> Result<Self, AppError> {
        let Parts {
            ledger,
            policy,
            contacts,
            notifier,
            config,
            clock,
            demo,
            inbound_token,
        } = parts;
        let (limits, server) = (&config.limits, &config.server);
        let api = ApiState::new(&ledger, limits, server, inbound_token.as_deref())?;
        Ok(Self {
            reading: Reading::start(ledger.reader())?,
            ledger,
            policy,
            contacts,
            notifier,
            counter_codes: CounterCodes::default(),
            sessions: Sessions::default(),
            config,
            clock,
            demo,
            api,
        })
    }

    /// Lets the writer carry out a command; returns when it is durable and signed.
    ///
    /// # Errors
    /// [`Refusal`], as [`Ledger::submit`].
    pub async fn submit<C: Command>(&self, command: C) -> Result<Done<C::Receipt>, Refusal> {
        self.ledger.submit(command).await
    }

    /// Reads what is stored, on a thread that may wait for the disk: once a request, with all it
    /// needs.
    ///
    /// # Errors
    /// [`Busy`] when more of this work is waiting than is taken.
    pub async fn read<T, F>(&self, work: Work, job: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce(&Reader) -> T + Send + 'static,
    {
        self.reading.run(work, job).await
    }

    /// As [`Self::read`], for the next part of something that is under way: it waits for its turn.
    ///
    /// # Errors
    /// [`Busy`] when the server ends.
    pub async fn read_on<T, F>(&self, work: Work, job: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce(&Reader) -> T + Send + 'static,
    {
        self.reading.run_in_turn(work, job).await
    }

    /// How many jobs of a kind of work run or wait, and how many were refused since the start.
    pub fn reading(&self, work: Work) -> (usize, u64) {
        self.reading.figures(work)
    }

    /// Records what institutions sent above their rates since the last time.
    pub async fn record_throttled(&self) {
        self.api.throttled.record(&self.ledger).await;
    }

    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        self.ledger.reader().origin()
    }

    /// Institutions, their keys, the rules in force.
    pub fn registry(&self) -> Arc<Registry> {
        self.ledger.reader().registry()
    }

    /// The newest signed head.
    pub fn head(&self) -> SignedHead {
        self.ledger.reader().head()
    }

    /// The published head, which moves about once a second.
    pub fn published(&self) -> SignedHead {
        self.ledger.reader().published()
    }

    /// Why the writer has stopped, if it has.
    pub fn stopped(&self) -> Option<String> {
        self.ledger.reader().stopped()
    }

    /// How many persons are enrolled.
    pub fn people_count(&self) -> usize {
        self.ledger.reader().people_count()
    }
}

//! The parts everything runs on, put together once by a command and shared by all requests.

use std::io;
use std::sync::Arc;

use akashi_ledger::command::{InHerName, Showed};
use akashi_ledger::error::Stop;
use akashi_ledger::random::{self, draw_secret};
use akashi_ledger::sequencer::{Lane, LaneFigures};
use akashi_ledger::{
    Command, Done, Ledger, LedgerError, Reader, Refusal, RowsOf, SignedHead, WaitingFor,
};
use akashi_notifier::{Contacts, Notifier};
use akashi_policies::{Pack, Shelf};
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::SubjectHandle;
use akashi_proof::record::kind::Language;
use akashi_proof::state::Registry;
use akashi_tlog::checkpoint::Origin;

use crate::declined::Declined;
use crate::doors::Doors;
use crate::excess::Excess;
use crate::figures::Figures;
use crate::history::outline::Outlines;
use crate::history::running::Running;
use crate::identity::addresses::Addresses;
use crate::identity::browser::Browsers;
use crate::identity::counter_code::CounterCodes;
use crate::identity::session::{Session, Standing};
use crate::identity::{Principal, Sessions};
use crate::limits::Rates;
use crate::memory::UsedTokens;
use crate::rate_limit::Limits;
use crate::reading::{Busy, Reading, Work};
use crate::senders::FirstSenders;
use crate::throttled::Throttled;
use crate::turns::{Turns, processors};
use crate::words::names::Names;

/// What a command puts together.
pub struct Parts {
    /// The ledger.
    pub ledger: Ledger,
    /// The policy packs at hand, the one in force among them.
    pub shelf: Arc<Shelf>,
    /// Phone numbers and addresses.
    pub contacts: Arc<Contacts>,
    /// Sends messages and takes answers.
    pub notifier: Notifier,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// What people reach.
    pub site: Site,
    /// How much one sender may ask.
    pub rates: Rates,
    /// The token the SMS gateway shows; `None` where replies are not taken.
    pub inbound_token: Option<String>,
}

/// What people reach, and how.
#[derive(Clone, Debug)]
pub struct Site {
    /// Scheme and host, as they are typed, without a final slash.
    pub url: String,
    /// Whether it is the made-up town, which every page says.
    pub is_demo: bool,
}

impl Site {
    /// Whether people reach it over TLS, here or at a proxy: decides `Secure` and `__Host-` cookies
    /// and HSTS.
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }
}

/// Why an app could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Entry 0 cannot be read, or a key is not in the keyring.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No threads to read with.
    #[error("threads for reading: {0}")]
    Threads(#[from] io::Error),
}

/// Everything a request may need.
///
/// The ledger itself is not among it: a request writes by what the desk does for people and
/// institutions, and reads by [`App::read`], off the threads that serve requests. What both know
/// without a disk - the registry, the heads - has a method of its own.
///
/// ```compile_fail,E0616
/// fn handler(app: &akashi_desk::app::App) {
///     let _ = app.ledger.reader();
/// }
/// ```
/// ```compile_fail,E0624
/// async fn handler(app: &akashi_desk::app::App, command: akashi_ledger::command::ChangeOutbox) {
///     let _ = app.submit(command).await;
/// }
/// ```
pub struct App {
    ledger: Ledger,
    reading: Reading,
    /// The policy packs at hand: the writer decides by the one in force.
    pub shelf: Arc<Shelf>,
    /// Phone numbers and addresses.
    pub contacts: Arc<Contacts>,
    /// Sends messages and takes answers.
    pub notifier: Notifier,
    /// One-time codes people read out at a counter.
    pub counter_codes: CounterCodes,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Who has to do with which address.
    pub(crate) addresses: Addresses,
    /// Browsers people have signed in with.
    pub browsers: Browsers,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// What people reach.
    pub site: Site,
    /// Limits by sender.
    pub limits: Limits,
    /// What forms are marked with, so that one is known for ours when its session is over. Of this
    /// process only: after a restart an old form is nobody's.
    pub form_key: Secret,
    /// The ways in.
    pub doors: Doors,
    /// Whose request goes on next.
    pub turns: Arc<Turns>,
    /// Histories being written to somebody.
    pub downloads: Running,
    /// Outlines of histories that were looked at.
    pub outlines: Outlines,
    /// Statements above their institutions' rates, until they are recorded.
    pub throttled: Throttled,
    /// Statements about one person above what their institution may, until they are recorded.
    pub excess: Excess,
    /// Tokens of reads, each good once.
    pub reads: UsedTokens,
    /// Which address sent a statement first.
    pub senders: FirstSenders,
    /// What has been done.
    pub figures: Figures,
    /// Digest of the token the SMS gateway shows.
    inbound_token: Option<Secret>,
}

/// So many random bytes, for a number that a face gives out: of a page, of what is kept for one.
pub fn drawn<const N: usize>() -> [u8; N] {
    random::drawn()
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
            shelf,
            contacts,
            notifier,
            clock,
            site,
            rates,
            inbound_token,
        } = parts;
        Ok(Self {
            reading: Reading::start(ledger.reader())?,
            browsers: Browsers::new(ledger.reader().row_seal(RowsOf::Browsers)?),
            ledger,
            shelf,
            contacts,
            notifier,
            counter_codes: CounterCodes::default(),
            sessions: Sessions::default(),
            addresses: Addresses::default(),
            clock,
            site,
            limits: Limits::new(&rates),
            form_key: draw_secret(),
            doors: Doors::default(),
            turns: Turns::new(processors()),
            downloads: Running::default(),
            outlines: Outlines::default(),
            throttled: Throttled::default(),
            excess: Excess::default(),
            reads: UsedTokens::default(),
            senders: FirstSenders::default(),
            figures: Figures::default(),
            inbound_token: inbound_token.as_deref().map(token_digest),
        })
    }

    /// Lets the writer carry out a command; returns when it is durable and signed.
    ///
    /// # Errors
    /// [`Refusal`], as [`Ledger::submit`].
    pub(crate) async fn submit<C: Command>(&self, command: C) -> Result<Done<C::Receipt>, Refusal> {
        self.ledger.submit(command).await
    }

    /// As [`Self::submit`], in the name of one of those who are there, while what they have shown
    /// counts for her.
    ///
    /// # Errors
    /// [`Declined::Nobody`] where it cannot be her, [`Declined::MoreSurely`] where what was shown
    /// counts no more, and [`Declined::Refused`].
    pub(crate) async fn submit_for<C: Command>(
        &self,
        who: &Principal,
        subject: SubjectHandle,
        command: C,
    ) -> Result<Done<C::Receipt>, Declined> {
        let showed = who.showed(&subject)?;
        let command = InHerName {
            subject,
            showed,
            command,
        };
        let done = self.submit(command).await;
        done.map_err(|refused| {
            if self.counts(&showed, &subject) {
                refused.into()
            } else {
                Declined::MoreSurely
            }
        })
    }

    /// The session of a cookie, if there is one that has not ended, at the level it has by what is
    /// recorded now. It counts as a page seen.
    pub fn session(&self, cookie: &str) -> Option<Session> {
        let now = self.clock.monotonic_millis();
        let session = self.sessions.find(cookie, now)?;
        match &session.standing {
            Standing::Person {
                subject, showed, ..
            } if !self.counts(showed, subject) => self.sessions.lower(&session),
            Standing::Person { .. } | Standing::Holder(_) | Standing::Visitor => Some(session),
        }
    }

    /// Whether what was shown still counts for her.
    fn counts(&self, showed: &Showed, subject: &SubjectHandle) -> bool {
        let person = self.ledger.reader().person(subject);
        person.is_some_and(|person| showed.counts(&person))
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

    /// How many jobs of a kind of work were taken since the start.
    pub fn reads(&self, work: Work) -> u64 {
        self.reading.begun(work)
    }

    /// Records what institutions sent above their rates since the last time, and what of it is due
    /// about persons; all of it, where the server ends.
    pub async fn record_counted(&self, ends: bool) {
        self.throttled.record(&self.ledger).await;
        self.excess
            .record(&self.ledger, self.clock.wall(), ends)
            .await;
    }

    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        self.ledger.reader().origin()
    }

    /// The keys the published head is signed with, as vkey lines, in the order they were added.
    pub fn vkeys(&self) -> Vec<String> {
        let (keys, size) = (self.registry().keys_of_log(), self.published().head.size);
        keys.signing(size).map(ToString::to_string).collect()
    }

    /// The newest of them: what is printed on paper must be good for as long as can be.
    pub fn vkey(&self) -> String {
        self.vkeys().pop().unwrap_or_default()
    }

    /// The policy pack in force: what codes mean, and what may be agreed to. Decisions are the
    /// writer's, by the pack in force at their time.
    pub fn policy(&self) -> Arc<Pack> {
        let in_force = self.registry().policy().digest;
        Arc::clone(self.shelf.words_of(&in_force, &in_force))
    }

    /// What codes and institutions are called in this language, by the pack and the registry in
    /// force.
    pub fn names(&self, language: Language) -> Names {
        Names::new(language, &self.shelf, self.registry())
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
    pub fn stopped(&self) -> Option<Arc<Stop>> {
        self.ledger.reader().stopped()
    }

    /// Whether the ledger can make new keys.
    pub fn makes_keys(&self) -> bool {
        self.ledger.reader().makes_keys()
    }

    /// How many commands wait for this in one lane, and how many were refused for being above its
    /// bound.
    pub fn waiting(&self, what: WaitingFor, lane: Lane) -> LaneFigures {
        self.ledger.waiting(what, lane)
    }

    /// How many persons are enrolled.
    pub fn people_count(&self) -> usize {
        self.ledger.reader().people_count()
    }

    /// Whether this is the token of the SMS gateway; `None` where replies are not taken at all.
    pub fn is_gateway(&self, shown: &str) -> Option<bool> {
        let token = self.inbound_token.as_ref()?;
        Some(token_digest(shown) == *token)
    }
}

/// A bearer token as it is kept and compared: comparing digests takes the same time wherever texts
/// differ.
fn token_digest(token: &str) -> Secret {
    Secret::from_bytes(*Digest::of(&[b"akashi/inbound-token/v1", token.as_bytes()]).as_bytes())
}

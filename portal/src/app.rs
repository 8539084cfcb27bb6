//! The parts everything runs on, put together once by a command and shared by all requests.

use std::sync::Arc;

use akashi_ledger::Ledger;
use akashi_notifier::{Contacts, Notifier};
use akashi_policies::Pack;
use akashi_proof::clock::Clock;

use crate::api::ApiState;
use crate::auth::Sessions;
use crate::config::Config;
use crate::counter_code::CounterCodes;
use crate::demo::Demo;

/// Everything a request may need.
pub struct App {
    /// The ledger: one writer, any number of readers.
    pub ledger: Ledger,
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

//! How a town begins, and how its app is put together.

use std::path::Path;
use std::sync::Arc;

use akashi::config::{Config, LedgerConfig, LogConfig, PolicyConfig, PortalConfig, ServerConfig};
use akashi_actors::{Cast, SetClock};
use akashi_desk::app::{App, Parts, SharedApp, Site};
use akashi_desk::limits::Rates;
use akashi_ledger::Ledger;
use akashi_ledger::RowsOf;
use akashi_notifier::{Contacts, Notifier, Settings, SmsSettings};
use akashi_policies::{Pack, Shelf};
use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;

use super::{BEGIN, ORIGIN};

/// Clocks that show [`BEGIN`], and who acts by them.
pub fn cast_at_begin() -> (Arc<SetClock>, Cast) {
    let clock = SetClock::at(Timestamp::from_seconds(BEGIN));
    let cast = Cast::of(ORIGIN, clock.clone());
    (clock, cast)
}

pub fn config(folder: &Path, limits: Rates) -> Config {
    Config {
        ledger: LedgerConfig {
            origin: ORIGIN.into(),
            data: folder.join("data"),
            keys: folder.join("keys"),
            contacts: folder.join("contacts"),
            time_zone: "Asia/Tokyo".into(),
            supervisors: Vec::new(),
            threshold: 2,
        },
        policy: PolicyConfig { packs: Vec::new() },
        server: ServerConfig::default(),
        portal: PortalConfig::default(),
        sms: None,
        email: None,
        limits,
        log: LogConfig::default(),
    }
}

/// Where two towns differ; the rest of an app is the same in both.
pub struct AppParts<'a> {
    pub ledger: Ledger,
    pub policy: Pack,
    pub clock: &'a Arc<SetClock>,
    pub config: Config,
    /// Where SMS are posted.
    pub gateway_url: String,
    /// What the gateway shows when it brings a reply.
    pub inbound_token: Option<&'a str>,
}

impl AppParts<'_> {
    /// Puts an app together; the contacts file is made where there is none yet.
    pub fn assemble(self) -> SharedApp {
        let Self {
            ledger,
            policy,
            clock,
            config,
            gateway_url,
            inbound_token,
        } = self;
        let shelf = Arc::new(Shelf::of(Arc::new(policy)));
        let clock = Arc::clone(clock) as Arc<dyn Clock>;
        let seal = ledger.reader().row_seal(RowsOf::Contacts).unwrap();
        let file = &config.ledger.contacts;
        let contacts = if file.exists() {
            Contacts::open(file, seal)
        } else {
            Contacts::create(file, seal)
        };
        let contacts = Arc::new(contacts.unwrap());
        let sms = SmsSettings {
            gateway_url,
            bearer_token: None,
            sender: "Akashi".into(),
        };
        let mut settings = Settings::new(sms, None, config.server.public_url.clone());
        settings.sms_reports = inbound_token.is_some();
        let notifier = Notifier::start(
            ledger.clone(),
            Arc::clone(&shelf),
            Arc::clone(&contacts),
            Arc::clone(&clock),
            settings,
        )
        .unwrap();
        let app = App::new(Parts {
            ledger,
            shelf,
            contacts,
            notifier,
            clock,
            site: Site {
                url: config.server.public_url,
                is_demo: false,
            },
            rates: config.limits,
            inbound_token: inbound_token.map(str::to_owned),
        });
        Arc::new(app.unwrap())
    }
}

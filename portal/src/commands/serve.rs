//! `akashi serve`: opens the ledger, puts the parts together, serves.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use akashi_desk::app::{App, AppError, Parts, Site};
use akashi_ledger::clock::SystemClock;
use akashi_ledger::{Ledger, LedgerError, RowsOf};
use akashi_notifier::{
    Contacts, ContactsError, EmailSettings, Notifier, SecretText, Settings, SmsSettings, SmtpTls,
    StartError,
};
use akashi_policies::Shelf;
use akashi_proof::clock::Clock;
use axum::Router;

use crate::cli::ServeArgs;
use crate::commands::logging::{self, LevelError};
use crate::commands::policy::{self, PackError};
use crate::config::{Config, ConfigError, EmailConfig, MailTls, SmsConfig, Unsafe, safety};
use crate::server::{self, ServerError};

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The level of the log.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// What is not safe.
    #[error("these settings are not safe:{}", Lines(.0))]
    Unsafe(Vec<Unsafe>),
    /// The pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What requests run on.
    #[error(transparent)]
    App(#[from] AppError),
    /// The contacts file.
    #[error("ledger.contacts: {0}")]
    Contacts(#[from] ContactsError),
    /// The notifier.
    #[error(transparent)]
    Notifier(#[from] StartError),
    /// A file with a secret.
    #[error("`{path}`: {error}")]
    Secret {
        /// Which file.
        path: std::path::PathBuf,
        /// Why it cannot be read.
        error: std::io::Error,
    },
    /// The sockets.
    #[error(transparent)]
    Server(#[from] ServerError),
}

struct Lines<'a>(&'a [Unsafe]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// Serves until told to end.
///
/// # Errors
/// [`ServeError`].
pub async fn run(args: &ServeArgs) -> Result<(), ServeError> {
    let mut config = args.config.read()?;
    config.server.listen = args.listen.unwrap_or(config.server.listen);
    logging::start(&config.log)?;
    if !akashi_ledger::ledger::exists(&config.ledger.folders()) {
        return Err(LedgerError::Missing.into());
    }
    let found = safety::check(&config);
    if !found.is_empty() {
        return Err(ServeError::Unsafe(found));
    }
    let shelf = policy::shelf(&config.policy)?;
    let listener = server::listen(config.server.listen)?;
    let app = Arc::new(assemble(&config, shelf)?);
    tracing::info!(
        listen = %config.server.listen,
        origin = %app.origin(),
        entries = app.head().head.size.value(),
        "serving"
    );
    Ok(server::run(app, &config.server, listener, Router::new()).await?)
}

/// Opens everything.
fn assemble(config: &Config, shelf: Shelf) -> Result<App, ServeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let shelf = Arc::new(shelf);
    let ledger = Ledger::open(&config.ledger.folders(), Arc::clone(&clock))?;
    let found = disagreements(config, &ledger, &shelf);
    if !found.is_empty() {
        return Err(ServeError::Unsafe(found));
    }
    let seal = ledger.reader().row_seal(RowsOf::Contacts)?;
    let contacts = Arc::new(Contacts::open(&config.ledger.contacts, seal)?);
    contacts.sweep_orphans(ledger.reader())?;
    // What is safe has an SMS gateway.
    let sms = config
        .sms
        .as_ref()
        .ok_or_else(|| ServeError::Unsafe(vec![Unsafe::NoSms]))?;
    let settings = messages(config, sms)?;
    let notifier = Notifier::start(
        ledger.clone(),
        Arc::clone(&shelf),
        Arc::clone(&contacts),
        Arc::clone(&clock),
        settings,
    )?;
    let inbound = sms.inbound_token_file.as_deref().map(secret).transpose()?;
    Ok(App::new(Parts {
        ledger,
        shelf,
        contacts,
        notifier,
        clock,
        site: Site {
            url: config.server.public_url.clone(),
            is_demo: false,
        },
        rates: config.limits.clone(),
        inbound_token: inbound,
    })?)
}

/// Where the settings say something else than entry 0 and the registry.
fn disagreements(config: &Config, ledger: &Ledger, shelf: &Shelf) -> Vec<Unsafe> {
    let reader = ledger.reader();
    let registry = reader.registry();
    let mut found = Vec::new();
    let origin = reader.origin().as_str();
    if origin != config.ledger.origin {
        found.push(Unsafe::Origin {
            expected: config.ledger.origin.clone(),
            found: origin.to_owned(),
        });
    }
    if registry.time_zone != config.ledger.time_zone {
        let (expected, zone) = (config.ledger.time_zone.clone(), registry.time_zone.clone());
        found.push(Unsafe::TimeZone {
            expected,
            found: zone,
        });
    }
    let in_force = registry.policy();
    if shelf.pack(&in_force.digest).is_none() {
        let names = shelf
            .packs()
            .map(|pack| format!("{} {}", pack.name(), pack.digest()));
        found.push(Unsafe::NotOnShelf {
            pack: in_force.pack.clone(),
            expected: in_force.digest,
            found: names.collect::<Vec<_>>().join(", "),
        });
    }
    found
}

fn messages(config: &Config, sms: &SmsConfig) -> Result<Settings, ServeError> {
    // Who shows the token for replies reports, too.
    let sms_reports = sms.inbound_token_file.is_some();
    let sms = SmsSettings {
        gateway_url: sms.gateway_url.clone(),
        bearer_token: Some(SecretText::new(secret(&sms.token_file)?)),
        sender: sms.sender.clone(),
    };
    let email = config.email.as_ref().map(email).transpose()?;
    let mut settings = Settings::new(sms, email, config.server.public_url.clone());
    settings.sms_reports = sms_reports;
    settings.portal_name_ja.clone_from(&config.portal.name_ja);
    settings.portal_name_en.clone_from(&config.portal.name_en);
    Ok(settings)
}

fn email(email: &EmailConfig) -> Result<EmailSettings, ServeError> {
    let password = email.password_file.as_deref().map(secret).transpose()?;
    Ok(EmailSettings {
        host: email.host.clone(),
        port: email.port,
        tls: match email.tls {
            MailTls::Implicit => SmtpTls::Implicit,
            MailTls::StartTls => SmtpTls::StartTls,
            MailTls::None => SmtpTls::None,
        },
        credentials: email.user.clone().zip(password.map(SecretText::new)),
        from: email.from.clone(),
    })
}

/// The one line in a file.
fn secret(path: &Path) -> Result<String, ServeError> {
    let text = fs::read_to_string(path).map_err(|error| ServeError::Secret {
        path: path.to_owned(),
        error,
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

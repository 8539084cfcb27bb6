//! `akashi demo`: a made-up town on this machine, with a past, phones to look into, and everybody's
//! keys in one file.
//!
//! ```text
//! town/*          who lives and works there, what all is drawn from, six weeks of ordinary life
//! told/*          the folder, made once, opened after; each step of the past as a command
//! phone smtp      phones and mails, in memory            web pages  /demo/...
//! description     demo.json                              greeting   what is printed
//! load/*          `akashi load`
//! ```
//! The past is told by the commands everybody uses, with statements signed by the keys of the
//! town's institutions; the SMS channel and the mail channel are the real ones and speak to the
//! phones and the mail server here over sockets.

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::string_slice,
        clippy::unreachable,
        reason = "a test fails by panicking"
    )
)]

pub mod description;
mod error;
mod greeting;
pub mod load;
mod pages;
pub mod phone;
pub mod smtp;
pub mod told;
pub mod town;
mod web;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use akashi_desk::app::{App, Parts, SharedApp, Site};
use akashi_desk::limits::Rates;
use akashi_ledger::command::ChangeOutbox;
use akashi_ledger::random::draw_secret;
use akashi_notifier::{
    Budget, EmailSettings, Notifier, SecretText, Settings, SmsSettings, SmtpTls, begin_at,
};
use akashi_policies::Pack;
use akashi_proof::clock::Clock;
use akashi_proof::digest::Secret;
use akashi_tlog::base64;

use crate::description::Description;
use crate::phone::Phones;
use crate::smtp::Mails;
use crate::told::founding::Town;
use crate::town::people::People;

pub use error::DemoError;
pub use web::routes;

/// Arguments of `akashi demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Address and port on this machine
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The demo's folder: an empty one is filled, one that a demo was made in is continued; without
    /// it a temporary one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Makes so many synthetic people at the start; `akashi load` makes those it needs
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(0..=town::people::PEOPLE_MAX)
    )]
    pub people: u64,
    /// Folder of the policy pack the town lives under, instead of the built-in one; it must decide
    /// the town's past as that one does. A town keeps the pack it was made with: continue it with
    /// the same
    #[arg(long, value_name = "FOLDER")]
    pub pack: Option<PathBuf>,
    /// What is written to the server's log, on standard error
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    pub log: String,
}

/// The demo's phones, mails and people, as handlers hold them.
pub struct Demo {
    phones: Phones,
    mails: Arc<Mails>,
    /// Shown by the SMS channel at the gateway.
    gateway_token: Secret,
    /// Shown by the gateway with its delivery reports.
    reports_token: String,
    /// Held while people are made: one batch at a time.
    people: tokio::sync::Mutex<People>,
    description: Description,
}

impl Demo {
    /// Makes the synthetic people that are missing up to this number.
    ///
    /// # Errors
    /// [`DemoError`]; those made stay.
    pub async fn make_people(&self, count: u64) -> Result<(), DemoError> {
        self.people.lock().await.ensure(count).await?;
        Ok(())
    }

    /// What is printed when it runs: where to look, who is who. `is_temporary`: whether its folder
    /// goes with it.
    pub fn greeting(&self, folder: &Path, is_temporary: bool) -> String {
        greeting::greeting(&self.description, folder, is_temporary)
    }
}

/// Whether the demo may listen there.
///
/// # Errors
/// [`DemoError::NotLoopback`] beyond this machine.
pub fn check_address(address: SocketAddr) -> Result<(), DemoError> {
    if address.ip().is_loopback() {
        Ok(())
    } else {
        Err(DemoError::NotLoopback(address))
    }
}

/// Makes or opens the town in this folder and puts everything together, to be served at this
/// address with [`routes`].
///
/// # Errors
/// [`DemoError`]; what was made stays, and the next start goes on from there.
pub async fn start(
    folder: &Path,
    address: SocketAddr,
    pack: Pack,
) -> Result<(SharedApp, Arc<Demo>), DemoError> {
    check_address(address)?;
    let listening = |error| DemoError::Mail { error };
    let town = Town::open(folder, pack).await?;
    let mails = Arc::new(Mails::default());
    let mail_listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(listening)?;
    let mail_port = mail_listener.local_addr().map_err(listening)?.port();
    tokio::spawn(smtp::serve(
        mail_listener,
        Arc::clone(&mails),
        Arc::clone(&town.clock) as Arc<dyn Clock>,
    ));
    let started = assemble(&town, address, mails, mail_port).await?;
    town.seeding().ask_the_open_question().await?;
    Ok(started)
}

async fn assemble(
    town: &Town,
    address: SocketAddr,
    mails: Arc<Mails>,
    mail_port: u16,
) -> Result<(SharedApp, Arc<Demo>), DemoError> {
    let Town {
        ledger,
        shelf,
        contacts,
        seed,
        ..
    } = town;
    let clock = Arc::clone(&town.clock) as Arc<dyn Clock>;
    let base = format!("http://{address}");
    contacts
        .sweep_orphans(ledger.reader())
        .map_err(|error| DemoError::Contacts(error.to_string()))?;
    // Of the past everybody was told when it happened.
    let past = ledger.reader().head().head.size.next_index();
    let changes = begin_at(ledger.reader(), past)?;
    if !changes.is_empty() {
        ledger.submit(ChangeOutbox { changes }).await?;
    }
    let gateway_token = draw_secret();
    let reports_token = base64::url::encode(draw_secret().expose());
    let settings = messages(&base, &gateway_token, mail_port);
    let notifier = Notifier::start(
        ledger.clone(),
        Arc::clone(shelf),
        Arc::clone(contacts),
        Arc::clone(&clock),
        settings,
    )?;
    let description = Description::of(seed, ledger, town.vkey.clone(), &base)?;
    description.write(&town.description_file())?;
    let people = People {
        ledger: ledger.clone(),
        contacts: Arc::clone(contacts),
        seed: Arc::clone(seed),
        clock: Arc::clone(&clock),
        shelf: Arc::clone(shelf),
    };
    let demo = Demo {
        phones: Phones::default(),
        mails,
        gateway_token,
        reports_token: reports_token.clone(),
        people: tokio::sync::Mutex::new(people),
        description,
    };
    let app = App::new(Parts {
        ledger: ledger.clone(),
        shelf: Arc::clone(shelf),
        contacts: Arc::clone(contacts),
        notifier,
        clock,
        site: Site {
            url: base,
            is_demo: true,
        },
        rates: RATES,
        inbound_token: Some(reports_token),
    });
    Ok((Arc::new(app?), Arc::new(demo)))
}

/// Every client is on this machine and has one address: limits by sender would limit all of them
/// together.
const RATES: Rates = Rates {
    pages_per_minute: 1_000_000,
    sign_in_per_minute: 100_000,
    wrong_codes_per_ten_minutes: 100_000,
    newcomers_per_hour: 100_000,
    newcomers_number_per_day: 100_000,
    sign_in_number_per_day: 100_000,
    inbound_sms_per_minute: 100_000,
    sms_reports_per_minute: 100_000,
    statements_per_minute: 10_000_000,
    statement_megabytes_per_day: 1_000_000,
    log_per_minute: 1_000_000,
    open_per_minute: 1_000_000,
    supervisor_acts_per_minute: 1_000_000,
    key_acts_per_minute: 100_000,
    unsigned_per_minute: 1_000_000,
};

fn messages(base: &str, gateway_token: &Secret, mail_port: u16) -> Settings {
    let sms = SmsSettings {
        gateway_url: format!("{base}/demo/phone/gateway"),
        bearer_token: Some(SecretText::new(base64::url::encode(gateway_token.expose()))),
        sender: "Akashi".into(),
    };
    let email = EmailSettings {
        host: Ipv4Addr::LOCALHOST.to_string(),
        port: mail_port,
        tls: SmtpTls::None,
        credentials: None,
        from: "Akashi <akashi@mail.example>".into(),
    };
    let mut settings = Settings::new(sms, Some(email), base.to_owned());
    settings.sms_reports = true;
    // Scripts sign the same citizens in again and again; elsewhere three codes in ten minutes are
    // enough.
    let often = Budget {
        most: 60,
        within: Duration::from_secs(600),
    };
    settings.budgets.codes_per_address = often;
    settings.budgets.codes_per_new_address = often;
    settings
}

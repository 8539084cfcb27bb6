//! `akashi init`: makes a new ledger. It never overwrites anything; `serve` never makes one.

use std::collections::BTreeSet;
use std::sync::Arc;

use akashi_ledger::clock::SystemClock;
use akashi_ledger::error::Part;
use akashi_ledger::ledger::{self, Opening};
use akashi_ledger::{Ledger, LedgerError, RowsOf};
use akashi_notifier::{Contacts, ContactsError};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::InstitutionId;
use akashi_proof::limits::THRESHOLD_MIN;
use akashi_proof::record::kind::{Kind, Supervisor};
use akashi_proof::state::SUPERVISORS_MAX;
use akashi_tlog::checkpoint::{Origin, OriginError};
use akashi_tlog::signed_note::{SignatureType, VerifyingKey};
use toml::Table;

use crate::cli::ConfigArgs;
use crate::commands::logging::{self, LevelError};
use crate::commands::particulars::{take_all, take_text};
use crate::commands::policy::{self, PackError};
use crate::config::safety::DEMO_ORIGIN;
use crate::config::{Config, ConfigError};

/// Why a ledger was not made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The level of the log.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// The origin.
    #[error("ledger.origin: {0}")]
    Origin(#[from] OriginError),
    /// The demo's origin.
    #[error("ledger.origin is the demo's: choose your own")]
    DemoOrigin,
    /// The time zone.
    #[error("ledger.time_zone: there is no time zone `{0}`")]
    TimeZone(String),
    /// One of the supervisors.
    #[error("ledger.supervisors, number {number}: {fault}")]
    Supervisor {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Too many supervisors.
    #[error("ledger.supervisors: expected at most {SUPERVISORS_MAX}, found {0}")]
    Supervisors(usize),
    /// Too few supervisors, or too few of them.
    #[error(
        "ledger.threshold: expected 2 to one less than the number of supervisors, so that one of \
         them can be replaced; found {threshold} of {supervisors}"
    )]
    Threshold {
        /// How many must sign.
        threshold: u64,
        /// How many there are.
        supervisors: usize,
    },
    /// The pack.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The contacts file.
    #[error("ledger.contacts: {0}")]
    Contacts(#[from] ContactsError),
}

/// Makes the ledger the settings describe.
///
/// # Errors
/// [`InitError`]; what is there already stays as it is.
pub fn run(args: &ConfigArgs) -> Result<(), InitError> {
    let config = args.read()?;
    logging::start(&config.log)?;
    let opening = opening(&config)?;
    let folders = config.ledger.folders();
    if ledger::exists(&folders) {
        return Err(LedgerError::Exists(Part::DataFile).into());
    }
    if config.ledger.contacts.exists() {
        return Err(ContactsError::Exists.into());
    }
    let clock = Arc::new(SystemClock::default());
    ledger::create(&folders, &opening, clock.as_ref())?;
    let ledger = Ledger::open(&folders, clock)?;
    let seal = ledger.reader().row_seal(RowsOf::Contacts)?;
    Contacts::create(&config.ledger.contacts, seal)?;
    println!("origin      {}", opening.origin);
    println!(
        "entry 0     {}, pack {} {}",
        Kind::LedgerOpened.name(),
        opening.pack,
        opening.policy_digest
    );
    println!(
        "supervisors {} of {} must sign",
        opening.threshold,
        opening.supervisors.len()
    );
    println!("data        {}", config.ledger.data.display());
    println!(
        "keys        {}: back them up apart from the data",
        config.ledger.keys.display()
    );
    println!("next        akashi serve; then akashi institution add");
    Ok(())
}

/// What entry 0 will say, checked as nobody will be able to change it.
fn opening(config: &Config) -> Result<Opening, InitError> {
    let settings = &config.ledger;
    if settings.origin == DEMO_ORIGIN {
        return Err(InitError::DemoOrigin);
    }
    let origin = Origin::new(&settings.origin)?;
    if jiff::tz::TimeZone::get(&settings.time_zone).is_err() {
        return Err(InitError::TimeZone(settings.time_zone.clone()));
    }
    if settings.supervisors.len() > SUPERVISORS_MAX {
        return Err(InitError::Supervisors(settings.supervisors.len()));
    }
    let mut names = BTreeSet::new();
    let mut named = Vec::new();
    for (number, table) in (1..).zip(&settings.supervisors) {
        let wrong = |fault| InitError::Supervisor { number, fault };
        named.push(supervisor(table.clone(), &mut names).map_err(wrong)?);
    }
    let (threshold, supervisors) = (settings.threshold, names.len());
    // Those left must be enough: where all must sign, one lost key ends all they can do.
    if threshold < THRESHOLD_MIN || threshold >= supervisors as u64 {
        return Err(InitError::Threshold {
            threshold,
            supervisors,
        });
    }
    let pack = policy::first(&config.policy)?;
    Ok(Opening {
        origin,
        supervisors: named,
        threshold,
        time_zone: settings.time_zone.clone(),
        pack: pack.name().to_owned(),
        policy_digest: pack.digest(),
    })
}

/// A supervisor as entry 0 will name it: its key, and beside it its particulars and nothing else.
fn supervisor(mut table: Table, names: &mut BTreeSet<InstitutionId>) -> Result<Supervisor, Fault> {
    let bad =
        |expected: &str, found: &str| Fault::new(FaultCode::BadMember, "vkey", expected, found);
    let vkey = take_text(&mut table, "vkey")?.unwrap_or_default();
    let key = VerifyingKey::parse(&vkey).map_err(|error| bad("a vkey line", &error.to_string()))?;
    if key.signature_type() != SignatureType::Ed25519 {
        return Err(bad("an Ed25519 key (type 1)", "another type"));
    }
    let name = InstitutionId::parse(key.name().as_str())
        .map_err(|error| bad(error.expected, "another name of the key"))?;
    if !names.insert(name) {
        return Err(bad("each supervisor once", "one a second time"));
    }
    Ok(Supervisor {
        vkey,
        particulars: take_all(table)?,
    })
}

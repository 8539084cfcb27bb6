//! Settings: what they are, where they come from, and which of them are refused as unsafe.
//!
//! | file | what it holds |
//! |---|---|
//! | `config.rs` | one struct per concern |
//! | `config/keys.rs` | every key with its kind: the list environment, flags and docs follow |
//! | `config/source.rs` | file, then environment, then flags |
//! | `config/safety.rs` | what `serve` refuses |
//!
//! Our own merge of TOML tables instead of figment: it is a hundred lines, names the source of a
//! wrong value, knows every key (a misspelt variable is refused, not ignored), and figment has had
//! no release in two years.

pub mod keys;
pub mod safety;
pub mod source;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use akashi_api::proxies::{Proxies, Style};
use akashi_desk::limits::Rates;
use akashi_ledger::Folders;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub use safety::Unsafe;
pub use source::{ConfigError, Settings};

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The ledger: where it is, what entry 0 says.
    pub ledger: LedgerConfig,
    /// What decides.
    pub policy: PolicyConfig,
    /// How requests arrive.
    #[serde(default)]
    pub server: ServerConfig,
    /// How the portal calls itself.
    #[serde(default)]
    pub portal: PortalConfig,
    /// Messages to phones; `serve` refuses to start without.
    #[serde(default)]
    pub sms: Option<SmsConfig>,
    /// Messages by e-mail.
    #[serde(default)]
    pub email: Option<EmailConfig>,
    /// How much one sender may ask.
    #[serde(default)]
    pub limits: Rates,
    /// What is written to the server's log.
    #[serde(default)]
    pub log: LogConfig,
}

/// The ledger: where it is, what entry 0 says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerConfig {
    /// The log's origin: fixed for ever by `akashi init`.
    pub origin: String,
    /// Folder of the data file and the guard.
    pub data: PathBuf,
    /// Folder of the keyring, the wrapping key and the log's key; on another disk, backed up apart.
    pub keys: PathBuf,
    /// File of phone numbers and addresses, sealed; apart from the data.
    pub contacts: PathBuf,
    /// IANA name of the time zone in which "until a date" ends.
    #[serde(default = "default_time_zone")]
    pub time_zone: String,
    /// The supervisors: each its `vkey`, whose name is its identifier, and its particulars. Read by
    /// `akashi init`, which checks them; afterwards the registry says what they are.
    #[serde(default)]
    pub supervisors: Vec<toml::Table>,
    /// How many supervisors must sign an act; at least two. Read by `akashi init`.
    #[serde(default = "default_threshold")]
    pub threshold: u64,
}

impl LedgerConfig {
    /// The folders as the ledger takes them.
    pub fn folders(&self) -> Folders {
        Folders {
            data: self.data.clone(),
            keys: self.keys.clone(),
        }
    }
}

fn default_time_zone() -> String {
    "Asia/Tokyo".to_owned()
}

const fn default_threshold() -> u64 {
    2
}

/// What decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    /// Folders of the policy packs on the shelf; `akashi init` begins a ledger with the first.
    /// Empty only in the demo, which has the town's pack built in.
    #[serde(default)]
    pub packs: Vec<PathBuf>,
}

/// How requests arrive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// How the portal is reached from outside: scheme and host, without a final slash. Decides
    /// whether cookies are `Secure`.
    pub public_url: String,
    /// Certificate chain in PEM; with `tls_key` the server speaks TLS 1.3 itself.
    pub tls_certificate: Option<PathBuf>,
    /// Private key of the certificate in PEM, readable by its owner only.
    pub tls_key: Option<PathBuf>,
    /// Allows plain HTTP beyond loopback, for a proxy on another machine that ends TLS.
    pub insecure_plain_http: bool,
    /// Proxies that are believed about who is before them: addresses and ranges.
    #[serde(deserialize_with = "proxies")]
    pub trusted_proxies: Proxies,
    /// The header they name it in.
    pub proxy_header: Style,
    /// Address and port for `/metrics` alone; without it the figures are for this machine.
    pub metrics_listen: Option<SocketAddr>,
    /// Longest time one request may take once it is here, in seconds.
    pub request_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 8080),
            public_url: "http://127.0.0.1:8080".to_owned(),
            tls_certificate: None,
            tls_key: None,
            insecure_plain_http: false,
            trusted_proxies: Proxies::default(),
            proxy_header: Style::default(),
            metrics_listen: None,
            request_seconds: 15,
        }
    }
}

impl ServerConfig {
    /// [`Self::request_seconds`] as a duration.
    pub const fn request_time(&self) -> Duration {
        Duration::from_secs(self.request_seconds)
    }

    /// The proxies that are believed, and the header they write.
    pub fn proxies(&self) -> Proxies {
        self.trusted_proxies.clone().with_style(self.proxy_header)
    }
}

fn proxies<'de, D: Deserializer<'de>>(from: D) -> Result<Proxies, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    Proxies::parse(&texts, Style::default()).map_err(D::Error::custom)
}

/// How the portal calls itself, in pages and messages: at most eight characters, because every SMS
/// begins with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortalConfig {
    /// Its name in Japanese.
    pub name_ja: String,
    /// Its name in English.
    pub name_en: String,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            name_ja: "あかし".to_owned(),
            name_en: "Akashi".to_owned(),
        }
    }
}

/// The SMS gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsConfig {
    /// Where messages are posted.
    pub gateway_url: String,
    /// File with the bearer token for the gateway, readable by its owner only.
    pub token_file: PathBuf,
    /// The sender shown on phones.
    pub sender: String,
    /// File with the bearer token the gateway shows at `POST /sms/inbound`; without it replies are
    /// not taken.
    #[serde(default)]
    pub inbound_token_file: Option<PathBuf>,
}

/// The mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// Its name.
    pub host: String,
    /// Its port.
    #[serde(default = "default_mail_port")]
    pub port: u16,
    /// How the connection is protected: `none` only where the server is this machine.
    #[serde(default)]
    pub tls: MailTls,
    /// The sender.
    pub from: String,
    /// The account, where the server wants one.
    #[serde(default)]
    pub user: Option<String>,
    /// File with the account's password, readable by its owner only.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

const fn default_mail_port() -> u16 {
    465
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// TLS from the first byte (port 465).
    #[default]
    Implicit,
    /// STARTTLS or nothing (port 587).
    StartTls,
    /// None.
    None,
}

/// What is written to the server's log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug` or `trace`, also per module as `tracing` spells it.
    pub level: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

/// How a line of the server's log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one object a line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

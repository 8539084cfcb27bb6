//! What `serve` refuses: each with one message that says what to do. The demo does not ask here; it
//! listens on loopback and says that it is a demo.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use akashi_ledger::log_signers::LogKeyFolder;
use akashi_proof::digest::Digest;

use crate::config::Config;

/// The demo's origin: fixed, so that nothing signed there is ever taken for real.
pub const DEMO_ORIGIN: &str = "demo.akashi.example/log";

/// The file a demo leaves in its folder, with every key in it.
pub const DEMO_MARKER: &str = "demo.json";

/// A setting that is not safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsafe {
    /// The demo's data or keys.
    #[error(
        "`{0}` belongs to a demo, whose keys are public: make a ledger of your own with `akashi init`"
    )]
    Demo(PathBuf),
    /// The demo's origin.
    #[error("ledger.origin is the demo's: choose your own before `akashi init`")]
    DemoOrigin,
    /// Plain HTTP beyond this machine.
    #[error(
        "server.listen is beyond loopback and speaks plain HTTP: set server.tls_certificate and server.tls_key, or, \
         behind a proxy that ends TLS, server.insecure_plain_http = true"
    )]
    PlainHttp,
    /// The public URL is plain HTTP on another host than this one.
    #[error("server.public_url is not https: people would send their codes in the clear")]
    PublicUrl,
    /// Somebody else ends TLS, and is not believed about who is before him.
    #[error(
        "server.public_url is https, but neither server.tls_certificate nor server.trusted_proxies is set: behind a \
         proxy that is not named there, everybody would be one visitor with one visitor's rate"
    )]
    NoProxy,
    /// Figures in the clear beyond this machine.
    #[error(
        "server.metrics_listen is beyond loopback and speaks plain HTTP: take a loopback address, or, where the \
         network between is yours, set server.insecure_plain_http = true"
    )]
    PlainMetrics,
    /// Half of a TLS configuration.
    #[error("server.tls_certificate and server.tls_key belong together: one of them is missing")]
    HalfTls,
    /// No SMS gateway.
    #[error("[sms] is missing: nobody could enrol, be asked or be told")]
    NoSms,
    /// A secret that others can read.
    #[error("`{0}` can be read by others than its owner: chmod 600")]
    Readable(PathBuf),
    /// A secret that is not there.
    #[error("`{0}` cannot be read")]
    Missing(PathBuf),
    /// The config names another log than entry 0.
    #[error(
        "ledger.origin is `{expected}`, but the ledger in ledger.data is `{found}`: an origin never changes"
    )]
    Origin {
        /// What the config says.
        expected: String,
        /// What entry 0 says.
        found: String,
    },
    /// The config names another time zone than entry 0.
    #[error("ledger.time_zone is `{expected}`, but entry 0 says `{found}`: it never changes")]
    TimeZone {
        /// What the config says.
        expected: String,
        /// What entry 0 says.
        found: String,
    },
    /// The pack the log says is in force is not on the shelf.
    #[error(
        "policy.packs has {found}, but the log says that {pack} {expected} is in force: put its folder there as well"
    )]
    NotOnShelf {
        /// Name of the pack in force.
        pack: String,
        /// Its digest.
        expected: Digest,
        /// Names and digests of those that are there.
        found: String,
    },
}

/// Everything unsafe that can be seen before the ledger is opened.
pub fn check(config: &Config) -> Vec<Unsafe> {
    let mut found = Vec::new();
    if config.ledger.origin == DEMO_ORIGIN {
        found.push(Unsafe::DemoOrigin);
    }
    found.extend(demo_folder(config).map(Unsafe::Demo));
    found.extend(transport(config));
    if config.sms.is_none() {
        found.push(Unsafe::NoSms);
    }
    found.extend(
        secrets(config)
            .into_iter()
            .filter_map(|path| readable(&path)),
    );
    found
}

fn demo_folder(config: &Config) -> Option<PathBuf> {
    let folders = [&config.ledger.data, &config.ledger.keys];
    let here_or_above = folders
        .into_iter()
        .flat_map(|folder| folder.ancestors().take(2).map(Path::to_owned));
    here_or_above
        .filter(|folder| !folder.as_os_str().is_empty())
        .find(|folder| folder.join(DEMO_MARKER).exists())
}

fn transport(config: &Config) -> Vec<Unsafe> {
    let server = &config.server;
    let mut found = Vec::new();
    let tls = match (&server.tls_certificate, &server.tls_key) {
        (Some(_), Some(_)) => true,
        (None, None) => false,
        _ => {
            found.push(Unsafe::HalfTls);
            true
        }
    };
    let beyond = !server.listen.ip().is_loopback();
    if beyond && !tls && !server.insecure_plain_http {
        found.push(Unsafe::PlainHttp);
    }
    if server.public_url.starts_with("https://") && !tls && server.trusted_proxies.is_empty() {
        found.push(Unsafe::NoProxy);
    }
    let metrics = server.metrics_listen;
    if metrics.is_some_and(|at| !at.ip().is_loopback()) && !server.insecure_plain_http {
        found.push(Unsafe::PlainMetrics);
    }
    let host = server
        .public_url
        .split_once("://")
        .map_or("", |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let local = ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        host == *name
            || host
                .strip_prefix(name)
                .is_some_and(|port| port.starts_with(':'))
    });
    if !server.public_url.starts_with("https://") && (beyond || !local) {
        found.push(Unsafe::PublicUrl);
    }
    found
}

/// Every file with a secret in it.
fn secrets(config: &Config) -> Vec<PathBuf> {
    let keys = &config.ledger.keys;
    let mut files: Vec<PathBuf> = ["keyring", "wrapping.key"]
        .iter()
        .map(|name| keys.join(name))
        .collect();
    // Which of them must be there is the registry's to say.
    files.extend(LogKeyFolder::new(keys).files().unwrap_or_default());
    files.push(config.ledger.contacts.clone());
    files.extend(config.server.tls_key.clone());
    if let Some(sms) = &config.sms {
        files.push(sms.token_file.clone());
        files.extend(sms.inbound_token_file.clone());
    }
    files.extend(
        config
            .email
            .as_ref()
            .and_then(|email| email.password_file.clone()),
    );
    files
}

fn readable(path: &Path) -> Option<Unsafe> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 == 0 => None,
        Ok(_) => Some(Unsafe::Readable(path.to_owned())),
        Err(_) => Some(Unsafe::Missing(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use akashi_api::proxies::{Proxies, Style};

    use super::*;
    use crate::config::{
        LedgerConfig, LogConfig, PolicyConfig, PortalConfig, ServerConfig, SmsConfig,
    };

    fn private(path: &Path) {
        fs::write(path, "x").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Safe settings on files that exist.
    fn safe(folder: &Path) -> Config {
        let keys = folder.join("keys");
        fs::create_dir_all(&keys).unwrap();
        for name in ["keyring", "wrapping.key", "log.key"] {
            private(&keys.join(name));
        }
        private(&folder.join("contacts"));
        private(&folder.join("token"));
        Config {
            ledger: LedgerConfig {
                origin: "ledger.example.jp/log".into(),
                data: folder.join("data"),
                keys,
                contacts: folder.join("contacts"),
                time_zone: "Asia/Tokyo".into(),
                supervisors: Vec::new(),
                threshold: 2,
            },
            policy: PolicyConfig { packs: Vec::new() },
            server: ServerConfig::default(),
            portal: PortalConfig::default(),
            sms: Some(SmsConfig {
                gateway_url: "https://sms.example.jp/".into(),
                token_file: folder.join("token"),
                sender: "Akashi".into(),
                inbound_token_file: None,
            }),
            email: None,
            limits: akashi_desk::limits::Rates::default(),
            log: LogConfig::default(),
        }
    }

    #[test]
    fn each_unsafe_setting_has_its_own_message() {
        let folder = tempfile::tempdir().unwrap();
        let good = safe(folder.path());
        assert_eq!(check(&good), []);

        let with = |change: &dyn Fn(&mut Config)| {
            let mut config = good.clone();
            change(&mut config);
            check(&config)
        };
        assert_eq!(with(&|c| c.sms = None), [Unsafe::NoSms]);
        assert_eq!(
            with(&|c| c.ledger.origin = DEMO_ORIGIN.into()),
            [Unsafe::DemoOrigin]
        );
        let beyond = |c: &mut Config| {
            c.server.listen = "0.0.0.0:80".parse().unwrap();
            c.server.public_url = "https://ledger.example.jp".into();
            c.server.trusted_proxies = Proxies::parse(&["10.0.0.0/8"], Style::default()).unwrap();
        };
        assert_eq!(with(&beyond), [Unsafe::PlainHttp]);
        assert_eq!(
            with(&|c| {
                beyond(c);
                c.server.insecure_plain_http = true;
            }),
            []
        );
        assert_eq!(
            with(&|c| c.server.public_url = "https://ledger.example.jp".into()),
            [Unsafe::NoProxy]
        );
        let metrics = |c: &mut Config| c.server.metrics_listen = "0.0.0.0:9".parse().ok();
        assert_eq!(with(&metrics), [Unsafe::PlainMetrics]);
        assert_eq!(
            with(&|c| c.server.metrics_listen = "127.0.0.1:9".parse().ok()),
            []
        );
        assert_eq!(
            with(&|c| c.server.public_url = "http://ledger.example.jp".into()),
            [Unsafe::PublicUrl]
        );
        assert_eq!(
            with(&|c| c.server.public_url = "http://localhost.example.jp".into()),
            [Unsafe::PublicUrl]
        );
        assert_eq!(
            with(&|c| c.server.tls_certificate = Some("a.pem".into())),
            [Unsafe::HalfTls]
        );
        let token = folder.path().join("token");
        fs::set_permissions(&token, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(check(&good), [Unsafe::Readable(token.clone())]);
        fs::remove_file(&token).unwrap();
        assert_eq!(check(&good), [Unsafe::Missing(token.clone())]);
        private(&token);
        fs::write(folder.path().join(DEMO_MARKER), "{}").unwrap();
        assert_eq!(check(&good), [Unsafe::Demo(folder.path().to_owned())]);
    }
}

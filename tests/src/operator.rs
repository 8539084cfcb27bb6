//! Who runs a ledger of their own with the real binary: settings, packs, an SMS gateway. All who
//! act on it have the keys made from their names.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{Cast, SUPERVISORS, SetClock, free_port, named, particulars};
use akashi_demo::smtp::{self, Mails};
use akashi_ledger::clock::SystemClock;
use akashi_ledger::ledger::{self, Folders};
use akashi_ledger::{Ledger, RowsOf};
use akashi_notifier::Contacts;
use akashi_policies::Pack;
use akashi_proof::clock::Clock;

use tokio::net::TcpListener;

use crate::gateway::Gateway;
use crate::server::{Server, binary};

/// The supervisor beside those who act: two of three must sign.
pub const SPARE: &str = "supervisor.west";

/// The origin of the ledger.
pub const ORIGIN: &str = "ledger.example.jp/log";

pub struct Operator {
    folder: PathBuf,
    port: u16,
    gateway: Gateway,
    /// Where mail goes, if any does.
    mail_port: Option<u16>,
    /// Who acts on the ledger.
    pub cast: Cast,
}

impl Operator {
    /// Nothing is in this folder yet: no settings, no pack, no ledger.
    pub fn new(folder: &Path) -> Self {
        let operator = Self {
            folder: folder.to_owned(),
            port: free_port(),
            gateway: Gateway::start(),
            mail_port: None,
            cast: Cast::of(ORIGIN, Arc::new(SystemClock::default())),
        };
        let token = operator.path("sms-token");
        fs::write(&token, "token\n").unwrap();
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
        operator
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A mail server of the operator's, which the settings name from now on: what it has taken. It
    /// ends with the test's runtime.
    pub async fn takes_mail(&mut self) -> Arc<Mails> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.mail_port = Some(listener.local_addr().unwrap().port());
        let mails = Arc::new(Mails::default());
        let clock = Arc::new(SystemClock::default());
        tokio::spawn(smtp::serve(listener, Arc::clone(&mails), clock));
        mails
    }

    /// Writes the settings: these packs on the shelf.
    pub fn configure(&self, packs: &[&str]) {
        self.configure_server(packs, "");
    }

    /// The same, with more lines for the server.
    pub fn configure_server(&self, packs: &[&str], server: &str) {
        let (folder, port) = (self.folder.display(), self.port);
        // One more than must sign: they can replace one of themselves.
        let supervisors = [SUPERVISORS[0], SUPERVISORS[1], SPARE].map(supervisor);
        let packs: Vec<PathBuf> = packs.iter().map(|pack| self.path(pack)).collect();
        let text = format!(
            "[ledger]\n\
             origin = \"{ORIGIN}\"\n\
             data = \"{folder}/data\"\n\
             keys = \"{folder}/keys\"\n\
             contacts = \"{folder}/contacts\"\n\
             {supervisors}\
             [policy]\n\
             packs = {packs:?}\n\
             [server]\n\
             listen = \"127.0.0.1:{port}\"\n\
             public_url = \"http://127.0.0.1:{port}\"\n\
             {server}\
             [sms]\n\
             gateway_url = \"{gateway}\"\n\
             token_file = \"{folder}/sms-token\"\n\
             sender = \"Akashi\"\n\
             {email}",
            email = self.mail_port.map(email).unwrap_or_default(),
            supervisors = supervisors.concat(),
            gateway = self.gateway.url,
        );
        fs::write(self.path("akashi.toml"), text).unwrap();
    }

    /// Serves what `akashi init` made.
    pub async fn serve(&self) -> Server {
        let data = self.path("data");
        Server::serve(&self.path("akashi.toml"), &data, self.port, &self.gateway).await
    }

    /// Makes what `akashi init` would have made so long ago, of a ledger nobody has written to
    /// since: the command has no other clock than the machine's.
    pub fn began(&self, ago: Duration, pack: &Pack) {
        let folders = Folders {
            data: self.path("data"),
            keys: self.path("keys"),
        };
        let millis = u64::try_from(ago.as_millis()).unwrap();
        let clock = SetClock::at(SystemClock::default().wall().minus_millis(millis));
        let mut opening = self.cast.opening(pack.name(), pack.digest());
        let spare = named(SPARE).vkey().unwrap();
        opening.supervisors.push(akashi_actors::supervisor(spare));
        ledger::create(&folders, &opening, clock.as_ref()).unwrap();
        let ledger = Ledger::open(&folders, clock).unwrap();
        let seal = ledger.reader().row_seal(RowsOf::Contacts).unwrap();
        Contacts::create(&self.path("contacts"), seal).unwrap();
    }

    /// Serves a ledger that records nothing.
    pub async fn serve_stopped(&self) -> Server {
        let (config, data) = (self.path("akashi.toml"), self.path("data"));
        Server::serve_stopped(&config, &data, self.port, &self.gateway).await
    }

    /// What a command prints that is carried out.
    pub fn does(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command says that must fail.
    pub fn is_refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(binary("akashi"))
            .args(arguments)
            .env("AKASHI_CONFIG", self.path("akashi.toml"))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

/// A mail server of this machine as the settings name it.
fn email(port: u16) -> String {
    format!(
        "[email]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         from = \"akashi@example.jp\"\n"
    )
}

/// A supervisor as the settings name it.
fn supervisor(name: &str) -> String {
    let vkey = named(name).vkey().unwrap();
    let particulars = particulars("県監督局", "Prefecture Supervisors");
    let lines = particulars
        .texts()
        .map(|(name, text)| format!("{name} = {text:?}\n"));
    let lines: String = lines.collect();
    format!("[[ledger.supervisors]]\nvkey = {vkey:?}\n{lines}")
}

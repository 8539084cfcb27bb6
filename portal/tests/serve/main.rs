//! The binary as an operator uses it: keys, `init`, `serve`, `institution add`; and what `serve`
//! refuses.
//!
//! `localhost.pem` and `localhost.key.pem` are a self-signed certificate for these tests alone.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod snapshots;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use akashi_actors::{free_port, wait_until};
use akashi_proof::particulars::Particulars;
use rustls::pki_types::ServerName;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, RootCertStore,
    SupportedProtocolVersion,
};
use ureq::tls::TlsConfig;

/// An operator's machine: a folder with keys, a pack and a config file.
struct Operator {
    folder: tempfile::TempDir,
    port: u16,
}

impl Operator {
    fn new() -> Self {
        let operator = Self {
            folder: tempfile::tempdir().unwrap(),
            port: free_port(),
        };
        fs::create_dir(operator.path("pack")).unwrap();
        for (name, text) in akashi_policies::Pack::town_files() {
            fs::write(operator.path("pack").join(name), text).unwrap();
        }
        operator.private("sms-token", b"token\n");
        let vkeys: Vec<String> = ["north", "south", "west"]
            .iter()
            .map(|name| operator.new_key(name))
            .collect();
        operator.write_config(&vkeys, "");
        operator
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn private(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Draws a key; returns its vkey line.
    fn new_key(&self, name: &str) -> String {
        let out = self.path(&format!("{name}.jwk"));
        let made = self.run(&[
            "key",
            "new",
            "--name",
            &format!("supervisor.{name}"),
            "--out",
            out.to_str().unwrap(),
        ]);
        let text = String::from_utf8(made.stdout).unwrap();
        text.lines()
            .find_map(|line| line.strip_prefix("vkey"))
            .unwrap()
            .trim()
            .to_owned()
    }

    fn write_config(&self, vkeys: &[String], more_of_server: &str) {
        let folder = self.folder.path().display();
        let port = self.port;
        let supervisors: String = vkeys.iter().map(|vkey| named_in_config(vkey)).collect();
        let text = format!(
            "[ledger]\norigin = \"ledger.example.jp/log\"\ndata = \"{folder}/data\"\nkeys = \"{folder}/keys\"\n\
             contacts = \"{folder}/contacts\"\n{supervisors}\n[policy]\npacks = [\"{folder}/pack\"]\n\n\
             [server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"https://ledger.example.jp\"\n\
             trusted_proxies = [\"127.0.0.1\"]\n{more_of_server}\n\
             [sms]\ngateway_url = \"https://sms.example.jp/\"\ntoken_file = \"{folder}/sms-token\"\nsender = \"Akashi\"\n"
        );
        fs::write(self.path("akashi.toml"), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_akashi"));
        command
            .args(arguments)
            .env("AKASHI_CONFIG", self.path("akashi.toml"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that must fail says.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            !output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        String::from_utf8(output.stderr).unwrap()
    }

    fn init(&self) {
        let output = self.run(&["init"]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// A supervisor as the config file names it.
fn named_in_config(vkey: &str) -> String {
    let particulars = akashi_actors::particulars("県監督局", "Prefecture Supervisors");
    format!(
        "\n[[ledger.supervisors]]\nvkey = {vkey:?}\n{}",
        in_toml(&particulars)
    )
}

/// Particulars as a file of them has them.
fn in_toml(particulars: &Particulars) -> String {
    let line = |(name, text): (&str, &str)| format!("{name} = {text:?}\n");
    particulars.texts().map(line).collect()
}

/// A server that ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Serving {
    fn start(operator: &Operator, agent: &ureq::Agent, url: &str) -> Self {
        let child = operator
            .command(&["serve"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut serving = Self(child);
        wait_until("the server answers", || {
            let ended = serving.0.try_wait().unwrap();
            assert!(ended.is_none(), "{}", operator.refused(&["serve"]));
            agent.get(format!("{url}/readyz")).call().ok()
        });
        serving
    }

    /// Tells it to end as a service manager does; it must do so by itself, in order.
    fn end(mut self) {
        let told = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        let status = wait_until("the server ends", || self.0.try_wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

/// A client that believes any certificate.
fn agent() -> ureq::Agent {
    let tls = TlsConfig::builder()
        .disable_verification(true)
        .unversioned_rustls_crypto_provider(provider())
        .build();
    ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .build()
        .new_agent()
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn text(agent: &ureq::Agent, url: &str) -> String {
    let answer = agent.get(url).call().unwrap();
    answer.into_body().read_to_string().unwrap()
}

/// The status of the answer to a request with this first line and these header lines.
fn status_of(address: &str, head: &str) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("{head}connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Shakes hands in this version alone, believing nobody.
fn handshake(port: u16, version: &'static SupportedProtocolVersion) -> Result<(), Error> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let host = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), host)?;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    match connection.complete_io(&mut stream) {
        Ok(_) => Ok(()),
        Err(error) => Err(*error.into_inner().unwrap().downcast().unwrap()),
    }
}

#[test]
fn from_keys_to_a_certified_institution() {
    let operator = Operator::new();
    operator.init();
    assert!(
        operator.refused(&["init"]).contains("already"),
        "a ledger is never overwritten"
    );
    let agent = agent();
    let url = format!("http://127.0.0.1:{}", operator.port);
    let serving = Serving::start(&operator, &agent, &url);
    assert!(
        operator
            .refused(&["serve"])
            .contains(&operator.port.to_string()),
        "a second server finds the port taken"
    );
    let checkpoint = text(&agent, &format!("{url}/log/checkpoint"));
    assert!(checkpoint.starts_with("ledger.example.jp/log\n1\n"));

    operator.new_key("hospital");
    let jwk: serde_json::Value =
        serde_json::from_slice(&fs::read(operator.path("hospital.jwk")).unwrap()).unwrap();
    let public = jwk["x"].as_str().unwrap();
    let signer = |name: &str| {
        format!(
            "supervisor.{name}={}",
            operator.path(&format!("{name}.jwk")).display()
        )
    };
    let out = operator.path("north.jws");
    let particulars = operator.path("particulars.toml");
    let texts = akashi_actors::particulars("中央病院", "Chuo Hospital");
    fs::write(&particulars, in_toml(&texts)).unwrap();
    let about = |command: &[&str], id: &str, more: &[&str]| {
        let file = particulars.to_str().unwrap();
        let common = ["--url", &url, "--id", id, "--particulars", file];
        operator.run(&[command, &common[..], more].concat())
    };
    let add = |more: &[&str]| {
        let new = ["--sector", "hospital", "--public-key", public];
        about(
            &["institution", "add"],
            "hospital.chuo",
            &[&new[..], more].concat(),
        )
    };
    let (north, south) = (signer("north"), signer("south"));
    let alone = add(&["--signer", &north]);
    assert!(!alone.status.success());
    assert!(
        String::from_utf8_lossy(&alone.stderr).contains("signers"),
        "{alone:?}"
    );
    assert!(
        add(&["--signer", &north, "--out", out.to_str().unwrap()])
            .status
            .success()
    );
    let together = add(&["--statement", out.to_str().unwrap(), "--signer", &south]);
    assert!(together.status.success(), "{together:?}");
    assert!(
        String::from_utf8_lossy(&together.stdout)
            .contains("hospital.chuo is certified: log index 1")
    );

    let both = ["--signer", &north, "--signer", &south];
    let number = ["--telephone", "+81-55-000-4321"];
    let changed = |command: &[&str], id| about(command, id, &[&both[..], &number[..]].concat());
    let said = |output: Output| String::from_utf8(output.stdout).unwrap();
    let hospital = said(changed(&["institution", "change"], "hospital.chuo"));
    assert!(
        hospital.contains("telephone   +81-55-000-4321")
            && hospital.contains("hospital.chuo is changed: log index 2"),
        "who signs sees what: {hospital}"
    );
    let again = changed(&["institution", "change"], "hospital.chuo");
    let again = String::from_utf8(again.stderr).unwrap();
    assert!(again.contains("the act changes nothing"), "{again}");
    let supervisor = said(changed(&["supervisor", "change"], "supervisor.north"));
    assert!(
        supervisor.contains("supervisor.north is changed: log index 3"),
        "{supervisor}"
    );
    serving.end();
    let again = Serving::start(&operator, &agent, &url);
    let checkpoint = text(&agent, &format!("{url}/log/checkpoint"));
    assert!(
        checkpoint.starts_with("ledger.example.jp/log\n4\n"),
        "what was recorded is there after a restart"
    );
    drop(again);
}

#[test]
fn a_request_names_the_host_it_is_for_once() {
    let operator = Operator::new();
    operator.init();
    // Another address: one port may be drawn twice.
    let figures = format!("127.0.0.2:{}", free_port());
    let settings = format!("metrics_listen = \"{figures}\"\n");
    operator.write_config(&[], &settings);
    let url = format!("http://127.0.0.1:{}", operator.port);
    let serving = Serving::start(&operator, &agent(), &url);
    let public = format!("127.0.0.1:{}", operator.port);
    for (address, path) in [
        (&public, "/healthz"),
        (&public, "/"),
        (&figures, "/metrics"),
    ] {
        for (lines, expected) in [
            ("", 400),
            ("host: a.example\r\nhost: a.example\r\n", 400),
            ("host: a.example\r\nhost: b.example\r\n", 400),
            ("host: a b\r\n", 400),
            ("host: a.example\r\n", 200),
        ] {
            let found = status_of(address, &format!("GET {path} HTTP/1.1\r\n{lines}"));
            assert_eq!(found, expected, "{path} with {lines:?}");
        }
        let older = status_of(address, &format!("GET {path} HTTP/1.0\r\n"));
        assert_eq!(older, 200, "HTTP/1.0 knows no host");
    }
    serving.end();
}

#[test]
fn tls_is_1_3_or_nothing() {
    let operator = Operator::new();
    operator.private("key.pem", include_bytes!("localhost.key.pem"));
    operator.private("chain.pem", include_bytes!("localhost.pem"));
    operator.init();
    let folder = operator.folder.path().display();
    operator.write_config(
        &[],
        &format!("tls_certificate = \"{folder}/chain.pem\"\ntls_key = \"{folder}/key.pem\"\n"),
    );
    let url = format!("https://127.0.0.1:{}", operator.port);
    let agent = agent();
    let serving = Serving::start(&operator, &agent, &url);
    let answer = agent.get(format!("{url}/healthz")).call().unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert_eq!(
        handshake(operator.port, &rustls::version::TLS12),
        Err(Error::AlertReceived(AlertDescription::ProtocolVersion)),
        "what speaks 1.2 at most is turned away before a certificate is shown"
    );
    let today = handshake(operator.port, &rustls::version::TLS13);
    assert!(
        matches!(today, Err(Error::InvalidCertificate(_))),
        "1.3 gets as far as the certificate, which nobody has issued: {today:?}"
    );
    let plain = agent
        .get(format!("http://127.0.0.1:{}/healthz", operator.port))
        .call();
    assert!(plain.is_err() || !plain.unwrap().status().is_success());
    serving.end();
}

#[test]
fn serve_refuses_what_is_not_safe_and_says_all_of_it() {
    let operator = Operator::new();
    assert!(
        operator
            .refused(&["serve"])
            .contains("there is no ledger in this folder")
    );
    operator.init();
    let set = |assignment: &str| operator.refused(&["serve", "--set", assignment]);
    assert!(set("server.listen=0.0.0.0:0").contains("speaks plain HTTP"));
    assert!(set("ledger.origin=other.example/log").contains("an origin never changes"));
    assert!(set("ledger.time_zone=Europe/Berlin").contains("never changes"));
    assert!(set("server.public_url=http://ledger.example.jp").contains("not https"));
    assert!(set("server.trusted_proxies=").contains("nor server.trusted_proxies is set"));
    assert!(
        set("server.trusted_proxies=10.0.0.0/8,x").contains("server.trusted_proxies`: entry 2")
    );
    assert!(set("server.metrics_listen=0.0.0.0:9").contains("server.metrics_listen is beyond"));
    assert!(set("sms.gateway_url=http://sms.example.jp/").contains("sms.gateway_url"));
    assert!(set("log.level=loud=er=st").contains("log.level"));
    fs::set_permissions(
        operator.path("keys/log.key"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    fs::write(operator.path("demo.json"), "{}").unwrap();
    let both = operator.refused(&["serve"]);
    assert!(
        both.contains("log.key") && both.contains("belongs to a demo"),
        "{both}"
    );
    fs::remove_file(operator.path("demo.json")).unwrap();
    fs::set_permissions(
        operator.path("keys/log.key"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let purposes = operator.path("pack/purposes.toml");
    fs::write(
        &purposes,
        format!("# changed\n{}", fs::read_to_string(&purposes).unwrap()),
    )
    .unwrap();
    assert!(operator.refused(&["serve"]).contains("is in force"));
}

#[test]
fn init_refuses_what_could_never_be_changed_again() {
    let operator = Operator::new();
    let set = |assignment: &str| operator.refused(&["init", "--set", assignment]);
    assert!(set("ledger.threshold=1").contains("ledger.threshold"));
    assert!(set("ledger.threshold=3").contains("ledger.threshold"));
    assert!(
        set("ledger.origin=https://x").contains("ledger.origin")
            || set("ledger.origin=a b").contains("ledger.origin")
    );
    assert!(set("ledger.origin=demo.akashi.example/log").contains("the demo's"));
    assert!(set("ledger.time_zone=Nowhere/Land").contains("ledger.time_zone"));
    assert!(set("policy.packs=/nonexistent").contains("policy.packs, `/nonexistent`"));
    assert!(
        !Path::new(&operator.path("data")).exists(),
        "nothing was made"
    );
}

#[test]
fn init_refuses_supervisors_nobody_could_reach_or_tell_apart() {
    let operator = Operator::new();
    let path = operator.path("akashi.toml");
    let honest = fs::read_to_string(&path).unwrap();
    let refused = |bad: &str, expected: &str| {
        fs::write(&path, bad).unwrap();
        let said = operator.refused(&["init"]);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    let without = honest.split("\n[[ledger.supervisors]]").next().unwrap();
    let rest = &honest[honest.find("\n[policy]").unwrap()..];
    refused(&format!("{without}{rest}"), "ledger.threshold");
    let one = &honest[without.len()..];
    let one = &one[..one[1..].find("\n[").unwrap() + 1];
    let nine = format!("{without}{}{rest}", one.repeat(9));
    refused(&nine, "ledger.supervisors: expected at most 8, found 9");
    let twice = format!("{without}{}{rest}", one.repeat(2));
    refused(&twice, "number 2: `vkey`: expected each supervisor once");
    for (from, to, expected) in [
        (
            "vkey = ",
            "vkey = \"nonsense\" # ",
            "number 1: `vkey`: expected a vkey line",
        ),
        (
            "+81-55",
            "0120",
            "number 1: `telephone`: expected a telephone number",
        ),
        ("ためしの", "試しの", "found U+8A66 as character 1"),
        ("https://", "http://", "number 1: `web`"),
        (
            "name_kana = ",
            "#name_kana = ",
            "number 1: `name_kana`: expected a text, found nothing",
        ),
        (
            "web = ",
            "fax = ",
            "number 1: `fax`: expected no such member",
        ),
    ] {
        refused(&honest.replacen(from, to, 1), expected);
    }
    fs::write(&path, &honest).unwrap();
    let said = operator.refused(&["init", "--set", "ledger.supervisors=x"]);
    assert!(said.contains("config file only"), "{said}");
    assert!(!operator.path("data").exists(), "nothing was made");
}

#[test]
fn supervisors_put_a_pack_of_the_shelf_in_force_each_on_its_own_machine() {
    let operator = Operator::new();
    operator.init();
    let next = operator.path("next");
    fs::create_dir(&next).unwrap();
    for (name, text) in akashi_policies::Pack::town_files() {
        let text = text.replace("version = 1\n", "version = 2\n");
        fs::write(next.join(name), text).unwrap();
    }
    let (agent, url) = (agent(), format!("http://127.0.0.1:{}", operator.port));
    let (first, next) = (operator.path("pack"), next.to_str().unwrap());
    let signer = |name: &str| {
        let file = operator.path(&format!("{name}.jwk"));
        format!("supervisor.{name}={}", file.display())
    };
    let (north, south) = (signer("north"), signer("south"));
    let out = operator.path("north.jws");
    let out = out.to_str().unwrap();
    let common = ["policy", "activate", next, "--url", &url];
    // Not yet on the shelf: signed, but not taken.
    let serving = Serving::start(&operator, &agent, &url);
    let both = ["--signer", &north, "--signer", &south];
    let said = operator.refused(&[&common[..], &both].concat());
    assert!(
        said.contains("policy_digest") && said.contains("shelf"),
        "{said}"
    );
    serving.end();

    let config = fs::read_to_string(operator.path("akashi.toml")).unwrap();
    let packs = format!("packs = [\"{}\", \"{next}\"]", first.display());
    let before = format!("packs = [\"{}\"]", first.display());
    assert!(config.contains(&before));
    fs::write(
        operator.path("akashi.toml"),
        config.replace(&before, &packs),
    )
    .unwrap();
    let _serving = Serving::start(&operator, &agent, &url);
    let alone = operator.run(&[&common[..], &["--signer", &north, "--out", out]].concat());
    let shown = String::from_utf8(alone.stdout).unwrap();
    assert!(
        shown.contains("town version 2") && shown.contains("1 signed"),
        "{shown}"
    );
    let pack = akashi_policies::load::folder(Path::new(next)).unwrap();
    let in_force = || text(&agent, &format!("{url}/v1/policy"));
    assert!(!in_force().contains(&pack.digest().to_base64url()));
    let last = operator.run(&[&common[..], &["--signer", &south, "--statement", out]].concat());
    let said = String::from_utf8(last.stdout).unwrap();
    assert!(
        said.contains("town version 2 is in force: log index 1"),
        "{said}"
    );
    assert!(in_force().contains(&pack.digest().to_base64url()));
}

#[test]
fn policy_check_says_what_is_in_a_pack_or_what_is_wrong() {
    let operator = Operator::new();
    let pack = operator.path("pack");
    let good = operator.run(&["policy", "check", pack.to_str().unwrap()]);
    let text = String::from_utf8(good.stdout).unwrap();
    assert!(good.status.success() && text.contains("pack        town version 1"));
    assert!(text.contains("rules       4\n") && text.contains("  insurer-no-emergency: 健康"));
    assert!(text.contains(" / An insurer may never declare an emergency.\n"));
    fs::write(pack.join("roles.toml"), "nonsense").unwrap();
    assert!(
        operator
            .refused(&["policy", "check", pack.to_str().unwrap()])
            .contains("roles.toml")
    );
    let town = akashi_policies::Pack::town_files();
    fs::write(pack.join("roles.toml"), &town["roles.toml"]).unwrap();
    let rules = town["rules.toml"].replacen("\"insurer\"", "\"insurers\"", 1);
    fs::write(pack.join("rules.toml"), rules).unwrap();
    let said = operator.refused(&["policy", "check", pack.to_str().unwrap()]);
    let wrong =
        "`rules.toml`: `forbid[insurer-no-special-data].requesters`: expected one of `hospital`";
    assert!(
        said.contains(wrong) && said.contains("found `insurers`"),
        "{said}"
    );
}

//! The real binary: exit codes, text, JSON; a log in a folder and behind a URL that answers well,
//! badly or not at all.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::Ordering;

use akashi_actors::SeededSigner;
use akashi_actors::log::{Tree, random_entry};
use akashi_actors::permit::{self, EVIDENCE_KEY, GATE_NUMBER, LINK_CODE, LINK_KEY, PATH};
use akashi_proof::digest::Digest;
use akashi_proof::gate::{KeptGates, PermitGate, SEEN_LOG_FILE, SeenLog, kept_gates_file};
use akashi_proof::ids::{GateNumber, LeafIndex, LinkCode, Timestamp};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::{Checkpoint, Origin, sign_checkpoint};
use serde_json::Value;

use crate::server::{Answer, Server};

use crate::support::{ORIGIN, Permit, TestLog, assert_exit, log_signer, supervisor_vkeys};

/// The key of the holder's link with another person.
const OTHER_LINK_KEY: [u8; 32] = [31; 32];

fn audit(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akashi-audit"));
    command
        .args(arguments)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn folder_of(log: &TestLog) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    folder
}

fn path(folder: &tempfile::TempDir) -> String {
    folder.path().to_str().unwrap().to_owned()
}

// --- fsck ---

#[test]
fn fsck_of_a_folder() {
    let folder = folder_of(&TestLog::honest(700));
    let (source, vkey) = (path(&folder), log_signer().vkey());
    let [north, south] = supervisor_vkeys();
    let pinned = ["--supervisor", &north, "--supervisor", &south];
    let known = ["fsck", &source, "--vkey", &vkey];
    let good = audit(&[&known[..], &pinned].concat());
    assert_exit(
        &good,
        0,
        "re-derived  700 entries in 3 bundles, 4 tiles of hashes",
    );
    assert_exit(&good, 0, "must sign   2 of 2 supervisors");
    assert!(!String::from_utf8_lossy(&good.stdout).contains("NOTE"));
    assert_exit(&audit(&known), 0, "NOTE  No --supervisor was given");
    assert_exit(
        &audit(&[&known[..], &pinned[..2]].concat()),
        1,
        "is or was one, and is none of those given",
    );
    assert_exit(
        &audit(&["fsck", &source, "--supervisor", "north"]),
        2,
        "--supervisor: ",
    );
    assert_exit(
        &audit(&["fsck", &source]),
        0,
        "the key was taken from the source itself",
    );

    fs::remove_file(folder.path().join("tile/0/001")).unwrap();
    assert_exit(
        &audit(&["fsck", &source]),
        1,
        "tile/0/001: is needed but is not there",
    );
    fs::remove_file(folder.path().join("checkpoint")).unwrap();
    assert_exit(
        &audit(&["fsck", &source]),
        2,
        "is this the prefix of a log?",
    );
}

#[test]
fn fsck_in_json() {
    let folder = folder_of(&TestLog::honest(300));
    let vkey = log_signer().vkey();
    let report = json(&audit(&["fsck", &path(&folder), "--json", "--vkey", &vkey]));
    assert_eq!(report["verdict"], "good");
    assert_eq!(report["exit_code"], 0);
    assert_eq!(
        (&report["size"], &report["complete"]),
        (&300.into(), &true.into())
    );
    assert_eq!(
        (&report["keys_from"], &report["keys"][0]),
        (&"argument".into(), &vkey.clone().into())
    );
    assert_eq!(report["counts"]["registry_records"], 5);
    let [north, _] = supervisor_vkeys();
    assert_eq!(report["supervisors"].as_array().unwrap().len(), 2);
    let keys = report["supervisors"].as_array().unwrap().iter();
    assert!(keys.map(|one| &one["key"]).any(|key| *key == north));
    assert_eq!(report["threshold"], 2);
    assert_eq!(report["supervisors_from"], "source");
    assert_eq!(report["findings"], Value::Array(vec![]));

    fs::remove_file(folder.path().join("registry/3")).unwrap();
    let output = audit(&["fsck", &path(&folder), "--json"]);
    assert_exit(&output, 1, "");
    let report = json(&output);
    assert_eq!(
        (&report["keys_from"], &report["verdict"]),
        (&"source".into(), &"dishonest-or-broken".into())
    );
    assert_eq!(
        (
            &report["findings"][0]["place"],
            &report["findings"][0]["kind"]
        ),
        (&"registry/3".into(), &"dishonest-or-broken".into())
    );

    let report = json(&audit(&["fsck", "/no/such/folder", "--json"]));
    assert_eq!(
        (&report["verdict"], &report["exit_code"]),
        (&"could-not-check".into(), &2.into())
    );
}

#[test]
fn what_cannot_be_checked() {
    let folder = folder_of(&TestLog::honest(3));
    let source = path(&folder);
    assert_exit(
        &audit(&["fsck", "/no/such/folder"]),
        2,
        "neither a folder nor",
    );
    assert_exit(
        &audit(&["fsck", "ftp://log.example/"]),
        2,
        "begins with `https://` or `http://`",
    );
    assert_exit(
        &audit(&["fsck", &source, "--vkey", "no key"]),
        2,
        "--vkey: ",
    );
    let other = SeededSigner::log("other.example/log", 1).vkey();
    assert_exit(
        &audit(&[
            "fsck",
            &source,
            "--vkey",
            &log_signer().vkey(),
            "--vkey",
            &other,
        ]),
        2,
        "--vkey: ",
    );
    assert_exit(
        &audit(&["fsck", &source, "--vkey", &other]),
        2,
        "none of the keys that were given",
    );
    assert_exit(&audit(&["fsck"]), 2, "Usage");
    assert_exit(&audit(&["exalt"]), 2, "unrecognized");
    assert_exit(
        &audit(&["--help"]),
        0,
        "0 good, 1 dishonest or broken (or not to be released on), 2 could not check",
    );
}

// --- fsck over HTTP ---

/// Serves a folder; `bend` may answer first.
fn serve(folder: &Path, bend: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) -> Server {
    let folder = folder.to_owned();
    Server::start(move |path| {
        bend(path).unwrap_or_else(|| {
            fs::read(folder.join(path)).map_or((404, "", vec![]), |bytes| (200, "", bytes))
        })
    })
}

#[test]
fn fsck_over_http() {
    let folder = folder_of(&TestLog::honest(5300));
    let good = serve(folder.path(), |_| None);
    assert_exit(
        &audit(&["fsck", &good.url, "--vkey", &log_signer().vkey()]),
        0,
        "5300 entries in 21 bundles",
    );
    assert_exit(
        &audit(&["fsck", &format!("{}/", good.url)]),
        0,
        "10 registry records",
    );
    assert_exit(
        &audit(&["fsck", &format!("{}/elsewhere", good.url)]),
        2,
        "is this the prefix of a log?",
    );
}

#[test]
fn a_server_that_lacks_a_tile_is_broken() {
    let folder = folder_of(&TestLog::honest(700));
    for status in [404, 410] {
        let server = serve(folder.path(), move |path| {
            (path == "tile/0/001").then(|| (status, "", vec![]))
        });
        assert_exit(
            &audit(&["fsck", &server.url]),
            1,
            "tile/0/001: is needed but is not there",
        );
    }
}

#[test]
fn a_server_that_fails_could_not_be_checked() {
    let folder = folder_of(&TestLog::honest(700));
    for status in [500, 503, 429] {
        let server = serve(folder.path(), move |path| {
            (path == "tile/0/001").then(|| (status, "", vec![]))
        });
        let said = format!("tile/0/001: the server answers {status} after 3 attempt(s)");
        assert_exit(&audit(&["fsck", &server.url]), 2, &said);
    }
    let server = serve(folder.path(), |path| {
        (path == "checkpoint").then(|| (403, "", vec![]))
    });
    assert_exit(
        &audit(&["fsck", &server.url]),
        2,
        "the server answers 403 after 1 attempt(s)",
    );
    assert_eq!(server.requests.load(Ordering::Relaxed), 1);
}

#[test]
fn a_server_that_recovers_is_checked() {
    let folder = folder_of(&TestLog::honest(700));
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let server = serve(folder.path(), move |path| {
        (path == "tile/0/001" && tries.fetch_add(1, Ordering::Relaxed) < 2)
            .then(|| (503, "", vec![]))
    });
    assert_exit(&audit(&["fsck", &server.url]), 0, "GOOD");
}

#[test]
fn redirects_are_not_followed() {
    let folder = folder_of(&TestLog::honest(700));
    let server = serve(folder.path(), |path| {
        (path == "tile/0/001").then(|| (302, "Location: /log/tile/0/000\r\n", vec![]))
    });
    assert_exit(&audit(&["fsck", &server.url]), 2, "the server answers 302");
}

#[test]
fn a_body_without_end_is_not_read() {
    let folder = folder_of(&TestLog::honest(700));
    for (path, code, max) in [
        ("checkpoint", 2, 1 << 20),
        ("vkey", 2, 8192),
        ("tile/0/001", 1, 8192),
        ("tile/entries/001", 1, 65_536),
        ("registry/2", 1, 1 << 20),
    ] {
        let server = serve(folder.path(), move |asked| {
            (asked == path).then(|| (200, "", vec![b'a'; 3 << 20]))
        });
        assert_exit(
            &audit(&["fsck", &server.url]),
            code,
            &format!("more than {max} bytes"),
        );
    }
}

#[test]
fn a_body_that_breaks_off_could_not_be_checked() {
    let folder = folder_of(&TestLog::honest(700));
    let server = serve(folder.path(), |path| {
        // Two lengths: the client believes the first or refuses; either way the body never comes
        // whole.
        (path == "tile/0/001").then(|| {
            (
                200,
                "Content-Length: 8192\r\nConnection: close\r\n",
                vec![1; 5],
            )
        })
    });
    assert_exit(
        &audit(&["fsck", &server.url]),
        2,
        "tile/0/001: cannot be fetched after 3 attempts",
    );
}

#[test]
fn a_server_that_is_not_there_could_not_be_checked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/log", listener.local_addr().unwrap());
    drop(listener);
    assert_exit(
        &audit(&["fsck", &url]),
        2,
        "checkpoint: cannot be fetched after 3 attempts",
    );
    assert_exit(
        &audit(&["fsck", &url.replace("http:", "https:")]),
        2,
        "checkpoint: cannot be fetched",
    );
}

// --- verify ---

struct Files {
    folder: tempfile::TempDir,
    vkey: String,
}

impl Files {
    fn of(permit: &Permit) -> Self {
        let folder = tempfile::tempdir().unwrap();
        permit.log.write(&folder.path().join("log"));
        let files = Self {
            folder,
            vkey: log_signer().vkey(),
        };
        files.write("a.akashi-evidence", &permit.evidence);
        files.write("a.tlog-proof", &permit.proof);
        let (evidence, link) = (
            base64::url::encode(&EVIDENCE_KEY),
            base64::url::encode(&LINK_KEY),
        );
        let other = base64::url::encode(&OTHER_LINK_KEY);
        let code = |byte| LinkCode::from_sealed(&[byte; LinkCode::SEALED_LEN]);
        let of_link = |name: &str, code: LinkCode, key: &str| {
            let code = code.as_str();
            let link = format!(r#""link_code":"{code}","link_key":"{key}""#);
            files.write(name, &format!(r#"{{"evidence_key":"{evidence}",{link}}}"#));
        };
        of_link("holder.json", code(LINK_CODE[0]), &link);
        of_link("other-link.json", code(LINK_CODE[0]), &other);
        of_link("other-person.json", code(99), &other);
        files.keep("kept", &KeptGates::new(code(LINK_CODE[0])).to_string());
        files.write(
            "half.json",
            &format!(r#"{{"evidence_key":"{evidence}","link_key":"{link}"}}"#),
        );
        files.write(
            "no-link.json",
            &format!(r#"{{"evidence_key":"{evidence}"}}"#),
        );
        files.write("other-key.json", &format!(r#"{{"evidence_key":"{link}"}}"#));
        files
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A folder as a holder keeps it, with these gates of the person's link.
    fn keep(&self, folder: &str, gates: &str) {
        fs::create_dir(self.path(folder)).unwrap();
        let origin = Origin::new(ORIGIN).unwrap();
        let seen = SeenLog::new(origin).to_string();
        self.write(&format!("{folder}/{SEEN_LOG_FILE}"), &seen);
        let name = kept_gates_file(&LinkCode::from_sealed(&LINK_CODE));
        self.write(&format!("{folder}/{name}"), gates);
    }

    /// What this file is presented with now.
    fn presented(&self, file: &str) -> [String; 4] {
        let text = fs::read_to_string(self.path(file)).unwrap_or_default();
        let now = Timestamp::from_millis(now());
        self.write("presented", &permit::presented(&text, now));
        let query = format!("GET {PATH}");
        [
            "--presented".into(),
            self.path("presented"),
            "--query".into(),
            query,
        ]
    }

    /// As a release is asked for.
    fn release<'a>(
        &self,
        file: &str,
        holder_keys: impl IntoIterator<Item = &'a str>,
        more: &[&str],
    ) -> Output {
        let kept = self.path("kept");
        let shown = self.presented(file);
        let release = ["--release", "--kept", &kept];
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        let more = [&release[..], &shown, more].concat();
        self.verify(file, holder_keys, &more)
    }

    /// `verify FILE --vkey ... [--holder-key FILE]... [--release]`
    fn verify<'a>(
        &self,
        file: &str,
        holder_keys: impl IntoIterator<Item = &'a str>,
        more: &[&str],
    ) -> Output {
        let (file, keys) = (
            self.path(file),
            holder_keys
                .into_iter()
                .map(|name| self.path(name))
                .collect::<Vec<_>>(),
        );
        let mut arguments = vec!["verify", &file, "--vkey", &self.vkey];
        arguments.extend(keys.iter().flat_map(|key| ["--holder-key", key.as_str()]));
        arguments.extend(more);
        audit(&arguments)
    }
}

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64
}

#[test]
fn verify_says_what_a_file_shows() {
    let files = Files::of(&Permit::decided(now()));
    let plain = files.verify("a.akashi-evidence", None, &[]);
    assert_exit(&plain, 0, "who may see       hospital.chuo");
    assert_exit(&plain, 0, "which data        allergy, medication");
    assert_exit(&plain, 0, "state             valid now");
    assert_exit(&plain, 0, "entry             77");
    assert!(
        !String::from_utf8_lossy(&plain.stdout).contains(" lc_"),
        "the person's code takes the holder's key"
    );
    let holder = files.release("a.akashi-evidence", Some("holder.json"), &[]);
    assert_exit(&holder, 0, "person            lc_EBAQ");
    assert_exit(&holder, 0, "gate              is this link's");
    let proof = files.verify("a.tlog-proof", None, &[]);
    assert_exit(
        &proof,
        0,
        "The log has signed a tree that holds this entry at this place.",
    );
    assert_eq!(
        json(&files.verify("a.tlog-proof", None, &["--json"]))["facts"]["index"],
        77
    );
}

#[test]
fn verify_needs_a_key() {
    let files = Files::of(&Permit::decided(now()));
    let (file, log) = (files.path("a.tlog-proof"), files.path("log"));
    assert_exit(
        &audit(&["verify", &file]),
        2,
        "give the log's key with --vkey KEY, or the log itself with --log",
    );
    assert_exit(
        &audit(&["verify", &file, "--log", &log]),
        0,
        "the key was taken from the source itself",
    );
    assert_exit(
        &audit(&["verify", &file, "--log", "/no/such/log"]),
        2,
        "--log: ",
    );
    let server = serve(Path::new(&log), |_| None);
    assert_exit(&audit(&["verify", &file, "--log", &server.url]), 0, "GOOD");
    let other = SeededSigner::log(ORIGIN, 99).vkey();
    assert_exit(
        &audit(&["verify", &file, "--vkey", &other]),
        1,
        "1 known key(s) is expected",
    );
}

#[test]
fn verify_of_what_is_no_such_file() {
    let files = Files::of(&Permit::decided(now()));
    files.write("text", "akashi-evidence/v2\n");
    files.write("huge", &"a".repeat(2 << 20));
    files.write("a.akashi-history", "akashi-history/v1\n");
    files.write(
        "huge.akashi-history",
        &format!("akashi-history/v1\n{}", "a".repeat(2 << 20)),
    );
    for name in ["a.akashi-history", "huge.akashi-history"] {
        assert_exit(
            &files.verify(name, None, &[]),
            2,
            "`akashi-audit history` checks this kind of file",
        );
    }
    files.write(
        "long",
        &format!("akashi-evidence/v1\n{}", "a".repeat(2 << 20)),
    );
    assert_exit(
        &files.verify("long", None, &[]),
        2,
        "has more than 1048576 bytes",
    );
    assert_exit(
        &files.verify("text", None, &[]),
        2,
        "not a file this version knows",
    );
    assert_exit(
        &files.verify("huge", None, &[]),
        2,
        "has more than 1048576 bytes",
    );
    assert_exit(&files.verify("absent", None, &[]), 2, "cannot be read");
    assert_exit(
        &files.verify("a.akashi-evidence", Some("text"), &[]),
        2,
        "not a file of holder keys",
    );
    let report = json(&files.verify("text", None, &["--json"]));
    assert_eq!(
        (&report["verdict"], &report["findings"][0]["place"]),
        (&"could-not-check".into(), &"file".into())
    );
}

#[test]
fn a_permit_of_another_persons_stream_is_not_one_of_the_person_sealed_in_it() {
    // It names her link code, and its entry carries a gate the holder knows - of somebody else.
    let forged = Files::of(&Permit::on_link(now(), &OTHER_LINK_KEY));
    for keys in [
        ["holder.json", "other-person.json"],
        ["other-person.json", "holder.json"],
    ] {
        for more in [&[][..], &["--release"]] {
            let said = "the gate in the log is not number 4 of this person's link";
            assert_exit(&forged.verify("a.akashi-evidence", keys, more), 1, said);
        }
    }
    let only = forged.release("a.akashi-evidence", Some("other-person.json"), &[]);
    assert_exit(
        &only,
        2,
        "none of the links given has the `link_code` sealed in the evidence",
    );
}

#[test]
fn verify_before_a_release() {
    let fresh = Files::of(&Permit::decided(now()));
    let evidence = "a.akashi-evidence";
    for (key, code, said, release) in [
        (
            "other-link.json",
            1,
            "the gate in the log is not number 4 of this person's link",
            1,
        ),
        (
            "other-person.json",
            2,
            "none of the links given has the `link_code` sealed in the evidence",
            2,
        ),
        (
            "half.json",
            2,
            "not a file of holder keys: `link_code` and `link_key`",
            2,
        ),
        ("no-link.json", 0, "The gate was not checked", 2),
        ("other-key.json", 2, "none of those given", 2),
        ("holder.json", 0, "is this link's", 0),
    ] {
        assert_exit(&fresh.verify(evidence, Some(key), &[]), code, said);
        assert_exit(&fresh.release(evidence, Some(key), &[]), release, "");
    }
    assert_exit(
        &fresh.release(evidence, ["other-person.json", "holder.json"], &[]),
        0,
        "is this link's",
    );
    let twice = fresh.release(evidence, ["holder.json", "other-link.json"], &[]);
    assert_exit(
        &twice,
        2,
        "the `link_code` sealed in the evidence was given more than once",
    );
    assert_exit(
        &fresh.release("a.tlog-proof", Some("holder.json"), &[]),
        2,
        "evidence is needed",
    );
    assert_exit(
        &fresh.verify(evidence, None, &["--release"]),
        2,
        "--holder-key",
    );

    let old = Files::of(&Permit::decided(now() - 3_600_000));
    assert_exit(
        &old.verify(evidence, Some("holder.json"), &[]),
        0,
        "state             expired",
    );
    assert_exit(
        &old.release(evidence, Some("holder.json"), &[]),
        1,
        "evidence: valid from",
    );
    let early = Files::of(&Permit::decided(now() + 3_600_000));
    assert_exit(
        &early.release(evidence, Some("holder.json"), &[]),
        1,
        "evidence: valid from",
    );
}

/// Another permit under the number of the one here.
fn another_permit() -> PermitGate {
    PermitGate {
        number: GateNumber::new(GATE_NUMBER).unwrap(),
        index: LeafIndex::new(5),
        commitment: Digest::from_bytes([1; 32]),
        expires: Timestamp::from_millis(now() + 600_000),
    }
}

/// An empty answer of the ledger: it has signed a head, and no more gates are needed.
fn gates(signer: &SeededSigner, size: u64) -> String {
    let tree = Tree::of(&(0..size).map(random_entry).collect::<Vec<_>>());
    let origin = Origin::new(ORIGIN).unwrap();
    let head = Checkpoint::new(origin, tree.size(), tree.root()).unwrap();
    let note = sign_checkpoint(&head, &[signer]).unwrap();
    format!("akashi-gates/v1\nfrom 0\n\n{note}")
}

#[test]
fn a_release_takes_what_is_kept_and_a_restored_holder_catches_up_first() {
    let files = Files::of(&Permit::decided(now()));
    let evidence = "a.akashi-evidence";
    let nothing_kept = files.verify(evidence, Some("holder.json"), &["--release"]);
    assert_exit(&nothing_kept, 2, "what was released on before is not known");

    let again = KeptGates::new(LinkCode::from_sealed(&LINK_CODE)).to_string();
    files.keep("restored", &again);
    let mut seen = SeenLog::new(Origin::new(ORIGIN).unwrap());
    seen.restored();
    files.write(&format!("restored/{SEEN_LOG_FILE}"), &seen.to_string());
    let folder = files.path("restored");
    let release = |gates: Option<&str>| {
        let gates = gates.map(|name| files.path(name));
        let shown = files.presented(evidence);
        let mut more = vec!["--release", "--kept", &folder];
        more.extend(shown.iter().map(String::as_str));
        more.extend(gates.iter().flat_map(|path| ["--gates", path.as_str()]));
        files.verify(evidence, Some("holder.json"), &more)
    };
    assert_exit(
        &release(None),
        1,
        "catch up over the gates in the log first",
    );
    files.write("before", &gates(&log_signer(), 77));
    files.write("after", &gates(&log_signer(), 100));
    files.write("forged", &gates(&SeededSigner::log(ORIGIN, 99), 100));
    files.write("none", "<html>");
    assert_exit(&release(Some("before")), 0, "nothing was released on it");
    assert_exit(
        &release(Some("after")),
        1,
        "permit 77 is older than the head of size 100",
    );
    assert_exit(&release(Some("forged")), 1, "gates: the head");
    assert_exit(&release(Some("none")), 2, "gates: line 1");
}

#[test]
fn what_may_not_be_released_on_is_not_called_a_lie_nor_a_permit() {
    let (fresh, old) = (
        Files::of(&Permit::decided(now())),
        Files::of(&Permit::decided(now() - 3_600_000)),
    );
    let evidence = "a.akashi-evidence";
    let mut used = KeptGates::new(LinkCode::from_sealed(&LINK_CODE));
    used.spend(&another_permit(), Timestamp::from_millis(now()));
    fresh.keep("used", &used.to_string());
    for (files, key, kept) in [
        (&fresh, "holder.json", "used"),
        (&fresh, "other-link.json", "kept"),
        (&old, "holder.json", "kept"),
    ] {
        let kept = files.path(kept);
        let shown = files.presented(evidence);
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        let release = [&["--release", "--kept", &kept], &shown[..]].concat();
        let output = files.verify(evidence, Some(key), &release);
        assert_exit(&output, 1, "DO NOT RELEASE  ");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            !text.contains("DISHONEST") && !text.contains("may see these data"),
            "{text}"
        );
        let more = [&release[..], &["--json"]].concat();
        let report = json(&files.verify(evidence, Some(key), &more));
        assert_eq!(
            (&report["verdict"], &report["exit_code"]),
            (&"do-not-release".into(), &1.into())
        );
        assert_eq!(report["findings"][0]["kind"], "do-not-release");
    }
    for key in ["no-link.json", "other-person.json", "other-key.json"] {
        let output = fresh.release(evidence, Some(key), &[]);
        assert_exit(&output, 2, "COULD NOT CHECK  ");
        assert!(
            !String::from_utf8(output.stdout)
                .unwrap()
                .contains("may see these data"),
            "{key}"
        );
    }
}

#[test]
fn a_query_that_was_not_permitted_is_not_released_on() {
    let files = Files::of(&Permit::decided(now()));
    let evidence = "a.akashi-evidence";
    files.write("body", "everything");
    let (kept, body) = (files.path("kept"), files.path("body"));
    for (query, body, is_permitted) in [
        (format!("GET {PATH}"), None, true),
        (format!("GET {PATH}?all=1"), None, false),
        (format!("POST {PATH}"), None, false),
        (format!("GET {PATH}"), Some(&body), false),
    ] {
        let mut shown = files.presented(evidence);
        shown[3] = query;
        let mut more = vec!["--release", "--kept", &kept];
        more.extend(shown.iter().map(String::as_str));
        more.extend(body.iter().flat_map(|path| ["--body", path.as_str()]));
        let output = files.verify(evidence, Some("holder.json"), &more);
        if is_permitted {
            assert_exit(&output, 0, "with the query");
        } else {
            assert_exit(&output, 1, "DO NOT RELEASE  ");
            assert_exit(&output, 1, "the request is not the one");
        }
    }
}

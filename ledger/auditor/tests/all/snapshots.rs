//! What `akashi-audit` prints, good and bad, as text and as JSON: read by people who decide on it,
//! and by programs.

use std::fs;
use std::process::Command;

use akashi_actors::permit::{self, EVIDENCE_KEY, LINK_CODE, LINK_KEY, PATH};
use akashi_actors::{Console, SeededSigner, without_digests};
use akashi_audit::report::{self, Form};
use akashi_check::keys::KeysFrom;
use akashi_check::verify::{self, HolderKey};
use akashi_proof::gate::SeenLog;
use akashi_proof::ids::{LinkCode, Timestamp};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;
use serde_json::Value;

use crate::person::Story;

use crate::support::{Permit, TestLog, log_signer, supervisor_vkeys};

fn audit(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akashi-audit"));
    command.args(arguments);
    command
}

/// A report without the time it took; one line of JSON as many.
fn timeless(printed: String) -> String {
    if let Ok(mut report) = serde_json::from_str::<Value>(&printed) {
        for name in ["took_ms", "entries_per_second"] {
            if let Some(figure) = report.get_mut(name) {
                *figure = Value::String("(time)".to_owned());
            }
        }
        return serde_json::to_string_pretty(&report).unwrap() + "\n";
    }
    let mut plain = String::new();
    for line in printed.lines() {
        plain += match line.split_once(" ms, now ") {
            Some((before, _)) => format!("{before} ms, now (time)\n"),
            None if line.starts_with("took ") => "took        (time)\n".to_owned(),
            None => format!("{line}\n"),
        }
        .as_str();
    }
    plain
}

fn assert_reads_as(name: &str, transcript: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, transcript);
    });
}

#[test]
fn every_command_helps_as_in_its_snapshot() {
    let mut console = Console::new();
    console.help(&|arguments| audit(arguments));
    assert_reads_as("help", &console.transcript(&[]));
}

#[test]
fn a_log_is_checked_as_in_its_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().to_str().unwrap();
    TestLog::honest(700).write(folder.path());
    let vkey = log_signer().vkey();
    let other = SeededSigner::log("other.example/log", 1).vkey();
    let mut console = Console::new();
    let mut fsck = |more: &[&str]| {
        let arguments = [&["fsck", source], more].concat();
        console.run(&mut audit(&arguments), timeless);
    };
    fsck(&["--vkey", &vkey]);
    let [north, south] = supervisor_vkeys();
    let pinned = ["--supervisor", &north, "--supervisor", &south];
    fsck(&[&["--vkey", &vkey], &pinned[..]].concat());
    fsck(&["--vkey", &vkey, "--supervisor", &other]);
    let kept = tempfile::tempdir().unwrap();
    let receipt = |name: &str, log: &TestLog| {
        let path = kept.path().join(name).to_str().unwrap().to_owned();
        fs::write(&path, log.proof(17).to_string()).unwrap();
        path
    };
    let mut elsewhere = TestLog::honest(601);
    elsewhere.entries.swap(590, 600);
    let held = receipt("held.tlog-proof", &TestLog::honest(601));
    let forked = receipt("forked.tlog-proof", &elsewhere);
    let cut = receipt("cut.tlog-proof", &TestLog::honest(701));
    for earlier in [&held, &forked, &cut] {
        fsck(&["--vkey", &vkey, "--earlier", earlier]);
    }
    fsck(&["--vkey", &vkey, "--earlier", &forked, "--json"]);
    fsck(&[]);
    fsck(&["--vkey", &vkey, "--json"]);
    fsck(&["--vkey", &other]);
    fs::remove_file(folder.path().join("tile/0/001")).unwrap();
    fs::remove_file(folder.path().join("registry/3")).unwrap();
    fsck(&["--vkey", &vkey]);
    fsck(&["--vkey", &vkey, "--json"]);
    fs::remove_file(folder.path().join("checkpoint")).unwrap();
    fsck(&[]);
    fsck(&["--json"]);
    let kept = kept.path().to_str().unwrap();
    let transcript = console.transcript(&[(source, "FOLDER"), (kept, "KEPT")]);
    assert_reads_as("fsck", &transcript);
}

/// The keys of the holder of [`Permit`].
fn holder_key() -> String {
    let key = |bytes| base64::url::encode(bytes);
    format!(
        r#"{{"evidence_key":"{}","link_code":"{}","link_key":"{}"}}"#,
        key(&EVIDENCE_KEY),
        LinkCode::from_sealed(&LINK_CODE).as_str(),
        key(&LINK_KEY),
    )
}

/// When the permits here were decided: long over, so that every run comes to the same words.
const LONG_AGO: u64 = 1_600_000_000_000;

#[test]
fn evidence_is_checked_as_in_its_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let permit = Permit::decided(LONG_AGO);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (evidence, proof) = (path("a.akashi-evidence"), path("a.tlog-proof"));
    let (bent, key) = (path("bent.akashi-evidence"), path("holder.json"));
    fs::write(&evidence, &permit.evidence).unwrap();
    fs::write(&proof, &permit.proof).unwrap();
    // `pharmacy.midori`, as evidence spells values, and a pharmacy of almost the same name.
    let [holder, other] = ["AXBoYXJtYWN5Lm1pZG9yaQ==", "AXBoYXJtYWN5Lm1pZG9ybw=="];
    assert!(permit.evidence.contains(holder));
    fs::write(&bent, permit.evidence.replacen(holder, other, 1)).unwrap();
    fs::write(&key, holder_key()).unwrap();
    let vkey = log_signer().vkey();
    let mut console = Console::new();
    let mut verify = |file: &str, more: &[&str]| {
        let arguments = [&["verify", file, "--vkey", &vkey], more].concat();
        console.run(&mut audit(&arguments), timeless);
    };
    verify(&evidence, &[]);
    verify(&evidence, &["--holder-key", &key]);
    verify(&evidence, &["--holder-key", &key, "--release"]);
    verify(&evidence, &["--json"]);
    verify(&bent, &[]);
    verify(&bent, &["--json"]);
    verify(&proof, &[]);
    verify(&key, &[]);
    console.run(&mut audit(&["verify", &proof]), timeless);
    let folder = folder.path().to_str().unwrap();
    assert_reads_as("verify", &console.transcript(&[(folder, "FOLDER")]));
}

#[test]
fn evidence_that_may_be_released_on_reads_as_in_its_snapshot() {
    let permit = Permit::decided(LONG_AGO);
    let vkey = VerifyingKey::parse(&log_signer().vkey()).unwrap();
    let keys = LogKeys::new(vec![vkey]).unwrap();
    let at = Timestamp::from_millis(LONG_AGO + 1_000);
    let presentation = permit::presented(&permit.evidence, at);
    let report = verify::run(&verify::Request {
        bytes: permit.evidence.as_bytes(),
        keys: &keys,
        holder_keys: &[HolderKey::parse(holder_key().as_bytes()).unwrap()],
        now: at,
        presented: Some(verify::Asked {
            presentation: presentation.as_bytes(),
            method: "GET",
            path: PATH,
            body: b"",
        }),
        kept: Some(verify::Kept {
            log: &SeenLog::new(keys.origin().clone()),
            links: &[],
            catch_up: None,
        }),
        release: true,
        log: None,
        whole: false,
    });
    let shown = report::of_verify("a.akashi-evidence", &report, KeysFrom::Argument, Form::Text);
    assert_reads_as("release", &without_digests(&shown));
}

#[test]
fn a_history_is_checked_as_in_its_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut story = Story::honest();
    story.log.write(&folder.path().join("log"));
    let (key, log) = (path("key.txt"), path("log"));
    fs::write(&key, story.key.to_text() + "\n").unwrap();
    let (whole, short, older) = (path("whole"), path("short"), path("older"));
    fs::write(&whole, story.file()).unwrap();
    fs::write(&short, story.file_of(10)).unwrap();
    story.made_at = 601;
    fs::write(&older, story.file_of(10)).unwrap();
    let vkey = log_signer().vkey();
    let mut console = Console::new();
    let mut history = |file: &str, more: &[&str]| {
        let arguments = [&["history", file, "--key-file", &key, "--log", &log], more].concat();
        console.run(&mut audit(&arguments), timeless);
    };
    history(&whole, &["--vkey", &vkey]);
    history(&whole, &["--vkey", &vkey, "--json"]);
    history(&short, &["--vkey", &vkey]);
    history(&short, &["--vkey", &vkey, "--json"]);
    history(&older, &["--vkey", &vkey]);
    history(&older, &["--vkey", &vkey, "--json"]);
    history(&key, &[]);
    let folder = folder.path().to_str().unwrap();
    assert_reads_as("history", &console.transcript(&[(folder, "FOLDER")]));
}

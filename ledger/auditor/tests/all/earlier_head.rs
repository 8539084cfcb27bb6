//! What a log signed before, held against what it shows now: rewritten, forked, cut - or grown.

use std::fs;
use std::process::{Command, Output};

use akashi_actors::claims::certified;
use akashi_actors::log::random_entry;
use akashi_actors::{SeededSigner, named, permit, sign};
use akashi_proof::digest::Digest;
use akashi_proof::jws::Type;
use akashi_proof::key::thumbprint;
use akashi_proof::record::kind::Event;
use akashi_proof::record::value::Bytes;
use serde_json::Value;

use crate::person::Story;
use crate::support::{
    HOSPITAL_SEED, OPENED, ORIGIN, Permit, TestLog, assert_exit, by_supervisors, carried, certify,
    log_signer, members, opened_under, registry_record,
};

fn audit(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akashi-audit"));
    command.args(arguments).output().unwrap()
}

/// A folder with the log of today in it, and files people kept beside it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn with(log: &TestLog) -> Self {
        let folder = tempfile::tempdir().unwrap();
        log.write(&folder.path().join("log"));
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn keep(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// The checkpoint this log signs.
    fn keep_checkpoint(&self, log: &TestLog) -> String {
        self.keep("checkpoint", log.checkpoint(&log.tree()).to_string())
    }

    fn fsck(&self, earlier: &str) -> Output {
        let (log, vkey) = (self.path("log"), log_signer().vkey());
        audit(&["fsck", &log, "--vkey", &vkey, "--earlier", earlier])
    }

    fn verify(&self, file: &str) -> Output {
        let (log, vkey) = (self.path("log"), log_signer().vkey());
        audit(&["verify", file, "--vkey", &vkey, "--log", &log])
    }
}

/// The same log until `from`, and other entries after it.
fn rewritten(from: usize, size: u64) -> TestLog {
    let mut log = TestLog::honest(size);
    for (at, entry) in log.entries.iter_mut().enumerate().skip(from) {
        *entry = random_entry(1_000_000 + at as u64);
    }
    log
}

#[test]
fn a_log_that_grew_begins_with_every_tree_it_signed() {
    let desk = Desk::with(&TestLog::honest(700));
    for size in [1, 2, 3, 255, 256, 257, 511, 512, 513, 699, 700] {
        let log = TestLog::honest(size);
        let checkpoint = desk.keep_checkpoint(&log);
        assert_exit(&desk.fsck(&checkpoint), 0, &format!("begins with {size} "));
        let proof = desk.keep("a.tlog-proof", log.proof(size / 2).to_string());
        assert_exit(&desk.fsck(&proof), 0, &format!("begins with {size} "));
        assert_exit(
            &desk.verify(&proof),
            0,
            &format!("begins with       {size} "),
        );
    }
}

#[test]
fn a_rewritten_log_is_found_by_whatever_somebody_kept() {
    let before = TestLog::honest(601);
    for (from, size) in [(600, 700), (300, 601), (256, 602), (20, 5000), (600, 601)] {
        let desk = Desk::with(&rewritten(from, size));
        let alone = audit(&["fsck", &desk.path("log"), "--vkey", &log_signer().vkey()]);
        assert!(!String::from_utf8_lossy(&alone.stdout).contains("TWO HISTORIES"));
        let root = before.tree().root().to_string();
        let checkpoint = desk.keep_checkpoint(&before);
        let proof = desk.keep("a.tlog-proof", before.proof(17).to_string());
        for found in [
            desk.fsck(&checkpoint),
            desk.fsck(&proof),
            desk.verify(&proof),
        ] {
            let (said, now) = (
                format!("TWO HISTORIES: the log has signed 601 entries with root {root}"),
                format!("of the {size} entries with root"),
            );
            assert_exit(&found, 1, &said);
            assert_exit(&found, 1, &now);
        }
    }
}

#[test]
fn a_log_put_back_and_not_yet_grown_again_was_cut() {
    let before = TestLog::honest(601);
    for size in [600, 300, 1] {
        let desk = Desk::with(&TestLog::honest(size));
        let checkpoint = desk.keep_checkpoint(&before);
        let proof = desk.keep("a.tlog-proof", before.proof(0).to_string());
        for found in [
            desk.fsck(&checkpoint),
            desk.fsck(&proof),
            desk.verify(&proof),
        ] {
            assert_exit(&found, 1, "THE LOG WAS CUT: it has signed 601 entries");
            assert_exit(&found, 1, &format!("now is {size} entries with root"));
        }
    }
}

#[test]
fn evidence_and_histories_are_heads_too() {
    let permit = Permit::decided(1_600_000_000_000);
    let desk = Desk::with(&permit.log);
    let evidence = desk.keep("a.akashi-evidence", &permit.evidence);
    assert_exit(&desk.fsck(&evidence), 0, "begins with 300 entries");
    assert_exit(&desk.verify(&evidence), 0, "begins with       300 entries");
    let forked = Desk::with(&rewritten(290, 400));
    let evidence = forked.keep("a.akashi-evidence", &permit.evidence);
    assert_exit(&forked.fsck(&evidence), 1, "TWO HISTORIES");
    assert_exit(&forked.verify(&evidence), 1, "TWO HISTORIES");

    let story = Story::honest();
    let desk = Desk::with(&story.log);
    let history = desk.keep("her.akashi-history", story.file());
    assert_exit(&desk.fsck(&history), 0, "begins with 700 entries");
    let mut longer = Story::honest().log;
    longer.set(650, TestLog::honest(700).entry(649));
    let desk = Desk::with(&longer);
    let history = desk.keep("her.akashi-history", story.file());
    assert_exit(&desk.fsck(&history), 1, "TWO HISTORIES");
}

#[test]
fn what_the_log_did_not_sign_accuses_nobody() {
    let desk = Desk::with(&TestLog::honest(300));
    let mut other = TestLog::honest(200);
    other.signers = vec![SeededSigner::log("other.example/log", 1)];
    other.origin = "other.example/log".to_owned();
    let checkpoint = desk.keep_checkpoint(&other);
    assert_exit(
        &desk.fsck(&checkpoint),
        2,
        "is of log `other.example/log`, the log that was read is `demo.akashi.example/log`",
    );
    let mut forged = rewritten(10, 200);
    forged.signers = vec![SeededSigner::log(ORIGIN, 99)];
    let checkpoint = desk.keep_checkpoint(&forged);
    assert_exit(
        &desk.fsck(&checkpoint),
        2,
        "carries no checkpoint that a key of this log has signed",
    );
    let mut text = TestLog::honest(200).proof(3).to_string();
    text = text.replacen("200\n", "201\n", 1);
    let bent = desk.keep("bent.tlog-proof", text);
    assert_exit(&desk.fsck(&bent), 2, "carries no checkpoint");
    let page = desk.keep("page", "<!doctype html>\n<p>Welcome to the hotel\n");
    assert_exit(&desk.fsck(&page), 2, "neither proof, evidence, history nor");
    assert_exit(&desk.fsck("/no/such/file"), 2, "cannot be read");
}

#[test]
fn a_lie_about_the_tiles_is_no_consistency() {
    let (before, now) = (TestLog::honest(200), TestLog::honest(700));
    let desk = Desk::with(&now);
    let proof = desk.keep("a.tlog-proof", before.proof(3).to_string());
    // One hash that stands on the edge of the older tree.
    let tile = desk.path("log/tile/0/000");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[199 * 32] ^= 1;
    fs::write(&tile, bytes).unwrap();
    assert_exit(&desk.verify(&proof), 1, "the tiles do not lead to the root");
    fs::remove_file(&tile).unwrap();
    assert_exit(&desk.verify(&proof), 1, "is needed but is not there");
}

#[test]
fn programs_read_the_same_of_earlier_heads() {
    let desk = Desk::with(&TestLog::honest(700));
    let before = TestLog::honest(300);
    let proof = desk.keep("a.tlog-proof", before.proof(3).to_string());
    let (log, vkey) = (desk.path("log"), log_signer().vkey());
    let json =
        |arguments: &[&str]| -> Value { serde_json::from_slice(&audit(arguments).stdout).unwrap() };
    let root = before.tree().root().to_base64();
    let fsck = json(&["fsck", &log, "--vkey", &vkey, "--earlier", &proof, "--json"]);
    let verify = json(&["verify", &proof, "--vkey", &vkey, "--log", &log, "--json"]);
    for held in [&fsck["begins_with"][0], &verify["today"]["begins_with"][0]] {
        assert_eq!(held["size"], 300);
        assert_eq!(held["root"], root);
    }
    assert_eq!(verify["today"]["size"], 700);
    assert_eq!(verify["today"]["complete"], true);
}

/// A log whose registry says this, after who supervises, and a permit of ten seconds later in it.
fn permit_under(acts: &[Event]) -> (Desk, String) {
    let opened = std::iter::once(opened_under(2));
    let events = (1..).zip(opened.chain(acts.iter().cloned()));
    let registry: Vec<_> = events
        .map(|(seq, event)| registry_record(seq, event))
        .collect();
    let log = TestLog::of(&registry, 300);
    let permit = Permit::in_log(log, OPENED + 10_000, &permit::LINK_KEY);
    let desk = Desk::with(&permit.log);
    let file = desk.keep("a.akashi-evidence", &permit.evidence);
    (desk, file)
}

#[test]
fn whose_key_presents_evidence_is_asked_of_the_registry_and_so_is_the_pack() {
    let hospital = named(permit::REQUESTER);
    let of_hospital = members(&certified(&hospital, ("中央", "Chuo"), "hospital"));
    let certified = || by_supervisors(&of_hospital);
    let kid = thumbprint(hospital.public());
    let (iss, iat) = (hospital.id(), OPENED / 1_000);
    let revoked = format!(
        r#"{{"iss":"{iss}","aud":"{ORIGIN}","iat":{iat},"jti":"{kid:.22}","act":"key.revoked","kid":"{kid}","reason":"lost"}}"#
    );
    let revoked = sign(&hospital, Type::Act, &revoked);
    let revoked = carried(&[Bytes(revoked.as_bytes().to_vec())]);
    let digest = Digest::from_bytes([8; 32]).to_base64url();
    let activated =
        format!(r#""act":"policy.activated","pack":"town","version":2,"policy_digest":"{digest}""#);
    let other_pack = by_supervisors(&activated);
    let other_key = by_supervisors(&certify("hospital.chuo", HOSPITAL_SEED));
    let whole = |desk: &Desk, file: &str| {
        let (log, vkey) = (desk.path("log"), log_signer().vkey());
        audit(&["verify", file, "--vkey", &vkey, "--log", &log, "--whole"])
    };
    let (desk, file) = permit_under(&[certified()]);
    assert_exit(&whole(&desk, &file), 0, "that key is of    hospital.chuo");
    for (acts, field) in [
        (vec![other_key], "presenter_key"),
        (vec![], "presenter_key"),
        (vec![certified(), revoked], "presenter_key"),
        (vec![certified(), other_pack], "policy_digest"),
    ] {
        let (desk, file) = permit_under(&acts);
        assert_exit(
            &whole(&desk, &file),
            1,
            &format!("registry: `{field}`: expected"),
        );
        assert_exit(&desk.verify(&file), 0, "GOOD");
    }
    // Where the registry cannot be read nothing is good, and of a proof nothing is asked.
    let (desk, file) = permit_under(&[certified()]);
    fs::remove_file(desk.path("log/registry/2")).unwrap();
    assert_exit(&whole(&desk, &file), 1, "registry/2");
    let honest = TestLog::honest(300);
    let desk = Desk::with(&honest);
    let proof = desk.keep("a.tlog-proof", honest.proof(7).to_string());
    assert_exit(&whole(&desk, &proof), 0, "GOOD");
}

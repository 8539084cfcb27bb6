//! Logs that lie, each in one way: every lie ends in exit 1, and the report names the place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use akashi_actors::SeededSigner;
use akashi_audit::source::Folder;
use akashi_check::finding::FINDINGS_MAX;
use akashi_check::fsck::{self, Report, Request};
use akashi_check::source::{FetchError, Fetched, Source};
use akashi_check::verdict::Verdict;
use akashi_proof::ids::{Seq, Timestamp};
use akashi_proof::particulars::{Line, Name, Reading, Telephone, WebPage};
use akashi_proof::record::Position;
use akashi_proof::record::kind::Event;
use akashi_proof::record::value::Bytes;
use akashi_tlog::checkpoint::{LogKeys, Origin};
use akashi_tlog::merkle::Hash;
use akashi_tlog::signed_note::VerifyingKey;

use crate::support::{
    ORIGIN, TestLog, by_one_supervisor, by_supervisors_anew, certify, honest_registry, log_signer,
    opened_under, registry_record, renumber, renumber_supervisor, supervisor_vkeys,
};

fn keys(vkey: &str) -> LogKeys {
    LogKeys::new(vec![VerifyingKey::parse(vkey).unwrap()]).unwrap()
}

fn check_folder(folder: &Path) -> Report {
    fsck::run(&Request {
        keys: Some(&keys(&log_signer().vkey())),
        workers: 2,
        ..Request::of(&Folder::new(folder).unwrap())
    })
}

fn check(log: &TestLog) -> Report {
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    check_folder(folder.path())
}

fn lines(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.place, finding.problem))
        .collect()
}

/// Dishonest, and one of the findings begins and ends like this.
#[track_caller]
fn assert_caught(report: &Report, place: &str, problem: &str) {
    assert_named(report, place, problem);
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
}

/// One of the findings begins and ends like this.
#[track_caller]
fn assert_named(report: &Report, place: &str, problem: &str) {
    let lines = lines(report);
    let named = lines
        .iter()
        .any(|line| line.starts_with(&format!("{place}: ")) && line.contains(problem));
    assert!(
        named,
        "expected `{place}: ...{problem}...`, found {lines:#?}"
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path))
        } else {
            files.push(path)
        }
    }
    files.sort();
    files
}

// --- Files changed after the log was published ---

#[test]
fn one_changed_byte_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    TestLog::honest(300).write(folder.path());
    let files = files(folder.path());
    assert_eq!(
        files.len(),
        12,
        "checkpoint, vkey, 3 tiles, 2 bundles, 5 registry records: {files:?}"
    );
    for file in files {
        let good = fs::read(&file).unwrap();
        let name = file
            .strip_prefix(folder.path())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let step = (good.len() / 60).max(1);
        for at in (0..good.len()).step_by(step).chain([good.len() - 1]) {
            for bit in [0x01, 0x80] {
                let mut changed = good.clone();
                changed[at] ^= bit;
                fs::write(&file, changed).unwrap();
                let report = check_folder(folder.path());
                let lines = lines(&report);
                assert_eq!(
                    report.verdict(),
                    of_changed(&name),
                    "{name} byte {at} bit {bit:02x}: {lines:?}"
                );
                // A changed entry may be named by its index, by its bundle, or by the tile it no
                // longer agrees with.
                let named = if let Some(bundle) = name.strip_prefix("tile/entries/") {
                    let tile = format!("tile/0/{bundle}: ");
                    lines.iter().any(|l| {
                        l.starts_with(&tile) || l.starts_with("entry ") || l.starts_with(&name)
                    })
                } else {
                    lines.iter().any(|l| l.starts_with(&format!("{name}: ")))
                };
                assert!(named, "{name} byte {at} bit {bit:02x}: {lines:?}");
            }
        }
        fs::write(&file, good).unwrap();
    }
    assert_eq!(check_folder(folder.path()).verdict(), Verdict::Good);
}

/// What a changed file shows. A checkpoint that no key has signed and a list of keys, which nobody
/// signs, could be anybody's; everything else is held against what the log has signed.
fn of_changed(name: &str) -> Verdict {
    if ["checkpoint", "vkey"].contains(&name) {
        Verdict::CouldNotCheck
    } else {
        Verdict::DishonestOrBroken
    }
}

#[test]
fn every_file_missing_cut_or_longer() {
    let folder = tempfile::tempdir().unwrap();
    TestLog::honest(300).write(folder.path());
    for file in files(folder.path()) {
        let good = fs::read(&file).unwrap();
        let name = file
            .strip_prefix(folder.path())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let is_checkpoint = name == "checkpoint";

        fs::remove_file(&file).unwrap();
        let report = check_folder(folder.path());
        if is_checkpoint {
            assert_eq!(
                report.verdict(),
                Verdict::CouldNotCheck,
                "without a checkpoint there is no log to judge"
            );
        } else {
            assert_caught(
                &report,
                &name,
                if name.starts_with("registry") {
                    "no published body"
                } else {
                    "not there"
                },
            );
        }
        for (what, bytes) in [
            ("empty", vec![]),
            ("cut", good[..good.len() - 1].to_vec()),
            ("longer", [&good[..], &[0]].concat()),
            ("huge", good.repeat((3 << 20) / good.len())),
        ] {
            fs::write(&file, bytes).unwrap();
            let report = check_folder(folder.path());
            assert_eq!(
                report.verdict(),
                of_changed(&name),
                "{name} {what}: {:?}",
                lines(&report)
            );
            assert!(
                lines(&report).iter().any(|line| line.starts_with(&name)),
                "{name} {what}: {:?}",
                lines(&report)
            );
        }
        fs::write(&file, good).unwrap();
    }
}

#[test]
fn a_folder_where_a_file_should_be_could_not_be_checked() {
    let folder = tempfile::tempdir().unwrap();
    TestLog::honest(300).write(folder.path());
    let tile = folder.path().join("tile/0/000");
    fs::remove_file(&tile).unwrap();
    fs::create_dir(&tile).unwrap();
    assert_eq!(
        check_folder(folder.path()).verdict(),
        Verdict::CouldNotCheck
    );
}

#[test]
fn a_long_log_names_the_hash_and_the_entry() {
    let folder = tempfile::tempdir().unwrap();
    TestLog::honest(66_000).write(folder.path());
    let change = |path: &str, at: usize| {
        let file = folder.path().join(path);
        let mut bytes = fs::read(&file).unwrap();
        bytes[at] ^= 1;
        fs::write(file, bytes).unwrap();
    };
    change("tile/0/023", 17 * 32 + 3);
    assert_caught(&check_folder(folder.path()), "tile/0/023", "hash 17 is");
    assert_caught(
        &check_folder(folder.path()),
        "tile/0/023",
        "entry 5905 hashes to",
    );
    assert_eq!(
        check_folder(folder.path()).findings.len(),
        1,
        "the entries and everything above are right"
    );
    change("tile/0/023", 17 * 32 + 3);

    change("tile/1/000", 200 * 32);
    assert_caught(
        &check_folder(folder.path()),
        "tile/1/000",
        "entries 51200 to 51455 hash to",
    );
    change("tile/1/000", 200 * 32);
    change("tile/2/000.p/1", 0);
    assert_caught(
        &check_folder(folder.path()),
        "tile/2/000.p/1",
        "entries 0 to 65535 hash to",
    );
    change("tile/2/000.p/1", 0);

    change("tile/entries/023", 17 * 99 + 50);
    assert_caught(
        &check_folder(folder.path()),
        "tile/0/023",
        "entry 5905 hashes to",
    );
    assert_caught(
        &check_folder(folder.path()),
        "tile/2/000.p/1",
        "entries 0 to 65535",
    );
    assert_caught(&check_folder(folder.path()), "checkpoint", "signs root");
}

#[test]
fn no_more_than_twenty_problems_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    TestLog::honest(10_000).write(folder.path());
    fs::remove_dir_all(folder.path().join("tile/0")).unwrap();
    let report = check_folder(folder.path());
    assert_eq!(
        (report.findings.len(), report.is_complete),
        (FINDINGS_MAX, false)
    );
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
}

// --- Lies told by whoever holds the log's key ---

#[test]
fn a_signed_root_over_another_tree() {
    let mut log = TestLog::honest(700);
    log.other_root = Some(Hash::leaf(b"another tree"));
    assert_caught(&check(&log), "checkpoint", "signs root");

    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    log.other_root = None;
    log.write(one.path());
    log.entries.swap(600, 601);
    log.write(other.path());
    fs::copy(
        other.path().join("checkpoint"),
        one.path().join("checkpoint"),
    )
    .unwrap();
    assert_caught(&check_folder(one.path()), "checkpoint", "signs root");
}

#[test]
fn a_size_that_is_not_the_entries() {
    let (short, long) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    TestLog::honest(300).write(short.path());
    TestLog::honest(301).write(long.path());
    fs::copy(
        long.path().join("checkpoint"),
        short.path().join("checkpoint"),
    )
    .unwrap();
    assert_caught(
        &check_folder(short.path()),
        "tile/entries/001.p/45",
        "not there",
    );
    assert_caught(&check(&TestLog::honest(0)), "checkpoint", "empty log");
}

#[test]
fn swapped_entries_after_publication() {
    let folder = tempfile::tempdir().unwrap();
    TestLog::honest(300).write(folder.path());
    let file = folder.path().join("tile/entries/000");
    let bytes = fs::read(&file).unwrap();
    fs::write(
        &file,
        [
            &bytes[..990],
            &bytes[1089..1188],
            &bytes[990..1089],
            &bytes[1188..],
        ]
        .concat(),
    )
    .unwrap();
    assert_caught(&check_folder(folder.path()), "tile/0/000", "hash 10 is");
    assert_caught(&check_folder(folder.path()), "tile/0/000", "and 1 more");
    assert_caught(&check_folder(folder.path()), "checkpoint", "signs root");
}

#[test]
fn entries_that_are_not_ours() {
    for version in [0x00, 0x01, 0xA2] {
        let mut log = TestLog::honest(300);
        log.entries[257][0] = version;
        assert_caught(&check(&log), "entry 257", "expected version byte 0xa1");
    }
    for length in [0, 96, 98] {
        let mut log = TestLog::honest(300);
        log.entries[17].resize(length, 7);
        assert_caught(&check(&log), "entry 17", "expected 97 bytes");
    }
}

#[test]
fn a_tag_or_a_gate_that_occurs_twice() {
    let mut log = TestLog::honest(5300);
    let [mut tag, mut gate, mut gate_as_tag, mut own] =
        [5200, 5201, 5202, 5203].map(|index| log.entry(index));
    tag.tag = log.entry(40).tag;
    gate.gate = log.entry(41).gate;
    gate_as_tag.tag = log.entry(42).gate;
    own.gate = own.tag;
    for (index, entry) in [(5200, tag), (5201, gate), (5202, gate_as_tag), (5203, own)] {
        log.set(index, entry);
    }
    let report = check(&log);
    assert_caught(&report, "entry 5200", "its tag is the tag of entry 40");
    assert_caught(&report, "entry 5201", "its gate is the gate of entry 41");
    assert_caught(&report, "entry 5202", "its tag is the gate of entry 42");
    assert_caught(&report, "entry 5203", "its gate is the tag of entry 5203");
    assert_eq!(report.findings.len(), 4);
}

#[test]
fn eight_equal_bytes_accuse_nobody() {
    let mut log = TestLog::honest(300);
    let (mut one, other) = (log.entry(100), log.entry(200));
    one.gate[..31].copy_from_slice(&other.gate[..31]);
    log.set(100, one);
    assert_eq!(check(&log).verdict(), Verdict::Good);
}

/// Gives the first bundle of another log from the second time on.
struct Fickle {
    folders: [Folder; 2],
    asked: AtomicUsize,
}

impl Source for Fickle {
    fn fetch(
        &self,
        path: &str,
        len_max: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<Fetched, FetchError> {
        let times = if path == "tile/entries/000" {
            self.asked.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        };
        self.folders[times.min(1)].fetch(path, len_max, bytes)
    }

    fn workers(&self) -> usize {
        1
    }
}

#[test]
fn a_repeat_that_is_gone_when_it_is_looked_at_again() {
    let [repeating, honest] = [(), ()].map(|()| tempfile::tempdir().unwrap());
    let mut log = TestLog::honest(300);
    log.write(honest.path());
    let mut entry = log.entry(20);
    entry.gate = log.entry(10).gate;
    log.set(20, entry);
    log.write(repeating.path());
    let folders = [&repeating, &honest].map(|folder| Folder::new(folder.path()).unwrap());
    let report = fsck::run(&Request::of(&Fickle {
        folders,
        asked: AtomicUsize::new(0),
    }));
    assert_caught(
        &report,
        "tags and gates",
        "gave other entries when it was asked again",
    );
}

#[test]
fn a_registry_record_repeated_under_its_own_tag() {
    let mut log = TestLog::honest(300);
    let mut entry = log.entry(250);
    entry.tag = log.entry(2).tag;
    log.set(250, entry);
    assert_caught(&check(&log), "entry 250", "its tag is the tag of entry 2");
}

// --- Keys ---

#[test]
fn a_checkpoint_signed_by_another_key() {
    let mut log = TestLog::honest(300);
    log.signers = vec![SeededSigner::log(ORIGIN, 99)];
    let report = check(&log);
    assert_named(&report, "checkpoint", "1 known key(s) is expected");
    assert_eq!(report.verdict(), Verdict::CouldNotCheck);
}

#[test]
fn keys_published_that_are_not_those_we_know() {
    let mut log = TestLog::honest(300);
    log.vkeys = SeededSigner::log(ORIGIN, 99).vkey() + "\n";
    let report = check(&log);
    assert_named(&report, "vkey", "none of the keys that were given");
    assert_eq!(report.verdict(), Verdict::CouldNotCheck);
}

#[test]
fn a_log_opened_under_another_key_than_it_signs_with() {
    let mut log = TestLog::honest(300);
    log.signers = vec![SeededSigner::log(ORIGIN, 99)];
    log.vkeys = log.signers[0].vkey() + "\n";
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    let report = fsck::run(&Request::of(&Folder::new(folder.path()).unwrap()));
    assert_caught(&report, "entry 0", "none of the keys used");
}

#[test]
fn a_log_under_another_name() {
    let mut log = TestLog::honest(300);
    let signer = SeededSigner::log("other.example/log", 1);
    log.origin = "other.example/log".to_owned();
    log.vkeys = signer.vkey() + "\n";
    log.signers = vec![signer];
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    let report = fsck::run(&Request::of(&Folder::new(folder.path()).unwrap()));
    assert_caught(
        &report,
        "registry/1",
        "belongs to log `demo.akashi.example/log`, not `other.example/log`",
    );
}

// --- Supervisors ---

fn vkeys(keys: &[&str]) -> Vec<VerifyingKey> {
    let parse = |key: &&str| VerifyingKey::parse(key).unwrap();
    keys.iter().map(parse).collect()
}

fn check_supervised(log: &TestLog, supervisors: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    fsck::run(&Request {
        keys: Some(&keys(&log_signer().vkey())),
        supervisors: &vkeys(supervisors),
        ..Request::of(&Folder::new(folder.path()).unwrap())
    })
}

#[test]
fn supervisors_are_named_and_must_be_those_the_auditor_knows() {
    let log = TestLog::honest(700);
    let [north, south] = supervisor_vkeys();
    let stranger = SeededSigner::log("supervisor.east", 77).vkey();
    let same_name = SeededSigner::log("supervisor.south", 77).vkey();
    let report = check(&log);
    let named: Vec<_> = report.supervisors.ever.iter().collect();
    assert_eq!((named.len(), report.supervisors.threshold), (2, 2));
    assert!(named.iter().all(|one| one.is_now));
    for known in [[&north, &south], [&south, &north]] {
        let report = check_supervised(&log, &known.map(String::as_str));
        assert_eq!(report.verdict(), Verdict::Good, "{:?}", report.findings);
    }
    let fewer = check_supervised(&log, &[&north]);
    let said = format!("`{south}` is or was one, and is none of those given");
    assert_caught(&fewer, "supervisors", &said);
    let more = check_supervised(&log, &[&north, &south, &stranger]);
    let said = format!("`{stranger}` was given, and has never been one");
    assert_caught(&more, "supervisors", &said);
    let other = check_supervised(&log, &[&north, &same_name]);
    assert_caught(&other, "supervisors", "is none of those given");
    assert_caught(&other, "supervisors", "has never been one");
}

#[test]
fn a_log_in_which_one_supervisor_is_enough() {
    let mut registry = honest_registry();
    registry[0].event = opened_under(1);
    assert_caught(
        &check(&TestLog::of(&registry, 300)),
        "registry/1",
        "one supervisor alone decides: at least 2 must sign",
    );
}

#[test]
fn an_act_of_the_supervisors_repeated_by_the_operator() {
    // Suspended, reinstated, suspended again: the operator ends that with what was signed before.
    let mut registry = honest_registry();
    let suspended =
        r#""act":"institution.suspended","institution":"hospital.chuo","reason":"again""#;
    registry.truncate(7);
    registry.push(registry_record(8, by_supervisors_anew(suspended, 1)));
    let reinstated = registry[6].event.clone();
    assert_eq!(
        check(&TestLog::of(&registry, 5300)).verdict(),
        Verdict::Good
    );
    registry.push(registry_record(9, reinstated));
    let report = check(&TestLog::of(&registry, 5300));
    assert_caught(&report, "registry/9", "has carried an act before");
}

// --- The registry ---

#[test]
fn a_gap_in_the_registry() {
    let registry = honest_registry();
    let mut log = TestLog::of(&registry[..3], 300);
    log.place(200, 5, &registry[4]);
    assert_caught(
        &check(&log),
        "registry/4",
        "has no entry, though record 5 stands at entry 200",
    );
    let mut log = TestLog::of(&registry[..3], 300);
    log.place(200, 700, &registry[4]);
    assert_caught(
        &check(&log),
        "registry/4",
        "has no entry, though record 700 stands at entry 200",
    );
}

#[test]
fn a_registry_that_does_not_begin_with_entry_0() {
    let registry = honest_registry();
    let mut log = TestLog::of(&[], 300);
    assert_caught(&check(&log), "entry 0", "is not registry record 1");
    log.place(3, 1, &registry[0]);
    assert_caught(&check(&log), "entry 0", "is not registry record 1");
    let mut log = TestLog::of(&registry[..1], 300);
    log.place(0, 1, &registry_record(1, registry[1].event.clone()));
    assert_caught(
        &check(&log),
        "registry/1",
        "the first record is not `ledger.opened`",
    );
}

#[test]
fn registry_records_out_of_order() {
    let registry = honest_registry();
    let mut log = TestLog::of(&registry[..1], 300);
    log.place(9, 2, &registry[1]);
    log.place(8, 3, &registry[2]);
    assert_caught(
        &check(&log),
        "registry/3",
        "stands at entry 8, before record 2 at entry 9",
    );
}

#[test]
fn a_registry_tag_over_another_number() {
    let registry = honest_registry();
    let mut log = TestLog::of(&registry[..2], 300);
    log.place(9, 3, &registry[4]);
    assert_caught(
        &check(&log),
        "registry/3",
        "expected registry seq 3, found 5",
    );
}

#[test]
fn a_body_that_is_another_record() {
    let mut log = TestLog::honest(300);
    let other = log.bodies[&2].clone();
    log.bodies.insert(3, other);
    assert_caught(&check(&log), "registry/3", "not the one entry 2 commits to");
}

#[test]
fn time_runs_backward_in_the_registry() {
    let mut registry = honest_registry();
    registry[2].time = Timestamp::from_millis(registry[1].time.as_millis() - 1);
    assert_caught(
        &check(&TestLog::of(&registry, 300)),
        "registry/3",
        "before the",
    );
}

#[test]
fn a_record_of_another_log() {
    let mut registry = honest_registry();
    registry[2].origin = Origin::new("other.example/log").unwrap();
    assert_caught(
        &check(&TestLog::of(&registry, 300)),
        "registry/3",
        "belongs to log `other.example/log`",
    );
}

#[test]
fn an_institution_invented_by_the_operator() {
    type Lie = Box<dyn Fn(&mut Event)>;
    let lies: [(&str, Lie, &str); 5] = [
        (
            "one supervisor",
            Box::new(|e| *e = by_one_supervisor(&certify("hospital.chuo", 4))),
            "statements of 2 signers",
        ),
        (
            "none",
            Box::new(|e| {
                let Event::InstitutionCertified(e) = e else {
                    unreachable!()
                };
                e.statements.clear();
            }),
            "statements of 1 signers, found 0",
        ),
        (
            "the same one twice",
            Box::new(|e| {
                let Event::InstitutionCertified(e) = e else {
                    unreachable!()
                };
                e.statements[1] = e.statements[0].clone();
            }),
            "the same one twice",
        ),
        (
            "another name than was signed",
            Box::new(|e| {
                let Event::InstitutionCertified(e) = e else {
                    unreachable!()
                };
                e.particulars.name_en = Name::parse("Another").unwrap();
            }),
            "say something else than the record",
        ),
        (
            "a changed statement",
            Box::new(|e| {
                let Event::InstitutionCertified(e) = e else {
                    unreachable!()
                };
                let statement = String::from_utf8(e.statements[0].0.clone()).unwrap();
                let (head, _) = statement.rsplit_once('.').unwrap();
                e.statements[0] = Bytes(format!("{head}.{}", "A".repeat(86)).into_bytes());
            }),
            "an Ed25519 signature by the key `kid` names",
        ),
    ];
    for (what, bend, problem) in lies {
        let mut registry = honest_registry();
        bend(&mut registry[1].event);
        let report = check(&TestLog::of(&registry, 300));
        assert_caught(&report, "registry/2", problem);
        assert!(!report.is_complete && report.checked.registry_records == 1);
        assert_eq!(
            report.findings.len(),
            1,
            "{what}: what follows from a broken record is not blamed"
        );
    }
}

/// Whoever rings up a number of the registry's believes that supervisors stand behind it.
#[test]
fn a_number_that_supervisors_did_not_sign() {
    type Lie = fn(&mut Event);
    let other = || Telephone::parse("+81-55-000-9999").unwrap();
    let bend = |at: usize, lie: &dyn Fn(&mut Event), problem| {
        let mut registry = honest_registry();
        lie(&mut registry[at].event);
        let report = check(&TestLog::of(&registry, 6000));
        assert_caught(&report, &format!("registry/{}", at + 1), problem);
        assert_eq!(report.findings.len(), 1);
    };
    let not_signed: [(usize, Lie); 4] = [
        (1, |e| {
            let Event::InstitutionCertified(e) = e else {
                unreachable!()
            };
            e.particulars.web = WebPage::parse("https://chuo.evil.example/").ok();
        }),
        (1, |e| {
            let Event::InstitutionCertified(e) = e else {
                unreachable!()
            };
            e.particulars.web = None;
        }),
        (8, |e| {
            let Event::InstitutionChanged(e) = e else {
                unreachable!()
            };
            e.particulars.name_kana = Reading::parse("べつのきかん").unwrap();
        }),
        (9, |e| {
            let Event::SupervisorChanged(e) = e else {
                unreachable!()
            };
            e.particulars.hours_ja = Line::parse("24時間").unwrap();
        }),
    ];
    for (at, lie) in not_signed {
        bend(at, &lie, "say something else than the record");
    }
    for at in [1, 8, 9] {
        let renumber = |e: &mut Event| match e {
            Event::InstitutionCertified(e) => e.particulars.telephone = other(),
            Event::InstitutionChanged(e) => e.particulars.telephone = other(),
            Event::SupervisorChanged(e) => e.particulars.telephone = other(),
            other => unreachable!("{other:?}"),
        };
        bend(at, &renumber, "say something else than the record");
    }
    let alone = |act: String| move |e: &mut Event| *e = by_one_supervisor(&act);
    let (hospital, north) = ("hospital.chuo", "supervisor.north");
    let too_few = "statements of 2 signers";
    bend(8, &alone(renumber(hospital, "+81-55-000-9999")), too_few);
    bend(
        9,
        &alone(renumber_supervisor(north, "+81-55-000-9999")),
        too_few,
    );
}

#[test]
fn a_name_or_number_that_no_supervisor_could_have_signed() {
    let lies: [(&[u8], &[u8], &str); 3] = [
        (b"+81-55-000-4321", b"+81-55-CALL-NOW", "`telephone`"),
        (b"https://body", b"javascript:a", "`web`"),
        // A bidi override in the place of three bytes of the address.
        (b"Tameshi, T", b"Tame\xE2\x80\xAE, T", "`address_en`"),
    ];
    for (from, to, field) in lies {
        let mut log = TestLog::of(&honest_registry(), 6000);
        let body = replace(&log.bodies[&9], from, to);
        log.bodies.insert(9, body);
        assert_caught(&check(&log), "registry/9", field);
    }
}

#[test]
fn a_personal_record_in_the_registry() {
    let mut record =
        akashi_actors::permit::permit(Timestamp::from_millis(crate::support::OPENED + 100_000));
    let Position::Person(place) = &mut record.position else {
        unreachable!()
    };
    place.seq = Seq::new(2).unwrap();
    let mut log = TestLog::of(&honest_registry()[..1], 300);
    log.place(9, 2, &record);
    assert_caught(
        &check(&log),
        "registry/2",
        "the record is not in the registry",
    );
}

#[test]
fn a_kind_of_a_later_version_could_not_be_checked() {
    // An honest log of a later version: the body is of a kind we do not know, and the entry commits
    // to it.
    let mut log = TestLog::honest(3);
    let body = log.bodies[&3].clone();
    let later = replace(&body, b"institution.certified", b"institution.exalted!!");
    log.bodies.insert(3, later);
    let mut entry = log.entry(2);
    entry.commitment = akashi_proof::digest::Digest::from_bytes([7; 32]);
    log.set(2, entry);
    let report = check(&log);
    assert_eq!(
        report.verdict(),
        Verdict::CouldNotCheck,
        "{:?}",
        lines(&report)
    );
    assert_eq!(
        lines(&report),
        [
            "registry/3: is of kind `institution.exalted!!` schema 1, which this version cannot check"
        ]
    );
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

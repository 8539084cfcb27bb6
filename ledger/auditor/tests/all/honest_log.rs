//! Honest logs pass, whatever their size, and the report says what was checked and with whose keys.

use akashi_actors::SeededSigner;
use akashi_proof::ids::Seq;
use std::fs;

use akashi_audit::source::Folder;
use akashi_check::fsck::{self, Checked, Report, Request};
use akashi_check::keys::KeysFrom;
use akashi_check::verdict::Verdict;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;

use crate::support::{
    REGISTRY_PLACES, TestLog, by_supervisors_anew, honest_registry, log_signer, registry_record,
};

fn check(log: &TestLog, workers: usize) -> Report {
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    let keys = LogKeys::new(vec![VerifyingKey::parse(&log_signer().vkey()).unwrap()]).unwrap();
    fsck::run(&Request {
        keys: Some(&keys),
        workers,
        ..Request::of(&Folder::new(folder.path()).unwrap())
    })
}

#[test]
fn every_size_passes() {
    for (size, entry_bundles, hash_tiles) in [
        (1, 1, 1),
        (2, 1, 1),
        (255, 1, 1),
        (256, 1, 2),
        (257, 2, 3),
        (700, 3, 4),
        (5300, 21, 22),
        (66_000, 258, 261),
    ] {
        let report = check(&TestLog::honest(size), 2);
        assert_eq!(
            report.verdict(),
            Verdict::Good,
            "{size}: {:?}",
            report.findings
        );
        let registry_records = REGISTRY_PLACES
            .iter()
            .filter(|place| **place < size)
            .count() as u64;
        let expected = Checked {
            entries: size,
            entry_bundles,
            hash_tiles,
            tags_and_gates: 2 * size,
            registry_records,
        };
        assert_eq!(report.checked, expected);
        assert_eq!(report.keys_from, KeysFrom::Argument);
    }
}

#[test]
fn any_number_of_workers_finds_the_same() {
    let mut log = TestLog::honest(9000);
    for index in [100, 4096, 8000] {
        log.entries[index][0] = 0;
    }
    log.entries[7000] = log.entries[70].clone();
    let found = |workers| {
        check(&log, workers)
            .findings
            .into_iter()
            .map(|f| (f.place, f.problem.to_string()))
    };
    let one: Vec<_> = found(1).collect();
    assert_eq!(one.len(), 5, "{one:?}");
    for workers in [2, 3, 16] {
        assert_eq!(found(workers).collect::<Vec<_>>(), one);
    }
}

#[test]
fn a_full_tile_stands_for_a_partial_one_that_is_gone() {
    let (folder, longer) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    TestLog::honest(700).write(folder.path());
    // The same log, grown: what the server has by the time an auditor reads the older checkpoint.
    TestLog::honest(1024).write(longer.path());
    for tile in ["tile/0/002", "tile/entries/002"] {
        fs::copy(longer.path().join(tile), folder.path().join(tile)).unwrap();
        fs::remove_dir_all(folder.path().join(format!("{tile}.p"))).unwrap();
    }
    let report = fsck::run(&Request::of(&Folder::new(folder.path()).unwrap()));
    assert_eq!(report.verdict(), Verdict::Good, "{:?}", report.findings);
    assert_eq!(report.keys_from, KeysFrom::Source);
}

#[test]
fn a_log_under_two_keys_passes_with_either() {
    let (old, new) = (log_signer(), SeededSigner::log(crate::support::ORIGIN, 99));
    let mut log = TestLog::honest(20);
    log.vkeys = format!("{}\n{}\n", old.vkey(), new.vkey());
    log.signers = vec![old, new];
    let report = check(&log, 1);
    assert_eq!(report.verdict(), Verdict::Good, "{:?}", report.findings);
}

#[test]
fn a_registry_beyond_the_tags_looked_for_first_is_found_by_reading_again() {
    // Far more registry records than a log of this size is looked through for at first.
    let registry = honest_registry();
    let mut log = TestLog::of(&registry[..2], 1200);
    for seq in 3..=1150 {
        let (act, reason) = if seq % 2 == 1 {
            ("institution.suspended", "inspection")
        } else {
            ("institution.reinstated", "cleared")
        };
        let act = format!(r#""act":"{act}","institution":"hospital.chuo","reason":"{reason}""#);
        let event = by_supervisors_anew(&act, seq);
        log.place(seq - 1, seq, &registry_record(seq, event));
    }
    let report = check(&log, 2);
    assert_eq!(report.verdict(), Verdict::Good, "{:?}", report.findings);
    assert_eq!(report.checked.registry_records, 1150);

    log.bodies.remove(&1100);
    let report = check(&log, 2);
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding.place)
        .collect();
    assert_eq!(found, [fsck::Place::Registry(Seq::new(1100).unwrap())]);
}

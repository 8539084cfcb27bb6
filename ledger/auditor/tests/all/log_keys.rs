//! A log that has changed its key: whoever knows either key takes it, and nobody who has only one
//! of them, or none, is believed a tree that is not his to sign.

use std::fs;

use akashi_actors::SeededSigner;
use akashi_actors::claims::{log_key_added, log_key_ended};
use akashi_audit::source::Folder;
use akashi_check::earlier::Earlier;
use akashi_check::fsck::{self, Report, Request};
use akashi_check::verdict::Verdict;
use akashi_proof::record::Record;
use akashi_proof::record::kind::Event;
use akashi_tlog::checkpoint::{LogKey, LogKeys};
use akashi_tlog::merkle::Hash;
use akashi_tlog::signed_note::Note;

use crate::support::{
    ORIGIN, TestLog, by_one_supervisor, by_supervisors, certify, log_signer, members, opened_under,
    registry_record,
};

/// The tree by which the log is handed over; the record that ends the first key is entry 5.
const HANDOVER: u64 = 4;
const LAST: u64 = 5;
const SIZE: u64 = 700;

pub fn second() -> SeededSigner {
    SeededSigner::log(ORIGIN, 66)
}

/// What the log says of its keys, as far as it has come.
fn registry(handover: Option<&Note>, added: Event) -> Vec<Record> {
    let mut events = vec![
        opened_under(2),
        added,
        by_supervisors(&certify("hospital.chuo", 4)),
    ];
    events.extend(handover.map(|note| {
        let act = log_key_ended(&log_signer().vkey(), &note.to_string());
        by_supervisors(&members(&act))
    }));
    (1..)
        .zip(events)
        .map(|(seq, event)| registry_record(seq, event))
        .collect()
}

fn added() -> Event {
    by_supervisors(&members(&log_key_added(&second().vkey())))
}

/// While both keys sign.
fn overlapping(size: u64) -> TestLog {
    let mut log = TestLog::of(&registry(None, added()), size);
    log.signers = vec![log_signer(), second()];
    log.vkeys = format!("{}\n{}\n", log_signer().vkey(), second().vkey());
    log
}

fn checkpoint(log: &TestLog) -> Note {
    log.checkpoint(&log.tree())
}

/// After the first has ended, handed over by this checkpoint.
fn handed_over(by: &Note) -> TestLog {
    let mut log = TestLog::of(&registry(Some(by), added()), SIZE);
    log.signers = vec![second()];
    log.vkeys = second().vkey() + "\n";
    log
}

/// The registry of an honest log that has changed its key: [`second`] signs now.
pub fn changed() -> Vec<Record> {
    registry(Some(&checkpoint(&overlapping(HANDOVER))), added())
}

fn honest() -> TestLog {
    handed_over(&checkpoint(&overlapping(HANDOVER)))
}

/// Checks a log with these keys, each with or without its sizes; none: the log's own.
fn check(log: &TestLog, keys: &[String], earlier: &[Note]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    let keys: Vec<LogKey> = keys.iter().map(|key| key.parse().unwrap()).collect();
    let keys = (!keys.is_empty()).then(|| LogKeys::of(keys).unwrap());
    let earlier = earlier
        .iter()
        .map(|note| Earlier::read("kept", &mut note.to_string().as_bytes()).unwrap());
    let earlier: Vec<_> = earlier.collect();
    fsck::run(&Request {
        keys: keys.as_ref(),
        earlier: &earlier,
        ..Request::of(&Folder::new(folder.path()).unwrap())
    })
}

#[track_caller]
fn assert_found(report: &Report, verdict: Verdict, said: &str) {
    let found: Vec<String> = report
        .findings
        .iter()
        .map(|one| format!("{}: {}", one.place, one.problem))
        .collect();
    assert_eq!(report.verdict(), verdict, "{found:#?}");
    assert!(
        said.is_empty() || found.iter().any(|one| one.contains(said)),
        "expected `{said}` in {found:#?}"
    );
}

fn signed_by(report: &Report) -> Vec<String> {
    let verified = report.checkpoint.as_ref().unwrap().signatures().iter();
    verified.map(|one| one.key().to_string()).collect()
}

#[test]
fn whoever_knows_one_key_follows_the_log_to_the_other() {
    let (a, b) = (log_signer().vkey(), second().vkey());
    let of_both = [format!("{a}@1-{LAST}"), format!("{b}@2-")];
    for keys in [
        vec![a.clone()],
        vec![b.clone()],
        vec![a.clone(), b.clone()],
        of_both.to_vec(),
        vec![],
    ] {
        let report = check(&honest(), &keys, &[]);
        assert_found(&report, Verdict::Good, "");
        assert_eq!(signed_by(&report), std::slice::from_ref(&b));
        let known = report.log_keys.unwrap();
        assert_eq!(
            known
                .keys()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            of_both
        );
        let followed = report
            .followed
            .iter()
            .map(|one| (one.by.to_string(), one.head.size.value()));
        let expected = if keys == std::slice::from_ref(&a) {
            vec![(a.clone(), HANDOVER)]
        } else {
            vec![]
        };
        assert_eq!(followed.collect::<Vec<_>>(), expected);
    }
    for keys in [&a, &b] {
        let report = check(&overlapping(SIZE), std::slice::from_ref(keys), &[]);
        assert_found(&report, Verdict::Good, "");
        assert_eq!(signed_by(&report), [a.clone(), b.clone()]);
    }
}

#[test]
fn an_ended_key_signs_nothing_more_and_accuses_nobody() {
    let (a, b) = (log_signer().vkey(), second().vkey());
    // Its thief goes on with the log as it is published.
    let mut stolen = honest();
    stolen.signers = vec![log_signer()];
    stolen.vkeys = log_signer().vkey() + "\n";
    let report = check(&stolen, std::slice::from_ref(&a), &[]);
    let said = format!("for trees of 1-{LAST} entries, and this is one of {SIZE}");
    assert_found(&report, Verdict::CouldNotCheck, &said);
    let report = check(&stolen, std::slice::from_ref(&b), &[]);
    assert_found(
        &report,
        Verdict::CouldNotCheck,
        "nothing the log has signed",
    );

    // And shows people heads of another one.
    let mut other = TestLog::honest(600);
    other.other_root = Some(Hash::leaf(b"another tree"));
    let beyond = checkpoint(&other);
    for keys in [vec![a.clone()], vec![b.clone()], vec![a.clone(), b.clone()]] {
        let report = check(&honest(), &keys, std::slice::from_ref(&beyond));
        assert_found(
            &report,
            Verdict::CouldNotCheck,
            "carries no checkpoint that a key",
        );
    }
    // What it signed while it was the log's is the log's word for ever: changing its key washes
    // nothing away.
    let mut before = TestLog::honest(LAST);
    before.other_root = Some(Hash::leaf(b"another tree"));
    let within = checkpoint(&before);
    for keys in [vec![a.clone()], vec![b.clone()], vec![a, b]] {
        let report = check(&honest(), &keys, std::slice::from_ref(&within));
        assert_found(&report, Verdict::DishonestOrBroken, "TWO HISTORIES");
    }
}

#[test]
fn nobody_is_followed_whom_no_known_key_vouches_for() {
    let a = log_signer().vkey();
    let unproven = |log: &TestLog| {
        let report = check(log, std::slice::from_ref(&a), &[]);
        assert_found(
            &report,
            Verdict::CouldNotCheck,
            "nothing the log has signed",
        );
        assert!(report.checkpoint.is_none() && report.supervisors.ever.is_empty());
    };
    // Whoever founds a log can name any key in its entry 0, and be followed by nobody.
    let mut founded = overlapping(SIZE);
    founded.signers = vec![second()];
    founded.vkeys = second().vkey() + "\n";
    unproven(&founded);
    // Nor by a handover that the known key has not signed, or has signed of another tree.
    let mut alone = overlapping(HANDOVER);
    alone.signers = vec![second()];
    unproven(&handed_over(&checkpoint(&alone)));
    let mut other = overlapping(HANDOVER);
    other.other_root = Some(Hash::leaf(b"another tree"));
    unproven(&handed_over(&checkpoint(&other)));
    // A handover that does not hold the record of the next key vouches for nothing.
    let early = {
        let mut log = TestLog::of(&registry(None, added()), 1);
        log.signers = vec![log_signer(), second()];
        checkpoint(&log)
    };
    unproven(&handed_over(&early));
    // A user who knows up to where the key counts is not followed beyond.
    let bounded = format!("{a}@1-{}", HANDOVER - 1);
    let report = check(&honest(), &[bounded], &[]);
    assert_found(
        &report,
        Verdict::CouldNotCheck,
        "nothing the log has signed",
    );
}

#[test]
fn keys_of_the_log_changed_otherwise_are_the_operators_own() {
    let (a, b) = (log_signer().vkey(), second().vkey());
    let dishonest = |log: &TestLog, key: &str, said: &str| {
        let report = check(log, &[key.to_owned()], &[]);
        assert_found(&report, Verdict::DishonestOrBroken, said);
    };
    // By one supervisor.
    let alone = by_one_supervisor(&members(&log_key_added(&b)));
    let mut log = TestLog::of(&registry(None, alone), SIZE);
    log.signers = vec![log_signer(), second()];
    dishonest(&log, &a, "statements of 2 signers");
    // With a tree that was another.
    let mut other = overlapping(HANDOVER);
    other.other_root = Some(Hash::leaf(b"another tree"));
    dishonest(
        &handed_over(&checkpoint(&other)),
        &b,
        "hands the log over by a checkpoint of 4",
    );
    // With one that is larger than what it hands over.
    dishonest(
        &handed_over(&checkpoint(&overlapping(LAST + 1))),
        &b,
        "of a larger tree",
    );
    // Without a key that stays having signed.
    let mut by_first = overlapping(HANDOVER);
    by_first.signers = vec![log_signer()];
    dishonest(
        &handed_over(&checkpoint(&by_first)),
        &b,
        "no key that stays",
    );
    // A key the registry has never heard of.
    let mut stranger = TestLog::honest(SIZE);
    stranger.signers = vec![second()];
    stranger.vkeys = b.clone() + "\n";
    dishonest(&stranger, &b, "the registry none of the keys used");
    // The same four bytes of an ID, or a key twice.
    let again = by_supervisors(&members(&log_key_added(&a)));
    let log = TestLog::of(&registry(None, again), SIZE);
    dishonest(&log, &a, "a key with this ID");
}

#[test]
fn a_signature_that_is_missing_beside_another_is_said() {
    let b = second().vkey();
    let mut log = overlapping(SIZE);
    log.signers = vec![log_signer()];
    let report = check(&log, &[log_signer().vkey()], &[]);
    let said = format!("lacks the signature of `{b}@2-`");
    assert_found(&report, Verdict::CouldNotCheck, &said);
    // Lines of strangers are told by their number and never as signatures.
    let mut log = overlapping(SIZE);
    log.signers
        .extend([SeededSigner::log(ORIGIN, 7), SeededSigner::log(ORIGIN, 8)]);
    let folder = tempfile::tempdir().unwrap();
    log.write(folder.path());
    let proof = folder.path().join("a.tlog-proof");
    fs::write(&proof, log.proof(3).to_string()).unwrap();
    let folder = folder.path().to_str().unwrap();
    let strangers = [7, 8].map(|seed| SeededSigner::log(ORIGIN, seed).vkey());
    for (arguments, said) in [
        (["fsck", folder, "--vkey"], "unknown     2 signature lines"),
        (
            ["verify", proof.to_str().unwrap(), "--vkey"],
            "unknown lines     2",
        ),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_akashi-audit"));
        command
            .args(arguments)
            .args([&b, "--vkey", &log_signer().vkey()]);
        let output = command.output().unwrap();
        crate::support::assert_exit(&output, 0, said);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            strangers.iter().all(|key| !text.contains(key.as_str())),
            "{text}"
        );
    }
}

/// Who has stolen the one key forks the log before the other was added, and shows it to everybody
/// who was told to know both.
#[test]
fn a_key_that_was_given_and_is_not_in_the_registry_is_said() {
    let (a, b) = (log_signer().vkey(), second().vkey());
    let before_b = [
        opened_under(2),
        by_supervisors(&certify("hospital.chuo", 4)),
    ];
    let records = (1..).zip(before_b);
    let records: Vec<_> = records
        .map(|(seq, event)| registry_record(seq, event))
        .collect();
    let fork = TestLog::of(&records, SIZE);
    assert_found(
        &check(&fork, std::slice::from_ref(&a), &[]),
        Verdict::Good,
        "",
    );
    for keys in [[a.clone(), b.clone()], [b.clone(), a.clone()]] {
        let report = check(&fork, &keys, &[]);
        let said = format!("vkey: `{b}` was given and the registry names it nowhere");
        assert_found(&report, Verdict::CouldNotCheck, &said);
    }
    // Nor is it said of a key that the registry names, for whatever sizes it was given.
    let given = [format!("{a}@-{LAST}"), format!("{b}@2-")];
    assert_found(&check(&honest(), &given, &[]), Verdict::Good, "");
}

/// What a key that was given has signed stays a word of the log's, where the fork has changed keys
/// and left this one out.
#[test]
fn a_fork_is_not_washed_away_by_a_registry_without_the_key_of_the_receipt() {
    let third = SeededSigner::log(ORIGIN, 67);
    let (a, b, c) = (log_signer().vkey(), second().vkey(), third.vkey());
    let mut kept = TestLog::honest(600);
    kept.other_root = Some(Hash::leaf(b"the tree people have receipts of"));
    kept.signers = vec![third];
    let receipt = checkpoint(&kept);
    for fork in [overlapping(SIZE), honest()] {
        let keys = [a.clone(), b.clone(), c.clone()];
        let report = check(&fork, &keys, std::slice::from_ref(&receipt));
        assert_found(&report, Verdict::DishonestOrBroken, "TWO HISTORIES");
        // For the sizes it was given for, and for no others.
        let keys = [a.clone(), b.clone(), format!("{c}@-599")];
        let report = check(&fork, &keys, std::slice::from_ref(&receipt));
        assert_found(
            &report,
            Verdict::CouldNotCheck,
            "carries no checkpoint that a key",
        );
    }
}

/// A handed over to B, and B, which was stolen, to C.
#[test]
fn a_key_known_for_some_sizes_is_followed_for_no_others() {
    let third = || SeededSigner::log(ORIGIN, 67);
    let (b, c) = (second().vkey(), third().vkey());
    let last_of_b = 300;
    let pinned = [format!("{b}@2-{last_of_b}")];
    let stays = |by: &Note, more: Vec<Event>, size: u64| {
        let mut records = registry(Some(by), added());
        let seqs = records.len() as u64 + 1..;
        records.extend(seqs.zip(more).map(|(seq, one)| registry_record(seq, one)));
        let mut log = TestLog::of(&records, size);
        log.signers = vec![second(), third()];
        log.vkeys = format!("{b}\n{c}\n");
        log
    };
    let first_handover = checkpoint(&overlapping(HANDOVER));
    let add = || by_supervisors(&members(&log_key_added(&c)));
    let handover = checkpoint(&stays(&first_handover, vec![add()], 200));
    let end = by_supervisors(&members(&log_key_ended(&b, &handover.to_string())));
    let mut true_log = stays(&first_handover, vec![add(), end], SIZE);
    true_log.signers = vec![third()];
    true_log.vkeys = c.clone() + "\n";
    for keys in [
        pinned.as_slice(),
        &[log_signer().vkey()],
        std::slice::from_ref(&c),
    ] {
        let report = check(&true_log, keys, &[]);
        assert_found(&report, Verdict::Good, "");
        assert_eq!(signed_by(&report), std::slice::from_ref(&c));
    }
    // The thief of B takes the log from before C and goes on with it: A hands over to B in it, as
    // in the true one.
    let stolen = honest();
    assert_eq!(
        signed_by(&check(&stolen, std::slice::from_ref(&b), &[])),
        [b]
    );
    for keys in [pinned.to_vec(), vec![pinned[0].clone(), c]] {
        let report = check(&stolen, &keys, &[]);
        assert_found(
            &report,
            Verdict::CouldNotCheck,
            "nothing the log has signed",
        );
        assert!(report.checkpoint.is_none() && report.followed.is_empty());
    }
}

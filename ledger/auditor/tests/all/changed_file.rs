//! Evidence and proofs with one byte changed, anywhere, do not pass; what is not covered by
//! anything signed is listed.

use akashi_actors::permit::{EVIDENCE_KEY, LINK_CODE, LINK_KEY};
use akashi_check::verdict::Verdict;
use akashi_check::verify::{self, HolderKey, HolderLink, Kept, Report, Request};
use akashi_proof::digest::Secret;
use akashi_proof::gate::SeenLog;
use akashi_proof::ids::{LinkCode, Timestamp};
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;

use crate::support::{OPENED, Permit, log_signer};

fn check(bytes: &[u8], holder: bool) -> Report {
    let keys = LogKeys::new(vec![VerifyingKey::parse(&log_signer().vkey()).unwrap()]).unwrap();
    let holder_key = HolderKey {
        evidence_key: Secret::from_bytes(EVIDENCE_KEY),
        link: Some(HolderLink {
            code: LinkCode::from_sealed(&LINK_CODE),
            key: Secret::from_bytes(LINK_KEY),
        }),
    };
    let holder_keys = if holder { vec![holder_key] } else { vec![] };
    let now = Timestamp::from_millis(OPENED + 1000);
    verify::run(&Request {
        presented: None,
        bytes,
        keys: &keys,
        holder_keys: &holder_keys,
        now,
        kept: Some(Kept {
            log: &SeenLog::new(keys.origin().clone()),
            links: &[],
            catch_up: None,
        }),
        release: false,
        log: None,
        whole: false,
    })
}

/// Changes every byte, two bits each; `expected` says what must come out of a change at this
/// offset.
fn sweep(text: &str, holder: bool, expected: impl Fn(usize) -> Verdict) {
    assert_eq!(check(text.as_bytes(), holder).verdict(), Verdict::Good);
    for at in 0..text.len() {
        for bit in [0x01, 0x20] {
            let mut changed = text.as_bytes().to_vec();
            changed[at] ^= bit;
            let report = check(&changed, holder);
            assert_eq!(
                report.verdict(),
                expected(at),
                "byte {at} bit {bit:02x}: {:?}",
                report.problems
            );
        }
    }
}

fn header_or(header: &str, at: usize, otherwise: Verdict) -> Verdict {
    if at <= header.len() {
        Verdict::CouldNotCheck
    } else {
        otherwise
    }
}

#[test]
fn every_byte_of_a_proof() {
    let permit = Permit::decided(OPENED);
    sweep(&permit.proof, false, |at| {
        header_or("c2sp.org/tlog-proof@v1", at, Verdict::DishonestOrBroken)
    });
}

#[test]
fn every_byte_of_evidence_for_its_holder() {
    let permit = Permit::decided(OPENED);
    sweep(&permit.evidence, true, |at| {
        header_or("akashi-evidence/v1", at, Verdict::DishonestOrBroken)
    });
}

#[test]
fn every_byte_of_evidence_for_anybody_else() {
    // Only the holder can tell whether the sealed line is right; the report says that it was not
    // checked.
    let permit = Permit::decided(OPENED);
    let start = permit.evidence.find("\nsealed ").unwrap() + "\nsealed ".len();
    let end = start + permit.evidence[start..].find('\n').unwrap();
    let sealed: Vec<usize> = (start..end).collect();
    assert!(
        check(permit.evidence.as_bytes(), false)
            .notes
            .iter()
            .any(|note| note.contains("was not checked"))
    );
    for at in 0..permit.evidence.len() {
        let mut changed = permit.evidence.as_bytes().to_vec();
        changed[at] ^= 0x01;
        let verdict = check(&changed, false).verdict();
        if sealed.contains(&at) {
            assert_ne!(verdict, Verdict::CouldNotCheck, "byte {at}");
        } else {
            assert_eq!(
                verdict,
                header_or("akashi-evidence/v1", at, Verdict::DishonestOrBroken),
                "byte {at}"
            );
        }
    }
}

#[test]
fn lines_moved_dropped_or_doubled() {
    let permit = Permit::decided(OPENED);
    for text in [&permit.evidence, &permit.proof] {
        let lines: Vec<&str> = text.lines().collect();
        for at in 1..lines.len() {
            let (mut dropped, mut doubled, mut moved) =
                (lines.clone(), lines.clone(), lines.clone());
            dropped.remove(at);
            doubled.insert(at, lines[at]);
            moved.swap(at - 1, at);
            for (what, changed) in [("dropped", dropped), ("doubled", doubled), ("moved", moved)] {
                let changed = changed.join("\n") + "\n";
                // A signature twice is still the log's signature, and an `open` line before or
                // after a `hash` line says the same; both spell the same facts.
                let verdict = check(changed.as_bytes(), true).verdict();
                let harmless = what == "doubled" && lines[at].starts_with('\u{2014}')
                    || what == "moved"
                        && lines[at].split(' ').next() != lines[at - 1].split(' ').next();
                assert!(
                    verdict != Verdict::Good || harmless,
                    "{what} line {at}: {}",
                    lines[at]
                );
            }
        }
    }
}

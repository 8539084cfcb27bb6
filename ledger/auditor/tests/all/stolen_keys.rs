//! Keys given back by supervisors, and a supervisor replaced by the others: an auditor takes what
//! they signed, and catches whoever leaves one of them out or does not wait.

use akashi_actors::claims::{
    certified, evidence_key_registered, keys_reset, reset_objected, signing_key_registered,
    supervisor_replaced, suspended,
};
use akashi_actors::{seeded, supervisor};
use akashi_audit::source::Folder;
use akashi_check::fsck::{self, Report, Request};
use akashi_check::verdict::Verdict;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::Timestamp;
use akashi_proof::jws::Type;
use akashi_proof::limits::RESET_WAIT_MILLIS;
use akashi_proof::record::Record;
use akashi_proof::record::kind::Event;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;
use serde_json::{Value, json};

use crate::support::{ORIGIN, TestLog, carried, log_signer, opened_under, registry_record, signed};

/// Who signs: a name, and the seed of the key.
type Who = (&'static str, u8);

const NORTH: Who = ("supervisor.north", 2);
const SOUTH: Who = ("supervisor.south", 3);
const WEST: Who = ("supervisor.west", 7);
const EAST: Who = ("supervisor.east", 8);
const OWNER: Who = ("hospital.chuo", 4);
const THIEF: Who = ("hospital.chuo", 66);
const NEW: Who = ("hospital.chuo", 9);

/// Seconds: when the log was opened, when the keys are reset, and when that is in force.
const OPENED: u64 = 1_790_000_000;
const RESET: u64 = OPENED + 10;
const IN_FORCE: u64 = RESET + RESET_WAIT_MILLIS / 1_000;

/// One act of the story.
#[derive(Clone)]
struct Told {
    at: u64,
    by: Vec<Who>,
    act: Value,
}

/// What an honest log says of a theft, from record 2 on.
fn story() -> Vec<Told> {
    let (hospital, north) = (seeded(OWNER.0, OWNER.1), seeded(NORTH.0, NORTH.1));
    let of = |who: Who| seeded(who.0, who.1);
    let told = |at, by: &[Who], act| Told {
        at,
        by: by.to_vec(),
        act,
    };
    let evidence = evidence_key_registered(&Secret::from_bytes([5; 32]), IN_FORCE);
    vec![
        told(
            OPENED,
            &[NORTH, SOUTH],
            certified(&hospital, ("中央", "Chuo"), "hospital"),
        ),
        told(
            OPENED + 1,
            &[OWNER],
            signing_key_registered(&of(THIEF), OPENED),
        ),
        told(RESET, &[NORTH, SOUTH], keys_reset(hospital.id(), &of(NEW))),
        told(RESET + 10, &[THIEF], reset_objected(&of(NEW))),
        told(
            RESET + 20,
            &[NORTH, SOUTH, WEST],
            keys_reset(hospital.id(), &of(NEW)),
        ),
        told(IN_FORCE, &[NEW], evidence),
        told(
            IN_FORCE + 10,
            &[SOUTH, WEST],
            supervisor_replaced(north.id(), &of(EAST)),
        ),
        told(IN_FORCE + 20, &[EAST, SOUTH], suspended(hospital.id())),
    ]
}

fn record(number: u64, told: &Told) -> Record {
    let statements = told.by.iter().map(|(iss, seed)| {
        let own = told.act.to_string();
        let jti = Digest::of(&[iss.as_bytes(), own.as_bytes(), &told.at.to_be_bytes()]);
        let mut claims = json!({
            "iss": iss, "aud": ORIGIN, "iat": told.at,
            "jti": base64::url::encode(&jti.as_bytes()[..16]),
        });
        let all = claims.as_object_mut().unwrap();
        all.extend(told.act.as_object().unwrap().clone());
        signed(Type::Act, *seed, &claims.to_string())
    });
    let event = carried(&statements.collect::<Vec<_>>());
    Record {
        time: Timestamp::from_seconds(told.at),
        ..registry_record(number, event)
    }
}

fn opened() -> Record {
    let Event::LedgerOpened(mut opened) = opened_under(2) else {
        unreachable!()
    };
    let west = seeded(WEST.0, WEST.1).vkey().unwrap();
    opened.supervisors.push(supervisor(west));
    Record {
        time: Timestamp::from_seconds(OPENED),
        ..registry_record(1, Event::LedgerOpened(opened))
    }
}

/// The registry of an honest log in which keys are stolen.
pub fn registry() -> Vec<Record> {
    let story = story();
    let records = (2..).zip(&story).map(|(number, told)| record(number, told));
    std::iter::once(opened()).chain(records).collect()
}

fn check(story: &[Told]) -> Report {
    let records = (2..).zip(story).map(|(number, told)| record(number, told));
    let records: Vec<_> = std::iter::once(opened()).chain(records).collect();
    let folder = tempfile::tempdir().unwrap();
    TestLog::of(&records, 6_000).write(folder.path());
    let key = VerifyingKey::parse(&log_signer().vkey()).unwrap();
    fsck::run(&Request {
        keys: Some(&LogKeys::new(vec![key]).unwrap()),
        ..Request::of(&Folder::new(folder.path()).unwrap())
    })
}

#[test]
fn keys_given_back_and_a_supervisor_replaced_are_honest() {
    let report = check(&story());
    assert_eq!(
        report.verdict(),
        Verdict::Good,
        "{:?}",
        report.findings.first()
    );
    assert_eq!(report.checked.registry_records, 9);
    let supervisors = report.supervisors.ever.iter();
    let supervisors: Vec<_> = supervisors
        .map(|one| (one.key.name().as_str(), one.is_now))
        .collect();
    let expected = [(NORTH, false), (SOUTH, true), (WEST, true), (EAST, true)];
    let expected = expected.map(|(who, is_now)| (who.0, is_now));
    assert_eq!(supervisors.len(), expected.len());
    for one in expected {
        assert!(supervisors.contains(&one), "{one:?}");
    }
}

#[test]
fn keys_given_back_by_too_few_or_too_early_are_the_operators_own() {
    type Lie = fn(&mut [Told]);
    let lies: [(usize, Lie, &str); 9] = [
        (
            3,
            |told| told[2].by = vec![NORTH],
            "statements of 2 signers",
        ),
        (
            3,
            |told| told[2].by = vec![OWNER],
            "an institution's own act",
        ),
        (
            5,
            |told| told[4].by = vec![NORTH, SOUTH],
            "statements of 3 signers",
        ),
        (
            6,
            |told| told[5].at -= 1,
            "a signing key valid at that time",
        ),
        (
            6,
            |told| told[5].by = vec![THIEF],
            "a signing key valid at that time",
        ),
        (
            6,
            |told| told[5].by = vec![OWNER],
            "a signing key valid at that time",
        ),
        (
            7,
            |told| told[6].by = vec![SOUTH, NORTH],
            "the one who is replaced",
        ),
        (7, |told| told[6].by = vec![WEST], "statements of 2 signers"),
        (
            8,
            |told| told[7].by = vec![SOUTH, NORTH],
            "a signing key in the registry",
        ),
    ];
    for (place, lie, problem) in lies {
        let mut told = story();
        lie(&mut told);
        let report = check(&told);
        let [finding] = &report.findings[..] else {
            panic!("{problem}: {:?}", report.findings)
        };
        assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
        assert_eq!(finding.place.to_string(), format!("registry/{}", place + 1));
        let said = finding.problem.to_string();
        assert!(said.contains(problem), "{said}");
    }
}

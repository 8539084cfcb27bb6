//! The log changes its key: from A to A and B, and from both to B. What signs a head follows from
//! its size, whatever is restarted, broken off or lost on the way; and nobody gains by being first.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::time::Duration;

use akashi_actors::claims::{log_key_added, log_key_ended, signing_key_registered};
use akashi_actors::{SUPERVISORS, SeededSigner, commands, named, seeded};
use akashi_ledger::store::memory_store::CommitFault;
use akashi_ledger::{Done, Ledger, LedgerError, Refusal};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{LeafIndex, TreeSize};
use akashi_proof::jws::Type;
use akashi_proof::limits::LOG_KEYS_ALIVE_MAX;
use akashi_proof::record::Closed;
use akashi_tlog::checkpoint::{Checkpoint, LogKeys, VerifiedCheckpoint, sign_checkpoint};
use akashi_tlog::merkle::Hash;
use akashi_tlog::signed_note::{KeyName, Note, SignatureType, VerifyingKey};
use akashi_tlog::signer::Signer;
use serde_json::Value;
use support::{ORIGIN, Town};

type Carried = Result<Done<LeafIndex>, Refusal>;

/// The key that comes, and others.
fn key(seed: u8) -> SeededSigner {
    SeededSigner::log(ORIGIN, seed)
}

/// The key the log begins with.
fn first_vkey(town: &Town) -> String {
    town.remains.log_signer().verifying_key().to_string()
}

async fn both(ledger: &Ledger, town: &Town, act: Value) -> Carried {
    commands::act_by_supervisors(ledger, &town.cast, &act).await
}

/// The log signs with this key too.
async fn adds(ledger: &Ledger, town: &Town, seed: u8) -> Carried {
    town.clock.pass(Duration::from_secs(1));
    both(ledger, town, log_key_added(&key(seed).vkey())).await
}

async fn ends(ledger: &Ledger, town: &Town, vkey: &str, checkpoint: &Note) -> Carried {
    town.clock.pass(Duration::from_secs(1));
    both(ledger, town, log_key_ended(vkey, &checkpoint.to_string())).await
}

#[track_caller]
fn fault(carried: Carried) -> Fault {
    match carried {
        Err(Refusal::Fault(fault)) => fault,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("carried out"),
    }
}

/// Who has signed a note, of all that could.
fn signers(note: &Note, seeds: &[u8], town: &Town) -> Vec<String> {
    let first = town.remains.log_signer().verifying_key().clone();
    let others = seeds.iter().map(|seed| key(*seed).verifying_key().clone());
    let keys = LogKeys::new(std::iter::once(first).chain(others).collect()).unwrap();
    let verified = VerifiedCheckpoint::from_note(note.clone(), &keys, &[]).unwrap();
    assert_eq!(verified.unknown_lines(), 0);
    let signed = verified.signatures().iter();
    signed.map(|one| one.key().to_string()).collect()
}

fn newest(ledger: &Ledger) -> Note {
    ledger.reader().head().note.as_ref().clone()
}

#[tokio::test]
async fn a_log_goes_from_one_key_to_the_next_at_the_very_record() {
    let town = Town::new().await;
    let (a, b) = (first_vkey(&town), key(78).vkey());
    let before = newest(&town.ledger);
    let proof_of_before = town
        .ledger
        .reader()
        .record(LeafIndex::new(2))
        .unwrap()
        .unwrap();
    let proof_of = |ledger: &Ledger, at: u64, entry| {
        ledger
            .reader()
            .first_proof(LeafIndex::new(at), entry)
            .unwrap()
    };
    let kept = proof_of(&town.ledger, 2, proof_of_before.entry());

    // Its file is there first, or no record is taken: a head never lacks a signature.
    let refused = fault(adds(&town.ledger, &town, 78).await);
    assert_eq!(
        (refused.code, refused.field.as_str()),
        (FaultCode::Conflict, "log_vkey")
    );
    town.remains.log_keys.put(key(78));
    let alone = log_key_added(&b);
    let alone = commands::carry_out(
        &town.ledger,
        [town.supervisors[0].sign(Type::Act, alone)],
        None,
    );
    assert_eq!(fault(alone.await).code, FaultCode::NotAuthorised);
    let added = adds(&town.ledger, &town, 78).await.unwrap();
    assert_eq!(
        signers(&added.appended[0].note, &[78], &town),
        [a.clone(), b.clone()]
    );
    commands::enrol(&town.ledger).await;
    let of_both = newest(&town.ledger);
    assert_eq!(signers(&of_both, &[78], &town), [a.clone(), b.clone()]);
    let again = town.open_again().unwrap();
    assert_eq!(newest(&again), of_both, "the same bytes after a restart");

    let ended = ends(&again, &town, &a, &of_both).await.unwrap();
    assert_eq!(
        signers(&ended.appended[0].note, &[78], &town),
        std::slice::from_ref(&b)
    );
    let registry = again.reader().registry();
    let [of_a, of_b] = registry.log_keys() else {
        panic!("{:?}", registry.log_keys());
    };
    assert_eq!(of_a.key().to_string(), format!("{a}@1-{}", ended.receipt));
    let first = TreeSize::up_to(added.receipt);
    assert_eq!(of_b.key().to_string(), format!("{b}@{first}-"));

    // Its file may go. What it has signed stays, and proofs of then are the same bytes.
    town.remains
        .log_keys
        .lose(town.remains.log_signer().verifying_key());
    let again = town.open_again().unwrap();
    commands::enrol(&again).await;
    assert_eq!(
        signers(&newest(&again), &[78], &town),
        std::slice::from_ref(&b)
    );
    assert_eq!(proof_of(&again, 2, proof_of_before.entry()), kept);
    let keys = registry.keys_of_log();
    kept.verify_extra(&keys, &[]).unwrap();
    VerifiedCheckpoint::from_note(before, &keys, &[]).unwrap();

    // Without the one that signs now, nothing is opened, and it is said which file is missing.
    town.remains.log_keys.lose(key(78).verifying_key());
    let Err(LedgerError::NoLogKey(missing)) = town.open_again() else {
        panic!("opened");
    };
    assert_eq!(missing.to_string(), b);
}

#[tokio::test]
async fn what_says_who_signs_the_log_is_never_closed() {
    let town = Town::new().await;
    let ledger = &town.ledger;
    town.remains.log_keys.put(key(78));
    let added = adds(ledger, &town, 78).await.unwrap();
    let ended = ends(ledger, &town, &first_vkey(&town), &newest(ledger)).await;
    let signed = newest(ledger);
    for index in [added.receipt, ended.unwrap().receipt] {
        for closed in [
            Closed::Lost,
            Closed::Withheld { reveal_by: None },
            Closed::Erased,
        ] {
            let refused = town.remains.try_to_close_body(index, closed);
            assert!(
                matches!(refused, Err(LedgerError::OfRegistry(found)) if found == index),
                "{refused:?}"
            );
        }
    }
    assert_eq!(newest(&town.open_again().unwrap()), signed);
}

#[tokio::test]
async fn a_log_never_goes_without_a_key_and_never_takes_one_that_is_not_its_own() {
    let town = Town::new().await;
    let (ledger, a) = (&town.ledger, first_vkey(&town));
    let of_a = newest(ledger);
    let why = |carried: Carried| fault(carried).found;
    assert!(why(ends(ledger, &town, &a, &of_a).await).contains("only key"));
    assert!(why(ends(ledger, &town, &key(78).vkey(), &of_a).await).contains("no such key"));

    // Every one of these has its private half at hand.
    let elsewhere = SeededSigner::log("other.example/log", 78);
    let refused = both(ledger, &town, log_key_added(&elsewhere.vkey())).await;
    assert!(why(refused).contains("named like its origin"));
    let witness = SeededSigner::witness(ORIGIN, 78);
    assert_eq!(
        fault(both(ledger, &town, log_key_added(&witness.vkey())).await).field,
        "log_vkey"
    );
    let again = both(ledger, &town, log_key_added(&a)).await;
    assert!(why(again).contains("with this ID"));
    let name = KeyName::new(ORIGIN).unwrap();
    for of_somebody in [named(SUPERVISORS[0]), town.hospital.who().clone()] {
        let public = *of_somebody.public();
        let vkey = VerifyingKey::new(name.clone(), SignatureType::Ed25519, public);
        let refused = both(ledger, &town, log_key_added(&vkey.to_string())).await;
        assert!(why(refused).contains("registered already"));
    }

    for seed in 78..80 {
        town.remains.log_keys.put(key(seed));
        adds(ledger, &town, seed).await.unwrap();
    }
    assert_eq!(
        ledger.reader().registry().log_keys().len(),
        LOG_KEYS_ALIVE_MAX
    );
    town.remains.log_keys.put(key(80));
    assert!(why(adds(ledger, &town, 80).await).contains("more keys than a log signs with"));
    // Nobody makes a statement of an institution's of what is a head of the log.
    let own = seeded("hospital.chuo", 78);
    let stolen = signing_key_registered(&own, town.clock.seconds());
    let refused = commands::act(ledger, &town.hospital, stolen).await;
    assert!(why(refused).contains("registered already"));

    // What hands the log over is a tree of this log that both keys have signed.
    assert!(why(ends(ledger, &town, &a, &of_a).await).contains("no key that stays"));
    let head = ledger.reader().head().head;
    let first = town.remains.log_signer();
    let forged = |size: u64, root: Hash, by: &[&dyn Signer]| {
        let origin = ledger.reader().origin().clone();
        let said = Checkpoint::new(origin, TreeSize::new(size), root).unwrap();
        sign_checkpoint(&said, by).unwrap()
    };
    let (size, other) = (head.size.value(), Hash::leaf(b"another tree"));
    let (b, c) = (key(78), key(79));
    let by_b = forged(size, head.root, &[&b, &c]);
    assert!(why(ends(ledger, &town, &a, &by_b).await).contains("the key that ends has not signed"));
    for (size, root) in [(size, other), (size + 1, other), (size - 1, head.root)] {
        let forged = forged(size, root, &[&first, &b]);
        assert_eq!(
            fault(ends(ledger, &town, &a, &forged).await).found,
            "one of another tree"
        );
    }
    let far = forged(u64::MAX, other, &[&first, &b]);
    assert_eq!(
        fault(ends(ledger, &town, &a, &far).await).field,
        "checkpoint"
    );

    let handover = newest(ledger);
    ends(ledger, &town, &a, &handover).await.unwrap();
    assert!(why(ends(ledger, &town, &a, &handover).await).contains("ended already"));
    let back = both(ledger, &town, log_key_added(&a)).await;
    assert!(why(back).contains("with this ID"), "it never comes back");
    ends(ledger, &town, &b.vkey(), &handover).await.unwrap();
    assert_eq!(signers(&newest(ledger), &[78, 79], &town), [c.vkey()]);
    let last = ends(ledger, &town, &c.vkey(), &newest(ledger)).await;
    assert!(why(last).contains("only key"));
}

/// The process ends, or the write fails, between the record of the key and the head that follows.
#[tokio::test]
async fn a_head_after_a_crash_has_the_signatures_its_size_promises() {
    for fault in [CommitFault::Lost, CommitFault::Kept] {
        let town = Town::new().await;
        let (a, b) = (first_vkey(&town), key(78).vkey());
        town.remains.log_keys.put(key(78));
        let expected = |is_kept: bool, kept: &[String], lost: &[String]| {
            if is_kept {
                kept.to_vec()
            } else {
                lost.to_vec()
            }
        };
        let is_kept = !matches!(fault, CommitFault::Lost);
        let alone = std::slice::from_ref(&a);
        let pair = [a.clone(), b.clone()];

        town.remains.store.fail_commit(0, fault);
        assert!(adds(&town.ledger, &town, 78).await.is_err());
        let note = newest(&town.open_again().unwrap());
        assert_eq!(
            signers(&note, &[78], &town),
            expected(is_kept, &pair, alone)
        );
        // The writer reads its state again by itself, and takes the same statements once.
        commands::enrol(&town.ledger).await;
        let note = newest(&town.ledger);
        assert_eq!(
            signers(&note, &[78], &town),
            expected(is_kept, &pair, alone)
        );
        if !is_kept {
            adds(&town.ledger, &town, 78).await.unwrap();
        }

        let handover = newest(&town.ledger);
        town.remains.store.fail_commit(0, fault);
        assert!(ends(&town.ledger, &town, &a, &handover).await.is_err());
        let note = newest(&town.open_again().unwrap());
        let second = std::slice::from_ref(&b);
        assert_eq!(
            signers(&note, &[78], &town),
            expected(is_kept, second, &pair)
        );
        commands::enrol(&town.ledger).await;
        let note = newest(&town.ledger);
        assert_eq!(
            signers(&note, &[78], &town),
            expected(is_kept, second, &pair)
        );
    }
}

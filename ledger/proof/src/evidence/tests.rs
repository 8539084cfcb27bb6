//! A permit and the consent it rests on, in a log of two.

use super::*;
use crate::consent::{AccessMode, Terms};
use crate::duty::Duty;
use crate::gate::{GateRefused, GateUse, KeptGates, PermitGate, SeenLog, gate, link_check};
use crate::ids::{
    CategoryCode, ConsentId, Epoch, GateNumber, InstitutionId, Jti, LinkCode, ProcessId,
    PurposeCode, RoleCode, RoleHolderId, Seq, SubjectHandle, Timestamp,
};
use crate::jws::tests::public;
use crate::reason::Reason;
use crate::record::commitment::{OpenedField, commit, field_hash};
use crate::record::kind::{
    AccessDecided, AnsweredBy, ApprovalAnswered, Assurance, BasisKind, ConsentNarrowed, Event,
    Language, YesNo,
};
use crate::record::value::{Bytes, Set, Value};
use crate::record::{PersonPosition, Position};
use crate::statement::{RequestNonce, request_digest};
use akashi_actors::SeededSigner;
use akashi_tlog::checkpoint::{Checkpoint, sign_checkpoint};
use akashi_tlog::merkle::{Hash, LeafIndex, TreeSize, inclusion};
use akashi_tlog::signed_note::Note;
use akashi_tlog::signer::Signer;

const RECORD_KEY: Secret = Secret::from_bytes([1; 32]);
const EVIDENCE_KEY: Secret = Secret::from_bytes([2; 32]);
const LINK_KEY: Secret = Secret::from_bytes([3; 32]);
const NONCE: RequestNonce = RequestNonce::from_bytes([4; 16]);

fn record() -> Record {
    Record {
        origin: Origin::new("demo.akashi.example/log").unwrap(),
        time: Timestamp::from_millis(1_000_000),
        position: Position::Person(PersonPosition {
            subject: SubjectHandle::from_bytes([5; 16]),
            epoch: Epoch::FIRST,
            seq: Seq::new(9).unwrap(),
            prev: Some(LeafIndex::new(3)),
        }),
        engine: "test".into(),
        retain_until: Timestamp::from_millis(9_000_000),
        event: Event::AccessPermitted(AccessDecided {
            requester: InstitutionId::parse("hospital.chuo").unwrap(),
            role_holder: RoleHolderId::parse("dr-sato").unwrap(),
            role: RoleCode::parse("physician").unwrap(),
            process: ProcessId::parse("care.consult").unwrap(),
            purpose: PurposeCode::parse("treatment").unwrap(),
            holder: InstitutionId::parse("pharmacy.midori").unwrap(),
            categories: Set::new([CategoryCode::parse("medication").unwrap()]),
            access_mode: AccessMode::View,
            period_from: None,
            period_until: None,
            basis_kind: BasisKind::Consent,
            reason_code: None,
            reason_text: None,
            on_behalf_of: None,
            case: Some("case 7".into()),
            request_digest: request_digest(&NONCE, "GET", "/medication", b""),
            request_nonce: Bytes(NONCE.as_bytes().to_vec()),
            outcome: Outcome::Permit,
            told: Outcome::Permit,
            step: None,
            reasons: Reason::ConsentCovers.into(),
            duties: vec![Duty::Notify],
            expires: Some(Timestamp::from_millis(1_600_000)),
            policy_digest: Digest::from_bytes([6; 32]),
            consent: Some(LeafIndex::new(0)),
            approval: None,
            holder_link: Some(LinkCode::from_sealed(&[7; 35])),
            gate_number: Some(GateNumber::new(4).unwrap()),
            presenter_key: Digest::from_bytes(*public(1).as_bytes()),
            kid: evidence_kid(&EVIDENCE_KEY),
            jti: Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
            statement: Bytes(b"h.c.s".to_vec()),
        }),
    }
}

fn person(seq: Seq) -> Position {
    let subject = SubjectHandle::from_bytes([5; 16]);
    Position::Person(PersonPosition {
        subject,
        epoch: Epoch::FIRST,
        seq,
        prev: Some(LeafIndex::new(0)),
    })
}

/// The consent the permit rests on, as it stands after it was narrowed.
fn consent() -> Record {
    let event = Event::ConsentNarrowed(ConsentNarrowed {
        consent: ConsentId::from_bytes([0x7E; 16]),
        terms: Terms::to_view(
            (
                InstitutionId::parse("hospital.chuo").unwrap(),
                InstitutionId::parse("pharmacy.midori").unwrap(),
            ),
            Set::new(["allergy", "medication"].map(|code| CategoryCode::parse(code).unwrap())),
            Set::new([PurposeCode::parse("treatment").unwrap()]),
            (
                Timestamp::from_millis(1_000),
                Timestamp::from_millis(2_000_000),
            ),
        ),
        wording_digest: Digest::from_bytes([8; 32]),
        language: Language::Ja,
        assurance: Assurance::SmsAndRecovery,
    });
    Record {
        time: Timestamp::from_millis(900_000),
        position: person(Seq::new(8).unwrap()),
        event,
        ..record()
    }
}

fn narrowed(change: impl FnOnce(&mut ConsentNarrowed)) -> Record {
    let mut record = consent();
    let Event::ConsentNarrowed(fields) = &mut record.event else {
        unreachable!()
    };
    change(fields);
    record
}

/// The permit, on this ground.
fn permit_on(basis: BasisKind, consent: Option<u64>, approval: Option<u64>) -> Record {
    let mut permit = record();
    let Event::AccessPermitted(fields) = &mut permit.event else {
        unreachable!()
    };
    fields.basis_kind = basis;
    fields.consent = consent.map(LeafIndex::new);
    fields.approval = approval.map(LeafIndex::new);
    permit
}

/// Her answer to this one question.
fn approval() -> ApprovalAnswered {
    ApprovalAnswered {
        access: LeafIndex::new(0),
        approval_digest: Digest::from_bytes([0x7D; 32]),
        answered_by: AnsweredBy::Portal,
        seen: YesNo::Yes,
        reported: YesNo::No,
        wording_digest: Digest::from_bytes([8; 32]),
        language: Language::Ja,
        assurance: Assurance::Sms,
    }
}

fn answered(event: Event) -> Record {
    Record { event, ..consent() }
}

fn signed(size: u64, root: Hash) -> Note {
    let signer = SeededSigner::log("demo.akashi.example/log", 8);
    let checkpoint = Checkpoint::new(record().origin, TreeSize::new(size), root).unwrap();
    sign_checkpoint(&checkpoint, &[&signer]).unwrap()
}

/// A log of two: a record at 0 that the permit says is its consent, and the permit at 1.
fn evidence_on(permit: &Record, consent: &Record) -> (Evidence, LogKeys) {
    let log = LogKeys::new(vec![
        SeededSigner::log("demo.akashi.example/log", 8)
            .verifying_key()
            .clone(),
    ])
    .unwrap();
    let entry_of = |record: &Record, gate| {
        Entry {
            commitment: commit(record, &RECORD_KEY),
            tag: [1; 32],
            gate,
        }
        .to_bytes()
        .to_vec()
    };
    let (first, second) = (
        entry_of(consent, [9; 32]),
        entry_of(permit, gate(&LINK_KEY, GateNumber::new(4).unwrap())),
    );
    let (left, leaf) = (Hash::leaf(&first), Hash::leaf(&second));
    let path = |index, hashes| inclusion::Proof::new(LeafIndex::new(index), hashes);
    let of_consent = TlogProof::new(Some(first), path(0, vec![]), signed(1, left)).unwrap();
    let of_permit = TlogProof::new(
        Some(second),
        path(1, vec![left]),
        signed(2, Hash::node(&left, &leaf)),
    )
    .unwrap();
    let approval = ApprovalProof::make(consent, &RECORD_KEY, of_consent.clone())
        .map(|approval| approval.to_string());
    let consent =
        ConsentProof::make(consent, &RECORD_KEY, of_consent).map(|consent| consent.to_string());
    let hashed = Hashed::new(permit, &RECORD_KEY);
    let made = Evidence::make(
        permit,
        &hashed,
        &RECORD_KEY,
        of_permit,
        &EVIDENCE_KEY,
        Beside {
            consent: consent.as_deref(),
            approval: approval.as_deref(),
        },
    );
    (Evidence::parse(made.unwrap().as_bytes()).unwrap(), log)
}

/// What a holder keeps before its first release.
fn kept() -> (KeptGates, SeenLog) {
    (
        KeptGates::new(LinkCode::from_sealed(&[7; 35])),
        SeenLog::new(record().origin),
    )
}

fn evidence() -> (Evidence, LogKeys) {
    evidence_on(&record(), &consent())
}

#[test]
fn a_holder_checks_it_offline() {
    let (evidence, log) = evidence();
    let again = Evidence::parse(evidence.to_string().as_bytes()).unwrap();
    assert_eq!(again, evidence);
    let verified = again.verify(&log, &[]).unwrap();
    assert_eq!(verified.index, LeafIndex::new(1));
    let consent = verified.consent.clone().unwrap();
    assert_eq!(
        (consent.index, consent.assurance),
        (LeafIndex::new(0), Assurance::SmsAndRecovery)
    );
    assert!(
        verified
            .check_time(Timestamp::from_millis(1_000_000))
            .is_ok()
    );
    assert!(
        verified
            .check_time(Timestamp::from_millis(1_660_000))
            .is_err()
    );
    assert!(
        verified
            .check_time(Timestamp::from_millis(939_999))
            .is_err()
    );
    let part = verified.unseal(&EVIDENCE_KEY).unwrap();
    let (mut kept, seen) = kept();
    let check = |kept: &KeptGates, key: &Secret| {
        verified.check_gate(&part, key, (kept, &seen), Timestamp::from_millis(1_000_000))
    };
    assert_eq!(check(&kept, &LINK_KEY), Ok(GateUse::First));
    assert!(matches!(
        check(&kept, &EVIDENCE_KEY),
        Err(EvidenceError::Gate(number)) if number.value() == 4
    ));
    let other = PermitGate {
        commitment: Digest::from_bytes([0; 32]),
        ..verified.permit_gate(&part)
    };
    kept.spend(&verified.permit_gate(&part), verified.time);
    assert_eq!(check(&kept, &LINK_KEY), Ok(GateUse::Again));
    kept.spend(&other, verified.time);
    assert_eq!(
        check(&kept, &LINK_KEY),
        Err(GateRefused::Spent(part.gate_number).into())
    );
    assert!(
        verified
            .check_request(&part, "GET", "/medication", b"")
            .is_ok()
    );
    assert!(
        verified
            .check_request(&part, "GET", "/everything", b"")
            .is_err()
    );
}

#[test]
fn only_the_holder_learns_the_person() {
    let (evidence, log) = evidence();
    let verified = evidence.verify(&log, &[]).unwrap();
    assert_eq!(verified.unseal(&LINK_KEY), Err(EvidenceError::Sealed));
    let text = evidence.to_string();
    assert!(!text.contains(&base64::standard::encode(
        &ConsentId::from_bytes([0x7E; 16]).encode()
    )));
    for secret in [
        "case 7",
        "dr-sato",
        "h.c.s",
        LinkCode::from_sealed(&[7; 35]).as_str(),
    ] {
        assert!(!text.contains(secret));
        assert!(!text.contains(&base64::standard::encode(&secret.to_owned().encode())));
    }
    assert!(!text.contains(&base64::standard::encode(&[5; 16])));
    assert!(!text.contains(&base64::standard::encode(link_check(&LINK_KEY).as_bytes())));
}

#[test]
fn no_changed_byte_passes() {
    let (evidence, log) = evidence();
    let (kept, seen) = kept();
    let text = evidence.to_string().into_bytes();
    for at in 0..text.len() {
        for bit in [1, 0x20] {
            let mut changed = text.clone();
            changed[at] ^= bit;
            let Ok(parsed) = Evidence::parse(&changed) else {
                continue;
            };
            let passed = parsed.verify(&log, &[]).and_then(|verified| {
                let part = verified.unseal(&EVIDENCE_KEY)?;
                verified.check_gate(&part, &LINK_KEY, (&kept, &seen), verified.time)
            });
            // The name of the evidence key only tells the holder which key to take; it is not proof
            // of anything.
            let name_of_key = parsed.sealed_for != evidence.sealed_for;
            assert!(passed.is_err() || name_of_key, "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_consent_that_does_not_cover_the_permit_is_refused() {
    let id = |text: &str| InstitutionId::parse(text).unwrap();
    let cases: [(&str, Record); 11] = [
        (
            "another institution",
            narrowed(|c| c.terms.recipient = id("insurer.hinata")),
        ),
        (
            "another holder",
            narrowed(|c| c.terms.holder = id("hospital.minato")),
        ),
        (
            "other purposes",
            narrowed(|c| c.terms.purposes = Set::new([PurposeCode::parse("research").unwrap()])),
        ),
        (
            "other data",
            narrowed(|c| c.terms.categories = Set::new([CategoryCode::parse("allergy").unwrap()])),
        ),
        (
            "other business",
            narrowed(|c| {
                c.terms.processes = Some(Set::new([ProcessId::parse("care.other").unwrap()]))
            }),
        ),
        (
            "less to be done",
            narrowed(|c| c.terms.access_mode = AccessMode::Query),
        ),
        (
            "data of another time",
            narrowed(|c| c.terms.period_until = Some(Timestamp::from_millis(1_000_000))),
        ),
        (
            "did not hold",
            narrowed(|c| c.terms.valid_until = Timestamp::from_millis(1_000_000)),
        ),
        (
            "did not hold",
            narrowed(|c| c.terms.valid_from = Timestamp::from_millis(1_000_001)),
        ),
        (
            "another log",
            Record {
                origin: Origin::new("other.example/log").unwrap(),
                ..consent()
            },
        ),
        ("one of them is missing", record()),
    ];
    for (expected, consent) in cases {
        let (evidence, log) = evidence_on(&record(), &consent);
        let text = evidence.to_string().into_bytes();
        match evidence.verify(&log, &[]) {
            Err(error) => assert!(error.to_string().contains(expected), "{expected}: {error}"),
            Ok(_) => panic!("{expected}: passes"),
        }
        assert_eq!(Evidence::parse(&text).unwrap(), evidence);
    }
}

#[test]
fn a_consent_taken_away_put_there_or_exchanged_is_refused() {
    let (with, log) = evidence();
    let (other, _) = evidence_on(
        &record(),
        &narrowed(|c| c.terms.valid_until = Timestamp::from_millis(3_000_000)),
    );
    let without = Evidence {
        consent: None,
        ..with.clone()
    };
    assert_eq!(
        without.verify(&log, &[]).unwrap_err(),
        EvidenceError::Missing("consent")
    );
    let (unnamed, _) = evidence_on(&permit_on(BasisKind::Statute, None, None), &record());
    let verified = unnamed.verify(&log, &[]).unwrap();
    assert!(verified.consent.is_none() && verified.approval.is_none());
    let put_there = Evidence {
        consent: with.consent.clone(),
        ..unnamed
    };
    assert_eq!(
        put_there.verify(&log, &[]).unwrap_err(),
        EvidenceError::Missing("consent")
    );
    // Of a log that forks: both are signed, at the same place, and the permit cannot tell; but then
    // the log's key has signed two trees, which two checkpoints prove.
    let exchanged = Evidence {
        consent: other.consent,
        ..with.clone()
    };
    assert!(exchanged.verify(&log, &[]).is_ok());
    let later = permit_on(BasisKind::Consent, Some(1), None);
    let (later, _) = evidence_on(&later, &consent());
    assert!(
        later
            .verify(&log, &[])
            .unwrap_err()
            .to_string()
            .contains("another one than the permit names")
    );
}

/// What whoever hands evidence on can do to it: close a field, and take away what stands beside it.
fn closed(evidence: &Evidence, names: &[&str]) -> Evidence {
    let mut bent = evidence.clone();
    let is_closed = |field: &OpenedField| names.contains(&field.name.as_str());
    for (at, field) in bent
        .disclosure
        .opened
        .extract_if(.., |_, field| is_closed(field))
    {
        let hash = field_hash(&field.salt, &field.name, &field.value);
        bent.disclosure.closed.insert(at, hash);
    }
    (bent.consent, bent.approval) = (None, None);
    let text = bent.to_string();
    assert_eq!(Evidence::parse(text.as_bytes()).as_ref(), Ok(&bent));
    bent
}

#[test]
fn whoever_hands_it_on_cannot_hide_what_it_rests_on() {
    let (on_consent, log) = evidence();
    let permit = permit_on(BasisKind::Consent, None, Some(0));
    let (on_approval, _) = evidence_on(&permit, &answered(Event::ApprovalGranted(approval())));
    for evidence in [on_consent, on_approval] {
        assert!(evidence.verify(&log, &[]).is_ok());
        for names in [
            &["consent"][..],
            &["approval"],
            &["consent", "approval"],
            &[],
        ] {
            let bent = closed(&evidence, names);
            let error = bent.verify(&log, &[]).unwrap_err();
            let expected = matches!(
                error,
                EvidenceError::Missing(_) | EvidenceError::Fields(DisclosureError::Closed(_))
            );
            assert!(expected, "{names:?}: {error}");
        }
    }
    // A ledger that names neither has put nothing in the log that the person agreed to.
    let permit = permit_on(BasisKind::Consent, None, None);
    let (groundless, log) = evidence_on(&permit, &permit);
    assert_eq!(
        groundless.verify(&log, &[]).unwrap_err(),
        EvidenceError::NoGround
    );
}

#[test]
fn an_approval_stands_beside_the_permit_that_came_of_it() {
    let permit = permit_on(BasisKind::Consent, None, Some(0));
    let granted = answered(Event::ApprovalGranted(approval()));
    let (evidence, log) = evidence_on(&permit, &granted);
    let text = evidence.to_string();
    assert_eq!(Evidence::parse(text.as_bytes()).as_ref(), Ok(&evidence));
    let found = evidence.verify(&log, &[]).unwrap().approval.unwrap();
    assert_eq!(
        (found.index, found.assurance, found.answered_by),
        (LeafIndex::new(0), Assurance::Sms, AnsweredBy::Portal)
    );
    // Neither her handle nor what the answer was bound to, which is made with it.
    for secret in [&[5; 16][..], &[0x7D; 32]] {
        assert!(!text.contains(&base64::standard::encode(secret)));
    }

    let refused = answered(Event::ApprovalRefused(approval()));
    let elsewhere = Record {
        origin: Origin::new("other.example/log").unwrap(),
        ..granted.clone()
    };
    let later = permit_on(BasisKind::Consent, None, Some(1));
    let unnamed = permit_on(BasisKind::Statute, None, None);
    let cases = [
        (&permit, &refused, "one of them is missing"),
        (&permit, &consent(), "one of them is missing"),
        (&permit, &elsewhere, "of another log"),
        (&later, &granted, "another one than the permit names"),
        (&unnamed, &granted, "one of them is missing"),
    ];
    for (permit, beside, expected) in cases {
        let (bent, log) = evidence_on(permit, beside);
        let error = bent.verify(&log, &[]).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn only_permits_make_evidence() {
    let (evidence, _) = evidence();
    let mut denied = record();
    let Event::AccessPermitted(fields) = denied.event else {
        unreachable!()
    };
    denied.event = Event::AccessDenied(fields);
    let hashed = Hashed::new(&denied, &RECORD_KEY);
    let made = Evidence::make(
        &denied,
        &hashed,
        &RECORD_KEY,
        evidence.proof,
        &EVIDENCE_KEY,
        Beside::default(),
    );
    assert_eq!(made, Err(EvidenceError::NotAPermit("access.denied".into())));
}

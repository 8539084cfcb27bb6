//! What the registry takes as said by somebody, and every way it can be asked to believe more.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::convert::Infallible;

use akashi_actors::{SeededSigner, Signatory, claims, seeded, supervisor};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{Kid, LeafIndex, Seq, Timestamp};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::key::evidence_kid;
use akashi_proof::limits::KEYS_ALIVE_MAX;
use akashi_proof::record::kind::{Event, LedgerOpened};
use akashi_proof::record::{Position, Record, RegistryPosition};
use akashi_proof::state::{FoldError, Registry, SignedBy, Unread, Verified};
use akashi_proof::statement::{ActClaims, Claims, ReleaseClaims, StatementSigner, sign_bytes};
use akashi_tlog::checkpoint::Origin;
use serde_json::{Value, json};

const ORIGIN: &str = "test.akashi.example/log";
const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const NORTH: u8 = 101;
const SOUTH: u8 = 102;
const HOSPITAL: u8 = 1;
const PHARMACY: u8 = 2;

fn who(seed: u8) -> Signatory {
    seeded("nobody", seed)
}

/// A statement whose header names the key of `named`, signed by that of `signed`.
fn jws(typ: Type, (named, signed): (u8, u8), iss: &str, own: Value) -> Jws {
    let mut claims = json!({
        "iss": iss, "aud": ORIGIN, "iat": NOW.as_millis() / 1000, "jti": "AAAAAAAAAAAAAAAAAAAAAA",
    });
    let all = claims.as_object_mut().unwrap();
    all.extend(own.as_object().unwrap().clone());
    let signer = Masked {
        kid: who(named).kid().clone(),
        who: who(signed),
    };
    let Ok(statement) = sign_bytes(typ, claims.to_string().as_bytes(), &signer);
    Jws::parse(statement.as_bytes()).unwrap()
}

/// Signs with its own key under any name.
struct Masked {
    kid: Kid,
    who: Signatory,
}

impl StatementSigner for Masked {
    type Unavailable = Infallible;

    fn kid(&self) -> &Kid {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Infallible> {
        self.who.sign(message)
    }
}

/// Whose it is is asked of the permit, not of the registry.
fn presented() -> String {
    akashi_actors::permit::presented("evidence", Timestamp::from_seconds(1_790_000_000))
}

fn release(seeds: (u8, u8), iss: &str) -> Jws {
    let digest = Digest::of(&[b"evidence"]).to_base64url();
    let own = json!({"index": 7, "evidence_digest":digest, "presented": presented()});
    jws(Type::Release, seeds, iss, own)
}

/// Two supervisors, a hospital and a pharmacy with their signing keys, the pharmacy with an
/// evidence key.
fn registry() -> Registry {
    let mut registry = opened();
    for (institution, seed) in [("hospital.chuo", HOSPITAL), ("pharmacy.midori", PHARMACY)] {
        let own = claims::certified(&seeded(institution, seed), ("中央", "Chuo"), "hospital");
        let both = [NORTH, SOUTH].map(|seed| {
            let name = if seed == NORTH {
                "supervisor.north"
            } else {
                "supervisor.south"
            };
            registry
                .verify(jws(Type::Act, (seed, seed), name, own.clone()))
                .unwrap()
        });
        let (_, event) = registry.authorise(&both, NOW).unwrap();
        append(&mut registry, NOW, event).unwrap();
    }
    let now = NOW.as_millis() / 1000;
    let own = claims::evidence_key_registered(&evidence_key(), now);
    carry_out(&mut registry, NOW, (PHARMACY, "pharmacy.midori"), own);
    registry
}

/// Entry 0 alone.
fn opened() -> Registry {
    let north = seeded("supervisor.north", NORTH).vkey().unwrap();
    let south = seeded("supervisor.south", SOUTH).vkey().unwrap();
    let opened = LedgerOpened {
        format: 1,
        log_vkey: SeededSigner::log(ORIGIN, 77).vkey(),
        supervisors: vec![supervisor(north), supervisor(south)],
        threshold: 2,
        tag_scheme: "akashi/tag/v1".into(),
        map_scheme: None,
        time_zone: "Asia/Tokyo".into(),
        pack: "town".into(),
        policy_digest: Digest::of(&[b"pack"]),
        predecessor: None,
    };
    Registry::open(&record(Seq::FIRST, NOW, Event::LedgerOpened(opened))).unwrap()
}

fn evidence_key() -> Secret {
    Secret::from_bytes([12; 32])
}

fn carry_out(registry: &mut Registry, at: Timestamp, by: (u8, &str), own: Value) {
    fold(registry, at, by, own).unwrap();
}

/// The next record of a log whose operator let this act pass.
fn fold(
    registry: &mut Registry,
    at: Timestamp,
    (seed, iss): (u8, &str),
    own: Value,
) -> Result<(), FoldError> {
    let statement = registry
        .verify(jws(Type::Act, (seed, seed), iss, own))
        .unwrap();
    let (_, event) = registry.authorise(&[statement], at).unwrap();
    append(registry, at, event)
}

/// A log of a registry alone.
fn append(registry: &mut Registry, at: Timestamp, event: Event) -> Result<(), FoldError> {
    let index = LeafIndex::new(registry.seq.value());
    registry.apply(index, &record(registry.seq.next(), at, event))
}

fn record(seq: Seq, time: Timestamp, event: Event) -> Record {
    Record {
        origin: Origin::new(ORIGIN).unwrap(),
        time,
        position: Position::Registry(RegistryPosition { seq }),
        engine: "test".into(),
        retain_until: time,
        event,
    }
}

/// What is wrong with it, and who is known to have signed it.
fn refused<C: Claims>(registry: &Registry, jws: Jws) -> (Fault, Option<Verified<Unread>>) {
    match registry.verify::<C>(jws) {
        Ok(_) => panic!("taken"),
        Err(why) => why.into_parts(),
    }
}

fn is_by(statement: Option<Verified<Unread>>, institution: &str) -> bool {
    statement.is_some_and(|statement| {
        statement.by().institution().map(|id| id.as_str()) == Some(institution)
    })
}

#[test]
fn an_honest_statement_is_taken_as_said_by_the_one_whose_key_signed_it() {
    let registry = registry();
    let jws = release((HOSPITAL, HOSPITAL), "hospital.chuo");
    let statement = registry.verify::<ReleaseClaims>(jws.clone()).unwrap();
    assert_eq!(statement.claims().index.value(), 7);
    assert_eq!(statement.jws(), &jws);
    assert!(matches!(statement.by(), SignedBy::Institution(id) if id.as_str() == "hospital.chuo"));
    assert_eq!(statement.stands_at(&registry, NOW), Ok(()));
}

#[test]
fn another_key_than_the_one_named_signs_nothing() {
    let (fault, by) =
        refused::<ReleaseClaims>(&registry(), release((HOSPITAL, PHARMACY), "hospital.chuo"));
    assert_eq!(fault.code, FaultCode::BadSignature);
    assert!(by.is_none(), "nobody is blamed for it");
}

#[test]
fn a_key_nobody_registered_signs_nothing() {
    let (fault, by) = refused::<ReleaseClaims>(&registry(), release((50, 50), "hospital.chuo"));
    assert_eq!(
        (fault.code, fault.field.as_str()),
        (FaultCode::UnknownKey, "kid")
    );
    assert!(by.is_none());
}

#[test]
fn one_type_is_never_taken_for_another() {
    let digest = Digest::of(&[b"evidence"]).to_base64url();
    let own = json!({"index": 7, "evidence_digest":digest, "presented": presented()});
    let link = jws(Type::Link, (HOSPITAL, HOSPITAL), "hospital.chuo", own);
    let (fault, by) = refused::<ReleaseClaims>(&registry(), link);
    assert_eq!(fault.code, FaultCode::WrongType);
    assert!(is_by(by, "hospital.chuo"), "who signed it is known");
}

#[test]
fn an_institution_speaks_only_for_itself() {
    let (fault, by) =
        refused::<ReleaseClaims>(&registry(), release((PHARMACY, PHARMACY), "hospital.chuo"));
    assert_eq!(
        (fault.code, fault.field.as_str()),
        (FaultCode::InvalidKey, "iss")
    );
    assert!(is_by(by, "pharmacy.midori"));
}

#[test]
fn an_evidence_key_signs_nothing() {
    let signer = Masked {
        kid: evidence_kid(&evidence_key()),
        who: who(12),
    };
    let Ok(statement) = sign_bytes(Type::Release, b"{}", &signer);
    let jws = Jws::parse(statement.as_bytes()).unwrap();
    let (fault, by) = refused::<ReleaseClaims>(&registry(), jws);
    assert_eq!(
        (fault.code, fault.field.as_str()),
        (FaultCode::InvalidKey, "kid")
    );
    assert!(by.is_none());
}

#[test]
fn a_supervisor_signs_acts_and_nothing_else() {
    let registry = registry();
    let (fault, by) =
        refused::<ReleaseClaims>(&registry, release((NORTH, NORTH), "supervisor.north"));
    assert_eq!(
        fault.to_string(),
        "`kid`: expected the key of an institution, found a supervisor's"
    );
    assert_eq!(fault.code, FaultCode::InvalidKey);
    assert!(by.is_some_and(|by| by.by().institution().is_none()));
    let own = json!({"act": "key.revoked", "kid": who(HOSPITAL).kid().as_str(), "reason": "x"});
    let act = jws(Type::Act, (NORTH, NORTH), "supervisor.north", own);
    let act = registry.verify::<ActClaims>(act).unwrap();
    assert!(act.by().institution().is_none());
    let fault = registry.authorise(&[act], NOW).unwrap_err();
    assert_eq!(
        fault.code,
        FaultCode::NotAuthorised,
        "not an institution's own act"
    );
}

#[test]
fn no_byte_of_a_statement_can_be_changed() {
    let registry = registry();
    let honest = release((HOSPITAL, HOSPITAL), "hospital.chuo");
    for at in 0..honest.as_bytes().len() {
        let mut changed = honest.as_bytes().to_vec();
        changed[at] ^= 1;
        let taken =
            Jws::parse(&changed).is_ok_and(|jws| registry.verify::<ReleaseClaims>(jws).is_ok());
        assert!(!taken, "byte {at}");
    }
}

#[test]
fn a_key_that_was_revoked_stands_for_what_was_before_and_for_nothing_after() {
    let mut registry = registry();
    let before = release((HOSPITAL, HOSPITAL), "hospital.chuo");
    let before = registry.verify::<ReleaseClaims>(before).unwrap();
    let kid = who(HOSPITAL).kid().clone();
    let own = json!({"act": "key.revoked", "kid": kid.as_str(), "reason": "stolen"});
    let revoked = NOW.plus_millis(1_000);
    carry_out(
        &mut registry,
        revoked,
        (HOSPITAL, "hospital.chuo"),
        own.clone(),
    );
    // The one who waits in the queue was verified before, and is asked again.
    assert_eq!(before.still_stands(&registry), Ok(()));
    assert_eq!(before.stands_at(&registry, NOW), Ok(()));
    let fault = before.stands_at(&registry, revoked).unwrap_err();
    assert_eq!(
        (fault.code, fault.field.as_str()),
        (FaultCode::InvalidKey, "kid")
    );
    let again = jws(Type::Act, (HOSPITAL, HOSPITAL), "hospital.chuo", own);
    let again = registry.verify(again).unwrap();
    assert_eq!(
        registry.authorise(&[again], revoked).unwrap_err().code,
        FaultCode::InvalidKey
    );
}

#[test]
fn what_one_registry_took_does_not_stand_in_another() {
    let statement = release((HOSPITAL, HOSPITAL), "hospital.chuo");
    let statement = registry().verify::<ReleaseClaims>(statement).unwrap();
    let empty = opened();
    let fault = statement.still_stands(&empty).unwrap_err();
    assert_eq!(fault.code, FaultCode::UnknownKey);
    assert_eq!(statement.stands_at(&empty, NOW), Err(fault));
}

#[test]
fn a_log_with_more_keys_or_with_an_act_that_changes_nothing_is_not_an_honest_one() {
    let (mut registry, by, from) = (
        registry(),
        (PHARMACY, "pharmacy.midori"),
        NOW.as_millis() / 1000,
    );
    let key = |number: u8| Secret::from_bytes([number; 32]);
    let registered = |number| claims::evidence_key_registered(&key(number), from);
    let revoked = |number, reason: &str| {
        let kid = evidence_kid(&key(number));
        json!({"act": "key.revoked", "kid": kid.as_str(), "reason": reason})
    };
    // Its signing key and one evidence key are there.
    for number in 2..KEYS_ALIVE_MAX as u8 {
        carry_out(&mut registry, NOW, by, registered(100 + number));
    }
    let seq = registry.seq;
    let one_more = fold(&mut registry, NOW, by, registered(99));
    let expected = "more keys alive than an institution can have";
    assert_eq!(one_more, Err(FoldError::Contradiction(expected)));

    let later = NOW.plus_millis(2);
    carry_out(&mut registry, NOW, by, revoked(102, "lost"));
    let twice = fold(&mut registry, later, by, revoked(102, "lost again"));
    let expected = "the key has ended already";
    assert_eq!(twice, Err(FoldError::Contradiction(expected)));
    carry_out(&mut registry, later, by, registered(99));
    assert_eq!(registry.seq, seq.next().next());
}

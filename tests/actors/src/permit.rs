//! One permit, the consent it rests on, and the evidence of it: the hospital may see the pharmacy's
//! data about one person, for ten minutes.

use akashi_client::{Institution, Stamp};
use akashi_proof::consent::{AccessMode, Terms};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::duty::Duty;
use akashi_proof::entry::Entry;
use akashi_proof::evidence::{Beside, ConsentProof, Evidence};
use akashi_proof::gate;
use akashi_proof::ids::{
    CategoryCode, ConsentId, Epoch, GateNumber, GroupId, InstitutionId, Jti, LeafIndex, LinkCode,
    ProcessId, PurposeCode, RoleCode, RoleHolderId, Seq, SubjectHandle, Timestamp,
};
use akashi_proof::key::evidence_kid;
use akashi_proof::reason::Reason;
use akashi_proof::record::commitment::commit;
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::kind::{
    AccessDecided, Assurance, BasisKind, ConsentGiven, Event, Language, Outcome, Shown,
};
use akashi_proof::record::value::{Bytes, Set};
use akashi_proof::record::{PersonPosition, Position, Record};
use akashi_proof::statement::{RequestNonce, request_digest};
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::tlog_proof::TlogProof;

use crate::log::filler;
use crate::signatory::named;

/// The log it stands in.
pub const ORIGIN: &str = "demo.akashi.example/log";
/// Its log index, and that of the consent.
pub const INDEX: u64 = 77;
/// Where the consent stands that it rests on.
pub const CONSENT_INDEX: u64 = 50;
/// The pharmacy's evidence key.
pub const EVIDENCE_KEY: [u8; 32] = [12; 32];
/// The pharmacy's code for the person.
pub const LINK_CODE: [u8; LinkCode::SEALED_LEN] = [16; LinkCode::SEALED_LEN];
/// The key of that link.
pub const LINK_KEY: [u8; 32] = [13; 32];
/// The permit's number on that link.
pub const GATE_NUMBER: u64 = 4;
/// Who may see the data, and presents the evidence.
pub const REQUESTER: &str = "hospital.chuo";
/// The query that is permitted, a `GET`.
pub const PATH: &str = "/medication";

const RECORD_KEY: Secret = Secret::from_bytes([11; 32]);

/// Puts the permit and its consent where they stand in a log; the permit with its gate on the link
/// of this key.
pub fn place(entries: &mut [Vec<u8>], time: Timestamp, link_key: &Secret) {
    let number = GateNumber::new(GATE_NUMBER).unwrap();
    let mut place = |index: u64, record: &Record, label, gate| {
        let entry = Entry {
            commitment: commit(record, &RECORD_KEY),
            tag: filler(label, 0),
            gate,
        };
        entries[index as usize] = entry.to_bytes().to_vec();
    };
    place(INDEX, &permit(time), "permit", gate::gate(link_key, number));
    place(CONSENT_INDEX, &agreed(time), "consent", filler("agreed", 0));
}

/// The evidence of the permit, sealed to the pharmacy; `prove` gives the proof of an entry.
pub fn evidence(time: Timestamp, prove: impl Fn(u64) -> TlogProof) -> String {
    let record = permit(time);
    let hashed = Hashed::new(&record, &RECORD_KEY);
    let consent = ConsentProof::make(&agreed(time), &RECORD_KEY, prove(CONSENT_INDEX)).unwrap();
    let evidence = Evidence::make(
        &record,
        &hashed,
        &RECORD_KEY,
        prove(INDEX),
        &Secret::from_bytes(EVIDENCE_KEY),
        Beside {
            consent: Some(&consent.to_string()),
            approval: None,
        },
    );
    evidence.unwrap()
}

/// What the hospital sends beside this evidence and its query at this time.
pub fn presented(evidence: &str, at: Timestamp) -> String {
    let hospital = Institution::new(named(REQUESTER), Origin::new(ORIGIN).unwrap());
    let holder = InstitutionId::parse("pharmacy.midori").unwrap();
    let stamp = Stamp::draw(at).unwrap();
    hospital.present(stamp, holder, evidence)
}

/// The consent a permit of this time rests on: a second older.
fn agreed(time: Timestamp) -> Record {
    consent(time.minus_millis(1_000))
}

/// The consent that [`permit`] rests on.
pub fn consent(time: Timestamp) -> Record {
    let Record {
        event: Event::AccessPermitted(permit),
        ..
    } = permit(time)
    else {
        unreachable!()
    };
    let terms = Terms::to_view(
        (permit.requester, permit.holder),
        permit.categories,
        Set::new([permit.purpose]),
        (time, time.plus_millis(100_000_000)),
    );
    let shown = Shown {
        wording_digest: Digest::from_bytes([19; 32]),
        language: Language::Ja,
        refusal_meaning: "none".into(),
    };
    let event = Event::ConsentGiven(ConsentGiven::on_screen(
        (
            ConsentId::from_bytes([17; 16]),
            GroupId::from_bytes([18; 16]),
        ),
        terms,
        shown,
        Assurance::SmsAndRecovery,
        &Origin::new(ORIGIN).unwrap(),
    ));
    Record {
        event,
        ..self::permit(time)
    }
}

/// The record of the permit, decided at this time.
pub fn permit(time: Timestamp) -> Record {
    let nonce = RequestNonce::from_bytes([14; 16]);
    let code = |text| CategoryCode::parse(text).unwrap();
    Record {
        origin: Origin::new(ORIGIN).unwrap(),
        time,
        position: Position::Person(PersonPosition {
            subject: SubjectHandle::from_bytes([15; 16]),
            epoch: Epoch::FIRST,
            seq: Seq::new(9).unwrap(),
            prev: Some(LeafIndex::new(3)),
        }),
        engine: "test".into(),
        retain_until: time.plus_millis(1_000_000_000),
        event: Event::AccessPermitted(AccessDecided {
            requester: InstitutionId::parse(REQUESTER).unwrap(),
            role_holder: RoleHolderId::parse("dr-sato").unwrap(),
            role: RoleCode::parse("physician").unwrap(),
            process: ProcessId::parse("care.consult").unwrap(),
            purpose: PurposeCode::parse("treatment").unwrap(),
            holder: InstitutionId::parse("pharmacy.midori").unwrap(),
            categories: Set::new([code("medication"), code("allergy")]),
            access_mode: AccessMode::View,
            period_from: None,
            period_until: None,
            basis_kind: BasisKind::Consent,
            reason_code: None,
            reason_text: None,
            on_behalf_of: None,
            case: None,
            request_digest: request_digest(&nonce, "GET", PATH, b""),
            request_nonce: Bytes(nonce.as_bytes().to_vec()),
            outcome: Outcome::Permit,
            told: Outcome::Permit,
            step: None,
            reasons: Reason::ConsentCovers.into(),
            duties: vec![Duty::Notify],
            expires: Some(time.plus_millis(600_000)),
            policy_digest: Digest::from_bytes([9; 32]),
            consent: Some(LeafIndex::new(CONSENT_INDEX)),
            approval: None,
            holder_link: Some(LinkCode::from_sealed(&LINK_CODE)),
            gate_number: GateNumber::new(GATE_NUMBER),
            presenter_key: Digest::from_bytes(*named(REQUESTER).public().as_bytes()),
            kid: evidence_kid(&Secret::from_bytes(EVIDENCE_KEY)),
            jti: Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
            statement: Bytes(b"h.c.s".to_vec()),
        }),
    }
}

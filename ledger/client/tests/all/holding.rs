//! What a holder releases on, and what it does not.

use akashi_actors::log::{filler, prove, random_entry};
use akashi_actors::permit::{self, EVIDENCE_KEY, GATE_NUMBER, LINK_CODE, LINK_KEY, ORIGIN, PATH};
use akashi_actors::{SeededSigner, named};
use akashi_client::{Holder, KnownLink, NotPermitted, Query};
use akashi_proof::digest::Secret;
use akashi_proof::evidence::{Evidence, EvidenceError};
use akashi_proof::ids::{GateNumber, LinkCode, Timestamp};
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signer::Signer;

const DECIDED: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn log() -> SeededSigner {
    SeededSigner::log(ORIGIN, 1)
}

/// Evidence whose entry carries a gate of this link.
fn evidence_on(link_key: [u8; 32]) -> Evidence {
    let mut entries: Vec<Vec<u8>> = (0..100).map(random_entry).collect();
    permit::place(&mut entries, DECIDED, &Secret::from_bytes(link_key));
    let text = permit::evidence(DECIDED, |index| prove(&entries, index, &log()));
    Evidence::parse(text.as_bytes()).unwrap()
}

/// A question a holder asks, honest where a test does not bend it.
struct Case {
    holder: Holder,
    query: Query<'static>,
    now: Timestamp,
    link: Option<([u8; 32], Option<u64>)>,
    evidence: Evidence,
}

impl Case {
    fn honest() -> Self {
        Self {
            holder: Holder {
                id: named("pharmacy.midori").id().clone(),
                log: LogKeys::new(vec![log().verifying_key().clone()]).unwrap(),
                evidence_key: Secret::from_bytes(EVIDENCE_KEY),
            },
            query: Query::get(PATH),
            now: DECIDED,
            link: Some((LINK_KEY, None)),
            evidence: evidence_on(LINK_KEY),
        }
    }

    /// The number the permit has, or why nothing may leave.
    fn check(self) -> Result<u64, NotPermitted> {
        let Self {
            holder,
            query,
            now,
            link,
            evidence,
        } = self;
        let permit = holder.check(&evidence, &query, now, |code| {
            assert_eq!(*code, LinkCode::from_sealed(&LINK_CODE));
            let (key, highest) = link?;
            Some(KnownLink {
                key: Secret::from_bytes(key),
                highest: highest.and_then(GateNumber::new),
            })
        })?;
        assert_eq!(permit.evidence.requester.as_str(), "hospital.chuo");
        Ok(permit.gate_number.value())
    }
}

#[test]
fn honest_evidence_opens_the_data_until_its_number_is_used() {
    assert_eq!(Case::honest().check(), Ok(GATE_NUMBER));
    let after = |highest| Case {
        link: Some((LINK_KEY, Some(highest))),
        ..Case::honest()
    };
    assert_eq!(after(GATE_NUMBER - 1).check(), Ok(GATE_NUMBER));
    for used in [GATE_NUMBER, GATE_NUMBER + 1] {
        assert!(matches!(
            after(used).check(),
            Err(NotPermitted::Evidence(EvidenceError::GateNumber { .. }))
        ));
    }
}

#[test]
fn evidence_of_another_holder_opens_nothing() {
    let mut case = Case::honest();
    case.holder.id = named("hospital.minato").id().clone();
    let refused = case.check().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "expected a permit at `hospital.minato`, found one at `pharmacy.midori`"
    );
    let mut case = Case::honest();
    case.holder.evidence_key = Secret::from_bytes([99; 32]);
    assert_eq!(
        case.check(),
        Err(NotPermitted::Evidence(EvidenceError::Sealed))
    );
}

#[test]
fn evidence_for_another_query_opens_nothing() {
    let post = Query {
        method: "POST",
        ..Query::get(PATH)
    };
    let with_body = Query {
        body: b"everything",
        ..Query::get(PATH)
    };
    for query in [Query::get("/everything"), post, with_body] {
        let case = Case {
            query,
            ..Case::honest()
        };
        assert_eq!(
            case.check(),
            Err(NotPermitted::Evidence(EvidenceError::Request)),
            "{query:?}"
        );
    }
}

#[test]
fn evidence_of_another_log_time_or_link_opens_nothing() {
    let mut case = Case::honest();
    let other = SeededSigner::log(ORIGIN, 2);
    case.holder.log = LogKeys::new(vec![other.verifying_key().clone()]).unwrap();
    assert!(matches!(
        case.check(),
        Err(NotPermitted::Evidence(EvidenceError::Rejected(_)))
    ));
    for now in [
        DECIDED.minus_millis(61_000),
        DECIDED.plus_millis(600_000 + 60_000),
    ] {
        let case = Case {
            now,
            ..Case::honest()
        };
        assert!(matches!(
            case.check(),
            Err(NotPermitted::Evidence(EvidenceError::Time { .. }))
        ));
    }
    // The ledger hid it behind a gate she cannot find; or the holder's key is another's.
    let hidden = Case {
        evidence: evidence_on(filler("another link", 0)),
        ..Case::honest()
    };
    let mistaken = Case {
        link: Some(([5; 32], None)),
        ..Case::honest()
    };
    for case in [hidden, mistaken] {
        assert!(matches!(
            case.check(),
            Err(NotPermitted::Evidence(EvidenceError::Gate(_)))
        ));
    }
    let unknown = Case {
        link: None,
        ..Case::honest()
    };
    assert_eq!(unknown.check(), Err(NotPermitted::UnknownLink));
}

//! What a holder releases on, and what it does not.

use akashi_actors::log::{filler, prove, random_entry};
use akashi_actors::permit::{self, EVIDENCE_KEY, GATE_NUMBER, LINK_CODE, LINK_KEY, ORIGIN, PATH};
use akashi_actors::{SeededSigner, named};
use akashi_client::{
    FolderError, GateFolder, Holder, Institution, NotPermitted, NotTaken, Query, Stamp, TakenOnce,
};
use akashi_proof::digest::Secret;
use akashi_proof::evidence::{Evidence, EvidenceError};
use akashi_proof::gate::{GateRefused, GateUse, kept_gates_file};
use akashi_proof::ids::{GateNumber, LinkCode, Timestamp};
use akashi_proof::statement::Presentation;
use akashi_tlog::checkpoint::{LogKey, LogKeys, Origin};
use akashi_tlog::signer::Signer;
use tempfile::TempDir;

pub const DECIDED: Timestamp = Timestamp::from_millis(1_790_000_000_000);

pub fn log() -> SeededSigner {
    SeededSigner::log(ORIGIN, 1)
}

/// Evidence whose entry carries a gate of this link.
pub fn evidence_on(link_key: [u8; 32]) -> Evidence {
    evidence_decided(DECIDED, link_key)
}

fn evidence_decided(at: Timestamp, link_key: [u8; 32]) -> Evidence {
    let mut entries: Vec<Vec<u8>> = (0..100).map(random_entry).collect();
    permit::place(&mut entries, at, &Secret::from_bytes(link_key));
    let text = permit::evidence(at, |index| prove(&entries, index, &log()));
    Evidence::parse(text.as_bytes()).unwrap()
}

/// A question a holder asks, honest where a test does not bend it.
struct Case {
    holder: Holder,
    query: Query<'static>,
    now: Timestamp,
    link: Option<[u8; 32]>,
    evidence: Evidence,
    presented: Option<String>,
    folder: TempDir,
}

impl Case {
    fn honest() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        Self {
            holder: Holder {
                id: named("pharmacy.midori").id().clone(),
                log: LogKeys::new(vec![log().verifying_key().clone()]).unwrap(),
                evidence_key: Secret::from_bytes(EVIDENCE_KEY),
                gates: GateFolder::create(&kept, Origin::new(ORIGIN).unwrap()).unwrap(),
                presented: TakenOnce::default(),
            },
            query: Query::get(PATH),
            now: DECIDED,
            link: Some(LINK_KEY),
            evidence: evidence_on(LINK_KEY),
            presented: None,
            folder,
        }
    }

    /// What its requester shows, where a test shows nothing else.
    fn shown(&self) -> Presentation {
        let text = permit::presented(&self.evidence.to_string(), self.now);
        let text = self.presented.clone().unwrap_or(text);
        Presentation::parse(text.as_bytes()).unwrap()
    }

    /// The number the permit has and how it was used, or why nothing may leave.
    fn admit(&self) -> Result<(u64, GateUse), NotPermitted> {
        let permit = self.holder.admit(
            &self.evidence,
            (&self.query, &self.shown()),
            self.now,
            |code| {
                assert_eq!(*code, LinkCode::from_sealed(&LINK_CODE));
                self.link.map(Secret::from_bytes)
            },
        )?;
        assert_eq!(permit.evidence.requester.as_str(), "hospital.chuo");
        Ok((permit.gate_number.value(), permit.gate_use))
    }

    fn refused(&self) -> NotPermitted {
        self.admit().unwrap_err()
    }

    fn found_wrong(&self) -> EvidenceError {
        match self.refused() {
            NotPermitted::Evidence(error) => error,
            other => panic!("{other}"),
        }
    }
}

#[test]
fn honest_evidence_opens_the_data_and_a_retry_is_known_as_one() {
    let mut case = Case::honest();
    assert_eq!(case.admit().unwrap(), (GATE_NUMBER, GateUse::First));
    assert_eq!(case.admit().unwrap(), (GATE_NUMBER, GateUse::Again));
    // Another permit under the same number: the log is not honest.
    case.evidence = evidence_decided(DECIDED.plus_millis(1), LINK_KEY);
    let spent = GateRefused::Spent(GateNumber::new(GATE_NUMBER).unwrap());
    assert_eq!(case.found_wrong(), spent.into());
}

#[test]
fn evidence_of_another_holder_opens_nothing() {
    let mut case = Case::honest();
    case.holder.id = named("hospital.minato").id().clone();
    let refused = case.refused();
    assert_eq!(
        refused.to_string(),
        "expected a permit at `hospital.minato`, found one at `pharmacy.midori`"
    );
    let mut case = Case::honest();
    case.holder.evidence_key = Secret::from_bytes([99; 32]);
    assert_eq!(case.found_wrong(), EvidenceError::Sealed);
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
        assert_eq!(case.found_wrong(), EvidenceError::Request, "{query:?}");
    }
}

#[test]
fn evidence_of_another_log_time_or_link_opens_nothing() {
    let mut case = Case::honest();
    let other = SeededSigner::log(ORIGIN, 2);
    case.holder.log = LogKeys::new(vec![other.verifying_key().clone()]).unwrap();
    assert!(matches!(case.found_wrong(), EvidenceError::Rejected(_)));
    for now in [
        DECIDED.minus_millis(61_000),
        DECIDED.plus_millis(600_000 + 60_000),
    ] {
        let case = Case {
            now,
            ..Case::honest()
        };
        assert!(matches!(case.found_wrong(), EvidenceError::Time { .. }));
    }
    // The ledger hid it behind a gate she cannot find; or the holder's key is another's.
    let hidden = Case {
        evidence: evidence_on(filler("another link", 0)),
        ..Case::honest()
    };
    let mistaken = Case {
        link: Some([5; 32]),
        ..Case::honest()
    };
    for case in [hidden, mistaken] {
        assert!(matches!(case.found_wrong(), EvidenceError::Gate(_)));
    }
    let unknown = Case {
        link: None,
        ..Case::honest()
    };
    assert!(matches!(unknown.refused(), NotPermitted::UnknownLink));
}

/// A holder reads no registry: what its settings say of the sizes of a key is all it knows.
#[test]
fn evidence_by_an_ended_key_opens_data_until_its_last_size_is_written_beside_it() {
    // The evidence is of a tree of 100 entries, signed by the first key alone.
    let (first, next) = (log().vkey(), SeededSigner::log(ORIGIN, 2).vkey());
    let knows = |first: String| {
        let keys = [first, next.clone()].map(|key| key.parse::<LogKey>().unwrap());
        let mut case = Case::honest();
        case.holder.log = LogKeys::of(keys.to_vec()).unwrap();
        case
    };
    for ended in [format!("{first}@-99"), format!("{first}@1-60")] {
        let case = knows(ended);
        assert!(matches!(case.found_wrong(), EvidenceError::Rejected(_)));
    }
    // Evidence of its time stays good. And a key beside which nothing is written signs every size:
    // which is why it must not stay so.
    for believed in [format!("{first}@-100"), first.clone()] {
        assert_eq!(
            knows(believed).admit().unwrap(),
            (GATE_NUMBER, GateUse::First)
        );
    }
}

#[test]
fn what_was_released_on_is_known_to_the_next_program_and_to_one_at_a_time() {
    let mut case = Case::honest();
    let (kept, origin) = (
        case.folder.path().join("kept"),
        Origin::new(ORIGIN).unwrap(),
    );
    assert_eq!(case.admit().unwrap(), (GATE_NUMBER, GateUse::First));
    let opened = GateFolder::open(&kept, &origin);
    assert!(matches!(opened, Err(FolderError::InUse(_))));
    let begun = GateFolder::create(&kept, origin.clone());
    assert!(matches!(begun, Err(FolderError::File { .. })));

    // The program dies after the number was kept and before anything was reported.
    let elsewhere = case.folder.path().join("elsewhere");
    case.holder.gates = GateFolder::create(&elsewhere, origin.clone()).unwrap();
    let another = Origin::new("other.example/log").unwrap();
    let opened = GateFolder::open(&kept, &another);
    assert!(matches!(opened, Err(FolderError::Another(_))));
    case.holder.gates = GateFolder::open(&kept, &origin).unwrap();
    assert_eq!(case.admit().unwrap(), (GATE_NUMBER, GateUse::Again));
}

#[test]
fn nothing_is_released_on_what_is_kept_and_cannot_be_read() {
    let case = Case::honest();
    case.admit().unwrap();
    let kept = case.folder.path().join("kept");
    let of_link = kept.join(kept_gates_file(&LinkCode::from_sealed(&LINK_CODE)));
    let whole = std::fs::read(&of_link).unwrap();
    for damaged in [&whole[..whole.len() - 1], b"", b"akashi-gates/v1\n"] {
        std::fs::write(&of_link, damaged).unwrap();
        let refused = case.refused();
        let format = matches!(refused, NotPermitted::Folder(FolderError::Format { .. }));
        assert!(format, "{refused}");
    }
    std::fs::write(&of_link, whole).unwrap();
    assert_eq!(case.admit().unwrap(), (GATE_NUMBER, GateUse::Again));
}

#[test]
fn of_two_threads_with_one_permit_one_is_the_first() {
    let case = Case::honest();
    let uses = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| case.admit())).collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined
            .map(|admitted| admitted.unwrap().1)
            .collect::<Vec<_>>()
    });
    let first = uses.iter().filter(|found| **found == GateUse::First);
    assert_eq!(first.count(), 1, "{uses:?}");
}

/// What this institution shows this holder beside the evidence of a case.
fn shows(who: &str, holder: &str, at: Timestamp, case: &Case) -> String {
    let who = Institution::new(named(who), Origin::new(ORIGIN).unwrap());
    let holder = named(holder).id().clone();
    let text = case.evidence.to_string();
    who.present(Stamp::draw(at).unwrap(), holder, &text)
}

/// Evidence is a file: whoever has a copy of it has nothing.
#[test]
fn nobody_but_the_requester_presents_evidence_and_only_here_now_and_for_this_query() {
    let case = Case::honest();
    let here = "pharmacy.midori";
    let shows = |who, holder, at| shows(who, holder, at, &case);
    let stale = DECIDED.minus_millis(301_000);
    let of_another = permit::presented("other evidence", DECIDED);
    for (presented, field) in [
        // A conveyor that carries it, and the holder of another permit.
        (shows("conveyor.kita", here, DECIDED), "kid"),
        (shows("hospital.minato", here, DECIDED), "kid"),
        (shows("hospital.chuo", "pharmacy.kita", DECIDED), "aud"),
        (shows("hospital.chuo", here, stale), "iat"),
        (of_another, "ath"),
    ] {
        let mut case = Case::honest();
        case.presented = Some(presented);
        match case.refused() {
            NotPermitted::Presented(fault) => {
                assert_eq!(fault.field, format!("presented.{field}"));
            }
            other => panic!("{field}: {other}"),
        }
        case.presented = None;
        let admitted = case.admit().unwrap();
        assert_eq!(admitted, (GATE_NUMBER, GateUse::First), "nothing was spent");
    }
    // The evidence is bound to the query, so what presents the evidence presents this query alone.
    let query = case.query;
    let post = Query {
        method: "POST",
        ..query
    };
    let body = Query {
        body: b"all of it",
        ..query
    };
    for other in [post, body, Query::get("/"), Query::get("/medication?all")] {
        let mut case = Case::honest();
        case.query = other;
        let refused = case.refused();
        assert!(
            matches!(refused, NotPermitted::Evidence(EvidenceError::Request)),
            "{refused}"
        );
        case.query = query;
        let admitted = case.admit().unwrap();
        assert_eq!(admitted, (GATE_NUMBER, GateUse::First), "nothing was spent");
    }
}

#[test]
fn a_presentation_is_good_for_one_try() {
    let mut case = Case::honest();
    case.presented = Some(permit::presented(&case.evidence.to_string(), DECIDED));
    case.admit().unwrap();
    let before = case.refused();
    assert!(
        matches!(before, NotPermitted::Taken(NotTaken::Before)),
        "{before}"
    );
    case.presented = None;
    assert_eq!(case.admit().unwrap(), (GATE_NUMBER, GateUse::Again));
}

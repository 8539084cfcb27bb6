//! A log that stood still for more than a week: what lets it go on is checked to the last word, and
//! the times are told to whoever has another clock.

use akashi_actors::claims::ledger_resumed;
use akashi_audit::report::{Form, of_fsck};
use akashi_audit::source::Folder;
use akashi_check::fsck::{self, Report, Request};
use akashi_check::verdict::Verdict;
use akashi_proof::ids::Timestamp;
use akashi_proof::record::Record;
use akashi_proof::record::kind::Event;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::merkle::{Hash, TreeSize};
use akashi_tlog::signed_note::VerifyingKey;
use serde_json::{Value, json};

use crate::support::{
    OPENED, TestLog, by_supervisors, by_supervisors_at, certify, log_signer, members, opened_under,
    registry_record,
};

const DAY: u64 = 86_400;
/// Where the record stands that lets it go on.
const AT: u64 = 60;
const LAST: u64 = OPENED / 1_000 + 5;
const RESUMED: u64 = LAST + 8 * DAY;

/// The registry before.
fn before() -> Vec<Record> {
    let before = [
        opened_under(2),
        by_supervisors(&certify("hospital.chuo", 4)),
    ];
    let before = (1..).zip(before);
    before
        .map(|(seq, event)| registry_record(seq, event))
        .collect()
}

/// A registry of a log that stood still before its third entry.
pub fn registry() -> Vec<Record> {
    let mut records = before();
    let size = TreeSize::new(records.len() as u64);
    let root = TestLog::of(&records, size.value()).tree().root();
    let act = ledger_resumed(TreeHead { size, root }, LAST);
    let event = by_supervisors_at(&members(&act), RESUMED, 2);
    records.push(Record {
        time: Timestamp::from_seconds(RESUMED),
        ..registry_record(3, event)
    });
    records
}

/// A log that stood still at entry 60 and went on by this record.
struct Stood {
    log: TestLog,
    head: TreeHead,
}

impl Stood {
    fn still() -> Self {
        let records = before();
        let log = TestLog::of(&records, 700);
        let mut then = TestLog::of(&records, 700);
        then.entries.truncate(AT as usize);
        let head = TreeHead {
            size: TreeSize::new(AT),
            root: then.tree().root(),
        };
        Self { log, head }
    }

    fn act(&self) -> Value {
        ledger_resumed(self.head, LAST)
    }

    /// It goes on by this event, in a record of this second.
    fn by(mut self, event: Event, seconds: u64) -> Report {
        let record = Record {
            time: Timestamp::from_seconds(seconds),
            ..registry_record(3, event)
        };
        self.log.place(AT, 3, &record);
        self.checked()
    }

    /// The same, by both supervisors.
    fn by_act(self, act: &Value) -> Report {
        self.by(by_supervisors_at(&members(act), RESUMED, 2), RESUMED)
    }

    fn checked(&self) -> Report {
        let folder = tempfile::tempdir().unwrap();
        self.log.write(folder.path());
        let keys = VerifyingKey::parse(&log_signer().vkey()).unwrap();
        fsck::run(&Request {
            keys: Some(&LogKeys::new(vec![keys]).unwrap()),
            workers: 2,
            ..Request::of(&Folder::new(folder.path()).unwrap())
        })
    }
}

#[track_caller]
fn assert_lie(report: &Report, said: &str) {
    let found: Vec<String> = report
        .findings
        .iter()
        .map(|one| format!("{}: {}", one.place, one.problem))
        .collect();
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken, "{found:#?}");
    assert!(
        found
            .iter()
            .any(|one| one.starts_with("registry/3: ") && one.contains(said)),
        "expected `{said}` in {found:#?}"
    );
}

#[test]
fn who_went_on_says_when_and_by_whose_word() {
    let stood = Stood::still();
    let (head, act) = (stood.head, stood.act());
    let report = stood.by_act(&act);
    assert_eq!(report.verdict(), Verdict::Good, "{:?}", report.findings);
    let text = of_fsck("log", &report, std::time::Duration::ZERO, Form::Text);
    assert!(
        text.contains(
            "resumed     registry/3: 2026-09-29T14:13:25Z, 60 entries, the last of \
             2026-09-21T14:13:25Z"
        ),
        "{text}"
    );
    let json = of_fsck("log", &report, std::time::Duration::ZERO, Form::Json);
    let json: Value = serde_json::from_str(&json).unwrap();
    let told = json!([{
        "record": 3, "size": 60, "root": head.root.to_base64(),
        "resumed_at": "2026-09-29T14:13:25Z", "last_record_at": "2026-09-21T14:13:25Z",
    }]);
    assert_eq!(json["resumed"], told);
}

/// A clock ten years ahead, vouched for by two supervisors, is a good record: nobody but the reader
/// has another clock, and so both times are told.
#[test]
fn a_lie_of_two_supervisors_about_the_year_is_told_and_not_found() {
    let stood = Stood::still();
    let (act, later) = (stood.act(), RESUMED + 3_652 * DAY);
    let report = stood.by(by_supervisors_at(&members(&act), later, 2), later);
    assert_eq!(report.verdict(), Verdict::Good);
    let text = of_fsck("log", &report, std::time::Duration::ZERO, Form::Text);
    assert!(
        text.contains("resumed     registry/3: 2036-09-28"),
        "{text}"
    );
}

#[test]
fn another_stand_than_the_supervisors_signed() {
    let stood = Stood::still();
    let mut other = stood.head;
    other.root = Hash::from_bytes([7; 32]);
    let act = ledger_resumed(other, LAST);
    assert_lie(&stood.by_act(&act), "resumes a log of 60 entries with root");
    for size in [AT - 1, AT + 1] {
        let stood = Stood::still();
        let mut other = stood.head;
        other.size = TreeSize::new(size);
        let act = ledger_resumed(other, LAST);
        assert_lie(&stood.by_act(&act), "at another size than it has");
    }
}

#[test]
fn a_pause_that_was_none() {
    for (last, said) in [
        (RESUMED - 7 * DAY, "had not stood still"),
        (RESUMED + 1, "had not stood still"),
        (OPENED / 1_000 - 1, "younger than what it says"),
    ] {
        let stood = Stood::still();
        let act = ledger_resumed(stood.head, last);
        assert_lie(&stood.by_act(&act), said);
    }
    let stood = Stood::still();
    let act = ledger_resumed(stood.head, RESUMED - 7 * DAY - 1);
    assert_eq!(stood.by_act(&act).verdict(), Verdict::Good);
}

#[test]
fn a_time_nobody_has_vouched_for() {
    for apart in [-301_i64, 301, 3_652 * DAY as i64] {
        let stood = Stood::still();
        let event = by_supervisors_at(&members(&stood.act()), RESUMED, 2);
        let report = stood.by(event, RESUMED.checked_add_signed(apart).unwrap());
        assert_lie(&report, "iat");
    }
}

#[test]
fn one_supervisor_and_what_none_has_signed() {
    let stood = Stood::still();
    let event = by_supervisors_at(&members(&stood.act()), RESUMED, 1);
    assert_lie(&stood.by(event, RESUMED), "statements of 2 signers");
    let bends: [fn(&mut Event); 3] = [
        |event| {
            bent(event, |e| {
                e.last_record_at = e.last_record_at.minus_millis(1_000)
            })
        },
        |event| bent(event, |e| e.reason = "a holiday".to_owned()),
        |event| bent(event, |e| e.statements.truncate(1)),
    ];
    for bend in bends {
        let stood = Stood::still();
        let mut event = by_supervisors_at(&members(&stood.act()), RESUMED, 2);
        bend(&mut event);
        assert_lie(&stood.by(event, RESUMED), "");
    }
}

fn bent(event: &mut Event, bend: impl FnOnce(&mut akashi_proof::record::kind::LedgerResumed)) {
    if let Event::LedgerResumed(e) = event {
        bend(e);
    }
}

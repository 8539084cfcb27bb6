//! Histories that lie, each in one way: an operator hides, misfiles or alters a record of a person,
//! and her own check of her history file against the public log finds it.

use akashi_actors::log::{filler, random_entry};
use akashi_check::history::{Newer, Report};
use akashi_check::verdict::Verdict;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::entry::Entry;
use akashi_proof::gate::link_check;
use akashi_proof::history::HistoryItem;
use akashi_proof::ids::{Epoch, LeafIndex, Seq, Timestamp, TreeSize};
use akashi_proof::jws::Type;
use akashi_proof::key::thumbprint;
use akashi_proof::record::kind::Event;
use akashi_proof::record::value::{Bytes, Value};
use akashi_proof::record::{Closed, Position, Record};
use akashi_proof::stream;
use akashi_tlog::checkpoint::Origin;

use crate::person::{
    Asked, Filed, HOSPITAL, PHARMACY, PLACES, SIZE, Story, link_key, linked, linked_on, permitted,
    revoked,
};

use crate::support::{HOSPITAL_SEED, OPENED, PHARMACY_SEED, gate, place as in_stream};

fn lines(report: &Report) -> Vec<String> {
    let of_log = report
        .log
        .iter()
        .flat_map(|log| &log.findings)
        .map(|f| format!("{}: {}", f.place, f.problem));
    of_log
        .chain(
            report
                .findings
                .iter()
                .map(|f| format!("{}: {}", f.place, f.problem)),
        )
        .collect()
}

/// These findings, in this order, and no other; each expected one is a part of the found one.
#[track_caller]
fn assert_found(report: &Report, verdict: Verdict, expected: &[&str]) {
    let lines = lines(report);
    let are_those = lines.len() == expected.len()
        && lines
            .iter()
            .zip(expected)
            .all(|(line, part)| line.contains(part));
    assert!(
        are_those && report.verdict() == verdict,
        "{:?}, expected {expected:#?}\n{lines:#?}",
        report.verdict()
    );
}

#[track_caller]
pub fn assert_caught(report: &Report, expected: &[&str]) {
    assert_found(report, Verdict::DishonestOrBroken, expected);
}

#[track_caller]
fn assert_not_checked(report: &Report, expected: &[&str]) {
    assert_found(report, Verdict::CouldNotCheck, expected);
}

#[track_caller]
pub fn assert_good(report: &Report) {
    assert_found(report, Verdict::Good, &[]);
}

/// Nothing is wrong, but the log holds newer records than the file; these.
#[track_caller]
fn assert_older(report: &Report, newer: &[Newer]) {
    assert_not_checked(
        report,
        &[&format!(
            "file: is older than the log, which holds {} newer",
            newer.len()
        )],
    );
    assert_eq!(report.newer, newer);
}

fn her_place(record: &mut Record) -> &mut akashi_proof::record::PersonPosition {
    let Position::Person(place) = &mut record.position else {
        unreachable!()
    };
    place
}

// --- Honest ones ---

#[test]
fn an_honest_history_is_complete() {
    let story = Story::honest();
    let report = story.check(&story.file());
    assert_good(&report);
    let summary = report.summary.unwrap();
    let links: Vec<_> = summary
        .links
        .iter()
        .map(|link| (link.institution.as_str(), link.permits))
        .collect();
    assert_eq!(
        links,
        [
            ("hospital.chuo", 0),
            ("pharmacy.midori", 2),
            ("pharmacy.midori", 3)
        ]
    );
    assert_eq!(
        summary.links[0].names,
        Some(["中央".to_owned(), "Chuo".to_owned()]),
        "as the registry has them"
    );
    assert_eq!((summary.records, summary.size), (11, TreeSize::new(SIZE)));
}

#[test]
fn a_history_of_any_length_made_at_any_time_is_a_beginning() {
    let mut story = Story::honest();
    for (count, place) in (1..).zip(PLACES) {
        for made_at in [place + 1, PLACES.get(count).copied().unwrap_or(SIZE)] {
            story.made_at = made_at;
            let report = story.check(&story.file_of(count));
            let newer: Vec<Newer> = (count as u64 + 1..)
                .zip(&PLACES[count..])
                .map(|(seq, index)| Newer {
                    seq: in_stream(seq),
                    index: LeafIndex::new(*index),
                })
                .collect();
            if newer.is_empty() {
                assert_good(&report)
            } else {
                assert_older(&report, &newer)
            }
        }
    }
}

#[test]
fn more_records_than_are_looked_for_at_once_are_found() {
    let mut story = Story::honest();
    story.made_at = 11;
    for seq in 12..=200 {
        let tag = stream::tag(&story.key.key, in_stream(seq));
        let free = match 400 + seq as usize {
            511 => 698,
            600 => 699,
            free => free,
        };
        story.log.set(
            free,
            Entry {
                tag,
                ..story.log.entry(free)
            },
        );
    }
    let report = story.check(&story.file_of(1));
    assert_not_checked(
        &report,
        &["number 11 at entry 640 and more. Download the file again"],
    );
    assert_eq!(report.newer.len(), 199);
}

#[test]
fn ten_thousand_records_are_checked_one_by_one() {
    let mut story = Story::honest();
    let last = SIZE + 10_000;
    story.log.entries.extend((SIZE..=last).map(random_entry));
    story.made_at = last + 1;
    while story.records.len() < 10_000 {
        story.append(crate::person::denied(), None);
    }
    let report = story.check(&story.file());
    assert_good(&report);
    assert_eq!(report.summary.map(|summary| summary.records), Some(10_000));
    assert_caught(
        &story.check(&story.file_of(9_999)),
        &["record 10000: THE FILE LEAVES IT OUT"],
    );
}

/// The same decision, on a statement of its own.
fn numbered(mut event: Event, seq: u64) -> Event {
    if let Event::AccessPermitted(decided) | Event::AccessDenied(decided) = &mut event {
        decided.jti = crate::person::jti(seq);
    }
    event
}

#[test]
fn a_link_that_ended_keeps_its_gates_and_carries_no_permit_any_more() {
    let mut story = Story::honest();
    story.change(8, |filed| filed.record.event = revoked("pharmacy.midori"));
    for seq in 9..=11 {
        story.change(seq, |filed| {
            filed.record.event = numbered(crate::person::denied(), seq);
            filed.gate = [seq as u8; 32];
        });
    }
    assert_good(&story.check(&story.file()));
    for seq in 9..=11 {
        story.change(seq, |filed| {
            filed.record.event = numbered(permitted(seq - 6), seq);
            filed.gate = gate(&link_key("pharmacy"), seq - 6);
        });
    }
    let ended = |seq| format!("record {seq}: its `holder` names nothing of hers that stood then");
    let ended = [9, 10, 11].map(ended);
    let ended = ended.each_ref().map(String::as_str);
    assert_caught(&story.check(&story.file()), &ended);
}

// --- Records hidden from her ---

#[test]
fn the_last_record_hidden_from_the_file() {
    let story = Story::honest();
    let report = story.check(&story.file_of(10));
    assert_caught(
        &report,
        &["record 11: THE FILE LEAVES IT OUT: the log holds it at entry 640"],
    );
    assert!(report.newer.is_empty());
}

#[test]
fn an_old_checkpoint_behind_the_file_so_that_a_record_left_out_looks_newer() {
    let mut story = Story::honest();
    let said = |seq: u64, index: u64, size: u64| {
        format!(
            "record {seq}: the file says it stands at entry {index}, and that the log had {size} entries"
        )
    };
    for made_at in [600, 1] {
        story.made_at = made_at;
        let report = story.check(&story.file_of(10));
        let lines = lines(&report);
        assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with(&said(10, 600, made_at))),
            "{lines:#?}"
        );
    }
    story.made_at = 640;
    assert_caught(&story.check(&story.file()), &[&said(11, 640, 640)]);
    // Nor does it help not to show the record that gives it away.
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    items[10] = HistoryItem::Missing {
        seq: Seq::new(11).unwrap(),
        index: Some(LeafIndex::new(640)),
    };
    assert_caught(
        &story.check(&story.file_from(&items)),
        &[&said(11, 640, 640), "record 11: the file does not show"],
    );
    items[10] = HistoryItem::Missing {
        seq: Seq::new(11).unwrap(),
        index: None,
    };
    assert_not_checked(
        &story.check(&story.file_from(&items)),
        &["record 11: the file does not show"],
    );
}

#[test]
fn several_records_hidden_from_the_file() {
    let story = Story::honest();
    let report = story.check(&story.file_of(8));
    assert_caught(
        &report,
        &[
            "record 9: THE FILE LEAVES",
            "record 10: THE FILE LEAVES",
            "record 11: THE FILE LEAVES",
        ],
    );
}

#[test]
fn a_record_hidden_from_the_middle_and_the_others_moved_up() {
    let story = Story::honest();
    let mut records = story.records.clone();
    records.remove(5);
    for (seq, filed) in (1..).zip(&mut records) {
        her_place(&mut filed.record).seq = in_stream(seq);
    }
    let report =
        story.check(&story.file_from(&records.iter().map(Filed::item).collect::<Vec<_>>()));
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
    let lines = lines(&report);
    for part in [
        "record 6: stands at entry 256, the file says 257",
        "record 6: is not the record entry 256 commits to",
        "record 11: THE FILE LEAVES",
    ] {
        assert!(
            lines.iter().any(|line| line.contains(part)),
            "{part} in {lines:#?}"
        );
    }
}

#[test]
fn a_record_left_out_without_moving_the_others() {
    let story = Story::honest();
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    items.remove(5);
    let file = story.file_from(&items);
    assert_caught(
        &story.check(&file),
        &["file: line 153: expected record 6, found record 7"],
    );
}

#[test]
fn a_gap_among_newer_records() {
    let mut story = Story::honest();
    story.made_at = 300;
    story.log.entries[310] = random_entry(310);
    let report = story.check(&story.file_of(7));
    assert_caught(
        &report,
        &[
            "file: is older than the log",
            "record 8: stands nowhere in the log, though record 9 stands at entry 511",
        ],
    );
}

#[test]
fn a_record_whose_body_is_not_shown_could_not_be_checked() {
    let story = Story::honest();
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    items[4] = HistoryItem::Missing {
        seq: Seq::new(5).unwrap(),
        index: None,
    };
    items[6] = HistoryItem::Missing {
        seq: Seq::new(7).unwrap(),
        index: Some(LeafIndex::new(257)),
    };
    let expected = [
        "record 5: the file does not show it, so what it says could not be checked (entry 255)",
        "record 7: ",
    ];
    assert_not_checked(&story.check(&story.file_from(&items)), &expected);

    items[6] = HistoryItem::Missing {
        seq: Seq::new(7).unwrap(),
        index: Some(LeafIndex::new(258)),
    };
    assert_caught(
        &story.check(&story.file_from(&items)),
        &[
            "record 5: ",
            "record 7: stands at entry 257",
            "record 7: the file",
        ],
    );
    items[6] = story.records[6].item();
    items[4] = story.records[4].item();
    // A link nobody shows: its permits could be anything, but the others are still held to theirs.
    items[7] = HistoryItem::Missing {
        seq: Seq::new(8).unwrap(),
        index: Some(LeafIndex::new(310)),
    };
    let report = story.check(&story.file_from(&items));
    assert_eq!(
        report.verdict(),
        Verdict::DishonestOrBroken,
        "{:#?}",
        lines(&report)
    );
}

/// The history with these records closed, where the file says they stand.
fn closed(story: &Story, which: &[(usize, Closed, u64)]) -> String {
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    for (seq, closed, index) in which {
        items[seq - 1] = HistoryItem::Closed {
            seq: in_stream(*seq as u64),
            index: LeafIndex::new(*index),
            closed: *closed,
        };
    }
    story.file_from(&items)
}

const WITHHELD: Closed = Closed::Withheld {
    reveal_by: Some(Timestamp::from_seconds(1_800_000_000)),
};

#[test]
fn records_that_are_not_open_are_counted_and_the_rest_is_checked() {
    let story = Story::honest();
    let report = story.check(&closed(
        &story,
        &[
            (1, Closed::Erased, 10),
            (5, Closed::Lost, 255),
            (6, WITHHELD, 256),
            (7, Closed::Withheld { reveal_by: None }, 257),
        ],
    ));
    assert_not_checked(
        &report,
        &[
            "record 1: its body was erased, so what it says could not be checked (entry 10)",
            "record 5: its body is lost, so what it says could not be checked (entry 255)",
            "record 6: its body is withheld until 2027-01-15T08:00:00Z at the latest, so what it says could not be checked",
            "record 7: its body is withheld, so what it says could not be checked (entry 257)",
        ],
    );
    assert!(report.is_complete);
    let counts = report.summary.unwrap().closed;
    assert_eq!((counts.lost, counts.withheld, counts.erased), (1, 2, 1));
    // Any one of them, in any state: an honest log is never called dishonest for it.
    for (seq, index) in (1..).zip(PLACES) {
        for state in [Closed::Lost, WITHHELD, Closed::Erased] {
            let report = story.check(&closed(&story, &[(seq, state, index)]));
            assert_eq!(
                report.verdict(),
                Verdict::CouldNotCheck,
                "{seq} {state} {:#?}",
                lines(&report)
            );
        }
    }
}

#[test]
fn a_permit_on_a_link_that_a_closed_record_may_have_issued() {
    let story = Story::honest();
    let report = story.check(&closed(&story, &[(8, Closed::Lost, 310)]));
    assert_not_checked(
        &report,
        &[
            "record 8: its body is lost",
            "record 9: permits access at `pharmacy.midori` with a gate of no link that the file shows",
            "record 10: permits access",
            "record 11: permits access",
        ],
    );
}

#[test]
fn an_entry_that_is_not_hers_behind_a_closed_record() {
    let story = Story::honest();
    for state in [Closed::Lost, WITHHELD, Closed::Erased] {
        assert_caught(
            &story.check(&closed(&story, &[(5, state, 254)])),
            &[
                "record 5: stands at entry 255, the file says 254",
                "record 5: its body",
            ],
        );
    }
}

#[test]
fn a_record_that_never_was_made_up_as_a_closed_one() {
    let mut story = Story::honest();
    story
        .log
        .entries
        .extend((SIZE..=SIZE + 12).map(|index| random_entry(index).to_vec()));
    story.made_at = SIZE + 13;
    story.append(crate::person::denied(), None);
    let index = story.records[11].index;
    story.log.entries[index as usize] = random_entry(index).to_vec();
    assert_caught(
        &story.check(&closed(&story, &[(12, Closed::Erased, index)])),
        &[
            "record 12: stands nowhere in the log",
            "record 12: its body was erased",
        ],
    );
}

#[test]
fn a_closed_record_does_not_hide_those_after_it() {
    let story = Story::honest();
    let mut items: Vec<_> = story.records.iter().map(Filed::item).take(10).collect();
    items[9] = HistoryItem::Closed {
        seq: in_stream(10),
        index: LeafIndex::new(600),
        closed: Closed::Erased,
    };
    assert_caught(
        &story.check(&story.file_from(&items)),
        &[
            "record 10: its body was erased",
            "record 11: THE FILE LEAVES IT OUT",
        ],
    );
    // Nor does one line stand for two.
    items[9] = HistoryItem::Closed {
        seq: in_stream(11),
        index: LeafIndex::new(640),
        closed: Closed::Erased,
    };
    assert_caught(
        &story.check(&story.file_from(&items)),
        &["expected record 10, found record 11"],
    );
}

// --- Permits filed under somebody else's number ---

/// An entry of nobody she knows that carries a gate of hers.
fn misfile(story: &mut Story, index: usize, key: &Secret, number: u64) {
    let entry = story.log.entry(index);
    story.log.set(
        index,
        Entry {
            gate: gate(key, number),
            ..entry
        },
    );
}

#[test]
fn a_permit_filed_under_a_wrong_tag() {
    let mut story = Story::honest();
    misfile(&mut story, 650, &link_key("pharmacy again"), 4);
    let said =
        "entry 650: A PERMIT HIDDEN FROM HER: carries gate 4 of her link with `pharmacy.midori`";
    assert_caught(&story.check(&story.file()), &[said]);
}

#[test]
fn a_permit_filed_under_a_wrong_tag_on_a_link_without_permits() {
    let mut story = Story::honest();
    misfile(&mut story, 30, &link_key("hospital"), 64);
    assert_caught(
        &story.check(&story.file()),
        &["entry 30: A PERMIT HIDDEN FROM HER: carries gate 64"],
    );
}

#[test]
fn a_permit_filed_under_a_wrong_tag_on_a_link_that_was_replaced() {
    let mut story = Story::honest();
    misfile(&mut story, 690, &link_key("pharmacy"), 3);
    assert_caught(
        &story.check(&story.file()),
        &["entry 690: A PERMIT HIDDEN FROM HER: carries gate 3"],
    );
}

#[test]
fn permits_filed_far_ahead_each_within_what_a_holder_takes() {
    let mut story = Story::honest();
    for (index, number) in [(650, 60), (651, 124), (652, 188)] {
        misfile(&mut story, index, &link_key("pharmacy again"), number);
    }
    let report = story.check(&story.file());
    assert_caught(
        &report,
        &[
            "entry 650: ",
            "entry 651: ",
            "entry 652: A PERMIT HIDDEN FROM HER: carries gate 188",
        ],
    );
}

#[test]
fn a_permit_misfiled_after_the_file_was_made() {
    let mut story = Story::honest();
    story.made_at = 641;
    misfile(&mut story, 650, &link_key("pharmacy again"), 4);
    assert_caught(
        &story.check(&story.file()),
        &["entry 650: A PERMIT HIDDEN FROM HER"],
    );
    story.made_at = 601;
    let newer = story.check(&story.file_of(10));
    assert_caught(
        &newer,
        &[
            "file: is older than the log",
            "entry 650: A PERMIT HIDDEN FROM HER",
        ],
    );
    assert_eq!(
        newer.newer,
        [Newer {
            seq: Seq::new(11).unwrap(),
            index: LeafIndex::new(640)
        }],
        "her own newer permit is no fault"
    );
}

#[test]
fn her_permit_moved_out_of_her_stream() {
    let mut story = Story::honest();
    let entry = story.log.entry(640);
    story.log.set(
        640,
        Entry {
            tag: filler("another's tag", 0),
            ..entry
        },
    );
    assert_caught(
        &story.check(&story.file_of(10)),
        &["entry 640: A PERMIT HIDDEN FROM HER: carries gate 3"],
    );
    let shown = story.check(&story.file());
    assert_caught(
        &shown,
        &[
            "record 11: stands nowhere in the log; the file says entry 640",
            "entry 640: A PERMIT",
        ],
    );
}

#[test]
fn a_gate_in_a_record_of_hers_that_is_no_permit() {
    let mut story = Story::honest();
    story.change(7, |filed| filed.gate = gate(&link_key("pharmacy"), 3));
    let said = "record 7: its entry 257 carries gate 3 of the link with `pharmacy.midori`, which is not that of this record";
    assert_caught(&story.check(&story.file()), &[said]);
}

// --- Permits with a wrong gate ---

#[test]
fn a_permit_with_a_random_gate() {
    let mut story = Story::honest();
    story.change(6, |filed| filed.gate = filler("some gate", 0));
    let said = "record 6: entry 256 does not carry gate 2 of the link with `pharmacy.midori`";
    assert_caught(&story.check(&story.file()), &[said]);
}

#[test]
fn a_permit_with_the_gate_of_another_number_or_link() {
    for (label, number) in [("pharmacy", 3), ("pharmacy again", 9), ("hospital", 1)] {
        let mut story = Story::honest();
        story.change(6, |filed| filed.gate = gate(&link_key(label), number));
        let report = story.check(&story.file());
        assert_caught(
            &report,
            &["which is not that of this record", "does not carry gate 2"],
        );
    }
}

#[test]
fn a_permit_that_skips_or_repeats_a_number() {
    for number in [1, 3, u64::MAX] {
        let mut story = Story::honest();
        story.change(6, |filed| filed.record.event = permitted(number));
        let report = story.check(&story.file());
        let said = format!("record 6: its `gate_number` is {number}, expected 2");
        assert_caught(&report, &[&said, "record 6: its entry 256 carries gate 2"]);
    }
}

#[test]
fn a_permit_at_an_institution_without_a_link() {
    let mut story = Story::honest();
    story.change(3, |filed| {
        filed.record.event = linked("clinic.kita", "pharmacy")
    });
    let report = story.check(&story.file());
    let lines = lines(&report);
    assert!(
        lines.iter().any(|line| line
            .contains("record 4: permits access at `pharmacy.midori`, which had no link")),
        "{lines:#?}"
    );
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
}

#[test]
fn a_link_key_that_is_not_the_one_signed_for() {
    let mut story = Story::honest();
    story.change(2, |filed| {
        let Event::LinkIssued(issued) = &mut filed.record.event else {
            unreachable!()
        };
        issued.link_key = link_key("another");
    });
    assert_caught(
        &story.check(&story.file()),
        &["record 2: the link key is not the one whose check value"],
    );
}

// --- Links no institution signed for ---

const NOT_SIGNED: &str =
    "record 3: A LINK `pharmacy.midori` HAS NOT SIGNED FOR: in the request it rests on, ";

/// Her history where the pharmacy's first link is this one.
#[track_caller]
fn assert_link_caught(event: Event, said: &str) {
    let mut story = Story::honest();
    story.change(3, |filed| filed.record.event = event);
    assert_caught(
        &story.check(&story.file()),
        &[&format!("{NOT_SIGNED}{said}")],
    );
}

#[test]
fn a_link_key_the_operator_made_up_with_the_permits_of_the_real_one_hidden() {
    let mut story = Story::honest();
    // What the pharmacy releases on stands in nobody's stream; she is shown gates of another key.
    let asked = Asked::honest(PHARMACY, "pharmacy");
    for (index, number) in [(650, 1), (651, 2), (652, 3)] {
        misfile(&mut story, index, &link_key("pharmacy"), number);
    }
    story.change(3, |filed| {
        filed.record.event = linked_on(PHARMACY, "made up", &asked)
    });
    for (seq, number) in [(4, 1), (6, 2)] {
        story.change(seq, |filed| filed.gate = gate(&link_key("made up"), number));
    }
    assert_caught(
        &story.check(&story.file()),
        &[&format!(
            "{NOT_SIGNED}`link_check`: expected that of the record"
        )],
    );
}

#[test]
fn a_link_whose_request_is_closed() {
    let story = Story::honest();
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    let HistoryItem::Record { disclosure, .. } = &mut items[2] else {
        unreachable!()
    };
    let (at, statement) = disclosure.opened.pop_last().unwrap();
    let hash = akashi_proof::record::commitment::field_hash(
        &statement.salt,
        &statement.name,
        &statement.value,
    );
    disclosure.closed.insert(at, hash);
    let report = story.check(&story.file_from(&items));
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
    let said = "record 3: field `statement` must be opened";
    assert!(
        lines(&report).iter().any(|line| line.contains(said)),
        "{:#?}",
        lines(&report)
    );
}

#[test]
fn a_link_without_a_request() {
    let mut event = linked(PHARMACY, "pharmacy");
    let Event::LinkIssued(issued) = &mut event else {
        unreachable!()
    };
    issued.statement = Bytes(b"h.c.s".to_vec());
    assert_link_caught(
        event,
        "`body`: expected three parts of canonical unpadded base64url",
    );
}

#[test]
fn a_link_request_the_operator_wrote_itself() {
    let asked = |change: &dyn Fn(&mut Asked)| {
        let mut asked = Asked::honest(PHARMACY, "pharmacy");
        change(&mut asked);
        linked_on(PHARMACY, "pharmacy", &asked)
    };
    assert_link_caught(
        asked(&|asked| asked.seed = 99),
        "`kid`: expected a signing key in the registry",
    );
    assert_link_caught(
        asked(&|asked| asked.seed = HOSPITAL_SEED),
        "`iss`: expected `hospital.chuo`, whose key signed",
    );
    // A supervisor's key is a key of the registry, but of no institution.
    assert_link_caught(
        asked(&|asked| asked.seed = 2),
        "`kid`: expected the key of an institution, found a supervisor's",
    );

    let mut event = linked(PHARMACY, "pharmacy");
    let Event::LinkIssued(issued) = &mut event else {
        unreachable!()
    };
    let text = String::from_utf8(issued.statement.0.clone()).unwrap();
    let (claimed, _) = text.rsplit_once('.').unwrap();
    issued.statement = Bytes(format!("{claimed}.{}", "A".repeat(86)).into_bytes());
    assert_link_caught(
        event,
        "`signature`: expected an Ed25519 signature by the key `kid` names",
    );
}

#[test]
fn a_link_request_that_was_made_for_something_else() {
    for (change, said) in [
        (
            &(|asked: &mut Asked| asked.iss = HOSPITAL.into()) as &dyn Fn(&mut Asked),
            "`iss`: expected the institution",
        ),
        (
            &|asked| asked.aud = "other.example/log".into(),
            "`aud`: expected `demo.akashi.example/log`",
        ),
        (
            &|asked| asked.typ = Type::Access,
            "`typ`: expected `akashi-link+jws`",
        ),
        (
            &|asked| asked.iat -= 301,
            "`iat`: expected a time within 300 s",
        ),
        (
            &|asked| asked.link_check = link_check(&link_key("another")),
            "`link_check`: expected that of the record",
        ),
        // Signed at the counter for another person, and filed as hers.
        (
            &|asked| asked.qid = crate::person::qid('8'),
            "`qid`: expected her visible ID",
        ),
    ] {
        let mut asked = Asked::honest(PHARMACY, "pharmacy");
        change(&mut asked);
        assert_link_caught(linked_on(PHARMACY, "pharmacy", &asked), said);
    }
    let mut event = linked(PHARMACY, "pharmacy");
    let Event::LinkIssued(issued) = &mut event else {
        unreachable!()
    };
    issued.jti = Asked::honest(PHARMACY, "another").jti;
    assert_link_caught(event, "`jti`: expected that of the record");
    let mut event = linked(PHARMACY, "pharmacy");
    let Event::LinkIssued(issued) = &mut event else {
        unreachable!()
    };
    issued.kid = thumbprint(&crate::support::public(HOSPITAL_SEED));
    assert_link_caught(event, "`kid`: expected that of the record");
}

#[test]
fn a_link_of_hers_recorded_twice_or_with_the_key_of_another() {
    let mut story = Story::honest();
    story.change(8, |filed| filed.record.event = linked(PHARMACY, "pharmacy"));
    let twice = "the link with `pharmacy.midori` has the key of an earlier link";
    assert!(
        lines(&story.check(&story.file()))
            .iter()
            .any(|line| line.contains(&format!("record 8: {twice}")))
    );
    let mut story = Story::honest();
    story.change(2, |filed| filed.record.event = linked(HOSPITAL, "pharmacy"));
    assert_caught(
        &story.check(&story.file()),
        &[&format!("record 3: {twice}")],
    );
}

/// The pharmacy's key ends at a time.
pub fn revoke_the_pharmacys_key(story: &mut Story, millis: u64) {
    let kid = thumbprint(&crate::support::public(PHARMACY_SEED));
    let act = format!(r#""act":"key.revoked","kid":"{kid}","reason":"lost""#);
    let mut record =
        crate::support::registry_record(8, crate::support::by(PHARMACY, PHARMACY_SEED, &act));
    record.time = Timestamp::from_millis(millis);
    story.log.place(660, 8, &record);
}

#[test]
fn a_link_signed_with_a_key_that_was_no_longer_valid() {
    let mut story = Story::honest();
    revoke_the_pharmacys_key(&mut story, OPENED + 3_000);
    let own = "`kid`: expected a signing key valid at that time";
    let again = "record 8: A LINK `pharmacy.midori` HAS NOT SIGNED FOR: ";
    assert_caught(
        &story.check(&story.file()),
        &[
            &format!("{NOT_SIGNED}{own}"),
            "record 7: A RECORD `pharmacy.midori` HAS NOT SIGNED FOR: `kid`",
            again,
        ],
    );

    let mut story = Story::honest();
    revoke_the_pharmacys_key(&mut story, OPENED + 8_001);
    assert_good(&story.check(&story.file()));
}

#[test]
fn links_cannot_be_checked_where_the_registry_cannot() {
    let mut story = Story::honest();
    // By a key that may well be in the record nobody publishes.
    let asked = Asked {
        seed: 99,
        ..Asked::honest(PHARMACY, "pharmacy")
    };
    story.change(3, |filed| {
        filed.record.event = linked_on(PHARMACY, "pharmacy", &asked)
    });
    story.log.bodies.remove(&5);
    assert_caught(
        &story.check(&story.file()),
        &["registry/5: has no published body"],
    );
}

// --- Files that were altered ---

#[test]
fn every_altered_line_is_noticed() {
    let story = Story::honest();
    let honest = story.file();
    let lines: Vec<&str> = honest.split_inclusive('\n').collect();
    // Lines of every kind: the head, the first record, a link, a permit, the checkpoint.
    let some = (0..24).chain(64..110).chain(lines.len() - 6..lines.len());
    for at in some {
        let mut changed: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        let middle = changed[at].len() / 2;
        changed[at][middle] ^= 1;
        let report = story.check(&String::from_utf8_lossy(&changed.concat()));
        assert_ne!(
            report.verdict(),
            Verdict::Good,
            "line {}: {}",
            at + 1,
            lines[at]
        );
    }
}

#[test]
fn an_altered_field() {
    let story = Story::honest();
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    let HistoryItem::Record { disclosure, .. } = &mut items[8] else {
        unreachable!()
    };
    let purpose = disclosure
        .opened
        .values_mut()
        .find(|field| field.name == "purpose")
        .unwrap();
    purpose.value = "research".to_owned().encode();
    let report = story.check(&story.file_from(&items));
    assert_caught(
        &report,
        &["record 9: is not the record entry 511 commits to"],
    );
}

#[test]
fn a_closed_field_that_must_be_open() {
    let story = Story::honest();
    let filed = &story.records[8];
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    let HistoryItem::Record { disclosure, .. } = &mut items[8] else {
        unreachable!()
    };
    let at = *disclosure
        .opened
        .iter()
        .find(|(_, field)| field.name == "gate_number")
        .unwrap()
        .0;
    let shut = akashi_proof::record::commitment::Disclosure::open(&filed.record, &filed.key(), &[]);
    disclosure.opened.remove(&at);
    disclosure.closed.insert(at, shut.closed[&at]);
    let report = story.check(&story.file_from(&items));
    let lines = lines(&report);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("record 9: field `gate_number` must be opened")),
        "{lines:#?}"
    );
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
}

#[test]
fn a_kind_of_a_later_version_could_not_be_checked_unless_it_is_not_the_one_logged() {
    let mut story = Story::honest();
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    let HistoryItem::Record { disclosure, .. } = &mut items[6] else {
        unreachable!()
    };
    disclosure.opened.get_mut(&0).unwrap().value = "subject.exalted".to_owned().encode();
    let renamed = disclosure.commitment().unwrap();
    let unknown =
        "record 7: is of kind `subject.exalted` schema 1, which this version cannot check";
    assert_caught(
        &story.check(&story.file_from(&items)),
        &[unknown, "record 7: is not the record entry 257 commits to"],
    );
    let entry = story.log.entry(257);
    story.log.set(
        257,
        Entry {
            commitment: renamed,
            ..entry
        },
    );
    assert_not_checked(&story.check(&story.file_from(&items)), &[unknown]);
}

#[test]
fn records_that_do_not_follow_from_each_other() {
    let change = |seq: u64, change: &dyn Fn(&mut Record)| {
        let mut story = Story::honest();
        story.change(seq, |filed| change(&mut filed.record));
        story.check(&story.file())
    };
    let other = Origin::new("other.example/log").unwrap();
    let found = change(5, &|record| record.origin = other.clone());
    assert_caught(
        &found,
        &["record 5: its `origin` is other.example/log, expected demo.akashi.example/log"],
    );
    let found = change(5, &|record| record.time = Timestamp::from_millis(7));
    assert_caught(
        &found,
        &[
            "record 5: its `time` is 7 ms, expected not before the",
            "record 5: A RECORD `hospital.chuo` HAS NOT SIGNED FOR: `kid`",
            "record 5: A RECORD `hospital.chuo` HAS NOT SIGNED FOR: `presenter_key`",
            "record 5: its `policy_digest` is another",
        ],
    );
    let found = change(5, &|record| her_place(record).seq = Seq::new(5).unwrap());
    assert_good(&found);
    let found = change(5, &|record| her_place(record).epoch = Epoch::new(1));
    assert_caught(&found, &["record 5: its `epoch` is 1, expected 0"]);
    let found = change(5, &|record| {
        her_place(record).prev = Some(LeafIndex::new(70))
    });
    assert_caught(&found, &["record 5: its `prev` is 70, expected 100"]);
    let found = change(1, &|record| {
        her_place(record).prev = Some(LeafIndex::new(0))
    });
    assert_caught(&found, &["record 1: its `prev` is 0, expected absent"]);
    let found = change(5, &|record| {
        record.event = crate::person::enrolled(Digest::from_bytes([1; 32]))
    });
    assert_caught(
        &found,
        &["record 5: `subject.enrolled` is the first record and no other"],
    );
    let found = change(1, &|record| {
        record.event = linked("hospital.chuo", "hospital")
    });
    assert_caught(
        &found,
        &["record 1: `subject.enrolled` is the first record and no other"],
    );
}

#[test]
fn a_registry_record_in_her_history() {
    let story = Story::honest();
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    let record = crate::support::honest_registry().remove(2);
    let HistoryItem::Record { disclosure, .. } =
        HistoryItem::open(LeafIndex::new(70), &record, &link_key("x"))
    else {
        unreachable!()
    };
    items[2] = HistoryItem::Record {
        seq: Seq::new(3).unwrap(),
        index: LeafIndex::new(70),
        disclosure,
    };
    let lines = lines(&story.check(&story.file_from(&items)));
    assert!(
        lines.iter().any(|line| line
            .contains("record 3: `institution.certified` is not a record about a person")),
        "{lines:#?}"
    );
}

#[test]
fn a_file_cut_short_or_repeated_or_absurd() {
    let story = Story::honest();
    let honest = story.file();
    for len in [honest.len() - 1, honest.len() / 2, 60] {
        let report = story.check(&honest[..len]);
        assert_caught(&report, &["file: "]);
        assert!(
            report.log.is_none(),
            "nothing is fetched for a file that is none"
        );
    }
    let twice = honest.replacen("\nrecord 4 100\n", "\nrecord 3 100\n", 1);
    assert_caught(&story.check(&twice), &["expected record 4, found record 3"]);
    let many = honest.replacen("\nepoch 0 11\n", "\nepoch 0 18446744073709551615\n", 1);
    assert_caught(
        &story.check(&many),
        &["file: line 3: expected `epoch <epoch> <records>`, at most 1,000,000 records"],
    );
    let fewer = honest.replacen("\nepoch 0 11\n", "\nepoch 0 10\n", 1);
    assert_caught(&story.check(&fewer), &["file: the checkpoint at the end: "]);
    assert_not_checked(
        &story.check("akashi-history/v2\n"),
        &["file: the first line is not `akashi-history/v1`"],
    );
    assert_caught(
        &story.check(""),
        &["file: the file ends early, after line 0"],
    );
}

// --- The wrong key, the wrong log ---

#[test]
fn another_persons_key_or_file() {
    let story = Story::honest();
    let mut key = story.key.clone();
    key.key = Secret::from_bytes([9; 32]);
    let report = story.check_with(&story.file(), &key);
    assert_not_checked(&report, &["key: is not the key of this history"]);
    assert!(report.log.is_none());
    // Nor when the record that names the key is not shown.
    let mut items: Vec<_> = story.records.iter().map(Filed::item).collect();
    items[0] = HistoryItem::Missing {
        seq: Seq::FIRST,
        index: Some(LeafIndex::new(10)),
    };
    assert_not_checked(
        &story.check_with(&story.file_from(&items), &key),
        &["key: is not the key of this history"],
    );
}

#[test]
fn a_key_of_another_log_or_epoch() {
    let story = Story::honest();
    let mut key = story.key.clone();
    key.origin = Origin::new("other.example/log").unwrap();
    assert_not_checked(
        &story.check_with(&story.file(), &key),
        &["key: is for log `other.example/log`"],
    );
    let mut key = story.key.clone();
    key.epoch = Epoch::new(1);
    assert_not_checked(
        &story.check_with(&story.file(), &key),
        &["key: is that of epoch 1, the file is of epoch 0"],
    );
    let mut later = Story::honest();
    later.key.epoch = Epoch::new(1);
    assert_not_checked(
        &later.check(&later.file_of(0)),
        &["key: is of epoch 1, which this version cannot check"],
    );
    assert_not_checked(
        &story.check(&story.file_of(0)),
        &["key: the file holds no record yet"],
    );
}

#[test]
fn a_file_of_another_log() {
    let mut story = Story::honest();
    story.key.origin = Origin::new("other.example/log").unwrap();
    let report = story.check(&story.file());
    let lines = lines(&report);
    assert!(
        lines
            .iter()
            .any(|line| line
                .contains("file: is of log `other.example/log`, the log that was read is")),
        "{lines:#?}"
    );
}

#[test]
fn a_log_that_is_older_than_the_file() {
    let story = Story::honest();
    let mut older = Story::honest();
    older.log.entries.truncate(650);
    let report = older.check(&story.file());
    assert_not_checked(
        &report,
        &["file: was made when the log had 700 entries, the log that was read has 650"],
    );
}

#[test]
fn a_log_that_was_rewritten_since_the_file_was_made() {
    for (made_at, changed) in [(300, 299), (256, 3), (700, 698), (699, 512), (512, 511)] {
        let mut story = Story::honest();
        story.made_at = made_at;
        let count = PLACES.iter().filter(|place| **place < made_at).count();
        let file = story.file_of(count);
        let entry = story.log.entry(changed);
        story.log.set(
            changed,
            Entry {
                commitment: Digest::from_bytes(filler("rewritten", 1)),
                ..entry
            },
        );
        let lines = lines(&story.check(&file));
        let is_said = lines
            .iter()
            .any(|line| line.contains("file: its checkpoint signs root"));
        assert!(is_said, "{made_at} {changed}: {lines:#?}");
    }
}

#[test]
fn a_checkpoint_the_log_never_signed() {
    let story = Story::honest();
    let honest = story.file();
    let (records, _) = honest.split_at(honest.rfind("\n\n\u{2014}").unwrap() + 2);
    let mut other = Story::honest();
    other.log.origin = "other.example/log".into();
    let note = other.note(SIZE).to_string();
    let foreign = format!("{records}{}", note.split_once("\n\n").unwrap().1);
    let report = story.check(&foreign);
    assert_caught(&report, &["file: the checkpoint at the end: "]);
}

#[test]
fn a_log_with_a_changed_tile_is_reported_with_the_history() {
    let mut story = Story::honest();
    story.log.other_root = Some(akashi_tlog::merkle::Hash::leaf(b"another root"));
    let report = story.check(&story.file());
    assert_eq!(report.verdict(), Verdict::DishonestOrBroken);
    assert!(
        lines(&report)
            .iter()
            .any(|line| line.starts_with("checkpoint: signs root")),
        "{:#?}",
        lines(&report)
    );
}

//! What a holder releases on and what not, whatever others do with their permits.

use super::super::SEEN_LOG_LEN_MAX;
use super::*;
use crate::evidence::CLOCK_TOLERANCE_MILLIS;
use akashi_tlog::checkpoint::Origin;

const LIFE: u64 = 600_000;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + millis)
}

fn number(m: u64) -> GateNumber {
    GateNumber::new(m).unwrap()
}

/// The m-th permit, decided at this time.
fn permit(m: u64, decided: u64) -> PermitGate {
    PermitGate {
        number: number(m),
        index: LeafIndex::new(1_000 + m),
        commitment: Digest::of(&[&m.to_be_bytes()]),
        expires: at(decided + LIFE),
    }
}

fn seen() -> SeenLog {
    SeenLog::new(Origin::new("demo.akashi.example/log").unwrap())
}

fn new() -> KeptGates {
    KeptGates::new(LinkCode::from_sealed(&[7; LinkCode::SEALED_LEN]))
}

/// Releases as a holder does, and takes what it keeps through its file.
fn release(kept: &mut KeptGates, permit: &PermitGate, now: u64) -> Result<GateUse, GateRefused> {
    let found = kept.check(&seen(), permit, at(now))?;
    if found == GateUse::First {
        kept.spend(permit, at(now));
    }
    let again = KeptGates::parse(kept.to_string().as_bytes()).unwrap();
    assert_eq!(again, *kept);
    *kept = again;
    Ok(found)
}

#[test]
fn permits_are_released_on_in_any_order_and_once() {
    let mut kept = new();
    for m in [6, 5, 1, 64, 3, 2, 65, 4] {
        assert_eq!(release(&mut kept, &permit(m, 0), 1), Ok(GateUse::First));
    }
    for m in [6, 5, 1, 64, 3, 2, 65, 4] {
        assert_eq!(release(&mut kept, &permit(m, 0), 2), Ok(GateUse::Again));
        let other = PermitGate {
            index: LeafIndex::new(5),
            ..permit(m, 0)
        };
        let refused = release(&mut kept, &other, 2);
        assert_eq!(refused, Err(GateRefused::Spent(number(m))));
    }
}

#[test]
fn what_others_do_not_present_blocks_nothing_up_to_the_window_and_is_passed_over_behind_it() {
    let mut kept = new();
    assert_eq!(release(&mut kept, &permit(64, 0), 1), Ok(GateUse::First));
    let too_far = GateRefused::TooFar {
        found: number(129),
        highest: Some(number(64)),
    };
    assert_eq!(release(&mut kept, &permit(129, 0), 1), Err(too_far));
    assert_eq!(release(&mut kept, &permit(128, 0), 1), Ok(GateUse::First));
    assert_eq!(
        release(&mut new(), &permit(65, 0), 1),
        Err(GateRefused::TooFar {
            found: number(65),
            highest: None
        })
    );
    // Seen in the log, what is behind may be released on as well as what is ahead.
    let mut kept = new();
    kept.raise(Some(number(640)));
    for m in [1, 640, 704, 639] {
        assert_eq!(release(&mut kept, &permit(m, 0), 1), Ok(GateUse::First));
    }
}

#[test]
fn two_hundred_releases_beside_a_slow_one_leave_it_its_number() {
    let mut kept = new();
    let slow = permit(1, 0);
    for m in 2..=201 {
        let decided = m * 2_000;
        let found = release(&mut kept, &permit(m, decided), decided + 1);
        assert_eq!(found, Ok(GateUse::First));
    }
    assert_eq!(release(&mut kept, &slow, LIFE - 1), Ok(GateUse::First));
    assert_eq!(release(&mut kept, &slow, LIFE - 1), Ok(GateUse::Again));
}

#[test]
fn a_number_is_kept_until_nobody_can_show_its_permit_by_any_clock() {
    let mut kept = new();
    release(&mut kept, &permit(1, 0), 1).unwrap();
    let last_shown = LIFE + CLOCK_TOLERANCE_MILLIS;
    release(&mut kept, &permit(2, last_shown), last_shown).unwrap();
    assert_eq!(kept.spent(), 2, "it can be shown a minute longer");
    let gone = LIFE + KEPT_AFTER_MILLIS;
    release(&mut kept, &permit(3, gone), gone).unwrap();
    assert_eq!(kept.spent(), 2);
    // The clock is set back, and somebody shows the first permit again.
    let refused = release(&mut kept, &permit(1, 0), 1);
    let expires = at(LIFE).as_millis();
    assert_eq!(refused, Err(GateRefused::Forgotten { expires }));
}

#[test]
fn a_clock_that_was_ahead_forgets_nothing_that_could_be_released_twice() {
    let mut kept = new();
    for m in 1..=9 {
        release(&mut kept, &permit(m, 0), 1).unwrap();
    }
    // Nine hours ahead for one release of a permit that lives so long, then right again.
    let hours = 9 * 3_600_000;
    release(&mut kept, &permit(10, hours), hours).unwrap();
    for m in 1..=9 {
        assert!(release(&mut kept, &permit(m, 0), 2).is_err());
    }
    // What is decided now is none of those.
    assert_eq!(
        release(&mut kept, &permit(11, 60_000), 60_001),
        Ok(GateUse::First)
    );
}

#[test]
fn so_many_numbers_are_kept_and_no_more() {
    let most = SPENT_MAX as u64;
    let head = new().to_string();
    let mut text = head.replace("highest 0", &format!("highest {most}"));
    for m in 1..=most {
        let mut one = new();
        one.spend(&permit(m, 0), at(1));
        let line = one.to_string();
        text.push_str(
            line.strip_prefix(&head.replace("highest 0", &format!("highest {m}")))
                .unwrap(),
        );
    }
    assert!(text.len() <= KEPT_LEN_MAX);
    let mut kept = KeptGates::parse(text.as_bytes()).unwrap();
    assert_eq!((kept.spent(), kept.to_string()), (SPENT_MAX, text));
    let next = permit(most + 1, 1);
    assert_eq!(kept.check(&seen(), &next, at(1)), Err(GateRefused::Full));
    let again = kept.check(&seen(), &permit(7, 0), at(1));
    assert_eq!(again, Ok(GateUse::Again), "a retry needs no room");
    let later = LIFE + KEPT_AFTER_MILLIS;
    let next = permit(most + 1, later);
    assert_eq!(release(&mut kept, &next, later), Ok(GateUse::First));
    assert_eq!(kept.spent(), 1);
}

#[test]
fn a_restored_holder_releases_nothing_before_it_has_caught_up() {
    let (kept, mut seen) = (new(), seen());
    seen.restored();
    let again = SeenLog::parse(seen.to_string().as_bytes()).unwrap();
    assert_eq!(again, seen);
    let refused = kept.check(&again, &permit(1, 0), at(1));
    assert_eq!(refused, Err(GateRefused::NotCaughtUp));
}

#[test]
fn what_is_kept_has_one_spelling() {
    let mut kept = new();
    for m in [3, 1] {
        kept.spend(&permit(m, 0), at(1));
    }
    let text = kept.to_string();
    assert_eq!(KeptGates::parse(text.as_bytes()).as_ref(), Ok(&kept));
    let swapped: Vec<&str> = text.lines().collect();
    let [a, b, c, d, one, three] = swapped[..] else {
        panic!("{text}")
    };
    for bad in [
        String::new(),
        text.replace("v1", "v2"),
        text.trim_end().to_owned(),
        format!("{text}\n"),
        text.replace("highest 3", "highest 03"),
        text.replace("highest 3", "highest 2"),
        [a, b, c, d, three, one, ""].join("\n"),
        [a, b, c, d, one, one, ""].join("\n"),
        text.replace("spent 1 ", "spent 0 "),
        text.replace("link lc_", "link xx_"),
    ] {
        assert!(KeptGates::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    let seen = seen().to_string();
    for bad in [
        seen.replace("floor 0", "floor none"),
        seen.replace("head 0", "head -1"),
        format!("{seen}floor 0\n"),
        "x".repeat(SEEN_LOG_LEN_MAX + 1),
    ] {
        assert!(SeenLog::parse(bad.as_bytes()).is_err(), "{bad}");
    }
}

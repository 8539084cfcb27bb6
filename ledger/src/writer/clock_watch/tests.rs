use super::*;
use std::cell::Cell;

const LAST: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A machine whose clocks a test sets, and the watch over them.
struct Machine {
    clocks: Clocks,
    watch: ClockWatch,
}

/// Both clocks in one value: the wall clock is the monotonic one and how far it is apart.
#[derive(Default)]
struct Clocks(std::sync::Mutex<Cell<(u64, i64)>>);

impl Clocks {
    fn change(&self, change: impl FnOnce(&mut (u64, i64))) {
        let both = self.0.lock().unwrap();
        let mut now = both.get();
        change(&mut now);
        both.set(now);
    }
}

impl Clock for Clocks {
    fn wall(&self) -> Timestamp {
        let (monotonic, apart) = self.0.lock().unwrap().get();
        let last = LAST.as_millis() + monotonic;
        Timestamp::from_millis(last.saturating_add_signed(apart))
    }
    fn monotonic_millis(&self) -> u64 {
        self.0.lock().unwrap().get().0
    }
}

impl Machine {
    /// One that starts so long after the last record, by its wall clock.
    fn starts(millis_after: i64, pause: Pause) -> Self {
        let clocks = Clocks::default();
        // It has run for ten days, so that its wall clock can stand before the last record.
        clocks.change(|both| *both = (10 * DAY as u64, millis_after - 10 * DAY));
        let watch = ClockWatch::start(&clocks, LAST, pause);
        Self { clocks, watch }
    }

    fn passes(&mut self, millis: i64) -> Result<u64, ClockError> {
        self.clocks.change(|both| both.0 += millis as u64);
        self.looks()
    }

    /// Somebody sets the wall clock.
    fn is_set(&mut self, millis: i64) -> Result<u64, ClockError> {
        self.clocks.change(|both| both.1 += millis);
        self.looks()
    }

    /// Looks, and records where it may.
    fn looks(&mut self) -> Result<u64, ClockError> {
        let now = self.watch.now(&self.clocks)?;
        self.watch.recorded(now);
        Ok(now.as_millis() - LAST.as_millis())
    }

    fn wall(&self) -> u64 {
        self.clocks
            .wall()
            .as_millis()
            .saturating_sub(LAST.as_millis())
    }
}

fn parted(found: Result<u64, ClockError>) -> bool {
    matches!(found, Err(ClockError::Parted { .. }))
}

#[test]
fn a_clock_that_was_set_is_believed_after_a_minute_and_no_sooner() {
    for step in [60_000, 3_000, 2_001, 9 * HOUR, 7 * DAY - 70_000] {
        let mut machine = Machine::starts(0, Pause::Bounded);
        assert_eq!(machine.passes(500), Ok(500));
        assert!(parted(machine.is_set(step)), "{step}");
        assert!(parted(machine.passes(30_000)), "{step}");
        assert!(parted(machine.passes(29_999)), "{step}");
        assert_eq!(machine.passes(1), Ok(machine.wall()), "{step}");
        assert_eq!(machine.passes(1), Ok(machine.wall()), "{step}");
    }
}

#[test]
fn the_minute_begins_again_with_each_step() {
    let mut machine = Machine::starts(0, Pause::Bounded);
    assert!(parted(machine.is_set(60_000)));
    assert!(parted(machine.passes(50_000)));
    assert!(parted(machine.is_set(60_000)));
    assert!(parted(machine.passes(59_999)));
    assert!(machine.passes(1).is_ok());
}

#[test]
fn a_clock_that_is_set_right_again_is_believed_at_once() {
    for step in [86_400_000, -86_400_000, 3_000] {
        let mut machine = Machine::starts(DAY + 1, Pause::Bounded);
        assert!(machine.passes(500).is_ok());
        assert!(machine.is_set(step).is_err());
        assert!(machine.passes(300).is_err());
        assert_eq!(machine.is_set(-step), Ok(machine.wall()), "{step}");
    }
}

#[test]
fn two_seconds_are_no_step_and_a_slow_drift_is_followed() {
    let mut machine = Machine::starts(0, Pause::Bounded);
    assert_eq!(machine.is_set(2_000), Ok(2_000));
    assert_eq!(machine.is_set(-100), Ok(2_000), "the last time is repeated");
    for _ in 0..5 {
        assert!(machine.passes(60_000).is_ok());
        assert!(machine.is_set(1_000).is_ok());
    }
}

/// Both clocks go on in sleep; a machine that is stood still by another loses the time on both.
#[test]
fn sleep_stops_nobody_and_a_suspended_machine_goes_on_after_a_minute() {
    let mut machine = Machine::starts(0, Pause::Bounded);
    assert_eq!(machine.passes(3 * DAY), Ok(3 * DAY as u64));
    assert!(parted(machine.is_set(3 * DAY)), "set by the network");
    assert!(machine.passes(60_000).is_ok());
}

#[test]
fn a_clock_before_the_last_record_waits_until_it_has_passed() {
    let mut machine = Machine::starts(9 * HOUR, Pause::Bounded);
    assert!(machine.passes(1_000).is_ok(), "a record nine hours ahead");
    assert!(parted(machine.is_set(-9 * HOUR)));
    let waits = machine.passes(60_000);
    assert!(matches!(waits, Err(ClockError::Behind { .. })), "{waits:?}");
    assert!(machine.passes(8 * HOUR).is_err());
    assert!(machine.passes(HOUR - 60_001).is_err());
    assert_eq!(machine.passes(1), Ok(machine.wall()));
}

#[test]
fn a_start_before_the_last_record_opens_and_waits() {
    let mut machine = Machine::starts(-9 * HOUR, Pause::Bounded);
    let Some(ClockError::Behind { wall, last }) = machine.watch.stopped() else {
        panic!("it is behind");
    };
    assert_eq!((wall, last), (machine.clocks.wall(), LAST));
    assert!(machine.passes(9 * HOUR - 1).is_err());
    assert_eq!(machine.passes(1), Ok(0));

    let mut set = Machine::starts(-9 * HOUR, Pause::Bounded);
    assert!(set.is_set(9 * HOUR).is_err());
    assert_eq!(set.passes(60_000), Ok(60_000), "set right while it waits");
}

#[test]
fn a_clock_of_another_year_is_not_believed_however_long_it_runs() {
    let max = PAUSE_MILLIS_MAX as i64;
    assert!(Machine::starts(max, Pause::Bounded).looks().is_ok());
    let year_2099 = 72 * 365 * DAY;
    for ahead in [max + 1, year_2099] {
        let mut machine = Machine::starts(ahead, Pause::Bounded);
        for _ in 0..3 {
            let found = machine.passes(60_000);
            assert!(matches!(found, Err(ClockError::Ahead { .. })), "{found:?}");
        }
        assert!(machine.is_set(-ahead).is_err());
        assert_eq!(machine.passes(60_000), Ok(machine.wall()), "set right");
        assert!(Machine::starts(ahead, Pause::Any).looks().is_ok());
    }
    let mut machine = Machine::starts(0, Pause::Bounded);
    assert!(parted(machine.is_set(year_2099)));
    let found = machine.passes(60_000);
    assert!(matches!(found, Err(ClockError::Ahead { .. })), "{found:?}");
}

/// Who vouches for a clock says so while it runs; the ledger goes on from there, and watches on.
#[test]
fn what_is_vouched_for_is_believed_at_once_and_no_longer_than_it_runs() {
    let ahead = PAUSE_MILLIS_MAX as i64 + 1;
    let mut machine = Machine::starts(ahead, Pause::Bounded);
    assert!(machine.passes(1_000).is_err());
    let standstill = machine.watch.standstill().unwrap();
    assert_eq!(
        (standstill.last, standstill.wall),
        (LAST, machine.clocks.wall())
    );
    machine.watch.recorded(standstill.wall);
    machine.watch.vouched(&machine.clocks);
    assert_eq!(machine.passes(5), Ok(machine.wall()));
    assert!(parted(machine.is_set(3_000)), "it is watched as before");
    assert_eq!(machine.watch.standstill(), None);

    let mut set = Machine::starts(ahead, Pause::Bounded);
    assert!(set.passes(1_000).is_err());
    let standstill = set.watch.standstill().unwrap();
    set.clocks.change(|both| both.1 += 60_000);
    set.watch.recorded(standstill.wall);
    set.watch.vouched(&set.clocks);
    assert!(
        set.looks().is_err(),
        "set while it was recorded: another clock than was vouched for"
    );
    assert_eq!(set.passes(60_000), Ok(set.wall()), "and within the week");
}

#[test]
fn nobody_can_vouch_for_a_clock_before_the_last_record_or_one_that_was_set_just_now() {
    let mut machine = Machine::starts(-1, Pause::Bounded);
    assert!(machine.looks().is_err());
    assert_eq!(machine.watch.standstill(), None);
    let mut machine = Machine::starts(0, Pause::Bounded);
    assert_eq!(machine.watch.standstill(), None, "it does not stand still");
    assert!(parted(machine.is_set(8 * DAY)));
    assert_eq!(machine.watch.standstill(), None);
    assert!(machine.passes(1_000).is_err());
    assert!(machine.watch.standstill().is_some(), "once both clocks run");
}

#[test]
fn who_ran_without_a_record_has_not_stood_still() {
    let mut machine = Machine::starts(0, Pause::Bounded);
    for _ in 0..9 {
        machine.clocks.change(|both| both.0 += DAY as u64);
        assert!(machine.watch.now(&machine.clocks).is_ok(), "idle");
    }
    assert!(parted(machine.is_set(3_000)));
    assert_eq!(machine.passes(60_000), Ok(machine.wall()));
}

#[test]
fn both_times_are_said() {
    let why = ClockError::Behind {
        wall: LAST,
        last: LAST.plus_millis(9 * HOUR as u64),
    };
    assert_eq!(
        why.to_string(),
        "it is 2026-09-21T14:13:20Z by the wall clock, before the last record, of \
         2026-09-21T23:13:20Z"
    );
}

//! One-time codes at the counter: the portal shows six digits, the person reads them out, the
//! institution sends them with its link request. A visible ID may leak; only the person it belongs
//! to can show this code.
//!
//! Tries are counted for each institution that tries: one that knows a leaked visible ID uses up
//! its own five, and not those of the counter the person stands at.
//!
//! Times are milliseconds of the monotonic clock. Codes live in memory only: after a restart she
//! asks for a new one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use akashi_ledger::random;
use akashi_proof::ids::{InstitutionId, SubjectHandle};
use subtle::ConstantTimeEq;

/// Long enough to be called to a counter, too short to be of use later.
pub const VALID_MILLIS: u64 = 10 * 60 * 1000;

/// Five guesses at a million codes: one in two hundred thousand per code she asked for and
/// institution that guesses.
const TRIES_MAX: u8 = 5;

/// Institutions whose tries at one code are counted apart. As many guess together no better than
/// one in twenty-five thousand; further ones find the code void.
const TRYING_MAX: usize = 8;

/// Above this many codes, expired ones are dropped before another is added; everybody of a town may
/// have one at once.
const SWEEP_ABOVE: usize = 10_000;

/// The codes that can be read out now, at most one per person.
#[derive(Default)]
pub struct CounterCodes {
    codes: Mutex<HashMap<SubjectHandle, Issued>>,
}

struct Issued {
    digits: [u8; 6],
    until: u64,
    tries: HashMap<InstitutionId, u8>,
    taken: bool,
}

impl CounterCodes {
    /// A new code for this person, six digits, valid for ten minutes. The one before is void.
    pub fn issue(&self, subject: SubjectHandle, now: u64) -> String {
        let digits = draw_digits();
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= SWEEP_ABOVE {
            codes.retain(|_, code| now < code.until);
        }
        codes.insert(
            subject,
            Issued {
                digits,
                until: now + VALID_MILLIS,
                tries: HashMap::new(),
                taken: false,
            },
        );
        digits.iter().map(|digit| char::from(*digit)).collect()
    }

    /// Whether this is the person's code; if so it is spent. Five wrong ones of an institution void
    /// it for that institution. The time taken does not tell how much of a code was right.
    pub fn take(&self, subject: &SubjectHandle, by: &InstitutionId, code: &str, now: u64) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(issued) = codes.get_mut(subject) else {
            return false;
        };
        let is_new = !issued.tries.contains_key(by);
        if issued.taken || now >= issued.until || is_new && issued.tries.len() >= TRYING_MAX {
            return false;
        }
        let tries = issued.tries.entry(by.clone()).or_default();
        if *tries >= TRIES_MAX {
            return false;
        }
        *tries += 1;
        issued.taken = issued.digits.as_slice().ct_eq(code.as_bytes()).into();
        issued.taken
    }

    /// Gives back a code that was taken for something that then was not done (the writer was busy),
    /// so that a retry finds it again.
    pub fn give_back(&self, subject: &SubjectHandle, by: &InstitutionId) {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = codes.get_mut(subject).filter(|issued| issued.taken);
        if let Some(issued) = taken {
            issued.taken = false;
            if let Some(tries) = issued.tries.get_mut(by) {
                *tries = tries.saturating_sub(1);
            }
        }
    }
}

/// Six decimal digits, each value equally likely.
fn draw_digits() -> [u8; 6] {
    const CODES: u32 = 1_000_000;
    let number = loop {
        let mut bytes = [0; 4];
        random::draw(&mut bytes);
        let drawn = u32::from_be_bytes(bytes);
        if drawn < u32::MAX - u32::MAX % CODES {
            break drawn % CODES;
        }
    };
    let mut rest = number;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        // The lowest byte of a number below ten.
        let [.., last] = (rest % 10).to_be_bytes();
        *digit += last;
        rest /= 10;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000;

    fn by(name: &str) -> InstitutionId {
        InstitutionId::parse(name).unwrap()
    }

    fn person(byte: u8) -> SubjectHandle {
        SubjectHandle::from_bytes([byte; 16])
    }

    fn wrong(code: &str) -> String {
        code.chars()
            .map(|c| if c == '9' { '0' } else { '9' })
            .collect()
    }

    #[test]
    fn a_code_is_six_digits_and_good_once_for_its_person() {
        let codes = CounterCodes::default();
        let code = codes.issue(person(1), NOW);
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
        assert!(!codes.take(&person(2), &by("city.hall"), &code, NOW));
        assert!(codes.take(&person(1), &by("city.hall"), &code, NOW));
        assert!(
            !codes.take(&person(1), &by("city.hall"), &code, NOW),
            "single use"
        );
    }

    #[test]
    fn a_new_code_voids_the_one_before_and_every_code_ends() {
        let codes = CounterCodes::default();
        let first = codes.issue(person(1), NOW);
        let mut second = codes.issue(person(1), NOW);
        while second == first {
            second = codes.issue(person(1), NOW);
        }
        assert!(!codes.take(&person(1), &by("city.hall"), &first, NOW));
        assert!(!codes.take(&person(1), &by("city.hall"), &second, NOW + VALID_MILLIS));
        assert!(codes.take(
            &person(1),
            &by("city.hall"),
            &second,
            NOW + VALID_MILLIS - 1
        ));
    }

    #[test]
    fn five_wrong_tries_void_a_code() {
        let codes = CounterCodes::default();
        let code = codes.issue(person(1), NOW);
        for _ in 0..4 {
            assert!(!codes.take(&person(1), &by("city.hall"), &wrong(&code), NOW));
        }
        assert!(
            codes.take(&person(1), &by("city.hall"), &code, NOW),
            "the fifth try may be right"
        );
        let code = codes.issue(person(1), NOW);
        for bad in [
            wrong(&code),
            String::new(),
            format!("{code}0"),
            "１２３４５６".into(),
            "abcdef".into(),
        ] {
            assert!(!codes.take(&person(1), &by("city.hall"), &bad, NOW));
        }
        assert!(!codes.take(&person(1), &by("city.hall"), &code, NOW));
    }

    #[test]
    fn a_code_that_was_not_used_in_the_end_can_be_given_back() {
        let codes = CounterCodes::default();
        let code = codes.issue(person(1), NOW);
        assert!(codes.take(&person(1), &by("city.hall"), &code, NOW));
        codes.give_back(&person(1), &by("city.hall"));
        assert!(codes.take(&person(1), &by("city.hall"), &code, NOW));
        codes.give_back(&person(2), &by("city.hall"));
    }

    #[test]
    fn who_tries_at_a_leaked_id_uses_up_nobody_else_s_tries() {
        let codes = CounterCodes::default();
        let code = codes.issue(person(1), NOW);
        for n in 0..TRYING_MAX - 1 {
            let thief = by(&format!("thief.n{n}"));
            for _ in 0..2 * TRIES_MAX {
                assert!(!codes.take(&person(1), &thief, &wrong(&code), NOW));
            }
            assert!(
                !codes.take(&person(1), &thief, &code, NOW),
                "its five are used"
            );
        }
        assert!(codes.take(&person(1), &by("city.hall"), &code, NOW), "N");
        let code = codes.issue(person(1), NOW);
        for n in 0..TRYING_MAX {
            let thief = by(&format!("thief.n{n}"));
            assert!(!codes.take(&person(1), &thief, &wrong(&code), NOW));
        }
        assert!(
            !codes.take(&person(1), &by("city.hall"), &code, NOW),
            "N + 1"
        );
    }
}

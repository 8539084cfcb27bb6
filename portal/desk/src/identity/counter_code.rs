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
use akashi_proof::digest::Digest;
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
    taken: Option<Taken>,
}

/// What a code was spent on.
struct Taken {
    /// Digest of the request's bytes.
    request: Digest,
    /// How often they were sent at once: the code is free again when none of them was carried out.
    times: u32,
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
                taken: None,
            },
        );
        digits.iter().map(|digit| char::from(*digit)).collect()
    }

    /// Whether this is the person's code; if so it is spent on this request, the digest of whose
    /// bytes is given: the same bytes sent twice at once both find it theirs, or the second would
    /// be recorded as one without a code. Five wrong ones of an institution void it for that
    /// institution. The time taken does not tell how much of a code was right.
    pub fn take(
        &self,
        subject: &SubjectHandle,
        (by, request): (&InstitutionId, Digest),
        code: &str,
        now: u64,
    ) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(issued) = codes.get_mut(subject) else {
            return false;
        };
        let is_right = || bool::from(issued.digits.as_slice().ct_eq(code.as_bytes()));
        if let Some(taken) = &mut issued.taken {
            let is_again = taken.request == request && is_right();
            taken.times += u32::from(is_again);
            return is_again;
        }
        let is_new = !issued.tries.contains_key(by);
        if now >= issued.until || is_new && issued.tries.len() >= TRYING_MAX {
            return false;
        }
        let tries = issued.tries.entry(by.clone()).or_default();
        if *tries >= TRIES_MAX {
            return false;
        }
        *tries += 1;
        issued.taken = is_right().then_some(Taken { request, times: 1 });
        issued.taken.is_some()
    }

    /// Gives back a code that was taken for something that then was not done (the writer was busy),
    /// so that a retry finds it again.
    pub fn give_back(&self, subject: &SubjectHandle, by: &InstitutionId, request: Digest) {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(issued) = codes.get_mut(subject) else {
            return;
        };
        let Some(taken) = issued.taken.as_mut().filter(|t| t.request == request) else {
            return;
        };
        taken.times -= 1;
        if taken.times == 0 {
            issued.taken = None;
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
    const REQUEST: Digest = Digest::from_bytes([1; 32]);
    const ANOTHER: Digest = Digest::from_bytes([2; 32]);

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
        assert!(!codes.take(&person(2), (&by("city.hall"), REQUEST), &code, NOW));
        assert!(codes.take(&person(1), (&by("city.hall"), REQUEST), &code, NOW));
        assert!(
            !codes.take(&person(1), (&by("city.hall"), ANOTHER), &code, NOW),
            "single use"
        );
    }

    #[test]
    fn the_same_request_sent_twice_at_once_finds_its_code_both_times() {
        let codes = CounterCodes::default();
        let hall = by("city.hall");
        let code = codes.issue(person(1), NOW);
        let take = |request, code: &str| codes.take(&person(1), (&hall, request), code, NOW);
        assert!(take(REQUEST, &code) && take(REQUEST, &code));
        assert!(!take(ANOTHER, &code) && !take(REQUEST, &wrong(&code)));
        codes.give_back(&person(1), &hall, ANOTHER);
        codes.give_back(&person(1), &hall, REQUEST);
        assert!(!take(ANOTHER, &code), "one of the two may have been done");
        codes.give_back(&person(1), &hall, REQUEST);
        assert!(take(ANOTHER, &code), "neither was");
        codes.give_back(&person(1), &hall, REQUEST);
        assert!(!take(REQUEST, &code), "it is another's now");
    }

    #[test]
    fn a_new_code_voids_the_one_before_and_every_code_ends() {
        let codes = CounterCodes::default();
        let first = codes.issue(person(1), NOW);
        let mut second = codes.issue(person(1), NOW);
        while second == first {
            second = codes.issue(person(1), NOW);
        }
        assert!(!codes.take(&person(1), (&by("city.hall"), REQUEST), &first, NOW));
        assert!(!codes.take(
            &person(1),
            (&by("city.hall"), REQUEST),
            &second,
            NOW + VALID_MILLIS
        ));
        assert!(codes.take(
            &person(1),
            (&by("city.hall"), REQUEST),
            &second,
            NOW + VALID_MILLIS - 1
        ));
    }

    #[test]
    fn five_wrong_tries_void_a_code() {
        let codes = CounterCodes::default();
        let code = codes.issue(person(1), NOW);
        for _ in 0..4 {
            assert!(!codes.take(&person(1), (&by("city.hall"), REQUEST), &wrong(&code), NOW));
        }
        assert!(
            codes.take(&person(1), (&by("city.hall"), REQUEST), &code, NOW),
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
            assert!(!codes.take(&person(1), (&by("city.hall"), REQUEST), &bad, NOW));
        }
        assert!(!codes.take(&person(1), (&by("city.hall"), REQUEST), &code, NOW));
    }

    #[test]
    fn a_code_that_was_not_used_in_the_end_can_be_given_back() {
        let codes = CounterCodes::default();
        let code = codes.issue(person(1), NOW);
        assert!(codes.take(&person(1), (&by("city.hall"), REQUEST), &code, NOW));
        codes.give_back(&person(1), &by("city.hall"), REQUEST);
        assert!(codes.take(&person(1), (&by("city.hall"), ANOTHER), &code, NOW));
        codes.give_back(&person(2), &by("city.hall"), REQUEST);
    }

    #[test]
    fn who_tries_at_a_leaked_id_uses_up_nobody_else_s_tries() {
        let codes = CounterCodes::default();
        let code = codes.issue(person(1), NOW);
        for n in 0..TRYING_MAX - 1 {
            let thief = by(&format!("thief.n{n}"));
            for _ in 0..2 * TRIES_MAX {
                assert!(!codes.take(&person(1), (&thief, REQUEST), &wrong(&code), NOW));
            }
            assert!(
                !codes.take(&person(1), (&thief, REQUEST), &code, NOW),
                "its five are used"
            );
        }
        assert!(
            codes.take(&person(1), (&by("city.hall"), REQUEST), &code, NOW),
            "N"
        );
        let code = codes.issue(person(1), NOW);
        for n in 0..TRYING_MAX {
            let thief = by(&format!("thief.n{n}"));
            assert!(!codes.take(&person(1), (&thief, REQUEST), &wrong(&code), NOW));
        }
        assert!(
            !codes.take(&person(1), (&by("city.hall"), REQUEST), &code, NOW),
            "N + 1"
        );
    }
}

//! One-time codes: six digits to a phone or an address, and the question whether they came back.
//!
//! A code proves possession of a number, never who somebody is. Nothing here tells whether an
//! address is known: a challenge is given out, and takes the same time, for every address.

use std::collections::HashMap;
use std::fmt;

use akashi_ledger::random::{draw, draw_secret};
use akashi_proof::digest::Secret;
use akashi_proof::ids::Timestamp;
use akashi_tlog::base64;

use crate::address::Address;
use crate::messages::budget::Spending;
use crate::settings::Budget;
use crate::typed::six_digits;

/// What a code is for. A challenge for one use is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeUse {
    /// Joining.
    Enrol,
    /// Signing in.
    SignIn,
    /// Showing that another contact is hers.
    AddContact,
}

impl CodeUse {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Enrol => "e_",
            Self::SignIn => "s_",
            Self::AddContact => "a_",
        }
    }
}

/// Names one code that was sent. It opens nothing without the code; a form can carry it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Challenge(String);

impl Challenge {
    fn draw(code_use: CodeUse) -> Self {
        let mut bytes = [0; 16];
        draw(&mut bytes);
        Self(format!(
            "{}{}",
            code_use.prefix(),
            base64::url::encode(&bytes)
        ))
    }

    /// An identity for the message that carries a code: not the challenge, which a gateway need not
    /// know.
    pub(crate) fn draw_id() -> String {
        let mut bytes = [0; 16];
        draw(&mut bytes);
        base64::url::encode(&bytes)
    }

    /// Reads a challenge back from a form, for the use the form is for; `None` for any other.
    pub fn parse(code_use: CodeUse, text: &str) -> Option<Self> {
        let bytes = base64::url::decode(text.strip_prefix(code_use.prefix())?).ok()?;
        (bytes.len() == 16).then(|| Self(text.to_owned()))
    }

    /// The challenge as a form carries it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}

/// Why no code was sent, or a code was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefused {
    /// Too many codes were asked for to this address; it says nothing about whether the address is
    /// known.
    #[error("too many codes to this address within a short time")]
    TooMany,
    /// More is being sent than can be; or there is no mail server for an e-mail address.
    #[error("codes cannot be sent now")]
    Unavailable,
    /// Another code; more tries are left.
    #[error("another code than the one that was sent")]
    Wrong,
    /// There is no such challenge: never was, too old, used, or tried too often.
    #[error("the code is not valid any more")]
    Void,
}

/// How long a code is valid.
pub const CODE_VALID_MILLIS: u64 = 600_000;

/// After so many wrong tries a challenge is void.
pub const CODE_TRIES: u8 = 5;

/// After so many wrong tries through all its challenges a code is void: hers and those of one who
/// tries before her. With three codes in ten minutes one number is guessed at thirty times at most,
/// of a million codes.
const CODE_TRIES_IN_ALL: u8 = 10;

/// Challenges remembered at most, about 20 MB. As many within ten minutes are no people: further
/// ones are refused.
const CODES_MAX: usize = 100_000;

/// The codes that are out.
///
/// Anybody who knows a number can have codes sent to it. So that this does not keep its owner out,
/// the budget is counted for each use, and once it is spent a further challenge is answered by a
/// code that is out already: she has the message, whoever caused it; a stranger has not. Tries
/// count against the challenge, so that a stranger's do not use up hers, and against the code, so
/// that many challenges are no way to guess. Who spends all tries of all codes still keeps her out
/// for ten minutes: that takes thirty wrong codes, not three requests.
pub(crate) struct CodesOut {
    /// The codes themselves are not kept, only their MAC under a key of this process.
    key: Secret,
    asked: HashMap<Challenge, Asked>,
    sent: HashMap<u64, Sent>,
    /// The newest last; no more of them than the budget lets out.
    by_address: HashMap<(Address, CodeUse), Vec<u64>>,
    spending: Spending<(Address, CodeUse)>,
    /// The number of the next code.
    next: u64,
}

/// A challenge that was given out, and the code that answers it.
struct Asked {
    code: u64,
    tries_left: u8,
}

struct Sent {
    to: Address,
    mac: Secret,
    until: Timestamp,
    tries_left: u8,
}

impl CodesOut {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            key: draw_secret(),
            asked: HashMap::new(),
            sent: HashMap::new(),
            by_address: HashMap::new(),
            spending: Spending::new(budget),
            next: 0,
        }
    }

    /// A challenge for an address, and the code to send; none where a code that is out already
    /// answers it. An earlier one stays valid: messages overtake each other.
    pub(crate) fn issue(
        &mut self,
        code_use: CodeUse,
        to: &Address,
        now: Timestamp,
    ) -> Result<(Challenge, Option<String>), CodeRefused> {
        if self.asked.len() >= CODES_MAX {
            self.forget_old(now);
            if self.asked.len() >= CODES_MAX {
                return Err(CodeRefused::Unavailable);
            }
        }
        let key = (to.clone(), code_use);
        let (number, code) = if self.spending.take(key.clone(), now) {
            let (number, code) = self.draw(key, now);
            (number, Some(code))
        } else {
            (self.newest_of(&key, now).ok_or(CodeRefused::TooMany)?, None)
        };
        let challenge = Challenge::draw(code_use);
        self.asked.insert(
            challenge.clone(),
            Asked {
                code: number,
                tries_left: CODE_TRIES,
            },
        );
        Ok((challenge, code))
    }

    /// Takes a code: right once, or one try less.
    pub(crate) fn take(
        &mut self,
        challenge: &Challenge,
        typed: &str,
        now: Timestamp,
    ) -> Result<Address, CodeRefused> {
        let asked = self.asked.get_mut(challenge).ok_or(CodeRefused::Void)?;
        let number = asked.code;
        let mac = mac(&self.key, number, &six_digits(typed).unwrap_or_default());
        let Some(sent) = self.sent.get_mut(&number).filter(|sent| now < sent.until) else {
            self.sent.remove(&number);
            self.asked.remove(challenge);
            return Err(CodeRefused::Void);
        };
        // `Secret` compares in constant time.
        if sent.mac == mac {
            self.asked.remove(challenge);
            return self
                .sent
                .remove(&number)
                .map(|sent| sent.to)
                .ok_or(CodeRefused::Void);
        }
        asked.tries_left = asked.tries_left.saturating_sub(1);
        sent.tries_left = sent.tries_left.saturating_sub(1);
        let (challenge_void, code_void) = (asked.tries_left == 0, sent.tries_left == 0);
        if code_void {
            self.sent.remove(&number);
        }
        if challenge_void || code_void {
            self.asked.remove(challenge);
            return Err(CodeRefused::Void);
        }
        Err(CodeRefused::Wrong)
    }

    fn draw(&mut self, key: (Address, CodeUse), now: Timestamp) -> (u64, String) {
        let (number, code) = (self.next, draw_code());
        self.next += 1;
        let (mac, until) = (
            mac(&self.key, number, &code),
            now.plus_millis(CODE_VALID_MILLIS),
        );
        self.sent.insert(
            number,
            Sent {
                to: key.0.clone(),
                mac,
                until,
                tries_left: CODE_TRIES_IN_ALL,
            },
        );
        let numbers = self.by_address.entry(key).or_default();
        numbers.retain(|number| self.sent.get(number).is_some_and(|sent| now < sent.until));
        numbers.push(number);
        (number, code)
    }

    /// The code sent last that is still good.
    fn newest_of(&self, key: &(Address, CodeUse), now: Timestamp) -> Option<u64> {
        let good = |number: &&u64| self.sent.get(number).is_some_and(|sent| now < sent.until);
        self.by_address.get(key)?.iter().rev().find(good).copied()
    }

    fn forget_old(&mut self, now: Timestamp) {
        let Self {
            asked,
            sent,
            by_address,
            ..
        } = self;
        sent.retain(|_, sent| now < sent.until);
        asked.retain(|_, asked| sent.contains_key(&asked.code));
        by_address.retain(|_, numbers| numbers.iter().any(|number| sent.contains_key(number)));
    }
}

fn mac(key: &Secret, number: u64, code: &str) -> Secret {
    Secret::from_bytes(key.hmac(&[
        b"akashi/one-time-code/v1",
        &number.to_be_bytes(),
        code.as_bytes(),
    ]))
}

/// Six digits, each value equally likely.
fn draw_code() -> String {
    // The greatest multiple of a million in 32 bits: what lies above would favour small codes.
    const FAIR: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let mut bytes = [0; 4];
        draw(&mut bytes);
        let number = u32::from_be_bytes(bytes);
        if number < FAIR {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Phone;
    use std::time::Duration;

    fn codes() -> CodesOut {
        CodesOut::new(Budget {
            most: 3,
            within: Duration::from_secs(600),
        })
    }

    fn number(last: u32) -> Address {
        Address::Phone(Phone::parse(&format!("090{last:08}")).unwrap())
    }

    /// A challenge with a code of its own.
    fn sent(codes: &mut CodesOut, code_use: CodeUse, to: u32) -> (Challenge, String) {
        let (challenge, code) = codes.issue(code_use, &number(to), NOW).unwrap();
        (challenge, code.unwrap())
    }

    fn another(code: &str) -> &'static str {
        if code == "000000" { "000001" } else { "000000" }
    }

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn a_code_is_taken_once_in_any_width_and_not_after_ten_minutes() {
        let mut codes = codes();
        let (challenge, code) = sent(&mut codes, CodeUse::SignIn, 1);
        let wide: String = code
            .chars()
            .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
            .collect();
        assert_eq!(codes.take(&challenge, &wide, NOW), Ok(number(1)));
        assert_eq!(codes.take(&challenge, &code, NOW), Err(CodeRefused::Void));
        let (challenge, code) = sent(&mut codes, CodeUse::SignIn, 1);
        let late = NOW.plus_millis(CODE_VALID_MILLIS);
        assert_eq!(codes.take(&challenge, &code, late), Err(CodeRefused::Void));
    }

    #[test]
    fn five_wrong_tries_void_it() {
        let mut codes = codes();
        let (challenge, code) = sent(&mut codes, CodeUse::Enrol, 1);
        let wrong = another(&code);
        for _ in 1..CODE_TRIES {
            assert_eq!(codes.take(&challenge, wrong, NOW), Err(CodeRefused::Wrong));
        }
        assert_eq!(codes.take(&challenge, "", NOW), Err(CodeRefused::Void));
        assert_eq!(codes.take(&challenge, &code, NOW), Err(CodeRefused::Void));
    }

    #[test]
    fn a_code_answers_its_own_challenge_and_use_only() {
        let mut codes = codes();
        let (first, code) = sent(&mut codes, CodeUse::Enrol, 1);
        let (second, other) = sent(&mut codes, CodeUse::Enrol, 2);
        if code != other {
            assert_eq!(codes.take(&second, &code, NOW), Err(CodeRefused::Wrong));
        }
        assert!(Challenge::parse(CodeUse::SignIn, first.as_str()).is_none());
        assert_eq!(
            Challenge::parse(CodeUse::Enrol, first.as_str()),
            Some(first)
        );
        assert!(Challenge::parse(CodeUse::Enrol, "e_").is_none());
    }

    #[test]
    fn a_number_gets_three_codes_in_ten_minutes_for_each_use() {
        let mut codes = codes();
        for _ in 0..3 {
            sent(&mut codes, CodeUse::SignIn, 1);
            sent(&mut codes, CodeUse::Enrol, 1);
        }
        assert_eq!(
            codes.issue(CodeUse::SignIn, &number(1), NOW).unwrap().1,
            None,
            "no fourth message"
        );
        sent(&mut codes, CodeUse::SignIn, 2);
        assert!(
            codes
                .issue(CodeUse::SignIn, &number(1), NOW.plus_millis(600_000))
                .unwrap()
                .1
                .is_some()
        );
    }

    #[test]
    fn strangers_who_spend_the_codes_of_a_number_do_not_keep_its_owner_out() {
        let mut codes = codes();
        let mut newest = String::new();
        for _ in 0..3 {
            let (stranger, code) = sent(&mut codes, CodeUse::SignIn, 1);
            for _ in 0..CODE_TRIES {
                let _ = codes.take(&stranger, another(&code), NOW);
            }
            newest = code;
        }
        for _ in 0..100 {
            assert!(codes.issue(CodeUse::SignIn, &number(1), NOW).is_ok());
        }
        let (owner, _) = codes.issue(CodeUse::SignIn, &number(1), NOW).unwrap();
        assert_eq!(
            codes.take(&owner, another(&newest), NOW),
            Err(CodeRefused::Wrong)
        );
        assert_eq!(codes.take(&owner, &newest, NOW), Ok(number(1)));
        assert_eq!(codes.take(&owner, &newest, NOW), Err(CodeRefused::Void));
    }

    #[test]
    fn a_code_taken_through_one_challenge_is_void_for_all() {
        let mut codes = codes();
        let out: Vec<(Challenge, String)> = (0..3)
            .map(|_| sent(&mut codes, CodeUse::SignIn, 1))
            .collect();
        let (first, code) = out[2].clone();
        let (second, _) = codes.issue(CodeUse::SignIn, &number(1), NOW).unwrap();
        assert_eq!(codes.take(&second, &code, NOW), Ok(number(1)));
        assert_eq!(codes.take(&first, &code, NOW), Err(CodeRefused::Void));
    }

    #[test]
    fn many_challenges_are_no_way_to_guess_a_code() {
        let mut codes = codes();
        let real: Vec<String> = (0..3)
            .map(|_| sent(&mut codes, CodeUse::SignIn, 1).1)
            .collect();
        let wrong = ["000000", "000001", "000002", "000003"];
        let wrong = wrong
            .into_iter()
            .find(|wrong| !real.iter().any(|code| code == wrong))
            .unwrap();
        let mut tries = 0;
        while let Ok((challenge, None)) = codes.issue(CodeUse::SignIn, &number(1), NOW) {
            while codes.take(&challenge, wrong, NOW) == Err(CodeRefused::Wrong) {
                tries += 1;
            }
            tries += 1;
        }
        assert_eq!(tries, 30);
        assert_eq!(
            codes.issue(CodeUse::SignIn, &number(1), NOW).unwrap_err(),
            CodeRefused::TooMany
        );
        assert!(
            codes.issue(CodeUse::Enrol, &number(1), NOW).is_ok(),
            "a code for one use answers no other"
        );
    }

    #[test]
    fn what_is_old_leaves_no_memory() {
        let mut codes = codes();
        sent(&mut codes, CodeUse::SignIn, 1);
        codes.forget_old(NOW.plus_millis(CODE_VALID_MILLIS));
        assert!(codes.asked.is_empty() && codes.sent.is_empty() && codes.by_address.is_empty());
    }

    #[test]
    fn drawn_codes_have_six_digits_and_use_all_of_them() {
        let codes: Vec<String> = (0..2_000).map(|_| draw_code()).collect();
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()))
        );
        for place in 0..6 {
            let digits: std::collections::BTreeSet<u8> =
                codes.iter().map(|code| code.as_bytes()[place]).collect();
            assert_eq!(digits.len(), 10, "place {place}");
        }
    }
}

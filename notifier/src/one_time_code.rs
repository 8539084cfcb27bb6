//! One-time codes: six digits to a phone or an address, and the question whether they came back.
//!
//! A code proves possession of a number, never who somebody is. Nothing here tells whether an address is known: a
//! challenge is given out, and takes the same time, for every address.

use std::collections::HashMap;
use std::fmt;

use akashi_ledger::keyring::{draw, draw_secret};
use akashi_proof::base64;
use akashi_proof::digest::Secret;
use akashi_proof::ids::Timestamp;

use crate::address::Address;
use crate::budget::Spending;
use crate::message::Template;
use crate::settings::Budget;
use crate::text::six_digits;

/// What a code is for. A challenge for one use is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeUse {
    /// Joining.
    Enrol,
    /// Signing in.
    SignIn,
    /// Showing that another contact is hers.
    AddContact,
}

impl CodeUse {
    pub(crate) const fn template(self) -> Template {
        match self {
            Self::Enrol => Template::CodeEnrol,
            Self::SignIn => Template::CodeSignIn,
            Self::AddContact => Template::CodeAddContact,
        }
    }

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
        Self(format!("{}{}", code_use.prefix(), base64::url::encode(&bytes)))
    }

    /// An identity for the message that carries a code: not the challenge, which a gateway need not know.
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
    /// Too many codes were asked for to this address; it says nothing about whether the address is known.
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

/// How long a code is valid (consent_facts.md 3.3).
pub const CODE_VALID_MILLIS: u64 = 600_000;

/// After so many wrong tries a code is void: guessing succeeds once in two hundred thousand challenges.
pub const CODE_TRIES: u8 = 5;

/// Codes remembered at most, about 20 MB. As many within ten minutes are no people: further ones are refused.
const CODES_MAX: usize = 100_000;

/// The codes that are out.
pub(crate) struct Codes {
    /// Codes themselves are not kept, only their MAC under a key of this process.
    key: Secret,
    out: HashMap<Challenge, Sent>,
    spending: Spending<Address>,
}

struct Sent {
    to: Address,
    mac: Secret,
    until: Timestamp,
    tries_left: u8,
}

impl Codes {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { key: draw_secret(), out: HashMap::new(), spending: Spending::new(budget) }
    }

    /// A new code for an address. An earlier one for it stays valid: messages overtake each other.
    pub(crate) fn issue(
        &mut self,
        code_use: CodeUse,
        to: &Address,
        now: Timestamp,
    ) -> Result<(Challenge, String), CodeRefused> {
        if self.out.len() >= CODES_MAX {
            self.out.retain(|_, sent| now < sent.until);
            if self.out.len() >= CODES_MAX {
                return Err(CodeRefused::Unavailable);
            }
        }
        if !self.spending.take(to.clone(), now) {
            return Err(CodeRefused::TooMany);
        }
        let (challenge, code) = (Challenge::draw(code_use), draw_code());
        let mac = self.mac(&challenge, &code);
        let until = now.plus_millis(CODE_VALID_MILLIS);
        self.out.insert(challenge.clone(), Sent { to: to.clone(), mac, until, tries_left: CODE_TRIES });
        Ok((challenge, code))
    }

    /// Takes a code: right once, or one try less.
    pub(crate) fn take(&mut self, challenge: &Challenge, typed: &str, now: Timestamp) -> Result<Address, CodeRefused> {
        let mac = self.mac(challenge, &six_digits(typed).unwrap_or_default());
        let sent = self.out.get_mut(challenge).ok_or(CodeRefused::Void)?;
        if now >= sent.until {
            self.out.remove(challenge);
            return Err(CodeRefused::Void);
        }
        // `Secret` compares in constant time.
        if sent.mac == mac {
            let to = sent.to.clone();
            self.out.remove(challenge);
            return Ok(to);
        }
        sent.tries_left = sent.tries_left.saturating_sub(1);
        if sent.tries_left == 0 {
            self.out.remove(challenge);
            return Err(CodeRefused::Void);
        }
        Err(CodeRefused::Wrong)
    }

    fn mac(&self, challenge: &Challenge, code: &str) -> Secret {
        Secret::from_bytes(self.key.hmac(&[b"akashi/one-time-code/v1", challenge.0.as_bytes(), b"|", code.as_bytes()]))
    }
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

    fn codes() -> Codes {
        Codes::new(Budget { most: 3, within: Duration::from_secs(600) })
    }

    fn number(last: u32) -> Address {
        Address::Phone(Phone::parse(&format!("090{last:08}")).unwrap())
    }

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn a_code_is_taken_once_in_any_width_and_not_after_ten_minutes() {
        let mut codes = codes();
        let (challenge, code) = codes.issue(CodeUse::SignIn, &number(1), NOW).unwrap();
        let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        assert_eq!(codes.take(&challenge, &wide, NOW), Ok(number(1)));
        assert_eq!(codes.take(&challenge, &code, NOW), Err(CodeRefused::Void));
        let (challenge, code) = codes.issue(CodeUse::SignIn, &number(1), NOW).unwrap();
        let late = NOW.plus_millis(CODE_VALID_MILLIS);
        assert_eq!(codes.take(&challenge, &code, late), Err(CodeRefused::Void));
    }

    #[test]
    fn five_wrong_tries_void_it() {
        let mut codes = codes();
        let (challenge, code) = codes.issue(CodeUse::Enrol, &number(1), NOW).unwrap();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 1..CODE_TRIES {
            assert_eq!(codes.take(&challenge, wrong, NOW), Err(CodeRefused::Wrong));
        }
        assert_eq!(codes.take(&challenge, "", NOW), Err(CodeRefused::Void));
        assert_eq!(codes.take(&challenge, &code, NOW), Err(CodeRefused::Void));
    }

    #[test]
    fn a_code_answers_its_own_challenge_and_use_only() {
        let mut codes = codes();
        let (first, code) = codes.issue(CodeUse::Enrol, &number(1), NOW).unwrap();
        let (second, other) = codes.issue(CodeUse::Enrol, &number(2), NOW).unwrap();
        if code != other {
            assert_eq!(codes.take(&second, &code, NOW), Err(CodeRefused::Wrong));
        }
        assert!(Challenge::parse(CodeUse::SignIn, first.as_str()).is_none());
        assert_eq!(Challenge::parse(CodeUse::Enrol, first.as_str()), Some(first));
        assert!(Challenge::parse(CodeUse::Enrol, "e_").is_none());
    }

    #[test]
    fn a_number_gets_three_codes_in_ten_minutes() {
        let mut codes = codes();
        for _ in 0..3 {
            assert!(codes.issue(CodeUse::SignIn, &number(1), NOW).is_ok());
        }
        assert_eq!(codes.issue(CodeUse::SignIn, &number(1), NOW).unwrap_err(), CodeRefused::TooMany);
        assert!(codes.issue(CodeUse::SignIn, &number(2), NOW).is_ok());
        assert!(codes.issue(CodeUse::SignIn, &number(1), NOW.plus_millis(600_000)).is_ok());
    }

    #[test]
    fn drawn_codes_have_six_digits_and_use_all_of_them() {
        let codes: Vec<String> = (0..2_000).map(|_| draw_code()).collect();
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())));
        for place in 0..6 {
            let digits: std::collections::BTreeSet<u8> = codes.iter().map(|code| code.as_bytes()[place]).collect();
            assert_eq!(digits.len(), 10, "place {place}");
        }
    }
}

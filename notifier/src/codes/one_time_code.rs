//! One-time codes: six digits to a phone or an address, and the question whether they came back.
//!
//! A code proves possession of a number, never who somebody is. Nothing here tells whether an
//! address is known: a challenge is given out, and guesses at it are counted, for every address
//! alike. It carries what it stands for under a MAC, so that nothing is kept for a number nobody is
//! known by: whoever asks for a million of them fills nothing.
//!
//! Times are milliseconds of the monotonic clock: a wall clock that is set voids no code and
//! lengthens none.

use std::collections::{HashMap, VecDeque};

use akashi_ledger::random::{draw, draw_secret};
use akashi_proof::digest::Secret;

use crate::address::Address;
use crate::codes::among::{Among, Asker, Askers, LEFT_FOR_ELSEWHERE, Name};
use crate::codes::challenge::{Challenge, Claimed, CodeUse};
use crate::codes::tries::{Cells, Tries};
use crate::settings::{Budget, Budgets};
use crate::sliding::Sliding;
use crate::typed::six_digits;

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
    /// There is no such challenge: never was, too old, or tried too often. Whether a code was taken
    /// since is not among the reasons: only of a number somebody has, one ever is.
    #[error("the code is not valid any more")]
    Void,
}

/// How long a code is valid.
pub const CODE_VALID_MILLIS: u64 = 600_000;

/// After so many wrong tries a challenge is void.
pub const CODE_TRIES: u8 = 5;

/// Codes a try is compared with in any case. A budget that lets more out is a setting nobody has a
/// reason for; a try at such a number takes longer than at one nobody is known by.
const AT_ONCE_MAX: usize = 16;

/// The codes that are out.
///
/// Anybody who knows a number can have codes sent to it. So that this does not keep its owner out,
/// the budget is counted for each use, and a code answers the browser it was sent for: a stranger's
/// tries do not use up hers. Once the budget is spent a further challenge is answered by a code
/// that is out already: she has the message, whoever caused it; a stranger has not. Whose tries are
/// counted together, so that many challenges are no way to guess, is said in [`Askers`].
///
/// What is kept is of codes that were sent: to people who are known, and to as many newcomers as
/// the hourly ceiling lets. Neither is a stranger's to fill.
pub(crate) struct CodesOut {
    /// The codes themselves are not kept, only their MAC under a key of this process; challenges
    /// have theirs under the same.
    key: Secret,
    /// Of each address and use, the newest last; no more of them than the budget lets out.
    out: HashMap<Sending, Vec<Sent>>,
    ends: VecDeque<(u64, Sending)>,
    spent: Sliding<Sending>,
    /// The same, of known browsers, each by itself.
    spent_by_known: Sliding<(Sending, Name)>,
    /// Codes to an address nobody is known by yet.
    spent_today: Sliding<Sending>,
    spent_on_newcomers: Sliding<()>,
    tries: Tries,
    askers: Askers,
    /// Codes of one number that may be out at once.
    at_once: usize,
    /// The number of the next challenge; a code has that of the challenge it was drawn for.
    next: u64,
    figures: CodeFigures,
}

type Sending = (Address, CodeUse);

struct Sent {
    number: u64,
    drawn_for: Among,
    mac: Secret,
    until: u64,
}

/// A challenge that was given out, for which a code may be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    number: u64,
    among: Among,
    made: u64,
    /// Whether a code was left for it.
    has_one: bool,
}

/// What became of codes, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeFigures {
    /// Addresses that were looked up behind the answer: one for each challenge for signing in,
    /// whether or not somebody has the address.
    pub looked_up: u64,
    /// Codes drawn for a message.
    pub drawn: u64,
    /// Codes to newcomers that the hourly ceiling held back.
    pub held_back: u64,
    /// Wrong codes typed.
    pub wrong: u64,
}

impl CodesOut {
    pub(crate) fn new(budgets: &Budgets) -> Self {
        let key = draw_secret();
        let per_address = budgets.codes_per_address;
        let most = per_address.most.saturating_add(LEFT_FOR_ELSEWHERE);
        Self {
            askers: Askers::new(key.clone(), CODE_VALID_MILLIS, per_address),
            key,
            out: HashMap::new(),
            ends: VecDeque::new(),
            spent: Sliding::new(Budget {
                most,
                ..per_address
            }),
            spent_by_known: Sliding::new(per_address),
            spent_today: Sliding::new(budgets.codes_per_new_address),
            spent_on_newcomers: Sliding::new(budgets.codes_to_newcomers),
            tries: Tries::within(CODE_VALID_MILLIS),
            at_once: (most as usize).min(AT_ONCE_MAX),
            next: 1,
            figures: CodeFigures::default(),
        }
    }

    /// A challenge for an address, and what a code is drawn for it by; nothing is kept of it. An
    /// earlier one stays valid: messages overtake each other.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`] where codes for this number were guessed at too often.
    pub(crate) fn issue(
        &mut self,
        code_use: CodeUse,
        to: &Address,
        asker: &Asker,
        now: u64,
    ) -> Result<(Challenge, Order), CodeRefused> {
        let sending = (to.clone(), code_use);
        // That a number is nobody's yet is said of every number that is enrolled with.
        let is_left = code_use == CodeUse::SignIn || self.spent_today.allows(&sending, now);
        let entered = self.askers.enter((code_use, to), asker, is_left, now);
        let (among, has_one) = entered.ok_or(CodeRefused::TooMany)?;
        let number = self.next;
        self.next += 1;
        let claimed = Claimed {
            code_use,
            order: number,
            made: now,
            among,
            to: to.clone(),
        };
        let order = Order {
            number,
            among,
            made: now,
            has_one,
        };
        Ok((Challenge::make(&self.key, &claimed), order))
    }

    /// The code to send for a challenge; none where a code that is out already answers it.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`] where the budget is spent and no code is out,
    /// [`CodeRefused::Unavailable`] where the ceiling of codes to newcomers is reached.
    pub(crate) fn draw(
        &mut self,
        code_use: CodeUse,
        to: &Address,
        order: Order,
    ) -> Result<Option<String>, CodeRefused> {
        let now = order.made;
        self.forget_old(now);
        let sending = (to.clone(), code_use);
        let is_newcomer = code_use != CodeUse::SignIn;
        let is_out = self.out.get(&sending).is_some_and(|codes| {
            let mut codes = codes.iter().filter(|sent| now < sent.until);
            codes.any(|sent| order.among.is_answered_by(sent.drawn_for))
        });
        if !self.may_draw(&sending, order, is_out)
            || is_newcomer && !self.spent_today.allows(&sending, now)
        {
            return is_out.then_some(None).ok_or(CodeRefused::TooMany);
        }
        if is_newcomer {
            self.count_newcomer(&sending, now)?;
        }
        match order.among {
            Among::Known(name) => _ = self.spent_by_known.count((sending.clone(), name), now),
            Among::Browser(_) | Among::Others(_) => _ = self.spent.count(sending.clone(), now),
        }
        self.figures.drawn += 1;
        let (code, until) = (draw_code(), now.saturating_add(CODE_VALID_MILLIS));
        let sent = Sent {
            number: order.number,
            drawn_for: order.among,
            mac: mac(&self.key, order.number, &code),
            until,
        };
        self.ends.push_back((until, sending.clone()));
        self.out.entry(sending).or_default().push(sent);
        Ok(Some(code))
    }

    /// Whether the budget has a code for this challenge. Where none was left for it when it was
    /// given out, as far as can be told without memory, it has one all the same if no other answers
    /// and what is kept for elsewhere stays.
    fn may_draw(&mut self, sending: &Sending, order: Order, is_out: bool) -> bool {
        let now = order.made;
        match order.among {
            Among::Known(name) => {
                let key = (sending.clone(), name);
                (order.has_one || !is_out) && self.spent_by_known.allows(&key, now)
            }
            Among::Browser(_) | Among::Others(_) if order.has_one => {
                self.spent.allows(sending, now)
            }
            Among::Browser(_) | Among::Others(_) => {
                let left = LEFT_FOR_ELSEWHERE as usize;
                !is_out && self.spent.allows_and_leaves(sending, left, now)
            }
        }
    }

    /// Takes a code: right once, or one try less. Whichever is out for this browser, address and
    /// use is right: messages overtake each other, and she types the one before her.
    pub(crate) fn take(
        &mut self,
        challenge: &Challenge,
        typed: &str,
        now: u64,
    ) -> Result<Address, CodeRefused> {
        let claimed = challenge.open(&self.key).ok_or(CodeRefused::Void)?;
        let end = claimed.made.saturating_add(CODE_VALID_MILLIS);
        let asked = (claimed.code_use, &claimed.to);
        let one = Cells::of(&self.key, &[b"challenge", &claimed.order.to_be_bytes()]);
        let spent = self.tries.of(&one, now) >= CODE_TRIES
            || self.askers.is_spent(asked, claimed.among, now);
        if now >= end || spent {
            return Err(CodeRefused::Void);
        }
        let sending = (claimed.to.clone(), claimed.code_use);
        let codes = self.out.get(&sending).map_or(&[][..], Vec::as_slice);
        let codes = codes
            .iter()
            .filter(|sent| now < sent.until && claimed.among.is_answered_by(sent.drawn_for));
        let codes: Vec<&Sent> = codes.collect();
        let typed = six_digits(typed).unwrap_or_default();
        let mut is_right = false;
        // The same work where nobody is known by the number.
        for at in 0..self.at_once.max(codes.len()) {
            let sent = codes.get(at);
            let drawn_for = sent.map_or(claimed.order, |sent| sent.number);
            let typed = mac(&self.key, drawn_for, &typed);
            // `Secret` compares in constant time.
            is_right |= sent.is_some_and(|sent| sent.mac == typed);
        }
        if is_right {
            // All that are out are spent with it. A challenge from before is answered as one for a
            // number without codes: that she signed in is nobody's to learn.
            self.out.remove(&sending);
            return Ok(sending.0);
        }
        self.figures.wrong += 1;
        let is_last = self.askers.count(asked, claimed.among, now);
        if self.tries.count(&one, now) >= CODE_TRIES || is_last {
            return Err(CodeRefused::Void);
        }
        Err(CodeRefused::Wrong)
    }

    /// Counts an address that was looked up.
    pub(crate) const fn count_looked_up(&mut self) {
        self.figures.looked_up += 1;
    }

    /// What became of codes, since the start.
    pub(crate) const fn figures(&self) -> CodeFigures {
        self.figures
    }

    fn count_newcomer(&mut self, sending: &Sending, now: u64) -> Result<(), CodeRefused> {
        if !self.spent_on_newcomers.allows(&(), now) {
            self.figures.held_back += 1;
            return Err(CodeRefused::Unavailable);
        }
        if self.spent_on_newcomers.count((), now) {
            tracing::warn!(
                "as many codes as an hour has went to newcomers: who is known signs in as before"
            );
        }
        self.spent_today.count(sending.clone(), now);
        Ok(())
    }

    /// Forgets what has ended, each once.
    fn forget_old(&mut self, now: u64) {
        while let Some((end, _)) = self.ends.front()
            && *end <= now
        {
            let Some((_, sending)) = self.ends.pop_front() else {
                return;
            };
            if let Some(codes) = self.out.get_mut(&sending) {
                codes.retain(|sent| now < sent.until);
                if codes.is_empty() {
                    self.out.remove(&sending);
                }
            }
        }
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
mod tests;

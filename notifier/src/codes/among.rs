//! Whose tries are counted together, and which codes answer whom.
//!
//! Anybody who knows a number can have codes sent to it and type wrong ones. If all tries for a
//! number were counted together, that would keep its owner out; so what can be told apart is
//! counted apart (docs/decisions/0021):
//!
//! | who asks | codes of its own | tries |
//! |---|---|---|
//! | a browser in which one for this address was right | as many as an address gets | its own |
//! | a browser that found a code left for it | that one | its own |
//! | any other | none | with all such, and apart by site |
//!
//! All of the first row together have twice what one of them has, codes and tries; above that they
//! are other browsers.
//!
//! Whoever has none is answered by any that is out for the others: its owner has the message.
//!
//! Nothing here asks whether somebody is known by the address: it is the same for all, and counted
//! in memory that does not grow.

use akashi_proof::digest::Secret;

use crate::address::Address;
use crate::codes::challenge::CodeUse;
use crate::codes::tries::{Cells, Tries};
use crate::settings::Budget;

/// Tries of a known browser: a typing mistake a message, and one more.
pub(crate) const KNOWN_TRIES: u8 = 5;
/// Tries of all browsers that are known for an address together: of two of them. Whoever has read
/// her phone for a while may have collected any number of marks. Above it they are asked as other
/// browsers, whose tries are few and counted by network.
pub(crate) const ALL_KNOWN_TRIES: u8 = 2 * KNOWN_TRIES;
/// Known browsers of one address that may each have all the codes an address gets. Above it the
/// next challenge is another browser's.
pub(crate) const KNOWN_AT_ONCE: u32 = 2;
/// Tries of another browser with codes of its own.
pub(crate) const BROWSER_TRIES: u8 = 8;
/// Tries of all others. With four codes out for a number, guesses of ten minutes compare at most
/// 4 x 8 + 14 x 4 = 88 codes of a million, however many browsers and sites guess.
pub(crate) const OTHERS_TRIES: u8 = 14;
/// Of these, for one site: half, so that nobody uses them up from one place.
pub(crate) const SITE_TRIES: u8 = OTHERS_TRIES / 2;
/// Codes left for whoever is elsewhere, where one site has had all an address gets.
pub(crate) const LEFT_FOR_ELSEWHERE: u32 = 1;

/// Sixteen bytes that name a browser or a site.
pub type Name = [u8; 16];

/// Who asks for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Her browser, by a random number of its own.
    pub browser: Name,
    /// Whether a code for this very address was right in it before: it is a stranger's no more.
    pub is_known: bool,
    /// The site it asks from. Whoever is nowhere is a site of her own.
    pub site: Name,
}

/// Among whom tries at a challenge are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Among {
    /// Those of this known browser.
    Known(Name),
    /// Those of this browser, which has codes of its own.
    Browser(Name),
    /// Those of all who have none, from this site and from everywhere.
    Others(Name),
}

impl Among {
    /// As a challenge carries it.
    pub(crate) fn to_bytes(self) -> [u8; 17] {
        let (kind, name) = match self {
            Self::Known(name) => (1, name),
            Self::Browser(name) => (2, name),
            Self::Others(name) => (3, name),
        };
        let mut bytes = [kind; 17];
        if let Some((_, rest)) = bytes.split_first_mut() {
            rest.copy_from_slice(&name);
        }
        bytes
    }

    /// Reads it back.
    pub(crate) fn from_bytes([kind, name @ ..]: [u8; 17]) -> Option<Self> {
        match kind {
            1 => Some(Self::Known(name)),
            2 => Some(Self::Browser(name)),
            3 => Some(Self::Others(name)),
            _ => None,
        }
    }

    /// Whether a code drawn for these answers a challenge of those.
    pub(crate) fn is_answered_by(self, drawn_for: Self) -> bool {
        match self {
            Self::Known(_) | Self::Browser(_) => self == drawn_for,
            // Not one of a known browser: its codes are no more to guess at.
            Self::Others(_) => !matches!(drawn_for, Self::Known(_)),
        }
    }
}

/// What is counted of askers.
pub(crate) struct Askers {
    key: Secret,
    /// Wrong codes.
    tries: Tries,
    /// Codes that were left for somebody, by address, by site, by browser.
    taken: Tries,
    /// Codes one site may have of an address.
    pub(crate) most: u32,
}

impl Askers {
    pub(crate) fn new(key: Secret, codes_valid_millis: u64, per_address: Budget) -> Self {
        let within = u64::try_from(per_address.within.as_millis()).unwrap_or(u64::MAX);
        Self {
            key,
            tries: Tries::within(codes_valid_millis),
            taken: Tries::within(within),
            most: per_address.most,
        }
    }

    /// Among whom this asker is counted, and whether a code was left for her; `None` where all her
    /// tries are spent. `is_left` says whether codes may be drawn for the address at all.
    pub(crate) fn enter(
        &mut self,
        (code_use, to): (CodeUse, &Address),
        asker: &Asker,
        is_left: bool,
        now: u64,
    ) -> Option<(Among, bool)> {
        let browser = asker.browser;
        if asker.is_known
            && !self.is_spent((code_use, to), Among::Known(browser), now)
            && let Some(has_one) = self.has_code_for_known((code_use, to), browser, now)
        {
            return Some((Among::Known(browser), has_one));
        }
        if !self.is_spent((code_use, to), Among::Browser(browser), now) {
            let sent = (code_use, to);
            let all = self.cells(b"taken", sent, &[]);
            let of_site = self.cells(b"taken at", sent, &asker.site);
            let of_browser = self.cells(b"taken by", sent, &browser);
            let all_taken = u32::from(self.taken.of(&all, now));
            let has_left = all_taken < self.most.saturating_add(LEFT_FOR_ELSEWHERE)
                && u32::from(self.taken.of(&of_site, now)) < self.most;
            if is_left && has_left {
                for cells in [&all, &of_site, &of_browser] {
                    self.taken.count(cells, now);
                }
                return Some((Among::Browser(browser), true));
            }
            if self.taken.of(&of_browser, now) > 0 {
                return Some((Among::Browser(browser), false));
            }
        }
        let others = Among::Others(asker.site);
        (!self.is_spent((code_use, to), others, now)).then_some((others, false))
    }

    /// Whether a code is left for this known browser; `None` where none is left for any of them and
    /// it is asked as another. One that has had all of its own is answered by those.
    fn has_code_for_known(
        &mut self,
        sent: (CodeUse, &Address),
        browser: Name,
        now: u64,
    ) -> Option<bool> {
        let all = self.cells(b"taken by all known", sent, &[]);
        let own = self.cells(b"taken by known", sent, &browser);
        if u32::from(self.taken.of(&own, now)) >= self.most {
            return Some(false);
        }
        if u32::from(self.taken.of(&all, now)) >= self.most.saturating_mul(KNOWN_AT_ONCE) {
            return None;
        }
        for cells in [&all, &own] {
            self.taken.count(cells, now);
        }
        Some(true)
    }

    /// Whether no further try of these is looked at.
    pub(crate) fn is_spent(&mut self, sent: (CodeUse, &Address), among: Among, now: u64) -> bool {
        let counted = self.counted_with(sent, among);
        counted
            .into_iter()
            .flatten()
            .any(|(cells, most)| self.tries.of(&cells, now) >= most)
    }

    /// Counts a wrong one; whether it was the last.
    pub(crate) fn count(&mut self, sent: (CodeUse, &Address), among: Among, now: u64) -> bool {
        let counted = self.counted_with(sent, among).into_iter().flatten();
        let mut is_last = false;
        for (cells, most) in counted {
            is_last |= self.tries.count(&cells, now) >= most;
        }
        is_last
    }

    /// What their tries are counted with, and how many there may be.
    fn counted_with(&self, sent: (CodeUse, &Address), among: Among) -> [Option<(Cells, u8)>; 2] {
        match among {
            Among::Known(name) => [
                Some((self.cells(b"known", sent, &name), KNOWN_TRIES)),
                Some((self.cells(b"all known", sent, &[]), ALL_KNOWN_TRIES)),
            ],
            Among::Browser(name) => [
                Some((self.cells(b"browser", sent, &name), BROWSER_TRIES)),
                None,
            ],
            Among::Others(site) => [
                Some((self.cells(b"others", sent, &[]), OTHERS_TRIES)),
                Some((self.cells(b"site", sent, &site), SITE_TRIES)),
            ],
        }
    }

    fn cells(&self, what: &[u8], (code_use, to): (CodeUse, &Address), of: &[u8]) -> Cells {
        let (code_use, to) = (code_use.prefix().as_bytes(), to.spelling().as_bytes());
        Cells::of(&self.key, &[what, code_use, of, b"|", to])
    }
}

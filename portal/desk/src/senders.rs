//! Which address sent a statement first: to it alone the answer is given again, while the statement
//! is fresh. Whoever else sends the same bytes has to show a token of their signer.
//!
//! No address is kept: under a key drawn at the start each becomes a keyed digest, so that this
//! memory says nothing of who asked. It is lost with the server, which helps nobody: what is not
//! known here is answered only to who shows a token.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use akashi_ledger::random::draw_secret;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::Timestamp;
use akashi_proof::statement::FRESH_MILLIS;

use crate::limits::FIRST_SENDERS_MAX;

/// How long a statement can be fresh: as long before its `iat` as after.
const KEPT_MILLIS: u64 = 2 * FRESH_MILLIS;

/// Who sent a statement first, as its next sender sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstSent {
    /// The same address.
    Here,
    /// Another one.
    Elsewhere,
}

/// The senders of the statements of the last ten to twenty minutes.
pub struct FirstSenders {
    key: Secret,
    kept: Mutex<Kept>,
}

/// Those of this span and of the one before. A span ends by time or when it is full; then the one
/// before is forgotten whole.
#[derive(Default)]
struct Kept {
    since: Timestamp,
    newer: HashMap<Digest, [u8; 32]>,
    older: HashMap<Digest, [u8; 32]>,
}

impl Default for FirstSenders {
    fn default() -> Self {
        Self {
            key: draw_secret(),
            kept: Mutex::default(),
        }
    }
}

impl FirstSenders {
    /// Who sent these bytes first; `None` where nobody is known to have.
    pub fn find(&self, statement: &Digest, address: &[u8], now: Timestamp) -> Option<FirstSent> {
        let here = self.sender(address);
        let kept = self.kept(now);
        let first = kept
            .newer
            .get(statement)
            .or_else(|| kept.older.get(statement));
        first.map(|first| whose(*first, here))
    }

    /// Remembers that this address sends them, unless somebody is known to have before.
    pub fn remember(&self, statement: &Digest, address: &[u8], now: Timestamp) -> FirstSent {
        let here = self.sender(address);
        let mut kept = self.kept(now);
        if let Some(first) = kept.older.get(statement) {
            return whose(*first, here);
        }
        if kept.newer.len() >= FIRST_SENDERS_MAX {
            kept.turn(now);
        }
        whose(*kept.newer.entry(*statement).or_insert(here), here)
    }

    fn sender(&self, address: &[u8]) -> [u8; 32] {
        self.key.hmac(&[b"akashi/first-sender/v1", address])
    }

    fn kept(&self, now: Timestamp) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back ends a span as well: nothing may be kept for ever.
        if now < kept.since || kept.since.plus_millis(KEPT_MILLIS) <= now {
            kept.turn(now);
        }
        kept
    }
}

impl Kept {
    fn turn(&mut self, now: Timestamp) {
        self.older = std::mem::take(&mut self.newer);
        self.since = now;
    }
}

fn whose(first: [u8; 32], here: [u8; 32]) -> FirstSent {
    if first == here {
        FirstSent::Here
    } else {
        FirstSent::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn statement(n: usize) -> Digest {
        Digest::of(&[&n.to_be_bytes()])
    }

    #[test]
    fn the_first_address_is_known_while_a_statement_can_be_fresh() {
        let senders = FirstSenders::default();
        let (one, at) = (statement(1), |millis| NOW.plus_millis(millis));
        assert_eq!(senders.find(&one, b"a", NOW), None);
        assert_eq!(senders.remember(&one, b"a", NOW), FirstSent::Here);
        assert_eq!(senders.remember(&one, b"b", NOW), FirstSent::Elsewhere);
        let late = at(KEPT_MILLIS);
        assert_eq!(senders.find(&one, b"a", late), Some(FirstSent::Here));
        assert_eq!(senders.find(&one, b"b", late), Some(FirstSent::Elsewhere));
        assert_eq!(senders.find(&one, b"a", at(2 * KEPT_MILLIS)), None);
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let senders = FirstSenders::default();
        for n in 0..FIRST_SENDERS_MAX {
            senders.remember(&statement(n), b"a", NOW);
        }
        let first = |senders: &FirstSenders| senders.find(&statement(0), b"a", NOW);
        assert_eq!(first(&senders), Some(FirstSent::Here), "at the bound");
        senders.remember(&statement(FIRST_SENDERS_MAX), b"a", NOW);
        assert_eq!(first(&senders), Some(FirstSent::Here), "one above it");
        for n in 1..=FIRST_SENDERS_MAX {
            senders.remember(&statement(FIRST_SENDERS_MAX + n), b"a", NOW);
        }
        assert_eq!(first(&senders), None);
        let kept = senders.kept(NOW);
        assert!(kept.newer.len() + kept.older.len() <= 2 * FIRST_SENDERS_MAX);
    }
}

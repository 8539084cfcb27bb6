//! Token buckets: how much one sender may ask. A sender may use its whole minute at once and then
//! goes on at its rate.
//!
//! An address is counted with the networks around it ([`crate::network`]), the widest first:
//! whoever has a /48 has the rate of sixteen customers and not of 65,536, and makes no more buckets
//! than that. Where a table is full, who is new in it counts by the networks around it only: no
//! stranger is refused because of others elsewhere.
//!
//! Nothing is looked through to forget: a bucket that rested for a minute is full again, so the
//! tables of a minute ago are dropped whole.
//!
//! Our own instead of tower_governor: its map grows until somebody calls it to clean up, it knows
//! one width of network, and a signed identity is known only inside the handler.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::{RATE_BY_RING, Rates, SENDERS_MAX};
use crate::network::{Network, Networks, RINGS};

/// A bucket that rested so long is full.
const MINUTE: Duration = Duration::from_secs(60);

/// All limits by sender.
pub struct Limits {
    /// Pages, by address.
    pub pages: RateLimit,
    /// Sign-in, enrolment and codes, by address.
    pub sign_in: RateLimit,
    /// The SMS gateway, by address.
    pub inbound_sms: RateLimit,
    /// Statements, by signed institution.
    pub statements: InstitutionRate,
    /// Acts on keys, by the key that signed them.
    pub key_acts: InstitutionRate,
    /// What no registered key signed, by address.
    pub unsigned: RateLimit,
    /// The public log, by address.
    pub log: RateLimit,
}

impl Limits {
    /// At these rates.
    pub fn new(rates: &Rates) -> Self {
        Self {
            pages: RateLimit::per_minute(rates.pages_per_minute),
            sign_in: RateLimit::per_minute(rates.sign_in_per_minute),
            inbound_sms: RateLimit::per_minute(rates.inbound_sms_per_minute),
            statements: InstitutionRate::per_minute(rates.statements_per_minute),
            key_acts: InstitutionRate::per_minute(rates.key_acts_per_minute),
            unsigned: RateLimit::per_minute(rates.unsigned_per_minute),
            log: RateLimit::per_minute(rates.log_per_minute),
        }
    }
}

/// Limits one kind of request per address and per network.
pub struct RateLimit {
    rings: Mutex<[Table<Network>; RINGS]>,
}

/// Limits one kind of request per institution.
pub struct InstitutionRate {
    table: Mutex<Table<Box<[u8]>>>,
}

/// The sender has used what it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// After how many seconds there is room again.
    pub seconds: u32,
}

impl RateLimit {
    /// So many requests a minute for one address; for the networks around it as many times as
    /// [`RATE_BY_RING`] says.
    pub fn per_minute(requests: u32) -> Self {
        let table = |times| Table::per_minute(requests.max(1).saturating_mul(times));
        Self {
            rings: Mutex::new(RATE_BY_RING.map(table)),
        }
    }

    /// Takes one token of this sender.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn take(&self, sender: &[u8]) -> Result<(), Wait> {
        self.take_at(sender, 1.0, Instant::now())
    }

    /// Whether a token is left, without taking it: for what is counted only when it turns out bad.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn check(&self, sender: &[u8]) -> Result<(), Wait> {
        self.take_at(sender, 0.0, Instant::now())
    }

    /// From every ring or from none, so that what is refused costs nobody around it anything.
    fn take_at(&self, sender: &[u8], tokens: f64, now: Instant) -> Result<(), Wait> {
        let networks = Networks::of(sender);
        let mut rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        for (table, network) in rings.iter().zip(networks.narrowest_first()).rev() {
            network.map_or(Ok(()), |network| table.check(&network, now))?;
        }
        if tokens > 0.0 {
            for (table, network) in rings.iter_mut().zip(networks.narrowest_first()) {
                table.turn(now);
                if let Some(network) = network {
                    table.take(network, tokens, now);
                }
            }
        }
        Ok(())
    }
}

impl InstitutionRate {
    /// So many a minute for one institution.
    pub fn per_minute(requests: u32) -> Self {
        Self {
            table: Mutex::new(Table::per_minute(requests)),
        }
    }

    /// Takes one token of this institution.
    ///
    /// # Errors
    /// [`Wait`] when there is none.
    pub fn take(&self, institution: &[u8]) -> Result<(), Wait> {
        let now = Instant::now();
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Box::from(institution);
        table.turn(now);
        table.check(&key, now)?;
        table.take(key, 1.0, now);
        Ok(())
    }
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Buckets of one rate: those used in this minute, and those of the minute before.
struct Table<K> {
    per_minute: f64,
    now: HashMap<K, Bucket>,
    before: HashMap<K, Bucket>,
    turned: Option<Instant>,
}

impl<K: Eq + Hash> Table<K> {
    fn per_minute(requests: u32) -> Self {
        Self {
            per_minute: f64::from(requests.max(1)),
            now: HashMap::new(),
            before: HashMap::new(),
            turned: None,
        }
    }

    fn check(&self, key: &K, now: Instant) -> Result<(), Wait> {
        let known = self.now.get(key).or_else(|| self.before.get(key));
        let tokens = known.map_or(self.per_minute, |bucket| self.refilled(bucket, now));
        if tokens >= 1.0 {
            return Ok(());
        }
        let wait = (1.0 - tokens) * 60.0 / self.per_minute;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float saturates, and a wait is no longer than a minute"
        )]
        let seconds = wait.ceil() as u32;
        Err(Wait { seconds })
    }

    /// Drops the buckets that rested for a minute.
    fn turn(&mut self, now: Instant) {
        let turned = *self.turned.get_or_insert(now);
        if now.saturating_duration_since(turned) >= MINUTE {
            self.before = std::mem::take(&mut self.now);
            self.turned = Some(now);
        }
    }

    fn take(&mut self, key: K, tokens: f64, now: Instant) {
        let known = self.now.remove(&key).or_else(|| self.before.remove(&key));
        if known.is_none() && self.now.len() >= SENDERS_MAX {
            return;
        }
        let left = known.map_or(self.per_minute, |bucket| self.refilled(&bucket, now));
        let tokens = left - tokens;
        self.now.insert(key, Bucket { tokens, at: now });
    }

    fn refilled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + seconds * self.per_minute / 60.0).min(self.per_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &[u8] = &[192, 0, 2, 1];
    const B: &[u8] = &[192, 0, 2, 2];

    #[test]
    fn a_minute_may_be_used_at_once_and_fills_again_evenly() {
        let limit = RateLimit::per_minute(6);
        let now = Instant::now();
        for _ in 0..6 {
            assert_eq!(limit.take_at(A, 1.0, now), Ok(()));
        }
        assert_eq!(limit.take_at(A, 1.0, now), Err(Wait { seconds: 10 }));
        let others = limit.take_at(B, 1.0, now);
        assert_eq!(others, Ok(()), "others are not concerned");
        let later = now + Duration::from_secs(10);
        assert_eq!(limit.take_at(A, 1.0, later), Ok(()));
        assert!(limit.take_at(A, 1.0, later).is_err());
        assert!(
            limit.take_at(A, 0.0, later).is_err(),
            "looking costs nothing and tells the same"
        );
        let again = later + Duration::from_secs(10);
        assert_eq!(limit.take_at(A, 0.0, again), Ok(()));
    }

    #[test]
    fn a_whole_network_has_the_rate_of_a_few_and_others_keep_theirs() {
        let limit = RateLimit::per_minute(6);
        let now = Instant::now();
        let customer = |n: u16| {
            let [high, low] = n.to_be_bytes();
            [0x20, 0x01, 0x0d, 0xb8, 0, 1, high, low]
        };
        let let_in = |n| limit.take_at(&customer(n), 1.0, now).is_ok();
        let taken = (0..u16::MAX).filter(|n| let_in(*n)).count();
        assert_eq!(taken, 6 * RATE_BY_RING[2] as usize);
        let elsewhere = [0x20, 0x01, 0x0d, 0xb9, 0, 1, 0, 0];
        assert_eq!(limit.take_at(&elsewhere, 1.0, now), Ok(()));
        let rings = limit.rings.lock().unwrap();
        let remembered = rings[0].now.len();
        assert!(remembered <= taken + 1, "what is refused leaves no bucket");
    }

    #[test]
    fn a_flood_is_forgotten_whole_and_never_refuses_a_stranger() {
        let limit = RateLimit::per_minute(2);
        let now = Instant::now();
        for sender in 0..SENDERS_MAX as u32 + 2 {
            // Each in a network of its own.
            let [a, b, c, d] = sender.to_be_bytes();
            let sender = [a, b, c, d, 0, 0, 0, 0];
            assert_eq!(limit.take_at(&sender, 1.0, now), Ok(()));
        }
        let held = |limit: &RateLimit| {
            let rings = limit.rings.lock().unwrap();
            let of = |table: &Table<Network>| table.now.len().max(table.before.len());
            rings.iter().map(of).max().unwrap()
        };
        assert_eq!(held(&limit), SENDERS_MAX, "N are held, N + 1 are not");
        assert_eq!(limit.take_at(A, 1.0, now), Ok(()), "somebody new");
        for minute in 1..=2 {
            let later = now + MINUTE * minute;
            assert_eq!(limit.take_at(B, 1.0, later), Ok(()));
        }
        assert_eq!(held(&limit), 1);
    }

    #[test]
    fn one_institution_does_not_use_up_another_s_rate() {
        let limit = InstitutionRate::per_minute(1);
        assert_eq!(limit.take(b"one.of.them"), Ok(()));
        assert!(limit.take(b"one.of.them").is_err());
        assert_eq!(limit.take(b"another.one"), Ok(()));
    }

    #[test]
    fn forty_people_behind_one_office_s_address_sign_in_within_a_minute() {
        let limits = Limits::new(&Rates::default());
        for person in 0..40 {
            // The number, the code, and one typing mistake.
            for form in 0..3 {
                let taken = limits.sign_in.take(A).and_then(|()| limits.pages.take(A));
                assert_eq!(taken, Ok(()), "{person}, {form}");
            }
        }
        assert!(limits.sign_in.take(A).is_err(), "N + 1");
    }
}

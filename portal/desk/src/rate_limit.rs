//! Token buckets: how much one sender may ask. A sender may use its whole minute at once and then
//! goes on at its rate.
//!
//! Our own instead of tower_governor: its map grows until somebody calls it to clean up, and a
//! signed identity is known only inside the handler.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::limits::Rates;

/// Most senders remembered: a flood from more addresses than this shares one bucket.
const SENDERS_MAX: usize = 65_536;

/// The bucket of everybody who has none of their own.
const OVERFLOW: &[u8] = b"everybody else";

/// All limits by sender.
pub struct Limits {
    /// Pages, by address.
    pub pages: RateLimit,
    /// Sign-in, enrolment and codes, by address.
    pub sign_in: RateLimit,
    /// The SMS gateway, by address.
    pub inbound_sms: RateLimit,
    /// Statements, by signed institution.
    pub statements: RateLimit,
    /// What no registered key signed, by address.
    pub unsigned: RateLimit,
}

impl Limits {
    /// At these rates.
    pub fn new(rates: &Rates) -> Self {
        Self {
            pages: RateLimit::per_minute(rates.pages_per_minute),
            sign_in: RateLimit::per_minute(rates.sign_in_per_minute),
            inbound_sms: RateLimit::per_minute(rates.inbound_sms_per_minute),
            statements: RateLimit::per_minute(rates.statements_per_minute),
            unsigned: RateLimit::per_minute(rates.unsigned_per_minute),
        }
    }
}

/// Limits one kind of request per sender.
pub struct RateLimit {
    per_minute: f64,
    buckets: Mutex<HashMap<Box<[u8]>, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// The sender has used what it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// After how many seconds there is room again.
    pub seconds: u32,
}

impl RateLimit {
    /// So many requests a minute.
    pub fn per_minute(requests: u32) -> Self {
        Self {
            per_minute: f64::from(requests.max(1)),
            buckets: Mutex::default(),
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

    fn take_at(&self, sender: &[u8], tokens: f64, now: Instant) -> Result<(), Wait> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(sender) {
            return self.take_from(bucket, tokens, now);
        }
        if tokens == 0.0 && buckets.len() < SENDERS_MAX {
            return Ok(());
        }
        if buckets.len() >= SENDERS_MAX {
            buckets.retain(|_, bucket| self.refilled(bucket, now) < self.per_minute);
        }
        let key: &[u8] = if buckets.len() < SENDERS_MAX {
            sender
        } else {
            OVERFLOW
        };
        let full = || Bucket {
            tokens: self.per_minute,
            at: now,
        };
        self.take_from(buckets.entry(key.into()).or_insert_with(full), tokens, now)
    }

    fn take_from(&self, bucket: &mut Bucket, tokens: f64, now: Instant) -> Result<(), Wait> {
        bucket.tokens = self.refilled(bucket, now);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            let wait = (1.0 - bucket.tokens) * 60.0 / self.per_minute;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a cast of a float saturates, and a wait is no longer than a minute"
            )]
            let seconds = wait.ceil() as u32;
            return Err(Wait { seconds });
        }
        bucket.tokens -= tokens;
        Ok(())
    }

    fn refilled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + seconds * self.per_minute / 60.0).min(self.per_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_minute_may_be_used_at_once_and_fills_again_evenly() {
        let limit = RateLimit::per_minute(6);
        let now = Instant::now();
        for _ in 0..6 {
            assert_eq!(limit.take_at(b"a", 1.0, now), Ok(()));
        }
        assert_eq!(limit.take_at(b"a", 1.0, now), Err(Wait { seconds: 10 }));
        assert_eq!(
            limit.take_at(b"b", 1.0, now),
            Ok(()),
            "others are not concerned"
        );
        let later = now + Duration::from_secs(10);
        assert_eq!(limit.take_at(b"a", 1.0, later), Ok(()));
        assert!(limit.take_at(b"a", 1.0, later).is_err());
        assert!(
            limit.take_at(b"a", 0.0, later).is_err(),
            "looking costs nothing and tells the same"
        );
        assert_eq!(
            limit.take_at(b"a", 0.0, later + Duration::from_secs(10)),
            Ok(())
        );
    }

    #[test]
    fn the_map_is_bounded_and_a_flood_shares_one_bucket() {
        let limit = RateLimit::per_minute(2);
        let now = Instant::now();
        for sender in 0..SENDERS_MAX as u32 + 2 {
            assert_eq!(limit.take_at(&sender.to_be_bytes(), 1.0, now), Ok(()));
        }
        assert!(limit.take_at(b"one more", 1.0, now).is_err());
        assert!(limit.buckets.lock().unwrap().len() <= SENDERS_MAX + 1);
        let later = now + Duration::from_secs(61);
        assert_eq!(limit.take_at(b"one more", 1.0, later), Ok(()));
        assert_eq!(
            limit.buckets.lock().unwrap().len(),
            1,
            "full buckets say nothing and are dropped"
        );
    }
}

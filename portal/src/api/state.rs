//! What the API remembers between requests: limits, used tokens, figures, the log's own key. All of
//! it bounded, none of it needed after a restart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use akashi_ledger::{Ledger, LedgerError};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{InstitutionId, Jti, LeafIndex, Timestamp};
use akashi_proof::record::kind::Event;
use akashi_proof::statement::FRESH_MILLIS;
use akashi_tlog::checkpoint::LogKeys;
use akashi_tlog::signed_note::VerifyingKey;
use tokio::sync::Semaphore;

use super::metrics::Metrics;
use super::throttled::Throttled;
use crate::config::{LimitsConfig, ServerConfig};
use crate::middleware::rate_limit::RateLimit;

/// Most identifiers remembered: at the freshness of a statement (five minutes either way) room for
/// 300 a second.
const USED_MAX: usize = 200_000;

/// What the API remembers.
pub struct ApiState {
    /// Limits by sender.
    pub limits: Limits,
    /// Requests worked on now.
    pub in_flight: Semaphore,
    /// Figures for `/metrics`.
    pub metrics: Metrics,
    /// The log's key, as entry 0 names it.
    pub log_keys: LogKeys,
    /// Digest of the token the SMS gateway shows; `None` where replies are not taken.
    pub inbound_token: Option<Secret>,
    /// Statements above their institutions' rates, until they are recorded.
    pub throttled: Throttled,
    /// Tokens of reads, each good once.
    pub reads: Used<()>,
    /// Acts carried out lately, so that one sent again is answered again and not done twice.
    pub acts: Used<ActDone>,
}

/// An act that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActDone {
    /// Digest of the body.
    pub body: Digest,
    /// Log index of its record.
    pub index: LeafIndex,
}

/// Limits by sender.
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

impl ApiState {
    /// The state of a server that starts.
    ///
    /// # Errors
    /// [`LedgerError`] when entry 0 cannot be read.
    pub fn new(
        ledger: &Ledger,
        limits: &LimitsConfig,
        server: &ServerConfig,
        inbound_token: Option<&str>,
    ) -> Result<Self, LedgerError> {
        let reader = ledger.reader();
        let damaged = |what: &str| LedgerError::Corrupt {
            index: LeafIndex::new(0),
            what: what.to_owned(),
        };
        let stored = reader
            .record(LeafIndex::new(0))?
            .ok_or(LedgerError::Missing("entry 0"))?;
        let Event::LedgerOpened(opened) = stored.record.event else {
            return Err(damaged("it is not `ledger.opened`"));
        };
        let vkey = VerifyingKey::parse(&opened.log_vkey)
            .map_err(|_| damaged("the log's key is not a vkey line"))?;
        let log_keys = LogKeys::new(vec![vkey])
            .map_err(|_| damaged("the log's key is not one of its origin"))?;
        Ok(Self {
            limits: Limits {
                pages: RateLimit::per_minute(limits.pages_per_minute),
                sign_in: RateLimit::per_minute(limits.sign_in_per_minute),
                inbound_sms: RateLimit::per_minute(limits.inbound_sms_per_minute),
                statements: RateLimit::per_minute(limits.statements_per_minute),
                unsigned: RateLimit::per_minute(limits.unsigned_per_minute),
            },
            in_flight: Semaphore::new(server.concurrent_requests),
            metrics: Metrics::default(),
            log_keys,
            inbound_token: inbound_token.map(token_digest),
            throttled: Throttled::default(),
            reads: Used::default(),
            acts: Used::default(),
        })
    }
}

/// A bearer token as it is kept and compared: comparing digests takes the same time wherever texts
/// differ.
pub fn token_digest(token: &str) -> Secret {
    Secret::from_bytes(*Digest::of(&[b"akashi/inbound-token/v1", token.as_bytes()]).as_bytes())
}

/// Identifiers used within the time a statement is fresh, with what became of them.
pub struct Used<T> {
    used: Mutex<HashMap<Digest, (Timestamp, T)>>,
}

impl<T> Default for Used<T> {
    fn default() -> Self {
        Self {
            used: Mutex::default(),
        }
    }
}

/// Why an identifier cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseRefused<T> {
    /// It was used before.
    Before(T),
    /// No room to remember it.
    Full,
}

impl<T: Clone> Used<T> {
    /// What became of this identifier, if it was used within the time a statement is fresh.
    pub fn find(&self, issuer: &InstitutionId, jti: &Jti) -> Option<T> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.get(&name(issuer, jti)).map(|(_, what)| what.clone())
    }

    /// Uses the identifier.
    ///
    /// # Errors
    /// [`UseRefused`] when it was used before, or there is no room.
    pub fn take(
        &self,
        issuer: &InstitutionId,
        jti: &Jti,
        what: T,
        now: Timestamp,
    ) -> Result<(), UseRefused<T>> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= USED_MAX {
            // A statement is fresh for so long before and after its `iat`.
            used.retain(|_, (at, _)| now < at.plus_millis(2 * FRESH_MILLIS));
            if used.len() >= USED_MAX {
                return Err(UseRefused::Full);
            }
        }
        match used.entry(name(issuer, jti)) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                Err(UseRefused::Before(entry.get().1.clone()))
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert((now, what));
                Ok(())
            }
        }
    }
}

fn name(issuer: &InstitutionId, jti: &Jti) -> Digest {
    Digest::of(&[
        b"akashi/used/v1",
        issuer.as_str().as_bytes(),
        b"\n",
        jti.as_str().as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_good_once_per_issuer_and_room_is_made_by_time() {
        let (a, b) = (
            InstitutionId::parse("a.one").unwrap(),
            InstitutionId::parse("b.two").unwrap(),
        );
        let jti = |n: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&n.to_be_bytes());
            Jti::parse(&akashi_tlog::base64::url::encode(&bytes)).unwrap()
        };
        let used = Used::default();
        let now = Timestamp::from_seconds(1_790_000_000);
        assert_eq!(used.take(&a, &jti(0), 1, now), Ok(()));
        assert_eq!(used.take(&a, &jti(0), 2, now), Err(UseRefused::Before(1)));
        assert_eq!(used.take(&b, &jti(0), 2, now), Ok(()));
        for n in 1..USED_MAX as u32 - 1 {
            used.take(&a, &jti(n), 0, now).unwrap();
        }
        assert_eq!(
            used.take(&b, &jti(1), 0, now.plus_millis(2 * FRESH_MILLIS - 1)),
            Err(UseRefused::Full)
        );
        assert_eq!(
            used.take(&b, &jti(1), 0, now.plus_millis(2 * FRESH_MILLIS)),
            Ok(())
        );
        assert_eq!(used.find(&a, &jti(0)), None);
    }
}

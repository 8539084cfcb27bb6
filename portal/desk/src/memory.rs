//! What is remembered between requests of institutions: tokens used, acts carried out. Bounded, and
//! not needed after a restart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, Jti, LeafIndex, Timestamp};
use akashi_proof::statement::FRESH_MILLIS;

/// Most identifiers remembered: at the freshness of a statement (five minutes either way) room for
/// 300 a second.
const USED_MAX: usize = 200_000;

/// An act that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActDone {
    /// Digest of the body.
    pub body: Digest,
    /// Log index of its record.
    pub index: LeafIndex,
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

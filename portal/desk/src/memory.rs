//! What is remembered between requests of institutions: tokens used. Bounded, and not needed after
//! a restart.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use akashi_proof::ids::{InstitutionId, Jti, Timestamp};
use akashi_proof::statement::FRESH_MILLIS;

/// Most identifiers remembered: at the freshness of a statement (five minutes either way) room for
/// 300 a second.
const USED_MAX: usize = 200_000;
/// Most of one issuer, 80 a second: whoever reads more waits alone, and three others still find
/// room.
const USED_OF_ONE_MAX: usize = USED_MAX / 4;

/// Identifiers used within the time a statement is fresh, with what became of them.
pub struct Used<T> {
    used: Mutex<HashMap<InstitutionId, OfOne<T>>>,
}

/// Those of one issuer.
struct OfOne<T> {
    used: HashMap<Jti, (Timestamp, T)>,
    /// Nothing is forgotten before then, so it is not looked for.
    kept_until: Timestamp,
}

impl<T> Default for Used<T> {
    fn default() -> Self {
        Self {
            used: Mutex::default(),
        }
    }
}

impl<T> Default for OfOne<T> {
    fn default() -> Self {
        Self {
            used: HashMap::new(),
            kept_until: Timestamp::default(),
        }
    }
}

impl<T> OfOne<T> {
    /// Forgets what no fresh statement can name any more: one is fresh for so long before and after
    /// its `iat`.
    fn forget_old(&mut self, now: Timestamp) {
        if now < self.kept_until {
            return;
        }
        let end = |at: &Timestamp| at.plus_millis(2 * FRESH_MILLIS);
        self.used.retain(|_, (at, _)| now < end(at));
        let ends = self.used.values().map(|(at, _)| end(at));
        self.kept_until = ends.min().unwrap_or_default();
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
        if count(&used) >= USED_MAX {
            used.values_mut().for_each(|of_one| of_one.forget_old(now));
            used.retain(|_, of_one| !of_one.used.is_empty());
        }
        let all = count(&used);
        let of_one = used.entry(issuer.clone()).or_default();
        if of_one.used.len() >= USED_OF_ONE_MAX {
            of_one.forget_old(now);
        }
        if let Some((_, before)) = of_one.used.get(jti) {
            return Err(UseRefused::Before(before.clone()));
        }
        if all >= USED_MAX || of_one.used.len() >= USED_OF_ONE_MAX {
            return Err(UseRefused::Full);
        }
        of_one.used.insert(jti.clone(), (now, what));
        Ok(())
    }
}

/// How many are remembered of all issuers, who are some hundreds.
fn count<T>(used: &HashMap<InstitutionId, OfOne<T>>) -> usize {
    used.values().map(|of_one| of_one.used.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn issuer(n: usize) -> InstitutionId {
        InstitutionId::parse(&format!("issuer.n{n}")).unwrap()
    }

    fn jti(n: usize) -> Jti {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        Jti::from_bytes(bytes)
    }

    #[test]
    fn an_identifier_is_good_once_per_issuer_and_room_is_made_by_time() {
        let (used, a, b) = (Used::default(), issuer(1), issuer(2));
        assert_eq!(used.take(&a, &jti(0), 1, NOW), Ok(()));
        assert_eq!(used.take(&a, &jti(0), 2, NOW), Err(UseRefused::Before(1)));
        assert_eq!(used.take(&b, &jti(0), 2, NOW), Ok(()));
        for n in 1..USED_OF_ONE_MAX {
            used.take(&a, &jti(n), 0, NOW).unwrap();
        }
        let (new, over) = (jti(USED_OF_ONE_MAX), 2 * FRESH_MILLIS);
        let at = |millis| used.take(&a, &new, 0, NOW.plus_millis(millis));
        assert_eq!(at(over - 1), Err(UseRefused::Full));
        assert_eq!(at(over), Ok(()));
        assert_eq!(
            used.take(&a, &jti(0), 0, NOW.plus_millis(over)),
            Ok(()),
            "forgotten"
        );
    }

    #[test]
    fn one_issuer_leaves_room_for_others_and_all_together_have_a_bound() {
        let used = Used::default();
        for of in 0..4 {
            for n in 0..USED_OF_ONE_MAX {
                used.take(&issuer(of), &jti(n), (), NOW).unwrap();
            }
            let more = used.take(&issuer(of), &jti(USED_OF_ONE_MAX), (), NOW);
            assert_eq!(more, Err(UseRefused::Full));
        }
        assert_eq!(
            used.take(&issuer(5), &jti(0), (), NOW),
            Err(UseRefused::Full)
        );
        let over = NOW.plus_millis(2 * FRESH_MILLIS);
        assert_eq!(used.take(&issuer(5), &jti(0), (), over), Ok(()));
        assert_eq!(used.used.lock().unwrap().len(), 1);
    }
}

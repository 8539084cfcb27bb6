//! What is remembered between requests of institutions: tokens used. Bounded, and not needed after
//! a restart: a token is bound to one request and to five minutes either way.
//!
//! Who fills it pays: one issuer has a bound of its own, and where all together have none left, the
//! issuer with the most loses its oldest for one with fewer. What is lost then is that a token of
//! that issuer is good once; to use it again somebody must have got it from the issuer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use akashi_proof::ids::{InstitutionId, Jti, Timestamp};
use akashi_proof::statement::FRESH_MILLIS;

use crate::limits::{TOKENS_MAX, TOKENS_OF_ONE_MAX};

/// Identifiers of tokens used within the time they are fresh.
#[derive(Default)]
pub struct UsedTokens {
    used: Mutex<HashMap<InstitutionId, OfOne>>,
}

/// Those of one issuer.
#[derive(Default)]
struct OfOne {
    known: HashSet<Jti>,
    /// The same, the oldest first.
    in_order: VecDeque<(Timestamp, Jti)>,
}

/// Why a token cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseRefused {
    /// It was used before.
    Before,
    /// Its issuer has used as many as are remembered.
    Full,
}

impl OfOne {
    /// Forgets what no fresh token can name any more: one is fresh for so long before and after its
    /// `iat`.
    fn forget_old(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.in_order.front()
            && at.plus_millis(2 * FRESH_MILLIS) <= now
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, oldest)) = self.in_order.pop_front() {
            self.known.remove(&oldest);
        }
    }
}

impl UsedTokens {
    /// Uses the token.
    ///
    /// # Errors
    /// [`UseRefused`] when it was used before, or there is no room for its issuer.
    pub fn take(
        &self,
        issuer: &InstitutionId,
        jti: &Jti,
        now: Timestamp,
    ) -> Result<(), UseRefused> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = used.entry(issuer.clone()).or_default();
        of_one.forget_old(now);
        if of_one.known.contains(jti) {
            return Err(UseRefused::Before);
        }
        let own = of_one.known.len();
        if own >= TOKENS_OF_ONE_MAX {
            return Err(UseRefused::Full);
        }
        if count(&used) >= TOKENS_MAX {
            used.values_mut().for_each(|of_one| of_one.forget_old(now));
        }
        if count(&used) >= TOKENS_MAX {
            let most = used.values_mut().max_by_key(|of_one| of_one.known.len());
            match most.filter(|most| most.known.len() > own) {
                Some(most) => most.forget_oldest(),
                None => return Err(UseRefused::Full),
            }
        }
        let of_one = used.entry(issuer.clone()).or_default();
        of_one.known.insert(jti.clone());
        of_one.in_order.push_back((now, jti.clone()));
        Ok(())
    }
}

/// How many are remembered of all issuers, who are some hundreds.
fn count(used: &HashMap<InstitutionId, OfOne>) -> usize {
    used.values().map(|of_one| of_one.known.len()).sum()
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
    fn a_token_is_good_once_per_issuer_and_room_is_made_by_time() {
        let (used, a, b) = (UsedTokens::default(), issuer(1), issuer(2));
        assert_eq!(used.take(&a, &jti(0), NOW), Ok(()));
        assert_eq!(used.take(&a, &jti(0), NOW), Err(UseRefused::Before));
        assert_eq!(used.take(&b, &jti(0), NOW), Ok(()));
        for n in 1..TOKENS_OF_ONE_MAX {
            used.take(&a, &jti(n), NOW).unwrap();
        }
        let (new, over) = (jti(TOKENS_OF_ONE_MAX), 2 * FRESH_MILLIS);
        let at = |millis| used.take(&a, &new, NOW.plus_millis(millis));
        assert_eq!(at(over - 1), Err(UseRefused::Full));
        assert_eq!(at(over), Ok(()));
        assert_eq!(used.used.lock().unwrap()[&a].known.len(), 1);
    }

    #[test]
    fn issuers_that_fill_all_of_it_make_room_for_everybody_else() {
        let used = UsedTokens::default();
        let held = |of: usize| used.used.lock().unwrap()[&issuer(of)].known.len();
        for of in 0..TOKENS_MAX / TOKENS_OF_ONE_MAX {
            for n in 0..TOKENS_OF_ONE_MAX {
                used.take(&issuer(of), &jti(n), NOW).unwrap();
            }
            let more = used.take(&issuer(of), &jti(TOKENS_OF_ONE_MAX), NOW);
            assert_eq!(more, Err(UseRefused::Full));
        }
        // One more than fit, and so on, until it has as many as those.
        let (late, share) = (9, TOKENS_MAX / (TOKENS_MAX / TOKENS_OF_ONE_MAX + 1));
        for n in 0..share {
            assert_eq!(used.take(&issuer(late), &jti(n), NOW), Ok(()), "{n}");
            assert_eq!(
                used.take(&issuer(late), &jti(n), NOW),
                Err(UseRefused::Before)
            );
        }
        let all: usize = used
            .used
            .lock()
            .unwrap()
            .values()
            .map(|one| one.known.len())
            .sum();
        assert_eq!(all, TOKENS_MAX);
        assert_eq!(held(late), share);
        assert_eq!(
            used.take(&issuer(late), &jti(share), NOW),
            Err(UseRefused::Full)
        );
        assert_eq!(
            used.take(&issuer(10), &jti(0), NOW),
            Ok(()),
            "another has room all the same"
        );
        let last = jti(TOKENS_OF_ONE_MAX - 1);
        assert_eq!(
            used.take(&issuer(0), &last, NOW),
            Err(UseRefused::Before),
            "the newest stay"
        );
    }
}

//! So many within a sliding window, by key: what is over is forgotten one by one as time passes,
//! never by looking through all of it.
//!
//! Times are milliseconds of the monotonic clock: a wall clock that is set gives no budget back and
//! takes none.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::settings::Budget;

/// What was counted of one budget.
pub(crate) struct Sliding<K> {
    most: usize,
    within: u64,
    keys_max: usize,
    when_full: bool,
    counted: HashMap<K, usize>,
    /// When each is over, the oldest first.
    ends: VecDeque<(u64, K)>,
}

impl<K: Clone + Eq + Hash> Sliding<K> {
    /// For keys that are not a stranger's to choose.
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            most: budget.most as usize,
            within: u64::try_from(budget.within.as_millis()).unwrap_or(u64::MAX),
            keys_max: usize::MAX,
            when_full: false,
            counted: HashMap::new(),
            ends: VecDeque::new(),
        }
    }

    /// The same, which remembers so many keys at once and refuses further ones.
    pub(crate) fn of_keys(keys_max: usize, budget: Budget) -> Self {
        Self {
            keys_max,
            ..Self::new(budget)
        }
    }

    /// The same, which lets further keys through uncounted: for what must not be held back because
    /// too much happens to others.
    pub(crate) fn open_when_full(keys_max: usize, budget: Budget) -> Self {
        Self {
            when_full: true,
            ..Self::of_keys(keys_max, budget)
        }
    }

    /// Whether one more fits and leaves so many.
    pub(crate) fn allows_and_leaves(&mut self, key: &K, left: usize, now: u64) -> bool {
        self.forget_old(now);
        let counted = self.counted.get(key).copied().unwrap_or_default();
        self.allows(key, now) && counted.saturating_add(left) < self.most
    }

    /// Whether one more fits.
    pub(crate) fn allows(&mut self, key: &K, now: u64) -> bool {
        self.forget_old(now);
        match self.counted.get(key) {
            Some(counted) => *counted < self.most,
            None => self.most > 0 && (self.when_full || self.counted.len() < self.keys_max),
        }
    }

    /// Whether this key is counted.
    pub(crate) fn knows(&self, key: &K) -> bool {
        self.counted.contains_key(key)
    }

    /// Whether another key can be counted.
    pub(crate) fn has_place(&self) -> bool {
        self.counted.len() < self.keys_max
    }

    /// When one more may fit, where none does now. Goes through what is counted, the oldest first:
    /// not for what is asked of everybody.
    pub(crate) fn frees_at(&self, key: &K, now: u64) -> u64 {
        let next = self.ends.iter().find(|(_, of)| of == key);
        next.map_or_else(|| now.saturating_add(self.within), |(end, _)| *end)
    }

    /// Counts one; returns whether it was the last that fits.
    pub(crate) fn count(&mut self, key: K, now: u64) -> bool {
        self.count_past(key, now, 0)
    }

    /// Counts one that happened so many milliseconds ago. What happened is counted in its order.
    pub(crate) fn count_past(&mut self, key: K, now: u64, ago: u64) -> bool {
        let is_known = self.counted.contains_key(&key);
        if ago >= self.within || !is_known && self.counted.len() >= self.keys_max {
            return false;
        }
        let end = now.saturating_add(self.within - ago);
        self.ends.push_back((end, key.clone()));
        let counted = self.counted.entry(key).or_default();
        *counted += 1;
        *counted == self.most
    }

    /// Counts one if it fits.
    pub(crate) fn take(&mut self, key: K, now: u64) -> bool {
        let allowed = self.allows(&key, now);
        if allowed {
            self.count(key, now);
        }
        allowed
    }

    pub(crate) fn forget_old(&mut self, now: u64) {
        while let Some((end, _)) = self.ends.front()
            && *end <= now
        {
            let Some((_, key)) = self.ends.pop_front() else {
                return;
            };
            if let Some(counted) = self.counted.get_mut(&key) {
                *counted -= 1;
                if *counted == 0 {
                    self.counted.remove(&key);
                }
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.counted.is_empty() && self.ends.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: u64 = 1_000;

    fn budget(most: u32, seconds: u64) -> Budget {
        Budget {
            most,
            within: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn what_is_counted_is_forgotten_one_by_one() {
        let mut sliding = Sliding::new(budget(2, 1));
        assert!(!sliding.count("a", 0) && sliding.count("a", 500));
        assert!(!sliding.allows(&"a", 999) && sliding.allows(&"b", 999));
        assert!(sliding.allows(&"a", 1_000));
        assert!(sliding.count("a", 1_000) && !sliding.allows(&"a", 1_499));
        assert!(sliding.allows(&"a", 9_999) && sliding.is_empty());
    }

    #[test]
    fn a_budget_is_a_sliding_window_for_each_key() {
        let mut sliding = Sliding::new(budget(3, 600));
        for second in [1000, 1100, 1200] {
            assert!(sliding.take("a", second * SECOND));
        }
        assert!(!sliding.take("a", 1599 * SECOND));
        assert!(sliding.take("b", 1599 * SECOND), "another number");
        let first_is_old = 1600 * SECOND;
        assert_eq!(sliding.frees_at(&"a", 1599 * SECOND), first_is_old);
        assert!(sliding.take("a", first_is_old), "ten minutes old");
        assert!(!sliding.take("a", 1601 * SECOND));
        assert!(!Sliding::new(budget(0, 1)).take("a", SECOND));
    }

    #[test]
    fn what_happened_before_the_clock_began_counts_as_long_as_it_would_have() {
        let mut sliding = Sliding::new(budget(2, 600));
        for ago in [700, 600, 500, 100] {
            sliding.count_past("a", SECOND, ago * SECOND);
        }
        assert!(!sliding.allows(&"a", 100 * SECOND));
        assert!(sliding.allows(&"a", 101 * SECOND), "one of two is over");
    }

    #[test]
    fn a_flood_against_others_holds_no_warning_back_and_takes_no_memory_without_bound() {
        const KEYS: usize = 100_000;
        let mut closed = Sliding::of_keys(KEYS, budget(1, 600));
        let mut open = Sliding::open_when_full(KEYS, budget(1, 600));
        for key in 0..KEYS {
            assert!(closed.take(key, 0) && open.take(key, 0));
        }
        assert!(!closed.take(KEYS, 0));
        assert!(open.take(KEYS, 0) && open.take(KEYS, 0));
        assert!(!open.take(0, 0));
        assert_eq!(open.counted.len(), KEYS);
        assert_eq!(open.ends.len(), KEYS);
        assert!(closed.take(KEYS, 600 * SECOND), "room again");
    }
}

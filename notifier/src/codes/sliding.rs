//! So many within a sliding window, by key: what is over is forgotten one by one as time passes,
//! never by looking through all of it.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use crate::settings::Budget;

/// What was counted of one budget. Times are milliseconds of the monotonic clock.
pub(crate) struct Sliding<K> {
    most: usize,
    within: u64,
    counted: HashMap<K, usize>,
    ends: VecDeque<(u64, K)>,
}

impl<K: Clone + Eq + Hash> Sliding<K> {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            most: budget.most as usize,
            within: u64::try_from(budget.within.as_millis()).unwrap_or(u64::MAX),
            counted: HashMap::new(),
            ends: VecDeque::new(),
        }
    }

    /// Whether one more fits.
    pub(crate) fn allows(&mut self, key: &K, now: u64) -> bool {
        self.forget_old(now);
        self.counted.get(key).copied().unwrap_or_default() < self.most
    }

    /// Counts one; returns whether it was the last that fits.
    pub(crate) fn count(&mut self, key: K, now: u64) -> bool {
        self.ends
            .push_back((now.saturating_add(self.within), key.clone()));
        let counted = self.counted.entry(key).or_default();
        *counted += 1;
        *counted == self.most
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

    #[test]
    fn what_is_counted_is_forgotten_one_by_one() {
        let mut sliding = Sliding::new(Budget {
            most: 2,
            within: Duration::from_secs(1),
        });
        assert!(!sliding.count("a", 0) && sliding.count("a", 500));
        assert!(!sliding.allows(&"a", 999) && sliding.allows(&"b", 999));
        assert!(sliding.allows(&"a", 1_000));
        assert!(sliding.count("a", 1_000) && !sliding.allows(&"a", 1_499));
        assert!(sliding.allows(&"a", 9_999) && sliding.is_empty());
    }
}

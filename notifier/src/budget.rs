//! Counting what was sent, so that nobody is worn down and no bill is run up.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use akashi_proof::ids::Timestamp;

use crate::settings::Budget;

/// Keys remembered at most. When as many were active within one window, further keys are refused:
/// whoever makes a hundred thousand numbers ask within minutes is not a person. Of warnings they
/// are let through instead.
const KEYS_MAX: usize = 100_000;

/// What was spent of one budget, by key, in a sliding window.
pub(crate) struct Spending<K> {
    budget: Budget,
    /// What is answered for a key there is no room to remember.
    when_full: bool,
    spent: HashMap<K, VecDeque<Timestamp>>,
}

impl<K: Eq + Hash> Spending<K> {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            budget,
            when_full: false,
            spent: HashMap::new(),
        }
    }

    /// The same for what must not be held back because too much happens to others.
    pub(crate) fn open_when_full(budget: Budget) -> Self {
        Self {
            when_full: true,
            ..Self::new(budget)
        }
    }

    /// Whether one more fits at `now`.
    pub(crate) fn allows(&mut self, key: &K, now: Timestamp) -> bool {
        if self.spent.len() >= KEYS_MAX {
            let since = self.since(now);
            self.spent
                .retain(|_, times| times.back().is_some_and(|last| *last > since));
        }
        let since = self.since(now);
        match self.spent.get_mut(key) {
            Some(times) => {
                while times.front().is_some_and(|first| *first <= since) {
                    times.pop_front();
                }
                times.len() < self.budget.most as usize
            }
            None => self.budget.most > 0 && (self.when_full || self.spent.len() < KEYS_MAX),
        }
    }

    /// Counts one at `now`.
    pub(crate) fn count(&mut self, key: K, now: Timestamp) {
        if self.spent.len() < KEYS_MAX || self.spent.contains_key(&key) {
            self.spent.entry(key).or_default().push_back(now);
        }
    }

    /// Counts one if it fits.
    pub(crate) fn take(&mut self, key: K, now: Timestamp) -> bool {
        let allowed = self.allows(&key, now);
        if allowed {
            self.count(key, now);
        }
        allowed
    }

    fn since(&self, now: Timestamp) -> Timestamp {
        now.minus_millis(u64::try_from(self.budget.within.as_millis()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_budget_is_a_sliding_window_for_each_key() {
        let mut spending = Spending::new(Budget {
            most: 3,
            within: Duration::from_secs(600),
        });
        let at = Timestamp::from_seconds;
        for second in [1000, 1100, 1200] {
            assert!(spending.take("a", at(second)));
        }
        assert!(!spending.take("a", at(1599)));
        assert!(spending.take("b", at(1599)), "another number");
        assert!(spending.take("a", at(1600)), "the first is ten minutes old");
        assert!(!spending.take("a", at(1601)));
        assert!(
            !Spending::new(Budget {
                most: 0,
                within: Duration::from_secs(1)
            })
            .take("a", at(1))
        );
    }

    #[test]
    fn a_flood_against_others_holds_no_warning_back_and_takes_no_memory_without_bound() {
        let budget = Budget {
            most: 1,
            within: Duration::from_secs(600),
        };
        let (mut closed, mut open) = (Spending::new(budget), Spending::open_when_full(budget));
        let now = Timestamp::from_seconds(1000);
        for key in 0..KEYS_MAX {
            assert!(closed.take(key, now) && open.take(key, now));
        }
        assert!(!closed.take(KEYS_MAX, now));
        assert!(open.take(KEYS_MAX, now) && open.take(KEYS_MAX, now));
        assert!(!open.take(0, now));
        assert_eq!(open.spent.len(), KEYS_MAX);
    }
}

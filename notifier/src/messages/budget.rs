//! Counting what was sent, so that nobody is worn down and no bill is run up.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use akashi_proof::ids::{InstitutionId, Timestamp};
use akashi_proof::record::kind::Template;

use crate::address::Address;
use crate::messages::urgency::Urgency;
use crate::settings::{Budget, Budgets};

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

/// What is spent of the budgets.
pub(crate) struct Spent {
    questions: Spending<Address>,
    by_requester: Spending<InstitutionId>,
    notices: Spending<Heap>,
    warnings: Spending<Heap>,
    /// The one message that says more happened than messages were sent about.
    more: Spending<Heap>,
    reply_answers: Spending<Address>,
    /// Messages about a question that the person asked for herself.
    asked_for: Spending<Address>,
}

impl Spent {
    pub(crate) fn new(budgets: Budgets) -> Self {
        let once = Budget {
            most: 1,
            ..budgets.warnings_of_one_kind
        };
        Self {
            questions: Spending::new(budgets.questions_per_number),
            by_requester: Spending::new(budgets.questions_per_requester),
            notices: Spending::new(budgets.notices_per_address),
            warnings: Spending::open_when_full(budgets.warnings_of_one_kind),
            more: Spending::new(once),
            reply_answers: Spending::new(budgets.reply_answers_per_number),
            asked_for: Spending::new(budgets.codes_per_address),
        }
    }

    /// Counts what was told this requester as a question, if it fits: also where none was put, so
    /// that whether it fits says nothing about anybody.
    pub(crate) fn take_asked(&mut self, requester: &InstitutionId, now: Timestamp) -> bool {
        self.by_requester.take(requester.clone(), now)
    }

    /// Counts a question to this address, if it fits.
    pub(crate) fn take_question(&mut self, to: &Address, now: Timestamp) -> bool {
        self.questions.take(to.clone(), now)
    }

    /// Counts a message about a question that the person asked for, if it fits.
    pub(crate) fn take_asked_for(&mut self, to: &Address, now: Timestamp) -> bool {
        self.asked_for.take(to.clone(), now)
    }

    /// Counts an answer to a reply, if it fits.
    pub(crate) fn take_reply_answer(&mut self, to: &Address, now: Timestamp) -> bool {
        self.reply_answers.take(to.clone(), now)
    }

    /// Counts any other message, if it fits, or the one that says there were more.
    pub(crate) fn take_notice(
        &mut self,
        template: Template,
        to: &Address,
        about: Option<&InstitutionId>,
        now: Timestamp,
    ) -> Room {
        let warning = Urgency::of(template)
            .is_warning()
            .then(|| (template, about.cloned()));
        let heap = Heap {
            to: to.clone(),
            warning,
        };
        let budget = if heap.warning.is_some() {
            &mut self.warnings
        } else {
            &mut self.notices
        };
        if budget.take(heap.clone(), now) {
            Room::ForIt
        } else if self.more.take(heap, now) {
            Room::ToSayMore
        } else {
            Room::None
        }
    }
}

/// Messages counted together: all plain ones to an address; warnings by kind and institution, so
/// that none is drowned by others.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Heap {
    to: Address,
    warning: Option<(Template, Option<InstitutionId>)>,
}

/// Whether one more message may be sent.
pub(crate) enum Room {
    ForIt,
    /// The budget is spent, and she has not been told yet that more happened.
    ToSayMore,
    None,
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

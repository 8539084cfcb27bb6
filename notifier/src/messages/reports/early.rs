//! Reports that came before what they are about was recorded: a gateway may report on an SMS in the
//! very moment it takes it. Those that name nothing we sent, and codes, which no record knows of,
//! end here too. Each is counted once: by what it says when it finds its message, or else as of
//! nothing when its time is over.

use std::collections::VecDeque;

use akashi_proof::record::kind::Arrival;

use crate::address::Phone;
use crate::channel::posted::MessageId;
use crate::limits::{EARLY_FOR_MILLIS, EARLY_MAX};

/// What a report says that is not over yet: by which names, to whom, which end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) ids: Vec<MessageId>,
    pub(super) to: Vec<Phone>,
    pub(super) arrival: Arrival,
}

/// They are forgotten with a restart: the message was handed over, and that is what is said then.
#[derive(Default)]
pub(super) struct Early {
    /// In the order they came, with the monotonic time at which each is forgotten.
    reports: VecDeque<(u64, End)>,
    /// Those whose message was there when the ledger did not take them: in the order they came.
    put_off: VecDeque<End>,
    /// How many have found nothing in their time.
    of_nothing: u64,
}

impl Early {
    /// Keeps one for a while, in the place of the oldest where there are too many.
    pub(super) fn keep(&mut self, end: End, now: u64) {
        self.forget(now);
        if self.reports.len() >= EARLY_MAX {
            self.reports.pop_front();
            self.of_nothing += 1;
        }
        self.reports
            .push_back((now.saturating_add(EARLY_FOR_MILLIS), end));
    }

    /// The first report that says one of these names.
    pub(super) fn take(&mut self, names: &[MessageId], now: u64) -> Option<End> {
        self.forget(now);
        let named = |end: &End| end.ids.iter().any(|id| names.contains(id));
        let at = self.reports.iter().position(|(_, end)| named(end))?;
        self.reports.remove(at).map(|(_, end)| end)
    }

    /// Keeps one that found its message until the ledger takes it.
    pub(super) fn put_off(&mut self, end: End) {
        if self.put_off.len() >= EARLY_MAX {
            self.put_off.pop_front();
            self.of_nothing += 1;
        }
        self.put_off.push_back(end);
    }

    /// The first of those.
    pub(super) fn first_put_off(&self) -> Option<End> {
        self.put_off.front().cloned()
    }

    /// It was taken, or its message is waited for no longer.
    pub(super) fn first_is_done(&mut self) {
        self.put_off.pop_front();
    }

    /// How many are kept at `now`, and how many had found nothing in their time by then.
    pub(super) fn figures(&mut self, now: u64) -> (u64, u64) {
        self.forget(now);
        let kept = self.reports.len() + self.put_off.len();
        (kept as u64, self.of_nothing)
    }

    fn forget(&mut self, now: u64) {
        while self.reports.front().is_some_and(|(end, _)| *end <= now) {
            self.reports.pop_front();
            self.of_nothing += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> MessageId {
        MessageId::of(&number.to_string()).unwrap()
    }

    fn end(numbers: &[usize], arrival: Arrival) -> End {
        let ids = numbers.iter().map(|number| id(*number)).collect();
        End {
            ids,
            to: vec![],
            arrival,
        }
    }

    #[test]
    fn so_many_early_reports_are_kept_and_the_oldest_makes_room() {
        let mut early = Early::default();
        for number in 0..=EARLY_MAX {
            early.keep(end(&[number], Arrival::Delivered), 0);
        }
        assert_eq!(early.figures(0), (EARLY_MAX as u64, 1), "N + 1");
        assert_eq!(early.take(&[id(0)], 0), None);
        assert!(early.take(&[id(1)], 0).is_some());
        assert_eq!(early.take(&[id(1)], 0), None, "once");
        let names = [id(EARLY_MAX + 7), id(EARLY_MAX)];
        assert_eq!(early.take(&names, EARLY_FOR_MILLIS), None, "forgotten");
        // Each is counted once: what was taken is not among them.
        assert_eq!(early.figures(EARLY_FOR_MILLIS), (0, EARLY_MAX as u64));
    }

    #[test]
    fn the_first_report_on_a_message_is_the_one_that_counts() {
        let mut early = Early::default();
        early.keep(end(&[1, 2], Arrival::Rejected), 0);
        early.keep(end(&[2], Arrival::Delivered), 0);
        let first = early.take(&[id(2)], 1);
        assert_eq!(first, Some(end(&[1, 2], Arrival::Rejected)));
    }
}

//! Reports that came before what they are about was recorded: a gateway may report on an SMS in the
//! very moment it takes it. Those that name nothing we sent, and codes, which no record knows of,
//! end here too.

use std::collections::VecDeque;

use akashi_proof::record::kind::Arrival;

use crate::channel::posted::MessageId;
use crate::limits::{EARLY_FOR_MILLIS, EARLY_MAX};

/// They are forgotten with a restart: the message was handed over, and that is what is said then.
#[derive(Default)]
pub(super) struct Early {
    /// In the order they came, with the monotonic time at which each is forgotten.
    reports: VecDeque<(u64, Vec<MessageId>, Arrival)>,
    /// Those whose message was there when the ledger did not take them: in the order they came.
    put_off: VecDeque<(Vec<MessageId>, Arrival)>,
}

impl Early {
    /// Keeps one for a while, in the place of the oldest where there are too many.
    pub(super) fn keep(&mut self, ids: Vec<MessageId>, arrival: Arrival, now: u64) {
        self.forget(now);
        if self.reports.len() >= EARLY_MAX {
            self.reports.pop_front();
        }
        self.reports
            .push_back((now.saturating_add(EARLY_FOR_MILLIS), ids, arrival));
    }

    /// The first report on the message with one of these names.
    pub(super) fn take(&mut self, names: &[MessageId], now: u64) -> Option<Arrival> {
        self.forget(now);
        let named = |ids: &[MessageId]| ids.iter().any(|id| names.contains(id));
        let at = self.reports.iter().position(|(_, ids, _)| named(ids))?;
        self.reports.remove(at).map(|(_, _, arrival)| arrival)
    }

    /// Keeps one that found its message until the ledger takes it.
    pub(super) fn put_off(&mut self, names: Vec<MessageId>, arrival: Arrival) {
        if self.put_off.len() >= EARLY_MAX {
            self.put_off.pop_front();
        }
        self.put_off.push_back((names, arrival));
    }

    /// The first of those.
    pub(super) fn first_put_off(&self) -> Option<(Vec<MessageId>, Arrival)> {
        self.put_off.front().cloned()
    }

    /// It was taken, or its message is waited for no longer.
    pub(super) fn first_is_done(&mut self) {
        self.put_off.pop_front();
    }

    fn forget(&mut self, now: u64) {
        while self.reports.front().is_some_and(|(end, ..)| *end <= now) {
            self.reports.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> MessageId {
        MessageId::of(&number.to_string()).unwrap()
    }

    #[test]
    fn so_many_early_reports_are_kept_and_the_oldest_makes_room() {
        let mut early = Early::default();
        for number in 0..=EARLY_MAX {
            early.keep(vec![id(number)], Arrival::Delivered, 0);
        }
        assert_eq!(early.reports.len(), EARLY_MAX);
        assert_eq!(early.take(&[id(0)], 0), None);
        assert_eq!(early.take(&[id(1)], 0), Some(Arrival::Delivered));
        assert_eq!(early.take(&[id(1)], 0), None, "once");
        let names = [id(EARLY_MAX + 7), id(EARLY_MAX)];
        assert_eq!(early.take(&names, EARLY_FOR_MILLIS), None, "forgotten");
        assert!(early.reports.is_empty());
    }

    #[test]
    fn the_first_report_on_a_message_is_the_one_that_counts() {
        let mut early = Early::default();
        early.keep(vec![id(1), id(2)], Arrival::Rejected, 0);
        early.keep(vec![id(2)], Arrival::Delivered, 0);
        assert_eq!(early.take(&[id(2)], 1), Some(Arrival::Rejected));
    }
}

//! One thing that is wrong or could not be checked, and the list a check makes of them.
//!
//! What can be wrong, and where, stands beside the check it belongs to: [`crate::fsck`],
//! [`crate::history`], [`crate::verify`].

use std::sync::Mutex;

use crate::verdict::Severity;

/// Most findings of one check that are kept. A person reads a dozen; what has more than these
/// needs no longer list to be distrusted.
pub const FINDINGS_MAX: usize = 20;

/// A problem that knows what it shows.
pub trait Severe {
    /// Whether it shows dishonesty or damage, forbids a release, or only that nothing could be
    /// said.
    fn severity(&self) -> Severity;
}

/// One thing that is wrong, or could not be checked, and where.
#[derive(Debug)]
pub struct Finding<Place, Problem> {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

/// Collects findings, from several workers at once.
#[derive(Debug)]
pub(crate) struct Findings<Place, Problem>(Mutex<Kept<Place, Problem>>);

#[derive(Debug)]
struct Kept<Place, Problem> {
    list: Vec<Finding<Place, Problem>>,
    more: usize,
}

impl<Place, Problem> Default for Findings<Place, Problem> {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            list: Vec::new(),
            more: 0,
        }))
    }
}

impl<Place: Ord + Copy, Problem: Severe> Findings<Place, Problem> {
    /// Adds one. Above [`FINDINGS_MAX`] it is counted only, but what is wrong takes the place of
    /// what could not be checked, so that it does not drown.
    pub(crate) fn add(&self, place: Place, problem: impl Into<Problem>) {
        let problem = problem.into();
        let mut kept = self.0.lock().unwrap_or_else(|dead| dead.into_inner());
        if kept.list.len() < FINDINGS_MAX {
            kept.list.push(Finding { place, problem });
            return;
        }
        kept.more += 1;
        if problem.severity() == Severity::DishonestOrBroken
            && let Some(weak) = kept
                .list
                .iter_mut()
                .find(|finding| finding.problem.severity() == Severity::CouldNotCheck)
        {
            *weak = Finding { place, problem };
        }
    }

    /// Leaves only these.
    pub(crate) fn retain(&self, keep: impl FnMut(&Finding<Place, Problem>) -> bool) {
        let mut kept = self.0.lock().unwrap_or_else(|dead| dead.into_inner());
        kept.list.retain(keep);
    }

    /// Whether there is no room for another.
    pub(crate) fn is_full(&self) -> bool {
        let kept = self.0.lock().unwrap_or_else(|dead| dead.into_inner());
        kept.list.len() >= FINDINGS_MAX
    }

    /// All that were kept, by place, and how many there are besides.
    pub(crate) fn into_sorted(self) -> (Vec<Finding<Place, Problem>>, usize) {
        let mut kept = self.0.into_inner().unwrap_or_else(|dead| dead.into_inner());
        kept.list.sort_by_key(|finding| finding.place);
        (kept.list, kept.more)
    }
}

/// Most characters of a foreign text in a report: the longest vkey has 309.
const SHOWN_CHARS_MAX: usize = 320;

/// A text from outside without control characters and not endless, so that it can be shown on a
/// terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .take(SHOWN_CHARS_MAX)
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Severe for Severity {
        fn severity(&self) -> Severity {
            *self
        }
    }

    #[test]
    fn what_is_wrong_is_listed_before_what_could_not_be_checked() {
        let findings = Findings::<u64, Severity>::default();
        for place in 0..30 {
            findings.add(place, Severity::CouldNotCheck);
        }
        assert!(findings.is_full());
        findings.add(90, Severity::DishonestOrBroken);
        let (list, more) = findings.into_sorted();
        assert_eq!((list.len(), more), (FINDINGS_MAX, 11));
        let last = list.last().unwrap();
        assert_eq!(
            (last.place, last.problem),
            (90, Severity::DishonestOrBroken)
        );
    }

    #[test]
    fn a_foreign_text_cannot_steer_a_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
        assert_eq!(
            printable(&"x".repeat(1_000)).chars().count(),
            SHOWN_CHARS_MAX
        );
    }
}

//! Questions to a log whose every entry was read: does it hold these tags and gates, and where;
//! which root did it have when it was smaller.

use std::collections::BTreeSet;

use akashi_proof::state::Registry;
use akashi_tlog::checkpoint::{LogKeys, VerifiedCheckpoint};
use akashi_tlog::merkle::{Hash, TreeSize};

use super::Check;
use super::entries::Scan;
use super::locate::{LOCATED_MAX, Located, locate};
use super::problem::{Place, Problem};
use super::tiles::root_of_first;
use super::unique::{contains, prefix};

/// Values looked for at one reading: few enough that what an honest log has of them stays far below
/// the bound.
const SOUGHT_MAX: usize = LOCATED_MAX / 4;

/// A log that was read to its end.
pub(crate) struct CheckedLog<'a> {
    pub(super) check: &'a Check<'a>,
    pub(super) scan: &'a Scan,
    /// What its registry makes; `None` where that is not known, which is reported.
    pub(crate) registry: Option<&'a Registry>,
    /// The keys its checkpoint was opened with.
    pub(crate) keys: &'a LogKeys,
    /// What it has signed.
    pub(crate) checkpoint: &'a VerifiedCheckpoint,
}

impl CheckedLog<'_> {
    /// How many entries it has.
    pub(crate) fn size(&self) -> TreeSize {
        self.checkpoint.checkpoint().size()
    }

    /// Whether a tag or gate begins like this one. If not, this one is nowhere in the log.
    pub(crate) fn may_hold(&self, value: &[u8; 32]) -> bool {
        contains(&self.scan.runs, prefix(value))
    }

    /// Where these values stand, as tag or gate, sorted by value; reads the entries again if any
    /// can be there. `None`, and reported, where that fails.
    pub(crate) fn find(&self, values: &BTreeSet<[u8; 32]>) -> Option<Vec<Located>> {
        let sought: Vec<u64> = values
            .iter()
            .filter(|value| self.may_hold(value))
            .map(prefix)
            .collect();
        let mut found = Vec::new();
        for sought in sought.chunks(SOUGHT_MAX) {
            let sought: BTreeSet<u64> = sought.iter().copied().collect();
            let again = locate(self.check, self.size(), &sought);
            self.check.go_on()?;
            if again.len() >= LOCATED_MAX {
                self.check.findings.add(
                    Place::TagsAndGates,
                    Problem::TooManyAlike { max: LOCATED_MAX },
                );
                return None;
            }
            // Each of these prefixes was seen when everything was read the first time.
            if again
                .chunk_by(|a, b| prefix(&a.value) == prefix(&b.value))
                .count()
                < sought.len()
            {
                self.check
                    .findings
                    .add(Place::TagsAndGates, Problem::ChangedMeanwhile);
                return None;
            }
            found.extend(again.into_iter().filter(|one| values.contains(&one.value)));
        }
        Some(found)
    }

    /// The root over its first entries. `None`, and reported, where they cannot be read again.
    pub(crate) fn root_of_first(&self, size: TreeSize) -> Option<Hash> {
        root_of_first(self.check, self.size(), self.scan, size)
    }
}

//! Consents that have ended: withdrawn, or their time is over. Her state holds only what stands, so
//! they are read from her records.

use std::collections::HashMap;

use akashi_ledger::LedgerError;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::kind::{ConsentGiven, Event};
use akashi_proof::state::Person;

use crate::consent::find;
use crate::history::walk::{READ_MAX, Records, Step, Walk};

/// A consent that has ended.
pub struct Past {
    /// What it said when it was given.
    pub given: ConsentGiven,
    /// Log index of the record that says how it ended, or where its time was just over, of the one
    /// that gave it.
    pub index: LeafIndex,
    /// When it was withdrawn; `None` where its time was over.
    pub withdrawn: Option<Timestamp>,
}

/// What can be said of the consents that have ended.
pub struct Ended {
    /// Those that are known, newest first.
    pub past: Vec<Past>,
    /// How many of her records read do not say any more whether they were about one.
    pub closed: usize,
}

/// Those that had ended by `now`, newest first, as far as one page reads back.
///
/// # Errors
/// [`LedgerError`] when her index cannot be read.
pub fn ended(records: &dyn Records, person: &Person, now: Timestamp) -> Result<Ended, LedgerError> {
    let mut withdrawn = HashMap::new();
    let (mut past, mut closed) = (Vec::new(), 0);
    let mut walk = Walk::below(records, person, person.seq.next());
    for _ in 0..READ_MAX {
        let Some(step) = walk.step()? else { break };
        let stored = match step {
            Step::Record(stored) => stored,
            Step::Closed(_) => {
                closed += 1;
                continue;
            }
            Step::Missing(_) => continue,
        };
        let (index, time) = (stored.index, stored.record.time);
        if let Event::ConsentWithdrawn(e) = &stored.record.event {
            withdrawn.insert(e.consent, (index, time));
        }
        if let Event::ConsentGiven(given) = stored.record.event
            && find(person, given.consent, now).is_none()
        {
            let end = withdrawn.get(&given.consent);
            past.push(Past {
                index: end.map_or(index, |(index, _)| *index),
                withdrawn: end.map(|(_, time)| *time),
                given,
            });
        }
    }
    Ok(Ended { past, closed })
}

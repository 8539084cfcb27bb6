//! Consents that have ended: withdrawn, or their time is over. Her state holds only what stands, so
//! they are read from her records.

use std::collections::HashMap;

use akashi_ledger::LedgerError;
use akashi_proof::ids::{ConsentId, LeafIndex, Timestamp};
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
    /// Whether she has older records, which were not read.
    pub unread: bool,
}

/// Those that had ended by `now`, newest first, as far as one page reads back.
///
/// # Errors
/// [`LedgerError`] when her index cannot be read.
pub fn ended(records: &dyn Records, person: &Person, now: Timestamp) -> Result<Ended, LedgerError> {
    ended_among(records, person, now, READ_MAX)
}

/// One consent of hers that had ended by `now`; `None` where it stands, is another's, or is older
/// than what one page reads back.
///
/// # Errors
/// [`LedgerError`] when her index cannot be read.
pub fn of(
    records: &dyn Records,
    person: &Person,
    consent: ConsentId,
    now: Timestamp,
) -> Result<Option<Past>, LedgerError> {
    let mut past = ended(records, person, now)?.past.into_iter();
    Ok(past.find(|past| past.given.consent == consent))
}

/// As [`ended`], among so many of her newest records.
fn ended_among(
    records: &dyn Records,
    person: &Person,
    now: Timestamp,
    most: usize,
) -> Result<Ended, LedgerError> {
    let mut withdrawn = HashMap::new();
    // The oldest stop read so far: the first after what is read next.
    let mut stopped = None;
    let (mut past, mut closed) = (Vec::new(), 0);
    let mut walk = Walk::below(records, person, person.seq.next());
    for _ in 0..most {
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
        if let Event::ConsentsStopped(_) = &stored.record.event {
            stopped = Some((index, time));
        }
        if let Event::ConsentGiven(given) = stored.record.event
            && find(person, given.consent, now).is_none()
        {
            // One whose time was over before she stopped everything ended by its time.
            let stop = stopped.filter(|(_, time)| *time < given.terms.valid_until);
            let end = withdrawn.get(&given.consent).or(stop.as_ref());
            past.push(Past {
                index: end.map_or(index, |(index, _)| *index),
                withdrawn: end.map(|(_, time)| *time),
                given,
            });
        }
    }
    Ok(Ended {
        past,
        closed,
        unread: person.seq.value() > most as u64,
    })
}

#[cfg(test)]
mod tests {
    use akashi_actors::ledger_with;

    use super::*;

    #[tokio::test]
    async fn what_was_not_read_is_said_to_be_unread() {
        let (ledger, person, _) = ledger_with(5).await;
        for (most, unread) in [(4, true), (5, false), (6, false)] {
            let now = Timestamp::MAX;
            let ended = ended_among(ledger.reader(), &person, now, most).unwrap();
            assert_eq!(ended.unread, unread, "{most}");
        }
    }
}

//! Consents that have ended: withdrawn, or their time is over. Her state holds only what stands, so
//! they are read from her records.

use std::collections::HashMap;

use akashi_ledger::LedgerError;
use akashi_proof::ids::{ConsentId, LeafIndex, Seq, Timestamp};
use akashi_proof::record::kind::{ConsentGiven, Event};

use crate::consent::find;
use crate::history::gist::Gist;
use crate::history::outline::{Hers, Row};
use crate::history::related::Related;

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
pub fn ended(hers: Hers<'_>, now: Timestamp) -> Result<Ended, LedgerError> {
    ended_among(hers, now, |_| true)
}

/// One consent of hers that had ended by `now`; `None` where it stands, is another's, or is older
/// than what one page reads back.
///
/// # Errors
/// [`LedgerError`] when her index cannot be read.
pub fn of(hers: Hers<'_>, consent: ConsentId, now: Timestamp) -> Result<Option<Past>, LedgerError> {
    let ended = ended_among(hers, now, |id| *id == consent)?;
    Ok(ended.past.into_iter().next())
}

/// As [`ended`], of those consents that are asked for: no other record is read whole.
fn ended_among(
    hers: Hers<'_>,
    now: Timestamp,
    is_asked_for: impl Fn(&ConsentId) -> bool,
) -> Result<Ended, LedgerError> {
    let related = hers.related();
    let mut withdrawn = HashMap::new();
    // The oldest stop read so far: the first after what is read next.
    let mut stopped = None;
    let (mut past, mut closed) = (Vec::new(), 0);
    let mut rows = hers.rows(Seq::MAX)?;
    while let Some(row) = rows.down()? {
        let line = match row {
            Row::Open(line) => line,
            Row::Closed { .. } => {
                closed += 1;
                continue;
            }
            Row::Missing(_) => continue,
        };
        let end = (line.index, line.time);
        if let Gist::Withdrawn(consent) = line.gist {
            withdrawn.insert(consent, end);
        }
        if line.gist == Gist::AllWithdrawn {
            stopped = Some(end);
        }
        if let Gist::Given(gist) = line.gist
            && is_asked_for(&gist.consent)
            && find(hers.person, gist.consent, now).is_none()
            && let Some(Event::ConsentGiven(given)) =
                related.record(line.index).map(|record| record.event)
        {
            // One whose time was over before she stopped everything ended by its time.
            let stop = stopped.filter(|(_, time)| *time < given.terms.valid_until);
            let end = withdrawn.get(&given.consent).or(stop.as_ref());
            past.push(Past {
                index: end.map_or(line.index, |(index, _)| *index),
                withdrawn: end.map(|(_, time)| *time),
                given,
            });
        }
    }
    Ok(Ended {
        past,
        closed,
        unread: rows.older().is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::outline::Outlines;
    use crate::history::outline::tests::Erased;
    use crate::limits::READ_MAX;

    #[tokio::test]
    async fn what_was_not_read_is_said_to_be_unread() {
        for (records, unread) in [
            (READ_MAX - 1, false),
            (READ_MAX, false),
            (READ_MAX + 1, true),
        ] {
            let (outlines, her) = (Outlines::default(), Erased::of(records).await);
            let ended = ended(her.hers(&outlines), Timestamp::MAX).unwrap();
            assert_eq!(ended.unread, unread, "{records}");
            assert_eq!(ended.closed, records.min(READ_MAX));
        }
    }
}

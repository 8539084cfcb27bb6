//! Other records of hers that a sentence or a filter speaks of.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use akashi_ledger::{OpenRecord, StoredRecord};
use akashi_proof::ids::{ConsentId, LeafIndex, Seq};
use akashi_proof::record::Record;
use akashi_proof::record::kind::{ConsentGiven, Event};

use crate::history::gist::{Gist, Given};
use crate::history::outline::{Hers, Row};
use crate::history::walk::{is_hers, own_record};

/// Other records a sentence may speak of; `None` where one is missing, closed or unreadable.
pub trait Related {
    /// The record at this log index, if it is the person's own.
    fn record(&self, index: LeafIndex) -> Option<Record>;
    /// Its gist.
    fn gist(&self, index: LeafIndex) -> Option<Gist>;
    /// What a consent said when it was given, and the log index of that record.
    fn consent(&self, id: &ConsentId) -> Option<(LeafIndex, ConsentGiven)>;
    /// The gist of that.
    fn given(&self, id: &ConsentId) -> Option<Arc<Given>>;
}

/// Records of the same person that sentences speak of, read once each.
pub struct HerRecords<'a> {
    hers: Hers<'a>,
    read: RefCell<HashMap<LeafIndex, Option<Record>>>,
    gists: RefCell<HashMap<LeafIndex, Option<Gist>>>,
    given: RefCell<Option<GivenAt>>,
    /// Whether she has records that were not looked through for consents.
    stopped: Cell<bool>,
    /// Whether a consent was looked for that may be there.
    missed: Cell<bool>,
}

/// Where she gave each consent, and its gist.
type GivenAt = HashMap<ConsentId, (LeafIndex, Arc<Given>)>;

impl<'a> HerRecords<'a> {
    /// Her records, none of them read yet.
    pub fn new(hers: Hers<'a>) -> Self {
        Self {
            hers,
            read: RefCell::default(),
            gists: RefCell::default(),
            given: RefCell::default(),
            stopped: Cell::default(),
            missed: Cell::default(),
        }
    }

    /// Whether a consent was asked for that was not found, and may stand in older records than one
    /// page looks at ([`READ_MAX`](crate::limits::READ_MAX)): to be said wherever it is missing.
    pub fn has_missed_older_consents(&self) -> bool {
        self.missed.get()
    }

    /// Spares reading a record again that was read anyway.
    pub fn remember(&self, stored: &OpenRecord) {
        self.read
            .borrow_mut()
            .insert(stored.index, Some(stored.record.clone()));
    }

    fn skimmed(&self, index: LeafIndex) -> Option<Gist> {
        let read = self.hers.records.skim(index).ok().flatten()?;
        let record = read.body.ok()?;
        is_hers(&record.position, self.hers.person).then(|| Gist::of(&record.event))
    }

    /// Where she gave a consent; looked through at most once a page, and only where a sentence
    /// needs it.
    fn given_at(&self, id: &ConsentId) -> Option<(LeafIndex, Arc<Given>)> {
        let mut given = self.given.borrow_mut();
        let found = given.get_or_insert_with(|| self.all_given()).get(id);
        if found.is_none() && self.stopped.get() {
            self.missed.set(true);
        }
        found.cloned()
    }

    fn all_given(&self) -> GivenAt {
        let mut found = GivenAt::new();
        let Ok(mut rows) = self.hers.rows(Seq::MAX) else {
            return found;
        };
        while let Ok(Some(row)) = rows.down() {
            if let Row::Open(line) = row
                && let Gist::Given(given) = line.gist
            {
                found.insert(given.consent, (line.index, given));
            }
        }
        self.stopped.set(rows.older().is_some());
        found
    }
}

impl Related for HerRecords<'_> {
    fn record(&self, index: LeafIndex) -> Option<Record> {
        let mut read = self.read.borrow_mut();
        let entry = read.entry(index);
        entry
            .or_insert_with(|| {
                own_record(self.hers.records, self.hers.person, index)
                    .ok()
                    .flatten()
                    .and_then(StoredRecord::if_open)
                    .map(|stored| stored.record)
            })
            .clone()
    }

    fn gist(&self, index: LeafIndex) -> Option<Gist> {
        match self.hers.remembered(index) {
            Some(Row::Open(line)) => Some(line.gist),
            Some(Row::Closed { .. } | Row::Missing(_)) => None,
            None => {
                let mut gists = self.gists.borrow_mut();
                gists
                    .entry(index)
                    .or_insert_with(|| self.skimmed(index))
                    .clone()
            }
        }
    }

    fn consent(&self, id: &ConsentId) -> Option<(LeafIndex, ConsentGiven)> {
        let (index, _) = self.given_at(id)?;
        let Event::ConsentGiven(given) = self.record(index)?.event else {
            return None;
        };
        Some((index, given))
    }

    fn given(&self, id: &ConsentId) -> Option<Arc<Given>> {
        self.given_at(id).map(|(_, given)| given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::outline::Outlines;
    use crate::history::outline::tests::Erased;
    use crate::limits::READ_MAX;

    #[tokio::test]
    async fn a_consent_that_may_stand_in_older_records_is_said_to_be_missed() {
        for (records, is_missed) in [(READ_MAX, false), (READ_MAX + 1, true)] {
            let (outlines, her) = (Outlines::default(), Erased::of(records).await);
            let related = her.hers(&outlines).related();
            assert!(
                !related.has_missed_older_consents(),
                "nothing was asked for"
            );
            assert!(related.given(&ConsentId::from_bytes([9; 16])).is_none());
            let missed = related.has_missed_older_consents();
            assert_eq!(missed, is_missed, "{records}");
        }
    }
}

//! A record as the ledger gives it: open, or closed with its place.
//!
//! Whoever needs what a record says asks for an [`OpenRecord`], and has said by then what happens
//! where there is none. Entry, index and place are there in any case: the tree, every proof and
//! every sequence stand whatever happens to a body.

use akashi_proof::digest::Secret;
use akashi_proof::entry::Entry;
use akashi_proof::history::HistoryItem;
use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::{Closed, Position, Record};

use crate::error::LedgerError;

/// A record of the log, whatever became of its body.
#[derive(Clone, Debug)]
pub enum StoredRecord {
    /// It can be read.
    Open(Box<OpenRecord>),
    /// Its body is lost, withheld or erased.
    Closed(ClosedRecord),
}

/// A record with the key that opens its fields, checked against its entry.
#[derive(Clone, Debug)]
pub struct OpenRecord {
    /// Log index.
    pub index: LeafIndex,
    /// The public entry.
    pub entry: Entry,
    /// The record.
    pub record: Record,
    /// Its record key.
    pub(crate) record_key: Secret,
}

/// What is left of a record whose body is not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedRecord {
    /// Log index.
    pub index: LeafIndex,
    /// The public entry.
    pub entry: Entry,
    /// Its place in its stream.
    pub position: Position,
    /// What became of its body.
    pub closed: Closed,
}

impl StoredRecord {
    /// Log index.
    pub const fn index(&self) -> LeafIndex {
        match self {
            Self::Open(open) => open.index,
            Self::Closed(closed) => closed.index,
        }
    }

    /// The public entry.
    pub const fn entry(&self) -> &Entry {
        match self {
            Self::Open(open) => &open.entry,
            Self::Closed(closed) => &closed.entry,
        }
    }

    /// Its place in its stream.
    pub const fn position(&self) -> &Position {
        match self {
            Self::Open(open) => &open.record.position,
            Self::Closed(closed) => &closed.position,
        }
    }

    /// The `seq` of whichever stream it is in.
    pub const fn seq(&self) -> Seq {
        self.position().seq()
    }

    /// The record, where it can be read.
    ///
    /// # Errors
    /// [`LedgerError::Closed`] where its body is not open.
    pub fn open(self) -> Result<OpenRecord, LedgerError> {
        match self {
            Self::Open(open) => Ok(*open),
            Self::Closed(ClosedRecord { index, closed, .. }) => {
                Err(LedgerError::Closed { index, closed })
            }
        }
    }

    /// As [`Self::open`], where what is left of a closed one is of no use.
    pub fn if_open(self) -> Option<OpenRecord> {
        self.open().ok()
    }

    /// The record as its person's history file shows it: with all that may be opened, or that it is
    /// closed.
    pub fn history_item(&self) -> HistoryItem {
        match self {
            Self::Open(open) => HistoryItem::open(open.index, &open.record, &open.record_key),
            Self::Closed(closed) => HistoryItem::Closed {
                seq: closed.position.seq(),
                index: closed.index,
                closed: closed.closed,
            },
        }
    }
}

impl OpenRecord {
    /// The record worked out: every field hashed.
    pub fn hashed(&self) -> Hashed {
        Hashed::new(&self.record, &self.record_key)
    }
}

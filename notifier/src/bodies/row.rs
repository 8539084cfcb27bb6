//! Rows of the outbox that wait for their time.
//!
//! ```text
//! k | u64 due | u8 what | u64 about | institution | / | address      see [`Row`]
//! ```
//! A reminder is about no record but about the moment a reset comes into force: two records that
//! announce the same moment remind of it once. Its `about` is the greatest number there is.

use akashi_ledger::Reader;
use akashi_ledger::command::OutboxChange;
use akashi_ledger::reader::OutboxRow;
use akashi_proof::ids::{InstitutionId, Kid, LeafIndex, NoticeId, Timestamp};
use akashi_proof::particulars::Email;
use serde::{Deserialize, Serialize};

use crate::messages::outbox::OutboxError;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub(super) enum What {
    /// Supervisors reset an institution's keys.
    KeysReset = 0,
    /// It objected.
    ResetObjected = 1,
    /// A supervisor was replaced.
    SupervisorReplaced = 2,
    /// Its mail goes to another address from now on.
    AddressChanged = 3,
    /// The log has another key.
    LogKeyAdded = 4,
    /// A key of the log ended.
    LogKeyEnded = 5,
    /// Supervisors vouched for the clock of a ledger that stood still.
    LedgerResumed = 6,
}

/// A mail to one address that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// What it says.
    pub(super) what: What,
    /// Log index of the act.
    pub(super) about: LeafIndex,
    /// The institution or supervisor it was done to; of the log itself the first that signed.
    pub(super) whom: InstitutionId,
    /// The key a reset brings in.
    pub(super) kid: Option<Kid>,
    /// Who signed the act.
    pub(super) by: Vec<InstitutionId>,
    /// When it is handed over.
    pub(super) due: Timestamp,
    /// The moment it reminds of, where it is a reminder.
    pub(super) reminds: Option<Timestamp>,
    /// From when on it is given up.
    pub(super) until: Timestamp,
    /// Where it goes.
    pub(super) to: Email,
    /// Its identity: the same in every attempt.
    pub(super) notice: NoticeId,
    /// How many times handing it over has failed.
    pub(super) attempts: u64,
}

impl Row {
    pub(super) fn key(&self) -> Vec<u8> {
        let about = match self.reminds {
            Some(_) => LeafIndex::MAX,
            None => self.about,
        };
        [
            b"k",
            &self.due.as_millis().to_be_bytes()[..],
            &[self.what as u8],
            &about.to_be_bytes(),
            self.whom.as_str().as_bytes(),
            b"/",
            self.to.as_str().as_bytes(),
        ]
        .concat()
    }

    /// Puts it in.
    pub(super) fn put(&self) -> OutboxChange {
        (self.key(), Some(self.to_bytes()))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            what: self.what,
            about: self.about.value(),
            whom: self.whom.to_string(),
            kid: self.kid.as_ref().map(ToString::to_string),
            by: self.by.iter().map(ToString::to_string).collect(),
            due: self.due.as_millis(),
            reminds: self.reminds.map(Timestamp::as_millis),
            until: self.until.as_millis(),
            to: self.to.to_string(),
            notice: self.notice.to_base64url(),
            attempts: self.attempts,
        };
        #[expect(
            clippy::expect_used,
            reason = "a struct of texts and numbers always has a JSON form"
        )]
        serde_json::to_vec(&wire).expect("json")
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        let by = wire.by.iter().map(|id| InstitutionId::parse(id).ok());
        Some(Self {
            what: wire.what,
            about: LeafIndex::new(wire.about),
            whom: InstitutionId::parse(&wire.whom).ok()?,
            kid: match wire.kid {
                Some(kid) => Some(Kid::parse(&kid).ok()?),
                None => None,
            },
            by: by.collect::<Option<_>>()?,
            due: Timestamp::from_millis(wire.due),
            reminds: wire.reminds.map(Timestamp::from_millis),
            until: Timestamp::from_millis(wire.until),
            to: Email::parse(&wire.to).ok()?,
            notice: NoticeId::from_base64url(&wire.notice)?,
            attempts: wire.attempts,
        })
    }
}

/// At most so many rows that are due at `now`, the longest due first; of one that cannot be read,
/// its key.
pub(super) fn due(
    reader: &Reader,
    now: Timestamp,
    most: usize,
) -> Result<Vec<Result<Row, Vec<u8>>>, OutboxError> {
    let end = [b"k", &now.plus_millis(1).as_millis().to_be_bytes()[..]].concat();
    let rows = reader.outbox(b"k", &end, most)?.into_iter();
    let read = |(key, value): OutboxRow| value.and_then(|value| Row::from_bytes(&value)).ok_or(key);
    Ok(rows.map(read).collect())
}

/// A row as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    what: What,
    about: u64,
    whom: String,
    kid: Option<String>,
    by: Vec<String>,
    due: u64,
    reminds: Option<u64>,
    until: u64,
    to: String,
    notice: String,
    attempts: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_back_as_written_and_two_that_remind_of_one_moment_are_one() {
        let row = Row {
            what: What::KeysReset,
            about: LeafIndex::new(7),
            whom: InstitutionId::parse("hospital.chuo").unwrap(),
            kid: Some(Kid::parse("q83vEjRWeJCrze8SNFZ4kBI0VniQq83vEjRWeJCrze8").unwrap()),
            by: vec![InstitutionId::parse("supervisor.north").unwrap()],
            due: Timestamp::from_millis(9),
            reminds: Some(Timestamp::from_millis(10)),
            until: Timestamp::from_millis(11),
            to: Email::parse("keys@body.example").unwrap(),
            notice: NoticeId::from_bytes([3; 16]),
            attempts: 2,
        };
        assert_eq!(Row::from_bytes(&row.to_bytes()), Some(row.clone()));
        assert_eq!(Row::from_bytes(b"{}"), None);
        let again = Row {
            about: LeafIndex::new(8),
            ..row.clone()
        };
        assert_eq!(again.key(), row.key());
        let at_once = |row: &Row| Row {
            reminds: None,
            ..row.clone()
        };
        assert!(at_once(&row).key() < at_once(&again).key());
        assert!(at_once(&again).key() < row.key());
    }
}

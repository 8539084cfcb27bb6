//! Rows of the outbox about SMS that were handed over, until it is recorded what became of them.
//!
//! ```text
//! r | notice (16)            waits for its report: see [`Awaited`]
//! s | name (32)              the same by each of its names: its notice
//! v | u64 until | notice     when it is waited for no longer; nothing in it
//! x | key (32)               what reached one person and is not recorded yet: see [`Arrived`]
//! y | u64 due | key (32)     when it is; nothing in it
//! ```
//! Keys are not sealed, and name nobody.

use akashi_ledger::Reader;
use akashi_ledger::command::OutboxChange;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, NoticeId, SubjectHandle, Timestamp};
use serde::{Deserialize, Serialize};

use super::names;
use crate::channel::posted::MessageId;
use crate::messages::outbox::{OutboxError, PAGE, after};

/// An SMS whose report is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Awaited {
    /// Its identity, which the gateway was given with it.
    pub(crate) notice: NoticeId,
    /// What the gateway calls it, where it said so.
    pub(crate) known_as: Option<MessageId>,
    /// Whom it was for.
    pub(crate) subject: SubjectHandle,
    /// Log index of the record that it was handed over.
    pub(crate) sent: LeafIndex,
    /// From when on a report comes too late.
    pub(crate) until: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AwaitedWire {
    known_as: Option<String>,
    subject: String,
    sent: u64,
    until: u64,
}

impl Awaited {
    /// The rows under which its report finds it.
    pub(crate) fn kept(&self) -> Vec<OutboxChange> {
        let wire = AwaitedWire {
            known_as: self.known_as.map(|id| id.digest().to_base64url()),
            subject: self.subject.to_base64url(),
            sent: self.sent.value(),
            until: self.until.as_millis(),
        };
        self.rows(Some(json(&wire)))
    }

    /// Takes them out.
    pub(crate) fn gone(&self) -> Vec<OutboxChange> {
        self.rows(None)
    }

    fn rows(&self, value: Option<Vec<u8>>) -> Vec<OutboxChange> {
        let notice = self.notice.as_bytes();
        let is_kept = value.is_some();
        let by_name = names(&self.notice, self.known_as).into_iter().map(|name| {
            let value = is_kept.then(|| notice.to_vec());
            (name_key(&name), value)
        });
        let until = self.until.as_millis().to_be_bytes();
        let end = [b"v", &until[..], notice].concat();
        let rows = [
            (notice_key(&self.notice), value),
            (end, is_kept.then(Vec::new)),
        ];
        rows.into_iter().chain(by_name).collect()
    }

    /// The SMS with this identity.
    pub(crate) fn find(reader: &Reader, notice: NoticeId) -> Result<Option<Self>, OutboxError> {
        let row = row(reader, &notice_key(&notice))?;
        row.map(|value| Self::read(notice, &value).ok_or(OutboxError::Damaged))
            .transpose()
    }

    /// The SMS with this name.
    pub(crate) fn named(reader: &Reader, id: &MessageId) -> Result<Option<Self>, OutboxError> {
        let Some(notice) = row(reader, &name_key(id))? else {
            return Ok(None);
        };
        let notice = notice.try_into().map_err(|_| OutboxError::Damaged)?;
        Self::find(reader, NoticeId::from_bytes(notice))
    }

    fn read(notice: NoticeId, value: &[u8]) -> Option<Self> {
        let wire: AwaitedWire = serde_json::from_slice(value).ok()?;
        let known_as = match wire.known_as {
            Some(id) => Some(MessageId::from_digest(Digest::from_base64url(&id)?)),
            None => None,
        };
        Some(Self {
            notice,
            known_as,
            subject: SubjectHandle::from_base64url(&wire.subject)?,
            sent: LeafIndex::new(wire.sent),
            until: Timestamp::from_millis(wire.until),
        })
    }
}

fn notice_key(notice: &NoticeId) -> Vec<u8> {
    [b"r", &notice.as_bytes()[..]].concat()
}

fn name_key(id: &MessageId) -> Vec<u8> {
    [b"s", &id.digest().as_bytes()[..]].concat()
}

/// How many SMS wait for their report.
pub(crate) fn count(reader: &Reader) -> Result<u64, OutboxError> {
    let (mut count, mut from) = (0, b"r".to_vec());
    loop {
        let rows = reader.outbox(&from, b"s", PAGE)?;
        let Some((last, _)) = rows.last() else {
            return Ok(count);
        };
        from = after(last);
        count += rows.len() as u64;
    }
}

/// Those that were waited for until `now`, the longest first: at most [`PAGE`].
pub(crate) fn over(reader: &Reader, now: Timestamp) -> Result<Vec<Awaited>, OutboxError> {
    let read = |key: &[u8]| {
        let (_, notice) = key.strip_prefix(b"v")?.split_first_chunk::<8>()?;
        Some(NoticeId::from_bytes(notice.try_into().ok()?))
    };
    let mut over = Vec::new();
    for (key, _) in reader.outbox(b"v", &until(b"v", now), PAGE)? {
        let notice = read(&key).ok_or(OutboxError::Damaged)?;
        over.push(Awaited::find(reader, notice)?.ok_or(OutboxError::Damaged)?);
    }
    Ok(over)
}

/// What reached one person and is not recorded yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    /// Who it is.
    pub(crate) subject: SubjectHandle,
    /// When it is recorded.
    pub(crate) due: Timestamp,
    /// Log indexes of the records that they were handed over.
    pub(crate) notices: Vec<LeafIndex>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrivedWire {
    subject: String,
    due: u64,
    notices: Vec<u64>,
}

impl Arrived {
    /// Its rows.
    pub(crate) fn kept(&self) -> Vec<OutboxChange> {
        let wire = ArrivedWire {
            subject: self.subject.to_base64url(),
            due: self.due.as_millis(),
            notices: self.notices.iter().map(|index| index.value()).collect(),
        };
        self.rows(Some(json(&wire)))
    }

    /// Takes them out.
    pub(crate) fn gone(&self) -> Vec<OutboxChange> {
        self.rows(None)
    }

    fn rows(&self, value: Option<Vec<u8>>) -> Vec<OutboxChange> {
        let (key, due) = (
            person_key(&self.subject),
            self.due.as_millis().to_be_bytes(),
        );
        let is_kept = value.is_some();
        let end = [b"y", &due[..], &key.as_bytes()[..]].concat();
        vec![(arrived_key(&key), value), (end, is_kept.then(Vec::new))]
    }

    /// What reached this person.
    pub(crate) fn of(
        reader: &Reader,
        subject: &SubjectHandle,
    ) -> Result<Option<Self>, OutboxError> {
        Self::find(reader, &person_key(subject))
    }

    fn find(reader: &Reader, key: &Digest) -> Result<Option<Self>, OutboxError> {
        let row = row(reader, &arrived_key(key))?;
        row.map(|value| Self::read(&value).ok_or(OutboxError::Damaged))
            .transpose()
    }

    fn read(value: &[u8]) -> Option<Self> {
        let wire: ArrivedWire = serde_json::from_slice(value).ok()?;
        Some(Self {
            subject: SubjectHandle::from_base64url(&wire.subject)?,
            due: Timestamp::from_millis(wire.due),
            notices: wire.notices.into_iter().map(LeafIndex::new).collect(),
        })
    }
}

/// What is to be recorded by `now`, the oldest first: at most [`PAGE`].
pub(crate) fn due(reader: &Reader, now: Timestamp) -> Result<Vec<Arrived>, OutboxError> {
    let read = |key: &[u8]| {
        let (_, key) = key.strip_prefix(b"y")?.split_first_chunk::<8>()?;
        Some(Digest::from_bytes(key.try_into().ok()?))
    };
    let mut due = Vec::new();
    for (key, _) in reader.outbox(b"y", &until(b"y", now), PAGE)? {
        let key = read(&key).ok_or(OutboxError::Damaged)?;
        due.push(Arrived::find(reader, &key)?.ok_or(OutboxError::Damaged)?);
    }
    Ok(due)
}

fn person_key(subject: &SubjectHandle) -> Digest {
    Digest::of(&[b"akashi/arrived/v1", subject.as_bytes()])
}

fn arrived_key(key: &Digest) -> Vec<u8> {
    [b"x", &key.as_bytes()[..]].concat()
}

/// Behind all keys of this kind whose time has come by `now`.
fn until(kind: &[u8], now: Timestamp) -> Vec<u8> {
    [kind, &now.plus_millis(1).as_millis().to_be_bytes()[..]].concat()
}

fn row(reader: &Reader, key: &[u8]) -> Result<Option<Vec<u8>>, OutboxError> {
    let row = reader.outbox(key, &after(key), 1)?.into_iter().next();
    Ok(row.map(|(_, value)| value))
}

#[expect(
    clippy::expect_used,
    reason = "a struct of texts and numbers always has a JSON form"
)]
fn json(wire: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(wire).expect("json")
}

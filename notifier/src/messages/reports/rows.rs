//! Rows of the outbox about SMS that were handed over, until it is recorded what became of them.
//!
//! ```text
//! r | notice (16)            waits for its report: see [`Awaited`]
//! s | name (32)              the same by each of its names: its notice
//! v | u64 until | notice     when it is waited for no longer; nothing in it
//! x | key (32)               what reached one person and is not recorded yet: see [`Arrived`]
//! y | u64 due | key (32)     when it is; nothing in it
//! ```
//! Keys are not sealed, and name nobody. A row that cannot be read, or leads nowhere, is noted in
//! the server's log and taken out when its time has come: no other waits for it.

use akashi_ledger::Reader;
use akashi_ledger::command::OutboxChange;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, NoticeId, SubjectHandle, Timestamp};
use serde::{Deserialize, Serialize};

use super::{name_of_ours, names};
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
        let names = names(&self.notice, self.known_as).into_iter();
        let by_name = names.map(|name| (name_key(&name), Some(self.notice.as_bytes().to_vec())));
        let rows = [
            (notice_key(&self.notice), Some(json(&wire))),
            (self.end_key(), Some(Vec::new())),
        ];
        rows.into_iter().chain(by_name).collect()
    }

    /// Takes them out; not a name that is another's since.
    pub(crate) fn gone(&self, reader: &Reader) -> Result<Vec<OutboxChange>, OutboxError> {
        let mut gone = vec![(notice_key(&self.notice), None), (self.end_key(), None)];
        for name in names(&self.notice, self.known_as) {
            let key = name_key(&name);
            if row(reader, &key)?.as_deref() == Some(&self.notice.as_bytes()[..]) {
                gone.push((key, None));
            }
        }
        Ok(gone)
    }

    fn end_key(&self) -> Vec<u8> {
        let until = self.until.as_millis().to_be_bytes();
        [b"v", &until[..], self.notice.as_bytes()].concat()
    }

    /// The SMS with this identity.
    pub(crate) fn find(reader: &Reader, notice: NoticeId) -> Result<Option<Self>, OutboxError> {
        let row = row(reader, &notice_key(&notice))?;
        row.map(|value| Self::read(notice, &value).ok_or(OutboxError::Damaged))
            .transpose()
    }

    /// The SMS with this name, where its rows can be read.
    fn named(reader: &Reader, id: &MessageId) -> Result<Option<Self>, OutboxError> {
        let Some(notice) = row(reader, &name_key(id))? else {
            return Ok(None);
        };
        let found = match notice.try_into() {
            Ok(notice) => Self::find(reader, NoticeId::from_bytes(notice)),
            Err(_) => Err(OutboxError::Damaged),
        };
        readable(found)
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

/// The SMS these names mean, of those still waited for at `now`. Whoever says the name we gave
/// means that one: a gateway may begin to count from one again, and give its own name to another.
/// Where names mean different SMS, none.
pub(crate) fn meant(
    reader: &Reader,
    names: &[MessageId],
    now: Timestamp,
) -> Result<Option<Awaited>, OutboxError> {
    let (mut by_ours, mut by_theirs) = (Vec::new(), Vec::new());
    for name in names {
        let Some(found) = Awaited::named(reader, name)?.filter(|found| now < found.until) else {
            continue;
        };
        if name_of_ours(&found.notice) == Some(*name) {
            by_ours.push(found);
        } else {
            by_theirs.push(found);
        }
    }
    let mut found = if by_ours.is_empty() {
        by_theirs
    } else {
        by_ours
    };
    found.dedup();
    if found.len() > 1 {
        tracing::warn!("a delivery report that names different messages is dropped");
        return Ok(None);
    }
    Ok(found.pop())
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

/// What is waited for no longer.
#[derive(Default)]
pub(crate) struct Over {
    /// How many SMS.
    pub(crate) awaited: u64,
    /// Takes their rows out, and what could not be read of them.
    pub(crate) changes: Vec<OutboxChange>,
}

/// What was waited for until `now`, the longest first: at most [`PAGE`].
pub(crate) fn over(reader: &Reader, now: Timestamp) -> Result<Over, OutboxError> {
    let mut over = Over::default();
    for (key, _) in reader.outbox(b"v", &until(b"v", now), PAGE)? {
        let found = match timed::<16>(&key) {
            Some((end, notice)) => {
                let notice = NoticeId::from_bytes(notice);
                match Awaited::find(reader, notice) {
                    Ok(found) => found.filter(|found| found.until == end),
                    Err(OutboxError::Damaged) => {
                        over.awaited += 1;
                        over.changes.push((notice_key(&notice), None));
                        let ours = name_of_ours(&notice);
                        over.changes
                            .extend(ours.map(|name| (name_key(&name), None)));
                        None
                    }
                    Err(error) => return Err(error),
                }
            }
            None => None,
        };
        if let Some(found) = found {
            over.awaited += 1;
            over.changes.extend(found.gone(reader)?);
        } else {
            tracing::error!("a row about an SMS that was handed over cannot be read: taken out");
            over.changes.push((key, None));
        }
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

    /// What reached this person. What cannot be read is written over.
    pub(crate) fn of(
        reader: &Reader,
        subject: &SubjectHandle,
    ) -> Result<Option<Self>, OutboxError> {
        readable(Self::find(reader, &person_key(subject)))
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

/// What is to be recorded.
#[derive(Default)]
pub(crate) struct Due {
    /// For each person.
    pub(crate) hers: Vec<Arrived>,
    /// Takes out what could not be read.
    pub(crate) unreadable: Vec<OutboxChange>,
}

impl Due {
    /// Whether there is nothing.
    pub(crate) const fn is_empty(&self) -> bool {
        self.hers.is_empty() && self.unreadable.is_empty()
    }
}

/// What is to be recorded by `now`, the oldest first: at most [`PAGE`].
pub(crate) fn due(reader: &Reader, now: Timestamp) -> Result<Due, OutboxError> {
    let mut due = Due::default();
    for (key, _) in reader.outbox(b"y", &until(b"y", now), PAGE)? {
        let hers = match timed::<32>(&key) {
            Some((end, person)) => {
                let person = Digest::from_bytes(person);
                match Arrived::find(reader, &person) {
                    Ok(hers) => hers.filter(|hers| hers.due == end),
                    Err(OutboxError::Damaged) => {
                        due.unreadable.push((arrived_key(&person), None));
                        None
                    }
                    Err(error) => return Err(error),
                }
            }
            None => None,
        };
        if let Some(hers) = hers {
            due.hers.push(hers);
        } else {
            tracing::error!("a row about what reached somebody cannot be read: taken out");
            due.unreadable.push((key, None));
        }
    }
    Ok(due)
}

/// The time in a key, and what stands behind it.
fn timed<const LEN: usize>(key: &[u8]) -> Option<(Timestamp, [u8; LEN])> {
    let (time, about) = key.get(1..)?.split_first_chunk::<8>()?;
    let time = Timestamp::from_millis(u64::from_be_bytes(*time));
    Some((time, about.try_into().ok()?))
}

/// What was found; nothing, and a line in the log, where it cannot be read.
fn readable<T>(found: Result<Option<T>, OutboxError>) -> Result<Option<T>, OutboxError> {
    match found {
        Err(OutboxError::Damaged) => {
            tracing::error!("a row about delivery reports cannot be read");
            Ok(None)
        }
        found => found,
    }
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

//! Rows of the outbox about SMS that were handed over, until it is recorded what became of them.
//!
//! ```text
//! r | notice (16)                waits for its report: see [`Awaited`]
//! s | name (32) | notice (16)    has this name: until when that is remembered, whose it was
//! v | u64 until | notice         when that is over; its names
//! x | key (32)                   what reached one person and is not recorded yet: see [`Arrived`]
//! y | u64 due | key (32)         when it is; nothing in it
//! ```
//! Keys are not sealed, and name nobody. The first report that says an end takes `r` out. `s` and
//! `v` stay for their three days, so that a name that was given again is seen to be two messages'.
//! A row that cannot be read, or leads nowhere, is noted in the server's log and taken out when its
//! time has come: no other waits for it.

use std::collections::BTreeMap;

use akashi_ledger::Reader;
use akashi_ledger::command::OutboxChange;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, LeafIndex, NoticeId, SubjectHandle, Timestamp};
use serde::{Deserialize, Serialize};

use super::name_of_ours;
use crate::channel::posted::MessageId;
use crate::limits::NAMED_ALIKE_MAX;
use crate::messages::outbox::{OutboxError, PAGE, after, is_there, row_at};

/// An SMS whose report is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Awaited {
    /// Its identity, which the gateway was given with it.
    pub(crate) notice: NoticeId,
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
    subject: String,
    sent: u64,
    until: u64,
}

impl Awaited {
    /// The rows under which its report finds it by any of these names, and to which of her
    /// contacts it went.
    pub(crate) fn kept(&self, names: &[MessageId], contact: &ContactId) -> Vec<OutboxChange> {
        let wire = AwaitedWire {
            subject: self.subject.to_base64url(),
            sent: self.sent.value(),
            until: self.until.as_millis(),
        };
        let until = self.until.as_millis().to_be_bytes();
        let end = [b"v", &until[..], self.notice.as_bytes()].concat();
        let all: Vec<u8> = names
            .iter()
            .flat_map(|name| *name.digest().as_bytes())
            .collect();
        let whose = [&until[..], contact.as_bytes()].concat();
        let by_name = names
            .iter()
            .map(|name| (name_key(name, &self.notice), Some(whose.clone())));
        let rows = [
            (notice_key(&self.notice), Some(json(&wire))),
            (end, Some(all)),
        ];
        rows.into_iter().chain(by_name).collect()
    }

    /// It is waited for no longer; its names are remembered.
    pub(crate) fn ended(&self) -> Vec<OutboxChange> {
        vec![(notice_key(&self.notice), None)]
    }

    /// The SMS with this identity.
    fn find(reader: &Reader, notice: NoticeId) -> Result<Option<Self>, OutboxError> {
        let row = row_at(reader, &notice_key(&notice))?;
        row.map(|value| Self::read(notice, &value).ok_or(OutboxError::Damaged))
            .transpose()
    }

    fn read(notice: NoticeId, value: &[u8]) -> Option<Self> {
        let wire: AwaitedWire = serde_json::from_slice(value).ok()?;
        Some(Self {
            notice,
            subject: SubjectHandle::from_base64url(&wire.subject)?,
            sent: LeafIndex::new(wire.sent),
            until: Timestamp::from_millis(wire.until),
        })
    }
}

fn notice_key(notice: &NoticeId) -> Vec<u8> {
    [b"r", &notice.as_bytes()[..]].concat()
}

fn name_key(id: &MessageId, notice: &NoticeId) -> Vec<u8> {
    [b"s", &id.digest().as_bytes()[..], notice.as_bytes()].concat()
}

/// Which SMS a report means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// This one, which is waited for.
    This(Awaited),
    /// None that is waited for.
    Nothing,
    /// One of several, and it does not say which.
    OneOfSeveral,
}

/// SMS with one name, each with the contact it went to; where that row cannot be read, nobody's.
type Namesakes = BTreeMap<NoticeId, Option<ContactId>>;

/// The SMS these names mean at `now`. Whoever says the name we gave means that one: a gateway may
/// begin to count from one again, and give its own name to another. A name of its own that several
/// have had in these days means the one to a contact that `is_to` says yes to, if there is exactly
/// one; where the report names no phone there is nothing to ask. `shared` says that what stands in
/// no row has one of the names, too.
///
/// # Errors
/// [`OutboxError`] when the rows cannot be read.
pub(crate) fn meant(
    reader: &Reader,
    names: &[MessageId],
    now: Timestamp,
    shared: bool,
    is_to: Option<&dyn Fn(&ContactId) -> bool>,
) -> Result<Meant, OutboxError> {
    let (mut by_ours, mut by_theirs) = (Namesakes::new(), Namesakes::new());
    for name in names {
        let Some(named) = namesakes(reader, name, now)? else {
            return Ok(Meant::OneOfSeveral);
        };
        let ours = |notice: &NoticeId| name_of_ours(notice) == Some(*name);
        match named.iter().find(|(notice, _)| ours(notice)) {
            Some((notice, contact)) => by_ours.extend([(*notice, *contact)]),
            None => by_theirs.extend(named),
        }
    }
    let said = if !by_ours.is_empty() {
        by_ours
    } else if by_theirs.is_empty() {
        return Ok(Meant::Nothing);
    } else {
        if let Some(is_to) = is_to {
            by_theirs.retain(|_, contact| contact.as_ref().is_some_and(is_to));
        }
        // To another phone than any of them went to, or perhaps about what is in no row.
        if shared || by_theirs.is_empty() {
            return Ok(Meant::OneOfSeveral);
        }
        by_theirs
    };
    let said: Vec<NoticeId> = said.into_keys().collect();
    let notice = match said.as_slice() {
        [] => return Ok(Meant::Nothing),
        [one] => *one,
        [_, _, ..] => return Ok(Meant::OneOfSeveral),
    };
    let found = readable(Awaited::find(reader, notice))?.filter(|found| now < found.until);
    Ok(found.map_or(Meant::Nothing, Meant::This))
}

/// Those that have this name at `now`; nothing where they are more than are looked at.
fn namesakes(
    reader: &Reader,
    name: &MessageId,
    now: Timestamp,
) -> Result<Option<Namesakes>, OutboxError> {
    let first = name_key(name, &NoticeId::from_bytes([0; 16]));
    let last = name_key(name, &NoticeId::from_bytes([0xFF; 16]));
    let rows = reader.outbox(&first, &after(&last), NAMED_ALIKE_MAX + 1)?;
    if rows.len() > NAMED_ALIKE_MAX {
        return Ok(None);
    }
    let mut named = Namesakes::new();
    for (key, value) in rows {
        let Some(notice) = key.last_chunk::<16>() else {
            continue;
        };
        let (until, contact) = value.as_deref().and_then(whose).unzip();
        if until.is_none_or(|until| now < until) {
            named.insert(NoticeId::from_bytes(*notice), contact);
        }
    }
    Ok(Some(named))
}

/// Until when a name is remembered, and which contact it went to.
fn whose(value: &[u8]) -> Option<(Timestamp, ContactId)> {
    let (until, contact) = value.split_first_chunk::<8>()?;
    let until = Timestamp::from_millis(u64::from_be_bytes(*until));
    Some((until, ContactId::from_bytes(contact.try_into().ok()?)))
}

/// How many SMS wait for their report, and of how many the names are remembered.
pub(crate) fn count(reader: &Reader) -> Result<(u64, u64), OutboxError> {
    Ok((count_in(reader, b"r", b"s")?, count_in(reader, b"v", b"w")?))
}

fn count_in(reader: &Reader, from: &[u8], until: &[u8]) -> Result<u64, OutboxError> {
    let (mut count, mut from) = (0, from.to_vec());
    loop {
        let rows = reader.outbox(&from, until, PAGE)?;
        let Some((last, _)) = rows.last() else {
            return Ok(count);
        };
        from = after(last);
        count += rows.len() as u64;
    }
}

/// What is over.
#[derive(Default)]
pub(crate) struct Over {
    /// How many SMS were waited for until now.
    pub(crate) awaited: u64,
    /// Of how many the names are forgotten.
    pub(crate) remembered: u64,
    /// How many rows could not be read.
    pub(crate) lost: u64,
    /// Takes their rows out, and what could not be read of them.
    pub(crate) changes: Vec<OutboxChange>,
}

/// What is over at `now`, the longest first: at most [`PAGE`].
pub(crate) fn over(reader: &Reader, now: Timestamp) -> Result<Over, OutboxError> {
    let mut over = Over::default();
    for (key, names) in reader.outbox(b"v", &until(b"v", now), PAGE)? {
        over.remembered += 1;
        if let Some((_, notice)) = timed::<16>(&key) {
            let notice = NoticeId::from_bytes(notice);
            let waits = is_there(reader, &notice_key(&notice))?;
            over.awaited += u64::from(waits);
            over.changes.push((notice_key(&notice), None));
            let names = names.unwrap_or_default();
            let (names, rest) = names.as_chunks::<32>();
            // One name at least: ours. What is not taken out is over all the same.
            over.lost += u64::from(names.is_empty() || !rest.is_empty());
            let names = names.iter().map(|name| Digest::from_bytes(*name));
            let names = names.map(|name| name_key(&MessageId::from_digest(name), &notice));
            over.changes.extend(names.map(|key| (key, None)));
        } else {
            over.lost += 1;
        }
        over.changes.push((key, None));
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
        let row = row_at(reader, &arrived_key(key))?;
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
    /// How many rows could not be read.
    pub(crate) lost: u64,
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
            due.lost += 1;
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

#[expect(
    clippy::expect_used,
    reason = "a struct of texts and numbers always has a JSON form"
)]
fn json(wire: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(wire).expect("json")
}

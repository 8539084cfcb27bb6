//! Rows of the ledger's outbox: how far the log has been read, and the messages that are still to
//! be delivered.
//!
//! ```text
//! c, c2                           u64: the first record not read yet, twice
//! d, d2                           the same of the reading ahead for warnings
//! k | u64 due | ...               a mail to an institution or a supervisor: `bodies/row.rs`
//! n | urgency | u64 about | notice (16)     a message: see [`Waiting`]
//! t | key (32)                    what is counted: `tally.rs`
//! u | u64 due | key (32)          when that is told; nothing in it
//! w | u64 access                  digest of the text of an open question
//! ```
//! Keys of messages ascend by urgency, and then with the log. Values are sealed by the ledger, so a
//! message's text may hold its code. A row that is damaged costs what it says, and nothing else: it
//! is taken out when its time has come, and counted. Without the cursors nobody would be told
//! anything, so each stands in two rows.

use akashi_ledger::command::OutboxChange;
use akashi_ledger::{LedgerError, Reader};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, LeafIndex, NoticeId, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{Channel, Language, Template};
use akashi_tlog::base64;
use serde::{Deserialize, Serialize};

use crate::messages::message::Text;
use crate::messages::urgency::Urgency;

/// The outbox could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The reading panicked, or the server ends before it was done.
    #[error("reading was interrupted")]
    Interrupted,
    /// A row is not what this version writes.
    #[error("a row of the outbox cannot be read")]
    Damaged,
}

/// A message that waits to be handed to its channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its identity: drawn once, the same in every attempt.
    pub notice: NoticeId,
    /// Whom it is for.
    pub subject: SubjectHandle,
    /// To which contact.
    pub contact: ContactId,
    /// By which channel.
    pub channel: Channel,
    /// Log index of what it is about.
    pub about: Option<LeafIndex>,
    /// The open question it puts, if it puts one: once that is closed, nothing is sent.
    pub question: Option<LeafIndex>,
    /// What it was made from.
    pub template: Template,
    /// In which language.
    pub language: Language,
    /// The exact text.
    pub text: Text,
    /// From when on it is useless.
    pub until: Timestamp,
    /// How many times delivery has failed.
    pub attempts: u64,
}

/// Which part of what the log calls for a reading takes. Each reads the whole log, with a cursor of
/// its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Emergencies and changed contacts. They are rare, so that this reading waits for hardly a
    /// commit and for nobody's history; what happens to others holds it up by the time a record
    /// takes to read, no more.
    Warnings,
    /// Everything else: alerts and what is told with them, questions, what is answered and over.
    Rest,
}

impl Share {
    pub(crate) const ALL: [Self; 2] = [Self::Warnings, Self::Rest];
}

/// The keys of the cursor.
const CURSOR: [&[u8]; 2] = [b"c", b"c2"];
/// The keys of the cursor of the reading ahead.
const CURSOR_AHEAD: [&[u8]; 2] = [b"d", b"d2"];
/// Where keys of messages begin and end.
pub(crate) const MESSAGES: (&[u8], &[u8]) = (b"n", b"o");

/// Rows read at once.
pub(crate) const PAGE: usize = 512;

/// The first record not read yet for this share; 0 before the first start.
pub(crate) fn stored_cursor(reader: &Reader, share: Share) -> Result<LeafIndex, OutboxError> {
    // Never the other share's: what that one has passed, this one has not.
    let mut damaged = false;
    for key in cursor_keys(share) {
        let value = match row_at(reader, key) {
            Err(OutboxError::Damaged) => None,
            read => match read? {
                Some(value) => value.try_into().ok(),
                None => continue,
            },
        };
        match value {
            Some(bytes) => return Ok(LeafIndex::from_be_bytes(bytes)),
            None => damaged = true,
        }
        tracing::error!("a row of the notifier's cursor cannot be read: the other is taken");
    }
    if damaged {
        return Err(OutboxError::Damaged);
    }
    Ok(LeafIndex::FIRST)
}

const fn cursor_keys(share: Share) -> [&'static [u8]; 2] {
    match share {
        Share::Warnings => CURSOR_AHEAD,
        Share::Rest => CURSOR,
    }
}

/// The changes after which a notifier that has never run begins at this record; none if one has
/// run. For a log that began with a past people were told of in another way. Submit it before
/// [`crate::Notifier::start`].
///
/// # Errors
/// [`OutboxError`] when the outbox cannot be read.
pub fn begin_at(reader: &Reader, index: LeafIndex) -> Result<Vec<OutboxChange>, OutboxError> {
    let has_run = !reader.outbox(b"c", MESSAGES.0, 1)?.is_empty();
    let shares = Share::ALL.into_iter().filter(|_| !has_run);
    Ok(shares.flat_map(|share| cursor_rows(share, index)).collect())
}

/// Moves the cursor of a share.
pub(crate) fn cursor_rows(share: Share, cursor: LeafIndex) -> [OutboxChange; 2] {
    cursor_keys(share).map(|key| (key.to_vec(), Some(cursor.to_be_bytes().to_vec())))
}

/// The key of a message.
pub(crate) fn message_key(waiting: &Waiting) -> Vec<u8> {
    [
        b"n",
        &[Urgency::of(waiting.template) as u8][..],
        &waiting.about.unwrap_or(LeafIndex::MAX).to_be_bytes()[..],
        waiting.notice.as_bytes(),
    ]
    .concat()
}

/// Puts a message in, or changes it.
pub(crate) fn message_row(waiting: &Waiting) -> OutboxChange {
    (message_key(waiting), Some(waiting.to_bytes()))
}

/// Takes a message out.
pub(crate) fn gone(key: &[u8]) -> OutboxChange {
    (key.to_vec(), None)
}

/// Keeps the digest of the text a question was put in.
pub(crate) fn wording_row(access: LeafIndex, digest: Option<Digest>) -> OutboxChange {
    (
        wording_key(access),
        digest.map(|digest| digest.as_bytes().to_vec()),
    )
}

fn wording_key(access: LeafIndex) -> Vec<u8> {
    [b"w", &access.to_be_bytes()[..]].concat()
}

/// Whether a message about this open question was written.
pub(crate) fn was_put(reader: &Reader, access: LeafIndex) -> Result<bool, LedgerError> {
    is_there(reader, &wording_key(access))
}

/// The digest of the text a question was put in; `None` if no message went out.
pub(crate) fn wording_of(
    reader: &Reader,
    access: LeafIndex,
) -> Result<Option<Digest>, OutboxError> {
    let value = row_at(reader, &wording_key(access))?;
    let read = |value: Vec<u8>| value.try_into().map_err(|_| OutboxError::Damaged);
    value
        .map(|value| read(value).map(Digest::from_bytes))
        .transpose()
}

/// The value under a key.
///
/// # Errors
/// [`OutboxError::Damaged`] where it does not open; [`OutboxError`] when it cannot be read.
pub(crate) fn row_at(reader: &Reader, key: &[u8]) -> Result<Option<Vec<u8>>, OutboxError> {
    let row = reader.outbox(key, &after(key), 1)?.into_iter().next();
    row.map(|(_, value)| value.ok_or(OutboxError::Damaged))
        .transpose()
}

/// Whether there is a row under a key, whatever it says.
pub(crate) fn is_there(reader: &Reader, key: &[u8]) -> Result<bool, LedgerError> {
    Ok(!reader.outbox(key, &after(key), 1)?.is_empty())
}

/// The message under a key; `None` once it is delivered or given up.
pub(crate) fn message_at(reader: &Reader, key: &[u8]) -> Result<Option<Waiting>, OutboxError> {
    let row = row_at(reader, key)?;
    row.map(|value| Waiting::from_bytes(&value)).transpose()
}

/// At most [`PAGE`] keys of messages from this one on, each with the channel it leaves by. One that
/// cannot be read leaves by none: it goes where it is found out.
pub(crate) fn message_keys(
    reader: &Reader,
    from: &[u8],
) -> Result<Vec<(Vec<u8>, Channel)>, OutboxError> {
    let rows = reader.outbox(from, MESSAGES.1, PAGE)?.into_iter();
    let channel = |value: &[u8]| Waiting::from_bytes(value).map(|waiting| waiting.channel);
    Ok(rows
        .map(|(key, value)| {
            let channel = value.and_then(|value| channel(&value).ok());
            (key, channel.unwrap_or(Channel::Sms))
        })
        .collect())
}

/// Keeps a count, or takes it out.
pub(crate) fn tally_row(key: &Digest, value: Option<Vec<u8>>) -> OutboxChange {
    (tally_key(key), value)
}

fn tally_key(key: &Digest) -> Vec<u8> {
    [b"t", &key.as_bytes()[..]].concat()
}

/// The count under a key.
///
/// # Errors
/// As [`row_at`].
pub(crate) fn tally_at(reader: &Reader, key: &Digest) -> Result<Option<Vec<u8>>, OutboxError> {
    row_at(reader, &tally_key(key))
}

/// Whether there is a count under a key, whatever it says.
pub(crate) fn has_tally(reader: &Reader, key: &Digest) -> Result<bool, LedgerError> {
    is_there(reader, &tally_key(key))
}

/// Says that a count is told at `due`, or no longer.
pub(crate) fn due_row(due: Timestamp, key: &Digest, is_due: bool) -> OutboxChange {
    let due = due.as_millis().to_be_bytes();
    let key = [b"u", &due[..], &key.as_bytes()[..]].concat();
    (key, is_due.then(Vec::new))
}

/// When a count is told, and under which key it stands; or a key that says neither.
pub(crate) type DueAt = Result<(Timestamp, Digest), Vec<u8>>;

/// When counts are told, the next at first: at most so many.
pub(crate) fn dues(reader: &Reader, most: usize) -> Result<Vec<DueAt>, LedgerError> {
    let read = |key: &[u8]| {
        let (due, key) = key.strip_prefix(b"u")?.split_first_chunk::<8>()?;
        let due = Timestamp::from_millis(u64::from_be_bytes(*due));
        Some((due, Digest::from_bytes(key.try_into().ok()?)))
    };
    let rows = reader.outbox(b"u", b"v", most)?.into_iter();
    Ok(rows.map(|(key, _)| read(&key).ok_or(key)).collect())
}

/// The contacts messages still wait for, as far as those can be read.
pub(crate) fn waiting_contacts(reader: &Reader) -> Result<Vec<ContactId>, OutboxError> {
    let mut contacts = Vec::new();
    let mut from = MESSAGES.0.to_vec();
    loop {
        let rows = reader.outbox(&from, MESSAGES.1, PAGE)?;
        let Some((last, _)) = rows.last() else {
            return Ok(contacts);
        };
        from = after(last);
        for (_, value) in &rows {
            let read = value.as_deref().map(Waiting::from_bytes);
            contacts.extend(read.and_then(Result::ok).map(|waiting| waiting.contact));
        }
    }
}

/// The least key greater than this one.
pub(crate) fn after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// A message as its row spells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    notice: String,
    subject: String,
    contact: String,
    channel: String,
    about: Option<u64>,
    question: Option<u64>,
    template: String,
    language: String,
    subject_line: Option<String>,
    body: String,
    until: u64,
    attempts: u64,
}

impl Waiting {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            notice: self.notice.to_base64url(),
            subject: base64::url::encode(self.subject.as_bytes()),
            contact: self.contact.to_base64url(),
            channel: self.channel.as_str().to_owned(),
            about: self.about.map(LeafIndex::value),
            question: self.question.map(LeafIndex::value),
            template: self.template.as_str().to_owned(),
            language: self.language.as_str().to_owned(),
            subject_line: self.text.subject.clone(),
            body: self.text.body.clone(),
            until: self.until.as_millis(),
            attempts: self.attempts,
        };
        #[expect(
            clippy::expect_used,
            reason = "a struct of texts and numbers always has a JSON form"
        )]
        serde_json::to_vec(&wire).expect("json")
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, OutboxError> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|_| OutboxError::Damaged)?;
        Self::from_wire(wire).ok_or(OutboxError::Damaged)
    }

    fn from_wire(wire: Wire) -> Option<Self> {
        Some(Self {
            notice: NoticeId::from_base64url(&wire.notice)?,
            subject: SubjectHandle::from_base64url(&wire.subject)?,
            contact: ContactId::from_base64url(&wire.contact)?,
            channel: Channel::parse(&wire.channel)?,
            about: wire.about.map(LeafIndex::new),
            question: wire.question.map(LeafIndex::new),
            template: Template::parse(&wire.template)?,
            language: Language::parse(&wire.language)?,
            text: Text {
                subject: wire.subject_line,
                body: wire.body,
            },
            until: Timestamp::from_millis(wire.until),
            attempts: wire.attempts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_back_as_written_and_keys_ascend_by_urgency_and_with_the_log() {
        let waiting = Waiting {
            notice: NoticeId::from_bytes([1; 16]),
            subject: SubjectHandle::from_bytes([2; 16]),
            contact: ContactId::from_bytes([3; 16]),
            channel: Channel::Email,
            about: Some(LeafIndex::new(255)),
            question: None,
            template: Template::OutOfPurpose,
            language: Language::Ja,
            text: Text {
                subject: Some("件名".into()),
                body: "本文\n".into(),
            },
            until: Timestamp::from_millis(7),
            attempts: 2,
        };
        assert_eq!(Waiting::from_bytes(&waiting.to_bytes()).unwrap(), waiting);
        assert!(Waiting::from_bytes(b"{}").is_err());
        let later = Waiting {
            about: Some(LeafIndex::new(256)),
            notice: NoticeId::from_bytes([0; 16]),
            ..waiting.clone()
        };
        let none = Waiting {
            about: None,
            ..waiting.clone()
        };
        let emergency = Waiting {
            template: Template::EmergencyAccess,
            ..none.clone()
        };
        assert!(message_key(&emergency) < message_key(&waiting));
        assert!(
            message_key(&waiting) < message_key(&later) && message_key(&later) < message_key(&none)
        );
        assert!(message_key(&none).as_slice() < MESSAGES.1);
    }
}

//! A person's history as a file: what she needs, with her history key and the public log, to check
//! by herself that it is complete (`docs/RECORD_FORMAT.md` "A person's history"). File ending
//! `.akashi-history`.
//!
//! ```text
//! akashi-history/v1
//! origin <origin>
//! epoch <epoch> <records>                                 how many records: 1, 2, 3 ... and no gap
//!
//! record <seq> <index>                                    her record and the entry that holds it
//! open <position> <name> <base64 value> <base64 salt>     all its fields ...
//! hash <position> <base64 field hash>                     ... but those that are closed
//!
//! lost|erased <seq> <index>                              a record whose body is lost or erased
//! withheld <seq> <index> [<ms>]                           one that is withheld, and until when
//! missing <seq> [<index>]                                 one that could not be read
//!
//! <checkpoint>                                            signed when the file was made; its end
//! ```
//! The history key is not in it: the file alone finds nothing in the log. It is read line by line,
//! so that its length costs no memory, and what is missing at its end is noticed.

use std::fmt;

use crate::digest::{Digest, Secret};
use crate::ids::{Epoch, LeafIndex, Seq, SubjectHandle, Timestamp};
use crate::record::commitment::{Disclosure, DisclosureError};
use crate::record::disclosure_text::{DisclosureLines, LINE_LEN_MAX};
use crate::record::value::{Bytes, Value};
use crate::record::{Closed, Kind, Record, field_names};
use akashi_tlog::checkpoint::{Checkpoint, CheckpointError, Origin};
use akashi_tlog::decimal;
use akashi_tlog::signed_note::{MAX_NOTE_LEN, Note, NoteError};

/// The first line.
pub const HEADER: &str = "akashi-history/v1";
/// Most records of a file: a hundred times the largest history planned for, so that a count says
/// nothing absurd.
pub const RECORDS_MAX: u64 = 1_000_000;

/// Fields a history file closes ([`is_closed`]): what her own pages do not show either. The handle
/// never leaves the ledger; statements and `holder_link` hold institutions' own codes for her,
/// which together would link what they keep apart; the rest helps to guess at secrets, and no check
/// needs it.
pub const CLOSED: [&str; 6] = [
    "subject",
    "recovery_digest",
    "holder_link",
    "request_nonce",
    "evidence",
    "statement",
];

/// The kinds whose statements a history file opens: no institution's code for her is in them. A
/// request for a link holds her visible ID, a code that is spent and the check value of L; without
/// it L could be one the operator made up, and its gates would say nothing of those the institution
/// releases on. A report of a release holds what the requester presented: without it the operator
/// could say that data was released which nobody asked for.
pub const STATEMENTS_OPEN: [Kind; 3] =
    [Kind::LinkIssued, Kind::AccessReleased, Kind::ReleaseRefused];

/// Whether a history file closes this field of this kind.
pub fn is_closed(kind: Kind, name: &str) -> bool {
    let is_open = name == "statement" && STATEMENTS_OPEN.contains(&kind);
    CLOSED.contains(&name) && !is_open
}

/// What stands before the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryHead {
    /// The log.
    pub origin: Origin,
    /// The epoch of all records.
    pub epoch: Epoch,
    /// How many there are.
    pub records: u64,
}

/// One number of her sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryItem {
    /// Her record with this number.
    Record {
        /// 1, 2, 3 ...
        seq: Seq,
        /// The entry that holds it.
        index: LeafIndex,
        /// Its fields.
        disclosure: Disclosure,
    },
    /// A record whose body is lost, withheld or erased.
    Closed {
        /// 1, 2, 3 ...
        seq: Seq,
        /// The entry that holds it.
        index: LeafIndex,
        /// What became of its body.
        closed: Closed,
    },
    /// A record that was not found where it should be, or does not open.
    Missing {
        /// 1, 2, 3 ...
        seq: Seq,
        /// The entry that holds it, where it is known.
        index: Option<LeafIndex>,
    },
}

impl HistoryItem {
    /// The record as a file may show it.
    pub fn open(index: LeafIndex, record: &Record, record_key: &Secret) -> Self {
        let names = field_names(record.kind());
        let open: Vec<&str> = names
            .into_iter()
            .filter(|name| !is_closed(record.kind(), name))
            .collect();
        Self::Record {
            seq: record.seq(),
            index,
            disclosure: Disclosure::open(record, record_key, &open),
        }
    }

    /// Its number.
    pub const fn seq(&self) -> Seq {
        match self {
            Self::Record { seq, .. } | Self::Closed { seq, .. } | Self::Missing { seq, .. } => *seq,
        }
    }
}

/// Reads a record as a file shows it, with what it commits to. Every field but the closed ones
/// ([`is_closed`]) must be open and in its one spelling; the closed ones read as zeros or absent,
/// and mean nothing.
///
/// # Errors
/// [`DisclosureError`]; [`DisclosureError::Record`] with `Unknown` for a kind this version cannot
/// check.
pub fn read_record(disclosure: &Disclosure) -> Result<(Record, Digest), DisclosureError> {
    let (kind, commitment) = disclosure.verify()?;
    let values =
        field_names(kind)
            .into_iter()
            .zip(0..)
            .map(|(name, at)| match disclosure.opened.get(&at) {
                Some(field) => Ok(field.value.clone()),
                None => blank(name)
                    .filter(|_| is_closed(kind, name))
                    .ok_or(DisclosureError::Closed(name)),
            });
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    Ok((Record::from_values(&values)?, commitment))
}

/// What stands for a closed field.
fn blank(name: &str) -> Option<Vec<u8>> {
    match name {
        "subject" => Some(SubjectHandle::from_bytes([0; 16]).encode()),
        "recovery_digest" => Some(Digest::from_bytes([0; 32]).encode()),
        "holder_link" | "evidence" => Some(None::<Bytes>.encode()),
        "request_nonce" | "statement" => Some(Bytes(Vec::new()).encode()),
        _ => None,
    }
}

impl fmt::Display for HistoryHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{HEADER}\norigin {}\nepoch {} {}\n",
            self.origin, self.epoch, self.records
        )
    }
}

impl fmt::Display for HistoryItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record {
                seq,
                index,
                disclosure,
            } => writeln!(f, "record {seq} {index}\n{disclosure}"),
            Self::Closed {
                seq,
                index,
                closed:
                    closed @ Closed::Withheld {
                        reveal_by: Some(time),
                    },
            } => writeln!(f, "{closed} {seq} {index} {}\n", time.as_millis()),
            Self::Closed { seq, index, closed } => writeln!(f, "{closed} {seq} {index}\n"),
            Self::Missing {
                seq,
                index: Some(index),
            } => writeln!(f, "missing {seq} {index}\n"),
            Self::Missing { seq, index: None } => writeln!(f, "missing {seq}\n"),
        }
    }
}

/// Why a file is not a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Another format, or a later version of this one.
    #[error("the first line is not `{HEADER}`: not a file this version knows")]
    Header,
    /// Not the format.
    #[error("line {line}: expected {expected}")]
    Format {
        /// Number of the line, from 1.
        line: u64,
        /// What should stand there.
        expected: &'static str,
    },
    /// A number is left out, or comes twice.
    #[error("line {line}: expected record {expected}, found record {found}")]
    Seq {
        /// Number of the line, from 1.
        line: u64,
        /// The number that comes next.
        expected: Seq,
        /// The number found.
        found: Seq,
    },
    /// It stops before its end: a download that broke off.
    #[error("the file ends early, after line {0}")]
    EndsEarly(u64),
    /// What ends it is not a signed checkpoint.
    #[error("the checkpoint at the end: {0}")]
    Note(#[from] NoteError),
    /// What is signed at its end is no checkpoint.
    #[error("the checkpoint at the end: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// Takes a history line by line.
#[derive(Debug)]
pub struct HistoryReader {
    line: u64,
    expects: Expects,
    origin: Option<Origin>,
    head: Option<HistoryHead>,
    /// The number of the last record that was begun.
    seq: Option<Seq>,
}

/// What comes next.
#[derive(Debug)]
enum Expects {
    Header,
    Origin,
    Epoch,
    /// An empty line, and then this.
    Blank(Box<Expects>),
    /// A record, a closed or a missing one.
    Item,
    /// Fields of this record, or the empty line behind them.
    Fields {
        seq: Seq,
        index: LeafIndex,
        lines: DisclosureLines,
    },
    /// The rest of the checkpoint.
    Checkpoint(String),
}

impl HistoryReader {
    /// Before the first line.
    pub const fn new() -> Self {
        Self {
            line: 0,
            expects: Expects::Header,
            origin: None,
            head: None,
            seq: None,
        }
    }

    /// Takes a line with its newline; returns the item it completes. Whoever reads the file bounds
    /// the line ([`crate::record::disclosure_text::LINE_LEN_MAX`]).
    ///
    /// # Errors
    /// [`HistoryError`]; the reader is of no use then.
    pub fn line(&mut self, line: &[u8]) -> Result<Option<HistoryItem>, HistoryError> {
        let Some(text) = line.strip_suffix(b"\n") else {
            let too_long = self.expected("a line of at most 88,000 bytes");
            return Err(if line.len() < LINE_LEN_MAX {
                HistoryError::EndsEarly(self.line)
            } else {
                too_long
            });
        };
        self.line += 1;
        let text = std::str::from_utf8(text).map_err(|_| self.expected("UTF-8 text"))?;
        let (next, item) = match std::mem::replace(&mut self.expects, Expects::Header) {
            Expects::Header if text == HEADER => (Expects::Origin, None),
            Expects::Header => return Err(HistoryError::Header),
            Expects::Origin => (self.take_origin(text)?, None),
            Expects::Epoch => (self.take_epoch(text)?, None),
            Expects::Blank(next) if text.is_empty() => (*next, None),
            Expects::Blank(_) => return Err(self.expected("an empty line")),
            Expects::Item => self.take_item(text)?,
            Expects::Fields { seq, index, lines } => self.take_field(text, seq, index, lines)?,
            Expects::Checkpoint(note) => {
                (Expects::Checkpoint(self.take_checkpoint(note, text)?), None)
            }
        };
        self.expects = next;
        Ok(item)
    }

    /// What stands before the records, once it was read.
    pub const fn head(&self) -> Option<&HistoryHead> {
        self.head.as_ref()
    }

    /// After the last line: the checkpoint, its signature not verified.
    ///
    /// # Errors
    /// [`HistoryError`] when the file is not at its end here.
    pub fn finish(self) -> Result<(HistoryHead, Note), HistoryError> {
        let (Expects::Checkpoint(text), Some(head)) = (self.expects, self.head) else {
            return Err(HistoryError::EndsEarly(self.line));
        };
        if text.is_empty() {
            return Err(HistoryError::EndsEarly(self.line));
        }
        let note = Note::parse(text.as_bytes())?;
        Checkpoint::parse(note.text())?;
        Ok((head, note))
    }

    const fn expected(&self, expected: &'static str) -> HistoryError {
        HistoryError::Format {
            line: self.line,
            expected,
        }
    }

    fn take_origin(&mut self, text: &str) -> Result<Expects, HistoryError> {
        let origin = text
            .strip_prefix("origin ")
            .and_then(|origin| Origin::new(origin).ok());
        self.origin = Some(origin.ok_or(self.expected("`origin <origin>`"))?);
        Ok(Expects::Epoch)
    }

    fn take_epoch(&mut self, text: &str) -> Result<Expects, HistoryError> {
        let numbers = text
            .strip_prefix("epoch ")
            .and_then(|numbers| numbers.split_once(' '));
        let numbers = numbers.and_then(|(epoch, records)| {
            let epoch = decimal::parse(epoch, u64::from(u32::MAX)).ok()?;
            let epoch = Epoch::new(u32::try_from(epoch).ok()?);
            Some((epoch, decimal::parse(records, RECORDS_MAX).ok()?))
        });
        let (epoch, records) =
            numbers.ok_or(self.expected("`epoch <epoch> <records>`, at most 1,000,000 records"))?;
        self.head = self.origin.take().map(|origin| HistoryHead {
            origin,
            epoch,
            records,
        });
        Ok(Expects::Blank(Box::new(self.after_item())))
    }

    fn take_item(&mut self, text: &str) -> Result<(Expects, Option<HistoryItem>), HistoryError> {
        let expected = self.expected(
            "`record <seq> <index>`, `lost`, `withheld` or `erased <seq> <index>`, or \
             `missing <seq> [<index>]`",
        );
        let mut words = text.split(' ');
        let word = words.next().unwrap_or_default();
        let seq = words.next().and_then(|text| Seq::parse(text).ok());
        let index = words.next().map(LeafIndex::parse);
        let index = index.transpose().map_err(|_| expected.clone())?;
        let time = words.next().map(|text| decimal::parse(text, u64::MAX));
        let time = time.transpose().map_err(|_| expected.clone())?;
        let (Some(seq), None) = (seq, words.next()) else {
            return Err(expected);
        };
        let next = Seq::after(self.seq);
        if seq != next {
            return Err(HistoryError::Seq {
                line: self.line,
                expected: next,
                found: seq,
            });
        }
        self.seq = Some(seq);
        let closed = Closed::parse(word, time.map(Timestamp::from_millis));
        let item = match (word, index, time, closed) {
            ("record", Some(index), None, None) => {
                let lines = DisclosureLines::new();
                return Ok((Expects::Fields { seq, index, lines }, None));
            }
            ("missing", index, None, None) => HistoryItem::Missing { seq, index },
            (_, Some(index), _, Some(closed)) => HistoryItem::Closed { seq, index, closed },
            _ => return Err(expected),
        };
        Ok((Expects::Blank(Box::new(self.after_item())), Some(item)))
    }

    fn take_field(
        &self,
        text: &str,
        seq: Seq,
        index: LeafIndex,
        mut lines: DisclosureLines,
    ) -> Result<(Expects, Option<HistoryItem>), HistoryError> {
        if text.is_empty() {
            let item = HistoryItem::Record {
                seq,
                index,
                disclosure: lines.finish(),
            };
            return Ok((self.after_item(), Some(item)));
        }
        lines
            .line(text)
            .map_err(|expected| self.expected(expected))?;
        Ok((Expects::Fields { seq, index, lines }, None))
    }

    fn take_checkpoint(&self, mut note: String, text: &str) -> Result<String, HistoryError> {
        note.push_str(text);
        note.push('\n');
        if note.len() <= MAX_NOTE_LEN {
            Ok(note)
        } else {
            Err(self.expected("the end of the file"))
        }
    }

    /// The next record, or after the last one the checkpoint.
    fn after_item(&self) -> Expects {
        let is_last = self
            .head
            .as_ref()
            .is_some_and(|head| self.seq.map_or(0, Seq::value) == head.records);
        if is_last {
            Expects::Checkpoint(String::new())
        } else {
            Expects::Item
        }
    }
}

impl Default for HistoryReader {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Generation;
    use crate::ids::KeyVersion;
    use crate::ids::{InstitutionId, Jti, Timestamp};
    use crate::key::evidence_kid;
    use crate::record::commitment::commit;
    use crate::record::kind::{Assurance, Event, LinkEnd, LinkIssued, LinkRevoked};
    use crate::record::{PersonPosition, Position, StreamKind, field_types};
    use akashi_actors::SeededSigner;
    use akashi_tlog::checkpoint::sign_checkpoint;
    use akashi_tlog::merkle::{Hash, TreeSize};

    const RECORD_KEY: Secret = Secret::from_bytes([1; 32]);
    const HANDLE: [u8; 16] = *b"handle of a lady";

    fn origin() -> Origin {
        Origin::new("demo.akashi.example/log").unwrap()
    }

    fn seq(number: u64) -> Seq {
        Seq::new(number).unwrap()
    }

    fn record(number: u64) -> Record {
        let subject = SubjectHandle::from_bytes(HANDLE);
        Record {
            origin: origin(),
            time: Timestamp::from_millis(1_000_000),
            position: Position::Person(PersonPosition {
                subject,
                epoch: Epoch::FIRST,
                seq: seq(number),
                prev: Some(LeafIndex::new(3)),
            }),
            engine: "test".into(),
            retain_until: Timestamp::from_millis(9_000_000),
            event: Event::LinkRevoked(LinkRevoked {
                institution: InstitutionId::parse("pharmacy.midori").unwrap(),
                generation: Generation::FIRST,
                cause: LinkEnd::NotNeeded,
                kid: evidence_kid(&RECORD_KEY),
                jti: Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
                statement: Bytes(b"header.claims-with-a-link-code.signature".to_vec()),
            }),
        }
    }

    fn note() -> Note {
        let checkpoint = Checkpoint::new(origin(), TreeSize::new(9), Hash::leaf(b"root")).unwrap();
        sign_checkpoint(&checkpoint, &[&SeededSigner::log(origin().as_str(), 8)]).unwrap()
    }

    /// Records 1 and 7, and five between them that are not shown.
    fn file() -> String {
        let head = HistoryHead {
            origin: origin(),
            epoch: Epoch::new(0),
            records: 7,
        };
        let closed = |number, index, closed| HistoryItem::Closed {
            seq: seq(number),
            index: LeafIndex::new(index),
            closed,
        };
        let reveal_by = Some(Timestamp::from_seconds(1_800_000_000));
        let items = [
            HistoryItem::open(LeafIndex::new(3), &record(1), &RECORD_KEY),
            HistoryItem::Missing {
                seq: seq(2),
                index: Some(LeafIndex::new(5)),
            },
            HistoryItem::Missing {
                seq: seq(3),
                index: None,
            },
            closed(4, 6, Closed::Lost),
            closed(5, 7, Closed::Withheld { reveal_by }),
            closed(6, 8, Closed::Erased),
            HistoryItem::open(LeafIndex::new(9), &record(7), &RECORD_KEY),
        ];
        format!(
            "{head}{}{}",
            items.map(|item| item.to_string()).concat(),
            note()
        )
    }

    fn read(bytes: &[u8]) -> Result<(HistoryHead, Vec<HistoryItem>, Note), HistoryError> {
        let (mut reader, mut items) = (HistoryReader::new(), Vec::new());
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            items.extend(reader.line(line)?);
        }
        let (head, note) = reader.finish()?;
        Ok((head, items, note))
    }

    fn format(line: u64, expected: &'static str) -> Result<(), HistoryError> {
        Err(HistoryError::Format { line, expected })
    }

    #[test]
    fn a_file_reads_back_with_every_record_but_not_the_handle() {
        let (head, items, read_note) = read(file().as_bytes()).unwrap();
        assert_eq!((head.records, items.len(), read_note), (7, 7, note()));
        let HistoryItem::Record {
            index, disclosure, ..
        } = &items[6]
        else {
            panic!("{items:?}")
        };
        let (shown, commitment) = read_record(disclosure).unwrap();
        assert_eq!(
            (*index, shown.seq(), commitment),
            (LeafIndex::new(9), seq(7), commit(&record(7), &RECORD_KEY))
        );
        assert!(matches!(
            &shown.event,
            Event::LinkRevoked(e) if e.cause == LinkEnd::NotNeeded && e.statement.0.is_empty()
        ));
        for secret in [&HANDLE[..], b"header.claims-with-a-link-code.signature"] {
            assert!(!file().contains(&akashi_tlog::base64::standard::encode(
                &Bytes(secret.to_vec()).encode()
            )));
            assert!(!file().contains(&akashi_tlog::base64::standard::encode(secret)));
        }
    }

    #[test]
    fn statements_that_hold_no_code_for_her_are_open_and_no_others() {
        for kind in Kind::ALL {
            let is_open = [Kind::LinkIssued, Kind::AccessReleased, Kind::ReleaseRefused];
            assert_eq!(is_closed(*kind, "statement"), !is_open.contains(kind));
        }
    }

    #[test]
    fn every_text_that_is_taken_is_the_one_spelling() {
        let honest = file();
        for at in 0..honest.len() {
            for bit in [1, 0x20] {
                let mut changed = honest.clone().into_bytes();
                changed[at] ^= bit;
                let Ok((head, items, note)) = read(&changed) else {
                    continue;
                };
                let written = items.iter().map(ToString::to_string).collect::<String>();
                assert_eq!(
                    format!("{head}{written}{note}").as_bytes(),
                    changed,
                    "byte {at} bit {bit}"
                );
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_noticed() {
        let honest = file();
        assert!((0..honest.len()).all(|len| read(&honest.as_bytes()[..len]).is_err()));
        let blocks = honest.find("record 7").unwrap();
        assert_eq!(
            read(&honest.as_bytes()[..blocks]).map(drop),
            Err(HistoryError::EndsEarly(32))
        );
    }

    #[test]
    fn what_is_no_history_is_refused_with_its_line() {
        let change = |from: &str, to: &str| read(file().replacen(from, to, 1).as_bytes()).map(drop);
        assert_eq!(change("/v1", "/v2"), Err(HistoryError::Header));
        assert_eq!(
            change("missing 2", "missing 1"),
            Err(HistoryError::Seq {
                line: 23,
                expected: seq(2),
                found: seq(1)
            })
        );
        assert_eq!(
            change("missing 3", "missing 4"),
            Err(HistoryError::Seq {
                line: 25,
                expected: seq(3),
                found: seq(4)
            })
        );
        let count = "`epoch <epoch> <records>`, at most 1,000,000 records";
        assert_eq!(
            change("epoch 0 7", "epoch 0 18446744073709551615"),
            format(3, count)
        );
        assert_eq!(change("epoch 0 7", "epoch 0 07"), format(3, count));
        assert_eq!(change("epoch 0 7", "epoch 4294967296 7"), format(3, count));
        let item = "`record <seq> <index>`, `lost`, `withheld` or `erased <seq> <index>`, or `missing <seq> [<index>]`";
        for bad in [
            "missing 02 5",
            "missing 2 5 6",
            "missing",
            "missing  2",
            "absent 2 5",
            "record 2",
            "lost 2",
            "lost 2 5 1800000000000",
            "erased 2 5 1800000000000",
            "withheld 2",
            "withheld 2 5 01",
            "withheld 2 5 1 1",
            "open 2 5",
        ] {
            assert_eq!(change("missing 2 5", bad), format(23, item), "{bad}");
        }
        assert!(
            change("epoch 0 7", "epoch 0 6").is_err(),
            "a record more than announced"
        );
        assert!(
            change("epoch 0 7", "epoch 0 8").is_err(),
            "a record less than announced"
        );
        assert!(matches!(
            read(&vec![b'a'; LINE_LEN_MAX]),
            Err(HistoryError::Format { line: 0, .. })
        ));
    }

    /// Record 1, but a link.
    fn link() -> Record {
        let released = record(1);
        let link_key = Secret::from_bytes([5; 32]);
        let event = Event::LinkIssued(LinkIssued {
            institution: InstitutionId::parse("pharmacy.midori").unwrap(),
            key_version: KeyVersion::new(1),
            generation: Generation::new(0),
            link_check: crate::gate::link_check(&link_key),
            kid: evidence_kid(&link_key),
            link_key,
            assurance: Assurance::Sms,
            jti: Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
            statement: Bytes(b"what the institution signed".to_vec()),
        });
        Record { event, ..released }
    }

    #[test]
    fn of_a_link_what_the_institution_signed_is_open_and_must_be() {
        let HistoryItem::Record { disclosure, .. } =
            HistoryItem::open(LeafIndex::new(3), &link(), &RECORD_KEY)
        else {
            panic!()
        };
        assert_eq!(
            disclosure.closed.keys().collect::<Vec<_>>(),
            [&4],
            "the handle alone is closed"
        );
        let (shown, _) = read_record(&disclosure).unwrap();
        assert!(matches!(
            shown.event,
            Event::LinkIssued(e) if e.statement.0 == b"what the institution signed"
        ));
        let mut shut = disclosure.clone();
        let (at, statement) = shut.opened.pop_last().unwrap();
        let hash = crate::record::commitment::field_hash(
            &statement.salt,
            &statement.name,
            &statement.value,
        );
        shut.closed.insert(at, hash);
        assert_eq!(
            read_record(&shut),
            Err(DisclosureError::Closed("statement"))
        );
    }

    #[test]
    fn closed_are_exactly_the_fields_that_tell_too_much() {
        let types = [
            ("subject", "SubjectHandle"),
            ("recovery_digest", "Digest"),
            ("holder_link", "Option<LinkCode>"),
            ("request_nonce", "Bytes"),
            ("evidence", "Option<Bytes>"),
            ("statement", "Bytes"),
        ];
        assert_eq!(types.map(|(name, _)| name), CLOSED);
        let of_persons = || {
            Kind::ALL
                .iter()
                .filter(|kind| kind.stream() == StreamKind::Person)
        };
        for (name, of) in types {
            assert!(
                of_persons().any(|kind| field_names(*kind).contains(&name)),
                "{name} is a field"
            );
            for kind in of_persons() {
                let mut fields = field_names(*kind).into_iter().zip(field_types(*kind));
                let is_of_type =
                    fields.all(|(field, found)| field != name || found.replace(' ', "") == of);
                assert!(
                    is_of_type,
                    "what stands for a closed `{name}` is not of its type in {}",
                    kind.name()
                );
            }
        }
        let HistoryItem::Record { disclosure, .. } =
            HistoryItem::open(LeafIndex::new(8), &record(4), &RECORD_KEY)
        else {
            panic!()
        };
        let closed: Vec<_> = disclosure.closed.keys().collect();
        assert_eq!(closed, [&4, &15], "handle and statement");
        let mut shut = disclosure.clone();
        let time = shut.opened.remove(&3).unwrap();
        shut.closed.insert(
            3,
            crate::record::commitment::field_hash(&time.salt, &time.name, &time.value),
        );
        assert_eq!(read_record(&shut), Err(DisclosureError::Closed("time")));
        let mut whole = Disclosure::open(&record(4), &RECORD_KEY, &field_names(Kind::LinkRevoked));
        assert!(read_record(&whole).is_ok(), "more than need be is open");
        whole.opened.get_mut(&3).unwrap().value = vec![1, 2];
        assert!(read_record(&whole).is_err(), "a value in another spelling");
    }
}

//! What can be wrong with a history, and where.

use std::fmt;
use std::io;

use akashi_proof::fault::Fault;
use akashi_proof::history::HistoryError;
use akashi_proof::ids::{Epoch, GateNumber, LeafIndex, Seq, TreeSize};
use akashi_proof::record::commitment::DisclosureError;
use akashi_proof::record::{Closed, RecordError};
use akashi_tlog::checkpoint::VerifyError;
use akashi_tlog::merkle::Hash;
use thiserror::Error;

use crate::finding::{self, Severe, printable};
use crate::time::rfc3339;
use crate::verdict::Severity;

/// Where something is wrong. The order is that of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file as a whole.
    File,
    /// The history key.
    Key,
    /// One of her records, by its number among them.
    Record(Seq),
    /// An entry of the log that is none of hers, as far as the file says.
    Entry(LeafIndex),
}

/// One thing that is wrong with a history, or could not be checked.
pub type Finding = finding::Finding<Place, Problem>;

/// What is found while a history is checked.
pub(super) type Findings = finding::Findings<Place, Problem>;

/// What is wrong.
#[derive(Debug, Error)]
pub enum Problem {
    /// The file system failed.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Not a history in its one spelling.
    #[error("{0}")]
    File(#[from] HistoryError),
    /// The user named another log.
    #[error("is of log `{file}`, the log that was read is `{log}`")]
    OtherLog {
        /// In the file.
        file: String,
        /// In the checkpoint that was read.
        log: String,
    },
    /// The log did not sign the checkpoint in the file.
    #[error("the checkpoint at the end: {0}")]
    Checkpoint(#[from] VerifyError),
    /// What was read is older than the file.
    #[error(
        "was made when the log had {file} entries, the log that was read has {log}: an older copy"
    )]
    OlderLog {
        /// In the file.
        file: TreeSize,
        /// In the checkpoint that was read.
        log: TreeSize,
    },
    /// The log has signed two trees, and one is not a beginning of the other.
    #[error(
        "its checkpoint signs root {file} over {size} entries, the log that was read has root {log} there: two logs"
    )]
    Fork {
        /// The size.
        size: TreeSize,
        /// In the file.
        file: Hash,
        /// Re-derived.
        log: Hash,
    },
    /// The sheet belongs to another ledger.
    #[error("is for log `{key}`, the file is of `{file}`")]
    KeyOfOtherLog {
        /// In the key.
        key: String,
        /// In the file.
        file: String,
    },
    /// The sheet is an older or a newer one.
    #[error(
        "is that of epoch {key}, the file is of epoch {file}: take the sheet or the file of the same one"
    )]
    KeyOfOtherEpoch {
        /// In the key.
        key: Epoch,
        /// In the file.
        file: Epoch,
    },
    /// A later version would know.
    #[error("is of epoch {found}, which this version cannot check")]
    UnknownEpoch {
        /// The epoch.
        found: Epoch,
    },
    /// Nothing to check.
    #[error("the file holds no record yet: download it again")]
    NoRecords,
    /// Somebody else's sheet or file.
    #[error("is not the key of this history: take the sheet and the file of the same person")]
    OtherKey,
    /// It could not be read when the file was made: what it says cannot be checked.
    #[error("the file does not show it, so what it says could not be checked{}", at(*.index))]
    Missing {
        /// Where it stands in the log.
        index: Option<LeafIndex>,
    },
    /// Its body is not open: what it says cannot be checked. That an officer has ordered so,
    /// nothing shows yet.
    #[error("{}, so what it says could not be checked{}", state(*.closed), at(*.index))]
    Closed {
        /// Where it stands in the log.
        index: Option<LeafIndex>,
        /// What became of its body.
        closed: Closed,
    },
    /// A permit on a link that the file does not show, which a closed record may have issued.
    #[error(
        "permits access at `{holder}` with a gate of no link that the file shows: a record before it that is not open may \
         have issued that link"
    )]
    UnknownLink {
        /// The institution.
        holder: String,
    },
    /// Its fields are not a record.
    #[error("{0}")]
    Fields(DisclosureError),
    /// A kind or schema of a later version: nothing can be said of it.
    #[error("is of kind `{kind}` schema {schema}, which this version cannot check")]
    UnknownKind {
        /// The kind's name.
        kind: String,
        /// The schema's number.
        schema: u64,
    },
    /// It cannot be in anybody's history.
    #[error("`{kind}` is not a record about a person")]
    NotPersonal {
        /// Its kind.
        kind: &'static str,
    },
    /// A field says something else than the file.
    #[error("its `{field}` is {found}, expected {expected}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What follows from the file and the records before.
        expected: String,
        /// What it says.
        found: String,
    },
    /// Only the first record enrols, and it does.
    #[error("`subject.enrolled` is the first record and no other")]
    Enrolment,
    /// The log does not hold it.
    #[error("stands nowhere in the log; the file says entry {claimed}")]
    NoEntry {
        /// In the file.
        claimed: LeafIndex,
    },
    /// The log holds it elsewhere.
    #[error("stands at entry {index}, the file says {claimed}")]
    OtherIndex {
        /// Where it stands.
        index: LeafIndex,
        /// In the file.
        claimed: LeafIndex,
    },
    /// The fields are not those the log holds.
    #[error("is not the record entry {index} commits to")]
    Commitment {
        /// The entry.
        index: LeafIndex,
    },
    /// A record of hers is left out of the file.
    #[error(
        "THE FILE LEAVES IT OUT: the log holds it at entry {index}, and had it when the file was made"
    )]
    Hidden {
        /// Its entry.
        index: LeafIndex,
    },
    /// The file says that it was made before it could have this record.
    #[error(
        "the file says it stands at entry {index}, and that the log had {size} entries when the file was made"
    )]
    BeyondCheckpoint {
        /// Its entry, as the file says.
        index: LeafIndex,
        /// The size in the file's checkpoint.
        size: TreeSize,
    },
    /// The file does not hold what came after it. No fault, but no check of everything either.
    #[error(
        "is older than the log, which holds {count} newer record(s) of this person: {shown}. Download the file again; what \
         is not in the new one either is being hidden"
    )]
    OlderThanLog {
        /// How many.
        count: usize,
        /// The first of them.
        shown: String,
    },
    /// A number has no entry, a later one has.
    #[error("stands nowhere in the log, though record {next} stands at entry {next_index}")]
    Gap {
        /// The next number that has one.
        next: Seq,
        /// Its entry.
        next_index: LeafIndex,
    },
    /// L is not the one the institution signed the check value of.
    #[error("the link key is not the one whose check value `{institution}` signed")]
    LinkKey {
        /// The institution.
        institution: String,
    },
    /// What the institution signed is not this link, or it has signed nothing: L may be one the
    /// operator made up, and the permits the institution releases on would be hidden from her.
    #[error("A LINK `{institution}` HAS NOT SIGNED FOR: in the request it rests on, {fault}")]
    LinkNotSigned {
        /// The institution.
        institution: String,
        /// What is wrong with the request.
        fault: Fault,
    },
    /// A record rests on what an institution signed, and it has signed something else, or with no
    /// key of its own, or nothing: the operator may have made it up.
    #[error("A RECORD `{institution}` HAS NOT SIGNED FOR: {fault}")]
    NotSigned {
        /// The institution.
        institution: String,
        /// What is wrong with what it rests on.
        fault: Fault,
    },
    /// The record says that she did what she had not shown enough for.
    #[error("she had not shown enough for it: {0}")]
    NotShown(Fault),
    /// It names a record of hers that is none, or had ended.
    #[error("its `{field}` names nothing of hers that stood then")]
    RestsOnNothing {
        /// Which field.
        field: &'static str,
    },
    /// The writer records no such thing: it was recorded past the rules.
    #[error("cannot follow from the records before it: {what}")]
    Contradiction {
        /// What it contradicts.
        what: &'static str,
    },
    /// L is drawn for one link.
    #[error("the link with `{institution}` has the key of an earlier link")]
    LinkKeyTwice {
        /// The institution.
        institution: String,
    },
    /// A permit at an institution that has no code for her.
    #[error("permits access at `{holder}`, which had no link to her")]
    NoLink {
        /// The institution.
        holder: String,
    },
    /// The entry does not carry its gate, so no holder would have released on it, or on another
    /// one.
    #[error("entry {index} does not carry gate {number} of the link with `{holder}`")]
    WrongGate {
        /// The entry.
        index: LeafIndex,
        /// The gate's number.
        number: GateNumber,
        /// The institution.
        holder: String,
    },
    /// A record of hers carries the gate of a permit it is not.
    #[error(
        "its entry {index} carries gate {number} of the link with `{holder}`, which is not that of this record"
    )]
    OtherGate {
        /// The entry.
        index: LeafIndex,
        /// The gate's number.
        number: GateNumber,
        /// The institution.
        holder: String,
    },
    /// Her data could be opened by an entry that is not hers.
    #[error(
        "A PERMIT HIDDEN FROM HER: carries gate {number} of her link with `{holder}`, but is none of her records"
    )]
    ForeignGate {
        /// The gate's number.
        number: GateNumber,
        /// The institution.
        holder: String,
    },
}

impl Severe for Problem {
    fn severity(&self) -> Severity {
        match self {
            Self::Io(_)
            | Self::File(HistoryError::Header)
            | Self::OtherLog { .. }
            | Self::OlderLog { .. }
            | Self::OlderThanLog { .. }
            | Self::KeyOfOtherLog { .. }
            | Self::KeyOfOtherEpoch { .. }
            | Self::UnknownEpoch { .. }
            | Self::NoRecords
            | Self::OtherKey
            | Self::Missing { .. }
            | Self::Closed { .. }
            | Self::UnknownLink { .. }
            | Self::UnknownKind { .. } => Severity::CouldNotCheck,
            _ => Severity::DishonestOrBroken,
        }
    }
}

impl From<DisclosureError> for Problem {
    fn from(error: DisclosureError) -> Self {
        match error {
            DisclosureError::Record(RecordError::Unknown { kind, schema }) => Self::UnknownKind {
                kind: printable(&kind),
                schema,
            },
            other => Self::Fields(other),
        }
    }
}

fn state(closed: Closed) -> String {
    match closed {
        Closed::Lost => "its body is lost".to_owned(),
        Closed::Withheld { reveal_by: None } => "its body is withheld".to_owned(),
        Closed::Withheld {
            reveal_by: Some(time),
        } => {
            let until = rfc3339(time.as_millis());
            format!("its body is withheld until {until} at the latest")
        }
        Closed::Erased => "its body was erased".to_owned(),
    }
}

fn at(index: Option<LeafIndex>) -> String {
    index
        .map(|index| format!(" (entry {index})"))
        .unwrap_or_default()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Key => f.write_str("key"),
            Self::Record(seq) => write!(f, "record {seq}"),
            Self::Entry(index) => write!(f, "entry {index}"),
        }
    }
}

//! A record: what an entry of the public log commits to (docs/RECORD_FORMAT.md 2).
//!
//! ```text
//! position 0    1      2      3    | stream's own           | then   then         | kind's own ...
//! person   kind schema origin time | subject epoch seq prev | engine retain_until |
//! institution                      | institution seq prev   |                     |
//! registry                         | seq                    |                     |
//! ```
//! A record holds *all* fields of its kind and schema in this order. Position i has exactly one
//! name, every value one spelling ([`value`]). Positions 0-2 are opened in every disclosure.

pub mod body;
pub mod closed;
pub mod commitment;
pub mod disclosure_text;
pub mod fields;
pub mod hashed;
pub mod kind;
pub mod value;
pub mod word;

use fields::{Fields, FieldsError, fields};
use value::{VALUE_LEN_MAX, Value, ValueError};

use crate::ids::{Epoch, InstitutionId, LeafIndex, Seq, SubjectHandle, Timestamp};
use akashi_tlog::checkpoint::Origin;
pub use closed::Closed;
pub use kind::{Event, Kind, StreamKind};

/// Where a record stands in its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// In the registry.
    Registry(RegistryPosition),
    /// In an institution's stream.
    Institution(InstitutionPosition),
    /// In a person's stream.
    Person(PersonPosition),
}

fields! {
    /// Place in the registry.
    pub struct RegistryPosition {
        /// 1, 2, 3 ... without a gap.
        seq: Seq,
    }

    /// Place in an institution's stream.
    pub struct InstitutionPosition {
        /// Whose stream.
        institution: InstitutionId,
        /// 1, 2, 3 ... without a gap.
        seq: Seq,
        /// Log index of the record before in this stream.
        prev: Option<LeafIndex>,
    }

    /// Place in a person's stream.
    pub struct PersonPosition {
        /// Whose stream; never opened to an institution.
        subject: SubjectHandle,
        /// Epoch of the tag key.
        epoch: Epoch,
        /// 1, 2, 3 ... without a gap within the epoch.
        seq: Seq,
        /// Log index of the person's record before.
        prev: Option<LeafIndex>,
    }
}

impl Position {
    /// The `seq` of whichever stream it is.
    pub const fn seq(&self) -> Seq {
        match self {
            Self::Registry(p) => p.seq,
            Self::Institution(p) => p.seq,
            Self::Person(p) => p.seq,
        }
    }
}

/// One record, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The log it belongs to.
    pub origin: Origin,
    /// The sequencer's time.
    pub time: Timestamp,
    /// Its place in its stream.
    pub position: Position,
    /// Version of the decision procedure that made it.
    pub engine: String,
    /// Until when its body must be kept.
    pub retain_until: Timestamp,
    /// What happened.
    pub event: Event,
}

/// Why values are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The kind or its schema is not known to this version: the record could not be checked.
    #[error("kind `{kind}` schema {schema} is not known to this version")]
    Unknown {
        /// The name found at position 0.
        kind: String,
        /// The number found at position 1.
        schema: u64,
    },
    /// A common field is missing or misspelt.
    #[error("field `{name}`: {error}")]
    Common {
        /// The field's name.
        name: &'static str,
        /// What was wrong.
        error: ValueError,
    },
    /// The stream's or the kind's own fields are wrong.
    #[error(transparent)]
    Fields(#[from] FieldsError),
    /// The kind belongs to another stream than the position says.
    #[error("kind `{kind}` belongs to the {expected} stream")]
    Stream {
        /// The kind.
        kind: &'static str,
        /// Its stream.
        expected: StreamKind,
    },
}

/// Names at positions 0 to 3.
const FIRST_NAMES: [&str; 4] = ["kind", "schema", "origin", "time"];
/// Names after the stream's own.
const THEN_NAMES: [&str; 2] = ["engine", "retain_until"];

/// The names of all positions of a kind, in order: position i has exactly one name.
pub fn field_names(kind: Kind) -> Vec<&'static str> {
    let stream = stream_names(kind.stream());
    [&FIRST_NAMES, stream, &THEN_NAMES, kind.own_names()].concat()
}

/// The types of all positions of a kind, in the same order.
pub fn field_types(kind: Kind) -> Vec<&'static str> {
    let stream = match kind.stream() {
        StreamKind::Registry => RegistryPosition::TYPES,
        StreamKind::Institution => InstitutionPosition::TYPES,
        StreamKind::Person => PersonPosition::TYPES,
    };
    [
        &["String", "u64", "Origin", "Timestamp"],
        stream,
        &["String", "Timestamp"],
        kind.own_types(),
    ]
    .concat()
}

const fn stream_names(stream: StreamKind) -> &'static [&'static str] {
    match stream {
        StreamKind::Registry => RegistryPosition::NAMES,
        StreamKind::Institution => InstitutionPosition::NAMES,
        StreamKind::Person => PersonPosition::NAMES,
    }
}

impl Record {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        self.event.kind()
    }

    /// Place in the stream: the `seq` of whichever stream it is.
    pub const fn seq(&self) -> Seq {
        self.position.seq()
    }

    /// The values of all positions, in order.
    pub fn values(&self) -> Vec<Vec<u8>> {
        let kind = self.kind();
        let mut values = vec![
            kind.name().to_owned().encode(),
            kind.schema().encode(),
            self.origin.as_str().to_owned().encode(),
            self.time.encode(),
        ];
        values.extend(match &self.position {
            Position::Registry(p) => p.values(),
            Position::Institution(p) => p.values(),
            Position::Person(p) => p.values(),
        });
        values.push(self.engine.encode());
        values.push(self.retain_until.encode());
        values.extend(self.event.values());
        values
    }

    /// Reads a record back from the values of all its positions; refuses any other count, order or
    /// spelling.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn from_values(values: &[&[u8]]) -> Result<Self, RecordError> {
        if let Some(long) = values.iter().find(|value| value.len() > VALUE_LEN_MAX) {
            return Err(RecordError::Common {
                name: "value",
                error: ValueError::TooLong(long.len()),
            });
        }
        let mut rest = values;
        let kind_name: String = take(&mut rest, "kind")?;
        let schema: u64 = take(&mut rest, "schema")?;
        let kind = Kind::parse(&kind_name)
            .filter(|kind| kind.schema() == schema)
            .ok_or(RecordError::Unknown {
                kind: kind_name,
                schema,
            })?;
        let origin: String = take(&mut rest, "origin")?;
        let origin = Origin::new(&origin).map_err(|_| RecordError::Common {
            name: "origin",
            error: ValueError::Type("an origin"),
        })?;
        let time = take(&mut rest, "time")?;

        let stream = kind.stream();
        let expected = field_names(kind).len();
        let (own_position, after) =
            rest.split_at_checked(stream_names(stream).len())
                .ok_or(FieldsError::Count {
                    expected,
                    found: values.len(),
                })?;
        let position = match stream {
            StreamKind::Registry => {
                Position::Registry(RegistryPosition::from_values(own_position)?)
            }
            StreamKind::Institution => {
                Position::Institution(InstitutionPosition::from_values(own_position)?)
            }
            StreamKind::Person => Position::Person(PersonPosition::from_values(own_position)?),
        };
        rest = after;
        let engine = take(&mut rest, "engine")?;
        let retain_until = take(&mut rest, "retain_until")?;
        let event = Event::from_values(kind, rest)?;
        Ok(Self {
            origin,
            time,
            position,
            engine,
            retain_until,
            event,
        })
    }
}

fn take<T: Value>(rest: &mut &[&[u8]], name: &'static str) -> Result<T, RecordError> {
    let (first, after) = rest.split_first().ok_or(RecordError::Common {
        name,
        error: ValueError::Absent,
    })?;
    *rest = after;
    T::decode(first).map_err(|error| RecordError::Common { name, error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::kind::{InstitutionSuspended, RoleEnded};
    use crate::record::value::Bytes;

    fn record() -> Record {
        Record {
            origin: Origin::new("demo.akashi.example/log").unwrap(),
            time: Timestamp::from_millis(1_760_000_000_000),
            position: Position::Registry(RegistryPosition {
                seq: Seq::new(4).unwrap(),
            }),
            engine: "akashi-policies 1".into(),
            retain_until: Timestamp::from_millis(1_860_000_000_000),
            event: Event::InstitutionSuspended(InstitutionSuspended {
                institution: InstitutionId::parse("hospital.chuo").unwrap(),
                reason: "inspection".into(),
                statements: vec![Bytes(b"a.b.c".to_vec()), Bytes(b"d.e.f".to_vec())],
            }),
        }
    }

    #[test]
    fn a_record_reads_back_as_written() {
        let values = record().values();
        let borrowed: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        assert_eq!(values.len(), field_names(Kind::InstitutionSuspended).len());
        assert_eq!(Record::from_values(&borrowed), Ok(record()));
    }

    #[test]
    fn another_count_order_or_kind_is_refused() {
        let values = record().values();
        let all: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        assert!(
            Record::from_values(&all[..all.len() - 1]).is_err(),
            "one field short"
        );
        assert!(
            Record::from_values(&[&all[..], &[&[0u8][..]]].concat()).is_err(),
            "one field more"
        );
        let mut swapped = all.clone();
        swapped.swap(0, 2);
        assert!(
            Record::from_values(&swapped).is_err(),
            "kind and origin swapped"
        );
        for cut in 0..all.len() {
            assert!(Record::from_values(&all[..cut]).is_err());
        }
        let long = vec![1; VALUE_LEN_MAX + 1];
        let mut lengthened = all.clone();
        lengthened[6] = &long;
        assert!(
            Record::from_values(&lengthened).is_err(),
            "a value longer than any honest one"
        );
        let unknown = String::from("institution.exalted").encode();
        let mut renamed = all.clone();
        renamed[0] = &unknown;
        assert!(matches!(
            Record::from_values(&renamed),
            Err(RecordError::Unknown { .. })
        ));
    }

    #[test]
    fn names_are_unique_within_every_kind_and_name_the_kind() {
        for kind in Kind::ALL {
            let names = field_names(*kind);
            let mut unique = names.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), names.len(), "{}", kind.name());
            assert_eq!(Kind::parse(kind.name()), Some(*kind));
            assert!(names.iter().all(|name| name.len() <= 255));
        }
        assert!(<RoleEnded as Fields>::NAMES.contains(&"role"));
    }
}

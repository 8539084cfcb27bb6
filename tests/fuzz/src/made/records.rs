//! A record of each kind: everything that may be there, and where that makes a difference one
//! without.

use akashi_proof::digest::Secret;
use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::record::value::Value;
use akashi_proof::record::{Kind, Position, Record, body, field_names, field_types};

use super::{Seed, seed, values};

/// The key of all made records.
pub const RECORD_KEY: Secret = Secret::from_bytes([11; 32]);

pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for kind in Kind::ALL {
        let whole = record(*kind, true);
        seeds.push(seed(
            "record",
            kind.name(),
            body::encode(&whole, &RECORD_KEY),
        ));
        let bare = record(*kind, false);
        if bare.event != whole.event {
            let name = format!("{}-bare", kind.name());
            seeds.push(seed("record", name, body::encode(&bare, &RECORD_KEY)));
        }
    }
    seeds
}

/// A record of this kind, the first of its stream.
pub fn record(kind: Kind, full: bool) -> Record {
    let fields = field_names(kind).into_iter().zip(field_types(kind));
    let values = fields.map(|(name, ty)| match name {
        "kind" => kind.name().to_owned().encode(),
        "schema" => kind.schema().encode(),
        "prev" => values::of(ty, false),
        _ => values::of(ty, full),
    });
    let values: Vec<Vec<u8>> = values.collect();
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    Record::from_values(&values).unwrap_or_else(|error| panic!("{}: {error}", kind.name()))
}

/// The same at this place of a person's stream, every other entry of the log being hers.
pub fn at(mut record: Record, seq: u64) -> (LeafIndex, Record) {
    if let Position::Person(place) = &mut record.position {
        place.seq = Seq::new(seq).unwrap();
        place.prev = (seq > 1).then(|| LeafIndex::new(2 * seq - 2));
    }
    (LeafIndex::new(2 * seq), record)
}

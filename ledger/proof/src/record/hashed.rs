//! A record worked out: its values and the hashes of its fields.
//!
//! Commitment, body and every disclosure are read off it. Hashing some forty fields is most of what a record costs, so
//! it is done once.

use super::commitment::{ALWAYS_OPEN, Disclosure, OpenedField, Salts, commitment, field_hashes};
use super::{Kind, Record, body, field_names};
use crate::digest::{Digest, Secret};

/// The values and field hashes of one record under its key.
#[derive(Clone, Debug)]
pub struct Hashed {
    kind: Kind,
    values: Vec<Vec<u8>>,
    hashes: Vec<Digest>,
}

impl Hashed {
    /// Works out a record under its key.
    pub fn new(record: &Record, record_key: &Secret) -> Self {
        let (kind, values) = (record.kind(), record.values());
        let names = field_names(kind);
        let hashes = field_hashes(record_key, names.into_iter().zip(values.iter().map(Vec::as_slice)));
        Self { kind, values, hashes }
    }

    /// What the entry commits to.
    pub fn commitment(&self) -> Digest {
        commitment(&self.hashes)
    }

    /// The bytes [`body::encode`] writes.
    pub fn body(&self, record_key: &Secret) -> Vec<u8> {
        body::encode_values(&self.values, record_key)
    }

    /// Opens the named fields besides kind, schema and origin; all others stay closed. The key must be the same.
    pub fn disclose(&self, record_key: &Secret, open: &[&str]) -> Disclosure {
        let salts = Salts::of(record_key);
        let mut disclosure = Disclosure::default();
        for (position, name) in field_names(self.kind).into_iter().enumerate() {
            let at = position as u16;
            if ALWAYS_OPEN.contains(&position) || open.contains(&name) {
                let value = self.values[position].clone();
                disclosure.opened.insert(at, OpenedField { name: name.to_owned(), value, salt: salts.at(at) });
            } else {
                disclosure.closed.insert(at, self.hashes[position]);
            }
        }
        disclosure
    }

    /// Positions and values of the named fields, in the order given; a name the kind does not have is left out.
    pub fn values_of<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = (u16, &'a [u8])> {
        let known = field_names(self.kind);
        let position = move |name: &&str| known.iter().position(|known| known == name);
        names.iter().filter_map(position).map(|position| (position as u16, self.values[position].as_slice()))
    }
}

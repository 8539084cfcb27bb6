//! A record worked out: its values and the hashes of its fields.
//!
//! Commitment, body and every disclosure are read off it. Hashing some forty fields is most of what
//! a record costs, so it is done once.

use super::commitment::{
    ALWAYS_OPEN, Disclosure, OpenedField, Salts, commitment, field_hash, field_hashes,
};
use super::{Kind, Record, body, field_names};
use crate::digest::{Digest, Secret};
use crate::framing::position;

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
        let hashes = field_hashes(
            record_key,
            names.into_iter().zip(values.iter().map(Vec::as_slice)),
        );
        Self {
            kind,
            values,
            hashes,
        }
    }

    /// The same, where a draft of the record has been worked out before under the same key: only
    /// what has changed since is hashed. However wrong the draft, the outcome is that of
    /// [`Self::new`].
    pub fn after_draft(record: &Record, record_key: &Secret, draft: &Self) -> Self {
        let (kind, values) = (record.kind(), record.values());
        let (names, drafted) = (field_names(kind), field_names(draft.kind));
        let salts = Salts::of(record_key);
        let hash = |(at, (name, value)): (usize, (&&str, &Vec<u8>))| {
            let same = drafted.get(at) == Some(name) && draft.values.get(at) == Some(value);
            match draft.hashes.get(at) {
                Some(hash) if same => *hash,
                _ => field_hash(&salts.at(position(at)), name, value),
            }
        };
        let hashes = names.iter().zip(&values).enumerate().map(hash).collect();
        Self {
            kind,
            values,
            hashes,
        }
    }

    /// What the entry commits to.
    pub fn commitment(&self) -> Digest {
        commitment(&self.hashes)
    }

    /// The bytes [`body::encode`] writes.
    pub fn body(&self, record_key: &Secret) -> Vec<u8> {
        body::encode_values(&self.values, record_key)
    }

    /// Opens the named fields besides kind, schema and origin; all others stay closed. The key must
    /// be the same.
    pub fn disclose(&self, record_key: &Secret, open: &[&str]) -> Disclosure {
        let salts = Salts::of(record_key);
        let mut disclosure = Disclosure::default();
        let fields = field_names(self.kind)
            .into_iter()
            .zip(self.values.iter().zip(&self.hashes));
        for (place, (name, (value, hash))) in fields.enumerate() {
            let at = position(place);
            if ALWAYS_OPEN.contains(&place) || open.contains(&name) {
                let field = OpenedField {
                    name: name.to_owned(),
                    value: value.clone(),
                    salt: salts.at(at),
                };
                disclosure.opened.insert(at, field);
            } else {
                disclosure.closed.insert(at, *hash);
            }
        }
        disclosure
    }

    /// Positions and values of the named fields, in the order given; a name the kind does not have
    /// is left out.
    pub fn values_of<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = (u16, &'a [u8])> {
        let known = field_names(self.kind);
        names.iter().filter_map(move |name| {
            let at = known.iter().position(|known| known == name)?;
            Some((position(at), self.values.get(at)?.as_slice()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Seq;
    use crate::ids::{InstitutionId, RoleCode, RoleHolderId, Timestamp};
    use crate::record::kind::{Event, RoleAssigned, RoleEnded};
    use crate::record::value::Bytes;
    use crate::record::{InstitutionPosition, Position};
    use akashi_tlog::checkpoint::Origin;

    const KEY: Secret = Secret::from_bytes([7; 32]);

    fn record(seq: Seq, event: Event) -> Record {
        let institution = InstitutionId::parse("city.minato").unwrap();
        Record {
            origin: Origin::new("demo.akashi.example/log").unwrap(),
            time: Timestamp::from_millis(seq.value()),
            position: Position::Institution(InstitutionPosition {
                institution,
                seq,
                prev: None,
            }),
            engine: "test".into(),
            retain_until: Timestamp::from_millis(2),
            event,
        }
    }

    fn ended(holder: &str) -> Event {
        Event::RoleEnded(RoleEnded {
            role_holder: RoleHolderId::parse(holder).unwrap(),
            role: RoleCode::parse("physician").unwrap(),
            statement: Bytes(b"x.y.z".to_vec()),
        })
    }

    /// A draft is a guess: right, wrong in some fields, or of another kind with other fields at the
    /// same positions.
    #[test]
    fn no_draft_changes_the_commitment() {
        let granted = Event::RoleAssigned(RoleAssigned {
            role_holder: RoleHolderId::parse("tanaka-3").unwrap(),
            role: RoleCode::parse("physician").unwrap(),
            valid_from: Timestamp::from_millis(1),
            valid_until: None,
            statement: Bytes(b"x.y.z".to_vec()),
        });
        let record_of = |seq, event: &Event| record(seq, event.clone());
        let all = [
            record_of(Seq::FIRST, &ended("tanaka-3")),
            record_of(Seq::new(2).unwrap(), &ended("sato-1")),
            record_of(Seq::FIRST, &granted),
        ];
        for truth in &all {
            let plain = Hashed::new(truth, &KEY);
            for draft in &all {
                let hashed = Hashed::after_draft(truth, &KEY, &Hashed::new(draft, &KEY));
                assert_eq!(hashed.commitment(), plain.commitment());
                assert_eq!(hashed.body(&KEY), plain.body(&KEY));
                assert_eq!(
                    hashed.disclose(&KEY, &["role"]).verify(),
                    Ok((truth.kind(), plain.commitment()))
                );
            }
        }
    }
}

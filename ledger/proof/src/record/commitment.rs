//! The commitment of a record, and the opening of any subset of its fields (docs/RECORD_FORMAT.md
//! 2.1).
//!
//! ```text
//! salt_i     = HMAC-SHA-256(record_key, "akashi/salt/v1" || u16 i)
//! field_i    = SHA-256("akashi/field/v1" || salt_i || u8 len(name) || name
//!                      || u32 len(value) || value)
//! commitment = SHA-256("akashi/record/v1" || u16 n || field_0 ... field_{n-1})
//! ```
//! Whoever has `record_key` can open every field; whoever has a salt and a value can open that one;
//! bare hashes stand for the rest and tell nothing.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::hashed::Hashed;
use super::{Kind, Record, RecordError, field_names};
use crate::digest::{Digest, Secret, hmac_keyed};
use crate::framing::{count_u16, len_u8, len_u32, position};
use crate::record::fields::Fields;
use crate::record::value::Value;

/// Positions opened in every disclosure: kind, schema, origin.
pub const ALWAYS_OPEN: [usize; 3] = [0, 1, 2];

/// The salts of one record.
pub struct Salts(Hmac<Sha256>);

impl Salts {
    /// Those under this record key.
    pub fn of(record_key: &Secret) -> Self {
        Self(hmac_keyed(record_key.expose()))
    }

    /// The salt of one position.
    pub fn at(&self, position: u16) -> Secret {
        let mut message = *b"akashi/salt/v1..";
        message[14..].copy_from_slice(&position.to_be_bytes());
        let mut mac = self.0.clone();
        mac.update(&message);
        Secret::from_bytes(mac.finalize().into_bytes().into())
    }
}

/// The hash of one field, given its salt, its name and its value with marker.
pub fn field_hash(salt: &Secret, name: &str, value: &[u8]) -> Digest {
    Digest::of(&[
        b"akashi/field/v1",
        salt.expose(),
        &[len_u8(name.as_bytes())],
        name.as_bytes(),
        &len_u32(value),
        value,
    ])
}

/// The hashes of all fields of a record, in order.
pub fn field_hashes<'a>(
    record_key: &Secret,
    fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Vec<Digest> {
    let salts = Salts::of(record_key);
    let one = |(at, (name, value)): (usize, (&str, &[u8]))| {
        field_hash(&salts.at(position(at)), name, value)
    };
    fields.into_iter().enumerate().map(one).collect()
}

/// The commitment over the hashes of all fields.
pub fn commitment(field_hashes: &[Digest]) -> Digest {
    let mut bytes = Vec::with_capacity(18 + 32 * field_hashes.len());
    bytes.extend_from_slice(b"akashi/record/v1");
    bytes.extend_from_slice(&count_u16(field_hashes.len()));
    for hash in field_hashes {
        bytes.extend_from_slice(hash.as_bytes());
    }
    Digest::of(&[&bytes])
}

/// The commitment of a complete record.
pub fn commit(record: &Record, record_key: &Secret) -> Digest {
    Hashed::new(record, record_key).commitment()
}

/// One field opened: whoever sees it can recompute its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedField {
    /// Its name; must be the schema's at this position.
    pub name: String,
    /// Its value with marker.
    pub value: Vec<u8>,
    /// Its salt.
    pub salt: Secret,
}

/// Some fields opened, bare hashes for the rest: together exactly the positions 0..n.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disclosure {
    /// Opened fields by position.
    pub opened: BTreeMap<u16, OpenedField>,
    /// Hashes of the closed ones by position.
    pub closed: BTreeMap<u16, Digest>,
}

/// Why a disclosure cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// A position is missing, or there is one too many.
    #[error("expected positions 0 to {expected}, each once; position {position} is not")]
    Positions {
        /// The last position.
        expected: usize,
        /// The first that is wrong.
        position: usize,
    },
    /// Kind, schema and origin must be open.
    #[error("position {0} must be opened in every disclosure")]
    MustBeOpen(usize),
    /// The count of positions is not the schema's.
    #[error("expected {expected} fields in kind `{kind}`, found {found}")]
    Count {
        /// The kind.
        kind: &'static str,
        /// What the schema says.
        expected: usize,
        /// What was there.
        found: usize,
    },
    /// An opened field carries another name than the schema's.
    #[error("position {position} of kind `{kind}` is `{expected}`, found another name")]
    Name {
        /// The kind.
        kind: &'static str,
        /// The position.
        position: usize,
        /// The schema's name.
        expected: &'static str,
    },
    /// A kind or schema this version does not know: could not be checked.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A value has another spelling than its type's.
    #[error("field `{name}`: {error}")]
    Value {
        /// The field.
        name: &'static str,
        /// What was wrong.
        error: super::value::ValueError,
    },
    /// A field that is needed is closed.
    #[error("field `{0}` must be opened")]
    Closed(&'static str),
}

impl Disclosure {
    /// Opens the named fields of a record besides kind, schema and origin; all others stay closed.
    pub fn open(record: &Record, record_key: &Secret, open: &[&str]) -> Self {
        Hashed::new(record, record_key).disclose(record_key, open)
    }

    /// Recomputes the commitment and checks every opened name against the schema.
    ///
    /// # Errors
    /// [`DisclosureError`].
    pub fn verify(&self) -> Result<(Kind, Digest), DisclosureError> {
        let commitment = self.commitment()?;
        let n = self.opened.len() + self.closed.len();
        if let Some(position) = ALWAYS_OPEN
            .into_iter()
            .find(|p| !self.opened.contains_key(&position(*p)))
        {
            return Err(DisclosureError::MustBeOpen(position));
        }
        let kind = self.kind()?;
        let names = field_names(kind);
        if names.len() != n {
            return Err(DisclosureError::Count {
                kind: kind.name(),
                expected: names.len(),
                found: n,
            });
        }
        for (at, field) in &self.opened {
            let position = usize::from(*at);
            let expected = names.get(position).copied().unwrap_or_default();
            if field.name != expected {
                return Err(DisclosureError::Name {
                    kind: kind.name(),
                    position,
                    expected,
                });
            }
        }
        Ok((kind, commitment))
    }

    /// The commitment alone, under the names it says: of a kind this version does not know it can
    /// still be told whether the log holds it.
    ///
    /// # Errors
    /// [`DisclosureError::Positions`].
    pub fn commitment(&self) -> Result<Digest, DisclosureError> {
        let n = self.opened.len() + self.closed.len();
        let mut hashes = Vec::with_capacity(n);
        for place in 0..n {
            let at = position(place);
            let hash = match (self.opened.get(&at), self.closed.get(&at)) {
                (Some(field), None) => field_hash(&field.salt, &field.name, &field.value),
                (None, Some(hash)) => *hash,
                _ => {
                    return Err(DisclosureError::Positions {
                        expected: n.saturating_sub(1),
                        position: place,
                    });
                }
            };
            hashes.push(hash);
        }
        Ok(commitment(&hashes))
    }

    /// Reads an opened field by its name. Only meaningful after [`Self::verify`].
    ///
    /// # Errors
    /// [`DisclosureError`] if the field is not opened, or not of this type.
    pub fn field<T: Value>(&self, name: &'static str) -> Result<T, DisclosureError> {
        let field = self
            .opened
            .values()
            .find(|field| field.name == name)
            .ok_or(DisclosureError::Closed(name))?;
        T::decode(&field.value).map_err(|error| DisclosureError::Value { name, error })
    }

    /// Reads a list of opened fields by their names. Only meaningful after [`Self::verify`].
    ///
    /// # Errors
    /// [`DisclosureError`] as [`Self::field`].
    pub fn fields<T: Fields>(&self) -> Result<T, DisclosureError> {
        let value = |name: &&'static str| {
            let mut opened = self.opened.values();
            let field = opened.find(|field| field.name == *name);
            field
                .map(|field| field.value.as_slice())
                .ok_or(DisclosureError::Closed(name))
        };
        let values = T::NAMES.iter().map(value).collect::<Result<Vec<_>, _>>()?;
        T::from_values(&values).map_err(|error| DisclosureError::Record(error.into()))
    }

    fn kind(&self) -> Result<Kind, DisclosureError> {
        let at = |position: u16, name| {
            self.opened
                .get(&position)
                .ok_or(DisclosureError::Closed(name))
        };
        let kind =
            String::decode(&at(0, "kind")?.value).map_err(|error| DisclosureError::Value {
                name: "kind",
                error,
            })?;
        let schema =
            u64::decode(&at(1, "schema")?.value).map_err(|error| DisclosureError::Value {
                name: "schema",
                error,
            })?;
        Kind::parse(&kind)
            .filter(|known| known.schema() == schema)
            .ok_or_else(|| RecordError::Unknown { kind, schema }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::LeafIndex;
    use crate::ids::Seq;
    use crate::ids::{RoleCode, RoleHolderId, Timestamp};
    use crate::record::kind::{Event, RoleEnded};
    use crate::record::value::Bytes;
    use crate::record::{InstitutionPosition, Position};
    use akashi_tlog::checkpoint::Origin;

    fn record() -> Record {
        Record {
            origin: Origin::new("demo.akashi.example/log").unwrap(),
            time: Timestamp::from_millis(1),
            position: Position::Institution(InstitutionPosition {
                institution: crate::ids::InstitutionId::parse("city.minato").unwrap(),
                seq: Seq::new(2).unwrap(),
                prev: Some(LeafIndex::new(7)),
            }),
            engine: "test".into(),
            retain_until: Timestamp::from_millis(2),
            event: Event::RoleEnded(RoleEnded {
                role_holder: RoleHolderId::parse("tanaka-3").unwrap(),
                role: RoleCode::parse("welfare-officer").unwrap(),
                statement: Bytes(b"x.y.z".to_vec()),
            }),
        }
    }

    const KEY: Secret = Secret::from_bytes([7; 32]);

    #[test]
    fn any_subset_leads_to_the_same_commitment() {
        let whole = commit(&record(), &KEY);
        for open in [
            &[][..],
            &["role"],
            &["role", "time", "seq"],
            &field_names(Kind::RoleEnded),
        ] {
            assert_eq!(
                Disclosure::open(&record(), &KEY, open).verify().unwrap(),
                (Kind::RoleEnded, whole)
            );
        }
        assert_ne!(
            commit(&record(), &Secret::from_bytes([8; 32])),
            whole,
            "another record key hides the same record"
        );
    }

    #[test]
    fn a_field_moved_renamed_or_left_out_is_caught() {
        let honest = Disclosure::open(&record(), &KEY, &["role", "role_holder"]);
        let whole = honest.verify().unwrap().1;
        let role_at = *honest
            .opened
            .iter()
            .find(|(_, f)| f.name == "role")
            .unwrap()
            .0;

        let mut other_value = honest.clone();
        other_value.opened.get_mut(&role_at).unwrap().value =
            RoleCode::parse("mayor").unwrap().encode();
        assert_ne!(other_value.verify().unwrap().1, whole);

        let mut renamed = honest.clone();
        renamed.opened.get_mut(&role_at).unwrap().name = "role_holder".into();
        assert!(matches!(
            renamed.verify(),
            Err(DisclosureError::Name { .. })
        ));

        let mut left_out = honest.clone();
        left_out.closed.pop_last();
        assert!(matches!(
            left_out.verify(),
            Err(DisclosureError::Count { .. } | DisclosureError::Positions { .. })
        ));

        let mut hidden_kind = honest.clone();
        let kind = hidden_kind.opened.remove(&0).unwrap();
        hidden_kind
            .closed
            .insert(0, field_hash(&kind.salt, &kind.name, &kind.value));
        assert_eq!(hidden_kind.verify(), Err(DisclosureError::MustBeOpen(0)));

        let mut both = honest;
        both.closed.insert(role_at, Digest::from_bytes([0; 32]));
        assert!(both.verify().is_err());
    }
}

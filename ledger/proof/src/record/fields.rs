//! Declares what a record of each kind holds: one list of fields, from which the type, the order of
//! positions, the encoder and the strict decoder follow. Nothing else in the code base spells a
//! field's position.

use super::value::ValueError;

/// Why a list of values is not a record of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// The number of fields is not the schema's.
    #[error("expected {expected} fields, found {found}")]
    Count {
        /// What the schema says.
        expected: usize,
        /// What was there.
        found: usize,
    },
    /// A field's bytes are not a value of its type.
    #[error("field `{name}`: {error}")]
    Value {
        /// The schema's name of the field.
        name: &'static str,
        /// What was wrong.
        error: ValueError,
    },
}

/// A fixed list of named values: a head, a stream's position, or what a kind adds of its own.
pub trait Fields: Sized {
    /// The names, in the order of their positions.
    const NAMES: &'static [&'static str];
    /// The types, in the same order, as `docs/RECORD_FORMAT.md` names them.
    const TYPES: &'static [&'static str];
    /// The values in the order of [`Self::NAMES`], each in its one spelling.
    fn values(&self) -> Vec<Vec<u8>>;
    /// Reads the values back; refuses another count or another spelling.
    fn from_values(values: &[&[u8]]) -> Result<Self, FieldsError>;
}

/// Named values in one byte string: `(u32 length | value)*` in the order of [`Fields::NAMES`].
pub(crate) fn frame(fields: &impl Fields) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in fields.values() {
        bytes.extend_from_slice(&(value.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&value);
    }
    bytes
}

/// Reads what [`frame`] wrote.
pub(crate) fn unframe<T: Fields>(bytes: &[u8]) -> Result<T, FieldsError> {
    let mut values = Vec::with_capacity(T::NAMES.len());
    let mut rest = bytes;
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let Some((value, after)) = after.split_at_checked(u32::from_be_bytes(*len) as usize) else {
            break;
        };
        values.push(value);
        rest = after;
    }
    if rest.is_empty() {
        T::from_values(&values)
    } else {
        Err(FieldsError::Count {
            expected: T::NAMES.len(),
            found: values.len(),
        })
    }
}

/// Lets structs of named values stand as items of a list.
macro_rules! nested_items {
    ($( $name:ident ),*) => { $(
        impl $crate::record::value::Item for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&$crate::record::fields::frame(self));
            }

            fn read(bytes: &[u8]) -> Result<Self, $crate::record::value::ValueError> {
                $crate::record::fields::unframe(bytes)
                    .map_err(|_| $crate::record::value::ValueError::Type(concat!("a ", stringify!($name))))
            }
        }
    )* };
}
pub(crate) use nested_items;

/// Declares a struct whose fields, in this order, are positions of a record.
macro_rules! fields {
    ($( $(#[$doc:meta])* $vis:vis struct $name:ident { $( $(#[$fdoc:meta])* $field:ident: $ty:ty ),* $(,)? } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name { $( $(#[$fdoc])* pub $field: $ty ),* }

        impl $crate::record::fields::Fields for $name {
            const NAMES: &'static [&'static str] = &[ $( stringify!($field) ),* ];
            const TYPES: &'static [&'static str] = &[ $( stringify!($ty) ),* ];

            fn values(&self) -> Vec<Vec<u8>> {
                vec![ $( $crate::record::value::Value::encode(&self.$field) ),* ]
            }

            fn from_values(values: &[&[u8]]) -> Result<Self, $crate::record::fields::FieldsError> {
                let [ $( $field ),* ] = values else {
                    return Err($crate::record::fields::FieldsError::Count {
                        expected: Self::NAMES.len(),
                        found: values.len(),
                    });
                };
                Ok(Self { $(
                    $field: $crate::record::value::Value::decode($field).map_err(|error| {
                        $crate::record::fields::FieldsError::Value { name: stringify!($field), error }
                    })?
                ),* })
            }
        }
    )* };
}
pub(crate) use fields;

/// Declares the closed enum of kinds: for each its variant, its fields, its name, its schema and
/// its stream.
macro_rules! kinds {
    ($( $(#[$doc:meta])* $variant:ident($fields:ident) = $name:literal, $schema:literal, $stream:ident; )*) => {
        /// The kind of a record, by name; what is not in this list could not be checked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $( $(#[$doc])* $variant ),* }

        impl Kind {
            /// Every kind, in the order of this file.
            pub const ALL: &[Self] = &[ $( Self::$variant ),* ];

            /// The name at position 0.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name ),* }
            }

            /// The schema's number at position 1.
            pub const fn schema(self) -> u64 {
                match self { $( Self::$variant => $schema ),* }
            }

            /// The stream all records of this kind belong to.
            pub const fn stream(self) -> StreamKind {
                match self { $( Self::$variant => StreamKind::$stream ),* }
            }

            /// The names of the fields this kind adds after the common ones.
            pub const fn own_names(self) -> &'static [&'static str] {
                match self { $( Self::$variant => <$fields as Fields>::NAMES ),* }
            }

            /// The types of those fields, in the same order.
            pub const fn own_types(self) -> &'static [&'static str] {
                match self { $( Self::$variant => <$fields as Fields>::TYPES ),* }
            }

            /// Reads a name; `None` for a kind this version does not know.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$variant), )* _ => None }
            }
        }

        /// What happened: a kind with its own fields.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "one lives for one command; a box would cost every access")]
        pub enum Event { $( $(#[$doc])* $variant($fields) ),* }

        impl Event {
            /// The kind.
            pub const fn kind(&self) -> Kind {
                match self { $( Self::$variant(_) => Kind::$variant ),* }
            }

            pub(crate) fn values(&self) -> Vec<Vec<u8>> {
                match self { $( Self::$variant(fields) => fields.values() ),* }
            }

            pub(crate) fn from_values(kind: Kind, values: &[&[u8]]) -> Result<Self, FieldsError> {
                match kind { $( Kind::$variant => $fields::from_values(values).map(Self::$variant) ),* }
            }
        }
    };
}
pub(crate) use kinds;

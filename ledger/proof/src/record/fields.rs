//! Declares what a record of each kind holds: one list of fields, from which the type, the order of
//! positions, the encoder and the strict decoder follow. Nothing else in the code base spells a
//! field's position.

use super::value::{Value, ValueError};
use crate::framing::{len_u32, split_len};

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
        bytes.extend_from_slice(&len_u32(&value));
        bytes.extend_from_slice(&value);
    }
    bytes
}

/// Reads what [`frame`] wrote.
pub(crate) fn unframe<T: Fields>(bytes: &[u8]) -> Result<T, FieldsError> {
    let mut values = Vec::with_capacity(T::NAMES.len());
    let mut rest = bytes;
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let Some((value, after)) = after.split_at_checked(split_len(*len)) else {
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
                    .map_err(|_| {
                        $crate::record::value::ValueError::Type(concat!("a ", stringify!($name)))
                    })
            }
        }
    )* };
}
pub(crate) use nested_items;

/// Declares a struct whose fields, in this order, are positions of a record. A field marked
/// `[flat]` is itself such a struct: its positions stand here, under their own names, one after the
/// other.
macro_rules! fields {
    ($(
        $(#[$doc:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$fdoc:meta])* $([$flat:ident])? $field:ident: $ty:ty ),* $(,)?
        }
    )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name { $( $(#[$fdoc])* pub $field: $ty ),* }

        impl $crate::record::fields::Fields for $name {
            const NAMES: &'static [&'static str] = {
                const PARTS: &[&[&str]] = &[ $(
                    $crate::record::fields::field!(names $([$flat])? $field: $ty)
                ),* ];
                const ALL: [&str; $crate::record::fields::count(PARTS)] =
                    $crate::record::fields::join(PARTS);
                &ALL
            };
            const TYPES: &'static [&'static str] = {
                const PARTS: &[&[&str]] = &[ $(
                    $crate::record::fields::field!(types $([$flat])? $field: $ty)
                ),* ];
                const ALL: [&str; $crate::record::fields::count(PARTS)] =
                    $crate::record::fields::join(PARTS);
                &ALL
            };

            fn values(&self) -> Vec<Vec<u8>> {
                let mut values = Vec::with_capacity(Self::NAMES.len());
                $( $crate::record::fields::field!(write $([$flat])? self.$field, values); )*
                values
            }

            fn from_values(values: &[&[u8]]) -> Result<Self, $crate::record::fields::FieldsError> {
                let mut rest = $crate::record::fields::Rest::of::<Self>(values)?;
                Ok(Self { $(
                    $field: $crate::record::fields::field!(read $([$flat])? $field: $ty, rest)?
                ),* })
            }
        }
    )* };
}
pub(crate) use fields;

/// One field of [`fields!`], plain or flat: its names, its types, its values, and reading them.
macro_rules! field {
    (names [flat] $field:ident: $ty:ty) => {
        <$ty as $crate::record::fields::Fields>::NAMES
    };
    (names $field:ident: $ty:ty) => {
        &[stringify!($field)]
    };
    (types [flat] $field:ident: $ty:ty) => {
        <$ty as $crate::record::fields::Fields>::TYPES
    };
    (types $field:ident: $ty:ty) => {
        &[stringify!($ty)]
    };
    (write [flat] $from:expr, $values:ident) => {
        $values.extend($crate::record::fields::Fields::values(&$from))
    };
    (write $from:expr, $values:ident) => {
        $values.push($crate::record::value::Value::encode(&$from))
    };
    (read [flat] $field:ident: $ty:ty, $rest:ident) => {
        $rest.flat::<$ty>()
    };
    (read $field:ident: $ty:ty, $rest:ident) => {
        $rest.next::<$ty>(stringify!($field))
    };
}
pub(crate) use field;

/// Values that are still to be read, of a struct that has exactly so many.
pub(crate) struct Rest<'a>(std::slice::Iter<'a, &'a [u8]>);

impl<'a> Rest<'a> {
    pub(crate) fn of<T: Fields>(values: &'a [&'a [u8]]) -> Result<Self, FieldsError> {
        if values.len() == T::NAMES.len() {
            Ok(Self(values.iter()))
        } else {
            Err(FieldsError::Count {
                expected: T::NAMES.len(),
                found: values.len(),
            })
        }
    }

    pub(crate) fn next<V: Value>(&mut self, name: &'static str) -> Result<V, FieldsError> {
        let value = self.0.next().copied().unwrap_or_default();
        V::decode(value).map_err(|error| FieldsError::Value { name, error })
    }

    pub(crate) fn flat<T: Fields>(&mut self) -> Result<T, FieldsError> {
        let values: Vec<&[u8]> = self.0.by_ref().take(T::NAMES.len()).copied().collect();
        T::from_values(&values)
    }
}

/// How many items all parts have together.
#[expect(
    clippy::indexing_slicing,
    reason = "worked out when compiled, where nothing can be iterated"
)]
pub(crate) const fn count(parts: &[&[&str]]) -> usize {
    let (mut count, mut part) = (0, 0);
    while part < parts.len() {
        count += parts[part].len();
        part += 1;
    }
    count
}

/// The items of all parts, `N` of them, in order.
#[expect(
    clippy::indexing_slicing,
    reason = "worked out when compiled, where nothing can be iterated"
)]
pub(crate) const fn join<const N: usize>(parts: &[&[&'static str]]) -> [&'static str; N] {
    let mut all = [""; N];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut item = 0;
        while item < parts[part].len() {
            all[at] = parts[part][item];
            at += 1;
            item += 1;
        }
        part += 1;
    }
    all
}

/// Declares the closed enum of kinds, stream by stream: for each its variant, its fields, its name
/// and its schema.
macro_rules! kinds {
    ($(
        $(#[$sdoc:meta])*
        $stream:ident as $view:ident {
            $( $(#[$doc:meta])* $variant:ident($fields:ident) = $name:literal, $schema:literal; )*
        }
    )*) => {
        /// The kind of a record, by name; what is not in this list could not be checked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($( $(#[$doc])* $variant ),*),* }

        impl Kind {
            /// Every kind, in the order of this file.
            pub const ALL: &[Self] = &[ $($( Self::$variant ),*),* ];

            /// The name at position 0.
            pub const fn name(self) -> &'static str {
                match self { $($( Self::$variant => $name ),*),* }
            }

            /// The schema's number at position 1.
            pub const fn schema(self) -> u64 {
                match self { $($( Self::$variant => $schema ),*),* }
            }

            /// The stream all records of this kind belong to.
            pub const fn stream(self) -> StreamKind {
                match self { $($( Self::$variant => StreamKind::$stream ),*),* }
            }

            /// The names of the fields this kind adds after the common ones.
            pub const fn own_names(self) -> &'static [&'static str] {
                match self { $($( Self::$variant => <$fields as Fields>::NAMES ),*),* }
            }

            /// The types of those fields, in the same order.
            pub const fn own_types(self) -> &'static [&'static str] {
                match self { $($( Self::$variant => <$fields as Fields>::TYPES ),*),* }
            }

            /// Reads a name; `None` for a kind this version does not know.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($( $name => Some(Self::$variant), )*)* _ => None }
            }
        }

        /// What happened: a kind with its own fields.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "one lives for one command; a box would cost every access")]
        pub enum Event { $($( $(#[$doc])* $variant($fields) ),*),* }

        impl Event {
            /// The kind.
            pub const fn kind(&self) -> Kind {
                match self { $($( Self::$variant(_) => Kind::$variant ),*),* }
            }

            /// What happened, by stream: whoever follows one stream matches its kinds only.
            pub const fn by_stream(&self) -> ByStream<'_> {
                match self {
                    $($( Self::$variant(fields) => ByStream::$stream($view::$variant(fields)) ),*),*
                }
            }

            pub(crate) fn values(&self) -> Vec<Vec<u8>> {
                match self { $($( Self::$variant(fields) => fields.values() ),*),* }
            }

            pub(crate) fn from_values(kind: Kind, values: &[&[u8]]) -> Result<Self, FieldsError> {
                match kind {
                    $($( Kind::$variant => $fields::from_values(values).map(Self::$variant) ),*),*
                }
            }
        }

        /// What happened, by stream.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ByStream<'a> { $( $(#[$sdoc])* $stream($view<'a>) ),* }

        $(
            $(#[$sdoc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $view<'a> { $( $(#[$doc])* $variant(&'a $fields) ),* }
        )*
    };
}
pub(crate) use kinds;

#[cfg(test)]
mod tests {
    use super::*;

    fields! {
        struct Inner {
            a: u64,
            b: String,
        }

        struct Outer {
            first: u64,
            [flat] inner: Inner,
            last: Option<String>,
        }
    }

    #[test]
    fn the_positions_of_a_flat_field_stand_in_its_place() {
        assert_eq!(Outer::NAMES, ["first", "a", "b", "last"]);
        assert_eq!(Outer::TYPES, ["u64", "u64", "String", "Option<String>"]);
        let inner = Inner {
            a: 2,
            b: "two".into(),
        };
        let outer = Outer {
            first: 1,
            inner,
            last: None,
        };
        let values = outer.values();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        assert_eq!(values[1], 2u64.encode());
        assert_eq!(Outer::from_values(&values), Ok(outer));
    }

    #[test]
    fn another_count_or_spelling_is_refused_by_name() {
        let (number, text) = (7u64.encode(), String::from("x").encode());
        let values: [&[u8]; 4] = [&number, &number, &text, &[0]];
        assert!(Outer::from_values(&values).is_ok());
        for found in [0, 3] {
            let short = Outer::from_values(&values[..found]);
            assert_eq!(short, Err(FieldsError::Count { expected: 4, found }));
        }
        let misspelt: [&[u8]; 4] = [&number, &text, &text, &[0]];
        assert!(matches!(
            Outer::from_values(&misspelt),
            Err(FieldsError::Value { name: "a", .. })
        ));
    }
}

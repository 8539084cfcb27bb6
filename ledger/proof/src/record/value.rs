//! The one spelling of every value inside a record (docs/RECORD_FORMAT.md 2).
//!
//! ```text
//! absent            00
//! number, time      01 | u64 big-endian
//! text              01 | UTF-8 as it came
//! bytes             01 | bytes
//! list              01 | u16 count | (u32 length | item)*   as above, without their 01
//! ```
//! A list in which order means nothing is a [`Set`]: sorted by bytes, no item twice. Anything else
//! is refused.

use crate::digest::{Digest, Secret};
use crate::framing::{count_u16, len_u32, split_len};
use crate::ids::{
    CategoryCode, ConsentId, ContactId, Epoch, GateNumber, Generation, GroupId, InstitutionId, Jti,
    KeyVersion, Kid, LeafIndex, LinkCode, NoticeId, ProcessId, PurposeCode, Reference, RoleCode,
    RoleHolderId, Seq, SubjectHandle, Timestamp,
};

/// Longest value of one field of a record: the signed statements of an act, 48 KiB together, with
/// room to spare.
pub const VALUE_LEN_MAX: usize = 64 * 1024;

/// Why bytes are not the value of a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The field must be present in this kind.
    #[error("expected a value, found absent")]
    Absent,
    /// The first byte is neither 0x00 (alone) nor 0x01.
    #[error("expected marker 00 alone or 01 with bytes, found something else")]
    Marker,
    /// The bytes after the marker are not of the field's type.
    #[error("expected {0}")]
    Type(&'static str),
    /// A set is not sorted, or holds an item twice.
    #[error("expected items in ascending order, each once")]
    Order,
    /// Longer than [`VALUE_LEN_MAX`].
    #[error("expected at most {VALUE_LEN_MAX} bytes, found {0}")]
    TooLong(usize),
}

/// A type that can stand in a record's field.
pub trait Value: Sized {
    /// The value with its marker byte.
    fn encode(&self) -> Vec<u8>;
    /// Reads the one spelling [`Self::encode`] writes.
    fn decode(bytes: &[u8]) -> Result<Self, ValueError>;
}

/// A type whose bytes stand after the marker 0x01, or as an item of a list.
pub trait Item: Sized {
    /// Appends the bytes, without marker or length.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads exactly these bytes.
    fn read(bytes: &[u8]) -> Result<Self, ValueError>;
}

impl<T: Item> Value for T {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![1];
        self.write(&mut out);
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        match bytes {
            [0] => Err(ValueError::Absent),
            [1, rest @ ..] => T::read(rest),
            _ => Err(ValueError::Marker),
        }
    }
}

impl<T: Item> Value for Option<T> {
    fn encode(&self) -> Vec<u8> {
        self.as_ref().map_or_else(|| vec![0], Value::encode)
    }

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        if bytes == [0] {
            Ok(None)
        } else {
            T::decode(bytes).map(Some)
        }
    }
}

impl Item for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        bytes
            .try_into()
            .map(u64::from_be_bytes)
            .map_err(|_| ValueError::Type("8 bytes, a big-endian number"))
    }
}

impl Item for LeafIndex {
    fn write(&self, out: &mut Vec<u8>) {
        self.value().write(out);
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        u64::read(bytes).map(Self::new)
    }
}

/// Numbers with a type of their own, spelt as every number.
macro_rules! number_items {
    ($( $ty:ty, $expected:literal, $number:expr, $make:expr; )*) => { $(
        impl Item for $ty {
            fn write(&self, out: &mut Vec<u8>) {
                let number: fn(&$ty) -> u64 = $number;
                number(self).write(out);
            }

            fn read(bytes: &[u8]) -> Result<Self, ValueError> {
                let make: fn(u64) -> Option<$ty> = $make;
                make(u64::read(bytes)?).ok_or(ValueError::Type($expected))
            }
        }
    )* };
}

number_items! {
    Seq, "a number from 1 on", |seq| seq.value(), Self::new;
    GateNumber, "a number from 1 on", |number| number.value(), Self::new;
    Epoch, "a number that fits u32", |epoch| epoch.value().into(),
        |number| number.try_into().ok().map(Self::new);
    Generation, "a number that fits u16", |generation| generation.value().into(),
        |number| number.try_into().ok().map(Self::new);
    KeyVersion, "a number that fits u8", |version| version.value().into(),
        |number| number.try_into().ok().map(Self::new);
}

impl Item for Timestamp {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_millis().write(out);
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        match Self::from_millis(u64::read(bytes)?) {
            time if time <= Self::MAX => Ok(time),
            _ => Err(ValueError::Type("a time before the year 10000")),
        }
    }
}

impl Item for String {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| ValueError::Type("UTF-8 text"))
    }
}

/// Bytes of any length, kept as they came: a statement, a nonce, a foreign checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl Item for Bytes {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        Ok(Self(bytes.to_vec()))
    }
}

/// Values of a fixed length, held as byte arrays.
macro_rules! fixed_items {
    ($( $ty:ty, $len:literal, $expected:literal, $bytes:expr, $make:expr; )*) => { $(
        impl Item for $ty {
            fn write(&self, out: &mut Vec<u8>) {
                let bytes: fn(&$ty) -> &[u8; $len] = $bytes;
                out.extend_from_slice(bytes(self));
            }

            fn read(bytes: &[u8]) -> Result<Self, ValueError> {
                let make: fn([u8; $len]) -> $ty = $make;
                bytes.try_into().map(make).map_err(|_| ValueError::Type($expected))
            }
        }
    )* };
}

fixed_items! {
    Digest, 32, "32 bytes, a digest", Digest::as_bytes, Digest::from_bytes;
    Secret, 32, "32 bytes, a key", Secret::expose, Secret::from_bytes;
    SubjectHandle, 16, "16 bytes, a handle", SubjectHandle::as_bytes, SubjectHandle::from_bytes;
    ConsentId, 16, "16 bytes, a consent", ConsentId::as_bytes, ConsentId::from_bytes;
    GroupId, 16, "16 bytes, a group", GroupId::as_bytes, GroupId::from_bytes;
    ContactId, 16, "16 bytes, a contact", ContactId::as_bytes, ContactId::from_bytes;
    NoticeId, 16, "16 bytes, a notice", NoticeId::as_bytes, NoticeId::from_bytes;
}

/// Identifiers are stored as their text and checked again when read.
macro_rules! id_items {
    ($( $ty:ty, $expected:literal; )*) => { $(
        impl Item for $ty {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_str().as_bytes());
            }

            fn read(bytes: &[u8]) -> Result<Self, ValueError> {
                std::str::from_utf8(bytes)
                    .ok()
                    .and_then(|text| Self::parse(text).ok())
                    .ok_or(ValueError::Type($expected))
            }
        }
    )* };
}

id_items! {
    InstitutionId, "an institution's identifier";
    RoleHolderId, "a role-holder's identifier";
    RoleCode, "a role";
    PurposeCode, "a purpose";
    CategoryCode, "a category";
    ProcessId, "a business process";
    Kid, "a key's thumbprint";
    Jti, "a statement's identifier";
    LinkCode, "a link code";
    Reference, "the reference of a question";
}

/// A list in which order means something.
impl<T: Item> Item for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        write_list(self, out);
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        read_items(bytes)?.into_iter().map(T::read).collect()
    }
}

/// A list in which order means nothing: sorted, each item once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set<T>(Vec<T>);

impl<T: Ord> Set<T> {
    /// Sorts the items and drops repetitions.
    pub fn new(items: impl IntoIterator<Item = T>) -> Self {
        let mut items: Vec<T> = items.into_iter().collect();
        items.sort();
        items.dedup();
        Self(items)
    }

    /// Whether the item is in the set.
    pub fn contains(&self, item: &T) -> bool {
        self.0.binary_search(item).is_ok()
    }

    /// Whether every item of `other` is in this set.
    pub fn contains_all(&self, other: &Self) -> bool {
        other.0.iter().all(|item| self.contains(item))
    }
}

impl<T> std::ops::Deref for Set<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Ord> Default for Set<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Item + Ord> Item for Set<T> {
    fn write(&self, out: &mut Vec<u8>) {
        write_list(&self.0, out);
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        let items = read_items(bytes)?;
        if !items.is_sorted_by(|before, after| before < after) {
            return Err(ValueError::Order);
        }
        Ok(Self(
            items.into_iter().map(T::read).collect::<Result<_, _>>()?,
        ))
    }
}

fn write_list<T: Item>(items: &[T], out: &mut Vec<u8>) {
    out.extend_from_slice(&count_u16(items.len()));
    for item in items {
        let at = out.len();
        item.write(out);
        let len = len_u32(out.split_at(at).1);
        out.splice(at..at, len);
    }
}

fn read_items(bytes: &[u8]) -> Result<Vec<&[u8]>, ValueError> {
    const EXPECTED: ValueError =
        ValueError::Type("a list: u16 count, then u32 length and bytes of each item");
    let (count, mut rest) = bytes.split_first_chunk::<2>().ok_or(EXPECTED)?;
    let count = u16::from_be_bytes(*count);
    let mut items = Vec::new();
    for _ in 0..count {
        let (len, after) = rest.split_first_chunk::<4>().ok_or(EXPECTED)?;
        let (item, after) = after.split_at_checked(split_len(*len)).ok_or(EXPECTED)?;
        items.push(item);
        rest = after;
    }
    if rest.is_empty() {
        Ok(items)
    } else {
        Err(EXPECTED)
    }
}

/// Declares a closed list of words: an enum stored and shown as its word.
#[macro_export]
macro_rules! words {
    (
        $( #[$doc:meta] )*
        $vis:vis enum $name:ident {
            $( $(#[$vdoc:meta])* $variant:ident = $word:literal ),* $(,)?
        }
    ) => {
        $( #[$doc] )*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $( $(#[$vdoc])* $variant ),* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[ $( Self::$variant ),* ];

            /// The word as it stands in records and statements.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word ),* }
            }

            /// Reads a word; `None` if it is not in the list.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $( $word => Some(Self::$variant), )* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::record::value::Item for $name {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.as_str().as_bytes());
            }

            fn read(bytes: &[u8]) -> Result<Self, $crate::record::value::ValueError> {
                std::str::from_utf8(bytes)
                    .ok()
                    .and_then(Self::parse)
                    .ok_or($crate::record::value::ValueError::Type(
                        concat!("one of", $( " `", $word, "`" ),*)
                    ))
            }
        }
    };
}
pub use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_one_spelling() {
        assert_eq!(7u64.encode(), [1, 0, 0, 0, 0, 0, 0, 0, 7]);
        assert_eq!(None::<u64>.encode(), [0]);
        assert_eq!(String::from("証").encode(), [1, 0xE8, 0xA8, 0xBC]);
        let set = Set::new([String::from("b"), String::from("a"), String::from("b")]);
        assert_eq!(set.encode(), [1, 0, 2, 0, 0, 0, 1, b'a', 0, 0, 0, 1, b'b']);
        assert_eq!(Set::<String>::decode(&set.encode()), Ok(set));
    }

    #[test]
    fn other_spellings_are_refused() {
        assert_eq!(u64::decode(&[]), Err(ValueError::Marker));
        assert_eq!(u64::decode(&[0]), Err(ValueError::Absent));
        assert_eq!(Option::<u64>::decode(&[0, 0]), Err(ValueError::Marker));
        assert!(u64::decode(&[1, 7]).is_err());
        assert!(String::decode(&[1, 0xFF]).is_err());
        let unsorted = [1, 0, 2, 0, 0, 0, 1, b'b', 0, 0, 0, 1, b'a'];
        assert_eq!(Set::<String>::decode(&unsorted), Err(ValueError::Order));
        let twice = [1, 0, 2, 0, 0, 0, 1, b'a', 0, 0, 0, 1, b'a'];
        assert_eq!(Set::<String>::decode(&twice), Err(ValueError::Order));
        let trailing = [1, 0, 1, 0, 0, 0, 1, b'a', 9];
        assert!(Vec::<String>::decode(&trailing).is_err());
        let count_too_large = [1, 0xFF, 0xFF, 0, 0, 0, 1, b'a'];
        assert!(Vec::<String>::decode(&count_too_large).is_err());
    }
}

//! A record with its key as bytes: what the store seals, and what `/log/registry/<seq>` publishes
//! of the registry.
//!
//! ```text
//! record_key (32) | u16 n | (u32 length | value)*   with their markers, in the schema's order
//! ```

use super::{Record, RecordError};
use crate::digest::Secret;
use crate::framing::{count_u16, len_u32, split_len};

/// Why bytes are not a record with its key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The bytes end early, or go on after the last value.
    #[error("expected a record key and the values the count announces, found other lengths")]
    Framing,
    /// The values are not a record.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Writes a record and its key.
pub fn encode(record: &Record, record_key: &Secret) -> Vec<u8> {
    encode_values(&record.values(), record_key)
}

/// As [`encode`], from the record's values.
pub fn encode_values(values: &[Vec<u8>], record_key: &Secret) -> Vec<u8> {
    let mut body =
        Vec::with_capacity(34 + values.iter().map(|value| 4 + value.len()).sum::<usize>());
    body.extend_from_slice(record_key.expose());
    body.extend_from_slice(&count_u16(values.len()));
    for value in values {
        body.extend_from_slice(&len_u32(value));
        body.extend_from_slice(value);
    }
    body
}

/// Reads a record and its key back.
///
/// # Errors
/// [`BodyError`] for anything [`encode`] would not have written.
pub fn decode(body: &[u8]) -> Result<(Record, Secret), BodyError> {
    let (values, record_key) = split(body)?;
    Ok((Record::from_values(&values)?, record_key))
}

/// Takes a body apart, whatever kind it is of: the values with their markers, and the record key.
///
/// # Errors
/// [`BodyError::Framing`].
pub fn split(body: &[u8]) -> Result<(Vec<&[u8]>, Secret), BodyError> {
    let (record_key, rest) = body.split_first_chunk::<32>().ok_or(BodyError::Framing)?;
    let (count, mut rest) = rest.split_first_chunk::<2>().ok_or(BodyError::Framing)?;
    let mut values = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let (len, after) = rest.split_first_chunk::<4>().ok_or(BodyError::Framing)?;
        let (value, after) = after
            .split_at_checked(split_len(*len))
            .ok_or(BodyError::Framing)?;
        values.push(value);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(BodyError::Framing);
    }
    Ok((values, Secret::from_bytes(*record_key)))
}

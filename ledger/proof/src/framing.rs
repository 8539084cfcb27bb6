//! Lengths, counts and positions as the bytes our formats write before what they count
//! (docs/RECORD_FORMAT.md 2). One place narrows a `usize`, and says why nothing is lost.

/// The u32 before the bytes of a value, big-endian.
///
/// Values are at most [`VALUE_LEN_MAX`](crate::record::value::VALUE_LEN_MAX) long and other byte
/// strings are read with caps of their own; anything else is not a length of ours.
pub fn len_u32(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// The u16 before the items of a list and before the values of a record, big-endian.
///
/// A list with more items than it can say does not fit into a value, and is refused where it comes
/// from outside.
pub fn count_u16(count: usize) -> [u8; 2] {
    position(count).to_be_bytes()
}

/// The u8 before a name. Field names are at most 255 bytes, which a test of all kinds holds.
pub fn len_u8(name: &[u8]) -> u8 {
    u8::try_from(name.len()).unwrap_or(u8::MAX)
}

/// A field's position as its salt and disclosures know it. A kind has some forty.
pub fn position(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A length read from bytes as one to split by; what this machine cannot address is longer than
/// anything that is there.
pub fn split_len(len: [u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(len)).unwrap_or(usize::MAX)
}

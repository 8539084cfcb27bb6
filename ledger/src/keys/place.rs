//! The place of a record as bytes: what a row says of it whether its body is open or not.
//!
//! ```text
//! place     u16 year | state | position
//! state     00 open | 01 lost | 02 withheld | 03 withheld until u64 | 04 erased; all but 00: found
//! found     u8 n | n keys (32) of derived indexes
//! position  R u64 seq | I u64 seq, prev, institution | P handle (16), u32 epoch, u64 seq, prev
//! prev      00 | 01 u64 log index
//! ```
//! The state stands under the seal: whoever can write the data file and has no keyring cannot make
//! a record look erased, and so bring back what it had ended. What a closed record was found under
//! stands beside it, as far as it was known when it was closed: what was used once - a statement, a
//! link key, a permit - stays used when the indexes are made again.

use akashi_proof::ids::{Epoch, InstitutionId, LeafIndex, Seq, SubjectHandle, Timestamp};
use akashi_proof::record::{
    Closed, InstitutionPosition, PersonPosition, Position, RegistryPosition,
};

/// Where a record stands, under which year's key its body is sealed, and what became of that body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) year: u16,
    /// Absent of an open body.
    pub(super) closed: Option<Left>,
    pub(super) position: Position,
}

/// What a row says of a body that is not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// What became of it.
    pub(crate) closed: Closed,
    /// Keys under which derived indexes find its record; at most 255.
    pub(crate) found_under: Vec<[u8; 32]>,
}

impl Place {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.year.to_be_bytes().to_vec();
        if let Some(left) = &self.closed {
            left.put(&mut bytes);
        } else {
            bytes.push(0);
        }
        match &self.position {
            Position::Registry(place) => {
                bytes.push(b'R');
                bytes.extend_from_slice(&place.seq.to_be_bytes());
            }
            Position::Institution(place) => {
                bytes.push(b'I');
                bytes.extend_from_slice(&place.seq.to_be_bytes());
                put_prev(&mut bytes, place.prev);
                bytes.extend_from_slice(place.institution.as_str().as_bytes());
            }
            Position::Person(place) => {
                bytes.push(b'P');
                bytes.extend_from_slice(place.subject.as_bytes());
                bytes.extend_from_slice(&place.epoch.value().to_be_bytes());
                bytes.extend_from_slice(&place.seq.to_be_bytes());
                put_prev(&mut bytes, place.prev);
            }
        }
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` for anything else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let year = u16::from_be_bytes(take(&mut rest)?);
        let closed = Left::take(&mut rest)?;
        let [stream] = take(&mut rest)?;
        let position = match stream {
            b'R' => Position::Registry(RegistryPosition {
                seq: take_seq(&mut rest)?,
            }),
            b'I' => Position::Institution(InstitutionPosition {
                seq: take_seq(&mut rest)?,
                prev: take_prev(&mut rest)?,
                institution: {
                    let id = std::str::from_utf8(std::mem::take(&mut rest)).ok()?;
                    InstitutionId::parse(id).ok()?
                },
            }),
            b'P' => Position::Person(PersonPosition {
                subject: SubjectHandle::from_bytes(take(&mut rest)?),
                epoch: Epoch::new(u32::from_be_bytes(take(&mut rest)?)),
                seq: take_seq(&mut rest)?,
                prev: take_prev(&mut rest)?,
            }),
            _ => return None,
        };
        rest.is_empty().then_some(Self {
            year,
            closed,
            position,
        })
    }
}

impl Left {
    fn put(&self, bytes: &mut Vec<u8>) {
        match self.closed {
            Closed::Lost => bytes.push(1),
            Closed::Withheld { reveal_by: None } => bytes.push(2),
            Closed::Withheld {
                reveal_by: Some(time),
            } => {
                bytes.push(3);
                bytes.extend_from_slice(&time.as_millis().to_be_bytes());
            }
            Closed::Erased => bytes.push(4),
        }
        let count = u8::try_from(self.found_under.len()).unwrap_or(u8::MAX);
        bytes.push(count);
        for key in self.found_under.iter().take(usize::from(count)) {
            bytes.extend_from_slice(key);
        }
    }

    /// `None` where it is misspelt, nothing of an open body.
    fn take(rest: &mut &[u8]) -> Option<Option<Self>> {
        let [state] = take(rest)?;
        let closed = match state {
            0 => return Some(None),
            1 => Closed::Lost,
            2 => Closed::Withheld { reveal_by: None },
            3 => Closed::Withheld {
                reveal_by: Some(Timestamp::from_millis(u64::from_be_bytes(take(rest)?))),
            },
            4 => Closed::Erased,
            _ => return None,
        };
        let [count] = take(rest)?;
        let found_under = (0..count).map(|_| take(rest)).collect::<Option<_>>()?;
        Some(Some(Self {
            closed,
            found_under,
        }))
    }
}

fn put_prev(bytes: &mut Vec<u8>, prev: Option<LeafIndex>) {
    match prev {
        None => bytes.push(0),
        Some(index) => {
            bytes.push(1);
            bytes.extend_from_slice(&index.to_be_bytes());
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*first)
}

fn take_seq(rest: &mut &[u8]) -> Option<Seq> {
    Seq::new(u64::from_be_bytes(take(rest)?))
}

fn take_prev(rest: &mut &[u8]) -> Option<Option<LeafIndex>> {
    match take(rest)? {
        [0] => Some(None),
        [1] => Some(Some(LeafIndex::from_be_bytes(take(rest)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_and_state_has_one_spelling() {
        let seq = Seq::new(7).unwrap();
        let positions = [
            Position::Registry(RegistryPosition { seq }),
            Position::Institution(InstitutionPosition {
                institution: InstitutionId::parse("city.minato").unwrap(),
                seq,
                prev: Some(LeafIndex::new(3)),
            }),
            Position::Person(PersonPosition {
                subject: SubjectHandle::from_bytes([9; 16]),
                epoch: Epoch::new(2),
                seq,
                prev: None,
            }),
        ];
        let states = [
            None,
            Some((Closed::Lost, 0)),
            Some((Closed::Withheld { reveal_by: None }, 1)),
            Some((
                Closed::Withheld {
                    reveal_by: Some(Timestamp::from_millis(1_790_000_000_000)),
                },
                2,
            )),
            Some((Closed::Erased, 255)),
        ];
        for position in &positions {
            for closed in states {
                let left = closed.map(|(closed, count)| Left {
                    closed,
                    found_under: vec![[7; 32]; count],
                });
                let place = Place {
                    year: 2026,
                    closed: left,
                    position: position.clone(),
                };
                let bytes = place.to_bytes();
                assert_eq!(Place::from_bytes(&bytes), Some(place));
                for cut in 0..bytes.len() {
                    assert_ne!(
                        Place::from_bytes(&bytes[..cut]),
                        Place::from_bytes(&bytes),
                        "cut at {cut}"
                    );
                }
            }
        }
        assert_eq!(Place::from_bytes(b"\x07\xea\x05R\0\0\0\0\0\0\0\x07"), None);
        assert_eq!(Place::from_bytes(b"\x07\xea\x00R\0\0\0\0\0\0\0\x00"), None);
    }
}

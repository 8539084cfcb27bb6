//! Where a request comes from, at several widths: one customer's address, and the networks around
//! it.
//!
//! Somebody who has one address has one; somebody who rents a /48 has 65,536 that look like as many
//! customers. So whatever is counted per address is counted per network as well, in rings:
//!
//! | ring | IPv6 | IPv4 | who that usually is |
//! |---|---|---|---|
//! | 0 | /64 | /32 | one line, one office, one gateway |
//! | 1 | /56 | - | one home line as providers give it out |
//! | 2 | /48 | /24 | one site, one rented server with all that comes with it |
//! | 3 | /32 | /16 | one provider |

use crate::limits::RINGING_RING;

/// How many widths there are.
pub const RINGS: usize = 4;

/// How many bytes of an IPv6 customer's (/64) and of an IPv4 address each ring looks at.
const OF_V6: [usize; RINGS] = [8, 7, 6, 4];
const OF_V4: [usize; RINGS] = [4, 0, 3, 2];

/// A network: the first bytes of an address. Of one ring no two kinds of address have as many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    len: u8,
    bytes: [u8; 8],
}

impl Network {
    const UNKNOWN: Self = Self {
        len: 0,
        bytes: [0; 8],
    };

    /// The bytes of an address that are its.
    pub fn first(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn of_first(bytes: &[u8], len: usize) -> Option<Self> {
        let first = bytes.get(..len).filter(|first| !first.is_empty())?;
        let mut network = Self {
            len: u8::try_from(len).ok()?,
            bytes: [0; 8],
        };
        network.bytes.get_mut(..len)?.copy_from_slice(first);
        Some(network)
    }
}

/// One sender's networks, the narrowest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Networks([Option<Network>; RINGS]);

impl Networks {
    /// Of a sender: the four bytes of an IPv4 address or the first eight of an IPv6 one. Whoever
    /// has no address is one sender, all together.
    pub fn of(sender: &[u8]) -> Self {
        let lens = match sender.len() {
            8 => OF_V6,
            4 => OF_V4,
            _ => return Self([Some(Network::UNKNOWN), None, None, None]),
        };
        Self(lens.map(|len| Network::of_first(sender, len)))
    }

    /// The site: what is told apart where one number is rung or guessed at ([`RINGING_RING`]).
    pub fn site(&self) -> Option<Network> {
        self.0.get(RINGING_RING).copied().flatten()
    }

    /// Each ring's, the narrowest first; `None` where that kind of address has no such ring.
    pub const fn narrowest_first(&self) -> [Option<Network>; RINGS] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_network_at_each_width() {
        let of = |sender: &[u8]| Networks::of(sender).narrowest_first();
        let (a, b) = (of(&[10, 1, 2, 3]), of(&[10, 1, 2, 4]));
        assert_ne!(a[0], b[0]);
        assert_eq!((a[1], a[2], a[3]), (None, b[2], b[3]));
        let (a, b) = (
            of(&[0x20, 1, 2, 3, 4, 5, 6, 7]),
            of(&[0x20, 1, 2, 3, 4, 5, 6, 8]),
        );
        assert_ne!(a[0], b[0]);
        assert_eq!(a[1..], b[1..]);
        let next_door = of(&[0x20, 1, 2, 3, 4, 9, 6, 7]);
        assert_ne!(a[2], next_door[2]);
        assert_eq!(a[3], next_door[3]);
        assert_eq!(of(b""), [Some(Network::UNKNOWN), None, None, None]);
    }
}

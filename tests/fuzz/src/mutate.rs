//! Mutants of a seed: small damage of the kinds that parsers get wrong. The same numbers give the
//! same mutants.

/// A generator of numbers that looks random and repeats: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// Begins at a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.draw() % (end.max(1) as u64)) as usize
    }
}

/// Bytes that mean something to one parser or another.
const TELLING: &[&[u8]] = &[
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\0",
    b" ",
    b"+",
    b"=",
    b"-",
    b"0",
    b"00",
    b"/",
    b"..",
    b".p/",
    b"x",
    b"\xff",
    b"\xc3",
    b"\xe2\x80\x94 ",
    b"\xe2\x80\xa8",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"1e9",
    b"-1",
    b"18446744073709551615",
    b"18446744073709551616",
    b"4294967296",
    b"65536",
    b"\xef\xbb\xbf",
];

/// A seed with one to four small damages; `other` lends it a part now and then.
pub fn mutant(seed: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        damage(&mut bytes, other, numbers);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let at = numbers.below(bytes.len() + 1);
    let to = (at + numbers.below(32)).min(bytes.len());
    match numbers.below(8) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << numbers.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = numbers.draw() as u8;
            }
        }
        2 => drop(bytes.drain(at..to)),
        3 => {
            let twice = bytes[at..to].to_vec();
            bytes.splice(to..to, twice);
        }
        4 => {
            let telling = TELLING[numbers.below(TELLING.len())];
            bytes.splice(at..at, telling.iter().copied());
        }
        5 => {
            let telling = TELLING[numbers.below(TELLING.len())];
            bytes.splice(at..to, telling.iter().copied());
        }
        6 => {
            let from = numbers.below(other.len() + 1);
            let end = (from + numbers.below(256)).min(other.len());
            bytes.splice(at..to, other[from..end].iter().copied());
        }
        _ => bytes.truncate(at),
    }
}

#[cfg(test)]
mod tests {
    use super::{Numbers, mutant};

    #[test]
    fn the_same_numbers_give_the_same_mutants() {
        let all = |seed| {
            let mut numbers = Numbers::new(seed);
            (0..100)
                .map(|_| mutant(b"a seed", b"another", &mut numbers))
                .collect::<Vec<_>>()
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        assert!(all(1).iter().filter(|mutant| *mutant != b"a seed").count() > 90);
    }

    #[test]
    fn nothing_can_be_damaged_too() {
        let mut numbers = Numbers::new(3);
        for _ in 0..1_000 {
            mutant(b"", b"", &mut numbers);
        }
    }
}

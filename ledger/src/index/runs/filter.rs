//! A Bloom filter in lines: a look-up touches one cache line, and says "not here" or "perhaps".

/// Bits in a filter for each key. A key sets one bit in each of the eight words of its line; 32
/// keys share a line of 512 bits, so a bit is set with probability 1 - (63/64)^32 = 0.40 and a
/// look-up of an absent key is answered "perhaps" once in 0.40^-8 = 1,600 times; once in 1,000
/// counting lines that got more keys than others.
const BITS_PER_KEY: usize = 16;

/// Bits in a line: a cache line.
const LINE_BITS: usize = 512;

const LINE_LEN: usize = LINE_BITS / 8;

/// What the filter takes from a key. The key must be a digest: these are bytes of it, not a hash of
/// it.
///
/// Whoever chooses what is digested can look for keys that collide in a filter; what they gain is a
/// block read for each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    line: u64,
    bits: u64,
}

impl Probe {
    /// Skips the first eight bytes, which neighbours in a sorted run share.
    pub(super) fn of<const K: usize>(key: &[u8; K]) -> Self {
        const { assert!(K >= 24, "a filter needs 24 bytes of key") };
        let (words, _) = key.as_chunks::<8>();
        let mut words = words.iter().skip(1).map(|word| u64::from_le_bytes(*word));
        Self {
            line: words.next().unwrap_or_default(),
            bits: words.next().unwrap_or_default(),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the upper half of the product is below `lines`"
    )]
    fn line(self, lines: usize) -> usize {
        ((u128::from(self.line) * lines as u128) >> 64) as usize
    }

    /// One bit in each word of the line, chosen by six bits of one byte.
    fn masks(self) -> [u64; 8] {
        self.bits.to_le_bytes().map(|byte| 1 << (byte & 63))
    }
}

/// A filter over the keys of one group.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter {
    lines: Vec<[u64; 8]>,
}

impl Filter {
    /// The filter over these keys.
    pub(super) fn over(probes: &[Probe]) -> Self {
        let mut lines = vec![[0; 8]; (probes.len() * BITS_PER_KEY).div_ceil(LINE_BITS).max(1)];
        let count = lines.len();
        for probe in probes {
            let line = lines.get_mut(probe.line(count)).into_iter().flatten();
            for (word, mask) in line.zip(probe.masks()) {
                *word |= mask;
            }
        }
        Self { lines }
    }

    /// False only if the key is not among those the filter was made over.
    pub(super) fn may_hold(&self, probe: Probe) -> bool {
        let line = self.lines.get(probe.line(self.lines.len()));
        line.is_none_or(|line| {
            line.iter()
                .zip(probe.masks())
                .all(|(word, mask)| word & mask != 0)
        })
    }

    pub(super) fn write_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend(
            self.lines
                .as_flattened()
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        );
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (lines, rest) = bytes.as_chunks::<LINE_LEN>();
        let lines: Vec<_> = lines
            .iter()
            .map(|line| {
                let mut words = line.as_chunks::<8>().0.iter();
                [(); 8].map(|()| words.next().map_or(0, |word| u64::from_le_bytes(*word)))
            })
            .collect();
        (rest.is_empty() && !lines.is_empty()).then_some(Self { lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::runs::tests::digest;

    #[test]
    fn never_denies_a_key_and_seldom_claims_another() {
        let probes: Vec<_> = (0..6_400)
            .map(|number| Probe::of(&digest(number)))
            .collect();
        let filter = Filter::over(&probes);
        assert!(probes.iter().all(|probe| filter.may_hold(*probe)));
        let claimed = (10_000..110_000)
            .filter(|number| filter.may_hold(Probe::of(&digest(*number))))
            .count();
        assert!((20..300).contains(&claimed), "{claimed} of 100,000");
    }

    #[test]
    fn survives_its_bytes() {
        let filter = Filter::over(&[Probe::of(&digest(1)), Probe::of(&digest(2))]);
        let mut bytes = Vec::new();
        filter.write_to(&mut bytes);
        assert_eq!(Filter::from_bytes(&bytes), Some(filter));
        assert_eq!(Filter::from_bytes(&bytes[1..]), None);
        assert_eq!(Filter::from_bytes(&[]), None);
    }
}

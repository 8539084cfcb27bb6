//! How often codes were guessed at, in memory that does not grow.
//!
//! Whether somebody is known by a number must not be seen from how its guesses are counted, so they
//! are counted for every number alike; and strangers must not fill a table by guessing for numbers
//! nobody has, so there is none: each key has two cells, chosen by a MAC under a key of this
//! process, and counts for what the lower of them says. Two keys may share a cell, so a count can
//! be too high: to make one number's so, millions of wrong codes are needed within ten minutes.
//!
//! Whatever else must be counted by a name a stranger chooses is counted so too.

use akashi_proof::digest::Secret;

/// Cells: 1 MB, twice. A city that mistypes a thousand codes in ten minutes fills a thousandth.
const CELLS: usize = 1 << 20;

/// How often each key was counted, lately.
pub struct Tries {
    within: u64,
    now: Box<[u8]>,
    before: Box<[u8]>,
    turned: u64,
}

impl Tries {
    /// Counting for at least so many milliseconds, and at most twice as many.
    pub fn within(millis: u64) -> Self {
        Self {
            within: millis,
            now: vec![0; CELLS].into(),
            before: vec![0; CELLS].into(),
            turned: 0,
        }
    }

    /// How often it was counted.
    pub fn of(&mut self, key: &Cells, now: u64) -> u8 {
        self.turn(now);
        let of = |cell: usize| self.sum(cell);
        key.0.map(of).into_iter().min().unwrap_or(u8::MAX)
    }

    /// Counts one; returns how many there are.
    pub fn count(&mut self, key: &Cells, now: u64) -> u8 {
        let counted = self.of(key, now).saturating_add(1);
        for cell in key.0 {
            if self.sum(cell) < counted
                && let Some(cell) = self.now.get_mut(cell)
            {
                *cell = cell.saturating_add(1);
            }
        }
        counted
    }

    fn sum(&self, cell: usize) -> u8 {
        let of = |cells: &[u8]| cells.get(cell).copied().unwrap_or(u8::MAX);
        of(&self.now).saturating_add(of(&self.before))
    }

    fn turn(&mut self, now: u64) {
        let since = now.saturating_sub(self.turned);
        if since < self.within {
            return;
        }
        std::mem::swap(&mut self.now, &mut self.before);
        self.now.fill(0);
        if since >= 2 * self.within {
            self.before.fill(0);
        }
        self.turned = now;
    }
}

/// The cells of one key.
pub struct Cells([usize; 2]);

impl Cells {
    /// Of what is counted under this name.
    pub fn of(key: &Secret, parts: &[&[u8]]) -> Self {
        let mac = key.hmac(parts);
        let cell = |from: usize| {
            let bytes = mac
                .get(from..from + 4)
                .and_then(|four| four.try_into().ok());
            u32::from_be_bytes(bytes.unwrap_or_default()) as usize % CELLS
        };
        Self([cell(0), cell(4)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_counted_for_a_while_and_apart() {
        let (key, mut tries) = (Secret::from_bytes([1; 32]), Tries::within(600));
        let (a, b) = (Cells::of(&key, &[b"a"]), Cells::of(&key, &[b"b"]));
        for n in 1..=3 {
            assert_eq!(tries.count(&a, 0), n);
        }
        assert_eq!((tries.of(&a, 599), tries.of(&b, 599)), (3, 0));
        assert_eq!(tries.of(&a, 600), 3, "at least so long");
        assert_eq!(tries.count(&a, 1_199), 4);
        assert_eq!(tries.of(&a, 1_200), 1, "and at most twice");
        assert_eq!(tries.of(&a, 9_999), 0);
        for _ in 0..300 {
            tries.count(&b, 9_999);
        }
        assert_eq!(tries.of(&b, 9_999), u8::MAX);
    }

    #[test]
    fn a_million_guesses_at_numbers_nobody_has_take_no_memory_and_void_nobody_s_code() {
        let (key, mut tries) = (Secret::from_bytes([2; 32]), Tries::within(600));
        for n in 0..200_000_u32 {
            tries.count(&Cells::of(&key, &[b"stranger", &n.to_be_bytes()]), 0);
        }
        let wronged = (0..1_000_u32)
            .map(|n| tries.of(&Cells::of(&key, &[b"honest", &n.to_be_bytes()]), 0))
            .filter(|counted| *counted > 2);
        assert_eq!(wronged.count(), 0);
        assert_eq!((tries.now.len(), tries.before.len()), (CELLS, CELLS));
    }
}

//! How long answers took: every one is kept, in microseconds, and percentiles are those of the
//! nearest rank. Nothing is averaged, sampled or put into buckets.

use std::fmt;

/// Latencies of one run.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    micros: Vec<u32>,
}

/// What is reported of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// Half were at most so long, microseconds.
    pub p50: u32,
    /// 95 of 100.
    pub p95: u32,
    /// 99 of 100.
    pub p99: u32,
    /// The longest.
    pub max: u32,
}

impl Latencies {
    /// Adds one, in microseconds.
    pub fn add(&mut self, micros: u128) {
        self.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
    }

    /// Adds all of another client's.
    pub fn extend(&mut self, other: &Self) {
        self.micros.extend_from_slice(&other.micros);
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// The percentiles; `None` when nothing was measured.
    pub fn percentiles(mut self) -> Option<Percentiles> {
        self.micros.sort_unstable();
        let count = self.micros.len();
        let rank = |hundredths: usize| {
            self.micros
                .get((count * hundredths).div_ceil(100).max(1) - 1)
                .copied()
        };
        Some(Percentiles {
            p50: rank(50)?,
            p95: rank(95)?,
            p99: rank(99)?,
            max: rank(100)?,
        })
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |micros: u32| f64::from(micros) / 1000.0;
        let Self { p50, p95, p99, max } = *self;
        write!(
            f,
            "p50 {:.1} ms   p95 {:.1} ms   p99 {:.1} ms   max {:.1} ms",
            ms(p50),
            ms(p95),
            ms(p99),
            ms(max)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl Iterator<Item = u32>) -> Option<Percentiles> {
        let mut latencies = Latencies::default();
        micros.for_each(|micros| latencies.add(micros.into()));
        latencies.percentiles()
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        assert_eq!(
            of((1..=100).rev()),
            Some(Percentiles {
                p50: 50,
                p95: 95,
                p99: 99,
                max: 100
            })
        );
        assert_eq!(
            of([7].into_iter()),
            Some(Percentiles {
                p50: 7,
                p95: 7,
                p99: 7,
                max: 7
            })
        );
        assert_eq!(
            of([1, 2, 3].into_iter()),
            Some(Percentiles {
                p50: 2,
                p95: 3,
                p99: 3,
                max: 3
            })
        );
        assert_eq!(of(std::iter::empty()), None);
    }
}

//! Whether any of twice n values of 32 bytes occurs twice, in 16 bytes of memory an entry.
//!
//! Kept is the first 8 bytes of every value. Where two are alike - in an honest log of ten million
//! entries that happens once in a hundred thousand logs - the entries are read again and the whole
//! values compared ([`super::locate`]): a prefix accuses nobody.
//!
//! Each unit of work sorts its prefixes into 256 buckets by their first byte; at the end each
//! bucket is gathered from all units and sorted, small enough to stay in the processor's cache.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Buckets, one for each first byte.
const BUCKETS: usize = 256;

/// The prefixes of one unit of work, by bucket.
pub(super) struct PrefixRun {
    prefixes: Vec<u64>,
    /// Where each bucket begins; the last one ends at the end.
    starts: Vec<u32>,
}

/// The first 8 bytes.
pub(super) fn prefix(value: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *value;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn bucket(prefix: u64) -> usize {
    let [first, ..] = prefix.to_be_bytes();
    usize::from(first)
}

#[expect(
    clippy::indexing_slicing,
    reason = "a bucket is one byte, and `starts` has one more than there are bytes"
)]
impl PrefixRun {
    pub(super) fn new(unsorted: &[u64]) -> Self {
        let mut starts = vec![0_u32; BUCKETS + 1];
        for value in unsorted {
            starts[bucket(*value) + 1] += 1;
        }
        for at in 0..BUCKETS {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut prefixes = vec![0; unsorted.len()];
        for value in unsorted {
            let next = &mut next[bucket(*value)];
            prefixes[*next as usize] = *value;
            *next += 1;
        }
        Self { prefixes, starts }
    }

    /// How many tags and gates there are.
    pub(super) fn len(&self) -> usize {
        self.prefixes.len()
    }

    fn bucket(&self, bucket: usize) -> &[u64] {
        &self.prefixes[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

/// Whether any value begins with this prefix.
pub(super) fn contains(runs: &[PrefixRun], wanted: u64) -> bool {
    runs.iter()
        .any(|run| run.bucket(bucket(wanted)).contains(&wanted))
}

/// The prefixes that occur more than once.
pub(super) fn repeated(runs: &[PrefixRun], workers: usize) -> BTreeSet<u64> {
    let found = Mutex::new(BTreeSet::new());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut all = Vec::new();
        loop {
            let bucket = next.fetch_add(1, Ordering::Relaxed);
            if bucket >= BUCKETS {
                return;
            }
            all.clear();
            runs.iter()
                .for_each(|run| all.extend_from_slice(run.bucket(bucket)));
            all.sort_unstable();
            for pair in all.array_windows().filter(|[a, b]| a == b) {
                found
                    .lock()
                    .unwrap_or_else(|poisoned| poisoned.into_inner())
                    .insert(pair[0]);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers.clamp(1, BUCKETS) {
            scope.spawn(work);
        }
        work();
    });
    found
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::{PrefixRun, contains, repeated};

    #[test]
    fn finds_what_occurs_twice_within_and_across_runs() {
        let one = PrefixRun::new(&[7, u64::MAX, 1 << 56, 7]);
        let two = PrefixRun::new(&[1 << 57, 1 << 56, 3]);
        let runs = [one, two, PrefixRun::new(&[])];
        for workers in [1, 2, 300] {
            assert_eq!(
                repeated(&runs, workers).into_iter().collect::<Vec<_>>(),
                [7, 1 << 56]
            );
        }
        assert!(contains(&runs, u64::MAX) && contains(&runs, 3) && !contains(&runs, 4));
    }

    #[test]
    fn agrees_with_counting() {
        // A generator of full period, cut to 12 bits at the top so that values repeat.
        let mut state = 1_u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state & 0xfff0_0000_0000_0000
        };
        let values: Vec<u64> = (0..3000).map(|_| draw()).collect();
        let runs: Vec<PrefixRun> = values.chunks(700).map(PrefixRun::new).collect();
        let counted = values
            .iter()
            .filter(|v| values.iter().filter(|w| w == v).count() > 1)
            .copied();
        assert_eq!(repeated(&runs, 2), counted.collect());
    }
}

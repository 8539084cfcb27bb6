//! The signed statements that carried the last acts of the registry: each carries one.

use std::collections::VecDeque;

use crate::digest::Digest;
use crate::ids::Timestamp;
use crate::record::value::Bytes;
use crate::statement::FRESH_MILLIS;

/// How long one is remembered, in record time: a statement is fresh from [`FRESH_MILLIS`] before
/// its `iat` until as long after it, so that two records it is fresh for are no farther apart.
const REMEMBERED_MILLIS: u64 = 2 * FRESH_MILLIS;

/// What has carried an act in the last minutes of record time, oldest first. It is as long as the
/// acts of ten minutes are many; older ones are refused for their age.
#[derive(Clone, Debug, Default)]
pub(super) struct Carried(VecDeque<(Timestamp, Digest)>);

impl Carried {
    /// Whether one of these statements has carried an act that it could still be fresh for at this
    /// time.
    pub(super) fn has_any(&self, time: Timestamp, statements: &[Bytes]) -> bool {
        let mut digests = statements.iter().map(digest);
        digests.any(|new| {
            let same = |(at, known): &(Timestamp, Digest)| is_near(*at, time) && *known == new;
            self.0.iter().any(same)
        })
    }

    /// Remembers the statements of a record of this time, and forgets what has become too old to
    /// be used again.
    pub(super) fn add(&mut self, time: Timestamp, statements: &[Bytes]) {
        while self.0.front().is_some_and(|(at, _)| !is_near(*at, time)) {
            self.0.pop_front();
        }
        let new = statements.iter().map(|one| (time, digest(one)));
        self.0.extend(new);
    }
}

fn digest(statement: &Bytes) -> Digest {
    Digest::of(&[&statement.0])
}

fn is_near(before: Timestamp, time: Timestamp) -> bool {
    time <= before.plus_millis(REMEMBERED_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_remembered_as_long_as_it_can_be_fresh_and_no_longer() {
        let [one, other] = [b"one", b"two"].map(|bytes| [Bytes(bytes.to_vec())]);
        let both = [other[0].clone(), one[0].clone()];
        let at = Timestamp::from_millis;
        let mut carried = Carried::default();
        carried.add(at(1_000), &one);
        assert!(carried.has_any(at(1_000), &both));
        assert!(!carried.has_any(at(1_000), &other));
        assert!(carried.has_any(at(1_000 + REMEMBERED_MILLIS), &one));
        assert!(!carried.has_any(at(1_001 + REMEMBERED_MILLIS), &one));
        carried.add(at(1_001 + REMEMBERED_MILLIS), &other);
        assert_eq!(carried.0.len(), 1, "what is too old is forgotten");
    }
}

//! Which policy pack was in force when.

use crate::digest::Digest;
use crate::ids::Timestamp;

/// A pack that entry 0 named or supervisors put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its name.
    pub pack: String,
    /// Its digest.
    pub digest: Digest,
    /// From when on: the time of the record that says so.
    pub since: Timestamp,
}

/// The packs in the order in which they came into force; never none.
#[derive(Clone, Debug)]
pub(super) struct Policies {
    before: Vec<InForce>,
    now: InForce,
}

impl Policies {
    pub(super) const fn begin(first: InForce) -> Self {
        Self {
            before: Vec::new(),
            now: first,
        }
    }

    /// Puts a pack in force; one that was in force before may be again.
    pub(super) fn put(&mut self, next: InForce) {
        self.before.push(std::mem::replace(&mut self.now, next));
    }

    pub(super) const fn now(&self) -> &InForce {
        &self.now
    }

    /// The one that was in force last at `time`; the first where it is before them all.
    pub(super) fn at(&self, time: Timestamp) -> &InForce {
        if self.now.since <= time {
            return &self.now;
        }
        let begun = self.before.partition_point(|pack| pack.since <= time);
        self.before
            .get(begun.saturating_sub(1))
            .unwrap_or(&self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_has_the_pack_that_was_in_force_then() {
        let pack = |name: &str, since| InForce {
            pack: name.to_owned(),
            digest: Digest::of(&[name.as_bytes()]),
            since: Timestamp::from_millis(since),
        };
        let mut policies = Policies::begin(pack("first", 10));
        let at = |policies: &Policies, time| {
            let found = policies.at(Timestamp::from_millis(time));
            found.pack.clone()
        };
        assert_eq!([0, 10, 99].map(|time| at(&policies, time)), ["first"; 3]);
        policies.put(pack("second", 20));
        policies.put(pack("first", 30));
        policies.put(pack("third", 30));
        assert_eq!(policies.now().pack, "third");
        for (time, found) in [
            (0, "first"),
            (19, "first"),
            (20, "second"),
            (29, "second"),
            (30, "third"),
            (31, "third"),
        ] {
            assert_eq!(at(&policies, time), found, "{time}");
        }
    }
}

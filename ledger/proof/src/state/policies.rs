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

    /// Whether the pack of this digest was in force at `time`; at the instant at which one takes
    /// another's place, both were. The first was before them all.
    pub(super) fn was_in_force(&self, digest: &Digest, time: Timestamp) -> bool {
        let packs = self.before.iter().chain([&self.now]);
        let begins = packs.clone().skip(1).map(|next| next.since);
        let ends = begins.clone().map(Some).chain([None]);
        let begins = [Timestamp::default()].into_iter().chain(begins);
        packs.zip(begins.zip(ends)).any(|(pack, (begin, end))| {
            pack.digest == *digest && begin <= time && end.is_none_or(|end| time <= end)
        })
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
        let in_force = |name: &str, time| {
            let digest = Digest::of(&[name.as_bytes()]);
            policies.was_in_force(&digest, Timestamp::from_millis(time))
        };
        let among = |name, times: [u64; 7]| times.map(|time| in_force(name, time));
        let times = [9, 10, 20, 21, 30, 31, 99];
        let [t, f] = [true, false];
        assert_eq!(among("first", times), [t, t, t, f, t, f, f]);
        assert_eq!(among("second", times), [f, f, t, t, t, f, f]);
        assert_eq!(among("third", times), [f, f, f, f, t, t, t]);
        assert_eq!(among("other", times), [f; 7]);
    }
}

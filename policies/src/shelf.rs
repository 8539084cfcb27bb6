//! The packs at hand, by digest. Which of them is in force, and since when, stands in the registry:
//! whoever decides takes that one at the time of the record, so that a pack can change while the
//! ledger runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use akashi_proof::decision::{Decide, Policies};
use akashi_proof::digest::Digest;

use crate::pack::Pack;

/// Most packs held: one a month for ten years, and the operator's mistakes.
pub const PACKS_MAX: usize = 128;

/// Why packs do not make a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShelfError {
    /// None at all.
    #[error("expected at least one policy pack, found none")]
    Empty,
    /// More than are held.
    #[error("expected at most {PACKS_MAX} policy packs, found {found}")]
    Full {
        /// How many there are.
        found: usize,
    },
    /// Two are the same.
    #[error("packs {first} and {second} are the same: both have the digest {digest}")]
    Twice {
        /// Place of the one, from 1.
        first: usize,
        /// Place of the other, from 1.
        second: usize,
        /// Their digest.
        digest: Digest,
    },
}

/// The packs at hand: those that were in force, so that the records made under them can be told in
/// their words, the one that is, and those that may be next. Never empty, and it never changes: a
/// pack is put in force by supervisors, and put on the shelf by who starts the server.
#[derive(Debug)]
pub struct Shelf {
    first: Arc<Pack>,
    others: Vec<Arc<Pack>>,
}

impl Shelf {
    /// A shelf of one pack.
    pub const fn of(pack: Arc<Pack>) -> Self {
        Self {
            first: pack,
            others: Vec::new(),
        }
    }

    /// A shelf of these packs, in their order.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub fn new(packs: impl IntoIterator<Item = Pack>) -> Result<Self, ShelfError> {
        let mut packs = packs.into_iter().map(Arc::new);
        let first = packs.next().ok_or(ShelfError::Empty)?;
        let shelf = Self {
            first,
            others: packs.collect(),
        };
        let found = shelf.packs().count();
        if found > PACKS_MAX {
            return Err(ShelfError::Full { found });
        }
        let mut places = BTreeMap::new();
        for (second, pack) in (1..).zip(shelf.packs()) {
            let digest = pack.digest();
            if let Some(first) = places.insert(digest, second) {
                return Err(ShelfError::Twice {
                    first,
                    second,
                    digest,
                });
            }
        }
        Ok(shelf)
    }

    /// All packs, in the order in which they were put here.
    pub fn packs(&self) -> impl Iterator<Item = &Arc<Pack>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The pack with this digest.
    pub fn pack(&self, digest: &Digest) -> Option<&Arc<Pack>> {
        self.packs().find(|pack| pack.digest() == *digest)
    }

    /// The pack to tell by what was decided under `digest`: that one, or where it is not at hand
    /// the one in force. Never to decide by: what decides is found by [`Policies::by_digest`] or
    /// not at all.
    pub fn words_of(&self, digest: &Digest, in_force: &Digest) -> &Arc<Pack> {
        self.pack(digest)
            .or_else(|| self.pack(in_force))
            .unwrap_or(&self.first)
    }
}

impl Policies for Shelf {
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>> {
        self.pack(digest)
            .map(|pack| Arc::clone(pack) as Arc<dyn Decide>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The town's pack with another title: another digest.
    fn other(number: usize) -> Pack {
        let mut files = Pack::town_files();
        let text = files.get_mut("pack.toml").unwrap();
        text.push_str(&format!("# {number}\n"));
        Pack::from_files(files).unwrap()
    }

    #[test]
    fn each_pack_is_found_by_its_digest_and_none_by_another() {
        let shelf = Shelf::new([other(1), other(2)]).unwrap();
        for number in [1, 2] {
            let digest = other(number).digest();
            assert_eq!(shelf.by_digest(&digest).unwrap().policy_digest(), digest);
            let told = shelf.words_of(&digest, &other(1).digest());
            assert_eq!(told.digest(), digest);
        }
        let unknown = other(3).digest();
        assert!(shelf.by_digest(&unknown).is_none());
        let told = shelf.words_of(&unknown, &other(2).digest());
        assert_eq!(told.digest(), other(2).digest(), "in the words in force");
    }

    #[test]
    fn a_shelf_has_packs_up_to_a_bound_and_none_twice() {
        assert_eq!(Shelf::new([]).unwrap_err(), ShelfError::Empty);
        assert!(Shelf::new((0..PACKS_MAX).map(other)).is_ok());
        let found = PACKS_MAX + 1;
        let full = Shelf::new((0..found).map(other)).unwrap_err();
        assert_eq!(full, ShelfError::Full { found });
        let twice = Shelf::new([other(0), other(1), other(0)]).unwrap_err();
        let digest = other(0).digest();
        assert_eq!(
            twice,
            ShelfError::Twice {
                first: 1,
                second: 3,
                digest
            }
        );
    }
}

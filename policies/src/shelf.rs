//! The packs at hand, by digest. Which of them is in force, and since when, stands in the registry:
//! whoever decides takes that one at the time of the record, so that a pack can change while the
//! ledger runs.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use akashi_proof::decision::{Decide, Policies};
use akashi_proof::digest::Digest;

use crate::pack::Pack;

/// Most packs held: one a month for ten years, and the operator's mistakes.
pub const PACKS_MAX: usize = 128;

/// More packs than are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shelf holds at most {PACKS_MAX} packs")]
pub struct ShelfFull;

/// The packs at hand. Packs are added and never taken away: one that was in force names the codes
/// of the records made under it.
#[derive(Debug)]
pub struct Shelf {
    first: Arc<Pack>,
    packs: RwLock<BTreeMap<Digest, Arc<Pack>>>,
}

impl Shelf {
    /// A shelf that begins with one pack.
    pub fn of(first: Arc<Pack>) -> Self {
        let packs = BTreeMap::from([(first.digest(), Arc::clone(&first))]);
        Self {
            first,
            packs: RwLock::new(packs),
        }
    }

    /// Adds a pack; one that is there already changes nothing.
    ///
    /// # Errors
    /// [`ShelfFull`].
    pub fn put(&self, pack: Pack) -> Result<(), ShelfFull> {
        let mut packs = self.packs.write().unwrap_or_else(PoisonError::into_inner);
        if packs.len() >= PACKS_MAX && !packs.contains_key(&pack.digest()) {
            return Err(ShelfFull);
        }
        packs.entry(pack.digest()).or_insert_with(|| Arc::new(pack));
        Ok(())
    }

    /// The pack with this digest.
    pub fn pack(&self, digest: &Digest) -> Option<Arc<Pack>> {
        let packs = self.packs.read().unwrap_or_else(PoisonError::into_inner);
        packs.get(digest).cloned()
    }

    /// The pack with this digest, to name codes by; the one the shelf began with where it is not at
    /// hand. Never to decide by: what decides is found by [`Policies::by_digest`] or not at all.
    pub fn names_of(&self, digest: &Digest) -> Arc<Pack> {
        self.pack(digest).unwrap_or_else(|| Arc::clone(&self.first))
    }
}

impl Policies for Shelf {
    fn by_digest(&self, digest: &Digest) -> Option<Arc<dyn Decide>> {
        self.pack(digest).map(|pack| pack as Arc<dyn Decide>)
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
        let town = Pack::town().unwrap();
        let (first, second) = (town.digest(), other(2).digest());
        let shelf = Shelf::of(Arc::new(town));
        assert!(shelf.by_digest(&second).is_none());
        shelf.put(other(2)).unwrap();
        shelf.put(other(2)).unwrap();
        for digest in [first, second] {
            assert_eq!(shelf.by_digest(&digest).unwrap().policy_digest(), digest);
        }
    }

    #[test]
    fn a_shelf_has_an_end() {
        let shelf = Shelf::of(Arc::new(other(0)));
        for number in 1..PACKS_MAX {
            shelf.put(other(number)).unwrap();
        }
        assert_eq!(shelf.put(other(PACKS_MAX)), Err(ShelfFull));
        assert_eq!(shelf.put(other(0)), Ok(()), "it is there already");
    }
}

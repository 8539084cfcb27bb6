//! What waits in one lane: everybody has a share of its places, and all take turns.
//!
//! One of anything fills its own share and nobody else's, and whoever comes with one thing waits
//! for one thing of each who came before, however much they brought.

use std::collections::{HashMap, VecDeque};

use akashi_proof::ids::{InstitutionId, SubjectHandle};

use crate::error::Refusal;
use crate::limits::{LANE_OF_ONE_PERSON_MAX, LANE_OF_ONE_SIGNER};

/// Who pays for the place in which a command waits (docs/DESIGN.md "Bounds").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// The institution or supervisor whose key signed what passed the gate.
    Signer(InstitutionId),
    /// Whoever sends what comes late: anybody may have it, so that its signer pays nothing. All of
    /// them are one, with as large a share as one signer.
    Sender,
    /// A person who is known.
    Person(SubjectHandle),
    /// People who enrol: each is somebody new, so all of them are one. How many come is bounded
    /// where codes are sent; they take turns with the others and have no share of their own.
    Newcomer,
    /// The ledger itself: what is told, what is counted, what expires. A few at a time.
    Ledger,
}

impl Payer {
    /// How many places of a lane with so many are its own at the most.
    fn share(&self, places: usize) -> usize {
        match self {
            Self::Signer(_) | Self::Sender => (places / LANE_OF_ONE_SIGNER).max(1),
            Self::Person(_) => LANE_OF_ONE_PERSON_MAX.min(places),
            Self::Newcomer | Self::Ledger => places,
        }
    }
}

/// How full a lane is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneFigures {
    /// How many wait now.
    pub waiting: usize,
    /// How many were refused since the start, because the lane was full.
    pub refused: u64,
    /// How many besides, because one payer had its share.
    pub refused_of_one: u64,
}

/// The places of one lane.
pub(super) struct Queue<T> {
    places: usize,
    figures: LaneFigures,
    /// Everybody of whom something waits, once, in the order of their turns.
    turns: VecDeque<Payer>,
    waiting: HashMap<Payer, VecDeque<T>>,
}

impl<T> Queue<T> {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            figures: LaneFigures::default(),
            turns: VecDeque::new(),
            waiting: HashMap::new(),
        }
    }

    /// Lets something wait, or refuses it at once where the lane is full or its payer has its
    /// share.
    pub(super) fn push(&mut self, payer: Payer, item: T) -> Result<(), Refusal> {
        if self.figures.waiting >= self.places {
            self.figures.refused += 1;
            return Err(Refusal::Busy);
        }
        let of_one = self.waiting.get(&payer).map_or(0, VecDeque::len);
        if of_one >= payer.share(self.places) {
            self.figures.refused_of_one += 1;
            return Err(Refusal::Busy);
        }
        if of_one == 0 {
            self.turns.push_back(payer.clone());
        }
        self.waiting.entry(payer).or_default().push_back(item);
        self.figures.waiting += 1;
        Ok(())
    }

    /// Takes so many, or all there are, one of each payer in turn; what one payer brought goes in
    /// the order in which it came.
    pub(super) fn take(&mut self, most: usize, taken: &mut Vec<T>) {
        for _ in 0..most.min(self.figures.waiting) {
            let Some(payer) = self.turns.pop_front() else {
                return;
            };
            let Some(mut items) = self.waiting.remove(&payer) else {
                continue;
            };
            taken.extend(items.pop_front());
            self.figures.waiting -= 1;
            if !items.is_empty() {
                self.waiting.insert(payer.clone(), items);
                self.turns.push_back(payer);
            }
        }
    }

    /// Gives up everything that waits.
    pub(super) fn give_up(&mut self) -> Vec<T> {
        self.turns.clear();
        self.figures.waiting = 0;
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_values().flatten().collect()
    }

    pub(super) const fn len(&self) -> usize {
        self.figures.waiting
    }

    pub(super) const fn figures(&self) -> LaneFigures {
        self.figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: usize = 64;
    const OF_ONE: usize = PLACES / LANE_OF_ONE_SIGNER;

    fn signer(name: &str) -> Payer {
        Payer::Signer(InstitutionId::parse(name).unwrap())
    }

    const fn person(number: u8) -> Payer {
        Payer::Person(SubjectHandle::from_bytes([number; 16]))
    }

    fn taken<T>(queue: &mut Queue<T>, most: usize) -> Vec<T> {
        let mut taken = Vec::new();
        queue.take(most, &mut taken);
        taken
    }

    #[test]
    fn one_signer_fills_its_share_and_nobody_else_s() {
        let mut queue = Queue::new(PLACES);
        let hostile = signer("hospital.chuo");
        for number in 0..OF_ONE {
            queue.push(hostile.clone(), number).unwrap();
        }
        for payer in [signer("hospital.minato"), Payer::Sender, person(1)] {
            let one_more = queue.push(hostile.clone(), 0);
            assert!(matches!(one_more, Err(Refusal::Busy)));
            queue.push(payer, 100).unwrap();
        }
        let figures = queue.figures();
        assert_eq!((figures.refused, figures.refused_of_one), (0, 3));
        assert_eq!(figures.waiting, OF_ONE + 3);
        // One that was taken leaves its place.
        taken(&mut queue, 1);
        queue.push(hostile, 1).unwrap();
    }

    #[test]
    fn so_many_things_of_one_person_wait() {
        let mut queue = Queue::new(PLACES);
        for number in 0..LANE_OF_ONE_PERSON_MAX {
            queue.push(person(1), number).unwrap();
        }
        assert!(queue.push(person(1), 0).is_err());
        queue.push(person(2), 0).unwrap();
    }

    #[test]
    fn all_together_have_the_lane_and_no_more() {
        let mut queue = Queue::new(PLACES);
        for number in 0..PLACES {
            let payer = if number % 2 == 0 {
                Payer::Newcomer
            } else {
                Payer::Ledger
            };
            queue.push(payer, number).unwrap();
        }
        assert!(queue.push(signer("hospital.chuo"), 0).is_err());
        let figures = queue.figures();
        assert_eq!((figures.refused, figures.refused_of_one), (1, 0));
    }

    #[test]
    fn who_brings_one_thing_waits_for_one_of_each() {
        let mut queue = Queue::new(PLACES);
        for number in 0..OF_ONE {
            queue.push(signer("hospital.chuo"), number).unwrap();
        }
        queue.push(person(1), 100).unwrap();
        queue.push(person(1), 101).unwrap();
        queue.push(person(2), 102).unwrap();
        assert_eq!(taken(&mut queue, 5), [0, 100, 102, 1, 101]);
        assert_eq!(queue.len(), OF_ONE - 2);
        assert_eq!(taken(&mut queue, PLACES).len(), OF_ONE - 2);
        assert_eq!(queue.len(), 0);
        assert!(queue.turns.is_empty() && queue.waiting.is_empty());
    }
}

//! Who is here at once, by the networks they come from ([`crate::network`]): so many in all, so
//! many of one address, so many of the networks around it.
//!
//! There are two ways in. Where each is served soon, whoever finds it full comes back
//! ([`Crowd::enter`]). Where somebody may stay for as long as he likes - a connection, a body that
//! does not end - nobody is refused for those who stay: the one longest here of the fullest network
//! goes ([`Crowd::push_in`]), so that who is slow on purpose makes room for himself.
//!
//! Where what is held differs in size - answers under way - each has a weight
//! ([`Crowd::push_in_with`]), the bounds are of weights, and whoever shows a sign of life
//! ([`Seat::touch`]) is as new again. Whoever shows none for too long goes
//! ([`Crowd::send_away_resting`]).
//!
//! Everything costs the logarithm of the number of places; nothing is ever looked through.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::network::{Network, Networks, RINGS};

/// How many may be here at once, or how much, where they have weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// In all.
    pub most: usize,
    /// Of one network, ring by ring, the narrowest first.
    pub by_ring: [usize; RINGS],
}

/// The ring by which it is told who takes most of the room: a site, a rented server.
const FULLEST_OF: usize = 2;

/// Those who are here.
pub struct Crowd {
    by_ring: [usize; RINGS],
    most: AtomicUsize,
    inside: Mutex<Inside>,
    turned_away: AtomicU64,
    sent_away: AtomicU64,
}

#[derive(Default)]
struct Inside {
    /// Rises by one for each who comes or is touched: the lowest has rested longest.
    next: u64,
    weight: usize,
    members: BTreeMap<u64, Member>,
    networks: [HashMap<Network, Here>; RINGS],
    fullest: BTreeSet<(usize, Network)>,
}

/// Those of one network.
#[derive(Default)]
struct Here {
    weight: usize,
    numbers: BTreeSet<u64>,
}

struct Member {
    networks: Networks,
    weight: usize,
    since: Instant,
    guest: Arc<dyn Guest>,
}

/// Who has a place, and hears it when somebody else was given it.
pub trait Guest: Send + Sync {
    /// The place is its no longer. Called once, by whoever came; it must not wait.
    fn leave(&self);
}

/// Whether a place was given to somebody else, for one who asks.
#[derive(Debug, Default)]
pub struct Notice(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    is_given: bool,
    waker: Option<Waker>,
}

impl Notice {
    /// Ready once it was given.
    pub fn poll_given(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.is_given {
            return Poll::Ready(());
        }
        let waker = noted.waker.get_or_insert_with(|| context.waker().clone());
        waker.clone_from(context.waker());
        Poll::Pending
    }
}

impl Guest for Notice {
    fn leave(&self) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.is_given = true;
        if let Some(waker) = noted.waker.take() {
            waker.wake();
        }
    }
}

/// Room that is taken, for as long as this is held.
pub struct Seat {
    crowd: Arc<Crowd>,
    number: AtomicU64,
}

/// Somebody's place, for as long as it is held.
pub struct Place {
    notice: Arc<Notice>,
    /// Kept for its end.
    _seat: Seat,
}

impl Crowd {
    /// Nobody yet.
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self {
            by_ring: bounds.by_ring,
            most: AtomicUsize::new(bounds.most),
            inside: Mutex::default(),
            turned_away: AtomicU64::new(0),
            sent_away: AtomicU64::new(0),
        })
    }

    /// Lets in no more than this from now on, where that is less than its bound: what the system
    /// has room for.
    pub fn at_most(&self, most: usize) {
        self.most.fetch_min(most, Relaxed);
    }

    /// A place, unless this sender's networks or all together have theirs.
    pub fn enter(self: &Arc<Self>, sender: &[u8]) -> Option<Place> {
        let networks = of_sender(sender);
        let mut inside = self.inside();
        if self.full_network(&inside, &networks, 1).is_some() || self.is_full(&inside, 1) {
            self.turned_away.fetch_add(1, Relaxed);
            return None;
        }
        let notice = Arc::<Notice>::default();
        let seat = self.let_in(&mut inside, (networks, 1), Arc::clone(&notice) as _);
        Some(Place {
            notice,
            _seat: seat,
        })
    }

    /// A place, for which somebody else goes if need be: of a network of this sender's that is
    /// full, or of the fullest there is. `None` only where nobody here is of any network.
    pub fn push_in(self: &Arc<Self>, sender: &[u8]) -> Option<Place> {
        let notice = Arc::<Notice>::default();
        let seat = self.push_in_with(sender, 1, Arc::clone(&notice) as _)?;
        Some(Place {
            notice,
            _seat: seat,
        })
    }

    /// Room for so much, for which others go if need be, those first that were not touched for
    /// longest; what is heavier than all of a network's room is let in when nobody of it is left.
    pub fn push_in_with(
        self: &Arc<Self>,
        sender: &[u8],
        weight: usize,
        guest: Arc<dyn Guest>,
    ) -> Option<Seat> {
        let networks = of_sender(sender);
        let (mut gone, mut inside) = (Vec::new(), self.inside());
        while let Some(oldest) = self.full_network(&inside, &networks, weight) {
            gone.extend(inside.remove(oldest));
        }
        while self.is_full(&inside, weight)
            && let Some(oldest) = inside.oldest_of_the_fullest()
        {
            gone.extend(inside.remove(oldest));
        }
        let has_room = !self.is_full(&inside, weight);
        let seat = has_room.then(|| self.let_in(&mut inside, (networks, weight), guest));
        drop(inside);
        self.send_away(gone);
        if seat.is_none() {
            self.turned_away.fetch_add(1, Relaxed);
        }
        seat
    }

    /// Sends away who came, and was touched last, before this time.
    pub fn send_away_resting(&self, before: Instant) {
        let (mut gone, mut inside) = (Vec::new(), self.inside());
        while let Some((number, member)) = inside.members.first_key_value()
            && member.since < before
        {
            let number = *number;
            gone.extend(inside.remove(number));
        }
        drop(inside);
        self.send_away(gone);
    }

    /// How many are here.
    pub fn count(&self) -> usize {
        self.inside().members.len()
    }

    /// How much they weigh together.
    pub fn weight(&self) -> usize {
        self.inside().weight
    }

    /// How many found no place, since the start.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Relaxed)
    }

    /// How many lost theirs, to somebody else or by resting, since the start.
    pub fn sent_away(&self) -> u64 {
        self.sent_away.load(Relaxed)
    }

    fn is_full(&self, inside: &Inside, weight: usize) -> bool {
        inside.weight.saturating_add(weight) > self.most.load(Relaxed)
    }

    /// Who has rested longest of the first of these networks that has no room for so much.
    fn full_network(&self, inside: &Inside, networks: &Networks, weight: usize) -> Option<u64> {
        let each = networks.narrowest_first().into_iter().enumerate();
        let mut full = each
            .zip(self.by_ring)
            .filter_map(|((ring, network), most)| {
                let here = inside.networks.get(ring)?.get(&network?)?;
                let is_full = here.weight.saturating_add(weight) > most;
                is_full.then(|| here.numbers.first().copied())?
            });
        full.next()
    }

    fn let_in(
        self: &Arc<Self>,
        inside: &mut Inside,
        (networks, weight): (Networks, usize),
        guest: Arc<dyn Guest>,
    ) -> Seat {
        let number = inside.add(Member {
            networks,
            weight,
            since: Instant::now(),
            guest,
        });
        Seat {
            crowd: Arc::clone(self),
            number: AtomicU64::new(number),
        }
    }

    /// Tells them, when nothing here is locked any more: what they do then may end other places.
    fn send_away(&self, gone: Vec<Member>) {
        for member in gone {
            self.sent_away.fetch_add(1, Relaxed);
            member.guest.leave();
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of an empty sender none: a trusted proxy's connection counts among all, whoever is before it.
fn of_sender(sender: &[u8]) -> Networks {
    if sender.is_empty() {
        return Networks::default();
    }
    Networks::of(sender)
}

impl Inside {
    fn add(&mut self, member: Member) -> u64 {
        let (number, weight) = (self.next, member.weight);
        self.next += 1;
        self.weight += weight;
        for (ring, network) in member.networks.narrowest_first().into_iter().enumerate() {
            let (Some(network), Some(of_ring)) = (network, self.networks.get_mut(ring)) else {
                continue;
            };
            let here = of_ring.entry(network).or_default();
            here.numbers.insert(number);
            if ring == FULLEST_OF {
                self.fullest.remove(&(here.weight, network));
                self.fullest.insert((here.weight + weight, network));
            }
            here.weight += weight;
        }
        self.members.insert(number, member);
        number
    }

    fn remove(&mut self, number: u64) -> Option<Member> {
        let member = self.members.remove(&number)?;
        self.weight -= member.weight;
        for (ring, network) in member.networks.narrowest_first().into_iter().enumerate() {
            let (Some(network), Some(of_ring)) = (network, self.networks.get_mut(ring)) else {
                continue;
            };
            let Some(here) = of_ring.get_mut(&network) else {
                continue;
            };
            here.numbers.remove(&number);
            let (before, is_empty) = (here.weight, here.numbers.is_empty());
            here.weight -= member.weight;
            let left = here.weight;
            if is_empty {
                of_ring.remove(&network);
            }
            if ring == FULLEST_OF {
                self.fullest.remove(&(before, network));
                if !is_empty {
                    self.fullest.insert((left, network));
                }
            }
        }
        Some(member)
    }

    fn oldest_of_the_fullest(&self) -> Option<u64> {
        let (_, network) = self.fullest.last()?;
        let here = self.networks.get(FULLEST_OF)?.get(network)?;
        here.numbers.first().copied()
    }
}

impl Place {
    /// Ready once this place was given to somebody else.
    pub fn poll_sent_away(&self, context: &mut Context<'_>) -> Poll<()> {
        self.notice.poll_given(context)
    }

    /// Waits until this place was given to somebody else.
    pub async fn sent_away(&self) {
        std::future::poll_fn(|context| self.poll_sent_away(context)).await;
    }

    /// What says so: whoever holds it may give notice for reasons of its own.
    pub fn notice(&self) -> Arc<Notice> {
        Arc::clone(&self.notice)
    }
}

impl Seat {
    /// A sign of life: all others that were not touched since go before this one.
    pub fn touch(&self) {
        let mut inside = self.crowd.inside();
        if let Some(mut member) = inside.remove(self.number.load(Relaxed)) {
            member.since = Instant::now();
            self.number.store(inside.add(member), Relaxed);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let number = self.number.load(Relaxed);
        let left = self.crowd.inside().remove(number);
        // Its guest may hold what has an end of its own: not under the lock.
        drop(left);
    }
}

#[cfg(test)]
mod tests;

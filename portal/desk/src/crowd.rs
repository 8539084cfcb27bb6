//! Who is here at once, by the networks they come from ([`crate::network`]): so many in all, so
//! many of one address, so many of the networks around it.
//!
//! There are two ways in. Where each is served soon, whoever finds it full comes back
//! ([`Crowd::enter`]). Where somebody may stay for as long as he likes - a connection, a body that
//! does not end - nobody is refused for those who stay: the one longest here of the fullest network
//! goes ([`Crowd::push_in`]), so that who is slow on purpose makes room for himself.
//!
//! Everything costs the logarithm of the number of places; nothing is ever looked through.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::network::{Network, Networks, RINGS};

/// How many may be here at once.
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
    /// Rises by one for each who comes: the lowest is longest here.
    next: u64,
    members: HashMap<u64, Member>,
    networks: [HashMap<Network, BTreeSet<u64>>; RINGS],
    fullest: BTreeSet<(usize, Network)>,
}

struct Member {
    networks: Networks,
    leave: oneshot::Sender<()>,
}

/// Somebody's place, for as long as it is held.
pub struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    leave: oneshot::Receiver<()>,
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
        if self.full_network(&inside, &networks).is_some() || self.is_full(&inside) {
            self.turned_away.fetch_add(1, Relaxed);
            return None;
        }
        Some(self.let_in(&mut inside, networks))
    }

    /// A place, for which somebody else goes if need be: of a network of this sender's that is
    /// full, or of the fullest there is. `None` only where nobody here is of any network.
    pub fn push_in(self: &Arc<Self>, sender: &[u8]) -> Option<Place> {
        let networks = of_sender(sender);
        let mut inside = self.inside();
        while let Some(oldest) = self.full_network(&inside, &networks) {
            self.send_away(&mut inside, oldest);
        }
        if self.is_full(&inside) {
            let Some(oldest) = inside.oldest_of_the_fullest() else {
                self.turned_away.fetch_add(1, Relaxed);
                return None;
            };
            self.send_away(&mut inside, oldest);
        }
        Some(self.let_in(&mut inside, networks))
    }

    /// How many are here.
    pub fn count(&self) -> usize {
        self.inside().members.len()
    }

    /// How many found no place, since the start.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Relaxed)
    }

    /// How many lost theirs to somebody else, since the start.
    pub fn sent_away(&self) -> u64 {
        self.sent_away.load(Relaxed)
    }

    fn is_full(&self, inside: &Inside) -> bool {
        inside.members.len() >= self.most.load(Relaxed)
    }

    /// Who is longest here of the first of these networks that is full.
    fn full_network(&self, inside: &Inside, networks: &Networks) -> Option<u64> {
        let each = networks.narrowest_first().into_iter().enumerate();
        let mut full = each
            .zip(self.by_ring)
            .filter_map(|((ring, network), most)| {
                let here = inside.networks.get(ring)?.get(&network?)?;
                (here.len() >= most).then(|| here.first().copied())?
            });
        full.next()
    }

    fn let_in(self: &Arc<Self>, inside: &mut Inside, networks: Networks) -> Place {
        let (told, leave) = oneshot::channel();
        let number = inside.next;
        inside.next += 1;
        inside.add(number, networks, told);
        Place {
            crowd: Arc::clone(self),
            number,
            leave,
        }
    }

    fn send_away(&self, inside: &mut Inside, number: u64) {
        if let Some(member) = inside.remove(number) {
            self.sent_away.fetch_add(1, Relaxed);
            // Whoever has gone by himself does not hear it.
            let _ = member.leave.send(());
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
    fn add(&mut self, number: u64, networks: Networks, leave: oneshot::Sender<()>) {
        for (ring, network) in networks.narrowest_first().into_iter().enumerate() {
            let (Some(network), Some(of_ring)) = (network, self.networks.get_mut(ring)) else {
                continue;
            };
            let here = of_ring.entry(network).or_default();
            here.insert(number);
            if ring == FULLEST_OF {
                self.fullest.remove(&(here.len() - 1, network));
                self.fullest.insert((here.len(), network));
            }
        }
        self.members.insert(number, Member { networks, leave });
    }

    fn remove(&mut self, number: u64) -> Option<Member> {
        let member = self.members.remove(&number)?;
        for (ring, network) in member.networks.narrowest_first().into_iter().enumerate() {
            let (Some(network), Some(of_ring)) = (network, self.networks.get_mut(ring)) else {
                continue;
            };
            let Some(here) = of_ring.get_mut(&network) else {
                continue;
            };
            here.remove(&number);
            let left = here.len();
            if left == 0 {
                of_ring.remove(&network);
            }
            if ring == FULLEST_OF {
                self.fullest.remove(&(left + 1, network));
                if left > 0 {
                    self.fullest.insert((left, network));
                }
            }
        }
        Some(member)
    }

    fn oldest_of_the_fullest(&self) -> Option<u64> {
        let (_, network) = self.fullest.last()?;
        let here = self.networks.get(FULLEST_OF)?.get(network)?;
        here.first().copied()
    }
}

impl Place {
    /// Ready once this place was given to somebody else.
    pub fn poll_sent_away(&mut self, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.leave).poll(context).map(|_| ())
    }

    /// Waits until this place was given to somebody else.
    pub async fn sent_away(&mut self) {
        std::future::poll_fn(|context| self.poll_sent_away(context)).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.inside().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    const BOUNDS: Bounds = Bounds {
        most: 8,
        by_ring: [2, 3, 4, 6],
    };

    fn customer(n: u8) -> [u8; 8] {
        [0x20, 1, 0x0d, 0xb8, 0, n, n, n]
    }

    fn is_sent_away(place: &mut Place) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        place.poll_sent_away(&mut context).is_ready()
    }

    #[test]
    fn each_width_of_network_has_its_bound() {
        let crowd = Crowd::new(BOUNDS);
        let of = |last: [u8; 4]| crowd.enter(&[[0x20, 1, 0x0d, 0xb8], last].concat());
        let one = (of([0, 0, 0, 0]).unwrap(), of([0, 0, 0, 0]).unwrap());
        assert!(of([0, 0, 0, 0]).is_none(), "N + 1 of one address");
        let home = of([0, 0, 0, 1]).unwrap();
        assert!(of([0, 0, 0, 2]).is_none(), "N + 1 of one home line");
        let site = of([0, 0, 1, 0]).unwrap();
        assert!(of([0, 0, 2, 0]).is_none(), "N + 1 of one site");
        let provider = (of([1, 0, 0, 0]).unwrap(), of([2, 0, 0, 0]).unwrap());
        assert!(of([3, 0, 0, 0]).is_none(), "N + 1 of one provider");
        let others = (crowd.enter(&[192, 0, 2, 1]), crowd.enter(b""));
        assert!(others.0.is_some() && others.1.is_some());
        assert!(crowd.enter(&[192, 1, 2, 1]).is_none(), "N + 1 in all");
        assert_eq!((crowd.count(), crowd.turned_away()), (8, 5));
        drop((one, home, site, provider, others));
        assert_eq!(crowd.count(), 0);
        let inside = crowd.inside();
        let left = inside.networks.iter().map(HashMap::len).sum::<usize>();
        assert_eq!(
            (left, inside.fullest.len()),
            (0, 0),
            "nothing is left behind"
        );
    }

    #[test]
    fn who_stays_makes_room_for_himself_and_the_fullest_network_for_all() {
        let crowd = Crowd::new(BOUNDS);
        let slow = |n| crowd.push_in(&customer(n)).unwrap();
        let (mut first, mut second) = (slow(0), slow(0));
        let mut third = slow(0);
        assert!(is_sent_away(&mut first) && !is_sent_away(&mut second));
        let honest = (1..=4).map(|n| crowd.push_in(&[192, 0, n, 1]).unwrap());
        let mut honest: Vec<Place> = honest.collect();
        honest.extend((1..=2).map(|n| crowd.push_in(&[198, 0, n, 1]).unwrap()));
        assert_eq!(crowd.count(), 8);
        let mut newcomer = crowd.push_in(&[203, 0, 113, 1]).unwrap();
        assert!(is_sent_away(&mut second), "the fullest network gives way");
        assert!(honest.iter_mut().all(|place| !is_sent_away(place)));
        assert!(!is_sent_away(&mut third) && !is_sent_away(&mut newcomer));
        assert_eq!((crowd.count(), crowd.sent_away()), (8, 2));
        drop(second);
        assert_eq!(crowd.count(), 8, "a place that was lost is given back once");
    }

    #[test]
    fn the_system_may_have_room_for_less() {
        let crowd = Crowd::new(BOUNDS);
        crowd.at_most(100);
        crowd.at_most(1);
        let here = crowd.push_in(b"").unwrap();
        assert!(crowd.push_in(b"").is_none(), "nobody can be told");
        drop(here);
        assert!(crowd.push_in(b"").is_some());
    }
}

//! How what an address sends is looked at while it, or a network around it, owes: its rate of what
//! nobody signed is used up ([`crate::rate_limit::Limits::unsigned`]).
//!
//! A debt says nothing of what comes next: who shares an address or a provider with a stranger is
//! not that stranger. So what comes is looked at first - a registered key signed it, it is fresh,
//! it is new - and refused for the debt only where it turns out to be nobody's. What such looks may
//! cost is bounded here: so many wait at once ([`DEBTORS_AT_ONCE`]), and a part of the processors
//! checks their signatures ([`DEBTORS_PART`]). Who owes nothing never comes this way.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::app::App;
use crate::crowd::{Crowd, Place};
use crate::limits::{DEBTORS_AT_ONCE, DEBTORS_PART};
use crate::rate_limit::Wait;
use crate::turns::processors;

/// Requests of addresses that owe, until it is known whose they are.
pub struct Debtors {
    places: Arc<Crowd>,
    processors: Semaphore,
}

impl Default for Debtors {
    fn default() -> Self {
        Self {
            places: Crowd::new(DEBTORS_AT_ONCE),
            processors: Semaphore::new((processors() / DEBTORS_PART).max(1)),
        }
    }
}

impl Debtors {
    /// Who is here, for figures.
    pub const fn places(&self) -> &Arc<Crowd> {
        &self.places
    }
}

/// One request that is looked at; it keeps its place, where it needs one, until it is dropped.
pub struct Look<'a> {
    owes: Option<(Place, &'a Semaphore)>,
}

impl<'a> Look<'a> {
    /// Of what this address sends.
    ///
    /// # Errors
    /// [`Wait`] of an address that owes, where it, its networks or all together have their places.
    pub fn at(app: &'a App, address: &[u8]) -> Result<Self, Wait> {
        let owes = match app.limits.unsigned.check(address) {
            Ok(()) => None,
            Err(debt) => {
                let debtors = &app.doors.debtors;
                let place = debtors.places.enter(address).ok_or(debt)?;
                Some((place, &debtors.processors))
            }
        };
        Ok(Self { owes })
    }

    /// Checks signatures: at once, or where the address owes in its turn.
    pub async fn check<T>(&self, check: impl FnOnce() -> T + Send) -> T {
        let turn = match &self.owes {
            None => None,
            // Never closed.
            Some((_, processors)) => processors.acquire().await.ok(),
        };
        let checked = check();
        drop(turn);
        checked
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn signatures_of_debtors_are_checked_by_a_part_of_the_processors() {
        let debtors = Arc::new(Debtors {
            processors: Semaphore::new(1),
            ..Debtors::default()
        });
        let (here, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let looks: Vec<_> = (0..64u8)
            .map(|n| {
                let (debtors, here, most) =
                    (Arc::clone(&debtors), Arc::clone(&here), Arc::clone(&most));
                tokio::spawn(async move {
                    let place = debtors.places.enter(&[192, 0, 2, n]).unwrap();
                    let look = Look {
                        owes: Some((place, &debtors.processors)),
                    };
                    look.check(|| {
                        most.fetch_max(here.fetch_add(1, SeqCst) + 1, SeqCst);
                        std::thread::yield_now();
                        here.fetch_sub(1, SeqCst);
                    })
                    .await;
                })
            })
            .collect();
        for look in looks {
            look.await.unwrap();
        }
        assert_eq!(most.load(SeqCst), 1, "N, and never N + 1");
        assert_eq!(debtors.places.count(), 0);
    }

    #[test]
    fn one_network_of_debtors_leaves_places_to_others() {
        let debtors = Debtors::default();
        let enter = |sender: &[u8]| debtors.places.enter(sender);
        let site: Vec<_> = std::iter::from_fn(|| enter(&[192, 0, 2, 1])).collect();
        assert_eq!(site.len(), DEBTORS_AT_ONCE.by_ring[0], "N + 1 has none");
        assert!(enter(&[192, 0, 2, 2]).is_none(), "nor its neighbour");
        assert!(enter(&[192, 0, 3, 1]).is_some());
        assert!(enter(&[198, 51, 100, 1]).is_some());
    }
}

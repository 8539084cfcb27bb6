//! The ways in: one a kind of work, each with places of its own, so that none starves another; and
//! before them the connections, and the bodies that are still arriving; behind them the answers on
//! their way.
//!
//! A place is taken when the whole request is here ([`Doors::enter`]): work that has begun ends by
//! itself. What somebody sends slowly costs a place among the bodies only ([`Doors::bodies`]), and
//! what somebody reads slowly costs room among the answers only ([`Doors::answers`]).

use std::sync::Arc;

use crate::crowd::{Bounds, Crowd, Place};
use crate::debtors::Debtors;
use crate::limits;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Looking at pages.
    Pages,
    /// Signing in and enrolling: forms of people nobody knows yet, which wait for the SMS gateway.
    SignIn,
    /// What people and supervisors do: agreeing, refusing, withdrawing, suspending.
    Acts,
    /// What institutions ask.
    Institutions,
    /// The public log.
    Log,
    /// Histories as files.
    Downloads,
}

impl Door {
    /// Every kind there is.
    pub const ALL: [Self; 6] = [
        Self::Pages,
        Self::SignIn,
        Self::Acts,
        Self::Institutions,
        Self::Log,
        Self::Downloads,
    ];

    /// As figures are named after it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::SignIn => "sign-in",
            Self::Acts => "acts",
            Self::Institutions => "institutions",
            Self::Log => "log",
            Self::Downloads => "downloads",
        }
    }

    const fn bounds(self) -> Bounds {
        match self {
            Self::Pages => limits::PAGES_AT_ONCE,
            Self::SignIn => limits::SIGN_IN_AT_ONCE,
            Self::Acts => limits::ACTS_AT_ONCE,
            Self::Institutions => limits::INSTITUTIONS_AT_ONCE,
            Self::Log => limits::LOG_AT_ONCE,
            Self::Downloads => limits::DOWNLOADS_AT_ONCE,
        }
    }
}

/// All ways in.
pub struct Doors {
    /// Connections.
    pub connections: Arc<Crowd>,
    /// Bodies that are still arriving.
    pub bodies: Arc<Crowd>,
    /// Those of routes that take longer ones.
    pub long_bodies: Arc<Crowd>,
    /// Those that lost their place and wait to be told.
    pub late_bodies: Arc<Crowd>,
    /// Requests of addresses that owe, until it is known who signed them.
    pub debtors: Debtors,
    /// Pieces of evidence that are checked, among what institutions ask.
    pub evidence: Arc<Crowd>,
    /// Answers on their way, by bytes.
    pub answers: Arc<Crowd>,
    work: [Arc<Crowd>; Door::ALL.len()],
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            connections: Crowd::new(limits::CONNECTIONS),
            bodies: Crowd::new(limits::BODIES),
            long_bodies: Crowd::new(limits::LONG_BODIES),
            late_bodies: Crowd::new(limits::LATE_BODIES),
            debtors: Debtors::default(),
            evidence: Crowd::new(limits::EVIDENCE_AT_ONCE),
            answers: Crowd::new(limits::ANSWERS),
            work: Door::ALL.map(|door| Crowd::new(door.bounds())),
        }
    }
}

impl Doors {
    /// A place among those this kind of work is done for; `None` where this sender, its networks or
    /// all together have theirs.
    pub fn enter(&self, door: Door, sender: &[u8]) -> Option<Place> {
        self.of(door).enter(sender)
    }

    /// Each with its name, for figures.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &Arc<Crowd>)> {
        let work = Door::ALL.into_iter().zip(&self.work);
        let work = work.map(|(door, crowd)| (door.name(), crowd));
        let before = [
            ("connections", &self.connections),
            ("bodies", &self.bodies),
            ("long-bodies", &self.long_bodies),
            ("late-bodies", &self.late_bodies),
            ("answers", &self.answers),
            ("debtors", self.debtors.places()),
        ];
        let within = [("evidence", &self.evidence)];
        before.into_iter().chain(work).chain(within)
    }

    const fn of(&self, door: Door) -> &Arc<Crowd> {
        let [pages, sign_in, acts, institutions, log, downloads] = &self.work;
        match door {
            Door::Pages => pages,
            Door::SignIn => sign_in,
            Door::Acts => acts,
            Door::Institutions => institutions,
            Door::Log => log,
            Door::Downloads => downloads,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::RINGS;

    #[test]
    fn one_kind_of_work_leaves_the_others_their_places() {
        for full in Door::ALL {
            let doors = Doors::default();
            let most = full.bounds().most;
            let place = |n: usize| {
                let [.., a, b] = n.to_be_bytes();
                doors.enter(full, &[a, b, 0, 0, 0, 0, 0, 0])
            };
            let places: Vec<_> = (0..most).map_while(place).collect();
            assert_eq!(places.len(), most, "{}", full.name());
            assert!(place(most).is_none(), "N + 1");
            for other in Door::ALL.into_iter().filter(|other| *other != full) {
                assert!(doors.enter(other, &[192, 0, 2, 1]).is_some());
            }
        }
    }

    #[test]
    fn bodies_that_do_not_end_leave_room_for_connections() {
        let bodies = [limits::BODIES, limits::LONG_BODIES, limits::LATE_BODIES];
        let held: usize = bodies.iter().map(|bounds| bounds.most).sum();
        assert_eq!(limits::CONNECTIONS.most - held, 768);
        let [bodies, _, late] = bodies.map(|bounds| bounds.by_ring[RINGS - 1]);
        assert_eq!(limits::CONNECTIONS.most - bodies - late, 3_584);
    }

    #[test]
    fn one_address_or_network_never_has_all_places() {
        let doors = Doors::default();
        let places = doors.each().filter(|(name, _)| *name != "answers");
        for (name, crowd) in places {
            let at = |sender: &[u8]| {
                let places = std::iter::from_fn(|| crowd.enter(sender));
                places.collect::<Vec<_>>().len()
            };
            let (one, all) = (at(&[192, 0, 2, 1]), at(b""));
            assert!(one < all, "{name}: {one} of {all}");
            let few_need_it = ["downloads", "long-bodies", "evidence"].contains(&name);
            assert!(one >= 256 || few_need_it, "{name}: {one}");
        }
        // A gateway's line that hangs for a moment: a thousand bundles of 25 kB.
        let Bounds { most, by_ring } = limits::ANSWERS;
        assert!(by_ring[0] > 1_000 * (25_000 + limits::ANSWER_COST) && by_ring[RINGS - 1] < most);
    }
}

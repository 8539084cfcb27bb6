//! An institution's own stream: who holds which role.

use super::FoldError;
use crate::ids::{Kid, LeafIndex, RoleCode, RoleHolderId, Seq, Timestamp};
use crate::record::fields::{fields, frame, nested_items, unframe};
use crate::record::kind::{ByStream, InstitutionEvent};
use crate::record::{Closed, InstitutionPosition, Position, Record, StreamKind};

fields! {
    /// The fold of one institution's stream.
    pub struct Roles {
        /// Place of the last record; absent before the first.
        seq: Option<Seq>,
        /// Log index of the last record.
        last: Option<LeafIndex>,
        /// Assignments, in the order of role-holder and role.
        held: Vec<Held>,
        /// Late statements on record, in the order of the keys.
        late: Vec<Late>,
        /// The newest minute in which something else was refused ([`Timestamp::minute_utc`]).
        refused_minute: u64,
        /// How much was in it.
        refused_count: u64,
        /// Emergencies of the newest hour in which there was one, in the order of the role-holders.
        emergencies: Vec<Emergencies>,
    }

    /// How many emergencies a role-holder has declared in one hour.
    pub struct Emergencies {
        /// Who.
        role_holder: RoleHolderId,
        /// In which hour ([`Timestamp::hour_utc`]).
        hour: u64,
        /// How many.
        count: u64,
    }

    /// How many statements of one key were refused because they came late
    /// ([`StatementRefused::is_late`](crate::record::kind::StatementRefused::is_late)).
    pub struct Late {
        /// The key.
        kid: Kid,
        /// How many.
        count: u64,
    }

    /// One role of one role-holder.
    pub struct Held {
        /// Who holds it.
        role_holder: RoleHolderId,
        /// Which role.
        role: RoleCode,
        /// Log index of the record that assigned it.
        assigned: LeafIndex,
        /// First instant of validity.
        valid_from: Timestamp,
        /// First instant at which it is no longer held.
        valid_until: Option<Timestamp>,
    }
}

nested_items!(Held, Late, Emergencies);

#[expect(
    clippy::derivable_impls,
    reason = "`fields!` gives every struct the same derives"
)]
impl Default for Roles {
    fn default() -> Self {
        Self {
            seq: None,
            last: None,
            held: Vec::new(),
            late: Vec::new(),
            refused_minute: 0,
            refused_count: 0,
            emergencies: Vec::new(),
        }
    }
}

impl Held {
    fn is_valid(&self, now: Timestamp) -> bool {
        self.valid_from <= now && !self.has_ended(now)
    }

    fn has_ended(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|until| until <= now)
    }
}

impl Roles {
    /// Whether the role-holder has the role at `now`.
    pub fn holds(&self, role_holder: &RoleHolderId, role: &RoleCode, now: Timestamp) -> bool {
        let found = self.find(role_holder, role).ok();
        found
            .and_then(|at| self.held.get(at))
            .is_some_and(|held| held.is_valid(now))
    }

    /// The roles held at `now`.
    pub fn held_at(&self, now: Timestamp) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(move |held| held.is_valid(now))
    }

    /// This role of this role-holder, if it was given and has not ended; it may not have begun yet.
    pub fn assigned(
        &self,
        role_holder: &RoleHolderId,
        role: &RoleCode,
        now: Timestamp,
    ) -> Option<&Held> {
        let found = self.find(role_holder, role).ok();
        let held = found.and_then(|at| self.held.get(at));
        held.filter(|held| !held.has_ended(now))
    }

    /// How many roles have not ended at `now`.
    pub fn alive(&self, now: Timestamp) -> usize {
        let alive = self.held.iter().filter(|held| !held.has_ended(now));
        alive.count()
    }

    /// How many statements of this key stand in the stream that came too late, or after its end.
    pub fn late(&self, kid: &Kid) -> u64 {
        let found = self.late.binary_search_by(|late| late.kid.cmp(kid)).ok();
        found
            .and_then(|at| self.late.get(at))
            .map_or(0, |late| late.count)
    }

    /// How many statements that were not late were refused in the minute of `now`.
    pub fn refused(&self, now: Timestamp) -> u64 {
        if self.refused_minute == now.minute_utc() {
            self.refused_count
        } else {
            0
        }
    }

    /// How many emergencies the role-holder has declared in the hour of `now`.
    pub fn emergencies(&self, role_holder: &RoleHolderId, now: Timestamp) -> u64 {
        let of = |one: &&Emergencies| one.role_holder == *role_holder && one.hour == now.hour_utc();
        self.emergencies.iter().find(of).map_or(0, |one| one.count)
    }

    /// The fold as bytes: what a store may keep to spare replaying the whole stream.
    pub fn to_bytes(&self) -> Vec<u8> {
        frame(self)
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        unframe(bytes).ok()
    }

    fn find(&self, role_holder: &RoleHolderId, role: &RoleCode) -> Result<usize, usize> {
        self.held
            .binary_search_by(|held| (&held.role_holder, &held.role).cmp(&(role_holder, role)))
    }

    /// Takes the next record of the stream, which stands at `index` in the log.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is unchanged.
    pub fn apply(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        let Position::Institution(place) = &record.position else {
            return Err(FoldError::Contradiction(
                "the record is not in an institution's stream",
            ));
        };
        self.follows(place)?;
        let ByStream::Institution(event) = record.event.by_stream() else {
            return Err(FoldError::Contradiction(
                "the kind is not one of an institution's",
            ));
        };
        if matches!(
            event,
            InstitutionEvent::RoleAssigned(_) | InstitutionEvent::RoleEnded(_)
        ) {
            self.held
                .retain(|held| held.valid_until.is_none_or(|until| record.time < until));
        }
        match event {
            InstitutionEvent::RoleAssigned(e) => {
                let held = Held {
                    role_holder: e.role_holder.clone(),
                    role: e.role.clone(),
                    assigned: index,
                    valid_from: e.valid_from,
                    valid_until: e.valid_until,
                };
                match self.find(&e.role_holder, &e.role) {
                    Ok(at) => drop(self.held.splice(at..=at, [held])),
                    Err(at) => self.held.insert(at, held),
                }
            }
            InstitutionEvent::RoleEnded(e) => {
                let found = self.find(&e.role_holder, &e.role).ok();
                if let Some(held) = found.and_then(|at| self.held.get_mut(at)) {
                    let until = &mut held.valid_until;
                    *until = Some(until.map_or(record.time, |until| until.min(record.time)));
                }
            }
            InstitutionEvent::StatementRefused(e) => {
                if e.is_late() {
                    self.count_late(&e.kid);
                } else {
                    self.refused_count = self.refused(record.time) + 1;
                    self.refused_minute = record.time.minute_utc();
                }
            }
            InstitutionEvent::EmergencyDeclared(e) => {
                self.count_emergency(&e.role_holder, record.time);
            }
            // Kept for whoever reads them; no decision rests on them.
            InstitutionEvent::StatementsThrottled(_)
            | InstitutionEvent::StatisticsPermitted(_)
            | InstitutionEvent::StatisticsDenied(_) => {}
        }
        self.seq = Some(place.seq);
        self.last = Some(index);
        Ok(())
    }
    /// Takes the place of the next record of the stream, whose body is not open.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is unchanged.
    pub fn pass(
        &mut self,
        index: LeafIndex,
        place: &InstitutionPosition,
        closed: Closed,
    ) -> Result<(), FoldError> {
        self.follows(place)?;
        self.close(index, closed);
        self.seq = Some(place.seq);
        self.last = Some(index);
        Ok(())
    }

    /// Takes in that the body of the record at `index`, which the fold has passed or has taken when
    /// it was open, is not open any more. A lost one may have ended any role assigned before it:
    /// the institution has none of them until it assigns it anew. Nothing changes when it is told
    /// again.
    pub fn close(&mut self, index: LeafIndex, closed: Closed) {
        match closed {
            Closed::Lost => self.held.retain(|held| held.assigned > index),
            // Whoever closes it records anew what still counts before.
            Closed::Withheld { .. } | Closed::Erased => {}
        }
    }

    /// An hour that is over is forgotten whole.
    fn count_emergency(&mut self, role_holder: &RoleHolderId, now: Timestamp) {
        let hour = now.hour_utc();
        self.emergencies.retain(|one| one.hour == hour);
        let of = |one: &Emergencies| one.role_holder.cmp(role_holder);
        match self.emergencies.binary_search_by(of) {
            Ok(at) => {
                if let Some(one) = self.emergencies.get_mut(at) {
                    one.count += 1;
                }
            }
            Err(at) => {
                let (role_holder, count) = (role_holder.clone(), 1);
                let first = Emergencies {
                    role_holder,
                    hour,
                    count,
                };
                self.emergencies.insert(at, first);
            }
        }
    }

    fn count_late(&mut self, kid: &Kid) {
        match self.late.binary_search_by(|late| late.kid.cmp(kid)) {
            Ok(at) => {
                if let Some(late) = self.late.get_mut(at) {
                    late.count += 1;
                }
            }
            Err(at) => {
                let kid = kid.clone();
                self.late.insert(at, Late { kid, count: 1 });
            }
        }
    }

    fn follows(&self, place: &InstitutionPosition) -> Result<(), FoldError> {
        let expected = Seq::after(self.seq);
        if place.seq != expected {
            return Err(FoldError::Seq {
                stream: StreamKind::Institution,
                expected,
                found: place.seq,
            });
        }
        if place.prev != self.last {
            return Err(FoldError::Contradiction(
                "`prev` is not the record before in this stream",
            ));
        }
        Ok(())
    }
}

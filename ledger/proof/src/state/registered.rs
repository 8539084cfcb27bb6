//! Who stands in the registry: institutions with their keys, and the supervisors above them.

mod reset;

use std::collections::BTreeMap;

use super::FoldError;
use crate::ids::{InstitutionId, Kid, Timestamp};
use crate::limits::{KEYS_ALIVE_MAX, KEYS_PER_DAY_MAX};
use crate::particulars::{Email, Particulars};
use crate::record::kind::KeyUse;
use akashi_tlog::public_key::PublicKey;

pub use reset::Reset;

/// Most particulars of the past an institution keeps; the oldest go first. They only serve to show
/// words that were shown under them, and a body that is renamed more often has no such words left.
const FORMER_MAX: usize = 16;

/// Whether an institution may take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Certified,
    /// It is stopped until it is reinstated.
    Suspended,
}

/// A certified institution.
#[derive(Clone, Debug)]
pub struct Institution {
    /// Its identifier.
    pub id: InstitutionId,
    /// What it is called and how people reach it, now.
    pub particulars: Particulars,
    /// Its sector in the policy pack.
    pub sector: String,
    /// Whether it may take part.
    pub standing: Standing,
    /// Since when it stands as it does.
    pub standing_since: Timestamp,
    /// When it was certified.
    pub certified: Timestamp,
    /// When it was suspended before, and reinstated, oldest first.
    suspended: Vec<(Timestamp, Timestamp)>,
    /// What its particulars were until these times, oldest first.
    former: Vec<(Timestamp, Particulars)>,
    /// Every key it ever had.
    keys: BTreeMap<Kid, RegisteredKey>,
    /// The day (UTC, since 1970) it registered a key last, and how many on that day.
    registered: (u64, u64),
    /// The last reset of its keys.
    reset: Option<Reset>,
}

impl Institution {
    /// An institution as it is on the day it is certified.
    pub fn certified(
        id: InstitutionId,
        particulars: Particulars,
        sector: &str,
        time: Timestamp,
    ) -> Self {
        Self {
            id,
            particulars,
            sector: sector.to_owned(),
            standing: Standing::Certified,
            standing_since: time,
            certified: time,
            suspended: Vec::new(),
            former: Vec::new(),
            keys: BTreeMap::new(),
            registered: (0, 0),
            reset: None,
        }
    }

    /// Whether it took part at this instant; where it was suspended or reinstated at this very one,
    /// it did.
    pub fn took_part(&self, at: Timestamp) -> bool {
        let now_suspended = match self.standing {
            Standing::Suspended => self.standing_since < at,
            Standing::Certified => false,
        };
        let was_suspended = |(from, until): &(Timestamp, Timestamp)| *from < at && at < *until;
        self.certified <= at && !now_suspended && !self.suspended.iter().any(was_suspended)
    }

    /// From this instant on it stands so.
    pub(super) fn stand(&mut self, standing: Standing, time: Timestamp) {
        if (self.standing, standing) == (Standing::Suspended, Standing::Certified) {
            self.suspended.push((self.standing_since, time));
        }
        (self.standing, self.standing_since) = (standing, time);
    }

    /// A key it ever had.
    pub fn key(&self, kid: &Kid) -> Option<&RegisteredKey> {
        self.keys.get(kid)
    }

    /// Its keys that have not ended at `now`, those not yet valid among them, but for the one a
    /// reset would bring in: never more than [`KEYS_ALIVE_MAX`].
    pub fn keys_alive(&self, now: Timestamp) -> usize {
        let waits = self.reset_waiting(now).map(|reset| &reset.kid);
        let alive = self.keys.iter();
        let alive = alive.filter(|(kid, key)| !key.has_ended(now) && Some(*kid) != waits);
        alive.count()
    }

    /// Its evidence keys valid at `now`, newest last.
    pub(super) fn evidence_keys(&self, now: Timestamp) -> Vec<&Kid> {
        let valid = |(_, key): &(&Kid, &RegisteredKey)| key.is_valid(KeyUse::Evidence, now);
        let mut keys: Vec<_> = self.keys.iter().filter(valid).collect();
        keys.sort_by_key(|(_, key)| key.valid_from);
        keys.into_iter().map(|(kid, _)| kid).collect()
    }

    /// Whether it may register one more key at `now`.
    pub(super) fn check_room(&self, now: Timestamp) -> Result<(), FoldError> {
        let what = if self.standing != Standing::Certified {
            "an act of an institution that is not certified"
        } else if self.keys_alive(now) >= KEYS_ALIVE_MAX {
            "more keys alive than an institution can have"
        } else if self.registered_on(day(now)) >= KEYS_PER_DAY_MAX {
            "more keys than an institution can register in a day"
        } else {
            return Ok(());
        };
        Err(FoldError::Contradiction(what))
    }

    fn registered_on(&self, today: u64) -> u64 {
        let (day, count) = self.registered;
        if day == today { count } else { 0 }
    }

    /// Takes the key it is certified with.
    pub(super) fn begin_with(&mut self, kid: Kid, key: RegisteredKey) {
        self.keys.insert(kid, key);
    }

    /// Takes a key it registers at `now`, which [`Self::check_room`] has let pass.
    pub(super) fn register(&mut self, kid: Kid, mut key: RegisteredKey, now: Timestamp) {
        let today = day(now);
        self.registered = (today, self.registered_on(today).saturating_add(1));
        // Whoever holds a stolen key registers more of them: a reset that waits ends those too.
        let reset = self.reset_waiting(now).and_then(|reset| reset.effect);
        key.reset_at = reset.map(|effect| key.end_at(effect));
        self.keys.insert(kid, key);
    }

    /// Ends a key of its own.
    pub(super) fn end_key(&mut self, kid: &Kid, at: Timestamp) {
        if let Some(key) = self.keys.get_mut(kid) {
            let end = key.end_at(at);
            key.valid_until = Some(key.valid_until.map_or(end, |until| until.min(end)));
        }
    }

    /// What it was called, and how people reached it, at this time: for words that were shown then.
    /// Of a time that is not kept any more, the oldest that are.
    pub fn particulars_at(&self, time: Timestamp) -> &Particulars {
        at(&self.particulars, &self.former, time)
    }

    /// Takes new particulars from `time` on.
    pub(super) fn change(&mut self, particulars: Particulars, time: Timestamp) {
        change(&mut self.particulars, &mut self.former, particulars, time);
    }

    /// Where mail for it goes, and went until `since` or later: whoever has the address changed
    /// before something worse hides nothing by it. Each once, today's first.
    pub fn emails_since(&self, since: Timestamp) -> Vec<&Email> {
        emails_since(&self.particulars, &self.former, since)
    }

    /// The last reset of its keys, whether it waits or is in force.
    pub const fn last_reset(&self) -> Option<&Reset> {
        self.reset.as_ref()
    }
}

/// Puts these particulars in the place of those there are, from `time` on.
fn change(
    now: &mut Particulars,
    former: &mut Vec<(Timestamp, Particulars)>,
    then: Particulars,
    time: Timestamp,
) {
    if former.len() == FORMER_MAX {
        former.remove(0);
    }
    former.push((time, std::mem::replace(now, then)));
}

fn at<'a>(
    now: &'a Particulars,
    former: &'a [(Timestamp, Particulars)],
    time: Timestamp,
) -> &'a Particulars {
    let then = former.iter().find(|(until, _)| time < *until);
    then.map_or(now, |(_, particulars)| particulars)
}

fn emails_since<'a>(
    now: &'a Particulars,
    former: &'a [(Timestamp, Particulars)],
    since: Timestamp,
) -> Vec<&'a Email> {
    let before = former.iter().filter(|(until, _)| *until >= since);
    let mut emails = vec![&now.email];
    for (_, particulars) in before {
        if !emails.contains(&&particulars.email) {
            emails.push(&particulars.email);
        }
    }
    emails
}

/// A supervisor: with others, one of those whose statements make the registry's acts.
#[derive(Clone, Debug)]
pub struct Supervisor {
    /// Its identifier.
    pub id: InstitutionId,
    /// The key it signs with, until another takes its place.
    pub key: PublicKey,
    /// What it is called and how people reach it, now.
    pub particulars: Particulars,
    /// What its particulars were until these times, oldest first.
    former: Vec<(Timestamp, Particulars)>,
}

impl Supervisor {
    /// A supervisor as it begins.
    pub(super) const fn new(id: InstitutionId, key: PublicKey, particulars: Particulars) -> Self {
        Self {
            id,
            key,
            particulars,
            former: Vec::new(),
        }
    }

    /// Takes new particulars from `time` on.
    pub(super) fn change(&mut self, particulars: Particulars, time: Timestamp) {
        change(&mut self.particulars, &mut self.former, particulars, time);
    }

    /// What it was called, and how people reached it, as [`Institution::particulars_at`].
    pub fn particulars_at(&self, time: Timestamp) -> &Particulars {
        at(&self.particulars, &self.former, time)
    }

    /// Where mail for it goes, as [`Institution::emails_since`].
    pub fn emails_since(&self, since: Timestamp) -> Vec<&Email> {
        emails_since(&self.particulars, &self.former, since)
    }
}

/// A key of an institution.
#[derive(Clone, Debug)]
pub struct RegisteredKey {
    /// Whose it is.
    pub institution: InstitutionId,
    /// What it may be used for.
    pub key_use: KeyUse,
    /// The verifying key; absent of an evidence key.
    pub public: Option<PublicKey>,
    /// First instant of validity.
    pub valid_from: Timestamp,
    /// First instant at which it is no longer valid.
    pub valid_until: Option<Timestamp>,
    /// First instant at which a reset has ended it, where one has or is on its way.
    pub reset_at: Option<Timestamp>,
}

impl RegisteredKey {
    /// Whether it may be used for `key_use` at `now`.
    pub fn is_valid(&self, key_use: KeyUse, now: Timestamp) -> bool {
        self.key_use == key_use && self.valid_from <= now && !self.has_ended(now)
    }

    /// Whether it was revoked or has run out at `now`; it may not have begun before.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        let ends = [self.valid_until, self.reset_at];
        ends.iter().flatten().any(|end| *end <= now)
    }

    /// The first instant at which it has ended where something ends it at `at`. Evidence made again
    /// must be the same bytes: an evidence key ends after that millisecond.
    fn end_at(&self, at: Timestamp) -> Timestamp {
        match self.key_use {
            KeyUse::Sign => at,
            KeyUse::Evidence => at.plus_millis(1),
        }
    }
}

/// The day of a moment, by which a day's acts are counted.
const fn day(time: Timestamp) -> u64 {
    time.as_millis() / (24 * 3_600 * 1_000)
}

//! Who stands in the registry: institutions with their keys, and the supervisors above them.

use crate::ids::{InstitutionId, Timestamp};
use crate::particulars::Particulars;
use crate::record::kind::KeyUse;
use akashi_tlog::public_key::PublicKey;

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
    /// What its particulars were until these times, oldest first.
    former: Vec<(Timestamp, Particulars)>,
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
            former: Vec::new(),
        }
    }

    /// What it was called, and how people reached it, at this time: for words that were shown then.
    /// Of a time that is not kept any more, the oldest that are.
    pub fn particulars_at(&self, time: Timestamp) -> &Particulars {
        let then = self.former.iter().find(|(until, _)| time < *until);
        then.map_or(&self.particulars, |(_, particulars)| particulars)
    }

    /// Takes new particulars from `time` on.
    pub(super) fn change(&mut self, particulars: Particulars, time: Timestamp) {
        if self.former.len() == FORMER_MAX {
            self.former.remove(0);
        }
        let before = std::mem::replace(&mut self.particulars, particulars);
        self.former.push((time, before));
    }
}

/// A supervisor: with others, one of those whose statements make the registry's acts.
#[derive(Clone, Debug)]
pub struct Supervisor {
    /// Its identifier.
    pub id: InstitutionId,
    /// The key it signs with, for ever.
    pub key: PublicKey,
    /// What it is called and how people reach it, now.
    pub particulars: Particulars,
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
}

impl RegisteredKey {
    /// Whether it may be used for `key_use` at `now`.
    pub fn is_valid(&self, key_use: KeyUse, now: Timestamp) -> bool {
        self.key_use == key_use
            && self.valid_from <= now
            && self.valid_until.is_none_or(|until| now < until)
    }
}

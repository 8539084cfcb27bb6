//! The way back for an institution whose keys were stolen or lost: supervisors give it a new one in
//! place of all it has.
//!
//! ```text
//! key.reset          waits 72 hours while a signing key is valid; at once where none is
//! key.reset_objected by one of those keys: the reset is signed again by one supervisor more
//! key.reset          the same again, with one more: holds when the 72 hours are over
//! ```
//! Whoever stole the keys can object as well as their owner can, so an objection holds nothing up
//! for good: it makes more people look. Meanwhile the institution can be suspended.

use super::{Institution, RegisteredKey};
use crate::ids::{Kid, Timestamp};
use crate::limits::RESET_WAIT_MILLIS;
use crate::record::kind::KeyUse;
use crate::state::FoldError;
use akashi_tlog::public_key::PublicKey;

/// A reset of an institution's keys, on its way or in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The signing key that stands alone afterwards.
    pub kid: Kid,
    /// When it was recorded, first under this key.
    pub recorded: Timestamp,
    /// First instant at which it is in force; absent while an objection stands against it.
    pub effect: Option<Timestamp>,
    /// Whether the institution has objected: one supervisor more must sign, and nobody objects a
    /// second time.
    pub objected: bool,
}

impl Reset {
    fn waits(&self, now: Timestamp) -> bool {
        self.effect.is_none_or(|effect| now < effect)
    }
}

impl Institution {
    /// The reset of its keys that is not in force at `now`.
    pub fn reset_waiting(&self, now: Timestamp) -> Option<&Reset> {
        self.reset.as_ref().filter(|reset| reset.waits(now))
    }

    /// Whether a reset names the waiting one's key and adds what that one lacks. `Ok(false)`: it is
    /// another.
    pub(in crate::state) fn is_reset_again(
        &self,
        kid: &Kid,
        now: Timestamp,
    ) -> Result<bool, FoldError> {
        match self.reset_waiting(now) {
            Some(waiting) if waiting.kid != *kid => Ok(false),
            Some(waiting) if waiting.effect.is_none() || !self.can_sign(now) => Ok(true),
            Some(_) => Err(FoldError::Contradiction("the act changes nothing")),
            None => Ok(false),
        }
    }

    /// Takes a reset that enough supervisors have signed.
    pub(in crate::state) fn reset_keys(&mut self, kid: &Kid, public: PublicKey, now: Timestamp) {
        let before = self.reset_waiting(now).cloned();
        let recorded = match &before {
            Some(same) if same.kid == *kid => same.recorded,
            Some(other) => {
                self.end_key(&other.kid, now);
                now
            }
            None => now,
        };
        let effect = if self.can_sign(now) {
            recorded.plus_millis(RESET_WAIT_MILLIS).max(now)
        } else {
            now
        };
        let key = RegisteredKey {
            institution: self.id.clone(),
            key_use: KeyUse::Sign,
            public: Some(public),
            valid_from: effect,
            valid_until: None,
            reset_at: None,
        };
        self.keys.insert(kid.clone(), key);
        self.reset = Some(Reset {
            kid: kid.clone(),
            recorded,
            effect: None,
            objected: before.is_some_and(|before| before.objected),
        });
        self.reset_from(Some(effect), now);
    }

    /// Whether a signing key of its own is valid.
    fn can_sign(&self, now: Timestamp) -> bool {
        let mut keys = self.keys.values();
        keys.any(|key| key.is_valid(KeyUse::Sign, now))
    }

    /// Takes an objection, which [`Self::check_objection`] has let pass.
    pub(in crate::state) fn object(&mut self, now: Timestamp) {
        if let Some(reset) = &mut self.reset {
            reset.objected = true;
            self.reset_from(None, now);
        }
    }

    /// Whether an objection to the reset that brings in this key changes anything at `now`.
    pub(in crate::state) fn check_objection(
        &self,
        kid: &Kid,
        now: Timestamp,
    ) -> Result<(), FoldError> {
        let what = match self.reset_waiting(now) {
            Some(reset) if reset.kid != *kid => "no reset that waits brings in this key",
            Some(reset) if reset.objected => "the reset has been objected to already",
            Some(_) => return Ok(()),
            None => "no reset waits",
        };
        Err(FoldError::Contradiction(what))
    }

    /// Every key that has not ended at `now` ends at `effect` but the one the reset brings in,
    /// which begins then.
    pub(in crate::state) fn reset_from(&mut self, effect: Option<Timestamp>, now: Timestamp) {
        let brought = self.reset.as_mut().map(|reset| {
            reset.effect = effect;
            reset.kid.clone()
        });
        for (kid, key) in &mut self.keys {
            if Some(kid) == brought.as_ref() {
                key.valid_from = effect.unwrap_or(Timestamp::MAX);
            } else if !key.has_ended(key.end_at(now)) {
                key.reset_at = effect.map(|effect| key.end_at(effect));
            }
        }
    }
}

//! The keys of the log in the fold of its registry ([`crate::log_key`]).

use akashi_tlog::checkpoint::{LogKey, LogKeys, Origin};
use akashi_tlog::merkle::TreeSize;
use akashi_tlog::signed_note::VerifyingKey;

use super::FoldError;
use crate::ids::{Kid, LeafIndex, Seq};
use crate::key::thumbprint;
use crate::limits::{LOG_KEYS_ALIVE_MAX, LOG_KEYS_EVER_MAX};
use crate::log_key::{Handover, RegisteredLogKey, log_key};
use crate::record::kind::{LogKeyAdded, LogKeyEnded};

/// Every key of a log so far. Never empty, and always one alive.
#[derive(Clone, Debug)]
pub(super) struct LogKeysSoFar {
    origin: Origin,
    ever: Vec<RegisteredLogKey>,
}

impl LogKeysSoFar {
    /// Begins with the key that entry 0 names.
    pub(super) fn begin(origin: &Origin, vkey: &str) -> Result<Self, FoldError> {
        let key = key_of(origin, vkey)?;
        Ok(Self {
            origin: origin.clone(),
            ever: vec![RegisteredLogKey::added(key, LeafIndex::FIRST)],
        })
    }

    pub(super) fn ever(&self) -> &[RegisteredLogKey] {
        &self.ever
    }

    pub(super) fn to_log_keys(&self) -> LogKeys {
        log_keys(self.ever.iter())
    }

    /// Whether the key of this name is or was one of them.
    pub(super) fn contains(&self, kid: &Kid) -> bool {
        self.ever
            .iter()
            .any(|one| thumbprint(one.key().key().public_key()) == *kid)
    }

    fn alive(&self) -> impl Iterator<Item = &RegisteredLogKey> {
        self.ever.iter().filter(|one| one.ended().is_none())
    }

    /// The key an act adds, if it can. That it is nobody else's is asked of the whole registry.
    pub(super) fn check_added(&self, e: &LogKeyAdded) -> Result<VerifyingKey, FoldError> {
        let key = key_of(&self.origin, &e.log_vkey)?;
        // A reader tells keys of one name apart by four bytes.
        if self.ever.iter().any(|one| one.key().key().id() == key.id()) {
            return Err(FoldError::Contradiction(
                "the log has or had a key with this ID",
            ));
        }
        if self.alive().count() >= LOG_KEYS_ALIVE_MAX {
            return Err(FoldError::Contradiction("more keys than a log signs with"));
        }
        if self.ever.len() >= LOG_KEYS_EVER_MAX {
            return Err(FoldError::Contradiction("more keys than a log ever has"));
        }
        Ok(key)
    }

    /// The place of the key an act ends, and the checkpoint that hands the log over, if it can:
    /// both that key and one that stays have signed it.
    pub(super) fn check_ended(&self, e: &LogKeyEnded) -> Result<(usize, Handover), FoldError> {
        let is_it = |one: &RegisteredLogKey| one.key().key().to_string() == e.log_vkey;
        let at = self
            .ever
            .iter()
            .position(is_it)
            .ok_or(FoldError::Contradiction("the log has no such key"))?;
        let (ends, stay): (Vec<_>, Vec<_>) = self.alive().partition(|one| is_it(one));
        if ends.is_empty() {
            return Err(FoldError::Contradiction("the key has ended already"));
        }
        if stay.is_empty() {
            return Err(FoldError::Contradiction(
                "it is the log's only key: one must stay that signs",
            ));
        }
        let handover = Handover::parse(&e.checkpoint.0).map_err(|_| {
            FoldError::Contradiction("what hands the log over is no signed checkpoint")
        })?;
        handover.signed_by(&log_keys(ends)).map_err(|_| {
            FoldError::Contradiction("the key that ends has not signed the checkpoint")
        })?;
        handover
            .signed_by(&log_keys(stay))
            .map_err(|_| FoldError::Contradiction("no key that stays has signed the checkpoint"))?;
        Ok((at, handover))
    }

    /// Adds the key, with the record at this index.
    pub(super) fn add(&mut self, e: &LogKeyAdded, index: LeafIndex) -> Result<(), FoldError> {
        let key = self.check_added(e)?;
        self.ever.push(RegisteredLogKey::added(key, index));
        Ok(())
    }

    /// Ends the key, with the record of this number at this index.
    pub(super) fn end(
        &mut self,
        e: &LogKeyEnded,
        seq: Seq,
        index: LeafIndex,
    ) -> Result<(), FoldError> {
        let (at, handover) = self.check_ended(e)?;
        if handover.head().size > TreeSize::up_to(index).minus(1) {
            return Err(FoldError::Contradiction(
                "the checkpoint is of a larger tree than the one before the record",
            ));
        }
        if let Some(key) = self.ever.get_mut(at) {
            key.end(seq, index, Some(handover));
        }
        Ok(())
    }

    /// Ends the key that a record names which cannot be checked, where another stays.
    pub(super) fn end_named(&mut self, e: &LogKeyEnded, seq: Seq, index: LeafIndex) {
        if self.alive().count() < 2 {
            return;
        }
        let mut ever = self.ever.iter_mut().filter(|one| one.ended().is_none());
        if let Some(key) = ever.find(|one| one.key().key().to_string() == e.log_vkey) {
            key.end(seq, index, None);
        }
    }
}

fn key_of(origin: &Origin, vkey: &str) -> Result<VerifyingKey, FoldError> {
    let key = log_key(vkey).filter(|key| key.name() == origin.key_name());
    key.ok_or(FoldError::Contradiction(
        "the log's key is no vkey line of an Ed25519 key named like its origin",
    ))
}

/// Keys of one log, as signatures are checked with them.
#[expect(
    clippy::expect_used,
    reason = "never none, and each was checked by `key_of`"
)]
fn log_keys<'a>(keys: impl IntoIterator<Item = &'a RegisteredLogKey>) -> LogKeys {
    let keys: Vec<LogKey> = keys.into_iter().map(|one| one.key().clone()).collect();
    LogKeys::of(keys).expect("keys of one log")
}

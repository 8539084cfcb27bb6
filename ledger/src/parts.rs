//! What a ledger runs on, put together by whoever makes or opens one.

use std::sync::Arc;

use crate::guard::Guard;
use crate::keys::keyring::Keyring;
use crate::keys::log_signers::LogKeyStore;
use crate::store::Store;

/// The parts a ledger runs on: a store, a guard, keys, what signs.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The guard.
    pub guard: Guard,
    /// The keyring.
    pub keyring: Keyring,
    /// The log's keys.
    pub log_keys: Arc<dyn LogKeyStore>,
}

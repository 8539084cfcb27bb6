//! What a ledger runs on, put together by whoever makes or opens one.

use std::sync::Arc;

use akashi_tlog::signer::Signer;

use crate::guard::Guard;
use crate::keys::keyring::Keyring;
use crate::store::Store;

/// The parts a ledger runs on: a store, a guard, keys, a signer.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The guard.
    pub guard: Guard,
    /// The keyring.
    pub keyring: Keyring,
    /// The log's key.
    pub signer: Arc<dyn Signer>,
}

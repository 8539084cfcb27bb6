//! One at a time about one address: what is asked of everybody who has it - how many they are, whom
//! to doubt, whether she has it already - still holds when what follows from that is recorded.
//!
//! The writer cannot ask it: no record says which address a contact is. All who add, replace or
//! confirm one, and all who enrol, come by here, and one process has the ledger open.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use akashi_notifier::Address;
use tokio::sync::Mutex;

use crate::declined::Declined;
use crate::limits::ADDRESS_LINES;

/// Lines in which those wait who have to do with an address; which is whose is drawn anew at each
/// start.
pub(crate) struct Addresses {
    drawn: RandomState,
    lines: Vec<Arc<Mutex<()>>>,
}

impl Default for Addresses {
    fn default() -> Self {
        Self {
            drawn: RandomState::new(),
            lines: (0..ADDRESS_LINES).map(|_| Arc::default()).collect(),
        }
    }
}

impl Addresses {
    /// Does this when it is the turn of this address, and to its end, though whoever asked for it
    /// has left: a command that is with the writer cannot be called back.
    ///
    /// # Errors
    /// Those of what is done.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        address: &Address,
        done: impl Future<Output = Result<T, Declined>> + Send + 'static,
    ) -> Result<T, Declined> {
        let [.., line] = self.drawn.hash_one(address.spelling()).to_be_bytes();
        let line = self.lines.get(usize::from(line) % ADDRESS_LINES);
        let line = line.ok_or(Declined::Broken("there is no line to wait in"))?;
        let turn = Arc::clone(line).lock_owned().await;
        let task = tokio::spawn(async move {
            let _turn = turn;
            done.await
        });
        let broken = |_| Declined::Broken("what was done about an address has no end");
        task.await.map_err(broken)?
    }
}

//! Reading: what is durable, from any thread, without waiting for the writer.

mod gates;
mod histories;
mod made;
pub mod pool;
mod proofs;
mod records;
pub(crate) mod shared;
mod tiles;

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use akashi_proof::ids::{InstitutionId, Qid, SubjectHandle};
use akashi_proof::state::{Person, Registry, Roles};
use akashi_tlog::checkpoint::Origin;

pub use self::gates::NoGates;
pub use self::made::MacUse;
pub(crate) use self::proofs::tlog_proof;
pub use self::records::{Followed, OutboxRow};
use self::shared::{PUBLISH_EVERY, Shared};
use crate::error::Stop;
use crate::index::runs::Runs;
use crate::keys::keyring::Keyring;
use crate::store::Store;
use crate::view::View;
use crate::writer::head::SignedHead;

/// Reads what is durable.
#[derive(Clone)]
pub struct Reader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
}

impl Reader {
    /// The log's origin.
    pub fn origin(&self) -> &Origin {
        &self.shared.origin
    }

    /// Why the writer has stopped, if it has.
    pub fn stopped(&self) -> Option<Arc<Stop>> {
        self.shared
            .stopped
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether new keys can be made; without them nobody enrols, and no first record of a year is
    /// made.
    pub fn makes_keys(&self) -> bool {
        self.keyring.is_whole()
    }

    /// The newest signed head.
    pub fn head(&self) -> SignedHead {
        self.shared
            .head
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The published head: the newest one, moved at most once a second.
    pub fn published(&self) -> SignedHead {
        let mut published = self
            .shared
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if published.0.elapsed() >= PUBLISH_EVERY {
            *published = (Instant::now(), self.head());
        }
        published.1.clone()
    }

    /// The registry.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.view().registry)
    }

    /// An institution's roles; empty before its first record.
    pub fn roles(&self, institution: &InstitutionId) -> Arc<Roles> {
        self.view()
            .roles
            .get(institution)
            .cloned()
            .unwrap_or_default()
    }

    /// A person.
    pub fn person(&self, subject: &SubjectHandle) -> Option<Arc<Person>> {
        self.view().people.get(subject).cloned()
    }

    /// The person with this visible ID.
    pub fn person_by_qid(&self, qid: &Qid) -> Option<Arc<Person>> {
        let view = self.view();
        view.people.get(view.by_qid.get(&qid.digest())?).cloned()
    }

    /// Every person: for sweeps over open questions and contacts, not for requests.
    pub fn people(&self) -> Vec<Arc<Person>> {
        self.view().people.values().cloned().collect()
    }

    /// How many persons are enrolled.
    pub fn people_count(&self) -> usize {
        self.view().people.len()
    }

    fn view(&self) -> std::sync::RwLockReadGuard<'_, View> {
        self.shared
            .view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn indexes(&self) -> (Runs<32>, Runs<24>) {
        self.shared
            .indexes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

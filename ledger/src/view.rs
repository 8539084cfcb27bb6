//! What the ledger knows now: the folds of all streams, shared as snapshots.
//!
//! The writer works on its own [`View`]; what it changes is copied first, so that readers keep what
//! was durable. After a commit the changed parts are published.

pub(crate) mod consent_rows;
pub(crate) mod outbox;
pub(crate) mod state_rows;

use std::collections::HashMap;
use std::sync::Arc;

use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, SubjectHandle};
use akashi_proof::state::{Person, Registry, Roles};

/// The folds of all streams as of some commit. Cloning it copies no fold.
#[derive(Clone)]
pub struct View {
    /// The registry.
    pub registry: Arc<Registry>,
    /// Institutions' own streams.
    pub roles: HashMap<InstitutionId, Arc<Roles>>,
    /// Every person.
    pub people: HashMap<SubjectHandle, Arc<Person>>,
    /// Persons by the digest of their visible ID.
    pub by_qid: HashMap<Digest, SubjectHandle>,
}

impl View {
    /// Begins with the registry alone.
    pub(crate) fn new(registry: Registry) -> Self {
        Self {
            registry: Arc::new(registry),
            roles: HashMap::new(),
            people: HashMap::new(),
            by_qid: HashMap::new(),
        }
    }

    /// Puts a person in, findable by her visible ID where it is known.
    pub(crate) fn insert_person(&mut self, person: Person) {
        let subject = person.subject;
        let before = self.people.insert(subject, Arc::new(person));
        self.file_under_qid(subject, before.and_then(|before| before.qid_digest));
    }

    /// Lets something happen to a person who is here; `None` where she is not. Her visible ID may
    /// be another one after it.
    pub(crate) fn change_person<E>(
        &mut self,
        subject: &SubjectHandle,
        change: impl FnOnce(&mut Person) -> Result<(), E>,
    ) -> Option<Result<(), E>> {
        let person = self.people.get_mut(subject)?;
        let before = person.qid_digest;
        let changed = change(Arc::make_mut(person));
        self.file_under_qid(*subject, before);
        Some(changed)
    }

    /// Files the person under the visible ID she has, and under no other.
    fn file_under_qid(&mut self, subject: SubjectHandle, before: Option<Digest>) {
        let now = self.people.get(&subject).and_then(|now| now.qid_digest);
        if before == now {
            return;
        }
        if let Some(old) = before {
            self.by_qid.remove(&old);
        }
        if let Some(qid) = now {
            self.by_qid.insert(qid, subject);
        }
    }
}

/// What one commit has changed of a [`View`].
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) registry: bool,
    pub(crate) roles: Vec<InstitutionId>,
    pub(crate) people: Vec<SubjectHandle>,
}

impl Touched {
    /// Copies what has changed from the writer's view into the one readers see.
    pub(crate) fn publish(&mut self, from: &View, into: &mut View) {
        if self.registry {
            into.registry = Arc::clone(&from.registry);
        }
        for id in &self.roles {
            if let Some(roles) = from.roles.get(id) {
                into.roles.insert(id.clone(), Arc::clone(roles));
            }
        }
        for handle in &self.people {
            if let Some(person) = from.people.get(handle) {
                let before = into.people.insert(*handle, Arc::clone(person));
                into.file_under_qid(*handle, before.and_then(|before| before.qid_digest));
            }
        }
        *self = Self::default();
    }
}

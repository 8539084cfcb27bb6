//! Who the supervisors are and have been: all trust in institutions hangs on them. A log founded
//! by its own operator under invented supervisors agrees with itself in everything else, so they
//! are named in the report, and compared with those the auditor has from somewhere else.

use akashi_proof::state::Registry;
use akashi_tlog::signed_note::{KeyName, SignatureType, VerifyingKey};

use super::Check;
use super::problem::{Place, Problem};

/// Who supervises a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supervisors {
    /// How many must sign an act.
    pub threshold: u64,
    /// Every one there has ever been, in the order they came.
    pub ever: Vec<Supervisor>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervisor {
    /// Identifier and key, with its ID.
    pub key: VerifyingKey,
    /// The name in Japanese and in English.
    pub names: [String; 2],
    /// Whether it still is one.
    pub is_now: bool,
}

impl Supervisors {
    /// Looks at the registry after another record. Those who have gone stay listed: what they
    /// signed stands.
    pub(super) fn take(&mut self, registry: &Registry) {
        self.threshold = registry.threshold();
        self.ever.iter_mut().for_each(|one| one.is_now = false);
        for one in registry.supervisors() {
            let Ok(name) = KeyName::new(one.id.as_str()) else {
                continue;
            };
            let key = VerifyingKey::new(name, SignatureType::Ed25519, one.key);
            let names =
                [&one.particulars.name_ja, &one.particulars.name_en].map(ToString::to_string);
            match self.ever.iter_mut().find(|known| known.key == key) {
                Some(known) => (known.names, known.is_now) = (names, true),
                None => self.ever.push(Supervisor {
                    key,
                    names,
                    is_now: true,
                }),
            }
        }
    }

    /// Compares them with those the auditor expects; none expected, none compared. `is_whole`:
    /// whether the registry was read to its end.
    pub(super) fn check(&self, check: &Check<'_>, given: &[VerifyingKey], is_whole: bool) {
        if given.is_empty() {
            return;
        }
        let unknown = self.ever.iter().filter(|one| !given.contains(&one.key));
        for one in unknown {
            let found = Box::new(one.key.clone());
            check
                .findings
                .add(Place::Supervisors, Problem::UnknownSupervisor { found });
        }
        let never = |key: &&VerifyingKey| !self.ever.iter().any(|one| one.key == **key);
        for key in given.iter().filter(never).filter(|_| is_whole) {
            let given = Box::new(key.clone());
            check
                .findings
                .add(Place::Supervisors, Problem::NoSuchSupervisor { given });
        }
    }
}

//! Who acts on a test's ledger: its supervisors, and whoever else is called by name.

use std::sync::Arc;

use akashi_ledger::Opening;
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::jws::{Jws, Type};
use akashi_tlog::checkpoint::Origin;
use serde_json::Value;

use crate::actor::Actor;
use crate::bodies::supervisor;
use crate::signatory::named;

/// The supervisors of every test's ledger; two of them must sign.
pub const SUPERVISORS: [&str; 2] = ["supervisor.north", "supervisor.south"];

/// The actors of one ledger.
#[derive(Clone)]
pub struct Cast {
    log: Origin,
    clock: Arc<dyn Clock>,
}

impl Cast {
    /// The actors of the ledger with this log, by this clock.
    pub fn of(origin: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            log: Origin::new(origin).unwrap(),
            clock,
        }
    }

    /// Who acts under this name, with the key made from it.
    pub fn actor(&self, name: &str) -> Actor {
        Actor::new(named(name), &self.log, Arc::clone(&self.clock))
    }

    /// The supervisors.
    pub fn supervisors(&self) -> [Actor; 2] {
        SUPERVISORS.map(|name| self.actor(name))
    }

    /// Every supervisor's statement of an act.
    pub fn by_supervisors(&self, act: &Value) -> [Jws; 2] {
        self.supervisors()
            .map(|supervisor| supervisor.sign(Type::Act, act.clone()))
    }

    /// What entry 0 says under this pack.
    pub fn opening(&self, pack: &str, policy_digest: Digest) -> Opening {
        Opening {
            origin: self.log.clone(),
            supervisors: SUPERVISORS
                .map(|name| supervisor(named(name).vkey().unwrap()))
                .to_vec(),
            threshold: 2,
            time_zone: "Asia/Tokyo".into(),
            pack: pack.into(),
            policy_digest,
        }
    }
}

//! An institution or a supervisor that acts on a test's ledger, by the test's clock: through the
//! client where it is honest, and with any claims where it is not.

use std::sync::Arc;

use akashi_client::{Access, Institution, Query, Signatory, Stamp};
use akashi_proof::clock::Clock;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::{Jws, Type};
use akashi_proof::statement::{Claims, PresentClaims, RequestNonce};
use akashi_tlog::checkpoint::Origin;
use serde_json::{Value, json};

use crate::permit::REQUESTER;
use crate::signatory::{named, sign};

/// Who acts.
#[derive(Clone)]
pub struct Actor {
    /// Its software.
    pub client: Institution,
    log: Origin,
    clock: Arc<dyn Clock>,
}

impl Actor {
    /// Who signs with this key acts on the ledger of this log.
    pub fn new(who: Signatory, log: &Origin, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: Institution::new(who, log.clone()),
            log: log.clone(),
            clock,
        }
    }

    /// Its name.
    pub fn id(&self) -> &InstitutionId {
        self.client.id()
    }

    /// Who signs.
    pub fn who(&self) -> &Signatory {
        self.client.signatory()
    }

    /// Its evidence key, made from its name.
    pub fn evidence_key(&self) -> Secret {
        let id = self.id().as_str().as_bytes();
        Secret::from_bytes(*Digest::of(&[b"evidence key", id]).as_bytes())
    }

    /// Now, with an identifier of its own.
    pub fn stamp(&self) -> Stamp {
        Stamp::draw(self.clock.wall()).unwrap()
    }

    /// Claims with `iss`, `aud`, `iat` and `jti` put where they are missing.
    pub fn complete(&self, mut claims: Value) -> Value {
        let Stamp { now, jti } = self.stamp();
        let common = json!({
            "iss": self.id().as_str(), "aud": self.log.as_str(),
            "iat": now.as_millis() / 1000, "jti": jti.as_str(),
        });
        let all = claims.as_object_mut().unwrap();
        for (name, value) in common.as_object().unwrap() {
            all.entry(name).or_insert_with(|| value.clone());
        }
        claims
    }

    /// A statement with these claims, completed; honest or not. A report of a release without a
    /// presentation gets the hospital's, which asks in most tests.
    pub fn sign(&self, typ: Type, mut claims: Value) -> Jws {
        if typ == Type::Release && claims.get("presented").is_none() {
            let digest = claims["evidence_digest"].as_str();
            let digest = digest
                .and_then(Digest::from_base64url)
                .unwrap_or(Digest::from_bytes([0; 32]));
            let hospital = Actor::new(named(REQUESTER), &self.log, Arc::clone(&self.clock));
            claims["presented"] = hospital.presents(self.id(), digest).into();
        }
        sign(self.who(), typ, self.complete(claims).to_string())
    }

    /// What it shows this holder beside evidence of this digest.
    pub fn presents(&self, holder: &InstitutionId, evidence_digest: Digest) -> String {
        let Stamp { now, jti } = self.stamp();
        let claims = PresentClaims {
            common: self.who().common(holder, now, jti),
            evidence_digest,
        };
        let Ok(presented) = claims.sign(self.who());
        presented
    }

    /// What an honest access claims, the common claims left out.
    pub fn claims(&self, asked: &Access<'_>, query: &Query<'_>, nonce: &RequestNonce) -> Value {
        let common = self.client.common(self.stamp());
        let claims = asked.claims(common, query.digest(nonce)).unwrap();
        let mut claims: Value = serde_json::from_str(&claims.to_json()).unwrap();
        let all = claims.as_object_mut().unwrap();
        all.retain(|name, _| !["iss", "aud", "iat", "jti"].contains(&name.as_str()));
        claims
    }
}

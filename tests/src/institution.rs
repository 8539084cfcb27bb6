//! An institution's software: signs what it sends with its own key.

use std::sync::Arc;

use akashi_actors::Actor;
use akashi_client::{Access, Query, Signatory, Stamp, draw};
use akashi_demo::description::{Description, InstitutionEntry};
use akashi_ledger::clock::SystemClock;
use akashi_proof::digest::Secret;
use akashi_proof::ids::{InstitutionId, LeafIndex, Qid};
use akashi_proof::jws::Type;
use akashi_proof::statement::header::{MEDIA_TYPE, REQUEST_NONCE};
use akashi_proof::statement::{Presentation, RequestNonce, sign_bytes};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;
use serde_json::{Value, json};

use crate::server::{Answered, Server};

/// Where accesses are asked for.
const ACCESSES: &str = "/v1/accesses";

pub struct Institution {
    pub entry: InstitutionEntry,
    actor: Actor,
}

impl Institution {
    pub fn of(description: &Description, id: &str) -> Self {
        let entry = description
            .institutions
            .iter()
            .find(|entry| entry.id == id)
            .unwrap()
            .clone();
        let who = Signatory::from_jwk(InstitutionId::parse(id).unwrap(), &entry.jwk).unwrap();
        let origin = Origin::new(&description.origin).unwrap();
        let clock = Arc::new(SystemClock::default());
        let actor = Actor::new(who, &origin, clock);
        Self { entry, actor }
    }

    /// Its software.
    pub fn client(&self) -> &akashi_client::Institution {
        &self.actor.client
    }

    /// When a statement is signed now, and its identifier.
    pub fn stamp(&self) -> Stamp {
        self.actor.stamp()
    }

    /// The honest claims of an access, common ones left out: to be changed and signed.
    pub fn claims(&self, asked: &Access<'_>, path: &str, nonce: &[u8; 16]) -> Value {
        let nonce = RequestNonce::from_bytes(*nonce);
        self.actor.claims(asked, &Query::get(path), &nonce)
    }

    /// A statement with these claims, honest or not; the common ones are added where they are
    /// missing.
    pub fn sign(&self, typ: Type, claims: Value) -> String {
        self.sign_text(typ, &self.actor.complete(claims).to_string())
    }

    /// Signs exactly this text as claims, honest or not.
    pub fn sign_text(&self, typ: Type, claims: &str) -> String {
        let Ok(statement) = sign_bytes(typ, claims.as_bytes(), self.actor.who());
        statement
    }

    pub fn evidence_key(&self) -> Secret {
        secret(&self.entry.evidence_key)
    }

    /// Asks before it queries `GET <path>` at the holder.
    pub async fn ask(&self, server: &Server, asked: &Access<'_>, path: &str) -> Answered {
        let nonce = RequestNonce::from_bytes(draw().unwrap());
        let query = Query::get(path);
        let request = self.client().access(self.stamp(), asked, &query, &nonce);
        server.carry(request.unwrap().message()).await
    }

    pub async fn post_access(
        &self,
        server: &Server,
        statement: &str,
        nonce: &[u8; 16],
    ) -> Answered {
        let nonce = base64::url::encode(nonce);
        let headers = [(REQUEST_NONCE, nonce.as_str())];
        post(server, ACCESSES, statement.as_bytes().to_vec(), &headers).await
    }

    /// The same statement again, whenever and from wherever: with a token of now.
    pub async fn post_access_again(
        &self,
        server: &Server,
        statement: &str,
        nonce: &[u8; 16],
    ) -> Answered {
        let claims = json!({ "htm": "POST", "htu": ACCESSES });
        let token = format!("Bearer {}", self.sign(Type::Request, claims));
        let nonce = base64::url::encode(nonce);
        let headers = [(REQUEST_NONCE, nonce.as_str()), ("authorization", &token)];
        post(server, ACCESSES, statement.as_bytes().to_vec(), &headers).await
    }

    /// Asks for its own code of a person at the counter.
    pub async fn link(
        &self,
        server: &Server,
        qid: &str,
        code: &str,
        link_key: &Secret,
    ) -> Answered {
        let qid = Qid::parse(qid).unwrap();
        let request = self.client().link(self.stamp(), qid, code, link_key);
        server.carry(request.unwrap().message()).await
    }

    /// What it shows this holder beside the evidence.
    pub fn presents(&self, holder: &Self, evidence: &str) -> Presentation {
        let holder = holder.client().id().clone();
        let presented = self.client().present(self.stamp(), holder, evidence);
        Presentation::parse(presented.as_bytes()).unwrap()
    }

    /// Reports a release on evidence that its requester has presented.
    pub async fn release(
        &self,
        server: &Server,
        index: u64,
        (evidence, by): (&str, &Self),
    ) -> Answered {
        let index = LeafIndex::new(index);
        let presented = by.presents(self, evidence);
        let request = self
            .client()
            .release(self.stamp(), index, evidence, presented);
        server.carry(request.unwrap().message()).await
    }

    /// Reads something with a bearer statement.
    pub async fn read(&self, server: &Server, path: &str) -> Answered {
        let request = self.client().read::<()>(self.stamp(), path);
        server.carry(request.unwrap().message()).await
    }
}

pub fn secret(base64url: &str) -> Secret {
    Secret::from_bytes(base64::url::decode(base64url).unwrap().try_into().unwrap())
}

pub async fn post(
    server: &Server,
    path: &str,
    body: Vec<u8>,
    headers: &[(&str, &str)],
) -> Answered {
    let mut request = server
        .request("POST", path)
        .header("content-type", MEDIA_TYPE);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.send(request, body).await
}

//! An institution's software: signs what it sends with its own key.

use akashi_client::{Access, Query, Signatory, Stamp, draw};
use akashi_demo::description::{Description, InstitutionEntry};
use akashi_proof::digest::Secret;
use akashi_proof::ids::{InstitutionId, LeafIndex, Qid, Timestamp};
use akashi_proof::jws::Type;
use akashi_proof::statement::header::{MEDIA_TYPE, REQUEST_NONCE};
use akashi_proof::statement::{Claims, RequestNonce, sign_bytes};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;
use serde_json::{Value, json};

use crate::server::{Answered, Server};

pub struct Institution {
    pub entry: InstitutionEntry,
    pub origin: String,
    pub client: akashi_client::Institution,
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
        Self {
            entry,
            origin: description.origin.clone(),
            client: akashi_client::Institution::new(who, origin),
        }
    }

    /// The honest claims of an access, common ones left out: to be changed and signed.
    pub fn claims(&self, asked: &Access<'_>, path: &str, nonce: &[u8; 16]) -> Value {
        let digest = Query::get(path).digest(&RequestNonce::from_bytes(*nonce));
        let claims = asked.claims(self.client.common(stamp()), digest).unwrap();
        let mut claims: Value = serde_json::from_str(&claims.to_json()).unwrap();
        for common in ["iss", "aud", "iat", "jti"] {
            claims.as_object_mut().unwrap().remove(common);
        }
        claims
    }

    /// A statement with these claims, honest or not; the common ones are added where they are
    /// missing.
    pub fn sign(&self, typ: Type, mut claims: Value) -> String {
        let Stamp { now, jti } = stamp();
        let common = json!({
            "iss": self.entry.id, "aud": self.origin, "iat": now.as_millis() / 1000,
            "jti": jti.as_str(),
        });
        for (name, value) in common.as_object().unwrap() {
            claims
                .as_object_mut()
                .unwrap()
                .entry(name.clone())
                .or_insert(value.clone());
        }
        self.sign_text(typ, &claims.to_string())
    }

    /// Signs exactly this text as claims, honest or not.
    pub fn sign_text(&self, typ: Type, claims: &str) -> String {
        let Ok(statement) = sign_bytes(typ, claims.as_bytes(), self.client.signatory());
        statement
    }

    pub fn evidence_key(&self) -> Secret {
        secret(&self.entry.evidence_key)
    }

    /// Asks before it queries `GET <path>` at the holder.
    pub async fn ask(&self, server: &Server, asked: &Access<'_>, path: &str) -> Answered {
        let nonce = RequestNonce::from_bytes(draw().unwrap());
        let request = self
            .client
            .access(stamp(), asked, &Query::get(path), &nonce);
        server.carry(request.unwrap().message()).await
    }

    pub async fn post_access(
        &self,
        server: &Server,
        statement: &str,
        nonce: &[u8; 16],
    ) -> Answered {
        let nonce = base64::url::encode(nonce);
        post(
            server,
            "/v1/accesses",
            statement.as_bytes().to_vec(),
            &[(REQUEST_NONCE, &nonce)],
        )
        .await
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
        let request = self.client.link(stamp(), qid, code, link_key);
        server.carry(request.unwrap().message()).await
    }

    pub async fn release(&self, server: &Server, index: u64, evidence: &str) -> Answered {
        let index = LeafIndex::new(index);
        let request = self.client.release(stamp(), index, evidence);
        server.carry(request.unwrap().message()).await
    }

    /// Reads something with a bearer statement.
    pub async fn read(&self, server: &Server, path: &str) -> Answered {
        let request = self.client.read::<()>(stamp(), path);
        server.carry(request.unwrap().message()).await
    }
}

/// Now, by this machine's clock.
pub fn stamp() -> Stamp {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Stamp::draw(Timestamp::from_seconds(now.as_secs())).unwrap()
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

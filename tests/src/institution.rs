//! An institution's software: signs what it sends with its own key.

use akashi_client::Signatory;
use akashi_demo::description::{Description, InstitutionEntry};
use akashi_proof::digest::Secret;
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::Type;
use akashi_proof::statement::{RequestNonce, request_digest, sign_bytes};
use akashi_tlog::base64;
use serde_json::{Value, json};

use crate::random;
use crate::server::{Answered, Server};

pub struct Institution {
    pub entry: InstitutionEntry,
    pub origin: String,
    who: Signatory,
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
        Self {
            entry,
            origin: description.origin.clone(),
            who,
        }
    }

    /// A signed statement; the common claims are added where they are missing.
    pub fn sign(&self, typ: Type, mut claims: Value) -> String {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let common = json!({
            "iss": self.entry.id, "aud": self.origin, "iat": now, "jti": base64::url::encode(&random::<16>()),
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
        let Ok(statement) = sign_bytes(typ, claims.as_bytes(), &self.who);
        statement
    }

    pub fn evidence_key(&self) -> Secret {
        secret(&self.entry.evidence_key)
    }

    /// Asks before it queries `GET <path>` at the holder.
    pub async fn ask(&self, server: &Server, claims: Value, path: &str) -> Answered {
        let nonce = random::<16>();
        let mut claims = claims;
        let digest = request_digest(&RequestNonce::from_bytes(nonce), "GET", path, b"");
        claims["request_digest"] = digest.to_base64url().into();
        self.post_access(server, &self.sign(Type::Access, claims), &nonce)
            .await
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
            &[("akashi-request-nonce", &nonce)],
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
        let check = akashi_proof::gate::link_check(link_key).to_base64url();
        let statement = self.sign(
            Type::Link,
            json!({"qid": qid, "code": code, "link_check": check}),
        );
        let key = base64::url::encode(link_key.expose());
        post(
            server,
            "/v1/link-codes",
            statement.into_bytes(),
            &[("akashi-link-key", &key)],
        )
        .await
    }

    pub async fn release(&self, server: &Server, index: u64, evidence: &str) -> Answered {
        let digest = akashi_proof::digest::Digest::of(&[evidence.as_bytes()]).to_base64url();
        let statement = self.sign(
            Type::Release,
            json!({"index": index, "evidence_digest": digest}),
        );
        post(server, "/v1/releases", statement.into_bytes(), &[]).await
    }

    /// Reads something with a bearer statement.
    pub async fn read(&self, server: &Server, path: &str) -> Answered {
        let token = self.sign(Type::Request, json!({"htm": "GET", "htu": path}));
        let request = server
            .request("GET", path)
            .header("authorization", format!("Bearer {token}"));
        server.send(request, Vec::new()).await
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
        .header("content-type", "application/jose");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.send(request, body).await
}

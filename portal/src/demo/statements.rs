//! Statements as the town's institutions and supervisors sign them, and their way into the ledger:
//! parsed, checked against the registered key, and carried out by the same commands the API uses.

use std::sync::Arc;

use akashi_ledger::command::{
    AccessReceipt, CarryOut, DecideAccess, IssueLink, LinkReceipt, Release, ReleaseReceipt,
};
use akashi_ledger::{Done, Ledger, Refusal};
use akashi_policies::Pack;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::fault::Fault;
use akashi_proof::gate::link_check;
use akashi_proof::ids::{Jti, LeafIndex, LinkCode, Qid, Timestamp};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, RequestNonce, request_digest};
use serde_json::{Value, json};

use super::signatory::Signatory;

/// Signs claims: the common ones and these.
pub fn sign(
    by: &Signatory,
    origin: &str,
    typ: Type,
    (now, jti): (Timestamp, &Jti),
    own: Value,
) -> String {
    let mut claims = json!({
        "iss": by.id().as_str(), "aud": origin, "iat": now.as_millis() / 1000, "jti": jti.as_str(),
    });
    if let (Some(claims), Value::Object(own)) = (claims.as_object_mut(), own) {
        claims.extend(own);
    }
    by.sign(typ, &claims.to_string())
}

/// The claims of a link request, with its link key's check value.
pub fn link_claims(qid: &Qid, code: &str, link_key: &Secret) -> Value {
    json!({ "qid": qid.as_str(), "code": code, "link_check": link_check(link_key).to_base64url() })
}

/// What an access asks, besides who signs it and when.
pub struct AccessAsked<'a> {
    /// The requester's link code; none for statistics.
    pub subject: Option<&'a LinkCode>,
    /// Who asks there.
    pub role_holder: &'a str,
    /// In which role.
    pub role: &'a str,
    /// The business process.
    pub process: &'a str,
    /// The purpose.
    pub purpose: &'a str,
    /// The institution that has the data.
    pub holder: &'a str,
    /// What data.
    pub categories: &'a [&'a str],
    /// The ground: `basis` as it stands in the claims.
    pub basis: Value,
}

/// The claims of an access. The query they are bound to is the one this demo's holders would get.
pub fn access_claims(asked: &AccessAsked<'_>, nonce: &RequestNonce) -> Value {
    let path = format!("/records?categories={}", asked.categories.join(","));
    let mut claims = json!({
        "role_holder": asked.role_holder, "role": asked.role, "process": asked.process, "purpose": asked.purpose,
        "holder": asked.holder, "categories": asked.categories, "basis": asked.basis,
        "request_digest": request_digest(nonce, "GET", &path, b"").to_base64url(),
    });
    if let (Some(claims), Some(code)) = (claims.as_object_mut(), asked.subject) {
        claims.insert("subject".into(), code.as_str().into());
    }
    claims
}

/// The claims of a release.
pub fn release_claims(index: LeafIndex, evidence: &[u8]) -> Value {
    json!({ "index": index.value(), "evidence_digest": Digest::of(&[evidence]).to_base64url() })
}

/// Carries out an act: one statement of an institution, or one of each supervisor.
///
/// # Errors
/// [`Refusal`].
pub async fn carry_out(
    ledger: &Ledger,
    statements: &[String],
    evidence_key: Option<Secret>,
) -> Result<Done<LeafIndex>, Refusal> {
    let statements = statements
        .iter()
        .map(|text| verified(ledger, text))
        .collect::<Result<_, _>>()?;
    ledger
        .submit(CarryOut {
            statements,
            evidence_key,
        })
        .await
}

/// Asks for a link code. The person stands at the counter: her one-time code counts as read out.
///
/// # Errors
/// [`Refusal`]; a refusal that was recorded is one too.
pub async fn issue_link(
    ledger: &Ledger,
    statement: &str,
    link_key: Secret,
) -> Result<LinkCode, Refusal> {
    let statement = verified(ledger, statement)?;
    match ledger
        .submit(IssueLink {
            statement,
            link_key,
            code_matches: true,
        })
        .await?
        .receipt
    {
        LinkReceipt::Issued { code, .. } => Ok(code),
        LinkReceipt::Refused { fault, .. } => Err(fault.into()),
    }
}

/// Asks for an access.
///
/// # Errors
/// [`Refusal`]; a bad statement that was recorded is in the receipt.
pub async fn decide(
    ledger: &Ledger,
    policy: &Arc<Pack>,
    statement: &str,
    nonce: RequestNonce,
) -> Result<AccessReceipt, Refusal> {
    let statement = verified(ledger, statement)?;
    let decide = Arc::clone(policy) as _;
    Ok(ledger
        .submit(DecideAccess {
            statement,
            nonce,
            decide,
        })
        .await?
        .receipt)
}

/// Reports a release.
///
/// # Errors
/// [`Refusal`]; a second release is refused in the receipt.
pub async fn release(ledger: &Ledger, statement: &str) -> Result<ReleaseReceipt, Refusal> {
    let statement = verified(ledger, statement)?;
    Ok(ledger.submit(Release { statement }).await?.receipt)
}

fn verified<C: Claims>(ledger: &Ledger, statement: &str) -> Result<Verified<C>, Fault> {
    let jws = Jws::parse(statement.as_bytes())?;
    Ok(ledger.reader().registry().verify(jws)?)
}

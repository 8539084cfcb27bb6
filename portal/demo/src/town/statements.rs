//! Statements as the town's institutions and supervisors sign them, and their way into the ledger:
//! parsed, checked against the registered key, and carried out by the same commands the API uses.

use std::sync::Arc;

use akashi_ledger::command::{
    AccessReceipt, CarryOut, DecideAccess, IssueLink, LinkReceipt, Release, ReleaseReceipt,
};
use akashi_ledger::{Done, Ledger, Refusal};
use akashi_policies::{Pack, Shelf};
use akashi_proof::consent::{AccessMode, Period};
use akashi_proof::digest::Secret;
use akashi_proof::fault::Fault;
use akashi_proof::gate::link_check;
use akashi_proof::ids::{
    CategoryCode, IdError, InstitutionId, LeafIndex, LinkCode, ProcessId, PurposeCode, Qid,
    RoleCode, RoleHolderId,
};
use akashi_proof::jws::Jws;
use akashi_proof::record::value::Set;
use akashi_proof::state::Verified;
use akashi_proof::statement::{
    AccessClaims, Basis, Claims, Common, LinkClaims, RequestNonce, request_digest,
};

/// The claims of a link request of somebody who stands at the counter, with her code read out.
pub fn link_claims(common: Common, qid: Qid, link_key: &Secret) -> LinkClaims {
    LinkClaims {
        common,
        qid,
        code: "000000".to_owned(),
        link_check: link_check(link_key),
    }
}

/// What an access asks, besides who signs it and when.
pub struct AccessAsked<'a> {
    /// The requester's link code; none for statistics.
    pub subject: Option<LinkCode>,
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
    /// The ground.
    pub basis: Basis,
}

impl AccessAsked<'_> {
    /// The claims. The query they are bound to is the one this demo's holders would get.
    ///
    /// # Errors
    /// [`IdError`] where a code is none.
    pub fn claims(self, common: Common, nonce: &RequestNonce) -> Result<AccessClaims, IdError> {
        let path = format!("/records?categories={}", self.categories.join(","));
        let categories = self.categories.iter().map(|code| CategoryCode::parse(code));
        Ok(AccessClaims {
            common,
            subject: self.subject,
            role_holder: RoleHolderId::parse(self.role_holder)?,
            role: RoleCode::parse(self.role)?,
            process: ProcessId::parse(self.process)?,
            purpose: PurposeCode::parse(self.purpose)?,
            holder: InstitutionId::parse(self.holder)?,
            categories: Set::new(categories.collect::<Result<Vec<_>, _>>()?),
            mode: AccessMode::View,
            period: Period::ALL,
            basis: self.basis,
            request_digest: request_digest(nonce, "GET", &path, b""),
            on_behalf_of: None,
            case: None,
        })
    }
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
    let policies = Arc::new(Shelf::of(Arc::clone(policy)));
    Ok(ledger
        .submit(DecideAccess {
            statement,
            nonce,
            policies,
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

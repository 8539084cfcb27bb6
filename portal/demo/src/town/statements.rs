//! The way of what the town's institutions and supervisors ask into the ledger: verified, and
//! carried out by the same commands the API uses. It is asked as over HTTP, with the same client.

use std::sync::Arc;

use akashi_client::{Decision, Issued, Recorded, Request};
use akashi_ledger::command::{
    AccessReceipt, CarryOut, DecideAccess, IssueLink, LinkReceipt, Release, ReleaseReceipt,
};
use akashi_ledger::{Done, Ledger, Refusal};
use akashi_policies::Shelf;
use akashi_proof::decision::Policies;
use akashi_proof::digest::Secret;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{LeafIndex, LinkCode};
use akashi_proof::jws::Jws;
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, LinkClaims, RequestNonce};

/// The code a person reads out at a counter of the town. She stands there: it counts as read out.
pub const COUNTER_CODE: &str = "000000";

/// The path of the query this demo's holders would get for an access.
pub fn query_path(categories: &[&str]) -> String {
    format!("/records?categories={}", categories.join(","))
}

/// Carries out an act: one statement of an institution, or one of each supervisor.
///
/// # Errors
/// [`Refusal`].
pub async fn carry_out(
    ledger: &Ledger,
    request: &Request<Recorded>,
    evidence_key: Option<Secret>,
) -> Result<Done<LeafIndex>, Refusal> {
    let statements = request
        .message()
        .body()
        .split(|byte| *byte == b'\n')
        .map(|statement| verified(ledger, statement))
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
    request: &Request<Issued>,
    link_key: Secret,
) -> Result<LinkCode, Refusal> {
    let statement: Verified<LinkClaims> = verified(ledger, request.message().body())?;
    let person = ledger.reader().person_by_qid(&statement.claims().qid);
    match ledger
        .submit(IssueLink {
            statement,
            link_key,
            read_out_by: person.map(|person| person.subject),
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
    shelf: &Arc<Shelf>,
    request: &Request<Decision>,
    nonce: RequestNonce,
) -> Result<AccessReceipt, Refusal> {
    let statement = verified(ledger, request.message().body())?;
    let policies = Arc::clone(shelf) as Arc<dyn Policies>;
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
pub async fn release(
    ledger: &Ledger,
    request: &Request<Recorded>,
) -> Result<ReleaseReceipt, Refusal> {
    let statement = verified(ledger, request.message().body())?;
    let release = Release::new(ledger.reader(), statement)?;
    Ok(ledger.submit(release).await?.receipt)
}

fn verified<C: Claims>(ledger: &Ledger, statement: &[u8]) -> Result<Verified<C>, Fault> {
    let jws = Jws::parse(statement)?;
    Ok(ledger.reader().registry().verify(jws)?)
}

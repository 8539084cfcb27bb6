//! The way of what actors say into a ledger, by the commands the API uses.

use std::sync::Arc;

use akashi_ledger::command::{
    AccessReceipt, CarryOut, DecideAccess, Enrol, IssueLink, LinkReceipt, Release, ReleaseReceipt,
};
use akashi_ledger::random::draw_secret;
use akashi_ledger::{Done, Ledger, Refusal};
use akashi_proof::decision::Policies;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::evidence::evidence_digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{ContactId, LeafIndex, LinkCode};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::state::Verified;
use akashi_proof::statement::{Claims, LinkClaims, RequestNonce};
use serde_json::Value;

use crate::actor::Actor;
use crate::cast::Cast;
use crate::claims;
use crate::person::{Person, random};

/// The statement as the registry takes it.
pub fn verify<C: Claims>(ledger: &Ledger, statement: Jws) -> Result<Verified<C>, Fault> {
    Ok(ledger.reader().registry().verify(statement)?)
}

/// Carries out an act that these have signed, with the evidence key it registers, if it registers
/// one.
pub async fn carry_out(
    ledger: &Ledger,
    statements: impl IntoIterator<Item = Jws>,
    evidence_key: Option<Secret>,
) -> Result<Done<LeafIndex>, Refusal> {
    let statements = statements.into_iter();
    let statements = statements
        .map(|statement| verify(ledger, statement))
        .collect::<Result<_, _>>()?;
    let command = CarryOut {
        statements,
        evidence_key,
    };
    ledger.submit(command).await
}

/// An act of one institution.
pub async fn act(ledger: &Ledger, by: &Actor, act: Value) -> Result<Done<LeafIndex>, Refusal> {
    carry_out(ledger, [by.sign(Type::Act, act)], None).await
}

/// An act of all supervisors.
pub async fn act_by_supervisors(
    ledger: &Ledger,
    cast: &Cast,
    act: &Value,
) -> Result<Done<LeafIndex>, Refusal> {
    carry_out(ledger, cast.by_supervisors(act), None).await
}

/// A holder hands over its evidence key.
pub async fn hand_over_evidence_key(ledger: &Ledger, by: &Actor) -> Done<LeafIndex> {
    let key = by.evidence_key();
    let from = by.stamp().now.as_millis() / 1000;
    let statement = by.sign(Type::Act, claims::evidence_key_registered(&key, from));
    carry_out(ledger, [statement], Some(key)).await.unwrap()
}

/// What enrols somebody new, and whom.
pub fn enrolment() -> (Enrol, Person) {
    let person = Person::new();
    let contact = ContactId::from_bytes(random());
    (person.enrolment(contact), person)
}

/// Somebody enrols whom no institution knows yet.
pub async fn enrol(ledger: &Ledger) -> Person {
    let (enrol, person) = enrolment();
    ledger.submit(enrol).await.unwrap();
    person
}

/// She stands at an institution's counter and reads out the right code: it knows her from now on.
pub async fn link(ledger: &Ledger, institution: &Actor, person: &mut Person) {
    let (code, link_key) = new_link(ledger, institution, person).await;
    let institution = institution.id().clone();
    person.links.push((institution, code, link_key));
}

/// The same; what she keeps of it is left to the test.
pub async fn new_link(ledger: &Ledger, institution: &Actor, person: &Person) -> (LinkCode, Secret) {
    let link_key = draw_secret();
    let claims = claims::link(&person.qid, "123456", &link_key);
    let statement = institution.sign(Type::Link, claims);
    let issued = issue(ledger, statement, link_key.clone()).await;
    let LinkReceipt::Issued { code, .. } = issued.unwrap().receipt else {
        panic!("no code was issued");
    };
    (code, link_key)
}

/// Asks for a link code with this statement; the code in it counts as the right one.
pub async fn issue(
    ledger: &Ledger,
    statement: Jws,
    link_key: Secret,
) -> Result<Done<LinkReceipt>, Refusal> {
    let statement: Verified<LinkClaims> = verify(ledger, statement)?;
    let person = ledger.reader().person_by_qid(&statement.claims().qid);
    let command = IssueLink {
        statement,
        link_key,
        read_out_by: person.map(|person| person.subject),
    };
    ledger.submit(command).await
}

/// Asks for an access with this statement.
pub async fn ask(
    ledger: &Ledger,
    statement: Jws,
    nonce: RequestNonce,
    policies: Arc<dyn Policies>,
) -> Result<Done<AccessReceipt>, Refusal> {
    let command = DecideAccess {
        statement: verify(ledger, statement)?,
        nonce,
        policies,
    };
    ledger.submit(command).await
}

/// Reports a release with this statement.
pub async fn release(ledger: &Ledger, statement: Jws) -> Result<Done<ReleaseReceipt>, Refusal> {
    let statement = verify(ledger, statement)?;
    let release = Release::new(ledger.reader(), statement)?;
    ledger.submit(release).await
}

/// The digest of the evidence of this permit; of anything else, one of nothing.
pub fn evidence_digest_of(ledger: &Ledger, permit: LeafIndex) -> Digest {
    let reader = ledger.reader();
    let evidence = || {
        let stored = reader.record(permit).ok()??.open().ok()?;
        let proof = reader.first_proof(permit, &stored.entry).ok()?;
        reader.evidence(&stored, None, &proof).ok()?
    };
    evidence().map_or(Digest::of(&[b"none"]), |text| evidence_digest(&text))
}

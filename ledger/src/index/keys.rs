//! Derived indexes: what is found by something else than its place in the log. All of it follows
//! from the records.
//!
//! | index | key | finds |
//! |---|---|---|
//! | statements | digest of bytes, of (issuer, `jti`), permit spent, ask closed, L | its record |
//! | | digest of (link code, number), every 32nd gate | its permit |
//! | histories | keyed tag of the person, epoch and seq | her records in order |
//!
//! Keys are digests or made under the keyring's index key, so that the index alone links nothing to
//! a handle.

use akashi_proof::digest::{Digest, Secret};
use akashi_proof::gate::GATE_STEP;
use akashi_proof::ids::{
    Epoch, GateNumber, InstitutionId, Jti, LeafIndex, LinkCode, Seq, SubjectHandle,
};
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::{AccessDecided, Event};
use akashi_proof::record::{Position, Record};
use akashi_proof::statement::{ActClaims, Claims};

/// A statement's name outside the ledger, the `id` of an access: whole digest of issuer and
/// identifier, which holds 128 random bits.
pub fn statement_id(issuer: &InstitutionId, jti: &Jti) -> Digest {
    Digest::of(&[
        b"akashi/statement/v1",
        issuer.as_str().as_bytes(),
        b"\n",
        jti.as_str().as_bytes(),
    ])
}

/// Key of the statement with this name. Hashed once more, so that no name from outside is ever the
/// key of something else: those can be guessed.
pub(crate) fn key_of_id(id: &Digest) -> [u8; 32] {
    *Digest::of(&[b"akashi/statement-key/v1", id.as_bytes()]).as_bytes()
}

/// Key of a statement.
pub(crate) fn statement_key(issuer: &InstitutionId, jti: &Jti) -> [u8; 32] {
    key_of_id(&statement_id(issuer, jti))
}

/// Key of a statement's very bytes, by their SHA-256: whatever a record carries is found again,
/// whoever sends it and wherever. Hashed once more, as names are.
pub(crate) fn bytes_key(digest: &Digest) -> [u8; 32] {
    *Digest::of(&[b"akashi/statement-bytes/v1", digest.as_bytes()]).as_bytes()
}

/// Key of a permit that was released on.
pub fn spent_key(access: LeafIndex) -> [u8; 32] {
    *Digest::of(&[b"akashi/spent/v1", &access.to_be_bytes()]).as_bytes()
}

/// Key of a question the person has answered, or not answered in time.
pub fn closed_key(access: LeafIndex) -> [u8; 32] {
    *Digest::of(&[b"akashi/closed/v1", &access.to_be_bytes()]).as_bytes()
}

/// Key of a link key, by what its institution signed of it.
pub fn link_check_key(link_check: &Digest) -> [u8; 32] {
    *Digest::of(&[b"akashi/link-check-key/v1", link_check.as_bytes()]).as_bytes()
}

/// Key of the permit that carries this gate of a link, by the holder's code. Only every
/// [`GATE_STEP`]th is kept.
pub(crate) fn gate_key(link: &LinkCode, number: GateNumber) -> [u8; 32] {
    *Digest::of(&[
        b"akashi/gate-key/v1",
        link.as_str().as_bytes(),
        &number.to_be_bytes(),
    ])
    .as_bytes()
}

/// The key of a permit whose gate a holder may be shown to catch up.
fn step_key(permit: &AccessDecided) -> Option<[u8; 32]> {
    let number = permit.gate_number.filter(|m| m.value() % GATE_STEP == 0)?;
    Some(gate_key(permit.holder_link.as_ref()?, number))
}

/// Under what a record is found besides its index: the bytes of every statement it carries, and
/// what its kind adds.
pub(crate) fn statement_keys(record: &Record) -> Vec<[u8; 32]> {
    let carried = record.event.statements().iter();
    let by_bytes = carried.map(|one| bytes_key(&Digest::of(&[&one.0])));
    by_bytes.chain(keys_of_kind(record)).collect()
}

fn keys_of_kind(record: &Record) -> Vec<[u8; 32]> {
    let own = |jti: &Jti| match &record.position {
        Position::Institution(place) => Some(statement_key(&place.institution, jti)),
        Position::Registry(_) | Position::Person(_) => None,
    };
    match &record.event {
        // The second decision on a statement is found from the approval, which stands right before
        // it.
        Event::AccessPermitted(e) | Event::AccessDenied(e) => {
            let first = e.approval.is_none();
            let asked = first.then(|| statement_key(&e.requester, &e.jti));
            asked.into_iter().chain(step_key(e)).collect()
        }
        Event::AccessAsked(e) => vec![statement_key(&e.decided.requester, &e.decided.jti)],
        Event::StatisticsPermitted(e) | Event::StatisticsDenied(e) => {
            own(&e.jti).into_iter().collect()
        }
        Event::StatementRefused(e) => e.jti.iter().filter_map(own).collect(),
        Event::LinkIssued(e) => vec![
            statement_key(&e.institution, &e.jti),
            link_check_key(&e.link_check),
        ],
        Event::LinkRevoked(e) | Event::LinkCorrected(e) => {
            vec![statement_key(&e.institution, &e.jti)]
        }
        Event::AccessReleased(e) => {
            vec![spent_key(e.access), statement_key(&e.holder, &e.jti)]
        }
        Event::ReleaseRefused(e) => vec![statement_key(&e.holder, &e.jti)],
        Event::ApprovalGranted(e) | Event::ApprovalRefused(e) => vec![closed_key(e.access)],
        Event::ApprovalExpired(e) => vec![closed_key(e.access)],
        Event::LogKeyAdded(_)
        | Event::LogKeyEnded(_)
        | Event::LedgerResumed(_)
        | Event::SupervisorChanged(_)
        | Event::SupervisorReplaced(_)
        | Event::KeyReset(_)
        | Event::ResetObjected(_)
        | Event::InstitutionCertified(_)
        | Event::InstitutionChanged(_)
        | Event::InstitutionSuspended(_)
        | Event::InstitutionReinstated(_)
        | Event::KeyRegistered(_)
        | Event::KeyRevoked(_)
        | Event::PolicyActivated(_)
        | Event::RoleAssigned(_)
        | Event::RoleEnded(_) => {
            let acts = record.event.statements().iter();
            acts.filter_map(|act| act_key(&act.0)).collect()
        }
        Event::LedgerOpened(_)
        | Event::StatementsThrottled(_)
        | Event::EmergencyDeclared(_)
        | Event::AccessesCounted(_)
        | Event::SubjectEnrolled(_)
        | Event::PapersReplaced(_)
        | Event::AccountSuspended(_)
        | Event::AccountResumed(_)
        | Event::AccountClosed(_)
        | Event::ContactReplaced(_)
        | Event::ContactKept(_)
        | Event::ContactEnded(_)
        | Event::ContactDoubted(_)
        | Event::ContactConfirmed(_)
        | Event::ContactVerified(_)
        | Event::LinkWithdrawn(_)
        | Event::ConsentGiven(_)
        | Event::ConsentNarrowed(_)
        | Event::ConsentWithdrawn(_)
        | Event::ConsentsStopped(_)
        | Event::MeansBlocked(_)
        | Event::MeansUnblocked(_)
        | Event::AlertRaised(_)
        | Event::NoticeSent(_)
        | Event::NoticeFailed(_)
        | Event::NoticesReported(_) => Vec::new(),
    }
}

/// Key of a signed act, by its own issuer: of two supervisors each has one.
fn act_key(statement: &[u8]) -> Option<[u8; 32]> {
    let claims = ActClaims::read(&Jws::parse(statement).ok()?).ok()?;
    Some(statement_key(&claims.common.iss, &claims.common.jti))
}

/// Bits of `seq` in a history key; above stands the epoch.
const SEQ_BITS: u32 = 40;
/// Behind every record of an epoch.
const SEQ_MAX: u64 = (1 << SEQ_BITS) - 1;

/// Key of a person's record by epoch and seq.
pub(crate) fn history_key(
    index_key: &Secret,
    subject: &SubjectHandle,
    epoch: Epoch,
    seq: Seq,
) -> [u8; 24] {
    let tag = index_key.hmac(&[b"akashi/history/v1", subject.as_bytes()]);
    let mut key = [0; 24];
    key[..16].copy_from_slice(&tag[..16]);
    let place = u64::from(epoch.value()) << SEQ_BITS | seq.value().min(SEQ_MAX);
    key[16..].copy_from_slice(&place.to_be_bytes());
    key
}

//! The answer to an access: made by one pure function from the record, its key and its first proof,
//! so that a retry - also after a restart - gets the same bytes.
//!
//! Evidence is made for a permit whose holder had registered an evidence key before the permit was
//! recorded. Without one the permit stands, but nothing can be released on it: the answer says so
//! with the reason [`AnswerCode::NoEvidenceKey`].

use akashi_ledger::error::Damage;
use akashi_ledger::index::keys::statement_id;
use akashi_ledger::{LedgerError, OpenRecord, Reader};
use akashi_proof::decision::{AnswerCode, told_reasons};
use akashi_proof::duty::Duty;
use akashi_proof::ids;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::Position;
use akashi_proof::record::hashed::Hashed;
use akashi_proof::record::kind::{About, AccessDecided, Outcome, StatisticsDecided};
use akashi_tlog::tlog_proof::TlogProof;
use serde::Serialize;

/// The answer to an access statement, and to reading it again.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The access's name: in `GET /v1/accesses/{id}`.
    pub id: String,
    /// `permit`, `deny` or `ask`.
    pub decision: &'static str,
    /// Stable codes.
    pub reasons: Vec<String>,
    /// What the requester must do, of a permit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<String>,
    /// Of a permit the end of its evidence, of an ask the end of waiting: milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// Log index of the decision.
    pub index: u64,
    /// Its `.tlog-proof`.
    pub proof: String,
    /// The `.akashi-evidence` of a permit, for the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// Makes the answer. Everything in it follows from the record, the keys that were there when it was
/// made, and its proof. `hashed` is the record worked out, where that has been done already.
///
/// # Errors
/// [`LedgerError::Closed`] when its evidence rests on a consent whose record is not open;
/// [`LedgerError`] when the record is no decision, or a key that must be there is not.
pub fn answer(
    reader: &Reader,
    stored: &OpenRecord,
    hashed: Option<&Hashed>,
    proof: TlogProof,
) -> Result<Answer, LedgerError> {
    match stored.record.event.about() {
        About::Decision(decided) => of_access(reader, stored, hashed, decided, proof),
        About::Statistics(decided) => of_statistics(stored, decided, &proof),
        About::Access(_)
        | About::Ended(_)
        | About::Consent(_)
        | About::ConsentOf(_)
        | About::Institution(_)
        | About::Message(_)
        | About::Itself => Err(no_decision(stored.index)),
    }
}

fn of_access(
    reader: &Reader,
    stored: &OpenRecord,
    hashed: Option<&Hashed>,
    decided: &AccessDecided,
    proof: TlogProof,
) -> Result<Answer, LedgerError> {
    let mut reasons = told_reasons(decided.told, &decided.reasons);
    let permitted = decided.told == Outcome::Permit;
    let evidence = if permitted {
        reader.evidence(stored, hashed, &proof)?
    } else {
        None
    };
    if permitted && evidence.is_none() {
        reasons.push(AnswerCode::NoEvidenceKey.to_string());
    }
    Ok(Answer {
        id: id(&decided.requester, &decided.jti),
        decision: decided.told.as_str(),
        reasons,
        duties: if permitted {
            decided.duties.iter().map(Duty::to_string).collect()
        } else {
            Vec::new()
        },
        expires: decided
            .expires
            .filter(|_| decided.told != Outcome::Deny)
            .map(ids::Timestamp::as_millis),
        index: stored.index.value(),
        proof: proof.to_string(),
        evidence,
    })
}

fn of_statistics(
    stored: &OpenRecord,
    decided: &StatisticsDecided,
    proof: &TlogProof,
) -> Result<Answer, LedgerError> {
    let Position::Institution(place) = &stored.record.position else {
        return Err(no_decision(stored.index));
    };
    Ok(Answer {
        id: id(&place.institution, &decided.jti),
        decision: decided.outcome.as_str(),
        reasons: told_reasons(decided.outcome, &decided.reasons),
        duties: Vec::new(),
        expires: None,
        index: stored.index.value(),
        proof: proof.to_string(),
        evidence: None,
    })
}

fn no_decision(index: LeafIndex) -> LedgerError {
    let expected = "a decision";
    LedgerError::corrupt(index, Damage::OtherKind { expected })
}

/// An access's name.
pub fn id(issuer: &ids::InstitutionId, jti: &ids::Jti) -> String {
    statement_id(issuer, jti).to_base64url()
}

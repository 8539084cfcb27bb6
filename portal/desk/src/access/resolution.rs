//! How a question to the person ended, as far as its requester may know.
//!
//! `ask` may stand for a refusal at steps 6 to 9: a person who is not known there, or has no link,
//! looks like one who is being asked. So whatever is not a permit is shown only when the time to
//! answer is over, and then in one shape: a refusal she gave at once, a refusal the policy gave,
//! and silence look the same from outside.

use akashi_ledger::{LedgerError, OpenRecord, Reader};
use akashi_proof::decision::AnswerCode;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::kind::{Event, Outcome};
use serde::Serialize;

use crate::access::answer::{Answer, answer};

/// An access read again.
#[derive(Clone, Debug, Serialize)]
pub struct ReadAgain {
    /// The first answer, as it was given.
    #[serde(flatten)]
    pub first: Answer,
    /// Whether her phone has not rung yet because this institution asked too much; the same of a
    /// refusal told as a question, and `false` where its time is over.
    pub delayed: bool,
    /// How the question to the person ended; `null` while it is open, and where nobody is asked.
    pub resolution: Option<Resolution>,
}

/// How a question ended.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Resolution {
    /// She approved, and the new full decision permits.
    Permitted(Box<Answer>),
    /// No permit came of it in time; why is nobody's business.
    NotAvailable {
        /// `deny`.
        decision: &'static str,
        /// `not-available`.
        reasons: [&'static str; 1],
    },
}

/// How the question of this access ended at `now`, if its requester was told that there is one.
///
/// # Errors
/// [`LedgerError::Closed`] when the time is over and the record that says it is not open;
/// [`LedgerError`] when something cannot be read.
pub fn resolution(
    reader: &Reader,
    asked: &OpenRecord,
    now: Timestamp,
) -> Result<Option<Resolution>, LedgerError> {
    let Some(decided) = asked.record.event.decided() else {
        return Ok(None);
    };
    if decided.told != Outcome::Ask {
        return Ok(None);
    }
    let over = decided.expires.is_none_or(|expires| now >= expires);
    let permit = match permit_after(reader, asked.index) {
        // That she has answered is not told before either.
        Err(LedgerError::Closed { .. }) if !over => None,
        permit => permit?,
    };
    if let Some(permit) = permit {
        let proof = reader.first_proof(permit.index, &permit.entry)?;
        return Ok(Some(Resolution::Permitted(Box::new(answer(
            reader, &permit, None, proof,
        )?))));
    }
    let not_available = Resolution::NotAvailable {
        decision: Outcome::Deny.as_str(),
        reasons: [AnswerCode::NotAvailable.as_str()],
    };
    Ok(over.then_some(not_available))
}

/// The permit that followed an approval.
fn permit_after(reader: &Reader, access: LeafIndex) -> Result<Option<OpenRecord>, LedgerError> {
    let Some(closed) = reader.find_closed(access)? else {
        return Ok(None);
    };
    let permitted = |stored: &OpenRecord| matches!(stored.record.event, Event::AccessPermitted(_));
    Ok(reader.decision_after(closed)?.filter(permitted))
}

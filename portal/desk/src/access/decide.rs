//! May I - and prove it; and what became of it.

use std::sync::Arc;

use akashi_ledger::command::{AccessReceipt, DecideAccess};
use akashi_ledger::error::Above;
use akashi_ledger::{LedgerError, Reader, Refusal};
use akashi_notifier::is_delayed;
use akashi_proof::decision::Policies;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::Position;
use akashi_proof::record::kind::{About, CountedFor, Outcome};
use akashi_proof::state::Verified;
use akashi_proof::statement::{AccessClaims, RequestNonce};

use crate::access::answer::{Answer, answer};
use crate::access::resolution::{ReadAgain, resolution};
use crate::app::App;
use crate::declined::Declined;
use crate::rate_limit::Wait;
use crate::reading::Work;
use crate::statement::{NotTaken, not_taken, refused};

/// Decides one access statement. A decision of any kind is an answer, and the same bytes for every
/// retry.
///
/// # Errors
/// [`NotTaken`] for a bad statement.
pub async fn decide(
    app: &App,
    statement: Verified<AccessClaims>,
    nonce: RequestNonce,
) -> Result<Answer, NotTaken> {
    let asked = statement.clone();
    let command = DecideAccess {
        statement,
        nonce,
        policies: Arc::clone(&app.shelf) as Arc<dyn Policies>,
    };
    let done = app.submit(command).await;
    let done = done.map_err(|refusal| match refusal {
        Refusal::Above(Above::AboutOnePerson { subject, until }) => {
            above(app, &asked, subject, until).into()
        }
        other => not_taken(app, asked.by(), other),
    })?;
    let index = match done.receipt {
        AccessReceipt::Refused { index, fault } => return Err(refused(app, fault, index)),
        AccessReceipt::Decided { index } => index,
    };
    let just_now = done.appended.into_iter().find(|a| a.stored.index == index);
    let made = app.read(Work::Institutions, move |reader| match just_now {
        Some(made) => answer(reader, &made.stored, Some(&made.hashed), made.proof()?),
        None => first_answer(reader, index),
    });
    let made = made.await??;
    if let Some(told) = Outcome::parse(made.decision) {
        app.figures.count_decision(told);
    }
    Ok(made)
}

/// Counts one more about a person than its institution may ask, with her; says when it may again.
fn above(
    app: &App,
    asked: &Verified<AccessClaims>,
    subject: SubjectHandle,
    until: Timestamp,
) -> Wait {
    let now = app.clock.wall();
    app.figures.count_counted(CountedFor::AboutOnePerson);
    if app.excess.count(subject, asked, now).is_err()
        && let Some(institution) = asked.by().institution()
    {
        let why = CountedFor::AboutOnePerson;
        app.throttled.count(institution, why, now);
    }
    Wait::until(until, now)
}

/// The answer as it was given, made again.
fn first_answer(reader: &Reader, index: LeafIndex) -> Result<Answer, LedgerError> {
    let stored = reader.record(index)?;
    let stored = stored.ok_or_else(|| LedgerError::no_such(index))?.open()?;
    let proof = reader.first_proof(index, &stored.entry)?;
    answer(reader, &stored, None, proof)
}

/// What became of an access of this institution: the first answer, and how a question to the person
/// ended. Another's looks like none at all.
///
/// # Errors
/// [`Declined`] when something cannot be read.
pub async fn read_again(
    app: &App,
    institution: InstitutionId,
    id: Digest,
) -> Result<Option<ReadAgain>, Declined> {
    let now = app.clock.wall();
    let found = app.read(Work::Institutions, move |reader| {
        find(reader, &institution, &id, now)
    });
    Ok(found.await??)
}

/// The institution's own access with this name, and how its question ended. Of one whose record is
/// closed nobody can be told whose it was; who knows the name knows the `jti`.
fn find(
    reader: &Reader,
    institution: &InstitutionId,
    id: &Digest,
    now: Timestamp,
) -> Result<Option<ReadAgain>, LedgerError> {
    let Some(index) = reader.find_statement_id(id)? else {
        return Ok(None);
    };
    let stored = reader.record(index)?;
    let stored = stored.ok_or_else(|| LedgerError::no_such(index))?.open()?;
    let own = match stored.record.event.about() {
        About::Decision(e) => e.requester == *institution,
        About::Statistics(_) => {
            matches!(
                &stored.record.position,
                Position::Institution(place) if place.institution == *institution
            )
        }
        About::Access(_)
        | About::Ended(_)
        | About::Consent(_)
        | About::ConsentOf(_)
        | About::Institution(_)
        | About::Message(_)
        | About::Itself => false,
    };
    if !own {
        return Ok(None);
    }
    let proof = reader.first_proof(index, &stored.entry)?;
    let first = answer(reader, &stored, None, proof)?;
    let resolution = resolution(reader, &stored, now)?;
    let waits = first.expires.is_some_and(|end| now.as_millis() < end);
    let delayed = resolution.is_none() && waits && is_delayed(reader, index)?;
    Ok(Some(ReadAgain {
        first,
        delayed,
        resolution,
    }))
}

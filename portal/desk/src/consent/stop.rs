//! Stopping everything: all her consents end at once. What the law or an emergency allows goes on.

use akashi_ledger::command::StopEverything;
use akashi_proof::ids::LeafIndex;

use crate::app::SharedApp;
use crate::consent::standing;
use crate::declined::Declined;
use crate::identity::principal::Principal;
use crate::reading::Work;

/// Records that all her consents have ended; returns the log index of the record. Where none stands
/// and she stopped them before, that one: the same form sent twice is one act.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, none stands ([`Declined::Overtaken`]), or the
/// ledger did not take it.
pub async fn everything(app: &SharedApp, who: &Principal) -> Result<LeafIndex, Declined> {
    if let Some(before) = stopped_before(app, who).await? {
        return Ok(before);
    }
    let subject = who.subject()?;
    let command = StopEverything {
        subject,
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    match done.await {
        Ok(done) => Ok(done.receipt),
        // Sent twice at once: the other came first.
        Err(declined) => {
            let before = stopped_before(app, who).await?;
            before.ok_or(declined)
        }
    }
}

/// The record by which she stopped everything, where nothing was given since.
async fn stopped_before(app: &SharedApp, who: &Principal) -> Result<Option<LeafIndex>, Declined> {
    let (subject, now) = (who.subject()?, app.clock.wall());
    let read = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        match (standing(&person, now).as_slice(), person.stopped) {
            ([], None) => Err(Declined::Overtaken),
            ([], stopped) => Ok(stopped),
            _ => Ok(None),
        }
    });
    read.await?
}

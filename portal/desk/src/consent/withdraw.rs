//! Ending a consent. It needs no words to be agreed to: withdrawing is never harder than giving.

use std::sync::Arc;

use akashi_ledger::command::WithdrawConsent;
use akashi_proof::ids::{ConsentId, LeafIndex};

use crate::app::SharedApp;
use crate::consent::{find, past};
use crate::declined::Declined;
use crate::history::outline::Hers;
use crate::identity::principal::Principal;
use crate::reading::Work;

/// Records that a consent has ended by her will; returns the log index of the record, also where it
/// was withdrawn before: the same form sent twice is one act. What other consents allow goes on:
/// see [`crate::consent::overlaps`].
///
/// # Errors
/// [`Declined`]: she is not known surely enough, no such consent of hers stands - it may have ended
/// by its time - or the ledger did not take it.
pub async fn withdraw(
    app: &SharedApp,
    who: &Principal,
    consent: ConsentId,
) -> Result<LeafIndex, Declined> {
    let (subject, now) = (who.subject()?, app.clock.wall());
    let stands = app.read(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        Ok::<_, Declined>(find(&person, consent, now).is_some())
    });
    if !stands.await?? {
        return withdrawn_before(app, who, consent)
            .await?
            .ok_or(Declined::NotThere);
    }
    let command = WithdrawConsent {
        subject,
        consent,
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    match done.await {
        Ok(done) => Ok(done.receipt),
        // Sent twice at once: the other came first.
        Err(declined) => {
            let before = withdrawn_before(app, who, consent).await?;
            before.ok_or(declined)
        }
    }
}

/// The record by which she has withdrawn it, where she has.
async fn withdrawn_before(
    app: &SharedApp,
    who: &Principal,
    consent: ConsentId,
) -> Result<Option<LeafIndex>, Declined> {
    let (subject, now) = (who.subject()?, app.clock.wall());
    let shared = Arc::clone(app);
    let past = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        let hers = Hers {
            records: reader,
            person: &person,
            outlines: &shared.outlines,
        };
        Ok::<_, Declined>(past::of(hers, consent, now)?)
    });
    let past = past.await??.filter(|past| past.withdrawn.is_some());
    Ok(past.map(|past| past.index))
}

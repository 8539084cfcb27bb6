//! Ending a consent. It needs no words to be agreed to: withdrawing is never harder than giving.

use akashi_ledger::command::WithdrawConsent;
use akashi_proof::ids::{ConsentId, LeafIndex};

use crate::app::SharedApp;
use crate::consent::find;
use crate::declined::Declined;
use crate::identity::principal::Principal;
use crate::reading::Work;

/// Records that a consent has ended by her will; returns the log index of the record. What other
/// consents allow goes on: see [`crate::consent::overlaps`].
///
/// # Errors
/// [`Declined`]: she is not known surely enough, no such consent of hers stands, or the ledger did
/// not take it.
pub async fn withdraw(
    app: &SharedApp,
    who: &Principal,
    consent: ConsentId,
) -> Result<LeafIndex, Declined> {
    let (subject, now) = (who.subject()?, app.clock.wall());
    let stands = app.read(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        find(&person, consent, now)
            .map(|_| ())
            .ok_or(Declined::NotThere)
    });
    stands.await??;
    let done = app.submit(WithdrawConsent {
        subject,
        consent,
        assurance: who.assurance(),
        language: who.language(),
    });
    Ok(done.await?.receipt)
}

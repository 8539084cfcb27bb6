//! Her account: suspended, resumed, closed.

use akashi_ledger::command::ChangeAccount;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::Account;

use crate::app::SharedApp;
use crate::declined::Declined;
use crate::identity::principal::Principal;
use crate::reading::Work;

/// Records that it stands so from now on; returns the log index of the record, `None` where it
/// stood so before: the same form sent twice is one act.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, the account is closed ([`Declined::Overtaken`]),
/// or the ledger did not take it.
pub async fn change(
    app: &SharedApp,
    who: &Principal,
    to: Account,
) -> Result<Option<LeafIndex>, Declined> {
    match standing(app, who).await? {
        stands if stands == to => return Ok(None),
        Account::Closed => return Err(Declined::Overtaken),
        Account::Open | Account::Suspended => {}
    }
    let subject = who.subject()?;
    let command = ChangeAccount {
        subject,
        to,
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    match done.await {
        Ok(done) => Ok(Some(done.receipt)),
        // Sent twice at once: the other came first.
        Err(_) if standing(app, who).await? == to => Ok(None),
        Err(declined) => Err(declined),
    }
}

async fn standing(app: &SharedApp, who: &Principal) -> Result<Account, Declined> {
    let subject = who.subject()?;
    let read = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        Ok(person.account)
    });
    read.await?
}

//! Another visible ID and another recovery code: where a paper is lost, or others have seen it.

use akashi_ledger::command::ReplacePapers;
use akashi_ledger::random::drawn;

use crate::app::SharedApp;
use crate::declined::Declined;
use crate::enrolment::qid;
use crate::identity::principal::Principal;
use crate::identity::recovery::RecoveryCode;
use crate::identity::session::Papers;

/// Replaces them by new ones, which nobody can show again. `shown` is the recovery code she has
/// just typed: a page left open is not enough to lock her out. All her sessions must show the new
/// code before they show anything more of hers; this one begins anew with what is returned.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, the code is no longer hers, or the ledger did not
/// take it.
pub async fn replace(
    app: &SharedApp,
    who: &Principal,
    shown: &RecoveryCode,
) -> Result<Papers, Declined> {
    let subject = who.subject()?;
    let (qid, recovery) = (qid(drawn()), RecoveryCode::draw());
    let command = ReplacePapers {
        subject,
        shown: shown.digest(),
        qid: qid.clone(),
        recovery_digest: recovery.digest(),
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    let index = done.await?.receipt;
    app.sessions.step_down(&subject);
    Ok(Papers {
        qid,
        recovery,
        index,
        are_first: false,
    })
}

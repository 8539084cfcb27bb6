//! Link codes: an institution learns its own code for a person who stands at its counter and reads
//! out hers ([`crate::identity::counter_code`]).

use akashi_ledger::LedgerError;
use akashi_ledger::command::{IssueLink, LinkReceipt};
use akashi_proof::digest::Secret;
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::{InstitutionId, LeafIndex, LinkCode, SubjectHandle};
use akashi_proof::state::Verified;
use akashi_proof::statement::LinkClaims;
use akashi_tlog::tlog_proof::TlogProof;

use crate::app::App;
use crate::reading::Work;
use crate::statement::{NotTaken, first_proof, refused};

/// A link code that was issued.
pub struct Issued {
    /// The institution's code for the person.
    pub code: LinkCode,
    /// Log index of the record.
    pub index: LeafIndex,
    /// Its proof.
    pub proof: TlogProof,
}

/// Issues a link code. A code that was read out is spent once the link is issued, or found to be
/// another person's or none; a retry spends nothing.
///
/// # Errors
/// [`NotTaken`]: the same whether the visible ID or the code is wrong.
pub async fn issue(
    app: &App,
    statement: Verified<LinkClaims>,
    link_key: Secret,
) -> Result<Issued, NotTaken> {
    let by = statement.claims().common.iss.clone();
    let taken = take_code(app, statement.claims()).await?;
    let command = IssueLink {
        statement,
        link_key,
        code_matches: taken.is_some(),
    };
    let done = app.submit(command).await;
    let done = done.inspect_err(|_| give_back(app, taken, &by))?;
    match done.receipt {
        LinkReceipt::Issued { index, code } => Ok(Issued {
            code,
            index,
            proof: first_proof(app, &done.appended, index).await?,
        }),
        LinkReceipt::Refused { index, fault } => {
            if fault.code != FaultCode::NoMatch {
                give_back(app, taken, &by);
            }
            Err(refused(app, fault, index))
        }
    }
}

/// Spends the code the person read out; whose it was, if it was one. A retry spends nothing: its
/// answer is known.
async fn take_code(app: &App, claims: &LinkClaims) -> Result<Option<SubjectHandle>, NotTaken> {
    let (common, qid) = (claims.common.clone(), claims.qid.clone());
    let person = app.read(Work::Institutions, move |reader| {
        let known = reader.find_statement(&common.iss, &common.jti)?;
        let person = || reader.person_by_qid(&qid).map(|person| person.subject);
        Ok::<_, LedgerError>(if known.is_some() { None } else { person() })
    });
    Ok(person.await??.filter(|subject| {
        let now = app.clock.monotonic_millis();
        let by = &claims.common.iss;
        app.counter_codes.take(subject, by, &claims.code, now)
    }))
}

fn give_back(app: &App, taken: Option<SubjectHandle>, by: &InstitutionId) {
    if let Some(subject) = taken {
        app.counter_codes.give_back(&subject, by);
    }
}

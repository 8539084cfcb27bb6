//! Link codes: an institution learns its own code for a person who stands at its counter and reads
//! out hers ([`crate::identity::counter_code`]); the code ends by the institution's act or by hers.

use akashi_ledger::LedgerError;
use akashi_ledger::command::{EndLink, IssueLink, LinkEndReceipt, LinkReceipt, WithdrawLink};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::{Generation, InstitutionId, LeafIndex, LinkCode, SubjectHandle};
use akashi_proof::state::Verified;
use akashi_proof::statement::{LinkClaims, LinkEndClaims};
use akashi_tlog::tlog_proof::TlogProof;

use crate::app::{App, SharedApp};
use crate::declined::Declined;
use crate::identity::principal::Principal;
use crate::reading::Work;
use crate::statement::{NotTaken, first_proof, not_taken, refused};

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
    let request = Digest::of(&[&statement.to_bytes().0]);
    let taken = take_code(app, statement.claims(), request).await?;
    let by = statement.by().clone();
    let command = IssueLink {
        statement,
        link_key,
        read_out_by: taken,
    };
    let give_back = || {
        if let Some(subject) = taken {
            app.counter_codes.give_back(&subject, by.id(), request);
        }
    };
    let done = app.submit(command).await;
    let done = done.map_err(|refusal| {
        give_back();
        not_taken(app, &by, refusal)
    })?;
    match done.receipt {
        LinkReceipt::Issued { index, code } => Ok(Issued {
            code,
            index,
            proof: first_proof(app, &done.appended, index).await?,
        }),
        LinkReceipt::Refused { index, fault } => {
            if fault.code != FaultCode::NoMatch {
                give_back();
            }
            Err(refused(app, fault, index))
        }
    }
}

/// Spends the code the person read out; whose it was, if it was one. A retry spends nothing: its
/// answer is known. Sent twice at once, both find it theirs, and the writer does one.
async fn take_code(
    app: &App,
    claims: &LinkClaims,
    request: Digest,
) -> Result<Option<SubjectHandle>, NotTaken> {
    let (common, qid) = (claims.common.clone(), claims.qid.clone());
    let person = app.read(Work::Institutions, move |reader| {
        let known = reader.find_statement(&common.iss, &common.jti)?;
        let person = || reader.person_by_qid(&qid).map(|person| person.subject);
        Ok::<_, LedgerError>(if known.is_some() { None } else { person() })
    });
    Ok(person.await??.filter(|subject| {
        let now = app.clock.monotonic_millis();
        let by = &claims.common.iss;
        let code = &claims.code;
        app.counter_codes.take(subject, (by, request), code, now)
    }))
}

/// A link code that an institution ended.
pub struct Ended {
    /// Log index of the record.
    pub index: LeafIndex,
    /// Its proof.
    pub proof: TlogProof,
}

/// Ends an institution's own code for a person, by what it signed.
///
/// # Errors
/// [`NotTaken`]: the same whether the code is another's, has ended or never was one.
pub async fn end(app: &App, statement: Verified<LinkEndClaims>) -> Result<Ended, NotTaken> {
    let by = statement.by().clone();
    let done = app.submit(EndLink { statement }).await;
    let done = done.map_err(|refusal| not_taken(app, &by, refusal))?;
    match done.receipt {
        LinkEndReceipt::Ended { index } => Ok(Ended {
            index,
            proof: first_proof(app, &done.appended, index).await?,
        }),
        LinkEndReceipt::Refused { index, fault } => Err(refused(app, fault, index)),
    }
}

/// Ends an institution's code by her will; returns the log index of the record that ended it, also
/// where that one came before: the same form sent twice is one act.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, the institution has no code for her, the code that
/// stands is not the one she saw ([`Declined::Overtaken`]), or the ledger did not take it.
pub async fn withdraw(
    app: &SharedApp,
    who: &Principal,
    institution: InstitutionId,
    generation: Generation,
) -> Result<LeafIndex, Declined> {
    let subject = who.subject()?;
    if let Some(before) = ended_by(app, subject, &institution, generation).await? {
        return Ok(before);
    }
    let command = WithdrawLink {
        subject,
        institution: institution.clone(),
        generation,
        assurance: who.assurance(),
        language: who.language(),
    };
    let done = app.submit_for(who, subject, command);
    match done.await {
        Ok(done) => Ok(done.receipt),
        // Sent twice at once: the other came first.
        Err(declined) => {
            let before = ended_by(app, subject, &institution, generation).await?;
            before.ok_or(declined)
        }
    }
}

/// The record that ended this code, where it has ended.
async fn ended_by(
    app: &SharedApp,
    subject: SubjectHandle,
    institution: &InstitutionId,
    generation: Generation,
) -> Result<Option<LeafIndex>, Declined> {
    let institution = institution.clone();
    let read = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        let link = person.link(&institution).ok_or(Declined::NotThere)?;
        if link.generation == generation {
            Ok(link.ended)
        } else {
            Err(Declined::Overtaken)
        }
    });
    read.await?
}

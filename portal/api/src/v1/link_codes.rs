//! `POST /v1/link-codes`: an institution learns its own code for a person who stands at its
//! counter.

use akashi_desk::app::{App, SharedApp};
use akashi_desk::reading::Work;
use akashi_ledger::LedgerError;
use akashi_ledger::command::{IssueLink, LinkReceipt};
use akashi_proof::fault::FaultCode;
use akashi_proof::ids::SubjectHandle;
use akashi_proof::statement::LinkClaims;
use akashi_proof::statement::header::LINK_KEY;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::client::Client;
use crate::problem::Problem;
use crate::statement::{self, first_proof, missing_header, refused, secret_header};
use crate::v1::accesses::json;

/// The answer.
#[derive(Serialize)]
struct Issued<'a> {
    link_code: &'a str,
    index: u64,
    proof: String,
}

/// Issues a link code.
///
/// # Errors
/// A [`Problem`]; `no-match` whether the visible ID or the code is wrong.
pub async fn issue(
    State(app): State<SharedApp>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let received = statement::receive(&app, client, &headers, body).await?;
    let link_key = secret_header(&headers, LINK_KEY)?
        .ok_or_else(|| missing_header(LINK_KEY, "32 bytes: 43 characters of base64url"))?;
    let statement = received.verified(&app).await?;
    let taken = take_code(&app, statement.claims()).await?;
    let command = IssueLink {
        statement,
        link_key,
        code_matches: taken.is_some(),
    };
    let done = app
        .submit(command)
        .await
        .inspect_err(|_| give_back(&app, taken))?;
    match done.receipt {
        LinkReceipt::Issued { index, code, .. } => {
            let proof = first_proof(&app, &done.appended, index).await?.to_string();
            Ok(json(&Issued {
                link_code: code.as_str(),
                index: index.value(),
                proof,
            }))
        }
        LinkReceipt::Refused { index, fault } => {
            if fault.code != FaultCode::NoMatch {
                give_back(&app, taken);
            }
            Err(refused(&app, fault, index))
        }
    }
}

/// Spends the code the person read out; whose it was, if it was one. A retry spends nothing: its
/// answer is known.
async fn take_code(app: &App, claims: &LinkClaims) -> Result<Option<SubjectHandle>, Problem> {
    let (common, qid) = (claims.common.clone(), claims.qid.clone());
    let person = app.read(Work::Institutions, move |reader| {
        let known = reader.find_statement(&common.iss, &common.jti)?;
        let person = || reader.person_by_qid(&qid).map(|person| person.subject);
        Ok::<_, LedgerError>(if known.is_some() { None } else { person() })
    });
    Ok(person.await??.filter(|subject| {
        app.counter_codes
            .take(subject, &claims.code, app.clock.wall())
    }))
}

fn give_back(app: &App, taken: Option<SubjectHandle>) {
    if let Some(subject) = taken {
        app.counter_codes.give_back(&subject);
    }
}

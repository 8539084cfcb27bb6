//! `GET /v1/links/{code}/gates`: a holder catches up over permits it was never shown
//! (docs/RECORD_FORMAT.md 3).

use akashi_desk::app::SharedApp;
use akashi_desk::reading::Work;
use akashi_ledger::reader::NoGates;
use akashi_proof::ids::{GateNumber, LinkCode, TreeSize};
use akashi_tlog::decimal;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::bearer::ReadBy;
use crate::problem::{Kind, Problem};
use crate::request::Piece;

/// Gates of the reader's own link in the log.
///
/// # Errors
/// A [`Problem`]; a code of another institution looks like none at all.
pub async fn read(
    State(app): State<SharedApp>,
    ReadBy(institution): ReadBy,
    OriginalUri(uri): OriginalUri,
    Piece(code): Piece,
) -> Result<Response, Problem> {
    let code = LinkCode::parse(&code).map_err(|_| Kind::NOT_FOUND)?;
    let (above, from) = query(uri.query().unwrap_or_default())?;
    let found = app.read(Work::Institutions, move |reader| {
        reader.gates(&institution, &code, above, from)
    });
    match found.await?? {
        Ok(gates) => {
            let kind = HeaderValue::from_static("text/plain; charset=utf-8");
            Ok(([(header::CONTENT_TYPE, kind)], gates.to_string()).into_response())
        }
        Err(NoGates::NotItsLink) => Err(Kind::NOT_FOUND.into()),
        Err(NoGates::Ahead { size }) => {
            let expected = format!("at most {size}, the size of this log");
            Err(Problem::from(Kind::CONFLICT).in_field("from", &expected, "a larger one"))
        }
    }
}

/// `above`, and `from` where the holder has seen a head: each once, nothing else.
fn query(query: &str) -> Result<(Option<GateNumber>, TreeSize), Problem> {
    let (mut above, mut from) = (None, None);
    for part in query.split('&') {
        let number = |field, text| {
            decimal::parse(text, u64::MAX).map_err(|_| {
                Problem::from(Kind::BAD_MEMBER).in_field(field, "a decimal number", "another text")
            })
        };
        match part.split_once('=') {
            Some(("above", text)) if above.is_none() => above = Some(number("above", text)?),
            Some(("from", text)) if from.is_none() => from = Some(number("from", text)?),
            _ => {
                let expected = "`above` and `from`, each once";
                let problem = Problem::from(Kind::BAD_MEMBER);
                return Err(problem.in_field("query", expected, "something else"));
            }
        }
    }
    let above = above.ok_or_else(|| {
        Problem::from(Kind::BAD_MEMBER).in_field("above", "a decimal number", "nothing")
    })?;
    Ok((GateNumber::new(above), TreeSize::new(from.unwrap_or(0))))
}

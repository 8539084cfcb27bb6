//! `/me/history/file`: her history to take away ([`akashi_desk::history::file`]). If something
//! cannot be read on the way the answer breaks off, which its reader notices.

use std::sync::Arc;

use akashi_desk::history::file::{begin, name_on};
use akashi_desk::reading::Work;
use axum::body::Body;
use axum::http::header;
use futures_util::stream::try_unfold;

use crate::frame::error::PageError;
use crate::frame::guard::Owner;
use crate::frame::visit::{Answer, Reply};

/// `GET /me/history/file`.
pub(crate) async fn file(Owner { visit, subject, .. }: Owner) -> Answer {
    let name = format!(
        "attachment; filename=\"{}\"",
        name_on(visit.names().when.day(visit.now()))
    );
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let app = visit.app;
    let begun = app.read(Work::Downloads, move |reader| begin(reader, &subject));
    let begun = begun.await??.ok_or(PageError::SignIn)?;
    let turn = app.downloads.begin(subject);
    let parts = try_unfold(begun, move |(file, next)| {
        let app = Arc::clone(&app);
        async move {
            if !app.downloads.goes_on(turn) {
                return Err(axum::BoxError::from("she has begun another"));
            }
            let part = app.read_on(Work::Downloads, move |reader| file.part(reader, next));
            let (text, file, next) = part.await??;
            if text.is_none() {
                app.downloads.end(turn);
            }
            Ok::<_, axum::BoxError>(text.map(|text| (text, (file, next))))
        }
    });
    Ok(Reply::new((headers, Body::from_stream(parts))))
}

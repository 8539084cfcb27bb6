//! `/audit`: how to check this ledger without trusting it.

use akashi_ledger::Reader;
use akashi_proof::ids::Seq;
use akashi_proof::record::body;
use akashi_proof::record::kind::{Event, LedgerOpened};
use askama::Template;

use crate::frame::error::PageError;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Visit, page};
use crate::words::bodies::{Body, institutions, supervisors};
use crate::words::texts::Audit as Texts;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    t: Texts,
    size: u64,
    root: String,
    checkpoint: String,
    vkey: String,
    log_url: String,
    institutions: Vec<Body>,
    /// The supervisors, and how many of them must sign.
    supervisors: Vec<Body>,
    threshold: u64,
    /// What the file with a history is called when it is saved today.
    history_file: String,
    pack: String,
    policy_digest: String,
}

/// The log's own key as a vkey line, from entry 0.
///
/// # Errors
/// [`PageError`] when entry 0 cannot be read.
pub(crate) fn vkey(reader: &Reader) -> Result<String, PageError> {
    Ok(opened(reader)?.log_vkey)
}

/// What entry 0 says.
fn opened(reader: &Reader) -> Result<LedgerOpened, PageError> {
    let first = reader
        .registry_body(Seq::FIRST)?
        .ok_or(PageError::Internal)?;
    let (record, _) = body::decode(&first)
        .map_err(|error| PageError::internal("entry 0 cannot be read", &error))?;
    let Event::LedgerOpened(opened) = record.event else {
        return Err(PageError::Internal);
    };
    Ok(opened)
}

/// `GET /audit`.
pub(crate) async fn audit(visit: Visit) -> Answer {
    visit.read(show).await
}

fn show(books: &Books<'_>) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let head = books.reader.published();
    let opened = opened(books.reader)?;
    let in_force = names.registry.policy();
    page(AuditPage {
        shell: books.shell(t.title()),
        t,
        size: head.head.size.value(),
        root: head.head.root.to_string(),
        checkpoint: head.note.to_string(),
        supervisors: supervisors(&names),
        threshold: opened.threshold,
        history_file: akashi_desk::history::file::name_on(names.when.day(books.now())),
        vkey: opened.log_vkey,
        log_url: format!("{}/log", books.app.site.url),
        institutions: institutions(&names),
        pack: in_force.pack.clone(),
        policy_digest: in_force.digest.to_string(),
    })
}

//! `/audit`: how to check this ledger without trusting it.

use askama::Template;

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

/// `GET /audit`.
pub(crate) async fn audit(visit: Visit) -> Answer {
    visit.read(show).await
}

fn show(books: &Books<'_>) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let head = books.reader.published();
    let in_force = names.registry.policy();
    page(AuditPage {
        shell: books.shell(t.title()),
        t,
        size: head.head.size.value(),
        root: head.head.root.to_string(),
        checkpoint: head.note.to_string(),
        supervisors: supervisors(&names),
        threshold: names.registry.threshold(),
        history_file: akashi_desk::history::file::name_on(names.when.day(books.now())),
        vkey: books.app.vkey(),
        log_url: format!("{}/log", books.app.site.url),
        institutions: institutions(&names),
        pack: in_force.pack.clone(),
        policy_digest: in_force.digest.to_string(),
    })
}

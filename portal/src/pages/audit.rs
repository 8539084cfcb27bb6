//! `/audit`: how to check this ledger without trusting it.

use akashi_ledger::Reader;
use akashi_proof::record::body;
use akashi_proof::record::event::Event;
use askama::Template;

use super::error::PageError;
use super::shell::Shell;
use super::texts::Audit as Texts;
use super::visit::{Answer, Visit, page};

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
    institutions: Vec<(String, String, bool)>,
    pack: String,
    policy_digest: String,
}

/// The log's own key as a vkey line, from entry 0.
///
/// # Errors
/// [`PageError`] when entry 0 cannot be read.
pub(crate) fn vkey(reader: &Reader) -> Result<String, PageError> {
    let first = reader.registry_body(1)?.ok_or(PageError::Internal)?;
    let (record, _) = body::decode(&first).map_err(|error| PageError::internal("entry 0 cannot be read", &error))?;
    match record.event {
        Event::LedgerOpened(opened) => Ok(opened.log_vkey),
        _ => Err(PageError::Internal),
    }
}

/// `GET /audit`.
pub(crate) async fn audit(visit: Visit) -> Answer {
    let (t, names, reader) = (Texts(visit.language), visit.names(), visit.app.ledger.reader());
    let head = reader.published();
    let institutions = names.registry.institutions().map(|institution| {
        let sector = names.pack.sector(&institution.sector);
        let sector = sector.map(|sector| sector.name.in_language(visit.language).to_owned()).unwrap_or_default();
        let is_certified = institution.standing == akashi_proof::state::Standing::Certified;
        (names.institution(&institution.id), sector, is_certified)
    });
    let institutions = institutions.collect();
    let (pack, policy_digest) = &names.registry.policy;
    page(AuditPage {
        shell: visit.shell(t.title()),
        t,
        size: head.head.size.value(),
        root: head.head.root.to_string(),
        checkpoint: head.note.to_string(),
        vkey: vkey(reader)?,
        log_url: format!("{}/log", visit.app.config.server.public_url),
        institutions,
        pack: pack.clone(),
        policy_digest: policy_digest.to_string(),
    })
}

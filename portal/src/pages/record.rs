//! One record of hers: in words, with all its fields, its proof, a file to keep and a receipt to
//! print.
//!
//! Another person's record, an institution's and one that does not exist all answer the same: there
//! is no such page.

use akashi_ledger::StoredRecord;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::Record;
use akashi_proof::record::kind::Event;
use akashi_proof::state::Person;
use akashi_tlog::signed_note::Note;
use akashi_tlog::tlog_proof::TlogProof;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::header;

use super::consent_wording::Wording;
use super::error::PageError;
use super::field_words::{self, Shown};
use super::forms::Fields;
use super::names::Names;
use super::overlaps::{Overlaps, Scope};
use super::shell::Shell;
use super::texts::Record as Texts;
use super::told::{Related, Told, tell};
use super::visit::{Answer, Reply, Visit, page};
use super::walk::{HerRecords, own_record};
use crate::auth::guard::Owner;

/// The proof of a record, for showing.
struct Proof {
    index: LeafIndex,
    size: String,
    commitment: String,
    path: Vec<String>,
    checkpoint: String,
}

impl Proof {
    fn of(stored: &StoredRecord, proof: &TlogProof) -> Self {
        let note: &Note = proof.checkpoint();
        Self {
            index: stored.index,
            // The second line of a checkpoint is its size.
            size: note.text().lines().nth(1).unwrap_or_default().to_owned(),
            commitment: stored.entry.commitment.to_string(),
            path: proof
                .inclusion()
                .hashes()
                .iter()
                .map(ToString::to_string)
                .collect(),
            checkpoint: note.to_string(),
        }
    }
}

/// What both pages show.
struct Shared {
    index: LeafIndex,
    seq: u64,
    time: String,
    /// The time as paper has it.
    paper_time: String,
    machine_time: String,
    told: Told,
    proof: Proof,
    /// The words agreed to, where they can still be written as they were: digest and all.
    wording: Option<Wording>,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    shell: Shell,
    t: Texts,
    r: Shared,
    fields: Vec<Shown>,
    /// The request to answer, where this is an open one.
    open_request: bool,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    shell: Shell,
    t: Texts,
    r: Shared,
    origin: String,
    vkey: String,
    /// Whether she comes from the act it is the receipt of.
    just_done: bool,
    /// Whether the recipient does not know her yet.
    needs_link: Option<String>,
    /// What is still allowed after a withdrawal.
    overlaps: Option<Overlaps>,
}

fn find(visit: &Visit, person: &Person, index: &str) -> Result<StoredRecord, PageError> {
    // One spelling of every number, so that every record has one address.
    let index = LeafIndex::parse(index).map_err(|_| PageError::NotFound)?;
    own_record(visit.app.ledger.reader(), person, index)?.ok_or(PageError::NotFound)
}

fn shared(
    visit: &Visit,
    person: &Person,
    stored: &StoredRecord,
    names: &Names,
) -> Result<Shared, PageError> {
    let reader = visit.app.ledger.reader();
    let related = HerRecords::new(reader, person);
    let proof = reader.first_proof(stored)?;
    Ok(Shared {
        index: stored.index,
        seq: stored.record.seq(),
        time: names.when.say(stored.record.time),
        paper_time: names.when.say_on_paper(stored.record.time),
        machine_time: names.when.machine(stored.record.time),
        told: tell(&stored.record.event, names, &related),
        proof: Proof::of(stored, &proof),
        wording: wording(visit, &stored.record),
    })
}

/// The words of a consent again. Shown only if they are exactly those: the record holds their
/// digest.
fn wording(visit: &Visit, record: &Record) -> Option<Wording> {
    let Event::ConsentGiven(given) = &record.event else {
        return None;
    };
    let names = Names::new(
        given.language,
        std::sync::Arc::clone(&visit.app.policy),
        visit.app.ledger.reader().registry(),
    );
    let wording = Wording::of_consent(given, &names);
    (wording.digest() == given.wording_digest).then_some(wording)
}

/// `GET /me/history/{index}`.
pub(crate) async fn record(Owner { visit, person }: Owner, Path(index): Path<String>) -> Answer {
    let stored = find(&visit, &person, &index)?;
    let names = visit.names();
    let t = Texts(visit.language);
    page(RecordPage {
        shell: visit.shell(t.title(stored.index)).at("/me/history"),
        t,
        r: shared(&visit, &person, &stored, &names)?,
        fields: field_words::show(&stored.record, &names),
        open_request: person
            .ask(stored.index)
            .is_some_and(|ask| ask.granted.is_none()),
    })
}

/// `GET /me/history/{index}/receipt`.
pub(crate) async fn receipt(
    Owner { visit, person }: Owner,
    Path(index): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let stored = find(&visit, &person, &index)?;
    let names = visit.names();
    let t = Texts(visit.language);
    let fields = Fields::of_query(query.as_deref().unwrap_or_default());
    let needs_link = match &stored.record.event {
        Event::ConsentGiven(given) if person.link(&given.recipient).is_none() => {
            Some(names.institution(&given.recipient))
        }
        _ => None,
    };
    let reader = visit.app.ledger.reader();
    page(ReceiptPage {
        shell: visit
            .shell(t.receipt_title(stored.index))
            .at("/me/history")
            .narrow(),
        t,
        r: shared(&visit, &person, &stored, &names)?,
        origin: reader.origin().to_string(),
        vkey: super::audit::vkey(reader)?,
        just_done: fields.first("done").is_some(),
        needs_link,
        overlaps: still_allowed(&visit, &person, &stored, &names),
    })
}

/// After a withdrawal: the consents that go on allowing some of the same.
fn still_allowed(
    visit: &Visit,
    person: &Person,
    stored: &StoredRecord,
    names: &Names,
) -> Option<Overlaps> {
    let Event::ConsentWithdrawn(withdrawn) = &stored.record.event else {
        return None;
    };
    let (_, given) =
        HerRecords::new(visit.app.ledger.reader(), person).consent(&withdrawn.consent)?;
    Overlaps::without(
        person,
        withdrawn.consent,
        &Scope::given(&given),
        names,
        visit.now(),
    )
}

/// `GET /me/history/{index}/proof`: the `.tlog-proof` of the record, the same bytes for ever.
pub(crate) async fn proof(Owner { visit, person }: Owner, Path(index): Path<String>) -> Answer {
    let stored = find(&visit, &person, &index)?;
    let proof = visit.app.ledger.reader().first_proof(&stored)?;
    let name = format!(
        "attachment; filename=\"akashi-{}.tlog-proof\"",
        stored.index
    );
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok(Reply::new((headers, proof.to_string())))
}

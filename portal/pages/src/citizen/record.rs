//! One record of hers: in words, with all its fields, its proof, a file to keep and a receipt to
//! print.
//!
//! Another person's record, an institution's and one that does not exist all answer the same: there
//! is no such page.

use akashi_desk::consent::overlaps::overlapping;
use akashi_desk::consent::wording::Wording;
use akashi_desk::history::related::HerRecords;
use akashi_desk::history::walk::own_record;
use akashi_desk::words::names::Names;
use akashi_ledger::{ClosedRecord, OpenRecord, StoredRecord};
use akashi_proof::entry::Entry;
use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::record::Record;
use akashi_proof::record::kind::Event;
use akashi_proof::state::Person;
use akashi_tlog::signed_note::Note;
use akashi_tlog::tlog_proof::TlogProof;
use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::header;

use crate::citizen::overlaps::Overlaps;
use crate::frame::error::PageError;
use crate::frame::forms::Fields;
use crate::frame::guard::Owner;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Reply, Visit, page};
use crate::words::bodies::Reach;
use crate::words::fields::{self, Shown};
use crate::words::texts::Record as Texts;
use crate::words::told::{Related, Told, tell, tell_closed};

/// The proof of a record, for showing.
struct Proof {
    index: LeafIndex,
    size: String,
    commitment: String,
    path: Vec<String>,
    checkpoint: String,
}

impl Proof {
    fn of(index: LeafIndex, entry: &Entry, proof: &TlogProof) -> Self {
        let note: &Note = proof.checkpoint();
        Self {
            index,
            // The second line of a checkpoint is its size.
            size: note.text().lines().nth(1).unwrap_or_default().to_owned(),
            commitment: entry.commitment.to_string(),
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
    seq: Seq,
    time: String,
    /// The time as paper has it.
    paper_time: String,
    machine_time: String,
    told: Told,
    proof: Proof,
    /// The institutions it is about.
    reach: Reach,
    /// The words agreed to, where they can still be written as they were: digest and all.
    wording: Option<Wording>,
    /// Whether it speaks of a consent that was given before all that one page looks at: then
    /// neither whom that was between nor what else allows the same can be said.
    speaks_of_older: bool,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    shell: Shell,
    t: Texts,
    r: Shared,
    fields: Vec<Shown>,
    /// Whether this is a request she can still answer.
    open_request: bool,
    /// The consent it is about, or rests on.
    consent: Option<String>,
}

/// A record of which only the place is left.
#[derive(Template)]
#[template(path = "record_closed.html")]
struct ClosedPage {
    shell: Shell,
    t: Texts,
    /// Where the list is that leads here.
    back: &'static str,
    r: Left,
}

/// What is left of it.
struct Left {
    seq: Seq,
    told: Told,
    proof: Proof,
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

fn find(books: &Books<'_>, person: &Person, index: &str) -> Result<StoredRecord, PageError> {
    // One spelling of every number, so that every record has one address.
    let index = LeafIndex::parse(index).map_err(|_| PageError::NotFound)?;
    own_record(books.reader, person, index)?.ok_or(PageError::NotFound)
}

fn shared(
    books: &Books<'_>,
    stored: &OpenRecord,
    names: &Names,
    related: &HerRecords<'_>,
) -> Result<Shared, PageError> {
    let proof = books.reader.first_proof(stored.index, &stored.entry)?;
    let told = tell(&stored.record, names, related);
    let reach = Reach::of_record(&stored.record, related, names);
    Ok(Shared {
        index: stored.index,
        seq: stored.record.seq(),
        time: names.when.say(stored.record.time),
        paper_time: names.when.say_on_paper(stored.record.time),
        machine_time: names.when.machine(stored.record.time),
        told,
        proof: Proof::of(stored.index, &stored.entry, &proof),
        reach,
        wording: wording(books, &stored.record),
        speaks_of_older: related.has_missed_older_consents(),
    })
}

/// The words of a consent again. Shown only if they are exactly those: the record holds their
/// digest.
fn wording(visit: &Visit, record: &Record) -> Option<Wording> {
    let Event::ConsentGiven(given) = &record.event else {
        return None;
    };
    let names = visit.app.names(given.language).of(record);
    let wording = Wording::consent(&names, &given.terms);
    (wording.digest() == given.wording_digest).then_some(wording)
}

/// The consent a record is about, or that the permit rests on: where it is narrowed and withdrawn.
fn consent_of(record: &Record, related: &dyn Related) -> Option<String> {
    let given = |record: &Record| {
        let Event::ConsentGiven(given) = &record.event else {
            return None;
        };
        Some(given.consent.to_base64url())
    };
    let rests_on = record.event.decided().and_then(|decided| decided.consent);
    match rests_on {
        Some(index) => given(&related.record(index)?),
        None => given(record),
    }
}

/// `GET /me/history/{index}`.
pub(crate) async fn record(owner: Owner, Path(index): Path<String>) -> Answer {
    let shown = owner.read(move |books, person| {
        let stored = match find(books, person, &index)? {
            StoredRecord::Open(stored) => stored,
            StoredRecord::Closed(closed) => return show_closed(books, &closed, "/me/history"),
        };
        let (t, names) = (Texts(books.language), books.names());
        let related = books.hers(person).related();
        let r = shared(books, &stored, &names, &related)?;
        let title = t.page_title(r.told.word, r.told.who.words(), stored.index);
        page(RecordPage {
            shell: books.shell(title).at("/me/history"),
            t,
            r,
            consent: consent_of(&stored.record, &related),
            fields: fields::show(&stored.record, &names),
            open_request: person
                .ask(stored.index)
                .is_some_and(|ask| ask.is_open(books.now())),
        })
    });
    shown.await
}

/// What can be said of a record that cannot be read: what became of it, its place, its proof.
pub(crate) fn show_closed(books: &Books<'_>, closed: &ClosedRecord, back: &'static str) -> Answer {
    let (t, index) = (Texts(books.language), closed.index);
    let proof = books.reader.first_proof(index, &closed.entry)?;
    page(ClosedPage {
        shell: books.shell(t.title(index)).at(back),
        t,
        back,
        r: Left {
            seq: closed.position.seq(),
            told: tell_closed(closed.closed, &books.names()),
            proof: Proof::of(index, &closed.entry, &proof),
        },
    })
}

/// `GET /me/history/{index}/receipt`.
pub(crate) async fn receipt(
    owner: Owner,
    Path(index): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let fields = Fields::of_query(query.as_deref().unwrap_or_default());
    let shown = owner.read(move |books, person| {
        let stored = match find(books, person, &index)? {
            StoredRecord::Open(stored) => stored,
            StoredRecord::Closed(closed) => return show_closed(books, &closed, "/me/history"),
        };
        show_receipt(books, person, &stored, fields.first("done").is_some())
    });
    shown.await
}

fn show_receipt(
    books: &Books<'_>,
    person: &Person,
    stored: &OpenRecord,
    just_done: bool,
) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let related = books.hers(person).related();
    let needs_link = if let Event::ConsentGiven(given) = &stored.record.event
        && person.link(&given.terms.recipient).is_none()
    {
        Some(names.institution(&given.terms.recipient))
    } else {
        None
    };
    page(ReceiptPage {
        shell: books
            .shell(t.receipt_title(stored.index))
            .at("/me/history")
            .narrow(),
        t,
        r: shared(books, stored, &names, &related)?,
        origin: books.app.origin().to_string(),
        vkey: books.app.vkey(),
        just_done,
        needs_link,
        overlaps: still_allowed((books, person, &related), stored, &names),
    })
}

/// After a withdrawal: the consents that go on allowing some of the same. Where the one withdrawn
/// is too old to be found, the page says so ([`Shared::speaks_of_older`]).
fn still_allowed(
    (books, person, related): (&Books<'_>, &Person, &HerRecords<'_>),
    stored: &OpenRecord,
    names: &Names,
) -> Option<Overlaps> {
    let Event::ConsentWithdrawn(withdrawn) = &stored.record.event else {
        return None;
    };
    let (_, given) = related.consent(&withdrawn.consent)?;
    let (terms, except) = (&given.terms, Some(withdrawn.consent));
    Overlaps::without(overlapping(person, terms, except, books.now()), names)
}

/// `GET /me/history/{index}/proof`: the `.tlog-proof` of the record, the same bytes for ever.
pub(crate) async fn proof(owner: Owner, Path(index): Path<String>) -> Answer {
    let file = owner.read(move |books, person| {
        let stored = find(books, person, &index)?;
        let proof = books.reader.first_proof(stored.index(), stored.entry())?;
        let name = format!("attachment; filename=\"akashi-{index}.tlog-proof\"");
        let headers = [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ];
        Ok(Reply::new((headers, proof.to_string())))
    });
    file.await
}

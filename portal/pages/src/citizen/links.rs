//! `/me/links`: the institutions that have a code for her, and ending one.

use akashi_desk::Declined;
use akashi_desk::history::walk::own_record;
use akashi_desk::link;
use akashi_ledger::StoredRecord;
use akashi_proof::ids::{Generation, InstitutionId, LeafIndex};
use akashi_proof::state::{Link, Person};
use askama::Template;
use axum::extract::Path;

use crate::frame::error::PageError;
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, go_to, page};
use crate::words::bodies::Reach;
use crate::words::texts::Links as Texts;

/// A code of hers in a list.
struct Card {
    institution: InstitutionId,
    name: String,
    generation: u16,
    /// Log index of the record that issued it, and its time where that can be read.
    issued: LeafIndex,
    since: Option<String>,
    /// Log index of the record that ended it.
    ended: Option<LeafIndex>,
}

#[derive(Template)]
#[template(path = "links.html")]
struct LinksPage {
    shell: Shell,
    t: Texts,
    standing: Vec<Card>,
    ended: Vec<Card>,
    reach: Reach,
}

#[derive(Template)]
#[template(path = "link_end.html")]
struct EndPage {
    shell: Shell,
    t: Texts,
    card: Card,
    reach: Reach,
}

fn card(books: &Books<'_>, person: &Person, link: &Link) -> Result<Card, PageError> {
    let names = books.names();
    let since = match own_record(books.reader, person, link.issued)? {
        Some(StoredRecord::Open(stored)) => Some(names.when.say(stored.record.time)),
        Some(StoredRecord::Closed(_)) | None => None,
    };
    Ok(Card {
        institution: link.institution.clone(),
        name: names.institution(&link.institution),
        generation: link.generation.value(),
        issued: link.issued,
        since,
        ended: link.ended,
    })
}

/// `GET /me/links`.
pub(crate) async fn links(owner: Owner) -> Answer {
    let shown = owner.read(|books, person| {
        let t = Texts(books.language);
        let cards = person.links.iter().map(|link| card(books, person, link));
        let cards = cards.collect::<Result<Vec<_>, _>>()?;
        let reach = Reach::of(cards.iter().map(|card| &card.institution), &books.names());
        let (standing, ended) = cards.into_iter().partition(|card| card.ended.is_none());
        page(LinksPage {
            shell: books.shell(t.title()).at("/me/keys"),
            t,
            standing,
            ended,
            reach,
        })
    });
    shown.await
}

fn parse_id(id: &str) -> Result<InstitutionId, PageError> {
    InstitutionId::parse(id).map_err(|_| PageError::NotFound)
}

/// `GET /me/links/{institution}`: what ending its code means.
pub(crate) async fn end_page(owner: Owner, Path(id): Path<String>) -> Answer {
    let id = parse_id(&id)?;
    let shown = owner.read(move |books, person| {
        let link = person.link(&id).ok_or(PageError::NotFound)?;
        if let Some(index) = link.ended {
            return go_to(&receipt(index));
        }
        let t = Texts(books.language);
        page(EndPage {
            shell: books.shell(t.end_title()).at("/me/keys").narrow(),
            t,
            card: card(books, person, link)?,
            reach: Reach::of([&id], &books.names()),
        })
    });
    shown.await
}

/// `POST /me/links/{institution}`.
pub(crate) async fn end(
    Path(id): Path<String>,
    OwnerPosted { owner, fields }: OwnerPosted,
) -> Answer {
    let generation = fields
        .first("generation")
        .and_then(|text| text.parse().ok());
    let generation = Generation::new(generation.ok_or(PageError::Conflict)?);
    match link::withdraw(&owner.visit.app, &owner.who, parse_id(&id)?, generation).await {
        Ok(index) => go_to(&format!("{}?done=1", receipt(index))),
        // The form was of an older code than the one that stands: that one she has not seen.
        Err(Declined::Overtaken) => go_to("/me/links"),
        Err(declined) => Err(declined.into()),
    }
}

fn receipt(index: LeafIndex) -> String {
    format!("/me/history/{index}/receipt")
}

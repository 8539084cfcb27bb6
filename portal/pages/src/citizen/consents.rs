//! `/me/consents`: what stands, what has ended, and leaving less of it or none.

use akashi_ledger::command::{NarrowConsent, WithdrawConsent};
use akashi_proof::consent::Terms;
use akashi_proof::ids::{CategoryCode, ConsentId, LeafIndex, PurposeCode, Timestamp};
use akashi_proof::record::kind::{Assurance, Event};
use akashi_proof::record::value::Set;
use akashi_proof::state::{Consent, Person};
use askama::Template;
use axum::extract::Path;

use crate::citizen::history::Choice;
use crate::citizen::overlaps::Overlaps;
use crate::frame::error::PageError;
use crate::frame::forms::{Fields, Mistakes};
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, Visit, form, go_to, page};
use crate::words::texts::Consents as Texts;
use akashi_desk::consent::wording::Wording;
use akashi_desk::history::walk::{READ_MAX, Step, Walk};
use akashi_desk::words::names::Names;
use akashi_desk::words::when::parse_date;

/// A consent "ends soon" when so much of it is left: time to think, and to go to the counter.
const SOON_MILLIS: u64 = 30 * 24 * 3_600_000;

/// A consent in a list.
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) recipient: String,
    pub(crate) holder: String,
    pub(crate) categories: Vec<String>,
    pub(crate) purposes: String,
    pub(crate) until: String,
    /// Log index of the record that says what stands, or how it ended.
    pub(crate) index: LeafIndex,
    pub(crate) ends_soon: bool,
    pub(crate) withdrawn: bool,
}

#[derive(Template)]
#[template(path = "consents.html")]
struct ConsentsPage {
    shell: Shell,
    t: Texts,
    live: Vec<Card>,
    ended: Vec<Card>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    shell: Shell,
    t: Texts,
    card: Card,
    overlaps: Option<Overlaps>,
    categories: Vec<Choice>,
    purposes: Vec<Choice>,
    until: String,
    until_max: String,
    today: String,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "consent_narrow.html")]
struct NarrowPage {
    shell: Shell,
    t: Texts,
    id: String,
    wording: Wording,
    wording_digest: String,
    categories: Vec<String>,
    purposes: Vec<String>,
    until: String,
}

#[derive(Template)]
#[template(path = "consent_withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    t: Texts,
    card: Card,
    overlaps: Option<Overlaps>,
}

fn card(consent: &Consent, names: &Names, now: Timestamp) -> Card {
    Card {
        id: consent.id.to_base64url(),
        recipient: names.institution(&consent.terms.recipient),
        holder: names.institution(&consent.terms.holder),
        categories: consent
            .terms
            .categories
            .iter()
            .map(|code| names.category(code))
            .collect(),
        purposes: names.purposes(consent.terms.purposes.iter()),
        until: names.when.say_last_day(consent.terms.valid_until),
        index: consent.index,
        ends_soon: consent.terms.valid_until <= now.plus_millis(SOON_MILLIS),
        withdrawn: false,
    }
}

/// Those that stand now, the next to end first.
pub(crate) fn live(person: &Person, names: &Names, now: Timestamp) -> Vec<Card> {
    let mut live: Vec<&Consent> = person
        .consents
        .iter()
        .filter(|consent| now < consent.terms.valid_until)
        .collect();
    live.sort_by_key(|consent| consent.terms.valid_until);
    live.into_iter()
        .map(|consent| card(consent, names, now))
        .collect()
}

/// `GET /me/consents`.
pub(crate) async fn consents(owner: Owner) -> Answer {
    let shown = owner.read(|books, person| {
        let (t, names) = (Texts(books.language), books.names());
        page(ConsentsPage {
            shell: books.shell(t.title()).at("/me/consents"),
            t,
            live: live(person, &names, books.now()),
            ended: ended(books, person, &names)?,
        })
    });
    shown.await
}

/// Those that were withdrawn or whose time is over, newest first.
fn ended(books: &Books<'_>, person: &Person, names: &Names) -> Result<Vec<Card>, PageError> {
    let now = books.now();
    let is_live = |id: &ConsentId| {
        person
            .consents
            .iter()
            .any(|consent| consent.id == *id && now < consent.terms.valid_until)
    };
    let mut withdrawn = std::collections::HashMap::new();
    let mut ended = Vec::new();
    let mut walk = Walk::below(books.reader, person, person.seq.next());
    for _ in 0..READ_MAX {
        let Some(step) = walk.step()? else { break };
        let Step::Record(stored) = step else { continue };
        if let Event::ConsentWithdrawn(e) = &stored.record.event {
            withdrawn.insert(e.consent, (stored.index, stored.record.time));
        }
        if let Event::ConsentGiven(e) = &stored.record.event
            && !is_live(&e.consent)
        {
            let end = withdrawn.get(&e.consent);
            ended.push(Card {
                id: e.consent.to_base64url(),
                recipient: names.institution(&e.terms.recipient),
                holder: names.institution(&e.terms.holder),
                categories: e
                    .terms
                    .categories
                    .iter()
                    .map(|code| names.category(code))
                    .collect(),
                purposes: names.purposes(e.terms.purposes.iter()),
                until: end.map_or_else(
                    || names.when.say_last_day(e.terms.valid_until),
                    |(_, time)| names.when.say(*time),
                ),
                index: end.map_or(stored.index, |(index, _)| *index),
                ends_soon: false,
                withdrawn: end.is_some(),
            });
        }
    }
    Ok(ended)
}

fn find<'p>(visit: &Visit, person: &'p Person, id: &str) -> Result<&'p Consent, PageError> {
    let id = ConsentId::from_base64url(id).ok_or(PageError::NotFound)?;
    let found = person.consents.iter().find(|consent| consent.id == id);
    found
        .filter(|consent| visit.now() < consent.terms.valid_until)
        .ok_or(PageError::NotFound)
}

/// What will still be allowed without this consent.
fn others(visit: &Visit, person: &Person, consent: &Consent, names: &Names) -> Option<Overlaps> {
    Overlaps::without(person, consent.id, &consent.terms, names, visit.now())
}

/// `GET /me/consents/{id}`: what stands, and leaving less of it.
pub(crate) async fn consent(owner: Owner, Path(id): Path<String>) -> Answer {
    let shown = owner.read(move |books, person| {
        let consent = find(books, person, &id)?;
        show(books, person, consent, None, Mistakes::new())
    });
    shown.await
}

fn show(
    books: &Books<'_>,
    person: &Person,
    consent: &Consent,
    typed: Option<&Fields>,
    mistakes: Mistakes,
) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let is_chosen = |name: &str, code: &str| {
        typed.is_none_or(|fields| fields.all(name).any(|value| value == code))
    };
    let categories = consent.terms.categories.iter().map(|code| Choice {
        value: code.to_string(),
        text: names.category(code),
        is_chosen: is_chosen("category", code.as_str()),
    });
    let purposes = consent.terms.purposes.iter().map(|code| Choice {
        value: code.to_string(),
        text: names.purpose(code),
        is_chosen: is_chosen("purpose", code.as_str()),
    });
    let until_max = names.when.last_day(consent.terms.valid_until).to_string();
    let again = !mistakes.is_empty();
    let template = ConsentPage {
        shell: books.shell(t.one_title()).at("/me/consents").narrow(),
        t,
        card: card(consent, &names, books.now()),
        overlaps: others(books, person, consent, &names),
        categories: categories.collect(),
        purposes: purposes.collect(),
        until: typed
            .and_then(|fields| fields.first("until"))
            .unwrap_or(&until_max)
            .to_owned(),
        until_max,
        today: names.when.day(books.now()).to_string(),
        mistakes,
    };
    form(template, again)
}

/// What is to be left standing.
fn left(
    fields: &Fields,
    stands: &Terms,
    names: &Names,
    now: Timestamp,
    t: Texts,
) -> Result<Terms, Mistakes> {
    let mut mistakes = Mistakes::new();
    let categories = Set::new(
        fields
            .all("category")
            .filter_map(|code| CategoryCode::parse(code).ok()),
    );
    let purposes = Set::new(
        fields
            .all("purpose")
            .filter_map(|code| PurposeCode::parse(code).ok()),
    );
    if categories.is_empty() {
        mistakes.add("category", t.nothing_left());
    }
    if purposes.is_empty() {
        mistakes.add("purpose", t.nothing_left());
    }
    if !stands.categories.contains_all(&categories) || !stands.purposes.contains_all(&purposes) {
        mistakes.add("category", t.only_less());
    }
    let until = fields.first("until").and_then(parse_date).and_then(|date| {
        // The day it ends on anyway keeps the very end: it may not be the end of a day.
        if date == names.when.last_day(stands.valid_until) {
            Some(stands.valid_until)
        } else {
            names.when.end_of(date)
        }
    });
    let until = match until {
        Some(until) if until <= now => Err(t.until_past()),
        Some(until) if until > stands.valid_until => Err(t.until_later()),
        Some(until) => Ok(until),
        None => Err(t.until_unreadable()),
    };
    let until = until.map_err(|what| mistakes.add("until", what));
    let until = until.ok().filter(|_| mistakes.is_empty()).ok_or(mistakes)?;
    let left = Terms {
        categories,
        purposes,
        valid_until: until,
        ..stands.clone()
    };
    if left == *stands {
        return Err(Mistakes::one("category", t.nothing_changed()));
    }
    Ok(left)
}

/// `POST /me/consents/{id}`: first shows what will be left, then - with the digest of those words -
/// records it.
pub(crate) async fn narrow(
    Path(id): Path<String>,
    OwnerPosted { owner, fields }: OwnerPosted,
) -> Answer {
    let read = owner.read(move |books, person| narrowed(books, person, &id, &fields));
    match read.await? {
        Then::Show(page) => Ok(page),
        Then::Do(command) => {
            let done = owner.visit.app.submit(command).await?;
            go_to(&format!("/me/history/{}/receipt?done=1", done.receipt))
        }
    }
}

fn narrowed(
    books: &Books<'_>,
    person: &Person,
    id: &str,
    fields: &Fields,
) -> Result<Then<NarrowConsent>, PageError> {
    let consent = find(books, person, id)?;
    let (t, names) = (Texts(books.language), books.names());
    let left = match left(fields, &consent.terms, &names, books.now(), t) {
        Ok(left) => left,
        Err(mistakes) => {
            return show(books, person, consent, Some(fields), mistakes).map(Then::Show);
        }
    };
    let wording = Wording::narrowed(&names, &left);
    if fields.first("wording") != Some(wording.digest().to_string().as_str()) {
        let shown = page(NarrowPage {
            shell: books.shell(t.narrow_title()).at("/me/consents").narrow(),
            t,
            id: consent.id.to_base64url(),
            wording_digest: wording.digest().to_string(),
            wording,
            categories: left.categories.iter().map(ToString::to_string).collect(),
            purposes: left.purposes.iter().map(ToString::to_string).collect(),
            until: names.when.last_day(left.valid_until).to_string(),
        });
        return shown.map(Then::Show);
    }
    Ok(Then::Do(NarrowConsent {
        subject: person.subject,
        consent: consent.id,
        left,
        wording_digest: wording.digest(),
        language: books.language,
        assurance: Assurance::SmsAndRecovery,
    }))
}

/// `GET /me/consents/{id}/withdraw`.
pub(crate) async fn withdraw_page(owner: Owner, Path(id): Path<String>) -> Answer {
    let shown = owner.read(move |books, person| {
        let consent = find(books, person, &id)?;
        let (t, names) = (Texts(books.language), books.names());
        page(WithdrawPage {
            shell: books.shell(t.withdraw_title()).at("/me/consents").narrow(),
            t,
            card: card(consent, &names, books.now()),
            overlaps: others(books, person, consent, &names),
        })
    });
    shown.await
}

/// `POST /me/consents/{id}/withdraw`.
pub(crate) async fn withdraw(
    Path(id): Path<String>,
    OwnerPosted { owner, .. }: OwnerPosted,
) -> Answer {
    let command = owner.read(move |books, person| {
        Ok(WithdrawConsent {
            subject: person.subject,
            consent: find(books, person, &id)?.id,
            assurance: Assurance::SmsAndRecovery,
            language: books.language,
        })
    });
    let done = owner.visit.app.submit(command.await?).await?;
    go_to(&format!("/me/history/{}/receipt?done=1", done.receipt))
}

//! `/me/consents`: what stands, what has ended, and leaving less of it or none.

use akashi_desk::consent::narrow::{self, Draft, Left, Mistake, Narrowing};
use akashi_desk::consent::overlaps::overlapping;
use akashi_desk::consent::past::{self, Ended, Past, ended};
use akashi_desk::consent::wording::Wording;
use akashi_desk::consent::{self, withdraw};
use akashi_desk::declined::Declined;
use akashi_desk::words::date::read_date;
use akashi_desk::words::names::Names;
use akashi_proof::consent::Terms;
use akashi_proof::ids::{
    CategoryCode, ConsentId, InstitutionId, LeafIndex, PurposeCode, Timestamp,
};
use akashi_proof::state::{Consent, Person};
use askama::Template;
use axum::extract::Path;

use crate::citizen::overlaps::Overlaps;
use crate::frame::error::PageError;
use crate::frame::forms::{Choice, Fields, Mistakes};
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Visit, form, go_to, page};
use crate::words::bodies::Reach;
use crate::words::texts::{Consents as Texts, Overview};

/// A consent "ends soon" when so much of it is left: time to think, and to go to the counter.
const SOON_MILLIS: u64 = 30 * 24 * 3_600_000;

/// A consent in a list.
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) recipient: String,
    pub(crate) holder: String,
    /// Both of them.
    pub(crate) named: [InstitutionId; 2],
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
    o: Overview,
    live: Vec<Card>,
    ended: Vec<Card>,
    reach: Reach,
    /// Records read that say nothing any more.
    closed: usize,
    /// Whether older records were not looked through.
    unread: bool,
    is_incomplete: bool,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    shell: Shell,
    t: Texts,
    card: Card,
    reach: Reach,
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
    reach: Reach,
    categories: Vec<String>,
    purposes: Vec<String>,
    until: String,
}

#[derive(Template)]
#[template(path = "consent_ended.html")]
struct EndedPage {
    shell: Shell,
    t: Texts,
    card: Card,
    reach: Reach,
}

#[derive(Template)]
#[template(path = "consent_withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    t: Texts,
    card: Card,
    reach: Reach,
    overlaps: Option<Overlaps>,
}

fn card(consent: &Consent, names: &Names, now: Timestamp) -> Card {
    Card {
        id: consent.id.to_base64url(),
        recipient: names.institution(&consent.terms.recipient),
        holder: names.institution(&consent.terms.holder),
        named: named(&consent.terms),
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

fn named(terms: &Terms) -> [InstitutionId; 2] {
    [terms.recipient.clone(), terms.holder.clone()]
}

/// Those that stand now, the next to end first.
pub(crate) fn live(person: &Person, names: &Names, now: Timestamp) -> Vec<Card> {
    let live = consent::standing(person, now).into_iter();
    live.map(|consent| card(consent, names, now)).collect()
}

/// `GET /me/consents`.
pub(crate) async fn consents(owner: Owner) -> Answer {
    let shown = owner.read(|books, person| {
        let (t, names, now) = (Texts(books.language), books.names(), books.now());
        let Ended {
            past,
            closed,
            unread,
        } = ended(books.hers(person), now)?;
        let live = live(person, &names, now);
        let ended: Vec<Card> = past.iter().map(|past| past_card(past, &names)).collect();
        let all = live.iter().chain(&ended).flat_map(|card| &card.named);
        page(ConsentsPage {
            shell: books.shell(t.title()).at("/me/consents"),
            t,
            o: Overview(books.language),
            reach: Reach::of(all, &names),
            live,
            ended,
            closed,
            unread,
            is_incomplete: person.is_incomplete(),
        })
    });
    shown.await
}

fn past_card(past: &Past, names: &Names) -> Card {
    let terms = &past.given.terms;
    Card {
        id: past.given.consent.to_base64url(),
        recipient: names.institution(&terms.recipient),
        holder: names.institution(&terms.holder),
        named: named(terms),
        categories: terms
            .categories
            .iter()
            .map(|code| names.category(code))
            .collect(),
        purposes: names.purposes(terms.purposes.iter()),
        until: past.withdrawn.map_or_else(
            || names.when.say_last_day(terms.valid_until),
            |time| names.when.say(time),
        ),
        index: past.index,
        ends_soon: false,
        withdrawn: past.withdrawn.is_some(),
    }
}

fn parse_id(id: &str) -> Result<ConsentId, PageError> {
    ConsentId::from_base64url(id).ok_or(PageError::NotFound)
}

fn find<'p>(visit: &Visit, person: &'p Person, id: &str) -> Result<Option<&'p Consent>, PageError> {
    Ok(consent::find(person, parse_id(id)?, visit.now()))
}

/// How a consent ended, for whoever comes back to it by a bookmark or with an old form.
fn show_ended(books: &Books<'_>, person: &Person, id: &str) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let past = past::of(books.hers(person), parse_id(id)?, books.now())?;
    let past = past.ok_or(PageError::NotFound)?;
    page(EndedPage {
        shell: books.shell(t.ended_title()).at("/me/consents").narrow(),
        t,
        reach: Reach::of(&named(&past.given.terms), &names),
        card: past_card(&past, &names),
    })
}

/// What will still be allowed without this consent.
fn others(visit: &Visit, person: &Person, consent: &Consent, names: &Names) -> Option<Overlaps> {
    let except = Some(consent.id);
    Overlaps::without(
        overlapping(person, &consent.terms, except, visit.now()),
        names,
    )
}

/// `GET /me/consents/{id}`: what stands, and leaving less of it.
pub(crate) async fn consent(owner: Owner, Path(id): Path<String>) -> Answer {
    let shown = owner.read(move |books, person| match find(books, person, &id)? {
        Some(consent) => show(books, person, consent, None, Mistakes::new()),
        None => show_ended(books, person, &id),
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
        reach: Reach::of(&named(&consent.terms), &names),
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

/// `POST /me/consents/{id}`: first shows what will be left, then - with the digest of those words -
/// records it.
pub(crate) async fn narrow(
    Path(id): Path<String>,
    OwnerPosted { owner, fields }: OwnerPosted,
) -> Answer {
    let left = Left {
        categories: fields.read_all("category", |code| CategoryCode::parse(code).ok()),
        purposes: fields.read_all("purpose", |code| PurposeCode::parse(code).ok()),
        until: fields.first("until").and_then(read_date),
    };
    let (app, consent) = (&owner.visit.app, parse_id(&id)?);
    let narrowing = match narrow::narrow(app, &owner.who, consent, left, fields.seen()).await {
        Ok(narrowing) => narrowing,
        Err(Declined::NotThere) => return go_to(&format!("/me/consents/{id}")),
        Err(declined) => return Err(declined.into()),
    };
    match narrowing {
        Narrowing::Narrowed(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        Narrowing::ToShow(draft) => {
            let page = owner.visit.read(move |books| show_left(books, id, *draft));
            page.await
        }
        Narrowing::Mistaken(mistakes) => {
            let page = owner.read(move |books, person| {
                let t = Texts(books.language);
                let said = mistakes.into_iter().map(|mistake| say_mistake(t, mistake));
                match find(books, person, &id)? {
                    Some(consent) => {
                        show(books, person, consent, Some(&fields), Mistakes::all(said))
                    }
                    None => show_ended(books, person, &id),
                }
            });
            page.await
        }
    }
}

const fn say_mistake(t: Texts, mistake: Mistake) -> (&'static str, &'static str) {
    match mistake {
        Mistake::NoCategory => ("category", t.nothing_left()),
        Mistake::NoPurpose => ("purpose", t.nothing_left()),
        Mistake::More => ("category", t.only_less()),
        Mistake::NoDay => ("until", t.until_unreadable()),
        Mistake::Past => ("until", t.until_past()),
        Mistake::Later => ("until", t.until_later()),
        Mistake::Unchanged => ("category", t.nothing_changed()),
    }
}

fn show_left(books: &Books<'_>, id: String, draft: Draft) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let Draft { left, wording } = draft;
    page(NarrowPage {
        shell: books.shell(t.narrow_title()).at("/me/consents").narrow(),
        t,
        id,
        wording_digest: wording.digest().to_string(),
        wording,
        reach: Reach::of(&named(&left), &names),
        categories: left.categories.iter().map(ToString::to_string).collect(),
        purposes: left.purposes.iter().map(ToString::to_string).collect(),
        until: names.when.last_day(left.valid_until).to_string(),
    })
}

/// `GET /me/consents/{id}/withdraw`.
pub(crate) async fn withdraw_page(owner: Owner, Path(id): Path<String>) -> Answer {
    let shown = owner.read(move |books, person| {
        let Some(consent) = find(books, person, &id)? else {
            return show_ended(books, person, &id);
        };
        let (t, names) = (Texts(books.language), books.names());
        page(WithdrawPage {
            shell: books.shell(t.withdraw_title()).at("/me/consents").narrow(),
            t,
            card: card(consent, &names, books.now()),
            reach: Reach::of(&named(&consent.terms), &names),
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
    match withdraw::withdraw(&owner.visit.app, &owner.who, parse_id(&id)?).await {
        Ok(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        // It ended by its time while she was reading, or it never was hers: its page says which.
        Err(Declined::NotThere) => go_to(&format!("/me/consents/{id}")),
        Err(declined) => Err(declined.into()),
    }
}

//! `/me/consents/new`: to whom, about data kept where, what for and until when - then the exact
//! words, then yes.
//!
//! The first steps are links and change nothing. The last form carries the digest of the words that
//! were on the screen; if they would read otherwise now, they are shown again instead of being
//! agreed to unseen.

use akashi_desk::consent::give::{self, Draft, Giving, Mistake, Wanted};
use akashi_desk::consent::offer::{self, Offer};
use akashi_desk::consent::wording::Wording;
use akashi_desk::words::date::read_date;
use akashi_desk::words::names::Names;
use akashi_proof::ids::{CategoryCode, InstitutionId, PurposeCode};
use akashi_proof::record::kind::Assurance;
use akashi_proof::state::Institution;
use askama::Template;
use axum::extract::RawQuery;

use crate::citizen::overlaps::Overlaps;
use crate::frame::error::PageError;
use crate::frame::forms::{Fields, Mistakes};
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, form, go_to, page};
use crate::words::bodies::{Reach, sort};
use crate::words::texts::GiveConsent as Texts;

/// An institution to choose.
struct Place {
    link: String,
    name: String,
    sector: String,
}

/// Something to tick.
struct Tick {
    value: String,
    name: String,
    hint: String,
    is_chosen: bool,
    /// Cannot be given here: it needs two officers at a counter.
    is_barred: bool,
}

#[derive(Template)]
#[template(path = "give_consent_place.html")]
struct PlacePage {
    shell: Shell,
    t: Texts,
    /// 1: to whom; 2: kept where.
    step: u8,
    recipient: String,
    places: Vec<Place>,
}

#[derive(Template)]
#[template(path = "give_consent_form.html")]
struct FormPage {
    shell: Shell,
    t: Texts,
    recipient: (String, String),
    holder: (String, String),
    purposes: Vec<Tick>,
    categories: Vec<Tick>,
    until: String,
    first_day: String,
    last_day: String,
    last_day_words: String,
    reach: Reach,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "give_consent_confirm.html")]
struct ConfirmPage {
    shell: Shell,
    t: Texts,
    recipient: String,
    holder: String,
    purposes: Vec<String>,
    categories: Vec<String>,
    until: String,
    wording: Wording,
    wording_digest: String,
    overlaps: Option<Overlaps>,
    reach: Reach,
}

/// `GET /me/consents/new`, with what was chosen so far in the query.
pub(crate) async fn choose(Owner { visit, who, .. }: Owner, RawQuery(query): RawQuery) -> Answer {
    let fields = Fields::of_query(query.as_deref().unwrap_or_default());
    let page = visit.read(move |books| show_step(books, &fields, who.assurance()));
    page.await
}

fn show_step(books: &Books<'_>, fields: &Fields, assurance: Assurance) -> Answer {
    let names = books.names();
    let (recipient, holder) = (named(fields, "recipient"), named(fields, "holder"));
    if let (Some(recipient), Some(holder)) = (&recipient, &holder)
        && let Some(offer) = Offer::between(&names, recipient, holder)
    {
        return show_form(books, &names, &offer, assurance, None, Mistakes::new());
    }
    match recipient.and_then(|id| offer::certified(&names, &id)) {
        Some(recipient) => show_holders(books, &names, recipient),
        None => show_recipients(books, &names),
    }
}

fn place(names: &Names, institution: &Institution, link: String) -> Place {
    let sector = names.pack.sector(&institution.sector);
    Place {
        link,
        name: names.institution(&institution.id),
        sector: sector
            .map(|sector| sector.name.in_language(names.language).to_owned())
            .unwrap_or_default(),
    }
}

fn show_recipients(books: &Books<'_>, names: &Names) -> Answer {
    let t = Texts(books.language);
    let link = |id: &InstitutionId| Fields::default().with("recipient", id.as_str());
    let mut recipients = offer::recipients(names);
    sort(&mut recipients, books.language, |one| &one.particulars);
    let places = recipients
        .into_iter()
        .map(|to| place(names, to, link(&to.id)));
    let shell = books.shell(t.title()).at("/me/consents").narrow();
    page(PlacePage {
        shell,
        t,
        step: 1,
        recipient: String::new(),
        places: places.collect(),
    })
}

fn show_holders(books: &Books<'_>, names: &Names, recipient: &Institution) -> Answer {
    let t = Texts(books.language);
    let with = Fields::default().and("recipient", recipient.id.as_str());
    let mut holders = offer::holders(names, recipient);
    sort(&mut holders, books.language, |one| &one.particulars);
    let places = holders
        .into_iter()
        .map(|from| place(names, from, with.with("holder", from.id.as_str())));
    let shell = books.shell(t.title()).at("/me/consents").narrow();
    page(PlacePage {
        shell,
        t,
        step: 2,
        recipient: names.institution(&recipient.id),
        places: places.collect(),
    })
}

fn show_form(
    books: &Books<'_>,
    names: &Names,
    offer: &Offer<'_>,
    assurance: Assurance,
    typed: Option<&Fields>,
    mistakes: Mistakes,
) -> Answer {
    let (t, l) = (Texts(books.language), books.language);
    let is_chosen = |name: &str, code: &str| {
        typed.is_some_and(|fields| fields.all(name).any(|value| value == code))
    };
    let is_only_one = offer.purposes().len() == 1;
    let purposes = offer.purposes().map(|purpose| Tick {
        value: purpose.code.to_string(),
        name: purpose.name.in_language(l).to_owned(),
        hint: purpose.sentence.in_language(l).to_owned(),
        is_chosen: is_chosen("purpose", purpose.code.as_str()) || is_only_one && typed.is_none(),
        is_barred: false,
    });
    let categories = offer.categories().map(|category| Tick {
        value: category.code.to_string(),
        name: category.name.in_language(l).to_owned(),
        hint: category.description.in_language(l).to_owned(),
        is_chosen: is_chosen("category", category.code.as_str()),
        is_barred: category.least_assurance > assurance,
    });
    let last_day = names.when.last_day(offer::latest(names, books.now()));
    let place = |id: &InstitutionId| (id.to_string(), names.institution(id));
    let again = !mistakes.is_empty();
    let template = FormPage {
        shell: books.shell(t.title()).at("/me/consents").narrow(),
        t,
        recipient: place(&offer.recipient.id),
        holder: place(&offer.holder.id),
        purposes: purposes.collect(),
        categories: categories.collect(),
        until: typed
            .and_then(|fields| fields.first("until"))
            .unwrap_or_default()
            .to_owned(),
        first_day: names.when.day(books.now()).to_string(),
        last_day: last_day.to_string(),
        last_day_words: names.when.say_day(last_day),
        reach: Reach::of([&offer.recipient.id, &offer.holder.id], names),
        mistakes,
    };
    form(template, again)
}

/// `POST /me/consents/new`: first shows the words, then - with their digest - records the consent.
pub(crate) async fn give(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let Some(wanted) = wanted(&fields) else {
        return Err(PageError::NotFound);
    };
    // Back from the words to the form.
    if fields.first("change").is_some() {
        return show_again(&owner, wanted, fields, Vec::new()).await;
    }
    let (visit, seen) = (&owner.visit, fields.seen());
    match give::give(&visit.app, &owner.who, wanted.clone(), seen).await? {
        Giving::Given(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        Giving::ToShow(draft) => {
            let page = visit.read(move |books| show_words(books, *draft));
            page.await
        }
        Giving::Mistaken(mistakes) => show_again(&owner, wanted, fields, mistakes).await,
    }
}

/// The institution a form or a link names so.
fn named(fields: &Fields, name: &str) -> Option<InstitutionId> {
    InstitutionId::parse(fields.first(name)?).ok()
}

/// What the form says she wants; `None` where it names no institutions.
fn wanted(fields: &Fields) -> Option<Wanted> {
    Some(Wanted {
        recipient: named(fields, "recipient")?,
        holder: named(fields, "holder")?,
        purposes: fields.read_all("purpose", |code| PurposeCode::parse(code).ok()),
        categories: fields.read_all("category", |code| CategoryCode::parse(code).ok()),
        until: fields.first("until").and_then(read_date),
    })
}

async fn show_again(
    owner: &Owner,
    wanted: Wanted,
    fields: Fields,
    mistakes: Vec<Mistake>,
) -> Answer {
    let assurance = owner.who.assurance();
    let page = owner.visit.read(move |books| {
        let (t, names) = (Texts(books.language), books.names());
        let offer = Offer::between(&names, &wanted.recipient, &wanted.holder);
        let offer = offer.ok_or(PageError::NotFound)?;
        let said = mistakes.into_iter().map(|mistake| say_mistake(t, mistake));
        let said = Mistakes::all(said);
        show_form(books, &names, &offer, assurance, Some(&fields), said)
    });
    page.await
}

const fn say_mistake(t: Texts, mistake: Mistake) -> (&'static str, &'static str) {
    match mistake {
        Mistake::NoPurpose => ("purpose", t.choose_purpose()),
        Mistake::NoCategory => ("category", t.choose_category()),
        Mistake::NotTogether => ("category", t.not_together()),
        Mistake::MoreSurely => ("category", t.needs_counter()),
        Mistake::NoDay => ("until", t.until_unreadable()),
        Mistake::Past => ("until", t.until_past()),
        Mistake::TooLate => ("until", t.until_too_late()),
    }
}

fn show_words(books: &Books<'_>, draft: Draft) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let Draft {
        terms,
        wording,
        overlaps,
    } = draft;
    page(ConfirmPage {
        shell: books.shell(t.confirm_title()).at("/me/consents").narrow(),
        t,
        recipient: terms.recipient.to_string(),
        holder: terms.holder.to_string(),
        purposes: terms.purposes.iter().map(ToString::to_string).collect(),
        categories: terms.categories.iter().map(ToString::to_string).collect(),
        until: names.when.last_day(terms.valid_until).to_string(),
        wording_digest: wording.digest().to_string(),
        wording,
        overlaps: Overlaps::with_new(&overlaps, &names),
        reach: Reach::of([&terms.recipient, &terms.holder], &names),
    })
}

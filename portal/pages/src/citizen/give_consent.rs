//! `/me/consents/new`: to whom, about data kept where, what for and until when - then the exact
//! words, then yes.
//!
//! The first steps are links and change nothing. The last form carries the digest of the words that
//! were on the screen; if they would read otherwise now, they are shown again instead of being
//! agreed to unseen.

use std::sync::Arc;

use akashi_ledger::command::GiveConsent;
use akashi_ledger::random::draw;
use akashi_policies::ConsentChoice;
use akashi_proof::consent::Terms;
use akashi_proof::decision::Policies;
use akashi_proof::ids::{CategoryCode, ConsentId, GroupId, InstitutionId, PurposeCode, Timestamp};
use akashi_proof::record::kind::{Assurance, ConsentGiven, Shown};
use akashi_proof::record::value::Set;
use akashi_proof::state::{Institution, Person, Standing};
use askama::Template;
use axum::extract::RawQuery;

use crate::citizen::overlaps::Overlaps;
use crate::frame::error::PageError;
use crate::frame::forms::{Fields, Mistakes};
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, form, go_to, page};
use crate::words::texts::GiveConsent as Texts;
use akashi_desk::consent::wording::Wording;
use akashi_desk::words::names::Names;
use akashi_desk::words::when::parse_date;

/// How the person is known here.
const ASSURANCE: Assurance = Assurance::SmsAndRecovery;

const DAY_MILLIS: u64 = 24 * 3_600_000;

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
}

/// `GET /me/consents/new`, with what was chosen so far in the query.
pub(crate) async fn choose(Owner { visit, .. }: Owner, RawQuery(query): RawQuery) -> Answer {
    let fields = Fields::of_query(query.as_deref().unwrap_or_default());
    let page = visit.read(move |books| show_step(books, &fields));
    page.await
}

fn show_step(books: &Books<'_>, fields: &Fields) -> Answer {
    let names = books.names();
    let find = |name| fields.first(name).and_then(|id| institution(&names, id));
    match (find("recipient"), find("holder")) {
        (Some(recipient), Some(holder)) if !choices(&names, &recipient, &holder).is_empty() => {
            show_form(books, &names, &recipient, &holder, None, Mistakes::new())
        }
        (Some(recipient), _) => show_holders(books, &names, &recipient),
        (None, _) => show_recipients(books, &names),
    }
}

fn institution(names: &Names, id: &str) -> Option<Institution> {
    let id = InstitutionId::parse(id).ok()?;
    names
        .registry
        .institution(&id)
        .filter(|known| known.standing == Standing::Certified)
        .cloned()
}

fn choices<'p>(
    names: &'p Names,
    recipient: &Institution,
    holder: &Institution,
) -> Vec<ConsentChoice<'p>> {
    names
        .pack
        .consent_choices(&recipient.sector, &holder.sector)
}

fn certified(names: &Names) -> impl Iterator<Item = &Institution> {
    names
        .registry
        .institutions()
        .filter(|institution| institution.standing == Standing::Certified)
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
    let can_receive = |to: &&Institution| {
        certified(names).any(|from| from.id != to.id && !choices(names, to, from).is_empty())
    };
    let link = |id: &InstitutionId| Fields::default().with("recipient", id.as_str());
    let places = certified(names)
        .filter(can_receive)
        .map(|to| place(names, to, link(&to.id)))
        .collect();
    let shell = books.shell(t.title()).at("/me/consents").narrow();
    page(PlacePage {
        shell,
        t,
        step: 1,
        recipient: String::new(),
        places,
    })
}

fn show_holders(books: &Books<'_>, names: &Names, recipient: &Institution) -> Answer {
    let t = Texts(books.language);
    let with = Fields::default().and("recipient", recipient.id.as_str());
    let can_give = |from: &&Institution| {
        from.id != recipient.id && !choices(names, recipient, from).is_empty()
    };
    let places = certified(names)
        .filter(can_give)
        .map(|from| place(names, from, with.with("holder", from.id.as_str())));
    let places = places.collect();
    let shell = books.shell(t.title()).at("/me/consents").narrow();
    page(PlacePage {
        shell,
        t,
        step: 2,
        recipient: names.institution(&recipient.id),
        places,
    })
}

fn show_form(
    books: &Books<'_>,
    names: &Names,
    recipient: &Institution,
    holder: &Institution,
    typed: Option<&Fields>,
    mistakes: Mistakes,
) -> Answer {
    let (t, l) = (Texts(books.language), books.language);
    let choices = choices(names, recipient, holder);
    let is_chosen = |name: &str, code: &str| {
        typed.is_some_and(|fields| fields.all(name).any(|value| value == code))
    };
    let purposes = choices.iter().map(|choice| Tick {
        value: choice.purpose.code.to_string(),
        name: choice.purpose.name.in_language(l).to_owned(),
        hint: choice.purpose.sentence.in_language(l).to_owned(),
        is_chosen: is_chosen("purpose", choice.purpose.code.as_str())
            || choices.len() == 1 && typed.is_none(),
        is_barred: false,
    });
    let offered = |code: &CategoryCode| {
        choices
            .iter()
            .any(|choice| choice.categories.iter().any(|c| c.code == *code))
    };
    let categories = names
        .pack
        .categories()
        .iter()
        .filter(|category| offered(&category.code))
        .map(|category| Tick {
            value: category.code.to_string(),
            name: category.name.in_language(l).to_owned(),
            hint: category.description.in_language(l).to_owned(),
            is_chosen: is_chosen("category", category.code.as_str()),
            is_barred: category.least_assurance > ASSURANCE,
        });
    let last_day = names.when.last_day(latest(names, books.now()));
    let again = !mistakes.is_empty();
    let template = FormPage {
        shell: books.shell(t.title()).at("/me/consents").narrow(),
        t,
        recipient: (recipient.id.to_string(), names.institution(&recipient.id)),
        holder: (holder.id.to_string(), names.institution(&holder.id)),
        purposes: purposes.collect(),
        categories: categories.collect(),
        until: typed
            .and_then(|fields| fields.first("until"))
            .unwrap_or_default()
            .to_owned(),
        first_day: names.when.day(books.now()).to_string(),
        last_day: last_day.to_string(),
        last_day_words: names.when.say_day(last_day),
        mistakes,
    };
    form(template, again)
}

/// The latest end the pack allows.
fn latest(names: &Names, now: Timestamp) -> Timestamp {
    now.plus_millis(
        names
            .pack
            .settings()
            .consent_days_max
            .saturating_mul(DAY_MILLIS),
    )
}

/// What she wants to agree to, checked.
fn wanted(
    fields: &Fields,
    names: &Names,
    (recipient, holder): (&Institution, &Institution),
    now: Timestamp,
    t: Texts,
) -> Result<Terms, Mistakes> {
    let mut mistakes = Mistakes::new();
    let purposes = Set::new(
        fields
            .all("purpose")
            .filter_map(|code| PurposeCode::parse(code).ok()),
    );
    let categories = Set::new(
        fields
            .all("category")
            .filter_map(|code| CategoryCode::parse(code).ok()),
    );
    if purposes.is_empty() {
        mistakes.add("purpose", t.choose_purpose());
    }
    if categories.is_empty() {
        mistakes.add("category", t.choose_category());
    }
    let sectors = (recipient.sector.as_str(), holder.sector.as_str());
    if mistakes.is_empty()
        && let Err(fault) = names
            .pack
            .check_consent(sectors, &purposes, &categories, ASSURANCE)
    {
        let what = if fault.field == "assurance" {
            t.needs_counter()
        } else {
            t.not_together()
        };
        mistakes.add("category", what);
    }
    // Up to the end of the last day that begins within the time the pack allows.
    let last_day = names.when.last_day(latest(names, now));
    let date = fields.first("until").and_then(parse_date);
    let until = match date.map(|date| (date, names.when.end_of(date))) {
        Some((_, Some(until))) if until <= now => Err(t.until_past()),
        Some((date, Some(_))) if date > last_day => Err(t.until_too_late()),
        Some((_, Some(until))) => Ok(until),
        Some((_, None)) | None => Err(t.until_unreadable()),
    };
    match until {
        Ok(until) if mistakes.is_empty() => Ok(Terms::to_view(
            (recipient.id.clone(), holder.id.clone()),
            categories,
            purposes,
            (now, until),
        )),
        Ok(_) => Err(mistakes),
        Err(what) => {
            mistakes.add("until", what);
            Err(mistakes)
        }
    }
}

/// The codes of what refusing would have meant, one for each purpose that has its own.
fn refusal_meaning(terms: &Terms, names: &Names) -> String {
    let mut codes: Vec<&str> = Vec::new();
    let purposes = terms.purposes.iter();
    for purpose in purposes.filter_map(|code| names.pack.purpose(code)) {
        if !codes.contains(&purpose.refusal_meaning.as_str()) {
            codes.push(&purpose.refusal_meaning);
        }
    }
    codes.join(" ")
}

/// `POST /me/consents/new`: first shows the words, then - with their digest - records the consent.
pub(crate) async fn give(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let read = owner.read(move |books, person| agreed(books, person, &fields));
    match read.await? {
        Then::Show(page) => Ok(page),
        Then::Do(command) => {
            let done = owner.visit.app.submit(command).await?;
            let index = done.receipt.first().ok_or(PageError::Internal)?;
            go_to(&format!("/me/history/{index}/receipt?done=1"))
        }
    }
}

fn agreed(
    books: &Books<'_>,
    person: &Person,
    fields: &Fields,
) -> Result<Then<GiveConsent>, PageError> {
    let (t, names, now) = (Texts(books.language), books.names(), books.now());
    let find = |name| {
        fields
            .first(name)
            .and_then(|id| institution(&names, id))
            .ok_or(PageError::NotFound)
    };
    let (recipient, holder) = (find("recipient")?, find("holder")?);
    let again = |mistakes| {
        let form = show_form(books, &names, &recipient, &holder, Some(fields), mistakes);
        form.map(Then::Show)
    };
    let terms = match wanted(fields, &names, (&recipient, &holder), now, t) {
        Ok(terms) if fields.first("change").is_none() => terms,
        Ok(_) => return again(Mistakes::new()),
        Err(mistakes) => return again(mistakes),
    };
    let wording = Wording::consent(&names, &terms);
    if fields.first("wording") != Some(wording.digest().to_string().as_str()) {
        let shown = page(ConfirmPage {
            shell: books.shell(t.confirm_title()).at("/me/consents").narrow(),
            t,
            recipient: recipient.id.to_string(),
            holder: holder.id.to_string(),
            purposes: terms.purposes.iter().map(ToString::to_string).collect(),
            categories: terms.categories.iter().map(ToString::to_string).collect(),
            until: names.when.last_day(terms.valid_until).to_string(),
            wording_digest: wording.digest().to_string(),
            wording,
            overlaps: Overlaps::with_new(person, &terms, &names, now),
        });
        return shown.map(Then::Show);
    }
    let (mut consent, mut group) = ([0; 16], [0; 16]);
    draw(&mut consent);
    draw(&mut group);
    let shown = Shown {
        wording_digest: wording.digest(),
        language: books.language,
        refusal_meaning: refusal_meaning(&terms, &names),
    };
    let ids = (ConsentId::from_bytes(consent), GroupId::from_bytes(group));
    let given = ConsentGiven::on_screen(ids, terms, shown, ASSURANCE, books.app.origin());
    Ok(Then::Do(GiveConsent {
        subject: person.subject,
        consents: vec![given],
        policies: Arc::clone(&books.app.shelf) as Arc<dyn Policies>,
    }))
}

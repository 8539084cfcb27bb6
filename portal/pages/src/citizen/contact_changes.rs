//! `/me/contacts/...`: replacing a contact, stopping that, ending one, and saying that a number is
//! shared.

use akashi_desk::Declined;
use akashi_desk::identity::errand::{self, Typed, masked};
use akashi_desk::identity::session::Errand;
use akashi_desk::identity::{contact, phone};
use akashi_notifier::typed::plain_line;
use akashi_notifier::{Address, Email};
use akashi_proof::ids::ContactId;
use akashi_proof::record::kind::Channel;
use akashi_proof::state::Person;
use askama::Template;
use axum::extract::RawQuery;

use crate::frame::error::PageError;
use crate::frame::forms::{Fields, Mistakes};
use crate::frame::guard::{Holder, HolderPosted, Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, form, go_to, page};
use crate::words::texts::{Account, Contacts as Texts, Number};

/// One of her contacts, as its pages name it.
struct Known {
    id: String,
    address: String,
    is_phone: bool,
}

#[derive(Template)]
#[template(path = "contact_replace.html")]
struct ReplacePage {
    shell: Shell,
    t: Texts,
    known: Known,
    mistakes: Mistakes,
    typed: String,
}

#[derive(Template)]
#[template(path = "contact_replace_code.html")]
struct ReplaceCodePage {
    shell: Shell,
    t: Texts,
    a: Account,
    id: String,
    sent_to: String,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "contact_end.html")]
struct EndPage {
    shell: Shell,
    t: Texts,
    known: Known,
    is_last: bool,
}

#[derive(Template)]
#[template(path = "contact_keep.html")]
struct KeepPage {
    shell: Shell,
    t: Texts,
    replacing: Vec<Replacing>,
}

/// A contact that is about to be replaced, as a page tells of it.
pub(crate) struct Replacing {
    /// The one that will replace it.
    pub(crate) instead_of: String,
    pub(crate) old: String,
    pub(crate) from: String,
}

/// What is about to be replaced of this person's.
pub(crate) fn replacing(books: &Books<'_>, person: &Person) -> Option<Replacing> {
    let (old, new) = person.replacing(books.now())?;
    Some(Replacing {
        instead_of: new.contact.to_base64url(),
        old: shown(books, old.contact),
        from: books.names().when.say(new.from),
    })
}

fn shown(books: &Books<'_>, contact: ContactId) -> String {
    let row = books.app.contacts.find(&contact);
    row.map_or_else(
        || Account(books.language).address_gone().to_owned(),
        |row| masked(&row.address),
    )
}

fn id_of(fields: &Fields) -> Result<ContactId, PageError> {
    let id = fields.first("contact").and_then(ContactId::from_base64url);
    id.ok_or(PageError::NotFound)
}

fn known(books: &Books<'_>, person: &Person, id: ContactId) -> Result<Known, PageError> {
    let mut hers = person.contacts_at(books.now());
    let contact = hers.find(|known| known.contact == id);
    let contact = contact.ok_or(PageError::NotFound)?;
    Ok(Known {
        id: id.to_base64url(),
        address: shown(books, id),
        is_phone: contact.channel == Channel::Sms,
    })
}

/// `GET /me/contacts/replace`. Whoever comes back from signing in has no contact in her address.
pub(crate) async fn replace_page(owner: Owner, RawQuery(query): RawQuery) -> Answer {
    let query = Fields::of_query(query.as_deref().unwrap_or_default());
    if query.first("contact").is_none() {
        return go_to("/me/contacts");
    }
    let id = id_of(&query)?;
    let shown = owner.read(move |books, person| {
        if person.replacing(books.now()).is_some() {
            return go_to("/me/contacts");
        }
        let known = known(books, person, id)?;
        show_replace(books, known, Mistakes::new(), String::new())
    });
    shown.await
}

fn show_replace(books: &Books<'_>, known: Known, mistakes: Mistakes, typed: String) -> Answer {
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = ReplacePage {
        shell: books.shell(t.replace_title()).at("/me/contacts").narrow(),
        t,
        known,
        mistakes,
        typed,
    };
    form(template, again)
}

/// `POST /me/contacts/replace`: sends a code to the new address.
pub(crate) async fn send_code(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let id = id_of(&fields)?;
    let read = owner.read(move |books, person| {
        let known = known(books, person, id)?;
        let typed = fields.first("address").unwrap_or_default();
        match read_address(books, known.is_phone, typed) {
            Ok(address) => Ok(Then::Do(address)),
            Err(mistake) => {
                let typed = typed.chars().take(254).collect();
                let mistakes = Mistakes::one("address", mistake);
                show_replace(books, known, mistakes, typed).map(Then::Show)
            }
        }
    });
    let to = match read.await? {
        Then::Show(again) => return Ok(again),
        Then::Do(to) => to,
    };
    let mut visit = owner.visit;
    let errand = Errand::ReplaceContact(id);
    let sent = errand::begin(&visit.app, &visit.asking()?, errand, &to).await?;
    let waits = visit.now_is(sent);
    let next = format!("/me/contacts/replace/code?contact={}", id.to_base64url());
    Ok(go_to(&next)?.with(waits))
}

fn read_address(books: &Books<'_>, is_phone: bool, typed: &str) -> Result<Address, &'static str> {
    if is_phone {
        let read = phone::read(&books.app, typed);
        return read
            .map(Address::Phone)
            .map_err(|error| Number(books.language).mistake(error));
    }
    let read = Email::parse(&plain_line(typed));
    read.map(Address::Email)
        .map_err(|_| Account(books.language).email_wrong())
}

/// `GET /me/contacts/replace/code`.
pub(crate) async fn code_page(owner: Owner, RawQuery(query): RawQuery) -> Answer {
    let id = id_of(&Fields::of_query(query.as_deref().unwrap_or_default()))?;
    let shown = owner.read(move |books, _| show_code(books, id, Mistakes::new()));
    shown.await
}

fn show_code(books: &Books<'_>, id: ContactId, mistakes: Mistakes) -> Answer {
    let session = books.session.as_ref();
    let errand = Errand::ReplaceContact(id);
    let Some(pending) = session.and_then(|session| session.waits_for(errand)) else {
        return go_to("/me/contacts");
    };
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = ReplaceCodePage {
        shell: books.shell(t.replace_title()).at("/me/contacts").narrow(),
        t,
        a: Account(books.language),
        id: id.to_base64url(),
        sent_to: pending.shown_to.clone(),
        mistakes,
    };
    form(template, again)
}

/// `POST /me/contacts/replace/code`.
pub(crate) async fn replace(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let (visit, id) = (&owner.visit, id_of(&fields)?);
    let typed = fields.first("code").unwrap_or_default();
    let errand = Errand::ReplaceContact(id);
    // Her session is kept here and her cookie stays, whatever becomes of the code.
    let (typed, _) = errand::take(&visit.app, &visit.asking()?, errand, typed)?;
    let reached = match typed {
        Typed::Right(reached) => reached,
        Typed::Wrong => {
            let mistakes = Mistakes::one("code", Account(visit.language).code_wrong());
            let page = owner.read(move |books, _| show_code(books, id, mistakes));
            return page.await;
        }
        Typed::Void => {
            let mistake = Texts(visit.language).code_void();
            let page = owner.read(move |books, person| {
                let known = known(books, person, id)?;
                let mistakes = Mistakes::one("address", mistake);
                show_replace(books, known, mistakes, String::new())
            });
            return page.await;
        }
    };
    match contact::replace(&visit.app, &owner.who, reached, id).await {
        Ok(Some(index)) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        Err(Declined::PhoneFull) => {
            let page = owner.read(move |books, person| {
                let mistakes = Mistakes::one("address", Texts(books.language).new_phone_full());
                let known = known(books, person, id)?;
                show_replace(books, known, mistakes, String::new())
            });
            page.await
        }
        // She has it already, or something else came first: the list says how it stands.
        Ok(None) | Err(Declined::Overtaken) => go_to("/me/contacts"),
        Err(declined) => Err(declined.into()),
    }
}

/// `GET /me/contacts/keep`: what whoever holds the phone may stop.
pub(crate) async fn keep_page(holder: Holder) -> Answer {
    let shown = holder.read(|books, people| {
        let t = Texts(books.language);
        let all = people.iter().filter_map(|person| replacing(books, person));
        page(KeepPage {
            shell: books.shell(t.keep_title()).at("/me/contacts").narrow(),
            t,
            replacing: all.collect(),
        })
    });
    shown.await
}

/// `POST /me/contacts/keep`.
pub(crate) async fn keep(HolderPosted { holder, fields }: HolderPosted) -> Answer {
    match contact::keep(&holder.visit.app, &holder.who, id_of(&fields)?).await {
        // Stopped before, or over: the page says that nothing is about to change.
        Ok(()) | Err(Declined::NotThere) => go_to("/me/contacts/keep"),
        Err(declined) => Err(declined.into()),
    }
}

/// `GET /me/contacts/end`.
pub(crate) async fn end_page(owner: Owner, RawQuery(query): RawQuery) -> Answer {
    let id = id_of(&Fields::of_query(query.as_deref().unwrap_or_default()))?;
    let shown = owner.read(move |books, person| {
        let t = Texts(books.language);
        page(EndPage {
            shell: books.shell(t.end_title()).at("/me/contacts").narrow(),
            t,
            known: known(books, person, id)?,
            is_last: !person.may_end(id, books.now()),
        })
    });
    shown.await
}

/// `POST /me/contacts/end`.
pub(crate) async fn end(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    match contact::end(&owner.visit.app, &owner.who, id_of(&fields)?).await {
        Ok(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        Err(Declined::NotThere) => go_to("/me/contacts"),
        Err(declined) => Err(declined.into()),
    }
}

/// `POST /me/contacts/confirm`.
pub(crate) async fn confirm(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    match contact::confirm(&owner.visit.app, &owner.who, id_of(&fields)?).await {
        Ok(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        Err(Declined::NotThere) => go_to("/me/contacts"),
        Err(declined) => Err(declined.into()),
    }
}

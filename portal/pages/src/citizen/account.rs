//! `/me/contacts`, `/me/keys`, `/me/counter-code`: what belongs to her rather than to her history.

use akashi_desk::identity::contact;
use akashi_desk::identity::errand::{self, Typed, masked};
use akashi_desk::identity::session::Errand;
use akashi_notifier::typed::plain_line;
use akashi_notifier::{Address, Email};
use akashi_proof::record::kind::YesNo;
use akashi_proof::state::{Contact, Person};
use askama::Template;

use crate::citizen::contact_changes::{Replacing, replacing};
use crate::frame::forms::Mistakes;
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, form, go_to, page};
use crate::words::texts::{Account as Texts, Contacts};

#[derive(Template)]
#[template(path = "contacts.html")]
struct ContactsPage {
    shell: Shell,
    t: Texts,
    c: Contacts,
    contacts: Vec<Row>,
    /// What is about to be replaced.
    replacing: Option<Replacing>,
    is_full: bool,
    mistakes: Mistakes,
    typed: String,
}

/// One of her contacts.
struct Row {
    id: String,
    channel: &'static str,
    /// Masked.
    address: String,
    is_doubted: bool,
    is_blocked: bool,
}

#[derive(Template)]
#[template(path = "contact_code.html")]
struct ContactCodePage {
    shell: Shell,
    t: Texts,
    sent_to: String,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage {
    shell: Shell,
    t: Texts,
    has_papers: bool,
}

#[derive(Template)]
#[template(path = "counter_code.html")]
struct CounterCodePage {
    shell: Shell,
    t: Texts,
    /// The code, once it was asked for.
    code: Option<String>,
}

/// `GET /me/contacts`.
pub(crate) async fn contacts(owner: Owner) -> Answer {
    let page =
        owner.read(|books, person| show_contacts(books, person, Mistakes::new(), String::new()));
    page.await
}

fn show_contacts(books: &Books<'_>, person: &Person, mistakes: Mistakes, typed: String) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let show = |known: &Contact| {
        let address = books
            .app
            .contacts
            .find(&known.contact)
            .map(|row| masked(&row.address));
        Row {
            id: known.contact.to_base64url(),
            channel: names.channel(known.channel),
            address: address.unwrap_or_else(|| t.address_gone().to_owned()),
            is_doubted: known.is_doubted(),
            is_blocked: known.blocked == YesNo::Yes,
        }
    };
    let contacts: Vec<_> = person.contacts_at(books.now()).map(show).collect();
    let again = !mistakes.is_empty();
    let template = ContactsPage {
        shell: books.shell(t.contacts_title()).at("/me/contacts").narrow(),
        t,
        c: Contacts(books.language),
        replacing: replacing(books, person),
        is_full: person.has_all_contacts(),
        contacts,
        mistakes,
        typed,
    };
    form(template, again)
}

/// `POST /me/contacts`: sends a code to a new address.
pub(crate) async fn add_contact(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let read = owner.read(move |books, person| {
        let t = Texts(books.language);
        let again = |mistake, typed| {
            let mistakes = Mistakes::one("email", mistake);
            show_contacts(books, person, mistakes, typed).map(Then::Show)
        };
        if person.has_all_contacts() {
            return again(t.contacts_full(), String::new());
        }
        let typed = fields.first("email").unwrap_or_default();
        match Email::parse(&plain_line(typed)) {
            Ok(email) => Ok(Then::Do(email)),
            Err(_) => again(t.email_wrong(), typed.chars().take(254).collect()),
        }
    });
    match read.await? {
        Then::Show(again) => Ok(again),
        Then::Do(email) => {
            let (mut visit, to) = (owner.visit, Address::Email(email));
            let asking = visit.asking()?;
            let sent = errand::begin(&visit.app, &asking, Errand::AddContact, &to).await?;
            let waits = visit.now_is(sent);
            Ok(go_to("/me/contacts/code")?.with(waits))
        }
    }
}

/// `GET /me/contacts/code`.
pub(crate) async fn contact_code(Owner { visit, .. }: Owner) -> Answer {
    let page = visit.read(|books| show_contact_code(books, Mistakes::new()));
    page.await
}

fn show_contact_code(books: &Books<'_>, mistakes: Mistakes) -> Answer {
    let session = books.session.as_ref();
    let Some(pending) = session.and_then(|session| session.waits_for(Errand::AddContact)) else {
        return go_to("/me/contacts");
    };
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let shell = books.shell(t.contacts_title()).at("/me/contacts").narrow();
    let template = ContactCodePage {
        shell,
        t,
        sent_to: pending.shown_to.clone(),
        mistakes,
    };
    form(template, again)
}

/// `POST /me/contacts/code`.
pub(crate) async fn take_contact_code(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let visit = &owner.visit;
    let t = Texts(visit.language);
    let typed = fields.first("code").unwrap_or_default();
    // Her session is kept here and her cookie stays, whatever becomes of the code.
    let (typed, _) = errand::take(&visit.app, &visit.asking()?, Errand::AddContact, typed)?;
    let reached = match typed {
        Typed::Right(reached) => reached,
        Typed::Wrong => {
            let mistakes = Mistakes::one("code", t.code_wrong());
            let page = visit.read(|books| show_contact_code(books, mistakes));
            return page.await;
        }
        Typed::Void => {
            let mistakes = Mistakes::one("email", t.code_void());
            let page =
                owner.read(|books, person| show_contacts(books, person, mistakes, String::new()));
            return page.await;
        }
    };
    match contact::add(&visit.app, &owner.who, reached).await? {
        Some(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        None => go_to("/me/contacts"),
    }
}

/// `GET /me/keys`.
pub(crate) async fn keys(Owner { visit, .. }: Owner) -> Answer {
    let shown = visit.read(|books| {
        let t = Texts(books.language);
        let session = books.session.as_ref();
        page(KeysPage {
            shell: books.shell(t.keys_title()).at("/me/keys").narrow(),
            t,
            has_papers: session.is_some_and(|session| session.papers.is_some()),
        })
    });
    shown.await
}

/// `GET /me/counter-code`.
pub(crate) async fn counter_code(Owner { visit, .. }: Owner) -> Answer {
    let page = visit.read(|books| show_counter_code(books, None));
    page.await
}

fn show_counter_code(books: &Books<'_>, code: Option<String>) -> Answer {
    let t = Texts(books.language);
    page(CounterCodePage {
        shell: books.shell(t.counter_title()).at("/me/keys").narrow(),
        t,
        code,
    })
}

/// `POST /me/counter-code`: a new code; the one before is void.
pub(crate) async fn draw_counter_code(OwnerPosted { owner, .. }: OwnerPosted) -> Answer {
    let page = owner.read(|books, person| {
        let now = books.app.clock.monotonic_millis();
        let code = books.app.counter_codes.issue(person.subject, now);
        let spaced = format!(
            "{} {}",
            code.get(..3).unwrap_or_default(),
            code.get(3..).unwrap_or_default()
        );
        show_counter_code(books, Some(spaced))
    });
    page.await
}

//! `/me/contacts`, `/me/keys`, `/me/counter-code`: what belongs to her rather than to her history.

use std::sync::Arc;

use akashi_ledger::command::VerifyContact;
use akashi_ledger::random::draw;
use akashi_notifier::{Address, Contact, Email};
use akashi_proof::ids::ContactId;
use akashi_proof::record::kind::Assurance;
use akashi_proof::state::Person;
use askama::Template;

use super::error::PageError;
use super::forms::Mistakes;
use super::shell::Shell;
use super::texts::Account as Texts;
use super::visit::{Answer, Visit, form, go_to, page};
use crate::auth::guard::{Owner, OwnerPosted};
use crate::auth::plain::to_plain;
use crate::auth::session::Errand;
use crate::auth::sign_in::{Typed, begin_errand, masked, take_errand};

/// Most contacts of one person: a phone, a few addresses; more are a mistake or an attack on
/// somebody's mailbox.
const CONTACTS_MAX: usize = 5;

#[derive(Template)]
#[template(path = "contacts.html")]
struct ContactsPage {
    shell: Shell,
    t: Texts,
    /// Kind and masked address.
    contacts: Vec<(&'static str, String)>,
    is_full: bool,
    mistakes: Mistakes,
    typed: String,
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
pub(crate) async fn contacts(Owner { visit, person }: Owner) -> Answer {
    show_contacts(&visit, &person, Mistakes::new(), String::new())
}

fn show_contacts(visit: &Visit, person: &Person, mistakes: Mistakes, typed: String) -> Answer {
    let (t, names) = (Texts(visit.language), visit.names());
    let show = |contact: &akashi_proof::state::Contact| {
        let address = visit
            .app
            .contacts
            .find(&contact.contact)
            .map(|row| masked(&row.address));
        (
            names.channel(contact.channel),
            address.unwrap_or_else(|| t.address_gone().to_owned()),
        )
    };
    let contacts: Vec<_> = person.contacts.iter().map(show).collect();
    let again = !mistakes.is_empty();
    let template = ContactsPage {
        shell: visit.shell(t.contacts_title()).at("/me/contacts").narrow(),
        t,
        is_full: contacts.len() >= CONTACTS_MAX,
        contacts,
        mistakes,
        typed,
    };
    form(template, again)
}

/// `POST /me/contacts`: sends a code to a new address.
pub(crate) async fn add_contact(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let Owner { visit, person } = owner;
    let t = Texts(visit.language);
    if person.contacts.len() >= CONTACTS_MAX {
        return show_contacts(
            &visit,
            &person,
            Mistakes::one("email", t.contacts_full()),
            String::new(),
        );
    }
    let typed = fields.first("email").unwrap_or_default();
    let Ok(email) = Email::parse(&to_plain(typed)) else {
        let typed: String = typed.chars().take(254).collect();
        return show_contacts(
            &visit,
            &person,
            Mistakes::one("email", t.email_wrong()),
            typed,
        );
    };
    begin_errand(&visit, Errand::AddContact, &Address::Email(email)).await?;
    go_to("/me/contacts/code")
}

/// `GET /me/contacts/code`.
pub(crate) async fn contact_code(Owner { visit, .. }: Owner) -> Answer {
    show_contact_code(&visit, Mistakes::new())
}

fn show_contact_code(visit: &Visit, mistakes: Mistakes) -> Answer {
    let pending = visit
        .session
        .as_ref()
        .and_then(|session| session.pending.as_ref());
    let Some(pending) = pending.filter(|pending| pending.errand == Errand::AddContact) else {
        return go_to("/me/contacts");
    };
    let t = Texts(visit.language);
    let again = !mistakes.is_empty();
    let shell = visit.shell(t.contacts_title()).at("/me/contacts").narrow();
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
    let Owner { visit, person } = owner;
    let (t, session) = (
        Texts(visit.language),
        visit.session.clone().ok_or(PageError::Ended)?,
    );
    let address = match take_errand(
        &visit,
        &session,
        Errand::AddContact,
        fields.first("code").unwrap_or_default(),
    ) {
        Typed::Right(address) => address,
        Typed::Wrong => return show_contact_code(&visit, Mistakes::one("code", t.code_wrong())),
        Typed::Void => {
            return show_contacts(
                &visit,
                &person,
                Mistakes::one("email", t.code_void()),
                String::new(),
            );
        }
    };
    let has_it = |known: &akashi_proof::state::Contact| {
        visit
            .app
            .contacts
            .find(&known.contact)
            .is_some_and(|row| row.address == address)
    };
    if person.contacts.iter().any(has_it) {
        return go_to("/me/contacts");
    }
    let mut id = [0; 16];
    draw(&mut id);
    let channel = address.channel();
    let contact = Contact {
        id: ContactId::from_bytes(id),
        subject: person.subject,
        address,
    };
    let (contact_id, app) = (contact.id, Arc::clone(&visit.app));
    // The row first, the record that makes it valid after it; a row without a record is swept.
    let added = tokio::task::spawn_blocking(move || app.contacts.add(&contact)).await;
    added
        .map_err(|error| PageError::internal("adding a contact was cut short", &error))?
        .map_err(|error| PageError::internal("a contact could not be kept", &error))?;
    let command = VerifyContact {
        subject: person.subject,
        contact: contact_id,
        channel,
        replaces: None,
        assurance: Assurance::SmsAndRecovery,
    };
    let done = visit.app.ledger.submit(command).await?;
    go_to(&format!("/me/history/{}/receipt?done=1", done.receipt))
}

/// `GET /me/keys`.
pub(crate) async fn keys(Owner { visit, .. }: Owner) -> Answer {
    let t = Texts(visit.language);
    let has_papers = visit
        .session
        .as_ref()
        .is_some_and(|session| session.papers.is_some());
    page(KeysPage {
        shell: visit.shell(t.keys_title()).at("/me/keys").narrow(),
        t,
        has_papers,
    })
}

/// `GET /me/counter-code`.
pub(crate) async fn counter_code(Owner { visit, .. }: Owner) -> Answer {
    show_counter_code(&visit, None)
}

fn show_counter_code(visit: &Visit, code: Option<String>) -> Answer {
    let t = Texts(visit.language);
    page(CounterCodePage {
        shell: visit.shell(t.counter_title()).at("/me/keys").narrow(),
        t,
        code,
    })
}

/// `POST /me/counter-code`: a new code; the one before is void.
pub(crate) async fn draw_counter_code(OwnerPosted { owner, .. }: OwnerPosted) -> Answer {
    let Owner { visit, person } = owner;
    let code = visit.app.counter_codes.issue(person.subject, visit.now());
    let spaced = format!(
        "{} {}",
        code.get(..3).unwrap_or_default(),
        code.get(3..).unwrap_or_default()
    );
    show_counter_code(&visit, Some(spaced))
}

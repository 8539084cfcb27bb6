//! `/demo/...` for people: who can sign in, phones, mail. In the reader's language, like every
//! page.

use std::sync::Arc;

use akashi_notifier::Phone;
use akashi_pages::frame::error::PageError;
use akashi_pages::frame::forms::Fields;
use akashi_pages::frame::shell::Shell;
use akashi_pages::frame::visit::{Answer, Books, Visit, framed, go_to};
use akashi_proof::ids::{RoleCode, Timestamp};
use akashi_proof::record::kind::Language;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery};

use crate::Demo;
use crate::description::{CitizenEntry, Description};
use crate::greeting::national;
use crate::phone::Message;
use crate::smtp::Mail;
use crate::web;

/// The two languages, where the words are.
#[derive(Clone, Copy)]
struct Say(Language);

impl Say {
    const fn it(self, ja: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Language::Ja => ja,
            Language::En => en,
        }
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'s> {
    shell: &'s Shell,
    t: Say,
    citizens: Vec<Person>,
    institutions: Vec<Institution>,
}

/// A citizen as the chooser shows her.
struct Person {
    name: String,
    phone: String,
    phone_url: String,
    email: Option<String>,
    recovery_code: String,
}

/// An institution as the chooser shows it.
struct Institution {
    name: String,
    id: String,
    role_holders: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "phones.html")]
struct PhonesPage<'s> {
    shell: &'s Shell,
    t: Say,
    /// URL, number, whose, how many messages.
    phones: Vec<(String, String, String, usize)>,
}

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage<'s> {
    shell: &'s Shell,
    t: Say,
    url: String,
    e164: String,
    /// When it arrived, in the town's time, and what.
    messages: Vec<(String, Message)>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage<'s> {
    shell: &'s Shell,
    t: Say,
    /// When it arrived, in the town's time, and what.
    mails: Vec<(String, Mail)>,
}

/// `GET /demo/sign-in`.
pub(super) async fn sign_in(visit: Visit, Extension(demo): Extension<Arc<Demo>>) -> Answer {
    let page = visit.read(move |books| show_people(books, &demo.description));
    page.await
}

fn show_people(visit: &Books<'_>, town: &Description) -> Answer {
    let t = Say(visit.language);
    let citizens = town.citizens.iter().map(|citizen| Person {
        name: name(visit.language, citizen),
        phone: national(&citizen.phone),
        phone_url: citizen.phone_url.clone(),
        email: citizen.email.clone(),
        recovery_code: citizen.recovery_code.clone(),
    });
    let citizens = citizens.collect();
    let institutions = institutions(visit, town);
    let shell = visit.shell(t.it("誰でログインするか", "Who can sign in"));
    let page = SignInPage {
        shell: &shell,
        t,
        citizens,
        institutions,
    };
    framed(&shell, page)
}

fn institutions(visit: &Visit, town: &Description) -> Vec<Institution> {
    let policy = visit.app.policy();
    let role_name = |code: &String| {
        let role = RoleCode::parse(code)
            .ok()
            .and_then(|code| policy.role(&code));
        role.map_or_else(
            || code.clone(),
            |role| role.name.in_language(visit.language).to_owned(),
        )
    };
    let institution = |entry: &crate::description::InstitutionEntry| Institution {
        name: entry.name(visit.language).to_owned(),
        id: entry.id.clone(),
        role_holders: town
            .role_holders
            .iter()
            .filter(|holder| holder.institution == entry.id)
            .map(|holder| {
                (
                    holder.id.clone(),
                    holder
                        .roles
                        .iter()
                        .map(role_name)
                        .collect::<Vec<_>>()
                        .join(", "),
                )
            })
            .collect(),
    };
    town.institutions.iter().map(institution).collect()
}

/// `GET /demo/phone`; with `?number=` on to that phone.
pub(super) async fn phones(
    visit: Visit,
    Extension(demo): Extension<Arc<Demo>>,
    RawQuery(query): RawQuery,
) -> Answer {
    let asked = Fields::of_query(query.as_deref().unwrap_or_default());
    if let Some(number) = asked.first("number") {
        let phone = Phone::parse(number).map_err(|_| PageError::NotFound)?;
        return go_to(&format!("/demo/phone/{}", phone.as_e164()));
    }
    let page = visit.read(move |books| show_phones(books, &demo));
    page.await
}

fn show_phones(visit: &Books<'_>, demo: &Demo) -> Answer {
    let t = Say(visit.language);
    let mut phones = demo.phones.heard();
    for citizen in &demo.description.citizens {
        if phones.iter().all(|(number, _)| *number != citizen.phone) {
            phones.push((citizen.phone.clone(), 0));
        }
    }
    let phones = phones.into_iter().map(|(number, count)| {
        let owner = demo
            .description
            .citizens
            .iter()
            .find(|citizen| citizen.phone == number);
        let owner = owner
            .map(|citizen| name(visit.language, citizen))
            .unwrap_or_default();
        (
            format!("/demo/phone/{number}"),
            national(&number),
            owner,
            count,
        )
    });
    let phones = phones.collect();
    let shell = visit.shell(t.it("デモ用の電話", "Demo phones"));
    let page = PhonesPage {
        shell: &shell,
        t,
        phones,
    };
    framed(&shell, page)
}

/// `GET /demo/phone/{number}`.
pub(super) async fn phone(
    visit: Visit,
    Extension(demo): Extension<Arc<Demo>>,
    Path(number): Path<String>,
) -> Answer {
    let phone = web::number(&number).map_err(|_| PageError::NotFound)?;
    let e164 = phone.as_e164().to_owned();
    let messages = demo.phones.messages(&e164);
    let page = visit.read(move |books| show_phone(books, e164, messages));
    page.await
}

fn show_phone(visit: &Books<'_>, e164: String, messages: Vec<Message>) -> Answer {
    let t = Say(visit.language);
    let messages = messages
        .into_iter()
        .map(|message| (local(visit, &message.at), message))
        .collect();
    let title = format!("{} {}", t.it("デモ用の電話", "Demo phone"), national(&e164));
    let shell = visit.shell(title).narrow();
    let page = PhonePage {
        shell: &shell,
        t,
        url: format!("/demo/phone/{e164}"),
        e164,
        messages,
    };
    framed(&shell, page)
}

/// `GET /demo/mail`.
pub(super) async fn mail(visit: Visit, Extension(demo): Extension<Arc<Demo>>) -> Answer {
    let mails = demo.mails.all();
    let page = visit.read(move |books| show_mail(books, mails));
    page.await
}

fn show_mail(visit: &Books<'_>, mut mails: Vec<Mail>) -> Answer {
    let t = Say(visit.language);
    mails.reverse();
    let mails = mails
        .into_iter()
        .map(|mail| (local(visit, &mail.at), mail))
        .collect();
    let shell = visit.shell(t.it("デモ用のメール", "Demo mail")).narrow();
    let page = MailPage {
        shell: &shell,
        t,
        mails,
    };
    framed(&shell, page)
}

/// A time of [RFC 3339] as people in the town say it.
///
/// [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339
fn local(visit: &Visit, at: &str) -> String {
    let millis = at
        .parse()
        .ok()
        .and_then(|time: jiff::Timestamp| u64::try_from(time.as_millisecond()).ok());
    millis.map_or_else(
        || at.to_owned(),
        |millis| visit.say_time(Timestamp::from_millis(millis)),
    )
}

fn name(language: Language, citizen: &CitizenEntry) -> String {
    if language == Language::En {
        &citizen.name_en
    } else {
        &citizen.name_ja
    }
    .clone()
}

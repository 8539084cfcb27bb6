//! Signing in by SMS code: level 1. Then, if she wants, the recovery code ([`crate::sign_in::step_up`]):
//! level 2.
//!
//! Every answer is the same whether or not a number is known here, until its holder has shown the
//! code: only she learns that nobody is enrolled with it.

pub(crate) mod enrol;
mod step_up;

use std::sync::Arc;

use akashi_desk::app::SharedApp;
use akashi_desk::identity::plain::{digits, to_plain};
use akashi_desk::identity::session::{Errand, Pending, Session, Standing};
use akashi_notifier::{Address, CodeRefused, CodeUse, Phone};
use akashi_proof::ids::SubjectHandle;
use askama::Template;
use axum::Router;
use axum::extract::RawQuery;
use axum::routing::{get, post};

use crate::frame::error::{PageError, way_back};
use crate::frame::forms::{Fields, Mistakes, Posted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, Visit, form, go_to, page};
use crate::words::texts::SignIn;

/// Routes of signing in, stepping up and signing out.
pub(crate) fn routes() -> Router<SharedApp> {
    Router::new()
        .route("/sign-in", get(phone_page).post(send_code))
        .route("/sign-in/code", get(code_page).post(take_code))
        .route("/step-up", get(step_up::code_page).post(step_up::take))
        .route("/sign-out", post(sign_out))
}

#[derive(Template)]
#[template(path = "sign_in_phone.html")]
struct PhonePage {
    shell: Shell,
    t: SignIn,
    next: String,
    mistakes: Mistakes,
    /// What she typed, to be corrected; never after it was accepted.
    typed: String,
}

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    shell: Shell,
    t: SignIn,
    next: String,
    mistakes: Mistakes,
    sent_to: String,
}

#[derive(Template)]
#[template(path = "sign_in_nobody.html")]
struct NobodyPage {
    shell: Shell,
    t: SignIn,
}

/// Where to go after signing in.
pub(crate) fn next_of(fields: &Fields) -> String {
    fields
        .first("next")
        .and_then(way_back)
        .unwrap_or("/me")
        .to_owned()
}

async fn phone_page(mut visit: Visit, RawQuery(query): RawQuery) -> Answer {
    if visit.level() > 0 {
        return go_to("/me");
    }
    let begun = visit.begin();
    let next = next_of(&Fields::of_query(query.as_deref().unwrap_or_default()));
    let page = visit.read(|books| show_phone_page(books, next, Mistakes::new(), String::new()));
    Ok(page.await?.with(begun))
}

fn show_phone_page(books: &Books<'_>, next: String, mistakes: Mistakes, typed: String) -> Answer {
    let t = SignIn(books.language);
    let again = !mistakes.is_empty();
    let shell = books.shell(t.title()).narrow();
    let template = PhonePage {
        shell,
        t,
        next,
        mistakes,
        typed,
    };
    form(template, again)
}

async fn send_code(Posted { visit, fields }: Posted) -> Answer {
    let next = next_of(&fields);
    let t = SignIn(visit.language);
    let typed = fields.first("phone").unwrap_or_default();
    let Ok(phone) = Phone::parse(&to_plain(typed)) else {
        let typed: String = typed.chars().take(40).collect();
        let mistakes = Mistakes::one("phone", t.phone_wrong());
        let page = visit.read(|books| show_phone_page(books, next, mistakes, typed));
        return page.await;
    };
    begin_errand(&visit, Errand::SignIn, &Address::Phone(phone)).await?;
    go_to(&format!("/sign-in/code?next={next}"))
}

/// Sends a code and remembers it in the session.
pub(crate) async fn begin_errand(
    visit: &Visit,
    errand: Errand,
    to: &Address,
) -> Result<(), PageError> {
    let session = visit.session.as_ref().ok_or(PageError::Ended)?;
    let code_use = match errand {
        Errand::Enrol => CodeUse::Enrol,
        Errand::SignIn => CodeUse::SignIn,
        Errand::AddContact => CodeUse::AddContact,
    };
    let challenge = visit
        .app
        .notifier
        .send_code(code_use, to, visit.language)
        .await
        .map_err(refused)?;
    let shown_to = masked(to);
    visit.app.sessions.wait_for(
        session,
        Some(Pending {
            errand,
            challenge,
            shown_to,
        }),
    );
    Ok(())
}

/// What came of a code that was typed.
pub(crate) enum Typed {
    /// It was right: the address it was sent to.
    Right(Address),
    /// It was wrong; more tries are left.
    Wrong,
    /// It counts no more: a new one must be sent.
    Void,
}

/// Takes the code of this session's errand.
pub(crate) fn take_errand(visit: &Visit, session: &Session, errand: Errand, typed: &str) -> Typed {
    let Some(pending) = session
        .pending
        .as_ref()
        .filter(|pending| pending.errand == errand)
    else {
        return Typed::Void;
    };
    match visit
        .app
        .notifier
        .check_code(&pending.challenge, &digits(typed))
    {
        Ok(address) => {
            visit.app.sessions.wait_for(session, None);
            Typed::Right(address)
        }
        Err(CodeRefused::Wrong) => Typed::Wrong,
        Err(CodeRefused::Void | CodeRefused::TooMany | CodeRefused::Unavailable) => {
            visit.app.sessions.wait_for(session, None);
            Typed::Void
        }
    }
}

fn refused(refused: CodeRefused) -> PageError {
    match refused {
        CodeRefused::TooMany => PageError::TooMany,
        CodeRefused::Unavailable | CodeRefused::Wrong | CodeRefused::Void => PageError::Stopped,
    }
}

/// An address as it may stand on a page: enough to see a mistake, not enough to learn it.
pub(crate) fn masked(address: &Address) -> String {
    match address {
        Address::Phone(phone) => {
            let number = phone.as_e164();
            format!(
                "••• •••• ••{}",
                number
                    .get(number.len().saturating_sub(2)..)
                    .unwrap_or_default()
            )
        }
        Address::Email(email) => {
            let (name, domain) = email.as_str().split_once('@').unwrap_or_default();
            format!("{}•••@{domain}", name.chars().next().unwrap_or('•'))
        }
    }
}

async fn code_page(visit: Visit, RawQuery(query): RawQuery) -> Answer {
    let next = next_of(&Fields::of_query(query.as_deref().unwrap_or_default()));
    let page = visit.read(|books| show_code_page(books, next, Mistakes::new()));
    page.await
}

fn show_code_page(books: &Books<'_>, next: String, mistakes: Mistakes) -> Answer {
    let pending = books
        .session
        .as_ref()
        .and_then(|session| session.pending.as_ref());
    let Some(pending) = pending.filter(|pending| pending.errand == Errand::SignIn) else {
        return go_to("/sign-in");
    };
    let t = SignIn(books.language);
    let again = !mistakes.is_empty();
    let shell = books.shell(t.title()).narrow();
    let template = CodePage {
        shell,
        t,
        next,
        mistakes,
        sent_to: pending.shown_to.clone(),
    };
    form(template, again)
}

async fn take_code(Posted { mut visit, fields }: Posted) -> Answer {
    let (next, t) = (next_of(&fields), SignIn(visit.language));
    let session = visit.session.clone().ok_or(PageError::Ended)?;
    let address = match take_errand(
        &visit,
        &session,
        Errand::SignIn,
        fields.first("code").unwrap_or_default(),
    ) {
        Typed::Right(address) => address,
        Typed::Wrong => {
            let mistakes = Mistakes::one("code", t.code_wrong());
            let page = visit.read(|books| show_code_page(books, next, mistakes));
            return page.await;
        }
        Typed::Void => {
            let mistakes = Mistakes::one("phone", t.code_void());
            let page = visit.read(|books| show_phone_page(books, next, mistakes, String::new()));
            return page.await;
        }
    };
    let found = visit.read_on(move |books| match people_of(books, &address) {
        people if people.is_empty() => Ok(Then::Show(page(NobodyPage {
            shell: books.shell(t.nobody_title()).narrow(),
            t,
        })?)),
        people => Ok(Then::Do(people)),
    });
    match found.await? {
        Then::Show(nobody) => Ok(nobody),
        Then::Do(people) => {
            let raised = visit.raise(Standing::Holder(people))?;
            Ok(go_to(&next)?.with(raised))
        }
    }
}

/// Who uses this address: those whose own record says so. A row of the contacts file alone, left by
/// an enrolment that did not come to its end, counts for nothing.
fn people_of(books: &Books<'_>, address: &Address) -> Arc<[SubjectHandle]> {
    let contacts = books.app.contacts.contacts_of(address).into_iter();
    let valid = contacts.filter(|contact| {
        books.reader.person(&contact.subject).is_some_and(|person| {
            person
                .contacts
                .iter()
                .any(|known| known.contact == contact.id)
        })
    });
    let mut people: Vec<SubjectHandle> = valid.map(|contact| contact.subject).collect();
    people.sort_unstable();
    people.dedup();
    people.into()
}

async fn sign_out(Posted { mut visit, .. }: Posted) -> Answer {
    let ended = visit.end();
    Ok(go_to("/")?.with(ended))
}

#[cfg(test)]
mod tests {
    use super::*;
    use akashi_notifier::Email;

    #[test]
    fn a_masked_address_shows_little() {
        let phone = masked(&Address::Phone(Phone::parse("090-1234-5678").unwrap()));
        assert!(
            phone.ends_with("78") && !phone.contains("56") && !phone.contains("1234"),
            "{phone}"
        );
        assert_eq!(
            masked(&Address::Email(Email::parse("hanako@example.jp").unwrap())),
            "h•••@example.jp"
        );
    }
}

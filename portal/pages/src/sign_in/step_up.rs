//! The second thing: the recovery code, which also decides which of the persons who use a phone is
//! there.

use std::sync::Arc;

use akashi_desk::identity::recovery::RecoveryCode;
use akashi_desk::identity::session::{Recovery, Standing};
use akashi_proof::ids::SubjectHandle;
use akashi_proof::state::Person;
use askama::Template;
use axum::extract::RawQuery;

use crate::frame::error::PageError;
use crate::frame::forms::{Fields, Mistakes};
use crate::frame::guard::{Holder, HolderPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, form, go_to};
use crate::sign_in::next_of;
use crate::words::texts::StepUp;

#[derive(Template)]
#[template(path = "step_up.html")]
struct StepUpPage {
    shell: Shell,
    t: StepUp,
    next: String,
    mistakes: Mistakes,
    several: bool,
}

/// `GET /step-up`.
pub(super) async fn code_page(holder: Holder, RawQuery(query): RawQuery) -> Answer {
    let next = next_of(&Fields::of_query(query.as_deref().unwrap_or_default()));
    if holder.visit.level() == 2 {
        return go_to(&next);
    }
    let page = holder.read(|books, people| show(books, next, people, Mistakes::new()));
    page.await
}

fn show(books: &Books<'_>, next: String, people: &[Arc<Person>], mistakes: Mistakes) -> Answer {
    let t = StepUp(books.language);
    let again = !mistakes.is_empty();
    let template = StepUpPage {
        shell: books.shell(t.title()).narrow(),
        t,
        next,
        mistakes,
        several: people.len() > 1,
    };
    form(template, again)
}

/// `POST /step-up`.
pub(super) async fn take(HolderPosted { holder, fields }: HolderPosted) -> Answer {
    let next = next_of(&fields);
    let read = holder.read({
        let next = next.clone();
        move |books, people| {
            let t = StepUp(books.language);
            let again = |mistake| {
                let mistakes = Mistakes::one("recovery", mistake);
                show(books, next, people, mistakes).map(Then::Show)
            };
            let Some(code) = RecoveryCode::parse(fields.first("recovery").unwrap_or_default())
            else {
                return again(t.misspelt());
            };
            match tried(books, people, &code)? {
                Recovery::Of(subject) => raised(books, people, subject).map(Then::Do),
                Recovery::Wrong => again(t.wrong()),
                Recovery::Rest => again(t.rest()),
            }
        }
    });
    match read.await? {
        Then::Show(again) => Ok(again),
        Then::Do(standing) => {
            let mut visit = holder.visit;
            let change = visit.raise(standing)?;
            Ok(go_to(&next)?.with(change))
        }
    }
}

/// Whose code it is, of those who use the phone.
fn tried(
    books: &Books<'_>,
    people: &[Arc<Person>],
    code: &RecoveryCode,
) -> Result<Recovery, PageError> {
    let handles: Vec<SubjectHandle> = people.iter().map(|person| person.subject).collect();
    let digest = code.digest();
    let belongs_to = |subject: &SubjectHandle| {
        people
            .iter()
            .any(|person| person.subject == *subject && person.recovery_digest == digest)
    };
    let session = books.session.as_ref().ok_or(PageError::Ended)?;
    let sessions = &books.app.sessions;
    Ok(sessions.try_recovery(session, &handles, books.monotonic(), belongs_to))
}

/// The standing of the one of them who is there.
fn raised(
    books: &Books<'_>,
    people: &[Arc<Person>],
    subject: SubjectHandle,
) -> Result<Standing, PageError> {
    let known = people.iter().find(|person| person.subject == subject);
    let session = books.session.as_ref().ok_or(PageError::Ended)?;
    match &session.standing {
        Standing::Holder(people) | Standing::Person { people, .. } => Ok(Standing::Person {
            subject,
            language: known.map_or(books.language, |person| person.language),
            people: Arc::clone(people),
        }),
        Standing::Visitor => Err(PageError::Ended),
    }
}

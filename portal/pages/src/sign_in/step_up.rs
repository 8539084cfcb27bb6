//! The second thing: the recovery code, which also decides which of the persons who use a phone is
//! there.

use std::sync::Arc;

use akashi_desk::identity::recovery::RecoveryCode;
use akashi_desk::identity::sign_in::{self, Recovered};
use akashi_proof::state::Person;
use askama::Template;
use axum::extract::RawQuery;

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
    let page = holder
        .visit
        .read(|books| show(books, next, &books.enrolled(), Mistakes::new()));
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
    let read = holder.visit.read({
        let next = next.clone();
        move |books| {
            let people = &books.enrolled();
            let t = StepUp(books.language);
            let again = |mistake| {
                let mistakes = Mistakes::one("recovery", mistake);
                show(books, next, people, mistakes).map(Then::Show)
            };
            let Some(code) = RecoveryCode::parse(fields.first("recovery").unwrap_or_default())
            else {
                return again(t.misspelt());
            };
            match sign_in::recover(&books.app, books.session()?, people, &code)? {
                Recovered::As(standing) => Ok(Then::Do(standing)),
                Recovered::Wrong => again(t.wrong()),
                Recovered::Rest => again(t.rest()),
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

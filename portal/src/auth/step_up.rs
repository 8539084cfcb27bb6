//! The second thing: the recovery code, which also decides which of the persons who use a phone is
//! there.

use std::sync::Arc;

use askama::Template;
use axum::extract::RawQuery;

use super::guard::{Holder, HolderPosted};
use super::recovery::RecoveryCode;
use super::session::{Recovery, Standing};
use super::sign_in::next_of;
use crate::pages::error::PageError;
use crate::pages::forms::{Fields, Mistakes};
use crate::pages::shell::Shell;
use crate::pages::texts::StepUp;
use crate::pages::visit::{Answer, Visit, form, go_to};

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
pub(super) async fn code_page(
    Holder { visit, people }: Holder,
    RawQuery(query): RawQuery,
) -> Answer {
    let next = next_of(&Fields::of_query(query.as_deref().unwrap_or_default()));
    if visit.level() == 2 {
        return go_to(&next);
    }
    show(&visit, next, people.len() > 1, Mistakes::new())
}

fn show(visit: &Visit, next: String, several: bool, mistakes: Mistakes) -> Answer {
    let t = StepUp(visit.language);
    let again = !mistakes.is_empty();
    let template = StepUpPage {
        shell: visit.shell(t.title()).narrow(),
        t,
        next,
        mistakes,
        several,
    };
    form(template, again)
}

/// `POST /step-up`.
pub(super) async fn take(HolderPosted { holder, fields }: HolderPosted) -> Answer {
    let Holder { mut visit, people } = holder;
    let (next, t, several) = (next_of(&fields), StepUp(visit.language), people.len() > 1);
    let Some(code) = RecoveryCode::parse(fields.first("recovery").unwrap_or_default()) else {
        return show(
            &visit,
            next,
            several,
            Mistakes::one("recovery", t.misspelt()),
        );
    };
    let handles: Arc<[_]> = people.iter().map(|person| person.subject).collect();
    let digest = code.digest();
    let belongs_to = |subject: &_| {
        people
            .iter()
            .any(|person| person.subject == *subject && person.recovery_digest == digest)
    };
    let session = visit.session.as_ref().ok_or(PageError::Ended)?;
    match visit
        .app
        .sessions
        .try_recovery(session, &handles, visit.monotonic(), belongs_to)
    {
        Recovery::Of(subject) => {
            let known = people.iter().find(|person| person.subject == subject);
            let people = match visit.session.as_ref().map(|session| &session.standing) {
                Some(Standing::Holder(people) | Standing::Person { people, .. }) => {
                    Arc::clone(people)
                }
                Some(Standing::Visitor) | None => return Err(PageError::Ended),
            };
            let language = known.map_or(visit.language, |person| person.language);
            let change = visit.raise(Standing::Person {
                subject,
                language,
                people,
            })?;
            Ok(go_to(&next)?.with(change))
        }
        Recovery::Wrong => show(&visit, next, several, Mistakes::one("recovery", t.wrong())),
        Recovery::Rest => show(&visit, next, several, Mistakes::one("recovery", t.rest())),
    }
}

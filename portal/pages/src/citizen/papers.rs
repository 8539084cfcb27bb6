//! `/me/papers`: another visible ID and another recovery code.

use akashi_desk::Declined;
use akashi_desk::identity::papers;
use akashi_desk::identity::recovery::RecoveryCode;
use akashi_desk::identity::sign_in::{self, Recovered};
use askama::Template;

use crate::frame::forms::Mistakes;
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, form, go_to};
use crate::words::texts::{Papers as Texts, StepUp};

#[derive(Template)]
#[template(path = "papers.html")]
struct PapersPage {
    shell: Shell,
    t: Texts,
    s: StepUp,
    mistakes: Mistakes,
}

/// `GET /me/papers`.
pub(crate) async fn papers_page(owner: Owner) -> Answer {
    let shown = owner.read(|books, _| show(books, Mistakes::new()));
    shown.await
}

fn show(books: &Books<'_>, mistakes: Mistakes) -> Answer {
    let again = !mistakes.is_empty();
    let t = Texts(books.language);
    let template = PapersPage {
        shell: books.shell(t.title()).at("/me/keys").narrow(),
        t,
        s: StepUp(books.language),
        mistakes,
    };
    form(template, again)
}

/// `POST /me/papers`: with the code in force, which it ends.
pub(crate) async fn replace(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let read = owner.read(move |books, person| {
        let s = StepUp(books.language);
        let again = |mistake| show(books, Mistakes::one("recovery", mistake)).map(Then::Show);
        let typed = fields.first("recovery").unwrap_or_default();
        let Some(code) = RecoveryCode::parse(typed) else {
            return again(s.misspelt());
        };
        let people = std::slice::from_ref(person);
        match sign_in::recover(&books.app, books.session()?, people, &code)? {
            Recovered::As(standing) => Ok(Then::Do((standing, code))),
            Recovered::Wrong => again(s.wrong()),
            Recovered::Rest => again(s.rest()),
        }
    });
    let (standing, code) = match read.await? {
        Then::Show(again) => return Ok(again),
        Then::Do(done) => done,
    };
    let mut visit = owner.visit;
    let papers = match papers::replace(&visit.app, &owner.who, &code).await {
        Ok(papers) => papers,
        // Sent twice at once: the other came first, and shows them.
        Err(Declined::Refused(_) | Declined::MoreSurely) => return go_to("/enrol/done"),
        Err(declined) => return Err(declined.into()),
    };
    let raised = visit.raise(standing.with_recovery(papers.recovery.digest()))?;
    if let Some(session) = &visit.session {
        visit.app.sessions.keep_papers(session, Some(papers));
    }
    Ok(go_to("/enrol/done")?.with(raised))
}

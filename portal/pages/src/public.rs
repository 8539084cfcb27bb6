//! Pages for everybody: the front door and the help.

pub(crate) mod audit;
pub(crate) mod bodies;

use askama::Template;

use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Visit, page};
use crate::words::texts::{Accessibility, Help, Welcome};

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    shell: Shell,
    t: Welcome,
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    shell: Shell,
    t: Help,
    questions: Vec<Question>,
    limits: Vec<Question>,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage {
    shell: Shell,
    t: Accessibility,
}

/// A question people ask, and the answer.
struct Question {
    id: &'static str,
    question: &'static str,
    answer: &'static str,
}

/// `GET /`.
pub(crate) async fn welcome(visit: Visit) -> Answer {
    let t = Welcome(visit.language);
    let shown = visit.read(move |books| {
        page(WelcomePage {
            shell: books.shell(t.title()),
            t,
        })
    });
    shown.await
}

/// `GET /accessibility`.
pub(crate) async fn accessibility(visit: Visit) -> Answer {
    let t = Accessibility(visit.language);
    let shown = visit.read(move |books| {
        page(AccessibilityPage {
            shell: books.shell(t.title()).narrow(),
            t,
        })
    });
    shown.await
}

/// `GET /help`.
pub(crate) async fn help(visit: Visit) -> Answer {
    visit.read(show_help).await
}

fn show_help(books: &Books<'_>) -> Answer {
    let t = Help(books.language);
    let question = |id, question, answer| Question {
        id,
        question,
        answer,
    };
    let questions = vec![
        question("who", t.who(), t.who_answer()),
        question("recorded", t.recorded(), t.recorded_answer()),
        question("content", t.content(), t.content_answer()),
        question("without", t.without(), t.without_answer()),
        question("stop", t.stop(), t.stop_answer()),
        question("odd", t.odd(), t.odd_answer()),
        question("fake", t.fake(), t.fake_answer()),
        question("paper", t.paper(), t.paper_answer()),
        question("phone", t.phone(), t.phone_answer()),
        question("family", t.family(), t.family_answer()),
        question("cookies", t.cookies(), t.cookies_answer()),
    ];
    let limits = vec![
        question("never-asked", t.never_asked(), t.never_asked_answer()),
        question("collusion", t.collusion(), t.collusion_answer()),
        question(
            "operator-holder",
            t.operator_holder(),
            t.operator_holder_answer(),
        ),
        question("sms", t.sms(), t.sms_answer()),
        question("afterwards", t.afterwards(), t.afterwards_answer()),
    ];
    page(HelpPage {
        shell: books.shell(t.title()).narrow(),
        t,
        questions,
        limits,
    })
}

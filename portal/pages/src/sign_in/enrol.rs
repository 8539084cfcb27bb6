//! Enrolling in two steps: the phone number, the code that comes by SMS. Out come the visible ID
//! with its QR picture, the recovery code and, apart from them, the history key.
//!
//! Whether a number was enrolled before, no answer tells; the page says what happens in both cases.

use akashi_desk::Declined;
use akashi_desk::enrolment::{Enrolled, enrol};
use akashi_desk::identity::errand::{self, Typed};
use akashi_desk::identity::phone;
use akashi_desk::identity::session::Errand;
use akashi_notifier::Address;
use akashi_proof::ids::LeafIndex;
use akashi_proof::state::Person;
use askama::Template;

use crate::frame::error::PageError;
use crate::frame::forms::{Mistakes, Posted};
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::qr::{self, Picture};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Visit, form, go_to, page};
use crate::words::bodies::{Body, supervisors};
use crate::words::texts::{Enrol as Texts, Number};

#[derive(Template)]
#[template(path = "enrol_phone.html")]
struct PhonePage {
    shell: Shell,
    t: Texts,
    mistakes: Mistakes,
    typed: String,
}

#[derive(Template)]
#[template(path = "enrol_code.html")]
struct CodePage {
    shell: Shell,
    t: Texts,
    mistakes: Mistakes,
    sent_to: String,
}

#[derive(Template)]
#[template(path = "enrol_done.html")]
struct DonePage {
    shell: Shell,
    t: Texts,
    are_first: bool,
    qid: String,
    picture: Picture,
    recovery: String,
    /// Where she signs in, for the day she has only the paper.
    address: String,
    /// The log's key: taken from paper, it cannot be exchanged for another later.
    vkey: String,
    index: LeafIndex,
    /// Whom she rings up when all she has is the paper.
    supervisors: Vec<Body>,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "history_key.html")]
struct HistoryKeyPage {
    shell: Shell,
    t: Texts,
    key: String,
    picture: Picture,
    back: &'static str,
}

#[derive(Template)]
#[template(path = "enrol_known.html")]
struct KnownPage {
    shell: Shell,
    t: Texts,
}

/// `GET /enrol`. Who is enrolled and signed in is told so: another person would begin without a
/// word, and her papers with it.
pub(crate) async fn phone_page(mut visit: Visit) -> Answer {
    if visit.level() > 0 {
        let known = visit.read(|books| {
            let t = Texts(books.language);
            let shell = books.shell(t.known_title()).narrow();
            page(KnownPage { shell, t })
        });
        return known.await;
    }
    let begun = visit.begin();
    let page = visit.read(|books| show_phone_page(books, Mistakes::new(), String::new()));
    Ok(page.await?.with(begun))
}

fn show_phone_page(books: &Books<'_>, mistakes: Mistakes, typed: String) -> Answer {
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = PhonePage {
        shell: books.shell(t.title()).narrow(),
        t,
        mistakes,
        typed,
    };
    form(template, again)
}

/// `POST /enrol`.
pub(crate) async fn send_code(Posted { mut visit, fields }: Posted) -> Answer {
    if visit.level() > 0 {
        return go_to("/enrol");
    }
    let typed = fields.first("phone").unwrap_or_default();
    let phone = match phone::read(&visit.app, typed) {
        Ok(phone) => phone,
        Err(error) => {
            let typed: String = typed.chars().take(40).collect();
            let mistakes = Mistakes::one("phone", Number(visit.language).mistake(error));
            let page = visit.read(|books| show_phone_page(books, mistakes, typed));
            return page.await;
        }
    };
    let to = Address::Phone(phone);
    let sent = errand::begin(&visit.app, &visit.asking()?, Errand::Enrol, &to).await?;
    let waits = visit.now_is(sent);
    Ok(go_to("/enrol/code")?.with(waits))
}

/// `GET /enrol/code`.
pub(crate) async fn code_page(visit: Visit) -> Answer {
    let page = visit.read(|books| show_code_page(books, Mistakes::new()));
    page.await
}

fn show_code_page(books: &Books<'_>, mistakes: Mistakes) -> Answer {
    let session = books.session.as_ref();
    let Some(pending) = session.and_then(|session| session.waits_for(Errand::Enrol)) else {
        return go_to("/enrol");
    };
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = CodePage {
        shell: books.shell(t.title()).narrow(),
        t,
        mistakes,
        sent_to: pending.shown_to.clone(),
    };
    form(template, again)
}

/// `POST /enrol/code`.
pub(crate) async fn take_code(Posted { mut visit, fields }: Posted) -> Answer {
    let t = Texts(visit.language);
    let typed = fields.first("code").unwrap_or_default();
    let (typed, now) = errand::take(&visit.app, &visit.asking()?, Errand::Enrol, typed)?;
    let waits = visit.now_is(now);
    let begin_again = |mistake| {
        let mistakes = Mistakes::one("phone", mistake);
        visit.read(|books| show_phone_page(books, mistakes, String::new()))
    };
    let reached = match typed {
        Typed::Right(reached) => reached,
        Typed::Wrong => {
            let mistakes = Mistakes::one("code", t.code_wrong());
            let page = visit.read(|books| show_code_page(books, mistakes));
            return Ok(page.await?.with(waits));
        }
        Typed::Void => return Ok(begin_again(t.code_void()).await?.with(waits)),
    };
    let enrolled = enrol(&visit.app, reached, visit.browser(), visit.language);
    let Enrolled {
        standing,
        papers,
        mark,
    } = match enrolled.await {
        Ok(enrolled) => enrolled,
        Err(Declined::PhoneFull) => return Ok(begin_again(t.phone_full()).await?.with(waits)),
        Err(declined) => return Err(declined.into()),
    };
    let raised = visit.raise(standing)?;
    if let Some(session) = &visit.session {
        visit.app.sessions.keep_papers(session, Some(papers));
    }
    Ok(visit.marked(&mark, go_to("/enrol/done")?.with(raised)))
}

/// `GET /enrol/done`.
pub(crate) async fn done_page(Owner { visit, .. }: Owner) -> Answer {
    let page = visit.read(|books| show_done_page(books, Mistakes::new()));
    page.await
}

fn show_done_page(books: &Books<'_>, mistakes: Mistakes) -> Answer {
    let Some(papers) = books
        .session
        .as_ref()
        .and_then(|session| session.papers.clone())
    else {
        return go_to("/me");
    };
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let title = if papers.are_first {
        t.done_title()
    } else {
        t.new_papers_title()
    };
    let template = DonePage {
        shell: books.shell(title).narrow(),
        t,
        are_first: papers.are_first,
        qid: papers.qid.as_str().to_owned(),
        picture: draw_picture(papers.qid.as_str())?,
        recovery: papers.recovery.grouped(),
        address: books.app.site.url.clone(),
        vkey: books.app.vkey(),
        index: papers.index,
        supervisors: supervisors(&books.names()),
        mistakes,
    };
    form(template, again)
}

/// `POST /enrol/done`: she says she has kept her papers; from now on nobody can show them again.
pub(crate) async fn kept(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let visit = owner.visit;
    if fields.first("kept").is_none() {
        let mistakes = Mistakes::one("kept", Texts(visit.language).not_kept());
        let page = visit.read(|books| show_done_page(books, mistakes));
        return page.await;
    }
    if let Some(session) = &visit.session {
        visit.app.sessions.keep_papers(session, None);
    }
    go_to("/me")
}

/// `GET /enrol/history-key`, and `GET /me/keys/history-key`: the sheet that is to be kept secret
/// and apart.
pub(crate) async fn history_key_page(owner: Owner) -> Answer {
    owner
        .read(|books, person| show_history_key(books, person))
        .await
}

fn show_history_key(books: &Books<'_>, person: &Person) -> Answer {
    let t = Texts(books.language);
    let key = books.reader.history_key(person)?.to_text();
    let session = books.session.as_ref();
    let has_papers = session.is_some_and(|session| session.papers.is_some());
    let picture = draw_picture(&key)?;
    let back = if has_papers {
        "/enrol/done"
    } else {
        "/me/keys"
    };
    page(HistoryKeyPage {
        shell: books.shell(t.key_title()).narrow().at("/me/keys"),
        t,
        key,
        picture,
        back,
    })
}

fn draw_picture(text: &str) -> Result<Picture, PageError> {
    qr::draw(text).map_err(|error| PageError::internal("a QR picture could not be drawn", &error))
}

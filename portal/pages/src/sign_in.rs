//! Signing in by SMS code: level 1. Then, if she wants, the recovery code
//! ([`crate::sign_in::step_up`]): level 2.
//!
//! Every answer is the same whether or not a number is known here, until its holder has shown the
//! code: only she learns that nobody is enrolled with it.

mod by_mail;
pub(crate) mod enrol;
mod step_up;

use akashi_desk::app::SharedApp;
use akashi_desk::identity::errand::{self, Typed};
use akashi_desk::identity::phone;
use akashi_desk::identity::session::Errand;
use akashi_desk::identity::sign_in;
use akashi_notifier::Address;
use askama::Template;
use axum::Router;
use axum::extract::RawQuery;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::frame::error::{PageError, way_back};
use crate::frame::forms::{Fields, Mistakes, Posted};
use crate::frame::said::Said;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Reply, Visit, form, go_to, page};
use crate::words::texts::{Number, SignIn};

/// Routes of signing in, stepping up and signing out.
pub(crate) fn routes() -> Router<SharedApp> {
    Router::new()
        .route("/sign-in", get(phone_page).post(send_code))
        .route("/sign-in/code", get(code_page).post(take_code))
        .route(
            "/sign-in/mail",
            get(by_mail::mail_page).post(by_mail::send_code),
        )
        .route(
            "/sign-in/mail/code",
            get(by_mail::code_page).post(by_mail::take_code),
        )
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

async fn send_code(Posted { mut visit, fields }: Posted) -> Answer {
    let next = next_of(&fields);
    let typed = fields.first("phone").unwrap_or_default();
    let phone = match phone::read(&visit.app, typed) {
        Ok(phone) => phone,
        Err(error) => {
            let typed: String = typed.chars().take(40).collect();
            let mistakes = Mistakes::one("phone", Number(visit.language).mistake(error));
            let page = visit.read(|books| show_phone_page(books, next, mistakes, typed));
            return page.await;
        }
    };
    let to = Address::Phone(phone);
    let sent = errand::begin(&visit.app, &visit.asking()?, Errand::SignIn, &to).await?;
    let waits = visit.now_is(sent);
    Ok(go_to(&format!("/sign-in/code?next={next}"))?.with(waits))
}

async fn code_page(visit: Visit, RawQuery(query): RawQuery) -> Answer {
    let next = next_of(&Fields::of_query(query.as_deref().unwrap_or_default()));
    let page = visit.read(|books| show_code_page(books, next, Mistakes::new()));
    page.await
}

fn show_code_page(books: &Books<'_>, next: String, mistakes: Mistakes) -> Answer {
    let session = books.session.as_ref();
    let Some(pending) = session.and_then(|session| session.waits_for(Errand::SignIn)) else {
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
    let typed = fields.first("code").unwrap_or_default();
    let (typed, now) = errand::take(&visit.app, &visit.asking()?, Errand::SignIn, typed)?;
    let waits = visit.now_is(now);
    let reached = match typed {
        Typed::Right(reached) => reached,
        Typed::Wrong => {
            let mistakes = Mistakes::one("code", t.code_wrong());
            let page = visit.read(|books| show_code_page(books, next, mistakes));
            return Ok(page.await?.with(waits));
        }
        Typed::Void => {
            let mistakes = Mistakes::one("phone", t.code_void());
            let page = visit.read(|books| show_phone_page(books, next, mistakes, String::new()));
            return Ok(page.await?.with(waits));
        }
    };
    let signed_in = sign_in::with_phone(&visit.app, reached, visit.browser());
    let Some(signed_in) = signed_in.await? else {
        let nobody = visit.read_on(move |books| {
            page(NobodyPage {
                shell: books.shell(t.nobody_title()).narrow(),
                t,
            })
        });
        return Ok(nobody.await?.with(waits));
    };
    let raised = visit.raise(signed_in.standing)?;
    Ok(visit.marked(&signed_in.mark, go_to(&next)?.with(raised)))
}

/// Also from an old page of hers: who wants to leave is never told to try again.
async fn sign_out(mut visit: Visit, posted: Result<Posted, PageError>) -> Answer {
    if let Err(error) = posted
        && !error.is_too_late()
    {
        return Err(error);
    }
    let ended = visit.end();
    let gone = visit.saying(Said::SignedOut, Redirect::to("/"));
    Ok(Reply::new(gone).with(ended))
}

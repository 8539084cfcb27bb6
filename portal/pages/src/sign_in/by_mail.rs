//! `/sign-in/mail`: for whoever has no phone any more. The code that is sent and the recovery code
//! are shown together: an address alone opens nothing, not even what a phone alone shows.

use akashi_desk::identity::errand::{self, Typed};
use akashi_desk::identity::recovery::RecoveryCode;
use akashi_desk::identity::session::Errand;
use akashi_desk::identity::sign_in;
use akashi_notifier::typed::plain_line;
use akashi_notifier::{Address, Email};
use askama::Template;

use crate::frame::forms::{Mistakes, Posted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Visit, form, go_to};
use crate::words::texts::{ByMail as Texts, StepUp};

#[derive(Template)]
#[template(path = "sign_in_mail.html")]
struct MailPage {
    shell: Shell,
    t: Texts,
    mistakes: Mistakes,
    typed: String,
}

#[derive(Template)]
#[template(path = "sign_in_mail_code.html")]
struct CodePage {
    shell: Shell,
    t: Texts,
    s: StepUp,
    sent_to: String,
    mistakes: Mistakes,
}

/// `GET /sign-in/mail`.
pub(super) async fn mail_page(mut visit: Visit) -> Answer {
    if visit.level() > 0 {
        return go_to("/me");
    }
    let begun = visit.begin();
    let page = visit.read(|books| show(books, Mistakes::new(), String::new()));
    Ok(page.await?.with(begun))
}

fn show(books: &Books<'_>, mistakes: Mistakes, typed: String) -> Answer {
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = MailPage {
        shell: books.shell(t.title()).narrow(),
        t,
        mistakes,
        typed,
    };
    form(template, again)
}

/// `POST /sign-in/mail`: has a code sent, if the address is somebody's; the answer does not tell.
pub(super) async fn send_code(Posted { mut visit, fields }: Posted) -> Answer {
    let typed = fields.first("email").unwrap_or_default();
    let Ok(email) = Email::parse(&plain_line(typed)) else {
        let mistakes = Mistakes::one("email", Texts(visit.language).email_wrong());
        let typed = typed.chars().take(254).collect();
        let page = visit.read(|books| show(books, mistakes, typed));
        return page.await;
    };
    let to = Address::Email(email);
    let sent = errand::begin(&visit.app, &visit.asking()?, Errand::SignIn, &to).await?;
    let waits = visit.now_is(sent);
    Ok(go_to("/sign-in/mail/code")?.with(waits))
}

/// `GET /sign-in/mail/code`.
pub(super) async fn code_page(visit: Visit) -> Answer {
    let page = visit.read(|books| show_code(books, Mistakes::new()));
    page.await
}

fn show_code(books: &Books<'_>, mistakes: Mistakes) -> Answer {
    let session = books.session.as_ref();
    let Some(pending) = session.and_then(|session| session.waits_for(Errand::SignIn)) else {
        return go_to("/sign-in/mail");
    };
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = CodePage {
        shell: books.shell(t.title()).narrow(),
        t,
        s: StepUp(books.language),
        sent_to: pending.shown_to.clone(),
        mistakes,
    };
    form(template, again)
}

/// `POST /sign-in/mail/code`.
pub(super) async fn take_code(Posted { mut visit, fields }: Posted) -> Answer {
    let t = Texts(visit.language);
    // What cannot be a recovery code spends nothing.
    let recovery = RecoveryCode::parse(fields.first("recovery").unwrap_or_default());
    let Some(recovery) = recovery else {
        let mistakes = Mistakes::one("recovery", StepUp(visit.language).misspelt());
        let page = visit.read(|books| show_code(books, mistakes));
        return page.await;
    };
    let typed = fields.first("code").unwrap_or_default();
    let (typed, now) = errand::take(&visit.app, &visit.asking()?, Errand::SignIn, typed)?;
    let waits = visit.now_is(now);
    let begin_again = |mistake| {
        let mistakes = Mistakes::one("email", mistake);
        visit.read(|books| show(books, mistakes, String::new()))
    };
    let reached = match typed {
        Typed::Right(reached) => reached,
        Typed::Wrong => {
            let mistakes = Mistakes::one("code", t.code_wrong());
            let page = visit.read(|books| show_code(books, mistakes));
            return Ok(page.await?.with(waits));
        }
        Typed::Void => return Ok(begin_again(t.code_void()).await?.with(waits)),
    };
    match sign_in::with_mail(&visit.app, reached, visit.browser(), &recovery).await? {
        Some(signed_in) => {
            let raised = visit.raise(signed_in.standing)?;
            Ok(visit.marked(&signed_in.mark, go_to("/me/contacts")?.with(raised)))
        }
        None => Ok(begin_again(t.no_match()).await?.with(waits)),
    }
}

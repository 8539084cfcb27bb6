//! `/me/account`: suspending, resuming and closing her account.

use akashi_desk::Declined;
use akashi_desk::identity::account;
use akashi_proof::record::kind::Account;
use askama::Template;

use crate::frame::error::PageError;
use crate::frame::forms::Mistakes;
use crate::frame::guard::{Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, form, go_to};
use crate::words::texts::Standing as Texts;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    t: Texts,
    is_open: bool,
    is_closed: bool,
    mistakes: Mistakes,
}

/// `GET /me/account`.
pub(crate) async fn account_page(owner: Owner) -> Answer {
    let shown = owner.read(|books, person| show(books, person.account, Mistakes::new()));
    shown.await
}

fn show(books: &Books<'_>, stands: Account, mistakes: Mistakes) -> Answer {
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = AccountPage {
        shell: books.shell(t.title()).at("/me/keys").narrow(),
        t,
        is_open: stands == Account::Open,
        is_closed: stands == Account::Closed,
        mistakes,
    };
    form(template, again)
}

/// `POST /me/account`: `to` says how it stands from now on; closing is ticked as well.
pub(crate) async fn change(OwnerPosted { owner, fields }: OwnerPosted) -> Answer {
    let to = fields.first("to").and_then(Account::parse);
    let to = to.ok_or(PageError::Conflict)?;
    if to == Account::Closed && fields.first("sure").is_none() {
        let shown = owner.read(|books, person| {
            let mistakes = Mistakes::one("sure", Texts(books.language).not_sure());
            show(books, person.account, mistakes)
        });
        return shown.await;
    }
    match account::change(&owner.visit.app, &owner.who, to).await {
        Ok(Some(index)) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        // It stands so already, or is closed: the page says which.
        Ok(None) | Err(Declined::Overtaken) => go_to("/me/account"),
        Err(declined) => Err(declined.into()),
    }
}

//! `/me/block`, `/me/unblock`, `/me/stop` and `/block`: what must end at once.

use akashi_desk::Declined;
use akashi_desk::consent::{standing, stop};
use akashi_desk::identity::recovery::RecoveryCode;
use akashi_desk::identity::{means, phone};
use akashi_notifier::Address;
use akashi_proof::state::Person;
use askama::Template;

use crate::frame::error::PageError;
use crate::frame::forms::{Mistakes, Posted};
use crate::frame::guard::{Holder, HolderPosted, Owner, OwnerPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Visit, form, go_to, page};
use crate::words::texts::{Means as Texts, Number};

#[derive(Template)]
#[template(path = "block.html")]
struct BlockPage {
    shell: Shell,
    t: Texts,
    several: bool,
}

#[derive(Template)]
#[template(path = "block_by_paper.html")]
struct BlockByPaperPage {
    shell: Shell,
    t: Texts,
    mistakes: Mistakes,
    /// The number she typed, to be corrected.
    typed: String,
}

#[derive(Template)]
#[template(path = "blocked.html")]
struct BlockedPage {
    shell: Shell,
    t: Texts,
}

#[derive(Template)]
#[template(path = "unblock.html")]
struct UnblockPage {
    shell: Shell,
    t: Texts,
    is_blocked: bool,
    /// Whether she has shown enough: the phone too.
    may: bool,
}

#[derive(Template)]
#[template(path = "stop.html")]
struct StopPage {
    shell: Shell,
    t: Texts,
    /// How many consents stand.
    standing: usize,
}

/// `GET /me/block`.
pub(crate) async fn block_page(holder: Holder) -> Answer {
    let shown = holder.read(|books, people| {
        let t = Texts(books.language);
        page(BlockPage {
            shell: books.shell(t.block_title()).at("/me/contacts").narrow(),
            t,
            several: people.len() > 1,
        })
    });
    shown.await
}

/// `POST /me/block`.
pub(crate) async fn block(HolderPosted { holder, .. }: HolderPosted) -> Answer {
    means::block(&holder.visit.app, &holder.who).await?;
    go_to("/blocked")
}

/// `GET /block`: for whoever has lost the phone.
pub(crate) async fn paper_page(mut visit: Visit) -> Answer {
    let begun = visit.begin();
    let page = visit.read(|books| show_paper(books, Mistakes::new(), String::new()));
    Ok(page.await?.with(begun))
}

fn show_paper(books: &Books<'_>, mistakes: Mistakes, typed: String) -> Answer {
    let t = Texts(books.language);
    let again = !mistakes.is_empty();
    let template = BlockByPaperPage {
        shell: books.shell(t.block_title()).narrow(),
        t,
        mistakes,
        typed,
    };
    form(template, again)
}

/// `POST /block`.
pub(crate) async fn block_by_paper(Posted { visit, fields }: Posted) -> Answer {
    let t = Texts(visit.language);
    let typed = fields.first("phone").unwrap_or_default();
    let recovery = RecoveryCode::parse(fields.first("recovery").unwrap_or_default());
    let (mistakes, typed) = match (phone::read(&visit.app, typed), recovery) {
        (Err(error), _) => (
            Mistakes::one("phone", Number(visit.language).mistake(error)),
            typed.chars().take(40).collect(),
        ),
        (Ok(_), None) => (Mistakes::one("recovery", t.misspelt()), typed.to_owned()),
        (Ok(phone), Some(recovery)) => {
            let phone = Address::Phone(phone);
            let done = means::block_by_paper(&visit.app, phone, &recovery, visit.language);
            if done.await? {
                return go_to("/blocked");
            }
            (Mistakes::one("recovery", t.no_match()), typed.to_owned())
        }
    };
    let page = visit.read(|books| show_paper(books, mistakes, typed));
    page.await
}

/// `GET /blocked`: what it means now.
pub(crate) async fn blocked(visit: Visit) -> Answer {
    let shown = visit.read(|books| {
        let t = Texts(books.language);
        page(BlockedPage {
            shell: books.shell(t.blocked_title()).narrow(),
            t,
        })
    });
    shown.await
}

/// `GET /me/unblock`.
pub(crate) async fn unblock_page(owner: Owner) -> Answer {
    let may = means::may_unblock(&owner.who);
    let shown = owner.read(move |books, person| {
        let t = Texts(books.language);
        page(UnblockPage {
            may,
            shell: books.shell(t.unblock_title()).at("/me/contacts").narrow(),
            t,
            is_blocked: person.has_blocked_phone(books.now()),
        })
    });
    shown.await
}

/// `POST /me/unblock`.
pub(crate) async fn unblock(OwnerPosted { owner, .. }: OwnerPosted) -> Answer {
    match means::unblock(&owner.visit.app, &owner.who).await? {
        Some(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        None => go_to("/me/unblock"),
    }
}

/// `GET /me/stop`.
pub(crate) async fn stop_page(owner: Owner) -> Answer {
    let shown = owner.read(|books, person| show_stop(books, person));
    shown.await
}

fn show_stop(books: &Books<'_>, person: &Person) -> Answer {
    let t = Texts(books.language);
    page(StopPage {
        shell: books.shell(t.stop_title()).at("/me/consents").narrow(),
        t,
        standing: standing(person, books.now()).len(),
    })
}

/// `POST /me/stop`.
pub(crate) async fn stop(OwnerPosted { owner, .. }: OwnerPosted) -> Answer {
    match stop::everything(&owner.visit.app, &owner.who).await {
        Ok(index) => go_to(&format!("/me/history/{index}/receipt?done=1")),
        // Nothing stood: the page says so.
        Err(Declined::Overtaken) => go_to("/me/stop"),
        Err(declined) => Err(PageError::from(declined)),
    }
}

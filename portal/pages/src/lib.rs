//! The pages people see: Japanese first, English beside it, without any script.
//!
//! ```text
//! frame      the visit, what surrounds a page, forms, mistakes, errors, pictures
//! words      every sentence, in both languages side by side; what codes, times and records mean
//! public     the front door, help, how to check      sign_in    signing in, stepping up, enrolling
//! citizen    everything of hers                      docs       the API as people read it
//! ```
//! Templates are in `templates/`, one a page; styles in `static/`. Handles of persons never reach a
//! page or a URL: pages speak of log indexes and consent identifiers, and another's are not there.

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::string_slice,
        clippy::unreachable,
        reason = "a test fails by panicking"
    )
)]

use akashi_desk::app::SharedApp;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::citizen::{
    account, account_end, consents, contact_changes, give_consent, history, history_file, links,
    means, overview, papers, record, requests,
};
use crate::frame::sent::{self, Sent};
use crate::frame::{assets, closes, compress, visit};
use crate::public::{audit, bodies};
use crate::sign_in::enrol;

mod citizen;
pub mod docs;
pub mod frame;
pub(crate) mod limits;
mod public;
mod sign_in;
pub(crate) mod words;

/// All pages, and the files they are styled with.
pub fn routes() -> Router<SharedApp> {
    Router::new()
        .route("/", get(public::welcome))
        .route("/help", get(public::help))
        .route("/accessibility", get(public::accessibility))
        .route("/audit", get(audit::audit))
        .route("/institutions", get(bodies::list))
        .route("/institutions/{id}", get(bodies::institution))
        .route("/supervisors/{id}", get(bodies::supervisor))
        .route("/enrol", get(enrol::phone_page).post(enrol::send_code))
        .route("/enrol/code", get(enrol::code_page).post(enrol::take_code))
        .route("/enrol/done", get(enrol::done_page).post(enrol::kept))
        .route("/enrol/history-key", get(enrol::history_key_page))
        .route("/me", get(overview::overview))
        .route(closes::PATH, get(closes::time))
        .route("/me/history", get(history::history))
        .route("/me/history/file", get(history_file::file))
        .route("/me/history/{index}", get(record::record))
        .route("/me/history/{index}/proof", get(record::proof))
        .route("/me/history/{index}/receipt", get(record::receipt))
        .route("/me/consents", get(consents::consents))
        .route(
            "/me/consents/new",
            get(give_consent::choose).post(give_consent::give),
        )
        .route(
            "/me/consents/{id}",
            get(consents::consent).post(consents::narrow),
        )
        .route(
            "/me/consents/{id}/withdraw",
            get(consents::withdraw_page).post(consents::withdraw),
        )
        .route("/me/links", get(links::links))
        .route(
            "/me/links/{institution}",
            get(links::end_page).post(links::end),
        )
        .route("/block", get(means::paper_page).post(means::block_by_paper))
        .route("/blocked", get(means::blocked))
        .route("/me/block", get(means::block_page).post(means::block))
        .route("/me/unblock", get(means::unblock_page).post(means::unblock))
        .route("/me/stop", get(means::stop_page).post(means::stop))
        .route("/me/requests", get(requests::requests))
        .route(
            "/me/requests/{access}",
            get(requests::request).post(requests::answer),
        )
        .route(
            "/me/contacts",
            get(account::contacts).post(account::add_contact),
        )
        .route(
            "/me/contacts/code",
            get(account::contact_code).post(account::take_contact_code),
        )
        .route(
            "/me/contacts/replace",
            get(contact_changes::replace_page).post(contact_changes::send_code),
        )
        .route(
            "/me/contacts/replace/code",
            get(contact_changes::code_page).post(contact_changes::replace),
        )
        .route(
            "/me/contacts/keep",
            get(contact_changes::keep_page).post(contact_changes::keep),
        )
        .route(
            "/me/contacts/end",
            get(contact_changes::end_page).post(contact_changes::end),
        )
        .route("/me/contacts/confirm", post(contact_changes::confirm))
        .route("/me/keys", get(account::keys))
        .route(
            "/me/account",
            get(account_end::account_page).post(account_end::change),
        )
        .route("/me/papers", get(papers::papers_page).post(papers::replace))
        .route("/me/keys/history-key", get(enrol::history_key_page))
        .route(
            "/me/counter-code",
            get(account::counter_code).post(account::draw_counter_code),
        )
        .merge(sign_in::routes())
        .layer(from_fn_with_state(Sent::default(), sent::receive))
        .layer(from_fn(visit::carry))
        .layer(from_fn(compress::public_pages))
        .route("/static/{name}", get(assets::asset))
}

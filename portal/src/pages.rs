//! The pages people see: Japanese first, English beside it, without any script.
//!
//! ```text
//! visit    who asks, in which language; cookies; answers     text, texts   every sentence, in both languages side by side
//! forms    what was typed; tokens; mistakes                  told          one sentence for every kind of record
//! shell    what surrounds a page                             field_words   every field of every record
//! error    what did not work, in words                       names, when   what codes and times mean
//! walk     her records 1..n, and what is missing of them     consent_wording   the exact words that are agreed to
//! ```
//! Templates are in `templates/`, one a page; styles in `static/`. Handles of persons never reach a
//! page or a URL: pages speak of log indexes and consent identifiers, and another's are not there.

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;

use crate::app::SharedApp;
use crate::auth;

mod account;
mod assets;
mod audit;
mod consent_wording;
mod consents;
pub mod docs;
mod enrol;
pub(crate) mod error;
mod field_words;
pub(crate) mod forms;
mod give_consent;
mod history;
mod history_file;
mod names;
mod overlaps;
mod overview;
mod public;
mod qr;
mod reason_words;
mod record;
mod requests;
pub(crate) mod shell;
pub(crate) mod text;
pub(crate) mod texts;
mod told;
pub(crate) mod visit;
mod walk;
mod when;

/// All pages, and the files they are styled with.
pub fn routes() -> Router<SharedApp> {
    Router::new()
        .route("/", get(public::welcome))
        .route("/help", get(public::help))
        .route("/audit", get(audit::audit))
        .route("/enrol", get(enrol::phone_page).post(enrol::send_code))
        .route("/enrol/code", get(enrol::code_page).post(enrol::take_code))
        .route("/enrol/done", get(enrol::done_page).post(enrol::kept))
        .route("/enrol/history-key", get(enrol::history_key_page))
        .route("/me", get(overview::overview))
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
        .route("/me/keys", get(account::keys))
        .route("/me/keys/history-key", get(enrol::history_key_page))
        .route(
            "/me/counter-code",
            get(account::counter_code).post(account::draw_counter_code),
        )
        .merge(auth::routes())
        .layer(from_fn(visit::carry))
        .route("/static/{name}", get(assets::asset))
}
